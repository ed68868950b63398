"""Templates made exact: TTP reads and compiles them, and we run its compiled patterns block by block.

Each match keeps the number of its line, a record can't take a line from outside its block, and a line that no pattern
took is known. ``tests/parse`` holds the records equal to those of stock TTP.

What a template may hold is what stock TTP reads and this engine runs: groups (nested to any depth, names ending in
``*``), ``re()`` and the named patterns, ``set()``, ``_start_``, ``_exact_``, and ``vars``. Anything else is refused.
"""

import logging
import os
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import accumulate
from pathlib import Path
from typing import Any

from auditor.errors import TemplateError
from auditor.model.platform import Canonical
from auditor.parse.rows import Many, Row, Source

ALLOWED_FUNCTIONS = frozenset({"set"})
_WILD = (".+", ".*", "(\\S+ {1})+?")  # free texts in TTP's patterns: re(".+"), re(".*"), PHRASE and ORPHRASE


@dataclass(frozen=True, slots=True, eq=False)
class LinePattern:
    """One template line: ``regex`` matches ``\\n`` and the line; ``sets`` are fields that it sets by being there."""

    regex: re.Pattern[str]
    fields: tuple[str, ...]
    sets: tuple[tuple[str, str], ...]
    starts: bool
    group: "Group"
    order: int

    @property
    def name(self) -> str:
        """The name of its group."""
        return self.group.name

    def texts(self, found: "re.Match[str] | None") -> "Texts":
        """The texts of the fields in a match, in their order."""
        if found is None or not self.fields:
            return ()
        if len(self.fields) == 1:
            return (found[self.fields[0]],)
        return tuple(found.group(*self.fields))


@dataclass(slots=True, eq=False)
class Group:
    """One template group with its lines and child groups."""

    name: str
    patterns: list[LinePattern] = field(default_factory=list)
    children: list["Group"] = field(default_factory=list)
    parent: "Group | None" = None

    def all_patterns(self) -> Iterator[LinePattern]:
        """Its own lines, then those of the groups in it, in the order of the template."""
        yield from self.patterns
        for child in self.children:
            yield from child.all_patterns()

    @property
    def flat(self) -> bool:
        """Whether each record is one line: no child groups, nothing but start lines."""
        return not self.children and all(pattern.starts for pattern in self.patterns)

    @property
    def body(self) -> list[LinePattern]:
        """All patterns but its own start lines."""
        return [p for p in self.all_patterns() if not (p.starts and p.group is self)]


@dataclass(frozen=True, slots=True)
class Template:
    """A compiled template: its top groups."""

    file: str
    groups: tuple[Group, ...]


@dataclass(slots=True)
class Matched:
    """What a template took of one file: top rows by group, and what it left in the blocks that it wants.

    ``leftovers`` are (index of the canonical line, innermost open row); ``unwanted`` the indices of top-level lines
    that no group begins with.
    """

    tops: dict[str, Many]
    leftovers: list[tuple[int, Row]]
    unwanted: list[int]


@lru_cache(maxsize=32)
def load(path: Path) -> Template:
    """Compiles a template file. Raises TemplateError with file and reason; TTP itself would end the process with 0."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise TemplateError(f"{path}: the template can't be read: {error}") from None
    return Template(str(path), tuple(_group(g, None, _Counter(), path) for g in _compile(text, path).groups))


class _Counter:
    def __init__(self) -> None:
        self.value = 0

    def next(self) -> int:
        self.value += 1
        return self.value


class _Complaints(logging.Handler):
    """TTP logs what it can't do and goes on with wrong records; each such line is a failure here."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.texts: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.texts.append(record.getMessage())


def _compile(text: str, path: Path) -> Any:
    """The TTP template object. Its function cache is a pickle that TTP loads unchecked: it goes to a private folder."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "fragaudit" / "ttp"
    try:
        cache.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.environ["TTPCACHEFOLDER"] = str(cache)
    except OSError:
        os.environ.pop("TTPCACHEFOLDER", None)
    if not text.strip():
        raise TemplateError(f"{path}: the template is empty: it has no group")
    logger = logging.getLogger("ttp")
    complaints = _Complaints()
    logger.addHandler(complaints)
    propagate, logger.propagate = logger.propagate, False
    try:
        from ttp import ttp

        parser = ttp(log_level="ERROR")
        parser.add_template(text)
        template = parser._templates[0] if parser._templates else None  # noqa: SLF001 (no public way to the patterns)
    except SystemExit:
        raise TemplateError(f"{path}: TTP can't load the template: {_reason(complaints)}") from None
    except Exception as error:  # noqa: BLE001 (TTP raises bare IndexError, KeyError and others for bad templates)
        raise TemplateError(f"{path}: TTP can't load the template: {error or type(error).__name__}") from None
    finally:
        logger.removeHandler(complaints)
        logger.propagate = propagate
    if complaints.texts:
        raise TemplateError(f"{path}: {_reason(complaints)}")
    if template is None or not template.groups:
        raise TemplateError(f"{path}: the template has no group")
    if template.macro_text:
        raise TemplateError(f"{path}: macros are not allowed in templates: they leak between parsers")
    return template


def _reason(complaints: _Complaints) -> str:
    return " ".join("; ".join(complaints.texts).split()) or "a syntax error"


def _group(source: Any, parent: Group | None, counter: _Counter, path: Path) -> Group:
    name = source.path[-1]
    if not name.endswith("*"):
        raise TemplateError(f"{path}: the name of group {name!r} must end in '*' (one or many, always a list)")
    group = Group(name.rstrip("*"), parent=parent)
    for regex in (*source.start_re, *source.re):
        group.patterns.append(_pattern(regex, group, counter, path))
    if source.end_re:
        raise TemplateError(f"{path}: group {name!r}: _end_ is not needed: blocks are cut before matching")
    group.children = [_group(child, group, counter, path) for child in source.children]
    return group


def _pattern(regex: dict[str, Any], group: Group, counter: _Counter, path: Path) -> LinePattern:
    fields: list[str] = []
    sets: list[tuple[str, str]] = []
    compiled: re.Pattern[str] = regex["REGEX"]
    for name, variable in regex["VARIABLES"].items():
        functions = {f["name"] for f in variable.functions}
        if functions - ALLOWED_FUNCTIONS or regex["IS_LINE"]:
            raise TemplateError(f"{path}: {name!r} in group {group.name!r}: only re(), patterns and set() are allowed")
        if name in compiled.groupindex:
            fields.append(name)
        else:
            sets += [(variable.var_name_original, str(f["args"][0])) for f in variable.functions]
    if sum(compiled.pattern.count(wild) for wild in _WILD) > 1:
        raise TemplateError(f"{path}: a line of group {group.name!r} has two free texts: matching would be quadratic")
    order = counter.next()
    fields.sort(key=lambda name: compiled.groupindex[name])
    return LinePattern(compiled, tuple(fields), tuple(sets), regex["ACTION"].startswith("start"), group, order)


def match(template: Template, canonical: Canonical, source: Source) -> Matched:
    """Runs a template over one file. Linear in the text: a pattern looks only at the lines of its own group's blocks.

    Groups of one line each (ACL entries, routes) may have very many records: of these only the kind of each line is
    found here, at the speed of the regex engine; their rows are made when somebody reads them.
    """
    lines = canonical.lines
    heads = [i for i, line in enumerate(lines) if line and line[0] != " "]
    ends = dict(zip(heads, [*heads[1:], len(lines)], strict=False))
    flat = [p for g in template.groups if g.flat for p in g.patterns]
    tall = [p for g in template.groups if not g.flat for p in g.patterns if p.starts]
    kinds, rest = _sorted_out(heads, lines, flat)
    matched = Matched({}, [], [])
    for pattern, indices in kinds.items():
        many = matched.tops.setdefault(pattern.group.name, Many())
        many.add_flat(pattern, indices, canonical, source)
        _flat_with_body(pattern, indices, ends, canonical, source, matched)
    hits = _scan(rest, lines, tall)
    bodies: dict[int, tuple[Group, list[tuple[Row, int, int]]]] = {}
    for index in rest:
        if index not in hits:
            matched.unwanted.append(index)
            continue
        pattern, texts = hits[index][0]
        row = _row(pattern, texts, source, canonical.numbers[index])
        matched.tops.setdefault(pattern.group.name, Many()).add(row)
        if index + 1 < ends[index]:
            bodies.setdefault(id(pattern.group), (pattern.group, []))[1].append((row, index + 1, ends[index]))
    for group, wanted in bodies.values():
        _match_bodies(group, wanted, canonical, source, matched)
    matched.leftovers.sort(key=lambda left: left[0])
    return matched


def _flat_with_body(
    pattern: LinePattern,
    indices: Sequence[int],
    ends: dict[int, int],
    canonical: Canonical,
    source: Source,
    matched: Matched,
) -> None:
    """Lines below a record that should have none are left over."""
    for index in indices:
        for below in range(index + 1, ends[index]):
            if canonical.lines[below].strip():
                found = pattern.regex.match("\n" + canonical.lines[index] + "\n")
                owner = _row(pattern, pattern.texts(found), source, canonical.numbers[index])
                matched.leftovers.append((below, owner))


def _sorted_out(
    indices: Sequence[int], lines: Sequence[str], patterns: Sequence[LinePattern]
) -> tuple[dict[LinePattern, list[int]], list[int]]:
    """The lines by the first of these patterns that matches them, and the lines that none does.

    Each pattern goes once over all lines as one text and leaves a sign in place of what it took.
    """
    if not indices or not patterns:
        return {}, list(indices)
    text = "\n" + "\n".join([lines[i] for i in indices]) + "\n"
    signs: dict[str, LinePattern] = {}
    for sign, pattern in zip(_SIGNS, patterns, strict=False):
        signs[sign] = pattern
        text = pattern.regex.sub("\n" + sign, text)
    kinds: dict[LinePattern, list[int]] = {}
    rest: list[int] = []
    for index, left in zip(indices, text[1:-1].split("\n"), strict=True):
        taker = signs.get(left)
        if taker is None:
            rest.append(index)
        else:
            kinds.setdefault(taker, []).append(index)
    return kinds, rest


_SIGNS = [chr(code) for code in (*range(0x01, 0x09), *range(0x0E, 0x20), *range(0x80, 0xA0))]  # never a whole line
Texts = tuple[str | None, ...]


def _scan(
    indices: Sequence[int], lines: Sequence[str], patterns: Sequence[LinePattern]
) -> dict[int, list[tuple[LinePattern, Texts]]]:
    """Which patterns match which of these lines: each pattern goes once over all of them as one text."""
    if not indices or not patterns:
        return {}
    text = "\n" + "\n".join([lines[i] for i in indices]) + "\n"
    offsets = list(accumulate((len(lines[i]) + 1 for i in indices), initial=0))
    hits: dict[int, list[tuple[LinePattern, Texts]]] = {}
    for pattern in patterns:
        for found in pattern.regex.finditer(text):
            place = bisect_right(offsets, found.start()) - 1
            hits.setdefault(indices[place], []).append((pattern, pattern.texts(found)))
    return hits


def _row(pattern: LinePattern, texts: Texts, source: Source, number: int) -> Row:
    row = Row(pattern.group.name, source, number)
    _fill(row, pattern, texts, number)
    return row


def _fill(row: Row, pattern: LinePattern, texts: Texts, number: int) -> None:
    for name, text in zip(pattern.fields, texts, strict=True):
        if text is not None:
            row.put(name, text, number)
    for name, text in pattern.sets:
        row.put(name, text, number)


def _match_bodies(
    group: Group, wanted: list[tuple[Row, int, int]], canonical: Canonical, source: Source, matched: Matched
) -> None:
    lines = canonical.lines
    indices = [i for _, start, end in wanted for i in range(start, end) if lines[i].strip()]
    flat = [p for child in group.children if child.flat for p in child.patterns]
    kinds, rest = _sorted_out(indices, lines, flat)
    owners = _Owners(wanted)
    for pattern, taken in kinds.items():
        for row, share in owners.shares(taken):
            row.many(pattern.group.name).add_flat(pattern, share, canonical, source)
    hits = _scan(rest, lines, [p for p in group.body if p not in flat])
    for row, share in owners.shares(rest):
        _assemble(group, row, share, hits, canonical, source, matched)


class _Owners:
    """The blocks of one kind, to find whose a line is."""

    def __init__(self, wanted: list[tuple[Row, int, int]]) -> None:
        self._starts = [start for _, start, _ in wanted]
        self._wanted = wanted

    def shares(self, indices: Sequence[int]) -> Iterator[tuple[Row, Sequence[int]]]:
        """The lines (in rising order) by the row of their block."""
        at = 0
        while at < len(indices):
            row, _, end = self._wanted[bisect_right(self._starts, indices[at]) - 1]
            until = bisect_left(indices, end, at)
            yield row, indices[at:until]
            at = until


def _assemble(
    group: Group,
    top: Row,
    indices: Sequence[int],
    hits: dict[int, list[tuple[LinePattern, Texts]]],
    canonical: Canonical,
    source: Source,
    matched: Matched,
) -> None:
    """Builds the rows of one block. A start line opens a row below its parent's open row; another line fills the open
    row of its group. A line that is no deeper than a start line closes its row. What belongs nowhere is left over.
    """
    opened: dict[int, Row] = {id(group): top}
    nested: list[tuple[int, Row, Group]] = [(0, top, group)]  # the rows around the present line, by level
    current = group
    for index in indices:
        line = canonical.lines[index]
        level = len(line) - len(line.lstrip(" "))
        while len(nested) > 1 and nested[-1][0] >= level:
            opened.pop(id(nested.pop()[2]), None)
        choice = _choose(hits.get(index, ()), current, opened)
        if choice is None:
            matched.leftovers.append((index, nested[-1][1]))
            continue
        pattern, texts = choice
        number = canonical.numbers[index]
        current = pattern.group
        if pattern.starts:
            row = _row(pattern, texts, source, number)
            opened[id(current.parent)].many(current.name).add(row)
            opened[id(current)] = row
            nested.append((level, row, current))
        else:
            _fill(opened[id(current)], pattern, texts, number)


def _choose(
    hits: Sequence[tuple[LinePattern, Texts]], current: Group, opened: dict[int, Row]
) -> tuple[LinePattern, Texts] | None:
    """TTP's own preference among several template lines: starts before others; then the current group, then its
    children, then any open one; then the order of the template.
    """
    usable = [hit for hit in hits if id(hit[0].group.parent if hit[0].starts else hit[0].group) in opened]
    if len(usable) <= 1:
        return usable[0] if usable else None

    def rank(hit: tuple[LinePattern, Texts]) -> tuple[bool, bool, bool, int]:
        pattern = hit[0]
        return not pattern.starts, pattern.group is not current, pattern.group.parent is not current, pattern.order

    return min(usable, key=rank)
