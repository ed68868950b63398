"""What a Junos config says by way of `groups` and `interface-range`: the statements as they count.

- "Configuration groups ... apply-groups ... [ group-names ]; ... data in a statement's own hierarchy takes precedence;
  the first group listed has priority; lower levels of the hierarchy are nearer" (Juniper, CLI User Guide,
  "Use Configuration Groups to Quickly Configure Devices").
- "Wildcards ... <*> ... matches only statements that are there" (the same guide, "Configure Wildcard Groups").
"""

import re
from collections.abc import Iterable, Iterator
from fnmatch import translate
from functools import lru_cache
from itertools import product
from typing import Any

from auditor.platforms.juniper_junos.statements import Statement, Words

# Leaves that hold one value: the last statement of a config counts, and an own one hides an inherited one.
_SINGLE_WORDS = (
    "mtu host-name description encapsulation vlan-id native-vlan-id speed protocol-mtu df-bit size timeout "
    "fragment-limit fragment-reassembly-timeout threshold screen version preference metric router-id "
    "instance-type domain-name address-book ike-policy external-interface"
)
_SINGLE = frozenset(_SINGLE_WORDS.split())
# Words before a name that someone chose, which may be one of the words above.
_NAMING = (
    ("prefix-list",),
    ("address",),
    ("address-set",),
    ("application-set",),
    ("policy-statement",),
    ("community",),
)
_ENDS = frozenset({"accept", "discard", "reject", "permit", "deny"})
_NODE = "${node}"
_ROUNDS = 8  # groups that apply groups that apply groups


def single(words: Words) -> Words | None:
    """The key of a leaf that holds one value, None for any other."""
    if words[0] == "firewall" and "from" in words:
        return None
    if len(words) > 1 and words[-2] in _SINGLE and words[-3:-2] not in _NAMING:
        return words[:-1]
    if len(words) > 2 and words[-3:-1] in (("tunnel", "source"), ("tunnel", "destination")):
        return words[:-1]
    deepest = 2 if "firewall" in words[:4] else 1  # `then reject TYPE` of a filter; `then permit ...` of a policy adds
    for at in range(len(words) - 1, max(len(words) - 1 - deepest, 0), -1):
        if words[at - 1] == "then" and words[at] in _ENDS:
            return (*words[:at], "*end")
    return None


def counted(found: Iterable[Statement]) -> list[Statement]:
    """The statements without those that a later one replaces, and without repetitions."""
    last: dict[Words, Statement] = {}
    for one in found:
        key = single(one.words) or one.words
        if key in last and key == one.words:
            continue
        last[key] = one
    return list(last.values())


@lru_cache(maxsize=4096)
def _pattern(word: str) -> re.Pattern[str] | None:
    bare = word.strip('"')
    if not (bare.startswith("<") and bare.endswith(">")):
        return None
    return re.compile(translate(bare[1:-1]))


def _fits(pattern: str, word: str) -> bool:
    compiled = _pattern(pattern)
    return pattern == word if compiled is None else bool(compiled.match(word.strip('"')))


class Inheritance:
    """Adds to the statements of a config what its groups give them."""

    def __init__(self, found: list[Statement]) -> None:
        self.groups: dict[str, list[Statement]] = {}
        self.found: list[Statement] = []
        self.marks: list[Statement] = []
        for one in found:
            if one.words[0] == "groups" and len(one.words) > 2:
                self.groups.setdefault(one.words[1], []).append(one)
            elif one.words[0] != "groups":
                self.found.append(one)
        self.found = counted(self.found)
        self.plain = not any(_about_groups(one.words) for one in self.found)
        self.tree: dict[str, Any] = {}
        self.keys: set[Words] = set()
        self.added: set[Words] = set()  # ordered things (terms, policies) that came by groups, with their lists
        if self.plain:
            return
        for one in self.found:
            self._know(one.words)
        own = [pair for one in self.found for pair in _ordered(one.words)]
        self.holders, self.members = {holder for holder, _ in own}, {member for _, member in own}

    def run(self) -> list[Statement]:
        """The statements as they count."""
        if self.plain:
            return self.found
        applied: set[tuple[Words, str]] = set()
        for _ in range(_ROUNDS):
            fresh = [a for a in self._applications() if a[:2] not in applied]
            if not fresh:
                break
            for level, group, line in sorted(fresh, key=lambda a: -len(a[0])):
                applied.add((level, group))
                self._apply(level, group, line)
        for path in sorted(self.added):
            line = next(one.line for one in self.found if one.words[: len(path)] == path)
            self.marks.append(Statement(("fragaudit", "order", *path), line))
        kept = [one for one in self.found if not _about_groups(one.words)]
        return [*kept, *self.marks]

    def _applications(self) -> list[tuple[Words, str, int]]:
        return [
            (one.words[:-2], one.words[-1], one.line)
            for one in self.found
            if len(one.words) > 1 and one.words[-2] == "apply-groups"
        ]

    def _know(self, words: Words) -> None:
        here = self.tree
        for word in words:
            here = here.setdefault(word, {})
        self.keys.add(single(words) or words)

    def _apply(self, level: Words, group: str, line: int) -> None:
        names = [group]
        if group.strip('"') == _NODE:
            names = []
            nodes = [one for name in ("node0", "node1") for one in self.groups.get(name, [])]
            if any(not _of_a_node(one.words[2:]) for one in nodes):
                self.marks.append(Statement(("fragaudit", "unread", "groups", "of", "a", "cluster", "node"), line))
        for name in names:
            if name not in self.groups and not name.startswith("junos-"):
                self.marks.append(Statement(("fragaudit", "unread", "group", name), line))
            excepted = [e.words[:-2] for e in self.found if e.words[-2:] == ("apply-groups-except", name)]
            for one in self.groups.get(name, []):
                self._inherit(one, level, line, excepted)

    def _inherit(self, one: Statement, level: Words, line: int, excepted: list[Words]) -> None:
        pattern = one.words[2:]
        if len(pattern) < len(level) or not all(_fits(p, w) for p, w in zip(pattern, level, strict=False)):
            return
        for path in list(self._paths((*level, *pattern[len(level) :]))):
            if any(path[: len(e)] == e for e in excepted):
                continue
            key = single(path) or path
            if key in self.keys:
                continue
            for holder, member in _ordered(path):
                if holder in self.holders and member not in self.members:
                    self.added.add(holder)
            self.found.append(Statement(path, one.line, (*one.parents, line)))
            self._know(path)

    def _paths(self, pattern: Words) -> Iterator[Words]:
        """The paths that a group's statement stands for: a wildcard matches what is there."""
        wild = [at for at, word in enumerate(pattern) if _pattern(word) is not None]
        if not wild:
            yield pattern
            return
        last = wild[-1]
        rest = pattern[last + 1 :]
        for head in _matches(self.tree, pattern[: last + 1]):
            yield (*head, *rest)


def _matches(tree: dict[str, Any], pattern: Words) -> Iterator[Words]:
    if not pattern:
        yield ()
        return
    first, rest = pattern[0], pattern[1:]
    words = [first] if first in tree and _pattern(first) is None else []
    if _pattern(first) is not None:
        words = [word for word in list(tree) if not word.startswith("apply-") and _fits(first, word)]
    for word in words:
        for tail in _matches(tree[word], rest):
            yield (word, *tail)


def _ordered(words: Words) -> Iterator[tuple[Words, Words]]:
    """The ordered lists (of terms, policies, rules) that a statement is in, with the member."""
    for at, word in enumerate(words[:-1]):
        if at > 1 and word in ("term", "policy", "rule", "input-list", "output-list"):
            yield words[:at], words[: at + 2]


def _about_groups(words: Words) -> bool:
    return len(words) > 1 and words[-2] in ("apply-groups", "apply-groups-except")


def _of_a_node(words: Words) -> bool:
    return words[0] in ("system", "snmp", "chassis") or words[:2] == ("interfaces", "fxp0")


def _members(text: str) -> list[str]:
    """The names that ``ge-0/0/[0-3]`` stands for."""
    pieces: list[list[str]] = []
    at = 0
    for hit in re.finditer(r"\[([\d,\s-]+)\]", text):
        pieces.append([text[at : hit.start()]])
        values: list[str] = []
        for part in hit[1].split(","):
            first, _, last = part.strip().partition("-")
            if first.isdigit() and (last or first).isdigit():
                values += [str(n) for n in range(int(first), min(int(last or first), int(first) + 512) + 1)]
        pieces.append(values)
        at = hit.end()
    pieces.append([text[at:]])
    return ["".join(words) for words in product(*pieces)]


def _between(first: str, last: str) -> list[str]:
    """The names from ``ge-0/0/0`` to ``ge-0/0/5``, where only one number differs."""
    one, other = re.split(r"(\d+)", first), re.split(r"(\d+)", last)
    differ = [at for at, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]]
    if len(one) != len(other) or len(differ) > 1 or (differ and not one[differ[0]].isdigit()):
        return [first, last]
    if not differ:
        return [first]
    at = differ[0]
    return ["".join((*one[:at], str(n), *one[at + 1 :])) for n in range(int(one[at]), int(other[at]) + 1)][:1024]


def ranges(found: list[Statement]) -> list[Statement]:
    """The statements with those of each ``interface-range`` given to its members."""
    members: dict[str, list[str]] = {}
    bodies: dict[str, list[Statement]] = {}
    kept: list[Statement] = []
    existing = dict.fromkeys(o.words[1] for o in found if o.words[0] == "interfaces" and len(o.words) > 1)
    for one in found:
        if one.words[:2] != ("interfaces", "interface-range") or len(one.words) < 4:
            kept.append(one)
            continue
        name, kind = one.words[2], one.words[3]
        if kind == "member" and len(one.words) > 4:
            text = one.words[4].strip('"')
            for member in _members(text):
                wild = re.compile(translate(member))
                members.setdefault(name, []).extend(
                    [e for e in existing if wild.match(e)] if "*" in member else [member]
                )
        elif kind == "member-range" and len(one.words) > 6:
            members.setdefault(name, []).extend(_between(one.words[4], one.words[6]))
        else:
            bodies.setdefault(name, []).append(one)
    own = {single(one.words) or one.words for one in kept}
    for name, body in bodies.items():
        for member in members.get(name, []):
            for one in body:
                words = ("interfaces", member, *one.words[3:])
                if (single(words) or words) not in own:
                    own.add(single(words) or words)
                    kept.append(Statement(words, one.line, one.parents))
    return kept
