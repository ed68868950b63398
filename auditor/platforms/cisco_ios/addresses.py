"""How IOS writes sets of addresses: wildcard masks, network masks, ranges, prefixes."""

from functools import lru_cache

from auditor.model.addresses import BITS, Family, IntervalSet, parse_address, parse_prefix

MOST_INTERVALS = 4096  # of one wildcard mask; a mask that means more is taken as the range around it, and unsure
_ALL = 0xFFFFFFFF


@lru_cache(maxsize=65536)
def dotted(text: str) -> int | None:
    """A dotted quad as an integer, None for anything else."""
    pieces = text.split(".")
    if len(pieces) != 4:
        return None
    value = 0
    for piece in pieces:
        if not piece.isdigit() or len(piece) > 3 or int(piece) > 255:
            return None
        value = value << 8 | int(piece)
    return value


@lru_cache(maxsize=65536)
def wildcard(address: int, mask: int) -> tuple[IntervalSet, bool]:
    """The addresses that agree with ``address`` where the mask's bits are 0; and whether that is exact."""
    base = address & ~mask & _ALL
    low = (mask + 1 & ~mask) - 1  # the run of ones at the end
    high = mask & ~low
    if not high:
        return IntervalSet((base, base + low + 1)), True
    count = high.bit_count()
    if 1 << count > MOST_INTERVALS:
        return IntervalSet((base, (base | mask) + 1)), False
    starts = [base]
    bit = 1
    while bit <= high:
        if high & bit:
            starts += [start | bit for start in starts]
        bit <<= 1
    return IntervalSet.union(IntervalSet((start, start + low + 1)) for start in starts), True


def netmask_length(mask: int) -> int | None:
    """The length of a network mask, None for a mask with holes."""
    inverse = ~mask & _ALL
    return 32 - inverse.bit_length() if inverse & inverse + 1 == 0 else None


def host(text: str) -> tuple[Family, IntervalSet] | None:
    """One address, None for anything else."""
    four = dotted(text)
    if four is not None:
        return 4, IntervalSet.single(four)
    try:
        family, value = parse_address(text)
    except ValueError:
        return None
    return family, IntervalSet.single(value)


def subnet(text: str) -> tuple[Family, IntervalSet] | None:
    """A prefix with its length, None for anything else."""
    if "/" not in text:
        return None
    try:
        return parse_prefix(text)
    except ValueError:
        return None


def address_and_length(text: str) -> tuple[Family, int, int] | None:
    """``192.0.2.1/24`` or ``2001:db8::1/64`` as family, address and length."""
    address, _, length = text.partition("/")
    try:
        family, value = parse_address(address)
    except ValueError:
        return None
    if not length.isdigit() or int(length) > BITS[family]:
        return None
    return family, value, int(length)
