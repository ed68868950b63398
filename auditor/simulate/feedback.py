"""The ICMP error that a too-big packet calls forth, and its way back to the sender through the same engine."""

from dataclasses import dataclass, replace
from functools import partial

from auditor.model.addresses import ADDRESSES, Family, IntervalSet
from auditor.model.device import Interface
from auditor.model.evidence import Basis, Fact
from auditor.model.flows import OpaqueHop, Origin
from auditor.model.packets import IP_HEADER, Direction, Packet
from auditor.model.paths import Path, PathHop
from auditor.model.trace import Loss
from auditor.simulate.header import Free, Header
from auditor.simulate.match import ICMP, ICMPV6
from auditor.simulate.part import Part, try_each
from auditor.simulate.sessions import Sessions
from auditor.simulate.walk import Walk, interface_of

# An error holds of the packet what fits, and is never cut: RFC 1812 4.3.2.3; RFC 4443 2.4 (c), the minimum MTU of IPv6.
MOST_BYTES: dict[Family, int] = {4: 576, 6: 1280}
ICMP_HEADER = 8
NEEDED = {4: (3, 4), 6: (2, 0)}  # RFC 792 and 1191: fragmentation needed and DF set; RFC 4443 3.2: packet too big


@dataclass(frozen=True, slots=True)
class WayBack:
    """One branch of an error's way: the part as it ended, and whether it got through, for certain."""

    part: Part
    open: bool
    certain: bool


def ways_back(
    walk: Walk, path: Path, back: Path | None, part: Part, lost: Loss, sessions: Sessions, direction: Direction
) -> list[WayBack]:
    """How the error about a loss fares, for the part's addresses."""
    route = _route_back(path, back, lost)
    here = route.hops[0]
    device = walk.devices.get(here.device)
    ingress = interface_of(device, path.hops[lost.hop].ingress) if device and lost.hop < len(path.hops) else None
    error = _error(path, part, lost, ingress, direction)
    sends = ingress.unreachables.get(path.family) if ingress else None
    if sends is None:
        sends = Fact(value=True, basis=Basis.UNKNOWN, others=(False,))
    words = f"whether {ingress.name if ingress else here.device} sends ICMP errors"
    way: Direction = "reverse" if direction == "forward" else "forward"
    sent = try_each(error, here.device, sends, words, partial(_sent, error, here.device, sends))
    known = _with_own(sessions, part)
    ends: list[Part] = []
    for one in sent:
        ends += [one] if not one.packets else walk.along(route, [one], known, way, first="errors")
    return [WayBack(end, open=not any(loss.certain for loss in end.losses), certain=not end.doubts) for end in ends]


def _with_own(sessions: Sessions, part: Part) -> Sessions:
    """The sessions, and those that the message itself has left at the hops that it crossed."""
    found = dict(sessions)
    for crossing in part.crossings:
        found[crossing.device] = (*found.get(crossing.device, ()), crossing.session)
    return found


def _sent(error: Part, device: str, fact: Fact[bool], sends: bool) -> list[Part]:
    """Without the error, where the device does not send it: the line that forbids it is kept as a loss."""
    if sends:
        return [error]
    from auditor.model.device import StageName

    silent = Loss(
        device=device,
        hop=0,
        interface=None,
        stage=StageName.EGRESS_MTU,
        cause="filter",
        packet=error.packets[0],
        reason=f"{device} sends no ICMP error",
        evidence=fact.evidence,
        basis=fact.basis,
        region=error.region,
    )
    return [replace(error, packets=(), losses=(silent,))]


def _error(path: Path, part: Part, lost: Loss, ingress: Interface | None, direction: Direction) -> Part:
    entered = part.headers[lost.hop] if lost.hop < len(part.headers) else part.header
    own = [a.address for a in ingress.addresses if a.family == path.family] if ingress else []
    size = IP_HEADER[path.family] + ICMP_HEADER + lost.packet.bytes
    source = Free(IntervalSet.single(own[0]) if own else ADDRESSES[path.family])
    header: Header = replace(entered.swapped(), source=source)
    return Part(
        region=part.region,
        header=header,
        packets=(Packet(offset=0, bytes=min(MOST_BYTES[path.family], size), more=False, df=False),),
        protocol=ICMP if path.family == 4 else ICMPV6,
        icmp=NEEDED[path.family],
        error_of=direction,
        tags=part.tags,
    )


def _route_back(path: Path, back: Path | None, lost: Loss) -> Path:
    """From the hop that dropped to the sender: along the flow's other path where that meets the hop, else by the hops
    that the message came along.
    """
    name = lost.device
    if back is not None and lost.hop < len(path.hops):
        for place, hop in enumerate(back.hops):
            if hop.device == name:
                return replace(back, hops=back.hops[place:], doubts=back.doubts)
    turned = [
        PathHop(
            device=hop.device,
            ingress=hop.egress,
            egress=hop.ingress,
            vrf=hop.vrf,
            role={"local-out": "local-in", "local-in": "local-out"}.get(hop.role, "transit"),  # type: ignore[arg-type]
            opaque=hop.opaque,
        )
        for hop in reversed(path.hops[: lost.hop + 1])
    ]
    if lost.hop >= len(path.hops):  # the far end's own link: nobody knows who would send the error
        origin = Origin(file=lost.evidence[0].file, line=lost.evidence[0].line, key="mtu") if lost.evidence else None
        link = OpaqueHop(name=name, origin=origin or Origin(file="", line=1, key="mtu"))
        turned.insert(0, PathHop(device=name, opaque=link))
    return replace(
        path, hops=tuple(turned), doubts=(), direction="reverse" if path.direction == "forward" else "forward"
    )
