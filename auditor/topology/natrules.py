"""NAT rules as the first, small datagram of a conversation meets them: which addresses each of them takes."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple

from auditor.model.addresses import IntervalSet
from auditor.model.device import Device, Does, Interface, Pipeline, Stage
from auditor.model.filters import CONNECTION_STATES, Box, Field, FieldTest, Filter, InterfaceTest, Rule, Translate, Verb
from auditor.model.paths import Role

UDP = 17  # IANA protocol number
DEEPEST_JUMP = 64
LEAVING = frozenset({Verb.PERMIT, Verb.INSPECT, Verb.DROP, Verb.REJECT, Verb.TRANSLATE, Verb.DOUBT})
# what these fields hold in a small, whole datagram that opens a conversation; what is not here is not known
HELD: dict[Field, int | None] = {
    Field.FRAGMENT_HEADER: 0,
    Field.FRAGMENT_OFFSET: None,
    Field.FRAGMENT_MORE: None,
    Field.NEXT_HEADER: UDP,
    Field.ICMP_TYPE: None,
    Field.ICMP_CODE: None,
    Field.CONNECTION: CONNECTION_STATES.index("new"),
}

EndName = Literal["source", "destination"]
Phase = Literal["before", "after"]  # the choice of the way out
ENDS: dict[Does, EndName] = {Does.TRANSLATE_DESTINATION: "destination", Does.TRANSLATE_SOURCE: "source"}
Unsure = tuple["Cell", str]  # packets on their way through a filter, and why they may be elsewhere


class Cell(NamedTuple):
    """A product of sets."""

    sources: IntervalSet
    destinations: IntervalSet
    source_ports: IntervalSet
    destination_ports: IntervalSet

    def meets(self, box: Box) -> "Cell | None":
        """What lies in a box too."""
        wanted = (box.sources, box.destinations, box.source_ports, box.destination_ports)
        sets = [mine if theirs is None else mine & theirs for mine, theirs in zip(self, wanted, strict=True)]
        return Cell._make(sets) if all(sets) else None

    def without(self, hit: "Cell") -> "list[Cell]":
        """What is left without a part of it."""
        rest = []
        for side in range(4):
            left = self[side] - hit[side]
            if left:
                rest.append(Cell._make((*hit[:side], left, *self[side + 1 :])))
        return rest


class Found(NamedTuple):
    """What a filter does with a cell: the translation, or none, and the rule.

    ``unsure`` says why it may not, or do more than can be followed. ``spared``: that it leaves them as they are is all
    that is unsure.
    """

    cell: Cell
    translate: Translate | None
    rule: Rule | None = None
    unsure: str = ""
    spared: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Here:
    """A device as packets cross it. An interface of None is one that is not known."""

    device: Device
    role: Role
    ingress: Interface | None
    egress: Interface | None

    @property
    def pipeline(self) -> Pipeline:
        """The stages of that role."""
        pipelines = self.device.pipelines
        return {"transit": pipelines.transit, "local-in": pipelines.local_in, "local-out": pipelines.local_out}[
            self.role
        ]

    def translating(self, family: int, phase: Phase) -> Iterator[tuple[Stage, EndName]]:
        """The stages that translate before or after the way out is chosen, with the end that each writes. Of several
        orders that are possible the likeliest counts.
        """
        stages = [stage for stage in _in_order(self.pipeline) if stage.family in (None, family)]
        routed = next((at for at, stage in enumerate(stages) if stage.does is Does.ROUTE), None)
        for at, stage in enumerate(stages):
            end = ENDS.get(stage.does)
            if end is not None:
                after = end == "source" if routed is None else at > routed
                if after == (phase == "after"):
                    yield stage, end

    def tracks(self, family: int) -> bool:
        """Whether it keeps the state of connections, and translates answers by that alone."""
        return any(s.does is Does.TRACK and s.family in (None, family) for s in _in_order(self.pipeline))


def _in_order(pipeline: Pipeline) -> Iterator[Stage]:
    for item in pipeline:
        if isinstance(item, Stage):
            yield item
        else:
            yield from _in_order(item.orders[item.fact.value])


@dataclass(frozen=True, slots=True)
class Run:
    """One pass through a filter and those that it calls."""

    here: Here
    family: int
    end: EndName

    def through(self, filter_: Filter, cells: list[Cell]) -> list[Found]:
        """What becomes of the cells; they cover them, and are disjoint save where one is unsure."""
        found: list[Found] = []
        fell = self._pass(filter_, [(cell, "") for cell in cells], found, 0)
        return found + [Found(cell, None, unsure=unsure, spared=bool(unsure)) for cell, unsure in fell]

    def _pass(self, filter_: Filter, cells: list[Unsure], found: list[Found], depth: int) -> list[Unsure]:
        """Adds what is decided to ``found``; returns the cells that fell out of the end."""
        fell: list[Unsure] = []
        for rule in filter_.rules:
            if not cells:
                break
            doubt = self._doubts(rule)
            if doubt is None:
                continue
            going: list[Unsure] = []
            for cell, unsure in cells:
                hits, rest = _divided(rule, cell)
                going += [(one, unsure) for one in ([cell] if doubt and hits else rest)]
                for hit in hits:
                    self._take(rule, (hit, doubt or unsure), bool(doubt), found, going, fell, depth)
            cells = going
        return fell + cells

    def _take(
        self,
        rule: Rule,
        taken: Unsure,
        stays: bool,
        found: list[Found],
        going: list[Unsure],
        fell: list[Unsure],
        depth: int,
    ) -> None:
        """One rule's action on what it takes. ``stays``: it may not take it, so that the same goes on already."""
        action, (hit, unsure) = rule.action, taken
        if action.verb in LEAVING:
            translate = action.translate if action.verb is Verb.TRANSLATE else None
            if translate is not None and translate.end != self.end:
                translate = None
            if action.verb is Verb.DOUBT:
                found.append(Found(hit, None, rule, f"it {action.words}"))
            found.append(Found(hit, translate, rule, unsure, spared=bool(unsure) and translate is None))
        elif action.verb in (Verb.JUMP, Verb.GOTO):
            inner = self.here.device.filters.get(action.target)
            if inner is None or depth >= DEEPEST_JUMP:
                found.append(Found(hit, None, rule, f"the config does not hold {action.target}"))
                going += [] if stays else [taken]
                return
            out = self._pass(inner, [taken], found, depth + 1)
            if action.verb is Verb.GOTO:
                fell += out
            elif not stays:
                going += out
        elif action.verb is Verb.RETURN:
            fell.append(taken)
        elif not stays:
            going.append(taken)

    def _doubts(self, rule: Rule) -> str | None:
        """None where the rule can't match such packets, "" where its boxes decide, else why it may or may not."""
        if rule.family not in (None, self.family) or (rule.protocol is not None and UDP not in rule.protocol):
            return None
        doubts = [rule.uncertain]
        for test, interface, none in (
            (rule.ingress, self.here.ingress, self.here.role == "local-out"),
            (rule.egress, self.here.egress, self.here.role == "local-in"),
        ):
            held = _holds_interface(test, interface, known=none or interface is not None)
            if held is False:
                return None
            doubts.append("" if held else "it depends on an interface that is not known")
        for field_test in rule.tests:
            held = _holds(field_test)
            if held is False:
                return None
            doubts.append("" if held else "it depends on more than addresses and ports")
        return next((doubt for doubt in doubts if doubt), "")


def _holds_interface(test: InterfaceTest | None, interface: Interface | None, *, known: bool) -> bool | None:
    if test is None:
        return True
    if not known:
        return None
    return test.holds(interface.name if interface else "")


def _holds(test: FieldTest) -> bool | None:
    """Whether the field of such a datagram passes; None where that can't be told."""
    if test.field is Field.FRAGMENT_WORD:  # DF may be set or not
        both = {_among(test, word) for word in (0, 0x4000)}
        return both.pop() if len(both) == 1 else None
    if test.field not in HELD:
        return None
    value = HELD[test.field]
    return test.absent if value is None else _among(test, value)


def _among(test: FieldTest, value: int) -> bool:
    return (value if test.mask is None else value & test.mask) in test.values


def _divided(rule: Rule, cell: Cell) -> tuple[list[Cell], list[Cell]]:
    """The cells that a rule takes, and those that it leaves."""
    hits: list[Cell] = []
    rest = [cell]
    for box in rule.boxes:
        going: list[Cell] = []
        for one in rest:
            hit = one.meets(box)
            if hit is None:
                going.append(one)
            else:
                hits.append(hit)
                going += one.without(hit)
        rest = going
    return hits, rest
