"""Addresses and prefixes as both tools print them, read fast: lists hold 100,000 of them."""

from functools import lru_cache
from socket import inet_aton

from auditor.model.addresses import Family, IntervalSet, parse_address, parse_prefix


@lru_cache(maxsize=65536)
def address(text: str) -> tuple[Family, int]:
    """An address as (family, integer). Raises ValueError for anything else."""
    if text.count(".") == 3 and ":" not in text and text.replace(".", "").isdigit():
        try:
            return 4, int.from_bytes(inet_aton(text), "big")
        except OSError:
            raise ValueError(text) from None
    return parse_address(text)


@lru_cache(maxsize=65536)
def prefix(text: str) -> tuple[Family, IntervalSet]:
    """A prefix, or an address as one of full length; host bits may be set. Raises ValueError for anything else."""
    first, slash, length = text.partition("/")
    if ":" in first or (slash and not length.isdigit()):
        return parse_prefix(text)
    family, value = address(first)
    bits = int(length) if slash else 32
    if family != 4 or bits > 32:
        raise ValueError(text)
    span = 1 << (32 - bits)
    start = value & ~(span - 1)
    return 4, IntervalSet((start, start + span))
