"""Longest prefix match, for one address and for sets of addresses: a dictionary for each prefix length in use."""

from collections.abc import Iterable, Iterator
from typing import Generic, TypeVar

from auditor.model.addresses import BITS, Family, IntervalSet

T = TypeVar("T")


class PrefixTable(Generic[T]):
    """Values by prefix. Built by one pass; an address costs a probe for each length in use."""

    __slots__ = ("_bits", "_lengths", "_tables")

    def __init__(self, family: Family, entries: Iterable[tuple[int, int, T]]) -> None:
        """``entries`` are (an address of the prefix, its length, value); of the same prefix the last one counts."""
        self._bits = BITS[family]
        self._tables: dict[int, dict[int, T]] = {}
        for address, length, value in entries:
            self._tables.setdefault(length, {})[address >> (self._bits - length)] = value
        self._lengths = sorted(self._tables, reverse=True)

    def best(self, address: int) -> T | None:
        """The value of the longest prefix that holds the address."""
        for length in self._lengths:
            found = self._tables[length].get(address >> (self._bits - length))
            if found is not None:
                return found
        return None

    def split(self, values: IntervalSet) -> list[tuple[T | None, IntervalSet]]:
        """The set in parts by the longest prefix, the longest ones first; last, with None, what no prefix holds."""
        parts: list[tuple[T | None, IntervalSet]] = []
        left = values
        for length in self._lengths:
            if not left:
                break
            taken: list[IntervalSet] = []
            for block, value in self._touched(length, left):
                share = left & block
                if share:
                    taken.append(share)
                    parts.append((value, share))
            if taken:
                left = left - IntervalSet.union(taken)
        return [*parts, (None, left)] if left else parts

    def _touched(self, length: int, values: IntervalSet) -> Iterator[tuple[IntervalSet, T]]:
        """The prefixes of that length that may share addresses with the set, in rising order."""
        table, rest = self._tables[length], self._bits - length
        blocks = [(first >> rest, last >> rest) for first, last in values]
        if sum(last - first + 1 for first, last in blocks) <= len(table):
            # neighbouring intervals may lie in one block
            networks = sorted({n for first, last in blocks for n in range(first, last + 1) if n in table})
        else:
            networks = sorted(table)
        for network in networks:
            yield IntervalSet((network << rest, (network + 1) << rest)), table[network]
