"""Virtual reassembly: where it is on, by a line or unseen, its limits, and where it drops every fragment.

Cisco IOS XE, "IP Addressing: Fragmentation and Reassembly", chapter "Virtual Fragmentation Reassembly": NAT, the
firewall and IPsec switch it on by themselves (NAT for both directions, the firewall and IPsec "out"; for the firewall
both are tried, since what comes in by a zone is inspected too); "if VFR is enabled by features such as NAT and Cisco
IOS XE Firewall, the ip virtual-reassembly [-out] command is not displayed in the output of the show running-config
command". Defaults as ``show ip virtual-reassembly`` prints them (CiscoTestAutomation/genieparser, iosxe): 16
reassemblies, 32 fragments, 3 seconds, drop off; IPv6 1024, 16, 3.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from auditor.model.addresses import Family
from auditor.model.device import FragmentPolicy, Hits, Reassembly
from auditor.model.evidence import Basis, Evidence, Fact
from auditor.parse.rows import Row
from auditor.platforms.cisco_ios.blocks import Block
from auditor.platforms.cisco_ios.config import read

Direction = Literal["in", "out"]
SOURCE = 'Cisco IOS XE, "Virtual Fragmentation Reassembly"'
LIMIT_SOURCE = "show ip virtual-reassembly, as in CiscoTestAutomation/genieparser (iosxe)"
FAMILIES: tuple[Family, Family] = (4, 6)
_DEFAULTS: dict[int, tuple[int, int, int]] = {4: (16, 32, 3), 6: (1024, 16, 3)}  # sets, fragments, seconds
_NUMBERED = {"max-reassemblies": 0, "max-fragments": 1, "timeout": 2}
BOTH: tuple[Direction, Direction] = ("in", "out")
Feature = tuple[str, Evidence, tuple[Direction, ...]]  # what switches it on, by which line, for which packets


@dataclass(slots=True)
class _Setting:
    """What the lines of an interface say of one direction and family."""

    active: bool
    row: Row
    drop: bool = False
    numbers: tuple[int | None, int | None, int | None] = (None, None, None)


def virtual(block: Block, features: Sequence[Feature]) -> list[Reassembly]:
    """The rows of an interface. ``features`` switch it on unseen, for IPv4."""
    rows: list[Reassembly] = []
    for family in FAMILIES:
        said = _said(block, family)
        for direction in BOTH:
            setting = said.get(direction)
            unseen = [one for one in features if direction in one[2] and family == 4]
            if setting is not None:
                rows.append(_of_line(block, family, direction, setting))
            elif unseen:
                rows.append(_unseen(block, direction, unseen))
    return rows


def dropping(block: Block) -> list[FragmentPolicy]:
    """``drop-fragments``: every fragment is dropped, whatever the limits say (Cisco IOS, "ip virtual-reassembly")."""
    return [
        FragmentPolicy(
            name="ip virtual-reassembly drop-fragments" if family == 4 else "ipv6 virtual-reassembly drop-fragments",
            hits=Hits.ANY if family == 4 else Hits.IPV6_HEADER,
            action="drop",
            in_force=read(True, setting.row.evidence()),
            interface=block.name,
            direction=direction,
            family=family,
        )
        for family in FAMILIES
        for direction, setting in _said(block, family).items()
        if setting.active and setting.drop
    ]


def unread_words(block: Block) -> list[Evidence]:
    """Lines of virtual reassembly with a word that is not known."""
    return [
        row.evidence()
        for row in block.rows("reassembly", "reassembly6")
        if not _understood((row.get("words") or row.get("out_words") or "").split())
    ]


def _understood(words: Sequence[str]) -> bool:
    known = {"in", "out", "drop-fragments", "percentage", *_NUMBERED}
    return all(word in known or word.isdigit() for word in words)


def _said(block: Block, family: Family) -> dict[Direction, _Setting]:
    """The last line for each direction; without a direction it means incoming packets."""
    found: dict[Direction, _Setting] = {}
    for row in block.rows("reassembly" if family == 4 else "reassembly6"):
        off = row.get("off")
        if off is not None:
            for direction in _directions(off.split()):
                found[direction] = _Setting(False, row)
            continue
        words = (row.get("words") or "").split()
        if row.get("out_words") is not None:
            words = ["out", *(row.get("out_words") or "").split()]
        for direction in _directions(words):
            found[direction] = _Setting(True, row, "drop-fragments" in words, _numbers(words))
    return found


def _directions(words: Sequence[str]) -> list[Direction]:
    named: list[Direction] = [direction for direction in BOTH if direction in words]
    return named or ["in"]


def _numbers(words: Sequence[str]) -> tuple[int | None, int | None, int | None]:
    found: list[int | None] = [None, None, None]
    for word, after in pairwise(words):
        if word in _NUMBERED and after.isdigit():
            found[_NUMBERED[word]] = int(after)
    return found[0], found[1], found[2]


def _of_line(block: Block, family: Family, direction: Direction, setting: _Setting) -> Reassembly:
    evidence = setting.row.evidence()
    limits = [
        read(number, evidence) if number is not None else _limit(evidence, _DEFAULTS[family][place])
        for place, number in enumerate(setting.numbers)
    ]
    return Reassembly(
        kind="virtual",
        active=read(setting.active, evidence),
        interface=block.name,
        direction=direction,
        family=family,
        fragments=limits[1],
        sets=limits[0],
        timeout=limits[2],
    )


def _limit(evidence: Evidence, value: int) -> Fact[int | None]:
    """A limit that the line does not name: the line shows what differs from the default."""
    return Fact(value=value, basis=Basis.ABSENT, evidence=(evidence,), source=LIMIT_SOURCE)


def _unseen(block: Block, direction: Direction, features: Sequence[Feature]) -> Reassembly:
    """On by a feature, and not shown: whoever switched it off by hand may not be seen either."""
    evidence = tuple(line for _, line, _ in features)
    limit: Fact[int | None] = Fact(
        value=_DEFAULTS[4][1], basis=Basis.ABSENT, evidence=(block.evidence,), source=LIMIT_SOURCE
    )
    what = " and ".join(dict.fromkeys(name for name, _, _ in features))
    return Reassembly(
        kind="virtual",
        active=Fact(
            value=True,
            basis=Basis.DEFAULT,
            evidence=evidence,
            others=(False,),
            source=f"{SOURCE}: {what} switches it on, and the running config does not show it",
        ),
        interface=block.name,
        direction=direction,
        fragments=limit,
    )
