"""Rules: what a finding is called, why it matters, how it is found. One rule stands in one file of ``judge/rules``."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from auditor.model.device import Device
from auditor.model.evidence import Evidence
from auditor.model.findings import Finding, FlowVerdict, Severity
from auditor.model.trace import Loss


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """What one device does by itself to a large datagram of a port that its small ones get through: a loss, with the
    interfaces that the packets would come in and leave by.
    """

    device: str
    ingress: str | None
    egress: str | None
    port: int
    family: int
    loss: Loss


@dataclass(frozen=True, slots=True, kw_only=True)
class Unlike:
    """Two interfaces on one subnet whose MTUs differ, bytes of IP packet."""

    family: int
    subnet: str
    devices: tuple[tuple[str, str, int], ...]  # device, interface, MTU
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """All that rules look at. ``flows`` is empty without a paths.yaml; ``examined`` is what devices do by themselves;
    ``too_large`` are lists that could not be examined without a flow.
    """

    flows: tuple[FlowVerdict, ...]
    devices: Mapping[str, Device]
    examined: tuple[Examined, ...] = ()
    unlike: tuple[Unlike, ...] = ()
    too_large: tuple[tuple[str, Evidence], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A rule. ``summary`` is one line; ``cure`` says what to do, in words; ``page`` is the file's docstring."""

    name: str
    summary: str
    cure: str
    severity: Severity
    find: Callable[[Case], Iterable[Finding]]
    page: str
