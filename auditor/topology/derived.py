"""Paths that nobody named: from the sender hop by hop, as each device's routes lead, until the other end is reached."""

from dataclasses import dataclass, field, replace

from auditor.model.device import Device, Interface
from auditor.model.paths import Doubt, PathHop, Role
from auditor.topology.arrival import Arrival, local
from auditor.topology.handing import Handing, Next, arriving, sources
from auditor.topology.hops import hop
from auditor.topology.natrules import Here
from auditor.topology.network import Network, dead, lost, texts
from auditor.topology.routes import Parts, Routed, Way
from auditor.topology.train import Errand, Train
from auditor.topology.translation import rewritten

MOST_PATHS = 64
MOST_HOPS = 64
UNADDRESSED = "where it sends packets is not known: NAT gave the other end an address that is in no config"


@dataclass(frozen=True, slots=True)
class Search:
    """The search for the paths of one errand."""

    net: Network
    errand: Errand
    handing: Handing = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "handing", Handing(self.net, self.errand))

    def paths(self, train: Train) -> list[Train]:
        """Every path that the train may take, as far as it can be known; at most ``MOST_PATHS``."""
        receiver = self.errand.receiver
        if receiver.doubt is not None:
            return [train.doubted(receiver.doubt)]
        if not train.destination.known(train.family):
            return [lost(train, self.errand.sender.name, UNADDRESSED)]
        pending = list(self._start(train))[::-1]
        found: list[Train] = []
        while pending:
            item = pending.pop()
            if isinstance(item, Arrival):
                pending += list(self._routed(item))[::-1]
            elif len(found) == MOST_PATHS:
                reason = f"there are more than {MOST_PATHS} paths; not all were followed"
                return [*found[:-1], found[-1].doubted(Doubt(device=receiver.name, reason=reason))]
            else:
                found.append(item)
        return found

    def _start(self, train: Train) -> Next:
        sender = self.errand.sender
        if sender.doubt is not None:
            train = train.doubted(sender.doubt)
        if sender.device is not None:
            device = self.net.readable(sender.device, sender.origin)
            if device is None:
                yield train.crossed(PathHop(device=sender.device, role="local-out"))
            elif sender.doubt is not None:
                yield train.crossed(hop(self.net, train, device, role="local-out", vrf=sender.vrf))
            else:
                yield Arrival(train, device, None, sender.vrf, role="local-out")
        elif sender.places:
            for place in sender.places:
                yield from self._at_place(train, place.device, place.interface)
        else:
            yield from self._on_links(train)

    def _at_place(self, train: Train, name: str, interface: str | None) -> Next:
        """Where the user says that the sender is attached."""
        device = self.net.readable(name, self.errand.sender.origin)
        if device is None:
            reason = "nothing could be read of it: where it sends packets is not known"
            yield lost(train.crossed(PathHop(device=name, ingress=interface)), name, reason)
            return
        named = device.interface(interface) if interface else None
        if named is not None:
            yield arriving(train, device, named)
            return
        for part, ingress in toward_sender(self.net, device, train):
            if ingress is None:
                reason = f"by which interface packets from {self.errand.sender.name} come in is not known: "
                yield lost(part, name, reason + "name it in 'attach'")
            else:
                yield arriving(part, device, ingress)

    def _on_links(self, train: Train) -> Next:
        """The sender on the connected subnets that hold its addresses; behind NAT it stands on none."""
        name, family, values = self.errand.sender.name, train.family, train.source.values
        if not values:
            yield lost(train, name, f"it has no IPv{family} address")
        for device, outer in self.net.translating(family, values):
            share = outer & values
            if not share:
                continue
            outside = f"{texts(family, share)} is the outside of a NAT rule, and {name} stands behind it: "
            reason = outside + "give it its own address, and this one as 'published'"
            yield lost(sources(train, share), device.name, reason)
            values = values - share
        for subnet, share in self.net.links.split(family, values):
            if subnet is None:
                what = "no connected subnet holds its addresses" if self.errand.sender.internet else ""
                what = what or f"no connected subnet holds {texts(family, share)}"
                yield lost(sources(train, share), name, f"{what}: say where it is attached ('attach')")
            else:
                yield from self.handing.from_subnet(sources(train, share), subnet)

    def _routed(self, at: Arrival) -> Next:
        """What a device does with packets: NAT, its routes, NAT again."""
        here = Here(device=at.device, role=at.role, ingress=at.ingress, egress=None)
        for train in rewritten(here, self.errand, at.train, "before"):
            place = (at.device.name, at.vrf, train.destination.values)
            if train.was_at(*place) or len(train.hops) >= MOST_HOPS:
                yield _looped(train, at.device.name)
                continue
            if not train.destination.known(train.family):
                yield _unaddressed(self.net, at, train)
                continue
            marked = replace(train, seen=train.seen | {place})
            same = train.destination == at.train.destination
            for part, routed in self.net.route(at.device, at.vrf, train.family, train.destination.values):
                yield from self._decided(replace(at, train=marked.to(part), first=at.first and same), routed)

    def _decided(self, at: Arrival, routed: Routed) -> Next:
        train, device = at.train, at.device
        if routed.doubt:
            train = lost(train, device.name, routed.doubt, routed.doubted)
        if routed.kind == "ways":
            for way in self._ways(at, routed):
                yield from self._leaves(replace(at, train=train), routed, way)
            return
        role: Role = "local-in" if routed.kind == "local" and at.role == "transit" else at.role
        train = train.crossed(hop(self.net, train, device, role=role, ingress=at.ingress, vrf=at.vrf, routed=routed))
        aim = texts(train.family, train.destination.values)
        if routed.kind == "local":
            yield local(self.errand, train, device.name, at.role, routed.evidence)
        elif routed.kind == "discard":
            yield dead(train, device.name, f"its route to {aim} discards packets", routed.evidence)
        elif routed.kind == "none":
            yield dead(train, device.name, f"it has no route to {aim}", routed.evidence)
        else:
            reason = f"where it sends packets to {aim} is not known: {routed.reason}"
            yield lost(train, device.name, reason, routed.evidence)

    def _ways(self, at: Arrival, routed: Routed) -> list[Way]:
        """The ways of equal cost, without the one back to the link on which the sender stands, if there is another."""
        if not at.first or at.ingress is None:
            return list(routed.ways)
        return [way for way in routed.ways if way.interface != at.ingress.name] or list(routed.ways)

    def _leaves(self, at: Arrival, routed: Routed, way: Way) -> Next:
        egress = at.device.interface(way.interface)
        made = hop(
            self.net, at.train, at.device, role=at.role, ingress=at.ingress, egress=egress, vrf=at.vrf, routed=routed,
            way=way,
        )  # fmt: skip
        here = Here(device=at.device, role=at.role, ingress=at.ingress, egress=egress)
        for train in rewritten(here, self.errand, at.train, "after"):
            yield from self.handing.out_of(train.crossed(made), at.device, way)


def _unaddressed(net: Network, at: Arrival, train: Train) -> Train:
    """Where packets go to an address that NAT gave the other end, and nobody knows which that is."""
    here = hop(net, train, at.device, role=at.role, ingress=at.ingress, vrf=at.vrf)
    return lost(train.crossed(here), at.device.name, UNADDRESSED)


def toward_sender(net: Network, device: Device, train: Train) -> list[tuple[Train, Interface | None]]:
    """The train in parts by the interface that the device's routes say leads to the sender, None where none does."""
    vrfs = sorted({interface.vrf for interface in device.interfaces}, key=lambda name: (name != "default", name))
    parts: Parts = ()
    for vrf in vrfs or ["default"]:
        routed_here = net.route(device, vrf, train.family, train.source.values)
        if not parts or any(routed.ways for _, routed in routed_here):
            parts = routed_here
        if any(routed.ways for _, routed in parts):
            break
    found: list[tuple[Train, Interface | None]] = []
    for part, routed in parts:
        names = dict.fromkeys(way.interface for way in routed.ways)
        found += [(sources(train, part), device.interface(name)) for name in names or [""]]
    return found


def _looped(train: Train, device: str) -> Train:
    names = [one.device for one in train.hops]
    start = names.index(device) if device in names else 0
    ring = " -> ".join([*names[start:], device])
    lines = tuple(dict.fromkeys(line for one in train.hops[start:] for line in one.routed_by))
    return lost(train, device, f"the routes lead in a circle: {ring}", lines)
