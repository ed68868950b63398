"""Libreswan on Linux, as initiator or responder.

**RFC 7383.** ``fragmentation=yes`` is the default of a connection; as the config of an end system isn't read,
``no`` is tried too unless ``ike_fragmentation`` is said. There is no setting for the size: its fragments are made
for IP datagrams of 576 bytes over IPv4 (IKE messages of 532 bytes) and 1280 over IPv6. It takes at most 32
fragments of one message from a peer.

**Don't Fragment.** Its sockets aren't told, so that Linux's default holds; no capture was at hand.

**Cure.** ``fragmentation=yes`` on both ends.
"""

from auditor.model.evidence import Basis, Fact
from auditor.model.platform import System

SYSTEM = System(
    name="libreswan",
    title="Libreswan on Linux",
    roles=("ikev2-initiator", "ikev2-responder"),
    ike_fragmentation=Fact(
        value=True,
        basis=Basis.DEFAULT,
        others=(False,),
        source="libreswan configs/d.ipsec.conf/conn/fragmentation.xml: yes, unless its config says otherwise",
    ),
    ike_fragment_size=Fact(
        value=576,
        basis=Basis.ABSENT,
        source="libreswan include/pluto_constants.h (MIN_MAX_UDP_DATA_v4, _v6); issue 329 shows messages of 532 bytes",
    ),
    df=Fact(
        value="pmtud",
        basis=Basis.ASSUMED,
        others=("false",),
        source="no MTU discovery option in libreswan programs/pluto, so that Linux's default would hold; not captured",
    ),
    fix="fragmentation=yes in the conn of ipsec.conf on both ends; then ipsec restart",
    notes=("drops a message of more than 32 fragments",),
)
