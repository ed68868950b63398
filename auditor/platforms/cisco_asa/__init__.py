"""Cisco ASA. Data only: what reads the rows is imported when there are rows."""

from typing import TYPE_CHECKING

from auditor.model.platform import Platform
from auditor.platforms.cisco_asa.forms import FORMS
from auditor.platforms.cisco_asa.harmless import HARMLESS
from auditor.platforms.cisco_asa.marks import MARKS

if TYPE_CHECKING:
    from auditor.model.device import Device
    from auditor.model.remedies import Curing
    from auditor.parse.rows import Rows


def _devices(rows: "Rows") -> "tuple[Device, ...]":
    from auditor.platforms.cisco_asa.device import devices

    return devices(rows)


def _curing() -> "Curing":
    from auditor.platforms.cisco_asa.curing import CURING

    return CURING


PLATFORM = Platform(
    name="cisco_asa",
    title="Cisco ASA",
    aliases=("asa", "cisco_asa", "cisco_asa_ssh"),
    forms=FORMS,
    template="cisco_asa",
    marks=MARKS,
    harmless=HARMLESS,
    devices=_devices,
    held_against=(
        "Cisco's ASA configuration guides (access rules, NAT, protection tools) and published packet-tracer outputs",
        "35 published configs and lists (Batfish, netutils, Aerleon)",
    ),
    napalm=None,
    netmiko="cisco_asa",
    shows=(),
    curing=_curing,
    relevant=(
        "frag",
        r"\bmtu\b",
        r"\bdf\b",
        r"^(?!.*timeout ).*reassembl",
        r"^(?:no )?(?:nat|global|static|alias|access-list|access-group|ipv6 access-list)\b",
        r"^(?:no )?(?:route|ipv6 route|policy-route|same-security-traffic|zone)(?![\w-])",
        r"^(?:no )?(?:object|object-group|name|ip verify|ip audit|mac-list|shun)(?![\w-])",
        r"^threat-detection scanning-threat shun",
        r"^(?:no )?(?:crypto map|crypto dynamic-map|context|firewall transparent|cluster|nve|filter)\b",
        r"^clear configure\b",
    ),
)
