"""Remedies in the words of IOS: commands, and what they make of a running config.

Entries are placed by sequence number (Cisco, "IP Access List Entry Sequence Numbering"): a list that shows none has
10, 20, 30 ... after a restart but may have others now, so it is resequenced first. What resequencing makes of numbers
is entered here as the parser reads them: an entry's number decides its place.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from auditor.model.addresses import Family, IntervalSet, address_text, range_texts
from auditor.model.remedies import Commands, Curing, Fix, PermitFragments, RaiseLimit, TakeAway

MOST_ENTRIES = 4  # entries that a remedy adds; where more prefixes would be needed, any address stands for them
STEP = 10
ANYTHING = "permit udp any any fragments"  # no cure, but a hole

_NAMED = re.compile(r"ip access-list extended (?P<name>\S+)\s*$")
_NAMED6 = re.compile(r"ipv6 access-list (?P<name>\S+)\s*$")
_NUMBERED = re.compile(r"access-list (?P<name>\d+) (?:permit|deny) ")
_ENTRY = re.compile(r"\s+(?:(?P<number>\d+) )?(?P<text>(?:permit|deny|evaluate|dynamic)\s.*)$")
_ENTRY6 = re.compile(
    r"\s+(?:sequence (?P<number>\d+) )?(?P<text>(?:permit|deny|evaluate)\s.*?)(?: sequence (?P<late>\d+))?$"
)
_HARDENING = (
    "a line that drops later fragments is hardening against floods of them (Cisco Press, MPLS VPN Security, on receive "
    "access lists): it stays, and is opened for UDP between these addresses alone"
)


@dataclass(frozen=True, slots=True)
class _Entry:
    at: int  # index of its line
    number: int


@dataclass(frozen=True, slots=True)
class _List:
    """A list in the text: its entries in their order, ``head`` the index of its first line, ``end`` behind its last.

    ``numbered``: its entries show numbers.
    """

    family: Family
    name: str
    classic: bool  # of lines ``access-list 101 permit ...``
    head: int
    end: int
    entries: tuple[_Entry, ...]
    numbered: bool


def write(fix: Fix, lines: Sequence[str]) -> Commands | None:
    """The commands of a fix."""
    if isinstance(fix, PermitFragments):
        return _permit(fix, lines)
    if isinstance(fix, TakeAway):
        return _take_away(fix, lines)
    return _raise(fix, lines)


def enter(lines: Sequence[str], commands: Sequence[str]) -> list[str] | None:
    """The config after these commands, those that ``write`` gives."""
    text = list(lines)
    block = ""
    for command in commands:
        if not command.startswith(" "):
            block = command
            resequence = re.fullmatch(r"ip access-list resequence (\S+) (\d+) (\d+)", command)
            if resequence and not _renumber(text, resequence[1]):
                return None
            continue
        if not _enter(text, block, command.strip()):
            return None
    return text


def _enter(text: list[str], block: str, command: str) -> bool:
    if block.startswith("interface "):
        return _in_interface(text, block, command)
    found = next((one for one in _lists(text) if block == _head_of(one)), None)
    wanted = re.fullmatch(r"(?:sequence )?(\d+) ((?:permit|deny) .+)", command)
    if found is None or wanted is None:
        return False
    number, entry = int(wanted[1]), wanted[2]
    if any(one.number == number for one in found.entries):
        return False  # IOS would refuse it, or put it in the place of the entry that has the number
    place = next((one.at for one in found.entries if one.number > number), found.end)
    if found.classic:
        text.insert(place, f"access-list {found.name} {entry}")
    elif not found.numbered:
        text.insert(place, f" {entry}")
    else:
        text.insert(place, f" {command}")
    return True


def _in_interface(text: list[str], block: str, command: str) -> bool:
    head = next((at for at, line in enumerate(text) if line.strip() == block), None)
    if head is None:
        return False
    end = next((at for at in range(head + 1, len(text)) if not text[at].startswith(" ")), len(text))
    key = command.removeprefix("no ")
    there = [at for at in range(head + 1, end) if text[at].strip() == key or text[at].strip().startswith(f"{key} ")]
    if command.startswith("no "):
        for at in reversed(there):
            del text[at]
        return bool(there)
    word = re.sub(r"\d+$", "", command)
    same = next((at for at in range(head + 1, end) if text[at].strip().startswith(word)), None)
    if same is None:
        text.insert(end, f" {command}")
    else:
        text[same] = f" {command}"
    return True


def _head_of(one: _List) -> str:
    return f"ipv6 access-list {one.name}" if one.family == 6 else f"ip access-list extended {one.name}"


def _renumber(text: list[str], name: str) -> bool:
    """10, 20, 30 ... in a list that shows numbers."""
    found = next((one for one in _lists(text) if one.name == name and one.family == 4), None)
    if found is None:
        return False
    if found.numbered:
        for place, one in enumerate(found.entries, 1):
            text[one.at] = re.sub(r"^(\s+)\d+ ", rf"\g<1>{place * STEP} ", text[one.at])
    return True


def _lists(lines: Sequence[str]) -> list[_List]:
    """The extended lists of a config, each in one piece; a list in several pieces isn't given."""
    found: list[_List] = []
    at = 0
    while at < len(lines):
        line = lines[at].rstrip("\r")
        head4, head6, classic = _NAMED.match(line), _NAMED6.match(line), _NUMBERED.match(line)
        if head4 or head6:
            end = at + 1
            while end < len(lines) and lines[end].startswith(" "):
                end += 1
            name = (head4 or head6)["name"]  # type: ignore[index]
            found.append(_named(lines, 4 if head4 else 6, name, at, end))
            at = end
        elif (classic and 100 <= int(classic["name"]) <= 199) or (classic and 2000 <= int(classic["name"]) <= 2699):
            end = at + 1
            own = re.compile(rf"access-list {classic['name']} ")
            while end < len(lines) and own.match(lines[end]):
                end += 1
            entries = [i for i in range(at, end) if " remark " not in lines[i]]
            numbered = tuple(_Entry(i, place * STEP) for place, i in enumerate(entries, 1))
            found.append(_List(4, classic["name"], True, at, end, numbered, False))
            at = end
        else:
            at += 1
    names = [(one.family, one.name) for one in found]
    return [one for one in found if names.count((one.family, one.name)) == 1]


def _named(lines: Sequence[str], family: Family, name: str, head: int, end: int) -> _List:
    pattern = _ENTRY if family == 4 else _ENTRY6
    matched = [(at, pattern.match(lines[at].rstrip())) for at in range(head + 1, end)]
    entries = [(at, found) for at, found in matched if found]
    shown = [found["number"] or (found["late"] if family == 6 else None) for _, found in entries]
    numbered = bool(shown) and all(shown)
    given = [
        _Entry(at, int(number) if numbered and number else place * STEP)
        for place, ((at, _), number) in enumerate(zip(entries, shown, strict=True), 1)
    ]
    return _List(family, name, False, head, end, tuple(given), numbered)


def _permit(fix: PermitFragments, lines: Sequence[str]) -> Commands | None:
    """An entry before the one that drops, or at the end where the list's end drops."""
    index = fix.line.line - 1
    found = next((one for one in _lists(lines) if one.family == fix.family and one.head <= index < one.end), None)
    if found is None or not found.entries:
        return None
    at = next((place for place, one in enumerate(found.entries) if one.at == index), len(found.entries))
    before = found.entries[at - 1].number if at else 0
    after = found.entries[at].number if at < len(found.entries) else before + 2 * STEP
    entries = _entries(fix)
    if any(entry == ANYTHING for entry in entries):
        return None
    commands: list[str] = []
    if found.family == 4 and (not found.numbered or after - before <= len(entries)):
        commands.append(f"ip access-list resequence {found.name} {STEP} {STEP}")
        before, after = at * STEP, (at + 1) * STEP
    if after - before <= len(entries):
        return None
    word = "sequence " if found.family == 6 else ""
    middle = before + (after - before - len(entries) + 1) // 2
    commands.append(_head_of(found))
    commands += [f" {word}{middle + place} {entry}" for place, entry in enumerate(entries)]
    denies = at < len(found.entries) and "fragments" in lines[found.entries[at].at]
    return Commands(
        lines=tuple(commands),
        summary=f"permit later fragments of UDP between these addresses in list {found.name}, above what drops them",
        side_effects=(_HARDENING,) if denies else (),
        widens=f"later fragments of any UDP datagram ({'; '.join(entries)})",
    )


def _entries(fix: PermitFragments) -> list[str]:
    sources, destinations = _words(fix.family, fix.sources), _words(fix.family, fix.destinations)
    if len(sources) * len(destinations) > MOST_ENTRIES:
        sources = ["any"]
    if len(destinations) > MOST_ENTRIES:
        destinations = ["any"]
    return [f"permit udp {one} {other} fragments" for one in sources for other in destinations]


def _words(family: Family, values: IntervalSet | None) -> list[str]:
    """Addresses as an entry has them."""
    if values is None:
        return ["any"]
    found = []
    for text in range_texts(family, values):
        address, slash, length = text.partition("/")
        if "-" in text:
            return ["any"]
        if not slash:
            found.append(f"host {address}")
        elif family == 6:
            found.append(text)
        else:
            found.append(f"{address} {address_text(4, (1 << 32 - int(length)) - 1)}")
    return found or ["any"]


def _interface_of(lines: Sequence[str], index: int) -> str | None:
    head = next((at for at in range(index, -1, -1) if lines[at].startswith("interface ")), None)
    inside = head is not None and all(lines[at].startswith(" ") for at in range(head + 1, index + 1))
    return lines[head].strip() if inside and head is not None else None


def _take_away(fix: TakeAway, lines: Sequence[str]) -> Commands | None:
    index = fix.line.line - 1
    block = _interface_of(lines, index) if index < len(lines) else None
    if block is None or "drop-fragments" not in lines[index]:
        return None
    line = lines[index].strip()
    return Commands(
        lines=(block, f" no {line}", f" {line.replace(' drop-fragments', '')}"),
        summary=f"stop dropping fragments on {block.removeprefix('interface ')}",
        side_effects=("fragments are reassembled virtually there, within the limits of the interface",),
        widens="fragments of any datagram that the lists let through",
    )


def _raise(fix: RaiseLimit, lines: Sequence[str]) -> Commands | None:
    index = fix.line.line - 1
    block = _interface_of(lines, index) if index < len(lines) else None
    if block is None or "max-fragments" not in lines[index]:
        return None
    line = re.sub(r"max-fragments \d+", f"max-fragments {fix.fragments}", lines[index].strip())
    return Commands(
        lines=(block, f" no {lines[index].strip()}", f" {line}"),
        summary=f"let a datagram have {fix.fragments} fragments on {block.removeprefix('interface ')}",
        side_effects=("more memory for reassembly",),
    )


CURING = Curing(write=write, enter=enter)
