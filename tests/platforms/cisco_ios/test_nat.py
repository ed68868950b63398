"""NAT lines to translations: static, dynamic, networks, pools, route-maps, VRFs, and what is not understood."""

import pytest

from auditor.model.device import Device
from tests.platforms.cisco_ios.reading import rule_text, whole

BODY = (
    "interface GigabitEthernet0/0\n ip address 203.0.113.1 255.255.255.0\n ip nat outside\n"
    "interface GigabitEthernet0/1\n ip address 10.0.0.1 255.255.255.0\n ip nat inside\n"
    "access-list 1 permit 10.0.0.0 0.0.0.255\n"
    "ip nat pool P 203.0.113.8 203.0.113.9 netmask 255.255.255.0\n"
)
IN, OUT = "in by GigabitEthernet0/0", "in by GigabitEthernet0/1 out by GigabitEthernet0/0"


def translations(*lines: str, rest: str = "") -> tuple[list[str], Device]:
    found = whole(BODY + rest + "".join(f"{line}\n" for line in lines))
    names = [name for name in found.filters if name.startswith("NAT")]
    return [rule_text(rule).split(" ", 1)[1] for name in names for rule in found.filters[name].rules], found


@pytest.mark.parametrize(
    ("line", "into", "out"),
    [
        (
            "ip nat inside source static 10.0.0.5 203.0.113.5",
            f"translate destination to 10.0.0.5 IPv4 [to 203.0.113.5] {IN}",
            f"translate source to 203.0.113.5 IPv4 [from 10.0.0.5] {OUT}",
        ),
        (
            "ip nat inside source static udp 10.0.0.5 500 203.0.113.5 500 extendable",
            f"translate destination to 10.0.0.5 IPv4 protocol 17 [to 203.0.113.5 to port 500] {IN}",
            f"translate source to 203.0.113.5 IPv4 protocol 17 [from 10.0.0.5 port 500] {OUT}",
        ),
        (
            "ip nat inside source static udp 10.0.0.5 1812 203.0.113.5 11812",
            f"translate destination to 10.0.0.5 ports 1812 IPv4 protocol 17 [to 203.0.113.5 to port 11812] {IN}",
            f"translate source to 203.0.113.5 ports 11812 IPv4 protocol 17 [from 10.0.0.5 port 1812] {OUT}",
        ),
        (
            "ip nat inside source static udp 10.0.0.5 4500 interface GigabitEthernet0/0 4500",
            f"translate destination to 10.0.0.5 IPv4 protocol 17 [to 203.0.113.1 to port 4500] {IN}",
            f"translate source to 203.0.113.1 IPv4 protocol 17 [from 10.0.0.5 port 4500] {OUT}",
        ),
        (
            "ip nat inside source static network 10.0.0.64 203.0.113.64 /28",
            f"translate destination to 10.0.0.64/28 IPv4 [to 203.0.113.64/28] {IN}",
            f"translate source to 203.0.113.64/28 IPv4 [from 10.0.0.64/28] {OUT}",
        ),
    ],
)
def test_a_static_rule_works_both_ways(line: str, into: str, out: str) -> None:
    rules, found = translations(line)
    assert rules == [into, out]
    assert not found.not_understood


@pytest.mark.parametrize(
    ("line", "to"),
    [
        ("ip nat inside source list 1 interface GigabitEthernet0/0 overload", "203.0.113.1"),
        ("ip nat inside source list 1 pool P overload", "203.0.113.8/31"),
    ],
)
def test_a_dynamic_rule_takes_what_its_list_permits(line: str, to: str) -> None:
    rules, _ = translations(line)
    assert len(rules) == 2
    for rule in rules:
        assert f"source to {to}" in rule
        assert "from 10.0.0.0/24" in rule
        assert OUT in rule


def test_a_route_map_chooses_by_the_way_out() -> None:
    rest = "route-map RM permit 10\n match ip address 1\n match interface GigabitEthernet0/0\n"
    rules, _ = translations("ip nat inside source route-map RM interface GigabitEthernet0/0 overload", rest=rest)
    assert any(text.startswith("goto") and "[from 10.0.0.0/24]" in text for text in rules)
    assert any(text.startswith("jump") and text.endswith(OUT) for text in rules)


def test_a_static_rule_with_a_route_map_may_count_or_not() -> None:
    rest = "route-map RM permit 10\n match ip address 1\n"
    rules, _ = translations("ip nat inside source static 10.0.0.5 203.0.113.5 route-map RM", rest=rest)
    assert any("? a route-map decides" in text for text in rules)


def test_an_interface_without_an_address_in_the_config() -> None:
    text = BODY.replace("ip address 203.0.113.1 255.255.255.0", "ip address dhcp")
    found = whole(text + "ip nat inside source static udp 10.0.0.5 500 interface GigabitEthernet0/0 500\n")
    ((rule,),) = (one.rules for name, one in found.filters.items() if name.endswith("to inside"))
    assert rule.uncertain == "the address of its interface is not in the config"


@pytest.mark.parametrize(
    "line",
    [
        "ip nat inside source static 10.0.0.5",
        "ip nat inside source static udp 10.0.0.5 500 203.0.113.5",
        "ip nat inside source static 10.0.0.5 203.0.113.5 something",
        "ip nat inside source list 1",
        "ip nat inside source static esp 10.0.0.5 nowhere",
    ],
)
def test_a_rule_that_is_not_understood_leaves_the_interfaces_of_nat_in_doubt(line: str) -> None:
    _, found = translations(line)
    assert {(n.place, n.evidence.text) for n in found.not_understood} == {
        ("GigabitEthernet0/0", line),
        ("GigabitEthernet0/1", line),
    }


def test_a_pool_that_is_not_in_the_config() -> None:
    rules, _ = translations("ip nat inside source list 1 pool NOWHERE overload")
    assert all("? the pool NOWHERE is not in the config" in text for text in rules)


def test_a_rule_of_a_vrf_counts_for_the_interfaces_of_that_vrf() -> None:
    rest = "interface GigabitEthernet0/2\n vrf forwarding RED\n ip address 10.0.0.1 255.255.255.0\n ip nat inside\n"
    rules, _ = translations("ip nat inside source static 10.0.0.5 203.0.113.5 vrf RED", rest=rest)
    assert "in by GigabitEthernet0/2 out by GigabitEthernet0/0" in rules[1]


def test_the_stages_where_nat_stands() -> None:
    _, found = translations("ip nat inside source static 10.0.0.5 203.0.113.5")
    order = [getattr(stage, "does", None) for stage in found.pipelines.transit]
    names = [str(one) for one in order]
    assert names.index("translate-destination") < names.index("route") < names.index("translate-source")
    plain = whole(BODY)
    assert "translate-source" not in [str(getattr(stage, "does", "")) for stage in plain.pipelines.transit]


def test_the_addresses_that_nat_answers_for() -> None:
    _, found = translations(
        "ip nat inside source static 10.0.0.5 203.0.113.5", "ip nat inside source list 1 pool P overload"
    )
    assert 0xCB007105 in found.nat_addresses[4]
    assert 0xCB007108 in found.nat_addresses[4]
    assert 0xCB007101 not in found.nat_addresses[4]


def test_how_nat_treats_a_fragment_that_nothing_has_joined_is_assumed() -> None:
    _, found = translations("ip nat inside source static 10.0.0.5 203.0.113.5")
    facts = [one.headerless for name, one in found.filters.items() if name.startswith("NAT")]
    assert facts
    assert all(fact.others and not fact.basis.decides and fact.source for fact in facts)


def test_load_distribution_is_of_tcp() -> None:
    rules, found = translations("ip nat inside destination list 1 pool P")
    assert not rules
    assert not found.not_understood
