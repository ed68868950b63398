"""What a template took from a config: rows of fields, each field with its line. Platforms read these, nothing else."""

import re
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol, overload

from auditor.model.evidence import Evidence
from auditor.model.platform import Canonical

LONGEST = 240  # letters of a line that evidence shows: a whole rule set as JSON may stand in one


@dataclass(frozen=True, slots=True)
class Source:
    """One file as read: its name relative to the inventory folder and its lines (line 1 is ``lines[0]``)."""

    file: str
    lines: Sequence[str]

    def evidence(self, number: int) -> Evidence:
        """The line of that number, counted from 1; of one that is very long, the beginning."""
        text = self.lines[number - 1] if 0 < number <= len(self.lines) else ""
        text = text.strip() if len(text) <= LONGEST else f"{text.strip()[:LONGEST]} ..."
        return Evidence(file=self.file, line=max(number, 1), text=text)


class Row:
    """One record of a template group. A field that was not in the text is None."""

    __slots__ = ("_children", "_fields", "group", "number", "source")

    def __init__(self, group: str, source: Source, number: int) -> None:
        self.group = group
        self.source = source
        self.number = number
        self._fields: dict[str, tuple[str, int]] = {}
        self._children: dict[str, Many] | None = None

    def __repr__(self) -> str:
        return f"Row({self.group!r}, line {self.number}, { ({k: v[0] for k, v in self._fields.items()})!r})"

    def get(self, name: str) -> str | None:
        """The field's text, None where no line gave it."""
        value = self._fields.get(name)
        return value[0] if value else None

    def __getitem__(self, name: str) -> str:
        """The field's text. Raises KeyError where no line gave it: for fields of the row's own start line."""
        return self._fields[name][0]

    def __contains__(self, name: str) -> bool:
        return name in self._fields

    def line(self, name: str) -> int:
        """The number of the line that gave the field. Raises KeyError where none did."""
        return self._fields[name][1]

    def evidence(self, name: str | None = None) -> Evidence:
        """The line that gave the field; the row's start line without a name or where no line gave it."""
        value = self._fields.get(name) if name else None
        return self.source.evidence(value[1] if value else self.number)

    def rows(self, *groups: str) -> Sequence["Row"]:
        """The child rows of these groups, in the order of their lines."""
        found = [self._children[group] for group in groups if group in self._children] if self._children else []
        if len(found) == 1:
            return found[0]
        return sorted((row for many in found for row in many), key=lambda row: row.number)

    def put(self, name: str, text: str, number: int) -> None:
        """Sets a field; the last line counts. For the engine."""
        self._fields[name] = (text, number)

    def many(self, group: str) -> "Many":
        """The child rows of one group, to be added to. For the engine."""
        if self._children is None:
            self._children = {}
        return self._children.setdefault(group, Many())

    def as_dict(self) -> dict[str, object]:
        """The record as TTP would give it."""
        record: dict[str, object] = {name: text for name, (text, _) in self._fields.items()}
        children = self._children or {}
        record.update({group: [row.as_dict() for row in many] for group, many in children.items()})
        return record


class Many(Sequence[Row]):
    """Rows of one group, in the order of their lines. Those of one-line groups are made anew at each reading."""

    __slots__ = ("_flat", "_order", "_rows")

    def __init__(self) -> None:
        self._rows: list[Row] = []
        self._flat: list[_Flat] = []
        self._order: list[tuple[_Flat | None, int]] | None = None

    def add(self, row: Row) -> None:
        """Adds a row. For the engine."""
        self._rows.append(row)

    def add_flat(self, pattern: "Pattern", indices: Sequence[int], canonical: Canonical, source: Source) -> None:
        """Adds records of one line each, by their places in the canonical text. For the engine."""
        self._flat.append(_Flat(pattern, indices, canonical, source))
        self._order = None

    def extend(self, other: "Many") -> None:
        """Adds the rows of another file behind these."""
        self._rows += other._rows  # noqa: SLF001
        self._flat += other._flat  # noqa: SLF001
        self._order = None

    def __len__(self) -> int:
        return len(self._rows) + sum(len(flat.indices) for flat in self._flat)

    def __iter__(self) -> Iterator[Row]:
        if not self._flat:
            return iter(self._rows)
        if not self._rows and len(self._flat) == 1:
            return iter(self._flat[0])
        return (self._at(*place) for place in self._placed())

    @overload
    def __getitem__(self, at: int) -> Row: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[Row]: ...
    def __getitem__(self, at: int | slice) -> Row | Sequence[Row]:
        if isinstance(at, slice):
            return [self._at(*place) for place in self._placed()[at]]
        return self._rows[at] if not self._flat else self._at(*self._placed()[at])

    def _at(self, flat: "_Flat | None", at: int) -> Row:
        return self._rows[at] if flat is None else flat.row(at)

    def _placed(self) -> "list[tuple[_Flat | None, int]]":
        """Where each row comes from, in the order of files and lines."""
        if self._order is None:
            files: dict[int, int] = {}
            keyed: list[tuple[int, int, _Flat | None, int]] = []
            for at, row in enumerate(self._rows):
                keyed.append((files.setdefault(id(row.source), len(files)), row.number, None, at))
            for flat in self._flat:
                file = files.setdefault(id(flat.source), len(files))
                keyed += [(file, flat.canonical.numbers[index], flat, at) for at, index in enumerate(flat.indices)]
            keyed.sort(key=lambda item: item[:2])
            self._order = [(flat, at) for _, _, flat, at in keyed]
        return self._order


class Pattern(Protocol):
    """What ``Many`` needs of a template's line: see ``auditor.parse.engine.LinePattern``."""

    @property
    def regex(self) -> re.Pattern[str]: ...
    @property
    def fields(self) -> tuple[str, ...]: ...
    @property
    def sets(self) -> tuple[tuple[str, str], ...]: ...
    @property
    def name(self) -> str: ...
    def texts(self, found: re.Match[str] | None) -> tuple[str | None, ...]: ...


class _Flat:
    """The records of a one-line group that one template line took."""

    __slots__ = ("canonical", "indices", "pattern", "source")

    def __init__(self, pattern: Pattern, indices: Sequence[int], canonical: Canonical, source: Source) -> None:
        self.pattern = pattern
        self.indices = array("L", indices)
        self.canonical = canonical
        self.source = source

    def __iter__(self) -> Iterator[Row]:
        return (self.row(at) for at in range(len(self.indices)))

    def row(self, at: int) -> Row:
        """The record at that place."""
        index = self.indices[at]
        number = self.canonical.numbers[index]
        row = Row(self.pattern.name, self.source, number)
        texts = self.pattern.texts(self.pattern.regex.match("\n" + self.canonical.lines[index] + "\n"))
        for name, text in zip(self.pattern.fields, texts, strict=True):
            if text is not None:
                row.put(name, text, number)
        for name, text in self.pattern.sets:
            row.put(name, text, number)
        return row


@dataclass(frozen=True, slots=True)
class Leftover:
    """A line in a block that matters, which no template line took and which is not harmless.

    ``owner`` is the innermost row that was open where it stands, None at the top level.
    """

    source: Source
    number: int
    text: str
    owner: Row | None

    @property
    def evidence(self) -> Evidence:
        return self.source.evidence(self.number)


@dataclass(frozen=True, slots=True)
class Rows:
    """All that the templates took from the files of one device, in the order of files and lines."""

    name: str
    sources: tuple[Source, ...]
    tops: dict[str, Many] = field(default_factory=dict)
    leftovers: tuple[Leftover, ...] = ()
    complete: bool = True
    broken: tuple[Evidence, ...] = ()
    sha256: str = ""
    platform: str = ""
    collected: str | None = None

    def rows(self, *groups: str) -> Sequence[Row]:
        """The top rows of these groups, in the order of their lines (file by file)."""
        found = [self.tops[group] for group in groups if group in self.tops]
        if len(found) == 1:
            return found[0]
        order = {id(source): place for place, source in enumerate(self.sources)}
        rows = (row for many in found for row in many)
        return sorted(rows, key=lambda row: (order[id(row.source)], row.number))

    def first(self, group: str) -> Row | None:
        """The first top row of a group, None if there is none."""
        rows = self.tops.get(group)
        return rows[0] if rows else None

    def last(self, group: str) -> Row | None:
        """The last top row of a group, None if there is none."""
        rows = self.tops.get(group)
        return rows[-1] if rows else None

    @property
    def head(self) -> Evidence:
        """Line 1 of the first file: the evidence of what is absent."""
        return self.sources[0].evidence(1)

    @property
    def line_count(self) -> int:
        return sum(len(source.lines) for source in self.sources)

    def __iter__(self) -> Iterator[str]:
        return iter(self.tops)
