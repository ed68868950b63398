"""The template is plain TTP: stock TTP loads it without a complaint and gives the same records, block by block."""

import logging
from pathlib import Path

import pytest
from ttp import ttp

from auditor.model.platform import Canonical
from auditor.parse.engine import load, match
from auditor.parse.rows import Source
from auditor.parse.text import read_text
from auditor.platforms.linux.transcript import canonical
from auditor.registry import template
from tests.platforms.linux.reading import cases

TEMPLATE = template("linux")


def blocks(lines: list[str]) -> list[list[str]]:
    found: list[list[str]] = []
    for line in lines:
        if line.startswith(" "):
            found[-1].append(line)
        else:
            found.append([line])
    return found


def by_stock_ttp(block: list[str]) -> dict[str, object]:
    parser = ttp(data="\n".join(block) + "\n", template=TEMPLATE.read_text(), log_level="ERROR")
    parser.parse(one=True)
    found = parser.result()[0][0]
    return found if isinstance(found, dict) else {}


def by_ours(block: list[str]) -> dict[str, object]:
    matched = match(load(TEMPLATE), Canonical(lines=block, numbers=range(1, len(block) + 1)), Source("x", block))
    return {group: [row.as_dict() for row in many] for group, many in matched.tops.items()}


def test_stock_ttp_loads_it_without_a_complaint(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR, logger="ttp"):
        ttp(template=TEMPLATE.read_text(), log_level="ERROR")
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


@pytest.mark.parametrize("case", cases(), ids=lambda path: path.name)
def test_records_are_those_of_stock_ttp(case: Path) -> None:
    compared = 0
    for path in sorted(case.iterdir()):
        if path.name == "device.json":
            continue
        for block in blocks(list(canonical(read_text(path.read_bytes()).lines).lines)):
            wanted = by_stock_ttp(block)
            assert by_ours(block) == wanted, block
            compared += bool(wanted)
    assert compared > 2


def test_every_group_name_ends_in_a_star() -> None:
    text = TEMPLATE.read_text()
    assert text.count("<group name=") == text.count('*">')
