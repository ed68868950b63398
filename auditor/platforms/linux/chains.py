"""Chains of nftables and iptables alike: where they hook in, what they hold, and which others they reach."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from auditor.model.addresses import Family
from auditor.model.evidence import Evidence
from auditor.model.filters import DROP, PERMIT, Action
from auditor.parse.rows import LONGEST, Row
from auditor.platforms.linux import names
from auditor.platforms.linux.context import NamedSet

QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
XT_NAME = re.compile(r'\bxt (match|target|watcher) "([^"]*)"')  # nft 1.0.7 and later put it in quotes
NFT_CALL = re.compile(r"\b(?:jump|goto)\s+([^\s,}]+)")
IPTABLES_CALL = re.compile(r"(?:^|\s)(?:-j|-g|--jump|--goto)\s+(\S+)")
DROPS = re.compile(r"\b(?:drop|reject|queue|ttl set|hoplimit set)\b", re.IGNORECASE)
PRIORITY = re.compile(r"^(?P<name>[a-z]+)?\s*(?P<sign>[+-])?\s*(?P<number>\d+)?$")
FAMILIES: Mapping[str, tuple[Family, ...]] = {"ip": (4,), "ip6": (6,), "inet": (4, 6), "netdev": (4, 6)}


@dataclass(frozen=True, slots=True)
class Line:
    """One rule as text. ``hidden`` says what the listing hides of it, "" for nothing."""

    text: str
    row: Row
    tool: str  # "nft" or "iptables"
    hidden: str = ""

    @property
    def evidence(self) -> Evidence:
        """Its line; where many rules stand in one line, as JSON writes them, with this rule's own text."""
        found = self.row.evidence()
        return found if len(found.text) <= LONGEST else replace(found, text=self.text)

    @property
    def plain(self) -> str:
        """The text without what stands in quotes: comments, prefixes of log lines, names."""
        if '"' not in self.text:
            return self.text
        return QUOTED.sub("", XT_NAME.sub(r"xt \1 \2", self.text) if "xt " in self.text else self.text)


@dataclass(slots=True)
class Table:
    """One table. ``prefix`` begins the names of its chains among the device's filters."""

    tool: str  # "nft" or "iptables"
    family: str
    name: str
    prefix: str
    evidence: Evidence
    legacy: bool = False
    flavour: str = ""
    dormant: bool = False
    sets: dict[str, NamedSet] = field(default_factory=dict)
    chains: "dict[str, Chain]" = field(default_factory=dict)
    objects: list[Row] = field(default_factory=list)

    @property
    def families(self) -> tuple[Family, ...]:
        """The families whose packets it sees."""
        return FAMILIES.get(self.family, ())

    @property
    def one_family(self) -> Family | None:
        return self.families[0] if len(self.families) == 1 else None


@dataclass(slots=True)
class Chain:
    """One chain. A base chain has a hook; ``priority`` None is one that is not understood."""

    table: Table
    name: str
    evidence: Evidence
    kind: str = ""
    hook: str = ""
    priority: int | None = 0
    devices: tuple[str, ...] | None = None
    device_evidence: Evidence | None = None
    policy: Action = PERMIT
    policy_evidence: Evidence | None = None
    lines: list[Line] = field(default_factory=list)
    entries: set[tuple[str, int | None]] = field(default_factory=set)  # the base chains that lead here: hook, priority
    translates: bool = False  # it is met by the NAT core

    @property
    def filter(self) -> str:
        """Its name among the device's filters."""
        return f"{self.table.prefix} {self.name}"

    def calls(self) -> Iterator[str]:
        """The names of the chains that its rules lead to."""
        for line in self.lines:
            if line.tool == "iptables":
                yield from IPTABLES_CALL.findall(line.text)
            elif "jump" in line.text or "goto" in line.text:
                yield from (name.strip('"') for name in NFT_CALL.findall(line.text))
            if "vmap @" in line.text:
                yield from self._mapped(line.text)

    def _mapped(self, text: str) -> Iterator[str]:
        for name in re.findall(r"vmap @(\S+)", text):
            named = self.table.sets.get(name)
            for element in named.texts if named else ():
                yield from NFT_CALL.findall(element)

    @property
    def hooks(self) -> set[str]:
        """The hooks from which it is reached, its own included."""
        return {hook for hook, _ in self.entries}

    @property
    def drops(self) -> bool:
        """Whether it may drop anything at all, by the words of its rules."""
        return self.policy == DROP or any(DROPS.search(line.plain) for line in self.lines)


def priority(text: str) -> int | None:
    """``-300``, ``filter``, ``mangle + 5``; None for what is not understood."""
    found = PRIORITY.match(text.strip())
    if found is None or not (found["name"] or found["number"]):
        return None
    base = names.PRIORITIES.get(found["name"]) if found["name"] else 0
    if base is None:
        return None
    number = int(found["number"] or 0)
    return base - number if found["sign"] == "-" else base + number


def reach(tables: Iterable[Table]) -> None:
    """Notes for every chain from which hooks its rules are met."""
    for table in tables:
        called = {
            name: [c for c in dict.fromkeys(chain.calls()) if c in table.chains] for name, chain in table.chains.items()
        }
        for chain in table.chains.values():
            if not chain.hook:
                continue
            entry = (chain.hook, chain.priority)
            waiting = [chain.name]
            while waiting:
                one = table.chains[waiting.pop()]
                one.entries.add(entry)
                one.translates = one.translates or chain.kind == "nat"
                waiting += [name for name in called[one.name] if entry not in table.chains[name].entries]


def base_chains(tables: Sequence[Table]) -> Iterator[Chain]:
    """All chains that are hooked in and in force."""
    for table in tables:
        if not table.dormant:
            yield from (chain for chain in table.chains.values() if chain.hook)
