"""Paths that nobody named, hop by hop as the routes lead."""

import pytest

from auditor.model.addresses import parse_prefix
from auditor.model.evidence import Basis, Fact
from tests.topology.build import back, device, endpoint, interface, pairs, texts, there, unread, words

A, B = endpoint("a", "10.1.0.10"), endpoint("b", "10.2.0.10")


def left(routes=("10.2.0.0/24 10.0.0.2",), name="r1", address="10.1.0.1/24", link="10.0.0.1/29", **more):
    """A router on a's subnet and on the link."""
    return device(name, {"in": address, "out": link}, routes, **more)


def right(routes=("10.1.0.0/24 10.0.0.1",), name="r2", address="10.2.0.1/24", link="10.0.0.2/29", **more):
    """A router on b's subnet and on the link."""
    return device(name, {"in": address, "out": link}, routes, **more)


def reasons(found):
    return [doubt.reason for pair in found for doubt in pair.forward.doubts]


def test_two_routers():
    found = pairs([left(), right()], [A, B])
    assert there(found) == ["r1[in>out] r2[out>in]"]
    assert back(found) == ["r2[in>out] r1[out>in]"]
    (pair,) = found
    assert (pair.sender, pair.receiver, pair.family) == ("a", "b", 4)
    assert (texts(4, pair.forward.clients), texts(4, pair.forward.servers)) == ("10.1.0.10", "10.2.0.10")
    assert (texts(4, pair.reverse.clients), texts(4, pair.reverse.servers)) == ("10.1.0.10", "10.2.0.10")
    assert [e.text for e in pair.forward.hops[0].routed_by] == ["10.2.0.0/24 10.0.0.2"]
    assert [e.text for e in pair.forward.hops[1].routed_by] == ["in 10.2.0.1/24"]


def test_both_ends_on_one_link_need_no_hop():
    found = pairs([left()], [A, endpoint("b", "10.1.0.20")])
    assert there(found) == [""]
    assert found[0].forward.hops == found[0].reverse.hops == ()


def test_the_longest_prefix_leads():
    detour = device("r3", {"x": "10.0.0.3/29", "in": "10.2.0.3/24"}, ["0.0.0.0/0 10.0.0.1"])
    one = left(["10.2.0.0/24 10.0.0.2", "10.2.0.8/29 10.0.0.3"])
    assert there(pairs([one, right(), detour], [A, B])) == ["r1[in>out] r3[x>in]"]


@pytest.mark.parametrize(
    ("devices", "path", "reason"),
    [
        ([left(()), right()], "r1[in>] doubt:r1", "packets to 10.2.0.10 is not known: no route to them is known"),
        ([left((), elsewhere=True), right()], "r1[in>] doubt:r1", "a routing protocol may bring one"),
        ([left(elsewhere=True), right()], "r1[in>out] r2[out>in] doubt:r1", "may bring a better route"),
        ([left(rules=True), right()], "r1[in>out] r2[out>in] doubt:r1", "policy rules may choose another table"),
        ([left(["10.2.0.0/24 10.0.0.2 uncertain=tracked"]), right()], "r1[in>out] r2[out>in] doubt:r1", "tracked"),
        ([left(), right(()), ], "r1[in>out] r2[out>in]", None),
        ([left(["10.2.0.0/24 10.0.0.5"]), right()], "r1[in>out] doubt:r1", "its next hop (10.0.0.5) is no device"),
        ([left(["10.2.0.0/24 172.16.0.1"]), right()], "r1[in>] doubt:r1", "no route to the next hop 172.16.0.1"),
        ([left(["0.0.0.0/0 10.0.0.2"]), right(["0.0.0.0/0 10.0.0.1"], address="10.3.0.1/24")],
         "r1[in>out] r2[out>out] doubt:r1", "the routes lead in a circle: r1 -> r2 -> r1"),
        ([right()], "doubt:a", "no connected subnet holds 10.1.0.10: say where it is attached ('attach')"),
        ([left(), left(name="rX", link="10.9.0.1/29")], "r1[in>out] doubt:r1", "its next hop (10.0.0.2)"),
        ([left(["10.2.0.0/24 null"]), right()], "r1[in>] dead:r1", None),
        ([left((), complete=True), right()], "r1[in>] dead:r1", None),
        ([left(["10.2.0.0/24 null"], elsewhere=True), right()], "r1[in>] doubt:r1 doubt:r1", "may bring"),
        ([left((), complete=True, rules=True), right()], "r1[in>] doubt:r1 doubt:r1", "policy rules"),
    ],
)  # fmt: skip
def test_where_a_path_ends_and_why(devices, path, reason):
    found = pairs(devices, [A, B])
    assert there(found) == [path]
    assert reasons(found) == [] if reason is None else reason in reasons(found)[0]


def test_the_dead_end_tells_its_line():
    (pair,) = pairs([left(["10.2.0.0/24 null"])], [A, B])
    assert pair.forward.dead_end.reason == "its route to 10.2.0.10 discards packets"
    assert [e.text for e in pair.forward.dead_end.evidence] == ["10.2.0.0/24 null"]
    (pair,) = pairs([left((), complete=True)], [A, B])
    assert pair.forward.dead_end.reason == "it has no route to 10.2.0.10"


def test_a_doubt_on_the_way_makes_a_dead_end_uncertain():
    (pair,) = pairs([left(rules=True), right(["10.2.0.10/32 null"])], [A, B])
    assert words(pair.forward) == "r1[in>out] r2[out>] doubt:r1 doubt:r2"
    assert pair.forward.dead_end is None


def test_the_lines_of_a_loop():
    (pair,) = pairs([left(["0.0.0.0/0 10.0.0.2"]), right(["0.0.0.0/0 10.0.0.1"], address="10.3.0.1/24")], [A, B])
    (doubt,) = pair.forward.doubts
    assert doubt.transforms
    assert [e.text for e in doubt.evidence] == ["0.0.0.0/0 10.0.0.2", "0.0.0.0/0 10.0.0.1"]


def test_every_branch_of_equal_cost():
    one = left(["10.2.0.0/24 10.0.0.2 10.0.0.3"])
    found = pairs([one, right(), right(name="r3", address="10.2.0.2/24", link="10.0.0.3/29")], [A, B])
    assert there(found) == ["r1[in>out] r2[out>in]", "r1[in>out] r3[out>in]"]
    assert [[e.text for e in pair.forward.hops[0].split] for pair in found[:1]] == [["10.2.0.0/24 10.0.0.2 10.0.0.3"]]
    assert back(found) == ["r2[in>out] r1[out>in]", "r3[in>out] r1[out>in]"]
    assert len(found) == 4


def test_two_routes_of_equal_cost_name_each_others_line():
    one = left(["10.2.0.0/24 10.0.0.2", "10.2.0.0/24 10.0.0.3"])
    found = pairs([one, right(), right(name="r3", address="10.2.0.2/24", link="10.0.0.3/29")], [A, B])
    first = found[0].forward.hops[0]
    assert ([e.text for e in first.routed_by], [e.text for e in first.split]) == (
        ["10.2.0.0/24 10.0.0.2"], ["10.2.0.0/24 10.0.0.3"],
    )  # fmt: skip


def test_each_device_on_the_senders_subnet_that_can_carry_it():
    second = left(name="r9", address="10.1.0.2/24", link="10.0.0.4/29")
    host = device("host", {"eth0": "10.1.0.77/24"}, ["0.0.0.0/0 10.1.0.1"])
    switch = device("sw", {"vlan1": "10.1.0.5/24"})
    idle = left(
        name="dual", address="10.1.0.6/24", link="10.0.0.6/29",
        forwards={4: Fact(value=False, basis=Basis.READ)},
    )  # fmt: skip
    found = pairs([left(), second, host, switch, idle, right()], [A, B])
    assert there(found) == ["r1[in>out] r2[out>in]", "r9[in>out] r2[out>in]"]


def test_nobody_on_the_senders_subnet_can():
    devices = [device("sw", {"vlan1": "10.1.0.5/24"}), device("sw2", {"vlan1": "10.1.0.6/24"})]
    found = pairs(devices, [A, B])
    assert there(found) == ["doubt:a"]
    assert reasons(found) == ["no device on 10.1.0.0/24 is known to carry packets to 10.2.0.10"]


def test_shared_addresses_lead_to_each_owner():
    one = left(["10.2.0.0/24 10.0.0.4"])
    owners = [
        right(name=n, address=f"10.2.0.{k}/24", link=f"10.0.0.{k}/29 !10.0.0.4/29") for n, k in (("r2", 2), ("r3", 3))
    ]
    found = pairs([one, *owners], [A, B])
    assert there(found) == ["r1[in>out] r2[out>in]", "r1[in>out] r3[out>in]"]


def test_an_address_that_two_devices_have_is_a_doubt():
    twins = [right(name=n, address=f"10.2.0.{k}/24") for n, k in (("r2", 1), ("r3", 2))]
    found = pairs([left(), *twins], [A, B])
    assert there(found) == ["r1[in>out] r2[out>in] doubt:r2", "r1[in>out] r3[out>in] doubt:r2"]


def test_the_way_back_may_be_another():
    one = left()
    two = right(["10.1.0.0/24 10.0.0.3"])
    three = device("r3", {"x": "10.0.0.3/29", "in": "10.1.0.3/24"})
    found = pairs([one, two, three], [A, B])
    assert there(found) == ["r1[in>out] r2[out>in]"]
    assert back(found) == ["r2[in>out] r3[x>in]"]


def test_vrfs_of_one_device_are_apart():
    links = {
        "red-in": "10.1.0.1/24 vrf=red", "red-out": "10.0.0.1/29 vrf=red",
        "blue-in": "10.8.0.1/24 vrf=blue", "blue-out": "10.0.1.1/29 vrf=blue",
    }  # fmt: skip
    one = device("r1", links, ["10.2.0.0/24 10.0.0.2 vrf=red", "10.2.0.0/24 10.0.1.2 vrf=blue"])
    found = pairs([one, right()], [A, B])
    assert there(found) == ["r1[red-in>red-out] r2[out>in]"]
    assert found[0].forward.hops[0].vrf == "red"


def test_a_route_leaks_into_another_vrf():
    links = {"in": "10.1.0.1/24 vrf=red", "out": "10.0.0.1/29"}
    one = device("r1", links, ["10.2.0.0/24 10.0.0.2@default vrf=red"])
    found = pairs([one, right()], [A, B])
    assert there(found) == ["r1[in>out] r2[out>in]"]


def test_a_static_by_interface_alone_finds_the_other_end_of_the_link():
    one = left(["10.2.0.0/24 out"])
    assert there(pairs([one, right()], [A, B])) == ["r1[in>out] r2[out>in]"]
    beside = device("r3", {"x": "10.0.0.3/29"}, ["0.0.0.0/0 10.0.0.1"])
    assert there(pairs([one, right(), beside], [A, B])) == ["r1[in>out] r2[out>in]"]
    assert there(pairs([one], [A, B])) == ["r1[in>out] doubt:r1"]


def test_ipv6_with_a_link_local_next_hop():
    a, b = endpoint("a", "2001:db8:1::10"), endpoint("b", "2001:db8:2::10")
    one = device("r1", {"in": "2001:db8:1::1/64", "out": "2001:db8::1/126"}, ["2001:db8:2::/64 fe80::2%out"])
    two = device("r2", {"in": "2001:db8:2::1/64", "out": "2001:db8::2/126"}, ["::/0 2001:db8::1"])
    found = pairs([one, two], [a, b])
    assert there(found) == ["r1[in>out] r2[out>in]"]
    assert found[0].family == 6
    named = device("r2", {"in": "2001:db8:2::1/64", "out": "2001:db8:5::2/64 fe80::2/64"}, ["::/0 2001:db8:5::1"])
    wide = device("r1", {"in": "2001:db8:1::1/64", "out": "2001:db8:5::1/64"}, ["2001:db8:2::/64 fe80::2%out"])
    other = device("r3", {"x": "2001:db8:5::3/64"})
    assert there(pairs([wide, named, other], [a, b])) == ["r1[in>out] r2[out>in]"]
    assert there(pairs([wide, other], [a, b])) == ["r1[in>out] doubt:r1"]


def test_sets_of_destinations_split_by_route():
    a = endpoint("a", "10.1.0.10")
    b = endpoint("b", "10.2.0.10", "10.3.0.10")
    one = left(["10.2.0.0/24 10.0.0.2", "10.3.0.0/24 10.0.0.3"])
    two, three = right(), right(name="r3", address="10.3.0.1/24", link="10.0.0.3/29")
    found = pairs([one, two, three], [a, b])
    assert [(texts(4, p.forward.servers), words(p.forward), words(p.reverse)) for p in found] == [
        ("10.2.0.10", "r1[in>out] r2[out>in]", "r2[in>out] r1[out>in]"),
        ("10.3.0.10", "r1[in>out] r3[out>in]", "r3[in>out] r1[out>in]"),
    ]


def test_the_senders_addresses_split_by_subnet():
    a = endpoint("a", "10.1.0.0/24", "10.4.0.0/30")
    found = pairs([left(), right()], [a, B])
    assert [(texts(4, p.forward.clients), words(p.forward)) for p in found] == [
        ("10.1.0.0 10.1.0.2-10.1.0.255", "r1[in>out] r2[out>in]"),
        ("10.4.0.0/30", "doubt:a"),
    ]


def internet_edge(
    routes=("0.0.0.0/0 198.51.100.1",), name="e1", outside="198.51.100.2/24", inside="10.0.0.1/29", **more
):
    return device(name, {"out": outside, "in": inside}, ["10.2.0.0/24 10.0.0.2", *routes], **more)


def test_the_internet_comes_in_and_leaves_where_it_is_attached():
    a = endpoint("a", "internet", at=["e1:out"])
    found = pairs([internet_edge(), right(["0.0.0.0/0 10.0.0.1"])], [a, B])
    assert there(found) == ["e1[out>in] r2[out>in]"]
    assert back(found) == ["r2[in>out] e1[in>out]"]
    assert found[0].forward.clients == found[0].reverse.clients


def test_the_way_back_to_the_internet_splits_by_route():
    a = endpoint("a", "internet", at=["e1:out", "e2:out"])
    second = internet_edge(name="e2", outside="192.0.2.2/24", inside="10.0.0.3/29", routes=["0.0.0.0/0 192.0.2.1"])
    two = right(["0.0.0.0/0 10.0.0.1", "8.0.0.0/8 10.0.0.3", "9.0.0.0/8 null"])
    found = pairs([internet_edge(), second, two], [a, B])
    assert there(found) == ["e1[out>in] r2[out>in]", "e2[out>in] r2[out>in]"]
    ways = {words(p.reverse): texts(4, p.reverse.clients) for p in found}
    assert ways["r2[in>out] e2[in>out]"] == "8.0.0.0/8"
    assert ways["r2[in>] dead:r2"] == "9.0.0.0/8"
    assert parse_prefix("8.0.0.0/8")[1].first not in found[0].reverse.clients or len(ways) == 3
    total = sum(p.reverse.clients.size for p in found if p.forward == found[0].forward)
    assert total == found[0].forward.clients.size


def test_an_internet_that_is_attached_nowhere():
    found = pairs([internet_edge(), right(["0.0.0.0/0 10.0.0.1"])], [endpoint("a", "internet"), B])
    assert there(found) == ["doubt:a"]
    assert reasons(found) == ["no connected subnet holds its addresses: say where it is attached ('attach')"]
    assert back(found) == ["r2[in>out] e1[in>out] doubt:e1"]
    assert "(where a meets the graph, 'attach' says)" in found[0].reverse.doubts[0].reason


def test_attached_to_a_device_without_an_interface():
    a = endpoint("a", "internet", at=["e1"])
    found = pairs([internet_edge(), right(["0.0.0.0/0 10.0.0.1"])], [a, B])
    assert (there(found), back(found)) == (["e1[out>in] r2[out>in]"], ["r2[in>out] e1[in>out]"])
    lone = internet_edge(routes=())
    assert there(pairs([lone, right()], [a, B])) == ["doubt:e1"]


def test_attached_to_something_unread_or_shut():
    a = endpoint("a", "10.7.0.1", at=["rX:e0"])
    assert there(pairs([unread("rX"), right()], [a, B])) == ["rX[e0>] doubt:rX"]
    down = device("r1", {"in": "10.1.0.1/24 down", "out": "10.0.0.1/29"}, ["10.2.0.0/24 10.0.0.2"])
    found = pairs([down, right()], [endpoint("a", "10.1.0.10", at=["r1:in"]), B])
    assert there(found) == ["doubt:r1"]
    assert reasons(found) == ["in is shut down"]


def test_a_receiver_that_is_attached_elsewhere_than_its_subnet():
    b = endpoint("b", "10.2.0.10", at=["r9:x"])
    found = pairs([left(), right(), device("r9", {"x": "10.9.0.1/24"})], [A, b])
    assert there(found) == ["r1[in>out] r2[out>in] doubt:r2"]
    assert reasons(found) == ["10.2.0.10 is on a connected subnet, and b is attached to r9 x"]


def test_hosts_behind_an_attachment():
    b = endpoint("b", "172.20.0.5", at=["r2:in"])
    one = left(["0.0.0.0/0 10.0.0.2"])
    two = right(["10.1.0.0/24 10.0.0.1", "172.20.0.0/16 10.2.0.99"])
    found = pairs([one, two], [A, b])
    assert there(found) == ["r1[in>out] r2[out>in]"]
    assert back(found) == ["r2[in>out] r1[out>in]"]


def test_mtus_and_the_way_back_to_the_source():
    check = {4: Fact(value="strict", basis=Basis.READ)}
    one = left(
        ["10.2.0.0/24 10.0.0.2 mtu=1400"],
        interfaces=(
            interface("r1", "in", "10.1.0.1/24", source_check=check),
            interface("r1", "out", "10.0.0.1/29 mtu=1450"),
        ),
    )
    two = right(
        interfaces=(interface("r2", "in", "10.2.0.1/24"), interface("r2", "out", "10.0.0.2/29", source_check=check))
    )
    (pair,) = pairs([one, two], [A, B])
    first, second = pair.forward.hops
    assert (first.mtu, first.route_mtu, first.back) == (1450, 1400, "ingress")
    assert (second.mtu, second.route_mtu, second.back) == (None, None, "ingress")
    assert pair.reverse.hops[0].back is None  # nothing is checked there


@pytest.mark.parametrize(
    ("routes", "complete", "mode", "found"),
    [
        (("10.1.0.0/24 10.0.0.1",), False, "strict", "ingress"),
        (("10.1.0.0/24 10.0.0.1 10.2.0.9",), False, "strict", "ingress"),
        (("10.1.0.0/24 10.2.0.9",), False, "strict", "another"),
        (("10.1.0.0/24 null",), False, "strict", "none"),
        ((), False, "strict", None),
        ((), True, "strict", "none"),
        (("10.1.0.0/24 10.0.0.1", "10.1.0.10/32 10.2.0.9"), False, "strict", "another"),
        (("10.1.0.0/28 10.0.0.1", "10.1.0.12/30 10.2.0.9"), False, "strict", None),
        (("10.1.0.0/28 10.0.0.1", "10.1.0.12/30 10.2.0.9"), False, "loose", "another"),
        (("10.1.0.0/24 10.2.0.9",), False, "off", None),
    ],
)
def test_where_the_route_to_the_source_leaves(routes, complete, mode, found):
    check = {4: Fact(value=mode, basis=Basis.READ)}
    two = right(
        routes,
        complete=complete,
        interfaces=(interface("r2", "in", "10.2.0.1/24"), interface("r2", "out", "10.0.0.2/29", source_check=check)),
    )
    a = endpoint("a", "10.1.0.8/29") if len(routes) == 2 and "/28" in routes[0] else A
    assert pairs([left(), two], [a, B])[0].forward.hops[1].back == found


@pytest.mark.parametrize(
    ("routes", "mode", "found", "default"),
    [
        (("0.0.0.0/0 10.0.0.1",), "strict", "ingress", False),  # it counts, and nobody asks
        (("0.0.0.0/0 10.0.0.1",), "strict-no-default", "ingress", True),
        (("0.0.0.0/0 10.0.0.1",), "loose-no-default", "ingress", True),
        (("0.0.0.0/0 10.2.0.9",), "loose-no-default", "another", True),
        (("0.0.0.0/0 10.2.0.9", "10.1.0.0/24 10.0.0.1"), "strict-no-default", "ingress", False),
        (("0.0.0.0/0 10.0.0.1", "10.1.0.0/24 10.0.0.1"), "strict-no-default", "ingress", False),
        (("0.0.0.0/0 10.0.0.1", "10.1.0.10/32 10.0.0.1"), "strict-no-default", None, False),  # for some of them
        (("10.1.0.0/24 10.2.0.9",), "strict-no-default", "another", False),
        (("10.1.0.0/24 10.2.0.9",), "loose-no-default", "another", False),
    ],
)
def test_whether_the_way_back_is_the_default_route(routes, mode, found, default):
    check = {4: Fact(value=mode, basis=Basis.READ)}
    two = right(
        routes,
        interfaces=(interface("r2", "in", "10.2.0.1/24"), interface("r2", "out", "10.0.0.2/29", source_check=check)),
    )
    hop = pairs([left(), two], [endpoint("a", "10.1.0.8/29"), B])[0].forward.hops[1]
    assert (hop.back, hop.back_by_default) == (found, default)


def test_more_paths_than_are_followed():
    layers = 8
    devices = [device("r0", {"in": "10.1.0.1/24", "out": "10.10.0.1/24"}, ["10.2.0.0/24 10.10.0.2 10.10.0.3"])]
    for n in range(layers):
        out = "10.2.0.{}/24" if n == layers - 1 else f"10.{11 + n}.0.{{}}/24"
        routes = [] if n == layers - 1 else [f"10.2.0.0/24 10.{11 + n}.0.2 10.{11 + n}.0.3"]
        for k, last in (("a", 2), ("b", 3)):
            inside = f"10.{10 + n}.0.{last}/24"
            devices.append(device(f"r{n + 1}{k}", {"in": inside, "out": out.format(last + 10)}, routes))
    found = pairs(devices, [A, endpoint("b", "10.2.0.200")], return_via="?x")
    assert len(there(found)) == 64
    assert found[-1].forward.doubts[0].reason == "there are more than 64 paths; not all were followed"
    assert not any(pair.forward.doubts for pair in found[:-1])
