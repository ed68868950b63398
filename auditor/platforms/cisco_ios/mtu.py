"""The MTU of IP on each interface: ``mtu`` counts the payload of the link, ``ip mtu`` and ``ipv6 mtu`` the IP
packet.
"""

from collections.abc import Mapping
from types import MappingProxyType

from auditor.model.addresses import Family
from auditor.model.evidence import Basis, Evidence, Fact
from auditor.platforms.cisco_ios.blocks import Block, Blocks
from auditor.platforms.cisco_ios.config import Config, read
from auditor.platforms.cisco_ios.names import is_ethernet, kind_of, parts

Mtu = Fact[int | None]
COMMAND = {4: "ip_mtu", 6: "ipv6_mtu"}
FAMILIES: tuple[Family, Family] = (4, 6)

# Defaults by medium: Cisco IOS Interface Command Reference, "mtu" (default MTU by media type); the same figures in
# "Cisco IOS in a Nutshell" (O'Reilly), "ip mtu": Ethernet and serial 1500, HSSI, ATM and FDDI 4470. Ethernet's does
# not count the header (Cisco document 116350 says so by comparison with IOS XR).
_SOURCE = 'Cisco IOS Interface Command Reference, "mtu": default by media type'
_MEDIA = {"serial": 1500, "hssi": 4470, "atm": 4470, "pos": 4470, "fddi": 4470, "tokenring": 4464}
ETHERNET_DEFAULT = 1500
LABEL = 4  # RFC 3032, 2.1
_LABEL_SOURCE = "whether a packet leaves with MPLS labels, and with how many, is not in the config"
# Cisco, "Support for MACsec" (IR1800 guide): up to 32 bytes are added to an encrypted packet. Whether the IP MTU makes
# room for them is in no text that was found.
MACSEC = 32
_MACSEC_SOURCE = (
    "MACsec adds up to 32 bytes; no text of Cisco says whether the IP MTU of the interface makes room for them"
)
# A loopback's packets never leave the device; its MTU is what `show interfaces` prints.
_LOOPBACK = 1514
_LOOPBACK_SOURCE = "show interfaces Loopback, as in CiscoTestAutomation/genieparser (iosxe, ShowInterfaces)"
# Catalyst switches keep `system mtu` outside the running config on older releases ("The system MTU setting is saved
# in the switch environmental variable in NVRAM", Catalyst 3750 Software Configuration Guide, "Configuring the System
# MTU").
_SWITCH_SOURCE = 'Catalyst Software Configuration Guide, "Configuring the System MTU"'
_JUMBO = 9198
# PPPoE leaves 1492 bytes of 1500 (RFC 2516, 7); what a dialer without `ip mtu` sends is in no document of Cisco.
_PPPOE_SOURCE = "no text of Cisco gives the IP MTU of a dialer that has none configured; RFC 2516 leaves 1492 bytes"
_PPPOE = 1492


# "Interface MTU: Checked by the SPA on traffic coming in from the network. ... defines the maximum packet size
# allowable (in bytes) for an interface before drops occur" (Cisco ASR 1000 Series SIP and SPA Software Configuration
# Guide, Ethernet SPAs; 22 bytes for the link's header, tag and check sum are added to it). Of other routers no text
# says it or denies it.
_RECEIVING_SOURCE = "only of ASR 1000 interface cards does Cisco say that mtu bounds what comes in"
_VIRTUAL = ("vlan", "bvi", "bdi")  # packets come in by their ports


def receive_mtu(blocks: Blocks, block: Block) -> Mtu | None:
    """The bound of what a router's Ethernet port takes in. What switches do is a matter of ``switches.py``."""
    if blocks.config.switch or kind_of(block.name) != "ethernet" or block.name.lower().startswith(_VIRTUAL):
        return None
    link = link_mtu(blocks, block)
    known = tuple(value for value in link.options if value is not None) if link is not None else ()
    if link is None or not known:
        return None
    return Fact(value=None, basis=Basis.ASSUMED, evidence=link.evidence, others=known, source=_RECEIVING_SOURCE)


def mtus(blocks: Blocks, block: Block) -> Mapping[int, Mtu]:
    """The bound of what leaves, for each family; none where neither a line nor a document tells it."""
    link = link_mtu(blocks, block)
    found: dict[int, Mtu] = {}
    for family in FAMILIES:
        own = explicit(block, family)
        if own is not None and link is not None and link.basis is Basis.READ:
            found[family] = min(own, link, key=lambda fact: fact.value or 0)
        elif own is not None:
            found[family] = own
        elif link is not None:
            found[family] = link
    secured = next((one for one in (block, blocks.parent(block)) if one and one.get("macsec") == "yes"), None)
    for number, fact in found.items():
        found[number] = _labelled(block, fact, link)
        if secured is not None:
            found[number] = _less_room(found[number], link, secured.line("macsec"))
    return MappingProxyType(found)


def _less_room(fact: Mtu, link: Mtu | None, line: Evidence) -> Mtu:
    """Where packets leave in MACsec frames, these may take their bytes from what the link carries."""
    carried = link.value if link is not None else None
    if carried is None or fact.value is None or fact.value <= carried - MACSEC:
        return fact
    others = tuple(dict.fromkeys((*fact.others, carried - MACSEC)))
    evidence = (*fact.evidence, line)
    return Fact(value=fact.value, basis=Basis.ASSUMED, evidence=evidence, others=others, source=_MACSEC_SOURCE)


def _labelled(block: Block, fact: Mtu, link: Mtu | None) -> Mtu:
    """Where packets may leave with MPLS labels (4 bytes each), these count against what the link carries."""
    carried = int(block.get("mpls_mtu") or 0) or (link.value if link is not None else None)
    if block.get("labels") != "yes" or carried is None or fact.value is None:
        return fact
    smaller = tuple(dict.fromkeys(min(fact.value, carried - labels * LABEL) for labels in (1, 2)))
    others = tuple(value for value in smaller if value != fact.value)
    if not others:
        return fact
    evidence = (*fact.evidence, block.line("labels"))
    return Fact(value=fact.value, basis=Basis.ASSUMED, evidence=evidence, others=others, source=_LABEL_SOURCE)


def explicit(block: Block, family: Family) -> Mtu | None:
    """What ``ip mtu`` or ``ipv6 mtu`` says."""
    text = block.get(COMMAND[family])
    return read(int(text), block.line(COMMAND[family])) if text else None


def link_mtu(blocks: Blocks, block: Block) -> Mtu | None:
    """What the link carries: its own ``mtu``, else the parent's, else the device's, else the medium's default."""
    for one in (block, blocks.parent(block)):
        text = one.get("mtu") if one is not None else None
        if one is not None and text:
            said = read(int(text), one.line("mtu"))
            own = one is block or not block.name.lower().startswith("atm")
            return said if own else _cells(said)
    return _default(blocks.config, block)


def _cells(parent: Mtu) -> Mtu:
    """ATM sub-interfaces "are not bound by what is configured on the major interface", by the same reference."""
    return Fact(
        value=_MEDIA["atm"], basis=Basis.DEFAULT, evidence=parent.evidence, others=(parent.value,), source=_SOURCE
    )


def _default(config: Config, block: Block) -> Mtu | None:
    word, _ = parts(block.name.partition(".")[0])
    if word == "loopback":
        return config.default(_LOOPBACK, None, source=_LOOPBACK_SOURCE, row=block.head)
    if is_ethernet(word):
        return _ethernet(config, block)
    if word in _MEDIA:
        return config.default(_MEDIA[word], None, source=_SOURCE, row=block.head)
    if word == "dialer":
        return Fact(
            value=ETHERNET_DEFAULT,
            basis=Basis.UNKNOWN,
            evidence=(block.evidence,),
            others=(_PPPOE,),
            source=_PPPOE_SOURCE,
        )
    return None


def _ethernet(config: Config, block: Block) -> Mtu:
    said = _system(config)
    if said is not None:
        return said
    if not config.switch:
        return config.default(ETHERNET_DEFAULT, _JUMBO, source=_SOURCE, row=block.head)
    return Fact(
        value=ETHERNET_DEFAULT,
        basis=Basis.DEFAULT,
        evidence=(block.evidence,),
        others=(_JUMBO,),
        source=_SWITCH_SOURCE,
    )


def _system(config: Config) -> Mtu | None:
    """What ``system mtu`` says of routed packets: ``system mtu routing N`` before ``system mtu N``."""
    lines: list[tuple[str, Evidence]] = [(text, row.evidence()) for text, row in config.fields("system_mtu")]
    for wanted in ("routing", ""):
        for text, evidence in reversed(lines):
            words = text.split()
            if words[-1].isdigit() and " ".join(words[:-1]) == wanted:
                return read(int(words[-1]), evidence)
    return None
