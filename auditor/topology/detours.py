"""Where a hop's own routes lead elsewhere than the path that the user named."""

from collections.abc import Iterator

from auditor.model.addresses import EMPTY, Family, IntervalSet
from auditor.model.device import Device, Interface
from auditor.model.paths import Detour
from auditor.topology.network import Network, address_at, texts
from auditor.topology.routes import Parts, Routed, Way
from auditor.topology.spots import Spot, Spots
from auditor.topology.train import Errand, Train

MOST_DETOURS = 4  # of one hop; more say nothing new


def detours(
    net: Network,
    errand: Errand,
    train: Train,
    spots: Spots,
    index: int,
    parts: Parts,
    egress: Interface | None,
) -> tuple[Detour, ...]:
    """The parts of the destinations that the hop surely sends elsewhere."""
    return tuple(_found(net, errand, train, spots, index, parts, egress))[:MOST_DETOURS]


def _found(
    net: Network, errand: Errand, train: Train, spots: Spots, index: int, parts: Parts, egress: Interface | None
) -> Iterator[Detour]:
    here = spots[index]
    there = spots[index + 1] if index + 1 < len(spots) else None
    assert here.device is not None  # noqa: S101 (the caller looked)
    for part, routed in parts:
        if not routed.certain or _agrees(net, here.device, train.family, part, routed, spots, there, egress):
            continue
        by = f" by {egress.name}" if egress else ""
        whither = _whither(net, here.device, train.family, routed)
        if part != train.destination.values:
            whither += f" for {texts(train.family, part)}"
        yield Detour(
            device=here.name,
            claimed=f"{there.name if there else errand.receiver.name}{by}",
            routed=whither,
            evidence=tuple(dict.fromkeys(line for w in routed.ways for line in w.evidence)) or routed.evidence,
            origin=here.origin,
        )


def _agrees(
    net: Network,
    device: Device,
    family: Family,
    part: IntervalSet,
    routed: Routed,
    spots: Spots,
    there: Spot | None,
    egress: Interface | None,
) -> bool:
    if routed.kind == "local":
        return bool(part & device.nat_addresses.get(family, EMPTY))
    on_path = {spot.name for spot in spots if spot.opaque is None}
    return any(
        (egress is None or way.interface == egress.name) and _leads(net, device, family, part, way, there, on_path)
        for way in routed.ways
    )


def _leads(
    net: Network, device: Device, family: Family, part: IntervalSet, way: Way, there: Spot | None, on_path: set[str]
) -> bool:
    """Whether a way leads to the next hop that was named, as far as that can be told."""
    if way.gateway is None:
        return _leads_onto(net, device, family, part, way, there)
    owners = {port.device for port in net.next_ports(device, way, family)}
    if there is None:
        return not owners
    if there.device is None:
        return not owners or bool(owners & on_path)
    if owners:
        return there.name in owners
    ports = [p for p in net.links.neighbours(device.name, way.interface) if p.device == there.name]
    unknown = [i for i in there.device.interfaces if i.enabled and i.dynamic_address is not None]
    return not ports and bool(unknown)


def _leads_onto(net: Network, device: Device, family: Family, part: IntervalSet, way: Way, there: Spot | None) -> bool:
    """The same, for packets whose destination is on the link itself, or behind an interface without an address."""
    on_link = part & IntervalSet.union(s.values for s in net.links.of(device.name, way.interface, family))
    if there is None or there.device is None or not on_link:
        return True
    translated = there.device.nat_addresses.get(family, EMPTY)
    own = any(p.device == there.name for first, _ in on_link for p in net.links.owners(family, first))
    return own or bool(on_link & translated)


def _whither(net: Network, device: Device, family: Family, routed: Routed) -> str:
    """Where the route leads, in words."""
    if routed.kind == "discard":
        return "nowhere: the route discards packets"
    if routed.kind == "none":
        return "nowhere: it has no route"
    if routed.kind == "local":
        return "itself: the address is its own"
    words = []
    for way in routed.ways:
        owners = [] if way.gateway is None else [p.device for p in net.next_ports(device, way, family)]
        to = " or ".join(dict.fromkeys(owners))
        words.append(f"{to}{address_at(family, way.gateway)} by {way.interface}".strip())
    return " and ".join(dict.fromkeys(words))
