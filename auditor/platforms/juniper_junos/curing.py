"""Remedies in the words of Junos, for configs in braces and in set commands: a term before the one that drops, a screen
option that goes, a limit that rises.
"""

import re
from collections.abc import Iterator, Sequence

from auditor.model.addresses import IntervalSet, prefix_texts
from auditor.model.remedies import Commands, Curing, Fix, PermitFragments, RaiseLimit, TakeAway

TERM = "fragaudit-later-fragments"
MOST_PREFIXES = 8
_FILTER = re.compile(r"firewall (?:family inet )?filter (?P<name>\S+)")
_HARDENING = (
    "hardening guides advise 'ip block-frag' towards untrusted zones: where it must stay, let the ends keep their "
    "messages small, or exempt the peers by a white list (releases from 22.1 on)"
)
Statement = tuple[int, str]  # index of its line, the whole path in words


def write(fix: Fix, lines: Sequence[str]) -> Commands | None:
    """The commands of a fix."""
    path = _path_at(lines, fix.line.line - 1)
    if path is None:
        return None
    if isinstance(fix, TakeAway):
        return _take_away(path)
    if isinstance(fix, RaiseLimit):
        return _raise(path, fix.fragments)
    return _permit(fix, path, lines)


def enter(lines: Sequence[str], commands: Sequence[str]) -> list[str] | None:
    """The config after these commands, those that ``write`` gives."""
    text = list(lines)
    term: list[str] = []
    for command in commands:
        verb, _, path = command.partition(" ")
        if verb == "delete" and not _deleted(text, path):
            return None
        if verb == "set" and f" term {TERM} " in path:
            term.append(path)
        elif verb == "set" and not _replaced(text, path):
            return None
    if not term:
        return text
    inserted = {command.partition(" ")[2] for command in commands if command.startswith("insert ")}
    if len(inserted) > 1:
        return None  # the same term before two others: the last one would count
    return text if _with_term(text, list(dict.fromkeys(term)), next(iter(inserted), "")) else None


# ------------------------------------------------------------------------------------------------- where a line stands


def statements(lines: Sequence[str]) -> Iterator[Statement]:
    """Every statement and head of a block, with its path: ``firewall filter F term T``."""
    stack: list[str] = []
    for at, raw in enumerate(lines):
        line = re.sub(r"^\s*(?:inactive|protect): ", "", re.sub(r"\s*(?:#|/\*).*$", "", raw)).strip()
        if line.startswith("set "):
            yield at, line.removeprefix("set ")
        elif line.endswith("{"):
            stack.append(line[:-1].strip())
            yield at, " ".join(stack)
        elif line.startswith("}"):
            del stack[-1:]
        elif line.endswith(";"):
            yield at, " ".join([*stack, line[:-1].strip()])


def _path_at(lines: Sequence[str], index: int) -> str | None:
    return next((path for at, path in statements(lines) if at == index), None)


# ------------------------------------------------------------------------------------------------------------- writing


def _take_away(path: str) -> Commands | None:
    found = re.match(
        r"security screen ids-option (?P<name>\S+) ip (?:block-frag|ipv6-extension-header fragment-header)$", path
    )
    if found is None:
        return None
    return Commands(
        lines=(f"delete {path}",),
        summary=f"stop screen {found['name']} from dropping fragments",
        side_effects=(_HARDENING,),
        widens="fragments of any datagram that the policies let through, in every zone that this screen guards",
    )


def _raise(path: str, fragments: int) -> Commands | None:
    if not path.startswith("security flow fragment-limit "):
        return None
    return Commands(
        lines=(f"set security flow fragment-limit {fragments}",),
        summary=f"let a datagram have {fragments} fragments",
        side_effects=("more memory for fragments that wait",),
    )


def _permit(fix: PermitFragments, path: str, lines: Sequence[str]) -> Commands | None:
    """A term for later fragments before the one that drops them; at the filter's end where that drops them."""
    found = _FILTER.match(path)
    if found is None or fix.family == 6:
        return None
    head = found[0]
    at = re.match(r" term (\S+)", path[len(head) :])
    term = f"{head} term {TERM}"
    if any(one.startswith(term) for _, one in statements(lines)):
        return None
    froms = [f"from source-address {prefix}" for prefix in _prefixes(fix.sources)]
    froms += [f"from destination-address {prefix}" for prefix in _prefixes(fix.destinations)]
    if not froms:
        return None  # a term for all fragments would be no cure, but a hole
    commands = [f"set {term} {one}" for one in (*froms, "from is-fragment", "from protocol udp", "then accept")]
    commands += [f"insert {term} before term {at[1]}"] if at else []
    return Commands(
        lines=tuple(commands),
        summary=f"accept later fragments of UDP between these addresses in filter {found['name']}, above the drop",
        widens="later fragments of any UDP datagram between these addresses",
    )


def _prefixes(values: IntervalSet | None) -> list[str]:
    found = list(prefix_texts(4, values)) if values is not None else []
    return found if len(found) <= MOST_PREFIXES else []


# ------------------------------------------------------------------------------------------------------------ entering


def _deleted(text: list[str], path: str) -> bool:
    there = [at for at, one in statements(text) if one == path]
    for at in reversed(there):
        del text[at]
    return bool(there)


def _replaced(text: list[str], path: str) -> bool:
    """The statement of the same words but the last one."""
    words = path.rpartition(" ")[0]
    at = next((at for at, one in statements(text) if one.rpartition(" ")[0] == words), None)
    if at is None:
        return False
    text[at] = re.sub(r"\S+?(;?)\s*$", rf"{path.rpartition(' ')[2]}\1", text[at])
    return True


def _with_term(text: list[str], term: Sequence[str], inserted: str) -> bool:
    """The term before the one that ``insert`` names, else at the end of its filter."""
    head = term[0].partition(f" term {TERM} ")[0]
    before = inserted.rpartition(" before term ")[2] if inserted else ""
    own = [(at, one) for at, one in statements(text) if one == head or one.startswith(f"{head} ")]
    if not own:
        return False
    leaves = [one.partition(f" term {TERM} ")[2] for one in term]
    place = next(
        (at for at, one in own if before and re.match(rf"{re.escape(head)} term {re.escape(before)}(?: |$)", one)), None
    )
    if before and place is None:
        return False
    if text[own[0][0]].lstrip().startswith("set "):
        place = own[-1][0] + 1 if place is None else place
        text[place:place] = [f"set {head} term {TERM} {leaf}" for leaf in leaves]
        return True
    place = _end_of(text, own[0][0]) if place is None else place
    froms = [leaf.removeprefix("from ") for leaf in leaves if leaf.startswith("from ")]
    text[place:place] = [f"term {TERM} {{", "from {", *_braced(froms), "}", "then accept;", "}"]
    return True


def _braced(froms: Sequence[str]) -> Iterator[str]:
    """Conditions as Junos writes them in braces: addresses in blocks."""
    for one in froms:
        key, _, value = one.partition(" ")
        yield from (f"{key} {{", f"{value};", "}") if key.endswith("-address") else (f"{one};",)


def _end_of(text: Sequence[str], head: int) -> int:
    """The line that closes the block that opens at ``head``."""
    depth = 0
    for at in range(head, len(text)):
        depth += text[at].count("{") - text[at].count("}")
        if at > head and depth <= 0:
            return at
    return len(text)


CURING = Curing(write=write, enter=enter)
