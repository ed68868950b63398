"""Access lists: gathered from all their forms, parsed when they are first looked at.

How entries treat packets without ports is Cisco's own text: document 8014, "Access Control Lists and IP Fragments", and
the IOS IP Configuration Guide, "Specifying IP Extended Access Lists with Fragment Control": an entry with layer-4
information that permits also permits non-initial fragments that match its layer-3 information; one that denies is not
applied to them.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from auditor.model.addresses import Family, IntervalSet
from auditor.model.device import NotUnderstood
from auditor.model.evidence import Basis, Evidence, Fact
from auditor.model.filters import DROP, PERMIT, Action, Field, FieldTest, Filter, Headerless, LazyRules, Rule, Verb
from auditor.parse.rows import Leftover, Row, Source
from auditor.platforms.cisco_ios.config import Config
from auditor.platforms.cisco_ios.entries import extended, standard, unread
from auditor.platforms.cisco_ios.groups import Groups
from auditor.platforms.cisco_ios.tables import ICMPV6

SOURCE4 = 'Cisco document 8014, "Access Control Lists and IP Fragments"'
SOURCE6 = "no text of Cisco says how an IPv6 entry that names ports treats a non-initial fragment"
HEADERLESS: dict[int, Fact[Headerless]] = {
    4: Fact(value=Headerless.PERMIT_BY_ADDRESS_SKIP_DENY, basis=Basis.READ, source=SOURCE4),
    6: Fact(
        value=Headerless.PERMIT_BY_ADDRESS_SKIP_DENY,
        basis=Basis.ASSUMED,
        others=(Headerless.NEVER_MATCHES, Headerless.MATCH_BY_ADDRESS),
        source=SOURCE6,
    ),
}
CUT = "the config may end inside this list"
FIRST_NUMBER, STEP = 10, 10  # "IP Access List Entry Sequence Numbering": 10, then by 10
_STANDARD_NUMBERS = (range(1, 100), range(1300, 2000))
_EXTENDED_NUMBERS = (range(100, 200), range(2000, 2700))
# Every IPv6 list ends with permits for neighbour discovery before its deny (Cisco IOS, "deny (IPv6)", usage
# guidelines).
_ND_TYPES = IntervalSet.of((135, 136))


@dataclass(slots=True)
class Line:
    """One line of a list: an entry, or one that removes an entry, or one that was not understood (no ``action``)."""

    source: Source
    number: int
    kind: str
    action: str
    text: str
    sequence: int | None
    again: bool = False  # an entry of the same number stands before it

    @property
    def evidence(self) -> Evidence:
        return self.source.evidence(self.number)


@dataclass(slots=True)
class AccessList:
    """One list. ``blocks`` are its blocks with what the template left of them, ``loose`` its lines outside of any."""

    name: str
    family: Family
    head: Row
    blocks: list[tuple[Row, str, Sequence[Leftover]]] = field(default_factory=list)
    loose: list[Line] = field(default_factory=list)
    cut: Evidence | None = None  # the block in which the config may end: entries may be missing behind the last one

    def lines(self) -> Iterator[Line]:
        """All lines in the order of the file, made anew at each reading."""
        if not self.blocks:
            yield from self.loose
            return
        found = [line for block in self.blocks for line in _of_block(*block)]
        if self.loose:
            found = sorted([*found, *self.loose], key=lambda line: line.number)
        yield from found

    @property
    def empty(self) -> bool:
        return not any(line.action not in ("no", "remark") for line in self._some())

    def _some(self) -> Iterator[Line]:
        """The lines one by one, so that a look at the first does not read all."""
        yield from self.loose
        for block in self.blocks:
            yield from _of_block(*block)

    @property
    def asks_for_fragments(self) -> bool:
        """Whether some entry has the keyword ``fragments``."""
        return any("fragments" in line.text for line in self._some())


class AccessLists:
    """All lists of a config, by family and name."""

    def __init__(self, config: Config, groups: Groups) -> None:
        self._groups = groups
        self.all: dict[tuple[Family, str], AccessList] = {}
        self.not_understood: list[NotUnderstood] = []
        rows = config.rows
        for row in rows.rows("extended_lists", "standard_lists", "list_lines", "removed_lists", "ipv6_lists"):
            self._take(config, row)
        self.filters: Mapping[tuple[Family, str], Filter] = {
            key: self._filter(access_list) for key, access_list in self.all.items()
        }

    def find(self, family: Family, name: str) -> Filter | None:
        """A list as a filter, None where the config does not hold it."""
        return self.filters.get((family, name))

    def _take(self, config: Config, row: Row) -> None:
        if row.group == "removed_lists":
            name = row.get("name6") or row["name"]
            self.all.pop((6 if "name6" in row else 4, name), None)
            return
        family: Family = 6 if row.group == "ipv6_lists" else 4
        name = row["name"]
        kind = _kind(row)
        if kind is None or (row.group == "extended_lists" and name in _RESERVED):
            return
        access_list = self.all.setdefault((family, name), AccessList(name, family, row))
        if row.group == "list_lines":
            access_list.loose.append(Line(row.source, row.number, kind, row["action"], row["text"], None))
            if not config.whole(row):
                access_list.cut = row.evidence()
            return
        left = config.left_in(row)
        access_list.blocks.append((row, kind, left))
        self.not_understood += [_not_understood(one.evidence, family, name) for one in left]
        if not config.whole(row):
            access_list.cut = row.evidence()
            self.not_understood.append(NotUnderstood(evidence=row.evidence(), place=name, family=family, reason=CUT))

    def _filter(self, access_list: AccessList) -> Filter:
        family = access_list.family
        return Filter(
            name=self.key(family, access_list.name),
            rules=LazyRules(lambda: self._rules(access_list)),
            otherwise=DROP if access_list.cut is None else Action(verb=Verb.DOUBT, words=CUT, transforms=False),
            evidence=access_list.head.evidence(),
            headerless=HEADERLESS[family],
            missing=access_list.empty,
            kind="access list" if family == 4 else "IPv6 access list",
        )

    def key(self, family: Family, name: str) -> str:
        """The name of a list among all filters of a device: IPv4 and IPv6 have one name space, in theory."""
        return f"{name} (IPv6)" if family == 6 and (4, name) in self.all else name

    def _rules(self, access_list: AccessList) -> Sequence[Rule]:
        rules: list[Rule] = []
        for line in _by_sequence(access_list.lines()):
            rules += self._of_line(line, access_list.family)
        if access_list.family == 6:
            rules.append(_discovery(access_list.head.evidence()))
        return rules

    def _of_line(self, line: Line, family: Family) -> tuple[Rule, ...]:
        if not line.action:
            return unread(line.evidence, family, "the line is not understood")
        if line.kind == "standard" and line.action in ("permit", "deny"):
            rules = standard(line.action, line.text, line.evidence, line.sequence)
        else:
            rules = extended(line.action, line.text, line.evidence, line.sequence, family, self._groups)
        if not line.again:
            return rules
        why = "an entry of the same number stands before it"
        return tuple(replace(rule, uncertain=rule.uncertain or why) for rule in rules)


_RESERVED = frozenset({"persistent", "match-local-traffic", "log-update", "logging", "resequence", "helper"})


def _discovery(evidence: Evidence) -> Rule:
    return Rule(
        action=PERMIT,
        evidence=evidence,
        family=6,
        protocol=IntervalSet.single(ICMPV6),
        tests=(FieldTest(field=Field.ICMP_TYPE, values=_ND_TYPES),),
    )


def _kind(row: Row) -> str | None:
    """How a list's entries are written; None for a numbered list that is not one of IP."""
    if row.group == "list_lines":
        number = int(row["name"])
        if any(number in numbers for numbers in _STANDARD_NUMBERS):
            return "standard"
        return "extended" if any(number in numbers for numbers in _EXTENDED_NUMBERS) else None
    return "standard" if row.group == "standard_lists" else "extended"


def _of_block(row: Row, kind: str, left: Sequence[Leftover]) -> Iterator[Line]:
    """The lines of one block in the order of the file."""
    removed = row.rows("removed_entries")
    if not left and not removed:
        yield from (_line(entry, kind) for entry in row.rows("entries"))
        return
    lines = [_line(entry, kind) for entry in (*row.rows("entries"), *removed)]
    lines += [Line(one.source, one.number, kind, "", one.text.strip(), None) for one in left]
    yield from sorted(lines, key=lambda line: line.number)


def _line(entry: Row, kind: str) -> Line:
    if entry.group == "removed_entries":
        return Line(entry.source, entry.number, kind, "no", entry["text"], None)
    text, sequence = entry["text"], entry.get("sequence")
    if sequence is None and " sequence " in text:  # IPv6: the number may stand at the end
        sequence = next(iter(text.rpartition(" sequence ")[2].split()), "")
    number = int(sequence) if sequence and sequence.isdigit() else None
    return Line(entry.source, entry.number, kind, entry["action"], text, number)


def _by_sequence(lines: Iterable[Line]) -> list[Line]:
    """The entries as the device meets them: by sequence number; without one an entry goes to the end, ten further on.

    ``no N`` removes the entry of that number, ``no permit ...`` the one of that text. Of two entries with one number
    the device refuses the second ("Duplicate sequence number"): it stays, as one that may count or not.
    """
    numbered: list[Line] = []
    taken: set[int] = set()
    last = FIRST_NUMBER - STEP
    for line in lines:
        if line.action == "remark":
            continue
        if line.action == "no":
            numbered = _without(numbered, line.text)
            taken = {one.sequence for one in numbered if one.sequence is not None}
            continue
        sequence = line.sequence if line.sequence is not None else last + STEP
        line.sequence, line.again = sequence, sequence in taken
        numbered.append(line)
        taken.add(sequence)
        last = max(last, sequence)
    return sorted(numbered, key=lambda line: line.sequence or 0)


def _without(lines: list[Line], text: str) -> list[Line]:
    """The entries but for the one that a ``no`` line names, by its number or by its text."""
    words = text.split()
    if words[0] == "sequence":
        words = words[1:]
    if words and words[0].isdigit():
        return [line for line in lines if line.sequence != int(words[0])]
    return [line for line in lines if [line.action, *line.text.split()] != words]


def _not_understood(evidence: Evidence, family: Family, name: str) -> NotUnderstood:
    return NotUnderstood(evidence=evidence, place=name, family=family, reason="a line of the list is not understood")
