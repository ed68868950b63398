"""The rows of a Cisco IOS config to a device of the model."""

from collections.abc import Iterator
from dataclasses import replace
from types import MappingProxyType

from auditor.model.addresses import IntervalSet
from auditor.model.device import Binding, Device, FragmentPolicy, Interface, NotUnderstood, Reassembly
from auditor.model.evidence import Evidence
from auditor.model.filters import Filter, InterfaceTest, Rule
from auditor.parse.rows import Row, Rows
from auditor.platforms.cisco_ios.bindings import Binder
from auditor.platforms.cisco_ios.blocks import Block, Blocks
from auditor.platforms.cisco_ios.classes import Classes
from auditor.platforms.cisco_ios.config import Config
from auditor.platforms.cisco_ios.groups import Groups
from auditor.platforms.cisco_ios.interface_addresses import Addressing
from auditor.platforms.cisco_ios.interfaces import interface, not_understood
from auditor.platforms.cisco_ios.lists import AccessLists
from auditor.platforms.cisco_ios.matching import FAMILIES, INSPECTION, Filters
from auditor.platforms.cisco_ios.nat import Nat, Translator
from auditor.platforms.cisco_ios.pipelines import Features, order_matters, pipelines
from auditor.platforms.cisco_ios.policies import Policies
from auditor.platforms.cisco_ios.reassembly import BOTH, Direction, dropping, virtual
from auditor.platforms.cisco_ios.routemaps import RouteMaps, name_of
from auditor.platforms.cisco_ios.routes import forwards, routing
from auditor.platforms.cisco_ios.speakers import speakers
from auditor.platforms.cisco_ios.switches import too_big
from auditor.platforms.cisco_ios.way_out import WaysOut
from auditor.platforms.cisco_ios.zones import from_self, unread, zone_policies, zoning

CONTROL_PLANE = "control-plane"
OWN_INSPECTION = "ip inspect of own packets"
_ELSEWHERE = frozenset({"interfaces", "extended_lists", "standard_lists", "ipv6_lists", "zone_pairs", "control_plane"})
_NAMED = {"class_maps": "class-map", "policy_maps": "policy-map", "route_maps": "route-map", "nat_pools": "ip nat pool"}


def devices(rows: Rows) -> tuple[Device, ...]:
    """The one device of a config."""
    return (_Builder(Config(rows)).device(),)


class _Builder:
    """Puts a device together; each part is made once, in an order in which what it needs is there."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.blocks = Blocks(config)
        self.lists = AccessLists(config, Groups(config.rows))
        self.filters = Filters(self.lists)
        names = self.blocks.names
        self.addressing = Addressing(self.blocks)
        self.routes, self.unread_routes = routing(self.blocks)
        self.way_out = WaysOut(self.blocks, self.addressing.all, self.routes)
        self.route_maps = RouteMaps(config, names, self.way_out.explicit)
        self.policies = Policies(config, self.filters, Classes(config, names, self.lists))
        self.binder = Binder(config, self.filters, self.route_maps, self.policies)

    def device(self) -> Device:
        interfaces = tuple(
            interface(self.blocks, block, self.addressing, self._bindings(block), self.way_out) for block in self.blocks
        )
        by_name = {one.name: one for one in interfaces}
        nat = Translator(self.blocks, self.filters, self.route_maps, by_name).run()
        pairs = tuple(zone_policies(self.config, self.policies))
        reassembly, fragment_policies = self._reassembly()
        features = self._features(interfaces, nat, from_self(self.blocks, self.filters, pairs), reassembly)
        rows = self.config.rows
        return Device(
            name=rows.name,
            platform=rows.platform,
            config=rows.sources[0].file,
            sha256=rows.sha256,
            lines=rows.line_count,
            complete=rows.complete,
            head=rows.head,
            version=self.config.text("version") or "",
            hostname=self.config.text("hostname") or "",
            collected=rows.collected,
            interfaces=interfaces,
            filters=MappingProxyType(self._filters()),
            zones=pairs,
            zoning=zoning(self.config),
            routing=self.routes,
            fragment_policies=fragment_policies,
            reassembly=reassembly,
            forwards=MappingProxyType(forwards(self.blocks)),
            pipelines=pipelines(features),
            speakers=speakers(self.blocks),
            nat_addresses=MappingProxyType({4: nat.addresses, 6: IntervalSet()}),
            not_understood=(*self._not_understood(), *nat.not_understood, *self.unread_routes),
        )

    def _bindings(self, block: Block) -> list[Binding]:
        return [*self.binder.bindings(block), *too_big(self.blocks, block, self.filters)]

    def _filters(self) -> dict[str, Filter]:
        lists = {filter_.name: filter_ for filter_ in self.lists.filters.values()}
        return {**self.filters.made, **lists}

    def _reassembly(self) -> tuple[tuple[Reassembly, ...], tuple[FragmentPolicy, ...]]:
        rows: list[Reassembly] = []
        policies: list[FragmentPolicy] = []
        for block in self.blocks:
            rows += virtual(block, list(_switching_on(block)))
            policies += dropping(block)
        return tuple(rows), tuple(policies)

    def _features(
        self, interfaces: tuple[Interface, ...], nat: Nat, own: str | None, reassembly: tuple[Reassembly, ...]
    ) -> Features:
        into, out = self._control_plane()
        inspects = any(block.rows("inspections") for block in self.blocks)
        return Features(
            translates=bool(nat.destination_in or nat.source_in or nat.source_out or nat.destination_out),
            nat=nat,
            zones=bool(self.config.rows.rows("zones", "zone_pairs")),
            inspects=inspects,
            lists_meet_local=self.config.text("lists_meet_local") is not None,
            undecided=self._undecided(interfaces, reassembly),
            local_policies=tuple(self._local_policies()),
            from_self=own,
            own_inspection=self._own_inspection() if inspects else None,
            control_plane_in=into,
            control_plane_out=out,
        )

    def _undecided(self, interfaces: tuple[Interface, ...], reassembly: tuple[Reassembly, ...]) -> tuple[Evidence, ...]:
        """Lines that make the order of input list and reassembly matter: IOS XE's is known."""
        if self.config.xe:
            return ()
        asking = frozenset(
            self.lists.key(family, name)
            for (family, name), one in self.lists.all.items()
            if one.asks_for_fragments and not one.empty
        )
        joining = {row.interface for row in reassembly if row.direction == "in" and True in row.active.options}
        return order_matters(tuple(one for one in interfaces if one.name in joining), asking)

    def _local_policies(self) -> Iterator[str]:
        """``ip local policy route-map``: policy routing of what the device sends itself."""
        for family in FAMILIES:
            field = f"local_policy{family}"
            name = self.config.text(field)
            if name is not None:
                chooser = self.filters.chooser(family)
                self.route_maps.policy(chooser, name, self.config.line(field)[0])
                yield name_of(name, family)

    def _own_inspection(self) -> str | None:
        """``ip inspect name X ... router-traffic``: inspects what the device sends itself, too."""
        chooser = self.filters.chooser(4, INSPECTION)
        rules: list[Rule] = []
        for block in self.blocks:
            for row in block.rows("inspections"):
                own = [r for r in self._inspection_rows(row["name"]) if "router-traffic" in r["text"].split()]
                lines = {r.evidence() for r in own}
                made = self.filters.made.get(f"ip inspect {row['name']}")
                if row["direction"] == "out" and lines and made is not None:
                    there = InterfaceTest(names=(block.name,))
                    rules += [replace(rule, egress=there) for rule in made.rules if rule.evidence in lines]
        return chooser.add(OWN_INSPECTION, rules, rules[0].evidence) if rules else None

    def _inspection_rows(self, name: str) -> list[Row]:
        return [row for row in self.config.rows.rows("inspection_rules") if row["name"] == name]

    def _control_plane(self) -> tuple[str | None, str | None]:
        """The service policies of the control plane: they count where the device itself is the end."""
        found: dict[str, str | None] = {"input": None, "output": None}
        for row in self.config.rows.rows("control_plane"):
            for line in row.rows("service_policies") if row.get("here") in ("yes", "host") else ():
                found[line["direction"]] = self.policies.service(line["policy"], line.evidence())
        lefts = [left for row in self.config.rows.rows("control_plane") for left in self.config.left_in(row)]
        if lefts and found["input"] is None:
            found["input"] = self.filters.chooser(4).add(CONTROL_PLANE, (), lefts[0].evidence)
        return found["input"], found["output"]

    def _not_understood(self) -> Iterator[NotUnderstood]:
        for block in self.blocks:
            yield from not_understood(self.blocks, block, self.addressing)
        yield from self.lists.not_understood
        yield from unread(self.config)
        for left in self.config.rows.leftovers:
            if left.owner is None:
                yield NotUnderstood(evidence=left.evidence)
        for group in self.config.rows:
            if group not in _ELSEWHERE:
                yield from self._left_in(group)
        yield from self._around_the_control_plane()

    def _left_in(self, group: str) -> Iterator[NotUnderstood]:
        """Lines of blocks that are used elsewhere: they count where that is met."""
        for row in self.config.rows.rows(group):
            for left in self.config.left_in(row):
                name = row.get("name") or row.get("inspect_name") or ""
                yield NotUnderstood(evidence=left.evidence, place=f"{_NAMED[group]} {name}" if group in _NAMED else "")

    def _around_the_control_plane(self) -> Iterator[NotUnderstood]:
        into, _ = self._control_plane()
        for row in self.config.rows.rows("control_plane"):
            for left in self.config.left_in(row):
                yield NotUnderstood(evidence=left.evidence, place=into or CONTROL_PLANE)
            for line in row.rows("service_policies") if row.get("here") not in ("yes", "host") else ():
                if self.policies.service(line["policy"], line.evidence()) is not None:
                    reason = "a policy for packets that the processor forwards is not followed"
                    yield NotUnderstood(evidence=line.evidence(), reason=reason)


def _switching_on(block: Block) -> Iterator[tuple[str, Evidence, tuple[Direction, ...]]]:
    """The lines of an interface that switch virtual reassembly on without showing it, and for which packets."""
    for field in ("nat_inside", "nat_outside", "nat_enable"):
        if block.get(field) == "yes":
            yield "NAT", block.line(field), BOTH
    if block.get("zone"):
        yield "the zone firewall", block.line("zone"), BOTH
    for field in ("crypto_map", "tunnel_protection"):
        if block.get(field):
            yield "IPsec", block.line(field), ("out",)
    for row in block.rows("inspections"):
        yield "inspection", row.evidence(), BOTH
