"""What the packets of a part carry in their four address fields, and how that hangs together with the flow's own terms.

A field is *bound* to an axis of the part's region (equal to it, plus a shift that NAT added) or *free*: any of a set of
values that nobody can tell apart in advance (the port behind a masquerade, everything behind an unread hop).
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Generic, Literal, NamedTuple, TypeVar

from auditor.model.addresses import IntervalSet
from auditor.model.trace import Region

T = TypeVar("T")
Axis = Literal["clients", "client_ports", "servers", "server_ports"]
AXES: tuple[Axis, ...] = ("clients", "client_ports", "servers", "server_ports")


@dataclass(frozen=True, slots=True)
class Bound:
    """The field holds the axis's value plus ``shift``."""

    axis: Axis
    shift: int = 0


@dataclass(frozen=True, slots=True)
class Free:
    """The field holds one of ``values``, nobody knows which. One value alone is certain."""

    values: IntervalSet


FieldValue = Bound | Free


class Cell(NamedTuple):
    """A product of sets over the header's fields, in the order in which rules name them."""

    sources: IntervalSet
    destinations: IntervalSet
    source_ports: IntervalSet
    destination_ports: IntervalSet


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """The four fields of the packets of one part."""

    source: FieldValue
    destination: FieldValue
    source_port: FieldValue
    destination_port: FieldValue

    def fields(self) -> tuple[FieldValue, FieldValue, FieldValue, FieldValue]:
        """The fields in the order of ``Cell``."""
        return self.source, self.destination, self.source_port, self.destination_port

    def swapped(self) -> "Header":
        """The header of an answer."""
        return Header(
            source=self.destination,
            destination=self.source,
            source_port=self.destination_port,
            destination_port=self.source_port,
        )

    def cell(self, region: Region) -> Cell:
        """All values that the fields may hold for the packets of that region."""
        return Cell._make(values(field, region) for field in self.fields())

    def region(self, cell: Cell, region: Region) -> Region:
        """The part of the region whose packets carry a header in the cell (for free fields: may carry)."""
        axes = {axis: getattr(region, axis) for axis in AXES}
        for field, kept in zip(self.fields(), cell, strict=True):
            if isinstance(field, Bound):
                axes[field.axis] = axes[field.axis] & kept.shift(-field.shift)
        return Region(**axes)

    def partial(self, cell: Cell) -> bool:
        """Whether the cell leaves out values of a free field: then it tells what may happen, not what does."""
        return any(
            isinstance(field, Free) and field.values != kept for field, kept in zip(self.fields(), cell, strict=True)
        )


FORWARD = Header(
    source=Bound("clients"),
    destination=Bound("servers"),
    source_port=Bound("client_ports"),
    destination_port=Bound("server_ports"),
)


def values(field: FieldValue, region: Region) -> IntervalSet:
    """All values that a field may hold for the packets of that region."""
    if isinstance(field, Free):
        return field.values
    axis: IntervalSet = getattr(region, field.axis)
    return axis.shift(field.shift)


class Index(Generic[T]):
    """Regions with what belongs to them, to be found by what they may overlap: by the axis in which they differ most.

    The items keep their order. ``near`` gives those whose bounds meet a region's on that axis; the rest surely do not.
    """

    FEW = 8  # items that are looked through as they are

    def __init__(self, items: Sequence[tuple[Region, T]]) -> None:
        self._items = items
        self._axis: Axis | None = None
        if len(items) <= self.FEW:
            return
        axis = max(AXES, key=lambda axis: len({getattr(region, axis).first for region, _ in items}))
        bounds = sorted((*_bounds(region, axis), place) for place, (region, _) in enumerate(items))
        self._axis = axis
        self._firsts = [first for first, _, _ in bounds]
        self._lasts = [last for _, last, _ in bounds]
        self._places = [place for _, _, place in bounds]
        self._reach = list(accumulate(self._lasts, max))  # the farthest that any up to here goes

    def near(self, region: Region) -> Iterable[tuple[Region, T]]:
        """The items that may overlap a region, in their order."""
        if self._axis is None:
            return self._items
        first, last = _bounds(region, self._axis)
        end = bisect_right(self._firsts, last)
        begin = bisect_left(self._reach, first, 0, end)
        places = sorted(self._places[at] for at in range(begin, end) if self._lasts[at] >= first)
        return [self._items[place] for place in places]


def _bounds(region: Region, axis: Axis) -> tuple[int, int]:
    side: IntervalSet = getattr(region, axis)
    return side.first, side.last


def subtract(region: Region, other: Region) -> list[Region]:
    """What is left of a region without another, as disjoint regions."""
    return [Region(**dict(zip(AXES, sides, strict=True))) for sides in _subtract(_sides(region), _sides(other))]


def _sides(region: Region) -> tuple[IntervalSet, ...]:
    return tuple(getattr(region, axis) for axis in AXES)


def _subtract(one: tuple[IntervalSet, ...], other: tuple[IntervalSet, ...]) -> list[tuple[IntervalSet, ...]]:
    common = tuple(a & b for a, b in zip(one, other, strict=True))
    if not all(common):
        return [one]
    rest = []
    for place, (mine, shared) in enumerate(zip(one, common, strict=True)):
        left = mine - shared
        if left:
            rest.append((*common[:place], left, *one[place + 1 :]))
    return rest


def subtract_all(regions: list[Region], others: list[Region]) -> list[Region]:
    """What is left of all regions without all others."""
    for other in others:
        regions = [left for region in regions for left in subtract(region, other)]
        if not regions:
            break
    return regions


def intersect_all(regions: list[Region], others: list[Region]) -> list[Region]:
    """What lies in one of the regions and in one of the others."""
    return [both for region in regions for other in others if (both := region & other)]


def gather(regions: list[Region]) -> list[Region]:
    """The same points in fewer regions: those that differ in one axis alone become one, axis by axis."""
    for axis in AXES:
        if len(regions) < 2:
            break
        rest: dict[tuple[IntervalSet, ...], list[IntervalSet]] = {}
        for region in regions:
            key = tuple(getattr(region, a) for a in AXES if a != axis)
            rest.setdefault(key, []).append(getattr(region, axis))
        if len(rest) == len(regions):
            continue
        others = [a for a in AXES if a != axis]
        regions = [
            Region(**dict(zip(others, key, strict=True)), **{axis: IntervalSet.union(sets)})
            for key, sets in rest.items()
        ]
    return regions


def disjoint(regions: list[Region]) -> list[Region]:
    """The same points in regions that share none."""
    done: list[Region] = []
    for region in regions:
        done += subtract_all([region], done) if done else [region]
    return done
