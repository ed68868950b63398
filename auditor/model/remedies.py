"""Remedies: what would cure a flow, as neutral values, and the steps that a report shows.

A platform writes a ``Fix`` as the commands of its vendor and can enter these into the text of a config. So a remedy is
proved: its commands are entered, the text is parsed again, the flows are simulated again.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from auditor.model.addresses import Family, IntervalSet
from auditor.model.evidence import Evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class PermitFragments:
    """Let the later fragments of UDP datagrams between these addresses through, before ``line`` drops them.

    None stands for any address. ``line`` is the entry that drops them, or the line that stands for the list's end.
    """

    family: Family
    line: Evidence
    sources: IntervalSet | None
    destinations: IntervalSet | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeAway:
    """Take a setting away that drops fragments outside any filter: ``line``."""

    line: Evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class RaiseLimit:
    """Let a datagram have so many ``fragments``, where ``line`` allows fewer."""

    line: Evidence
    fragments: int


Fix = PermitFragments | TakeAway | RaiseLimit


@dataclass(frozen=True, slots=True, kw_only=True)
class Commands:
    """A fix in a vendor's words: what is typed, what else it does, and what more it lets through ("": nothing)."""

    lines: tuple[str, ...]
    summary: str
    side_effects: tuple[str, ...] = ()
    widens: str = ""


Enter = Callable[[Sequence[str], Sequence[str]], list[str] | None]
"""Enters commands into the lines of a config; None where that can't be done soundly."""

Write = Callable[[Fix, Sequence[str]], Commands | None]
"""The commands of a fix, for the lines of the config that holds ``fix.line``; None where there are none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Curing:
    """How a platform cures: it writes commands, and enters them into a config."""

    write: Write
    enter: Enter


@dataclass(frozen=True, slots=True, kw_only=True)
class RemedyStep:
    """One change at one place. ``target`` is a device or an endpoint; ``removes`` are the ids of drops."""

    target: str
    kind: Literal["endpoint", "device"]
    summary: str
    commands: tuple[str, ...] = ()
    side_effects: tuple[str, ...] = ()
    removes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Remedy:
    """A set of steps that belong together. ``verdict_after`` is the whole flow's, by simulating again; ``others`` are
    flows whose verdict changes with it, with the new one; ``widens`` says what more it lets through. ``proved``: the
    printed commands were entered into the config's text, and that text was read and simulated.
    """

    steps: tuple[RemedyStep, ...]
    verdict_after: str
    others: tuple[tuple[str, str], ...] = ()
    widens: str = ""
    proved: bool = True
