"""The fragment database: ``fragment size|chain|timeout|reassembly``, for one interface or all.

- Defaults 200 fragments, 24 for each datagram, 5 seconds: Cisco ASA Series Firewall ASDM Configuration Guide,
  "Configuring the Fragment Size" (also ASA 5500 Configuration Guide using ASDM, chapter 52).
- ``chain 1``: no fragment is let through (same guide: "disallow fragments ... by setting the chain to 1").
- ``virtual`` is the default (Cisco ASA Command Reference, "fragment": reassembly is virtual unless ``full``): the set
  is checked, and its fragments go on; ``full`` makes one packet, which is cut again on the way out.
"""

from collections.abc import Iterator
from typing import Literal

from auditor.model.addresses import Family
from auditor.model.device import Reassembly
from auditor.model.evidence import Basis, Evidence, Fact
from auditor.parse.rows import Row
from auditor.platforms.cisco_asa.config import Block, Config, read

SOURCE = (
    'Cisco ASA Firewall Configuration Guide, "Configuring the Fragment Size": 200 fragments, 24 a packet, 5 seconds'
)
KIND_SOURCE = 'Cisco ASA Command Reference, "fragment": reassembly is virtual unless full is configured'
SIX_SOURCE = "no text of Cisco that could be read says whether the fragment commands count for IPv6 too"
DEFAULTS: dict[str, int] = {"chain": 24, "size": 200, "timeout": 5}


def reassembly(config: Config) -> tuple[Reassembly, ...]:
    """The fragment databases of all interfaces, for both families."""
    rows = list(config.rows.rows("fragments"))
    return tuple(row for block in config.blocks if block.nameif for row in _of_interface(config, block, rows))


def _of_interface(config: Config, block: Block, rows: list[Row]) -> Iterator[Reassembly]:
    last: dict[str, Row] = {}
    for row in rows:
        if row.get("nameif") in (None, block.nameif):
            last[row["what"]] = row
    kind, kind_line = _kind(last.get("reassembly"))
    active = read(True, kind_line) if kind_line else _on(block)
    limits = {what: _limit(config, what, last.get(what)) for what in DEFAULTS}
    families: tuple[Family, Family] = (4, 6)
    for family in families:
        yield Reassembly(
            kind=kind,
            active=active,
            sends="egress-mtu",
            interface=block.name,
            family=family,
            fragments=limits["chain"] if family == 4 else _of_six(limits["chain"]),
            sets=limits["size"],
            timeout=limits["timeout"],
        )


def _on(block: Block) -> Fact[bool]:
    """No command switches the database off."""
    return Fact(value=True, basis=Basis.INFERRED, evidence=(block.evidence,), source=KIND_SOURCE)


def _kind(row: Row | None) -> tuple[Literal["full", "virtual"], Evidence | None]:
    if row is None or "removed" in row:
        return "virtual", row.evidence() if row is not None else None
    return ("full" if row["number"] == "full" else "virtual"), row.evidence()


def _limit(config: Config, what: str, row: Row | None) -> Fact[int | None]:
    default = DEFAULTS[what]
    if row is None:
        return config.default(default, 1 if what == "chain" else None, source=SOURCE)
    if "removed" in row:  # `no fragment chain 1 outside` restores the default
        return read(default, row.evidence())
    number = row["number"]
    if not number.isdigit():
        return Fact(value=default, basis=Basis.UNKNOWN, evidence=(row.evidence(),), others=(1,))
    return read(int(number), row.evidence())


def _of_six(limit: Fact[int | None]) -> Fact[int | None]:
    """The same for IPv6, where a limit that was set may not count."""
    if limit.basis is not Basis.READ or limit.value == DEFAULTS["chain"]:
        return limit
    others = (DEFAULTS["chain"], None)
    return Fact(value=limit.value, basis=Basis.ASSUMED, evidence=limit.evidence, others=others, source=SIX_SOURCE)
