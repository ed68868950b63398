"""Interfaces: one a unit, with its addresses, filters and MTUs; and one a physical interface without units."""

from collections.abc import Iterator
from types import MappingProxyType
from typing import Literal

from auditor.model.addresses import Family
from auditor.model.device import Binding, Interface, InterfaceAddress
from auditor.model.evidence import Basis, Evidence, Fact
from auditor.platforms.juniper_junos.config import Config, read
from auditor.platforms.juniper_junos.filters import Filters
from auditor.platforms.juniper_junos.mtu import Mtu, kind_of, link, mtu
from auditor.platforms.juniper_junos.names import prefix_of
from auditor.platforms.juniper_junos.security.tree import Node
from auditor.platforms.juniper_junos.tunnels import tunnel

FAMILIES: tuple[tuple[Family, str], ...] = ((4, "inet"), (6, "inet6"))
_RPF = 'Juniper, Junos 12.3, "rpf-check": unicast RPF is disabled on all interfaces; strict without a mode'
_ERRORS = 'Juniper\'s "internet-options icmpv4-rate-limit" limits the ICMP errors that the device sends: it sends them'


def interfaces(config: Config, filters: Filters) -> tuple[Interface, ...]:
    """All interfaces of a system."""
    vrfs = _vrfs(config)
    found: list[Interface] = []
    for name, physical in config.tree("interfaces").items():
        if name in ("interface-range", "interface-set", "traceoptions", "apply-groups"):
            continue
        units = list(physical.items("unit"))
        if not units:
            found.append(_bare(config, name, physical))
        for unit, node in units:
            found.append(_unit(config, filters, name, physical, unit, node, vrfs, alone=len(units) == 1))
    return tuple(found)


def _vrfs(config: Config) -> dict[str, str]:
    """The routing instance of each interface that a line names."""
    found: dict[str, str] = {}
    for line in config.of("routing-instances"):
        words = line.words
        if len(words) > 2 and words[1] == "interface":
            found[words[2] if "." in words[2] else f"{words[2]}.0"] = words[0]
    return found


def _bare(config: Config, name: str, physical: Node) -> Interface:
    bound = link(config, name, physical, None)
    return Interface(
        name=name,
        evidence=physical.evidence,
        enabled=physical.get("disable") is None,
        kind=kind_of(name),  # type: ignore[arg-type]
        description=(physical.value("description") or "").strip('"'),
        mtu=MappingProxyType({4: bound, 6: bound} if bound is not None else {}),
        receive_mtu=bound,
    )


def _unit(
    config: Config,
    filters: Filters,
    name: str,
    physical: Node,
    unit: str,
    node: Node,
    vrfs: dict[str, str],
    *,
    alone: bool,
) -> Interface:
    full = f"{name}.{unit}"
    mtus: dict[int, Mtu] = {family: mtu(config, name, physical, node, word) for family, word in FAMILIES}
    dynamic = next((n.evidence for _, n in _dynamic(node)), None)
    return Interface(
        name=full,
        evidence=node.evidence,
        enabled=physical.get("disable") is None and node.get("disable") is None,
        kind=kind_of(name),  # type: ignore[arg-type]
        description=_description(physical, node),
        addresses=tuple(_addresses(node)),
        dynamic_address=dynamic,
        vrf=vrfs.get(full, "default"),
        mtu=MappingProxyType(mtus),
        receive_mtu=link(config, name, physical, node),
        bindings=tuple(_bindings(filters, node)),
        unreachables=MappingProxyType({family: _errors(node.evidence) for family, _ in FAMILIES}),
        source_check=MappingProxyType({family: _check(config, node, word) for family, word in FAMILIES}),
        tunnel=tunnel(config, name, node),
        resolves_by=(name,) if alone else (),
    )


def _description(physical: Node, node: Node) -> str:
    return (node.value("description") or physical.value("description") or "").strip('"')


def _dynamic(node: Node) -> Iterator[tuple[str, Node]]:
    for _, word in FAMILIES:
        for name, below in node.items("family", word):
            if name in ("dhcp", "dhcp-client", "dhcpv6-client", "negotiate-address", "unnumbered-address"):
                yield name, below


def _addresses(node: Node) -> Iterator[InterfaceAddress]:
    """The addresses of a unit, with those that VRRP moves between devices."""
    for family, word in FAMILIES:
        for at, (text, below) in enumerate(node.items("family", word, "address")):
            one = prefix_of(text)
            if one is None or one[0] != family:
                continue
            address = prefix_of(text.partition("/")[0])
            if address is None:
                continue
            yield InterfaceAddress(
                family=family,
                address=address[1].first,
                length=one[2],
                evidence=below.evidence,
                secondary=at > 0,
            )
            for group in ("vrrp-group", "vrrp-inet6-group"):
                for _, vrrp in below.items(group):
                    for shared in ("virtual-address", "virtual-inet6-address"):
                        for value, leaf in vrrp.items(shared):
                            moved = prefix_of(value)
                            if moved is not None and moved[0] == family:
                                yield InterfaceAddress(
                                    family=family,
                                    address=moved[1].first,
                                    length=one[2],
                                    evidence=leaf.evidence,
                                    secondary=True,
                                    shared=True,
                                )


def _bindings(filters: Filters, node: Node) -> Iterator[Binding]:
    directions: tuple[tuple[Literal["in", "out"], str], ...] = (("in", "input"), ("out", "output"))
    for family, word in FAMILIES:
        for direction, side in directions:
            one = node.get("family", word, "filter", side)
            listed = node.get("family", word, "filter", f"{side}-list")
            names = list(listed.below) if listed is not None else []
            if one is not None and one.below:
                names = [*names, list(one.below)[-1]] if names else [list(one.below)[-1]]
            if names:
                head = next(iter((listed or one).below.values())) if (listed or one) is not None else node  # type: ignore[union-attr]
                yield Binding(
                    filter=filters.listed(family, names), family=family, direction=direction, evidence=head.evidence
                )


def _errors(head: Evidence) -> Fact[bool]:
    return Fact(value=True, basis=Basis.INFERRED, evidence=(head,), source=_ERRORS)


def _check(config: Config, node: Node, word: str) -> Fact[str]:
    check = node.get("family", word, "rpf-check")
    if check is None:
        return config.default("off", "strict", "loose", source=_RPF, head=node.evidence)
    if check.get("fail-filter") is not None:
        others = ("strict", "loose")
        return Fact(value="off", basis=Basis.UNKNOWN, evidence=(check.evidence,), others=others)
    return read("loose" if check.get("mode", "loose") is not None else "strict", check.evidence)
