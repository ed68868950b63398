"""A JSON array as items that know their lines: each element is decoded by itself, at its own place in the text."""

import json
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any

from auditor.platforms.linux.lines import Lines, Numbered

DECODER = json.JSONDecoder()
BLANK = " \t\r\n"


@dataclass(slots=True)
class Text:
    """The text of an output with the numbers of its lines."""

    body: Numbered
    text: str = field(init=False)
    offsets: list[int] = field(init=False)

    def __post_init__(self) -> None:
        self.text = "\n".join(line for _, line in self.body)
        self.offsets = list(accumulate((len(line) + 1 for _, line in self.body), initial=0))

    def number(self, offset: int) -> int:
        """The source line that holds the offset."""
        return self.body[min(bisect_right(self.offsets, offset), len(self.body)) - 1][0]


@dataclass(frozen=True, slots=True)
class Item:
    """One element: its value and where it stands."""

    value: dict[str, Any]
    source: Text
    start: int
    end: int

    def line(self, key: str, place: int = 0) -> int:
        """The line of the key's occurrence of that place inside the element; of the element where it has none."""
        at = self.start
        for _ in range(place + 1):
            found = self.source.text.find(f'"{key}"', at, self.end)
            if found < 0:
                break
            at = found + 1
        return self.source.number(at)


def items(body: Numbered, out: Lines, key: str = "") -> Iterator[Item]:
    """The objects of the array (of ``key`` in the outer object). Text that is no JSON is said to be unreadable."""
    if not body:
        return
    source = Text(body)
    at = _start(source.text, key)
    if at < 0:
        out.unreadable("it is no JSON of the expected form", body[0][0])
        return
    try:
        yield from _elements(source, at)
    except (ValueError, RecursionError):
        out.unreadable("its JSON is damaged or cut off", body[-1][0])


def _start(text: str, key: str) -> int:
    """The place behind the array's opening bracket, -1 where there is none."""
    if key:
        at = text.find(f'"{key}"')
        at = text.find("[", at) if at >= 0 else -1
    else:
        at = len(text) - len(text.lstrip(BLANK))
        at = at if text[at : at + 1] == "[" else -1
    return at + 1 if at >= 0 else -1


def _elements(source: Text, at: int) -> Iterator[Item]:
    text = source.text
    while True:
        while text[at : at + 1] and text[at] in BLANK + ",":
            at += 1
        if text[at : at + 1] == "]":
            return
        value, end = DECODER.raw_decode(text, at)
        if isinstance(value, dict) and value:
            yield Item(value, source, at, end)
        at = end
