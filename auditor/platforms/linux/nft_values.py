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
    """``value`` or ``first-last``; a name may hold dashes itself (``ipv6-icmp`` is no range)."""
    text = text.strip()
    try:
        return IntervalSet.single(parse(text))
    except ValueError as error:
        reason = str(error)
    for place in (place for place, sign in enumerate(text) if sign == "-" and place):
        try:
            first, last = parse(text[:place]), parse(text[place + 1 :])
        except ValueError:
            continue
        if first <= last:
            return IntervalSet.of((first, last))
    raise NotReadError(reason)


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
    if other != family or not found:
        raise NotReadError(f"{text} is no IPv{family} address")
    return found


MOST = 4096  # ranges that an address under a mask may fall into


def under_mask(text: str, value: str, family: Family) -> IntervalSet:
    """``& mask == value`` on addresses; a mask with gaps gives many ranges."""
    try:
        mask, wanted = address_of(text)[1], address_of(value)[1]
    except ValueError:
        raise NotReadError(f"the mask {text}") from None
    return masked_addresses(mask, wanted, family)


@lru_cache(maxsize=4096)
def masked_addresses(mask: int, wanted: int, family: Family) -> IntervalSet:
    """The addresses that are ``wanted`` under the mask."""
    free = ~mask & ((1 << BITS[family]) - 1)
    if wanted & free:
        return IntervalSet()
    span = (free ^ (free + 1)) // 2 + 1  # the free bits at the end make one range
    gaps = [bit for bit in range(BITS[family]) if free >> bit & 1 and 1 << bit >= span]
    if 1 << len(gaps) > MOST:
        raise NotReadError("a mask with many gaps")
    starts = [wanted]
    for bit in gaps:
        starts += [start | 1 << bit for start in starts]
    return IntervalSet.of(*((start, start + span - 1) for start in starts))


@lru_cache(maxsize=65536)
def ports(text: str) -> IntervalSet:
    """A port or a range."""
    return ranged(text, names.port)


def numbers(text: str) -> IntervalSet:
    """A number or a range of numbers."""
    return ranged(text, lambda one: names.number(one.strip('"')))


def prefixed(text: str, top: int) -> IntervalSet:
    """``0x00000100/24``: the numbers that begin with so many bits, as nft shows a mask of leading ones."""
    value, _, length = text.partition("/")
    span = 1 << (top.bit_length() - names.number(length))
    first = names.number(value) & -span
    return IntervalSet((first, first + span))


@lru_cache(maxsize=1024)
def under_bits(mask: int, values: IntervalSet, top: int) -> IntervalSet:
    """The numbers up to ``top`` that lie in the values when the mask is laid over them."""
    if top > 0xFFFF:
        raise NotReadError("a mask")
    return IntervalSet.of(*((number, number) for number in range(top + 1) if number & mask in values))


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
