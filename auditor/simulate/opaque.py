"""Hops that can't be read: those that the user declares opaque, and devices without a config."""

from dataclasses import replace
from functools import partial

from auditor.model.addresses import ADDRESSES, PORTS, Family
from auditor.model.device import Device, StageName
from auditor.model.evidence import Basis, Evidence, Fact
from auditor.model.flows import OpaqueHop
from auditor.model.packets import Packet
from auditor.model.paths import Doubt
from auditor.model.trace import Cause, Choice, Loss, Step
from auditor.simulate import cut
from auditor.simulate.header import Free, Header
from auditor.simulate.part import Part, fork, try_each

UNKNOWN_MTUS: dict[Family, tuple[int | None, ...]] = {4: (1280, 576), 6: (1280,)}  # tried besides "no bound"


def through_opaque(family: Family, index: int, hop: OpaqueHop, part: Part) -> list[Part]:
    """Changes nothing but what the hop's keys say; what they leave unknown is tried."""
    if part.error_of is not None:
        return _error_through(index, hop, part)
    declared = (Evidence(file=hop.origin.file, line=hop.origin.line, text=f"opaque: {hop.name}"),)
    if hop.fragments == "unknown":
        handling: Fact[str] = Fact(value="pass", basis=Basis.UNKNOWN, others=("drop",), evidence=declared)
    else:
        handling = Fact(value=hop.fragments, basis=Basis.DECLARED, evidence=declared)
    if hop.mtu is None:
        mtu: Fact[int | None] = Fact(value=None, basis=Basis.UNKNOWN, others=UNKNOWN_MTUS[family], evidence=declared)
    else:
        mtu = Fact(value=hop.mtu, basis=Basis.DECLARED, evidence=declared)
    handled = partial(_handled, index, hop, part, handling)
    parts = try_each(part, hop.name, handling, "what it does to fragments", handled)
    return [
        after
        for one in parts
        for after in try_each(one, hop.name, mtu, "its MTU", partial(_bounded, family, index, hop, one, mtu))
    ]


def _handled(index: int, hop: OpaqueHop, part: Part, fact: Fact[str], what: str) -> list[Part]:
    dead = [p for p in part.packets if p.fragment] if what == "drop" else []
    if not dead:
        return [part]
    after = tuple(p for p in part.packets if not p.fragment)
    losses = tuple(_loss(index, hop, part, p, "opaque", "fragments are dropped here", fact) for p in dead)
    return [_after(index, hop, part, after, losses, "dropped", fact.evidence)]


def _bounded(
    family: Family, index: int, hop: OpaqueHop, part: Part, fact: Fact[int | None], mtu: int | None
) -> list[Part]:
    after: list[Packet] = []
    losses: list[Loss] = []
    for packet in part.packets:
        if mtu is None or packet.bytes <= mtu:
            after.append(packet)
        elif family == 4 and not packet.df:
            after += cut.cut(family, packet, mtu)
        else:
            reason = f"{packet.bytes} bytes are more than the MTU {mtu} here, and the packet may not be cut"
            losses.append(replace(_loss(index, hop, part, packet, "mtu", reason, fact), mtu=mtu))
    if not losses and tuple(after) == part.packets:
        return [part]
    did = "dropped" if losses else f"cut to {mtu}"
    return [_after(index, hop, part, tuple(after), tuple(losses), did, fact.evidence)]


def _error_through(index: int, hop: OpaqueHop, part: Part) -> list[Part]:
    declared = (Evidence(file=hop.origin.file, line=hop.origin.line, text=f"opaque: {hop.name}"),)
    if hop.icmp_errors == "pass":
        return [part]
    if hop.icmp_errors == "drop":
        fact: Fact[str] = Fact(value="drop", basis=Basis.DECLARED, evidence=declared)
        losses = tuple(_loss(index, hop, part, p, "opaque", "ICMP errors are dropped here", fact) for p in part.packets)
        return [_after(index, hop, part, (), losses, "dropped", declared)]
    return [part.doubt(Doubt(device=hop.name, reason="whether it passes ICMP errors is not known", evidence=declared))]


def _loss(
    index: int, hop: OpaqueHop, part: Part, packet: Packet, cause: Cause, reason: str, fact: Fact[object]
) -> Loss:
    return Loss(
        device=hop.name,
        hop=index,
        interface=None,
        stage=StageName.OPAQUE,
        cause=cause,
        packet=packet,
        reason=reason,
        evidence=fact.evidence,
        basis=fact.basis,
        region=part.region,
    )


def _after(
    index: int,
    hop: OpaqueHop,
    part: Part,
    after: tuple[Packet, ...],
    losses: tuple[Loss, ...],
    did: str,
    evidence: tuple[Evidence, ...],
) -> Part:
    step = Step(
        hop=index,
        device=hop.name,
        interface=None,
        stage=StageName.OPAQUE,
        did=did,
        before=part.packets,
        after=after,
        evidence=evidence,
    )
    return replace(part, packets=after).lose(losses).step(step)


def through_unread(family: Family, name: str, device: Device | None, part: Part) -> list[Part]:
    """A device that could not be read may drop, join and translate: all addresses are possible after it, and both the
    packets as they came and the datagrams that they make.
    """
    evidence = (device.head,) if device is not None and device.config else ()
    reason = (device.unreadable if device else "") or "there is no config file of it"
    doubt = Doubt(device=name, reason=reason, evidence=evidence)
    addresses, ports = Free(ADDRESSES[family]), Free(PORTS)
    anything = Header(source=addresses, destination=addresses, source_port=ports, destination_port=ports)
    part = replace(part.doubt(doubt), header=anything)
    wholes = [cut.join(family, group) for group in cut.datagrams(part.packets).values()]
    if not any(p.fragment for p in part.packets) or not all(wholes):
        return [part]
    joined = replace(part, packets=tuple(replace(whole, pieces=()) for whole in wholes if whole is not None))
    choice = Choice(fact="in what shape it sends packets on", device=name, basis=Basis.UNKNOWN, evidence=evidence)
    return fork(part, choice, {"as they came": lambda: [part], "joined": lambda: [joined]})
