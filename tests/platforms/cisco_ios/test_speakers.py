"""What the device speaks itself: IKEv2 with its fragmentation, RADIUS with its ports."""

import pytest

from auditor.model.device import Device, Speaker
from auditor.model.evidence import Basis
from tests.platforms.cisco_ios.reading import HEAD, device, whole

PORT = "interface GigabitEthernet0/0\n ip address 192.0.2.1 255.255.255.0\n"
PROFILE = "crypto ikev2 profile P\n match identity remote address 198.51.100.1\n authentication remote rsa-sig\n"


def ike(found: Device) -> Speaker:
    (one,) = (one for one in found.speakers if one.kind == "ikev2")
    return one


@pytest.mark.parametrize(
    ("lines", "on", "size", "size_basis"),
    [
        ("", (False, Basis.ABSENT), 576, Basis.ASSUMED),
        ("crypto ikev2 fragmentation", (True, Basis.READ), 576, Basis.ASSUMED),
        ("crypto ikev2 fragmentation mtu 1200", (True, Basis.READ), 1200, Basis.READ),
        ("no crypto ikev2 fragmentation", (False, Basis.READ), 576, Basis.ASSUMED),
        ("crypto isakmp fragmentation", (False, Basis.ABSENT), 576, Basis.ASSUMED),  # that is IKEv1
    ],
)
def test_ike_fragmentation(lines: str, on: object, size: int, size_basis: Basis) -> None:
    one = ike(whole(f"{lines}\n{PROFILE}{PORT}"))
    assert one.ike_fragmentation is not None
    assert one.ike_fragment_size is not None
    assert (one.ike_fragmentation.value, one.ike_fragmentation.basis) == on
    assert (one.ike_fragment_size.value, one.ike_fragment_size.basis) == (size, size_basis)
    assert size_basis is Basis.READ or one.ike_fragment_size.others


def test_in_a_cut_config_the_line_may_be_further_down() -> None:
    one = ike(device(HEAD + PROFILE + PORT))
    assert one.ike_fragmentation is not None
    assert (one.ike_fragmentation.value, one.ike_fragmentation.others) == (False, (True,))
    assert one.ike_fragmentation.basis is Basis.DEFAULT


@pytest.mark.parametrize(
    ("remote", "local", "auth"),
    [
        ("rsa-sig", "rsa-sig", "certificate"),
        ("ecdsa-sig", "pre-share", "certificate"),
        ("pre-share", "rsa-sig", "certificate"),
        ("pre-share", "pre-share key x", "psk"),
        ("eap query-identity", "rsa-sig", "certificate"),
        ("anyconnect-eap aggregate", "rsa-sig", "certificate"),
        ("rsa-sig", "eap", "eap-tls"),
    ],
)
def test_how_the_ends_prove_who_they_are(remote: str, local: str, auth: str) -> None:
    body = f"crypto ikev2 profile P\n authentication remote {remote}\n authentication local {local}\n"
    assert ike(whole(body + PORT)).auth == auth


RADIUS = "ip radius source-interface GigabitEthernet0/0\n"


@pytest.mark.parametrize(
    ("lines", "ports"),
    [
        ("radius server A\n address ipv4 10.0.0.5 auth-port 1812 acct-port 1813\n", (1812, 1813)),
        ("radius server A\n address ipv4 10.0.0.5\n", (1645, 1646)),
        ("radius-server host 10.0.0.5\n", (1645, 1646)),
        ("radius-server host 10.0.0.5 auth-port 1812 key 7 00\n", (1812, 1646)),
        ("radius server A\n address ipv4 10.0.0.5\n dtls\n", (2083,)),
        ("radius server A\n address ipv4 10.0.0.5\n dtls port 2084\n", (2084,)),
        ("aaa group server radius G\n server 10.0.0.5 auth-port 1812 acct-port 1813\n", (1812, 1813)),
        ("aaa group server radius G\n server-private 10.0.0.5 key 7 00\n", (1645, 1646)),
    ],
)
def test_radius_servers(lines: str, ports: tuple[int, ...]) -> None:
    (one,) = whole(PORT + RADIUS + lines).speakers
    assert (one.kind, one.interface) == ("radius-client", "GigabitEthernet0/0")
    assert [peer.ports for peer in one.peers] == [ports]
    assert 0x0A000005 in one.peers[0].addresses


def test_a_server_by_name_alone_is_no_peer() -> None:
    assert not whole(PORT + "radius server A\n address ipv4 radius.example.net\n").speakers


def test_a_group_has_its_own_source_and_vrf() -> None:
    body = (
        "interface Loopback9\n vrf forwarding M\n ip address 10.9.9.9 255.255.255.255\n"
        "radius server A\n address ipv4 10.0.0.5\n"
        "aaa group server radius G\n server name A\n ip vrf forwarding M\n ip radius source-interface Loopback9\n"
    )
    (one,) = whole(PORT + body).speakers
    assert (one.interface, one.vrf) == ("Loopback9", "M")
