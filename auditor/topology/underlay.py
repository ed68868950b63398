"""The way of a tunnel's outer packets: from the device that sends them to the one that has the tunnel's far end."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

from auditor.model.addresses import IntervalSet, address_text
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
    if hops == path.hops:
        return path
    return replace(path, hops=hops, doubts=(*path.doubts, *_unpaired(net, hops)))


def _unpaired(net: Network, hops: tuple[PathHop, ...]) -> Iterator[Doubt]:
    """Doubts about tunnels whose two ends, by their configs, are not of one tunnel."""
    for here, there in pairwise(hops):
        one, other = net.devices.get(here.device), net.devices.get(there.device)
        out = one.interface(here.egress) if one and here.egress else None
        into = other.interface(there.ingress) if other and there.ingress else None
        if one is None or other is None or out is None or out.tunnel is None or into is None:
            continue
        reason = _why_unpaired(net, one, out.tunnel, other, into.tunnel)
        if reason:
            words = f"{here.device} {out.name} and {there.device} {into.name} are no two ends of one tunnel: {reason}"
            lines = (out.tunnel.evidence, *((into.tunnel.evidence,) if into.tunnel else ()))
            yield Doubt(device=here.device, reason=words, evidence=lines, transforms=True)


def _why_unpaired(net: Network, one: Device, out: Tunnel, other: Device, into: Tunnel | None) -> str:
    if into is None:
        return "the second is no tunnel"
    if (out.family, out.protocol) != (into.family, into.protocol):
        return f"one is {out.mode}, the other {into.mode}"
    if out.key != into.key:
        return "their keys differ"
    for tunnel, device, end in ((out, other, into), (into, one, out)):
        begins = _source(device, end)
        if tunnel.destination is None or begins is None:
            continue
        leads = IntervalSet.single(tunnel.destination)
        if not leads <= begins and not net.translating(tunnel.family, leads):
            return f"one leads to {address_text(tunnel.family, tunnel.destination)}, where the other does not begin"
    return ""


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
