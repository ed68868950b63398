"""RADIUS messages, summed line by line. An EAP packet travels in EAP-Message attributes of at most 253 bytes each.

Two ends decide the sizes: the EAP peer cuts what goes to the server (Access-Request), the server, by its own setting
or Framed-MTU, what comes back (Access-Challenge). Nothing on the server shrinks an Access-Request.
"""

from dataclasses import dataclass, replace

from auditor.model.packets import Direction, SizeLine

LIMIT = 4096  # RFC 2865 3: no longer message, over UDP
EAP_TLS_HEADER = 10  # RFC 3748 4 and RFC 5216 3.1: EAP header 4, type 1, flags 1, TLS message length 4
_HEADER = 20  # RFC 2865 3
_AUTHENTICATOR = 18  # RFC 3579 3.2
_ATTRIBUTE = 253  # RFC 2865 5: bytes of value
DTLS_RECORD = 37  # RFC 6347 4.1 (13), RFC 5288 3 (nonce 8, tag 16): DTLS 1.2 with AES-GCM, assumed


@dataclass(frozen=True, slots=True, kw_only=True)
class RadiusMessage:
    """One message; ``lines`` sum up to its bytes, which are the UDP payload."""

    name: str
    direction: Direction
    lines: tuple[SizeLine, ...]

    @property
    def bytes(self) -> int:
        """Its length."""
        return sum(line.bytes for line in self.lines)


def eap_message(packet: int) -> tuple[SizeLine, ...]:
    """The attributes that carry an EAP packet of so many bytes."""
    attributes = -(-packet // _ATTRIBUTE)
    return (
        SizeLine(what="EAP packet", bytes=packet, source="RFC 3748 4"),
        SizeLine(what=f"Headers of EAP-Message attributes: {attributes}", bytes=2 * attributes, source="RFC 3579 3.1"),
    )


def access_request(packet: int, attributes: int) -> RadiusMessage:
    """With an EAP packet of so many bytes and the NAS's other attributes (names, ports, addresses, State)."""
    return _with_eap("Access-Request", "forward", packet, attributes)


def access_challenge(packet: int, attributes: int) -> RadiusMessage:
    """With an EAP packet of so many bytes and the server's other attributes (State)."""
    return _with_eap("Access-Challenge", "reverse", packet, attributes)


def access_accept(attributes: int) -> RadiusMessage:
    """The end: EAP-Success, two keys for the NAS, and other attributes."""
    keys = SizeLine(what="MS-MPPE-Send-Key and -Recv-Key", bytes=2 * 58, source="RFC 2548 2.4.2, 2.4.3")
    message = _with_eap("Access-Accept", "reverse", 4, attributes)
    return replace(message, lines=(*message.lines, keys))


def accounting_request(attributes: int) -> RadiusMessage:
    """Session data; no EAP."""
    return _plain("Accounting-Request", "forward", attributes, "RFC 2866 4.1")


def accounting_response(attributes: int = 0) -> RadiusMessage:
    """The receipt: a header."""
    return _plain("Accounting-Response", "reverse", attributes, "RFC 2866 4.2")


def largest_packet(attributes: int, datagram: int = LIMIT) -> int:
    """The largest EAP packet that, with so many bytes of other attributes, fits a RADIUS message of that length."""
    room = datagram - _HEADER - _AUTHENTICATOR - attributes
    whole, rest = divmod(room, _ATTRIBUTE + 2)
    return whole * _ATTRIBUTE + max(rest - 2, 0) if room > 0 else 0


def over_dtls(message: RadiusMessage) -> RadiusMessage:
    """The message in a DTLS record (RFC 7360): UDP still, so that a large one is still cut."""
    source = "RFC 6347 4.1, RFC 5288 3"
    record = SizeLine(what="DTLS 1.2 record with AES-GCM, assumed", bytes=DTLS_RECORD, source=source)
    return replace(message, lines=(*message.lines, record))


def _with_eap(name: str, direction: Direction, packet: int, attributes: int) -> RadiusMessage:
    return RadiusMessage(
        name=name,
        direction=direction,
        lines=(
            SizeLine(what="RADIUS header", bytes=_HEADER, source="RFC 2865 3"),
            *eap_message(packet),
            SizeLine(what="Message-Authenticator", bytes=_AUTHENTICATOR, source="RFC 3579 3.2"),
            SizeLine(what="Other attributes", bytes=attributes, source="RFC 2865 5"),
        ),
    )


def _plain(name: str, direction: Direction, attributes: int, source: str) -> RadiusMessage:
    return RadiusMessage(
        name=name,
        direction=direction,
        lines=(
            SizeLine(what="RADIUS header", bytes=_HEADER, source="RFC 2865 3"),
            SizeLine(what="Attributes", bytes=attributes, source=source),
        ),
    )
