"""What an unquoted YAML word means: the words of YAML 1.2, as Nornir's own reader takes them.

``no``, ``on`` and ``1:30`` stay text, ``010`` is ten, ``0o10`` is eight. Dates become dates, since Nornir's host data
holds them so. A word that looks like a number and is none (``0x_``, a 30th of February) stays text.
"""

import re
from datetime import UTC, date, datetime, timedelta, timezone

Scalar = None | bool | int | float | str | date

CONSTANTS: dict[str, Scalar] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip
NUMBER_STARTS = frozenset("+-.0123456789")

_FLOAT = re.compile(
    r"[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+]?[0-9]+)?|[-+]?[0-9][0-9_]*[eE][-+]?[0-9]+|[-+]?\.[0-9_]+(?:[eE][-+][0-9]+)?"
)
_SPECIAL = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_INT = re.compile(r"([-+]?)(?:0b([01_]+)|0o([0-7_]+)|0x([0-9a-fA-F_]+)|([0-9_]+))")
_BASES = (2, 8, 16, 10)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME = re.compile(
    r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})(?:[Tt]|[ \t]+)([0-9]{1,2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]*))?"
    r"(?:[ \t]*(?:(Z)|([-+])([0-9]{1,2})(?::([0-9]{2}))?))?"
)


def meaning(text: str) -> Scalar:
    """The value of an unquoted word."""
    if text in CONSTANTS:
        return CONSTANTS[text]
    if text[0] not in NUMBER_STARTS:
        return text
    try:
        return _number(text)
    except ValueError:
        return text


def _number(text: str) -> Scalar:
    """The number or date that a word is, else the word. Raises ValueError for one that only looks like it."""
    if whole := _INT.fullmatch(text):
        digits, base = next((group, base) for group, base in zip(whole.groups()[1:], _BASES, strict=True) if group)
        value = int(digits.replace("_", ""), base)
        return -value if whole[1] == "-" else value
    if _FLOAT.fullmatch(text) or _SPECIAL.fullmatch(text):
        return float(text.replace("_", "").replace(".i", "i").replace(".I", "I").replace(".n", "n").replace(".N", "N"))
    if _DATE.fullmatch(text):
        return date.fromisoformat(text)
    moment = _TIME.fullmatch(text)
    return _moment(moment) if moment else text


def _moment(match: "re.Match[str]") -> datetime:
    """A date with a time, with its offset from UTC where it says one."""
    year, month, day, hour, minute, second = (int(part) for part in match.groups()[:6])
    fraction, zulu, sign, hours, minutes = match.groups()[6:]
    zone = UTC if zulu else None
    if sign:
        offset = timedelta(hours=int(hours), minutes=int(minutes or 0))
        zone = timezone(-offset if sign == "-" else offset)
    digits = (fraction or "").ljust(7, "0")
    rounded = int(digits[:6]) + (digits[6] > "4")
    return datetime(year, month, day, hour, minute, second, tzinfo=zone) + timedelta(microseconds=rounded)
