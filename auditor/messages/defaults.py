"""The settings by which messages are sized where the user says no more: the middle of the field, by way of sign-in.

The model is the most common pair with large messages: a desktop client that dials a remote-access server with a
machine certificate. Which payloads it sends was seen in public server logs (the page of that client's system names
them): IKE_SA_INIT with four vendor identities (88 bytes) and a nonce of 48; IKE_AUTH with IDi, CERT, CERTREQ, AUTH,
one notify, seven configuration attributes, SA, and traffic selectors of both families.

A subject name of 110 bytes, RSA 2048 certificates as an enterprise authority issues them (1731 bytes), only the
leaf of each chain, and 25 authorities in CERTREQ lie between what small and large organisations have. They give an
IKE_AUTH request of 2912 bytes and a response of 2416; a public capture of such a pair had 2508 and 1996.
"""

from dataclasses import replace

from auditor.messages.ike import IkeEnd, IkeSettings
from auditor.messages.keys import certificate
from auditor.model.flows import Auth

NAME = 110  # bytes of a distinguished name
AUTHORITIES = 25
VENDORS = 88
EAP_METHODS: tuple[Auth, ...] = ("eap-tls", "eap-peap", "eap-mschapv2")
# RADIUS, bytes of attributes besides EAP-Message and Message-Authenticator
ACCEPT_ATTRIBUTES = 80  # Class, user name, policy of the session
ACCOUNTING_ATTRIBUTES = 280  # as an Access-Request's, with counters and session id
PEAP_PACKET = 340  # the peer's largest in PEAP: TLS ClientHello, or a method inside the tunnel
PASSWORD_PACKET = 80  # EAP-MSCHAPv2 challenge or response with a user name
PROBE = 100  # bytes of UDP payload: far below any MTU

_CLIENT = IkeEnd(
    identity=NAME,
    key="rsa2048",
    certificates=(certificate("rsa2048"),),
    authorities=AUTHORITIES,
    attributes=(0,) * 7,
    init_extra=VENDORS,
)
_SERVER = IkeEnd(
    identity=NAME,
    key="rsa2048",
    certificates=(certificate("rsa2048"),),
    authorities=AUTHORITIES,
    attributes=(4, 4, 4, 4),
    init_extra=VENDORS,
)
_SHORT = 25  # bytes of a host name
_GATEWAY = IkeEnd(identity=_SHORT, key="psk")
_USER = replace(_CLIENT, identity=4, key=None, certificates=())  # EAP: names its address, proves itself later


def ike_settings(auth: Auth) -> IkeSettings:
    """The settings of one way of sign-in. With a shared key the ends are gateways, and no message is large."""
    if auth == "psk":
        return IkeSettings(initiator=_GATEWAY, responder=_GATEWAY, selectors=(4,))
    if auth in EAP_METHODS:
        return IkeSettings(initiator=_USER, responder=replace(_SERVER, authorities=0), eap=True)
    return IkeSettings(initiator=_CLIENT, responder=_SERVER)
