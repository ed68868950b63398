"""One config as the mappers of this platform look at it: its rows, whether it is whole, and what kind of device wrote
it.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

from auditor.model.evidence import Basis, Evidence, Fact
from auditor.parse.rows import Leftover, Row, Rows

T = TypeVar("T")

_XE_LINES = ("platform console", "platform qfp", "platform punt-", "! Cisco IOS XE", "!! Cisco IOS XE")
_XE_PRODUCTS = re.compile(r"(?:CSR1000|ISR4|ISR1|ASR1|ASR9\d\dRP3|C8\d|C1[01]\d\d|C9|IR1|ESR6)")
_SWITCH_PORT = re.compile(r"(?:FastEthernet|GigabitEthernet|TenGigabitEthernet|TwoGigabitEthernet|\w+GigE)\d/\d/\d+$")
_LOOKED_AT = 4000  # lines of a file that are searched for what tells the release


@dataclass(frozen=True)
class Config:
    """A config with what its lines say of the device as a whole."""

    rows: Rows

    @property
    def complete(self) -> bool:
        return self.rows.complete

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
    def xe(self) -> bool | None:
        """Whether it is IOS XE; None where that can't be told."""
        version = self.text("version") or ""
        major = int(version.split(".")[0]) if version.split(".")[0].isdigit() else 0
        if major >= 16:
            return True
        if _XE_PRODUCTS.match(self.text("product") or ""):
            return True
        for source in self.rows.sources:
            if any(line.startswith(_XE_LINES) for line in source.lines[:_LOOKED_AT]):
                return True
        return False if 0 < major <= 12 else None

    @cached_property
    def switch(self) -> bool:
        """Whether it looks like a LAN switch, whose defaults for routing and MTU differ from a router's."""
        if self.text("provisioned") is not None:
            return True
        router = self.rows.rows("nat_rules", "zone_pairs", "crypto_maps", "inspection_rules")
        names = [row["name"] for row in self.rows.rows("interfaces")]
        if router or any(name.startswith(("Serial", "Dialer", "Cellular", "ATM", "Tunnel")) for name in names):
            return False
        if re.match(r"(?:CISCO|ISR|C8|CSR|ASR)", self.text("product") or ""):
            return False
        ports = any(row.get("switchport_mode") or row.get("access_vlan") for row in self.rows.rows("interfaces"))
        slots = sum(1 for name in names if _SWITCH_PORT.match(name))
        return bool(ports and (self.text("spanning_tree") or slots >= 8))

    def whole(self, row: Row) -> bool:
        """Whether the block of a row is all there: the config is, or something follows the block and nothing is cut."""
        if self.complete:
            return True
        lines = row.source.lines
        end = row.number
        while end < len(lines) and (not lines[end].strip() or lines[end][:1] in " \t\xa0"):
            end += 1
        cut = any(b.file == row.source.file and row.number <= b.line <= end for b in self.rows.broken)
        flush = any(b.file == row.source.file and b.line == 1 for b in self.rows.broken)
        return end < len(lines) and not cut and not flush

    def default(self, value: T, *others: T, source: str, row: Row | None = None) -> Fact[T]:
        """A documented default: proved absent where the config (with ``row``: the block) is whole, else ``default``."""
        proved = self.complete if row is None else self.whole(row)
        evidence = (row.evidence() if row is not None else self.rows.head,)
        if proved:
            return Fact(value=value, basis=Basis.ABSENT, evidence=evidence, source=source)
        return Fact(value=value, basis=Basis.DEFAULT, evidence=evidence, others=others, source=source)

    @cached_property
    def leftovers(self) -> dict[tuple[int, int], list[Leftover]]:
        """What the template left of each top row's block, by the row's source and line."""
        heads: dict[int, list[int]] = {id(source): [] for source in self.rows.sources}
        if self.rows.leftovers:
            for group in self.rows:
                if group not in _ONE_LINE:
                    for row in self.rows.rows(group):
                        heads[id(row.source)].append(row.number)
        for numbers in heads.values():
            numbers.sort()
        found: dict[tuple[int, int], list[Leftover]] = {}
        for left in self.rows.leftovers:
            if left.owner is None:
                continue
            source = id(left.source)
            number = left.owner.number
            if left.owner.group not in _ONE_LINE:
                number = heads[source][bisect_right(heads[source], left.number) - 1]
            found.setdefault((source, number), []).append(left)
        return found

    def left_in(self, row: Row) -> list[Leftover]:
        """What the template left of a top row's block."""
        return self.leftovers.get((id(row.source), row.number), [])


# Groups whose records are one line each: nothing belongs below them.
_ONE_LINE = frozenset(
    {
        "globals",
        "inspection_rules",
        "list_lines",
        "nat_rules",
        "radius_hosts",
        "removed_lists",
        "routers",
        "routes4",
        "routes6",
        "vlan_filters",
        "zones",
    }
)


def read(value: T, *evidence: Evidence) -> Fact[T]:
    """A fact that a line states."""
    return Fact(value=value, basis=Basis.READ, evidence=evidence)
