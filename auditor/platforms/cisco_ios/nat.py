"""NAT: which packets are translated where, and what the config does not tell of it.

Order: Cisco document 6209, "NAT Order of Operation": from outside to inside the translation comes before policy
routing and routing, from inside to outside after them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from auditor.model.addresses import ADDRESSES, IntervalSet
from auditor.model.device import Interface, NotUnderstood
from auditor.model.evidence import Evidence
from auditor.model.filters import RETURN, Action, Box, InterfaceTest, Rule, Translate, Verb
from auditor.platforms.cisco_ios.blocks import Block, Blocks
from auditor.platforms.cisco_ios.matching import NAT, Filters, Match, jump
from auditor.platforms.cisco_ios.natrules import NatLines, NatRule, nat_lines
from auditor.platforms.cisco_ios.routemaps import RouteMaps
from auditor.platforms.cisco_ios.tables import TCP, UDP

End = Literal["source", "destination"]
PORTED = IntervalSet.of((TCP, TCP), (UDP, UDP))
UNPORTED = IntervalSet((0, 256)) - PORTED
EVERY_PORT = IntervalSet((0, 1 << 16))
FREE_PORTS = IntervalSet((1, 1 << 16))


@dataclass(slots=True)
class Nat:
    """The filters of each NAT stage by name, and what stands outside."""

    destination_in: list[str] = field(default_factory=list)  # outside to inside, before routing
    source_in: list[str] = field(default_factory=list)
    source_out: list[str] = field(default_factory=list)  # inside to outside, after routing
    destination_out: list[str] = field(default_factory=list)
    addresses: IntervalSet = field(default_factory=IntervalSet)
    not_understood: list[NotUnderstood] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Sides:
    """The interfaces that a rule counts for."""

    inside: tuple[str, ...]
    outside: tuple[str, ...]


class Translator:
    """Makes filters of NAT rules."""

    def __init__(
        self, blocks: Blocks, filters: Filters, route_maps: RouteMaps, interfaces: dict[str, Interface]
    ) -> None:
        self._blocks = blocks
        self._interfaces = interfaces
        self._route_maps = route_maps
        self._chooser = filters.chooser(4, NAT)
        self._lines: NatLines = nat_lines(blocks.config)
        self.nat = Nat()

    def run(self) -> Nat:
        """All rules, static ones first: a static entry is there before any dynamic one can be made."""
        if not self._lines.rules and not self._lines.unread:
            return self.nat
        for number, rule in enumerate(sorted(self._lines.rules, key=lambda one: not one.static), 1):
            sides = self._sides(rule)
            name = f"NAT rule {number} (line {rule.evidence.line})"
            if rule.static:
                self._static(rule, sides, name)
            else:
                self._dynamic(rule, sides, name)
        for evidence in self._lines.unread:
            self.nat.not_understood += self._everywhere(evidence)
        return self.nat

    def _everywhere(self, evidence: Evidence) -> Iterable[NotUnderstood]:
        reason = "a NAT rule is not understood"
        for block in self._blocks:
            if _is(block, "nat_inside") or _is(block, "nat_outside") or _is(block, "nat_enable"):
                yield NotUnderstood(evidence=evidence, place=block.name, family=4, reason=reason)

    def _sides(self, rule: NatRule) -> Sides:
        if rule.domain == "any":
            every = tuple(block.name for block in self._blocks if _is(block, "nat_enable"))
            return Sides(every, every)
        vrf = rule.vrf or "default"
        inside = tuple(b.name for b in self._blocks if _is(b, "nat_inside") and (b.get("vrf") or "default") == vrf)
        return Sides(inside, tuple(b.name for b in self._blocks if _is(b, "nat_outside")))

    # ------------------------------------------------------------------------------------------------- static rules

    def _static(self, rule: NatRule, sides: Sides, name: str) -> None:
        """A static rule works both ways: what comes from the world is sent in, what goes out gets the other address."""
        world, unsure = self._world(rule)
        if rule.local is None or world is None:
            self.nat.not_understood += self._everywhere(rule.evidence)
            return
        local = _span(rule.local, rule.size)
        shift = rule.local - world.first if world.size == rule.size else None
        inward, outward = self._directions(rule, local, world, shift)
        tests = InterfaceTest(names=sides.inside), InterfaceTest(names=sides.outside)
        if rule.domain == "outside":
            self._add(self.nat.source_in, replace(inward, ingress=tests[1], uncertain=unsure), f"{name} from outside")
            back = replace(outward, ingress=tests[0], egress=tests[1], uncertain=unsure)
            self._add(self.nat.destination_out, back, f"{name} to outside")
            return
        self.nat.addresses |= IntervalSet() if unsure else world
        why = unsure or ("a route-map decides which packets it is for" if rule.route_map else "")
        self._add(self.nat.destination_in, replace(inward, ingress=tests[1], uncertain=why), f"{name} to inside")
        outgoing = replace(outward, ingress=tests[0], egress=tests[1], uncertain=unsure)
        if rule.route_map is None:
            self._add(self.nat.source_out, outgoing, f"{name} from inside")
        else:
            self._by_route_map(rule, outgoing, f"{name} from inside")

    def _world(self, rule: NatRule) -> tuple[IntervalSet | None, str]:
        """The addresses on the other side, and why they may be others."""
        if rule.world is not None:
            return _span(rule.world, rule.size), ""
        interface = self._interface(rule.interface)
        own = [a.address for a in interface.addresses if a.family == 4 and not a.secondary] if interface else []
        if not own:
            return ADDRESSES[4], "the address of its interface is not in the config"
        return IntervalSet.single(own[0]), ""

    def _interface(self, text: str | None) -> Interface | None:
        name = self._blocks.names.find(text) if text else None
        return self._interfaces.get(name) if name else None

    def _directions(
        self, rule: NatRule, local: IntervalSet, world: IntervalSet, shift: int | None
    ) -> tuple[Rule, Rule]:
        """The rules for packets from the world to inside, and back. An outside rule hides sources instead."""
        ported = rule.local_port is not None and rule.world_port is not None
        numbers = IntervalSet.single(rule.protocol) if rule.protocol is not None else None
        ends: tuple[End, End] = ("destination", "source") if rule.domain != "outside" else ("source", "destination")
        ports = (_one(rule.local_port), _one(rule.world_port))
        keep = rule.local_port == rule.world_port
        inward = Translate(end=ends[0], addresses=local, shift=shift, ports=ports[0], keep_ports=keep)
        back = -shift if shift is not None else None
        outward = Translate(end=ends[1], addresses=world, shift=back, ports=ports[1], keep_ports=keep)
        return (
            _translating(rule.evidence, inward, _box(ends[0], world, ports[1] if ported else None), numbers),
            _translating(rule.evidence, outward, _box(ends[1], local, ports[0] if ported else None), numbers),
        )

    def _add(self, stage: list[str], rule: Rule, name: str) -> None:
        stage.append(self._chooser.add(name, (rule,), rule.evidence))

    # ------------------------------------------------------------------------------------------------ dynamic rules

    def _dynamic(self, rule: NatRule, sides: Sides, name: str) -> None:
        """``list`` or ``route-map`` chooses; the new address is an interface's or one of a pool's."""
        addresses, unsure = self._new_addresses(rule)
        end: End = "source"
        translate = Translate(
            end=end, addresses=addresses, ports=FREE_PORTS, keep_ports=not (rule.overload or rule.interface)
        )
        proto = Rule(
            action=Action(verb=Verb.TRANSLATE, translate=translate),
            evidence=rule.evidence,
            family=4,
            uncertain=unsure,
            ingress=InterfaceTest(names=sides.outside if rule.domain == "outside" else sides.inside),
            egress=None if rule.domain == "outside" else InterfaceTest(names=sides.outside),
        )
        if rule.pool is not None and rule.domain != "outside":
            self.nat.addresses |= self._lines.pools.get(rule.pool, IntervalSet())
        if rule.domain == "outside":
            self.nat.source_in.append(self._by_list(rule, proto, name))
        elif rule.route_map is not None:
            self._by_route_map(rule, proto, name)
        else:
            self.nat.source_out.append(self._by_list(rule, proto, name))

    def _new_addresses(self, rule: NatRule) -> tuple[IntervalSet, str]:
        if rule.pool is not None:
            pool = self._lines.pools.get(rule.pool)
            return (pool, "") if pool else (ADDRESSES[4], f"the pool {rule.pool} is not in the config")
        interface = self._interface(rule.interface)
        own = [a.address for a in interface.addresses if a.family == 4 and not a.secondary] if interface else []
        if not own:  # DHCP, PPP: it translates, and nobody knows to what
            return ADDRESSES[4], ""
        return IntervalSet.single(own[0]), ""

    def _by_list(self, rule: NatRule, proto: Rule, name: str) -> str:
        rules, _ = self._chooser.rules_for(Match(evidence=rule.evidence, acl=rule.acl or ""), proto.action)
        return self._chooser.add(name, lambda: list(_translated(rules(), proto)), rule.evidence)

    def _by_route_map(self, rule: NatRule, proto: Rule, name: str) -> None:
        """Each entry of the route-map on its own; ``match interface`` narrows the way out."""
        rules: list[Rule] = []
        entries = self._route_maps.entries(rule.route_map or "")
        does = self._chooser.add(f"{name} does", list(_split(proto)), rule.evidence)
        for row in entries:
            action = RETURN if row["action"] == "deny" else Action(verb=Verb.GOTO, target=does)
            found = self._route_maps.choosing(self._chooser, row, action, f"{name} {row['sequence']}")
            rules += [_narrowed(one, proto) for one in found]
        if not entries:
            why = f"route-map {rule.route_map} is not in the config"
            rules = [replace(jump(does, rule.evidence), uncertain=why)]
        self.nat.source_out.append(self._chooser.add(name, rules, rule.evidence))


def _is(block: Block, field_name: str) -> bool:
    return block.get(field_name) == "yes"


def _span(first: int, size: int) -> IntervalSet:
    return IntervalSet((first, first + size))


def _one(port: int | None) -> IntervalSet | None:
    return IntervalSet.single(port) if port is not None else None


def _box(end: End, addresses: IntervalSet, ports: IntervalSet | None) -> Box:
    if end == "source":
        return Box(sources=addresses, source_ports=ports)
    return Box(destinations=addresses, destination_ports=ports)


def _translating(evidence: Evidence, translate: Translate, box: Box, protocol: IntervalSet | None) -> Rule:
    action = Action(verb=Verb.TRANSLATE, translate=translate)
    return Rule(action=action, evidence=evidence, family=4, protocol=protocol, boxes=(box,))


def _narrowed(rule: Rule, proto: Rule) -> Rule:
    """The rule for the interfaces of the NAT rule; its own ``match interface`` counts where it is one of them."""
    egress = proto.egress
    if rule.egress is not None and egress is not None:
        egress = InterfaceTest(names=tuple(name for name in rule.egress.names if name in egress.names))
    return replace(rule, ingress=proto.ingress, egress=egress)


def _translated(rules: Sequence[Rule], proto: Rule) -> Iterable[Rule]:
    """The rules of a list, those that take packets translating them."""
    for rule in rules:
        if rule.action.verb is not Verb.TRANSLATE:
            yield rule
            continue
        uncertain = rule.uncertain or proto.uncertain
        own = replace(rule, ingress=proto.ingress, egress=proto.egress, uncertain=uncertain)
        yield from _split(own)


def _split(rule: Rule) -> Iterable[Rule]:
    """Where ports are rewritten, a packet that has some but does not show them is another case than one without."""
    translate = rule.action.translate
    if translate is None or translate.keep_ports:
        yield rule
        return
    both = PORTED if rule.protocol is None else rule.protocol & PORTED
    if both:
        boxes = tuple(replace(box, source_ports=EVERY_PORT) if box.source_ports is None else box for box in rule.boxes)
        yield replace(rule, protocol=both, boxes=boxes, headerless=None)
    rest = UNPORTED if rule.protocol is None else rule.protocol & UNPORTED
    if rest:
        keeping = replace(translate, ports=None, keep_ports=True)
        yield replace(rule, protocol=rest, action=Action(verb=Verb.TRANSLATE, translate=keeping))
