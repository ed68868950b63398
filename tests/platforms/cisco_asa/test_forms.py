"""Every form that a config may have, and what becomes of it in the model."""

import pytest

from auditor.model.addresses import IntervalSet, parse_address, parse_prefix
from auditor.model.device import Undecided
from auditor.model.evidence import Basis
from auditor.model.filters import Verb
from auditor.parse.read import read_device
from auditor.platforms.cisco_asa import PLATFORM
from tests.platforms.cisco_asa.reading import END, FINDER, HEAD, PORTS, device, rules, whole

UDP = IntervalSet.single(17)


def addresses(text: str) -> IntervalSet:
    return IntervalSet.union(parse_prefix(one)[1] for one in text.split())


# ---------------------------------------------------------------------------------------------------------- interfaces


def test_interface_has_its_nameif_as_a_further_name() -> None:
    found = whole(PORTS).interface("outside")
    assert found is not None
    assert found.name == "GigabitEthernet0/0"
    (own,) = found.addresses
    assert (own.address, own.length) == (parse_address("198.51.100.2")[1], 24)


def test_interface_without_a_nameif_carries_nothing() -> None:
    found = whole("interface GigabitEthernet0/3\n no nameif\n ip address 192.0.2.1 255.255.255.0\n").interfaces[0]
    assert not found.enabled
    assert not found.addresses


def test_mtu_is_read_by_nameif() -> None:
    found = whole(PORTS + "mtu outside 1400\n").interface("outside")
    assert found is not None
    for family in (4, 6):
        assert (found.mtu[family].value, found.mtu[family].basis) == (1400, Basis.READ)
        assert found.mtu[family].evidence[0].text == "mtu outside 1400"


@pytest.mark.parametrize(("complete", "basis"), [(True, Basis.ABSENT), (False, Basis.DEFAULT)])
def test_mtu_without_a_line(complete: bool, basis: Basis) -> None:
    found = device(HEAD + PORTS + (END if complete else "")).interface("dmz")
    assert found is not None
    assert (found.mtu[4].value, found.mtu[4].basis) == (1500, basis)
    assert found.mtu[4].source


def test_mtu_of_pppoe_is_assumed() -> None:
    found = whole("interface Ethernet0/0\n nameif outside\n ip address pppoe setroute\n")
    fact = found.interfaces[0].mtu[4]
    assert (fact.value, fact.basis, fact.others) == (1492, Basis.ASSUMED, (1500,))
    assert found.routing.routes[0].uncertain
    assert not found.routing.complete[4]


def test_ipv6_and_standby_addresses() -> None:
    body = "interface Gi0/0\n nameif in\n ip address 192.0.2.1 255.255.255.0 standby 192.0.2.2\n"
    found = whole(body + " ipv6 address 2001:db8::1/64 standby 2001:db8::2\n").interfaces[0]
    assert [(a.family, a.length) for a in found.addresses] == [(4, 24), (6, 64)]


def test_management_only_forwards_nothing() -> None:
    found = whole("interface Management0/0\n management-only\n nameif mgmt\n").interfaces[0]
    assert found.forwards[4].value is False
    assert found.vrf == "management-only"


def test_reverse_path_check() -> None:
    found = whole(PORTS + "ip verify reverse-path interface outside\n")
    outside, dmz = found.interface("outside"), found.interface("dmz")
    assert outside is not None
    assert dmz is not None
    assert outside.source_check[4].value == "strict"
    assert (dmz.source_check[4].value, dmz.source_check[4].basis) == ("off", Basis.ABSENT)


def test_unknown_line_of_an_interface_is_told() -> None:
    (left,) = whole(PORTS.replace(" nameif dmz", " nameif dmz\n policy-route route-map R")).not_understood
    assert (left.place, left.evidence.text) == ("GigabitEthernet0/1", "policy-route route-map R")


def test_tunnel_interface() -> None:
    body = "interface Tunnel1\n nameif vti\n ip address 10.0.0.1 255.255.255.252\n tunnel source interface outside\n"
    body += " tunnel destination 192.0.2.9\n tunnel mode ipsec ipv4\n tunnel protection ipsec profile P\n"
    found = whole(PORTS + body + "crypto ipsec df-bit clear-df outside\n").interface("vti")
    assert found is not None
    assert found.tunnel is not None
    assert found.tunnel.source_interface == "GigabitEthernet0/0"
    assert found.tunnel.destination == parse_address("192.0.2.9")[1]
    assert found.tunnel.outer_df.value == "clear"
    assert found.tunnel.overhead.basis is Basis.UNKNOWN
    assert found.mtu[4].basis is Basis.ASSUMED


# ----------------------------------------------------------------------------------------------------------- fragments


@pytest.mark.parametrize(
    ("lines", "outside", "dmz"),
    [
        ("", (24, 200, 5), (24, 200, 5)),
        ("fragment chain 1\n", (1, 200, 5), (1, 200, 5)),
        ("fragment chain 1 outside\n", (1, 200, 5), (24, 200, 5)),
        ("fragment chain 1\nfragment chain 30 outside\n", (30, 200, 5), (1, 200, 5)),
        ("fragment chain 1 outside\nno fragment chain 1 outside\n", (24, 200, 5), (24, 200, 5)),
        ("fragment size 1000 dmz\nfragment timeout 10 dmz\n", (24, 200, 5), (24, 1000, 10)),
    ],
)
def test_fragment_database(lines: str, outside: tuple[int, ...], dmz: tuple[int, ...]) -> None:
    found = {
        row.interface: tuple(fact.value for fact in (row.fragments, row.sets, row.timeout) if fact is not None)
        for row in whole(PORTS + lines).reassembly
        if row.family == 4 and row.name == "virtual"
    }
    assert found == {"GigabitEthernet0/0": outside, "GigabitEthernet0/1": dmz}


def test_fragment_defaults_have_their_basis_and_source() -> None:
    row = whole(PORTS).reassembly[0]
    assert row.kind == "virtual"
    assert row.fragments is not None
    assert row.fragments.basis is Basis.ABSENT
    assert "Configuring the Fragment Size" in row.fragments.source


def test_full_reassembly_is_of_one_interface() -> None:
    rows = whole(PORTS + "fragment reassembly full dmz\n").reassembly
    kinds = {(r.interface, r.name, r.kind) for r in rows}
    assert kinds == {
        ("GigabitEthernet0/0", "virtual", "virtual"),
        ("GigabitEthernet0/0", "full", "full"),  # without a line both are tried
        ("GigabitEthernet0/1", "virtual", "full"),
        ("GigabitEthernet0/1", "full", "full"),
    }


@pytest.mark.parametrize(
    ("lines", "undecided"),
    [("", True), ("fragment reassembly virtual outside\n", True), ("fragment reassembly virtual\n", False)],
)
def test_kind_of_reassembly_is_assumed_without_a_line(lines: str, undecided: bool) -> None:
    first = whole(PORTS + lines).pipelines.transit[0]
    assert isinstance(first, Undecided) == undecided
    if isinstance(first, Undecided):
        assert (first.fact.value, first.fact.others, first.fact.basis) == ("virtual", ("full",), Basis.ASSUMED)


def test_a_chain_that_is_set_is_assumed_for_ipv6() -> None:
    by_family = {r.family: r.fragments for r in whole(PORTS + "fragment chain 1 outside\n").reassembly[:4]}
    assert by_family[4] is not None
    assert by_family[6] is not None
    assert (by_family[4].basis, by_family[6].basis) == (Basis.READ, Basis.ASSUMED)


# --------------------------------------------------------------------------------------------------------- access lists


@pytest.mark.parametrize(
    ("text", "sources", "destinations", "ports"),
    [
        ("permit udp any host 192.0.2.1 eq isakmp", "", "192.0.2.1/32", (500, 500)),
        ("line 3 extended permit udp any host 192.0.2.1 eq radius", "", "192.0.2.1/32", (1645, 1645)),
        ("extended permit udp 10.0.0.0 255.0.0.0 any4 range 500 4500", "10.0.0.0/8", "", (500, 4500)),
        (
            "extended permit udp object A object-group N gt 1023 log",
            "10.1.0.0/16",
            "10.1.0.0/16 10.2.0.5/32",
            (1024, 65535),
        ),
        (
            "extended permit udp any4 object-group NESTED object-group P",
            "",
            "10.1.0.0/16 10.2.0.5/32 10.3.0.0/24",
            (500, 500),
        ),
        ("extended permit object S any4 interface outside", "", "198.51.100.2/32", (4500, 4500)),
        ("extended permit object-group SG any4 host gateway", "", "192.0.2.7/32", (500, 500)),
        ("extended permit udp any4 object R eq 500 log warnings interval 60", "", "10.9.0.4/31", (500, 500)),
    ],
)
def test_entries(text: str, sources: str, destinations: str, ports: tuple[int, int]) -> None:
    body = PORTS + (
        "name 192.0.2.7 gateway\n"
        "object network A\n subnet 10.1.0.0 255.255.0.0\n"
        "object network R\n range 10.9.0.4 10.9.0.5\n"
        "object service S\n service udp destination eq 4500\n"
        "object-group network N\n network-object object A\n network-object host 10.2.0.5\n"
        "object-group network NESTED\n group-object N\n network-object 10.3.0.0 255.255.255.0\n"
        "object-group service P udp\n port-object eq isakmp\n"
        "object-group service SG\n service-object udp destination eq 500\n"
    )
    (rule,) = rules(f"{body}access-list L {text}\n")
    assert not rule.uncertain
    assert rule.action.verb is Verb.PERMIT
    assert rule.protocol == UDP
    box = rule.boxes[0]
    assert (box.sources or IntervalSet()) == (addresses(sources) if sources else IntervalSet())
    assert (box.destinations or IntervalSet()) == (addresses(destinations) if destinations else IntervalSet())
    assert box.destination_ports == IntervalSet.of(ports)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("extended deny udp any any time-range NIGHT", "NIGHT"),
        ("extended deny udp user LAB\\bob any any", "users"),
        ("extended deny udp any object NONE", "NONE is not in the config"),
        ("extended deny udp any object F", "addresses of"),
        ("extended deny udp object-group LOOP any", "contains itself"),
        ("extended deny udp any any eq mystery", "mystery"),
        ("extended deny mystery any any", "mystery"),
        ("extended deny udp any any object-group NONE", "NONE is not in the config"),
        ("extended deny object-group NONE any any", "NONE is not in the config"),
        ("extended deny object NONE any any", "NONE is not in the config"),
        ("extended deny udp any any mystery", "mystery"),
    ],
)
def test_what_is_not_known_makes_an_entry_uncertain(text: str, words: str) -> None:
    body = "object network F\n fqdn v4 vpn.example.com\nobject-group network LOOP\n group-object LOOP\n"
    found = rules(f"{body}access-list L {text}\n")
    assert found
    assert all(words in rule.uncertain and rule.boxes for rule in found)


@pytest.mark.parametrize("text", ["remark permit udp any any", "extended deny udp any any inactive"])
def test_what_is_no_entry(text: str) -> None:
    assert not rules(f"access-list L {text}\naccess-list L extended permit ip any any\n")[1:]


def test_one_list_holds_both_families() -> None:
    body = "access-list L extended permit udp host 2001:db8::1 any6 eq 500\n"
    body += "access-list L extended permit icmp any any unreachable\naccess-list L extended permit icmp6 any any\n"
    assert [rule.family for rule in rules(body)] == [6, 4, 6]


def test_group_with_an_unknown_line_is_in_doubt() -> None:
    body = "object-group network N\n network-object host 192.0.2.1\n mystery 1\n"
    (rule,) = rules(f"{body}access-list L extended deny udp any4 object-group N\n")
    assert "mystery" in rule.uncertain


def test_standard_list_names_destinations() -> None:
    (rule,) = rules("access-list L standard permit 10.0.0.0 255.0.0.0\n")
    assert rule.boxes[0].destinations == addresses("10.0.0.0/8")


# ----------------------------------------------------------------------------------------------------------------- NAT


def test_nat_is_met_by_section() -> None:
    body = PORTS + (
        "object network A\n host 10.0.0.1\nobject network AM\n host 198.51.100.20\n"
        "object network NET\n subnet 10.0.0.0 255.255.255.0\n nat (dmz,outside) dynamic interface\n"
        "object network A\n nat (dmz,outside) static AM\n"
        "nat (dmz,outside) after-auto source dynamic any interface\n"
        "nat (dmz,outside) source static A A destination static NET NET no-proxy-arp route-lookup\n"
    )
    found = whole(body)
    texts = [rule.evidence.text for rule in found.filters["of sources"].rules if rule.family == 4]
    assert [text.split(")")[1] for text in dict.fromkeys(texts)] == [
        " source static A A destination static NET NET no-proxy-arp route-lookup",
        " static AM",
        " dynamic interface",
        " after-auto source dynamic any interface",
    ]
    assert found.nat_addresses[4] == addresses("198.51.100.20/32")


def test_inactive_rule_is_no_rule_and_an_unknown_one_is_told() -> None:
    body = PORTS + "nat (dmz,outside) source static any any inactive\nnat (dmz) 1 10.0.0.0 255.0.0.0\n"
    found = whole(body)
    assert "of sources" not in found.filters
    assert [left.evidence.text for left in found.not_understood] == ["nat (dmz) 1 10.0.0.0 255.0.0.0"]


def test_static_port_translation() -> None:
    body = PORTS + "object network A\n host 10.0.0.1\n nat (dmz,outside) static interface service udp 500 5500\n"
    first = next(rule for rule in whole(body).filters["of destinations"].rules if rule.family == 4)
    assert first.boxes[0].destination_ports == IntervalSet.single(5500)
    assert first.boxes[0].destinations == addresses("198.51.100.2/32")
    assert first.action.translate is not None
    assert first.action.translate.ports == IntervalSet.single(500)


# -------------------------------------------------------------------------------------------------------------- routes


def test_routes() -> None:
    body = PORTS + (
        "route outside 0.0.0.0 0.0.0.0 198.51.100.1 1\nroute dmz 10.0.0.0 255.0.0.0 203.0.113.9 5 track 7\n"
        "ipv6 route outside ::/0 2001:db8::1\nroute Null0 192.0.2.0 255.255.255.0\n"
    )
    found = whole(body)
    default, tracked, *_ = found.routing.routes
    assert (default.length, default.next_hops[0].interface) == (0, "GigabitEthernet0/0")
    assert (tracked.distance, "track 7" in tracked.uncertain) == (5, True)
    assert found.routing.complete[6]


def test_routing_protocol_makes_routes_incomplete() -> None:
    found = whole(PORTS + "router ospf 1\n network 10.0.0.0 255.0.0.0 area 0\n")
    assert not found.routing.complete[4]
    assert [one.text for one in found.routing.elsewhere] == ["router ospf 1"]


# ---------------------------------------------------------------------------------------------------------------- ends


@pytest.mark.parametrize(
    ("line", "on", "basis", "size"),
    [
        ("", True, Basis.ASSUMED, 576),
        ("no crypto ikev2 fragmentation", False, Basis.READ, 576),
        ("crypto ikev2 fragmentation", True, Basis.READ, 576),
        ("crypto ikev2 fragmentation mtu 1200 preferred-method ietf", True, Basis.READ, 1200),
        ("crypto ikev2 fragmentation mtu 1200 preferred-method cisco", True, Basis.UNKNOWN, 1200),
    ],
)
def test_ike_end(line: str, on: bool, basis: Basis, size: int) -> None:
    body = PORTS + (
        "crypto map M 10 match address VPN\ncrypto map M 10 set peer 192.0.2.9\ncrypto map M interface outside\n"
        f"crypto ikev2 enable outside client-services port 443\n{line}\n"
        "tunnel-group 192.0.2.9 type ipsec-l2l\ntunnel-group 192.0.2.9 ipsec-attributes\n"
        " ikev2 remote-authentication pre-shared-key *****\n ikev2 local-authentication certificate TP\n"
    )
    (speaker,) = whole(body).speakers
    assert speaker.interface == "GigabitEthernet0/0"
    assert speaker.auth == "certificate"
    assert speaker.peers[0].addresses == addresses("192.0.2.9/32")
    assert speaker.ike_fragmentation is not None
    assert speaker.ike_fragment_size is not None
    assert (speaker.ike_fragmentation.value, speaker.ike_fragmentation.basis) == (on, basis)
    assert speaker.ike_fragment_size.value == size


def test_radius_client() -> None:
    body = PORTS + (
        "aaa-server NPS protocol radius\naaa-server NPS (dmz) host 203.0.113.20\n key *****\n"
        " authentication-port 1812\n"
        "aaa-server T protocol tacacs+\naaa-server T (dmz) host 203.0.113.21\n key *****\n"
    )
    (speaker,) = whole(body).speakers
    assert (speaker.kind, speaker.interface) == ("radius-client", "GigabitEthernet0/1")
    assert speaker.peers[0].ports == (1812, 1646)


# ---------------------------------------------------------------------------------------------------- the file as such


def test_contexts_are_devices_of_their_own() -> None:
    text = f"fw1/A# show running-config\n{HEAD}{PORTS}{END}fw1/B# show running-config\n{HEAD}mtu x 1400\n{END}"
    found = read_device("fw1", [("fw1.txt", text.encode())], PLATFORM, {PLATFORM.name: PLATFORM}, FINDER)
    assert [(one.name, len(one.interfaces)) for one in found] == [("fw1/A", 2), ("fw1/B", 0)]
    assert all(one.complete for one in found)


@pytest.mark.parametrize("line", ["<--- More --->", "ERROR: % Invalid input detected at '^' marker."])
def test_what_shows_a_text_to_be_broken(line: str) -> None:
    assert not device(f"{HEAD}{PORTS}{line}\n{END}").complete


@pytest.mark.parametrize("line", ["firewall transparent", "context A", "mac-list M permit any"])
def test_what_makes_it_another_kind_of_thing_is_told(line: str) -> None:
    assert [left.evidence.text for left in whole(PORTS + line).not_understood] == [line]
    assert whole(PORTS + line).not_understood[0].place == ""


def test_an_old_release_is_told() -> None:
    text = (HEAD + PORTS + END).replace("9.16(4)", "8.2(5)")
    assert "8.3" in device(text).not_understood[0].reason


@pytest.mark.parametrize(
    "line",
    [
        "route-map R permit 10",
        "object-group-search access-control",
        "crypto dynamic-map D 10 set ikev2 ipsec-proposal P",
        "vpdn group ISP request dialout pppoe",
        "sysopt connection tcpmss 1350",
        "timeout tcp-proxy-reassembly 0:01:00",
        "crypto ipsec security-association pmtu-aging infinite",
        "policy-map P\n class C\n  set connection decrement-ttl",
        "interface GigabitEthernet0/2\n speed 1000\n channel-group 1 mode active",
        "access-list alert-interval 300",
        "name-server 192.0.2.1",
    ],
)
def test_what_can_not_decide_is_harmless(line: str) -> None:
    assert not whole(PORTS + line).not_understood


@pytest.mark.parametrize(
    "line",
    [
        "ip audit interface outside DROP",
        "policy-map P\n class C\n  police output 1000000",
        "crypto dynamic-map D 10 match address L",
        "static (dmz,outside) 198.51.100.9 10.0.0.9",
        "access-group OUT-IN in outside",
        "fragment mystery 1",
        "zone Z",
        "shun 192.0.2.1",
        "interface GigabitEthernet0/2\n nameif x\n bridge-group 1",
        "interface GigabitEthernet0/2\n nameif x\n ip address nowhere 255.255.255.0",
        "object network A\n subnet 2001:db8::/64\n nat (dmz,outside) static 198.51.100.9",
    ],
)
def test_what_may_decide_is_told(line: str) -> None:
    assert whole(PORTS + line).not_understood
