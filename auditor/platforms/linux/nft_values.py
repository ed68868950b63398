"""Values in nft rules as sets of integers: addresses, ports, numbers, names, ranges, prefixes."""

from collections.abc import Callable
from functools import lru_cache

from auditor.model.addresses import BITS, Family, IntervalSet
from auditor.platforms.linux import names
from auditor.platforms.linux.nft_words import NotReadError
from auditor.platforms.linux.prefixes import address as address_of
from auditor.platforms.linux.prefixes import prefix as prefix_of

Parse = Callable[[str], int]


def ranged(text: str, parse: Parse) -> IntervalSet:
    """``value`` or ``first-last``."""
    text = text.strip()
    first, dash, last = text.partition("-")
    if dash and first and not text.startswith('"'):
        try:
            return IntervalSet.of((parse(first), parse(last)))
        except ValueError:
            pass  # a name with a dash in it
    try:
        return IntervalSet.single(parse(text))
    except ValueError as error:
        raise NotReadError(str(error)) from None


@lru_cache(maxsize=65536)
def addresses(text: str, family: Family) -> IntervalSet:
    """An address, a prefix or a range of addresses."""
    text = text.strip('" ')
    try:
        if "-" in text:
            first, last = text.split("-")
            found = IntervalSet.of((address_of(first)[1], address_of(last)[1]))
            other = address_of(first)[0]
        else:
            other, found = prefix_of(text)
    except ValueError:
        raise NotReadError(f"{text} is no address") from None
    if other != family:
        raise NotReadError(f"{text} is no IPv{family} address")
    return found


def under_mask(text: str, value: str, family: Family) -> IntervalSet:
    """``& mask == value`` on addresses, where the mask's ones come first."""
    bits = BITS[family]
    try:
        mask, wanted = address_of(text)[1], address_of(value)[1]
    except ValueError:
        raise NotReadError(f"the mask {text}") from None
    span = (~mask & ((1 << bits) - 1)) + 1
    if span & (span - 1):
        raise NotReadError(f"the mask {text} has gaps")
    if wanted & (span - 1):
        return IntervalSet()
    return IntervalSet((wanted, wanted + span))


@lru_cache(maxsize=65536)
def ports(text: str) -> IntervalSet:
    """A port or a range."""
    return ranged(text, names.port)


def numbers(text: str) -> IntervalSet:
    """A number or a range of numbers."""
    return ranged(text, lambda one: names.number(one.strip('"')))


def protocols(text: str) -> IntervalSet:
    """A protocol by name or number."""
    return ranged(text, names.protocol)


def named(table: dict[str, int]) -> Callable[[str], IntervalSet]:
    """Numbers that may be written by the names of a table."""

    def parse(one: str) -> int:
        one = one.strip('"')
        return table[one] if one in table else names.number(one)

    def read(text: str) -> IntervalSet:
        return ranged(text, parse)

    return read


def states(text: str) -> IntervalSet:
    """``established,related`` or the bits that ``nft -n`` prints, as places in the model's list of states."""
    found = []
    for word in text.split(","):
        word = word.strip().strip('"')
        if word in names.CT_BITS:
            found.append(names.CT_BITS[word])
            continue
        try:
            bits = names.number(word)
        except ValueError:
            raise NotReadError(f"the state {word}") from None
        found += [place for bit, place in names.CT_INDEX.items() if bits & bit]
    return IntervalSet.of(*((place, place) for place in found))


def compared(operator: str, value: IntervalSet, top: int) -> IntervalSet:
    """``< value`` and the like, over the numbers from 0 to ``top``."""
    if value.size != 1:
        raise NotReadError(f"{operator} with several values")
    at = value.first
    bounds = {
        "<": (0, at - 1),
        "<=": (0, at),
        ">": (at + 1, top),
        ">=": (at, top),
        "lt": (0, at - 1),
        "gt": (at + 1, top),
    }
    return IntervalSet.of(bounds[operator])
