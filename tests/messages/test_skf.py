"""RFC 7383 fragments: they fit, they carry everything, and nothing else is split."""

from hypothesis import given
from hypothesis import strategies as st

from auditor.messages import ike, skf
from auditor.messages.defaults import ike_settings
from auditor.messages.suites import AES_CBC, CIPHERS, INTEGRITY, Suite, suite
from auditor.model.addresses import Family
from auditor.model.packets import Message

suites = st.builds(suite, st.sampled_from(CIPHERS), st.sampled_from(INTEGRITY))
families: st.SearchStrategy[Family] = st.sampled_from((4, 6))
ports = st.sampled_from((500, 4500))


def overhead(family: Family, port: int, chosen: Suite) -> int:
    """What a fragment's datagram holds besides content, padding and the byte of its length."""
    return (20 if family == 4 else 40) + 8 + (4 if port == 4500 else 0) + 28 + 8 + chosen.iv + chosen.icv


@given(st.integers(1, 20_000), st.integers(200, 9000), families, ports, suites)
def test_each_fragment_fits_and_all_content_arrives(
    content: int, size: int, family: Family, port: int, chosen: Suite
) -> None:
    pieces = skf.fragments(content, size, family, port, chosen)
    headers = 28 if family == 4 else 48
    assert all(piece + headers <= size for piece in pieces)
    carried = [piece + headers - overhead(family, port, chosen) for piece in pieces]
    assert sum(carried) - len(pieces) * chosen.block <= content <= sum(carried) - len(pieces)
    assert len(set(pieces[:-1])) <= 1
    assert all(pieces[0] >= piece for piece in pieces)


@given(st.integers(1, 20_000), st.integers(200, 9000), suites)
def test_a_larger_size_never_makes_more_fragments(content: int, size: int, chosen: Suite) -> None:
    assert len(skf.fragments(content, size + 1, 4, 4500, chosen)) <= len(skf.fragments(content, size, 4, 4500, chosen))


@given(st.integers(1, 20_000), families)
def test_the_capacities_of_the_fact_sheet_are_reached(content: int, family: Family) -> None:
    gcm = suite("aes-gcm")
    room = skf.content_room(1280, family, 4500, gcm)
    assert room == (1187 if family == 4 else 1167)
    assert len(skf.fragments(content, 1280, family, 4500, gcm)) == -(-content // room)


def test_the_smaller_capacity_of_the_fact_sheet() -> None:
    assert skf.content_room(576, 4, 4500, suite("aes-gcm")) == 483


def test_a_size_seen_from_another_implementation() -> None:
    """strongswan/strongMan issue 147: 568 bytes of IKE with 3DES and HMAC-SHA1; 612 is the frame of 626 less 14."""
    assert skf.fragments(855, 600, 4, 4500, suite("3des", "sha1")) == (568 + 4, 408 + 4)
    assert skf.fragments(2000, 612, 4, 4500)[0] == 580 + 4


def test_a_size_without_room_makes_no_fragment() -> None:
    assert skf.fragments(1000, 100, 4, 4500) == ()
    assert skf.fragments(1000, 0, 6, 500) == ()


def message(name: str, payload: int, *, probe: bool = False) -> Message:
    return Message(name=name, direction="forward", port=4500, payloads=(payload,), probe=probe)


def test_the_default_request_is_split_exactly() -> None:
    one = ike.auth_request(ike_settings("certificate"))
    lines = one.lines_on(4500)
    whole = Message(name=one.name, direction="forward", port=4500, payloads=(2916,), lines=lines)
    assert skf.content_of(whole) == one.content
    assert one.content is not None
    assert skf.split(whole, family=4, size=1280).payloads == skf.fragments(one.content, 1280, 4, 4500)
    assert skf.split(whole, family=4, size=1280).payloads == (1240, 1240, 584)


@given(st.integers(200, 9000), families, st.integers(300, 1500))
def test_a_message_of_which_only_the_size_is_known_is_split_for_the_worst(
    payload: int, family: Family, size: int
) -> None:
    whole = message("IKE_AUTH request", payload)
    cut = skf.split(whole, family=family, size=size)
    if payload + (28 if family == 4 else 48) <= size:
        assert cut is whole
    else:
        assert sum(cut.payloads) > payload
        assert len(cut.payloads) >= len(skf.fragments(payload - 4 - 28 - 4 - 32 - AES_CBC.block, size, family, 4500))


def test_what_is_not_split() -> None:
    for whole in (message("IKE_SA_INIT request", 3000), message("IKE_AUTH request", 3000, probe=True)):
        assert not skf.splittable(whole)
        assert skf.split(whole, family=4, size=576) is whole
    whole = message("IKE_AUTH request", 3000)
    assert skf.splittable(whole)
    assert skf.split(whole, family=4, size=90) is whole
