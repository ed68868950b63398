"""Sets of integers (addresses, ports, protocol numbers, lengths) as sorted intervals, and addresses as integers."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network, summarize_address_range
from typing import Literal

Family = Literal[4, 6]


@dataclass(frozen=True, slots=True)
class IntervalSet:
    """An immutable set of integers.

    ``bounds`` holds start, end, start, end ... of disjoint half-open intervals in rising order, so membership of a
    value is the parity of its place in it. The operations loop over the operand with fewer intervals and copy slices
    of the other, so cutting one prefix out of a set of 20,000 intervals costs a search and a copy.
    """

    bounds: tuple[int, ...] = ()

    @staticmethod
    def of(*ranges: tuple[int, int]) -> "IntervalSet":
        """The union of closed ranges (first, last), in any order, overlapping or not."""
        return IntervalSet.union(IntervalSet((first, last + 1)) for first, last in ranges if first <= last)

    @staticmethod
    def single(value: int) -> "IntervalSet":
        """The set of one value."""
        return IntervalSet((value, value + 1))

    @staticmethod
    def union(sets: Iterable["IntervalSet"]) -> "IntervalSet":
        """The union of many sets, by one sort of their intervals."""
        merged: list[int] = []
        for start, end in sorted(pair for one in sets for pair in zip(one.bounds[::2], one.bounds[1::2], strict=True)):
            if merged and start <= merged[-1]:
                merged[-1] = max(merged[-1], end)
            else:
                merged += (start, end)
        return IntervalSet(tuple(merged))

    def __bool__(self) -> bool:
        return bool(self.bounds)

    def __contains__(self, value: int) -> bool:
        return bool(bisect_right(self.bounds, value) & 1)

    def __len__(self) -> int:
        """How many intervals (not how many values: see ``size``)."""
        return len(self.bounds) // 2

    def __iter__(self) -> Iterator[tuple[int, int]]:
        """The closed ranges (first, last) in rising order."""
        for start, end in zip(self.bounds[::2], self.bounds[1::2], strict=True):
            yield start, end - 1

    def __and__(self, other: "IntervalSet") -> "IntervalSet":
        if self.bounds == other.bounds:
            return self
        few, many = _by_length(self.bounds, other.bounds)
        if not few:
            return EMPTY
        return IntervalSet(_inside(few, many, 1))

    def __sub__(self, other: "IntervalSet") -> "IntervalSet":
        if not self.bounds or not other.bounds:
            return self
        if len(self.bounds) <= len(other.bounds):
            return IntervalSet(_inside(self.bounds, other.bounds, 0))
        first, last = self.bounds[0], self.bounds[-1]
        gaps = [first, *other.bounds, last]
        kept = tuple(
            bound
            for start, end in zip(gaps[::2], gaps[1::2], strict=True)
            if start < end and (start < last and end > first)
            for bound in (max(start, first), min(end, last))
        )
        return IntervalSet(_inside(kept, self.bounds, 1))

    def __or__(self, other: "IntervalSet") -> "IntervalSet":
        few, many = _by_length(self.bounds, other.bounds)
        for start, end in zip(few[::2], few[1::2], strict=True):
            left, right = bisect_left(many, start), bisect_right(many, end)
            head = () if left & 1 else (start,)
            tail = () if right & 1 else (end,)
            many = many[:left] + head + tail + many[right:]
        return IntervalSet(many)

    def __le__(self, other: "IntervalSet") -> bool:
        """Whether every value of this set is in the other."""
        return not self - other

    def overlaps(self, other: "IntervalSet") -> bool:
        """Whether the two share a value; stops at the first."""
        few, many = _by_length(self.bounds, other.bounds)
        for start, end in zip(few[::2], few[1::2], strict=True):
            place = bisect_right(many, start)
            if place & 1 or (place < len(many) and many[place] < end):
                return True
        return False

    @property
    def size(self) -> int:
        """How many values."""
        return sum(self.bounds[1::2]) - sum(self.bounds[::2])

    @property
    def first(self) -> int:
        """The smallest value. Raises IndexError for an empty set."""
        return self.bounds[0]

    @property
    def last(self) -> int:
        """The largest value. Raises IndexError for an empty set."""
        return self.bounds[-1] - 1

    def shift(self, by: int) -> "IntervalSet":
        """Every value moved by the same amount (a one-to-one translation of a block of addresses)."""
        return self if not by else IntervalSet(tuple(bound + by for bound in self.bounds))

    def hull(self) -> "IntervalSet":
        """The smallest single interval around the set."""
        return self if len(self.bounds) <= 2 else IntervalSet((self.bounds[0], self.bounds[-1]))


def _by_length(one: tuple[int, ...], other: tuple[int, ...]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The shorter of two, then the longer."""
    return (one, other) if len(one) <= len(other) else (other, one)


def _inside(few: tuple[int, ...], many: tuple[int, ...], parity: int) -> tuple[int, ...]:
    """The part of ``few``'s intervals where ``many`` holds (parity 1) or does not hold (parity 0)."""
    out: list[int] = []
    for start, end in zip(few[::2], few[1::2], strict=True):
        left, right = bisect_right(many, start), bisect_left(many, end)
        if (left & 1) == parity:
            out.append(start)
        out += many[left:right]
        if (right & 1) == parity:
            out.append(end)
    return tuple(out)


EMPTY = IntervalSet()
ADDRESSES: dict[int, IntervalSet] = {4: IntervalSet((0, 1 << 32)), 6: IntervalSet((0, 1 << 128))}
PORTS = IntervalSet((0, 1 << 16))
PROTOCOLS = IntervalSet((0, 256))
BITS: dict[int, int] = {4: 32, 6: 128}


def complement(values: IntervalSet, universe: IntervalSet) -> IntervalSet:
    """What is left of the universe."""
    return universe - values


@lru_cache(maxsize=65536)
def parse_address(text: str) -> tuple[Family, int]:
    """An address as (family, integer). Raises ValueError for anything else."""
    address = ip_address(text)
    return address.version, int(address)


@lru_cache(maxsize=65536)
def parse_prefix(text: str) -> tuple[Family, IntervalSet]:
    """A prefix, or an address as a prefix of full length; host bits may be set. Raises ValueError for anything else."""
    network = ip_network(text, strict=False)
    first = int(network.network_address)
    return network.version, IntervalSet((first, first + network.num_addresses))


def prefix(family: Family, address: int, length: int) -> IntervalSet:
    """The addresses of the prefix of ``length`` bits that holds ``address``."""
    span = 1 << (BITS[family] - length)
    start = address & ~(span - 1)
    return IntervalSet((start, start + span))


def address_text(family: Family, value: int) -> str:
    """An integer as an address is written."""
    return str(IPv4Address(value) if family == 4 else IPv6Address(value))


def range_texts(family: Family, values: IntervalSet) -> tuple[str, ...]:
    """Each interval as an address, a prefix, or ``first-last``."""
    return tuple(_range_text(family, first, last) for first, last in values)


def _range_text(family: Family, first: int, last: int) -> str:
    if first == last:
        return address_text(family, first)
    span = last - first + 1
    if span & (span - 1) == 0 and first % span == 0:
        return f"{address_text(family, first)}/{BITS[family] - span.bit_length() + 1}"
    return f"{address_text(family, first)}-{address_text(family, last)}"


def prefix_texts(family: Family, values: IntervalSet) -> tuple[str, ...]:
    """The set as the fewest prefixes, for commands that take no ranges."""
    kind = IPv4Address if family == 4 else IPv6Address
    return tuple(str(net) for first, last in values for net in summarize_address_range(kind(first), kind(last)))


def port_text(ports: IntervalSet) -> str:
    """Ports as ``500``, ``1024-65535`` or a comma-separated list of these."""
    return ",".join(str(first) if first == last else f"{first}-{last}" for first, last in ports)
