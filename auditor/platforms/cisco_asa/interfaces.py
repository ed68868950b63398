"""Interfaces: addresses, MTU, checks of the source, tunnels."""

from collections.abc import Iterator
from types import MappingProxyType

from auditor.model.addresses import EMPTY, IntervalSet, parse_address
from auditor.model.device import Binding, Df, Interface, InterfaceAddress, NotUnderstood, Tunnel
from auditor.model.evidence import Basis, Evidence, Fact
from auditor.parse.rows import Row
from auditor.platforms.cisco_asa.access import unreachables
from auditor.platforms.cisco_asa.addresses import Where, mask_length
from auditor.platforms.cisco_asa.config import Block, Config, read
from auditor.platforms.cisco_asa.objects import Objects

MTU = 1500
MTU_SOURCE = (
    'Cisco Press, CCNP Security FIREWALL, "Configuring the Interface MTU": 1500 bytes on any Ethernet interface'
)
PPPOE = 1492  # RFC 2516, 7
PPPOE_SOURCE = "no text of Cisco that could be read gives the MTU of a PPPoE interface without an mtu line"
VTI_SOURCE = "the MTU of a VTI without an mtu line follows from its transform and is not in the config"
VTI_MTUS: tuple[int | None, ...] = (1500, 1400, 1280)
CHECK_SOURCE = 'Cisco ASA Configuration Guide, "Preventing IP Spoofing": normally the destination alone is looked up'
_ESP = 50


def addresses(block: Block, objects: Objects) -> tuple[InterfaceAddress, ...]:
    """The interface's own addresses; those of the standby unit are that one's."""
    found: list[InterfaceAddress] = []
    for row in block.rows("addresses"):
        address, mask = objects.number(row["address"]), objects.number(row["mask"])
        length = mask_length(mask) if mask is not None else None
        if address is not None and length is not None:
            found = [InterfaceAddress(family=4, address=address, length=length, evidence=row.evidence())]
    for row in block.rows("addresses6"):
        text, _, length6 = row["prefix"].partition("/")
        try:
            family, value = parse_address(text)
        except ValueError:
            continue
        if family == 6 and "eui-64" not in (row.get("rest") or ""):
            found.append(InterfaceAddress(family=6, address=value, length=int(length6), evidence=row.evidence()))
    return tuple(found)


def own_addresses(config: Config, objects: Objects) -> dict[str, Where]:
    """The addresses of each interface by nameif, for entries that say ``interface outside``."""
    found: dict[str, Where] = {}
    for block in config.blocks:
        own = addresses(block, objects)
        by = {f: IntervalSet.of(*((a.address, a.address) for a in own if a.family == f)) for f in (4, 6)}
        if block.get("dynamic"):
            found[block.nameif] = Where(None, EMPTY, f"the address of {block.nameif} is not in the config")
        else:
            found[block.nameif] = Where(by[4], by[6])
    return found


def interface(config: Config, block: Block, objects: Objects, bindings: tuple[Binding, ...]) -> Interface:
    """One interface. Without a nameif it carries nothing (ASA: "you must configure an interface name")."""
    mtu = _mtu(config, block)
    check = _source_check(config, block)
    tells = unreachables()
    forwards = {4: read(False, block.line("management")), 6: read(False, block.line("management"))}
    return Interface(
        name=block.name,
        evidence=block.evidence,
        enabled=block.get("shutdown") != "yes" and bool(block.nameif),
        kind="tunnel" if block.name.lower().startswith("tunnel") else "ethernet",
        description=block.get("description") or "",
        addresses=addresses(block, objects) if block.nameif else (),
        dynamic_address=_dynamic(block),
        vrf=config.vrf(block),
        mtu=MappingProxyType({4: mtu, 6: mtu}),
        bindings=bindings,
        unreachables=MappingProxyType({4: tells, 6: tells}),
        source_check=MappingProxyType({4: check, 6: check}),
        forwards=MappingProxyType(forwards if block.get("management") else {}),
        tunnel=_tunnel(config, block, objects),
        resolves_by=(block.nameif,) if block.nameif else (),
    )


def _dynamic(block: Block) -> Evidence | None:
    for name in ("dynamic", "dynamic6"):
        if block.get(name):
            return block.line(name)
    rows = [row for row in block.rows("addresses6") if "eui-64" in (row.get("rest") or "")]
    return rows[0].evidence() if rows else None


def _mtu(config: Config, block: Block) -> Fact[int | None]:
    rows = [row for row in config.rows.rows("mtus") if row["nameif"] == block.nameif]
    if rows and block.nameif:
        return read(int(rows[-1]["mtu"]), rows[-1].evidence())
    if block.name.lower().startswith("tunnel"):
        return Fact(
            value=VTI_MTUS[0], basis=Basis.ASSUMED, evidence=(block.evidence,), others=VTI_MTUS[1:], source=VTI_SOURCE
        )
    if "pppoe" in (block.get("dynamic"), *(row.get("rest") and "pppoe" for row in block.rows("addresses"))):
        return Fact(
            value=PPPOE, basis=Basis.ASSUMED, evidence=(block.line("dynamic"),), others=(MTU,), source=PPPOE_SOURCE
        )
    return config.default(MTU, 1400, 9198, source=MTU_SOURCE, evidence=block.evidence)


def _source_check(config: Config, block: Block) -> Fact[str]:
    rows = [row for row in config.rows.rows("source_checks") if row["nameif"] == block.nameif]
    if rows and block.nameif:
        return read("strict", rows[-1].evidence())
    return config.default("off", "strict", source=CHECK_SOURCE)


def _tunnel(config: Config, block: Block, objects: Objects) -> Tunnel | None:
    """A VTI. What IPsec adds depends on the transform that the peers agree on."""
    if not block.name.lower().startswith("tunnel"):
        return None
    under = config.by_nameif.get(block.get("tunnel_source") or "")
    own = [a.address for a in addresses(under, objects) if a.family == 4] if under else []
    peer = objects.host(block.get("tunnel_destination") or "")
    four = peer.four if peer is not None else None
    return Tunnel(
        mode=f"ipsec {block.get('tunnel_mode') or 'ipv4'}",
        source=own[0] if own else None,
        source_interface=under.name if under else None,
        destination=four.first if four else None,
        family=4,
        protocol=_ESP,
        overhead=Fact(value=None, basis=Basis.UNKNOWN, others=(50, 73), evidence=(block.evidence,), source=VTI_SOURCE),
        outer_df=_df(config, under, block),
        evidence=block.evidence,
        protected=block.line("tunnel_protection") if block.get("tunnel_protection") else None,
    )


# Cisco ASA VPN Configuration Guide and ASDM Guide, "DF bit policy": copy is the default.
_DF_SOURCE = 'Cisco ASDM Configuration Guide, "Pre-Fragmentation": the DF bit is copied by default'
_DF = {"clear-df": Df.CLEAR, "copy-df": Df.KEEP, "set-df": Df.SET}


def _df(config: Config, under: Block | None, block: Block) -> Fact[Df]:
    names = {block.nameif, under.nameif if under else ""}
    rows: list[Row] = [r for r in config.rows.rows("ipsec_settings") if "df" in r and r["nameif"] in names]
    if rows:
        return read(_DF[rows[-1]["df"]], rows[-1].evidence())
    return config.default(Df.KEEP, Df.CLEAR, Df.SET, source=_DF_SOURCE)


def not_understood(config: Config, block: Block, objects: Objects) -> Iterator[NotUnderstood]:
    """The lines of its blocks that nobody took, and what of it is not followed."""
    for left in config.left_in(block):
        yield NotUnderstood(evidence=left.evidence, place=block.name)
    four = [one for one in addresses(block, objects) if one.family == 4]
    rows = block.rows("addresses")
    if rows and not four:
        yield NotUnderstood(evidence=rows[-1].evidence(), place=block.name, reason="an address is not understood")
    if block.name.lower().startswith("bvi") and block.nameif:
        reason = "bridged interfaces are not followed"
        yield NotUnderstood(evidence=block.evidence, place=block.name, reason=reason)
