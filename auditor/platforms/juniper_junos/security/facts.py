"""What every part of the SRX needs to know of the config: its tree, its interfaces, and what absence proves."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from auditor.model.device import Interface
from auditor.model.evidence import Basis, Evidence, Fact
from auditor.platforms.juniper_junos.security.tree import Node

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Config:
    """``zones`` is the zone of each interface by the interface's name; what is in none is in zone ``null``."""

    root: Node
    head: Evidence
    complete: bool
    interfaces: tuple[Interface, ...]
    zones: Mapping[str, str]

    @property
    def security(self) -> Node:
        return self.root.below.get("security") or Node(self.head)

    def default(self, value: T, *others: T, source: str, evidence: Evidence | None = None) -> Fact[T]:
        """A documented default: proved by absence in a whole config."""
        lines = (evidence or self.head,)
        if self.complete:
            return Fact(value=value, basis=Basis.ABSENT, evidence=lines, source=source)
        return Fact(value=value, basis=Basis.DEFAULT, evidence=lines, others=others, source=source)

    def members(self, zone: str) -> tuple[str, ...]:
        """The names of a zone's interfaces."""
        return tuple(name for name, own in self.zones.items() if own == zone)

    def interface(self, name: str) -> Interface | None:
        """The interface of that name; without a unit its unit 0 is meant."""
        for text in (name, f"{name}.0"):
            for one in self.interfaces:
                if text == one.name or text in one.resolves_by:
                    return one
        return None


def read(value: T, evidence: Evidence) -> Fact[T]:
    """A fact that a line states."""
    return Fact(value=value, basis=Basis.READ, evidence=(evidence,))
