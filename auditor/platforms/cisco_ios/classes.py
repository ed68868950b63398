"""Class-maps: which packets a policy-map does something with."""

from collections.abc import Sequence
from dataclasses import replace

from auditor.model.addresses import Family, IntervalSet
from auditor.model.evidence import Evidence
from auditor.model.filters import PERMIT, Action, Box, Field, FieldTest, InterfaceTest, Rule
from auditor.parse.rows import Row
from auditor.platforms.cisco_ios.config import Config
from auditor.platforms.cisco_ios.lists import AccessLists
from auditor.platforms.cisco_ios.matching import FAMILIES, INSPECTION, Chooser, Match, goto, jump
from auditor.platforms.cisco_ios.names import Names
from auditor.platforms.cisco_ios.tables import (
    APPLICATIONS,
    ICMP,
    ICMPV6,
    PROTOCOLS4,
    SOME_OF,
    TCP,
    TCP_APPLICATIONS,
    UDP,
    ports_of,
)

DEEPEST = 16  # class-maps in class-maps
DEFAULT_CLASS = "class-default"
Ported = tuple[int, IntervalSet | None]  # a protocol with its ports, None for any


class Classes:
    """The class-maps of a config, to be met by filters that do something with what they match."""

    def __init__(self, config: Config, names: Names, lists: AccessLists) -> None:
        self._config = config
        self._lists = lists
        self._names = names
        self._rows: dict[tuple[bool, str], list[Row]] = {}  # by whether it is of type inspect, and name
        for row in config.rows.rows("class_maps"):
            name = row.get("inspect_name") or row.get("name")
            if name is not None:
                self._rows.setdefault(("inspect_name" in row, name), []).append(row)
        self._mapped = _port_maps(config)

    def choosing(
        self, chooser: Chooser, name: str, action: Action, part: str, used: Evidence, depth: int = 0
    ) -> list[Rule]:
        """The rules that do ``action`` to what a class matches."""
        rows = self._find(name, inspect=chooser.ways is INSPECTION)
        if name == DEFAULT_CLASS:
            return [chooser.rule(action, used)]
        if not rows or depth > DEEPEST:
            why = f"class-map {name} is not in the config" if not rows else f"class-map {name} holds itself"
            return [chooser.rule(action, used, why)]
        matches = [(line["text"], line.evidence()) for row in rows for line in row.rows("matches")]
        matches += [(left.text.strip(), left.evidence) for row in rows for left in self._config.left_in(row)]
        if not matches:
            return []  # a class without conditions matches nothing
        if rows[-1].get("kind") == "match-any":
            return [
                rule
                for number, (text, evidence) in enumerate(matches, 1)
                for rule in self._one(chooser, text, evidence, action, f"{part} match {number}", depth)
            ]
        return self._all(chooser, matches, action, part, depth)  # a class-map that does not say matches all

    def _find(self, name: str, *, inspect: bool) -> list[Row]:
        """The blocks of a class-map: of the policy's own type, else of the other one."""
        return self._rows.get((inspect, name)) or self._rows.get((not inspect, name)) or []

    def asks_for_fragments(self, name: str, depth: int = 0) -> bool:
        """Whether a class is made for fragments: some list of it has entries with that keyword."""
        for row in self._find(name, inspect=False) if depth <= DEEPEST else ():
            for line in row.rows("matches"):
                words = line["text"].split()
                if words[0] == "class-map" and self.asks_for_fragments(words[-1], depth + 1):
                    return True
                lists = [self._lists.all.get((family, words[-1])) for family in FAMILIES]
                if words[0] == "access-group" and any(one is not None and one.asks_for_fragments for one in lists):
                    return True
        return False

    def _all(
        self, chooser: Chooser, matches: Sequence[tuple[str, Evidence]], action: Action, part: str, depth: int
    ) -> list[Rule]:
        """Every line must hold: from the last to the first, each leads on to the one behind it."""
        for number in range(len(matches), 0, -1):
            text, evidence = matches[number - 1]
            name = f"{part} match {number}"
            rules = self._one(chooser, text, evidence, action, f"{name} list", depth)
            action = goto(chooser.add(name, rules, evidence))
        return [jump(action.target, matches[0][1])]

    def _one(
        self, chooser: Chooser, text: str, evidence: Evidence, action: Action, name: str, depth: int
    ) -> list[Rule]:
        """The rules of one match line."""
        words = text.split()
        negated = words[0] == "not"
        words = words[1:] if negated else words
        if words[:1] == ["class-map"] and len(words) == 2 and not negated:
            return self.choosing(chooser, words[1], action, name, evidence, depth + 1)
        if words[:1] == ["access-group"] and len(words) > 1:
            match = Match(evidence=evidence, acl=words[-1], negated=negated)
            return [jump(chooser.matching(match, action, name), evidence)]
        found = self._rules(words, evidence, chooser.family)
        if not negated:
            return [replace(rule, action=action, headerless=chooser.ways.taking) for rule in found]
        if len(found) != 1 or found[0].uncertain:
            return [chooser.rule(action, evidence, f"match {text} can't be followed")]
        match = Match(evidence=evidence, rule=found[0], negated=True)
        return [jump(chooser.matching(match, action, name), evidence)]

    def _rules(self, words: Sequence[str], evidence: Evidence, family: Family) -> list[Rule]:
        """A match that needs no list: a protocol, an interface, a length. Several rules are alternatives."""
        everything = Rule(action=PERMIT, evidence=evidence, family=family)
        if list(words) == ["any"]:
            return [everything]
        if words[:1] == ["protocol"] and len(words) > 1:
            return self._protocol(words[1:], everything, family)
        if words[:1] == ["input-interface"] and len(words) == 2:
            name = self._names.find(words[1]) or words[1]
            return [replace(everything, ingress=InterfaceTest(names=(name,)))]
        length = _length(words[2:]) if words[:2] == ["packet", "length"] else None
        if length is not None:
            return [replace(everything, tests=(FieldTest(field=Field.LENGTH, values=length),))]
        return [replace(everything, uncertain=f"match {' '.join(words)} can't be followed")]

    def _protocol(self, words: Sequence[str], everything: Rule, family: Family) -> list[Rule]:
        """A protocol by name: a transport, or an application by its ports."""
        name = words[0]
        if name in ("ip", "ipv6") and len(words) == 1:
            return [everything] if (name == "ip") == (family == 4) else []
        pairs = [*(application(name, family) or ()), *self._mapped.get(name, ())]
        if name in SOME_OF:
            protocol, numbers = SOME_OF[name]
            some = ported(everything, protocol, IntervalSet.of(*((port, port) for port in numbers)))
            unsure = replace(some, uncertain=f"which ports the protocol {name} has can't be told from the config")
            return [*(ported(everything, *pair) for pair in pairs), unsure]
        if not pairs:
            return [replace(everything, uncertain=f"what the protocol {name} is can't be told from the config")]
        why = "" if len(words) == 1 else f"match protocol {' '.join(words)} can't be followed"
        return [replace(ported(everything, *pair), uncertain=why) for pair in pairs]


def ported(rule: Rule, protocol: int, ports: IntervalSet | None) -> Rule:
    """The rule for a protocol and its destination ports."""
    if ports is None:
        return replace(rule, protocol=IntervalSet.single(protocol))
    return replace(rule, protocol=IntervalSet.single(protocol), boxes=(Box(destination_ports=ports),))


def application(name: str, family: Family) -> list[Ported] | None:
    """What a name that the firewall or NBAR knows stands for; None where that is not known."""
    if name == "udp":
        return [(UDP, None)]
    if name == "tcp" or name in TCP_APPLICATIONS:
        return [(TCP, None)]
    if name in ("icmp", "icmpv6"):
        return [(ICMP if family == 4 else ICMPV6, None)]
    if name in APPLICATIONS:
        protocol, ports = APPLICATIONS[name]
        return [(protocol, IntervalSet.of(*((port, port) for port in ports)))]
    if name in ("gre", "esp", "ahp", "ah", "eigrp", "ospf", "igmp", "pim", "ipinip"):
        return [(PROTOCOLS4[name], None)]
    return None


def _port_maps(config: Config) -> dict[str, list[Ported]]:
    """What ``ip port-map NAME port [tcp|udp] N`` adds to a name."""
    found: dict[str, list[Ported]] = {}
    for text, row in config.fields("mapping"):
        words = text.split()
        protocols = [TCP] if words[:1] == ["tcp"] else [UDP] if words[:1] == ["udp"] else [TCP, UDP]
        words = words[1:] if words[:1] in (["tcp"], ["udp"]) else words
        if words[:1] == ["from"] and len(words) >= 4 and words[1].isdigit() and words[3].isdigit():
            ports: IntervalSet | None = IntervalSet.of((int(words[1]), int(words[3])))
        else:
            listed = tuple(word for word in words if word.isdigit())
            ports = ports_of(listed, {}) if listed else None
        found.setdefault(row["mapped"], []).extend((protocol, ports) for protocol in protocols)
    return found


def _length(words: Sequence[str]) -> IntervalSet | None:
    """``min A max B`` of ``match packet length``."""
    values = {words[i]: words[i + 1] for i in range(0, len(words) - 1, 2)}
    if not values or set(values) - {"min", "max"} or not all(value.isdigit() for value in values.values()):
        return None
    return IntervalSet.of((int(values.get("min", "0")), int(values.get("max", "65535"))))
