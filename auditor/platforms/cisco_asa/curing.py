"""Remedies in the words of the ASA: ``fragment chain``, which decides how many fragments a datagram may have.

Cisco ASA Command Reference, "fragment": ``fragment chain N [interface]``, 24 by default, 1 for no fragments at all.
"""

import re
from collections.abc import Sequence

from auditor.model.remedies import Commands, Curing, Fix, RaiseLimit

DEFAULT_CHAIN = 24
_CHAIN = re.compile(r"fragment chain (?P<count>\d+)(?P<interface> \S+)?\s*$")
_BENCHMARK = (
    "the CIS benchmark for Cisco firewalls asks for 'fragment chain 1' on untrusted interfaces (3.3): one of the "
    "two has to give; where the line must stay, let the ends keep their messages small"
)


def write(fix: Fix, lines: Sequence[str]) -> Commands | None:
    """The command of a fix: a limit is raised; there are no others here."""
    found = _CHAIN.match(lines[fix.line.line - 1].strip()) if fix.line.line <= len(lines) else None
    if not isinstance(fix, RaiseLimit) or found is None:
        return None
    interface = (found["interface"] or "").strip()
    count = max(fix.fragments, DEFAULT_CHAIN)
    where = f" on {interface}" if interface else ""
    return Commands(
        lines=(f"fragment chain {count} {interface}".rstrip(),),
        summary=f"let a datagram have {count} fragments{where}",
        side_effects=(_BENCHMARK,) if found["count"] == "1" else ("more memory for reassembly",),
        widens=f"fragments of any datagram that the access lists let through{where}",
    )


def enter(lines: Sequence[str], commands: Sequence[str]) -> list[str] | None:
    """The config after these commands, those that ``write`` gives: a line for the same interface is replaced."""
    text = list(lines)
    for command in commands:
        wanted = _CHAIN.match(command)
        there = [
            at
            for at, line in enumerate(text)
            if wanted and (found := _CHAIN.match(line.rstrip())) and found["interface"] == wanted["interface"]
        ]
        if not there:
            return None
        text[there[-1]] = command
    return text


CURING = Curing(write=write, enter=enter)
