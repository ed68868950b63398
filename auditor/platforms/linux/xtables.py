"""The tables of iptables and ip6tables, of both flavours."""

import re
from collections.abc import Iterator

from auditor.model.device import NotUnderstood
from auditor.model.filters import DROP, PERMIT
from auditor.parse.rows import Row, Rows
from auditor.platforms.linux.bare import family_told
from auditor.platforms.linux.chains import Chain, Line, Table
from auditor.platforms.linux.outputs import Output, Outputs

READERS = ("iptables-save", "iptables-list")
# the built-in chains of iptables' tables with their hooks and priorities (netfilter_ipv4.h, iptables' nft-shared.c)
HOOKS = {
    "PREROUTING": "prerouting", "INPUT": "input", "FORWARD": "forward", "OUTPUT": "output",
    "POSTROUTING": "postrouting",
}  # fmt: skip
PRIORITIES = {"raw": -300, "mangle": -150, "nat": -100, "filter": 0, "security": 50}
TABLES = tuple(PRIORITIES)


def xtables(rows: Rows, found: Outputs) -> list[Table]:
    """Each table once: of several listings of one the first counts."""
    taken: dict[tuple[str, str, bool], Output] = {}
    tables: list[Table] = []
    for row in rows.rows("iptables"):
        output = found.of(row)
        family = "ip6" if (output.command.family or row["family"]) == "ip6" else "ip"
        flavour = output.command.flavour or row["flavour"]
        legacy = flavour == "legacy"
        if taken.setdefault((family, row["name"], legacy), output) is output:
            tables.append(_table(row, family, flavour))
    return tables


def gaps(rows: Rows, found: Outputs) -> Iterator[NotUnderstood]:
    """What shows that some rules of iptables are not known."""
    for output in found.by(*READERS):
        reason = _untold(output)
        if reason:
            yield NotUnderstood(evidence=output.evidence, reason=reason)
    yield from _partial(found)
    for row in rows.rows("legacies"):
        tool = "ip6tables" if row["family"] == "ip6" else "iptables"
        if not any(o.command.flavour == "legacy" and o.command.family == row["family"] for o in found.by(*READERS)):
            reason = f"legacy tables are there and were not listed: collect {tool}-legacy-save"
            yield NotUnderstood(evidence=row.evidence(), family=6 if row["family"] == "ip6" else 4, reason=reason)
    if not any(output.command.whole for output in found.by("nft", "nft-json")):
        for row in rows.rows("incompatibles"):
            reason = f"table {row['name']} holds what iptables can't show: collect nft list ruleset"
            yield NotUnderstood(evidence=row.evidence(), family=6 if row["family"] == "ip6" else 4, reason=reason)


def _untold(output: Output) -> str:
    """What nothing tells of a bare listing: its family, or its table."""
    if output.told:
        return ""
    if output.command.reader == "iptables-list":
        return "a list of rules without a line that says of which table they are"
    return (
        "" if family_told(list(output.row.source.lines)) else "nothing tells whether these rules are for IPv4 or IPv6"
    )


def _partial(found: Outputs) -> Iterator[NotUnderstood]:
    """Single tables that were listed instead of all: the others are not known."""
    for family in ("ip", "ip6"):
        parts = [o for o in found.by(*READERS) if o.command.family == family and o.told]
        if not parts or any(o.command.whole for o in parts):
            continue
        listed = {o.command.table for o in parts if "chain" not in o.command.names}
        missing = [name for name in TABLES[:4] if name not in listed]
        if missing:
            reason = f"of iptables only some tables were listed, not {', '.join(missing)}"
            yield NotUnderstood(evidence=parts[0].evidence, family=6 if family == "ip6" else 4, reason=reason)


def _table(row: Row, family: str, flavour: str) -> Table:
    legacy = flavour == "legacy"
    tool = ("ip6tables" if family == "ip6" else "iptables") + ("-legacy" if legacy else "")
    prefix = f"{tool} {row['name']}"
    table = Table("iptables", family, row["name"], prefix, row.evidence(), legacy=legacy, flavour=flavour)
    for one in row.rows("chains"):
        table.chains[one["name"]] = _chain(table, one["name"], one)
    for one in row.rows("rules"):
        _held(table, one).lines.append(Line(one.get("text") or "", one, "iptables"))
    for one in row.rows("inserts"):
        text = re.sub(r"^\d+ ", "", one.get("text") or "")
        _held(table, one).lines.insert(0, Line(text, one, "iptables"))
    return table


def _held(table: Table, row: Row) -> Chain:
    """The chain that a rule is added to; a hand-written file need not declare it."""
    name = row["name"]
    if name not in table.chains:
        table.chains[name] = _chain(table, name, row)
    return table.chains[name]


def _chain(table: Table, name: str, row: Row) -> Chain:
    chain = Chain(table, name, row.evidence())
    if name in HOOKS:
        chain.hook = HOOKS[name]
        chain.kind = "nat" if table.name == "nat" else "filter"
        last = table.name == "nat" and name in ("INPUT", "POSTROUTING")
        chain.priority = 100 if last else PRIORITIES.get(table.name)
        chain.policy = DROP if row.get("policy") == "DROP" else PERMIT
        chain.policy_evidence = row.evidence()
    return chain
