"""Messages, datagrams and packets: what leaves a sender and what becomes of it. All sizes are in bytes.

Terms as in RFC 791 and RFC 8200: a *datagram* is one UDP datagram with its IP header; a *packet* is what travels, the
whole datagram or one fragment of it.
"""

from dataclasses import dataclass
from typing import Literal

from auditor.model.addresses import Family
from auditor.model.evidence import Evidence

Direction = Literal["forward", "reverse"]

IP_HEADER: dict[int, int] = {4: 20, 6: 40}  # RFC 791 3.1 without options; RFC 8200 3
FRAGMENT_HEADER = 8  # RFC 8200 4.5
UDP_HEADER = 8  # RFC 768
NON_ESP_MARKER = 4  # RFC 3948 2.2, on UDP 4500


@dataclass(frozen=True, slots=True, kw_only=True)
class Packet:
    """One IP packet.

    ``offset`` is in bytes of the datagram's payload (the header field counts units of 8), ``bytes`` the packet's
    total length with its IP header (and the IPv6 fragment header, where there is one), ``more`` the MF flag, ``df``
    the Don't Fragment flag (IPv4). ``datagram`` counts the datagrams of one message from 1.

    ``mark`` and ``tracked`` are what a packet filter wrote on it inside one host (fwmark; notrack), None where that
    can't be known. ``pieces`` are the packets that a reassembly joined, as they came in; empty for a packet that
    travels as it is. ``batch`` is, inside one host, the same number for the pieces that it made of one packet, and 0
    for a packet that goes on as it came.
    """

    offset: int
    bytes: int
    more: bool
    df: bool
    datagram: int = 1
    mark: int | None = 0
    tracked: bool | None = True
    pieces: tuple["Packet", ...] = ()
    batch: int = 0

    @property
    def fragment(self) -> bool:
        """Whether it is a fragment: the first, a later one or the last."""
        return self.more or self.offset > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SizeLine:
    """One summand of a message's size: what, how many bytes, and the document that says so."""

    what: str
    bytes: int
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message of a flow as it is judged: one or several UDP datagrams that leave together.

    ``payloads`` are bytes of UDP payload, one for each datagram (several with RFC 7383), on port 4500 with the 4 bytes
    of non-ESP marker. ``probe`` marks the small datagram that tells ``blocked`` from ``breaks``.
    ``bounded`` says that a setting keeps it from growing, so that twice the size need not be tried. ``opens`` says that
    no answer on its ports came before it, so that a hop that tracks connections takes it for a new one.
    """

    name: str
    direction: Direction
    port: int
    payloads: tuple[int, ...]
    source_port: int | None = None
    df: Literal["false", "true", "pmtud"] | None = None
    probe: bool = False
    bounded: bool = True
    opens: bool = True
    lines: tuple[SizeLine, ...] = ()
    evidence: tuple[Evidence, ...] = ()


def datagram_bytes(family: Family, payload: int) -> int:
    """The length of an uncut IP datagram that carries ``payload`` bytes in UDP."""
    return IP_HEADER[family] + UDP_HEADER + payload
