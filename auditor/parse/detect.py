"""Which platform wrote a text. Scores come from the platforms' marks; a tie is an unknown platform, never the first."""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from auditor.model.platform import Mark, Platform

LOOKED_AT = 20_000  # lines of a file that are looked at
CAP = 4  # how often one mark counts


def scores(lines: Sequence[str], platforms: Mapping[str, Platform]) -> dict[str, int]:
    """The weight of each platform's marks in the text; a mark counts up to four times."""
    text = "\n".join(lines[:LOOKED_AT])
    return {name: sum(_score(text, mark) for mark in platform.marks) for name, platform in platforms.items()}


def detect(lines: Sequence[str], platforms: Mapping[str, Platform]) -> str | None:
    """The platform with the highest score above nought; None where there is none, or where two are equal."""
    ranked = sorted(scores(lines, platforms).items(), key=lambda item: -item[1])
    if not ranked or ranked[0][1] <= 0:
        return None
    if len(ranked) > 1 and ranked[1][1] == ranked[0][1]:
        return None
    return ranked[0][0]


@lru_cache(maxsize=512)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(f"^(?:{pattern})", re.MULTILINE)


def _score(text: str, mark: Mark) -> int:
    return mark.weight * _count(_compiled(mark.pattern).finditer(text))


def _count(found: Iterable[re.Match[str]]) -> int:
    hits = 0
    for _ in found:
        hits += 1
        if hits == CAP:
            break
    return hits
