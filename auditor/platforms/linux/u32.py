"""iptables' u32 match: bytes of the header by their place, as tests of fields where they are such.

libxt_u32: ``location operators = ranges``, several with ``&&``; a location is a byte offset whose 32 bits are read,
``&`` masks, ``<<`` and ``>>`` shift, ``@`` moves on by what was read so far.
"""

import re

from auditor.model.addresses import Family, IntervalSet
from auditor.model.filters import Field, FieldTest
from auditor.platforms.linux import names
from auditor.platforms.linux.bits import masked

TOKEN = re.compile(r"\s*(&&|<<|>>|[&@=:,]|0[xX][0-9a-fA-F]+|\d+)")
EVERY_BIT = 0xFFFFFFFF
Test = FieldTest | tuple[str, IntervalSet]


def tests(text: str, family: Family, negated: bool) -> list[Test] | None:
    """The tests that the match comes to; None where it looks at something that no field of the model is."""
    parts = [part for part in text.replace('"', "").split("&&") if part.strip()]
    found = [_test(part, family) for part in parts]
    if not found or any(one is None for one in found):
        return None
    sure = [one for one in found if one is not None]
    if not negated:
        return [_of(*one) for one in sure]
    if len(sure) > 1:
        return None
    what, width, mask, values = sure[0]
    return [_of(what, width, mask, IntervalSet((0, 1 << width)) - values)]


def _test(part: str, family: Family) -> tuple[Field | str, int, int, IntervalSet] | None:
    tokens = _tokens(part)
    if tokens is None or "@" in tokens or "=" not in tokens:
        return None
    equals = tokens.index("=")
    values = _ranges(tokens[equals + 1 :])
    place, mask, shift = names.number(tokens[0]), EVERY_BIT, 0
    for operator, operand in zip(tokens[1:equals:2], tokens[2:equals:2], strict=False):
        number = names.number(operand)
        if operator == "&":
            mask &= number << shift
        elif operator == ">>":
            mask &= EVERY_BIT << number << shift
            shift += number
        elif operator == "<<":
            return None
    mask &= EVERY_BIT
    wanted = IntervalSet.of(*((first << shift, last << shift) for first, last in values))
    found = masked(family, place * 8, 32, mask, wanted)
    if found is None:
        return None
    if not isinstance(found.what, Field) and found.mask != (1 << found.width) - 1:
        return None
    return found.what, found.width, found.mask, found.values


def _of(what: Field | str, width: int, mask: int, values: IntervalSet) -> Test:
    if isinstance(what, Field):
        return FieldTest(field=what, values=values, mask=None if mask == (1 << width) - 1 else mask)
    return (what if what == "protocol" else f"{what}s"), values


def _tokens(part: str) -> list[str] | None:
    tokens: list[str] = []
    at = 0
    while at < len(part.rstrip()):
        found = TOKEN.match(part, at)
        if found is None:
            return None
        tokens.append(found[1])
        at = found.end()
    return tokens


def _ranges(tokens: list[str]) -> IntervalSet:
    pairs = "".join(tokens).split(",")
    found = []
    for pair in pairs:
        first, colon, last = pair.partition(":")
        low = names.number(first) if first else 0
        found.append((low, names.number(last) if last else EVERY_BIT if colon else low))
    return IntervalSet.of(*found)
