"""Sets of addresses of both families, and how ASA writes them."""

from functools import lru_cache
from typing import NamedTuple

from auditor.model.addresses import ADDRESSES, EMPTY, IntervalSet, parse_prefix

_ALL = 0xFFFFFFFF


class Where(NamedTuple):
    """Addresses of both families; None is any, the empty set none. ``doubt`` is what is not known of them."""

    four: IntervalSet | None = EMPTY
    six: IntervalSet | None = EMPTY
    doubt: str = ""

    def of(self, family: int) -> IntervalSet | None:
        return self.four if family == 4 else self.six


ANYWHERE = Where(None, None)
ANY4, ANY6 = Where(None, EMPTY), Where(EMPTY, None)


@lru_cache(maxsize=65536)
def dotted(text: str) -> int | None:
    """A dotted quad as an integer, None for anything else."""
    pieces = text.split(".")
    if len(pieces) != 4 or not all(piece.isdigit() and len(piece) < 4 and int(piece) < 256 for piece in pieces):
        return None
    return int(pieces[0]) << 24 | int(pieces[1]) << 16 | int(pieces[2]) << 8 | int(pieces[3])


def mask_length(mask: int) -> int | None:
    """The length of a network mask, None for a mask with holes."""
    inverse = ~mask & _ALL
    return 32 - inverse.bit_length() if inverse & inverse + 1 == 0 else None


@lru_cache(maxsize=65536)
def subnet4(address: int, mask: int) -> IntervalSet | None:
    """The addresses of a subnet; None where its mask has holes."""
    length = mask_length(mask)
    if length is None:
        return None
    first = address & mask
    return IntervalSet((first, first + (1 << 32 - length)))


@lru_cache(maxsize=65536)
def one(text: str) -> Where | None:
    """One address, or a prefix of IPv6; None for anything else."""
    four = dotted(text)
    if four is not None:
        return Where(four=IntervalSet.single(four))
    if ":" not in text:
        return None
    try:
        family, values = parse_prefix(text)
    except ValueError:
        return None
    return Where(six=values) if family == 6 else None


def everything(values: IntervalSet | None, family: int) -> IntervalSet:
    """The addresses of one family; all where any is meant."""
    return ADDRESSES[family] if values is None else values
