"""IKEv2 messages, summed line by line: IKE_SA_INIT and IKE_AUTH, and the IKE_AUTH rounds that carry EAP.

Sections of RFC 7296 unless another document is named; what is in which message: appendix C.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from auditor.messages.keys import KEYS, Signature
from auditor.messages.skf import CHECK, ENCRYPTED, IKE_HEADER, PADDING, PAYLOAD_HEADER, VECTOR, marker
from auditor.messages.suites import AES_CBC, Suite
from auditor.model.addresses import Family
from auditor.model.packets import Direction, SizeLine

_NOTIFY = 8  # 3.10: an empty one with no SPI
_HASH = 20  # SHA-1, of a NAT detection notify (2.23) or of an authority's key (3.7)
_ADDRESSES = {4: 8, 6: 32}  # 3.13.1: both ends of a traffic selector


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """One proposal of an SA payload (3.3.1, 3.3.2): ``keyed`` of its ``transforms`` tell a key length."""

    transforms: int
    keyed: int = 1
    spi: int = 0

    @property
    def bytes(self) -> int:
        """Its length."""
        return 8 + self.spi + 8 * self.transforms + 4 * self.keyed


IKE_PROPOSAL = Proposal(transforms=4)  # encryption, integrity, PRF, key exchange
ESP_PROPOSAL = Proposal(transforms=3, spi=4)  # encryption, integrity, sequence numbers


@dataclass(frozen=True, slots=True, kw_only=True)
class IkeEnd:
    """What one end puts into its messages.

    ``key`` is a name of ``keys.KEYS``, ``psk``, or None for an end that authenticates by EAP. ``certificates`` are DER
    bytes, the end's own first. ``authorities`` is the number of CA hashes in its CERTREQ, 0 for none. ``peer_id`` is
    the length of the identity that it asks for (IDr in a request). ``attributes`` are the lengths of the values in its
    configuration payload, empty for none. ``hashes`` counts those of SIGNATURE_HASH_ALGORITHMS. ``init_notifies`` and
    ``auth_notifies`` count further empty notifies; ``init_extra`` and ``auth_extra`` are bytes of other payloads.
    """

    identity: int
    key: str | None
    signature: Signature = "rfc7296"
    certificates: tuple[int, ...] = ()
    authorities: int = 0
    peer_id: int | None = None
    attributes: tuple[int, ...] = ()
    nonce: int = 48
    hashes: int = 0
    init_notifies: int = 0
    auth_notifies: int = 1
    init_extra: int = 0
    auth_extra: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class IkeSettings:
    """All that the sizes of one IKE negotiation depend on.

    ``fragmentation`` says that both ends announce RFC 7383. ``child`` None: no CHILD_SA in IKE_AUTH (RFC 6023).
    ``selectors`` are the families of the traffic selectors in each TS payload.
    """

    initiator: IkeEnd
    responder: IkeEnd
    eap: bool = False
    suite: Suite = AES_CBC
    proposals: tuple[Proposal, ...] = (IKE_PROPOSAL,)
    child: tuple[Proposal, ...] | None = (ESP_PROPOSAL,)
    selectors: tuple[Family, ...] = (4, 6)
    key_exchange: int = 256  # bytes of public value; 2048-bit MODP: RFC 3526
    prf: int = 32  # bytes; HMAC-SHA2-256: RFC 4868
    fragmentation: bool = True
    nat_detection: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class IkeMessage:
    """One message. ``lines`` sum up to its IKE bytes; ``content`` is inside the encrypted payload, None without one."""

    name: str
    direction: Direction
    lines: tuple[SizeLine, ...]
    content: int | None = None

    @property
    def bytes(self) -> int:
        """The length of the IKE message."""
        return sum(line.bytes for line in self.lines)

    def lines_on(self, port: int) -> tuple[SizeLine, ...]:
        """The lines of the UDP payload on that port."""
        extra = SizeLine(what="Non-ESP marker", bytes=marker(port), source="RFC 3948 2.2")
        return (*self.lines, extra) if extra.bytes else self.lines


def security_association(proposals: Iterable[Proposal]) -> int:
    """Bytes of an SA payload (3.3)."""
    return PAYLOAD_HEADER + sum(proposal.bytes for proposal in proposals)


def sa_init_request(settings: IkeSettings) -> IkeMessage:
    """The first message."""
    end = settings.initiator
    lines = (*_sa_init(settings, settings.proposals, end), *_others(end.init_notifies, end.init_extra))
    return IkeMessage(name="IKE_SA_INIT request", direction="forward", lines=lines)


def sa_init_response(settings: IkeSettings) -> IkeMessage:
    """Its answer, with one proposal and, where it names authorities, the request for a certificate."""
    end = settings.responder
    lines = (
        *_sa_init(settings, settings.proposals[:1], end),
        *_certificate_request(end.authorities),
        *_others(end.init_notifies, end.init_extra),
    )
    return IkeMessage(name="IKE_SA_INIT response", direction="reverse", lines=lines)


def auth_request(settings: IkeSettings) -> IkeMessage:
    """The initiator's identity and proof, and the CHILD_SA that it wants. With EAP the proof comes later."""
    end = settings.initiator
    content = (
        _identity("IDi", end.identity),
        *_certificates(end),
        *_certificate_request(end.authorities),
        *(() if end.peer_id is None else (_identity("IDr", end.peer_id),)),
        *_authentication(end, settings.prf),
        *_child(settings, settings.child, end),
        *_others(end.auth_notifies, end.auth_extra),
    )
    return _encrypted("IKE_AUTH request", "forward", content, settings.suite)


def auth_response(settings: IkeSettings) -> IkeMessage:
    """The responder's identity and proof; with EAP the request for the identity instead of the CHILD_SA."""
    end = settings.responder
    child = settings.child[:1] if settings.child else None
    content = (
        _identity("IDr", end.identity),
        *_certificates(end),
        *_authentication(end, settings.prf),
        *((_eap(5, "EAP identity request", "RFC 3748 5.1"),) if settings.eap else _child(settings, child, end)),
        *_others(end.auth_notifies, end.auth_extra),
    )
    return _encrypted("IKE_AUTH response", "reverse", content, settings.suite)


def eap_request(settings: IkeSettings, packet: int) -> IkeMessage:
    """A further IKE_AUTH request, which carries an EAP packet of so many bytes."""
    return _encrypted("IKE_AUTH request, EAP", "forward", (_eap(packet, "EAP packet", "3.16"),), settings.suite)


def eap_response(settings: IkeSettings, packet: int) -> IkeMessage:
    """A further IKE_AUTH response, which carries an EAP packet of so many bytes."""
    return _encrypted("IKE_AUTH response, EAP", "reverse", (_eap(packet, "EAP packet", "3.16"),), settings.suite)


def _line(what: str, count: int, source: str) -> SizeLine:
    return SizeLine(what=what, bytes=count, source=source if source.startswith("RFC") else f"RFC 7296 {source}")


def _encrypted(name: str, direction: Direction, content: tuple[SizeLine, ...], suite: Suite) -> IkeMessage:
    inside = sum(line.bytes for line in content)
    lines = (
        _line("IKE header", IKE_HEADER, "3.1"),
        _line(ENCRYPTED, PAYLOAD_HEADER, "3.14"),
        _line(VECTOR, suite.iv, "3.14"),
        *content,
        _line(PADDING, suite.padding(inside), "3.14"),
        _line(CHECK, suite.icv, "3.14"),
    )
    return IkeMessage(name=name, direction=direction, lines=lines, content=inside)


def _sa_init(settings: IkeSettings, proposals: tuple[Proposal, ...], end: IkeEnd) -> tuple[SizeLine, ...]:
    lines = [
        _line("IKE header", IKE_HEADER, "3.1"),
        _line(f"SA payload, proposals: {len(proposals)}", security_association(proposals), "3.3"),
        _line("KE payload", PAYLOAD_HEADER + 4 + settings.key_exchange, "3.4"),
        _line("Nonce payload", PAYLOAD_HEADER + end.nonce, "3.9"),
    ]
    if settings.nat_detection:
        lines.append(_line("NAT detection notifies, two", 2 * (_NOTIFY + _HASH), "2.23"))
    if settings.fragmentation:
        lines.append(_line("Notify IKEV2_FRAGMENTATION_SUPPORTED", _NOTIFY, "RFC 7383 2.3"))
    if end.hashes:
        lines.append(_line("Notify SIGNATURE_HASH_ALGORITHMS", _NOTIFY + 2 * end.hashes, "RFC 7427 4"))
    return tuple(lines)


def _identity(name: str, length: int) -> SizeLine:
    return _line(f"{name} payload, identity of {length}", PAYLOAD_HEADER + 4 + length, "3.5")


def _certificates(end: IkeEnd) -> tuple[SizeLine, ...]:
    return tuple(
        _line(f"CERT payload {number}, certificate of {size}", PAYLOAD_HEADER + 1 + size, "3.6")
        for number, size in enumerate(end.certificates, 1)
    )


def _certificate_request(authorities: int) -> tuple[SizeLine, ...]:
    if not authorities:
        return ()
    return (_line(f"CERTREQ payload, authorities: {authorities}", PAYLOAD_HEADER + 1 + _HASH * authorities, "3.7"),)


def _authentication(end: IkeEnd, prf: int) -> tuple[SizeLine, ...]:
    if end.key is None:
        return ()
    header = PAYLOAD_HEADER + 4
    if end.key == "psk":
        return (_line("AUTH payload, shared key", header + prf, "3.8"),)
    source = "3.8" if end.signature == "rfc7296" else "RFC 7427 3"
    return (_line(f"AUTH payload, {end.key}", header + KEYS[end.key].authentication(end.signature), source),)


def _child(settings: IkeSettings, proposals: tuple[Proposal, ...] | None, end: IkeEnd) -> tuple[SizeLine, ...]:
    if proposals is None:
        return ()
    selectors = PAYLOAD_HEADER + 4 + sum(8 + _ADDRESSES[family] for family in settings.selectors)
    lines = [
        _line(f"SA payload, proposals: {len(proposals)}", security_association(proposals), "3.3"),
        _line("TSi and TSr payloads", 2 * selectors, "3.13"),
    ]
    if end.attributes:
        size = PAYLOAD_HEADER + 4 + sum(4 + length for length in end.attributes)
        lines.insert(0, _line(f"Configuration payload, attributes: {len(end.attributes)}", size, "3.15"))
    return tuple(lines)


def _eap(packet: int, what: str, source: str) -> SizeLine:
    return _line(f"EAP payload, {what} of {packet}", PAYLOAD_HEADER + packet, source)


def _others(notifies: int, extra: int) -> tuple[SizeLine, ...]:
    lines = []
    if notifies:
        lines.append(_line(f"Further notifies: {notifies}", _NOTIFY * notifies, "3.10"))
    if extra:
        lines.append(_line("Further payloads", extra, "3.2"))
    return tuple(lines)
