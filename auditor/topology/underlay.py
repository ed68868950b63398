"""The way of a tunnel's outer packets: from the device that sends them to the one that has the tunnel's far end."""

from dataclasses import replace

from auditor.model.addresses import IntervalSet
from auditor.model.device import Device, Tunnel
from auditor.model.flows import Origin
from auditor.model.paths import Doubt, Path, PathHop
from auditor.topology.derived import Search
from auditor.topology.network import Network, own_values
from auditor.topology.train import End, Errand, Side, Train

DEEPEST = 3  # tunnels inside tunnels
NO_PORTS = IntervalSet((0, 1))  # the outer packets have none
NOWHERE = Origin(file="", line=1, key="")


def with_underlays(net: Network, path: Path, depth: int = 0) -> Path:
    """The path with the ways under its tunnels."""
    hops = tuple(_with_underlay(net, hop, depth) for hop in path.hops)
    return path if hops == path.hops else replace(path, hops=hops)


def _with_underlay(net: Network, hop: PathHop, depth: int) -> PathHop:
    device = net.devices.get(hop.device)
    egress = device.interface(hop.egress) if device and hop.egress else None
    if device is None or egress is None or egress.tunnel is None:
        return hop
    return replace(hop, underlay=underlay(net, device, egress.tunnel, depth))


def underlay(net: Network, device: Device, tunnel: Tunnel, depth: int = 0) -> Path | None:
    """The path of the outer packets; None where an end of the tunnel is not known."""
    family, source = tunnel.family, _source(device, tunnel)
    if tunnel.destination is None or source is None:
        return None
    far = IntervalSet.single(tunnel.destination)
    owners = net.links.owners(family, tunnel.destination)
    sender = End(name=device.name, origin=NOWHERE, values=source, device=device.name, vrf=tunnel.vrf)
    receiver = End(name="the tunnel's far end", origin=NOWHERE, values=far)
    if len(owners) == 1:
        receiver = replace(receiver, device=owners[0].device)
    errand = Errand(
        family=family,
        direction="forward",
        sender=sender,
        receiver=receiver,
        source_ports=NO_PORTS,
        destination_ports=NO_PORTS,
    )
    train = Train(family=family, direction="forward", source=Side.of(source), destination=Side.of(far))
    found = Search(net, errand).paths(train)
    path = found[0].path()
    if len(found) > 1:
        reason = f"the packets of the tunnel may take {len(found)} ways; one was followed"
        path = replace(path, doubts=(*path.doubts, Doubt(device=device.name, reason=reason, transforms=True)))
    if depth >= DEEPEST:
        doubt = Doubt(device=device.name, reason="its tunnels lead through each other", evidence=(tunnel.evidence,))
        return replace(path, doubts=(*path.doubts, doubt))
    return with_underlays(net, path, depth + 1)


def _source(device: Device, tunnel: Tunnel) -> IntervalSet | None:
    if tunnel.source is not None:
        return IntervalSet.single(tunnel.source)
    named = device.interface(tunnel.source_interface) if tunnel.source_interface else None
    return (own_values(named, tunnel.family) or None) if named else None
