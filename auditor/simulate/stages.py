"""One function a kind of stage. Each takes a part and gives the parts that come of it; none knows a vendor."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial

from auditor.model.addresses import Family
from auditor.model.device import Does, FragmentPolicy, Hits, Stage, StageName
from auditor.model.evidence import Basis, Evidence, Fact
from auditor.model.packets import Packet
from auditor.model.paths import Doubt
from auditor.model.trace import Cause, Loss, Region
from auditor.simulate import cut
from auditor.simulate.filtering import filters_met, kind_words, meet
from auditor.simulate.header import intersect_all, subtract_all
from auditor.simulate.here import Here
from auditor.simulate.part import Part, try_each
from auditor.simulate.reassembly import reassembled
from auditor.simulate.sessions import tracked
from auditor.simulate.translation import translated

Run = Callable[[Here, Stage, Part], list[Part]]


def run(here: Here, stage: Stage, part: Part) -> list[Part]:
    """One stage, where it concerns the part's family."""
    if not part.packets or stage.family not in (None, here.family):
        return [part]
    return _RUNS[stage.does](here, stage, part)


def loss(
    here: Here,
    stage: StageName,
    packet: Packet,
    cause: Cause,
    reason: str,
    evidence: tuple[Evidence, ...],
    basis: Basis,
    region: Region,
    side: str = "in",
    mtu: int | None = None,
    limit: int | None = None,
) -> Loss:
    """A packet that dies here for certain."""
    interface = here.interface(side)
    return Loss(
        device=here.device.name,
        hop=here.hop,
        interface=interface.name if interface else None,
        stage=stage,
        cause=cause,
        packet=packet,
        reason=reason,
        evidence=evidence,
        basis=basis,
        region=region,
        mtu=mtu,
        limit=limit,
    )


def received(here: Here, stage: Stage, part: Part) -> list[Part]:
    """Drops what is longer than the interface takes in."""
    if here.ingress is None or here.ingress.receive_mtu is None:
        return [part]
    fact = here.ingress.receive_mtu
    words = f"the largest packet that {here.ingress.name} takes in"
    return try_each(part, here.device.name, fact, words, partial(_received, here, stage, part, fact))


def _received(here: Here, stage: Stage, part: Part, fact: Fact[int | None], bound: int | None) -> list[Part]:
    long = [packet for packet in part.packets if bound is not None and packet.bytes > bound]
    if not long:
        return [part]
    losses = [
        loss(
            here,
            stage.name,
            p,
            "receive",
            f"{p.bytes} bytes are more than the interface takes in ({bound})",
            fact.evidence,
            fact.basis,
            part.region,
            mtu=bound,
        )
        for p in long
    ]
    return [_without(here, stage, part, losses, "dropped")]


def _without(here: Here, stage: Stage, part: Part, losses: list[Loss], did: str) -> Part:
    """The part without the packets that were lost."""
    dead = {(item.packet.datagram, item.packet.offset) for item in losses}
    after = tuple(p for p in part.packets if (p.datagram, p.offset) not in dead)
    evidence = tuple(dict.fromkeys(e for item in losses for e in item.evidence))
    step = here.step(part, stage.name, did, after, evidence, stage.side)
    return replace(part, packets=after).lose(losses).step(step)


def policed(here: Here, stage: Stage, part: Part) -> list[Part]:
    """The settings that drop fragments outside any filter, those of this interface and direction."""
    interface = here.interface(stage.side)
    parts = [part]
    for policy in here.device.fragment_policies:
        if policy.family != here.family or policy.direction != stage.side or policy.action != "drop":
            continue
        if policy.interface is not None and (interface is None or policy.interface != interface.name):
            continue
        parts = [after for one in parts for after in _police(here, stage, one, policy)]
    return parts


def _police(here: Here, stage: Stage, part: Part, policy: FragmentPolicy) -> list[Part]:
    hit = _hit(policy, part.packets)
    if not hit:
        return [part]
    exempt = _exempt(part, policy)
    spared = [part.within(region) for region in exempt]
    struck = [part.within(region) for region in subtract_all([part.region], exempt)]
    words = f"whether {policy.name} is in force"
    return spared + [
        after
        for one in struck
        for after in try_each(
            one, here.device.name, policy.in_force, words, partial(_strike, here, stage, one, policy, hit)
        )
    ]


def _exempt(part: Part, policy: FragmentPolicy) -> list[Region]:
    if policy.exempt is None:
        return []
    cell = part.header.cell(part.region)
    spared = part.header.region(cell._replace(sources=cell.sources & policy.exempt), part.region)
    return intersect_all([spared], [part.region])


def _strike(
    here: Here, stage: Stage, part: Part, policy: FragmentPolicy, hit: list[Packet], active: bool
) -> list[Part]:
    if not active:
        return [part]
    reason = f"{policy.name} drops {kind_words(hit[0])}"
    losses = [
        loss(
            here,
            stage.name,
            p,
            "fragment-policy",
            reason,
            policy.in_force.evidence,
            policy.in_force.basis,
            part.region,
            stage.side,
        )
        for p in hit
    ]
    return [_without(here, stage, part, losses, "dropped")]


def _hit(policy: FragmentPolicy, packets: tuple[Packet, ...]) -> list[Packet]:
    """The packets that a policy takes."""
    if policy.hits is Hits.LATER:
        return [p for p in packets if p.offset]
    return [p for p in packets if p.fragment]


def zoned(here: Here, stage: Stage, part: Part) -> list[Part]:
    """The policy from the zone of the way in to that of the way out. What belongs to a session passes."""
    zoning = here.device.zoning
    if zoning is None or (part.session is not None and part.session.inspected):
        return [part]
    source = _zone(here, "in")
    destination = _zone(here, "out")
    if source is None and destination is None:
        return [part]
    policy = next((z for z in here.device.zones if (z.source, z.destination) == (source, destination)), None)
    if policy is not None:
        filter_ = here.device.filters.get(policy.filter)
        if filter_ is None or filter_.missing:
            reason = f"{policy.filter} is the policy from {source} to {destination}, but the config does not hold it"
            return [part.doubt(Doubt(device=here.device.name, reason=reason, evidence=(policy.evidence,)))]
        return meet(here, stage, part, filter_, whole=True)
    if "self" in (source, destination):
        fact, words = zoning.self_zone, "what passes between a zone and the device itself without a policy"
    elif source == destination:
        fact, words = zoning.same_zone, f"what passes inside zone {source}"
    elif source is None or destination is None:
        fact, words = zoning.zone_and_none, "what passes between an interface in a zone and one in none"
    else:
        fact, words = zoning.between_zones, f"what passes from zone {source} to {destination} without a policy"
    return try_each(part, here.device.name, fact, words, partial(_unpoliced, here, stage, part, fact, words))


def _zone(here: Here, side: str) -> str | None:
    local = here.path_hop.role == ("local-out" if side == "in" else "local-in")
    if local:
        return "self"
    interface = here.interface(side)
    return interface.zone if interface else None


def _unpoliced(here: Here, stage: Stage, part: Part, fact: Fact[str], words: str, what: str) -> list[Part]:
    if what == "permit":
        return [part]
    evidence = fact.evidence or tuple(i.evidence for i in (here.ingress, here.egress) if i is not None)
    losses = [
        loss(here, stage.name, p, "zone", f"{words}: nothing", evidence, fact.basis, part.region) for p in part.packets
    ]
    return [_without(here, stage, part, losses, "dropped")]


def routed(here: Here, stage: Stage, part: Part) -> list[Part]:
    """Whether the device forwards packets of this family: all of them, or what comes in by this interface."""
    own = here.ingress.forwards.get(here.family) if here.ingress else None
    fact = own or here.device.forwards.get(here.family)
    if fact is None:
        return [part]
    words = f"whether it forwards IPv{here.family}"
    words += f" that comes in by {here.ingress.name}" if own and here.ingress else ""
    return try_each(part, here.device.name, fact, words, partial(_routed, here, stage, part, fact))


def _routed(here: Here, stage: Stage, part: Part, fact: Fact[bool], forwards: bool) -> list[Part]:
    if forwards:
        return [part]
    own = here.ingress is not None and here.family in here.ingress.forwards
    by = f" that comes in by {here.ingress.name}" if own and here.ingress else ""
    return [_no_way(here, stage, part, fact, f"the device does not forward IPv{here.family}{by}")]


def _no_way(here: Here, stage: Stage, part: Part, fact: Fact[bool] | Fact[str], reason: str) -> Part:
    losses = [loss(here, stage.name, p, "route", reason, fact.evidence, fact.basis, part.region) for p in part.packets]
    return _without(here, stage, part, losses, "dropped")


def source_checked(here: Here, stage: Stage, part: Part) -> list[Part]:
    """uRPF and rp_filter: drops packets to whose source there is no way back, or none by the way they came in."""
    fact = here.ingress.source_check.get(here.family) if here.ingress else None
    if fact is None:
        return [part]
    words = f"whether {here.ingress.name if here.ingress else ''} checks the source's way back"
    return try_each(part, here.device.name, fact, words, partial(_source_checked, here, stage, part, fact))


def _source_checked(here: Here, stage: Stage, part: Part, fact: Fact[str], mode: str) -> list[Part]:
    back = here.path_hop.back
    kind, _, without = mode.partition("-")
    default = without == "no-default" and here.path_hop.back_by_default
    if mode == "off" or (not default and (back == "ingress" or (kind == "loose" and back == "another"))):
        return [part]
    if back is None:
        reason = "whether the check of the source's way back lets the packets pass is not known"
        return [part.doubt(Doubt(device=here.device.name, reason=reason, evidence=fact.evidence))]
    where = " by this interface" if kind == "strict" else ""
    where = " but the default route, which does not count" if default else where
    return [_no_way(here, stage, part, fact, f"the {kind} check of the source finds no way back{where}")]


def refused(here: Here, stage: Stage, part: Part) -> list[Part]:
    """Drops what is too big for the way out and may not be cut, before the filters that follow."""
    return _bounded(here, stage, part, cutting=False)


def cut_to_fit(here: Here, stage: Stage, part: Part) -> list[Part]:
    """Sends on by the egress MTU: cuts, drops what may not be cut, and sends what was joined as this device does."""
    parts = _bounded(here, stage, part, cutting=True)
    if here.egress is None or here.egress.tunnel is None:
        return parts
    from auditor.simulate.tunnel import encapsulated

    return [after for one in parts for after in encapsulated(here, stage, one)]


def _bounded(here: Here, stage: Stage, part: Part, *, cutting: bool) -> list[Part]:
    if here.egress is None:
        return [part]
    fact = here.egress.mtu.get(here.family)
    if fact is None:
        fact = Fact(value=None, basis=Basis.UNKNOWN, others=UNKNOWN_MTUS[here.family], evidence=(here.egress.evidence,))
    words = f"the IP MTU of {here.egress.name}"
    return try_each(part, here.device.name, fact, words, partial(_fit, here, stage, part, fact, cutting))


UNKNOWN_MTUS: dict[Family, tuple[int | None, ...]] = {4: (1280, 576), 6: (1280,)}  # tried besides "no bound"


def _fit(here: Here, stage: Stage, part: Part, fact: Fact[int | None], cutting: bool, bound: int | None) -> list[Part]:
    route = here.path_hop.route_mtu
    mtu = min((value for value in (bound, route) if value is not None), default=None)
    evidence = fact.evidence if mtu == bound else here.path_hop.routed_by
    after: list[Packet] = []
    losses: list[Loss] = []
    for number, packet in enumerate(part.packets, 1):
        sent = _sent(here, part, packet, mtu)
        if sent is None:
            reason = f"{packet.bytes} bytes are more than the MTU {mtu} of the way out, and {_why_whole(here, mtu)}"
            losses.append(
                loss(here, stage.name, packet, "mtu", reason, evidence, fact.basis, part.region, "out", mtu=mtu)
            )
        elif cutting:
            after += sent if len(sent) == 1 else [replace(piece, batch=number) for piece in sent]
        else:
            after.append(packet)
    if not losses and tuple(after) == part.packets:
        return [part]
    did = f"cut to {mtu}" if len(after) > len(part.packets) else "sent on"
    did = "dropped" if losses else did
    step = here.step(part, stage.name, did, tuple(after), evidence, "out")
    return [replace(part, packets=tuple(after)).lose(losses).step(step)]


def _why_whole(here: Here, mtu: int | None) -> str:
    """Why a packet that is too big isn't cut."""
    if mtu is not None and not cut.fits(here.family, mtu):
        return "no fragment fits it"
    return "the packet may not be cut (DF)" if here.family == 4 else "routers don't cut IPv6 packets"


def _sent(here: Here, part: Part, packet: Packet, mtu: int | None) -> tuple[Packet, ...] | None:
    """What leaves of one packet; None where it is too big and may not be cut, or can't be."""
    if mtu is not None and packet.bytes > mtu and not cut.fits(here.family, mtu):
        return None
    if packet.pieces:
        return _resent(here, part, packet, mtu)
    if mtu is None or packet.bytes <= mtu:
        return (packet,)
    may_cut = not packet.df if here.family == 4 else here.path_hop.role == "local-out" and not packet.fragment
    return cut.cut(here.family, packet, mtu) if may_cut else None


def _resent(here: Here, part: Part, packet: Packet, mtu: int | None) -> tuple[Packet, ...] | None:
    """What leaves of a datagram that was joined here."""
    largest = max(piece.bytes for piece in packet.pieces)
    bound = largest if mtu is None else min(mtu, largest)
    if part.sends == "egress-mtu":
        return (replace(packet, pieces=()),) if mtu is None else cut.cut(here.family, replace(packet, pieces=()), mtu)
    if mtu is not None and largest > mtu and (here.family == 6 or packet.df):
        return None
    if part.sends == "original" and (mtu is None or largest <= mtu):
        return tuple(replace(piece, mark=packet.mark, tracked=packet.tracked) for piece in packet.pieces)
    return cut.cut(here.family, replace(packet, pieces=()), bound)


_RUNS: Mapping[Does, Run] = {
    Does.RECEIVE: received,
    Does.FILTER: filters_met,
    Does.FRAGMENT_POLICY: policed,
    Does.REASSEMBLE: reassembled,
    Does.TRACK: tracked,
    Does.ZONE: zoned,
    Does.TRANSLATE_DESTINATION: translated,
    Does.TRANSLATE_SOURCE: translated,
    Does.ROUTE: routed,
    Does.SOURCE_CHECK: source_checked,
    Does.REFUSE: refused,
    Does.CUT: cut_to_fit,
}
