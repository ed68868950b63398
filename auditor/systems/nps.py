"""Microsoft Network Policy Server (NPS), a RADIUS server.

**What it sends.** Access-Challenges with its certificates in EAP packets of up to 1500 bytes, the default of
Framed-MTU in a network policy: a datagram of about 1618 bytes, which doesn't fit an Ethernet link.

**Cure.** Framed-MTU 1344 in the network policy (Settings, RADIUS attributes, Standard), or at most 1250 where the
path has an MTU of 1400: say ``framed_mtu`` on the endpoint to have it counted. It does nothing for the other
direction: how large an Access-Request is, the client's EAP packets and the NAS decide. Where those are cut and
lost, the cure is on the path, or RADIUS over TLS. No event at the server while the NAS times out is how a lost
Access-Request shows.
"""

from auditor.model.evidence import Basis, Fact
from auditor.model.platform import System

SYSTEM = System(
    name="nps",
    title="Microsoft Network Policy Server",
    roles=("radius-server",),
    challenge_fragment_size=Fact(
        value=1500,
        basis=Basis.ABSENT,
        source="MicrosoftDocs/windowsserverdocs nps-np-configure.md (Configure the EAP Payload Size); KB 883389",
    ),
    df=Fact(value="false", basis=Basis.ASSUMED, others=("pmtud",), source="no document"),
    fix="in the network policy set the standard RADIUS attribute Framed-MTU to 1344 (path MTU 1500) or at most 1250 "
    "(path MTU 1400); it bounds the Access-Challenge only",
    notes=("no document says whether Framed-MTU counts the 10 bytes of EAP-TLS headers: they are added",),
)
