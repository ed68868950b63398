"""Lists used to choose packets rather than to drop them: by route-maps, class-maps, NAT, crypto maps, inspection.

From a list a filter is made that does something with what the list permits and goes on behind it with the rest. Several
conditions that must all hold are chained: what meets the first goes on to the second, whatever falls out does not
match.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from auditor.model.addresses import Family
from auditor.model.evidence import Basis, Evidence, Fact
from auditor.model.filters import PERMIT, RETURN, Action, Box, Field, Filter, Headerless, LazyRules, Rule, Verb
from auditor.platforms.cisco_ios.lists import HEADERLESS, AccessLists

FAMILIES: tuple[Family, Family] = (4, 6)
KIND = "the"  # the names of these filters say what they are: "the policy-map X", "the route-map Y"


@dataclass(frozen=True, slots=True)
class Ways:
    """How entries that name ports treat fragments that carry none, where lists choose packets: for the filter as a
    whole, for entries that permit and for those that deny. The three have the same options in the same order.
    """

    filter: Fact[Headerless]
    taking: Fact[Headerless]
    passing: Fact[Headerless]


def _ways(fact: Fact[Headerless]) -> Ways:
    return Ways(fact, _as(fact, Headerless.MATCH_BY_ADDRESS), _as(fact, Headerless.NEVER_MATCHES))


def _as(fact: Fact[Headerless], skip: Headerless) -> Fact[Headerless]:
    """The fact for one kind of entry, whatever verb it has."""

    def way(one: Headerless) -> Headerless:
        return skip if one is Headerless.PERMIT_BY_ADDRESS_SKIP_DENY else one

    return Fact(
        value=way(fact.value), basis=fact.basis, others=tuple(way(one) for one in fact.others), source=fact.source
    )


LISTS: Mapping[int, Ways] = {family: _ways(fact) for family, fact in HEADERLESS.items()}
# Inspection and NAT look at datagrams that virtual reassembly has joined. Where it is off, nobody says what they make
# of a fragment without ports; the documents only say that they cannot gather port information from it (Cisco IOS XE,
# "Virtual Fragmentation Reassembly").
INSPECTION = _ways(
    Fact(
        value=Headerless.NEVER_MATCHES,
        basis=Basis.ASSUMED,
        others=(Headerless.PERMIT_BY_ADDRESS_SKIP_DENY,),
        source="no text of Cisco says what the firewall makes of a non-initial fragment without virtual reassembly",
    )
)
NAT = _ways(
    Fact(
        value=Headerless.NEVER_MATCHES,
        basis=Basis.ASSUMED,
        others=(Headerless.MATCH_BY_ADDRESS,),
        source="no text of Cisco says what NAT makes of a non-initial fragment without virtual reassembly",
    )
)


@dataclass(frozen=True, slots=True)
class Match:
    """One condition: a ready rule, or a list. ``negated`` asks for the contrary; ``uncertain`` says why it may hold or
    not.
    """

    evidence: Evidence
    acl: str | None = None
    rule: Rule | None = None
    negated: bool = False
    uncertain: str = ""


@dataclass(frozen=True, slots=True)
class Chooser:
    """Makes filters for one purpose and one family, and puts them with the others of the device."""

    lists: AccessLists
    made: dict[str, Filter]
    family: Family
    ways: Ways

    def add(
        self,
        name: str,
        rules: Sequence[Rule] | Callable[[], Sequence[Rule]],
        evidence: Evidence,
        otherwise: Action = PERMIT,
        otherwise_evidence: Evidence | None = None,
    ) -> str:
        """A filter of that name; the same name again is the same filter."""
        if name not in self.made:
            self.made[name] = Filter(
                name=name,
                rules=LazyRules(rules) if callable(rules) else tuple(rules),
                otherwise=otherwise,
                evidence=evidence,
                headerless=self.ways.filter,
                otherwise_evidence=otherwise_evidence,
                kind=KIND,
            )
        return name

    def rule(self, action: Action, evidence: Evidence, uncertain: str = "") -> Rule:
        """A rule for everything of the family."""
        return Rule(action=action, evidence=evidence, family=self.family, uncertain=uncertain)

    def matching(self, match: Match, action: Action, name: str) -> str:
        """The filter that does ``action`` to what meets a condition, and lets the rest fall out."""
        rules, evidence = self.rules_for(match, action)
        return self.add(name, rules, evidence)

    def rules_for(self, match: Match, action: Action) -> tuple[Callable[[], Sequence[Rule]], Evidence]:
        """The rules of such a filter, to be made when they are asked for, and the line that they come from."""
        if match.acl is not None:
            return self._of_list(match, match.acl, action)
        rule = match.rule or self.rule(PERMIT, match.evidence)
        uncertain = "; ".join(words for words in (rule.uncertain, match.uncertain) if words)
        taken = replace(rule, action=action, uncertain=uncertain, headerless=self.ways.taking)
        if not match.negated:
            return (lambda: (taken,)), match.evidence
        rest = self.rule(action, match.evidence)
        return (lambda: (replace(taken, action=RETURN), rest)), match.evidence

    def all_of(self, matches: Sequence[Match], action: Action, name: str) -> str:
        """The filter that does ``action`` to what meets every condition: each leads on to the next."""
        for place in range(len(matches) - 1, -1, -1):
            part = name if place == 0 else f"{name} and {place + 1}"
            action = goto(self.matching(matches[place], action, part))
        return action.target

    def _of_list(self, match: Match, acl: str, action: Action) -> tuple[Callable[[], Sequence[Rule]], Evidence]:
        base = self.lists.find(self.family, acl)
        if base is None and any((family, acl) in self.lists.filters for family in FAMILIES):
            return tuple, match.evidence  # a list of the other family: no packet of this one meets it
        if base is None or base.missing:
            why = match.uncertain or f"access list {acl} is not in the config"
            rule = self.rule(action, match.evidence, why)
            return (lambda: (rule,)), match.evidence
        found = base
        return (lambda: list(self._chosen(found, action, match))), base.evidence

    def _chosen(self, base: Filter, action: Action, match: Match) -> Iterator[Rule]:
        """A list's rules: its permits with the action, its denies stepping out of it; negated: the other way round."""
        for rule in base.rules:
            permits = rule.action.verb is Verb.PERMIT
            yield replace(
                rule,
                action=action if permits != match.negated else RETURN,
                uncertain="; ".join(words for words in (rule.uncertain, match.uncertain) if words),
                headerless=self.ways.taking if permits else self.ways.passing,
            )
        if match.negated:
            yield self.rule(action, match.evidence, match.uncertain)


@dataclass(slots=True)
class Filters:
    """All filters of a device but its lists."""

    lists: AccessLists
    made: dict[str, Filter] = field(default_factory=dict)

    def chooser(self, family: Family, ways: Ways | None = None) -> Chooser:
        """What makes filters for one purpose."""
        return Chooser(self.lists, self.made, family, ways or LISTS[family])


def jump(target: str, evidence: Evidence) -> Rule:
    """A rule that runs another filter and comes back."""
    return Rule(action=Action(verb=Verb.JUMP, target=target), evidence=evidence)


def goto(target: str) -> Action:
    """Runs another filter and does not come back to the rules behind."""
    return Action(verb=Verb.GOTO, target=target)


def mirrored(rule: Rule) -> Rule:
    """The rule for the packets of the other direction: its ends exchanged."""
    boxes = tuple(
        Box(
            sources=box.destinations,
            destinations=box.sources,
            source_ports=box.destination_ports,
            destination_ports=box.source_ports,
        )
        for box in rule.boxes
    )
    return replace(rule, boxes=boxes)


def asks_for_fragments(rule: Rule) -> bool:
    """Whether a rule looks at the fragment fields."""
    return any(test.field in (Field.FRAGMENT_WORD, Field.FRAGMENT_OFFSET) for test in rule.tests)
