"""FreeRADIUS 3.

**What it sends.** Access-Challenges with EAP packets of ``fragment_size`` bytes (module eap, tls-config), 1024 by
default: a datagram of about 1120 bytes, which fits. A Framed-MTU in the Access-Request makes them smaller, never
larger; it counts the TLS data, so that the EAP packet is up to 10 bytes longer than Framed-MTU.

**Don't Fragment.** It switches MTU discovery off, so that DF is clear and routers may cut.

**Cure.** Leave ``fragment_size`` at 1024. It does nothing for Access-Requests: their size is the EAP peer's.
"""

from auditor.model.evidence import Basis, Fact
from auditor.model.platform import System

SYSTEM = System(
    name="freeradius",
    title="FreeRADIUS 3",
    roles=("radius-server",),
    challenge_fragment_size=Fact(
        value=1024,
        basis=Basis.ABSENT,
        source="FreeRADIUS v3.2.x raddb/mods-available/eap: fragment_size = 1024; src/main/tls.c",
    ),
    challenge_attributes=Fact(value=18, basis=Basis.ABSENT, source="captured, FreeRADIUS 3.2.1: State alone"),
    df=Fact(
        value="false",
        basis=Basis.ABSENT,
        source="FreeRADIUS v3.2.x src/main/listen.c: IP_PMTUDISC_DONT; seen in captures of 3.2.1",
    ),
    fix="fragment_size = 1024 in the tls-config section of mods-enabled/eap, then restart the server; it bounds the "
    "Access-Challenge only",
    notes=("with another fragment_size, give the Access-Challenge with its size under the flow's messages",),
)
