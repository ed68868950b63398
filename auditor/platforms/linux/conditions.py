"""The conditions of one rule as they are read, and the rules of the model that come of them."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from auditor.model.addresses import ADDRESSES, EMPTY, PORTS, PROTOCOLS, Family, IntervalSet
from auditor.model.evidence import Evidence
from auditor.model.filters import ANYWHERE, Action, Box, Field, FieldTest, InterfaceTest, Rule

UDP = 17
# On a later fragment nftables reads the bytes where a whole packet has its ports (measured on 6.18; kernel
# nf_tables_core.c nft_payload_fast_eval looks at no fragment offset before a fix of 2026). A rule that names few ports
# meets them by chance alone; from this share of all values on, whether it matches is taken to be open.
CHANCE = 1 / 256
# Of an IPv6 later fragment it reads the IPv6 header's first bytes instead (measured on 6.18; nf_tables_ipv6.h
# nft_set_pktinfo_ipv6 takes the place from ipv6_find_hdr(), which sets none for a later fragment): the source port is
# the version with traffic class, the destination port the end of the flow label, often 0, the UDP length the payload's.
VERSION_SIX = IntervalSet((0x6000, 0x7000))
FIRST = "the UDP length of a first fragment is that of the whole datagram"
LATER = {
    4: "on a later fragment nftables may read the packet's data where the ports would be",
    6: "on a later fragment nftables reads the IPv6 header where the ports would be",
}
HEADER: dict[int, tuple[FieldTest, ...]] = {
    4: (FieldTest(field=Field.FRAGMENT_WORD, values=IntervalSet((1, 0x2000)), mask=0x1FFF),),
    6: (FieldTest(field=Field.FRAGMENT_OFFSET, values=IntervalSet((1, 0x2000))),),
}  # later fragments
FIRST_ONE: dict[int, tuple[FieldTest, ...]] = {
    4: (FieldTest(field=Field.FRAGMENT_WORD, values=IntervalSet.single(0x2000), mask=0x3FFF),),
    6: (
        FieldTest(field=Field.FRAGMENT_OFFSET, values=IntervalSet.single(0)),
        FieldTest(field=Field.FRAGMENT_MORE, values=IntervalSet.single(1)),
    ),
}
FAMILIES: tuple[Family, ...] = (4, 6)


@dataclass(slots=True)
class Conditions:
    """What a rule asks for. ``never`` is set where no packet of ours can meet it; ``uncertain`` where something is
    asked for that was not understood or can't be known. Of ``either`` one must hold, and no two can.
    ``reads_data``: nftables' own port matches (see ``CHANCE``).
    """

    family: Family | None = None
    protocol: IntervalSet | None = None
    sources: IntervalSet | None = None
    destinations: IntervalSet | None = None
    source_ports: IntervalSet | None = None
    destination_ports: IntervalSet | None = None
    udp_length: IntervalSet | None = None
    boxes: tuple[Box, ...] | None = None
    tests: list[FieldTest] = field(default_factory=list)
    either: tuple[tuple[FieldTest, ...], ...] = ()
    ingress: InterfaceTest | None = None
    egress: InterfaceTest | None = None
    uncertain: str = ""
    never: bool = False
    reads_data: bool = False

    def doubt(self, words: str) -> None:
        """Something that may hold or not."""
        self.uncertain = self.uncertain or words

    def of_family(self, family: Family) -> None:
        """Packets of this family only."""
        if self.family is not None and self.family != family:
            self.never = True
        self.family = family

    def of_protocol(self, numbers: IntervalSet) -> None:
        """Packets of one of these protocols only."""
        self.protocol = numbers if self.protocol is None else self.protocol & numbers
        self.never = self.never or not self.protocol

    def narrow(self, side: str, values: IntervalSet) -> None:
        """One of ``sources``, ``destinations``, ``source_ports``, ``destination_ports`` lies in the values."""
        old: IntervalSet | None = getattr(self, side)
        setattr(self, side, values if old is None else old & values)
        self.never = self.never or not getattr(self, side)

    def test(self, test: FieldTest) -> None:
        """A further test of a field."""
        self.tests.append(test)
        self.never = self.never or (not test.values and not test.absent)

    def of_udp_length(self, values: IntervalSet) -> None:
        """The length in the UDP header."""
        self.udp_length = values if self.udp_length is None else self.udp_length & values
        self.never = self.never or not self.udp_length

    def one_of(self, boxes: tuple[Box, ...]) -> None:
        """At least one of the products must hold."""
        if self.boxes is None:
            self.boxes = boxes
        else:
            both = (_common(one, other) for one in self.boxes for other in boxes)
            self.boxes = tuple(box for box in both if box is not None)
        self.never = self.never or not self.boxes

    def comes_in(self, test: InterfaceTest) -> None:
        """The interface that the packet came in by."""
        if self.ingress is not None:
            self.doubt("it names the interface twice")
        else:
            self.ingress = test

    def goes_out(self, test: InterfaceTest) -> None:
        """The interface that the packet leaves by."""
        if self.egress is not None:
            self.doubt("it names the interface twice")
        else:
            self.egress = test

    def products(self) -> tuple[Box, ...]:
        """All that is asked of addresses and ports, as products."""
        own = Box(
            sources=self.sources,
            destinations=self.destinations,
            source_ports=self.source_ports,
            destination_ports=self.destination_ports,
        )
        if self.boxes is None:
            return ANYWHERE if own == ANYWHERE[0] else (own,)
        both = (_common(own, box) for box in self.boxes)
        return tuple(box for box in both if box is not None)

    def rules(self, action: Action, evidence: Evidence) -> list[Rule]:
        """The model's rules: one, and where headers of fragments can't be known, one more for these."""
        boxes = self.products()
        if self.never or not boxes:
            return []
        if self.either:
            ways = [replace(self, tests=[*self.tests, *way], either=()) for way in self.either]
            return [rule for way in ways for rule in way.rules(action, evidence)]
        tests = list(self.tests)
        if self.udp_length is not None:
            tests.append(FieldTest(field=Field.UDP_LENGTH, values=self.udp_length))
        found = [self._rule(action, evidence, boxes, tests, self.uncertain, self.family)]
        if self.udp_length is not None:
            found += self._further(action, evidence, boxes, FIRST_ONE, {4: FIRST, 6: FIRST})
        if self.reads_data:
            families = FAMILIES if self.family is None else (self.family,)
            met = tuple(family for family in families if self._meets_later(boxes, family))
            found += self._further(action, evidence, _portless(boxes), HEADER, LATER, met)
        return found

    def _further(
        self,
        action: Action,
        evidence: Evidence,
        boxes: tuple[Box, ...],
        asked: dict[int, tuple[FieldTest, ...]],
        words: dict[int, str],
        families: tuple[Family, ...] = FAMILIES,
    ) -> list[Rule]:
        """A rule for fragments of which it can't be told whether they match."""
        return [
            self._rule(action, evidence, boxes, [*self.tests, *asked[family]], self.uncertain or words[family], family)
            for family in families
            if self.family in (None, family)
        ]

    def _rule(
        self,
        action: Action,
        evidence: Evidence,
        boxes: tuple[Box, ...],
        tests: list[FieldTest],
        uncertain: str,
        family: Family | None,
    ) -> Rule:
        return Rule(
            action=action,
            evidence=evidence,
            family=family,
            protocol=self.protocol,
            boxes=boxes,
            tests=tuple(tests),
            ingress=self.ingress,
            egress=self.egress,
            uncertain=uncertain,
        )

    def _meets_later(self, boxes: tuple[Box, ...], family: Family) -> bool:
        """Whether what nftables reads of a later fragment may be what is asked of ports."""
        if family == 4:
            return self._by_chance(boxes) > CHANCE
        return any(_meets_header(box) for box in boxes if box.names_ports or self.udp_length is not None)

    def _by_chance(self, boxes: Iterable[Box]) -> float:
        """How likely random data meets what is asked of the ports; 0 where nothing is."""
        length = 1.0 if self.udp_length is None else self.udp_length.size / PORTS.size
        share = sum(_share(box) for box in boxes if box.names_ports or self.udp_length is not None)
        return min(1.0, share) * length


def _share(box: Box) -> float:
    share = 1.0
    for ports in (box.source_ports, box.destination_ports):
        if ports is not None:
            share *= ports.size / PORTS.size
    return share


def _meets_header(box: Box) -> bool:
    sport, dport = box.source_ports, box.destination_ports
    label = dport is None or 0 in dport or dport.size / PORTS.size > CHANCE
    return label and (sport is None or sport.overlaps(VERSION_SIX))


def _portless(boxes: Iterable[Box]) -> tuple[Box, ...]:
    plain = (Box(sources=box.sources, destinations=box.destinations) for box in boxes)
    return tuple(dict.fromkeys(plain))


def _common(one: Box, other: Box) -> Box | None:
    """What both products hold, None where that is nothing."""
    sides = {}
    for side in ("sources", "destinations", "source_ports", "destination_ports"):
        mine: IntervalSet | None = getattr(one, side)
        its: IntervalSet | None = getattr(other, side)
        both = its if mine is None else mine if its is None else mine & its
        if both is not None and not both:
            return None
        sides[side] = both
    return Box(**sides)


def all_but(values: IntervalSet, side: str, family: Family | None = None) -> IntervalSet:
    """The complement of a set of ports, protocols or addresses."""
    if side.endswith("ports"):
        return PORTS - values
    if side == "protocol":
        return PROTOCOLS - values
    return ADDRESSES[family or 4] - values if values is not EMPTY else ADDRESSES[family or 4]
