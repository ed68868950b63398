"""The template is plain TTP: stock TTP loads it without a complaint and gives the same records, block by block."""

import logging
from pathlib import Path

import pytest
from ttp import ttp

from auditor.parse.engine import load, match
from auditor.parse.rows import Source
from auditor.parse.text import read_text
from auditor.platforms.cisco_ios import PLATFORM
from auditor.platforms.cisco_ios.forms import FORMS
from auditor.registry import template
from tests.platforms.cisco_ios.reading import cases

TEMPLATE = template("cisco_ios")
# Stock TTP begins a record of each group whose first line fits; ours of the first one alone.
TWICE = ("ip access-list match-local-traffic",)


def canonical_lines(path: Path) -> list[str]:
    lines = read_text(path.read_bytes()).lines
    form = next(form for form in FORMS if form.recognises(lines))
    return list(form.canonical(lines).lines)


def blocks(lines: list[str]) -> list[list[str]]:
    found: list[list[str]] = []
    for line in lines:
        if line.startswith(" "):
            found[-1].append(line)
        else:
            found.append([line])
    return found


def without_repetitions(block: list[str]) -> list[str]:
    """Of several lines that set one field stock TTP keeps the first and ours the last: such lines go, but for one."""
    return list(dict.fromkeys(block))


def by_stock_ttp(block: list[str]) -> dict[str, object]:
    parser = ttp(data="\n".join(block) + "\n", template=TEMPLATE.read_text(), log_level="ERROR")
    parser.parse(one=True)
    found = parser.result()[0][0]
    return found if isinstance(found, dict) else {}


def by_ours(block: list[str]) -> dict[str, object]:
    from auditor.model.platform import Canonical

    matched = match(load(TEMPLATE), Canonical(lines=block, numbers=range(1, len(block) + 1)), Source("x", block))
    return {group: [row.as_dict() for row in many] for group, many in matched.tops.items()}


def test_stock_ttp_loads_it_without_a_complaint(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR, logger="ttp"):
        parser = ttp(template=TEMPLATE.read_text(), log_level="ERROR")
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert parser is not None
    assert PLATFORM.template == "cisco_ios"


@pytest.mark.parametrize("case", cases(), ids=lambda path: path.name)
def test_records_are_those_of_stock_ttp(case: Path) -> None:
    config = next(path for path in case.iterdir() if path.suffix in (".cfg", ".txt"))
    compared = 0
    for block in blocks(canonical_lines(config)):
        if block[0] in TWICE:
            continue
        wanted = by_stock_ttp(without_repetitions(block))
        assert by_ours(without_repetitions(block)) == wanted, block
        compared += bool(wanted)
    assert compared > 2


def test_every_group_name_ends_in_a_star() -> None:
    text = TEMPLATE.read_text()
    assert text.count("<group name=") == text.count('*">')
