"""A draft of a paths.yaml: what configs tell of the ends and flows of a network, each entry with its line."""

from dataclasses import dataclass

from auditor.model.evidence import Evidence
from auditor.model.flows import Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftEndpoint:
    """An end: an address (or prefix, or ``internet``), or a device with the interface that it speaks from."""

    name: str
    evidence: tuple[Evidence, ...]
    address: str = ""
    published: str = ""
    device: str = ""
    interface: str = ""
    attach: tuple[str, str] | None = None  # device, interface


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftFlow:
    """A flow between two drafted ends."""

    name: str
    kind: Kind
    sender: str
    receiver: str
    evidence: tuple[Evidence, ...]
    ports: tuple[int, int] | None = None
    auth: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """All that was found, in the order of devices and lines. ``notes`` are sentences on what was left out."""

    endpoints: tuple[DraftEndpoint, ...]
    flows: tuple[DraftFlow, ...]
    notes: tuple[str, ...] = ()
