"""What a device does with packets, over sets of destinations."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.model.addresses import IntervalSet, parse_address
from auditor.model.evidence import Evidence
from auditor.topology.routes import RouteBook
from tests.topology import build
from tests.topology.build import device, texts, values

LINKS = {"e0": "10.0.0.1/24", "e1": "10.0.1.1/24", "e2": "10.0.2.1/24 vrf=red", "e3": "10.0.3.1/24 down", "p": "dhcp"}


def decided(made, text, vrf="default", family=4):
    """The parts in words: addresses, what becomes of them, ``?`` where that is doubtful."""
    found = {}
    for part, routed in RouteBook(made).route(vrf, family, values(text)):
        ways = [
            w.interface + ("" if w.gateway is None else "=" + texts(family, IntervalSet.single(w.gateway)))
            for w in routed.ways
        ]
        found[texts(family, part)] = (" ".join(ways) or routed.kind) + ("?" if routed.doubt else "")
    return found


def one(made, text="192.0.2.1", vrf="default", family=4):
    return decided(made, text, vrf, family)[text]


@pytest.mark.parametrize(
    ("routes", "found"),
    [
        ((), "unknown"),
        (("192.0.2.0/24 10.0.0.2",), "e0=10.0.0.2"),
        (("0.0.0.0/0 10.0.1.2", "192.0.2.0/24 10.0.0.2"), "e0=10.0.0.2"),
        (("0.0.0.0/0 10.0.0.2", "192.0.2.0/24 null"), "discard"),
        (("192.0.2.0/24 10.0.0.2", "192.0.2.0/24 10.0.1.2"), "e0=10.0.0.2 e1=10.0.1.2"),
        (("192.0.2.0/24 10.0.0.2 10.0.1.2",), "e0=10.0.0.2 e1=10.0.1.2"),
        (("192.0.2.0/24 10.0.0.2 distance=5", "192.0.2.0/24 10.0.1.2 distance=4"), "e1=10.0.1.2"),
        (("192.0.2.0/24 10.0.0.2 metric=5", "192.0.2.0/24 10.0.1.2 metric=4"), "e1=10.0.1.2"),
        (("192.0.2.0/24 10.0.0.2 metric=9", "192.0.2.0/24 10.0.1.2 distance=4"), "e0=10.0.0.2"),
        (("192.0.2.0/24 e0",), "e0"),
        (("192.0.2.0/24 p",), "p"),
        (("192.0.2.0/24 10.0.0.2%e1",), "e1=10.0.0.2"),
        (("192.0.2.0/24 nosuch",), "unknown"),
        (("192.0.2.0/24 172.16.0.1", "172.16.0.0/16 10.0.0.2"), "e0=10.0.0.2"),
        (("192.0.2.0/24 172.16.0.1", "172.16.0.0/16 e1"), "e1=172.16.0.1"),
        (("192.0.2.0/24 172.16.0.1", "172.16.0.0/16 null"), "discard"),
        (("192.0.2.0/24 172.16.0.1",), "unknown"),
        (("192.0.2.0/24 172.16.0.1", "172.16.0.0/16 172.16.0.2"), "unknown"),  # leads back to itself
        (("192.0.2.0/24 10.0.0.1",), "unknown"),  # its own address
        (("192.0.2.0/24 10.0.3.2",), "unknown"),  # behind an interface that is shut down
        (("192.0.2.0/24 10.0.3.2", "192.0.2.0/24 10.0.0.2 distance=200"), "e0=10.0.0.2"),
        (("192.0.2.0/24 e3", "192.0.2.0/24 10.0.0.2 distance=200"), "e0=10.0.0.2"),
        (("192.0.2.0/24 10.0.2.2@red",), "e2=10.0.2.2"),
        (("192.0.2.0/24 e2",), "e2"),
        (("192.0.2.0/24 @red", "192.0.2.0/25 10.0.2.9 vrf=red"), "e2=10.0.2.9"),
        (("192.0.2.0/24 @red", "0.0.0.0/0 @default vrf=red"), "unknown"),  # lead into each other
        (("192.0.2.0/24 10.0.0.2 uncertain=tracked",), "e0=10.0.0.2?"),
        (("192.0.2.0/24 10.0.0.2 vrf=red",), "unknown"),
    ],
)
def test_a_route_wins(routes, found):
    assert one(device("r", LINKS, routes)) == found


def test_what_is_doubtful_in_a_next_hops_route_is_doubtful_here():
    assert (
        one(device("r", LINKS, ["192.0.2.0/24 172.16.0.1", "172.16.0.0/16 10.0.0.2 uncertain=dhcp"])) == "e0=10.0.0.2?"
    )


def test_one_of_two_next_hops_that_leads_nowhere_is_a_doubt():
    assert one(device("r", LINKS, ["192.0.2.0/24 10.0.0.2 172.16.0.1"])) == "e0=10.0.0.2?"


def test_own_addresses_and_connected_subnets():
    made = device("r", LINKS, ["10.0.0.0/8 10.0.1.2"])
    found = decided(made, "10.0.0.0/30 10.0.2.0/31")
    assert found == {"10.0.0.1": "local", "10.0.0.0 10.0.0.2/31": "e0", "10.0.2.0/31": "e1=10.0.1.2"}
    assert one(made, "10.0.2.1", "red") == "local"
    assert one(made, "10.0.3.1") == "e1=10.0.1.2"  # its interface is shut down
    assert one(device("r", LINKS), "10.0.3.2") == "unknown"


def test_a_listed_route_to_a_subnet_says_by_which_interface_it_is_reached():
    both = {"e0": "10.0.0.1/24", "e1": "10.0.0.9/24"}
    assert one(device("r", both), "10.0.0.5") == "e0 e1"
    assert one(device("r", both, ["10.0.0.0/24 e1 distance=0 metric=100"]), "10.0.0.5") == "e1"
    listed = ["10.0.0.0/24 e0 distance=0 metric=100", "10.0.0.0/24 e1 distance=0 metric=99"]
    assert one(device("r", both, listed), "10.0.0.5") == "e1"
    assert one(device("r", both, ["10.0.0.0/24 e1"]), "10.0.0.5") == "e0 e1"  # connected is nearer than static


def test_no_route_where_all_are_known():
    assert one(device("r", LINKS, complete=True)) == "none"
    assert one(device("r", LINKS, complete=True, rules=True)) == "none?"


@pytest.mark.parametrize(
    ("address", "routes", "complete", "found"),
    [
        ("192.0.2.1", ("0.0.0.0/0 10.0.0.2",), False, "e0=10.0.0.2?"),
        ("192.0.2.1", ("0.0.0.0/0 10.0.0.2",), True, "e0=10.0.0.2"),
        ("192.0.2.1", ("0.0.0.0/0 null",), False, "discard?"),
        ("192.0.2.1", (), False, "unknown"),
        ("10.0.0.7", ("0.0.0.0/0 10.0.0.2",), False, "e0"),
        ("10.0.0.1", (), False, "local"),
        ("192.0.2.1", ("0.0.0.0/0 10.0.0.2", "192.0.2.0/24 10.0.1.2 protocol=ospf distance=110"), False, "e1=10.0.1.2"),
    ],
)
def test_a_routing_protocol_makes_what_the_config_says_doubtful(address, routes, complete, found):
    assert one(device("r", LINKS, routes, elsewhere=True, complete=complete), address) == found


def test_a_collected_static_route_is_no_guess():
    collected = Evidence(file="routes/r.json", line=3, text="{}")
    listed = build.route("r", "192.0.2.0/24 10.0.0.2", evidence=collected)
    assert one(device("r", LINKS, [listed], elsewhere=True)) == "e0=10.0.0.2"


def test_policy_rules_make_all_but_own_addresses_doubtful():
    made = device("r", LINKS, ["0.0.0.0/0 10.0.0.2"], rules=True, complete=True)
    assert decided(made, "10.0.0.1 10.0.1.9 192.0.2.1") == {
        "10.0.0.1": "local", "10.0.1.9": "e1?", "192.0.2.1": "e0=10.0.0.2?",
    }  # fmt: skip


def test_the_bound_of_a_route_and_its_line():
    made = device(
        "r",
        LINKS,
        ["0.0.0.0/0 10.0.0.2 mtu=1400", "192.0.2.0/24 172.16.0.1 mtu=1450", "172.16.0.0/12 10.0.0.2 mtu=1300"],
    )
    ((_, first),) = RouteBook(made).route("default", 4, values("198.51.100.1"))
    ((_, second),) = RouteBook(made).route("default", 4, values("192.0.2.1"))
    assert [w.mtu for w in first.ways] == [1400]
    assert [w.mtu for w in second.ways] == [1300]
    assert [e.text for e in second.evidence] == ["192.0.2.0/24 172.16.0.1 mtu=1450"]


def test_routes_that_do_the_same_make_one_part():
    made = device("r", LINKS, ["0.0.0.0/0 10.0.0.2", "192.0.2.0/24 10.0.0.2", "198.51.100.0/24 10.0.1.2"])
    assert decided(made, "192.0.2.0/24 198.51.100.0/24 203.0.113.0/24") == {
        "198.51.100.0/24": "e1=10.0.1.2", "192.0.2.0/24 203.0.113.0/24": "e0=10.0.0.2",
    }  # fmt: skip


def test_ipv6():
    made = device("r", {"e0": "2001:db8::1/64 fe80::1/64"}, ["::/0 fe80::2%e0", "2001:db8:1::/48 2001:db8::2"])
    assert one(made, "2001:db8:1::5", family=6) == "e0=2001:db8::2"
    assert one(made, "2001:db8:2::5", family=6) == "e0=fe80::2"
    assert one(made, "2001:db8::9", family=6) == "e0"


# --- against one address after the other

NETWORK = parse_address("10.9.0.0")[1]
prefixes = st.tuples(st.integers(0, 15), st.integers(28, 32)).map(
    lambda p: f"{texts(4, IntervalSet.single(NETWORK + p[0]))}/{p[1]}"
)
ways = st.sampled_from(["null", "10.0.0.2", "10.0.1.2", "10.0.0.2 10.0.1.2", "10.0.0.3", "e1"])
route_texts = st.builds(
    lambda p, w, d, m: f"{p} {w} distance={d} metric={m}",
    prefixes, ways, st.integers(1, 2), st.integers(0, 1),
)  # fmt: skip


def naive(routes, address):
    """The next hops of the best routes to one address, looked at one after the other."""
    fitting = [r for r in routes if address in r.destination]
    if not fitting:
        return "unknown"
    longest = max(r.length for r in fitting)
    cost = min((r.distance, r.metric) for r in fitting if r.length == longest)
    best = [r for r in fitting if r.length == longest and (r.distance, r.metric) == cost]
    interfaces = {0: "e0", 1: "e1"}
    found = set()
    for hop in (hop for r in best for hop in r.next_hops):
        number = None if hop.address is None else (hop.address >> 8) & 255
        found.add((hop.interface or interfaces[number], hop.address))
    return frozenset(found) or "discard"


@settings(deadline=None)
@given(st.lists(route_texts, max_size=7))
def test_sets_of_destinations_are_split_as_their_addresses_are(routes):
    made = device("r", LINKS, routes)
    asked = IntervalSet((NETWORK, NETWORK + 18))
    parts = RouteBook(made).route("default", 4, asked)
    assert sum(part.size for part, _ in parts) == asked.size
    assert IntervalSet.union(part for part, _ in parts) == asked
    for part, routed in parts:
        got = frozenset((w.interface, w.gateway) for w in routed.ways) or routed.kind
        for first, last in part:
            assert {naive(made.routing.routes, a) for a in range(first, last + 1)} == {got}
