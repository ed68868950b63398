"""The subnets that interfaces share: who is on a link, who owns an address, and MTUs that differ on one link."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from auditor.model.addresses import BITS, Family, IntervalSet, address_text, prefix
from auditor.model.device import Device, Interface, InterfaceAddress
from auditor.model.evidence import Evidence
from auditor.model.rule import Unlike
from auditor.topology.prefixes import PrefixTable
from auditor.topology.special import LINK_LOCAL, LOOPBACK

FAMILIES: tuple[Family, Family] = (4, 6)


@dataclass(frozen=True, slots=True, kw_only=True)
class Port:
    """An address of an enabled interface."""

    device: str
    interface: Interface
    address: InterfaceAddress


@dataclass(frozen=True, slots=True, kw_only=True)
class Subnet:
    """A link as its addresses tell it, with all who have an address on it."""

    family: Family
    first: int
    length: int
    ports: tuple[Port, ...]

    @property
    def values(self) -> IntervalSet:
        """Its addresses."""
        return prefix(self.family, self.first, self.length)

    @property
    def text(self) -> str:
        """As it is written."""
        return f"{address_text(self.family, self.first)}/{self.length}"


def is_local(address: InterfaceAddress) -> bool:
    """Whether it means nothing outside its link or host: link-local, loopback."""
    return address.address in LINK_LOCAL[address.family] or address.address in LOOPBACK[address.family]


@dataclass(frozen=True, slots=True)
class Subnets:
    """All subnets of the enabled interfaces. Prefixes of full length join nobody and only have owners."""

    all: Mapping[tuple[Family, int, int], Subnet]
    owned: Mapping[tuple[Family, int], tuple[Port, ...]]
    by_interface: Mapping[tuple[str, str], tuple[Subnet, ...]]
    tables: Mapping[Family, PrefixTable[Subnet]]

    def owners(self, family: Family, address: int) -> tuple[Port, ...]:
        """Those who have this very address: several where it is shared, or used twice."""
        return self.owned.get((family, address), ())

    def of(self, device: str, interface: str, family: Family) -> tuple[Subnet, ...]:
        """The subnets of an interface."""
        return tuple(one for one in self.by_interface.get((device, interface), ()) if one.family == family)

    def split(self, family: Family, values: IntervalSet) -> list[tuple[Subnet | None, IntervalSet]]:
        """A set of addresses by the connected subnet that holds them, None for the rest."""
        return self.tables[family].split(values)

    def own(self, family: Family) -> IntervalSet:
        """Every address that an interface has."""
        return IntervalSet.of(*((address, address) for version, address in self.owned if version == family))

    def link_local(self, device: str, interface: str, address: int) -> tuple[Port, ...]:
        """Who has a link-local address on the link of this interface; where nobody says so, the other end of it."""
        others = self.neighbours(device, interface)
        named = tuple(port for port in others if any(a.address == address for a in port.interface.addresses))
        return named or (others if len(others) == 1 and _point_to_point(others[0]) else ())

    def neighbours(self, device: str, interface: str) -> tuple[Port, ...]:
        """The interfaces of other devices on the subnets of this one, each once."""
        found: dict[tuple[str, str], Port] = {}
        for subnet in self.by_interface.get((device, interface), ()):
            for port in subnet.ports:
                if port.device != device:
                    found.setdefault((port.device, port.interface.name), port)
        return tuple(found.values())


def _point_to_point(port: Port) -> bool:
    return port.interface.kind == "tunnel" or port.address.length >= BITS[port.address.family] - 2


def subnets(devices: Iterable[Device]) -> Subnets:
    """The subnets of all devices, in the order of the devices."""
    owned: dict[tuple[Family, int], dict[tuple[str, str], Port]] = {}
    joined: dict[tuple[Family, int, int], dict[tuple[str, str, int], Port]] = {}
    for port in _ports(devices):
        family, value, length = port.address.family, port.address.address, port.address.length
        name = port.device, port.interface.name
        owned.setdefault((family, value), {}).setdefault(name, port)
        if length < BITS[family]:
            first = prefix(family, value, length).first
            joined.setdefault((family, first, length), {}).setdefault((*name, value), port)
    found = {
        key: Subnet(family=key[0], first=key[1], length=key[2], ports=tuple(joined[key].values())) for key in joined
    }
    by_interface: dict[tuple[str, str], list[Subnet]] = {}
    for subnet in found.values():
        for device, interface in dict.fromkeys((port.device, port.interface.name) for port in subnet.ports):
            by_interface.setdefault((device, interface), []).append(subnet)
    return Subnets(
        all=found,
        owned={key: tuple(ports.values()) for key, ports in owned.items()},
        by_interface={name: tuple(several) for name, several in by_interface.items()},
        tables={f: PrefixTable(f, ((s.first, s.length, s) for s in found.values() if s.family == f)) for f in FAMILIES},
    )


def _ports(devices: Iterable[Device]) -> Iterable[Port]:
    for device in devices:
        for interface in device.interfaces:
            if interface.enabled:
                for address in interface.addresses:
                    if not is_local(address):
                        yield Port(device=device.name, interface=interface, address=address)


def unlike_links(links: Subnets) -> tuple[Unlike, ...]:
    """The subnets whose interfaces have different MTUs, as far as these are known.

    A subnet on which two devices have the same address, unless it is a shared one, is used in two places: no link.
    """
    found = []
    for subnet in links.all.values():
        if any(len(links.owners(subnet.family, p.address.address)) > 1 and not p.address.shared for p in subnet.ports):
            continue
        sides: dict[tuple[str, str, int], tuple[Evidence, ...]] = {}
        for port in subnet.ports:
            fact = port.interface.mtu.get(subnet.family)
            if fact is not None and fact.value is not None:
                lines = fact.evidence or (port.interface.evidence,)
                sides[port.device, port.interface.name, fact.value] = lines
        if len({mtu for _, _, mtu in sides}) > 1:
            evidence = tuple(dict.fromkeys(line for lines in sides.values() for line in lines))
            one = Unlike(family=subnet.family, subnet=subnet.text, devices=tuple(sides), evidence=evidence)
            found.append(one)
    return tuple(found)
