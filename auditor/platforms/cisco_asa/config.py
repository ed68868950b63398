"""One ASA config as the mappers look at it: its rows, its interfaces by nameif, and facts about what is absent."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

from auditor.model.evidence import Basis, Evidence, Fact
from auditor.parse.rows import Leftover, Row, Rows

T = TypeVar("T")
SEPARATE_MANAGEMENT = (9, 5)  # ASA 9.5(1) release notes: a routing table of its own for management-only interfaces
MANAGEMENT = "management-only"


@dataclass(frozen=True, slots=True)
class Block:
    """All blocks of one interface."""

    name: str
    parts: tuple[Row, ...]

    @property
    def evidence(self) -> Evidence:
        return self.parts[0].evidence()

    def get(self, field: str) -> str | None:
        """A field's text by its last line, None where there is none; "" where a ``no`` line took it away."""
        return next((row[field] for row in reversed(self.parts) if field in row), None)

    def line(self, field: str) -> Evidence:
        """The line that gave the field, else the head line."""
        return next((row.evidence(field) for row in reversed(self.parts) if field in row), self.evidence)

    def rows(self, *groups: str) -> list[Row]:
        """The child rows of these groups, in order."""
        return [child for row in self.parts for child in row.rows(*groups)]

    @property
    def nameif(self) -> str:
        return self.get("nameif") or ""

    @property
    def level(self) -> int:
        """Its security level; without a line ``inside`` has 100 and any other name 0 (ASA configuration guide,
        "Security Levels").
        """
        text = self.get("level")
        return int(text) if text else 100 if self.nameif == "inside" else 0


@dataclass(frozen=True)
class Config:
    """A config with what its lines say of the device as a whole."""

    rows: Rows

    @property
    def complete(self) -> bool:
        return self.rows.complete

    @cached_property
    def blocks(self) -> tuple[Block, ...]:
        """The interfaces in the order of their first lines."""
        found: dict[str, list[Row]] = {}
        for row in self.rows.rows("interfaces"):
            found.setdefault(row["name"].replace(" ", ""), []).append(row)
        return tuple(Block(name, tuple(rows)) for name, rows in found.items())

    @cached_property
    def by_nameif(self) -> dict[str, Block]:
        """The interfaces that have a name, by it."""
        return {block.nameif: block for block in self.blocks if block.nameif}

    @cached_property
    def globals(self) -> dict[str, tuple[str, Evidence]]:
        """The fields of top-level lines that have no block; the last line counts."""
        found: dict[str, tuple[str, Evidence]] = {}
        for row in self.rows.rows("globals"):
            for name in row.as_dict():
                text = row.get(name)
                if text is not None:
                    found[name] = (text, row.evidence())
        return found

    def text(self, name: str) -> str | None:
        """A global field's text, None where no line gives it."""
        found = self.globals.get(name)
        return found[0] if found else None

    def line(self, name: str) -> tuple[Evidence, ...]:
        """The line of a global field, none where there is none."""
        found = self.globals.get(name)
        return (found[1],) if found else ()

    def fields(self, name: str) -> Iterator[tuple[str, Row]]:
        """Every line that gives a global field."""
        for row in self.rows.rows("globals"):
            text = row.get(name)
            if text is not None:
                yield text, row

    @cached_property
    def version(self) -> tuple[int, int] | None:
        """The release, None where no line tells it."""
        found = re.match(r"(\d+)\.(\d+)", self.text("version") or "")
        return (int(found[1]), int(found[2])) if found else None

    def vrf(self, block: Block) -> str:
        """The routing table of an interface."""
        separate = self.version is None or self.version >= SEPARATE_MANAGEMENT
        return MANAGEMENT if block.get("management") and separate else "default"

    def default(self, value: T, *others: T, source: str, evidence: Evidence | None = None) -> Fact[T]:
        """A documented default: proved absent where the config is whole, else ``default``."""
        shown = (evidence or self.rows.head,)
        if self.complete:
            return Fact(value=value, basis=Basis.ABSENT, evidence=shown, source=source)
        return Fact(value=value, basis=Basis.DEFAULT, evidence=shown, others=others, source=source)

    @cached_property
    def leftovers(self) -> dict[tuple[str, int], list[Leftover]]:
        """What the template left, by the block that holds it."""
        found: dict[tuple[str, int], list[Leftover]] = {}
        for left in self.rows.leftovers:
            if left.owner is not None:
                found.setdefault((left.source.file, left.owner.number), []).append(left)
        return found

    def left_in(self, block: Block) -> list[Leftover]:
        """What the template left of an interface's blocks."""
        return [one for row in block.parts for one in self.leftovers.get((row.source.file, row.number), [])]


def read(value: T, *evidence: Evidence) -> Fact[T]:
    """A fact that a line states."""
    return Fact(value=value, basis=Basis.READ, evidence=evidence)
