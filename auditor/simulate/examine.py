"""What a device does by itself: without any flow, a large datagram of every port that matters meets its pipeline.

The small datagram goes first, from anywhere to anywhere; over what it reaches the large one follows. What is lost then
is lost to every flow that comes this way.
"""

from collections.abc import Iterator
from itertools import permutations

from auditor.model.addresses import ADDRESSES, PORTS, Family, IntervalSet
from auditor.model.device import Device, Does, Interface, every_stage
from auditor.model.evidence import Evidence
from auditor.model.packets import Packet
from auditor.model.paths import Path, PathHop
from auditor.model.rule import Examined
from auditor.model.trace import Region
from auditor.simulate.filtering import TOO_MANY
from auditor.simulate.header import FORWARD, gather
from auditor.simulate.part import Part
from auditor.simulate.walk import Walk

LARGE_PORTS = (500, 4500, 1812, 1813, 1645, 1646)  # IKE (RFC 7296, 3948); RADIUS (RFC 2865, 2866) and its old ports
PIECES = (1500, 1500, 500)  # a datagram of 3,400 bytes, as a certificate chain makes it, in three fragments
MOST_PAIRS = 12  # interfaces that are tried in pairs; with more, each alone
MOST_REGIONS = 256  # parts that the small datagram reaches; of more, the lists count as too large

Examination = tuple[tuple[Examined, ...], tuple[tuple[str, Evidence], ...]]


def examine(walk: Walk, device: Device) -> Examination:
    """The losses of large datagrams on each way through a device, and the lists that are too large to be judged so."""
    found: dict[tuple[object, ...], Examined] = {}
    too_large: dict[tuple[str, Evidence], None] = {}
    for family in _families(device):
        for ingress, egress in _ways(device):
            for port in LARGE_PORTS:
                for one in _losses(walk, device, family, ingress, egress, port):
                    if isinstance(one, Evidence):
                        too_large[device.name, one] = None
                        continue
                    key = (one.loss.evidence, one.loss.stage, one.loss.cause, one.loss.certain, one.family)
                    found.setdefault(key, one)
    return tuple(found.values()), tuple(too_large)


def _families(device: Device) -> tuple[Family, ...]:
    used = {a.family for i in device.interfaces for a in i.addresses}
    return tuple(family for family in (4, 6) if family in used or not used)


def _ways(device: Device) -> Iterator[tuple[Interface | None, Interface | None]]:
    """The ways through: pairs of interfaces where filters look at both ends, else each interface on each side."""
    usable = [i for i in device.interfaces if i.enabled and i.kind != "loopback"]
    if not usable:
        yield None, None
    elif _looks_at_pairs(device) and len(usable) <= MOST_PAIRS:
        yield from permutations(usable, 2)
        if len(usable) == 1:
            yield usable[0], None
    else:
        for interface in usable:
            yield interface, None
            yield None, interface


def _looks_at_pairs(device: Device) -> bool:
    stages = every_stage(device.pipelines.transit)
    return any(stage.does is Does.FILTER and stage.filters for stage in stages) or bool(device.zones)


def _losses(
    walk: Walk, device: Device, family: Family, ingress: Interface | None, egress: Interface | None, port: int
) -> Iterator[Examined | Evidence]:
    everything = Region(
        clients=ADDRESSES[family], client_ports=PORTS, servers=ADDRESSES[family], server_ports=IntervalSet.single(port)
    )
    hop = PathHop(
        device=device.name,
        ingress=ingress.name if ingress else None,
        egress=egress.name if egress else None,
        back="ingress",
    )
    path = Path(family=family, direction="forward", hops=(hop,), clients=everything.clients, servers=everything.servers)
    small = Packet(offset=0, bytes=200, more=False, df=False)
    probe = walk.along(path, [Part(region=everything, header=FORWARD, packets=(small,))], {}, "forward")
    yield from (e for part in probe for doubt in part.doubts if doubt.reason == TOO_MANY for e in doubt.evidence)
    through = gather([part.region for part in probe if part.packets and not part.losses])
    if len(through) > MOST_REGIONS:
        yield from _lists(device, family, ingress, egress)
    for region in through[:MOST_REGIONS]:
        for part in walk.along(path, [Part(region=region, header=FORWARD, packets=train(family))], {}, "forward"):
            for loss in part.losses:
                if loss.cause not in ("incomplete", "mtu", "route"):
                    yield Examined(
                        device=device.name,
                        ingress=hop.ingress,
                        egress=hop.egress,
                        port=port,
                        family=family,
                        loss=loss,
                    )


def _lists(device: Device, family: Family, ingress: Interface | None, egress: Interface | None) -> Iterator[Evidence]:
    """The head lines of the lists that packets meet on a way through the device."""
    names = [name for stage in every_stage(device.pipelines.transit) for name in stage.filters]
    for interface, direction in ((ingress, "in"), (egress, "out")):
        bindings = interface.bindings if interface else ()
        names += [b.filter for b in bindings if (b.direction, b.family) == (direction, family)]
    yield from (device.filters[name].evidence for name in dict.fromkeys(names) if name in device.filters)


def train(family: Family) -> tuple[Packet, ...]:
    """The fragments of a large datagram."""
    header = 20 if family == 4 else 48
    packets: list[Packet] = []
    offset = 0
    for number, size in enumerate(PIECES):
        length = size if number == len(PIECES) - 1 else (size - header) // 8 * 8 + header
        packets.append(Packet(offset=offset, bytes=length, more=number < len(PIECES) - 1, df=False))
        offset += length - header
    return tuple(packets)
