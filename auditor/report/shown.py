"""Text that others wrote (configs, inventories, names), made fit to be shown: no secret, nothing that a terminal, a
spreadsheet, a browser or a drawing program would take for a command.

``shown`` comes first everywhere; the others then write its result into their kind of document.
"""

import html
import re
import unicodedata

from auditor.report.masks import masked


def escaped(text: str) -> str:
    """Control characters, direction marks, line ends and stray bytes as escapes, so that it stays one visible line."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)


def shown(text: str) -> str:
    """Text of a config or an inventory as any output may hold it: secrets hidden, control characters escaped."""
    return escaped(masked(text))


def width(text: str) -> int:
    """Columns that shown text takes on a terminal."""
    return len(text) if text.isascii() else sum(_columns(c) for c in text)


def _columns(char: str) -> int:
    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


_FORMULA = re.compile(r"\s*[=+\-@＝＋－＠]")


def csv_cell(text: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    text = shown(text)
    return f"'{text}" if _FORMULA.match(text) else text


_MARKDOWN = re.compile(r"[\\`*_{}\[\]()#!~$]")
_MARKDOWN_START = re.compile(r"^(\s*)([-+](?=[-\s]|$)|=|\d+(?=[.)](?:\s|$)))")  # of a list or a heading
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "|": "&#124;", "@": "&#64;", '"': "&quot;"}
_LINKS = re.compile(r"(?i)(?<=www)\.|:(?=//)")


def markdown_text(text: str) -> str:
    """Text in Markdown, a cell of a table included: no mark-up, no HTML, no link, no mention of a person."""
    text = _MARKDOWN.sub(lambda found: f"\\{found.group()}", shown(text))
    for char, entity in _ENTITIES.items():
        text = text.replace(char, entity)
    text = _LINKS.sub(lambda found: f"&#{ord(found.group())};", text)
    return _MARKDOWN_START.sub(lambda found: f"{found[1]}&#{ord(found[2][0])};{found[2][1:]}", text)


def markdown_code(text: str) -> str:
    """A line of a config in Markdown. HTML is used, since backticks can't hold every text."""
    return f"<code>{markdown_text(text)}</code>"


_MERMAID = re.compile(r"[^\w .,/@=+:-]", re.ASCII)


def mermaid_text(text: str) -> str:
    """Text in a quoted label of a Mermaid graph: what is no letter, digit or harmless sign becomes a character code."""
    return _MERMAID.sub(_code, shown(text))


def _code(found: re.Match[str]) -> str:
    char = found.group()
    return char if ord(char) > 127 else f"#{ord(char)};"


def dot_text(text: str) -> str:
    """Text in a quoted label of a DOT graph."""
    return shown(text).replace("\\", "\\\\").replace('"', '\\"')


def html_text(text: str) -> str:
    """Text in an HTML element or a quoted attribute."""
    return html.escape(shown(text), quote=True)
