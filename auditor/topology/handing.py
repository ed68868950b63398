"""Who gets packets next: the other end where it is attached, the next hop's owner, devices and hosts on a link."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from auditor.model.addresses import EMPTY, IntervalSet
from auditor.model.device import Device, Interface
from auditor.topology.arrival import Arrival, at_end
from auditor.topology.network import Network, address_at, lost, texts
from auditor.topology.routes import Way
from auditor.topology.subnets import Port, Subnet
from auditor.topology.train import Errand, Train

Next = Iterator[Arrival | Train]  # a train is one that came to its end


@dataclass(frozen=True, slots=True)
class Handing:
    """Hands the trains of one errand on."""

    net: Network
    errand: Errand

    def out_of(self, train: Train, device: Device, way: Way) -> Next:
        """From a device by one of its ways."""
        places = [place for place in self.errand.receiver.places if place.device == device.name]
        if any(place.interface == way.interface for place in places):
            yield at_end(self.net, self.errand, train)
            return
        if way.gateway is None:
            yield from self._onto(train, device, way)
            return
        ports = self.net.next_ports(device, way, train.family)
        if ports:
            yield from self._at(train, ports)
        elif any(place.interface is None for place in places):
            yield at_end(self.net, self.errand, train)
        else:
            reason = f"its next hop{address_at(train.family, way.gateway)} is no device of the inventory{self._hint()}"
            yield lost(train, device.name, reason, way.evidence)

    def from_subnet(self, train: Train, subnet: Subnet) -> Next:
        """From a sender on a link: to whoever is on the link itself, and by each device there that carries the rest."""
        inside = train.destination.values & subnet.values
        if inside:
            yield from self._on_link(train.to(inside), subnet.ports)
        outside = train.destination.values - subnet.values
        if outside:
            yield from self._by_carriers(train.to(outside), subnet.ports, subnet.text, self.errand.sender.name)

    def _hint(self) -> str:
        receiver = self.errand.receiver
        known = receiver.places or receiver.device is not None
        return "" if known else f" (where {receiver.name} meets the graph, 'attach' says)"

    def _onto(self, train: Train, device: Device, way: Way) -> Next:
        """The destination itself is on the link, or a route leads there by nothing but the interface."""
        family, values = train.family, train.destination.values
        subnets = self.net.links.of(device.name, way.interface, family)
        inside = values & IntervalSet.union(subnet.values for subnet in subnets)
        if inside:
            others = [port for subnet in subnets for port in subnet.ports if port.device != device.name]
            yield from self._on_link(train.to(inside), others)
        beyond = train.to(values - inside) if values - inside else None
        if beyond is None:
            return
        neighbours = self.net.links.neighbours(device.name, way.interface)
        if len(neighbours) == 1:
            yield from self._at(beyond, neighbours)
        elif neighbours:
            yield from self._by_carriers(beyond, neighbours, way.interface, device.name)
        elif any(p.device == device.name and p.interface is None for p in self.errand.receiver.places):
            yield at_end(self.net, self.errand, beyond)
        else:
            reason = f"no device of the inventory is known behind {way.interface}{self._hint()}"
            yield lost(beyond, device.name, reason, way.evidence)

    def _at(self, train: Train, ports: Sequence[Port]) -> Next:
        """To each of those who have one address."""
        if len(ports) > 1 and not all(port.address.shared for port in ports):
            names = ", ".join(port.device for port in ports)
            lines = tuple(port.address.evidence for port in ports)
            reason = f"which of {names} gets the packets is not known: the next hop's address fits all of them"
            train = lost(train, ports[0].device, reason, lines)
        for port in ports:
            yield Arrival(train, self.net.devices[port.device], port.interface, port.interface.vrf)

    def _on_link(self, train: Train, ports: Sequence[Port]) -> Next:
        """To the devices on the link that have these addresses, or translate them; the rest are the link's hosts."""
        left = train.destination.values
        owned: dict[int, list[Port]] = {}
        for port in ports:
            if port.address.address in left:
                owned.setdefault(port.address.address, []).append(port)
        for address, owners in owned.items():
            yield from self._at(train.to(IntervalSet.single(address)), owners)
            left = left - IntervalSet.single(address)
        for port in {port.device: port for port in ports}.values():
            device = self.net.devices[port.device]
            share = left & device.nat_addresses.get(train.family, EMPTY)
            if share:
                yield Arrival(train.to(share), device, port.interface, port.interface.vrf)
                left = left - share
        if left:
            yield at_end(self.net, self.errand, train.to(left), hosts=True)

    def _by_carriers(self, train: Train, ports: Sequence[Port], where: str, at: str) -> Next:
        """By each device on a link whose route to the destination leaves by another interface. Where none does, the
        only one there is asked why.
        """
        carried = [EMPTY]
        every = list({(p.device, p.interface.name): p for p in ports}.values())
        able = [p for p in every if self._forwards(p, train)]
        for port in able:
            device = self.net.devices[port.device]
            share = self._carries(device, port.interface, train)
            if share:
                carried.append(share)
                yield Arrival(train.to(share), device, port.interface, port.interface.vrf, first=True)
        rest = train.destination.values - IntervalSet.union(carried)
        if not rest:
            return
        left = train.to(rest)
        asked = able or every
        if len(asked) == 1:
            yield Arrival(left, self.net.devices[asked[0].device], asked[0].interface, asked[0].interface.vrf)
        else:
            yield lost(left, at, f"no device on {where} is known to carry packets to {texts(train.family, rest)}")

    def _forwards(self, port: Port, train: Train) -> bool:
        """Not a host, which is known to forward nothing, unless the packets are for itself."""
        device = self.net.devices[port.device]
        fact = device.forwards.get(train.family)
        if fact is None or fact.value or not fact.basis.decides:
            return True
        return train.destination.values.overlaps(self._taken_in(device, port.interface, train))

    def _taken_in(self, device: Device, ingress: Interface, train: Train) -> IntervalSet:
        parts = self.net.route(device, ingress.vrf, train.family, train.destination.values)
        return IntervalSet.union(part for part, routed in parts if routed.kind == "local")

    def _carries(self, device: Device, ingress: Interface, train: Train) -> IntervalSet:
        """The destinations that a device sends on by another interface, takes in, or has NAT rules for."""
        values = train.destination.values
        found = [device.nat_addresses.get(train.family, EMPTY) & values]
        for part, routed in self.net.route(device, ingress.vrf, train.family, values):
            if routed.kind == "local" or any(way.interface != ingress.name for way in routed.ways):
                found.append(part)
        return IntervalSet.union(found)


def arriving(train: Train, device: Device, ingress: Interface) -> Arrival | Train:
    """The train as it comes in by an interface."""
    if not ingress.enabled:
        return lost(train, device.name, f"{ingress.name} is shut down", (ingress.evidence,))
    return Arrival(train, device, ingress, ingress.vrf)


def sources(train: Train, values: IntervalSet) -> Train:
    """The part of the train that comes from these addresses."""
    return replace(train, source=train.source.holding(values))
