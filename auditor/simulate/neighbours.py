"""Whether a hop and its neighbours find each other on IPv6: their questions and answers meet the hop's own filters.

IPv6 has no ARP: a neighbour is found by ICMPv6 (RFC 4861 4.3 and 4.4), which a filter may drop. Connection tracking
leaves these messages alone (net/netfilter/nf_conntrack_proto_icmpv6.c nf_conntrack_icmpv6_error(): types 130 to 137).
"""

from collections.abc import Callable
from dataclasses import replace

from auditor.model.addresses import ADDRESSES, IntervalSet, prefix
from auditor.model.device import Interface, Pipeline
from auditor.model.packets import Packet
from auditor.model.paths import Doubt
from auditor.model.trace import Region
from auditor.simulate.header import Free, Header
from auditor.simulate.here import Here
from auditor.simulate.match import ICMPV6
from auditor.simulate.part import Part

SOLICITATION, ADVERTISEMENT = 135, 136  # RFC 4861 4.3, 4.4
LINK_LOCAL = prefix(6, 0xFE80 << 112, 10)
SOLICITED = prefix(6, 0xFF02_0000_0000_0000_0000_0001_FF00_0000, 104)  # RFC 4291 2.7.1
BYTES = 72  # IPv6 header, message, one link-layer address
NO_PORTS = IntervalSet((0, 1))

Run = Callable[[Here, Pipeline, Part], list[Part]]


def unresolved(here: Here, interface: Interface, run: Run) -> Doubt | None:
    """Why nobody is found over an interface: a message of neighbour discovery dies in the device's own filters for
    certain. None where all may get through. An entry that somebody wrote by hand would help, and no config tells of it.
    """
    own = LINK_LOCAL | IntervalSet.of(*((a.address, a.address) for a in interface.addresses if a.family == 6))
    others = ADDRESSES[6] - IntervalSet.of(*((a.address, a.address) for a in interface.addresses if a.family == 6))
    messages = (
        (SOLICITATION, own, SOLICITED, True),
        (ADVERTISEMENT, others, own, False),
        (SOLICITATION, others, own | SOLICITED, False),
        (ADVERTISEMENT, own, others, True),
    )
    for kind, source, destination, leaves in messages:
        ends = run(_placed(here, interface, leaves), _pipeline(here, leaves), _message(kind, source, destination))
        if not ends or any(end.packets or end.doubts for end in ends):
            continue
        losses = [loss for end in ends for loss in end.losses if loss.certain]
        if losses:
            reason = (
                f"neighbour discovery (ICMPv6 type {kind}) is dropped, so that nobody is found over {interface.name} "
                "unless its neighbours are written down by hand"
            )
            evidence = tuple(dict.fromkeys(e for loss in losses for e in loss.evidence))
            return Doubt(device=here.device.name, reason=reason, evidence=evidence[:1])
    return None


def _placed(here: Here, interface: Interface, leaves: bool) -> Here:
    hop = replace(
        here.path_hop,
        role="local-out" if leaves else "local-in",
        ingress=None if leaves else interface.name,
        egress=interface.name if leaves else None,
        underlay=None,
    )
    return replace(
        here,
        path_hop=hop,
        sessions=(),
        ingress=None if leaves else interface,
        egress=interface if leaves else None,
    )


def _pipeline(here: Here, leaves: bool) -> Pipeline:
    return here.device.pipelines.local_out if leaves else here.device.pipelines.local_in


def _message(kind: int, source: IntervalSet, destination: IntervalSet) -> Part:
    region = Region(clients=source, servers=destination, client_ports=NO_PORTS, server_ports=NO_PORTS)
    header = Header(
        source=Free(source), destination=Free(destination), source_port=Free(NO_PORTS), destination_port=Free(NO_PORTS)
    )
    packet = Packet(offset=0, bytes=BYTES, more=False, df=False, tracked=False)
    return Part(region=region, header=header, packets=(packet,), protocol=ICMPV6, icmp=(kind, 0))
