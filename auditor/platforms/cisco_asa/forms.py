"""From the text of an ASA config to canonical lines: framing, banners and comments go, one blank a level stays."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from auditor.model.platform import Canonical, Form

_PROMPT = re.compile(r"(?:\$ |[A-Za-z0-9_][A-Za-z0-9_.:/()@+-]{0,70}[#>] ?)(?P<command>.*)$")
_CONTEXT = re.compile(
    r"(?:\$ )?[A-Za-z0-9_.-]+(?:/(?:pri|sec|act|stby))*/(?P<name>[A-Za-z0-9_.-]+)(?:/(?:pri|sec|act|stby))*#"
)
_COMMAND = re.compile(r"(?:sh|show?|more|term\w*|conf\w*|en\w*|exit|quit|logout|wr\w*|changeto)\b|$", re.IGNORECASE)
_CONFIG = re.compile(
    r"(?:sh(?:ow?)? +(?:run\S*|start\S*|conf\S*)|more +(?:system|nvram|disk\d):\S*)(?P<rest>.*)$", re.IGNORECASE
)
_WHOLE = re.compile(r"(?: +all)?\s*$", re.IGNORECASE)
_PAGER = re.compile(r"\s*<-+\s*more\s*-+>[\s\b]*", re.IGNORECASE)
_ERROR = re.compile(
    r"(?:ERROR|WARNING):|%\s*(?:Invalid|Incomplete|Ambiguous|Unknown)|Command authorization failed|"
    r"Connection (?:to .* )?(?:closed|reset|timed out)|\(?\.\.\.+\)?\s*$",
    re.IGNORECASE,
)
_LEFT_OUT = re.compile(r"\s*!+\s*(?:\.\.\.+|<\s*(?:snip|omitted|output omitted)\s*>?|\(\.\.\.\)).*$", re.IGNORECASE)
_BANNER = re.compile(r"\s*banner\s")
_CERTIFICATE = re.compile(r"\s+certificate\s")
_READY = re.compile(r"access-list \S+ (?:extended|standard|remark) [ -~]*[!-~]").fullmatch
_END = re.compile(r":\s*end\b|\[OK\]|Cryptochecksum:")
_START = re.compile(r":\s*Saved\b|(?:ASA|PIX) Version ")


@dataclass(slots=True)
class _Reading:
    lines: list[str] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    broken: list[tuple[int, str]] = field(default_factory=list)
    opened: list[tuple[int, int]] = field(default_factory=list)  # indentation and level of the lines around
    ended: bool = False
    headed: bool = False
    partial: bool = False

    def add(self, number: int, words: str, indent: int) -> None:
        while self.opened and self.opened[-1][0] >= indent:
            self.opened.pop()
        level = self.opened[-1][1] + 1 if self.opened else 0
        self.opened.append((indent, level))
        self.lines.append(" " * level + words)
        self.numbers.append(number)
        if not level:
            self.ended = False


def _canonical(lines: Sequence[str]) -> Canonical:
    """The lines of a running config, as the device prints it or as it was pasted."""
    reading = _Reading()
    wanted = True
    index = 0
    while index < len(lines):
        line = lines[index]
        index += 1
        if wanted and _READY(line):  # the quick way for what a large config has very many of
            reading.opened[:] = [(0, 0)]
            reading.lines.append(line)
            reading.numbers.append(index)
            reading.ended = False
            continue
        command = _asked(line)
        if command is not None:
            wanted = _listen(reading, command, index, line)
            continue
        if wanted:
            index = _take(reading, lines, index, line)
    return Canonical(
        lines=reading.lines,
        numbers=reading.numbers,
        ended=reading.ended and reading.headed and not reading.partial,
        broken=tuple(reading.broken),
    )


def _take(reading: _Reading, lines: Sequence[str], index: int, line: str) -> int:
    """Takes one line; returns where to go on."""
    if "ore" in line and (pager := _PAGER.match(line)):
        reading.broken.append((index, "a pager stands in the text"))
        line = line[pager.end() :]
    text = line.replace("\xa0", " ").expandtabs(1).rstrip()
    words = text.lstrip()
    if words[:1] in ("", "!", ":") or _END.match(words):
        if _LEFT_OUT.match(words):
            reading.broken.append((index, "lines are left out here"))
        reading.ended = reading.ended or bool(_END.match(words))
        reading.headed = reading.headed or bool(_START.match(words))
        return index
    if _ERROR.match(words):
        reading.broken.append((index, "an error message stands in the text"))
        return index
    if _BANNER.match(words) or words in ("exit", "quit", "names"):
        return index
    if text[:1] == " " and _CERTIFICATE.match(text):
        return _after_certificate(reading, lines, index)
    reading.headed = reading.headed or bool(_START.match(words))
    words = re.sub(r"\s+!.*$", "", words) if " !" in words and "description" not in words else words
    reading.add(index, " ".join(words.split()) if "  " in words else words, len(text) - len(text.lstrip()))
    return index


def _asked(line: str) -> str | None:
    """The command of a prompt line, None for any other line."""
    if "#" not in line and ">" not in line and not line.startswith("$ "):
        return None
    prompt = _PROMPT.match(line)
    if prompt is None or not (line.startswith("$ ") or _COMMAND.match(prompt["command"])):
        return None
    return prompt["command"]


def _listen(reading: _Reading, command: str, number: int, line: str) -> bool:
    """Whether what follows the command is config. A prompt like ``fw1/INSIDE#`` tells whose."""
    found = _CONFIG.match(command.strip())
    if found and not _WHOLE.match(found["rest"]):
        reading.partial = True
    reading.opened.clear()
    context = _CONTEXT.match(line)
    if found and context:
        if reading.lines and not reading.ended:
            reading.broken.append((number, "the config before it has no end"))
        reading.add(number, f"context-config {context['name']}", 0)
        reading.opened.clear()
    return found is not None


def _after_certificate(reading: _Reading, lines: Sequence[str], index: int) -> int:
    for place in range(index, len(lines)):
        word = lines[place].strip()
        if word == "quit":
            return place + 1
        if word and not lines[place].startswith((" ", "\t")):
            return place
    reading.broken.append((index, "a certificate has no end"))
    return len(lines)


FORMS = (Form(name="running-config", recognises=bool, canonical=_canonical),)
