"""Unquoted words mean what YAML 1.2 says: held against ruamel's pure reader, which is Nornir's."""

from datetime import UTC, date, datetime

import pytest
import ruamel.yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.inventory.words import meaning

WORDS = {
    "no": "no",
    "yes": "yes",
    "on": "on",
    "y": "y",
    "1:30": "1:30",
    "tRue": "tRue",
    "true": True,
    "FALSE": False,
    "~": None,
    "Null": None,
    "": None,
    "010": 10,
    "08": 8,
    "0o10": 8,
    "0x1F": 31,
    "-0b11": -3,
    "1_000": 1000,
    "+7": 7,
    "_1": "_1",
    "1.5": 1.5,
    ".5": 0.5,
    "1.": 1.0,
    "1e3": 1000.0,
    "-.5e+2": -50.0,
    "-.Inf": float("-inf"),
    "1_0.5": 10.5,
    "2024-02-29": date(2024, 2, 29),
    "2023-02-29": "2023-02-29",
    "2001-1-1": "2001-1-1",
    "2001-12-14T21:59:43.10Z": datetime(2001, 12, 14, 21, 59, 43, 100000, tzinfo=UTC),
    "10.0.0.1": "10.0.0.1",
    "0x_": "0x_",
    "0b": "0b",
    ".": ".",
    "-": "-",
    "+": "+",
    "._": "._",
    "9" * 5000: "9" * 5000,
}


@pytest.mark.parametrize(("word", "expected"), WORDS.items(), ids=lambda value: repr(value)[:20])
def test_a_word_means(word: str, expected: object) -> None:
    assert meaning(word) == expected
    assert type(meaning(word)) is type(expected)


SEEDS = st.sampled_from(
    ["2001-01-01", "2001-12-14t21:59:43.1234567 -5:30", "-.inf", ".nan", "0x1F", "1e5", "0o17", "true", "null"]
)
LETTERS = st.sampled_from("0123456789_+-.:eExobaTtZ nfNI~ul")


@st.composite
def plain_words(draw: st.DrawFn) -> str:
    """Words that look like numbers, dates and the like, often nearly."""
    if draw(st.booleans()):
        return draw(st.text(LETTERS, min_size=1, max_size=8))
    word = list(draw(SEEDS))
    for _ in range(draw(st.integers(0, 2))):
        word[draw(st.integers(0, len(word) - 1))] = draw(LETTERS)
    return "".join(word)


@settings(deadline=None)
@given(plain_words())
def test_every_word_means_what_nornirs_reader_says(word: str) -> None:
    try:
        theirs = ruamel.yaml.YAML(typ="safe", pure=True).load(f"a: {word}\n")
    except Exception:  # noqa: BLE001 - a word that it can't take: ours may be text, never a crash
        assert isinstance(meaning(word.strip()), str | None)
        return
    if isinstance(theirs, dict) and list(theirs) == ["a"]:
        mine = meaning(word.strip())
        assert type(mine) is type(theirs["a"])
        assert mine == theirs["a"] or mine != mine  # nan is not itself
