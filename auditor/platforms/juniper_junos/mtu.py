"""The MTUs of an interface, bytes of IP packet.

- "The media MTU ... includes the Layer 2 header, excludes the FCS"; default 1514 for Ethernet, protocol MTU 1500;
  header bytes: Ethernet 14, 802.1Q 18, PPP 4, Cisco HDLC 4 (Juniper, "Media MTU Overview", EX2200 and ACX guides).
- "If the size of an incoming frame exceeds the configured MTU it is dropped" (the same, note on MRU).
- Tunnel interfaces have a protocol MTU only (the same). Defaults of gr-, st0 and pp0 are in no text that was found.
"""

from auditor.model.evidence import Basis, Evidence, Fact
from auditor.platforms.juniper_junos.config import Config, read
from auditor.platforms.juniper_junos.security.tree import Node

Mtu = Fact[int | None]
ETHERNET = ("ge-", "xe-", "et-", "fe-", "ae", "reth", "irb", "vlan", "fxp", "em", "me", "mge-", "fab", "vme", "re0")
TUNNELS = ("gr-", "ip-", "st0", "lt-", "mt-", "ud-", "vt-", "gre", "ipip", "fti")
SERIAL = ("so-", "t1-", "t3-", "e1-", "e3-", "se-", "at-", "dl0", "cl-", "pt-")
_SOURCE = "Juniper, Media MTU Overview: media MTU 1514 of Ethernet by default, protocol MTU 1500"
_TAGGED = "Juniper's table of overheads has 14 bytes and 18 with 802.1Q; of two tags nothing is said"
_TUNNEL = "no text of Juniper was found that tells this interface's MTU"
_STANDARD = 1500


def kind_of(name: str) -> str:
    """The kind of an interface by its name."""
    if name.startswith("lo0"):
        return "loopback"
    if name.startswith(TUNNELS):
        return "tunnel"
    return "ethernet" if name.startswith(ETHERNET) else "other"


def overhead(name: str, physical: Node | None, unit: Node | None) -> tuple[int, tuple[int, ...]]:
    """The layer-2 bytes that the media MTU holds, and what else they may be."""
    if not name.startswith(ETHERNET):
        return (4, ()) if name.startswith(SERIAL) else (0, ())
    if physical is None:
        return 14, ()
    if physical.get("flexible-vlan-tagging") or physical.get("stacked-vlan-tagging"):
        return 22, (18, 14)
    tagged = physical.get("vlan-tagging") is not None
    if name.startswith(("irb", "vlan")):
        return 14, (0, 18)
    if unit is not None and unit.get("vlan-tags"):
        return 22, (18,)
    return (18, ()) if tagged else (14, ())


def link(config: Config, name: str, physical: Node | None, unit: Node | None) -> Mtu | None:
    """The MTU by the physical interface, less what layer 2 takes; None where no bound of it is known."""
    kind = kind_of(name)
    said = physical.value("mtu") if physical is not None else None
    less, others = overhead(name, physical, unit)
    if said is not None and said.isdigit() and physical is not None and kind in ("ethernet", "other"):
        line = physical.line("mtu")
        value = int(said) - less
        if others:
            rest = tuple(int(said) - other for other in others)
            return Fact(value=value, basis=Basis.ASSUMED, evidence=(line,), others=rest, source=_TAGGED)
        return read(value, line)
    if kind == "ethernet":
        return config.default(_STANDARD, 1400, source=_SOURCE, head=_head(config, physical))
    return None


def _head(config: Config, node: Node | None) -> Evidence:
    return node.evidence if node is not None else config.rows.head


def mtu(config: Config, name: str, physical: Node | None, unit: Node | None, family: str) -> Mtu:
    """What bounds the packets of a family that leave by a unit."""
    node = unit.get("family", family) if unit is not None else None
    said = node.value("mtu") if node is not None else None
    if said is not None and said.isdigit() and node is not None:
        return read(int(said), node.line("mtu"))
    found = link(config, name, physical, unit)
    if found is not None:
        return found
    evidence = (_head(config, unit or physical),)
    if name.startswith("lo0"):
        return Fact(value=None, basis=Basis.INFERRED, evidence=evidence, source="a loopback sends nothing")
    likely, others = _LIKELY.get(name[:3], (_STANDARD, (1400,)))
    return Fact(value=likely, basis=Basis.ASSUMED, evidence=evidence, others=others, source=_TUNNEL)


_LIKELY: dict[str, tuple[int | None, tuple[int | None, ...]]] = {
    "gr-": (1476, (None,)),
    "ip-": (1480, (None,)),
    "st0": (9192, (1500, 1400)),
    "pp0": (1492, (1500,)),
    "so-": (4470, (1500,)),
    "at-": (4470, (1500,)),
}
