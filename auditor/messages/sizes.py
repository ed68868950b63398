"""What ``fragaudit size`` says: each message with its lines, and how many packets it becomes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from auditor.errors import UsageError
from auditor.messages import ike, radius, skf
from auditor.messages.defaults import (
    ACCEPT_ATTRIBUTES,
    ACCOUNTING_ATTRIBUTES,
    ike_settings,
)
from auditor.messages.ike import IkeEnd, IkeSettings
from auditor.messages.keys import Signature, certificate
from auditor.messages.suites import suite
from auditor.model.addresses import Family
from auditor.model.flows import Auth
from auditor.model.packets import FRAGMENT_HEADER, IP_HEADER, Direction, SizeLine, datagram_bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class SizeOptions:
    """The options of ``fragaudit size``. None and empty ones: the defaults of that way of sign-in.

    ``certificates`` are DER bytes of the initiator's chain, its own first; ``responder_certificates`` those of the
    responder, the same where empty. ``notifies`` counts the empty notifies of an IKE_AUTH request and
    ``responder_notifies`` those of its answer (the same where None). ``extra`` is bytes of further payloads in each
    IKE_AUTH message, ``init_extra`` in each IKE_SA_INIT (vendor identities, further notifies).
    """

    kind: Literal["ikev2", "radius"] = "ikev2"
    family: Family = 4
    path_mtus: tuple[int, ...] = (1500, 1400, 1280)
    # IKEv2
    auth: Auth = "certificate"
    port: int = 4500  # of IKE_AUTH; 500: no NAT traversal
    fragment_size: int = 1280
    fragmentation: bool = True
    cipher: str = "aes-cbc"
    integrity: str = "sha2-256"
    key: str | None = None
    signature: Signature | None = None
    certificates: tuple[int, ...] = ()
    responder_certificates: tuple[int, ...] = ()
    authorities: int | None = None
    identity: int | None = None
    peer_identity: int | None = None
    childless: bool = False
    notifies: int | None = None
    responder_notifies: int | None = None
    extra: int = 0
    nonce: int | None = None
    hashes: int | None = None  # in SIGNATURE_HASH_ALGORITHMS
    init_extra: int | None = None
    # RADIUS, and EAP within IKEv2
    eap_fragment_size: int = 1480
    challenge_fragment_size: int = 1500
    framed_mtu: int | None = None
    request_attributes: int = 260
    challenge_attributes: int = 40
    accounting: bool = False
    dtls: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One UDP datagram: the bytes of its message (IKE or RADIUS), of UDP payload and of IP datagram."""

    message: int
    payload: int
    datagram: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Sized:
    """One message. ``packets`` are the lengths of its IP packets at each path MTU, sent whole; ``fragments`` are what
    RFC 7383 makes of it, empty where it isn't split."""

    name: str
    direction: Direction
    port: int
    lines: tuple[SizeLine, ...]
    whole: Piece
    packets: tuple[tuple[int, tuple[int, ...]], ...]
    fragments: tuple[Piece, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """The answer: the messages in the order in which they are sent, and what is assumed."""

    messages: tuple[Sized, ...]
    notes: tuple[str, ...] = ()


def sizes(options: SizeOptions) -> Sizes:
    """The messages that these options make."""
    return _ike(options) if options.kind == "ikev2" else _radius(options)


def packets(datagram: int, mtu: int, family: Family) -> tuple[int, ...]:
    """The lengths of the IP packets that a datagram becomes on a link of that MTU (RFC 791 3.2, RFC 8200 4.5)."""
    if datagram <= mtu:
        return (datagram,)
    header = IP_HEADER[family] + (FRAGMENT_HEADER if family == 6 else 0)
    room = (mtu - header) // 8 * 8
    if room < 8:
        raise UsageError(f"an MTU of {mtu} bytes is too small for IPv{family}")
    rest = datagram - IP_HEADER[family]
    return tuple(header + min(room, rest - start) for start in range(0, rest, room))


def settings_of(options: SizeOptions) -> IkeSettings:
    """The default settings of that way of sign-in, with what the options say."""
    base = ike_settings(options.auth)
    theirs = options.responder_certificates or options.certificates
    answers = options.notifies if options.responder_notifies is None else options.responder_notifies
    return replace(
        base,
        suite=suite(options.cipher, options.integrity),
        fragmentation=options.fragmentation,
        initiator=_end(
            replace(base.initiator, peer_id=options.peer_identity), options, options.certificates, options.notifies
        ),
        responder=_end(base.responder, options, theirs, answers),
        child=None if options.childless else base.child,
    )


def _end(end: IkeEnd, options: SizeOptions, certificates: Sequence[int], notifies: int | None) -> IkeEnd:
    """That end with the options that concern it: an end without a key of its own shows no certificate."""
    signs = end.key not in (None, "psk")
    key = (options.key or end.key) if signs else end.key
    usual = (certificate(options.key),) if options.key else end.certificates
    return replace(
        end,
        key=key,
        signature=options.signature or end.signature,
        certificates=(tuple(certificates) or usual) if signs else (),
        authorities=_or(options.authorities, end.authorities),
        identity=_or(options.identity, end.identity),
        nonce=_or(options.nonce, end.nonce),
        hashes=_or(options.hashes, end.hashes),
        auth_notifies=_or(notifies, end.auth_notifies),
        init_extra=_or(options.init_extra, end.init_extra),
        auth_extra=options.extra,
    )


def _or(said: int | None, usual: int) -> int:
    return usual if said is None else said


def _ike(options: SizeOptions) -> Sizes:
    settings = settings_of(options)
    sized = [
        ike.sa_init_request(settings),
        ike.sa_init_response(settings),
        ike.auth_request(settings),
        ike.auth_response(settings),
    ]
    if options.auth == "eap-tls":
        sized.append(ike.eap_request(settings, options.eap_fragment_size + radius.EAP_TLS_HEADER))
    if options.auth in ("eap-tls", "eap-peap"):
        sized.append(ike.eap_response(settings, _challenge(options)))
    return Sizes(messages=tuple(_sized_ike(message, settings, options) for message in sized))


def _sized_ike(message: ike.IkeMessage, settings: IkeSettings, options: SizeOptions) -> Sized:
    port = 500 if message.content is None else options.port
    extra = skf.marker(port)
    whole = _sized(message.name, message.direction, port, message.lines_on(port), options, extra)
    if message.content is None or not settings.fragmentation or whole.whole.datagram <= options.fragment_size:
        return whole
    cut = skf.fragments(message.content, options.fragment_size, options.family, port, settings.suite)
    if not cut:
        raise UsageError(f"a fragment size of {options.fragment_size} bytes leaves no room for content")
    return replace(whole, fragments=tuple(_piece(payload, options.family, extra) for payload in cut))


def _radius(options: SizeOptions) -> Sizes:
    sized = [
        radius.access_request(options.eap_fragment_size + radius.EAP_TLS_HEADER, options.request_attributes),
        radius.access_challenge(_challenge(options), options.challenge_attributes),
        radius.access_accept(ACCEPT_ATTRIBUTES),
    ]
    if options.accounting:
        sized += [radius.accounting_request(ACCOUNTING_ATTRIBUTES), radius.accounting_response()]
    notes = [
        f"{one.name}: {one.bytes} bytes are more than RADIUS allows ({radius.LIMIT}, RFC 2865 3): it can't be sent"
        for one in sized
        if one.bytes > radius.LIMIT
    ]
    if options.dtls:
        sized = [radius.over_dtls(one) for one in sized]
    ports = {"Accounting-Request": 1813, "Accounting-Response": 1813}
    messages = tuple(_sized(one.name, one.direction, ports.get(one.name, 1812), one.lines, options) for one in sized)
    return Sizes(messages=messages, notes=tuple(notes))


def _challenge(options: SizeOptions) -> int:
    """The server's largest EAP packet: its own setting, or Framed-MTU with the headers that it may leave out."""
    if options.framed_mtu is None:
        return options.challenge_fragment_size
    return min(options.challenge_fragment_size, options.framed_mtu + radius.EAP_TLS_HEADER)


def _sized(
    name: str,
    direction: Direction,
    port: int,
    lines: tuple[SizeLine, ...],
    options: SizeOptions,
    extra: int = 0,
) -> Sized:
    whole = _piece(sum(line.bytes for line in lines), options.family, extra)
    cut = tuple((mtu, packets(whole.datagram, mtu, options.family)) for mtu in options.path_mtus)
    return Sized(name=name, direction=direction, port=port, lines=lines, whole=whole, packets=cut)


def _piece(payload: int, family: Family, extra: int) -> Piece:
    return Piece(message=payload - extra, payload=payload, datagram=datagram_bytes(family, payload))
