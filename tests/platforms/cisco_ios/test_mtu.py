"""Every form in which an MTU is configured, and what follows where none is."""

import pytest

from auditor.model.evidence import Basis
from tests.platforms.cisco_ios.reading import HEAD, device, port, whole

READ, ABSENT, DEFAULT, ASSUMED, UNKNOWN = Basis.READ, Basis.ABSENT, Basis.DEFAULT, Basis.ASSUMED, Basis.UNKNOWN
ADDRESSED = "ip address 192.0.2.1 255.255.255.0\n"


@pytest.mark.parametrize(
    ("lines", "four", "six"),
    [
        ("ip mtu 1400", (1400, READ), (1500, ABSENT)),
        ("mtu 1400", (1400, READ), (1400, READ)),
        ("mtu 9216\nip mtu 1500", (1500, READ), (9216, READ)),
        ("ip mtu 1500\nmtu 1400", (1400, READ), (1400, READ)),  # the IP MTU is never above the interface's
        ("ipv6 mtu 1280", (1500, ABSENT), (1280, READ)),
        ("ip mtu 1300\nipv6 mtu 1280\nmtu 1600", (1300, READ), (1280, READ)),
        ("ip mtu 1400\nno ip mtu", (1500, ABSENT), (1500, ABSENT)),
        ("ip mtu 1400\nip mtu 1300", (1300, READ), (1500, ABSENT)),
        ("no mtu", (1500, ABSENT), (1500, ABSENT)),
    ],
)
def test_an_ethernet_port(lines: str, four: object, six: object) -> None:
    one = port(ADDRESSED + lines)
    assert (one.mtu[4].value, one.mtu[4].basis) == four
    assert (one.mtu[6].value, one.mtu[6].basis) == six


@pytest.mark.parametrize(
    ("name", "value", "basis"),
    [
        ("GigabitEthernet0/0", 1500, ABSENT),
        ("TenGigabitEthernet0/0/0", 1500, ABSENT),
        ("Ethernet0", 1500, ABSENT),
        ("FastEthernet0/1.100", 1500, ABSENT),
        ("Port-channel1", 1500, ABSENT),
        ("Vlan10", 1500, ABSENT),
        ("BDI10", 1500, ABSENT),
        ("Serial0/0/0:0", 1500, ABSENT),
        ("Hssi1/0", 4470, ABSENT),
        ("ATM0/0/0", 4470, ABSENT),
        ("Dialer1", 1500, DEFAULT),
    ],
)
def test_the_default_of_a_kind(name: str, value: int, basis: Basis) -> None:
    fact = port(ADDRESSED, name).mtu[4]
    assert fact.value == value
    assert fact.basis is basis or (basis is DEFAULT and not fact.basis.decides), fact
    assert basis is ABSENT or fact.others


@pytest.mark.parametrize("name", ["Cellular0/1/0", "Virtual-Template1", "Async1", "Multilink1", "nve1"])
def test_no_default_is_made_up_for_a_kind_without_a_documented_one(name: str) -> None:
    assert not port(ADDRESSED, name).mtu
    assert port(ADDRESSED + "ip mtu 1400\n", name).mtu[4].value == 1400


def test_a_default_is_proved_in_a_whole_config_only() -> None:
    cut = device(HEAD + "interface GigabitEthernet0/0\n " + ADDRESSED).interface("GigabitEthernet0/0")
    assert cut is not None
    assert cut.mtu[4].basis is DEFAULT
    assert cut.mtu[4].others
    assert cut.mtu[4].source


def test_a_subinterface_has_its_parents_mtu() -> None:
    body = "interface GigabitEthernet0/0\n mtu 1400\ninterface GigabitEthernet0/0.10\n encapsulation dot1Q 10\n "
    one = whole(body + ADDRESSED + "interface GigabitEthernet0/0.20\n ip mtu 1300\n " + ADDRESSED)
    ten, twenty = one.interface("GigabitEthernet0/0.10"), one.interface("GigabitEthernet0/0.20")
    assert ten is not None
    assert twenty is not None
    assert (ten.mtu[4].value, ten.mtu[4].evidence[0].text) == (1400, "mtu 1400")
    assert (twenty.mtu[4].value, twenty.mtu[6].value) == (1300, 1400)


@pytest.mark.parametrize(
    ("line", "value"),
    [("system mtu 1400", 1400), ("system mtu 9198", 9198), ("system mtu routing 1400", 1400)],
)
def test_system_mtu(line: str, value: int) -> None:
    body = f"switch 1 provision c9300-24t\n{line}\ninterface Vlan10\n {ADDRESSED}"
    one = whole(body).interface("Vlan10")
    assert one is not None
    assert one.mtu[4].value == value
    assert one.mtu[4].evidence[0].text == line


def test_system_mtu_jumbo_does_not_change_what_is_routed() -> None:
    body = f"switch 1 provision ws-c3750\nsystem mtu jumbo 9000\ninterface Vlan10\n {ADDRESSED}"
    one = whole(body).interface("Vlan10")
    assert one is not None
    assert one.mtu[4].value == 1500


def test_pppoe_takes_eight_bytes() -> None:
    body = "interface GigabitEthernet0/0\n pppoe-client dial-pool-number 1\ninterface Dialer1\n ip address negotiated\n"
    one = whole(body + " encapsulation ppp\n dialer pool 1\n").interface("Dialer1")
    assert one is not None
    assert {one.mtu[4].value, *one.mtu[4].others} >= {1500, 1492}
    assert not one.mtu[4].basis.decides
    set_ = whole(body + " encapsulation ppp\n dialer pool 1\n mtu 1492\n").interface("Dialer1")
    assert set_ is not None
    assert (set_.mtu[4].value, set_.mtu[4].basis) == (1492, READ)


TUNNEL = "ip address 10.9.0.1 255.255.255.252\ntunnel source GigabitEthernet0/0\ntunnel destination 198.51.100.1\n"
UNDER = "interface GigabitEthernet0/0\n ip address 192.0.2.1 255.255.255.0\n"


@pytest.mark.parametrize(
    ("lines", "overhead", "mtu"),
    [
        ("", 24, 1476),
        ("tunnel mode gre ip\n", 24, 1476),
        ("tunnel key 5\n", 28, 1472),
        ("tunnel key 5\ntunnel checksum\n", 32, 1468),
        ("tunnel key 5\ntunnel checksum\ntunnel sequence-datagrams\n", 36, 1464),
        ("tunnel mode ipip\n", 20, 1480),
        ("tunnel mode ipip\ntunnel key 5\n", 20, 1480),
        ("tunnel mode gre multipoint\n", 24, 1476),
        ("tunnel mode ipv6ip\n", 20, None),
        ("tunnel mode ipsec ipv4\ntunnel protection ipsec profile P\n", None, None),
        ("tunnel protection ipsec profile P\n", None, None),
        ("tunnel mode mpls traffic-eng\n", None, None),
    ],
)
def test_what_a_tunnel_adds(lines: str, overhead: int | None, mtu: int | None) -> None:
    one = port(TUNNEL + lines, "Tunnel1", UNDER)
    assert one.tunnel is not None
    assert one.tunnel.overhead.value == overhead
    assert overhead is not None or one.tunnel.overhead.basis is UNKNOWN
    if mtu is not None:
        assert (one.mtu[4].value, one.mtu[4].basis) == (mtu, ABSENT)
    elif overhead is None:
        assert not one.mtu[4].basis.decides


@pytest.mark.parametrize("line", ["ip mtu 1400", "tunnel ip mtu 1400"])
def test_the_mtu_of_a_tunnel_by_its_own_line(line: str) -> None:
    one = port(f"{TUNNEL}{line}\ntunnel protection ipsec profile P\n", "Tunnel1", UNDER)
    assert (one.mtu[4].value, one.mtu[4].basis) == (1400, READ)


def test_a_tunnel_over_a_small_link() -> None:
    one = port(TUNNEL, "Tunnel1", UNDER + " ip mtu 1400\n")
    assert one.mtu[4].value == 1376


def test_a_tunnel_whose_way_out_is_not_known() -> None:
    more = "interface GigabitEthernet0/1\n ip address 203.0.113.1 255.255.255.0\n ip mtu 1400\n"
    fact = port(TUNNEL, "Tunnel1", UNDER + more + "router ospf 1\n").mtu[4]
    assert {fact.value, *fact.others} == {1476, 1376}
    assert fact.basis is DEFAULT
    routed = port(TUNNEL, "Tunnel1", UNDER + more + "ip route 198.51.100.0 255.255.255.0 203.0.113.9\n").mtu[4]
    assert (routed.value, routed.basis) == (1376, ABSENT)


@pytest.mark.parametrize(
    ("line", "df"),
    [
        ("", "clear"),
        ("tunnel path-mtu-discovery", "keep"),
        ("tunnel path-mtu-discovery age-timer 15", "keep"),
        ("tunnel path-mtu-discovery min-mtu 1000", "keep"),
        ("tunnel path-mtu-discovery\nno tunnel path-mtu-discovery", "clear"),
    ],
)
def test_df_of_the_outer_header(line: str, df: str) -> None:
    one = port(TUNNEL + line, "Tunnel1", UNDER)
    assert one.tunnel is not None
    assert one.tunnel.outer_df.value == df


def test_where_a_tunnel_goes() -> None:
    rest = "interface Loopback0\n vrf forwarding OUT\n ip address 192.0.2.7 255.255.255.255\n"
    lines = "ip address 10.9.0.1 255.255.255.252\ntunnel source Loopback0\ntunnel destination 198.51.100.1\n"
    found = port(lines + "tunnel vrf OUT\ntunnel protection ipsec profile P\n", "Tunnel1", rest).tunnel
    assert found is not None
    assert (found.source_interface, found.source, found.vrf, found.family, found.protocol) == (
        "Loopback0",
        0xC0000207,
        "OUT",
        4,
        47,
    )
    assert found.destination == 0xC6336401
    assert found.protected is not None
    assert found.protected.text == "tunnel protection ipsec profile P"


def test_a_tunnel_from_an_address_and_to_a_name() -> None:
    found = port("tunnel source 192.0.2.7\ntunnel destination dynamic\n", "Tunnel1").tunnel
    assert found is not None
    assert (found.source, found.source_interface, found.destination) == (0xC0000207, None, None)


def test_a_tunnel_over_ipv6() -> None:
    lines = "tunnel source 2001:db8::1\ntunnel destination 2001:db8::2\ntunnel mode gre ipv6\n"
    found = port(lines, "Tunnel1").tunnel
    assert found is not None
    assert (found.family, found.overhead.value) == (6, 44)
    assert found.destination == 0x20010DB8_00000000_00000000_00000002


def test_labels_take_room() -> None:
    fact = port(ADDRESSED + "mpls ip\n").mtu[4]
    assert not fact.basis.decides
    assert 1500 in (fact.value, *fact.others)


@pytest.mark.parametrize(
    ("lines", "value", "others"),
    [
        ("macsec", 1500, (1468,)),
        ("macsec network-link", 1500, (1468,)),
        ("mtu 1600\nip mtu 1500\nmacsec", 1500, ()),
        ("mtu 1600\nip mtu 1590\nmacsec", 1590, (1568,)),
        ("macsec\nno macsec", 1500, ()),
        ("macsec replay-protection window-size 10", 1500, ()),
    ],
)
def test_macsec_may_take_room(lines: str, value: int, others: tuple[int, ...]) -> None:
    fact = port(ADDRESSED + lines).mtu[4]
    assert (fact.value, fact.others) == (value, others)
    assert fact.basis.decides is (others == ())


def test_macsec_of_the_port_counts_for_its_subinterfaces() -> None:
    rest = "interface GigabitEthernet0/0.10\n encapsulation dot1Q 10\n ip address 192.0.2.9 255.255.255.0\n"
    one = whole("interface GigabitEthernet0/0\n macsec\n no ip address\n" + rest).interface("GigabitEthernet0/0.10")
    assert one is not None
    assert one.mtu[4].others == (1468,)


def test_an_atm_subinterface_is_not_bound_by_its_port() -> None:
    body = f"interface ATM0/0/0\n mtu 1400\ninterface ATM0/0/0.1 point-to-point\n {ADDRESSED}"
    one = whole(body).interface("ATM0/0/0.1")
    assert one is not None
    assert {one.mtu[4].value, *one.mtu[4].others} == {4470, 1400}
    assert not one.mtu[4].basis.decides


@pytest.mark.parametrize(
    ("line", "rest", "df", "basis"),
    [
        ("", "", "keep", ASSUMED),
        ("", "crypto ipsec df-bit clear\n", "clear", READ),
        ("", "crypto ipsec df-bit set\n", "set", READ),
        ("crypto ipsec df-bit copy\n", "crypto ipsec df-bit clear\n", "keep", READ),
        ("tunnel path-mtu-discovery\n", "crypto ipsec df-bit clear\n", "clear", READ),
    ],
)
def test_df_of_the_outer_header_where_ipsec_makes_the_tunnel(line: str, rest: str, df: str, basis: Basis) -> None:
    lines = f"{TUNNEL}tunnel mode ipsec ipv4\ntunnel protection ipsec profile P\n{line}"
    one = port(lines, "Tunnel1", UNDER + rest)
    assert one.tunnel is not None
    assert (one.tunnel.outer_df.value, one.tunnel.outer_df.basis) == (df, basis)


# ------------------------------------------------------------------------------------------------- what is taken in


@pytest.mark.parametrize(
    ("lines", "name", "wanted"),
    [
        ("mtu 1400\n", "GigabitEthernet0/0", (1400,)),
        ("mtu 9000\nip mtu 1400\n", "GigabitEthernet0/0", (9000,)),
        ("ip mtu 1400\n", "GigabitEthernet0/0", (1500,)),
        ("", "Port-channel1", (1500,)),
        ("", "Vlan10", None),
        ("", "BVI1", None),
        ("", "BDI10", None),
        ("mtu 1400\n", "Serial0/0", None),
        ("", "Loopback0", None),
        ("tunnel source 192.0.2.1\ntunnel destination 192.0.2.9\n", "Tunnel0", None),
    ],
)
def test_whether_mtu_bounds_what_comes_in_is_assumed(lines: str, name: str, wanted: tuple[int, ...] | None) -> None:
    fact = port("ip address 192.0.2.1 255.255.255.0\n" + lines, name).receive_mtu
    if wanted is None:
        assert fact is None
        return
    assert fact is not None
    assert (fact.value, fact.basis, fact.others) == (None, Basis.ASSUMED, wanted)
    assert fact.source


def test_a_subinterface_takes_in_what_its_port_does() -> None:
    body = "interface GigabitEthernet0/0\n mtu 1400\ninterface GigabitEthernet0/0.5\n encapsulation dot1Q 5\n"
    fact = whole(body).interfaces[1].receive_mtu
    assert fact is not None
    assert fact.others == (1400,)
    assert [line.text for line in fact.evidence] == ["mtu 1400"]


def test_of_a_switch_another_doubt_says_so() -> None:
    found = whole("switch 1 provision c9300-24t\ninterface GigabitEthernet1/0/1\n no switchport\n")
    assert found.interfaces[0].receive_mtu is None
