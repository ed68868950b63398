"""The messages of a flow: what is sent, from which end, to which port, and how large."""

from collections.abc import Iterable
from dataclasses import replace
from typing import cast

from auditor.messages import ike, radius
from auditor.messages.defaults import (
    ACCEPT_ATTRIBUTES,
    ACCOUNTING_ATTRIBUTES,
    EAP_METHODS,
    PASSWORD_PACKET,
    PEAP_PACKET,
    PROBE,
    ike_settings,
)
from auditor.messages.ends import EndFacts
from auditor.model.flows import Auth, Flow, MessageClaim
from auditor.model.packets import Direction, Message, SizeLine

DIRECTIONS: tuple[Direction, Direction] = ("forward", "reverse")


def messages(flow: Flow, sender: EndFacts, receiver: EndFacts) -> tuple[Message, ...]:
    """All messages of a flow between these two ends, the probes first.

    ``sender`` is the initiator or RADIUS client. Over ``transport: tls`` there is no datagram and so no message.
    """
    if flow.kind == "radius" and flow.transport == "tls":
        return ()
    if flow.messages is not None:
        large = tuple(_claimed(flow, claim) for claim in flow.messages)
    elif flow.kind == "ikev2":
        large = _ike(flow, sender, receiver)
    elif flow.kind == "radius":
        large = _radius(flow, sender, receiver)
    else:
        large = ()
    return (*_probes(flow, large), *large)


def doubled(message: Message) -> Message | None:
    """The same message at twice its size, which contract 4.2 wants tried; None where a setting bounds it."""
    if message.bounded or message.probe:
        return None
    sizes = tuple(2 * payload for payload in message.payloads)
    if message.name.startswith("Access-"):
        sizes = tuple(min(size, radius.LIMIT) for size in sizes)
    return replace(message, payloads=sizes, lines=())


def sign_in(flow: Flow, sender: EndFacts, receiver: EndFacts) -> Auth:
    """How the initiator authenticates: as the flow says, else as the config of an end does, else by certificate."""
    return cast(Auth, flow.auth or sender.auth or receiver.auth or "certificate")


def port_of(flow: Flow, name: str) -> int:
    """The UDP port of a message of that name (contract 3, Ports)."""
    if flow.kind == "ikev2":
        return 500 if name.startswith("IKE_SA_INIT") or not flow.nat_traversal else 4500
    if flow.kind == "radius":
        return flow.ports[1] if name.startswith("Accounting-") else flow.ports[0]
    return flow.port or 0


def opens(flow: Flow, name: str) -> bool:
    """Whether no answer on its ports came before it, so that a hop that tracks connections takes it for a new one.

    A large Access-Request comes in the middle of an EAP conversation (RFC 3579 2.1); IKE_AUTH is the first on its port
    with NAT traversal, else IKE_SA_INIT was answered on the same one.
    """
    if flow.kind == "radius":
        return not name.startswith("Access-Request")
    if flow.kind == "ikev2":
        return name.startswith("IKE_SA_INIT") or (flow.nat_traversal and not name.endswith(", EAP"))
    return True


def _ike(flow: Flow, sender: EndFacts, receiver: EndFacts) -> tuple[Message, ...]:
    auth = sign_in(flow, sender, receiver)
    settings = ike_settings(auth)
    small = [ike.sa_init_request(settings), ike.sa_init_response(settings)]
    large = [ike.auth_request(settings), ike.auth_response(settings)]
    rounds: list[ike.IkeMessage] = []
    if auth in EAP_METHODS:
        rounds = [
            ike.eap_request(settings, _peer_packet(auth, sender)),
            ike.eap_response(settings, _server_packet(auth, sender, receiver)),
        ]
    # No setting bounds a certificate; of what is in IKE_SA_INIT and in a message with a shared key, nothing is large.
    bounds = [True, True, auth == "psk", auth == "psk", *_eap_bounds(auth, sender, receiver)]
    return tuple(
        _message(flow, one.name, one.direction, one.lines_on(port_of(flow, one.name)), bounded)
        for one, bounded in zip([*small, *large, *rounds], bounds, strict=False)
    )


def _radius(flow: Flow, sender: EndFacts, receiver: EndFacts) -> tuple[Message, ...]:
    auth = flow.auth or "eap-tls"
    asks, answers = sender.request_attributes.value, receiver.challenge_attributes.value
    peer = min(_peer_packet(auth, sender), radius.largest_packet(asks))
    server = min(_server_packet(auth, sender, receiver), radius.largest_packet(answers))
    request, challenge = _eap_bounds(auth, sender, receiver)
    sized: list[tuple[radius.RadiusMessage, bool]] = [
        (radius.access_request(peer, asks), request),
        (radius.access_challenge(server, answers), challenge),
        (radius.access_accept(ACCEPT_ATTRIBUTES), True),
    ]
    if flow.accounting:
        sized.append((radius.accounting_request(ACCOUNTING_ATTRIBUTES), True))
        sized.append((radius.accounting_response(), True))
    if flow.transport == "dtls":
        sized = [(radius.over_dtls(one), bounded) for one, bounded in sized]
    return tuple(_message(flow, one.name, one.direction, one.lines, bounded) for one, bounded in sized)


def _peer_packet(auth: Auth, sender: EndFacts) -> int:
    """The largest EAP packet of the client: only with EAP-TLS does it send certificates."""
    full = sender.eap_fragment_size.value + radius.EAP_TLS_HEADER
    if auth == "eap-mschapv2":
        return PASSWORD_PACKET
    return min(full, PEAP_PACKET) if auth == "eap-peap" else full


def _server_packet(auth: Auth, sender: EndFacts, receiver: EndFacts) -> int:
    """The largest EAP packet of the server.

    It is no longer than the server's own setting, nor than a Framed-MTU allows, whichever end says it. Some servers
    count Framed-MTU as TLS data, so that the packet is 10 bytes longer (measured): the worst case is taken.
    """
    if auth == "eap-mschapv2":
        return PASSWORD_PACKET
    framed = [end.framed_mtu.value + radius.EAP_TLS_HEADER for end in (sender, receiver) if end.framed_mtu]
    return min([receiver.challenge_fragment_size.value, *framed])


def _eap_bounds(auth: Auth, sender: EndFacts, receiver: EndFacts) -> tuple[bool, bool]:
    """Whether a known setting bounds the client's and the server's EAP packets."""
    framed = sender.framed_mtu or receiver.framed_mtu
    server = receiver.challenge_fragment_size.basis.decides or framed is not None
    small = auth == "eap-mschapv2"
    return small or auth == "eap-peap" or sender.eap_fragment_size.basis.decides, small or server


def _claimed(flow: Flow, claim: MessageClaim) -> Message:
    """A message whose size the user says: that size is its bound."""
    return Message(
        name=claim.name,
        direction=claim.direction,
        port=claim.port or port_of(flow, claim.name),
        payloads=(claim.payload,),
        source_port=claim.source_port,
        df=claim.df,
        opens=opens(flow, claim.name),
    )


def _message(flow: Flow, name: str, direction: Direction, lines: tuple[SizeLine, ...], bounded: bool) -> Message:
    return Message(
        name=name,
        direction=direction,
        port=port_of(flow, name),
        payloads=(sum(line.bytes for line in lines),),
        bounded=bounded,
        opens=opens(flow, name),
        lines=lines,
    )


def _probes(flow: Flow, large: Iterable[Message]) -> tuple[Message, ...]:
    """A small datagram for each port, in each direction that the flow's messages use (IKE and RADIUS: both)."""
    used = dict.fromkeys((message.port, message.direction) for message in large)
    if flow.kind != "custom":
        used = dict.fromkeys((port, direction) for port, _ in used for direction in DIRECTIONS)
    return tuple(
        Message(name=f"small probe UDP {port}", direction=direction, port=port, payloads=(PROBE,), probe=True)
        for port, direction in used
    )
