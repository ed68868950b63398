"""Remedies of the ASA: the limit of fragments rises, for the interface that it is set on."""

import pytest

from auditor.model.evidence import Evidence
from auditor.model.remedies import RaiseLimit, TakeAway
from auditor.platforms.cisco_asa.curing import enter, write


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("fragment chain 1 outside", "fragment chain 24 outside"),
        ("fragment chain 1", "fragment chain 24"),
        ("fragment chain 2 dmz", "fragment chain 24 dmz"),
    ],
)
def test_the_chain_is_raised_where_it_is_set(text: str, command: str) -> None:
    lines = ["hostname fw1", text, "fragment chain 1 other", ": end"]
    fix = RaiseLimit(line=Evidence(file="configs/fw1.cfg", line=2, text=text), fragments=3)
    commands = write(fix, lines)
    assert commands is not None
    assert commands.lines == (command,)
    assert ("benchmark" in commands.side_effects[0]) == (" 1" in text)
    assert enter(lines, commands.lines) == ["hostname fw1", command, "fragment chain 1 other", ": end"]


def test_other_lines_have_no_words() -> None:
    lines = ["mtu outside 1500"]
    line = Evidence(file="configs/fw1.cfg", line=1, text=lines[0])
    assert write(RaiseLimit(line=line, fragments=3), lines) is None
    assert write(TakeAway(line=line), lines) is None
    assert enter(lines, ["fragment chain 24 outside"]) is None
