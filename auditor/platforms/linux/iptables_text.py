"""``iptables-save``, ``ip6tables-save`` and ``iptables -S`` as canonical lines: a block a table."""

import re
from dataclasses import dataclass

from auditor.platforms.linux.bare import SAVED_BY
from auditor.platforms.linux.commands import Command
from auditor.platforms.linux.lines import Lines, Numbered

TABLE = re.compile(r"^\*(?P<name>\S+)\s*$")
CHAIN = re.compile(r"^:(?P<name>\S+) (?P<policy>\S+)(?: \[\d+:\d+\])?\s*$")
COUNTERS = re.compile(r"^\[\d+:\d+\] ")
ADD = re.compile(r"^(?:-A|--append) (?P<name>\S+)(?:\s+(?P<text>.*))?$")
INSERT = re.compile(r"^(?:-I|--insert) (?P<name>\S+)(?:\s+(?P<text>.*))?$")
NEW = re.compile(r"^(?:-N|--new-chain|--new) (?P<name>\S+)\s*$")
POLICY = re.compile(r"^(?:-P|--policy) (?P<name>\S+) (?P<policy>ACCEPT|DROP)\s*$")
INCOMPATIBLE = re.compile(r"^# Table `(?P<name>\w+)' (?:is incompatible|contains incompatible)")
LEGACY_THERE = re.compile(r"^# Warning: ip6?tables-legacy tables present")
MADE_BY = re.compile(r"v(?P<major>\d+)\.(?P<minor>\d+)\S*(?P<nft> \(nf_tables\))?")


@dataclass(slots=True)
class Listing:
    """What is known of the listing that is being read."""

    family: str
    flavour: str
    open: bool = False  # a table without its COMMIT


def read_save(command: Command, body: Numbered, out: Lines) -> None:
    """``*table``, ``:CHAIN POLICY [counters]``, rules, ``COMMIT``."""
    listing = Listing(command.family, command.flavour or _flavour(body))
    notes: Numbered = []
    for number, line in body:
        table = TABLE.match(line)
        if table:
            _table(listing, table["name"], number, out)
        elif line.startswith("COMMIT"):
            listing.open = False
        elif line.startswith("#"):
            notes.append((number, line))
        elif line.strip():
            _line(listing, line, number, out)
    if listing.open:
        out.unreadable("its last table has no COMMIT: it is cut off", body[-1][0])
    _notes(listing, notes, out)


def read_list(command: Command, body: Numbered, out: Lines) -> None:
    """``iptables -S``: one table, without a head line."""
    listing = Listing(command.family, command.flavour or _flavour(body))
    lines = [(number, line) for number, line in body if line.strip() and not line.startswith("#")]
    if not lines:
        return
    _table(listing, command.table or "filter", lines[0][0], out)
    for number, line in lines:
        _line(listing, line, number, out)
    _notes(listing, [(number, line) for number, line in body if line.startswith("#")], out)


def _table(listing: Listing, name: str, number: int, out: Lines) -> None:
    if listing.open:
        out.unreadable("a table in it has no COMMIT", number)
    listing.open = True
    out.put(0, f"iptables {listing.flavour or 'unsaid'} {listing.family or 'unsaid'} {name}", number)


def _flavour(body: Numbered) -> str:
    """Which iptables wrote it, by its head line: from version 1.8 on the one on nf_tables says so."""
    for _, line in body[:40]:
        if SAVED_BY.match(line):
            made = MADE_BY.search(line)
            if made is None:
                return ""
            if made["nft"]:
                return "nft"
            return "legacy"
    return ""


def _notes(listing: Listing, notes: Numbered, out: Lines) -> None:
    """What comments say of what is not listed; they may stand inside a table's block."""
    for number, line in notes:
        _comment(line, number, listing.family, out)


def _comment(line: str, number: int, family: str, out: Lines) -> None:
    incompatible = INCOMPATIBLE.match(line)
    if incompatible:
        out.put(0, f"incompatible {family or 'unsaid'} {incompatible['name']}", number)
    if LEGACY_THERE.match(line):
        out.put(0, f"legacy {'ip6' if 'ip6tables' in line else 'ip'}", number)


def _line(listing: Listing, line: str, number: int, out: Lines) -> None:
    line = COUNTERS.sub("", line.strip())
    chain = CHAIN.match(line)
    policy = POLICY.match(line)
    new = NEW.match(line)
    add = ADD.match(line)
    insert = INSERT.match(line)
    if not listing.open:
        out.unread(line, number)
    elif chain:
        out.put(1, f"chain {chain['name']} {chain['policy']}", number)
    elif policy:
        out.put(1, f"chain {policy['name']} {policy['policy']}", number)
    elif new:
        out.put(1, f"chain {new['name']} -", number)
    elif add:
        out.put(1, f"add {add['name']} {add['text']}" if add["text"] else f"add {add['name']}", number)
    elif insert:
        out.put(
            1, f"insert {insert['name']} {insert['text']}" if insert["text"] else f"insert {insert['name']}", number
        )
    else:
        out.put(1, f"odd {line}", number)
