"""Route-maps that choose packets: policy routing, the DF flag, and which packets NAT translates.

Cisco IOS, "Configuring Policy-Based Routing": a packet goes through the entries in order; an entry that permits and
matches decides; one that denies and matches, or no match at all, leaves the packet to ordinary routing.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import product

from auditor.model.addresses import Family, IntervalSet
from auditor.model.evidence import Evidence
from auditor.model.filters import DROP, PERMIT, Action, Box, Field, FieldTest, InterfaceTest, Rule, Verb
from auditor.parse.rows import Row
from auditor.platforms.cisco_ios.config import Config
from auditor.platforms.cisco_ios.matching import Chooser, Match, goto, jump
from auditor.platforms.cisco_ios.names import Names, looks_like_interface

# What an entry may set without changing where a packet goes or what becomes of it.
_MARKS = ("ip precedence", "ip tos", "ip dscp", "ip qos-group", "precedence", "dscp", "qos-group", "ipv6 precedence")


# A packet for the device itself leaves by no interface, and policy routing does not send it elsewhere.
NOT_FOR_ITSELF = InterfaceTest(names=("",), negated=True)


# A VRF's interfaces, and the destinations to which it has a route that is no default route.
Explicit = Callable[[Family], Iterable[tuple[tuple[str, ...], IntervalSet]]]


class RouteMaps:
    """The route-maps of a config."""

    def __init__(self, config: Config, names: Names, explicit: Explicit) -> None:
        self._config = config
        self._names = names
        self._explicit = explicit
        self._rows: dict[str, dict[int, Row]] = {}
        for row in config.rows.rows("route_maps"):
            self._rows.setdefault(row["name"], {})[int(row["sequence"])] = row

    def entries(self, name: str) -> list[Row]:
        """The entries of a route-map in order; none where the config does not hold it."""
        found = self._rows.get(name, {})
        return [found[number] for number in sorted(found)]

    def policy(self, chooser: Chooser, name: str, bound: Evidence) -> str:
        """The filter of a route-map that routes by policy; a name without a filter where there is no such map."""
        key = name_of(name, chooser.family)
        rules: list[Rule] = []
        if key in chooser.made:
            return key
        for row in self.entries(name):
            part = f"{key} {row['sequence']}"
            action = PERMIT if row["action"] == "deny" else goto(self._doing(chooser, row, f"{part} set"))
            rules += self.choosing(chooser, row, action, part)
        forwarded = [replace(rule, egress=rule.egress or NOT_FOR_ITSELF) for rule in rules]
        return chooser.add(key, forwarded, bound) if self.entries(name) else key

    def choosing(self, chooser: Chooser, row: Row, action: Action, part: str) -> list[Rule]:
        """The rules that do ``action`` to what one entry of a route-map matches.

        Of several lists in one line any may match; several kinds of line must all match.
        """
        own = "ip" if chooser.family == 4 else "ipv6"
        choices: list[list[Match]] = []
        egress: list[str] = []
        for line in row.rows("matches"):
            words = line["text"].split()
            evidence = line.evidence()
            if (
                words[0] in ("ip", "ipv6")
                and words[1:2] == ["address"]
                and len(words) > 2
                and "prefix-list" not in words
            ):
                if words[0] != own:
                    return []  # it asks for the other family
                choices.append([Match(evidence=evidence, acl=acl) for acl in words[2:]])
            elif words[0] == "length" and len(words) == 3 and words[1].isdigit() and words[2].isdigit():
                test = FieldTest(field=Field.LENGTH, values=IntervalSet.of((int(words[1]), int(words[2]))))
                rule = Rule(action=PERMIT, evidence=evidence, family=chooser.family, tests=(test,))
                choices.append([Match(evidence=evidence, rule=rule)])
            elif words[0] == "interface":
                egress += [self._names.find(one) or one for one in words[1:]]
            else:
                choices.append([Match(evidence=evidence, uncertain=f"match {line['text']} can't be followed")])
        choices += [
            [Match(evidence=left.evidence, uncertain=f"{left.text.strip()} is not understood")]
            for left in self._config.left_in(row)
        ]
        return _rules(chooser, row.evidence(), action, part, choices, egress)

    def _doing(self, chooser: Chooser, row: Row, name: str) -> str:
        """The filter that does what an entry of a policy sets to whatever comes to it. Lines about default ways count
        where no other line leads elsewhere (Catalyst 4500 Software Configuration Guide 12.2(25)SG, "Configuring
        Policy-Based Routing": set lines are evaluated next-hop, interface, default next-hop, default interface).
        """
        rules: list[Rule] = []
        last: Rule | None = None
        default: Rule | None = None
        for line in row.rows("sets"):
            action = _set(line["text"])
            if action is None:
                continue
            rule = chooser.rule(action, line.evidence())
            if action.verb is Verb.SET_DF:
                rules.append(rule)
            elif _is_default(line["text"]):
                default = default or rule
            elif last is None or action.verb is Verb.DROP:
                last = rule
        if last is None and default is not None:
            rules += self._routed_anyway(chooser.family, default.evidence)
        rules.append(last or default or chooser.rule(PERMIT, row.evidence()))
        return chooser.add(name, rules, row.evidence())

    def _routed_anyway(self, family: Family, evidence: Evidence) -> Iterator[Rule]:
        """What a default way of a policy leaves alone: it is for packets to whose destination the routing table has no
        explicit route (Cisco document 47121, "Configure Policy-based Routing with Next-Hop Commands"; Catalyst 4500
        Software Configuration Guide, "Configuring Policy-Based Routing": "if a match is found, the packet is forwarded
        by way of the routing table"). Whether a default route is such a match is left open here.
        """
        for names, destinations in self._explicit(family):
            boxes = (Box(destinations=destinations),)
            here = InterfaceTest(names=names)
            yield Rule(action=PERMIT, evidence=evidence, family=family, boxes=boxes, ingress=here)


def name_of(route_map: str, family: Family) -> str:
    """The name of a policy's filter."""
    return f"route-map {route_map}" + (" (IPv6)" if family == 6 else "")


def _rules(
    chooser: Chooser,
    evidence: Evidence,
    action: Action,
    part: str,
    choices: Sequence[Sequence[Match]],
    egress: Sequence[str],
) -> list[Rule]:
    """One rule for each combination of alternatives, each chained on its own."""
    way_out = InterfaceTest(names=tuple(egress)) if egress else None
    if not choices:
        return [Rule(action=action, evidence=evidence, family=chooser.family, egress=way_out)]
    found: list[Rule] = []
    for number, chain in enumerate(product(*choices), 1):
        target = chooser.all_of(chain, action, f"{part} match {number}")
        rule = jump(target, evidence)
        found.append(Rule(action=rule.action, evidence=evidence, family=chooser.family, egress=way_out))
    return found


def _set(text: str) -> Action | None:
    """What a set line does; None for one that leaves the packet's way and size alone."""
    words = text.split()
    if words[:2] == ["ip", "df"] and words[2:] in (["0"], ["1"]):
        return Action(verb=Verb.SET_DF, df=words[2] == "1")
    if text.startswith(_MARKS):
        return None
    if words[0] == "interface" and words[1:2] in (["Null0"], ["null0"], ["Null"]):
        return DROP  # policy routing to the null interface discards
    if words[0] in ("ip", "ipv6") and words[1:2] == ["next-hop"]:
        return _elsewhere(f"routes these packets by policy to {' '.join(words[2:])}")
    if words[0] == "default" or words[:2] in (["ip", "default"], ["ipv6", "default"]):
        return _elsewhere("routes these packets by policy where it has no route of its own")
    if words[0] == "interface" and len(words) > 1 and looks_like_interface(words[1]):
        return _elsewhere(f"routes these packets by policy out of {' '.join(words[1:])}")
    if words[0] in ("vrf", "global"):
        return _elsewhere(f"routes these packets by policy in another table: set {text}")
    return _elsewhere(f"does something to these packets that is not understood: set {text}")


def _is_default(text: str) -> bool:
    """Whether a set line names a way for what has no explicit route in the table of its interface."""
    words = text.split()
    return words[:1] == ["default"] or (words[:1] in (["ip"], ["ipv6"]) and words[1:3] == ["default", "next-hop"])


def _elsewhere(words: str) -> Action:
    return Action(verb=Verb.DOUBT, words=words)
