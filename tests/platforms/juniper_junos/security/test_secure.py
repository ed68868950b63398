"""What is read of zones, policies, screens, flow, NAT, host-inbound-traffic and IKE."""

import re

import pytest

from auditor.model.addresses import IntervalSet, parse_address, parse_prefix
from auditor.model.device import Does, Hits
from auditor.model.evidence import Basis, Evidence
from auditor.model.filters import Rule, Verb
from auditor.platforms.juniper_junos.security import secure
from tests.platforms.juniper_junos.security.making import ZONES, interfaces, secured, statements

HEAD = Evidence(file="srx.conf", line=1, text="set")
PAIR = "from-zone untrust to-zone trust"
POLICY = f"set security policies {PAIR} policy p"


def _rules(text: str, name: str = PAIR) -> list[Rule]:
    return list(secured(ZONES + text).filters[name].rules)


def _policy(match: str, then: str = "permit") -> str:
    words = {"source-address": "any", "destination-address": "any", "application": "any"}
    lines = [f"{POLICY} match {key} {value}" for key, value in words.items() if key not in re.split("[ ;]", match)]
    lines += [f"{POLICY} match {one}" for one in match.split(";") if one]
    return "\n".join([*lines, f"{POLICY} then {then}"]) + "\n"


def test_no_security_is_no_srx() -> None:
    text = "set system host-name r1\nset interfaces ge-0/0/0 unit 0 family inet address 192.0.2.1/24"
    assert secure(statements(text), interfaces("ge-0/0/0.0"), head=HEAD) is None


def test_packet_mode_is_no_srx() -> None:
    text = ZONES + "set security forwarding-options family mpls mode packet-based"
    assert secure(statements(text), interfaces("ge-0/0/0.0"), head=HEAD) is None


def test_zones_of_interfaces() -> None:
    found = secured(ZONES, "ge-0/0/0.0", "ge-0/0/1.0", "ge-0/0/2.0")
    assert dict(found.zones) == {"ge-0/0/0.0": "untrust", "ge-0/0/1.0": "trust", "ge-0/0/2.0": "null"}


def test_deny_is_the_default_also_within_a_zone() -> None:
    found = secured(ZONES)
    for fact in (found.zoning.same_zone, found.zoning.between_zones):
        assert (fact.value, fact.basis) == ("drop", Basis.ABSENT)
    assert secured(ZONES, complete=False).zoning.same_zone.basis is Basis.DEFAULT


def test_permit_all_lets_every_pair_of_zones_pass() -> None:
    found = secured(ZONES + "set security policies default-policy permit-all\n")
    assert len(found.policies) == 4
    assert {found.filters[p.filter].otherwise.verb for p in found.policies} == {Verb.INSPECT}


def test_policy_rule_by_predefined_application() -> None:
    (rule,) = _rules(_policy("application junos-ike"))
    assert (rule.action.verb, rule.protocol, rule.uncertain) == (Verb.INSPECT, IntervalSet.single(17), "")
    assert rule.boxes[0].destination_ports == IntervalSet.single(500)


@pytest.mark.parametrize(
    ("name", "ports"), [("junos-ike-nat", 4500), ("junos-radius", 1812), ("junos-radacct", 1813), ("junos-ntp", 123)]
)
def test_predefined_ports(name: str, ports: int) -> None:
    (rule,) = _rules(_policy(f"application {name}"))
    assert rule.boxes[0].destination_ports == IntervalSet.single(ports)


def test_nested_application_sets_with_terms() -> None:
    text = """set applications application vpn term a protocol udp
set applications application vpn term a destination-port 500
set applications application vpn term b protocol udp
set applications application vpn term b destination-port 4500-4501
set applications application-set inner application vpn
set applications application-set outer application-set inner
"""
    rules = _rules(text + _policy("application outer"))
    assert [rule.boxes[0].destination_ports for rule in rules] == [
        IntervalSet.single(500),
        IntervalSet.of((4500, 4501)),
    ]


@pytest.mark.parametrize(
    ("match", "words"),
    [
        ("application junos-what-is-it", "predefined"),
        ("application mine", "not in the config"),
        ("source-address office", "no address book"),
        ("source-identity staff", "source-identity"),
        ("dynamic-application junos:SSL", "dynamic-application"),
    ],
)
def test_what_is_not_known_is_uncertain(match: str, words: str) -> None:
    rules = _rules(_policy(match))
    assert rules
    assert all(words in rule.uncertain for rule in rules)


@pytest.mark.parametrize("match", ["source-identity any", "dynamic-application none"])
def test_any_asks_for_nothing(match: str) -> None:
    (rule,) = _rules(_policy(match))
    assert rule.uncertain == ""


def test_scheduler_is_uncertain() -> None:
    (rule,) = _rules(_policy("") + f"{POLICY} scheduler-name nights\n")
    assert "scheduler" in rule.uncertain


def test_policy_into_a_tunnel_is_not_followed() -> None:
    (rule,) = _rules(_policy("", "permit tunnel ipsec-vpn v"))
    assert rule.action.verb is Verb.DOUBT


@pytest.mark.parametrize(("then", "verb"), [("deny", Verb.DROP), ("reject", Verb.REJECT), ("permit", Verb.INSPECT)])
def test_verbs_with_their_line(then: str, verb: Verb) -> None:
    (rule,) = _rules(_policy("", then))
    assert rule.action.verb is verb
    assert rule.evidence.text == f"{POLICY} then {then}"


def test_global_policies_follow_those_of_the_zones() -> None:
    text = _policy("", "permit") + "\n".join(
        f"set security policies global policy g {one}"
        for one in (
            "match from-zone untrust",
            "match source-address any",
            "match destination-address any",
            "match application any",
            "then deny",
        )
    )
    assert [rule.action.verb for rule in _rules(text)] == [Verb.INSPECT, Verb.DROP]
    assert _rules(text, "from-zone trust to-zone untrust") == []


BOOKS = """set security address-book global address host 192.0.2.10/32
set security address-book global address net6 2001:db8:1::/48
set security address-book global address name dns-name vpn.example.net
set security address-book global address span range-address 192.0.2.20 to 192.0.2.29
set security address-book global address wild wildcard-address 192.0.2.0/255.255.0.255
set security address-book global address-set all address host
set security address-book global address-set all address-set more
set security address-book global address-set more address span
set security address-book inside attach zone trust
set security address-book inside address host 198.51.100.1/32
set security zones security-zone untrust address-book address old 203.0.113.0/24
"""


def test_addresses_of_books() -> None:
    rules = _rules(BOOKS + _policy("source-address all;destination-address host"))
    assert len(rules) == 1
    box = rules[0].boxes[0]
    first = parse_address("192.0.2.10")[1]
    assert box.sources == IntervalSet.of((first, first), (first + 10, first + 19))
    assert box.destinations == parse_prefix("198.51.100.1/32")[1]  # the zone's book before the global one


def test_address_of_a_zones_own_book_and_of_ipv6() -> None:
    rules = _rules(BOOKS + _policy("source-address old"))
    assert [(rule.family, rule.boxes[0].sources) for rule in rules] == [(4, parse_prefix("203.0.113.0/24")[1])]
    assert [rule.family for rule in _rules(BOOKS + _policy("source-address net6"))] == [6]


@pytest.mark.parametrize("name", ["name", "wild"])
def test_names_that_cannot_be_resolved(name: str) -> None:
    (rule,) = _rules(BOOKS + _policy(f"source-address {name}"))
    assert rule.uncertain
    assert rule.boxes[0].sources is None


def test_block_frag_on_the_interfaces_of_its_zone() -> None:
    text = """set security screen ids-option s ip block-frag
set security zones security-zone untrust screen s
"""
    found = secured(ZONES + text)
    assert [(p.interface, p.family, p.hits, p.action) for p in found.fragment_policies] == [
        ("ge-0/0/0.0", 4, Hits.ANY, "drop"),
        ("ge-0/0/0.0", 6, Hits.ANY, "drop"),
    ]
    four, six = found.fragment_policies
    assert (four.in_force.basis, six.in_force.basis) == (Basis.READ, Basis.ASSUMED)
    assert four.in_force.evidence[0].text == "set security screen ids-option s ip block-frag"


def test_screen_that_is_bound_nowhere() -> None:
    assert secured(ZONES + "set security screen ids-option s ip block-frag\n").fragment_policies == ()


def test_alarm_without_drop() -> None:
    text = """set security screen ids-option s ip block-frag
set security screen ids-option s alarm-without-drop
set security zones security-zone untrust screen s
"""
    assert {p.action for p in secured(ZONES + text).fragment_policies} == {"alarm"}


def test_white_list_is_exempt() -> None:
    text = """set security screen ids-option s ip block-frag white-list peers
set security screen white-list peers address 198.51.100.0/24
set security zones security-zone untrust screen s
"""
    four = secured(ZONES + text).fragment_policies[0]
    assert four.exempt == parse_prefix("198.51.100.0/24")[1]


@pytest.mark.parametrize("option", ["ip tear-drop", "tcp syn-frag", "udp flood threshold 5", "limit-session x 5"])
def test_screens_that_spare_clean_fragments(option: str) -> None:
    text = f"set security screen ids-option s {option}\nset security zones security-zone untrust screen s\n"
    found = secured(ZONES + text)
    assert (found.fragment_policies, found.not_understood) == ((), ())


def test_screen_nobody_knows() -> None:
    text = "set security screen ids-option s ip mystery\nset security zones security-zone untrust screen s\n"
    assert [n.place for n in secured(ZONES + text).not_understood] == ["ge-0/0/0.0"]


def test_screen_that_is_missing() -> None:
    (one,) = secured(ZONES + "set security zones security-zone untrust screen s\n").not_understood
    assert "not in the config" in one.reason


def test_ipv6_fragment_header_screen_and_icmp_screens() -> None:
    text = """set security screen ids-option s ip ipv6-extension-header fragment-header
set security screen ids-option s icmp fragment
set security screen ids-option s icmp large
set security zones security-zone untrust screen s
"""
    found = secured(ZONES + text)
    assert [(p.family, p.hits) for p in found.fragment_policies] == [(6, Hits.IPV6_HEADER)]
    assert len(found.filters["the screens"].rules) == 4


def test_fragments_are_tied_to_their_session_by_default() -> None:
    four = secured(ZONES).reassembly[0]
    assert (four.kind, four.active.basis) == ("virtual", Basis.INFERRED)


def test_forced_reassembly() -> None:
    text = """set security flow force-ip-reassembly
set security flow fragment-limit 8
set security flow preserve-incoming-fragment-size
"""
    four = secured(ZONES + text).reassembly[0]
    assert (four.kind, four.sends, four.active.basis) == ("full", "largest-received", Basis.READ)
    assert four.fragments is not None
    assert four.fragments.value == 8


@pytest.mark.parametrize(("mode", "value"), [("drop", False), ("flow-based", True)])
def test_ipv6_mode(mode: str, value: bool) -> None:
    fact = secured(ZONES + f"set security forwarding-options family inet6 mode {mode}\n").forwards[6]
    assert (fact.value, fact.basis) == (value, Basis.READ)
    assert secured(ZONES).forwards[6].basis is Basis.ASSUMED


def test_flow_setting_nobody_knows() -> None:
    assert len(secured(ZONES + "set security flow mystery 5\n").not_understood) == 1


STATIC = """set security nat static rule-set s from zone untrust
set security nat static rule-set s rule r match destination-address 203.0.113.10/32
set security nat static rule-set s rule r then static-nat prefix 192.0.2.10/32
"""


def test_static_nat_both_ways() -> None:
    found = secured(ZONES + STATIC)
    (inward,) = found.filters["static NAT rule set s"].rules
    (back,) = found.filters["static NAT rule set s (back)"].rules
    assert inward.ingress is not None
    assert back.egress is not None
    assert inward.ingress.names == back.egress.names == ("ge-0/0/0.0",)
    assert inward.action.translate is not None
    assert back.action.translate is not None
    assert inward.action.translate.shift == -(back.action.translate.shift or 0) != 0
    assert found.nat_addresses[4] == parse_prefix("203.0.113.10/32")[1]


def test_static_nat_by_names_and_ports() -> None:
    text = """set security address-book global address out 203.0.113.0/28
set security address-book global address in 192.0.2.0/28
set security nat static rule-set s from interface ge-0/0/0.0
set security nat static rule-set s rule r match destination-address-name out
set security nat static rule-set s rule r match destination-port 500
set security nat static rule-set s rule r then static-nat prefix-name in
set security nat static rule-set s rule r then static-nat prefix-name mapped-port 4500
"""
    rules = secured(ZONES + text).filters["static NAT rule set s"].rules
    assert rules[0].boxes[0].destination_ports == IntervalSet.single(500)
    assert rules[0].action.translate is not None
    assert rules[0].action.translate.ports == IntervalSet.single(4500)


def test_destination_nat_pool_and_off() -> None:
    text = """set security nat destination pool p address 192.0.2.10/32 port 1812
set security nat destination rule-set d from zone untrust
set security nat destination rule-set d rule a match destination-address 203.0.113.9/32
set security nat destination rule-set d rule a then destination-nat off
set security nat destination rule-set d rule b match destination-address 203.0.113.10/32
set security nat destination rule-set d rule b match destination-port 1812
set security nat destination rule-set d rule b match protocol udp
set security nat destination rule-set d rule b then destination-nat pool p
"""
    found = secured(ZONES + text)
    rules = found.filters["destination NAT rule set d"].rules
    assert [rule.action.verb for rule in rules] == [Verb.PERMIT, Verb.TRANSLATE]
    assert rules[1].protocol == IntervalSet.single(17)


def test_source_nat_to_the_interface() -> None:
    text = """set security nat source rule-set o from zone trust
set security nat source rule-set o to zone untrust
set security nat source rule-set o rule r match source-address 0.0.0.0/0
set security nat source rule-set o rule r then source-nat interface
"""
    rules = secured(ZONES + text).filters["source NAT rule set o"].rules
    assert rules[0].action.translate is not None
    assert rules[0].action.translate.interface == "egress"
    assert rules[0].ingress is not None
    assert rules[0].ingress.names == ("ge-0/0/1.0",)


def test_pool_that_is_missing_is_uncertain() -> None:
    text = """set security nat source rule-set o from zone trust
set security nat source rule-set o rule r match source-address 192.0.2.0/24
set security nat source rule-set o rule r then source-nat pool gone
"""
    rules = secured(ZONES + text).filters["source NAT rule set o"].rules
    assert all("gone" in rule.uncertain for rule in rules)


def test_proxy_arp_addresses() -> None:
    text = "set security nat proxy-arp interface ge-0/0/0.0 address 203.0.113.20/32 to 203.0.113.29/32\n"
    first = parse_address("203.0.113.20")[1]
    assert secured(ZONES + text).nat_addresses[4] == IntervalSet.of((first, first + 9))


def test_order_of_stages() -> None:
    found = secured(ZONES + STATIC)
    does = [stage.does for stage in found.pipelines.transit]  # type: ignore[union-attr]
    order = [Does.FILTER, Does.FRAGMENT_POLICY, Does.REASSEMBLE, Does.TRANSLATE_DESTINATION, Does.ROUTE, Does.ZONE]
    places = [does.index(one) for one in [*order, Does.TRANSLATE_SOURCE, Does.CUT]]
    assert places == sorted(places)


def test_host_inbound_of_the_interface_replaces_that_of_the_zone() -> None:
    text = """set security zones security-zone untrust host-inbound-traffic system-services ping
set security zones security-zone untrust interfaces ge-0/0/0.0 host-inbound-traffic system-services ike
"""
    rules = [r for r in secured(ZONES + text).filters["host-inbound-traffic"].rules if r.ingress]
    mine = [rule for rule in rules if rule.ingress is not None and rule.ingress.names == ("ge-0/0/0.0",)]
    assert [rule.action.verb for rule in mine] == [Verb.INSPECT, Verb.PERMIT, Verb.DROP]
    assert mine[0].boxes[0].destination_ports == IntervalSet.of((500, 500), (4500, 4500))


GATEWAY = """set security ike proposal x authentication-method rsa-signatures
set security ike policy y proposals x
set security ike gateway g ike-policy y
set security ike gateway g address 198.51.100.7
set security ike gateway g external-interface ge-0/0/0.0
set security ike gateway g version v2-only
"""


def test_ike_gateway() -> None:
    (one,) = secured(ZONES + GATEWAY).speakers
    assert (one.kind, one.interface, one.auth) == ("ikev2", "ge-0/0/0.0", "certificate")
    assert one.ike_fragmentation is not None
    assert one.ike_fragment_size is not None
    assert (one.ike_fragmentation.value, one.ike_fragmentation.basis) == (True, Basis.ABSENT)
    assert one.ike_fragment_size.value == 576
    assert one.peers[0].addresses == parse_prefix("198.51.100.7")[1]


@pytest.mark.parametrize(("line", "on", "size"), [("disable", False, 576), ("size 1200", True, 1200)])
def test_ike_fragmentation(line: str, on: bool, size: int) -> None:
    (one,) = secured(ZONES + GATEWAY + f"set security ike gateway g fragmentation {line}\n").speakers
    assert one.ike_fragmentation is not None
    assert one.ike_fragment_size is not None
    assert (one.ike_fragmentation.value, one.ike_fragment_size.value) == (on, size)


def test_ike_version_1_is_no_speaker() -> None:
    assert secured(ZONES + GATEWAY.replace("v2-only", "v1-only")).speakers == ()


def test_radius_servers() -> None:
    text = "set system radius-server 192.0.2.50 accounting-port 1646\nset access radius-server 192.0.2.51 secret x\n"
    assert [one.peers[0].ports for one in secured(ZONES + text).speakers] == [(1812, 1646), (1812, 1813)]


def test_hierarchy_nobody_knows() -> None:
    (one,) = secured(ZONES + "set security mystery x 5\n").not_understood
    assert (one.place, one.reason) == ("", "security mystery is not understood")


def test_routing_by_policy_of_a_zone_is_not_followed() -> None:
    line = "set security zones security-zone untrust advance-policy-based-routing-profile p\n"
    assert [one.place for one in secured(ZONES + line).not_understood] == ["ge-0/0/0.0"]


@pytest.mark.parametrize(("types", "count"), [("60 to 70", 0), ("40 to 50", 1)])
def test_extension_headers_by_number(types: str, count: int) -> None:
    text = f"set security screen ids-option s ip ipv6-extension-header user-defined-header-type {types}\n"
    found = secured(ZONES + text + "set security zones security-zone untrust screen s\n")
    assert len(found.not_understood) == count


def test_persistent_nat_beside_the_pool() -> None:
    text = """set security nat source pool p address 203.0.113.5/32
set security nat source rule-set o from zone trust
set security nat source rule-set o rule r match source-address 192.0.2.0/24
set security nat source rule-set o rule r then source-nat pool p
set security nat source rule-set o rule r then source-nat pool persistent-nat permit any-remote-host
"""
    rules = secured(ZONES + text).filters["source NAT rule set o"].rules
    assert {rule.uncertain for rule in rules} == {""}
    assert rules[0].action.translate is not None
    assert rules[0].action.translate.addresses == parse_prefix("203.0.113.5/32")[1]


def test_security_zone_called_management_is_not_the_functional_one() -> None:
    text = """set security zones security-zone management interfaces ge-0/0/0.0
set security zones security-zone management host-inbound-traffic system-services ike
set security zones functional-zone management interfaces ge-0/0/1.0
"""
    found = secured(text)
    assert dict(found.zones) == {"ge-0/0/0.0": "management", "ge-0/0/1.0": "functional-zone management"}
    first = found.filters["host-inbound-traffic"].rules[0]
    assert first.action.verb is Verb.INSPECT


@pytest.mark.parametrize("name", ["self", "null"])
def test_zone_with_a_name_that_means_another_thing_here(name: str) -> None:
    assert secured(f"set security zones security-zone {name} interfaces ge-0/0/0.0\n").not_understood
