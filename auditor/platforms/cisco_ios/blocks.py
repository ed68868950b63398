"""Interface blocks: one interface may be opened several times, and what is said later counts."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from auditor.model.evidence import Evidence
from auditor.parse.rows import Leftover, Row
from auditor.platforms.cisco_ios.config import Config
from auditor.platforms.cisco_ios.names import Names, full_name, parent_of, parts


@dataclass(frozen=True, slots=True)
class Block:
    """All blocks of one interface."""

    name: str
    parts: tuple[Row, ...]

    @property
    def head(self) -> Row:
        """The first of them."""
        return self.parts[0]

    @property
    def evidence(self) -> Evidence:
        return self.head.evidence()

    def get(self, field: str) -> str | None:
        """A field's text by its last line, None where there is none; "" where a ``no`` line took it away."""
        return next((row[field] for row in reversed(self.parts) if field in row), None)

    def line(self, field: str) -> Evidence:
        """The line that gave the field, else the head line."""
        return next((row.evidence(field) for row in reversed(self.parts) if field in row), self.evidence)

    def row(self, field: str) -> Row:
        """The block that gave the field, else the first."""
        return next((row for row in reversed(self.parts) if field in row), self.head)

    def rows(self, *groups: str) -> list[Row]:
        """The child rows of these groups, in order."""
        return [child for row in self.parts for child in row.rows(*groups)]


class Blocks:
    """The interfaces of a config in the order of their first lines."""

    def __init__(self, config: Config) -> None:
        self.config = config
        found: dict[str, list[Row]] = {}
        spelled: dict[str, str] = {}
        for row in config.rows.rows("interfaces"):
            name = full_name(row["name"])
            found.setdefault(spelled.setdefault(name.lower(), name), []).append(row)
        self._all = {name: Block(name, tuple(rows)) for name, rows in found.items()}
        self.names = Names(self._all)

    def __iter__(self) -> Iterator[Block]:
        return iter(self._all.values())

    def __len__(self) -> int:
        return len(self._all)

    def find(self, text: str) -> Block | None:
        """The interface that a word names, by any abbreviation."""
        name = self.names.find(text)
        return self._all[name] if name else None

    def parent(self, block: Block) -> Block | None:
        """The interface that a sub-interface belongs to, None for any other."""
        name = parent_of(block.name)
        return self._all.get(name) or self.find(name) if name else None

    def enabled(self, block: Block) -> bool:
        """Whether neither it nor its parent is shut down."""
        parent = self.parent(block)
        return block.get("shutdown") != "yes" and (parent is None or parent.get("shutdown") != "yes")

    def leftovers(self, block: Block) -> Sequence[Leftover]:
        """The lines of its blocks that were not understood."""
        return [left for row in block.parts for left in self.config.left_in(row)]

    def carrying(self, vlan: int) -> Iterator[Block]:
        """The switch ports that a VLAN's packets may come in or leave by."""
        for block in self:
            access, mode = block.get("access_vlan"), block.get("switchport_mode")
            if block.get("switchport") == "no" or (access is None and mode is None):
                continue
            if mode == "trunk":
                if _among(block.get("trunk_vlans"), vlan):
                    yield block
            elif int(access or "1") == vlan:
                yield block


def _among(text: str | None, vlan: int) -> bool:
    """Whether a list like ``1,5-9`` holds the VLAN; a trunk without one carries all."""
    if text is None:
        return True
    for piece in text.replace("add", "").replace(" ", "").split(","):
        first, _, last = piece.partition("-")
        if first.isdigit() and int(first) <= vlan <= int(last if last.isdigit() else first):
            return True
    return text.strip() == "all"


def vlan_of(block: Block) -> int | None:
    """The VLAN of a switched virtual interface."""
    word, number = parts(block.name)
    return int(number) if word == "vlan" and number.isdigit() else None
