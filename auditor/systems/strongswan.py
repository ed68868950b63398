"""strongSwan on Linux, as initiator or responder.

**RFC 7383.** ``connections.NAME.fragmentation`` is ``yes`` unless its config says otherwise: it announces and sends
fragments when the peer announces too. ``accept`` announces but never sends them (say ``ike_fragmentation: false``
for it); ``no`` doesn't announce. As the config of an end system isn't read, ``no`` is tried too unless
``ike_fragmentation`` is said.

**Size.** ``charon.fragment_size`` (``fragment_size_v4``, ``_v6``) is the whole IP datagram, 1280 by default; 0
means 576 for IPv4. A fragment larger than the path is cut by IP again, and then RFC 7383 doesn't help.

**Don't Fragment.** It leaves its sockets as Linux makes them: DF on what fits its own link, so the first packet
that a smaller link can't take is lost, and the next one is cut to what the ICMP error told.

**EAP-TLS.** ``charon.plugins.eap-tls.fragment_size``: EAP packets of up to 1024 bytes.

**Cure.** ``fragmentation = yes`` on both ends and a ``fragment_size`` below the path's MTU.
"""

from auditor.model.evidence import Basis, Fact
from auditor.model.platform import System

_EAP = "strongSwan conf/plugins/eap-tls.opt: fragment_size = 1024, less 10 bytes of EAP-TLS headers"

SYSTEM = System(
    name="strongswan",
    title="strongSwan on Linux",
    roles=("ikev2-initiator", "ikev2-responder", "eap-peer"),
    ike_fragmentation=Fact(
        value=True,
        basis=Basis.DEFAULT,
        others=(False,),
        source="strongSwan src/swanctl/swanctl.opt: fragmentation = yes, unless its config says otherwise",
    ),
    ike_fragment_size=Fact(
        value=1280, basis=Basis.ABSENT, source="strongSwan conf/options/charon.opt: fragment_size = 1280"
    ),
    df=Fact(
        value="pmtud",
        basis=Basis.ABSENT,
        source="strongSwan src/libcharon/plugins/socket_default sets no MTU discovery, so that Linux's default holds; "
        "seen in captures of 5.9.8",
    ),
    eap_fragment_size=Fact(value=1014, basis=Basis.ABSENT, source=_EAP),
    fix="in swanctl.conf connections.NAME.fragmentation = yes on both ends, in strongswan.conf charon.fragment_size "
    "not above the smallest MTU of the path; then swanctl --load-all (for fragment_size: restart the daemon)",
    notes=("fragmentation = accept announces without sending: say ike_fragmentation: false for it",),
)
