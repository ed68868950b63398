"""Tunnel interfaces: what they add to a packet, where the outer packets go, and the MTU that follows from it.

Cisco document 25885, "Resolve IPv4 Fragmentation, MTU, MSS, and PMTUD Issues with GRE and IPsec": a GRE tunnel's IP
MTU is the outgoing interface's less 24 bytes; without ``tunnel path-mtu-discovery`` the outer header's DF is clear,
with it the inner one is copied. Key, checksum and sequence number are 4 bytes each (RFC 2890, 2).
"""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from auditor.model.addresses import Family
from auditor.model.device import Df, InterfaceAddress, Tunnel
from auditor.model.evidence import Basis, Fact
from auditor.platforms.cisco_ios.addresses import host
from auditor.platforms.cisco_ios.blocks import Block, Blocks
from auditor.platforms.cisco_ios.config import read
from auditor.platforms.cisco_ios.mtu import FAMILIES, Mtu, explicit, mtus
from auditor.platforms.cisco_ios.names import kind_of

SOURCE = 'Cisco document 25885, "Resolve IPv4 Fragmentation, MTU, MSS, and PMTUD Issues with GRE and IPsec"'
_IPV4, _IPV6, _GRE = 20, 40, 4
GRE, IPIP, IPV6IP = 47, 4, 41
_MOST_LINES = 4  # of the interfaces that a tunnel's packets may leave by
_EXTRA = 4  # each of key, checksum, sequence number

# By the words after `tunnel mode`: family of the outer header, its protocol, bytes added; None: not in the config.
_MODES: Mapping[str, tuple[Family, int, int | None]] = MappingProxyType(
    {
        "gre ip": (4, GRE, _IPV4 + _GRE),
        "gre multipoint": (4, GRE, _IPV4 + _GRE),
        "gre ip multipoint": (4, GRE, _IPV4 + _GRE),
        "gre ipv6": (6, GRE, _IPV6 + _GRE),
        "gre multipoint ipv6": (6, GRE, _IPV6 + _GRE),
        "ipip": (4, IPIP, _IPV4),
        "ipip decapsulate-any": (4, IPIP, _IPV4),
        "ipv6ip": (4, IPV6IP, _IPV4),
        "ipv6ip auto-tunnel": (4, IPV6IP, _IPV4),
        "ipv6ip 6to4": (4, IPV6IP, _IPV4),
        "ipv6ip 6rd": (4, IPV6IP, _IPV4),
        "ipv6ip isatap": (4, IPV6IP, _IPV4),
        "ipv6": (6, IPIP, _IPV6),
        "ipsec ipv4": (4, 50, None),
        "ipsec ipv6": (6, 50, None),
        "ipsec dual-overlay": (4, 50, None),
        "mpls traffic-eng": (4, 137, None),
    }
)
_DEFAULT_MODE = "gre ip"  # Cisco IOS Interface Command Reference, "tunnel mode": default GRE over IP
# What IPsec adds depends on transforms that the peers agree on; these plaintext MTUs were seen on a path of 1500 bytes
# (CiscoTestAutomation/genieparser, iosxe ShowCryptoIpsecSa): tried where nothing is configured.
_IPSEC_MTUS: tuple[int, ...] = (1438, 1400, 1458)
_IPSEC_SOURCE = "the IP MTU of an IPsec tunnel follows from its transform and is not in the config"
_MODE_SOURCE = "what a tunnel of this mode adds is not known"
# Cisco, "DF Bit Override Functionality with IPsec Tunnels": clear, set or copy, per interface before global.
_IPSEC_DF = MappingProxyType({"clear": Df.CLEAR, "set": Df.SET, "copy": Df.KEEP})
_IPSEC_DF_SOURCE = "what crypto ipsec df-bit is without a line is in no text of Cisco that could be read; others copy"
_IPV6_SOURCE = "no text of Cisco gives the IPv6 MTU of a tunnel that has none configured"

Addresses = Mapping[str, Sequence[InterfaceAddress]]
WayOut = Callable[[Tunnel], str | None]  # the interface by which a tunnel's outer packets leave, where routes tell it


def tunnel(blocks: Blocks, block: Block, addresses: Addresses) -> Tunnel | None:
    """The tunnel of a tunnel interface."""
    if kind_of(block.name) != "tunnel":
        return None
    mode = block.get("tunnel_mode") or _DEFAULT_MODE
    family, protocol, added = _MODES.get(mode, (4, 0, None))
    source, interface = _source(blocks, block, family, addresses)
    destination = host(block.get("tunnel_destination") or "")
    protection = block.get("tunnel_protection") is not None
    encrypts = block.line("tunnel_protection") if protection else block.line("tunnel_mode")
    return Tunnel(
        mode=mode,
        source=source,
        source_interface=interface,
        destination=destination[1].first if destination and destination[0] == family else None,
        family=family,
        protocol=protocol,
        overhead=_overhead(blocks, block, added),
        outer_df=_outer_df(blocks, block),
        evidence=block.line("tunnel_destination") if block.get("tunnel_destination") else block.evidence,
        vrf=block.get("tunnel_vrf") or "default",
        protected=encrypts if protection or mode.startswith("ipsec") else None,
        key=block.get("tunnel_key") or "",
    )


def _source(blocks: Blocks, block: Block, family: Family, addresses: Addresses) -> tuple[int | None, str | None]:
    """The outer source address, and the interface that it is taken from."""
    text = block.get("tunnel_source") or ""
    one = host(text)
    if one is not None:
        return (one[1].first if one[0] == family else None), None
    named = blocks.find(text)
    if named is None:
        return None, None
    own = [a.address for a in addresses.get(named.name, ()) if a.family == family and not a.secondary]
    return (own[0] if own else None), named.name


def _extra(block: Block) -> int:
    fields = ("tunnel_key", "tunnel_checksum", "tunnel_sequence")
    return sum(_EXTRA for field in fields if block.get(field))


def _overhead(blocks: Blocks, block: Block, added: int | None) -> Fact[int | None]:
    """What is added outside the inner packet; unknown where encryption adds to it."""
    if added is None or block.get("tunnel_protection") is not None:
        why = _why_unknown(block)
        return Fact(value=None, basis=Basis.UNKNOWN, evidence=(block.evidence,), others=(62, 100), source=why)
    gre = (block.get("tunnel_mode") or _DEFAULT_MODE).startswith("gre")
    total = added + (_extra(block) if gre else 0)
    if block.get("tunnel_mode") is not None:
        return read(total, block.line("tunnel_mode"))
    return blocks.config.default(total, None, source=SOURCE, row=block.head)


def _why_unknown(block: Block) -> str:
    encrypts = block.get("tunnel_protection") is not None or (block.get("tunnel_mode") or "").startswith("ipsec")
    return _IPSEC_SOURCE if encrypts else _MODE_SOURCE


def _outer_df(blocks: Blocks, block: Block) -> Fact[Df]:
    """The DF flag of the outer header: IPsec's own where IPsec makes the tunnel, else GRE's."""
    if (block.get("tunnel_mode") or "").startswith("ipsec"):
        return _ipsec_df(blocks, block)
    discovery = block.get("tunnel_discovery")
    if discovery is not None:
        return read(Df.CLEAR if discovery == "no" else Df.KEEP, block.line("tunnel_discovery"))
    return blocks.config.default(Df.CLEAR, Df.KEEP, source=SOURCE, row=block.head)


def _ipsec_df(blocks: Blocks, block: Block) -> Fact[Df]:
    """``crypto ipsec df-bit``: the interface's line goes before the global one."""
    said = _IPSEC_DF.get(block.get("ipsec_df") or blocks.config.text("ipsec_df") or "")
    if said is not None:
        return read(said, block.line("ipsec_df") if block.get("ipsec_df") else blocks.config.line("ipsec_df")[0])
    lines = (block.evidence,)
    return Fact(value=Df.KEEP, basis=Basis.ASSUMED, evidence=lines, others=(Df.CLEAR, Df.SET), source=_IPSEC_DF_SOURCE)


def tunnel_mtus(blocks: Blocks, block: Block, built: Tunnel, way_out: WayOut) -> Mapping[int, Mtu]:
    """The IP MTUs of a tunnel: as configured, else the way out's less what the tunnel adds."""
    found: dict[int, Mtu] = {}
    for family in FAMILIES:
        own = explicit(block, family)
        found[family] = own if own is not None else _derived(blocks, block, built, family, way_out)
    return MappingProxyType(found)


def _derived(blocks: Blocks, block: Block, built: Tunnel, family: Family, way_out: WayOut) -> Mtu:
    overhead = built.overhead.value
    if overhead is None:
        return Fact(
            value=_IPSEC_MTUS[0],
            basis=Basis.UNKNOWN,
            evidence=(block.evidence,),
            others=_IPSEC_MTUS[1:],
            source=_why_unknown(block),
        )
    transports = _transports(blocks, block, built, way_out(built))
    values = [fact.value - overhead for fact in transports if fact.value is not None]
    known = len(values) == len(transports) and all(fact.basis.decides for fact in transports)
    best = values[0] if values else 1500 - overhead
    others = tuple(dict.fromkeys(value for value in values if value != best))
    lines = tuple(dict.fromkeys(line for fact in transports for line in fact.evidence))
    evidence = (block.evidence, *lines[:_MOST_LINES])
    if family == 6 and built.family == 4:
        return Fact(value=best, basis=Basis.ASSUMED, evidence=evidence, others=(*others, 1280), source=_IPV6_SOURCE)
    if known and values and not others and blocks.config.whole(block.head):
        return Fact(value=best, basis=Basis.ABSENT, evidence=evidence, source=SOURCE)
    return Fact(value=best, basis=Basis.DEFAULT, evidence=evidence, others=others or (None,), source=SOURCE)


def _transports(blocks: Blocks, block: Block, built: Tunnel, routed: str | None) -> list[Mtu]:
    """The MTUs of the interfaces that the outer packets may leave by: the one that routes tell; else the tunnel's
    source, if it is one, and every other one of its VRF that has an address.
    """
    found: list[Mtu] = []
    source = blocks.find(built.source_interface) if built.source_interface else None
    for one in sorted(blocks, key=lambda other: other is not source):
        if one is block or kind_of(one.name) in ("tunnel", "loopback") or not blocks.enabled(one):
            continue
        addressed = one.rows("addresses") or one.rows("addresses6") or one.get("dynamic") or one.get("unnumbered")
        if not addressed or (one.get("vrf") or "default") != built.vrf or routed not in (None, one.name):
            continue
        fact = mtus(blocks, one).get(built.family)
        if fact is not None:
            found.append(fact)
    return found
