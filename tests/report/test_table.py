"""The table: the worst first, at most 100 columns, nothing lost without a word."""

import re
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.model.findings import Report, Unknown, Verdict
from auditor.model.paths import Doubt
from auditor.report.lines import COLUMNS, capped, counted, hanging, wrapped
from auditor.report.shown import width
from auditor.report.table import grid, table
from tests.report import build
from tests.report.build import flow, report
from tests.report.conftest import with_thousands

ANSI = re.compile(r"\x1b\[[0-9;]*m")


def fits(text: str) -> bool:
    return all(width(line) <= COLUMNS and line.isprintable() and line == line.rstrip() for line in text.split("\n"))


def test_no_line_is_wider_than_it_may_be(any_report: Report) -> None:
    text = table(any_report)
    assert len(text.splitlines()) > 2
    assert fits(text)
    assert text.endswith("\n")
    assert not text.endswith("\n\n")


def test_no_secret_is_in_it(any_report: Report) -> None:
    text = table(any_report)
    assert "0822455D0A16" not in text
    assert "hunter2" not in text


def test_colours_change_nothing_else(any_report: Report) -> None:
    plain = table(any_report)
    coloured = table(any_report, color=True)
    assert ANSI.sub("", coloured) == plain
    assert "\x1b" not in plain


def test_verdicts_are_coloured() -> None:
    text = table(build.example(), color=True)
    assert "\x1b[1;31mBREAKS\x1b[0m   always-on-vpn" in text
    assert "\x1b[1;32mPASSES\x1b[0m" in text


def test_it_begins_with_tool_inventory_and_counts() -> None:
    first, second, *_ = table(build.example()).splitlines()
    assert first == "fragaudit 1.2.3  inventory inventories/example"
    assert second == "5 flows: 1 blocked, 1 breaks, 1 unknown, 1 at-risk, 1 passes"


def test_the_worst_stand_first() -> None:
    text = table(build.example())
    rows = re.findall(r"(?m)^(BLOCKED|BREAKS|UNKNOWN|AT-RISK|PASSES)", text)
    ranks = {name: rank for rank, name in enumerate(("BLOCKED", "BREAKS", "UNKNOWN", "AT-RISK", "PASSES"))}
    overview, blocks = rows[:5], rows[5:]
    assert overview == sorted(overview, key=ranks.__getitem__)
    assert blocks == sorted(blocks, key=ranks.__getitem__)
    assert len(blocks) == 4


def test_hop_line_and_cure_are_in_the_block_of_a_flow() -> None:
    block = table(report(build.breaking(), findings=build.example().findings)).split("\n\n")[1]
    assert block.splitlines()[0] == "BREAKS   always-on-vpn  clients > rras1 (ikev2)"
    assert "  drops    edge1 GigabitEthernet0/0 (ingress-filter)\n" in block
    assert "  line     configs/edge1.cfg:41  deny ip any any fragments\n" in block
    assert "access list 101 drops a later fragment: 1464 bytes at offset 1480" in block
    assert "  part     198.51.100.0/25 > 203.0.113.10 port 4500\n" in block
    assert "  do       permit the fragments between these peers above" in block
    assert "  declared opaque hop isp: MTU 1500" in block
    assert "  closed   1 part that no small datagram reaches: 198.51.100.128/25" in block


def test_what_is_missing_is_in_the_block_of_an_unknown_flow() -> None:
    text = table(report(build.unknown()))
    assert "  missing  fw1\n" in text
    assert '  line     configs/fw1.txt:57  iifname "eth0" xt match "geoip" drop\n' in text


def test_what_it_depends_on_is_in_the_block_of_a_flow_at_risk() -> None:
    text = " ".join(table(report(build.at_risk())).split())
    assert "may drop sw1" in text
    assert "the first try dies here" in text
    assert "(assumed); match-by-address: passes, never-matches: breaks" in text


def test_flows_that_fare_alike_share_a_block() -> None:
    text = table(with_thousands())
    assert text.count("configs/edge1.cfg:41  deny ip any any fragments") == 1
    assert "BREAKS   radius/sw0 and 299 more" in text


def test_lists_that_are_cut_say_so() -> None:
    text = table(with_thousands())
    assert "and 90 more (--format json has all)" in text  # passing flows, unknowns and notes
    assert "and 480 more (--format json has all)" in text  # findings
    assert "and 1997 more (--format json has all)" in text  # drops
    assert "3000 parts that no small datagram reaches" in text
    assert len(text.splitlines()) < 250


def test_every_flow_is_told_or_counted() -> None:
    flows = [replace(build.breaking(), name=f"f{n}", closed_to=(str(n),)) for n in range(60)]
    text = table(report(*flows))
    assert "60 flows: 60 breaks" in text
    assert "and 20 more (--format json has all)" in text  # 40 rows
    assert "and 48 more (--format json has all); of one flow: fragaudit explain INVENTORY FLOW" in text  # 12 blocks


def test_a_flow_that_passes_says_on_what_it_rests() -> None:
    text = table(report(replace(build.passing(), declared=("opaque hop isp: MTU 1500",))))
    assert "PASSES   office-vpn  clients > rras1 (ikev2)\n  declared opaque hop isp: MTU 1500" in text
    over_tls = flow("tls", verdict=Verdict.PASSES, reason="there is no datagram to judge")
    assert "  note     there is no datagram to judge" in table(report(over_tls))


def test_without_paths_the_findings_are_the_report() -> None:
    text = table(build.without_paths())
    assert "No paths.yaml: what each device does to fragments. 3 findings: 1 breaks, 1 at-risk, 1 note" in text
    assert "BREAKS   edge1  non-initial-fragment-denied\n  line     configs/edge1.cfg:41" in text
    assert "note     core1 out0: the IPv4 MTU is 1400 (configs/core1.cfg:12)" in text
    assert "configs/edge2.cfg:88  set security screen unheard-of 5" in text
    assert "3 devices read; 1 line not understood" in text


def test_a_finding_that_a_flow_tells_is_not_told_again() -> None:
    text = table(build.example())
    assert text.count("configs/edge1.cfg:41  deny ip any any fragments") == 2  # of two flows
    assert "Other findings\n\nnote     core1 out0" in text


def test_a_flow_of_which_nothing_is_known_says_why() -> None:
    text = table(report(flow("nowhere", verdict=Verdict.UNKNOWN, reason="there is no path")))
    assert "  why      there is no path" in text
    assert "nothing tells what decided" in table(report(flow("nowhere", verdict=Verdict.UNKNOWN)))


def test_what_is_about_no_device_stands_without_one() -> None:
    on = build.path(build.hop("edge1"))
    doubt = Doubt(device="", reason="no address of an end is left")
    sent = build.message(Verdict.UNKNOWN, on=on, endings=[], doubts=(doubt,))
    unknown = Unknown(device="", reason="something else")
    text = table(report(flow("f", build.path_verdict("p", on, sent)), unknowns=(unknown,)))
    assert "(ikev2)\n  why      no address of an end is left" in text
    assert "Not known\n\n  something else\n" in text


def test_grids_keep_their_columns_with_wide_characters() -> None:
    lines = grid([("漢字漢字漢字", "a"), ("x", "b")], ("name", "what"), (8, 8))
    assert lines == ["name      what", "--------  ----", "漢字漢字  a", "漢字", "x         b"]


WORDS = st.text(st.sampled_from("ab 漢\u0301é-"), max_size=60)


@given(WORDS, st.integers(2, 30))
def test_wrapped_text_fits_and_is_all_there(text: str, columns: int) -> None:
    lines = wrapped(text, columns)
    assert all(width(line) <= columns for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


@given(WORDS, WORDS)
@settings(max_examples=50)
def test_hanging_text_fits(head: str, text: str) -> None:
    lines = hanging(head * 3, text * 5)
    assert all(width(line) <= COLUMNS for line in lines)


def test_small_words() -> None:
    assert capped([1, 2, 3], 2) == ([1, 2], "and 1 more (--format json has all)")
    assert capped([1, 2], 2) == ([1, 2], "")
    assert [counted(n, "entry") for n in (0, 1, 2)] == ["0 entries", "1 entry", "2 entries"]
