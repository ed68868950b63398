"""Virtual reassembly: by its lines, by what switches it on unseen, its limits, and the switch that drops fragments."""

import pytest

from auditor.model.device import Device, Hits, Reassembly
from auditor.model.evidence import Basis
from tests.platforms.cisco_ios.reading import HEAD, device, whole

PORT = "interface GigabitEthernet0/0\n ip address 192.0.2.1 255.255.255.0\n"


def having(*lines: str, rest: str = "") -> Device:
    return whole(PORT + "".join(f" {line}\n" for line in lines) + "!\n" + rest)


def only(found: Device) -> Reassembly:
    (one,) = found.reassembly
    return one


@pytest.mark.parametrize(
    ("line", "family", "direction", "limits"),
    [
        ("ip virtual-reassembly", 4, "in", (16, 32, 3)),
        ("ip virtual-reassembly in", 4, "in", (16, 32, 3)),
        ("ip virtual-reassembly out", 4, "out", (16, 32, 3)),
        ("ip virtual-reassembly-out", 4, "out", (16, 32, 3)),
        ("ip virtual-reassembly in max-reassemblies 1024 timeout 5", 4, "in", (1024, 32, 5)),
        ("ip virtual-reassembly max-fragments 8", 4, "in", (16, 8, 3)),
        ("ip virtual-reassembly-out max-fragments 8", 4, "out", (16, 8, 3)),
        ("ip virtual-reassembly in max-reassemblies 64 max-fragments 16 timeout 10", 4, "in", (64, 16, 10)),
        ("ipv6 virtual-reassembly", 6, "in", (1024, 16, 3)),
        ("ipv6 virtual-reassembly out", 6, "out", (1024, 16, 3)),
        ("ipv6 virtual-reassembly in max-fragments 4", 6, "in", (1024, 4, 3)),
    ],
)
def test_a_line(line: str, family: int, direction: str, limits: tuple[int, int, int]) -> None:
    one = only(having(line))
    assert (one.kind, one.family, one.direction, one.interface) == ("virtual", family, direction, "GigabitEthernet0/0")
    assert (one.active.value, one.active.basis) == (True, Basis.READ)
    assert one.sets is not None
    assert one.fragments is not None
    assert one.timeout is not None
    assert (one.sets.value, one.fragments.value, one.timeout.value) == limits
    named = {"max-reassemblies": one.sets, "max-fragments": one.fragments, "timeout": one.timeout}
    for word, fact in named.items():
        assert fact.basis is (Basis.READ if word in line else Basis.ABSENT)
        assert fact.basis is Basis.READ or "virtual-reassembly" in fact.source


def test_the_last_line_of_a_direction_counts() -> None:
    one = only(having("ip virtual-reassembly in", "ip virtual-reassembly in max-fragments 4"))
    assert one.fragments is not None
    assert one.fragments.value == 4


@pytest.mark.parametrize(
    ("line", "rest", "directions"),
    [
        ("ip nat inside", "", {"in", "out"}),
        ("ip nat outside", "", {"in", "out"}),
        ("ip nat enable", "", {"in", "out"}),
        ("zone-member security Z", "zone security Z\n", {"in", "out"}),
        ("ip inspect FW out", "ip inspect name FW udp\n", {"in", "out"}),
        ("crypto map M", "crypto map M 10 ipsec-isakmp\n set peer 198.51.100.1\n", {"out"}),
        ("no ip nat inside", "", set()),
        ("ip unreachables", "", set()),
    ],
)
def test_what_switches_it_on_unseen(line: str, rest: str, directions: set[str]) -> None:
    found = having(line, rest=rest)
    assert {one.direction for one in found.reassembly} == directions
    for one in found.reassembly:
        assert (one.active.value, one.active.others) == (True, (False,))
        assert not one.active.basis.decides
        assert one.active.evidence[0].text == line
        assert one.family == 4


@pytest.mark.parametrize(
    ("line", "off"),
    [
        ("no ip virtual-reassembly", {"in"}),
        ("no ip virtual-reassembly in", {"in"}),
        ("no ip virtual-reassembly out", {"out"}),
        ("no ip virtual-reassembly-out", {"out"}),
    ],
)
def test_it_is_switched_off_although_nat_is_there(line: str, off: set[str]) -> None:
    found = having("ip nat outside", line)
    states = {one.direction: (one.active.value, one.active.basis.decides) for one in found.reassembly}
    assert {direction for direction, state in states.items() if state == (False, True)} == off
    assert {direction for direction, state in states.items() if state == (True, False)} == {"in", "out"} - off


@pytest.mark.parametrize(
    ("line", "directions", "hits"),
    [
        ("ip virtual-reassembly in drop-fragments", ["in"], Hits.ANY),
        ("ip virtual-reassembly drop-fragments", ["in"], Hits.ANY),
        ("ip virtual-reassembly out drop-fragments", ["out"], Hits.ANY),
        ("ip virtual-reassembly-out drop-fragments", ["out"], Hits.ANY),
        ("ip virtual-reassembly in max-fragments 32 drop-fragments", ["in"], Hits.ANY),
        ("ipv6 virtual-reassembly in drop-fragments", ["in"], Hits.IPV6_HEADER),
        ("ip virtual-reassembly in", [], None),
        ("no ip virtual-reassembly", [], None),
    ],
)
def test_the_switch_that_drops_every_fragment(line: str, directions: list[str], hits: Hits | None) -> None:
    found = having(line).fragment_policies
    assert [one.direction for one in found] == directions
    for one in found:
        assert one.hits is hits
        assert (one.in_force.value, one.in_force.basis, one.in_force.evidence[0].text) == (True, Basis.READ, line)


def test_a_later_line_takes_the_switch_back() -> None:
    found = having("ip virtual-reassembly in drop-fragments", "ip virtual-reassembly in")
    assert not found.fragment_policies


def test_a_word_that_is_not_known() -> None:
    found = having("ip virtual-reassembly in max-something 3")
    assert [(n.place, n.reason) for n in found.not_understood] == [
        ("GigabitEthernet0/0", "virtual reassembly is not understood")
    ]


def test_no_line_and_no_feature_no_reassembly() -> None:
    assert not having().reassembly


@pytest.mark.parametrize(
    ("version", "entry", "features", "orders"),
    [
        ("15.7", "deny ip any any fragments", "ip nat outside", 2),
        ("15.7", "permit udp any any eq 500", "ip nat outside", 1),  # without the keyword the order changes nothing
        ("15.7", "deny ip any any fragments", "no ip redirects", 1),  # nothing joins
        ("17.9", "deny ip any any fragments", "ip nat outside", 1),  # IOS XE: the list is first
    ],
)
def test_list_and_reassembly_in_both_orders_where_nobody_tells(
    version: str, entry: str, features: str, orders: int
) -> None:
    text = HEAD.replace("15.7", version) + f"{PORT} ip access-group L in\n {features}\n!\n"
    found = device(f"{text}ip access-list extended L\n {entry}\n!\nend\n")
    tried = [len(stage.orders) for stage in found.pipelines.transit if hasattr(stage, "orders")]
    assert (tried or [1]) == [orders]
