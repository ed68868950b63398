"""Whether a host joins fragments before its filters see them, family by family.

The kernel hooks its defragmentation in at priority -400 of prerouting and output as soon as one rule needs connection
tracking, whatever table or chain it stands in, dormant and unreachable ones too (measured, docs/platforms/linux.md).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from auditor.model.addresses import Family
from auditor.model.evidence import Basis, Evidence, Fact
from auditor.platforms.linux.chains import Line, Table
from auditor.platforms.linux.rulesets import Rulesets

SOURCE = (
    "net/netfilter/nf_conntrack_proto.c nf_ct_netns_get(), net/ipv4/netfilter/nf_defrag_ipv4.c; measured on Linux 6.18"
)
NFT_TRACKS = re.compile(
    r"(?:^|[\s{])(?:ct\s|flow (?:add|offload)|synproxy\b|masquerade\b|redirect(?!\s*[,}])\b|(?:s|d)nat\s)"
)
NFT_NAT = re.compile(r"\b(?:s|d)nat\s+(ip6?)\b")
NFT_TPROXY = re.compile(r"\btproxy(?:\s+(ip6?))?\b")
ICMP_REDIRECT = re.compile(r"\bicmp(?:v6)? type\s+(?:redirect\b|!= redirect\b|\{[^}]*\})")
XT_TRACKS = re.compile(
    r"(?:^|\s)(?:-m (?:conntrack|state|connmark|connbytes|connlimit|helper|connlabel|cluster)\b"
    r"|-j (?:MASQUERADE|SNAT|DNAT|REDIRECT|NETMAP|SAME|CONNMARK|CONNSECMARK|SYNPROXY|CLUSTERIP)\b"
    r"|-j CT\b(?!.*--notrack))"
    r"|\bxt (?:match (?:conntrack|state|connmark|connbytes|connlimit|helper|connlabel|cluster)"
    r"|target (?:MASQUERADE|SNAT|DNAT|REDIRECT|NETMAP|CONNMARK|CONNSECMARK|SYNPROXY))\b"
)
XT_JOINS = re.compile(r"(?:^|\s)(?:-m socket\b|-j TPROXY\b)|\bxt (?:match socket|target TPROXY)\b")
XT_OPEN = re.compile(r"\bxt target CT\b")


@dataclass(slots=True)
class Defrag:
    """What turns defragmentation on for one family; ``tracks`` tells whether connections are tracked too (tproxy and
    iptables' socket match join alone).
    """

    tracking: list[Evidence] = field(default_factory=list)
    joining: list[Evidence] = field(default_factory=list)
    open: list[Evidence] = field(default_factory=list)

    @property
    def tracks(self) -> bool:
        return bool(self.tracking)


def users(tables: list[Table]) -> dict[Family, Defrag]:
    """Which rules need it, by family; the first of each is enough."""
    found: dict[Family, Defrag] = {4: Defrag(), 6: Defrag()}
    for table in tables:
        if not table.families or table.family == "netdev":
            continue
        for row in table.objects:
            if row["kind"].startswith("ct "):
                for family in _of(row.get("family"), table):
                    found[family].tracking.append(row.evidence())
        for chain in table.chains.values():
            for line in chain.lines:
                if any(word in line.text for word in WORDS):
                    _note(line, table, found)
    return found


# one of these words is in every rule that needs it
WORDS = (
    "ct ", "conn", "state", "nat", "NAT", "masquerade", "MASQUERADE", "redirect", "REDIRECT", "NETMAP", "SAME", "proxy",
    "PROXY", "flow", "CONN", "CT", "CLUSTERIP", "cluster", "helper", "socket", "xt ",
)  # fmt: skip


def _note(line: Line, table: Table, found: dict[Family, Defrag]) -> None:
    if all(found[family].tracking for family in table.families):
        return
    if line.tool == "iptables":
        text = line.plain
        for family in table.families:
            if XT_TRACKS.search(text):
                found[family].tracking.append(line.evidence)
            elif XT_JOINS.search(text):
                found[family].joining.append(line.evidence)
        return
    for family, kind in _needs(line.plain, table):
        getattr(found[family], kind).append(line.evidence)


def _needs(text: str, table: Table) -> Iterator[tuple[Family, str]]:
    """What one rule of nft needs. A NAT statement in an inet table counts for the family that it names."""
    if "redirect" in text:
        text = ICMP_REDIRECT.sub("", text)
    nat = NFT_NAT.search(text)
    if nat and not NFT_TRACKS.search(NFT_NAT.sub("", text)):
        yield from ((family, "tracking") for family in _of(nat[1], table))
    elif NFT_TRACKS.search(text) or XT_TRACKS.search(text):
        yield from ((family, "tracking") for family in table.families)
    tproxy = NFT_TPROXY.search(text)
    if tproxy:
        yield from ((family, "joining") for family in _of(tproxy[1], table))
    elif "xt " in text:
        if XT_JOINS.search(text):
            yield from ((family, "joining") for family in table.families)
        if XT_OPEN.search(text):
            yield from ((family, "open") for family in table.families)


def _of(word: str | None, table: Table) -> tuple[Family, ...]:
    if word in ("ip", "ip6"):
        family: Family = 4 if word == "ip" else 6
        return (family,) if family in table.families else ()
    return table.families


def fact(family: Family, sets: Rulesets, found: Defrag, head: Evidence, gaps: bool) -> Fact[bool]:
    """Whether fragments are joined. Off is certain only where every rule was listed and read."""
    grounds = found.tracking or found.joining
    if grounds:
        return Fact(value=True, basis=Basis.READ, evidence=tuple(grounds[:1]), source=SOURCE)
    listed = sets.listed[family]
    if not listed or gaps or found.open:
        evidence = tuple(found.open[:1]) or listed[:1] or (head,)
        return Fact(value=False, basis=Basis.UNKNOWN, evidence=evidence, others=(True,), source=SOURCE)
    return Fact(value=False, basis=Basis.ABSENT, evidence=listed[:3], source=SOURCE)
