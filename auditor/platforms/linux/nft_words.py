"""The words of an nft rule, and the elements of its sets."""

import re
from dataclasses import dataclass

# a word may hold quotes: "08:00"-"17:00", :"mdns"
WORD = re.compile(r'[{}]|(?:"(?:[^"\\]|\\.)*"|[^\s{}"])+|"')
ELEMENT = re.compile(r'(?:"[^"]*"|[^,"])+')
# what may stand behind an element's key: a lifetime, a comment, counters
TAIL = re.compile(r"\s(?:timeout|expires|comment|counter|limit|last|quota|ct count)\s.*$")
MAPPED = re.compile(r"\s:\s")
CONCAT = re.compile(r"\s\.\s")


class NotReadError(Exception):
    """Words of a rule that are not understood; the text says which."""


@dataclass(frozen=True, slots=True)
class Element:
    """One element of a set or map: the parts of its key, and what it is mapped to ("" in a set)."""

    parts: tuple[str, ...]
    value: str = ""


def words_of(text: str) -> list[str]:
    """The words of a rule; a set in braces is one word, with its braces."""
    words: list[str] = []
    depth = 0
    start = 0
    for found in WORD.finditer(text):
        word = found[0]
        if word == "{":
            if not depth:
                start = found.start()
            depth += 1
        elif word == "}":
            depth -= 1
            if not depth:
                words.append(text[start : found.end()])
        elif not depth:
            words.append(word)
    if depth > 0:
        raise NotReadError("a brace is left open")
    return words


def is_set(word: str) -> bool:
    """Whether the word is a set that is written on the spot."""
    return word.startswith("{")


def elements_of(word: str) -> tuple[Element, ...]:
    """The elements of a set in braces."""
    return tuple(element(found[0]) for found in ELEMENT.finditer(word[1:-1]) if found[0].strip())


def element(text: str) -> Element:
    """One element: ``key``, ``key : value``, each key perhaps several parts with dots between them."""
    text = text.strip()
    key, _, value = text.partition(" : ") if " : " in text else (MAPPED.sub(" : ", text), "", "")
    if value:
        value = value.strip()
    key = TAIL.sub("", key.strip())
    value = TAIL.sub("", value) if not value.startswith('"') else value
    parts = tuple(part.strip() for part in CONCAT.split(key)) if " . " in key else (key,)
    return Element(parts, value)
