"""Interfaces of a config to interfaces of the model."""

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Literal

from auditor.model.addresses import Family
from auditor.model.device import Binding, Interface, NotUnderstood
from auditor.model.evidence import Basis, Evidence, Fact
from auditor.parse.rows import Row
from auditor.platforms.cisco_ios.bindings import SIDES
from auditor.platforms.cisco_ios.blocks import Block, Blocks, vlan_of
from auditor.platforms.cisco_ios.config import read
from auditor.platforms.cisco_ios.interface_addresses import Addressing
from auditor.platforms.cisco_ios.mtu import mtus, receive_mtu
from auditor.platforms.cisco_ios.names import kind_of
from auditor.platforms.cisco_ios.reassembly import unread_words
from auditor.platforms.cisco_ios.tunnels import WayOut, tunnel, tunnel_mtus

# "ip unreachables" and "ipv6 unreachables" are on by default (Cisco IOS IP Application Services and IPv6 Command
# References).
_UNREACHABLES = 'Cisco IOS Command Reference, "ip unreachables": enabled by default'
# What ICMP calls "fragmentation needed" is a code of "unreachable" in IPv4 (RFC 792), and a message of its own in IPv6.
_TOO_BIG = (
    "no ipv6 unreachables names ICMPv6 unreachables (type 1); Packet Too Big is type 2 (RFC 4443), and no text of Cisco"
    " says whether it is sent all the same"
)
_CHECK = 'Cisco IOS Security Command Reference, "ip verify unicast source reachable-via": disabled by default'
DEFAULT_ZONE = "default"

Direction = Literal["in", "out"]


def interface(
    blocks: Blocks, block: Block, addressing: Addressing, bindings: Sequence[Binding], way_out: WayOut
) -> Interface:
    """One interface with all that its blocks say."""
    built = tunnel(blocks, block, addressing.all)
    return Interface(
        name=block.name,
        evidence=block.evidence,
        enabled=blocks.enabled(block),
        kind=kind_of(block.name),
        description=block.get("description") or "",
        addresses=addressing.all[block.name],
        dynamic_address=addressing.comes_from_elsewhere(block),
        vrf=block.get("vrf") or "default",
        mtu=tunnel_mtus(blocks, block, built, way_out) if built else mtus(blocks, block),
        receive_mtu=None if built else receive_mtu(blocks, block),
        bindings=tuple(bindings),
        zone=_zone(blocks, block),
        unreachables=_unreachables(blocks, block),
        source_check=_checks(blocks, block),
        tunnel=built,
        resolves_by=tuple(dict.fromkeys(text for row in block.parts if (text := row["name"]) != block.name)),
    )


def _zone(blocks: Blocks, block: Block) -> str | None:
    """Its zone; where the config has a zone named default, every interface without one is in that (Cisco IOS XE,
    "Zone-Based Policy Firewalls", default zone).
    """
    zones = {row["name"] for row in blocks.config.rows.rows("zones")}
    return block.get("zone") or (DEFAULT_ZONE if DEFAULT_ZONE in zones else None)


def _unreachables(blocks: Blocks, block: Block) -> Mapping[int, Fact[bool]]:
    found: dict[int, Fact[bool]] = {}
    for family, field in ((4, "unreachables4"), (6, "unreachables6")):
        said = block.get(field)
        if said == "no" and family == 6:
            line = block.line(field)
            found[6] = Fact(value=True, basis=Basis.ASSUMED, evidence=(line,), others=(False,), source=_TOO_BIG)
        elif said is not None:
            found[family] = read(said == "yes", block.line(field))
        else:
            found[family] = blocks.config.default(True, False, source=_UNREACHABLES, row=block.head)
    return MappingProxyType(found)


def _checks(blocks: Blocks, block: Block) -> Mapping[int, Fact[str]]:
    found: dict[int, Fact[str]] = {}
    for family, field in ((4, "check4"), (6, "check6")):
        kind = block.get(field)
        if kind is None:
            found[family] = blocks.config.default("off", "strict", source=_CHECK, row=block.head)
            continue
        words = (block.get(f"{field}_words") or "").split()
        mode = "loose" if words[:2] == ["reachable-via", "any"] else "strict"
        # "allow-default: (Optional) Allows the use of the default route for RPF verification" (Cisco IOS IP Switching
        # Command Reference, 2008, ISW-67): without it a source to which only that leads has no way back.
        mode += "-no-default" if kind == "source" and "allow-default" not in words else ""
        evidence = block.line(field)
        if _exempting(kind, words):
            # A list decides about what fails the check (Cisco IOS, "Configuring Unicast RPF"): it may let it pass.
            found[family] = Fact(value=mode, basis=Basis.UNKNOWN, evidence=(evidence,), others=("off",))
        else:
            found[family] = read(mode, evidence)
    return MappingProxyType(found)


_CHECK_WORDS = frozenset({"reachable-via", "rx", "any", "allow-default", "allow-self-ping", "l2-src"})


def _exempting(kind: str, words: Sequence[str]) -> bool:
    """Whether a list, or something that is not known, stands behind the check."""
    return any(word not in _CHECK_WORDS for word in words) or kind == "vrf"


def not_understood(blocks: Blocks, block: Block, addressing: Addressing) -> Iterable[NotUnderstood]:
    """What of an interface could not be read, each with where it counts."""
    for left in blocks.leftovers(block):
        yield _left(block, left.text.strip(), left.evidence)
    for name, evidence in addressing.unread:
        if name == block.name:
            yield NotUnderstood(evidence=evidence, place=block.name, reason="the address makes no sense")
    for evidence in unread_words(block):
        yield NotUnderstood(evidence=evidence, place=block.name, reason="virtual reassembly is not understood")
    if block.get("downstream_vrf") is not None:
        reason = "packets of the two directions are routed by two VRFs"
        yield NotUnderstood(evidence=block.line("downstream_vrf"), place=block.name, reason=reason)
    if not all(blocks.config.whole(row) for row in block.parts):
        reason = "the config may end inside this block"
        yield NotUnderstood(evidence=block.evidence, place=block.name, reason=reason)
    if block.get("port_control") in ("auto", "force-unauthorized"):
        reason = "what the RADIUS server may send for the user of this port (a list) is not in the config"
        yield NotUnderstood(evidence=block.line("port_control"), place=block.name, direction="in", reason=reason)
    yield from _behind(blocks, block)


def _left(block: Block, text: str, evidence: Evidence) -> NotUnderstood:
    words = text.removeprefix("no ").split()
    family: Family | None = 4 if words[0] == "ip" else 6 if words[0] == "ipv6" else None
    direction: Direction | None = (
        "in" if words[-1] in ("in", "input") else "out" if words[-1] in ("out", "output") else None
    )
    return NotUnderstood(evidence=evidence, place=block.name, family=family, direction=direction)


def _behind(blocks: Blocks, block: Block) -> Iterable[NotUnderstood]:
    """Lists on what stands before a routed interface: switch ports of its VLAN, VLAN maps, service instances."""
    vlan = vlan_of(block)
    if vlan is not None:
        for port in blocks.carrying(vlan):
            for row in port.rows("bindings"):
                yield _filtered(block, row, f"the list on the switch port {port.name} filters what crosses it too")
        for row in blocks.config.rows.rows("vlan_filters"):
            if vlan in _vlans(row["vlans"]):
                yield _filtered(block, row, "a VLAN map filters what crosses the VLAN too")
    if block.name.lower().startswith("bvi"):
        yield from _bridged(blocks, block)
    if block.name.lower().startswith("bdi"):
        for one in blocks:
            for instance in one.rows("service_instances"):
                if instance.get("bridge_domain") == block.name[3:]:
                    for row in instance.rows("bindings"):
                        yield _filtered(block, row, f"the list on a service instance of {one.name} filters too")


# Whether a packet that is routed by a BVI meets what is bound to the member of the bridge group that it comes in or
# leaves by: no text of Cisco was found that says so. Of lists by type and MAC address one says that they "affect only
# bridging functions. You cannot use such access lists to block frames with protocols that are being routed" (Cisco IOS
# Bridging and IBM Networking Configuration Guide, "Configuring Transparent Bridging"); whether that holds for what
# reaches a BVI through the bridge it does not say.
def _bridged(blocks: Blocks, block: Block) -> Iterable[NotUnderstood]:
    """Lists on the members of the bridge group that a BVI routes for."""
    number = block.name[3:]
    for one in blocks:
        if one.get("bridge_group") != number or not blocks.enabled(one):
            continue
        for row in one.rows("bindings", "bindings6", "inspections", "bridge_lists"):
            reason = f"whether the list on {one.name}, which is bridged, filters what {block.name} routes is not known"
            family: Family | None = {"bindings6": 6, "bridge_lists": None}.get(row.group, 4)
            side = SIDES[row.get("direction") or row["bridge_list"].partition("-")[0]]
            yield NotUnderstood(evidence=row.evidence(), place=block.name, family=family, direction=side, reason=reason)


def _filtered(block: Block, row: Row, reason: str) -> NotUnderstood:
    return NotUnderstood(evidence=row.evidence(), place=block.name, family=4, reason=reason)


def _vlans(text: str) -> set[int]:
    found: set[int] = set()
    for piece in text.replace(" ", "").split(","):
        first, _, last = piece.partition("-")
        if first.isdigit():
            found.update(range(int(first), min(int(last) if last.isdigit() else int(first), 4095) + 1))
        elif first == "all":
            found.update(range(1, 4096))
    return found
