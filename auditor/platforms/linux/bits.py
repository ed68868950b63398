"""Which field of the model some bits of an IP header are: for nft's ``@nh,48,16`` and iptables' ``u32``."""

from dataclasses import dataclass

from auditor.model.addresses import EMPTY, IntervalSet
from auditor.model.filters import Field


@dataclass(frozen=True, slots=True)
class Place:
    """A field at its place: the first bit counted from the header's start, how many, and what it is."""

    first: int
    width: int
    what: Field | str  # a Field, "protocol", "source" or "destination"


# RFC 791 3.1 and RFC 8200 3
PLACES: dict[int, tuple[Place, ...]] = {
    4: (
        Place(16, 16, Field.LENGTH),
        Place(48, 16, Field.FRAGMENT_WORD),
        Place(72, 8, "protocol"),
        Place(96, 32, "source"),
        Place(128, 32, "destination"),
    ),
    6: (
        Place(32, 16, Field.PAYLOAD_LENGTH),
        Place(48, 8, Field.NEXT_HEADER),
        Place(64, 128, "source"),
        Place(192, 128, "destination"),
    ),
}


@dataclass(frozen=True, slots=True)
class Masked:
    """What a test on raw bits asks of a field: its bits under ``mask``, in their places, must lie in ``values``."""

    what: Field | str
    width: int
    mask: int
    values: IntervalSet


def masked(family: int, first: int, width: int, mask: int, values: IntervalSet) -> Masked | None:
    """The test ``(word & mask) in values`` on the word of ``width`` bits from bit ``first``, as a test of one field.
    None where the mask touches bits outside a field that is known.
    """
    if not mask:
        return None
    for place in PLACES[family]:
        end, last = first + width, place.first + place.width
        low = end - last  # how far the field's lowest bit lies above the word's
        if place.first >= end or last <= first:
            continue
        inside = ((1 << place.width) - 1) << low if low >= 0 else ((1 << place.width) - 1) >> -low
        if mask & ~inside:
            continue
        if low >= 0:
            return Masked(place.what, place.width, mask >> low, _down(values, low))
        return Masked(place.what, place.width, mask << -low, _up(values, -low))
    return None


def _down(values: IntervalSet, by: int) -> IntervalSet:
    """The numbers that become one of ``values`` when they are moved up by so many bits."""
    step = 1 << by
    ranges = ((-(-first // step), last // step) for first, last in values)
    return IntervalSet.of(*ranges) if values else EMPTY


def _up(values: IntervalSet, by: int) -> IntervalSet:
    """``values`` moved up; what lies between cannot occur, since the mask holds the moved bits alone."""
    return IntervalSet.of(*((first << by, last << by) for first, last in values))
