"""The messages of a flow: names, directions, ports, sizes, bounds, and the probes."""

from dataclasses import replace

import pytest

from auditor.messages import radius
from auditor.messages.ends import EndFacts, ends
from auditor.messages.exchange import doubled, messages
from auditor.model.evidence import Basis, Fact
from auditor.model.flows import Auth, Endpoint, Flow, MessageClaim, Origin
from auditor.model.packets import Message

PLACE = Origin(file="paths.yaml", line=9, key="flows.0")
(ANYONE,) = ends(Endpoint(name="a", origin=PLACE), {})
IKE = Flow(name="vpn", kind="ikev2", senders=("a",), receiver="b", origin=PLACE)
RADIUS = replace(IKE, name="radius", kind="radius")
CUSTOM = replace(IKE, name="syslog", kind="custom", port=5555)


def sized(fact: int) -> Fact[int]:
    return Fact(value=fact, basis=Basis.DECLARED)


def large(flow: Flow, sender: EndFacts = ANYONE, receiver: EndFacts = ANYONE) -> dict[str, Message]:
    found = [message for message in messages(flow, sender, receiver) if not message.probe]
    assert len({message.name for message in found}) == len(found)
    return {message.name: message for message in found}


def probes(flow: Flow) -> set[tuple[int, str]]:
    return {(one.port, one.direction) for one in messages(flow, ANYONE, ANYONE) if one.probe}


def test_a_vpn_with_certificates() -> None:
    found = large(IKE)
    assert {name: (one.direction, one.port) for name, one in found.items()} == {
        "IKE_SA_INIT request": ("forward", 500),
        "IKE_SA_INIT response": ("reverse", 500),
        "IKE_AUTH request": ("forward", 4500),
        "IKE_AUTH response": ("reverse", 4500),
    }
    assert found["IKE_AUTH request"].payloads == (2916,)
    assert not found["IKE_AUTH request"].bounded
    assert found["IKE_SA_INIT request"].bounded
    assert probes(IKE) == {(500, "forward"), (500, "reverse"), (4500, "forward"), (4500, "reverse")}


def test_without_nat_traversal_all_is_on_500_and_four_bytes_shorter() -> None:
    flow = replace(IKE, nat_traversal=False)
    assert {one.port for one in large(flow).values()} == {500}
    assert large(flow)["IKE_AUTH request"].payloads == (2912,)
    assert probes(flow) == {(500, "forward"), (500, "reverse")}


@pytest.mark.parametrize("auth", ["certificate", "psk", "eap-tls", "eap-peap", "eap-mschapv2"])
@pytest.mark.parametrize("kind", ["ikev2", "radius"])
def test_the_lines_sum_up_to_the_payload(kind: str, auth: Auth) -> None:
    flow = replace(IKE if kind == "ikev2" else RADIUS, auth=auth, accounting=True)
    found = large(flow)
    assert all(message.payloads == (sum(line.bytes for line in message.lines),) for message in found.values())
    assert len(found) >= 4


def test_what_is_large_follows_the_sign_in() -> None:
    sizes = {
        auth: {name: one.payloads[0] for name, one in large(replace(IKE, auth=auth)).items()}
        for auth in ("psk", "eap-tls", "eap-peap", "eap-mschapv2")
    }
    assert max(sizes["psk"].values()) < 500
    assert sizes["eap-tls"]["IKE_AUTH request, EAP"] > 1472
    assert sizes["eap-peap"]["IKE_AUTH request, EAP"] < 500
    assert sizes["eap-peap"]["IKE_AUTH response, EAP"] > 1472
    assert sizes["eap-mschapv2"]["IKE_AUTH response, EAP"] < 200
    assert sizes["eap-mschapv2"]["IKE_AUTH response"] > 1472


def test_the_config_of_a_device_tells_the_sign_in_unless_the_flow_does() -> None:
    by_config = large(IKE, ANYONE, replace(ANYONE, auth="psk"))
    assert by_config["IKE_AUTH request"].payloads[0] < 500
    assert by_config["IKE_AUTH request"].bounded
    said = large(replace(IKE, auth="certificate"), ANYONE, replace(ANYONE, auth="psk"))
    assert said["IKE_AUTH request"].payloads == (2916,)


def test_radius() -> None:
    found = large(RADIUS)
    assert {name: (one.direction, one.port) for name, one in found.items()} == {
        "Access-Request": ("forward", 1812),
        "Access-Challenge": ("reverse", 1812),
        "Access-Accept": ("reverse", 1812),
    }
    assert found["Access-Request"].payloads == (1800,)
    assert found["Access-Challenge"].payloads == (1590,)
    assert found["Access-Accept"].payloads[0] < 500
    assert probes(RADIUS) == {(1812, "forward"), (1812, "reverse")}


def test_accounting_adds_its_messages_and_its_port() -> None:
    flow = replace(RADIUS, accounting=True, ports=(1645, 1646))
    assert {one.port for one in large(flow).values()} == {1645, 1646}
    assert large(flow)["Accounting-Response"].payloads == (20,)
    assert probes(flow) == {(port, way) for port in (1645, 1646) for way in ("forward", "reverse")}


def test_each_direction_of_radius_obeys_its_own_setting() -> None:
    peer = replace(ANYONE, eap_fragment_size=sized(1024), request_attributes=sized(105))
    server = replace(
        ANYONE, challenge_fragment_size=sized(2000), framed_mtu=sized(1344), challenge_attributes=sized(18)
    )
    found = large(RADIUS, peer, server)
    assert 28 + found["Access-Request"].payloads[0] == 1215
    assert 28 + found["Access-Challenge"].payloads[0] == 1450
    assert found["Access-Request"].bounded
    assert found["Access-Challenge"].bounded
    plain = large(RADIUS, ANYONE, replace(ANYONE, framed_mtu=sized(1000)))
    assert plain["Access-Request"] == large(RADIUS)["Access-Request"]
    assert not plain["Access-Request"].bounded


def test_framed_mtu_never_enlarges_and_either_end_may_say_it() -> None:
    server = replace(ANYONE, challenge_fragment_size=sized(1024))
    for sender, receiver in (
        (ANYONE, replace(server, framed_mtu=sized(1400))),
        (replace(ANYONE, framed_mtu=sized(9000)), server),
    ):
        assert large(RADIUS, sender, receiver)["Access-Challenge"] == large(RADIUS, ANYONE, server)["Access-Challenge"]
    shrunk = large(RADIUS, replace(ANYONE, framed_mtu=sized(700)), server)["Access-Challenge"]
    assert shrunk.payloads[0] < large(RADIUS, ANYONE, server)["Access-Challenge"].payloads[0]


def test_no_radius_message_is_longer_than_the_protocol_allows() -> None:
    huge = replace(ANYONE, eap_fragment_size=sized(60_000), challenge_fragment_size=sized(60_000))
    found = large(RADIUS, huge, huge)
    assert found["Access-Request"].payloads[0] == radius.LIMIT
    assert radius.LIMIT - 2 <= found["Access-Challenge"].payloads[0] <= radius.LIMIT


def test_transport() -> None:
    assert messages(replace(RADIUS, transport="tls"), ANYONE, ANYONE) == ()
    plain, wrapped = large(RADIUS), large(replace(RADIUS, transport="dtls"))
    assert {wrapped[name].payloads[0] - plain[name].payloads[0] for name in plain} == {radius.DTLS_RECORD}


def test_messages_of_the_user_replace_all_but_the_probes() -> None:
    claims = (
        MessageClaim(name="Access-Request", direction="forward", payload=1900, origin=PLACE),
        MessageClaim(name="Accounting-Request", direction="forward", payload=900, origin=PLACE, df="true"),
        MessageClaim(name="other", direction="reverse", payload=700, origin=PLACE, port=3799, source_port=1812),
    )
    found = large(replace(RADIUS, messages=claims))
    assert [(one.payloads, one.port, one.direction) for one in found.values()] == [
        ((1900,), 1812, "forward"),
        ((900,), 1813, "forward"),
        ((700,), 3799, "reverse"),
    ]
    assert found["Accounting-Request"].df == "true"
    assert found["other"].source_port == 1812
    assert all(one.bounded for one in found.values())
    assert probes(replace(RADIUS, messages=claims)) == {
        (port, way) for port in (1812, 1813, 3799) for way in ("forward", "reverse")
    }


def test_ports_of_the_users_ike_messages() -> None:
    claims = tuple(
        MessageClaim(name=name, direction="forward", payload=1000, origin=PLACE)
        for name in ("IKE_SA_INIT request", "IKE_INTERMEDIATE request", "IKE_AUTH request")
    )
    assert [one.port for one in large(replace(IKE, messages=claims)).values()] == [500, 4500, 4500]


def test_a_custom_flow_probes_only_the_directions_that_it_uses() -> None:
    claim = MessageClaim(name="probe", direction="forward", payload=3000, origin=PLACE)
    assert probes(replace(CUSTOM, messages=(claim,))) == {(5555, "forward")}
    assert messages(CUSTOM, ANYONE, ANYONE) == ()


def test_probes_are_small_and_come_first() -> None:
    found = messages(IKE, ANYONE, ANYONE)
    count = sum(one.probe for one in found)
    assert [one.probe for one in found] == [True] * count + [False] * (len(found) - count)
    assert {one.name for one in found if one.probe} == {"small probe UDP 500", "small probe UDP 4500"}
    assert all(one.payloads[0] <= 200 for one in found if one.probe)


def test_which_messages_open_their_ports() -> None:
    def opening(flow: Flow) -> set[str]:
        return {name for name, one in large(flow).items() if one.opens and one.direction == "forward"}

    assert opening(replace(IKE, auth="eap-tls")) == {"IKE_SA_INIT request", "IKE_AUTH request"}
    assert opening(replace(IKE, nat_traversal=False)) == {"IKE_SA_INIT request"}
    assert opening(replace(RADIUS, accounting=True)) == {"Accounting-Request"}
    assert all(one.opens for one in messages(IKE, ANYONE, ANYONE) if one.probe)


def test_twice_the_size_only_where_no_setting_bounds_it() -> None:
    found = large(IKE)
    twice = doubled(found["IKE_AUTH request"])
    assert twice is not None
    assert twice.payloads == (5832,)
    assert twice.lines == ()
    assert doubled(found["IKE_SA_INIT request"]) is None
    assert doubled(messages(IKE, ANYONE, ANYONE)[0]) is None
    request = doubled(large(RADIUS)["Access-Request"])
    assert request is not None
    assert request.payloads == (3600,)
    long = replace(ANYONE, eap_fragment_size=Fact(value=3000, basis=Basis.ASSUMED, others=(1,)))
    request = doubled(large(RADIUS, long)["Access-Request"])
    assert request is not None
    assert request.payloads == (radius.LIMIT,)
    assert doubled(large(RADIUS, replace(ANYONE, eap_fragment_size=sized(1398)))["Access-Request"]) is None
