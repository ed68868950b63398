"""The words of an iptables rule, and the rule while it is read."""

import re
from dataclasses import dataclass, field

from auditor.platforms.linux.conditions import Conditions
from auditor.platforms.linux.context import Place
from auditor.platforms.linux.nft_words import NotReadError

QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"|(\S+)')


@dataclass(slots=True)
class Words:
    """The words of a rule, taken one after the other."""

    words: list[str]
    at: int = 0

    def next(self) -> str:
        """The next word. Raises NotReadError at the end."""
        if self.at >= len(self.words):
            raise NotReadError("the rule ends early")
        self.at += 1
        return self.words[self.at - 1]

    def values(self) -> list[str]:
        """All words up to the next option."""
        start = self.at
        while self.at < len(self.words) and not (self.words[self.at].startswith("-") or self.words[self.at] == "!"):
            self.at += 1
        return self.words[start : self.at]

    def older_negation(self) -> bool:
        """Takes the sign of the older order, ``--dport ! 500``; in ``-f ! -i eth0`` it is the next option's."""
        ahead = self.words[self.at : self.at + 2]
        if len(ahead) < 2 or ahead[0] != "!" or ahead[1].startswith("-"):
            return False
        self.at += 1
        return True

    def __bool__(self) -> bool:
        return self.at < len(self.words)


@dataclass(slots=True)
class Reading:
    """A rule while it is read. ``modules`` are the extensions that it has loaded (``-m``)."""

    words: Words
    place: Place
    conditions: Conditions
    modules: list[str] = field(default_factory=list)
    target: str = ""
    goes: bool = False
    options: dict[str, list[str]] = field(default_factory=dict)
    once: dict[str, tuple[str, bool]] = field(default_factory=dict)


def split_words(text: str) -> list[str]:
    """The words; what stands in quotes is one."""
    if '"' not in text:
        return text.split()
    return [found[2] if found[2] is not None else found[1].replace('\\"', '"') for found in QUOTED.finditer(text)]
