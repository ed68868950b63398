"""Who is on a link, who owns an address, and MTUs that differ."""

from auditor.topology import Topology
from auditor.topology.subnets import subnets
from tests.topology.build import device, interface, unread


def owners(devices, family, address):
    return [(p.device, p.interface.name) for p in subnets(devices).owners(family, address)]


def joined(devices):
    return {s.text: [f"{p.device}.{p.interface.name}" for p in s.ports] for s in subnets(devices).all.values()}


def test_interfaces_with_an_address_of_one_prefix_are_on_one_link():
    one = device("r1", {"a": "10.0.0.1/24 2001:db8::1/64", "b": "10.0.1.1/24", "off": "10.0.0.9/24 down"})
    two = device("r2", {"x": "10.0.0.2/24 2001:db8::2/64"})
    assert joined([one, two]) == {
        "10.0.0.0/24": ["r1.a", "r2.x"], "2001:db8::/64": ["r1.a", "r2.x"], "10.0.1.0/24": ["r1.b"],
    }  # fmt: skip


def test_what_joins_nobody():
    one = device("r1", {"lo": "127.0.0.1/8 ::1/128", "lo0": "10.9.9.9/32", "a": "fe80::1/64 10.0.0.1/31"})
    two = device("r2", {"lo": "127.0.0.1/8 ::1/128", "lo0": "10.9.9.9/32", "a": "fe80::2/64"})
    assert joined([one, two]) == {"10.0.0.0/31": ["r1.a"]}
    assert owners([one, two], 4, (10 << 24) + 0x090909) == [("r1", "lo0"), ("r2", "lo0")]
    assert owners([one, two], 4, (127 << 24) + 1) == []


def test_a_shared_address_has_several_owners():
    one = device("r1", {"a": "10.0.0.2/24 !10.0.0.1/24"})
    two = device("r2", {"a": "10.0.0.3/24 !10.0.0.1/24"})
    assert owners([one, two], 4, (10 << 24) + 1) == [("r1", "a"), ("r2", "a")]


def test_tunnels_are_joined_by_their_subnet():
    one = device("r1", interfaces=(interface("r1", "Tunnel0", "10.0.0.1/30", kind="tunnel"),))
    two = device("r2", interfaces=(interface("r2", "Tunnel9", "10.0.0.2/30", kind="tunnel"),))
    assert joined([one, two]) == {"10.0.0.0/30": ["r1.Tunnel0", "r2.Tunnel9"]}


def mtus(*devices):
    found = Topology({d.name: d for d in devices}).unlike_links()
    return {(f.family, f.subnet): list(f.devices) for f in found}


def test_mtus_that_differ_on_a_link():
    one = device("r1", {"a": "10.0.0.1/24 mtu=1500", "b": "10.0.1.1/24 mtu=1500", "c": "10.0.2.1/24 mtu=1400"})
    two = device("r2", {"a": "10.0.0.2/24 mtu=1400", "b": "10.0.1.2/24 mtu=1500", "c": "10.0.2.2/24"})
    assert mtus(one, two, unread("r3")) == {(4, "10.0.0.0/24"): [("r1", "a", 1500), ("r2", "a", 1400)]}


def test_a_subnet_that_is_used_in_two_places_is_no_link():
    one = device("r1", {"a": "192.168.1.1/24 mtu=1500"})
    two = device("r2", {"a": "192.168.1.1/24 mtu=1400"})
    assert mtus(one, two) == {}
    shared = [
        device(n, {"a": f"{a}/24 !192.168.1.1/24 mtu={m}"})
        for n, a, m in (("r1", "192.168.1.2", 1500), ("r2", "192.168.1.3", 1400))
    ]
    assert len(mtus(*shared)) == 1
