"""Filters over sets are exact: held against an evaluator that looks at one packet at a time and knows no sets.

The evaluator below is written from the definitions in ``auditor.model.filters``, entry by entry, and shares nothing
with ``auditor.simulate.match``. Where an entry is uncertain it is tried both ways, so a packet has a set of possible
fates.
"""

from dataclasses import replace
from itertools import product
from types import MappingProxyType

from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.model.addresses import IntervalSet
from auditor.model.evidence import Basis, Evidence, Fact
from auditor.model.filters import (
    DROP,
    PERMIT,
    Action,
    Box,
    Field,
    FieldTest,
    Filter,
    Headerless,
    InterfaceTest,
    Rule,
    Verb,
)
from auditor.model.packets import Packet
from auditor.model.trace import Region
from auditor.simulate.filtering import fates
from auditor.simulate.header import FORWARD, Free
from auditor.simulate.match import Evaluator, State, view
from auditor.simulate.part import Part

TOP = 4  # addresses and ports run from 0 to 3: every point can be looked at
EVIDENCE = Evidence(file="f", line=1, text="t")

PACKETS = {
    4: {
        "whole": Packet(offset=0, bytes=300, more=False, df=False),
        "whole with DF": Packet(offset=0, bytes=1500, more=False, df=True),
        "first": Packet(offset=0, bytes=1500, more=True, df=False),
        "middle": Packet(offset=1480, bytes=1500, more=True, df=False),
        "last": Packet(offset=2960, bytes=100, more=False, df=False),
    },
    6: {
        "whole": Packet(offset=0, bytes=300, more=False, df=False),
        "first": Packet(offset=0, bytes=1496, more=True, df=False),
        "last": Packet(offset=1448, bytes=608, more=False, df=False),
    },
}

sets = st.none() | st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=2).map(
    lambda pairs: IntervalSet.of(*((min(p), max(p)) for p in pairs))
)
boxes = st.builds(
    Box,
    sources=sets,
    destinations=sets,
    source_ports=st.none() | sets,
    destination_ports=st.none() | sets,
)
tests_ = st.sampled_from(
    [
        FieldTest(field=Field.FRAGMENT_WORD, values=IntervalSet.of((1, 0xFFFF)), mask=0x1FFF),
        FieldTest(field=Field.FRAGMENT_WORD, values=IntervalSet.of((1, 0xFFFF)), mask=0x3FFF),
        FieldTest(field=Field.FRAGMENT_WORD, values=IntervalSet.single(0x2000)),
        FieldTest(field=Field.FRAGMENT_WORD, values=IntervalSet.single(0), mask=0x1FFF),
        FieldTest(field=Field.FRAGMENT_HEADER, values=IntervalSet.single(1)),
        FieldTest(field=Field.FRAGMENT_OFFSET, values=IntervalSet.of((1, 0x1FFF))),
        FieldTest(field=Field.FRAGMENT_MORE, values=IntervalSet.single(1)),
        FieldTest(field=Field.LENGTH, values=IntervalSet.of((1400, 65535))),
        FieldTest(field=Field.UDP_LENGTH, values=IntervalSet.of((0, 600))),
        FieldTest(field=Field.MARK, values=IntervalSet.single(1), mask=1),
        FieldTest(field=Field.CONNECTION, values=IntervalSet.of((1, 2))),
        FieldTest(field=Field.NEXT_HEADER, values=IntervalSet.single(17)),
    ]
)
verbs = st.sampled_from(
    [PERMIT, DROP, Action(verb=Verb.CONTINUE), Action(verb=Verb.MARK, mark=(1, 1)), Action(verb=Verb.RETURN)]
)
jumps = st.sampled_from([Action(verb=Verb.JUMP, target="inner"), Action(verb=Verb.GOTO, target="inner")])
ways = st.sampled_from(list(Headerless))


def rules(actions: st.SearchStrategy[Action]) -> st.SearchStrategy[list[Rule]]:
    rule = st.builds(
        Rule,
        action=actions,
        evidence=st.just(EVIDENCE),
        family=st.sampled_from([None, None, 4, 6]),
        protocol=st.sampled_from([None, IntervalSet.single(17), IntervalSet.single(6), IntervalSet.of((0, 255))]),
        protocol_from=st.sampled_from(["upper-layer", "first-header"]),
        boxes=st.lists(boxes, min_size=1, max_size=2).map(tuple),
        tests=st.lists(tests_, max_size=1).map(tuple),
        ingress=st.sampled_from([None, None, InterfaceTest(names=("a",)), InterfaceTest(names=("b*",))]),
        uncertain=st.sampled_from(["", "", "", "", "a time range"]),
        headerless=st.none() | ways.map(lambda way: Fact(value=way, basis=Basis.READ)),
    )
    return st.lists(rule, max_size=6)


@st.composite
def filters(draw: st.DrawFn) -> dict[str, Filter]:
    way = draw(ways)

    def one(name: str, entries: list[Rule]) -> Filter:
        return Filter(
            name=name,
            rules=tuple(entries),
            otherwise=draw(st.sampled_from([PERMIT, DROP])),
            evidence=EVIDENCE,
            headerless=Fact(value=way, basis=Basis.READ),
            later_otherwise=draw(st.sampled_from([None, None, PERMIT, DROP])),
        )

    return {"outer": one("outer", draw(rules(verbs | jumps))), "inner": one("inner", draw(rules(verbs)))}


class OnePacket:
    """Evaluates one packet with one address and port each side, trying uncertain entries both ways."""

    def __init__(self, family: int, packet: Packet, point: tuple[int, int, int, int], connection: int) -> None:
        self.family, self.packet, self.point, self.connection = family, packet, point, connection

    def field(self, field: Field, mark: int) -> int | None:
        p, six = self.packet, self.family == 6
        fragment = p.more or p.offset > 0
        table = {
            Field.FRAGMENT_WORD: None if six else p.df * 0x4000 + p.more * 0x2000 + p.offset // 8,
            Field.FRAGMENT_HEADER: int(fragment) if six else None,
            Field.FRAGMENT_OFFSET: p.offset // 8 if six and fragment else None,
            Field.FRAGMENT_MORE: int(p.more) if six and fragment else None,
            Field.LENGTH: p.bytes,
            Field.UDP_LENGTH: None if fragment else p.bytes - (40 if six else 20),
            Field.MARK: mark,
            Field.CONNECTION: self.connection,
            Field.NEXT_HEADER: (44 if fragment else 17) if six else None,
        }
        return table[field]

    def matches(self, rule: Rule, mark: int, way: Headerless) -> bool:
        p = self.packet
        fragment = p.more or p.offset > 0
        if rule.family not in (None, self.family):
            return False
        first = 44 if self.family == 6 and fragment else 17
        if rule.protocol is not None and (first if rule.protocol_from == "first-header" else 17) not in rule.protocol:
            return False
        if rule.ingress is not None and rule.ingress.names[0] != "a":
            return False
        for test in rule.tests:
            value = self.field(test.field, mark)
            if value is None or (value if test.mask is None else value & test.mask) not in test.values:
                return False
        return any(self.inside(box, rule, way) for box in rule.boxes)

    def inside(self, box: Box, rule: Rule, way: Headerless) -> bool:
        source, destination, source_port, destination_port = self.point
        if box.sources is not None and source not in box.sources:
            return False
        if box.destinations is not None and destination not in box.destinations:
            return False
        if box.source_ports is None and box.destination_ports is None:
            return True
        if self.packet.offset:
            if rule.headerless is not None:
                way = rule.headerless.value
            if way is Headerless.NEVER_MATCHES:
                return False
            return way is Headerless.MATCH_BY_ADDRESS or rule.action.verb is Verb.PERMIT
        return (box.source_ports is None or source_port in box.source_ports) and (
            box.destination_ports is None or destination_port in box.destination_ports
        )

    def run(self, all_filters: dict[str, Filter], name: str, mark: int) -> set[tuple[str, int]]:
        """The possible (fate, mark): "permit", "drop" or "out" (fell out of the end)."""
        found: set[tuple[str, int]] = set()
        todo = [(0, mark)]
        seen = set()
        filter_ = all_filters[name]
        while todo:
            at, mark = todo.pop()
            if (at, mark) in seen:
                continue
            seen.add((at, mark))
            if at == len(filter_.rules):
                found.add(("out", mark))
                continue
            rule = filter_.rules[at]
            if not self.matches(rule, mark, filter_.headerless.value):
                todo.append((at + 1, mark))
                continue
            if rule.uncertain:
                todo.append((at + 1, mark))
            verb = rule.action.verb
            if verb is Verb.PERMIT:
                found.add(("permit", mark))
            elif verb is Verb.DROP:
                found.add(("drop", mark))
            elif verb is Verb.RETURN:
                found.add(("out", mark))
            elif verb is Verb.MARK:
                todo.append((at + 1, (mark & ~1) ^ 1))
            elif verb in (Verb.JUMP, Verb.GOTO):
                for fate, inner_mark in self.run(all_filters, "inner", mark):
                    if fate != "out":
                        found.add((fate, inner_mark))
                    elif verb is Verb.GOTO:
                        found.add(("out", inner_mark))
                    else:
                        todo.append((at + 1, inner_mark))
            else:
                todo.append((at + 1, mark))
        return found

    def fates(self, all_filters: dict[str, Filter]) -> set[str]:
        outer = all_filters["outer"]
        otherwise = outer.later_otherwise if outer.later_otherwise and self.packet.offset else outer.otherwise
        end = "permit" if otherwise is PERMIT else "drop"
        return {end if fate == "out" else fate for fate, _ in self.run(all_filters, "outer", 0)}


def region(**axes: IntervalSet) -> Region:
    everything = IntervalSet((0, TOP))
    whole = {"clients": everything, "client_ports": everything, "servers": everything, "server_ports": everything}
    return Region(**{**whole, **axes})


@settings(max_examples=300, deadline=None)
@given(filters(), st.sampled_from([(f, n) for f in PACKETS for n in PACKETS[f]]), st.sampled_from([1, 3]))
def test_every_point_fares_as_the_single_packet_does(
    made: dict[str, Filter], kind: tuple[int, str], connection: int
) -> None:
    family, name = kind
    packet = PACKETS[family][name]
    part = Part(region=region(), header=FORWARD, packets=(packet,))
    seen = view(family, packet, connection=connection, ingress="a")
    state = State(part.header.cell(part.region), 0, True, packet.df)
    found = fates(part, Evaluator().run(MappingProxyType(made), "outer", seen, state))
    for point in product(range(TOP), repeat=4):
        source, destination, source_port, destination_port = point
        here = [
            fate
            for fate in found
            for r in fate.regions
            if source in r.clients
            and destination in r.servers
            and source_port in r.client_ports
            and destination_port in r.server_ports
        ]
        assert len(here) == 1, "the fates are a partition"
        expected = OnePacket(family, packet, point, connection).fates(made)
        words = {"on": {"permit"}, "dead": {"drop"}, "maybe": {"permit", "drop"}}[here[0].kind]
        assert words == expected


@settings(max_examples=150, deadline=None)
@given(filters(), st.sampled_from([(f, n) for f in PACKETS for n in PACKETS[f]]))
def test_a_free_field_tells_what_may_happen(made: dict[str, Filter], kind: tuple[int, str]) -> None:
    """Behind a masquerade nobody knows the source port: a point's fate is certain only where every port fares so."""
    family, name = kind
    packet = PACKETS[family][name]
    header = replace(FORWARD, source_port=Free(IntervalSet((0, TOP))))
    part = Part(region=region(client_ports=IntervalSet.single(0)), header=header, packets=(packet,))
    state = State(part.header.cell(part.region), 0, True, packet.df)
    found = fates(part, Evaluator().run(MappingProxyType(made), "outer", view(family, packet, ingress="a"), state))
    for source, destination, destination_port in product(range(TOP), repeat=3):
        here = [
            fate
            for fate in found
            for r in fate.regions
            if source in r.clients and destination in r.servers and destination_port in r.server_ports
        ]
        assert len(here) == 1
        expected: set[str] = set()
        for port in range(TOP):
            point = (source, destination, port, destination_port)
            one = OnePacket(family, packet, point, None)  # type: ignore[arg-type]
            expected |= one.fates(made)
        words = {"on": {"permit"}, "dead": {"drop"}, "maybe": {"permit", "drop"}}[here[0].kind]
        assert words == expected
