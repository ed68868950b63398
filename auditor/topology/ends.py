"""Both ends of a flow as places in the network: their addresses of a family, and where they meet the graph."""

from collections.abc import Iterable
from dataclasses import replace

from auditor.model.addresses import ADDRESSES, EMPTY, PORTS, Family, IntervalSet
from auditor.model.device import Device, Interface, Speaker
from auditor.model.evidence import Evidence
from auditor.model.flows import Endpoint, Flow
from auditor.model.paths import Doubt
from auditor.topology.names import find_interface
from auditor.topology.network import Network, own_values, texts
from auditor.topology.subnets import is_local
from auditor.topology.train import End, Place

RADIUS_SOURCE = "radius-source"
SPEAKS = {"ikev2": "ikev2", "radius": "radius-client"}
EPHEMERAL = IntervalSet((1024, 65536))  # contract 3, "Ports"
ANY_PORT = IntervalSet((1, 65536))
IKE, IKE_NAT = 500, 4500  # RFC 7296 2


def families(net: Network, flow: Flow, sender: Endpoint, receiver: Endpoint) -> tuple[Family, ...]:
    """The families that both ends have, or the one that the flow says. Where nothing is known of an end it is taken to
    have those of the other.
    """
    here, there = _families(net, sender), _families(net, receiver)
    both = here & there if here and there else here or there or frozenset(net.in_use() or (4,))
    if flow.aim is not None:
        both &= {flow.aim[0]}
    return tuple(f for f in (4, 6) if f in both and flow.family in (None, f))


def _families(net: Network, endpoint: Endpoint) -> frozenset[Family]:
    """Empty where that can't be known."""
    if endpoint.internet:
        return frozenset(net.in_use())
    if endpoint.device is None:
        return frozenset(f for f in (4, 6) if endpoint.addresses.get(f))
    device = net.readable(endpoint.device, endpoint.origin)
    if device is None:
        return frozenset()
    interfaces: Iterable[Interface] = (i for i in device.interfaces if i.enabled)
    if endpoint.interface is not None and endpoint.interface != RADIUS_SOURCE:
        interfaces = (find_interface(device, endpoint.interface, endpoint.origin),)
    return frozenset(a.family for i in interfaces for a in i.addresses if not is_local(a))


def both_ends(net: Network, flow: Flow, sender: Endpoint, receiver: Endpoint, family: Family) -> tuple[End, End]:
    """The ends of a flow for a family. An end that is a device takes the address that its config says it uses toward
    the other: that of the named interface, of the one that it speaks from, else of the one that its route leaves by.
    """
    aimed = IntervalSet.single(flow.aim[1]) if flow.aim else _published(receiver, family)
    there = aimed or _rough(net, receiver, family)
    named = _peers(net, flow, sender, family) & there
    near = end(net, sender, family, flow, named or there)
    if flow.aim and receiver.device is not None and not receiver.published:
        receiver_end = _at_address(net, receiver, family, flow.aim[1])
    else:
        toward = near.values if near.doubt is None else EMPTY
        receiver_end = end(net, receiver, family, flow, toward, asked=named)
    return near, receiver_end


def _at_address(net: Network, endpoint: Endpoint, family: Family, address: int) -> End:
    """A device that is reached by an address that the flow names."""
    ports = [port for port in net.links.owners(family, address) if port.device == endpoint.device]
    known = End(name=endpoint.name, origin=endpoint.origin, values=IntervalSet.single(address), device=endpoint.device)
    return replace(known, interface=ports[0].interface.name, vrf=ports[0].interface.vrf) if ports else known


def _published(endpoint: Endpoint, family: Family) -> IntervalSet:
    address = endpoint.published.get(family)
    return EMPTY if address is None else IntervalSet.single(address)


def _rough(net: Network, endpoint: Endpoint, family: Family) -> IntervalSet:
    """The addresses that an end may have, before it is known which of them it uses."""
    if endpoint.device is None:
        return net.internet(family) if endpoint.internet else endpoint.addresses.get(family, EMPTY)
    device = net.readable(endpoint.device, endpoint.origin)
    if device is None:
        return EMPTY
    if endpoint.interface is not None and endpoint.interface != RADIUS_SOURCE:
        return own_values(find_interface(device, endpoint.interface, endpoint.origin), family)
    return IntervalSet.union(own_values(i, family) for i in device.interfaces if i.enabled)


def _peers(net: Network, flow: Flow, endpoint: Endpoint, family: Family) -> IntervalSet:
    """The addresses that the end's own config names as the other end."""
    device = net.readable(endpoint.device, endpoint.origin) if endpoint.device else None
    if device is None:
        return EMPTY
    speakers = [s for s in device.speakers if s.kind == SPEAKS.get(flow.kind)]
    return IntervalSet.union(p.addresses for s in speakers for p in s.peers if p.family == family)


def end(
    net: Network, endpoint: Endpoint, family: Family, flow: Flow, toward: IntervalSet, asked: IntervalSet = EMPTY
) -> End:
    """One end. ``asked`` are the addresses by which the other end's config names it."""
    known = End(name=endpoint.name, origin=endpoint.origin, values=EMPTY, internet=endpoint.internet)
    if endpoint.device is not None:
        return _device_end(net, endpoint, replace(known, device=endpoint.device), family, flow, toward, asked)
    known = replace(known, places=_places(net, endpoint))
    if endpoint.internet:
        return replace(known, values=net.internet(family))
    values = endpoint.addresses.get(family, EMPTY)
    outside = IntervalSet.union(share for _, share in net.translating(family, values))
    if values.size > 1:  # the routers' own addresses among them are no hosts
        values = (values - net.links.own(family) - outside) or values
    known = replace(known, values=values)
    ports = net.links.owners(family, values.first) if values.size == 1 and not outside else ()
    if len(ports) == 1 and not known.places:
        interface = ports[0].interface
        return replace(known, device=ports[0].device, interface=interface.name, vrf=interface.vrf)
    return known


def _places(net: Network, endpoint: Endpoint) -> tuple[Place, ...]:
    """Where the user says that it is attached, the interfaces by their proper names."""
    found = []
    for attachment in endpoint.attach:
        device = net.readable(attachment.device, attachment.origin)
        name = attachment.interface
        if device is not None and name is not None:
            name = find_interface(device, name, attachment.origin).name
        found.append(Place(device=attachment.device, interface=name, origin=attachment.origin))
    return tuple(found)


def _device_end(
    net: Network,
    endpoint: Endpoint,
    known: End,
    family: Family,
    flow: Flow,
    toward: IntervalSet,
    asked: IntervalSet,
) -> End:
    """An end that is a device of the inventory."""
    name = endpoint.device or ""
    device = net.readable(name, endpoint.origin)
    if device is None:
        unread = net.devices.get(name)
        reason = (unread.unreadable if unread else "") or "there is no config file of it"
        return _unknown(known, family, name, f"its address is not known: {reason}")
    interface, vrf = _speaking(device, endpoint, flow, toward)
    known = replace(known, vrf=interface.vrf if interface else vrf)
    if interface is not None:
        values = own_values(interface, family)
        if values:
            return replace(known, interface=interface.name, values=values)
        lines = (interface.dynamic_address or interface.evidence,)
        return _unknown(known, family, name, f"the IPv{family} address of {interface.name} is not known", lines)
    own = asked & _rough(net, endpoint, family)
    if own:
        ports = [port for port in net.links.owners(family, own.first) if port.device == name]
        return replace(known, values=own, vrf=ports[0].interface.vrf) if ports else replace(known, values=own)
    values = _by_route(net, device, known.vrf, family, toward)
    if values:
        return replace(known, values=values)
    where = f" to {texts(family, toward)}" if toward else ""
    return _unknown(known, family, name, f"it is not known which of its addresses it uses: no route{where} tells")


def _unknown(known: End, family: Family, device: str, reason: str, evidence: tuple[Evidence, ...] = ()) -> End:
    doubt = Doubt(device=device, reason=reason, evidence=evidence, transforms=True)
    return replace(known, values=ADDRESSES[family], doubt=doubt)


def _speaking(device: Device, endpoint: Endpoint, flow: Flow, toward: IntervalSet) -> tuple[Interface | None, str]:
    """The interface that the device speaks from, where its config or the user names one, and its VRF."""
    if endpoint.interface is not None and endpoint.interface != RADIUS_SOURCE:
        interface = find_interface(device, endpoint.interface, endpoint.origin)
        return interface, interface.vrf
    kind = "radius-client" if endpoint.interface == RADIUS_SOURCE else SPEAKS.get(flow.kind)
    speakers = [speaker for speaker in device.speakers if speaker.kind == kind]
    fitting = [s for s in speakers if any(peer.addresses.overlaps(toward) for peer in s.peers)]
    speaker = _first(fitting or (speakers if endpoint.interface == RADIUS_SOURCE else []))
    if speaker is None:
        return None, "default"
    named = device.interface(speaker.interface) if speaker.interface else None
    return named, named.vrf if named else speaker.vrf


def _first(speakers: list[Speaker]) -> Speaker | None:
    """The first that names an interface, else the first."""
    return next((s for s in speakers if s.interface), next(iter(speakers), None))


def _by_route(net: Network, device: Device, vrf: str, family: Family, toward: IntervalSet) -> IntervalSet:
    """The addresses of the interfaces by which packets to the other end leave; none where that is not known."""
    found = []
    for _, routed in net.route(device, vrf, family, toward) if toward else ():
        for way in routed.ways:
            interface = device.interface(way.interface)
            found.append(own_values(interface, family) if interface else EMPTY)
    return IntervalSet.union(found) if all(found) else EMPTY


def ports_of(flow: Flow, sender: End) -> tuple[IntervalSet, IntervalSet]:
    """The UDP ports of clients and of servers, as the contract says."""
    said = [claim.port for claim in flow.messages or () if claim.port is not None]
    if flow.kind == "ikev2":
        servers = [IKE, *([IKE_NAT] if flow.nat_traversal else []), *said]
    elif flow.kind == "radius":
        servers = [flow.ports[0], *([flow.ports[1]] if flow.accounting else []), *said]
    else:
        servers = [*([flow.port] if flow.port is not None else []), *said]
    there = IntervalSet.of(*((port, port) for port in servers)) or PORTS
    if sender.internet or sender.values.size > 1:
        return ANY_PORT, there
    return (there if flow.kind == "ikev2" else EPHEMERAL), there
