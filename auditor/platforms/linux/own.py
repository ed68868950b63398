"""What a host's rules may ask of it: its own addresses, its groups of interfaces, which interfaces stand on others."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from auditor.model.addresses import Family, IntervalSet
from auditor.model.device import Interface
from auditor.parse.rows import Rows
from auditor.platforms.linux.context import Host
from auditor.platforms.linux.interfaces import Links, interfaces
from auditor.platforms.linux.outputs import Outputs
from auditor.platforms.linux.routing import own_addresses
from auditor.platforms.linux.sysctls import Settings

FAMILIES: tuple[Family, ...] = (4, 6)
LOOPBACK = {4: IntervalSet((0x7F000000, 0x80000000)), 6: IntervalSet.single(1)}
LIMITED_BROADCAST = IntervalSet.single(0xFFFFFFFF)


def host(rows: Rows, found: Outputs, links: Links) -> Host:
    """Own addresses count only where they were listed whole for the family."""
    ports = list(interfaces(links, Settings({}, rows.head), {}))
    commands = {id(o): o.command for row in rows.rows("interfaces") if row.rows("addresses") for o in (found.of(row),)}
    local: dict[int, IntervalSet | None] = {}
    broadcast: dict[int, IntervalSet | None] = {}
    for family in FAMILIES:
        word = "ip" if family == 4 else "ip6"
        listed = any(command.whole and command.family in ("", word) for command in commands.values())
        own = [IntervalSet.single(a.address) for i in ports for a in i.addresses if a.family == family]
        local[family] = IntervalSet.union([*own, *own_addresses(rows, family), LOOPBACK[family]]) if listed else None
        broadcast[family] = _broadcasts(ports, listed) if family == 4 else IntervalSet()
    groups: dict[str, tuple[str, ...]] = {}
    for link in links.found.values():
        group = link.word("group")
        if group:
            groups[group] = (*groups.get(group, ()), link.name)
    return Host(MappingProxyType(local), MappingProxyType(broadcast), MappingProxyType(groups) if groups else None)


def _broadcasts(ports: list[Interface], listed: bool) -> IntervalSet | None:
    if not listed:
        return None
    ends = [
        IntervalSet.single(address.address | ((1 << (32 - address.length)) - 1))
        for port in ports
        for address in port.addresses
        if address.family == 4 and address.length < 31
    ]
    return IntervalSet.union([*ends, LIMITED_BROADCAST])


def above(all_links: Links) -> Mapping[str, tuple[str, ...]]:
    """Each interface with those that stand on it: VLANs, bridges, bonds. Their packets pass it too."""
    on: dict[str, tuple[str, ...]] = dict.fromkeys(all_links.found, ())
    for link in all_links.found.values():
        if link.parent in on:
            on[link.parent] = (*on[link.parent], link.name)
        master = link.word("master")
        if master in on and all_links.vrf(link) == "default":
            on[link.name] = (*on[link.name], master)
    return {name: tuple(_all_above(name, on)) for name in on}


def _all_above(name: str, on: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    seen: set[str] = set()
    waiting = list(on[name])
    while waiting:
        one = waiting.pop()
        if one not in seen and one != name:
            seen.add(one)
            yield one
            waiting += on.get(one, ())
