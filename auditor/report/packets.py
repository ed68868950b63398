"""How packets and addresses are written for people: ``1500@0+ 1464@1480`` is bytes@offset, + for more fragments."""

from collections.abc import Sequence

from auditor.model.addresses import PORTS, Family, IntervalSet, port_text, range_texts
from auditor.model.packets import Direction, Packet
from auditor.model.trace import Region

LEGEND = "packets are written bytes@offset; + more fragments follow; DF must not be cut"
MOST_PACKETS = 12
MOST_RANGES = 3


def packet_text(packet: Packet) -> str:
    """One packet."""
    return f"{packet.bytes}@{packet.offset}{'+' if packet.more else ''}{' DF' if packet.df else ''}"


def packet_words(packet: Packet) -> str:
    """One packet in words."""
    flag = " with DF" if packet.df else ""
    at = f" at offset {packet.offset}" if packet.fragment else ""
    return f"{packet.bytes} bytes{at}{flag}"


def train_text(packets: Sequence[Packet]) -> str:
    """The packets of a message; those of a second datagram behind a bar."""
    if not packets:
        return "nothing"
    parts: list[str] = []
    for place, packet in enumerate(packets[:MOST_PACKETS]):
        if place and packet.datagram != packets[place - 1].datagram:
            parts.append("|")
        parts.append(packet_text(packet))
    rest = len(packets) - MOST_PACKETS
    return " ".join(parts) + (f" and {rest} more" if rest > 0 else "")


def ranges_text(family: Family, values: IntervalSet, most: int = MOST_RANGES) -> str:
    """Addresses as ranges, the rest counted."""
    first = range_texts(family, IntervalSet(values.bounds[: 2 * most]))
    rest = len(values) - most
    return ", ".join(first) + (f" and {rest} more {'range' if rest == 1 else 'ranges'}" if rest > 0 else "")


def ends(region: Region, direction: Direction) -> tuple[IntervalSet, IntervalSet, IntervalSet, IntervalSet]:
    """Sources, destinations, source and destination ports of the packets of a message that goes in that direction."""
    if direction == "forward":
        return region.clients, region.servers, region.client_ports, region.server_ports
    return region.servers, region.clients, region.server_ports, region.client_ports


def region_text(family: Family, region: Region, direction: Direction) -> str:
    """A part of a flow's addresses."""
    sources, destinations, source_ports, destination_ports = ends(region, direction)
    left = f"{ranges_text(family, sources)}{_ports(source_ports)}"
    return f"{left} > {ranges_text(family, destinations)}{_ports(destination_ports)}"


def _ports(ports: IntervalSet) -> str:
    """Ports behind an address; nothing where any will do."""
    if not PORTS - ports or ports.bounds == (1, 65536):
        return ""
    few = port_text(IntervalSet(ports.bounds[: 2 * MOST_RANGES]))
    return f" port {few}" + (" ..." if len(ports) > MOST_RANGES else "")
