"""wpa_supplicant, the EAP peer of Linux and Android devices, and eapol_test, which adds a RADIUS client to it.

**What it sends.** EAP packets with ``fragment_size`` bytes of TLS data, 1398 by default, so 1408 bytes: wrapped by
a NAS an Access-Request of more than 1500 bytes.

**Cure.** ``fragment_size=1024`` in the network block, for EAP-TLS on every device. Where that can't be done, the
cure is on the path, or RADIUS over TLS between NAS and server.
"""

from dataclasses import replace

from auditor.model.evidence import Basis, Fact
from auditor.model.platform import System

SYSTEM = System(
    name="wpa_supplicant",
    title="wpa_supplicant (behind a NAS)",
    roles=("eap-peer",),
    eap_fragment_size=Fact(
        value=1398,
        basis=Basis.ABSENT,
        source="hostap wpa_supplicant/config_ssid.h: DEFAULT_FRAGMENT_SIZE 1398; captured",
    ),
    fix="fragment_size=1024 in the network block of wpa_supplicant.conf",
)
EAPOL_TEST = replace(
    SYSTEM,
    name="eapol_test",
    title="eapol_test (EAP peer and RADIUS client in one)",
    roles=("eap-peer", "radius-client"),
    df=Fact(
        value="false",
        basis=Basis.ABSENT,
        source="hostap src/radius/radius_client.c: IP_PMTUDISC_DONT; seen in captures of 2.10",
    ),
    request_attributes=Fact(
        value=105, basis=Basis.ABSENT, source="captured, eapol_test 2.10 with a user name of 18 bytes"
    ),
    notes=("sends Framed-MTU 1400 unless told otherwise, and about 105 bytes of attributes besides EAP",),
)
