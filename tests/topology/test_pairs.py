"""The paths of a flow there and back: families, several senders, ends that are devices, ways back, tunnels."""

from types import MappingProxyType

import pytest

from auditor.errors import InventoryError
from auditor.model.addresses import ADDRESSES, parse_address
from auditor.model.device import Df, Peer, Speaker, Tunnel
from auditor.model.evidence import Basis, Fact
from auditor.topology import Topology
from tests.topology.build import (
    back,
    device,
    endpoint,
    flow,
    interface,
    line,
    pairs,
    texts,
    there,
    unread,
    values,
    words,
)

A, B = endpoint("a", "10.1.0.10"), endpoint("b", "10.2.0.10")
R1 = device("r1", {"in": "10.1.0.1/24", "out": "10.0.0.1/29"}, ["10.2.0.0/24 10.0.0.2"])
R2 = device("r2", {"in": "10.2.0.1/24", "out": "10.0.0.2/29"}, ["10.1.0.0/24 10.0.0.1"])


def reasons(found, way="forward"):
    return [doubt.reason for pair in found for doubt in getattr(pair, way).doubts]


# --- families and senders

DUAL = [
    device("r1", {"in": "10.1.0.1/24 2001:db8:1::1/64", "out": "10.0.0.1/29 2001:db8::1/64"},
           ["10.2.0.0/24 10.0.0.2", "2001:db8:2::/64 2001:db8::2"]),
    device("r2", {"in": "10.2.0.1/24 2001:db8:2::1/64", "out": "10.0.0.2/29 2001:db8::2/64"},
           ["10.1.0.0/24 10.0.0.1", "2001:db8:1::/64 2001:db8::1"]),
]  # fmt: skip
BOTH = endpoint("a", "10.1.0.10", "2001:db8:1::10"), endpoint("b", "10.2.0.10", "2001:db8:2::10")


def test_each_family_that_both_ends_have():
    assert [p.family for p in pairs(DUAL, BOTH)] == [4, 6]
    assert [p.family for p in pairs(DUAL, [A, BOTH[1]])] == [4]
    assert [p.family for p in pairs(DUAL, BOTH, family=6)] == [6]
    assert [p.family for p in pairs(DUAL, BOTH, aim=parse_address("2001:db8:2::10"))] == [6]
    assert there(pairs(DUAL, BOTH)) == ["r1[in>out] r2[out>in]"]


def test_the_internet_has_the_families_in_use():
    a = endpoint("a", "internet", at=["r1:in"])
    assert [p.family for p in pairs(DUAL, [a, BOTH[1]])] == [4, 6]
    assert [p.family for p in pairs([R1, R2], [a, BOTH[1]])] == [4]


def test_ends_without_a_family_in_common():
    c = device("c", {"x": "2001:db8:9::1/64"})
    found = pairs([R1, R2, c], [endpoint("a", device="c"), B])
    assert reasons(found) == ["it has no address family in common with b"]
    assert reasons(found, "reverse") == reasons(found)


def test_several_senders_have_paths_of_their_own():
    more = endpoint("c", "10.1.0.77")
    topology = Topology({d.name: d for d in (R1, R2)})
    found = topology.pairs(flow("a c"), {"a": A, "b": B, "c": more})
    assert [(p.sender, texts(4, p.forward.clients)) for p in found] == [("a", "10.1.0.10"), ("c", "10.1.0.77")]


# --- ends that are devices

SERVERS = (Peer(addresses=values("10.2.0.10"), family=4, ports=(1812,), evidence=line("sw", "host")),)
RADIUS = Speaker(kind="radius-client", interface="lo", evidence=line("sw", "source-interface lo"), peers=SERVERS)
SW = {"vlan1": "10.1.0.5/24", "lo": "10.255.0.5/32", "up": "10.0.0.5/29"}
SWITCH = device("sw", SW, ["10.2.0.0/24 10.0.0.2"], speakers=(RADIUS,))
R2_LO = device("r2", {"in": "10.2.0.1/24", "out": "10.0.0.2/29"}, ["10.255.0.5/32 10.0.0.5", "10.1.0.0/24 10.0.0.5"])


@pytest.mark.parametrize(
    ("kind", "named", "clients"),
    [
        ("radius", None, "10.255.0.5"),  # its config names the source toward this server
        ("radius", "radius-source", "10.255.0.5"),
        ("radius", "Vlan1", "10.1.0.5"),
        ("custom", "radius-source", "10.255.0.5"),
        ("custom", None, "10.0.0.5"),  # by its route
    ],
)
def test_a_device_as_the_sender(kind, named, clients):
    a = endpoint("a", device="sw", interface=named)
    for via in (None, "r2", "sw r2"):
        (pair,) = pairs([SWITCH, R2_LO], [a, B], kind=kind, via=via, return_via="routing", port=1812)
        assert texts(4, pair.forward.clients) == clients
        assert words(pair.forward) == "sw[>up] r2[out>in]"
        assert pair.forward.hops[0].role == "local-out"
        if clients != "10.0.0.5":
            assert words(pair.reverse) == "r2[in>out] sw[up>]"
            assert pair.reverse.hops[-1].role == "local-in"


def test_a_device_as_the_receiver():
    found = pairs(
        [R2_LO, SWITCH],
        [endpoint("a", "10.2.0.10"), endpoint("b", device="sw", interface="lo")],
    )
    assert (there(found), back(found)) == (["r2[in>out] sw[up>]"], ["sw[>up] r2[out>in]"])
    assert texts(4, found[0].forward.servers) == "10.255.0.5"


def test_two_devices_name_each_other():
    def ike(name, interface_, peer):
        peers = (Peer(addresses=values(peer), family=4, ports=(500, 4500), evidence=line(name, "peer")),)
        return (Speaker(kind="ikev2", interface=interface_, peers=peers, evidence=line(name, "ike")),)

    one = device(
        "x",
        {"e": "10.0.0.1/29", "lo": "10.9.0.1/32"},
        speakers=ike("x", None, "10.9.0.2"),
        routes=["10.9.0.2/32 10.0.0.2"],
    )
    two = device("y", {"e": "10.0.0.2/29", "lo": "10.9.0.2/32"}, speakers=ike("y", "lo", "10.0.0.1"))
    found = pairs([one, two], [endpoint("a", device="x"), endpoint("b", device="y")])
    assert (there(found), back(found)) == (["x[>e] y[e>]"], ["y[>e] x[e>]"])
    assert (texts(4, found[0].forward.clients), texts(4, found[0].forward.servers)) == ("10.0.0.1", "10.9.0.2")


@pytest.mark.parametrize(
    ("made", "named", "reason"),
    [
        (unread("sw"), None, "its address is not known: the file is empty"),
        (device("sw", {"p": "dhcp", "e": "10.0.0.5/29"}), "p", "the IPv4 address of p is not known"),
        (device("sw", {"e": "10.0.0.5/29"}), None, "it is not known which of its addresses it uses"),
    ],
)
def test_a_device_whose_address_is_not_known(made, named, reason):
    for via in (None, "r2"):
        found = pairs([made, R2], [endpoint("a", device="sw", interface=named), B], via=via)
        assert any(reason in text for text in reasons(found))
        assert any(reason in text for text in reasons(found, "reverse"))
        assert [pair.forward.clients for pair in found] == [ADDRESSES[4]]


def test_a_device_that_is_not_in_the_inventory_at_all():
    assert "there is no config file of it" in reasons(pairs([R2], [endpoint("a", device="gone"), B]))[0]


def test_a_wrong_interface_of_a_device():
    with pytest.raises(InventoryError, match="sw has no interface 'vlan2': the nearest is 'vlan1'"):
        pairs([SWITCH, R2], [endpoint("a", device="sw", interface="vlan2"), B])


def test_an_address_that_a_device_has_is_that_device():
    found = pairs([SWITCH, R2_LO], [endpoint("a", "10.255.0.5"), B])
    assert (there(found), back(found)) == (["sw[>up] r2[out>in]"], ["r2[in>out] sw[up>]"])


def test_both_ends_on_one_device():
    found = pairs([SWITCH], [endpoint("a", "10.255.0.5"), endpoint("b", "10.1.0.5")])
    assert there(found) == ["sw[>] doubt:sw"]


def test_what_the_ends_are():
    topology = Topology({d.name: d for d in (SWITCH, R2)})
    near, far = topology.ends(flow(kind="radius"), endpoint("a", device="sw"), B)[4]
    assert (near.device, near.interface, texts(4, near.values)) == ("sw", "lo", "10.255.0.5")
    assert (far.device, texts(4, far.values)) == (None, "10.2.0.10")


# --- ways back


def test_without_via_the_routes_tell_the_way_back():
    other = device("r2", {"in": "10.2.0.1/24", "out": "10.0.0.2/29"}, ["10.1.0.0/24 10.0.0.3"])
    third = device("r3", {"x": "10.0.0.3/29", "in": "10.1.0.3/24"})
    assert back(pairs([R1, other, third], [A, B])) == ["r2[in>out] r3[x>in]"]
    assert back(pairs([R1, other, third], [A, B], via="r1 r2")) == ["r2[in>out] r1[out>in] detour:r2"]
    assert back(pairs([R1, other, third], [A, B], via="r1 r2", return_via="routing")) == ["r2[in>out] r3[x>in]"]
    assert back(pairs([R1, other, third], [A, B], return_via="r2 r3")) == ["r2[in>out] r3[x>in]"]
    assert back(pairs([R1, other, third], [A, B], return_via="r2 r1|r3")) == [
        "r2[in>out] r1[out>in] detour:r2", "r2[in>out] r3[x>in]",
    ]  # fmt: skip


def test_a_way_back_is_found_although_the_way_there_is_not():
    found = pairs([device("r1", {"in": "10.1.0.1/24", "out": "10.0.0.1/29"}), R2], [A, B])
    assert (there(found), back(found)) == (["r1[in>] doubt:r1"], ["r2[in>out] r1[out>in]"])


def test_more_pairs_than_are_followed():
    def layer(name, n):
        return [device(f"{name}{k}", {"in": f"10.1.0.{k}/24", "out": f"10.2.0.{k}/24"}) for k in range(1, n)]

    found = pairs(layer("r", 30), [endpoint("a", "10.1.0.200"), endpoint("b", "10.2.0.200")])
    assert len(found) == 256
    assert reasons(found) == ["there are more than 256 pairs of ways there and back; not all were followed"]


# --- tunnels


def tunnel(name, destination, vrf="default", by="e"):
    return Tunnel(
        mode="gre",
        source=None,
        source_interface=by,
        destination=parse_address(destination)[1] if destination else None,
        family=4,
        protocol=47,
        overhead=Fact(value=24, basis=Basis.READ),
        outer_df=Fact(value=Df.CLEAR, basis=Basis.READ),
        evidence=line(name, "tunnel"),
        vrf=vrf,
    )


def tunnelled(name, inside, inner, outer, destination, routes, **more):
    return device(
        name,
        interfaces=(
            interface(name, "in", inside),
            interface(name, "e", outer),
            interface(name, "Tunnel0", inner, kind="tunnel", tunnel=tunnel(name, destination, **more)),
        ),
        routes=routes,
    )


FAR = tunnelled(
    "t2", "10.2.0.1/24", "10.7.0.2/30", "192.0.2.2/24", "198.51.100.2", ["10.1.0.0/24 10.7.0.1", "0.0.0.0/0 192.0.2.1"]
)
CORE = device("core", {"a": "198.51.100.1/24", "b": "192.0.2.1/24"})


def near(routes=("10.2.0.0/24 10.7.0.2", "0.0.0.0/0 198.51.100.1"), destination="192.0.2.2", **more):
    return tunnelled("t1", "10.1.0.1/24", "10.7.0.1/30", "198.51.100.2/24", destination, list(routes), **more)


def test_a_tunnel_has_a_way_of_its_own():
    (pair,) = pairs([near(), FAR, CORE], [A, B])
    assert words(pair.forward) == "t1[in>Tunnel0] t2[Tunnel0>in]"
    under = pair.forward.hops[0].underlay
    assert words(under) == "t1[>e] core[a>b] t2[e>]"
    assert [h.role for h in under.hops] == ["local-out", "transit", "local-in"]
    assert (texts(4, under.clients), texts(4, under.servers)) == ("198.51.100.2", "192.0.2.2")
    assert words(pair.reverse.hops[0].underlay) == "t2[>e] core[b>a] t1[e>]"
    assert pair.forward.hops[1].underlay is None


def test_the_way_under_a_claimed_tunnel():
    (pair,) = pairs([near(), FAR, CORE], [A, B], via="t1[>Tunnel0] t2")
    assert words(pair.forward.hops[0].underlay) == "t1[>e] core[a>b] t2[e>]"


@pytest.mark.parametrize(
    ("made", "found"),
    [
        (near(destination=""), None),
        (near(by="gone"), None),
        (near(["10.2.0.0/24 10.7.0.2"]), "t1[>] doubt:t1"),
        (near(vrf="red"), "t1[>] doubt:t1"),
        (near(["10.2.0.0/24 10.7.0.2", "0.0.0.0/0 198.51.100.9"]), "t1[>e] doubt:t1"),
    ],
)
def test_a_way_under_a_tunnel_that_is_not_known(made, found):
    (pair,) = pairs([made, FAR, CORE], [A, B])
    under = pair.forward.hops[0].underlay
    assert (under and words(under)) == found


def test_a_tunnel_that_leads_through_itself():
    (pair,) = pairs([near(["0.0.0.0/0 10.7.0.2"]), FAR, CORE], [A, B])
    under = pair.forward.hops[0].underlay
    assert under.hops[0].egress == "Tunnel0"
    deepest = under
    while deepest.hops[0].underlay:
        deepest = deepest.hops[0].underlay
    assert "its tunnels lead through each other" in [d.reason for d in deepest.doubts]


def test_ways_of_equal_cost_under_a_tunnel_are_a_doubt():
    other = device("core2", {"a": "198.51.100.9/24", "b": "192.0.2.9/24"})
    made = near(["10.2.0.0/24 10.7.0.2", "0.0.0.0/0 198.51.100.1 198.51.100.9"])
    (pair,) = pairs([made, FAR, CORE, other], [A, B])
    assert [d.reason for d in pair.forward.hops[0].underlay.doubts] == [
        "the packets of the tunnel may take 2 ways; one was followed"
    ]


def test_a_topology_does_not_change_its_devices():
    devices = MappingProxyType({d.name: d for d in (R1, R2)})
    topology = Topology(devices)
    first = topology.pairs(flow(), {"a": A, "b": B})
    assert topology.pairs(flow(), {"a": A, "b": B}) == first
    assert topology.devices is devices
