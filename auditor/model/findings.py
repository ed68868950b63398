"""The report as values: verdicts, drops, findings and what could not be known."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Literal

from auditor.model.evidence import Basis, Evidence
from auditor.model.packets import Message, Packet
from auditor.model.paths import Doubt, Path
from auditor.model.remedies import Remedy
from auditor.model.trace import Loss, Region, Trace


class Verdict(StrEnum):
    """What becomes of a message, a path, a flow, worst last (contract 4)."""

    PASSES = "passes"
    AT_RISK = "at-risk"
    UNKNOWN = "unknown"
    BREAKS = "breaks"
    BLOCKED = "blocked"

    @property
    def rank(self) -> int:
        """0 for the best."""
        return _ORDER.index(self)


_ORDER = tuple(Verdict)


def worst(verdicts: "list[Verdict] | tuple[Verdict, ...]") -> Verdict:
    """The worst of them; ``passes`` of none."""
    return max(verdicts, key=_ORDER.index, default=Verdict.PASSES)


def best(verdicts: "list[Verdict] | tuple[Verdict, ...]") -> Verdict:
    """The best of them; ``passes`` of none."""
    return min(verdicts, key=_ORDER.index, default=Verdict.PASSES)


Severity = Literal["breaks", "unknown", "at-risk", "note"]
SEVERITY_ORDER: tuple[Severity, ...] = ("breaks", "unknown", "at-risk", "note")  # the worst first


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependence:
    """A fact that was tried, with the verdict for each of its values."""

    fact: str
    device: str
    basis: Basis
    verdicts: Mapping[str, Verdict]
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Drop:
    """A loss with the part of the flow's addresses that it hits. ``rule`` names the finding's rule."""

    id: str
    rule: str
    loss: Loss
    affected: Region


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageVerdict:
    """The verdict of one message on one path. ``datagrams`` are what left the sender: bytes, and the packets."""

    message: Message
    verdict: Verdict
    trace: Trace
    datagrams: tuple[tuple[int, tuple[Packet, ...]], ...] = ()
    decided_by: tuple[Evidence, ...] = ()
    drops: tuple[Drop, ...] = ()
    depends_on: tuple[Dependence, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    closed: tuple[Region, ...] = ()
    reached: tuple[Region, ...] = ()

    @property
    def probe_blocks(self) -> bool:
        """Whether no part of the addresses gets a small datagram through."""
        return not self.reached


@dataclass(frozen=True, slots=True, kw_only=True)
class PathVerdict:
    """The verdict of one path: the worst of its messages."""

    id: str
    path: Path
    verdict: Verdict
    messages: tuple[MessageVerdict, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowVerdict:
    """The verdict of one flow: the worst of its paths.

    ``declared`` and ``inferred`` are sentences on what the verdict rests on although no config line says so.
    """

    name: str
    kind: str
    sender: str
    receiver: str
    verdict: Verdict
    paths: tuple[PathVerdict, ...]
    closed_to: tuple[str, ...] = ()
    depends_on: tuple[Dependence, ...] = ()
    declared: tuple[str, ...] = ()
    inferred: tuple[str, ...] = ()
    reason: str = ""
    cures: tuple[str, ...] = ()
    remedies: tuple[Remedy, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One line or setting and what it does, over all flows that it touches. ``cure`` is what to do, in words."""

    rule: str
    severity: Severity
    device: str
    flows: tuple[str, ...]
    message: str
    evidence: tuple[Evidence, ...]
    fingerprint: str
    cure: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """Something that could not be known of a device."""

    device: str
    reason: str
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceSummary:
    """A device as the report lists it."""

    name: str
    platform: str
    config: str
    sha256: str
    collected: str | None
    lines: int
    not_understood: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """All that an audit says."""

    version: str
    inventory: str
    flows: tuple[FlowVerdict, ...]
    findings: tuple[Finding, ...]
    unknowns: tuple[Unknown, ...]
    devices: tuple[DeviceSummary, ...]
    notes: tuple[str, ...] = ()
    has_paths: bool = True
    summary: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
