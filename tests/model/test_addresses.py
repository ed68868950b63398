"""Interval sets are held against Python's own sets of integers."""

from hypothesis import given
from hypothesis import strategies as st

from auditor.model.addresses import IntervalSet, parse_prefix, prefix_texts, range_texts

ranges = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), max_size=8)


def points(values: IntervalSet) -> set[int]:
    return {value for first, last in values for value in range(first, last + 1)}


def as_set(pairs: list[tuple[int, int]]) -> set[int]:
    return {value for first, last in pairs for value in range(first, last + 1)}


@given(ranges, ranges)
def test_the_algebra_is_that_of_sets(one: list[tuple[int, int]], other: list[tuple[int, int]]) -> None:
    a, b = IntervalSet.of(*one), IntervalSet.of(*other)
    left, right = as_set(one), as_set(other)
    assert points(a) == left
    assert points(a & b) == left & right
    assert points(a | b) == left | right
    assert points(a - b) == left - right
    assert points(b - a) == right - left
    assert a.overlaps(b) == bool(left & right)
    assert (a <= b) == (left <= right)
    assert a.size == len(left)
    assert bool(a) == bool(left)
    assert points(IntervalSet.union([a, b])) == left | right


@given(ranges, st.integers(-5, 45))
def test_membership(pairs: list[tuple[int, int]], value: int) -> None:
    assert (value in IntervalSet.of(*pairs)) == (value in as_set(pairs))


@given(ranges, ranges)
def test_one_set_has_one_form(one: list[tuple[int, int]], other: list[tuple[int, int]]) -> None:
    """Disjoint, sorted, nothing touching: so equal sets are equal values."""
    for made in (IntervalSet.of(*one) | IntervalSet.of(*other), IntervalSet.of(*one) - IntervalSet.of(*other)):
        assert list(made.bounds) == sorted(set(made.bounds))
        assert made == IntervalSet.of(*((value, value) for value in points(made)))


@given(ranges, st.integers(0, 20))
def test_shift(pairs: list[tuple[int, int]], by: int) -> None:
    assert points(IntervalSet.of(*pairs).shift(by)) == {value + by for value in as_set(pairs)}


def test_texts() -> None:
    _, ten = parse_prefix("10.0.0.0/8")
    assert range_texts(4, ten) == ("10.0.0.0/8",)
    _, hole = parse_prefix("10.1.0.0/16")
    assert range_texts(4, ten - hole) == ("10.0.0.0/16", "10.2.0.0-10.255.255.255")
    assert prefix_texts(4, ten - hole)[0] == "10.0.0.0/16"
    assert range_texts(6, parse_prefix("2001:db8::/32")[1]) == ("2001:db8::/32",)
    assert range_texts(4, IntervalSet.single(1)) == ("0.0.0.1",)
