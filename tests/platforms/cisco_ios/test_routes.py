"""Static routes, routes that come with an address, what may bring others, and the way of a tunnel's packets."""

import pytest

from auditor.model.addresses import range_texts
from auditor.model.device import Device, Route
from tests.platforms.cisco_ios.reading import whole

PORT = "interface GigabitEthernet0/0\n ip address 192.0.2.1 255.255.255.0\n ipv6 address 2001:db8::1/64\n"


def having(*lines: str) -> Device:
    return whole(PORT + "".join(f"{line}\n" for line in lines))


def text(one: Route) -> str:
    hops = [f"{hop.address or ''}/{hop.interface or ''}/{hop.vrf or ''}" for hop in one.next_hops]
    where = ",".join(range_texts(one.family, one.destination))
    return f"{one.vrf} {where} [{one.distance}] {' '.join(hops) or 'discard'}"


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("ip route 0.0.0.0 0.0.0.0 192.0.2.9", "default 0.0.0.0/0 [1] 3221225993//"),
        ("ip route 10.0.0.0 255.0.0.0 192.0.2.9 200", "default 10.0.0.0/8 [200] 3221225993//"),
        ("ip route 10.0.0.0/8 192.0.2.9", "default 10.0.0.0/8 [1] 3221225993//"),
        (
            "ip route 10.0.0.0 255.0.0.0 Gi0/0 192.0.2.9 name to-the-north tag 5 permanent",
            "default 10.0.0.0/8 [1] 3221225993/GigabitEthernet0/0/",
        ),
        ("ip route 10.0.0.0 255.0.0.0 GigabitEthernet 0/0", "default 10.0.0.0/8 [1] /GigabitEthernet0/0/"),
        ("ip route 10.0.0.0 255.0.0.0 Null0", "default 10.0.0.0/8 [1] discard"),
        ("ip route 10.0.0.0 255.0.0.0 Null 0 254", "default 10.0.0.0/8 [254] discard"),
        ("ip route vrf RED 10.0.0.0 255.0.0.0 192.0.2.9", "RED 10.0.0.0/8 [1] 3221225993//"),
        ("ip route vrf RED 10.0.0.0 255.0.0.0 192.0.2.9 global", "RED 10.0.0.0/8 [1] 3221225993//default"),
        ('ip route 10.0.0.0 255.0.0.0 192.0.2.9 name "to the north"', "default 10.0.0.0/8 [1] 3221225993//"),
        ("ipv6 route ::/0 GigabitEthernet0/0", "default ::/0 [1] /GigabitEthernet0/0/"),
        ("ipv6 route 2001:db8:1::/48 Null0", "default 2001:db8:1::/48 [1] discard"),
    ],
)
def test_a_route(line: str, wanted: str) -> None:
    found = having(line)
    (one,) = found.routing.routes
    assert text(one) == wanted
    assert not one.uncertain
    assert one.evidence.text == line
    assert found.routing.complete == {4: True, 6: True}
    assert not found.not_understood


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("ip route 10.0.0.0 255.0.0.0 192.0.2.9 track 3", "it is there only while track 3 is up"),
        ("ip route 10.0.0.0 255.0.0.0 dhcp", "its next hop comes from DHCP"),
    ],
)
def test_a_route_that_may_be_there_or_not(line: str, why: str) -> None:
    (one,) = having(line).routing.routes
    assert one.uncertain == why


@pytest.mark.parametrize(
    "line",
    [
        "ip route 10.0.0.0 255.0.0.0",
        "ip route 10.0.0.0 255.0.255.0 192.0.2.9",
        "ip route 10.0.0.0 255.0.0.0 192.0.2.9 x",
    ],
)
def test_a_route_that_is_not_understood(line: str) -> None:
    found = having(line)
    assert [(n.evidence.text, n.reason) for n in found.not_understood] == [(line, "a route is not understood")]
    assert not found.routing.complete[4]


@pytest.mark.parametrize(
    ("line", "four", "six"),
    [
        ("router ospf 1", False, True),
        ("router bgp 65000", False, False),
        ("router eigrp X", False, False),
        ("router isis", False, False),
        ("router rip", False, True),
        ("ipv6 router ospf 1", True, False),
        ("router ospfv3 1", False, False),
        ("ip default-network 10.0.0.0", False, True),
        ("ip http server", True, True),
    ],
)
def test_what_may_bring_routes_that_are_not_in_the_config(line: str, *, four: bool, six: bool) -> None:
    found = having(line).routing
    assert found.complete == {4: four, 6: six}
    assert [one.text for one in found.elsewhere] == ([] if four and six else [line])


@pytest.mark.parametrize(
    ("lines", "wanted"),
    [
        ("ip address dhcp", "default 0.0.0.0/0 [254] /GigabitEthernet0/1/"),
        ("ip address dhcp\n ip dhcp client default-router distance 5", "default 0.0.0.0/0 [5] /GigabitEthernet0/1/"),
        ("ip address dhcp\n no ip dhcp client request router", None),
        ("ip address dhcp\n shutdown", None),
        ("ipv6 address autoconfig default", "default ::/0 [2] /GigabitEthernet0/1/"),
        ("ipv6 address autoconfig", None),
        ("ip address negotiated\n ppp ipcp route default", "default 0.0.0.0/0 [1] /GigabitEthernet0/1/"),
    ],
)
def test_a_default_route_that_comes_with_an_address(lines: str, wanted: str | None) -> None:
    found = having("interface GigabitEthernet0/1", f" {lines}")
    assert [text(one) for one in found.routing.routes] == ([wanted] if wanted else [])
    assert all(one.uncertain for one in found.routing.routes)


@pytest.mark.parametrize(("lines", "there"), [(("no ip routing",), True), (("ip routing",), False), ((), False)])
def test_the_gateway_of_a_device_that_does_not_route(lines: tuple[str, ...], *, there: bool) -> None:
    found = having(*lines, "ip default-gateway 192.0.2.9")
    assert bool(found.routing.routes) is there


def test_policy_routing_of_own_packets_is_told() -> None:
    found = having("ip local policy route-map RM", "route-map RM permit 10", " set interface Null0")
    assert [one.text for one in found.routing.rules] == ["ip local policy route-map RM"]
