"""NAT: static, destination and source rule sets, pools, and which addresses stand for hosts behind the device.

Juniper, "Understanding Static NAT Rules" and "Understanding Source NAT Rules" (Junos 10.3): static NAT takes precedence
over destination NAT, its reverse mapping over source NAT; source NAT comes after static and destination NAT and after
the lookups of route and policy. Of rules that overlap the more specific is chosen: interface, zone, routing instance.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from auditor.model.addresses import ADDRESSES, EMPTY, Family, IntervalSet
from auditor.model.device import NotUnderstood
from auditor.model.evidence import Basis, Evidence, Fact
from auditor.model.filters import PERMIT, Action, Box, Filter, Headerless, InterfaceTest, Rule, Translate
from auditor.platforms.juniper_junos.security.applications import Applications
from auditor.platforms.juniper_junos.security.books import FAMILIES, Addresses, Books, joined, prefix
from auditor.platforms.juniper_junos.security.facts import Config
from auditor.platforms.juniper_junos.security.natparts import (
    PORTED,
    Match,
    anywhere,
    both,
    line_of,
    mapped_port,
    nearness,
    pool_port,
    ports_of,
    protocol_of,
    spans,
    split_by_ports,
    translating,
)
from auditor.platforms.juniper_junos.security.tree import Node

Maker = Callable[[Node, str, Node], Iterable[Rule]]
HEADERLESS: Fact[Headerless] = Fact(
    value=Headerless.NEVER_MATCHES,
    basis=Basis.ASSUMED,
    others=(Headerless.MATCH_BY_ADDRESS,),
    source="no text of Juniper says what NAT makes of a later fragment that is tied to no session",
)
_FREE_PORTS = IntervalSet((1024, 1 << 16))  # Juniper, "Source NAT": ports 1024 and higher are given out
_MATCHED = frozenset(
    {
        "source-address",
        "source-address-name",
        "destination-address",
        "destination-address-name",
        "source-port",
        "destination-port",
        "protocol",
        "application",
    }
)
_PARTS = frozenset(
    {"source", "destination", "static", "proxy-arp", "proxy-ndp", "traceoptions", "pool-utilization-alarm"}
)


@dataclass(slots=True)
class Nat:
    """The filters of both NAT stages in order, and the addresses that stand for hosts behind the device."""

    destination: list[str] = field(default_factory=list)
    source: list[str] = field(default_factory=list)
    filters: dict[str, Filter] = field(default_factory=dict)
    addresses: dict[int, IntervalSet] = field(default_factory=dict)
    not_understood: list[NotUnderstood] = field(default_factory=list)

    @property
    def any(self) -> bool:
        return bool(self.destination or self.source)


class Translator:
    """Makes filters of rule sets."""

    def __init__(self, config: Config, books: Books, applications: Applications) -> None:
        self._config = config
        self._books = books
        self._applications = applications
        self._root = config.security.get("nat") or Node(config.head)
        self.nat = Nat()

    def run(self) -> Nat:
        """All rule sets, static ones first."""
        self._sets("static", self._static, self.nat.destination)
        self._sets("destination", self._destination, self.nat.destination)
        self._sets("static", self._reverse, self.nat.source)
        self._sets("source", self._source, self.nat.source)
        self._proxies()
        for word, node in self._root.items():
            if word not in _PARTS:
                self._unread(node.evidence)
        return self.nat

    def _unread(self, evidence: Evidence) -> None:
        self.nat.not_understood.append(NotUnderstood(evidence=evidence, reason="a NAT setting is not understood"))

    def _sets(self, kind: str, make: Maker, into: list[str]) -> None:
        """The rule sets of a kind, the specific ones first."""
        sets = sorted(self._root.items(kind, "rule-set"), key=lambda item: nearness(item[1]))
        back = make == self._reverse
        for name, node in sets:
            rules: list[Rule] = []
            for rule_name, rule in node.items("rule"):
                rules += make(node, rule_name, rule)
            if not rules:
                continue
            title = f"{kind} NAT rule set {name}" + (" (back)" if back else "")
            self.nat.filters[title] = Filter(
                name=title,
                rules=tuple(rules),
                otherwise=PERMIT,
                evidence=node.evidence,
                headerless=HEADERLESS,
                kind="the",
            )
            into.append(title)

    # ---------------------------------------------------------------------------------------------------- where, what

    def _tests(self, node: Node) -> tuple[InterfaceTest | None, InterfaceTest | None, str]:
        """The interfaces that packets come in and leave by, and what is not known of it."""
        ways, doubt = [], ""
        for side in ("from", "to"):
            below = node.get(side)
            names: list[str] = []
            for kind, values in below.items() if below is not None else ():
                for value in values.values():
                    found = self._members(kind, value)
                    if found is None:
                        doubt = f"which interfaces are meant by {side} {kind} {value}"
                    names += found or ()
            ways.append(InterfaceTest(names=tuple(names)) if below is not None and not doubt else None)
        return ways[0], ways[1], doubt

    def _members(self, kind: str, value: str) -> tuple[str, ...] | None:
        if kind == "zone":
            return self._config.members(value)
        if kind == "interface":
            one = self._config.interface(value)
            return (one.name,) if one is not None else ()
        if kind == "routing-instance":
            return tuple(one.name for one in self._config.interfaces if one.vrf == value)
        return None

    def _matching(self, name: str, rule: Node) -> "Match":
        match = rule.get("match") or Node(rule.evidence)
        doubt = next(
            (f"{word} of NAT rule {name} is not understood" for word in match.values() if word not in _MATCHED), ""
        )
        ends = []
        for end in ("source", "destination"):
            literal = [
                prefix(text) or Addresses(doubts=(f"{text} is no prefix",)) for text in match.values(f"{end}-address")
            ]
            named = self._books.addresses(match.values(f"{end}-address-name"))
            given = literal or match.values(f"{end}-address-name")
            ends.append(joined([*literal, named]) if given else Addresses(every=frozenset({4, 6})))
        services = self._applications.services(match.values("application") or ("any",))
        sources, destinations = ports_of(match, "source-port"), ports_of(match, "destination-port")
        numbers = [protocol_of(text) for text in match.values("protocol")]
        if sources is False or destinations is False or None in numbers:
            doubt = doubt or f"NAT rule {name} is not understood"
        protocols = IntervalSet.of(*((n, n) for n in numbers if n is not None)) if numbers else None
        return Match(ends[0], ends[1], services, sources or None, destinations or None, protocols, doubt)

    def _rules(
        self, node: Node, name: str, rule: Node, evidence: Evidence, actions: "dict[int, Action]", doubt: str
    ) -> Iterator[Rule]:
        """One rule for each family and service that it takes."""
        ingress, egress, where = self._tests(node)
        match = self._matching(name, rule)
        for family in FAMILIES:
            if family not in actions:
                continue
            sources, destinations = match.sources.of(family), match.destinations.of(family)
            unsure = doubt or where or match.doubt
            named = (*match.sources.doubts, *match.destinations.doubts)
            if named:
                unsure = unsure or named[0]
                sources = None if match.sources.doubts else sources
                destinations = None if match.destinations.doubts else destinations
            if EMPTY in (sources, destinations):
                continue
            for service in match.services:
                box = Box(
                    sources=sources,
                    destinations=destinations,
                    source_ports=both(match.source_ports, service.sources),
                    destination_ports=both(match.destination_ports, service.destinations),
                )
                protocol = match.protocols
                if service.protocol is not None:
                    protocol = IntervalSet.single(service.protocol)
                if protocol is None and box.names_ports:
                    protocol = PORTED
                proto = Rule(
                    action=actions[family],
                    evidence=evidence,
                    family=family,
                    protocol=protocol,
                    boxes=(box,),
                    tests=service.tests,
                    ingress=ingress,
                    egress=egress,
                    uncertain=unsure or service.doubt,
                )
                yield from split_by_ports(proto)

    # ---------------------------------------------------------------------------------------------------- static rules

    def _static(self, node: Node, name: str, rule: Node) -> Iterator[Rule]:
        """From the world in: the destination is moved by as much as the two prefixes lie apart."""
        found = self._statically(name, rule)
        if found is None:
            yield from self._strange(node, name, rule)
            return
        family, world, local, ports = found
        self._outside(family, world)
        shift = local.first - world.first
        translate = Translate(
            end="destination", addresses=local, shift=shift, ports=ports[1], keep_ports=ports[1] is None
        )
        yield from self._rules(node, name, rule, line_of(rule), {family: translating(translate)}, "")

    def _reverse(self, node: Node, name: str, rule: Node) -> Iterator[Rule]:
        """What the inner hosts send themselves gets the outer address where it leaves by the set's interfaces."""
        found = self._statically(name, rule)
        if found is None:
            return
        family, world, local, ports = found
        ingress, _, where = self._tests(node)
        translate = Translate(
            end="source", addresses=world, shift=world.first - local.first, ports=ports[0], keep_ports=ports[0] is None
        )
        ported = ports[1] is not None
        yield Rule(
            action=translating(translate),
            evidence=line_of(rule),
            family=family,
            protocol=PORTED if ported else None,
            boxes=(Box(sources=local, source_ports=ports[1]),),
            egress=ingress,
            uncertain=where or self._matching(name, rule).doubt,
        )

    def _statically(
        self, name: str, rule: Node
    ) -> tuple[Family, IntervalSet, IntervalSet, tuple[IntervalSet | None, IntervalSet | None]] | None:
        """The addresses on both sides and the ports, None where one can't be told."""
        then = rule.get("then", "static-nat")
        match = self._matching(name, rule)
        if then is None or match.destinations.doubts:
            return None
        texts = [word for word in then.values("prefix") if word not in ("mapped-port", "routing-instance")]
        names = [word for word in then.values("prefix-name") if word not in ("mapped-port", "routing-instance")]
        inner = joined([*(prefix(t) or Addresses(doubts=(t,)) for t in texts), self._books.addresses(names)])
        if inner.doubts or inner.every:
            return None
        for family in FAMILIES:
            world, local = match.destinations.known.get(family, EMPTY), inner.known.get(family, EMPTY)
            if world and local and len(world) == len(local) == 1 and world.size == local.size:
                mapped = mapped_port(then)
                if mapped is False:
                    return None
                given = match.destination_ports if mapped is not None else None
                return family, world, local, (given, mapped if isinstance(mapped, IntervalSet) else None)
        return None

    def _strange(self, node: Node, name: str, rule: Node) -> Iterator[Rule]:
        """A rule that translates what it matches to something that can't be told."""
        why = f"NAT rule {name} is not understood"
        yield from self._rules(node, name, rule, line_of(rule), {f: anywhere("destination", f) for f in FAMILIES}, why)

    # --------------------------------------------------------------------------------------------- destination, source

    def _destination(self, node: Node, name: str, rule: Node) -> Iterator[Rule]:
        then = rule.get("then", "destination-nat") or Node(rule.evidence)
        line = line_of(rule)
        if then.get("off") is not None:
            yield from self._rules(node, name, rule, line, {4: PERMIT, 6: PERMIT}, "")
            return
        pool = then.value("pool")
        actions: dict[int, Action] = {}
        if pool is not None:
            inner, doubt = self._pool("destination", pool)
            ports = pool_port(self._root.get("destination", "pool", pool))
            for family in FAMILIES:
                values = inner.known.get(family, EMPTY)
                if values:
                    made = Translate(end="destination", addresses=values, ports=ports, keep_ports=ports is None)
                    actions[family] = translating(made)
            for number, world in self._matching(name, rule).destinations.known.items():
                self._outside(4 if number == 4 else 6, world)
            if actions and not doubt:
                yield from self._rules(node, name, rule, line, actions, "")
                return
        yield from self._strange(node, name, rule)

    def _source(self, node: Node, name: str, rule: Node) -> Iterator[Rule]:
        then = rule.get("then", "source-nat") or Node(rule.evidence)
        line = line_of(rule)
        if then.get("off") is not None:
            yield from self._rules(node, name, rule, line, {4: PERMIT, 6: PERMIT}, "")
            return
        actions: dict[int, Action] = {}
        doubt = ""
        pool = next((name for name in then.values("pool") if name != "persistent-nat"), None)
        if then.get("interface") is not None:
            made = Translate(end="source", interface="egress", ports=_FREE_PORTS, keep_ports=False)
            actions = dict.fromkeys(FAMILIES, translating(made))
        elif pool is not None:
            actions, doubt = self._from_pool(pool)
        if not actions:
            doubt = doubt or f"NAT rule {name} is not understood"
            actions = {family: anywhere("source", family) for family in FAMILIES}
        yield from self._rules(node, name, rule, line, actions, doubt)

    def _from_pool(self, pool: str) -> tuple[dict[int, Action], str]:
        outer, doubt = self._pool("source", pool)
        keeps = self._root.get("source", "pool", pool, "port", "no-translation") is not None
        actions: dict[int, Action] = {}
        for family in FAMILIES:
            values = outer.known.get(family, EMPTY)
            if values:
                self._outside(family, values)
                ports = None if keeps else _FREE_PORTS
                made = Translate(end="source", addresses=values, ports=ports, keep_ports=keeps)
                actions[family] = translating(made)
        return actions, doubt

    def _pool(self, kind: str, name: str) -> tuple[Addresses, str]:
        """The addresses of a pool, and what is not known of it."""
        node = self._root.get(kind, "pool", name)
        if node is None:
            return Addresses(), f"the pool {name} is not in the config"
        if node.get("routing-instance") is not None:
            return Addresses(), f"the pool {name} leads into another routing instance"
        parts = list(spans(node))
        if not parts or None in parts:
            return Addresses(), f"the addresses of pool {name}"
        return joined(one for one in parts if one is not None), ""

    # ---------------------------------------------------------------------------------------------------------- around

    def _outside(self, family: Family, values: IntervalSet) -> None:
        if values and values != ADDRESSES[family]:
            self.nat.addresses[family] = self.nat.addresses.get(family, EMPTY) | values

    def _proxies(self) -> None:
        """Addresses that the device answers for: ``proxy-arp interface I address A to B``."""
        for kind in ("proxy-arp", "proxy-ndp"):
            for _, node in self._root.items(kind, "interface"):
                for part in spans(node):
                    for family in FAMILIES:
                        self._outside(family, part.known.get(family, EMPTY) if part is not None else EMPTY)
