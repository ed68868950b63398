"""Interfaces of a host: addresses, MTUs, VRFs, tunnels."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Literal

from auditor.model.addresses import Family
from auditor.model.device import Binding, Interface, InterfaceAddress, NotUnderstood
from auditor.model.evidence import Basis, Evidence, Fact
from auditor.parse.rows import Row, Rows
from auditor.platforms.linux.prefixes import address as address_of
from auditor.platforms.linux.sysctls import Settings, dotless
from auditor.platforms.linux.tunnels import KINDS as TUNNELS
from auditor.platforms.linux.tunnels import tunnel

ERRORS_SOURCE = (
    "net/ipv4/ip_forward.c, net/ipv6/ip6_output.c: always sent; net/ipv4/icmp.c icmpv4_mask_allow(), net/ipv6/icmp.c "
    "icmpv6_mask_allow(): these are never rate-limited"
)
VETH_SOURCE = "net/core/dev.c is_skb_forwardable(): the MTU, the link's header and a VLAN tag; measured on Linux 6.18"
VLAN_TAG = 4
DRIVER_SOURCE = "no rule of the kernel: each driver decides whether it takes in frames that are longer than the MTU"
FAMILIES: tuple[Family, ...] = (4, 6)


@dataclass(slots=True)
class Link:
    """What all outputs say of one interface."""

    name: str
    parent: str
    first: Row
    rows: list[Row] = field(default_factory=list)

    def get(self, name: str) -> tuple[str, Evidence] | None:
        """The last word on a property."""
        for row in reversed(self.rows):
            if name in row:
                return row[name], row.evidence(name)
        return None

    def word(self, name: str) -> str:
        """A property's text, "" where nothing gives it."""
        found = self.get(name)
        return found[0] if found else ""

    @property
    def flags(self) -> frozenset[str]:
        return frozenset(self.word("flags").split(","))

    @property
    def kind(self) -> str:
        """The kind that ``-d`` shows, "" without it."""
        return self.word("kind")


@dataclass(slots=True)
class Links:
    """All interfaces by name. ``vrf_seen`` is false where no VRF can be there (``ip rule`` has no rule for one)."""

    found: dict[str, Link] = field(default_factory=dict)
    vrf_possible: bool = True

    def vrf(self, link: Link) -> str:
        """The VRF that an interface is a port of."""
        if link.kind == "vrf":
            return link.name
        master = self.found.get(link.word("master"))
        if link.word("slave") == "vrf" or (master is not None and master.kind == "vrf"):
            return link.word("master")
        return "default"

    def tables(self) -> dict[str, str]:
        """The routing table of each VRF, to the VRF's name."""
        found = {}
        for link in self.found.values():
            for name, detail in ((link.name, "detail"), (link.word("master"), "slave_detail")):
                if (link.kind if detail == "detail" else link.word("slave")) == "vrf":
                    table = re.search(r"\btable (\S+)", link.word(detail))
                    if table:
                        found[table[1]] = name
        return found


def links(rows: Rows) -> Links:
    """Every interface that some output names, in the order of their first lines."""
    found = Links()
    for row in rows.rows("interfaces"):
        name, _, parent = row["name"].rstrip(":").partition("@")
        found.found.setdefault(name, Link(name, parent, row)).rows.append(row)
        if parent:
            found.found[name].parent = parent
    return found


def interfaces(found: Links, settings: Settings, bindings: Mapping[str, tuple[Binding, ...]]) -> Iterator[Interface]:
    """The model's interfaces."""
    for link in found.found.values():
        yield _interface(link, found, settings, bindings.get(link.name, ()))


def _interface(link: Link, found: Links, settings: Settings, bindings: tuple[Binding, ...]) -> Interface:
    addresses, dynamic = _addresses(link)
    evidence = link.first.evidence()
    sends = Fact(value=True, basis=Basis.ABSENT, evidence=(evidence,), source=ERRORS_SOURCE)
    return Interface(
        name=link.name,
        evidence=evidence,
        enabled="UP" in link.flags if link.get("flags") else link.word("state") != "DOWN",
        kind=_kind(link),
        description=link.word("alias"),
        addresses=addresses,
        dynamic_address=dynamic,
        vrf=found.vrf(link),
        mtu=_mtus(link, settings),
        receive_mtu=_receive_mtu(link),
        bindings=bindings,
        unreachables=MappingProxyType(dict.fromkeys(FAMILIES, sends)),
        source_check=MappingProxyType({family: settings.source_check(family, link.name) for family in FAMILIES}),
        forwards=MappingProxyType(dict(_forwards(link.name, found.vrf(link), settings))),
        tunnel=tunnel(link.kind, link.word("detail"), link.word("link"), evidence_of(link, "kind")),
        resolves_by=tuple(dict.fromkeys(_names(link))),
    )


def evidence_of(link: Link, name: str) -> Evidence:
    """The line of a property, else of the interface."""
    found = link.get(name)
    return found[1] if found else link.first.evidence()


def _kind(link: Link) -> Literal["ethernet", "loopback", "tunnel", "other"]:
    if "LOOPBACK" in link.flags or link.word("link") == "loopback":
        return "loopback"
    if link.kind in TUNNELS or "POINTOPOINT" in link.flags or link.word("link") in TUNNELS:
        return "tunnel"
    if link.word("link") in ("ether", "") and link.kind != "vrf":
        return "ethernet"
    return "other"


def _forwards(name: str, vrf: str, settings: Settings) -> Iterator[tuple[int, Fact[bool]]]:
    """Packets of a VRF come in by its own device, too: which setting counts then is left open where they differ."""
    for family in FAMILIES:
        host, fact = settings.forwards(family), settings.forwards_of(family, name)
        if vrf != "default" and (settings.forwards_of(family, vrf) or host).value != (fact or host).value:
            fact = replace(fact or host, basis=Basis.UNKNOWN, others=(not (fact or host).value,))
        if fact is not None:
            yield family, fact


def _names(link: Link) -> Iterator[str]:
    for row in link.rows:
        yield from (one["altname"] for one in row.rows("altnames"))


def _mtus(link: Link, settings: Settings) -> Mapping[int, Fact[int | None]]:
    """The link's MTU counts the IP packet. IPv6 has one of its own, never larger, which sysctl shows."""
    found = link.get("mtu")
    if found is None:
        return MappingProxyType({})
    mtu: Fact[int | None] = Fact(value=int(found[0]), basis=Basis.READ, evidence=(found[1],))
    own = settings.get(f"net.ipv6.conf.{dotless(link.name)}.mtu")
    six = mtu
    if own is not None and own[0].isdigit() and int(own[0]) < int(found[0]):
        six = Fact(value=int(own[0]), basis=Basis.READ, evidence=(own[1],))
    return MappingProxyType({4: mtu, 6: six})


def _receive_mtu(link: Link) -> Fact[int | None] | None:
    """What comes in longer than the MTU: a veth pair drops it; with a hardware port it is the driver's affair."""
    found = link.get("mtu")
    if found is None or _kind(link) != "ethernet":
        return None
    mtu = int(found[0])
    if link.kind == "veth":
        return Fact(value=mtu + VLAN_TAG, basis=Basis.READ, evidence=(found[1],), source=VETH_SOURCE)
    return Fact(value=None, basis=Basis.ASSUMED, evidence=(found[1],), others=(mtu,), source=DRIVER_SOURCE)


def _addresses(link: Link) -> tuple[tuple[InterfaceAddress, ...], Evidence | None]:
    """The addresses of all outputs, each once; and the line of one that a server gave out, if there is one."""
    found: dict[tuple[int, int, int], InterfaceAddress] = {}
    dynamic: Evidence | None = None
    for row in link.rows:
        for one in row.rows("addresses"):
            address = _address(one)
            if address is not None:
                found.setdefault((address.family, address.address, address.length), address)
    return tuple(found.values()), dynamic


def _address(row: Row) -> InterfaceAddress | None:
    """``inet 10.0.0.1/24 ...``, or ``inet 10.0.0.1 peer 10.0.0.2/32``: then the prefix is the peer's."""
    text = row.get("address4") or row.get("address6") or ""
    words = (row.get("words") or "").split()
    address, _, length = text.partition("/")
    if not length and words[:1] == ["peer"] and len(words) > 1:
        length = words[1].partition("/")[2]
    try:
        family, value = address_of(address)
    except ValueError:
        return None
    bits = 32 if family == 4 else 128
    return InterfaceAddress(
        family=family,
        address=value,
        length=int(length) if length.isdigit() and int(length) <= bits else bits,
        evidence=row.evidence(),
        secondary="secondary" in words,
    )


def unread_links(found: Links) -> Iterator[NotUnderstood]:
    """What the outputs leave open of an interface."""
    for link in found.found.values():
        if "NO-CARRIER" in link.flags:
            reason = "it had no carrier when its state was listed"
            yield NotUnderstood(evidence=link.first.evidence(), place=link.name, reason=reason)
        master = link.get("master")
        if master is not None and found.vrf_possible and not link.word("slave") and "SLAVE" not in link.flags:
            other = found.found.get(master[0])
            if other is None or (not other.kind and "MASTER" not in other.flags):
                reason = f"{master[0]} may be a bridge, a bond or a VRF: collect ip -d address show"
                yield NotUnderstood(evidence=master[1], place=link.name, reason=reason)
        if link.get("mtu") is None:
            reason = "its MTU was not listed: collect ip -d address show"
            yield NotUnderstood(evidence=link.first.evidence(), place=link.name, direction="out", reason=reason)
