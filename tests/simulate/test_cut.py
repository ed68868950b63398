"""Fragments: what is cut is whole again when joined, each piece fits, offsets count eights; sizes from the lab."""

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.model.packets import Packet
from auditor.simulate import cut

families = st.sampled_from([4, 6])


def sizes(packets: tuple[Packet, ...]) -> list[tuple[int, int]]:
    return [(packet.bytes, packet.offset) for packet in packets]


@given(families, st.integers(100, 20_000), st.integers(1280, 9000), st.integers(1280, 9000))
def test_cut_twice_and_joined_is_whole(family: int, size: int, mtu: int, narrower: int) -> None:
    size = max(size, 60)
    sent = cut.send(family, size, mtu, "false")
    again = [piece for packet in sent for piece in (cut.cut(4, packet, narrower) if family == 4 else (packet,))]
    whole = cut.join(family, again) if any(p.fragment for p in again) else again[0]
    assert whole is not None
    assert (whole.bytes, whole.offset, whole.more) == (size, 0, False)


@given(families, st.integers(100, 20_000), st.integers(1280, 9000))
def test_pieces_fit_and_lie_end_to_end(family: int, size: int, mtu: int) -> None:
    packets = cut.send(family, size, mtu, "false")
    assert all(packet.bytes <= mtu for packet in packets)
    assert all(packet.offset % 8 == 0 for packet in packets)
    assert [packet.more for packet in packets] == [True] * (len(packets) - 1) + [False]
    for one, following in pairwise(packets):
        assert following.offset == one.offset + cut.payload_bytes(family, one)
    if len(packets) > 1:
        assert all(packet.bytes > mtu - 8 for packet in packets[:-1]), "each piece but the last is as long as fits"


@given(families, st.integers(2000, 20_000), st.integers(1280, 1500), st.data())
def test_a_missing_piece_is_missed(family: int, size: int, mtu: int, data: st.DataObject) -> None:
    packets = list(cut.send(family, size, mtu, "false"))
    del packets[data.draw(st.integers(0, len(packets) - 1))]
    assert cut.join(family, packets) is None


@given(st.permutations(cut.send(4, 6000, 1500, "false")))
def test_order_does_not_matter(packets: list[Packet]) -> None:
    whole = cut.join(4, packets)
    assert whole is not None
    assert whole.bytes == 6000


@pytest.mark.parametrize(
    ("size", "mtu", "expected"),
    [  # lab.md 1 and 11, measured
        (2028, 1500, [(1500, 0), (548, 1480)]),
        (1450, 1400, [(1396, 0), (74, 1376)]),
        (4028, 1500, [(1500, 0), (1500, 1480), (1068, 2960)]),
        (2028, 1400, [(1396, 0), (652, 1376)]),
    ],
)
def test_sizes_of_the_lab(size: int, mtu: int, expected: list[tuple[int, int]]) -> None:
    assert sizes(cut.send(4, size, mtu, "false")) == expected


def test_a_router_cuts_a_fragment_again() -> None:
    """lab.md 1: 1500 + 548 over an MTU of 1400 leave as 1396, 124 and 548."""
    first, last = cut.send(4, 2028, 1500, "false")
    assert sizes((*cut.cut(4, first, 1400), *cut.cut(4, last, 1400))) == [(1396, 0), (124, 1376), (548, 1480)]
    assert all(packet.more for packet in cut.cut(4, first, 1400))


def test_ipv6_sizes_of_the_lab() -> None:
    """lab.md 3: a datagram of 2048 leaves as 1496 + 608, and by 1400 as 1400 + 704."""
    assert [p.bytes for p in cut.send(6, 2048, 1500, "pmtud")] == [1496, 608]
    assert [p.bytes for p in cut.send(6, 2048, 1400, "pmtud")] == [1400, 704]


def test_dont_fragment() -> None:
    """lab.md 1: pmtud sets DF on what fits its own link, and clears it on what it cuts itself."""
    assert [p.df for p in cut.send(4, 1450, 1500, "pmtud")] == [True]
    assert [p.df for p in cut.send(4, 2028, 1500, "pmtud")] == [False, False]
    assert [(p.bytes, p.df) for p in cut.send(4, 2028, 1500, "true")] == [(2028, True)]
    assert [p.df for p in cut.send(4, 1450, 1500, "false")] == [False]


def test_df_of_a_joined_datagram_is_that_of_its_largest_piece() -> None:
    first, last = cut.send(4, 2028, 1500, "false")
    joined = cut.join(4, [replace(first, df=True), last])
    assert joined is not None
    assert joined.df
    joined = cut.join(4, [first, replace(last, df=True)])
    assert joined is not None
    assert not joined.df
