"""Cisco IOS and IOS XE. Data only: what reads the rows is imported when there are rows."""

from typing import TYPE_CHECKING

from auditor.model.platform import Platform
from auditor.platforms.cisco_ios.forms import FORMS
from auditor.platforms.cisco_ios.harmless import HARMLESS
from auditor.platforms.cisco_ios.marks import MARKS

if TYPE_CHECKING:
    from auditor.model.device import Device
    from auditor.model.remedies import Curing
    from auditor.parse.rows import Rows


def _devices(rows: "Rows") -> "tuple[Device, ...]":
    from auditor.platforms.cisco_ios.device import devices

    return devices(rows)


def _curing() -> "Curing":
    from auditor.platforms.cisco_ios.curing import CURING

    return CURING


PLATFORM = Platform(
    name="cisco_ios",
    title="Cisco IOS and IOS XE",
    aliases=("ios", "cisco_ios", "cisco_xe", "cisco_iosxe", "iosxe", "ios-xe", "cisco_ios_xe", "cisco_xe_cli"),
    forms=FORMS,
    template="cisco_ios",
    marks=MARKS,
    harmless=HARMLESS,
    devices=_devices,
    held_against=(
        "Cisco's documents on lists and fragments (8014), NAT order (6209), GRE and MTU (25885), zone firewall (98628)",
        "the guides on virtual reassembly, IKEv2 fragmentation and firewall ACL bypass",
        "about 190 published configs (Batfish, genieparser, Oxidized, NAPALM, netutils, Aerleon)",
    ),
    napalm="ios",
    netmiko="cisco_ios",
    shows=(),
    curing=_curing,
    relevant=(
        "frag",
        r"\bmtu\b",
        r"\bdf\b",
        "reassembl",
        r"^(?:no )?ip (?:nat|inspect name|access-list|policy|verify|local policy|ips|admission|auth-proxy|wccp)\b",
        r"^(?:no )?ipv6 (?:inspect|access-list|local policy|nat)\b",
        r"^(?:no )?(?:access-list|zone|zone-pair|crypto map|crypto dynamic-map|route-map|nat64|nat66|vlan filter)\b",
        r"^(?:no )?(?:class-map|policy-map)(?: type inspect)?\b",
        r"^(?:no )?ip(?:v6)? route\b",
        r"^platform .*(?:acl|drop|punt-police)",
    ),
)
