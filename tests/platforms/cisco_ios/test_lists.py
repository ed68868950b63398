"""Every form of an entry, and the order in which entries are met."""

import pytest

from auditor.model.evidence import Basis
from auditor.model.filters import Headerless, Rule
from tests.platforms.cisco_ios.reading import HEAD, device, rule_text, rules, whole


def texts(found: list[Rule]) -> list[str]:
    """Each rule without its line."""
    return [rule_text(rule).partition(" ")[2] for rule in found]


def one(entry: str) -> str:
    (text,) = texts(rules(entry))
    return text


@pytest.mark.parametrize(
    ("entry", "wanted"),
    [
        ("permit ip any any", "permit IPv4"),
        ("deny ip any any", "drop IPv4"),
        ("10 permit ip any any log", "permit IPv4"),
        ("permit ip any any log-input", "permit IPv4"),
        ("permit ip any any log COOKIE", "permit IPv4"),
        ("permit udp any any", "permit IPv4 protocol 17"),
        ("permit 17 any any", "permit IPv4 protocol 17"),
        ("permit esp any any", "permit IPv4 protocol 50"),
        ("permit ahp any any", "permit IPv4 protocol 51"),
        ("permit gre any any", "permit IPv4 protocol 47"),
        ("permit ipinip any any", "permit IPv4 protocol 4"),
        ("permit 41 any any", "permit IPv4 protocol 41"),
        ("permit udp host 10.0.0.1 any", "permit IPv4 protocol 17 [from 10.0.0.1]"),
        ("permit udp 10.0.0.0 0.0.0.255 any", "permit IPv4 protocol 17 [from 10.0.0.0/24]"),
        ("permit udp 10.0.0.77 0.0.0.255 any", "permit IPv4 protocol 17 [from 10.0.0.0/24]"),
        ("permit udp any host 10.0.0.1", "permit IPv4 protocol 17 [to 10.0.0.1]"),
        ("permit udp 10.0.0.1 0.0.0.0 any", "permit IPv4 protocol 17 [from 10.0.0.1]"),
        ("permit ip 0.0.0.0 255.255.255.255 any", "permit IPv4 [from 0.0.0.0/0]"),
        ("permit udp 10.0.0.1 0.0.2.0 any", "permit IPv4 protocol 17 [from 10.0.0.1,10.0.2.1]"),
        ("permit udp any eq isakmp any", "permit IPv4 protocol 17 [port 500]"),
        ("permit udp any any eq isakmp", "permit IPv4 protocol 17 [to port 500]"),
        ("permit udp any any eq non500-isakmp", "permit IPv4 protocol 17 [to port 4500]"),
        ("permit udp any any eq 500 4500 1812", "permit IPv4 protocol 17 [to port 500,1812,4500]"),
        ("permit udp any any range 1812 1813", "permit IPv4 protocol 17 [to port 1812-1813]"),
        ("permit udp any any range 1813 1812", "permit IPv4 protocol 17 [to port 1812-1813]"),
        ("permit udp any any neq 500", "permit IPv4 protocol 17 [to port 0-499,501-65535]"),
        ("permit udp any any gt 1023", "permit IPv4 protocol 17 [to port 1024-65535]"),
        ("permit udp any any lt 1024", "permit IPv4 protocol 17 [to port 0-1023]"),
        ("permit udp any any eq snmp", "permit IPv4 protocol 17 [to port 161]"),
        ("permit tcp any any eq www", "permit IPv4 protocol 6 [to port 80]"),
        ("permit udp any eq 500 any eq 500", "permit IPv4 protocol 17 [port 500 to port 500]"),
        ("deny ip any any fragments", "drop IPv4 fragment-word 1-8191"),
        ("permit udp any any fragments", "permit IPv4 protocol 17 fragment-word 1-8191"),
        ("permit icmp any any", "permit IPv4 protocol 1"),
        ("permit icmp any any unreachable", "permit IPv4 protocol 1 icmp-type 3"),
        ("permit icmp any any packet-too-big", "permit IPv4 protocol 1 icmp-type 3 icmp-code 4"),
        ("permit icmp any any 3 4", "permit IPv4 protocol 1 icmp-type 3 icmp-code 4"),
        ("permit icmp any any 3", "permit IPv4 protocol 1 icmp-type 3"),
        ("permit icmp any any echo-reply log", "permit IPv4 protocol 1 icmp-type 0"),
        ("permit udp any any option timestamp", "permit IPv4 protocol none"),
    ],
)
def test_an_entry(entry: str, wanted: str) -> None:
    assert one(entry) == wanted


@pytest.mark.parametrize(
    ("entry", "doubt"),
    [
        ("permit tcp any any established", "TCP flags"),
        ("permit tcp any any syn", "TCP flags"),
        ("permit tcp any any match-all +ack -syn", "TCP flags"),
        ("permit udp any any dscp ef", "DSCP"),
        ("permit udp any any precedence critical", "precedence"),
        ("permit udp any any tos 4", "type of service"),
        ("permit udp any any ttl lt 5", "time to live"),
        ("permit udp any any ttl range 5 9", "time to live"),
        ("permit udp any any time-range OFFICE", "at some times only"),
        ("evaluate MIRROR", "MIRROR"),
        ("dynamic LOCK timeout 5 permit udp any any", "logged in"),
        ("permit udp any any frobnicate", "frobnicate is not understood"),
        ("permit frobnicate any any", "the protocol frobnicate is not known"),
        ("permit udp any any eq frobnicate", "frobnicate"),
        ("permit udp any", "not complete"),
        ("permit udp 10.0.0.1 any", "wildcard mask is missing"),
        ("permit udp any object-group NOWHERE", "NOWHERE"),
        ("permit udp 10.0.0.0 85.85.85.85 any", "too many holes"),
        ("permit udp any any fragments eq 500", "not understood"),
    ],
)
def test_an_entry_that_can_not_be_decided(entry: str, doubt: str) -> None:
    assert all(doubt in rule.uncertain for rule in rules(entry))


def test_what_an_unsure_entry_says_otherwise_still_narrows_it() -> None:
    assert one("permit udp host 10.0.0.1 any eq 500 dscp ef").startswith(
        "permit IPv4 protocol 17 [from 10.0.0.1 to port 500]"
    )


def test_reflect_lets_pass_as_any_entry() -> None:
    assert one("permit udp any any reflect MIRROR timeout 60") == "permit IPv4 protocol 17"


@pytest.mark.parametrize(
    ("text", "name", "wanted"),
    [
        ("access-list 10 permit 10.0.0.1", "10", ["permit IPv4 [from 10.0.0.1]"]),
        ("access-list 10 permit 10.0.0.0 0.0.0.255", "10", ["permit IPv4 [from 10.0.0.0/24]"]),
        ("access-list 10 deny any log", "10", ["drop IPv4"]),
        ("access-list 1300 permit host 10.0.0.1", "1300", ["permit IPv4 [from 10.0.0.1]"]),
        ("access-list 1999 permit 10.0.0.1", "1999", ["permit IPv4 [from 10.0.0.1]"]),
        ("access-list 100 permit udp any any eq 500", "100", ["permit IPv4 protocol 17 [to port 500]"]),
        ("access-list 2000 permit esp any any", "2000", ["permit IPv4 protocol 50"]),
        ("access-list 2699 permit esp any any", "2699", ["permit IPv4 protocol 50"]),
        ("access-list 100 remark permit ip any any\naccess-list 100 deny ip any any", "100", ["drop IPv4"]),
        ("ip access-list standard 10\n permit 10.0.0.1", "10", ["permit IPv4 [from 10.0.0.1]"]),
        (
            "ip access-list standard S\n 10 permit 10.0.0.1\n 20 deny any",
            "S",
            ["permit IPv4 [from 10.0.0.1]", "drop IPv4"],
        ),
        ("ip access-list extended 101\n permit ip any any", "101", ["permit IPv4"]),
        (
            "access-list 101 deny ip any any fragments\nip access-list extended 101\n permit ip any any",
            "101",
            ["drop IPv4 fragment-word 1-8191", "permit IPv4"],
        ),
    ],
)  # fmt: skip
def test_numbered_and_standard_lists(text: str, name: str, wanted: list[str]) -> None:
    assert texts(list(whole(text).filters[name].rules)) == wanted


@pytest.mark.parametrize("number", [200, 299, 700, 1000, 2700])
def test_numbers_that_are_no_ip_lists(number: int) -> None:
    assert str(number) not in whole(f"access-list {number} permit 0x0101 0x0000").filters


@pytest.mark.parametrize(
    ("entries", "wanted"),
    [
        ("permit esp any any\npermit gre any any", [50, 47]),
        ("20 permit esp any any\n10 permit gre any any", [47, 50]),
        ("20 permit esp any any\npermit gre any any\n5 permit udp any any", [17, 50, 47]),
        ("10 permit esp any any\n20 permit gre any any\nno 10", [47]),
        ("10 permit esp any any\n20 permit gre any any\nno permit esp any any", [47]),
        ("10 permit esp any any\nno 10\n10 permit udp any any", [17]),
        ("10 permit esp any any\nremark permit gre any any\n20 remark x\n30 permit udp any any", [50, 17]),
    ],
)
def test_the_order_is_that_of_sequence_numbers(entries: str, wanted: list[int]) -> None:
    assert [rule.protocol.first for rule in rules(entries) if rule.protocol] == wanted


def test_an_entry_with_a_number_that_is_taken_may_count_or_not() -> None:
    first, second = rules("10 permit esp any any\n10 permit gre any any")
    assert not first.uncertain
    assert "same number" in second.uncertain


def test_a_list_that_is_opened_twice_goes_on() -> None:
    found = rules("permit esp any any", rest="ip access-list extended L\n permit gre any any\n 5 permit udp any any\n")
    assert [rule.protocol.first for rule in found if rule.protocol] == [17, 50, 47]


def test_a_list_that_is_removed_begins_anew() -> None:
    text = "ip access-list extended L\n permit esp any any\nno ip access-list extended L\n"
    assert "L" not in whole(text).filters
    found = whole(text + "ip access-list extended L\n permit gre any any\n").filters["L"]
    assert [rule.protocol.first for rule in found.rules if rule.protocol] == [47]


def test_a_numbered_list_that_is_removed() -> None:
    text = "access-list 101 permit esp any any\nno access-list 101\naccess-list 101 permit gre any any\n"
    assert [r.protocol.first for r in whole(text).filters["101"].rules if r.protocol] == [47]


@pytest.mark.parametrize("text", ["ip access-list extended L\n", "ip access-list extended L\n remark nothing\n"])
def test_an_empty_list_is_missing(text: str) -> None:
    assert whole(text).filters["L"].missing


def test_a_list_with_entries_is_not_missing() -> None:
    assert not whole("ip access-list extended L\n deny ip any any\n").filters["L"].missing


def test_a_line_that_is_not_understood_may_do_either() -> None:
    found = whole("ip access-list extended L\n permit esp any any\n frobnicate all\n deny ip any any\n")
    assert [r.action.verb for r in found.filters["L"].rules] == ["permit", "permit", "drop", "drop"]
    assert [bool(r.uncertain) for r in found.filters["L"].rules] == [False, True, True, False]
    (note,) = found.not_understood
    assert (note.place, note.evidence.text) == ("L", "frobnicate all")


def test_a_list_of_a_cut_config_may_go_on() -> None:
    found = device(HEAD + "ip access-list extended L\n permit esp any any\n")
    (note,) = found.not_understood
    assert (note.place, note.reason) == ("L", "the config may end inside this list")


@pytest.mark.parametrize(
    ("entry", "wanted"),
    [
        ("permit ipv6 any any", "permit IPv6"),
        ("sequence 5 permit udp any host 2001:db8::1 eq 500", "permit IPv6 protocol 17 [to 2001:db8::1 to port 500]"),
        ("permit udp 2001:db8::/32 any", "permit IPv6 protocol 17 [from 2001:db8::/32]"),
        ("permit 2001:db8::/32 any", "permit IPv6 [from 2001:db8::/32]"),
        ("deny ipv6 any any fragments", "drop IPv6 fragment-offset 1-8191"),
        ("permit icmp any any packet-too-big", "permit IPv6 protocol 58 icmp-type 2"),
        ("permit icmp any any nd-ns", "permit IPv6 protocol 58 icmp-type 135"),
        ("permit esp any any", "permit IPv6 protocol 50"),
        ("deny ipv6 any any undetermined-transport", "drop IPv6 protocol none"),
        ("deny ipv6 any any routing", "drop IPv6 protocol none"),
        ("deny ipv6 any any log", "drop IPv6"),
    ],
)
def test_an_entry_of_ipv6(entry: str, wanted: str) -> None:
    *entries, discovery = rules(entry, "ipv6 access-list L")
    assert texts(entries) == [wanted]
    assert texts([discovery]) == ["permit IPv6 protocol 58 icmp-type 135-136"]


def test_the_order_of_ipv6_entries() -> None:
    entries = "permit esp any any sequence 30\nsequence 10 permit gre any any\npermit udp any any"
    found = rules(entries, "ipv6 access-list L")
    assert [rule.protocol.first for rule in found[:-1] if rule.protocol] == [47, 50, 17]


def test_a_name_of_both_families() -> None:
    found = whole(
        "ip access-list extended L\n permit esp any any\nipv6 access-list L\n permit gre any any\n"
        "interface GigabitEthernet0/0\n ip access-group L in\n ipv6 traffic-filter L in\n"
    )
    one_ = found.interface("GigabitEthernet0/0")
    assert one_ is not None
    four, six = (found.filters[bound.filter] for bound in one_.bindings)
    assert (four.rules[0].family, six.rules[0].family) == (4, 6)


def test_how_entries_that_name_ports_treat_later_fragments() -> None:
    found = whole("ip access-list extended L\n permit ip any any\nipv6 access-list M\n permit ipv6 any any\n").filters
    four, six = found["L"].headerless, found["M"].headerless
    assert (four.value, four.basis) == (Headerless.PERMIT_BY_ADDRESS_SKIP_DENY, Basis.READ)
    assert "8014" in four.source
    assert (six.basis, len(six.options)) == (Basis.ASSUMED, 3)


GROUPS = """object-group network HOSTS
 host 192.0.2.10
 192.0.2.64 255.255.255.192
 192.0.2.96 /27
 range 192.0.2.20 192.0.2.22
 group-object MORE
!
object-group network MORE
 host 198.51.100.1
!
object-group network LOOP
 group-object LOOP
 host 198.51.100.2
!
object-group network EMPTY
!
object-group service AAA
 udp range 1812 1813
 udp source eq 1645
 tcp-udp eq 53
 icmp echo
 esp
 group-object IKE
!
object-group service IKE
 udp eq isakmp
 udp eq 4500
"""


def grouped(entry: str) -> list[Rule]:
    return list(whole(GROUPS + f"ip access-list extended L\n {entry}\n").filters["L"].rules)


def test_a_group_of_addresses() -> None:
    (found,) = grouped("permit udp object-group HOSTS any eq 500")
    assert texts([found]) == [
        "permit IPv4 protocol 17 [from 192.0.2.10,192.0.2.20-192.0.2.22,192.0.2.64/26,198.51.100.1 to port 500]"
    ]


def test_a_group_of_services() -> None:
    assert texts(grouped("permit object-group AAA any host 192.0.2.1")) == [
        "permit IPv4 protocol 17 [to 192.0.2.1 to port 1812-1813]",
        "permit IPv4 protocol 17 [port 1645 to 192.0.2.1]",
        "permit IPv4 protocol 6 [to 192.0.2.1 to port 53]",
        "permit IPv4 protocol 17 [to 192.0.2.1 to port 53]",
        "permit IPv4 protocol 1 [to 192.0.2.1] icmp-type 8",
        "permit IPv4 protocol 50 [to 192.0.2.1]",
        "permit IPv4 protocol 17 [to 192.0.2.1 to port 500]",
        "permit IPv4 protocol 17 [to 192.0.2.1 to port 4500]",
    ]


@pytest.mark.parametrize(
    "entry",
    [
        "permit udp object-group NOWHERE any",
        "permit udp object-group EMPTY any",
        "permit udp object-group LOOP any",
        "permit object-group NOWHERE any any",
    ],
)
def test_a_group_that_is_not_there_or_makes_no_sense(entry: str) -> None:
    assert all(rule.uncertain for rule in grouped(entry))


def test_a_line_of_a_group_that_is_not_understood() -> None:
    group = "object-group network G\n host 192.0.2.1\n frobnicate\n"
    text = f"{group}ip access-list extended L\n permit udp object-group G any\n"
    (found,) = whole(text).filters["L"].rules
    assert found.uncertain
