"""Juniper Junos, routers and SRX. Data only: what reads the rows is imported when there are rows."""

from typing import TYPE_CHECKING

from auditor.model.platform import Platform
from auditor.platforms.juniper_junos.forms import FORMS
from auditor.platforms.juniper_junos.marks import MARKS

if TYPE_CHECKING:
    from auditor.model.device import Device
    from auditor.model.remedies import Curing
    from auditor.parse.rows import Rows


def _devices(rows: "Rows") -> "tuple[Device, ...]":
    from auditor.platforms.juniper_junos.device import devices

    return devices(rows)


def _curing() -> "Curing":
    from auditor.platforms.juniper_junos.curing import CURING

    return CURING


PLATFORM = Platform(
    name="juniper_junos",
    title="Juniper Junos (routers and SRX)",
    aliases=("junos", "juniper_junos", "juniper", "srx", "juniper_srx"),
    forms=FORMS,
    template="juniper_junos",
    marks=MARKS,
    harmless=(),
    devices=_devices,
    held_against=(
        "Juniper's guides on interfaces, MTU, firewall filters, flow and screens, and its published YANG models",
        "about 150 published configs (Batfish, Aerleon, Oxidized, NAPALM, netutils, hier_config, lab-validation)",
    ),
    napalm="junos",
    netmiko="juniper_junos",
    shows=(),
    curing=_curing,
    relevant=(
        r"^(?:vlans|bridge-domains|ethernet-switching-options|switch-options) .*\b(?:filter|mtu)\b",
        r"^(?:logical-systems|tenants) \S+ (?:vlans|bridge-domains) .*\bfilter\b",
    ),
)
