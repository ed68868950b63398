"""Contract 4, rule by rule, on devices made by hand: the same laws hold for every platform."""

from dataclasses import replace
from typing import Any

import pytest

from auditor.judge.verdicts import message_verdict, path_verdict
from auditor.model.addresses import IntervalSet, parse_prefix
from auditor.model.device import Does, FragmentPolicy, Hits, NotUnderstood, Reassembly, Stage, StageName
from auditor.model.evidence import Basis, Evidence, Fact
from auditor.model.filters import DROP, PERMIT, Action, Field, FieldTest, Headerless, Verb
from auditor.model.findings import MessageVerdict, Verdict
from auditor.model.flows import OpaqueHop, Origin
from auditor.model.paths import DeadEnd, Detour, Doubt, PathHop
from auditor.model.trace import Choice, Sending, Tag
from tests.build import (
    HEAD,
    PLAIN,
    UDP,
    deny_all,
    device,
    filter_,
    interface,
    message,
    path,
    permit,
    read,
    router,
    rule,
    talks,
)

LATER = FieldTest(field=Field.FRAGMENT_WORD, values=IntervalSet.of((1, 0x1FFF)), mask=0x1FFF)


def deny_fragments(line: int = 8, **fields: Any) -> Any:
    return rule(DROP, "deny ip any any fragments", line, tests=(LATER,), **fields)


def judged(devices: Any, forward: Any, *messages: Any, **fields: Any) -> dict[str, MessageVerdict]:
    found = talks(devices, forward, *messages, **fields)
    return {name: message_verdict(talk, 1) for name, talk in found.items()}


def verdict(devices: Any, forward: Any, **fields: Any) -> Verdict:
    return judged(devices, forward, message(), **fields)["forward large"].verdict


# ------------------------------------------------------------------------------------------------ the plain verdicts


def test_passes_where_everything_arrives() -> None:
    one = router("r", into="L", filters=[filter_("L", permit(4500))])
    found = judged([one], path("r"), message(), message(100, probe=True))
    assert found["forward large"].verdict is Verdict.PASSES
    assert found["forward probe"].verdict is Verdict.PASSES


def test_breaks_where_a_small_one_arrives_and_a_large_one_does_not() -> None:
    one = router("r", into="L", filters=[filter_("L", deny_fragments(), permit(4500))])
    found = judged([one], path("r"), message(), message(100, probe=True))
    assert found["forward probe"].verdict is Verdict.PASSES
    assert found["forward large"].verdict is Verdict.BREAKS
    drop = found["forward large"].drops[0]
    assert (drop.rule, drop.loss.packet.offset, drop.loss.evidence[0].line) == ("non-initial-fragment-denied", 1480, 8)


def test_blocked_where_not_even_a_small_one_arrives() -> None:
    one = router("r", into="L", filters=[filter_("L", permit(500))])
    found = judged([one], path("r"), message(), message(100, probe=True))
    assert found["forward large"].verdict is Verdict.BLOCKED
    assert found["forward probe"].verdict is Verdict.BLOCKED


def test_a_path_has_the_worst_of_its_messages() -> None:
    one = router("r", into="L", filters=[filter_("L", deny_fragments(), permit(4500))])
    found = talks([one], path("r"), message(), message(100, probe=True))
    assert path_verdict("x", path("r"), list(found.values()), 1).verdict is Verdict.BREAKS


# ---------------------------------------------------------------------------- 1 and 2: bases, and deciding by trying


@pytest.mark.parametrize(
    ("basis", "expected"),
    [
        (Basis.READ, Verdict.BREAKS),
        (Basis.ABSENT, Verdict.BREAKS),
        (Basis.DECLARED, Verdict.BREAKS),
        (Basis.INFERRED, Verdict.BREAKS),
        (Basis.DEFAULT, Verdict.AT_RISK),
        (Basis.ASSUMED, Verdict.AT_RISK),
        (Basis.UNKNOWN, Verdict.UNKNOWN),
    ],
)
def test_what_a_fact_rests_on_decides_how_it_counts(basis: Basis, expected: Verdict) -> None:
    in_force = Fact(value=True, basis=basis, evidence=(HEAD,), others=() if basis.decides else (False,))
    policy = FragmentPolicy(name="a setting", hits=Hits.ANY, action="drop", in_force=in_force)
    stage = Stage(name=StageName.FRAGMENT_POLICY, does=Does.FRAGMENT_POLICY)
    one = router("r", fragment_policies=(policy,), stages=(stage, *PLAIN))
    assert verdict([one], path("r")) is expected


def test_an_undecided_fact_that_changes_nothing_does_not_weaken() -> None:
    in_force = Fact(value=True, basis=Basis.UNKNOWN, others=(False,))
    policy = FragmentPolicy(name="a setting", hits=Hits.ANY, action="drop", in_force=in_force, direction="out")
    stage = Stage(name=StageName.FRAGMENT_POLICY, does=Does.FRAGMENT_POLICY)  # looks at the way in alone
    one = router("r", fragment_policies=(policy,), stages=(stage, *PLAIN))
    assert verdict([one], path("r")) is Verdict.PASSES


def test_depends_on_names_the_fact_and_the_verdict_of_each_value() -> None:
    list_ = filter_(
        "L", permit(4500), basis=Basis.ASSUMED, others=[Headerless.NEVER_MATCHES], way=Headerless.MATCH_BY_ADDRESS
    )
    one = router("r", into="L", filters=[list_])
    found = judged([one], path("r"), message())["forward large"]
    assert found.verdict is Verdict.AT_RISK
    (dependence,) = found.depends_on
    assert dependence.device == "r"
    assert dependence.verdicts == {"match-by-address": Verdict.PASSES, "never-matches": Verdict.BREAKS}


def test_a_drop_that_rests_on_an_assumption_alone_never_breaks() -> None:
    list_ = filter_(
        "L", permit(4500), basis=Basis.ASSUMED, way=Headerless.NEVER_MATCHES, others=[Headerless.MATCH_BY_ADDRESS]
    )
    assert verdict([router("r", into="L", filters=[list_])], path("r")) is Verdict.AT_RISK


def test_a_certain_drop_elsewhere_breaks_all_the_same() -> None:
    unsure = filter_(
        "U", permit(4500), basis=Basis.ASSUMED, way=Headerless.NEVER_MATCHES, others=[Headerless.MATCH_BY_ADDRESS]
    )
    sure = filter_("L", deny_fragments(), permit(4500))
    devices = [router("r1", into="U", filters=[unsure]), router("r2", into="L", filters=[sure])]
    assert verdict(devices, path("r1", "r2")) is Verdict.BREAKS


def tagged(kind: Any, basis: Basis, *options: tuple[str, int]) -> list[Sending]:
    choice = Choice(fact="x", device="e", basis=basis, kind=kind, options=tuple(name for name, _ in options))
    return [
        Sending(payloads=(size,), df="false", mtu=1500, tags=(Tag(choice=choice, option=name),))
        for name, size in options
    ]


def test_twice_the_size_can_only_turn_passes_into_at_risk() -> None:
    limit: Fact[int | None] = read(2)
    row = Reassembly(kind="virtual", active=read(True), fragments=limit)
    stage = Stage(name=StageName.REASSEMBLY, does=Does.REASSEMBLE)
    one = router("r", reassembly=(row,), stages=(stage, *PLAIN))
    grown = tagged("size", Basis.ASSUMED, ("default", 2000), ("twice the default", 4000))
    assert verdict([one], path("r"), sendings=grown) is Verdict.AT_RISK
    list_ = filter_("L", deny_fragments(), permit(4500))
    both = tagged("size", Basis.ASSUMED, ("default", 2000), ("twice the default", 4000))
    assert verdict([router("r", into="L", filters=[list_])], path("r"), sendings=both) is Verdict.BREAKS
    only_default = tagged("size", Basis.ASSUMED, ("default", 4000), ("twice the default", 100))
    assert verdict([one], path("r"), sendings=only_default) is Verdict.BREAKS


def test_of_a_population_the_worst_counts() -> None:
    one = router("r", into="L", filters=[filter_("L", deny_fragments(), permit(4500))])
    members = tagged("population", Basis.DECLARED, ("new", 100), ("old", 2000))
    found = judged([one], path("r"), message(), sendings=members)["forward large"]
    assert found.verdict is Verdict.BREAKS
    assert found.depends_on[0].verdicts == {"new": Verdict.PASSES, "old": Verdict.BREAKS}


# ------------------------------------------------------------------------------------------ 3: never passes on a guess


def test_an_entry_that_was_not_understood_and_could_match_makes_unknown() -> None:
    odd = rule(DROP, "deny udp any any dscp ef", 9, protocol=UDP, uncertain="a DSCP")
    one = router("r", into="L", filters=[filter_("L", odd, permit(4500))])
    found = judged([one], path("r"), message())["forward large"]
    assert found.verdict is Verdict.UNKNOWN
    assert any(evidence.line == 9 for doubt in found.doubts for evidence in doubt.evidence)


def test_it_does_not_matter_where_both_ways_end_alike() -> None:
    odd = rule(PERMIT, "permit udp any any dscp ef", 9, protocol=UDP, uncertain="a DSCP")
    one = router("r", into="L", filters=[filter_("L", odd, permit(4500))])
    assert verdict([one], path("r")) is Verdict.PASSES


def test_nor_where_it_can_not_match() -> None:
    odd = rule(DROP, "deny tcp any any dscp ef", 9, protocol=IntervalSet.single(6), uncertain="a DSCP")
    one = router("r", into="L", filters=[filter_("L", odd, permit(4500))])
    assert verdict([one], path("r")) is Verdict.PASSES


@pytest.mark.parametrize(("place", "expected"), [("a", Verdict.UNKNOWN), ("", Verdict.UNKNOWN), ("c", Verdict.PASSES)])
def test_a_line_that_was_not_understood_counts_where_it_stands(place: str, expected: Verdict) -> None:
    line = NotUnderstood(evidence=Evidence(file="configs/x.cfg", line=7, text="frobnicate fragments"), place=place)
    assert verdict([router("r", not_understood=(line,))], path("r")) is expected


def test_a_list_that_is_named_and_not_there_makes_unknown() -> None:
    assert verdict([router("r", into="GONE")], path("r")) is Verdict.UNKNOWN


# --------------------------------------------------------------------------------------------------------- 4: parts

ALL = parse_prefix("198.51.100.0/24")[1]
BAD = parse_prefix("198.51.100.128/25")[1]


def test_a_part_that_small_datagrams_do_not_reach_is_closed_and_does_not_decide() -> None:
    closing = rule(DROP, "deny ip 198.51.100.128/25 any", 6, sources=BAD)
    one = router("r", into="L", filters=[filter_("L", closing, permit(4500))])
    found = judged([one], path("r", clients=ALL), message(), message(100, probe=True))
    assert found["forward large"].verdict is Verdict.PASSES
    assert [region.clients for region in found["forward large"].closed] == [BAD]


def test_the_worst_part_that_small_ones_reach_decides_and_is_named() -> None:
    fragments = deny_fragments(sources=BAD)
    one = router("r", into="L", filters=[filter_("L", fragments, permit(4500))])
    found = judged([one], path("r", clients=ALL), message())["forward large"]
    assert found.verdict is Verdict.BREAKS
    assert found.drops[0].affected.clients == BAD


# --------------------------------------------------------------------------- 5: certain and uncertain hops


def opaque(**keys: Any) -> PathHop:
    origin = Origin(file="paths.yaml", line=4, key="via")
    return PathHop(device="isp", opaque=OpaqueHop(name="isp", origin=origin, **keys))


def test_an_unknown_filter_keeps_what_follows_certain() -> None:
    odd = rule(DROP, "deny udp any any dscp ef", 9, protocol=UDP, uncertain="a DSCP")
    devices = [
        router("r1", into="U", filters=[filter_("U", odd, permit(4500))]),
        router("r2", into="L", filters=[filter_("L", deny_fragments(), permit(4500))]),
    ]
    assert verdict(devices, path("r1", "r2")) is Verdict.BREAKS


def test_after_an_unread_hop_a_drop_of_some_addresses_is_only_possible() -> None:
    some = filter_("L", deny_fragments(sources=ALL), permit(4500))
    found = judged([router("r", into="L", filters=[some])], path("gone", "r"), message())["forward large"]
    assert found.verdict is Verdict.UNKNOWN
    assert found.drops
    assert not any(drop.loss.certain for drop in found.drops)


def test_after_an_unread_hop_a_drop_of_everything_is_certain() -> None:
    everything = filter_("L")
    devices = [router("r", into="L", filters=[everything])]
    found = judged(devices, path("gone", "r"), message(), message(100, probe=True))
    assert found["forward probe"].verdict is Verdict.BLOCKED


def test_an_unread_hop_alone_is_unknown() -> None:
    assert verdict([], path("gone")) is Verdict.UNKNOWN


def test_an_opaque_hop_does_what_its_keys_say() -> None:
    assert verdict([], path(opaque(mtu=1500, fragments="pass"))) is Verdict.PASSES
    assert verdict([], path(opaque(mtu=1500, fragments="drop"))) is Verdict.BREAKS
    assert verdict([], path(opaque(mtu=1500, fragments="unknown"))) is Verdict.UNKNOWN
    small = judged([], path(opaque()), message(100, probe=True))["forward probe"]
    assert small.verdict is Verdict.PASSES


def test_what_can_not_be_followed_makes_later_drops_possible() -> None:
    doubt = Action(verb=Verb.DOUBT, words="a crypto map encrypts them")
    encrypts = filter_("C", rule(doubt, "permit ip any any", 9), otherwise=PERMIT)
    devices = [
        router("r1", into="C", filters=[encrypts]),
        router("r2", into="L", filters=[filter_("L", deny_fragments(), permit(4500))]),
    ]
    assert verdict(devices, path("r1", "r2")) is Verdict.UNKNOWN


def test_a_path_that_ends_in_doubt_is_unknown_and_a_dead_end_blocks() -> None:
    doubt = Doubt(device="r", reason="no route")
    assert verdict([router("r")], path("r", doubts=(doubt,))) is Verdict.UNKNOWN
    end = DeadEnd(device="r", reason="a null route", evidence=(HEAD,))
    found = judged([router("r")], path("r", dead_end=end), message(100, probe=True))["forward probe"]
    assert found.verdict is Verdict.BLOCKED


def test_a_path_that_routing_contradicts_is_at_best_at_risk() -> None:
    detour = Detour(device="r", claimed="r2", routed="r3", evidence=(HEAD,))
    assert verdict([router("r")], path("r", detours=(detour,))) is Verdict.AT_RISK


# ------------------------------------------------------------------------------------------------ 6: sessions

TRACKING = (
    Stage(name=StageName.INGRESS_FILTER, does=Does.TRACK),
    Stage(name=StageName.INGRESS_FILTER, does=Does.FILTER, side="in"),
    Stage(name=StageName.EGRESS_MTU, does=Does.CUT, side="out"),
)
ESTABLISHED = FieldTest(field=Field.CONNECTION, values=IntervalSet.single(1))


def stateful(name: str, forward: Any, answers: Any) -> Any:
    lists = [filter_("F", *forward), filter_("B", *answers)]
    return router(name, into="F", back="B", filters=lists, stages=TRACKING)


def test_an_answer_finds_the_session_of_the_small_datagram() -> None:
    known = rule(PERMIT, "ct state established accept", 11, tests=(ESTABLISHED,))
    fw = stateful("fw", [permit(4500)], [known])
    reverse = path("fw", direction="reverse")
    found = judged([fw], path("fw"), message(2000, "reverse"), message(100, "reverse", probe=True), reverse=reverse)
    assert found["reverse probe"].verdict is Verdict.PASSES
    assert found["reverse large"].verdict is Verdict.PASSES


def test_and_none_where_that_does_not_cross() -> None:
    known = rule(PERMIT, "ct state established accept", 11, tests=(ESTABLISHED,))
    fw = stateful("fw", [permit(500)], [known])
    reverse = path("fw", direction="reverse")
    found = judged([fw], path("fw"), message(100, "reverse", probe=True), reverse=reverse)
    assert found["reverse probe"].verdict is Verdict.BLOCKED


def test_an_answer_by_another_firewall_finds_none() -> None:
    known = rule(PERMIT, "ct state established accept", 11, tests=(ESTABLISHED,))
    one, other = stateful("fw1", [permit(4500)], [known]), stateful("fw2", [permit(4500)], [known])
    elsewhere = replace(other, interfaces=tuple(replace(i, addresses=()) for i in other.interfaces))
    reverse = path("fw2", direction="reverse")
    found = judged([one, elsewhere], path("fw1"), message(100, "reverse", probe=True), reverse=reverse)
    assert found["reverse probe"].verdict is Verdict.BLOCKED


def test_an_answer_by_the_other_member_of_a_pair_may_find_it() -> None:
    """Both stand on the same two subnets: whether they tell one another of connections is in no config."""
    known = rule(PERMIT, "ct state established accept", 11, tests=(ESTABLISHED,))
    pair = [stateful("fw1", [permit(4500)], [known]), stateful("fw2", [permit(4500)], [known])]
    reverse = path("fw2", direction="reverse")
    found = judged(pair, path("fw1"), message(100, "reverse", probe=True), reverse=reverse)
    assert found["reverse probe"].verdict is Verdict.UNKNOWN


def test_a_large_forward_message_is_judged_as_if_those_before_had_arrived() -> None:
    known = rule(PERMIT, "ct state established accept", 11, tests=(ESTABLISHED,))
    small = FieldTest(field=Field.LENGTH, values=IntervalSet.of((1000, 65535)))
    long = rule(DROP, "length > 1000 drop", 12, tests=(small,))
    fw = stateful("fw", [known, long, permit(4500)], [known])
    assert verdict([fw], path("fw")) is Verdict.BREAKS
    later = message(opens=False)
    assert judged([fw], path("fw"), later)["forward large"].verdict is Verdict.PASSES


# --------------------------------------------------------------------------------------------------- 7: limits


@pytest.mark.parametrize(("limit", "expected"), [(1, Verdict.BREAKS), (2, Verdict.PASSES), (None, Verdict.PASSES)])
def test_a_limit_on_the_fragments_of_a_datagram_decides_alone(limit: int | None, expected: Verdict) -> None:
    row = Reassembly(kind="full", active=read(True), fragments=read(limit), sets=read(1), timeout=read(1))
    stage = Stage(name=StageName.REASSEMBLY, does=Does.REASSEMBLE)
    one = router("r", reassembly=(row,), stages=(stage, *PLAIN))
    assert verdict([one], path("r")) is expected


# ------------------------------------------------------------------------------------------ 8: the first try is lost


def narrow(back: Any = (), **fields: Any) -> list[Any]:
    """r1 meets a link of 1400 bytes; r0 before it filters what comes back."""
    lists = [filter_("B", *back)] if back else []
    first = router("r0", back="B" if back else "", filters=lists)
    return [first, router("r1", mtu=1400, **fields)]


REVERSE = path("r1", "r0", direction="reverse")
FITS_OWN_LINK = message(1422)  # an IP datagram of 1450


def tried(devices: Any, df: str, **fields: Any) -> Verdict:
    found = judged(devices, path("r0", "r1"), FITS_OWN_LINK, reverse=REVERSE, df=df, **fields)
    return found["forward large"].verdict


def test_with_df_false_a_router_cuts() -> None:
    assert tried(narrow(), "false") is Verdict.PASSES


def test_with_pmtud_the_second_try_arrives() -> None:
    assert tried(narrow(), "pmtud") is Verdict.AT_RISK


def test_with_df_true_the_sender_never_cuts() -> None:
    assert tried(narrow(), "true") is Verdict.BREAKS


def test_where_the_error_is_dropped_on_its_way_nothing_arrives() -> None:
    icmp = rule(DROP, "deny icmp any any", 20, protocol=IntervalSet.single(1))
    rest = rule(PERMIT, "permit ip any any", 21)
    found = judged(narrow(back=(icmp, rest)), path("r0", "r1"), FITS_OWN_LINK, reverse=REVERSE, df="pmtud")
    large = found["forward large"]
    assert large.verdict is Verdict.BREAKS
    assert {"packet-too-big", "icmp-error-dropped"} == {drop.rule for drop in large.drops}


def test_where_no_error_is_sent_nothing_arrives() -> None:
    assert tried(narrow(unreachables=False), "pmtud") is Verdict.BREAKS


def test_where_the_error_s_way_is_not_known() -> None:
    unsure = rule(DROP, "deny icmp any any time-range T", 20, protocol=IntervalSet.single(1), uncertain="a time range")
    rest = rule(PERMIT, "permit ip any any", 21)
    assert tried(narrow(back=(unsure, rest)), "pmtud") is Verdict.UNKNOWN


def test_a_second_try_that_is_dropped_breaks() -> None:
    devices = [*narrow(), router("r2", into="L", filters=[filter_("L", deny_fragments(), permit(4500))])]
    found = judged(
        devices, path("r0", "r1", "r2"), FITS_OWN_LINK, reverse=path("r2", "r1", "r0", direction="reverse"), df="pmtud"
    )
    assert found["forward large"].verdict is Verdict.BREAKS


def test_ipv6_is_never_cut_on_the_way() -> None:
    six = parse_prefix("2001:db8:1::7/128")[1]
    other = parse_prefix("2001:db8:2::10/128")[1]
    forward = replace(path("r0", "r1", family=6), clients=six, servers=other)
    back = replace(REVERSE, family=6, clients=six, servers=other)
    sized = message(2000)
    assert judged(narrow(), forward, sized, reverse=back)["forward large"].verdict is Verdict.AT_RISK
    icmp = rule(DROP, "deny icmp any any", 20, protocol=IntervalSet.single(58))
    blocked = narrow(back=(icmp, rule(PERMIT, "permit any any", 21)))
    assert judged(blocked, forward, sized, reverse=back)["forward large"].verdict is Verdict.BREAKS


def test_what_the_last_link_carries_counts() -> None:
    assert verdict([router("r")], path("r"), server_mtu=1400) is Verdict.PASSES
    long = judged([router("r")], path("r"), message(1422), server_mtu=1400, df="true")
    assert long["forward large"].verdict is Verdict.BREAKS


def test_forwarding_switched_off_blocks() -> None:
    stage = Stage(name=StageName.ROUTE, does=Does.ROUTE)
    one = router("r", forwards={4: read(False)}, stages=(stage, *PLAIN))
    found = judged([one], path("r"), message(100, probe=True))["forward probe"]
    assert found.verdict is Verdict.BLOCKED


@pytest.mark.parametrize(
    ("back", "mode", "expected"),
    [
        ("ingress", "strict", Verdict.PASSES),
        ("another", "strict", Verdict.BLOCKED),
        ("another", "loose", Verdict.PASSES),
        ("none", "loose", Verdict.BLOCKED),
        (None, "strict", Verdict.UNKNOWN),
        (None, "off", Verdict.PASSES),
    ],
)
def test_a_check_of_the_source(back: Any, mode: str, expected: Verdict) -> None:
    stage = Stage(name=StageName.ROUTE, does=Does.SOURCE_CHECK)
    one = device(
        "r",
        interface("a", "10.0.1.1/24", source_check={4: read(mode)}),
        interface("b", "10.0.2.1/24"),
        stages=(stage, *PLAIN),
    )
    hop = PathHop(device="r", ingress="a", egress="b", back=back)
    assert judged([one], path(hop), message(100, probe=True))["forward probe"].verdict is expected


@pytest.mark.parametrize(
    ("back", "mode", "default", "expected"),
    [
        ("ingress", "strict-no-default", False, Verdict.PASSES),
        ("ingress", "strict-no-default", True, Verdict.BLOCKED),
        ("ingress", "loose-no-default", True, Verdict.BLOCKED),
        ("another", "loose-no-default", False, Verdict.PASSES),
        ("another", "strict-no-default", False, Verdict.BLOCKED),
        ("ingress", "strict", True, Verdict.PASSES),
        (None, "strict-no-default", False, Verdict.UNKNOWN),
    ],
)
def test_a_check_of_the_source_that_leaves_the_default_route_out(
    back: Any, mode: str, expected: Verdict, *, default: bool
) -> None:
    stage = Stage(name=StageName.ROUTE, does=Does.SOURCE_CHECK)
    one = device(
        "r",
        interface("a", "10.0.1.1/24", source_check={4: read(mode)}),
        interface("b", "10.0.2.1/24"),
        stages=(stage, *PLAIN),
    )
    hop = PathHop(device="r", ingress="a", egress="b", back=back, back_by_default=default)
    assert judged([one], path(hop), message(100, probe=True))["forward probe"].verdict is expected


def test_a_deny_below_the_permit_is_harmless() -> None:
    one = router("r", into="L", filters=[filter_("L", permit(4500), deny_fragments(), deny_all())])
    assert verdict([one], path("r")) is Verdict.PASSES
