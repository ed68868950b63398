"""NAT: each rule to entries of three filters, those for destinations, for sources, and for the check of the way back.

Cisco ASA Firewall CLI Configuration Guide, "Network Address Translation": static rules work both ways, dynamic ones
from the real side alone; the first rule that matches counts, for both ends of the packet. The check of the way back:
message 305013, "Asymmetric NAT rules matched for forward and reverse flows ... denied due to NAT reverse path failure".
"""

from dataclasses import dataclass, field
from typing import Literal

from auditor.model.addresses import EMPTY, Family, IntervalSet
from auditor.model.device import InterfaceAddress
from auditor.model.evidence import Evidence
from auditor.model.filters import (
    DROP,
    PERMIT,
    RETURN,
    Action,
    Box,
    Field,
    FieldTest,
    Filter,
    InterfaceTest,
    Rule,
    Translate,
    Verb,
)
from auditor.platforms.cisco_asa.addresses import everything
from auditor.platforms.cisco_asa.config import Config
from auditor.platforms.cisco_asa.lists import HEADERLESS
from auditor.platforms.cisco_asa.natrules import NatRule, nat_rules
from auditor.platforms.cisco_asa.objects import Objects

End = Literal["source", "destination"]
DESTINATION, SOURCE, WAY_BACK = "of destinations", "of sources", "rpf-check"
FREE_PORTS = IntervalSet((1, 1 << 16))
FAMILIES: tuple[Family, Family] = (4, 6)


@dataclass(slots=True)
class Nat:
    """The filters of NAT, the addresses that stand for hosts behind the device, and the lines not understood."""

    filters: dict[str, Filter] = field(default_factory=dict)
    addresses: dict[int, IntervalSet] = field(default_factory=lambda: {4: EMPTY, 6: EMPTY})
    unread: list[Evidence] = field(default_factory=list)


class Translator:
    """Makes entries of rules."""

    def __init__(self, config: Config, objects: Objects, own: dict[str, tuple[InterfaceAddress, ...]]) -> None:
        self._config = config
        self._own = own
        self.nat = Nat()
        self._rules: dict[str, list[Rule]] = {DESTINATION: [], SOURCE: [], WAY_BACK: []}
        rules, self.nat.unread = nat_rules(config, objects)
        for rule in rules:
            if _crosses(rule):
                self.nat.unread.append(rule.evidence)
                continue
            for family in FAMILIES:
                self._one(rule, family)
        if rules:
            for name, made in self._rules.items():
                self.nat.filters[name] = Filter(
                    name=name,
                    rules=tuple(made),
                    otherwise=PERMIT if name == WAY_BACK else RETURN,
                    evidence=rules[0].evidence,
                    headerless=HEADERLESS,
                    kind="nat",
                )

    def _interface(self, nameif: str) -> InterfaceTest | None:
        if nameif == "any":
            return None
        block = self._config.by_nameif.get(nameif)
        return InterfaceTest(names=(block.name if block else nameif,))

    def _of_interface(self, nameif: str, family: Family) -> IntervalSet:
        own = self._own.get(nameif, ())
        return IntervalSet.of(*((a.address, a.address) for a in own if a.family == family))

    def _one(self, rule: NatRule, family: Family) -> None:
        real = everything(rule.real.of(family), family)
        far = everything(rule.far.of(family), family) if rule.far is not None else None
        near = everything(rule.near.of(family), family) if rule.near is not None else far
        if rule.near_interface:
            near = self._of_interface(rule.inside, family)
        mapped = self._mapped(rule, family)
        doubt = rule.doubt
        if mapped is None and not doubt:
            doubt = "the address of its interface is not in the config"
        if not real or (far is not None and not far):
            return
        if mapped is not None and not mapped:
            return
        self._forward(rule, family, real, mapped, near, far, doubt)
        if not rule.one_way:
            self._backward(rule, family, real, mapped, near, far, doubt)
        self._check(rule, family, real, mapped, far, doubt)
        stands_for = (real != mapped) if rule.kind == "static" else not rule.to_interface
        if stands_for and mapped is not None and not doubt:
            self.nat.addresses[family] |= mapped
        if near is not None and far is not None and near != far and not doubt and rule.near is not None:
            self.nat.addresses[family] |= near

    def _mapped(self, rule: NatRule, family: Family) -> IntervalSet | None:
        """The source's addresses on the other side; None where they could not be had."""
        found = EMPTY
        if rule.to_interface:
            block = self._config.by_nameif.get(rule.outside)
            own = self._of_interface(rule.outside, family) if rule.to_interface == family else EMPTY
            if rule.kind == "static" or rule.mapped.of(family) is not None:
                if not own and block is not None and block.get("dynamic") and family == 4:
                    return None
                found = own
        values = rule.mapped.of(family) if rule.kind == "dynamic" or not rule.to_interface else EMPTY
        if values is None:  # any: identity
            return everything(rule.real.of(family), family)
        if rule.kind == "static" and rule.real.of(family) is not None and not rule.to_interface:
            values = _as_many(values, rule.real.of(family))
        return found | values

    # ------------------------------------------------------------------------------------------------ the two ways

    def _forward(
        self,
        rule: NatRule,
        family: Family,
        real: IntervalSet | None,
        mapped: IntervalSet | None,
        near: IntervalSet | None,
        far: IntervalSet | None,
        doubt: str,
    ) -> None:
        """From the real side: the destination becomes what it really is, the source what it is on the other side."""
        inside, outside = self._interface(rule.inside), self._interface(rule.outside)
        protocols, real_ports, mapped_ports = _ports(rule)
        source_ports, old, new = (
            (real_ports, None, None) if rule.by_service_source else (None, real_ports, mapped_ports)
        )
        if far is not None:
            box = Box(sources=real, destinations=near, source_ports=source_ports, destination_ports=old)
            write = _translate("destination", near, far, old, new)
            self._add(DESTINATION, rule, family, box, write, protocols, doubt, inside, None)
        box = Box(sources=real, destinations=far, source_ports=source_ports, destination_ports=new)
        write = self._to_other_side(rule, real, mapped, real_ports, mapped_ports)
        self._add(SOURCE, rule, family, box, write, protocols, doubt, inside, outside)

    def _to_other_side(
        self,
        rule: NatRule,
        real: IntervalSet | None,
        mapped: IntervalSet | None,
        real_ports: IntervalSet | None,
        mapped_ports: IntervalSet | None,
    ) -> Translate:
        if rule.kind == "dynamic":
            return Translate(end="source", addresses=mapped, ports=FREE_PORTS, keep_ports=False)
        if not rule.by_service_source:
            real_ports = mapped_ports = None
        return _translate("source", real, mapped, real_ports, mapped_ports)

    def _backward(
        self,
        rule: NatRule,
        family: Family,
        real: IntervalSet | None,
        mapped: IntervalSet | None,
        near: IntervalSet | None,
        far: IntervalSet | None,
        doubt: str,
    ) -> None:
        """To the real side: the destination becomes the real one; the source what the inside calls it."""
        inside, outside = self._interface(rule.inside), self._interface(rule.outside)
        protocols, real_ports, mapped_ports = _ports(rule)
        if not rule.by_service_source:
            real_ports = mapped_ports = None
        box = Box(sources=far, destinations=mapped, destination_ports=mapped_ports)
        write = _translate("destination", mapped, real, mapped_ports, real_ports)
        self._add(DESTINATION, rule, family, box, write, protocols, doubt, outside, None)
        box = Box(sources=far, destinations=real, destination_ports=real_ports)
        back = _translate("source", far, near, None, None)
        self._add(SOURCE, rule, family, box, back, protocols, doubt, outside, inside)

    def _check(
        self,
        rule: NatRule,
        family: Family,
        real: IntervalSet | None,
        mapped: IntervalSet | None,
        far: IntervalSet | None,
        doubt: str,
    ) -> None:
        """The reverse path check of new connections to the real side (message 305013): the rule that wrote their
        destination must be the first that answers would meet. A static rule lets through what was translated and
        refuses what came by the real address; an identity rule the other way round; a dynamic one refuses both.
        """
        protocols, real_ports, _ = _ports(rule)
        if not rule.by_service_source:
            real_ports = None
        identity = rule.kind == "static" and real == mapped
        untouched = FieldTest(field=Field.TRANSLATED, values=IntervalSet.of((0, 0)), mask=2)
        written = FieldTest(field=Field.TRANSLATED, values=IntervalSet.of((2, 2)), mask=2)
        ways: list[tuple[Action, tuple[FieldTest, ...]]] = [(DROP, ())]
        if rule.kind == "static":
            ways = [(PERMIT, (untouched if identity else written,)), (DROP, (written if identity else untouched,))]
        for action, tests in ways:
            self._rules[WAY_BACK].append(
                Rule(
                    action=action,
                    evidence=rule.evidence,
                    family=family,
                    protocol=protocols,
                    boxes=(Box(sources=far, destinations=real, destination_ports=real_ports),),
                    tests=tests,
                    ingress=self._interface(rule.outside),
                    egress=self._interface(rule.inside),
                    uncertain=doubt or ("" if "any" not in (rule.inside, rule.outside) else "its interfaces are any"),
                )
            )

    def _add(
        self,
        name: str,
        rule: NatRule,
        family: Family,
        box: Box,
        write: Translate,
        protocols: IntervalSet | None,
        doubt: str,
        ingress: InterfaceTest | None,
        egress: InterfaceTest | None,
    ) -> None:
        self._rules[name].append(
            Rule(
                action=Action(verb=Verb.TRANSLATE, translate=write),
                evidence=rule.evidence,
                family=family,
                protocol=protocols,
                boxes=(box,),
                ingress=ingress,
                egress=egress,
                uncertain=doubt,
            )
        )


def _crosses(rule: NatRule) -> bool:
    """Whether it translates from one family into the other (NAT64, NAT46), which is not followed."""
    if rule.to_interface or rule.doubt:
        return False
    return any(rule.real.of(f) and rule.mapped.of(f) == EMPTY and rule.mapped.of(10 - f) for f in FAMILIES)


def _as_many(mapped: IntervalSet, real: IntervalSet | None) -> IntervalSet:
    """A mapped address that is written as one host stands for as many as the real ones (``static 192.0.2.0``)."""
    if mapped.size == 1 and real is not None and len(real) == 1 and real.size > 1 and mapped.first % real.size == 0:
        return IntervalSet((mapped.first, mapped.first + real.size))
    return mapped


def _ports(rule: NatRule) -> tuple[IntervalSet | None, IntervalSet | None, IntervalSet | None]:
    if rule.services is None:
        return None, None, None
    real, mapped = rule.services
    return real.protocols, real.source_ports, mapped.source_ports


def _translate(
    end: End,
    old: IntervalSet | None,
    new: IntervalSet | None,
    old_ports: IntervalSet | None,
    new_ports: IntervalSet | None,
) -> Translate:
    """One to one where both are one range of the same size; else any of the new addresses."""
    keep = old_ports == new_ports
    ports = None if keep else new_ports
    if old == new:
        return Translate(end=end, shift=0, ports=ports, keep_ports=keep)
    if old is not None and new is not None and len(old) == len(new) == 1 and old.size == new.size:
        return Translate(end=end, addresses=new, shift=new.first - old.first, ports=ports, keep_ports=keep)
    return Translate(end=end, addresses=new, ports=ports, keep_ports=keep)
