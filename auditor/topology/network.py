"""All devices together: who can be read, who is on which link, and where each sends packets."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from auditor.model.addresses import EMPTY, Family, IntervalSet, address_text, prefix, range_texts
from auditor.model.device import Device, Interface
from auditor.model.evidence import Evidence
from auditor.model.flows import Origin
from auditor.model.paths import DeadEnd, Doubt
from auditor.topology.names import find_device
from auditor.topology.routes import Parts, RouteBook, Way
from auditor.topology.special import global_unicast
from auditor.topology.subnets import FAMILIES, Port, Subnets, is_local, subnets
from auditor.topology.train import Train


@dataclass(frozen=True, slots=True)
class Network:
    """The devices with what was worked out of them. Tables are made when a path first asks for them."""

    devices: Mapping[str, Device]
    links: Subnets = field(init=False)
    _translators: tuple[Device, ...] = field(init=False)
    _books: dict[str, RouteBook] = field(default_factory=dict, init=False)
    _internet: dict[Family, IntervalSet] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "links", subnets(device for device in self.devices.values() if not device.unreadable))
        object.__setattr__(
            self, "_translators", tuple(d for d in self.devices.values() if any(d.nat_addresses.values()))
        )

    def readable(self, name: str, origin: Origin) -> Device | None:
        """The device of that name, None where nothing is known of it."""
        return find_device(self.devices, name, origin)

    def route(self, device: Device, vrf: str, family: Family, destinations: IntervalSet) -> Parts:
        """The destinations in parts by what the device does with packets to them."""
        if device.name not in self._books:
            self._books[device.name] = RouteBook(device)
        return self._books[device.name].route(vrf, family, destinations)

    def by_default(self, device: Device, vrf: str, family: Family, destinations: IntervalSet) -> IntervalSet:
        """The destinations for which the device has the default route and no other."""
        self.route(device, vrf, family, destinations)
        return self._books[device.name].by_default(vrf, family, destinations)

    def in_use(self) -> tuple[Family, ...]:
        """The families in which some enabled interface has an address."""
        return tuple(f for f in FAMILIES if any(family == f for family, _ in self.links.owned))

    def internet(self, family: Family) -> IntervalSet:
        """All global unicast addresses without special-purpose blocks and without what the inventory itself holds;
        nothing for a family that is not in use.
        """
        if family not in self._internet:
            held = [EMPTY]
            for device in self.devices.values():
                held.append(device.nat_addresses.get(family, EMPTY))
                for interface in device.interfaces:
                    own = (a for a in interface.addresses if a.family == family and not is_local(a))
                    held += (prefix(family, a.address, a.length) for a in own)
            every = global_unicast(family) - IntervalSet.union(held)
            self._internet[family] = every if family in (self.in_use() or (family,)) else EMPTY
        return self._internet[family]

    def translating(self, family: Family, values: IntervalSet) -> list[tuple[Device, IntervalSet]]:
        """The devices for which some of these addresses are the outside of a NAT rule, with that part."""
        shares = [(d, values & d.nat_addresses.get(family, EMPTY)) for d in self._translators]
        return [(device, share) for device, share in shares if share]

    def next_ports(self, device: Device, way: Way, family: Family) -> tuple[Port, ...]:
        """Where packets come in that this device hands to the way's gateway: on several devices where the address is
        shared or used twice; nowhere where no device of the inventory has it.
        """
        assert way.gateway is not None  # noqa: S101 (the caller looked)
        if way.gateway in prefix(6, 0xFE80 << 112, 10) and family == 6:
            return self.links.link_local(device.name, way.interface, way.gateway)
        ports = [port for port in self.links.owners(family, way.gateway) if port.device != device.name]
        near = {(p.device, p.interface.name) for p in self.links.neighbours(device.name, way.interface)}
        on_link = [port for port in ports if (port.device, port.interface.name) in near]
        same = [port for port in on_link or ports if port.interface.vrf == way.vrf]
        found = same or on_link or ports
        return tuple(found) or self._behind(device, way, family)

    def _behind(self, device: Device, way: Way, family: Family) -> tuple[Port, ...]:
        """A device on the link that answers for the gateway because it translates it."""
        names = {d.name for d, _ in self.translating(family, IntervalSet.single(way.gateway or 0))}
        return tuple(p for p in self.links.neighbours(device.name, way.interface) if p.device in names)

    def interface_values(self, device: str, interface: str, family: Family) -> IntervalSet:
        """The addresses of the subnets of an interface."""
        return IntervalSet.union(subnet.values for subnet in self.links.of(device, interface, family))


def own_values(interface: Interface, family: Family) -> IntervalSet:
    """The first address of an interface that others can use, none where it has none or that is not known."""
    own = sorted((a for a in interface.addresses if a.family == family and not is_local(a)), key=lambda a: a.secondary)
    return IntervalSet.single(own[0].address) if own else EMPTY


def texts(family: Family, values: IntervalSet, most: int = 3) -> str:
    """Addresses as a sentence names them."""
    shown = range_texts(family, IntervalSet(values.bounds[: 2 * most]))
    return ", ".join(shown) + (f" and {len(values) - most} more ranges" if len(values) > most else "")


def address_at(family: Family, value: int | None) -> str:
    """An address in brackets, nothing for none."""
    return "" if value is None else f" ({address_text(family, value)})"


def lost(train: Train, device: str, reason: str, evidence: tuple[Evidence, ...] = ()) -> Train:
    """The train at a place where nobody knows how it goes on."""
    return train.doubted(Doubt(device=device, reason=reason, evidence=evidence, transforms=True))


def dead(train: Train, device: str, reason: str, evidence: tuple[Evidence, ...]) -> Train:
    """The train at the end of its way; that is certain only where it was certain that it came here."""
    if any(doubt.transforms for doubt in train.doubts):
        return lost(train, device, reason, evidence)
    return replace(train, dead_end=DeadEnd(device=device, reason=reason, evidence=evidence))
