"""The tables of nftables, out of ``nft list ruleset`` or a file that nft loads."""

import re
from collections.abc import Iterator

from auditor.model.addresses import Family
from auditor.model.device import NotUnderstood
from auditor.model.filters import DROP
from auditor.parse.rows import Row, Rows
from auditor.platforms.linux import xtables
from auditor.platforms.linux.chains import Chain, Line, Table, priority
from auditor.platforms.linux.context import NamedSet
from auditor.platforms.linux.outputs import Output, Outputs

READERS = ("nft", "nft-json")
HIDDEN = "nft's listing hides an iptables extension of it: collect iptables-save"
ADDS_TO = re.compile(r"\b(?:add|update|delete)\s+@(\S+)|\bset\s+(?:add|update)\s.*@(\S+)")
COVERED: dict[str, tuple[Family, ...]] = {"ip": (4,), "ip6": (6,)}


def nftables(rows: Rows, found: Outputs) -> list[Table]:
    """Each table once: of several listings of all tables one counts."""
    taken = _chosen(found)
    tables: dict[tuple[str, str], Table] = {}
    for row in rows.rows("tables"):
        output = found.of(row)
        again = taken is not None and output is not taken and output.command.whole and output.told and taken.told
        if again:
            continue
        family, name = row["family"], row["name"]
        table = tables.setdefault((family, name), Table("nft", family, name, f"{family} {name}", row.evidence()))
        _fill(table, row, output)
    return list(tables.values())


def _chosen(found: Outputs) -> Output | None:
    """The listing that counts: the first in text, else the first in JSON."""
    whole = [o for o in found.by(*READERS) if o.command.whole]
    return next((o for o in whole if o.command.reader == "nft"), whole[0] if whole else None)


def gaps(found: Outputs) -> Iterator[NotUnderstood]:
    """What shows that some rules of nftables are not known."""
    outputs = list(found.by(*READERS))
    whole = [o for o in outputs if o.command.whole]
    if any(not o.command.family for o in whole):
        return
    for output in whole:
        reason = f"only the tables of family {output.command.family} were listed: collect nft list ruleset"
        yield NotUnderstood(evidence=output.evidence, reason=reason)
    if outputs and not whole:
        reason = "only a part of nftables was listed: collect nft list ruleset"
        yield NotUnderstood(evidence=outputs[0].evidence, reason=reason)


def covers(output: Output) -> tuple[Family, ...]:
    """The families of which a listing tells."""
    return COVERED.get(output.command.family, (4, 6))


def _fill(table: Table, row: Row, output: Output) -> None:
    """Adds what one block of a table holds; a table may stand in several (a file that nft loads)."""
    table.dormant = table.dormant or "dormant" in (row.get("flags") or "")
    for one in row.rows("sets", "maps"):
        table.sets[one["name"]] = _named(one, output)
    for one in row.rows("chains"):
        chain = table.chains.setdefault(one["name"], Chain(table, one["name"], one.evidence()))
        _hooked(chain, one)
        lines = one.rows("rules", "lost")
        chain.lines += [Line(r["text"], r, "nft", _hidden(r, table)) for r in lines]
    table.objects += row.rows("objects")
    changed = {name for chain in table.chains.values() for line in chain.lines for name in _added(line.text)}
    for name in changed & table.sets.keys():
        table.sets[name].doubt = table.sets[name].doubt or f"the set {name} changes with the packets"


def _hidden(row: Row, table: Table) -> str:
    """Why a rule is not what it looks like: the blank of a match that is left out; iptables' multiport, of which only
    the first and last port of a range are shown (measured: --ports 500:600); --ctstate, of which only DNAT and SNAT are
    shown where they stand, not what else and no negation (measured).
    """
    by_iptables = table.family in ("ip", "ip6") and table.name in xtables.TABLES
    worded = "{ 0-65535 . " in row["text"] or "ct status " in row["text"]
    if row.group == "lost" or (by_iptables and worded):
        return HIDDEN
    return ""


def _added(text: str) -> Iterator[str]:
    if "@" in text:
        for first, second in ADDS_TO.findall(text):
            yield (first or second).strip('"')


def _named(row: Row, output: Output) -> NamedSet:
    flags = re.split(r"[,\s]+", row.get("flags") or "")
    doubt = ""
    if output.command.terse:
        doubt = f"the elements of set {row['name']} were not listed (-t)"
    elif "dynamic" in flags or "timeout" in flags or "timeout" in row:
        doubt = f"the elements of set {row['name']} come and go"
    return NamedSet(row["name"], [one["text"] for one in row.rows("elements")], doubt)


def _hooked(chain: Chain, row: Row) -> None:
    if "hook" not in row:
        return
    chain.hook, chain.kind = row["hook"], row.get("type") or "filter"
    chain.priority = priority(row.get("priority") or "0")
    if "devices" in row:
        chain.devices = tuple(row["devices"].split())
        chain.device_evidence = row.evidence("devices")
    if row.get("policy") == "drop":
        chain.policy = DROP
    chain.policy_evidence = row.evidence("policy" if "policy" in row else "hook")
