"""Paths that the user named: how hops are joined, and what their routes say against it."""

import pytest

from auditor.errors import InventoryError, PathChoiceError
from tests.topology.build import back, device, endpoint, pairs, texts, there, unread, words

A, B = endpoint("a", "10.1.0.10"), endpoint("b", "10.2.0.10")
R1 = device("r1", {"in": "10.1.0.1/24", "out": "10.0.0.1/29"}, ["10.2.0.0/24 10.0.0.2"])
R2 = device("r2", {"in": "10.2.0.1/24", "out": "10.0.0.2/29"}, ["10.1.0.0/24 10.0.0.1"])


def claimed(via, devices=(R1, R2), a=A, b=B, **more):
    return pairs(devices, [a, b], via=via, **more)


def doubts(found):
    return [doubt.reason for pair in found for doubt in pair.forward.doubts]


def detours(found, way="forward"):
    return [(d.device, d.claimed, d.routed) for pair in found for d in getattr(pair, way).detours]


def bare(name, links, routes=(), **more):
    return device(name, links, routes, **more)


def test_interfaces_by_shared_subnet_and_own_subnets():
    found = claimed("r1 r2")
    assert there(found) == ["r1[in>out] r2[out>in]"]
    assert back(found) == ["r2[in>out] r1[out>in]"]


def test_interfaces_without_any_route():
    one, two = (
        bare("r1", {"in": "10.1.0.1/24", "out": "10.0.0.1/29"}),
        bare("r2", {"in": "10.2.0.1/24", "out": "10.0.0.2/29"}),
    )
    assert there(claimed("r1 r2", [one, two])) == ["r1[in>out] r2[out>in]"]


def test_named_interfaces_in_any_usual_form():
    one = bare("r1", {"GigabitEthernet0/0": "10.1.0.1/24", "GigabitEthernet0/1": "10.0.0.1/29"})
    assert there(claimed("r1[gi0/0>Gi0/1] r2", [one, R2])) == ["r1[GigabitEthernet0/0>GigabitEthernet0/1] r2[out>in]"]


@pytest.mark.parametrize(
    ("via", "text"),
    [
        ("r1[nope>] r2", "paths.yaml:7: flows.f: r1 has no interface 'nope': there are in, out"),
        ("r1 r2[>iin]", "paths.yaml:7: flows.f: r2 has no interface 'iin': the nearest is 'in'"),
        ("fw r2", "'fw' holds several devices"),
    ],
)
def test_wrong_names(via, text):
    contexts = [bare("fw/a", {"x": "10.0.0.3/29"})]
    with pytest.raises(InventoryError) as caught:
        claimed(via, [R1, R2, *contexts])
    assert text in str(caught.value)


def test_a_wrong_name_at_a_device_that_nobody_could_read_is_kept():
    assert there(claimed("r1 rX[nope>x] r2", [R1, R2, unread("rX")])) == ["r1[in>out] rX[nope>x] r2[out>in]"]


def test_contexts_are_devices():
    one = bare("fw/a", {"in": "10.1.0.1/24", "out": "10.0.0.1/29"})
    assert there(claimed("fw/a r2", [one, R2])) == ["fw/a[in>out] r2[out>in]"]


def test_alternatives_multiply():
    r3 = bare("r3", {"in": "10.2.0.3/24", "out": "10.0.0.3/29"}, ["10.1.0.0/24 10.0.0.1"])
    one = device("r1", {"in": "10.1.0.1/24", "out": "10.0.0.1/29"}, ["10.2.0.0/24 10.0.0.2 10.0.0.3"])
    found = claimed("r1 r2|r3", [one, R2, r3])
    assert there(found) == ["r1[in>out] r2[out>in]", "r1[in>out] r3[out>in]"]
    assert [(words(p.forward)[11:13], words(p.reverse)[:2]) for p in found] == [
        ("r2", "r2"), ("r2", "r3"), ("r3", "r2"), ("r3", "r3"),
    ]  # fmt: skip
    mirrored = claimed("r1 r2|r3", [one, R2, r3], return_via="reverse")
    assert [(words(p.forward)[11:13], words(p.reverse)[:2]) for p in mirrored] == [("r2", "r2"), ("r3", "r3")]


def test_more_alternatives_than_are_followed():
    many = [bare(f"x{n}", {"in": f"10.2.0.{n}/24", "out": f"10.0.0.{n}/24"}) for n in range(1, 70)]
    one = bare("r1", {"in": "10.1.0.1/24", "out": "10.0.0.200/24"})
    found = claimed("r1 " + "|".join(m.name for m in many), [one, *many], return_via="reverse")
    assert len(found) == 64
    assert found[-1].forward.doubts[0].reason == "there are more than 64 paths; not all were followed"


# --- opaque hops and unread ones


def test_opaque_hops_join_anything():
    assert there(claimed("?isp r1 ?wan r2 ?lan")) == ["?isp r1[in>out] ?wan r2[out>in] ?lan"]
    assert there(claimed("?isp")) == ["?isp"]


def test_beside_an_opaque_hop_the_route_chooses():
    one = bare("r1", {"in": "10.1.0.1/24", "x": "172.16.0.1/30"}, ["10.2.0.0/24 172.16.0.2"])
    two = bare("r2", {"in": "10.2.0.1/24", "y": "172.16.1.1/30"}, ["0.0.0.0/0 172.16.1.2"])
    found = claimed("r1 ?mpls r2", [one, two])
    assert there(found) == ["r1[in>x] ?mpls r2[y>in]"]
    assert back(found) == ["r2[in>y] ?mpls r1[x>in]"]


def test_a_hop_without_a_fitting_interface():
    one = bare("r1", {"in": "10.1.0.1/24", "x": "172.16.0.1/30"})
    two = bare("r2", {"in": "10.2.0.1/24", "y": "172.16.1.1/30"})
    found = claimed("r1 ?mpls r2", [one, two])
    assert there(found) == ["r1[in>] ?mpls r2[>in] doubt:r1 doubt:r2"]
    assert doubts(found) == [
        "no interface of r1 is known to lead to mpls", "no interface of r2 is known to lead to mpls",
    ]  # fmt: skip


def test_across_an_opaque_hop_a_shared_subnet_tells():
    one, two = (
        bare("r1", {"in": "10.1.0.1/24", "x": "172.16.0.1/30"}),
        bare("r2", {"in": "10.2.0.1/24", "y": "172.16.0.2/30"}),
    )
    assert there(claimed("r1 ?ether r2", [one, two])) == ["r1[in>x] ?ether r2[y>in]"]


def test_an_unread_hop():
    assert there(claimed("r1 rX r2", [R1, R2])) == ["r1[in>out] rX[>] r2[out>in]"]
    assert there(claimed("rX r2", [R2])) == ["rX[>] r2[out>in]"]


# --- neighbours that don't join


def test_neighbours_without_a_shared_subnet():
    far = bare("r2", {"in": "10.2.0.1/24", "out": "10.9.0.2/29"})
    found = claimed("r1 r2", [bare("r1", {"in": "10.1.0.1/24", "out": "10.0.0.1/29"}), far], return_via="?x")
    assert there(found) == ["r1[in>] r2[>in] doubt:r1"]
    assert doubts(found) == ["r1 and r2 share no subnet"]
    named = claimed(
        "r1[>out] r2[out>]", [bare("r1", {"in": "10.1.0.1/24", "out": "10.0.0.1/29"}), far], return_via="?x"
    )
    assert there(named) == ["r1[in>out] r2[out>in] doubt:r1"]
    assert doubts(named) == ["r1 and r2 share no subnet by r1 out and r2 out"]


def test_a_link_whose_addresses_are_not_known_is_believed():
    one = bare("r1", {"in": "10.1.0.1/24", "out": "dhcp"})
    two = bare("r2", {"in": "10.2.0.1/24", "out": "10.9.0.2/29"})
    assert there(claimed("r1[>out] r2[out>]", [one, two])) == ["r1[in>out] r2[out>in]"]
    assert there(claimed("r1[>out] r2", [one, two]))[0].endswith("doubt:r1")


def test_an_interface_that_is_shut_down():
    one = bare("r1", {"in": "10.1.0.1/24", "out": "10.0.0.1/29", "old": "10.0.0.1/29 down"})
    found = claimed("r1[>old] r2", [one, R2])
    assert "old is shut down" in doubts(found)
    found = claimed("r1[old>out] r2", [one, R2])
    assert doubts(found) == ["old is shut down"]


# --- several that fit

TWO_LINKS = {"in": "10.1.0.1/24", "l0": "10.0.0.1/30", "l1": "10.0.1.1/30"}
TWO_ENDS = {"in": "10.2.0.1/24", "l0": "10.0.0.2/30", "l1": "10.0.1.2/30"}


@pytest.mark.parametrize(
    ("here", "beyond", "found"),
    [
        (["10.2.0.0/24 10.0.1.2"], [], ["r1[in>l1] r2[l1>in]"]),
        ([], ["10.1.0.0/24 10.0.1.1"], ["r1[in>l1] r2[l1>in]"]),
        (["10.2.0.0/24 10.0.0.2"], ["10.1.0.0/24 10.0.1.1"], ["r1[in>l0] r2[l0>in]"]),
        (["10.2.0.0/24 10.0.0.2 10.0.1.2"], [], ["r1[in>l0] r2[l0>in]", "r1[in>l1] r2[l1>in]"]),
    ],
)
def test_of_several_links_the_route_chooses(here, beyond, found):
    devices = [bare("r1", TWO_LINKS, here), bare("r2", TWO_ENDS, beyond)]
    assert there(claimed("r1 r2", devices, return_via="?x")) == found


def test_no_route_chooses():
    devices = [bare("r1", TWO_LINKS), bare("r2", TWO_ENDS)]
    with pytest.raises(PathChoiceError) as caught:
        claimed("r1 r2", devices)
    assert str(caught.value) == (
        "paths.yaml:7: flows.f: r1 may reach r2 by l0 and l1, and no route tells which: write {device: r1, egress: l0} "
        "or another of them in 'via'"
    )
    assert there(claimed("r1[>l1] r2", devices)) == ["r1[in>l1] r2[l1>in]"]
    assert there(claimed("r1 r2[l0>]", devices)) == ["r1[in>l0] r2[l0>in]"]


def test_a_tunnel_beside_the_link_that_carries_it():
    one = bare("r1", {**TWO_LINKS, "Tunnel0": "10.7.0.1/30"}, ["10.2.0.0/24 10.7.0.2"])
    two = bare("r2", {**TWO_ENDS, "Tunnel0": "10.7.0.2/30"}, ["10.1.0.0/24 10.7.0.1"])
    assert there(claimed("r1 r2", [one, two])) == ["r1[in>Tunnel0] r2[Tunnel0>in]"]


def test_destinations_that_take_different_links():
    b = endpoint("b", "10.2.0.10", "10.2.0.200")
    one = bare("r1", TWO_LINKS, ["10.2.0.0/25 10.0.0.2", "10.2.0.128/25 10.0.1.2"])
    found = claimed("r1 r2", [one, bare("r2", TWO_ENDS)], b=b, return_via="?x")
    assert [(texts(4, p.forward.servers), words(p.forward)) for p in found] == [
        ("10.2.0.10", "r1[in>l0] r2[l0>in]"), ("10.2.0.200", "r1[in>l1] r2[l1>in]"),
    ]  # fmt: skip


def test_two_interfaces_on_the_subnet_of_an_end():
    apart = bare("r1", {"in": "10.1.0.1/24", "x": "10.2.0.1/24 vrf=red", "y": "10.2.0.2/24 vrf=red"})
    with pytest.raises(PathChoiceError, match="r1 may reach b by x and y"):
        claimed("r1", [apart])
    two = bare("r1", {"in": "10.1.0.1/24", "in2": "10.1.0.2/24", "out": "10.0.0.1/29"}, ["10.1.0.10/32 in2"])
    assert there(claimed("r1 r2", [two, R2], return_via="?x")) == ["r1[in2>out] r2[out>in]"]


# --- where ends are attached

INTERNET = {"out": "198.51.100.2/24", "out2": "192.0.2.2/24", "in": "10.0.0.1/29"}


def test_attach_gives_the_interface_at_the_nearest_hop():
    edge = bare("r1", INTERNET, ["10.2.0.0/24 10.0.0.2"])
    a = endpoint("a", "internet", at=["r1:out2"])
    found = claimed("?isp r1 r2", [edge, R2], a)
    assert there(found) == ["?isp r1[out2>in] r2[out>in]"]
    assert back(found)[0].split(" doubt")[0].split(" detour")[0] == "r2[in>out] r1[in>out2] ?isp"


def test_several_places_at_one_hop_are_several_ways_in_and_the_route_tells_the_way_out():
    edge = bare("r1", INTERNET, ["10.2.0.0/24 10.0.0.2", "0.0.0.0/0 192.0.2.1"])
    a = endpoint("a", "internet", at=["r1:out", "r1:out2"])
    found = claimed(
        "r1 r2",
        [edge, bare("r2", {"in": "10.2.0.1/24", "out": "10.0.0.2/29"}, ["0.0.0.0/0 10.0.0.1"])],
        a,
        return_via="r2 r1",
    )
    assert there(found) == ["r1[out>in] r2[out>in]", "r1[out2>in] r2[out>in]"]
    assert back(found) == ["r2[in>out] r1[in>out2]"]


def test_attached_to_another_device_than_the_nearest():
    a = endpoint("a", "10.1.0.10", at=["r9:x", "r8"])
    found = claimed("?isp r1 r2", [R1, R2, bare("r9", {"x": "10.1.0.9/24"}), bare("r8", {})], a)
    assert there(found) == ["?isp r1[in>out] r2[out>in] doubt:r1"]
    assert doubts(found) == ["a is attached to r9, r8, and the nearest hop of the path is r1"]
    (line,) = found[0].forward.doubts[0].evidence
    assert (line.file, line.line) == ("paths.yaml", 7)


def test_a_wrong_interface_in_attach():
    with pytest.raises(InventoryError, match="r1 has no interface 'ouut': the nearest is 'out'"):
        claimed("r1 r2", a=endpoint("a", "10.1.0.10", at=["r1:ouut"]))


# --- held against routing


def test_what_agrees_is_no_detour():
    assert detours(claimed("r1 r2")) == []
    silent = [
        bare("r1", {"in": "10.1.0.1/24", "out": "10.0.0.1/29"}),
        bare("r2", {"in": "10.2.0.1/24", "out": "10.0.0.2/29"}),
    ]
    assert detours(claimed("r1 r2", silent)) == []


R3 = bare("r3", {"x": "10.0.0.3/29", "y": "10.0.4.3/24", "in": "10.2.0.3/24"})


@pytest.mark.parametrize(
    ("routes", "more", "found"),
    [
        (["10.2.0.0/24 10.0.0.3"], {}, ("r2 by out", "r3 (10.0.0.3) by out")),
        (["10.2.0.0/24 10.0.0.6"], {}, ("r2 by out", "(10.0.0.6) by out")),
        (["10.2.0.0/24 10.0.0.2 10.0.0.3"], {}, None),
        (["10.2.0.0/24 10.0.0.3"], {"elsewhere": True}, None),
        (["10.2.0.0/24 10.0.0.3"], {"rules": True}, None),
        (["10.2.0.0/24 10.0.0.3 uncertain=tracked"], {}, None),
        (["10.2.0.0/24 10.1.0.77"], {}, ("r2 by out", "(10.1.0.77) by in")),
        ([], {}, None),
    ],
)
def test_a_route_that_leads_elsewhere(routes, more, found):
    one = device("r1", {"in": "10.1.0.1/24", "out": "10.0.0.1/29"}, routes, **more)
    got = claimed("r1 r2", [one, R2, R3])
    assert detours(got) == ([] if found is None else [("r1", *found)])
    if found:
        (detour,) = got[0].forward.detours
        assert [e.text for e in detour.evidence] == (routes or ["head"])
        assert detour.origin.line == 7


@pytest.mark.parametrize(
    ("routes", "more", "reason"),
    [
        (["10.2.0.0/24 null"], {}, "its route discards these packets"),
        ([], {"complete": True}, "it has no route for these packets"),
    ],
)
def test_a_route_that_leads_nowhere_is_the_end(routes, more, reason):
    one = device("r1", {"in": "10.1.0.1/24", "out": "10.0.0.1/29"}, routes, **more)
    end = claimed("r1 r2", [one, R2, R3])[0].forward.dead_end
    assert end is not None
    assert (end.device, end.reason) == ("r1", reason)
    assert [e.text for e in end.evidence] == (routes or ["head"])


def test_the_last_hop_is_held_against_its_routes_too():
    two = bare("r2", {"in": "10.2.0.1/24", "out": "10.0.0.2/29"}, ["10.1.0.0/24 10.0.0.1", "10.2.0.10/32 10.0.0.3"])
    assert detours(claimed("r1 r2", [R1, two, R3])) == [("r2", "b by in", "r3 (10.0.0.3) by out")]


def test_the_way_back_is_held_against_the_routes():
    two = bare("r2", {"in": "10.2.0.1/24", "out": "10.0.0.2/29"}, ["10.1.0.0/24 10.0.0.3"])
    found = claimed("r1 r2", [R1, two, R3])
    assert (detours(found), detours(found, "reverse")) == ([], [("r2", "r1 by out", "r3 (10.0.0.3) by out")])


def test_beside_an_opaque_hop_only_what_the_inventory_owns_is_a_detour():
    unknown = bare("r1", {"in": "10.1.0.1/24", "out": "10.0.0.1/29"}, ["10.2.0.0/24 10.0.0.6"])
    assert detours(claimed("r1 ?x r2", [unknown, R2, R3])) == []
    other = bare("r1", {"in": "10.1.0.1/24", "out": "10.0.0.1/29"}, ["10.2.0.0/24 10.0.0.3"])
    assert detours(claimed("r1 ?x r2", [other, R2, R3])) == [("r1", "x by out", "r3 (10.0.0.3) by out")]


def test_a_detour_for_some_of_the_addresses_names_them():
    b = endpoint("b", "10.2.0.10", "10.2.0.200")
    one = bare("r1", {"in": "10.1.0.1/24", "out": "10.0.0.1/29"}, ["10.2.0.0/24 10.0.0.2", "10.2.0.200/32 10.0.0.3"])
    assert detours(claimed("r1 r2", [one, R2, R3], b=b)) == [("r1", "r2 by out", "r3 (10.0.0.3) by out for 10.2.0.200")]


def test_the_wrong_device_on_the_subnet_of_the_destination():
    one = bare("r1", {"in": "10.1.0.1/24", "out": "10.0.0.1/29", "lan": "10.2.0.9/24"}, ["10.2.0.10/32 10.0.0.2"])
    assert detours(claimed("r1[>out] r2", [one, R2])) == []
    direct = bare("r1", {"in": "10.1.0.1/24", "out": "10.0.0.1/29", "lan": "10.2.0.9/24"})
    assert detours(claimed("r1[>out] r2", [direct, R2])) == [("r1", "r2 by out", "by lan")]
