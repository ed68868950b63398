"""What ``fragaudit size`` is given: sums, packets, fragments."""

from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.errors import UsageError
from auditor.messages.ends import ends
from auditor.messages.exchange import messages
from auditor.messages.sizes import Sized, SizeOptions, packets, sizes
from auditor.model.addresses import Family
from auditor.model.flows import Auth, Endpoint, Flow, Origin

PLACE = Origin(file="paths.yaml", line=1, key="flows.0")
(ANYONE,) = ends(Endpoint(name="a", origin=PLACE), {})
families: st.SearchStrategy[Family] = st.sampled_from((4, 6))


def by_name(options: SizeOptions) -> dict[str, Sized]:
    return {one.name: one for one in sizes(options).messages}


@given(st.integers(29, 70_000), st.integers(0, 9000), families)
def test_packets_carry_all_and_fit(datagram: int, above: int, family: Family) -> None:
    mtu = (68 if family == 4 else 1280) + above
    header = 20 if family == 4 else 40
    datagram = max(datagram, header + 9)
    pieces = packets(datagram, mtu, family)
    assert all(piece <= mtu for piece in pieces)
    if len(pieces) == 1:
        assert pieces == (datagram,)
        assert datagram <= mtu
    else:
        each = header + (8 if family == 6 else 0)
        assert sum(pieces) - each * len(pieces) == datagram - header
        assert all((piece - each) % 8 == 0 for piece in pieces[:-1])


def test_packets_as_measured() -> None:
    assert packets(2028, 1500, 4) == (1500, 548)
    assert packets(1450, 1396, 4) == (1396, 74)
    assert packets(3536, 1500, 4) == (1500, 1500, 576)
    with pytest.raises(UsageError, match="too small"):
        packets(100, 24, 4)


@pytest.mark.parametrize("auth", ["certificate", "psk", "eap-tls", "eap-peap", "eap-mschapv2"])
@pytest.mark.parametrize("kind", ["ikev2", "radius"])
def test_the_defaults_are_those_of_an_audit(kind: Literal["ikev2", "radius"], auth: Auth) -> None:
    flow = Flow(name="f", kind=kind, senders=("a",), receiver="b", origin=PLACE, auth=auth if kind == "ikev2" else None)
    audited = {one.name: one.payloads[0] for one in messages(flow, ANYONE, ANYONE) if not one.probe}
    printed = {one.name: one.whole.payload for one in sizes(SizeOptions(kind=kind, auth=auth)).messages}
    assert printed
    assert printed.items() <= audited.items()
    assert all(size < 500 for name, size in audited.items() if name not in printed)


def test_one_message_in_full() -> None:
    one = by_name(SizeOptions())["IKE_AUTH request"]
    assert (one.whole.message, one.whole.payload, one.whole.datagram) == (2912, 2916, 2944)
    assert sum(line.bytes for line in one.lines) == one.whole.payload
    assert one.packets == ((1500, (1500, 1464)), (1400, (1396, 1396, 192)), (1280, (1276, 1276, 432)))
    assert [(piece.message, piece.datagram) for piece in one.fragments] == [(1236, 1268), (1236, 1268), (580, 612)]
    assert one.port == 4500


def test_a_real_daemon_by_options() -> None:
    """The options by which the lab's capture is met: strongSwan 5.9.8, RSA 4096, childless."""
    options = SizeOptions(
        key="rsa4096",
        signature="rfc7427",
        certificates=(1326, 1362),
        authorities=2,
        identity=13,
        peer_identity=13,
        childless=True,
        notifies=6,
        responder_notifies=2,
        nonce=32,
        hashes=4,
        init_extra=8,
    )
    found = by_name(options)
    assert {name: one.whole.message for name, one in found.items()} == {
        "IKE_SA_INIT request": 464,
        "IKE_SA_INIT response": 517 - 8,  # which has one notify more
        "IKE_AUTH request": 3440,
        "IKE_AUTH response": 3344,
    }
    assert [piece.datagram for piece in found["IKE_AUTH response"].fragments] == [1268, 1268, 1044]


def test_ike_sa_init_is_never_split_and_a_small_message_is_not() -> None:
    found = by_name(SizeOptions(fragment_size=576))
    assert found["IKE_SA_INIT response"].whole.datagram > 576
    assert found["IKE_SA_INIT response"].fragments == ()
    assert found["IKE_SA_INIT request"].port == 500
    assert len(found["IKE_AUTH request"].fragments) > 5
    assert by_name(SizeOptions(auth="psk"))["IKE_AUTH request"].fragments == ()
    assert by_name(SizeOptions(fragmentation=False))["IKE_AUTH request"].fragments == ()


def test_a_chain_of_the_responder_may_differ() -> None:
    short = by_name(SizeOptions(certificates=(700,)))
    assert short["IKE_AUTH response"].whole.message < 1472
    long = by_name(SizeOptions(certificates=(700,), responder_certificates=(1700, 1400)))
    assert long["IKE_AUTH request"] == short["IKE_AUTH request"]
    assert long["IKE_AUTH response"].whole.message > 3000


def test_a_key_changes_signature_and_usual_certificate() -> None:
    found = by_name(SizeOptions(key="p256", authorities=1))
    assert (
        found["IKE_AUTH request"].whole.message < by_name(SizeOptions(authorities=1))["IKE_AUTH request"].whole.message
    )
    assert any("p256" in line.what for line in found["IKE_AUTH request"].lines)


def test_radius_by_options() -> None:
    options = SizeOptions(
        kind="radius",
        eap_fragment_size=1398,
        request_attributes=105,
        challenge_fragment_size=2000,
        framed_mtu=1344,
        challenge_attributes=18,
    )
    found = by_name(options)
    assert found["Access-Request"].whole.datagram == 1591
    assert found["Access-Request"].packets[0] == (1500, (1500, 111))
    assert found["Access-Challenge"].whole.datagram == 1450
    assert found["Access-Request"].whole.message == found["Access-Request"].whole.payload


def test_more_than_radius_allows_is_said() -> None:
    assert sizes(SizeOptions(kind="radius")).notes == ()
    (note,) = sizes(SizeOptions(kind="radius", eap_fragment_size=4000)).notes
    assert "4096" in note
    assert note.startswith("Access-Request")


def test_accounting_and_dtls() -> None:
    found = by_name(SizeOptions(kind="radius", accounting=True))
    assert (found["Accounting-Request"].port, found["Access-Request"].port) == (1813, 1812)
    wrapped = by_name(SizeOptions(kind="radius", accounting=True, dtls=True))
    assert {wrapped[name].whole.payload - found[name].whole.payload for name in found} == {37}


def test_a_fragment_size_without_room_is_told() -> None:
    with pytest.raises(UsageError, match="fragment size of 90"):
        sizes(SizeOptions(fragment_size=90))


def test_ipv6() -> None:
    one = by_name(SizeOptions(family=6))["IKE_AUTH request"]
    assert one.whole.datagram == 2964
    assert all(piece.datagram <= 1280 for piece in one.fragments)
    assert one.packets[0] == (1500, (1496, 1496, 76))
