"""The paths of a flow: each way there with each way back."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice, product

from auditor.model.addresses import ADDRESSES, Family, IntervalSet
from auditor.model.flows import DeviceHop, Endpoint, Flow, HopClaim, Via
from auditor.model.paths import Doubt, Path
from auditor.topology.claimed import Claimed
from auditor.topology.derived import MOST_PATHS, Search
from auditor.topology.ends import both_ends, families, ports_of
from auditor.topology.network import Network, lost
from auditor.topology.spots import spots_of
from auditor.topology.train import End, Errand, Side, Train
from auditor.topology.underlay import with_underlays

MOST_PAIRS = 256  # of one sender and family


@dataclass(frozen=True, slots=True, kw_only=True)
class PathPair:
    """A way there and a way back, between one sender of the flow and its receiver (names of endpoints). ``reverse``
    carries a part of the addresses that ``forward`` carries; what it doesn't goes another way back, in another pair.
    """

    sender: str
    receiver: str
    forward: Path
    reverse: Path

    @property
    def family(self) -> Family:
        return self.forward.family


def pairs(net: Network, flow: Flow, endpoints: Mapping[str, Endpoint]) -> tuple[PathPair, ...]:
    """Every pair of the flow: of each sender, each family that both ends have, each way there and each way back.

    Raises InventoryError, PathChoiceError among them, at the user's own line.
    """
    receiver = endpoints[flow.receiver]
    return tuple(pair for name in flow.senders for pair in _of_sender(net, flow, endpoints[name], receiver))


def _of_sender(net: Network, flow: Flow, sender: Endpoint, receiver: Endpoint) -> Iterator[PathPair]:
    found = families(net, flow, sender, receiver)
    if not found:
        yield _without_family(flow, sender, receiver)
    for family in found:
        yield from _of_family(net, flow, sender, receiver, family)


def _without_family(flow: Flow, sender: Endpoint, receiver: Endpoint) -> PathPair:
    family = flow.family or (flow.aim[0] if flow.aim else 4)
    doubt = Doubt(device=sender.name, reason=f"it has no address family in common with {receiver.name}")
    every = ADDRESSES[family]
    way = Path(family=family, direction="forward", hops=(), clients=every, servers=every, doubts=(doubt,))
    return PathPair(sender=sender.name, receiver=receiver.name, forward=way, reverse=replace(way, direction="reverse"))


def _of_family(net: Network, flow: Flow, sender: Endpoint, receiver: Endpoint, family: Family) -> list[PathPair]:
    near, far = both_ends(net, flow, sender, receiver, family)
    there = _forward(net, flow, receiver, near, far, family)
    found = [
        PathPair(
            sender=sender.name,
            receiver=receiver.name,
            forward=with_underlays(net, ahead.path()),
            reverse=with_underlays(net, back.path()),
        )
        for ahead, back in islice(_with_ways_back(net, flow, near, far, there), MOST_PAIRS + 1)
    ]
    if len(found) <= MOST_PAIRS:
        return found
    last = found[MOST_PAIRS - 1]
    reason = f"there are more than {MOST_PAIRS} pairs of ways there and back; not all were followed"
    doubt = Doubt(device=receiver.name, reason=reason)
    cut = replace(last, forward=replace(last.forward, doubts=(*last.forward.doubts, doubt)))
    return [*found[: MOST_PAIRS - 1], cut]


# --- there


def _errand(flow: Flow, near: End, far: End, family: Family) -> Errand:
    clients, servers = ports_of(flow, near)
    return Errand(
        family=family,
        direction="forward",
        sender=near,
        receiver=far,
        source_ports=clients,
        destination_ports=servers,
    )


def _forward(net: Network, flow: Flow, receiver: Endpoint, near: End, far: End, family: Family) -> list[Train]:
    """The ways there. A flow aims at the published address where a hop translates it, else at the end's own."""
    errand = _errand(flow, near, far, family)
    if flow.via is not None:
        ways = [_Way(net, errand, claims) for claims in _combined(flow.via)]
        aims = [_aimed(way, flow, receiver, near, far, family) for way in ways]
        return _bounded([train for trains in aims for train in trains], receiver.name)
    return _aimed(_Way(net, errand, None), flow, receiver, near, far, family)


@dataclass(frozen=True, slots=True)
class _Way:
    """How an errand is done: along the claims, or without any as the routes lead."""

    net: Network
    errand: Errand
    claims: Sequence[HopClaim] | None

    def paths(self, source: Side, destination: Side) -> list[Train]:
        errand = self.errand
        train = Train(family=errand.family, direction=errand.direction, source=source, destination=destination)
        if self.claims is None:
            found = Search(self.net, errand).paths(train)
        else:
            found = Claimed(self.net, errand, spots_of(self.net, errand, self.claims)).paths(train)
        return found or [lost(train, errand.sender.name, f"no way to {errand.receiver.name} is known")]


def _aimed(way: _Way, flow: Flow, receiver: Endpoint, near: End, far: End, family: Family) -> list[Train]:
    source = Side.of(near.values)
    if flow.aim is not None:
        return way.paths(source, Side.of(IntervalSet.single(flow.aim[1])))
    published = receiver.published.get(family)
    if published is None:
        return way.paths(source, Side.of(far.values))
    outside = way.paths(source, Side.of(IntervalSet.single(published)))
    if any(one.end == "destination" for train in outside for one in train.rewrites):
        return outside
    if _may_translate(way, outside):
        return outside
    inside = way.paths(source, Side.of(far.values))
    return inside if all(train.arrived for train in inside) or not _translates(way, published, family) else outside


def _may_translate(way: _Way, trains: Sequence[Train]) -> bool:
    """Whether a device on the way could not be read: it may be the one that translates the published address."""
    devices = (way.net.devices.get(hop.device) for train in trains for hop in train.hops)
    return any(device is not None and device.unreadable for device in devices)


def _translates(way: _Way, published: int, family: Family) -> bool:
    """Whether some device, on the path or not, has a NAT rule for the published address."""
    return bool(way.net.translating(family, IntervalSet.single(published)))


def _combined(via: Via) -> list[tuple[HopClaim, ...]]:
    """Each choice of one hop from every set of alternatives, up to one more than are followed."""
    return list(islice(product(*via), MOST_PATHS + 1))


def _bounded(trains: list[Train], name: str) -> list[Train]:
    if len(trains) <= MOST_PATHS:
        return trains
    reason = f"there are more than {MOST_PATHS} paths; not all were followed"
    return [*trains[: MOST_PATHS - 1], trains[MOST_PATHS - 1].doubted(Doubt(device=name, reason=reason))]


# --- and back


def _with_ways_back(
    net: Network, flow: Flow, near: End, far: End, there: Sequence[Train]
) -> Iterator[tuple[Train, Train]]:
    """Each way there with its ways back: as the routes lead, as the user says, or the ways there turned round."""
    for ahead in there:
        errand = _errand_back(flow, near, far, ahead)
        ways = [_Way(net, errand, claims) for claims in _claims_back(flow, ahead, there)]
        found = [train for way in ways for train in way.paths(*_sides_back(far, ahead))]
        for back in _bounded(found, near.name):
            yield ahead, back


def _claims_back(flow: Flow, ahead: Train, there: Sequence[Train]) -> list[tuple[HopClaim, ...] | None]:
    """The hops of the ways back; None for what the routes say."""
    said = flow.return_via or ("routing" if flow.via is None else "reverse")
    if not isinstance(said, str):
        return list(_combined(said))
    if said == "routing":
        return [None]
    single = all(len(place) == 1 for place in flow.via or ())
    mirrored = single or flow.return_via == "reverse"
    return list(dict.fromkeys(_turned(flow, one) for one in ([ahead] if mirrored else there)))


def _turned(flow: Flow, train: Train) -> tuple[HopClaim, ...]:
    """The hops of a way there as claims for the way back."""
    origins = {hop.device: hop.origin for place in flow.via or () for hop in place if isinstance(hop, DeviceHop)}
    return tuple(
        hop.opaque
        or DeviceHop(
            device=hop.device, origin=origins.get(hop.device, flow.origin), ingress=hop.egress, egress=hop.ingress
        )
        for hop in reversed(train.hops)
    )


def _errand_back(flow: Flow, near: End, far: End, ahead: Train) -> Errand:
    clients, servers = ports_of(flow, near)
    return Errand(
        family=ahead.family,
        direction="reverse",
        sender=far,
        receiver=near,
        source_ports=servers,
        destination_ports=clients,
        undo=ahead.rewrites,
        crossed=frozenset(hop.device for hop in ahead.hops if hop.opaque is None),
    )


def _sides_back(far: End, ahead: Train) -> tuple[Side, Side]:
    """Source and destination of an answer: from the server's own address to the client's as the server sees it."""
    source = ahead.destination
    if not ahead.arrived and not source.values <= far.values:
        source = Side(source.region, far.values, None)
    return source, ahead.source
