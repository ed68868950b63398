"""The fragment database: ``fragment size|chain|timeout|reassembly``, for one interface or all.

- Defaults 200 fragments, 24 for each datagram, 5 seconds: Cisco ASA Series Firewall ASDM Configuration Guide,
  "Configuring the Fragment Size" (also ASA 5500 Configuration Guide using ASDM, chapter 52).
- ``chain 1``: no fragment is let through (the same guide; the one of Firepower Management Center, on fragments).
- ``virtual``: the set is checked, and its fragments go on; ``full`` makes one packet of it, which is cut again on the
  way out. Which of them is in force without a line is in no text of Cisco that could be read: both are tried.
"""

from collections.abc import Iterator
from typing import Literal

from auditor.model.addresses import Family
from auditor.model.device import Reassembly
from auditor.model.evidence import Basis, Fact
from auditor.parse.rows import Row
from auditor.platforms.cisco_asa.config import Block, Config, read

SOURCE = (
    'Cisco ASA Firewall Configuration Guide, "Configuring the Fragment Size": 200 fragments, 24 a packet, 5 seconds'
)
KIND_SOURCE = "that reassembly is virtual without a line is in no text of Cisco that could be read"
ON_SOURCE = 'Cisco ASA Firewall Configuration Guide, "Configuring the Fragment Size": no command switches it off'
SIX_SOURCE = "no text of Cisco that could be read says whether the fragment commands count for IPv6 too"
Kind = Literal["virtual", "full"]
KINDS: tuple[Kind, Kind] = ("virtual", "full")
DEFAULTS: dict[str, int] = {"chain": 24, "size": 200, "timeout": 5}


def reassembly(config: Config) -> tuple[Reassembly, ...]:
    """The fragment databases of all interfaces, for both families."""
    rows = list(config.rows.rows("fragments"))
    return tuple(row for block in config.blocks if block.nameif for row in _of_interface(config, block, rows))


def kind_known(config: Config) -> bool:
    """Whether a line tells of every interface which kind of reassembly it does."""
    named = {row.get("nameif") for row in config.rows.rows("fragments") if _tells(row)}
    return None in named or all(block.nameif in named for block in config.blocks if block.nameif)


def _of_interface(config: Config, block: Block, rows: list[Row]) -> Iterator[Reassembly]:
    last: dict[str, Row] = {}
    for row in rows:
        if row.get("nameif") in (None, block.nameif) and (row["what"] != "reassembly" or _tells(row)):
            last[row["what"]] = row
    told = last.get("reassembly")
    active = read(True, told.evidence()) if told is not None else _on(block)
    limits = {what: _limit(config, what, last.get(what)) for what in DEFAULTS}
    families: tuple[Family, Family] = (4, 6)
    for family in families:
        for name in KINDS:
            yield Reassembly(
                name=name,
                kind=name if told is None else _kind(told),
                active=active,
                sends="egress-mtu",
                interface=block.name,
                family=family,
                fragments=limits["chain"] if family == 4 else _of_six(limits["chain"]),
                sets=limits["size"],
                timeout=limits["timeout"],
            )


def _tells(row: Row) -> bool:
    """Whether a line tells the kind: ``reassembly full|virtual``, or ``no`` one of them, which leaves the other."""
    return row["what"] == "reassembly" and (row.get("number") or row.get("removed")) in KINDS


def _kind(row: Row) -> Kind:
    full = row.get("number") == "full" or row.get("removed") == "virtual"
    return "full" if full else "virtual"


def _on(block: Block) -> Fact[bool]:
    """No command switches the database off."""
    return Fact(value=True, basis=Basis.INFERRED, evidence=(block.evidence,), source=ON_SOURCE)


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
