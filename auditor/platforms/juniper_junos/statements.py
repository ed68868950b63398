"""From the text of a Junos config, in braces or as `set` commands, to its leaf statements, each with its line."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from sys import intern

Words = tuple[str, ...]

_TOKEN = re.compile(
    r'"(?:[^"\\]|\\.)*"|[{};]|\[(?=\s|$)|\](?=[\s;]|$)|[^\s{};"\[\]]+(?:[\[][^\s{};"\[\]]*[\]][^\s{};"\[\]]*)*|\S'
)
_SIMPLE = re.compile(r"\s*set [^\"\[\]{};#]+$")
_COMMAND = re.compile(
    r"\s*(?:set|deactivate|activate|delete|insert|annotate|protect|unprotect|rename|copy|edit|top|up)\s"
)
_FRAMING = re.compile(
    r"\s*(?:\$ .*|\S+@\S+[>#%].*|\{(?:master|backup|linecard|primary|secondary)(?::\S+)?\}|\[edit.*\]|"
    r"## Last (?:commit|changed).*|-+\s*\(?more\)?.*-+)\s*$"
)
_PAGER = re.compile(r"-+\(more(?:\s+\d+%)?\)-+\s*")
_ERROR = re.compile(r"\s*(?:error: |syntax error|unknown command|.*\.\.\.output truncated|\[?\.\.\.\]?\s*$)")
_TAGS = {
    "inactive:": "inactive",
    "protect:": "",
    "replace:": "load",
    "delete:": "delete",
    "unprotect:": "",
    "active:": "",
}


@dataclass(slots=True)
class Statement:
    """One leaf statement: its words from the top, its line, and the lines of the blocks around it."""

    words: Words
    line: int
    parents: tuple[int, ...] = ()


@dataclass(slots=True)
class _Open:
    """A block that is open: how many words it added, its line, and whether it is switched off."""

    words: int
    line: int
    off: bool
    filled: bool = False


@dataclass(slots=True)
class Reading:
    """What has been made of the lines so far."""

    found: list[Statement] = field(default_factory=list)
    off: list[tuple[Words, bool]] = field(default_factory=list)  # deactivate (True) and activate (False), in order
    broken: list[tuple[int, str]] = field(default_factory=list)
    path: list[str] = field(default_factory=list)
    opened: list[_Open] = field(default_factory=list)
    pending: list[str] = field(default_factory=list)
    pending_line: int = 0
    comment: bool = False


def read(lines: Sequence[str]) -> Reading:
    """All statements of a text; what is switched off is not among them."""
    reading = Reading()
    for number, line in enumerate(lines, start=1):
        text = _without_comment(reading, line)
        if not text.strip():
            continue
        if _COMMAND.match(text) and not reading.opened and not reading.pending:
            _command(reading, text, number)
            continue
        if not reading.pending and _FRAMING.match(text):
            continue
        if _ERROR.match(text):
            reading.broken.append((number, "the text is cut or holds an error"))
            continue
        _braces(reading, text, number)
    if reading.pending:
        reading.broken.append((reading.pending_line, "the last statement has no end"))
    reading.broken += [(one.line, "this block is not closed") for one in reading.opened]
    if reading.off:
        reading.found = _active(reading)
    return reading


def _without_comment(reading: Reading, line: str) -> str:
    """The line without ``/* */`` (which may go over lines) and ``#`` comments; quoted text stays."""
    if not reading.comment and "/*" not in line and "#" not in line:
        return _PAGER.sub("", line) if "(more" in line else line
    kept: list[str] = []
    at, quoted = 0, False
    while at < len(line):
        if reading.comment:
            end = line.find("*/", at)
            if end < 0:
                break
            reading.comment, at = False, end + 2
            continue
        letter = line[at]
        if letter == '"' and (at == 0 or line[at - 1] != "\\"):
            quoted = not quoted
        if not quoted and line.startswith("/*", at):
            reading.comment, at = True, at + 2
            continue
        if not quoted and letter == "#" and (at == 0 or line[at - 1] in " \t;{}"):
            break
        kept.append(letter)
        at += 1
    return "".join(kept)


def _values(words: Sequence[str]) -> Iterator[Words]:
    """One path a value of a ``[ a b ]`` list."""
    if "[" not in words or "]" not in words:
        yield tuple(words)
        return
    first = words.index("[")
    last = len(words) - 1 - list(reversed(words)).index("]")
    for value in words[first + 1 : last]:
        yield (*words[:first], value, *words[last + 1 :])


def _braces(reading: Reading, text: str, number: int) -> None:
    for token in _TOKEN.findall(text):
        if token == "{":  # noqa: S105
            _open(reading, number)
        elif token == "}":  # noqa: S105
            if reading.pending:
                _leaf(reading)
            _close(reading, number)
        elif token == ";":  # noqa: S105
            if reading.pending:
                _leaf(reading)
        else:
            if not reading.pending:
                reading.pending_line = number
            reading.pending.append(intern(token))


def _tagged(reading: Reading, words: list[str], number: int) -> tuple[list[str], bool]:
    """The words without tags such as ``inactive:``, and whether the statement is off."""
    off = False
    while words and words[0] in _TAGS:
        kind = _TAGS[words[0]]
        off = off or kind in ("inactive", "delete")
        if kind in ("load", "delete"):
            reading.broken.append((number, "this is a text to be loaded, no whole config"))
        words = words[1:]
    return words, off


def _open(reading: Reading, number: int) -> None:
    words, off = _tagged(reading, reading.pending, reading.pending_line or number)
    line = reading.pending_line if reading.pending else number
    reading.pending = []
    above = bool(reading.opened) and reading.opened[-1].off
    if reading.opened:
        reading.opened[-1].filled = True
    reading.path += words
    reading.opened.append(_Open(len(words), line, off or above))


def _close(reading: Reading, number: int) -> None:
    if not reading.opened:
        reading.broken.append((number, "a block is closed that was not opened"))
        return
    one = reading.opened.pop()
    if not one.filled and not one.off:
        reading.found.append(Statement(tuple(reading.path), one.line, tuple(o.line for o in reading.opened)))
    if one.words:
        del reading.path[-one.words :]


def _leaf(reading: Reading) -> None:
    words, off = _tagged(reading, reading.pending, reading.pending_line)
    line = reading.pending_line
    reading.pending = []
    if reading.opened:
        reading.opened[-1].filled = True
        off = off or reading.opened[-1].off
    if off or not words:
        return
    if words[0] == "##":
        return
    parents = tuple(one.line for one in reading.opened)
    for path in _values(words):
        reading.found.append(Statement((*reading.path, *path), line, parents))


def _command(reading: Reading, text: str, number: int) -> None:
    if _SIMPLE.match(text):
        words = list(map(intern, text.split()))
    else:
        words = [intern(w) for w in _TOKEN.findall(text.strip().removesuffix(";")) if w != ";"]
    verb, rest = words[0], words[1:]
    if verb == "set":
        reading.found += [Statement(path, number) for path in _values(rest)] if rest else []
    elif verb in ("deactivate", "activate"):
        reading.off.append((tuple(rest), verb == "deactivate"))
    elif verb == "delete":
        for path in _values(rest):
            reading.found = [one for one in reading.found if one.words[: len(path)] != path]
    elif verb == "insert":
        _insert(reading, rest, number)
    elif verb not in ("annotate", "protect", "unprotect") and (verb, rest) != ("top", []):
        reading.broken.append((number, f"`{verb}` is not followed"))


def _insert(reading: Reading, rest: list[str], number: int) -> None:
    """``insert PATH NAME before|after NAME``: the order of what is below a path."""
    where = next((at for at in range(len(rest) - 1, -1, -1) if rest[at] in ("before", "after")), None)
    if where is None:
        reading.broken.append((number, "`insert` is not followed"))
        return
    path, tail = tuple(rest[:where]), tuple(rest[where + 1 :])
    aim = (*path[: -len(tail)], *tail)
    moved = [one for one in reading.found if one.words[: len(path)] == path]
    others = [one for one in reading.found if one.words[: len(path)] != path]
    at = [i for i, one in enumerate(others) if one.words[: len(aim)] == aim]
    if not moved or not at:
        reading.broken.append((number, "`insert` names what is not there"))
        return
    place = at[0] if rest[where] == "before" else at[-1] + 1
    reading.found = [*others[:place], *moved, *others[place:]]


def _active(reading: Reading) -> list[Statement]:
    """The statements that no ``deactivate`` switches off."""
    off = dict(reading.off)  # the last word counts
    switched = {path for path, is_off in off.items() if is_off}
    lengths = {len(path) for path in switched}
    return [one for one in reading.found if not any(one.words[:length] in switched for length in lengths)]
