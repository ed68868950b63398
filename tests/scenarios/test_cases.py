"""Whole inventories: a case file holds the folder and what the audit must say. And what may not change a verdict.

A case is a text: a sentence, then files under ``--- NAME``, then ``--- expected`` with lines
``FLOW VERDICT [FILE: TEXT]`` (the verdict or verdicts that are right, and the line of a certain drop) or
``closed FLOW WORDS``.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from auditor.audit import Options, audit, load
from auditor.model.findings import FlowVerdict, Report

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


def verdicts(report: Report) -> dict[str, str]:
    return {flow.name: flow.verdict.value for flow in report.flows}


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
    """Delete the line of a drop, and nothing any longer dies of that line."""
    files = sections(case)
    for number, line in enumerate(files["expected"].splitlines()):
        if ": " not in line:
            continue
        head, _, text = line.partition(": ")
        name, file = head.split()[0], head.split()[-1]
        lines = files[file].split("\n")
        at = next(i for i, one in enumerate(lines) if one.strip() == text)
        changed = {**files, file: "\n".join(lines[:at] + lines[at + 1 :])}
        report = run(write(tmp_path / str(number), changed))
        flow = next(flow for flow in report.flows if flow.name == name)
        assert (file, text) not in certain_lines(flow)


def commented(text: str) -> str:
    """Comment lines between the blocks of a config in which `!` or `#` begins a comment."""
    if text.startswith("$"):
        return "$ echo nothing\nnothing\n" + text
    return re.sub(r"^!$", "!\n! a comment, and nothing more\n!", text, flags=re.MULTILINE)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_comments_change_nothing(case: Path, tmp_path: Path) -> None:
    files = sections(case)
    before = run(write(tmp_path / "before", files))
    changed = {name: commented(text) if name.startswith("configs/") and text else text for name, text in files.items()}
    after = run(write(tmp_path / "after", changed))
    assert verdicts(after) == verdicts(before)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_the_order_of_blocks_changes_nothing(case: Path, tmp_path: Path) -> None:
    files = sections(case)
    changed = dict(files)
    for name, text in files.items():
        if name.startswith("configs/") and "\n!\n" in text and text.rstrip().endswith("end"):
            blocks = text.rstrip()[: -len("end")].split("\n!\n")
            changed[name] = "\n!\n".join([blocks[0], *reversed(blocks[1:])]) + "\nend\n"
    before = run(write(tmp_path / "before", files))
    after = run(write(tmp_path / "after", changed))
    assert verdicts(after) == verdicts(before)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_names_change_nothing(case: Path, tmp_path: Path) -> None:
    """A list, a chain, a device by another name."""
    files = sections(case)
    changed = {
        name.replace("r1", "other1"): re.sub(r"\br1\b", "other1", re.sub(r"\bIN\b", "LIST-7", text))
        for name, text in files.items()
    }
    before = run(write(tmp_path / "before", files))
    after = run(write(tmp_path / "after", changed))
    assert verdicts(after) == verdicts(before)
