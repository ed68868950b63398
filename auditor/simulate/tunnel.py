"""A tunnel: each inner packet becomes an outer one, which has its own way, its own MTUs and its own filters."""

from dataclasses import replace
from functools import partial

from auditor.model.addresses import IntervalSet
from auditor.model.device import Df, Stage, Tunnel
from auditor.model.packets import Packet
from auditor.model.paths import Doubt
from auditor.model.trace import Region
from auditor.simulate.header import FORWARD
from auditor.simulate.here import Here
from auditor.simulate.part import Part, try_each

NO_PORTS = IntervalSet((0, 1))


def encapsulated(here: Here, stage: Stage, part: Part) -> list[Part]:
    """The part after its packets crossed the network under the tunnel, inside outer packets."""
    assert here.egress is not None  # noqa: S101 (the caller looked)
    tunnel = here.egress.tunnel
    if tunnel is None or not part.packets:
        return [part]
    reason = _unknowable(here, tunnel)
    if reason:
        return [part.doubt(Doubt(device=here.device.name, reason=reason, evidence=(tunnel.evidence,)))]
    fact = tunnel.outer_df
    words = f"the DF flag of the packets that {here.egress.name} sends"
    return try_each(part, here.device.name, fact, words, partial(_all_carried, here, stage, part, tunnel))


def _all_carried(here: Here, stage: Stage, part: Part, tunnel: Tunnel, outer_df: Df) -> list[Part]:
    after = part
    for packet in part.packets:
        after = _carried(here, stage, after, tunnel, packet, outer_df)
    if not any(loss.mtu is not None for loss in after.losses[len(part.losses) :]):
        return [after]
    words = f"whether {here.egress.name if here.egress else ''} tells senders of what is too big under the tunnel"
    told = partial(_told, after, len(part.losses), tunnel)
    return try_each(after, here.device.name, tunnel.tells, words, told)


def _told(part: Part, before: int, tunnel: Tunnel, tells: bool) -> list[Part]:
    """The part whose latest losses by size are told with the bound of an inner packet, or not told to anybody."""
    losses = tuple(
        loss if loss.mtu is None else replace(loss, mtu=loss.mtu - (tunnel.overhead.value or 0) if tells else None)
        for loss in part.losses[before:]
    )
    return [replace(part, losses=(*part.losses[:before], *losses))]


def _unknowable(here: Here, tunnel: Tunnel) -> str:
    assert here.egress is not None  # noqa: S101
    name = here.egress.name
    if tunnel.protected is not None:
        return f"{name} encrypts: what it adds to a packet is not in the config"
    if tunnel.source is None or tunnel.destination is None:
        return f"the ends of {name} are not known"
    if tunnel.overhead.value is None or not tunnel.overhead.basis.decides:
        return f"what {name} adds to a packet is not known"
    if here.path_hop.underlay is None or here.underlay is None:
        return f"the way of the packets that {name} sends is not known"
    return ""


def _carried(here: Here, stage: Stage, part: Part, tunnel: Tunnel, packet: Packet, outer_df: Df) -> Part:
    """The part after one of its packets went through, or died on the way."""
    assert here.underlay is not None  # noqa: S101
    assert here.path_hop.underlay is not None  # noqa: S101
    df = {Df.CLEAR: False, Df.SET: True, Df.KEEP: packet.df}[outer_df]
    size = packet.bytes + (tunnel.overhead.value or 0)
    outer = Packet(offset=0, bytes=size, more=False, df=df and tunnel.family == 4)
    region = Region(
        clients=IntervalSet.single(tunnel.source or 0),
        servers=IntervalSet.single(tunnel.destination or 0),
        client_ports=NO_PORTS,
        server_ports=NO_PORTS,
    )
    start = Part(region=region, header=FORWARD, packets=(outer,), protocol=tunnel.protocol)
    ends = here.underlay(here.path_hop.underlay, start, outer)
    for end in ends:
        for doubt in end.doubts:
            part = part.doubt(doubt)
    dead = [end for end in ends if any(loss.certain and loss.cause != "incomplete" for loss in end.losses)]
    if not dead:
        return part
    losses = [
        replace(loss, packet=packet, region=part.region, hop=here.hop, certain=len(dead) == len(ends) and loss.certain)
        for end in dead
        for loss in end.losses
        if loss.cause != "incomplete"
    ]
    if len(dead) < len(ends):
        reason = "whether the packets of the tunnel get through depends on facts that are not known"
        return part.lose(losses).doubt(Doubt(device=here.device.name, reason=reason))
    after = tuple(p for p in part.packets if p is not packet)
    step = here.step(part, stage.name, "lost under the tunnel", after, losses[0].evidence, "out")
    return replace(part, packets=after).lose(losses).step(step)
