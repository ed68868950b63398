"""Text for people: lines of at most 100 columns, labels before their texts, long lists cut with a count."""

from collections.abc import Iterable, Sequence
from typing import TypeVar

from auditor.report.shown import width

T = TypeVar("T")

COLUMNS = 100
LABEL = 9  # columns of a label before its text
ALL_HAS = "--format json has all"


def wrapped(text: str, columns: int) -> list[str]:
    """The text in lines of at most that many columns, broken at blanks; a longer word is broken where it must be."""
    lines: list[str] = []
    line = ""
    for word in text.split(" "):
        joined = f"{line} {word}" if line else word
        if width(joined) <= columns:
            line = joined
            continue
        if line:
            lines.append(line)
        *full, line = _broken(word, columns)
        lines += full
    return [*lines, line]


def _broken(word: str, columns: int) -> list[str]:
    """One word in pieces of at most that many columns."""
    if width(word) <= columns:
        return [word]
    if word.isascii():
        return [word[at : at + columns] for at in range(0, len(word), columns)]
    pieces = [""]
    for char in word:
        if width(pieces[-1] + char) > columns:
            pieces.append("")
        pieces[-1] += char
    return pieces


def hanging(head: str, text: str, columns: int = COLUMNS) -> list[str]:
    """The text behind a head, its further lines below its own beginning."""
    indent = width(head)
    if columns - indent < 20:  # no room beside the head: below it
        return [*wrapped(head.rstrip(), columns), *("    " + line for line in wrapped(text, columns - 4))]
    first, *rest = wrapped(text, columns - indent)
    return [(head + first).rstrip(), *(" " * indent + line for line in rest)]


def labelled(label: str, text: str, indent: int = 2) -> list[str]:
    """A label with its text."""
    return hanging(" " * indent + padded(label, LABEL), text)


def padded(text: str, columns: int) -> str:
    """The text with blanks up to that many columns, one at least."""
    return text + " " * max(1, columns - width(text))


def capped(items: Sequence[T], most: int) -> tuple[Sequence[T], str]:
    """The first of a list, and the words for the rest of it: "" where there is none."""
    return items[:most], left_out(len(items) - most)


def left_out(rest: int) -> str:
    """The words for what a list leaves out: "" where that is nothing."""
    return f"and {rest} more ({ALL_HAS})" if rest > 0 else ""


def listed(items: Iterable[str], most: int) -> str:
    """Names one after the other, the rest counted."""
    found = list(items)
    first, rest = capped(found, most)
    return ", ".join(first) + (f" {rest}" if rest else "")


def counted(number: int, word: str) -> str:
    """A number with its word, in the plural where there are several or none."""
    if number == 1:
        return f"1 {word}"
    return f"{number} {word[:-1]}ies" if word.endswith("y") else f"{number} {word}s"
