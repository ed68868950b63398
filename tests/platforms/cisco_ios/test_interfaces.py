"""Addresses, VRFs, what is switched off, source checks and ICMP errors of an interface."""

import pytest

from auditor.model.addresses import address_text
from auditor.model.device import Interface
from auditor.model.evidence import Basis
from tests.platforms.cisco_ios.reading import END, HEAD, device, port, whole


def addresses(one: Interface) -> list[str]:
    return [
        f"{address_text(a.family, a.address)}/{a.length}" + " secondary" * a.secondary + " shared" * a.shared
        for a in one.addresses
    ]


FIRST = "ip address 192.0.2.1 255.255.255.0\n"


@pytest.mark.parametrize(
    ("lines", "wanted"),
    [
        ("", []),
        (FIRST, ["192.0.2.1/24"]),
        ("ip address 192.0.2.1 255.255.255.254", ["192.0.2.1/31"]),
        ("ip address 192.0.2.1 255.255.255.255", ["192.0.2.1/32"]),
        (FIRST + "ip address 10.0.0.1 255.0.0.0 secondary", ["192.0.2.1/24", "10.0.0.1/8 secondary"]),
        (FIRST + "ip address 10.0.0.1 255.0.0.0", ["10.0.0.1/8"]),
        (FIRST + "no ip address", []),
        (FIRST + "no ip address 192.0.2.1 255.255.255.0", []),
        ("no ip address\n" + FIRST, ["192.0.2.1/24"]),
        (FIRST + "standby 1 ip 192.0.2.254", ["192.0.2.1/24", "192.0.2.254/24 secondary shared"]),
        (FIRST + "standby ip 192.0.2.254", ["192.0.2.1/24", "192.0.2.254/24 secondary shared"]),
        (
            FIRST + "standby 1 ip 192.0.2.254\nstandby 1 ip 192.0.2.253 secondary",
            ["192.0.2.1/24", "192.0.2.254/24 secondary shared", "192.0.2.253/24 secondary shared"],
        ),
        (FIRST + "standby 1 ip", ["192.0.2.1/24"]),
        (FIRST + "vrrp 7 ip 192.0.2.254", ["192.0.2.1/24", "192.0.2.254/24 secondary shared"]),
        (FIRST + "vrrp 7 ip 192.0.2.1", ["192.0.2.1/24"]),
        (FIRST + "glbp 7 ip 192.0.2.254", ["192.0.2.1/24", "192.0.2.254/24 secondary shared"]),
        (FIRST + "standby 1 ip 198.51.100.9", ["192.0.2.1/24", "198.51.100.9/32 secondary shared"]),
        (
            FIRST + "vrrp 1 address-family ipv4\n address 192.0.2.254 primary\n exit-vrrp",
            ["192.0.2.1/24", "192.0.2.254/24 secondary shared"],
        ),
        ("ipv6 address 2001:db8::1/64", ["2001:db8::1/64"]),
        ("ipv6 address 2001:db8::1/127\nipv6 address fe80::1 link-local", ["2001:db8::1/127", "fe80::1/64"]),
        ("ipv6 address 2001:db8::/64 eui-64", []),
        ("ipv6 address 2001:db8::1/64 anycast", ["2001:db8::1/64"]),
        (
            "ipv6 address 2001:db8::2/64\nstandby version 2\nstandby 1 ipv6 2001:db8::1/64",
            ["2001:db8::2/64", "2001:db8::1/64 secondary shared"],
        ),
    ],
)
def test_addresses(lines: str, wanted: list[str]) -> None:
    assert addresses(port(lines)) == wanted


@pytest.mark.parametrize(
    "line",
    [
        "ip address dhcp",
        "ip address dhcp client-id GigabitEthernet0/0",
        "ip address dhcp hostname edge1",
        "ip address negotiated",
        "ip address pool LAN",
        "ipv6 address dhcp",
        "ipv6 address autoconfig",
        "ipv6 address autoconfig default",
        "ipv6 address 2001:db8::/64 eui-64",
        "ipv6 address DELEGATED ::1:0:0:0:1/64",
        "ip unnumbered Loopback9",
    ],
)
def test_an_address_that_is_not_in_the_config(line: str) -> None:
    one = port(line)
    assert one.dynamic_address is not None
    assert one.dynamic_address.text == line


def test_an_unnumbered_interface_has_the_address_of_another() -> None:
    one = port("ip unnumbered Loopback0\n", "Tunnel1", "interface Loopback0\n ip address 192.0.2.1 255.255.255.0\n")
    assert addresses(one) == ["192.0.2.1/32"]
    assert one.addresses[0].evidence.text == "ip unnumbered Loopback0"
    assert one.dynamic_address is None


@pytest.mark.parametrize("line", ["vrf forwarding RED", "ip vrf forwarding RED"])
def test_vrf(line: str) -> None:
    assert port(f"{line}\n{FIRST}").vrf == "RED"
    assert port(FIRST).vrf == "default"


def test_a_later_block_of_the_same_interface_counts_too() -> None:
    one = port(FIRST + "ip mtu 1400", rest="interface Gi0/0\n ip mtu 1300\n ip access-group X in\n")
    assert one.mtu[4].value == 1300
    assert [b.filter for b in one.bindings] == ["X"]
    assert addresses(one) == ["192.0.2.1/24"]


@pytest.mark.parametrize(
    ("lines", "enabled"), [("", True), ("shutdown", False), ("no shutdown", True), ("shutdown\nno shutdown", True)]
)
def test_shutdown(lines: str, enabled: bool) -> None:
    assert port(FIRST + lines).enabled is enabled


def test_a_subinterface_goes_down_with_its_parent() -> None:
    found = whole("interface GigabitEthernet0/0\n shutdown\ninterface GigabitEthernet0/0.5\n encapsulation dot1Q 5\n")
    assert [one.enabled for one in found.interfaces] == [False, False]


@pytest.mark.parametrize(
    ("lines", "four", "six"),
    [
        ("", (True, Basis.ABSENT), (True, Basis.ABSENT)),
        ("no ip unreachables", (False, Basis.READ), (True, Basis.ABSENT)),
        ("no ipv6 unreachables", (True, Basis.ABSENT), (True, Basis.ASSUMED)),  # Packet Too Big is no unreachable
        ("ip unreachables\nipv6 unreachables", (True, Basis.READ), (True, Basis.READ)),
    ],
)
def test_icmp_unreachables(lines: str, four: object, six: object) -> None:
    one = port(FIRST + lines)
    assert (one.unreachables[4].value, one.unreachables[4].basis) == four
    assert (one.unreachables[6].value, one.unreachables[6].basis) == six


def test_whether_no_ipv6_unreachables_stops_packet_too_big_is_not_known() -> None:
    fact = port(FIRST + "no ipv6 unreachables").unreachables[6]
    assert fact.others == (False,)
    assert [line.text for line in fact.evidence] == ["no ipv6 unreachables"]


def test_an_interface_that_only_discards_can_say_so_too() -> None:
    assert port("no ip unreachables", "Null0").unreachables[4].value is False


@pytest.mark.parametrize(
    ("line", "four", "six"),
    [
        ("", "off", "off"),
        ("ip verify unicast source reachable-via rx", "strict-no-default", "off"),
        ("ip verify unicast source reachable-via rx allow-default", "strict", "off"),
        ("ip verify unicast source reachable-via any", "loose-no-default", "off"),
        ("ip verify unicast source reachable-via any allow-default allow-self-ping", "loose", "off"),
        ("ip verify unicast reverse-path", "strict", "off"),
        ("ipv6 verify unicast source reachable-via rx", "off", "strict-no-default"),
        ("ipv6 verify unicast source reachable-via any", "off", "loose-no-default"),
        ("ipv6 verify unicast source reachable-via any allow-default", "off", "loose"),
        ("ipv6 verify unicast reverse-path", "off", "strict"),
    ],
)
def test_source_check(line: str, four: str, six: str) -> None:
    one = port(FIRST + line)
    assert (one.source_check[4].value, one.source_check[6].value) == (four, six)
    assert one.source_check[4].basis is (Basis.ABSENT if four == "off" else Basis.READ)


@pytest.mark.parametrize(
    ("line", "mode"),
    [
        ("ip verify unicast source reachable-via rx 101", "strict-no-default"),
        ("ip verify unicast reverse-path 101", "strict"),
    ],
)
def test_a_source_check_that_a_list_may_lift_is_not_sure(line: str, mode: str) -> None:
    fact = port(FIRST + line).source_check[4]
    assert fact.value == mode
    assert fact.basis is Basis.UNKNOWN
    assert fact.others == ("off",)


def test_a_source_check_without_the_default_route_is_understood() -> None:
    body = f"interface GigabitEthernet0/0\n {FIRST} ip verify unicast source reachable-via any\n"
    assert not whole(body + "ip route 0.0.0.0 0.0.0.0 192.0.2.9\n").not_understood


BRIDGE = "bridge irb\nbridge 1 protocol ieee\nbridge 1 route ip\ninterface BVI1\n ip address 192.0.2.1 255.255.255.0\n"


@pytest.mark.parametrize(
    ("line", "family", "direction"),
    [
        ("ip access-group IN in", 4, "in"),
        ("ip access-group IN out", 4, "out"),
        ("ipv6 traffic-filter IN in", 6, "in"),
        ("ip inspect FW in", 4, "in"),
        ("bridge-group 1 input-type-list 201", None, "in"),
        ("bridge-group 1 output-lsap-list 201", None, "out"),
        ("bridge-group 1 input-address-list 700", None, "in"),
    ],
)
def test_a_list_on_a_bridged_member_is_a_doubt_of_the_bvi(line: str, family: int | None, direction: str) -> None:
    found = whole(f"{BRIDGE}interface GigabitEthernet0/0\n no ip address\n bridge-group 1\n {line}\n")
    (note,) = [n for n in found.not_understood if "bridged" in n.reason]
    assert (note.place, note.family, note.direction, note.evidence.text) == ("BVI1", family, direction, line)


@pytest.mark.parametrize(
    "lines",
    [
        "bridge-group 1",
        "bridge-group 2\n ip access-group IN in",
        "bridge-group 1\n ip access-group IN in\n shutdown",
        "bridge-group 1\n bridge-group 1 spanning-disabled",
        "ip access-group IN in",
    ],
)
def test_what_is_no_doubt_of_the_bvi(lines: str) -> None:
    found = whole(f"{BRIDGE}interface GigabitEthernet0/0\n no ip address\n {lines}\n")
    assert not found.not_understood


@pytest.mark.parametrize(
    ("line", "family", "direction"),
    [
        ("ip access-group L in", 4, "in"),
        ("ip access-group 101 out", 4, "out"),
        ("ipv6 traffic-filter L in", 6, "in"),
        ("ipv6 traffic-filter L out", 6, "out"),
    ],
)
def test_bound_lists(line: str, family: int, direction: str) -> None:
    (bound, *_more) = port(FIRST + line).bindings
    assert (bound.family, bound.direction, bound.purpose) == (family, direction, "access")
    assert bound.evidence.text == line


def test_the_last_list_of_a_direction_counts() -> None:
    one = port(FIRST + "ip access-group A in\nip access-group B in\nip access-group C out\nno ip access-group C out")
    assert [(b.filter, b.direction) for b in one.bindings] == [("B", "in")]


def test_lists_for_other_purposes_are_no_packet_filters() -> None:
    body = (
        "line vty 0 4\n access-class 10 in\nsnmp-server community x RO 10\nip http access-class 10\n"
        "ntp access-group peer 10\nrouter eigrp 1\n distribute-list 10 in\nclass-map C\n match access-group 10\n"
        "route-map R\n match ip address 10\naccess-list 10 permit any\ninterface GigabitEthernet0/0\n " + FIRST
    )
    one = whole(body).interface("GigabitEthernet0/0")
    assert one is not None
    assert not one.bindings


def test_names_are_found_by_their_abbreviations() -> None:
    body = "interface Gi0/0\n ip address 192.0.2.1 255.255.255.0\ninterface Po1\n no ip address\ninterface lo0\n"
    assert [one.name for one in whole(body).interfaces] == ["GigabitEthernet0/0", "Port-channel1", "Loopback0"]
    assert whole(body).interfaces[0].resolves_by == ("Gi0/0",)
    assert whole("interface GigabitEthernet 0/0\n mtu 1400\n").interface("GigabitEthernet0/0") is not None


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("GigabitEthernet0/0", "ethernet"),
        ("Vlan10", "ethernet"),
        ("Port-channel1.20", "ethernet"),
        ("Loopback0", "loopback"),
        ("Tunnel0", "tunnel"),
        ("Serial0/0", "other"),
        ("Dialer1", "other"),
    ],
)
def test_kinds(name: str, kind: str) -> None:
    assert port(FIRST, name).kind == kind


@pytest.mark.parametrize(
    ("lines", "four", "six"),
    [
        ("", (True, Basis.ABSENT), (False, Basis.ABSENT)),
        ("ip routing\nipv6 unicast-routing", (True, Basis.READ), (True, Basis.READ)),
        ("no ip routing\nno ipv6 unicast-routing", (False, Basis.READ), (False, Basis.READ)),
    ],
)
def test_forwarding(lines: str, four: object, six: object) -> None:
    found = whole(f"{lines}\ninterface GigabitEthernet0/0\n {FIRST}")
    assert (found.forwards[4].value, found.forwards[4].basis) == four
    assert (found.forwards[6].value, found.forwards[6].basis) == six


def test_whether_a_switch_routes_by_default_is_not_known() -> None:
    found = whole(f"switch 1 provision c9300-24t\ninterface Vlan10\n {FIRST}")
    assert not found.forwards[4].basis.decides
    assert {found.forwards[4].value, *found.forwards[4].others} == {True, False}


def test_identity() -> None:
    found = device(HEAD + "interface GigabitEthernet0/0\n description to the north\n" + FIRST + END)
    assert (found.hostname, found.version, found.platform) == ("edge1", "15.7", "cisco_ios")
    assert found.interfaces[0].description == "to the north"


@pytest.mark.parametrize(
    "command", ["authentication port-control", "access-session port-control", "dot1x port-control"]
)
@pytest.mark.parametrize(("word", "said"), [("auto", True), ("force-unauthorized", True), ("force-authorized", False)])
def test_a_port_whose_users_log_in_may_get_a_list(command: str, word: str, *, said: bool) -> None:
    found = whole(f"interface GigabitEthernet1/0/1\n switchport mode access\n {command} {word}\n")
    assert [n.place for n in found.not_understood if "RADIUS server" in n.reason] == ["GigabitEthernet1/0/1"] * said


@pytest.mark.parametrize(
    ("line", "understood"),
    [
        ("rate-limit input 8000 1500 2000 conform-action transmit exceed-action drop", True),
        ("rate-limit input 8000 1500 2000 conform-action drop exceed-action drop", False),
        ("rate-limit input access-group 101 8000 1500 2000 conform-action transmit exceed-action drop", False),
        ("ip load-sharing per-destination", True),
        ("ip load-sharing per-packet", True),
        ("ppp authentication chap", True),
        ("ppp multilink fragment delay 20", True),
        ("ppp mtu adaptive", False),
        ("ip wccp web-cache redirect in", True),
        ("ip wccp 61 redirect in", False),
        ("service-policy type access-control input X", False),
        ("ip verify source", False),
        ("cts manual", False),
        ("ip ips X in", False),
        ("ip admission X", False),
        ("nat64 enable", False),
    ],
)
def test_what_may_drop_or_split_is_not_called_harmless(line: str, *, understood: bool) -> None:
    found = whole(f"interface GigabitEthernet0/0\n {FIRST}\n {line}\n")
    assert [n.evidence.text for n in found.not_understood] == ([] if understood else [line])
    assert {n.place for n in found.not_understood} <= {"GigabitEthernet0/0"}
