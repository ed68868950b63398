"""A device's routing table of one VRF and family: own addresses, connected subnets and routes, the best of a prefix."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import PurePosixPath

from auditor.model.addresses import BITS, Family, IntervalSet, prefix
from auditor.model.device import Device, Interface, NextHop, Route
from auditor.model.evidence import Evidence
from auditor.topology.prefixes import PrefixTable
from auditor.topology.subnets import is_local

Winners = tuple[Route, ...]  # the routes of one prefix that are of equal cost
CONFIGURED = frozenset({"static", "connected", "local"})  # what a config may state without the route being in force


def table(
    device: Device, interfaces: Mapping[str, Interface], vrf: str, family: Family, routes: Iterable[Route]
) -> PrefixTable[Winners]:
    """For each prefix the routes that win: of the lowest distance, then the lowest metric. An own address always wins;
    a connected subnet is added unless a listed route says already by which interface it is reached.
    """
    bits = BITS[family]
    best: dict[tuple[int, int], list[Route]] = {}
    direct: set[tuple[int, int]] = set()
    down = _down(device, vrf, family)
    for route in routes:
        if not _in_use(route, interfaces, down):
            continue
        key = (route.destination.first >> (bits - route.length), route.length)
        if route.distance == 0 and any(hop.interface and hop.address is None for hop in route.next_hops):
            direct.add(key)
        _keep(best.setdefault(key, []), route)
    for route in _connected(device, vrf, family):
        key = (route.destination.first >> (bits - route.length), route.length)
        if route.protocol == "local":
            best[key] = [route]
        elif key not in direct:
            _keep(best.setdefault(key, []), route)
    entries = ((network << (bits - length), length, tuple(won)) for (network, length), won in best.items())
    return PrefixTable(family, entries)


def _down(device: Device, vrf: str, family: Family) -> IntervalSet:
    """The addresses that are only on links that are shut down."""
    own: dict[bool, list[IntervalSet]] = {True: [], False: []}
    for interface in device.interfaces:
        if interface.vrf == vrf:
            for address in interface.addresses:
                if address.family == family:
                    own[interface.enabled].append(prefix(family, address.address, address.length))
    return IntervalSet.union(own[False]) - IntervalSet.union(own[True])


def _in_use(route: Route, interfaces: Mapping[str, Interface], down: IntervalSet) -> bool:
    """Not where every next hop is on a link that is shut down."""
    return not route.next_hops or any(_is_up(hop, interfaces, down) for hop in route.next_hops)


def _is_up(hop: NextHop, interfaces: Mapping[str, Interface], down: IntervalSet) -> bool:
    if hop.interface:
        interface = interfaces.get(hop.interface)
        return interface is None or interface.enabled
    return hop.address is None or hop.vrf is not None or hop.address not in down


def _connected(device: Device, vrf: str, family: Family) -> Iterable[Route]:
    """The addresses and the subnets of the device's own interfaces, as routes."""
    for interface in device.interfaces:
        if not interface.enabled or interface.vrf != vrf:
            continue
        for address in interface.addresses:
            if address.family != family or is_local(address):
                continue
            own = Route(
                family=family,
                destination=IntervalSet.single(address.address),
                length=BITS[family],
                next_hops=(),
                evidence=address.evidence,
                vrf=vrf,
                protocol="local",
                distance=0,
            )
            yield own
            if address.length < BITS[family]:
                subnet = prefix(family, address.address, address.length)
                hops = (NextHop(interface=interface.name),)
                yield replace(own, destination=subnet, length=address.length, next_hops=hops, protocol="connected")


def _keep(routes: list[Route], route: Route) -> None:
    """Adds a route to those of its prefix, of which the best stay."""
    if routes and (route.distance, route.metric) < (routes[0].distance, routes[0].metric):
        routes.clear()
    if not routes or (route.distance, route.metric) == (routes[0].distance, routes[0].metric):
        routes.append(route)


def seen(route: Route) -> bool:
    """Whether the device was seen to use the route: it is connected, was collected, or no config states such a one."""
    if route.protocol == "connected" or route.protocol not in CONFIGURED:
        return True
    return PurePosixPath(route.evidence.file).parts[:1] == ("routes",)


def lines_of(routes: Iterable[Route]) -> tuple[Evidence, ...]:
    """The lines of routes, each once."""
    return tuple(dict.fromkeys(route.evidence for route in routes))
