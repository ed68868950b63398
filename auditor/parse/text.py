"""From bytes to lines, as an editor would number them. Never fails on odd bytes; says what was odd."""

import codecs
import re
from dataclasses import dataclass

_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_CONTROL = re.compile(r"[\x00-\x02\x04-\x06\x0e-\x1a\x7f]")  # without \x03 (banner delimiter), \a, \b, ESC
_CURSOR = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b[()][A-Z0-9]")


@dataclass(frozen=True, slots=True)
class Text:
    """The lines of a file. ``problem`` is why it can't be a config, "" if it can."""

    lines: list[str]
    problem: str = ""


def read_text(data: bytes) -> Text:
    """Decodes as UTF-8 or UTF-16 by byte order mark, else UTF-8, else Latin-1. Lines end at ``\\n`` alone, so that
    their numbers are an editor's; carriage returns and terminal control sequences are taken off.
    """
    text = _decode(data)
    if not text.strip():
        return Text([], "the file is empty")
    controls = len(_CONTROL.findall(text[:65536]))
    if controls > max(4, len(text[:65536]) // 200):
        return Text([], "the file is not text")
    lines = text.split("\n")
    if lines and not lines[-1].strip("\r"):
        lines.pop()
    if "\r" in text or "\x1b" in text or "\b" in text:
        lines = [_clean(line) for line in lines]
    return Text(lines)


def _decode(data: bytes) -> str:
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return data.decode(encoding, errors="replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _clean(line: str) -> str:
    """Without carriage returns, cursor codes and what backspaces rub out (pager remains)."""
    line = _CURSOR.sub("", line).rstrip("\r")
    if "\r" in line:
        line = line.rsplit("\r", 1)[1]
    while "\b" in line:
        rubbed = re.sub(r"[^\b]\x08", "", line)
        line = rubbed if rubbed != line else line.replace("\b", "")
    return line
