"""All tables of a host, each once, and what is not known of its rules."""

import re
from dataclasses import dataclass, field

from auditor.model.addresses import Family
from auditor.model.device import NotUnderstood
from auditor.model.evidence import Evidence
from auditor.parse.rows import Rows
from auditor.platforms.linux import nftables, xtables
from auditor.platforms.linux.chains import Line, Table, reach
from auditor.platforms.linux.outputs import Outputs


@dataclass(slots=True)
class Rulesets:
    """All tables, and what is known of them. ``listed`` holds, by family, the listings that cover it; ``gaps`` are
    lines that show some rules not to be known.
    """

    tables: list[Table] = field(default_factory=list)
    listed: dict[Family, tuple[Evidence, ...]] = field(default_factory=dict)
    gaps: list[NotUnderstood] = field(default_factory=list)


def rulesets(rows: Rows, found: Outputs) -> Rulesets:
    """Reads every table once."""
    listed: dict[Family, tuple[Evidence, ...]] = {4: (), 6: ()}
    for output in found.by(*xtables.READERS):
        family: Family = 6 if output.command.family == "ip6" else 4
        listed[family] = (*listed[family], output.evidence)
    for output in found.by(*nftables.READERS):
        for one in nftables.covers(output):
            listed[one] = (*listed[one], output.evidence)
    tables = joined(xtables.xtables(rows, found), nftables.nftables(rows, found))
    reach(tables)
    return Rulesets(tables, listed, [*xtables.gaps(rows, found), *nftables.gaps(found)])


def joined(ours: list[Table], natives: list[Table]) -> list[Table]:
    """The tables of both tools. iptables on nf_tables keeps its tables where nft lists them too: such a table is taken
    once, rule by rule from the listing that shows it whole.
    """
    twins = {(t.family, t.name): t for t in ours if not t.legacy}
    alone: list[Table] = []
    both: dict[int, Table] = {}
    for native in natives:
        twin = twins.get((native.family, native.name)) if native.name in xtables.TABLES else None
        if twin is None or (twin.flavour != "nft" and not _alike(twin, native)):
            alone.append(native)
        else:
            both[id(twin)] = _one(twin, native)
    return [both.get(id(table), table) for table in ours] + alone


def _alike(twin: Table, native: Table) -> bool:
    """Whether two tables hold as many rules in each chain: then they are one, where no line tells the flavour."""
    return all(
        len(chain.lines) == len(native.chains[name].lines)
        for name, chain in twin.chains.items()
        if name in native.chains
    )


def _one(twin: Table, native: Table) -> Table:
    """One table out of its two listings. nft tells where a chain is hooked in; its sets are those of native rules."""
    native.prefix = twin.prefix
    for name, chain in twin.chains.items():
        other = native.chains.get(name)
        if other is None:
            native.chains[name] = chain
            chain.table = native
        elif len(other.lines) == len(chain.lines):
            other.lines = [_better(a, b, native) for a, b in zip(other.lines, chain.lines, strict=True)]
    return native


def _better(line: Line, saved: Line, native: Table) -> Line:
    """nft's line, unless it hides an extension; iptables-save shows rules that nft made as others (measured: a set of
    ports is left out), and every rule that iptables makes counts. A match on a header of the other family is one that
    nft words wrongly (measured: ip6tables -m ecn as "ip ecn").
    """
    if "counter" not in line.text:
        return line
    text = line.plain
    hides = bool(line.hidden) or "xt " in text or "unknown " in text or "@" in text
    hides = hides or text.count("port !=") > 1  # nft would make one test of them; iptables does not
    hides = hides or ("-j " in saved.text and NO_VERDICT.search(text) is not None)
    wrong = OTHER_FAMILY[native.family].search(text) if native.family in OTHER_FAMILY else None
    return saved if hides or wrong or "multiport" in saved.text else line


# the target of iptables is left out where nft doesn't find its extension (measured: ip6tables -j MASQUERADE, nft 1.0.6)
NO_VERDICT = re.compile(r"counter packets \d+ bytes \d+\s*$")
OTHER_FAMILY = {"ip": re.compile(r"(?:^|\s)ip6 \w"), "ip6": re.compile(r"(?:^|\s)ip \w")}
