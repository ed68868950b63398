"""Markdown and CSV: the same facts, and no text of a config that steers the reader's program."""

import csv
import io
import re

import pytest

from auditor.model.findings import Report, Verdict
from auditor.model.paths import Doubt
from auditor.report.csv_report import COLUMNS, csv_report
from auditor.report.markdown import markdown
from tests.report import build
from tests.report.build import report
from tests.report.conftest import with_thousands

UNESCAPED = re.compile(r"(?<!\\)(?:\\\\)*\|")


def test_markdown_is_of_escaped_text_alone(any_report: Report) -> None:
    text = markdown(any_report)
    assert all(line.isprintable() for line in text.split("\n"))
    assert set(re.findall(r"<[^>]*>?", text)) <= {"<code>", "</code>", "<br>"}
    assert not re.search(r"(?<!\\)(?:\\\\)*[`\[\]$]", text)
    assert "://" not in text
    assert "@" not in text
    assert "0822455D0A16" not in text
    assert "hunter2" not in text


def test_tables_in_markdown_have_all_their_cells(any_report: Report) -> None:
    width = 0
    for line in markdown(any_report).split("\n"):
        if not line.startswith("|"):
            width = 0
            continue
        count = len(UNESCAPED.findall(line))
        width = width or count
        assert count == width


def test_markdown_tells_hop_line_and_cure() -> None:
    text = markdown(build.example())
    assert "**5 flows: 1 blocked, 1 breaks, 1 unknown, 1 at-risk, 1 passes**" in text
    assert (
        "| **breaks** | always-on-vpn | clients | rras1 | edge1 GigabitEthernet0/0 "
        "| configs/edge1.cfg:41 <code>deny ip any any fragments</code> |"
    ) in text
    assert "### breaks: always-on-vpn\n\n- **drops**: edge1 GigabitEthernet0/0, ingress-filter, 1464 bytes" in text
    assert "  - **do**: permit the fragments between these peers above" in text
    assert text.index("### blocked") < text.index("### breaks") < text.index("### unknown") < text.index("### at-risk")
    assert "### passes" not in text


def test_markdown_without_paths() -> None:
    text = markdown(build.without_paths())
    assert "**No paths.yaml. 3 findings: 1 breaks, 1 at-risk, 1 note**" in text
    assert "| breaks | edge1 | non-initial-fragment-denied | configs/edge1.cfg:41" in text


def test_markdown_says_what_it_leaves_out() -> None:
    text = markdown(with_thousands())
    assert "and 1800 more \\(--format json has all\\)" in text  # drops of one flow
    assert "and 300 more \\(--format json has all\\)" in text  # findings
    assert "and 100 more \\(--format json has all\\)" in text  # devices


def rows(found: Report) -> list[dict[str, str]]:
    text = csv_report(found)
    assert "\r" not in text
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_csv_begins_with_its_columns() -> None:
    head = csv_report(report())
    assert head == (
        "flow,verdict,path,direction,message,device,interface,stage,rule,file,line,text,reason,cure,message_verdict\n"
    )
    assert rows(report()) == []


def test_csv_has_a_row_for_each_drop_and_each_flow_without_one() -> None:
    found = rows(build.example())
    assert [(row["flow"], row["verdict"], row["device"], row["line"]) for row in found] == [
        ("guest-vpn", "blocked", "edge2", "77"),
        ("always-on-vpn", "breaks", "edge1", "41"),
        ("radius", "unknown", "fw1", "57"),
        ("branch-vpn", "at-risk", "sw1", "41"),
        ("office-vpn", "passes", "", ""),
        ("", "note", "core1", "12"),
    ]
    breaks = found[1]
    assert breaks["path"] == "always-on-vpn/4/forward/1"
    assert breaks["direction"] == "forward"
    assert breaks["message"] == "IKE_AUTH request"
    assert breaks["message_verdict"] == "breaks"
    assert breaks["text"] == "deny ip any any fragments"
    assert breaks["cure"].startswith("permit the fragments")
    assert found[2]["reason"] == "a line that matters was not understood of chain forward"


def test_csv_without_paths_has_the_findings() -> None:
    assert [(row["verdict"], row["rule"]) for row in rows(build.without_paths())] == [
        ("breaks", "non-initial-fragment-denied"),
        ("at-risk", "mtu-differs-on-link"),
        ("note", "small-mtu"),
    ]


def test_no_cell_of_csv_is_a_formula_or_holds_a_secret(any_report: Report) -> None:
    text = csv_report(any_report)
    for row in csv.reader(io.StringIO(text, newline="")):
        assert len(row) == len(COLUMNS)
        for cell in row:
            assert cell[:1] not in ("=", "+", "-", "@", "\t", "\r")
            assert cell.isprintable()
    assert "0822455D0A16" not in text
    assert "hunter2" not in text


def test_a_flow_with_several_doubts_says_so() -> None:
    one = build.unknown()
    (old,) = one.paths[0].messages
    doubts = [*old.doubts, Doubt(device="fw2", reason="another", evidence=())]
    sent = build.message(old.verdict, name="Access-Request", on=old.trace.path, doubts=tuple(doubts))
    found = build.flow("radius", build.path_verdict("p", old.trace.path, sent))
    (row,) = rows(report(found))
    assert row["reason"].endswith(" (and 1 more)")


@pytest.mark.parametrize("count", [1, 3])
def test_several_lines_of_one_drop_are_counted(count: int) -> None:
    lines = [build.evidence("deny", n + 1) for n in range(count)]
    on = build.path(build.hop("edge1"))
    sent = build.message(Verdict.BREAKS, on=on, drops=(build.drop(build.loss(lines=lines)),))
    (row,) = rows(report(build.flow("f", build.path_verdict("p", on, sent))))
    assert row["text"] == ("deny" if count == 1 else "deny (and 2 more)")
