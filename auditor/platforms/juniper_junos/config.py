"""One system's statements by hierarchy, as the mappers of this platform look at them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeVar

from auditor.model.evidence import Basis, Evidence, Fact
from auditor.parse.rows import Rows, Source
from auditor.platforms.juniper_junos.security.statements import words as split
from auditor.platforms.juniper_junos.security.tree import Node, tree

T = TypeVar("T")

_GROUPS = {
    "version": "version",
    "system": "system",
    "chassis": "chassis",
    "access": "access",
    "interfaces": "interfaces",
    "firewall": "firewall",
    "policy_options": "policy-options",
    "forwarding_options": "forwarding-options",
    "services": "services",
    "routing_options": "routing-options",
    "routing_instances": "routing-instances",
    "protocols": "protocols",
    "security": "security",
    "applications": "applications",
    "schedulers": "schedulers",
    "marks": "fragaudit",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One statement below a hierarchy: its text there, and where it stands."""

    text: str
    source: Source
    number: int

    @property
    def words(self) -> tuple[str, ...]:
        return split(self.text) if '"' in self.text else tuple(self.text.split())

    @property
    def evidence(self) -> Evidence:
        return self.source.evidence(self.number)


@dataclass(slots=True)
class Config:
    """The statements of a device, or of one logical system of it."""

    rows: Rows
    name: str
    lines: dict[str, list[Line]] = field(default_factory=dict)
    trees: dict[str, Node] = field(default_factory=dict)

    @property
    def complete(self) -> bool:
        return self.rows.complete

    def of(self, top: str) -> list[Line]:
        """The statements below a hierarchy."""
        return self.lines.get(top, [])

    def tree(self, top: str) -> Node:
        """The same as a tree."""
        if top not in self.trees:
            self.trees[top] = tree(((line.words, line.evidence) for line in self.of(top)), self.rows.head)
        return self.trees[top]

    def default(self, value: T, *others: T, source: str, head: Evidence | None = None) -> Fact[T]:
        """A documented default: proved where the config is whole."""
        evidence = (head or self.rows.head,)
        if self.complete:
            return Fact(value=value, basis=Basis.ABSENT, evidence=evidence, source=source)
        return Fact(value=value, basis=Basis.DEFAULT, evidence=evidence, others=others, source=source)


def read(value: T, *evidence: Evidence) -> Fact[T]:
    """What a line says."""
    return Fact(value=value, basis=Basis.READ, evidence=evidence)


def configs(rows: Rows) -> Iterator[Config]:
    """The main system and each logical system."""
    main = Config(rows, rows.name)
    for group, top in _GROUPS.items():
        for row in rows.rows(group):
            rest = row.get("rest") or row.get("version") or ""
            for name in ("name", "kind"):
                if name in row:
                    rest = f"{row[name]} {rest}"
            main.lines.setdefault(top, []).append(Line(rest, row.source, row.number))
    yield main
    systems: dict[str, Config] = {}
    for row in rows.rows("logical_systems", "tenants"):
        system = systems.setdefault(row["name"], Config(rows, f"{rows.name}/{row['name']}"))
        top, _, rest = row["rest"].partition(" ")
        system.lines.setdefault(top, []).append(Line(rest, row.source, row.number))
    yield from systems.values()
