"""One hop of a path, with what its device's own routes say of it."""

from typing import Literal

from auditor.model.addresses import ADDRESSES, Family, IntervalSet
from auditor.model.device import Device, Interface
from auditor.model.evidence import Evidence, Fact
from auditor.model.paths import PathHop, Role
from auditor.topology.network import Network
from auditor.topology.routes import Routed, Way
from auditor.topology.train import Train

Back = Literal["ingress", "another", "none"]


def hop(
    net: Network,
    train: Train,
    device: Device,
    *,
    role: Role = "transit",
    ingress: Interface | None = None,
    egress: Interface | None = None,
    vrf: str = "default",
    routed: Routed | None = None,
    way: Way | None = None,
) -> PathHop:
    """The device as a hop of this train. ``way`` is the one that it takes of those that the route has."""
    fact = egress.mtu.get(train.family) if egress else None
    way_back = back(net, device, ingress, train.family, train.source.values) if ingress else None
    return PathHop(
        device=device.name,
        ingress=ingress.name if ingress else None,
        egress=egress.name if egress else None,
        vrf=vrf,
        role=role,
        route_mtu=way.mtu if way else None,
        routed_by=_lines(routed, way),
        mtu=fact.value if fact else None,
        split=_split(routed, way),
        back=way_back,
        back_by_default=bool(ingress and way_back and by_default(net, device, ingress, train)),
    )


def _lines(routed: Routed | None, way: Way | None) -> tuple[Evidence, ...]:
    if routed is None:
        return ()
    return way.evidence or routed.evidence if way else routed.evidence


def _split(routed: Routed | None, way: Way | None) -> tuple[Evidence, ...]:
    """The lines of the other ways of equal cost."""
    if routed is None or way is None or len(routed.ways) < 2:
        return ()
    return tuple(dict.fromkeys(line for other in routed.ways if other != way for line in other.evidence))


def back(net: Network, device: Device, ingress: Interface, family: Family, sources: IntervalSet) -> Back | None:
    """Where the device's own route to the packets' sources leaves; None where that is not known, differs for parts of
    them in a way that matters, or where the interface does not ask for it.
    """
    check = ingress.source_check.get(family)
    if check is None or set(check.options) == {"off"} or sources == ADDRESSES[family]:
        return None
    parts = net.route(device, ingress.vrf, family, sources)
    if not all(routed.certain for _, routed in parts):
        return None
    ways: set[Back] = {_back(routed, ingress) for _, routed in parts}
    if _leaves_default_out(check):
        default = net.by_default(device, ingress.vrf, family, sources)
        if default and default != sources:
            return None
    if ways == {"ingress", "another"} and not any(option.startswith("strict") for option in check.options):
        return "another"
    return ways.pop() if len(ways) == 1 else None


def by_default(net: Network, device: Device, ingress: Interface, train: Train) -> bool:
    """Whether the way back is the default route, where the interface's check does not count that one."""
    check = ingress.source_check.get(train.family)
    if check is None or not _leaves_default_out(check):
        return False
    return bool(net.by_default(device, ingress.vrf, train.family, train.source.values))


def _leaves_default_out(check: Fact[str]) -> bool:
    return any(option.endswith("-no-default") for option in check.options)


def _back(routed: Routed, ingress: Interface) -> Back:
    if routed.kind != "ways":
        return "none"
    return "ingress" if routed.leaves_by(ingress.name) else "another"
