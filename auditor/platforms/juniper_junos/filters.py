"""Stateless filters: gathered by family and name, their terms parsed when they are first looked at.

A term that names ports does not match a fragment that holds none: Juniper's "Example: Configuring a Stateless Firewall
Filter to Handle Fragments" gives trailing fragments a term of their own, without a port, and operators' filters do the
same. No sentence says so outright. What no term matches is discarded ("Every firewall filter contains an implicit deny
term", "How Standard Firewall Filters Evaluate Packets").
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from fnmatch import translate

from auditor.model.addresses import Family
from auditor.model.device import NotUnderstood
from auditor.model.evidence import Basis, Evidence, Fact
from auditor.model.filters import DROP, Filter, Headerless, LazyRules, Rule
from auditor.platforms.juniper_junos.config import Config, Line
from auditor.platforms.juniper_junos.terms import Term, rules

SOURCE4 = (
    'Juniper, "Example: Configuring a Stateless Firewall Filter to Handle Fragments": trailing fragments have a term '
    "of their own, without a port"
)
SOURCE6 = "no text of Juniper says how an IPv6 term that names ports treats a non-initial fragment"
HEADERLESS: dict[int, Fact[Headerless]] = {
    4: Fact(value=Headerless.NEVER_MATCHES, basis=Basis.INFERRED, source=SOURCE4),
    6: Fact(value=Headerless.NEVER_MATCHES, basis=Basis.ASSUMED, others=(Headerless.MATCH_BY_ADDRESS,), source=SOURCE6),
}
_FAMILIES: dict[str, Family] = {"inet": 4, "inet6": 6}
_OPTIONS = frozenset(
    {"interface-specific", "enhanced-mode", "physical-interface-filter", "accounting-profile", "fast-filter-lookup"}
)
_OTHER_LAYERS = frozenset({"ethernet-switching", "bridge", "vpls", "ccc", "mpls", "evpn"})


@dataclass(slots=True)
class _Gathered:
    """The lines of one filter."""

    head: Evidence
    lines: list[Line] = field(default_factory=list)


class Filters:
    """All stateless filters of a system; ``made`` are those that the device gets."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self._all: dict[tuple[Family, str], _Gathered] = {}
        self._any: set[str] = set()
        self._mixed = {line.text for line in config.of("fragaudit") if line.text.startswith("order ")}
        self.made: dict[str, Filter] = {}
        self.not_understood: list[NotUnderstood] = []
        self._lists: dict[str, list[str]] | None = None
        for line in config.of("firewall"):
            self._take(line)
        for family, name in self._all:
            self.one(family, name)

    def _take(self, line: Line) -> None:
        words = line.text.split(" ", 4)
        family: Family = 4
        if words[0] == "family" and len(words) > 3:
            if words[1] not in _FAMILIES:
                if words[1] == "any" and words[2] == "filter":
                    self._any.add(words[3])
                return
            family, words = _FAMILIES[words[1]], words[2:]
        else:
            words = line.text.split(" ", 2)
        if words[0] != "filter" or len(words) < 2:
            return
        rest = words[2] if len(words) > 2 else ""
        one = self._all.setdefault((family, words[1]), _Gathered(line.evidence))
        if rest:
            one.lines.append(Line(rest, line.source, line.number))

    def key(self, family: Family, name: str) -> str:
        """The name of a filter among all of the device: each family has its names."""
        return f"{name} (inet6)" if family == 6 else name

    def one(self, family: Family, name: str) -> str:
        """The key of a filter, which is made if it isn't there: without entries and missing, if need be."""
        key = self.key(family, name)
        if key not in self.made:
            gathered = self._all.get((family, name))
            self.made[key] = self._filter(key, family, [gathered] if gathered else [], gathered is None, name)
        return key

    def listed(self, family: Family, names: list[str]) -> str:
        """The key of several filters in a row: the implicit discard stands at the end of the last."""
        if len(names) == 1:
            return self.one(family, names[0])
        key = " + ".join(self.key(family, name) for name in names)
        if key not in self.made:
            parts = [self._all[family, name] for name in names if (family, name) in self._all]
            self.made[key] = self._filter(key, family, parts, len(parts) < len(names), names[0])
        return key

    def _filter(self, key: str, family: Family, parts: list[_Gathered], missing: bool, name: str) -> Filter:
        head = parts[0].head if parts else self.config.rows.head
        return Filter(
            name=key,
            rules=LazyRules(lambda: self._rules(family, parts, name)),
            otherwise=DROP,
            evidence=head,
            headerless=HEADERLESS[family],
            missing=missing or not any(part.lines for part in parts),
            kind="firewall filter",
        )

    def _rules(self, family: Family, parts: list[_Gathered], name: str) -> Iterator[Rule]:
        inet = "inet" if family == 4 else "inet6"
        names = (f"order firewall family {inet} filter {name}", f"order firewall filter {name}")
        mixed = any(text in self._mixed for text in names)
        for part in parts:
            for term in _terms(part.lines, family, mixed):
                yield from rules(term, self.prefixes)

    def prefixes(self, name: str) -> list[str] | None:
        """The prefixes of a list, None where the config does not hold it or it can't be told."""
        if self._lists is None:
            self._lists = dict(self._prefix_lists())
        return self._lists.get(name)

    def _prefix_lists(self) -> Iterable[tuple[str, list[str]]]:
        found: dict[str, list[str]] = {}
        for line in self.config.of("policy-options"):
            words = line.words
            if words[:1] != ("prefix-list",) or len(words) < 2:
                continue
            entries = found.setdefault(words[1], [])
            if words[2:3] == ("apply-path",):
                entries += self._on_path(line.text.split("apply-path", 1)[1].strip().strip('"'))
            elif len(words) > 2:
                entries.append(words[2])
        return found.items()

    def _on_path(self, path: str) -> Iterator[str]:
        """``apply-path``: the values at the end of all paths that are like this one."""
        top, *rest = path.split()
        patterns = [
            re.compile(translate(word[1:-1]) if word.startswith("<") else re.escape(word) + r"\Z") for word in rest
        ]
        for line in self.config.of(top):
            words = line.words
            if len(words) >= len(patterns) and all(p.match(w) for p, w in zip(patterns, words, strict=False)):
                yield words[len(patterns) - 1]


def _terms(lines: list[Line], family: Family, mixed: bool) -> Iterator[Term]:
    """The terms in their order; lines of the filter itself that are no option come as a term of their own."""
    terms: dict[str, Term] = {}
    for line in lines:
        head, _, rest = line.text.partition(" ")
        if head == "term":
            name, _, rest = rest.partition(" ")
            term = terms.setdefault(name, Term(name, family, mixed=mixed))
            term.lines.append(Line(rest, line.source, line.number))
        elif head not in _OPTIONS:
            term = terms.setdefault("", Term("", family))
            term.lines.append(line)
    return iter(terms.values())
