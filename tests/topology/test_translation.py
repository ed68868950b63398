"""NAT on the way: which address packets carry behind a hop, there and back."""

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.model.addresses import ADDRESSES, PORTS, IntervalSet
from auditor.model.device import Does, Pipelines, Stage, StageName
from auditor.model.evidence import Basis, Fact
from auditor.model.filters import (
    Action,
    Box,
    Field,
    FieldTest,
    Filter,
    Headerless,
    InterfaceTest,
    Rule,
    Translate,
    Verb,
)
from auditor.topology.natrules import Cell, Here, Run
from tests.topology.build import back, device, endpoint, interface, line, nat, pairs, rule, texts, there, values, words

OUTSIDE = "203.0.113.10/32"
CLIENTS = endpoint("a", "internet", at=["edge:out"])
SERVER = endpoint("b", "10.2.0.10", published=["203.0.113.10"])
FW = device("fw", {"out": "10.0.0.2/24", "dmz": "10.2.0.1/24"}, ["0.0.0.0/0 10.0.0.1"])


def edge(*before, after=(), track=False, links=None, routes=("10.2.0.0/24 10.0.0.2", "0.0.0.0/0 198.51.100.1"), **more):
    links = links or {"out": "198.51.100.2/24", "in": "10.0.0.1/24"}
    return device("edge", links, routes, nat=[OUTSIDE], **nat(before=before, after=after, track=track), **more)


def forward(to="10.2.0.10", **more):
    return rule(to=to, **{"destinations": OUTSIDE, **more})


def test_a_flow_aims_at_the_published_address_where_a_hop_translates_it():
    for via in (None, "?isp edge fw"):
        (pair,) = pairs([edge(forward()), FW], [CLIENTS, SERVER], via=via)
        assert words(pair.forward).removeprefix("?isp ") == "edge[out>in] fw[out>dmz]"
        assert texts(4, pair.forward.servers) == texts(4, pair.reverse.servers) == "203.0.113.10"
        assert words(pair.reverse).removesuffix(" ?isp") == "fw[dmz>out] edge[in>out]"


def test_and_at_its_own_address_where_none_does():
    inside = endpoint("a", "10.5.0.10")
    lan = device("lan", {"in": "10.5.0.1/24", "x": "10.0.0.5/24"}, ["10.2.0.0/24 10.0.0.2", "0.0.0.0/0 10.0.0.1"])
    fw = device("fw", {"out": "10.0.0.2/24", "dmz": "10.2.0.1/24"}, ["0.0.0.0/0 10.0.0.1", "10.5.0.0/24 10.0.0.5"])
    only_outside = forward(ingress=InterfaceTest(names=("out",)))
    for via in (None, "lan fw"):
        (pair,) = pairs([edge(only_outside), fw, lan], [inside, SERVER], via=via)
        assert words(pair.forward) == "lan[in>x] fw[out>dmz]"
        assert texts(4, pair.forward.servers) == "10.2.0.10"


def test_an_address_that_the_flow_names_is_aimed_at_outright():
    aim = (4, values(OUTSIDE).first)
    (pair,) = pairs([edge(forward()), FW], [CLIENTS, endpoint("b", "10.2.0.10")], aim=aim)
    assert words(pair.forward) == "edge[out>in] fw[out>dmz]"
    assert texts(4, pair.forward.servers) == "203.0.113.10"


def test_an_own_address_that_nothing_translates():
    aim = (4, values("198.51.100.2").first)
    for via in (None, "edge"):
        (pair,) = pairs([edge(), FW], [CLIENTS, endpoint("b", "10.2.0.10")], aim=aim, via=via, return_via="?x")
        assert words(pair.forward) == "edge[out>] doubt:edge"
        assert "nothing translates it: packets don't go on to b" in pair.forward.doubts[0].reason


def test_a_translation_to_somebody_else():
    (pair,) = pairs([edge(forward("10.2.0.99")), FW], [CLIENTS, SERVER])
    assert words(pair.forward) == "edge[out>in] fw[out>dmz] doubt:edge"
    assert pair.forward.doubts[0].reason == "it translates to 10.2.0.99, and b has 10.2.0.10"


def test_an_endpoint_that_is_known_by_its_outside_alone():
    (pair,) = pairs([edge(forward()), FW], [CLIENTS, endpoint("b", "203.0.113.10")])
    assert words(pair.forward) == "edge[out>in] fw[out>dmz]"
    found = pairs([edge(forward()), FW], [endpoint("a", "203.0.113.10"), endpoint("b", "10.2.0.10")])
    assert there(found) == ["doubt:edge"]
    assert "is the outside of a NAT rule, and a stands behind it" in found[0].forward.doubts[0].reason


def test_the_outside_of_a_nat_rule_is_no_host_of_its_subnet():
    outer = device("isp", {"x": "203.0.113.1/24", "in": "10.9.0.1/24"})
    links = {"out": "203.0.113.2/24", "in": "10.0.0.1/24"}
    routes = ["10.2.0.0/24 10.0.0.2", "0.0.0.0/0 203.0.113.1"]
    found = pairs([outer, edge(forward(), links=links, routes=routes), FW], [endpoint("a", "10.9.0.10"), SERVER])
    assert there(found) == ["isp[in>x] edge[out>in] fw[out>dmz]"]
    assert back(found) == ["fw[dmz>out] edge[in>out] isp[x>in]"]


def test_a_masqueraded_sender_is_answered_at_the_hops_address():
    """The server has no route to 10.5/16: only the translated address brings answers back."""
    a = endpoint("a", "10.5.0.10")
    box = device(
        "box", {"in": "10.5.0.1/24", "out": "10.0.0.9/24"}, ["10.2.0.0/24 10.0.0.2"],
        **nat(after=[rule(to="egress", end="source", sources="10.5.0.0/16")], track=True),
    )  # fmt: skip
    fw = device("fw", {"out": "10.0.0.2/24", "dmz": "10.2.0.1/24"})
    for via in (None, "box fw"):
        (pair,) = pairs([box, fw], [a, endpoint("b", "10.2.0.10")], via=via, return_via="routing")
        assert (words(pair.forward), words(pair.reverse)) == ("box[in>out] fw[out>dmz]", "fw[dmz>out] box[out>in]")
        assert texts(4, pair.reverse.clients) == "10.5.0.10"
    plain = device("box", {"in": "10.5.0.1/24", "out": "10.0.0.9/24"}, ["10.2.0.0/24 10.0.0.2"])
    assert back(pairs([plain, fw], [a, endpoint("b", "10.2.0.10")])) == ["fw[dmz>] doubt:fw"]


def test_some_senders_are_translated():
    a = endpoint("a", "10.5.0.8/31")
    box = device(
        "box", {"in": "10.5.0.1/24", "out": "10.0.0.9/24"}, ["10.2.0.0/24 10.0.0.2"],
        **nat(after=[rule(to="egress", end="source", sources="10.5.0.8/32")], track=True),
    )  # fmt: skip
    fw = device("fw", {"out": "10.0.0.2/24", "dmz": "10.2.0.1/24"}, ["10.5.0.0/16 null"])
    found = pairs([box, fw], [a, endpoint("b", "10.2.0.10")])
    assert {texts(4, p.forward.clients): words(p.reverse) for p in found} == {
        "10.5.0.8": "fw[dmz>out] box[out>in]", "10.5.0.9": "fw[dmz>] dead:fw",
    }  # fmt: skip


def test_one_to_one_of_a_block_keeps_addresses_apart():
    a = endpoint("a", "10.5.0.8/30")
    move = rule(to="10.6.0.0/24", end="source", sources="10.5.0.0/24")
    shift = Action(verb=Verb.TRANSLATE, translate=Translate(end="source", shift=1 << 16))
    box = device(
        "box", {"in": "10.5.0.1/24", "out": "10.0.0.9/24"}, ["10.2.0.0/24 10.0.0.2"],
        **nat(after=[Rule(action=shift, evidence=move.evidence, boxes=move.boxes)], track=True),
    )  # fmt: skip
    fw = device("fw", {"out": "10.0.0.2/24", "dmz": "10.2.0.1/24"}, ["10.6.0.8/31 10.0.0.9", "10.6.0.0/16 null"])
    found = pairs([box, fw], [a, endpoint("b", "10.2.0.10")])
    assert {texts(4, p.reverse.clients): words(p.reverse) for p in found} == {
        "10.5.0.8/31": "fw[dmz>out] box[out>in]", "10.5.0.10/31": "fw[dmz>] dead:fw",
    }  # fmt: skip


UNSURE = [
    (forward(uncertain="a time range"), "a time range"),
    (
        forward(tests=(FieldTest(field=Field.MARK, values=IntervalSet.single(1)),)),
        "it depends on more than addresses and ports",
    ),
    (rule(Verb.PERMIT, destinations=OUTSIDE, uncertain="a set that is not there"), "a set that is not there"),
]  # fmt: skip


@pytest.mark.parametrize(("unsure", "reason"), UNSURE)
def test_a_translation_that_may_or_may_not_happen_is_a_doubt(unsure, reason):
    found = pairs([edge(unsure, forward("10.2.0.10")), FW], [CLIENTS, SERVER], return_via="?x")
    doubts = [doubt for pair in found for doubt in pair.forward.doubts]
    assert f"whether it translates these packets is not known: {reason}" in [doubt.reason for doubt in doubts]
    assert all(doubt.transforms for doubt in doubts)


def test_an_exemption_that_may_or_may_not_match_matters_only_where_something_translates():
    unsure = rule(Verb.PERMIT, destinations="10.2.0.0/16", uncertain="a set that is not there")
    assert there(pairs([edge(unsure, forward()), FW], [CLIENTS, SERVER])) == ["edge[out>in] fw[out>dmz]"]
    own = [CLIENTS, endpoint("b", "10.2.0.10")]
    assert there(pairs([edge(unsure, forward()), FW], own)) == ["edge[out>in] fw[out>dmz]"]


def test_ports_of_one_flow_that_are_translated_differently():
    only500 = forward(destination_ports=IntervalSet.single(500))
    found = pairs([edge(only500), FW], [CLIENTS, SERVER], return_via="?x")
    assert "it translates the ports of this flow differently" in [d.reason for p in found for d in p.forward.doubts]
    both = forward(destination_ports=IntervalSet.of((500, 500), (4500, 4500)))
    elsewhere = forward("10.2.0.77", destination_ports=IntervalSet.single(1701))
    tcp = forward("10.2.0.78", protocol=IntervalSet.single(6))
    found = pairs([edge(elsewhere, tcp, both), FW], [CLIENTS, SERVER])
    assert there(found) == ["edge[out>in] fw[out>dmz]"]
    one = pairs([edge(only500), FW], [CLIENTS, SERVER], nat_traversal=False)
    assert there(one) == ["edge[out>in] fw[out>dmz]"]


def test_two_rules_for_two_ports_of_one_server():
    rules = [forward(destination_ports=IntervalSet.single(port)) for port in (500, 4500)]
    assert there(pairs([edge(*rules), FW], [CLIENTS, SERVER])) == ["edge[out>in] fw[out>dmz]"]


def test_a_filter_that_the_config_does_not_hold():
    stages = (Stage(name=StageName.NAT, does=Does.TRANSLATE_DESTINATION, filters=("gone",)),)
    made = device(
        "edge", {"out": "198.51.100.2/24", "in": "10.0.0.1/24"}, ["10.2.0.0/24 10.0.0.2"],
        pipelines=Pipelines(transit=stages),
    )  # fmt: skip
    (pair,) = pairs([made, FW], [CLIENTS, endpoint("b", "10.2.0.10")], return_via="?x")
    assert words(pair.forward) == "edge[out>in] fw[out>dmz] doubt:edge"
    assert "the config does not hold gone" in pair.forward.doubts[0].reason


def unknown_masquerade(**more):
    every = Action(verb=Verb.TRANSLATE, translate=Translate(end="source", addresses=ADDRESSES[4]))
    rules = {"egress": [rule(to="egress", end="source")], "every": [Rule(action=every, evidence=line("box", "nat"))]}
    return [
        device("box", {"in": "10.5.0.1/24", "out": "dhcp"}, ["10.2.0.0/24 10.0.0.2%out"], **nat(after=found, **more))
        for found in rules.values()
    ]


@pytest.mark.parametrize("box", unknown_masquerade(track=True))
def test_masquerade_to_an_address_that_is_not_known(box):
    """The way there does not depend on it; the way back by routing does."""
    found = [endpoint("a", "10.5.0.10"), endpoint("b", "10.2.0.10")]
    via = "box[>out] fw[out>]"
    (pair,) = pairs([box, FW], found, via=via)
    assert (words(pair.forward), words(pair.reverse)) == ("box[in>out] fw[out>dmz]", "fw[dmz>out] box[out>in]")
    assert texts(4, pair.reverse.clients) == "10.5.0.10"
    (pair,) = pairs([box, FW], found, via=via, return_via="routing")
    assert (words(pair.forward), words(pair.reverse)) == ("box[in>out] fw[out>dmz]", "doubt:b")
    assert "NAT gave the other end an address that is in no config" in pair.reverse.doubts[0].reason


def test_a_destination_that_becomes_nobody_knows_what():
    (pair,) = pairs([edge(rule(to="0.0.0.0/0", destinations=OUTSIDE)), FW], [CLIENTS, SERVER], return_via="?x")
    assert words(pair.forward) == "edge[out>] doubt:edge doubt:edge"
    assert pair.forward.doubts[0].reason == "the address that it translates to is not known"


def test_a_translation_of_the_destination_after_the_route():
    """What ``ip nat outside source`` does to packets on their way out: the route to the old address counts."""
    stages = (
        Stage(name=StageName.ROUTE, does=Does.ROUTE),
        Stage(name=StageName.NAT, does=Does.TRANSLATE_DESTINATION, filters=("dnat",)),
    )
    fields = nat(before=[rule(to="10.2.0.10", destinations="10.99.0.1/32", egress=InterfaceTest(names=("out",)))])
    routes = ["10.99.0.0/16 10.0.0.2"]
    box = device(
        "box", {"in": "10.5.0.1/24", "out": "10.0.0.9/24"}, routes, **{**fields, "pipelines": Pipelines(transit=stages)}
    )
    fw = device("fw", {"out": "10.0.0.2/24", "dmz": "10.2.0.1/24"}, ["10.5.0.0/16 10.0.0.9"])
    aim = (4, values("10.99.0.1").first)
    (pair,) = pairs([box, fw], [endpoint("a", "10.5.0.10"), endpoint("b", "10.2.0.10")], aim=aim)
    assert (words(pair.forward), words(pair.reverse)) == ("box[in>out] fw[out>dmz]", "fw[dmz>out] box[out>in]")
    assert texts(4, pair.reverse.servers) == "10.99.0.1"


@pytest.mark.parametrize(("track", "found"), [(True, "none"), (False, "ingress")])
def test_answers_on_a_hop_that_tracks_are_left_to_their_session(track, found):
    """The masquerade rewrites what leaves by ``out``; the next hop's check of the source tells what it did."""
    check = {4: Fact(value="strict", basis=Basis.READ)}
    links = (interface("isp", "x", "198.51.100.1/24", source_check=check), interface("isp", "in", "10.9.0.1/24"))
    isp = device("isp", interfaces=links, complete=True)
    made = edge(after=[rule(to="egress", end="source", egress=InterfaceTest(names=("out",)))], track=track)
    ends_ = [endpoint("a", "10.9.0.10"), endpoint("b", "10.2.0.10")]
    (pair,) = pairs([isp, made, FW], ends_, via="isp edge fw", return_via="routing")
    assert words(pair.reverse) == "fw[dmz>out] edge[in>out] isp[x>in]"
    assert pair.reverse.hops[2].back == found


# --- rules over sets, against one address and port after the other

TOP = 3
small = st.none() | st.lists(st.integers(0, TOP), min_size=1, max_size=3).map(
    lambda found: IntervalSet.of(*((v, v) for v in found))
)
boxes = st.builds(Box, sources=small, destinations=small, destination_ports=small)
actions = st.sampled_from(
    [
        Action(verb=Verb.TRANSLATE, translate=Translate(end="destination", addresses=IntervalSet.single(77))),
        Action(verb=Verb.TRANSLATE, translate=Translate(end="destination", addresses=IntervalSet.single(78))),
        Action(verb=Verb.TRANSLATE, translate=Translate(end="source", addresses=IntervalSet.single(79))),
        *(Action(verb=verb) for verb in (Verb.PERMIT, Verb.DROP, Verb.CONTINUE, Verb.MARK, Verb.RETURN)),
        Action(verb=Verb.JUMP, target="inner"),
        Action(verb=Verb.GOTO, target="inner"),
    ]
)
rules_ = st.builds(
    lambda a, b, u, i, p: Rule(
        action=a, boxes=b, uncertain=u, evidence=line("f", "r"), ingress=i and InterfaceTest(names=(i,)),
        protocol=p and IntervalSet.single(p),
    ),
    actions, st.lists(boxes, min_size=1, max_size=2).map(tuple), st.sampled_from(["", "", "", "unsure"]),
    st.sampled_from([None, None, "out", "other"]), st.sampled_from([None, None, 17, 6]),
)  # fmt: skip


def ends(filters, name, point, depth=0):
    """The translations that one packet may get: numbers, None for none, or "on" where it falls out of a filter."""
    fates = set()
    for entry in filters[name]:
        if (entry.protocol and 17 not in entry.protocol) or (entry.ingress and not entry.ingress.holds("out")):
            continue
        sides = ("sources", "destinations", "destination_ports")
        if not any(
            all(getattr(b, s) is None or v in getattr(b, s) for s, v in zip(sides, point, strict=True))
            for b in entry.boxes
        ):
            continue
        action = entry.action
        if action.verb in (Verb.TRANSLATE, Verb.PERMIT, Verb.DROP):
            mine = action.translate is not None and action.translate.end == "destination"
            fates.add(action.translate.addresses.first if mine else None)
        elif action.verb is Verb.RETURN:
            fates.add("on")
        elif action.verb in (Verb.JUMP, Verb.GOTO) and depth == 0:
            inner = ends(filters, action.target, point, 1)
            fates |= inner - {"on"}
            if action.verb is Verb.JUMP and "on" in inner:
                continue
            fates |= inner & {"on"}
        else:
            continue
        if not entry.uncertain:
            return fates
    return fates | {"on"}


@settings(deadline=None)
@given(st.lists(rules_, max_size=5), st.lists(rules_.filter(lambda r: r.action.target == ""), max_size=3))
def test_rules_over_sets_do_what_they_do_to_each_packet(outer, inner):
    plain = {"top": outer, "inner": inner}
    head = {"otherwise": Action(verb=Verb.CONTINUE), "evidence": line("f", "head"),
            "headerless": Fact(value=Headerless.NEVER_MATCHES, basis=Basis.READ)}  # fmt: skip
    filters = {name: Filter(name=name, rules=tuple(found), **head) for name, found in plain.items()}
    made = device("r", {"out": "10.0.0.1/24"}, filters=filters)
    here = Here(device=made, role="transit", ingress=made.interface("out"), egress=None)
    every = IntervalSet((0, TOP + 1))
    met = Run(here, 4, "destination").through(filters["top"], [Cell(every, every, PORTS, every)])
    for point in product(range(TOP + 1), repeat=3):
        got = {
            item.translate.addresses.first if item.translate else None
            for item in met
            if all(v in item.cell[i] for i, v in zip((0, 1, 3), point, strict=True))
        }
        wanted = {None if fate == "on" else fate for fate in ends(plain, "top", point)}
        assert got == wanted
