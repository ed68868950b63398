"""What is bound to an interface: access lists, inspection, service policies, policy routing, crypto maps."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from auditor.model.addresses import Family, IntervalSet
from auditor.model.device import Binding
from auditor.model.evidence import Evidence
from auditor.model.filters import PERMIT, Action, Box, Filter, InterfaceTest, Rule, Verb
from auditor.parse.rows import Row
from auditor.platforms.cisco_ios.blocks import Block
from auditor.platforms.cisco_ios.config import Config
from auditor.platforms.cisco_ios.inspection import inspection
from auditor.platforms.cisco_ios.lists import HEADERLESS
from auditor.platforms.cisco_ios.matching import FAMILIES, Chooser, Filters, Match, jump, mirrored
from auditor.platforms.cisco_ios.policies import Policies
from auditor.platforms.cisco_ios.routemaps import RouteMaps, name_of
from auditor.platforms.cisco_ios.tables import UDP

Direction = Literal["in", "out"]
SIDES: dict[str, Direction] = {"in": "in", "out": "out", "input": "in", "output": "out"}
# `ip clear-dont-fragment` is described for IOS XE SD-WAN only ("packets that arrive with Don't Fragment configured
# ... are fragmented and sent"); other releases list it in `show running-config all` without a text.
_CLEAR_DF = "what ip clear-dont-fragment does is documented for IOS XE SD-WAN only"


@dataclass(frozen=True, slots=True)
class Binder:
    """Binds filters to interfaces."""

    config: Config
    filters: Filters
    route_maps: RouteMaps
    policies: Policies

    def bindings(self, block: Block) -> list[Binding]:
        """All bindings of an interface, in the order in which its stages meet them."""
        return [*self._lists(block), *self._inspections(block), *self._policies(block), *self._crypto(block)]

    def _lists(self, block: Block) -> Iterator[Binding]:
        groups: dict[Family, tuple[str, str]] = {4: ("bindings", "unbindings"), 6: ("bindings6", "unbindings6")}
        for family, names in groups.items():
            found: dict[str, Row] = {}
            for row in block.rows(*names):
                if row.group == names[0]:
                    found[row["direction"]] = row
                else:
                    found.pop(row["direction"], None)
            for row in found.values():
                key = self.filters.lists.key(family, row["list"])
                if self.filters.lists.find(family, row["list"]) is None:
                    self._missing(key, family, row.evidence())
                yield Binding(filter=key, family=family, direction=SIDES[row["direction"]], evidence=row.evidence())

    def _missing(self, key: str, family: Family, evidence: Evidence) -> None:
        """A list that is bound and not in the config: what it does could not be had."""
        self.filters.made.setdefault(
            key,
            Filter(
                name=key,
                rules=(),
                otherwise=PERMIT,
                evidence=evidence,
                headerless=HEADERLESS[family],
                missing=True,
                kind="access list" if family == 4 else "IPv6 access list",
            ),
        )

    def _inspections(self, block: Block) -> Iterator[Binding]:
        latest = {row["direction"]: row for row in block.rows("inspections")}
        for row in latest.values():
            key = inspection(self.config, self.filters, row["name"], row.evidence())
            yield Binding(filter=key, family=4, direction=SIDES[row["direction"]], evidence=row.evidence())

    def _policies(self, block: Block) -> Iterator[Binding]:
        for row in block.rows("service_policies"):
            key = self.policies.service(row["policy"], row.evidence())
            for family in FAMILIES if key else ():
                yield Binding(
                    filter=key or "",
                    family=family,
                    direction=SIDES[row["direction"]],
                    evidence=row.evidence(),
                    purpose="policy",
                )
        for family, field in ((FAMILIES[0], "policy4"), (FAMILIES[1], "policy6")):
            name = block.get(field)
            if name:
                evidence = block.line(field)
                self.route_maps.policy(self.filters.chooser(family), name, evidence)
                key = name_of(name, family)
                yield Binding(filter=key, family=family, direction="in", evidence=evidence, purpose="policy")
        if block.get("clear_df") == "yes":
            yield self._clearing(block)

    def _clearing(self, block: Block) -> Binding:
        evidence = block.line("clear_df")
        chooser = self.filters.chooser(4)
        rule = chooser.rule(Action(verb=Verb.SET_DF, df=False), evidence, _CLEAR_DF)
        key = chooser.add(f"ip clear-dont-fragment of {block.name}", (rule,), evidence)
        return Binding(filter=key, family=4, direction="out", evidence=evidence, purpose="policy")

    def _crypto(self, block: Block) -> Iterator[Binding]:
        name = block.get("crypto_map")
        if not name:
            return
        evidence = block.line("crypto_map")
        directions: tuple[Direction, Direction] = ("in", "out")
        for direction in directions:
            key = self._crypto_filter(name, direction, evidence)
            yield Binding(filter=key, family=4, direction=direction, evidence=evidence, purpose="encrypt")

    def _crypto_filter(self, name: str, direction: Direction, bound: Evidence) -> str:
        """What a crypto map encrypts on the way out, and expects encrypted on the way in."""
        chooser = self.filters.chooser(4)
        key = f"crypto map {name} {direction}"
        entries = {int(r["sequence"]): r for r in self.config.rows.rows("crypto_maps") if r["name"] == name}
        rules: list[Rule] = [_own_ike(bound, direction)]
        for number in sorted(entries):
            rules += self._crypto_entry(chooser, entries[number], direction, f"{key} {number}")
        if not entries:
            action = _encrypting(f"crypto map {name}", direction)
            rules.append(chooser.rule(action, bound, f"crypto map {name} is not in the config"))
        return chooser.add(key, rules, bound)

    def _crypto_entry(self, chooser: Chooser, row: Row, direction: Direction, part: str) -> list[Rule]:
        action = _encrypting(f"crypto map {row['name']} {row['sequence']}", direction)
        acl = row.get("list")
        if "dynamic" in row["kind"].split() or acl is None:
            why = "what is encrypted is agreed with the peer"
            return [chooser.rule(action, row.evidence(), why)]
        match = Match(evidence=row.evidence("list"), acl=acl)
        if direction == "out":
            return [jump(chooser.matching(match, action, part), row.evidence())]
        rules, evidence = chooser.rules_for(match, action)
        return [jump(chooser.add(part, lambda: [mirrored(rule) for rule in rules()], evidence), row.evidence())]


def _own_ike(bound: Evidence, direction: Direction) -> Rule:
    """IKE of the device itself is not encrypted by the policy that it serves (RFC 4301, 4.4.1)."""
    own = InterfaceTest(names=("",))
    ports = IntervalSet.of((500, 500), (4500, 4500))
    return Rule(
        action=PERMIT,
        evidence=bound,
        family=4,
        protocol=IntervalSet.single(UDP),
        boxes=(Box(destination_ports=ports),),
        egress=own if direction == "in" else None,
        ingress=own if direction == "out" else None,
    )


def _encrypting(what: str, direction: Direction) -> Action:
    words = f"encrypts these packets ({what})" if direction == "out" else f"takes these packets out of IPsec ({what})"
    return Action(verb=Verb.DOUBT, words=words)
