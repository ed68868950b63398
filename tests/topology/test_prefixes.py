"""Longest prefix match over sets: held against a match of one address after the other."""

from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.model.addresses import IntervalSet, prefix
from auditor.topology.prefixes import PrefixTable

LENGTHS = {4: (27, 32), 6: (123, 128)}  # 32 addresses: each can be looked at
families = st.sampled_from([4, 6])


def blocks(family):
    low, high = LENGTHS[family]
    prefixes = st.tuples(st.integers(0, 31), st.integers(low, high))
    return st.dictionaries(prefixes.map(lambda p: (prefix(family, *p).first, p[1])), st.integers(1, 9), max_size=8)


sets = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 12)), min_size=1, max_size=4).map(
    lambda pairs: IntervalSet.of(*((first, first + more) for first, more in pairs))
)


@st.composite
def cases(draw):
    family = draw(families)
    return family, draw(blocks(family)), draw(sets)


def naive(family, entries, address):
    holding = [
        (length, value) for (first, length), value in entries.items() if address in prefix(family, first, length)
    ]
    return max(holding)[1] if holding else None


@settings(deadline=None)
@given(cases())
def test_a_set_is_split_as_its_addresses_are(case):
    family, entries, values = case
    table = PrefixTable(family, ((first, length, value) for (first, length), value in entries.items()))
    parts = table.split(values)
    assert sum(part.size for _, part in parts) == values.size
    assert IntervalSet.union(part for _, part in parts) == values
    for value, part in parts:
        assert {naive(family, entries, a) for first, last in part for a in range(first, last + 1)} == {value}


@settings(deadline=None)
@given(cases())
def test_one_address(case):
    family, entries, _ = case
    table = PrefixTable(family, ((first, length, value) for (first, length), value in entries.items()))
    assert [table.best(a) for a in range(40)] == [naive(family, entries, a) for a in range(40)]


def test_the_longest_come_first_and_what_is_left_last():
    table = PrefixTable(4, [(0, 0, "default"), (10 << 24, 8, "ten")])
    assert [value for value, _ in table.split(IntervalSet((0, 1 << 32)))] == ["ten", "default"]
    assert [value for value, _ in PrefixTable(4, [(10 << 24, 8, "ten")]).split(IntervalSet((0, 1 << 32)))] == [
        "ten",
        None,
    ]
