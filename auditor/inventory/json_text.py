"""JSON text read member by member, so that each is known by its line; values are decoded by the library's C scanner."""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import NoReturn

from auditor.errors import InventoryError
from auditor.inventory.wording import nearest, printable, quoted, wrong

_BLANKS = re.compile(r"[ \t\n\r]*")
SHOWN_LINE = 500  # characters of a line that evidence shows


class JsonText:
    """A place in a JSON text, moved on by reading. One pass: every character is looked at a fixed number of times."""

    def __init__(self, text: str, file: str) -> None:
        self.text, self.file = text, file
        self.place = self.counted = 0
        self.lines = 1
        self._decoder = json.JSONDecoder(object_pairs_hook=_unique, parse_constant=_no_number)
        self.skip()

    @property
    def line(self) -> int:
        """The line of the place, from 1."""
        self.lines += self.text.count("\n", self.counted, self.place)
        self.counted = self.place
        return self.lines

    @property
    def shown(self) -> str:
        """The line of the place without its blanks; of a very long one, the part from the place on."""
        start = self.text.rfind("\n", max(0, self.place - SHOWN_LINE), self.place) + 1
        start = start if start or self.place <= SHOWN_LINE else self.place
        end = self.text.find("\n", self.place, start + SHOWN_LINE)
        return self.text[start : end if end >= 0 else start + SHOWN_LINE].strip()

    def complaint(self, text: str) -> InventoryError:
        """The error to raise for the place."""
        return wrong(self.file, self.line, text)

    def skip(self) -> str:
        """Moves on to the next character that is no blank and gives it, "" at the end."""
        blanks = _BLANKS.match(self.text, self.place)
        self.place = blanks.end() if blanks else self.place
        return self.text[self.place : self.place + 1]

    def take(self, mark: str) -> bool:
        """Moves past a mark if it is the next character."""
        if self.skip() != mark:
            return False
        self.place += 1
        self.skip()
        return True

    def value(self) -> object:
        """Decodes the value at the place."""
        self.skip()
        try:
            found, self.place = self._decoder.raw_decode(self.text, self.place)
        except json.JSONDecodeError as error:
            self.place = min(error.pos, len(self.text))
            raise self.complaint(f"this is no JSON: {error.msg.lower()}") from None
        except (ValueError, RecursionError) as error:
            nested = isinstance(error, RecursionError)
            raise self.complaint("the values are nested too deep" if nested else f"this is no JSON: {error}") from None
        return found

    def members(self, known: tuple[str, ...] | None, what: str) -> Iterator[str]:
        """The keys of the object at the place, each to be followed by reading its value.

        ``known`` are those that may be there, None for names that are free; ``what`` says what the object is.
        """
        if not self.take("{"):
            raise self.complaint(f"this is not {what}: that is an object in braces")
        seen: set[str] = set()
        while self.skip() != "}":
            if seen and not self.take(","):
                raise self.complaint("this is no JSON: a comma or a closing brace is missing")
            key = self.value()
            if not isinstance(key, str):
                raise self.complaint("this is no JSON: a key is text in double quotes")
            if key in seen:
                raise self.complaint(f"the key {quoted(key)} is given twice")
            if known is not None and key not in known:
                raise self.complaint(f"{what} has no key {quoted(key)}: {nearest(key, known)}")
            seen.add(key)
            if not self.take(":"):
                raise self.complaint(f"this is no JSON: a colon is missing behind {quoted(key)}")
            yield key
        self.place += 1

    def elements(self, what: str) -> Iterator[None]:
        """Stops at each element of the list at the place, to be read."""
        if not self.take("["):
            raise self.complaint(f"this is not {what}: that is a list in brackets")
        first = True
        while self.skip() != "]":
            if not first and not self.take(","):
                raise self.complaint("this is no JSON: a comma or a closing bracket is missing")
            first = False
            yield
        self.place += 1

    def fields(self, entry: object, known: tuple[str, ...], what: str) -> Mapping[str, object]:
        """A decoded value as an object whose keys are all of ``known``; ``what`` says what it is."""
        if not isinstance(entry, dict):
            raise self.complaint(f"this is not {what}: that is an object with the keys {', '.join(known)}")
        for key in entry:
            if key not in known:
                raise self.complaint(f"{what} has no key {quoted(key)}: {nearest(key, known)}")
        return entry

    def end(self) -> None:
        """Refuses text behind the value."""
        if self.skip():
            raise self.complaint("there is text behind the end of the JSON")


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """An object as a dict. Raises ValueError for a key that is given twice."""
    found = dict(pairs)
    if len(found) < len(pairs):
        count = Counter(key for key, _ in pairs)
        raise ValueError(f"the key {quoted(count.most_common(1)[0][0])} is given twice")
    return found


def _no_number(word: str) -> NoReturn:
    raise ValueError(f"{printable(word)} is no number")
