"""Where one device sends packets: its tables, and the longest match over sets of destinations."""

from dataclasses import dataclass, field, replace
from typing import Literal

from auditor.model.addresses import Family, IntervalSet, address_text
from auditor.model.device import Device, Interface, NextHop, Route
from auditor.model.evidence import Evidence
from auditor.topology.prefixes import PrefixTable
from auditor.topology.tables import Winners, lines_of, seen, table

DEEPEST = 8  # routes that lead to each other, and VRFs that leak into each other


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One way out. ``gateway`` is the next hop's address on that link, None where the destination itself is on it."""

    interface: str
    vrf: str
    gateway: int | None = None
    mtu: int | None = None
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Routed:
    """What a device does with packets: sends them one of the ``ways`` (all of equal cost), takes them in (``local``),
    discards them, has no route (``none``: then all its routes are known), or nobody knows, for ``reason``.

    ``doubt`` says why it may be otherwise, with the lines ``doubted``.
    """

    kind: Literal["ways", "local", "discard", "none", "unknown"]
    ways: tuple[Way, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    reason: str = ""
    doubt: str = ""
    doubted: tuple[Evidence, ...] = ()

    @property
    def certain(self) -> bool:
        """Whether it is known what becomes of the packets."""
        return self.kind != "unknown" and not self.doubt

    def leaves_by(self, interface: str) -> bool:
        """Whether one of the ways is this interface."""
        return any(way.interface == interface for way in self.ways)

    def key(self) -> object:
        """What distinguishes it from others, but for the lines."""
        ways = tuple((way.interface, way.vrf, way.gateway, way.mtu) for way in self.ways)
        return self.kind, ways, self.reason, self.doubt


Parts = tuple[tuple[IntervalSet, Routed], ...]


@dataclass(slots=True)
class RouteBook:
    """The tables of one device, made when they are first asked for."""

    device: Device
    _interfaces: dict[str, Interface] = field(init=False)
    _listed: dict[tuple[str, Family], list[Route]] = field(default_factory=dict, init=False)
    _tables: dict[tuple[str, Family], PrefixTable[Winners]] = field(default_factory=dict, init=False)
    _hops: dict[tuple[str, Family, NextHop], Routed] = field(default_factory=dict, init=False)
    _asked: dict[tuple[str, Family, IntervalSet], Parts] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        further = {name: i for i in self.device.interfaces for name in i.resolves_by}
        self._interfaces = {**further, **{i.name: i for i in self.device.interfaces}}

    def route(self, vrf: str, family: Family, destinations: IntervalSet) -> Parts:
        """The destinations in parts by what becomes of packets to them."""
        key = (vrf, family, destinations)
        if key not in self._asked:
            self._asked[key] = self._route(vrf, family, destinations, 0)
        return self._asked[key]

    def by_default(self, vrf: str, family: Family, destinations: IntervalSet) -> IntervalSet:
        """The destinations that only a default route covers."""
        parts = self._table(vrf, family).split(destinations)
        return IntervalSet.union(share for winners, share in parts if winners and winners[0].length == 0)

    def _route(self, vrf: str, family: Family, destinations: IntervalSet, depth: int) -> Parts:
        shares: dict[object, tuple[list[IntervalSet], Routed]] = {}
        for winners, share in self._table(vrf, family).split(destinations):
            for part, routed in self._decide(vrf, family, winners, share, depth):
                sets, first = shares.setdefault(routed.key(), ([], routed))
                sets.append(part)
                if first is not routed:  # the longest prefixes come first; the widest route is the one to show
                    shares[routed.key()] = (sets, routed)
        return tuple((IntervalSet.union(sets), routed) for sets, routed in shares.values())

    def _decide(self, vrf: str, family: Family, winners: Winners | None, share: IntervalSet, depth: int) -> Parts:
        """What becomes of packets that these routes win, or none."""
        if winners is None:
            return ((share, self._uncovered(family)),)
        leaks = [hop.vrf for route in winners for hop in route.next_hops if hop.vrf and not hop.address]
        leak = next((name for name in leaks if name), None)
        if leak and not any(hop.interface for route in winners for hop in route.next_hops):
            if depth >= DEEPEST:
                return ((share, Routed(kind="unknown", reason="its VRFs lead into each other")),)
            inner = self._route(leak, family, share, depth + 1)
            return tuple((part, replace(routed, evidence=lines_of(winners))) for part, routed in inner)
        return ((share, self._doubting(family, winners, self._resolved(vrf, family, winners, depth))),)

    def _uncovered(self, family: Family) -> Routed:
        routing = self.device.routing
        if routing.complete.get(family, False):
            return Routed(kind="none", evidence=(self.device.head,), doubt=self._ruled(), doubted=routing.rules)
        if routing.elsewhere:
            reason = "no route to them is in its config, and a routing protocol may bring one"
            return Routed(kind="unknown", reason=reason, evidence=routing.elsewhere)
        return Routed(kind="unknown", reason="no route to them is known", evidence=(self.device.head,))

    def _ruled(self) -> str:
        return "policy rules may choose another table" if self.device.routing.rules else ""

    def _doubting(self, family: Family, winners: Winners, routed: Routed) -> Routed:
        """With why the routes that win may not be those that the device uses."""
        if routed.kind in ("local", "unknown"):
            return routed
        uncertain = next((route for route in winners if route.uncertain), None)
        if uncertain is not None:
            return replace(
                routed, doubt=f"the route may not be in force: {uncertain.uncertain}", doubted=lines_of(winners)
            )
        routing = self.device.routing
        if routing.rules:
            return replace(routed, doubt=self._ruled(), doubted=routing.rules)
        if routing.elsewhere and not routing.complete.get(family, False) and not any(map(seen, winners)):
            return replace(routed, doubt="a routing protocol may bring a better route", doubted=routing.elsewhere)
        return routed

    def _resolved(self, vrf: str, family: Family, winners: Winners, depth: int) -> Routed:
        """The next hops of routes of one prefix, each followed to its interface."""
        lines = lines_of(winners)
        if winners[0].protocol == "local":
            return Routed(kind="local", evidence=lines)
        ways: dict[object, Way] = {}
        faults: list[Routed] = []
        for route in winners:
            for hop in route.next_hops:
                found = self._followed(vrf, family, hop, depth)
                for way in found.ways:
                    mtu = min((m for m in (route.mtu, way.mtu) if m is not None), default=None)
                    one = replace(way, mtu=mtu, evidence=(route.evidence,))
                    ways.setdefault((way.interface, way.vrf, way.gateway), one)
                if found.kind != "ways" or found.doubt:
                    faults.append(found)
        doubt = next(((f.doubt, f.doubted) for f in faults if f.doubt), ("", ()))
        if ways:
            unknown = next((f.reason for f in faults if f.kind == "unknown"), "")
            doubt = (unknown, lines) if unknown else doubt
            return Routed(kind="ways", ways=tuple(ways.values()), evidence=lines, doubt=doubt[0], doubted=doubt[1])
        if faults:
            return replace(faults[0], evidence=lines)
        return Routed(kind="discard", evidence=lines)

    def _followed(self, vrf: str, family: Family, hop: NextHop, depth: int) -> Routed:
        key = (vrf, family, hop)
        if key not in self._hops:
            found = self._follow(vrf, family, hop, depth)
            if depth:  # what was cut short by its depth may be known from elsewhere
                return found
            self._hops[key] = found
        return self._hops[key]

    def _follow(self, vrf: str, family: Family, hop: NextHop, depth: int) -> Routed:
        """One next hop: by its interface, else by the route to its address."""
        if hop.interface is not None:
            interface = self._interfaces.get(hop.interface)
            if interface is None:
                return Routed(
                    kind="unknown", reason=f"its config does not tell the interface {hop.interface} of a route"
                )
            return Routed(kind="ways", ways=(Way(interface=interface.name, vrf=interface.vrf, gateway=hop.address),))
        if hop.address is None:
            return Routed(kind="unknown", reason="the next hop of its route is not known")
        text = address_text(family, hop.address)
        if depth >= DEEPEST:
            return Routed(kind="unknown", reason=f"the route to its next hop {text} leads back to itself")
        single = IntervalSet.single(hop.address)
        ((_, found),) = self._route(hop.vrf or vrf, family, single, depth + 1)
        if found.kind == "ways":
            ways = tuple(replace(w, gateway=hop.address if w.gateway is None else w.gateway) for w in found.ways)
            return replace(found, ways=ways)
        if found.kind == "discard":
            return found
        if found.kind == "local":
            return Routed(kind="unknown", reason=f"the next hop {text} of its route is an address of its own")
        if found.reason.startswith("the route to its next hop"):
            return found
        return Routed(kind="unknown", reason=f"there is no route to the next hop {text}")

    def _table(self, vrf: str, family: Family) -> PrefixTable[Winners]:
        if (vrf, family) not in self._tables:
            if not self._listed:
                for route in self.device.routing.routes:
                    self._listed.setdefault((route.vrf, route.family), []).append(route)
            listed = self._listed.get((vrf, family), ())
            self._tables[vrf, family] = table(self.device, self._interfaces, vrf, family, listed)
        return self._tables[vrf, family]
