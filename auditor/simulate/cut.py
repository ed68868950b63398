"""The arithmetic of fragments: cut by a sender, cut again by a router, joined. All sizes are bytes of IP packet."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from auditor.model.addresses import Family
from auditor.model.flows import DontFragment
from auditor.model.packets import FRAGMENT_HEADER, IP_HEADER, Packet

UNIT = 8  # RFC 791 3.1: fragment offsets count units of 8 bytes


def header_bytes(family: Family, fragment: bool) -> int:
    """The bytes of a packet before its share of the payload: IP header, and IPv6's fragment header on a fragment."""
    return IP_HEADER[family] + (FRAGMENT_HEADER if family == 6 and fragment else 0)


def payload_bytes(family: Family, packet: Packet) -> int:
    """How many bytes of the datagram's payload (UDP header included) a packet carries."""
    return packet.bytes - header_bytes(family, packet.fragment)


def send(family: Family, size: int, mtu: int, df: DontFragment, datagram: int = 1) -> tuple[Packet, ...]:
    """The packets of a datagram of ``size`` bytes as its sender makes them for a link of ``mtu``.

    ``false`` never sets DF; ``true`` sets it and never cuts, so the packet may be too big even for the sender's link;
    ``pmtud`` sets it on what fits and clears it on what it cuts itself (Linux's default, measured: ``lab.md`` 1).
    """
    whole = Packet(offset=0, bytes=size, more=False, df=family == 4 and df != "false", datagram=datagram)
    if size <= mtu or (df == "true" and family == 4):
        return (whole,)
    return cut(family, replace(whole, df=False), mtu)


def fits(family: Family, mtu: int) -> bool:
    """Whether a link of ``mtu`` carries any fragment at all; nothing can be cut for one that doesn't."""
    return mtu >= header_bytes(family, fragment=True) + UNIT


def cut(family: Family, packet: Packet, mtu: int) -> tuple[Packet, ...]:
    """The fragments of a packet, or of a fragment, for a link of ``mtu``: each as long as fits, the last the rest.

    Raises ValueError for a link that no fragment fits.
    """
    if packet.bytes <= mtu:
        return (packet,)
    if not fits(family, mtu):
        raise ValueError(f"no fragment fits an MTU of {mtu}")
    header = header_bytes(family, fragment=True)
    step = (mtu - header) // UNIT * UNIT
    total = payload_bytes(family, packet)
    return tuple(
        replace(
            packet,
            offset=packet.offset + at,
            bytes=header + min(step, total - at),
            more=packet.more or at + step < total,
            pieces=(),
        )
        for at in range(0, total, step)
    )


def join(family: Family, pieces: Sequence[Packet]) -> Packet | None:
    """The datagram that the pieces make, None if some byte of it is missing. Equal pieces twice do no harm.

    DF is set where the largest piece carried it; the mark is that of the first (Linux: ``inet_frag_reasm_prepare``,
    ``ip_frag_reasm``).
    """
    ordered = sorted(pieces, key=lambda piece: piece.offset)
    reached = 0
    for piece in ordered:
        if piece.offset > reached:
            return None
        reached = max(reached, piece.offset + payload_bytes(family, piece))
    if not ordered or ordered[-1].more:
        return None
    largest = max(piece.bytes for piece in ordered)
    return replace(
        ordered[0],
        bytes=IP_HEADER[family] + reached,
        more=False,
        df=any(piece.df for piece in ordered if piece.bytes == largest),
        pieces=tuple(ordered),
    )


def datagrams(packets: Iterable[Packet]) -> dict[int, list[Packet]]:
    """The packets by the datagram that they belong to."""
    found: dict[int, list[Packet]] = {}
    for packet in packets:
        found.setdefault(packet.datagram, []).append(packet)
    return found


def complete(family: Family, packets: Iterable[Packet], count: int) -> bool:
    """Whether the packets make all datagrams of a message whole."""
    found = datagrams(packets)
    return len(found) == count and all(
        not packet[0].fragment or join(family, packet) is not None for packet in found.values()
    )
