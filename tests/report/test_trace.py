"""The trace of ``explain``: every packet, stage and line, and branches that don't differ told once."""

from dataclasses import replace
from typing import Any

import pytest

from auditor.model.addresses import IntervalSet
from auditor.model.device import StageName
from auditor.model.evidence import Basis
from auditor.model.findings import Report, Verdict
from auditor.model.packets import Packet
from auditor.model.trace import Choice, Ending, Tag
from auditor.report.branches import branches
from auditor.report.lines import COLUMNS
from auditor.report.packets import packet_text, packet_words, ranges_text, region_text, train_text
from auditor.report.shown import width
from auditor.report.trace import trace_dict, trace_text
from tests.report import build
from tests.report.build import FIRST, LAST, TRAIN, ending, flow, message, path, path_verdict, report, step


def text_of(*endings: Ending, verdict: Verdict = Verdict.BREAKS) -> str:
    on = path(build.hop("edge1"))
    return trace_text(report(flow("f", path_verdict("f/4/forward/1", on, message(verdict, on=on, endings=endings)))))


def choice(*options: str, fact: str = "what it does", **fields: Any) -> Choice:
    return Choice(fact=fact, device="edge1", basis=Basis.ASSUMED, options=options, **fields)


def under(one: Choice, option: str) -> Tag:
    return Tag(choice=one, option=option)


# ------------------------------------------------------------------------------------------------ text


def test_no_line_is_wider_than_it_may_be(any_report: Report) -> None:
    text = trace_text(any_report)
    assert all(width(line) <= COLUMNS and line.isprintable() for line in text.split("\n"))
    assert "0822455D0A16" not in text
    assert "hunter2" not in text
    assert text.endswith("\n")


def test_each_stage_tells_what_became_of_the_packets_and_by_which_lines() -> None:
    text = trace_text(report(build.breaking()))
    assert (
        "      2 edge1 GigabitEthernet0/0, ingress-filter:   dropped some\n"
        "          1500@0+ 1464@1480 -> 1500@0+\n"
        "          configs/edge1.cfg:38  permit udp any host 203.0.113.10 eq non500-isakmp\n"
        "          configs/edge1.cfg:41  deny ip any any fragments\n"
    ) in text
    assert "    lost     1464@1480 at edge1, ingress-filter: access list 101 drops a later fragment" in text
    assert "    arrives  1500@0+: the message is not whole\n" in text
    assert "  hops     1 isp (opaque: fragments unknown, MTU 1500)\n" in text
    assert "  closed   198.51.100.128/25 (UDP 4500)\n" in text


def test_packets_are_told_again_only_where_a_stage_changed_them() -> None:
    passed = step("edge1", "passed", TRAIN, TRAIN, evidence=(build.PERMIT,))
    text = text_of(ending(steps=(passed,)))
    assert "passed\n          configs/edge1.cfg:38" in text
    assert "->" not in text


def test_a_second_try_tells_of_the_first_and_of_the_error() -> None:
    big = replace(FIRST, df=True)
    lost = build.loss("core1", big, "1500 bytes are more than the MTU 1400 of the way out", (build.MTU,), cause="mtu")
    back = step("edge1", "passed", TRAIN, TRAIN, stage=StageName.EGRESS_FILTER, evidence=(build.PERMIT,))
    text = text_of(ending(tries=2, first_losses=(lost,), feedback=(back,)), verdict=Verdict.AT_RISK)
    assert "    try 1    1500@0+ DF at core1, ingress-filter: 1500 bytes are more" in text
    assert "the ICMP error about it gets back to the sender\n      1 edge1 GigabitEthernet0/0, egress-filter:" in text
    assert "    try 2    1500@0+ 1464@1480\n" in text


def test_an_error_that_dies_is_told() -> None:
    lost = build.loss("core1", FIRST, "too big", (build.MTU,), cause="mtu")
    dead = build.loss("edge1", reason="list X drops the packet", matched="error")
    text = text_of(ending((), losses=(lost,), blocked_errors=(dead,)))
    assert "the ICMP error about it does not get back:\n             1464@1480 at edge1" in text


def test_what_nobody_knows_is_told_with_its_line() -> None:
    text = trace_text(report(build.unknown()))
    assert "    unknown  fw1: a line that matters was not understood of chain forward\n" in text
    assert '             configs/fw1.txt:57  iifname "eth0" xt match "geoip" drop\n' in text


def test_a_message_that_is_never_sent_says_why() -> None:
    assert "nothing of it gets through: not even a small datagram does" in trace_text(report(build.blocked()))


def test_no_flow() -> None:
    assert trace_text(report()).endswith("There is no flow.\n")


def test_many_branches_are_counted() -> None:
    endings = [
        ending((), region=build.region(IntervalSet.single(n)), losses=(build.loss(reason=f"reason {n}"),))
        for n in range(20)
    ]
    text = text_of(*endings)
    assert "    8 of 20: 0.0.0.7 > 203.0.113.10 port 4500\n" in text
    assert "9 of 20" not in text
    assert "    and 12 more (--format json has all)\n" in text


# ------------------------------------------------------------------------------------------------ branches


def test_branches_that_differ_in_their_addresses_alone_are_one() -> None:
    parts = [ending(region=build.region(f"198.51.100.{n}/32")) for n in (0, 1, 3)]
    (branch,) = branches(parts)
    (region,) = branch.regions
    assert ranges_text(4, region.clients) == "198.51.100.0/31, 198.51.100.3"
    assert branch.conditions == ((),)


def test_entries_that_let_parts_pass_are_all_named() -> None:
    lines = [build.evidence(f"permit udp host 198.51.100.{n} any", n + 1) for n in range(3)]
    parts = [
        ending(
            region=build.region(f"198.51.100.{n}/32"), steps=(step("edge1", "passed", TRAIN, TRAIN, evidence=(line,)),)
        )
        for n, line in enumerate(lines)
    ]
    (branch,) = branches(parts)
    assert branch.ending.steps[0].evidence == tuple(lines)


def test_entries_that_drop_tell_branches_apart() -> None:
    parts = [
        ending(region=build.region(f"198.51.100.{n}/32"), losses=(build.loss(lines=(build.evidence("deny", n + 1),)),))
        for n in range(2)
    ]
    assert len(branches(parts)) == 2


def test_a_fact_that_does_not_matter_is_not_a_condition() -> None:
    one = choice("on", "off")
    (branch,) = branches([ending(tags=(under(one, option),)) for option in ("on", "off")])
    assert branch.conditions == ((),)


def test_a_fact_that_matters_is() -> None:
    one = choice("on", "off")
    found = branches([ending(tags=(under(one, "on"),)), ending((FIRST,), tags=(under(one, "off"),), complete=False)])
    assert [branch.conditions for branch in found] == [((under(one, "on"),),), ((under(one, "off"),),)]


def test_facts_that_matter_together_stay_together() -> None:
    one, other = choice("on", "off"), choice("a", "b", fact="another")
    both = [ending(tags=(under(one, x), under(other, y))) for x, y in (("on", "a"), ("off", "b"))]
    (branch,) = branches(both)
    assert len(branch.conditions) == 2
    text = text_of(*both, ending((), tags=(under(one, "on"), under(other, "b")), complete=False))
    joined = " ".join(text.split())
    assert (
        "all addresses; if edge1, what it does: on and edge1, another: a; or if edge1, what it does: off and "
        "edge1, another: b" in joined
    )


def test_parts_under_different_conditions_stay_apart() -> None:
    one = choice("on", "off")
    low, high = build.region("198.51.100.0/25"), build.region("198.51.100.128/25")
    found = branches([ending(region=low, tags=(under(one, "on"),)), ending(region=high)])
    assert [(branch.regions, len(branch.conditions[0])) for branch in found] == [((low,), 1), ((high,), 0)]


def test_df_does_not_tell_apart_what_arrives() -> None:
    flag = choice("false", "true", fact="whether it sets DF")
    marked = tuple(replace(packet, df=True) for packet in TRAIN)
    fine = [
        ending(tags=(under(flag, "false"),)),
        ending(marked, departed=marked, tags=(under(flag, "true"),)),
    ]
    (branch,) = branches(fine)
    assert (branch.either_df, branch.conditions) == (True, ((),))
    assert "sent     1500@0+ 1464@1480 (with DF or without)\n" in text_of(*fine)
    lost = replace(fine[1], losses=(build.loss(),), complete=False)
    assert [one.either_df for one in branches([fine[0], lost])] == [False, False]


def double(option: str, **fields: Any) -> Ending:
    size = choice("default", "twice the default", fact="the size of it", kind="size")
    return ending(tags=(under(size, option),), **fields)


def test_twice_the_size_is_told_only_where_it_fares_otherwise() -> None:
    big = (FIRST, replace(FIRST, offset=1480), replace(LAST, offset=2960))
    last = build.loss(packet=big[2])
    same = [double("default", losses=(build.loss(),)), double("twice the default", departed=big, losses=(last,))]
    text = text_of(*same)
    assert "1500@1480+" not in text
    assert "the same happens with the size of it: twice the default\n" in text
    assert " of 2:" not in text
    other = [double("default"), double("twice the default", departed=big, losses=(last,))]
    assert "2 of 2: all addresses; if edge1, the size of it: twice the default\n" in text_of(*other)


def test_packets_that_die_of_the_same_stand_in_one_line() -> None:
    text = text_of(ending((), losses=(build.loss(packet=FIRST), build.loss(packet=LAST))))
    assert "    lost     1500@0+ 1464@1480 at edge1, ingress-filter: access list 101 drops a later" in text


# ------------------------------------------------------------------------------------------------ packets


@pytest.mark.parametrize(
    ("packet", "short", "words"),
    [
        (FIRST, "1500@0+", "1500 bytes at offset 0"),
        (LAST, "1464@1480", "1464 bytes at offset 1480"),
        (Packet(offset=0, bytes=128, more=False, df=True), "128@0 DF", "128 bytes with DF"),
    ],
)
def test_packets(packet: Packet, short: str, words: str) -> None:
    assert packet_text(packet) == short
    assert packet_words(packet) == words


def test_trains() -> None:
    second = replace(FIRST, datagram=2)
    assert train_text((FIRST, LAST, second)) == "1500@0+ 1464@1480 | 1500@0+"
    assert train_text(()) == "nothing"
    assert train_text((FIRST,) * 14).endswith("1500@0+ and 2 more")


def test_regions() -> None:
    part = build.region("198.51.100.0/24", IntervalSet.of((500, 500), (4500, 4500)))
    assert region_text(4, part, "forward") == "198.51.100.0/24 port 500,4500 > 203.0.113.10 port 4500"
    assert region_text(4, part, "reverse") == "203.0.113.10 port 4500 > 198.51.100.0/24 port 500,4500"
    assert (
        ranges_text(4, IntervalSet.of(*((n, n) for n in range(0, 8, 2))))
        == "0.0.0.0, 0.0.0.2, 0.0.0.4 and 1 more range"
    )


# ------------------------------------------------------------------------------------------------ JSON


def test_json_has_every_branch_with_all_its_parts() -> None:
    document = trace_dict(report(build.at_risk()))
    (sent,) = document["flows"][0]["paths"][0]["messages"]
    fine, dead = sent["endings"]
    assert fine["tries"] == 2
    assert fine["first_losses"][0]["mtu"] == 1400
    assert fine["conditions"][0]["option"] == "match-by-address"
    assert fine["conditions"][0]["options"] == ["match-by-address", "never-matches"]
    assert (dead["complete"], dead["losses"][0]["basis"]) == (False, "assumed")
    assert dead["departed"] == [
        {"datagram": 1, "offset": 0, "bytes": 1500, "more": True, "df": False},
        {"datagram": 1, "offset": 1480, "bytes": 1464, "more": False, "df": False},
    ]
    assert dead["region"]["destination_ports"] == "4500"
    assert document["flows"][0]["paths"][0]["detours"][0]["routed"] == "192.0.2.9"
