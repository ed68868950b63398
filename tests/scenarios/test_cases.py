"""Whole inventories: a case file holds the folder and what the audit must say. And what may not change a verdict.

A case is a text: a sentence, then files under ``--- NAME``, then ``--- expected`` with lines
``FLOW VERDICT [FILE: TEXT]`` (the verdict or verdicts that are right, and the line of a certain drop) or
``closed FLOW WORDS``.
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from auditor.audit import Options, audit, load
from auditor.model.findings import FlowVerdict, Report
from auditor.report import render

CASES = sorted((Path(__file__).parent / "cases").glob("*.txt"))


def sections(case: Path) -> dict[str, str]:
    """The files of a case by name."""
    parts = re.split(r"^--- (.+)\n", case.read_text(), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def write(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        if name != "expected":
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
    return folder


def run(folder: Path) -> Report:
    options = Options()
    return audit(load(folder, options), options)


def certain_lines(flow: FlowVerdict) -> set[tuple[str, str]]:
    """File and text of the lines that certainly drop something."""
    return {
        (evidence.file, evidence.text)
        for path in flow.paths
        for message in path.messages
        for drop in message.drops
        if drop.loss.certain
        for evidence in drop.loss.evidence
    }


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_case(case: Path, tmp_path: Path) -> None:
    files = sections(case)
    report = run(write(tmp_path, files))
    flows = {flow.name: flow for flow in report.flows}
    told = set()
    for line in files["expected"].splitlines():
        words = line.split()
        if words[0] == "closed":
            assert any(words[2] in text for text in flows[words[1]].closed_to)
            continue
        head, _, text = line.partition(": ")
        name, *allowed = head.split()
        file = allowed.pop() if text else ""
        told.add(name)
        assert flows[name].verdict.value in allowed
        if file:
            assert (file, text) in certain_lines(flows[name])
        elif "passes" in allowed:
            assert certain_lines(flows[name]) == set()
    assert told == set(flows), "a case says what it expects of every flow"


def breaking() -> Iterator[Path]:
    for case in CASES:
        expected = sections(case)["expected"]
        if re.search(r"^\S+ (breaks|blocked) \S+: ", expected, flags=re.MULTILINE):
            yield case


@pytest.mark.parametrize("case", list(breaking()), ids=lambda case: case.stem)
def test_without_its_line_a_drop_is_gone(case: Path, tmp_path: Path) -> None:
    """Delete the line of a drop: nothing any longer dies of it, and the flow fares better, or another line does it.

    All lines that certainly drop something are deleted in turn, not only those that the case expects.
    """
    files = sections(case)
    before = run(write(tmp_path / "before", files))
    deleted = 0
    for flow in before.flows:
        for file, text in sorted(certain_lines(flow)):
            lines = files[file].split("\n")
            places = [at for at, one in enumerate(lines) if one.strip() == text]
            if len(places) != 1 or text.startswith(("hostname ", "$ ", "version ")):
                continue  # a file's first line is the evidence of what is not there
            deleted += 1
            rest = "\n".join(lines[: places[0]] + lines[places[0] + 1 :])
            report = run(write(tmp_path / f"{flow.name}{deleted}", {**files, file: rest}))
            after = next(one for one in report.flows if one.name == flow.name)
            others = certain_lines(after)
            assert (file, text) not in others
            assert after.verdict.rank < flow.verdict.rank or others or after.reason
            for other, words in others:
                assert words in [one.strip() for one in ({**files, file: rest})[other].split("\n")]
    assert deleted


# What the report says of places: these may change where lines move.
PLACES = frozenset({"line", "sha256", "lines", "inventory", "fingerprint"})


def told(report: Report, names: dict[str, str] | None = None) -> Any:
    """All that the JSON report says, without places; ``names`` are turned back into what they were."""
    text = render(report, "json")
    for new, old in (names or {}).items():
        text = text.replace(new, old)
    return without_places(json.loads(text))


def without_places(node: Any) -> Any:
    if isinstance(node, dict):
        node = {**node, "text": "the first line"} if node.get("line") == 1 and "text" in node else node
        return {key: without_places(value) for key, value in node.items() if key not in PLACES}
    if isinstance(node, list):
        return [without_places(one) for one in node]
    return re.sub(r"\.(cfg|txt):\d+", r".\1", node) if isinstance(node, str) else node


def in_any_order(node: Any) -> Any:
    """The same with all lists sorted, and each thing of them once."""
    if isinstance(node, dict):
        return {key: in_any_order(value) for key, value in node.items()}
    if isinstance(node, list):
        return sorted({json.dumps(in_any_order(one), sort_keys=True) for one in node})
    return node


def changed(files: dict[str, str], change: Callable[[str], str]) -> dict[str, str]:
    return {
        name: change(text) if name.startswith("configs/") and text.strip() else text for name, text in files.items()
    }


def commented(text: str) -> str:
    """Comments between the blocks of a config and inside its lists, and between the rules of an iptables-save."""
    if text.startswith("$"):
        text = re.sub(r"^(\*\w+)$", r"# Generated by a comment\n\1", text, flags=re.MULTILINE)
        return "$ echo nothing\nnothing\n" + text + "$ date\nWed Nov 25 01:04:44 UTC 2026\n"
    text = re.sub(r"^!$", "!\n! a comment, and nothing more\n!", text, flags=re.MULTILINE)
    return re.sub(r"^(ip(?:v6)? access-list (?:extended )?\S+)$", r"\1\n remark nothing", text, flags=re.MULTILINE)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_comments_change_nothing(case: Path, tmp_path: Path) -> None:
    files = sections(case)
    more = changed(files, commented)
    before = run(write(tmp_path / "before", files))
    after = run(write(tmp_path / "after", more))
    assert told(after) == told(before)


def turned(text: str) -> str:
    """The blocks of a config in the opposite order; the outputs of a transcript likewise."""
    if text.startswith("$"):
        outputs = re.split(r"^(?=\$ )", text if text.endswith("\n") else text + "\n", flags=re.MULTILINE)
        return "".join(reversed(outputs))
    if "\n!\n" in text and text.rstrip().endswith("\nend"):
        blocks = text.rstrip()[: -len("end")].split("\n!\n")
        return "\n!\n".join([blocks[0], *reversed(blocks[1:])]) + "\nend\n"
    return text


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_the_order_of_blocks_changes_nothing(case: Path, tmp_path: Path) -> None:
    files = sections(case)
    before = run(write(tmp_path / "before", files))
    after = run(write(tmp_path / "after", changed(files, turned)))
    assert in_any_order(told(after)) == in_any_order(told(before))


# New names for lists, interfaces, devices, chains: none is a part of another word of the cases.
RENAMED = (
    (r"\bIN\b", "LIST-7", "IN"),
    (r"\bOUT\b", "LIST-8", "OUT"),
    (r"\bTO-GW\b", "LIST-9", "TO-GW"),
    (r"\bOUTSIDE\b", "ZONE-A", "OUTSIDE"),
    (r"\bDMZ\b", "ZONE-B", "DMZ"),
    (r"\br1\b", "zz1", "r1"),
    (r"\bfw\b", "zzfw", "fw"),
    (r"\bGigabitEthernet0/0\b", "GigabitEthernet7/0", "GigabitEthernet0/0"),
    (r"\bGigabitEthernet0/1\b", "GigabitEthernet7/1", "GigabitEthernet0/1"),
    (r"\bsrv0\b", "lan90", "srv0"),
    (r"\bwlan0\b", "lan91", "wlan0"),
    (r"(?<=chain )f\b", "zzchain", "f"),
    (r"(?<=jump )f\b", "zzchain", "f"),
    (r"(?<=goto )f\b", "zzchain", "f"),
    (r"\bguard\b", "zztable", "guard"),
)


def renamed(text: str) -> str:
    for pattern, new, _ in RENAMED:
        text = re.sub(pattern, new, text)
    return text


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_names_change_nothing(case: Path, tmp_path: Path) -> None:
    """Lists, zones, chains, interfaces and devices by other names: the report is the same but for these."""
    files = sections(case)
    others = {renamed(name): renamed(text) for name, text in files.items()}
    assert others != files
    before = run(write(tmp_path / "before", files))
    after = run(write(tmp_path / "after", others))
    names = {new: old for _, new, old in RENAMED}
    assert in_any_order(told(after, names)) == in_any_order(told(before))


EVERY_REPORT = """
import sys
from pathlib import Path
from auditor.audit import Options, audit, load
from auditor.report import render
for folder in sorted(Path(sys.argv[1]).iterdir()):
    report = audit(load(folder, Options()), Options())
    for form in ("json", "table", "markdown", "csv"):
        sys.stdout.write(render(report, form))
"""


def test_all_reports_are_byte_identical_from_process_to_process(tmp_path: Path) -> None:
    for case in CASES:
        write(tmp_path / case.stem, sections(case))
    runs = [
        subprocess.run(
            [sys.executable, "-c", EVERY_REPORT, str(tmp_path)],
            capture_output=True,
            check=True,
            env={**os.environ, "PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "31337")
    ]
    assert len(runs[0]) > 10_000 * len(CASES)
    assert runs[0] == runs[1]
