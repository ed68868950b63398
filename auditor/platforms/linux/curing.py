"""Remedies in the words of nft and iptables: a rule at the head of the chain that drops.

A rule at a chain's head comes before all others of that chain alone (nft(8), "insert"; iptables(8), "-I"). It is
entered into each listing that shows the chain: iptables on nf_tables shows its tables in both. JSON listings are left
alone.
"""

import re
from collections.abc import Sequence
from itertools import pairwise, product

from auditor.model.addresses import BITS, Family, IntervalSet, prefix_texts
from auditor.model.remedies import Commands, Curing, Fix, PermitFragments
from auditor.platforms.linux.iptables_text import ADD, CHAIN, COUNTERS, TABLE
from auditor.platforms.linux.xtables import TABLES

MOST_PREFIXES = 4

_COMMAND = re.compile(r"\$ (?P<command>.*)$")
_NFT_TABLE = re.compile(r"\s*table (?P<family>\w+) (?P<name>\S+) \{")
_NFT_CHAIN = re.compile(r"\s*chain (?P<name>\S+) \{")
PLAIN = re.compile(r"[\w.-]+")  # what no shell takes for more than a word
_LATER = {4: "ip frag-off & 0x1fff != 0", 6: "frag frag-off != 0"}
# measured, nft 1.0.6: how it lists what iptables -f makes
_LISTED = "ip frag-off & 8191 != 0 counter packets 0 bytes 0 accept"


def write(fix: Fix, lines: Sequence[str]) -> Commands | None:
    """The commands of a fix: rules for later fragments at the head of the chain."""
    if not isinstance(fix, PermitFragments):
        return None
    at = fix.line.line - 1
    tool, place = _place(lines, at)
    if tool == "nft":
        family, table, chain = place
        if family not in ("inet", "ip" if fix.family == 4 else "ip6"):
            return None
        managed = family != "inet" and table in TABLES and _saved(lines, table, chain, fix.family)
        words = _iptables(fix, table, chain) if managed else _nft(fix, family, table, chain)
    elif tool == "iptables":
        words = _iptables(fix, place[1], place[2])
    else:
        return None
    if words is None:
        return None
    name = place[2]
    if not all(PLAIN.fullmatch(word) for word in place):
        return None
    return Commands(
        lines=tuple(words),
        summary=f"let later fragments of UDP between these addresses through at the head of chain {name}",
        side_effects=("it lasts until the rules are loaded anew: add it where they are kept, too",),
        widens=f"later fragments of any {'UDP ' if fix.family == 4 else ''}datagram between these addresses",
    )


def enter(lines: Sequence[str], commands: Sequence[str]) -> list[str] | None:
    """The transcript after these commands, those that ``write`` gives."""
    text = list(lines)
    for command in reversed(commands):
        words = command.split()
        if words[:3] == ["nft", "insert", "rule"]:
            rule = " ".join(words[6:]).strip("'")
            if not _into_nft(text, words[3], words[4], words[5], rule):
                return None
        elif words[0] in ("iptables", "ip6tables") and words[3] == "-I":
            table, chain, rule = words[2], words[4], " ".join(words[5:])
            if not _into_saved(text, words[0], table, chain, rule):
                return None
            match = " ".join(_listed_matches(words[5:]))
            _into_nft(text, "ip" if words[0] == "iptables" else "ip6", table, chain, match)
        else:
            return None
    return text


def _place(lines: Sequence[str], at: int) -> tuple[str, tuple[str, str, str]]:
    """The tool whose listing a line stands in, with family, table and chain; "" for neither."""
    command = next(
        (m["command"] for i in range(min(at, len(lines) - 1), -1, -1) if (m := _COMMAND.match(lines[i]))), ""
    )
    if "-j" in command.split():
        return "", ("", "", "")
    if "nft" in command.split():
        chain = _before(lines, at, _NFT_CHAIN)
        table = _before(lines, at, _NFT_TABLE)
        return ("nft", (table["family"], table["name"], chain["name"])) if chain and table else ("", ("", "", ""))
    if "-save" in command:
        section = _before(lines, at, TABLE)
        chain = _rule(lines[at]) or CHAIN.match(lines[at])
        family = "ip6" if "ip6tables" in command else "ip"
        if section and chain and "legacy" not in command:
            return "iptables", (family, section["name"], chain["name"])
    return "", ("", "", "")


def _rule(line: str) -> re.Match[str] | None:
    """A rule of iptables-save, with its counters or without."""
    return ADD.match(COUNTERS.sub("", line))


def _before(lines: Sequence[str], at: int, pattern: re.Pattern[str]) -> re.Match[str] | None:
    return next((found for i in range(at, -1, -1) if (found := pattern.match(lines[i]))), None)


def _saved(lines: Sequence[str], table: str, chain: str, family: Family) -> bool:
    """Whether iptables keeps that chain."""
    return _saved_at(lines, "ip6tables" if family == 6 else "iptables", table, chain) is not None


def _saved_at(lines: Sequence[str], tool: str, table: str, chain: str) -> int | None:
    """Where the first rule of a chain stands, or would stand, in the output of iptables-save."""
    inside, section, declared = False, "", False
    for at, line in enumerate(lines):
        command = _COMMAND.match(line)
        if command:
            inside, section, declared = command["command"].split()[-1].endswith(f"{tool}-save"), "", False
        elif inside and (found := TABLE.match(line)):
            section = found["name"]
        elif inside and section == table:
            declared = declared or bool((m := CHAIN.match(line)) and m["name"] == chain)
            rule = _rule(line)
            if declared and ((rule and rule["name"] == chain) or line.startswith("COMMIT")):
                return at
    return None


def _into_saved(text: list[str], tool: str, table: str, chain: str, rule: str) -> bool:
    at = _saved_at(text, tool, table, chain)
    if at is None:
        return False
    text.insert(at, f"-A {chain} {rule}")
    return True


def _into_nft(text: list[str], family: str, table: str, chain: str, rule: str) -> bool:
    """Behind the line that hooks the chain in, or its head."""
    inside = False
    for at, line in enumerate(text):
        found = _NFT_TABLE.match(line)
        if found:
            inside = (found["family"], found["name"]) == (family, table)
        head = _NFT_CHAIN.match(line)
        if inside and head and head["name"] == chain:
            hooked = at + 1 < len(text) and text[at + 1].strip().startswith("type ")
            text.insert(at + 1 + hooked, f"\t\t{rule}")
            return True
    return False


def _pairs(fix: PermitFragments) -> list[tuple[str, str]] | None:
    """Prefixes of both ends, "" for any; None where there would be too many rules, or one for everything."""
    sources, destinations = (_prefixes(fix.family, values) for values in (fix.sources, fix.destinations))
    pairs = list(product(sources, destinations))
    return pairs if len(pairs) <= MOST_PREFIXES and ("", "") not in pairs else None


def _prefixes(family: Family, values: IntervalSet | None) -> list[str]:
    found = prefix_texts(family, values) if values is not None else ()
    if not 0 < len(found) <= MOST_PREFIXES:
        return [""]
    return [text.removesuffix(f"/{BITS[family]}") for text in found]


def _nft(fix: PermitFragments, family: str, table: str, chain: str) -> list[str] | None:
    pairs = _pairs(fix)
    key = "ip" if fix.family == 4 else "ip6"
    commands = []
    for source, destination in pairs or ():
        words = [f"{key} saddr {source}"] if source else []
        words += [f"{key} daddr {destination}"] if destination else []
        words += ["ip protocol udp"] if fix.family == 4 else []
        rule = " ".join([*words, _LATER[fix.family], "accept"])
        commands.append(f"nft insert rule {family} {table} {chain} '{rule}'")
    return commands or None


def _iptables(fix: PermitFragments, table: str, chain: str) -> list[str] | None:
    """iptables -f; ip6tables has no match for later fragments that holds for all of them and is listed alike."""
    if fix.family == 6:
        return None
    commands = []
    for source, destination in _pairs(fix) or ():
        words = [f"-s {_with_length(source)}"] if source else []
        words += [f"-d {_with_length(destination)}"] if destination else []
        commands.append(f"iptables -t {table} -I {chain} {' '.join([*words, '-p udp', '-f', '-j ACCEPT'])}")
    return commands or None


def _with_length(prefix: str) -> str:
    """As iptables-save shows it."""
    return prefix if "/" in prefix else f"{prefix}/32"


def _listed_matches(words: Sequence[str]) -> list[str]:
    """The rule as nft lists it."""
    found = []
    for option, value in pairwise(words):
        if option in ("-s", "-d"):
            found.append(f"ip {'saddr' if option == '-s' else 'daddr'} {value.removesuffix('/32')}")
    return [*found, "ip protocol udp", _LISTED]


CURING = Curing(write=write, enter=enter)
