"""Whole hosts: transcripts on disk, and the devices that come of them in words."""

import json
from pathlib import Path

import pytest

from auditor.parse.detect import detect
from auditor.parse.rows import LONGEST
from auditor.parse.text import read_text
from auditor.registry import platforms
from tests.platforms.linux.reading import cases, device_of, files_of, readable


@pytest.mark.parametrize("case", cases(), ids=lambda path: path.name)
def test_device(case: Path) -> None:
    assert readable(device_of(files_of(case))) == json.loads((case / "device.json").read_text())


@pytest.mark.parametrize("case", cases(), ids=lambda path: path.name)
def test_its_text_is_told_to_be_of_linux(case: Path) -> None:
    lines = [line for _, data in files_of(case) for line in read_text(data).lines]
    assert detect(lines, platforms()) == "linux"


@pytest.mark.parametrize("case", cases(), ids=lambda path: path.name)
def test_every_line_of_evidence_is_in_its_file(case: Path) -> None:
    """What stands in evidence is the text of that line of that file. A very long one is cut; of one that holds a whole
    rule set as JSON it is the rule.
    """
    texts = {file: read_text(data).lines for file, data in files_of(case)}
    found = device_of(files_of(case))
    evidence = [rule.evidence for one in found.filters.values() for rule in one.rules]
    evidence += [address.evidence for one in found.interfaces for address in one.addresses]
    evidence += [route.evidence for route in found.routing.routes]
    evidence += [one.evidence for one in found.not_understood]
    evidence += [line for one in found.interfaces for fact in one.mtu.values() for line in fact.evidence]
    assert evidence
    for line in evidence:
        text = texts[line.file][line.line - 1].strip()
        assert text == line.text if len(text) <= LONGEST else len(line.text) < len(text)


def test_there_are_cases() -> None:
    assert len(cases()) >= 8
