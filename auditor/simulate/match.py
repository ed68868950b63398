"""First match over sets: which part of a region a filter lets through, which entry drops the rest, and what is unsure.

Exact: an entry takes its part, the rest goes on to the next. ``tests/simulate/test_match.py`` holds this equal to a
plain evaluator of single packets.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from auditor.model.addresses import IntervalSet
from auditor.model.evidence import Evidence
from auditor.model.filters import (
    CONNECTION_STATES,
    DROP,
    DROPPING,
    PERMITTING,
    TERMINAL,
    Action,
    Box,
    Field,
    FieldTest,
    Filter,
    Headerless,
    Rule,
    Verb,
)
from auditor.model.packets import Packet
from auditor.simulate.header import Cell

DEEPEST_JUMP = 64  # nested calls; the kernel allows 16 (nft) and a stack of as many chains (iptables)
INVALID = CONNECTION_STATES.index("invalid")
ESTABLISHED = CONNECTION_STATES.index("established")
RELATED = CONNECTION_STATES.index("related")
NEW = CONNECTION_STATES.index("new")
UNTRACKED = CONNECTION_STATES.index("untracked")
FEW_RULES = 64  # a list so short is not sifted by addresses
MANY_RULES = 256  # a list so long is looked at for halves of the addresses
HALVING = 0.75  # a half is worth it that has at most so large a share of the entries
MOST_STATES = 16  # states of one run before they are merged
MOST_RESULTS = 64  # results that are kept
EVERY_BIT = 0xFFFFFFFF  # a mark has 32 bits
UDP, ICMP, ICMPV6, FRAGMENT = 17, 1, 58, 44  # IANA protocol numbers


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """One packet as a filter sees it, without addresses and ports. None is "not in this packet"."""

    family: int
    protocol: int
    holds_ports: bool
    first_header: int
    length: int
    offset: int
    more: bool
    df: bool
    fragment: bool
    udp_length: int | None = None
    icmp: tuple[int, int] | None = None
    connection: int | None = None
    direction: int | None = None
    translated: int | None = None
    ingress: str = ""
    egress: str = ""

    def value(self, field: Field) -> int | None:
        """The field's value, None where the packet does not have it."""
        return _FIELDS[field](self)


def _word(view: View) -> int | None:
    return None if view.family == 6 else (0x4000 if view.df else 0) | (0x2000 if view.more else 0) | view.offset >> 3


_FIELDS: Mapping[Field, Callable[[View], int | None]] = {
    Field.FRAGMENT_WORD: _word,
    Field.FRAGMENT_HEADER: lambda v: int(v.fragment) if v.family == 6 else None,
    Field.FRAGMENT_OFFSET: lambda v: v.offset >> 3 if v.family == 6 and v.fragment else None,
    Field.FRAGMENT_MORE: lambda v: int(v.more) if v.family == 6 and v.fragment else None,
    Field.NEXT_HEADER: lambda v: v.first_header if v.family == 6 else None,
    Field.LENGTH: lambda v: v.length,
    Field.PAYLOAD_LENGTH: lambda v: v.length - 40 if v.family == 6 else None,
    Field.UDP_LENGTH: lambda v: v.udp_length,
    Field.ICMP_TYPE: lambda v: v.icmp[0] if v.icmp else None,
    Field.ICMP_CODE: lambda v: v.icmp[1] if v.icmp else None,
    Field.CONNECTION: lambda v: v.connection,
    Field.DIRECTION: lambda v: v.direction,
    Field.TRANSLATED: lambda v: v.translated,
}


def view(
    family: int,
    packet: Packet,
    *,
    protocol: int = UDP,
    icmp: tuple[int, int] | None = None,
    connection: int | None = None,
    direction: int | None = None,
    translated: int | None = None,
    ingress: str = "",
    egress: str = "",
    joined: Packet | None = None,
) -> View:
    """How a filter sees a packet. ``joined`` is the whole datagram, where the device has looked at its fragments as a
    set: then every one of them is seen as it.
    """
    seen = joined or packet
    header = 20 if family == 4 else 48 if seen.fragment else 40
    return View(
        family=family,
        protocol=protocol,
        holds_ports=seen.offset == 0 and protocol == UDP,
        first_header=FRAGMENT if family == 6 and seen.fragment else protocol,
        length=seen.bytes,
        offset=seen.offset,
        more=seen.more,
        df=seen.df,
        fragment=seen.fragment,
        udp_length=seen.bytes - header if protocol == UDP and not seen.fragment else None,
        icmp=icmp,
        connection=UNTRACKED if packet.tracked is False else connection,
        direction=None if packet.tracked is False else direction,
        translated=None if packet.tracked is False else translated,
        ingress=ingress,
        egress=egress,
    )


class State(NamedTuple):
    """Packets on their way through a filter: where their headers lie, and what earlier entries wrote on them.

    ``unsure`` says that an entry that may match or not brought them here, so that others of the same headers may be
    elsewhere.
    """

    cell: Cell
    mark: int | None
    tracked: bool | None
    df: bool
    unsure: bool = False

    @property
    def written(self) -> tuple[int | None, bool | None, bool]:
        """What entries write on packets."""
        return self.mark, self.tracked, self.df


class Result(NamedTuple):
    """What becomes of the packets of a cell. ``rule`` is None where the filter's end decided; ``filter`` is the one in
    which it was decided. ``unsure`` says that the entry may match or not (another result overlaps then).
    """

    cell: Cell
    action: Action
    rule: Rule | None
    filter: Filter
    mark: int | None
    tracked: bool | None
    df: bool
    unsure: bool


class TooManyPiecesError(Exception):
    """A filter cuts the addresses into more pieces than can be carried. ``evidence`` is its head line."""

    def __init__(self, evidence: Evidence) -> None:
        super().__init__(f"{evidence.file}:{evidence.line}: the list cuts the addresses into too many pieces")
        self.evidence = evidence


class Evaluator:
    """Runs filters. Keeps what a run of the program asks again: which entries can match which packets, and results."""

    def __init__(self, most_pieces: int = 20_000) -> None:
        self.most_pieces = most_pieces
        self._able: dict[tuple[int, View, int], list[Rule]] = {}
        self._fields: dict[int, frozenset[Field]] = {}
        self._results: dict[tuple[int, View, State, int], list[Result]] = {}
        self._kept: dict[int, Filter] = {}  # keeps the filters alive, so that an id names one filter only

    def run(self, filters: Mapping[str, Filter], name: str, seen: View, state: State, option: int = 0) -> list[Result]:
        """The results of one filter over all packets of a state. They are disjoint, save where one is ``unsure``.

        ``option`` chooses among the values of an undecided ``headerless``.
        """
        filter_ = filters[name]
        key = (id(filter_), seen, state, option)
        found = self._results.get(key)
        if found is None:
            found = self._run(filters, filter_, seen, state, option)
            if len(self._results) >= MOST_RESULTS:
                self._results.clear()
            self._results[key] = found
        return found

    def _run(
        self, filters: Mapping[str, Filter], filter_: Filter, seen: View, state: State, option: int
    ) -> list[Result]:
        run = _Run(self, filters, seen, option)
        fell = run.through(filter_, [state], 0)
        otherwise = filter_.otherwise
        if filter_.later_otherwise and seen.offset > 0:
            otherwise = filter_.later_otherwise
        return run.results + [Result(s.cell, otherwise, None, filter_, *s.written, s.unsure) for s in fell]

    def essential(self, filters: Mapping[str, Filter], name: str, seen: View) -> View:
        """The packet without what no entry of the filter, or of those that it calls, looks at: so that packets which
        fare alike are looked at once.
        """
        fields = self._asked(filters, name, frozenset())
        return replace(
            seen,
            length=seen.length if fields & _LENGTHS else 0,
            df=seen.df and Field.FRAGMENT_WORD in fields,
            udp_length=seen.udp_length if Field.UDP_LENGTH in fields else None,
            offset=seen.offset if fields & _OFFSETS else min(seen.offset, 8),
            more=seen.more if fields & _FLAGS else seen.more and seen.offset == 0,
        )

    def _asked(self, filters: Mapping[str, Filter], name: str, calling: frozenset[str]) -> frozenset[Field]:
        filter_ = filters.get(name)
        if filter_ is None or name in calling:
            return frozenset()
        found = self._fields.get(id(filter_))
        if found is None:
            self._kept[id(filter_)] = filter_
            found = frozenset(test.field for rule in filter_.rules for test in rule.tests)
            for target in {rule.action.target for rule in filter_.rules} - {""}:
                found |= self._asked(filters, target, calling | {name})
            self._fields[id(filter_)] = found
        return found

    def able(self, filter_: Filter, seen: View, option: int) -> list[Rule]:
        """The entries that can match such a packet, whatever its addresses."""
        key = (id(filter_), seen, option)
        found = self._able.get(key)
        if found is None:
            self._kept[id(filter_)] = filter_
            found = [rule for rule in filter_.rules if _can_match(rule, seen, filter_, option)]
            self._able[key] = found
        return found


_OF_CONNECTIONS = frozenset({Field.DIRECTION, Field.TRANSLATED})
_LENGTHS = frozenset({Field.LENGTH, Field.PAYLOAD_LENGTH})
_OFFSETS = frozenset({Field.FRAGMENT_WORD, Field.FRAGMENT_OFFSET})
_FLAGS = frozenset({Field.FRAGMENT_WORD, Field.FRAGMENT_MORE})


class _Run:
    """One packet's way through a filter and those that it calls."""

    def __init__(self, evaluator: Evaluator, filters: Mapping[str, Filter], seen: View, option: int) -> None:
        self.evaluator = evaluator
        self.filters = filters
        self.seen = seen
        self.option = option
        self.results: list[Result] = []

    def through(self, filter_: Filter, states: list[State], depth: int) -> list[State]:
        """Adds what is decided to ``results``; returns the packets that fell out of the end."""
        able = self.evaluator.able(filter_, self.seen, self.option)
        return [fallen for state in states for fallen in self._halved(filter_, able, state, depth)]

    def _halved(self, filter_: Filter, rules: list[Rule], state: State, depth: int) -> list[State]:
        """Cuts the packets in two by their sources, or else destinations, as long as that halves the entries that touch
        each half: so the work grows with the entries, not with their square.
        """
        if len(rules) > FEW_RULES:
            rules = [rule for rule in rules if self._touches(rule, filter_, state.cell)]
        for side in (0, 1):
            halves = _halves(state.cell, side, rules) if len(rules) > MANY_RULES else None
            if halves is None:
                continue
            shares = [[rule for rule in rules if self._touches(rule, filter_, half)] for half in halves]
            if max(len(share) for share in shares) < HALVING * len(rules):
                pairs = zip(halves, shares, strict=True)
                return [
                    f for half, share in pairs for f in self._halved(filter_, share, state._replace(cell=half), depth)
                ]
        return self._listed(filter_, rules, [state], depth)

    def _touches(self, rule: Rule, filter_: Filter, cell: Cell) -> bool:
        return any(_touches(box, cell) for box in _boxes(rule, self.seen, filter_, self.option))

    def _listed(self, filter_: Filter, rules: list[Rule], states: list[State], depth: int) -> list[State]:
        """The entries, one after the other."""
        fell: list[State] = []
        for rule in rules:
            if not states:
                break
            going: list[State] = []
            for state in states:
                hits, rest, unsure = _divide(rule, state, self.seen, filter_, self.option)
                if not hits:
                    going.append(state)
                    continue
                going += [state._replace(cell=cell) for cell in rest] if not unsure else [state]
                for cell in hits:
                    taken = state._replace(cell=cell, unsure=state.unsure or unsure)
                    self._take(filter_, rule, taken, unsure, depth, going, fell)
            states = _fewer(going) if len(going) > MOST_STATES else going
            if len(states) > self.evaluator.most_pieces:
                raise TooManyPiecesError(filter_.evidence)
        return fell + states

    def _take(
        self,
        filter_: Filter,
        rule: Rule,
        taken: State,
        unsure: bool,
        depth: int,
        going: list[State],
        fell: list[State],
    ) -> None:
        """Does one entry's action to the packets that it took."""
        action = rule.action
        if action.verb in TERMINAL:
            self.results.append(Result(taken.cell, action, rule, filter_, *taken.written, taken.unsure))
        elif action.verb is Verb.RETURN:
            fell.append(taken)
        elif action.verb in (Verb.JUMP, Verb.GOTO):
            self._call(filter_, rule, taken, unsure, depth, going, fell)
        elif action.verb is Verb.MARK:
            going.append(taken._replace(mark=_marked(taken.mark, action)))
        elif action.verb is Verb.SET_DF:
            going.append(taken._replace(df=action.df))
        elif action.verb is Verb.NOTRACK:
            going.append(taken._replace(tracked=False))
        elif not unsure:
            going.append(taken)

    def _call(
        self,
        filter_: Filter,
        rule: Rule,
        taken: State,
        unsure: bool,
        depth: int,
        going: list[State],
        fell: list[State],
    ) -> None:
        """Runs another filter. One that is not there may do anything."""
        inner = self.filters.get(rule.action.target)
        if inner is None or inner.missing or depth >= DEEPEST_JUMP:
            lost = replace(rule, uncertain=f"it calls {rule.action.target}, which the config does not hold")
            self.results.append(Result(taken.cell, DROP, lost, filter_, *taken.written, True))
            going.append(taken._replace(unsure=True))
            return
        out = self.through(inner, [taken], depth + 1)
        if rule.action.verb is Verb.GOTO:
            fell += out
        elif not unsure:
            going += out
        else:
            going += [state for state in out if state.written != taken.written]


def _halves(cell: Cell, side: int, rules: list[Rule]) -> tuple[Cell, Cell] | None:
    """A cell cut in two by sources (side 0) or destinations (1), where half of the entries begin on each side."""
    low, high = cell[side].bounds[0], cell[side].bounds[-1]
    sets = (box.sources if side == 0 else box.destinations for rule in rules for box in rule.boxes[:1])
    starts = sorted(found.bounds[0] for found in sets if found and low < found.bounds[0] < high)
    if len(starts) < MANY_RULES // 2:
        return None
    middle = starts[len(starts) // 2]
    below = cell[side] & IntervalSet((low, middle))
    above = cell[side] & IntervalSet((middle, high))
    if not below or not above:
        return None
    return Cell._make((*cell[:side], below, *cell[side + 1 :])), Cell._make((*cell[:side], above, *cell[side + 1 :]))


def _marked(old: int | None, action: Action) -> int | None:
    """The mark after a MARK entry; None where it can't be known."""
    if action.mark is None:
        return None
    value, mask = action.mark
    if old is None:
        return value if mask >= EVERY_BIT else None
    return (old & ~mask) ^ value


def _fewer(states: list[State]) -> list[State]:
    """The same packets in fewer states: those that differ in their sources alone become one, then likewise each field.
    Without this, entries that cut two fields would leave a state each.
    """
    for side in range(4):
        merged: dict[tuple[object, ...], list[State]] = {}
        for state in states:
            cell = state.cell
            key = (*cell[:side], *cell[side + 1 :], state.written, state.unsure)
            merged.setdefault(key, []).append(state)
        if len(merged) < len(states):
            states = [_merged(group, side) for group in merged.values()]
    return states


def _merged(group: list[State], side: int) -> State:
    if len(group) == 1:
        return group[0]
    cell = list(group[0].cell)
    cell[side] = IntervalSet.union(state.cell[side] for state in group)
    return group[0]._replace(cell=Cell._make(cell))


def _can_match(rule: Rule, seen: View, filter_: Filter, option: int) -> bool:
    if rule.family is not None and rule.family != seen.family:
        return False
    if rule.protocol is not None:
        number = seen.first_header if rule.protocol_from == "first-header" else seen.protocol
        if number not in rule.protocol:
            return False
    if rule.ingress is not None and not rule.ingress.holds(seen.ingress):
        return False
    if rule.egress is not None and not rule.egress.holds(seen.egress):
        return False
    if not all(_holds(test, seen) or _after_notrack(test) for test in rule.tests if test.field is not Field.MARK):
        return False
    return bool(_boxes(rule, seen, filter_, option))


def _holds(test: FieldTest, seen: View) -> bool:
    value = seen.value(test.field)
    if value is None:
        return test.absent
    return _masked(value, test) in test.values


def _after_notrack(test: FieldTest) -> bool:
    """Whether a test would hold once an entry of the same filter has taken the packet out of tracking."""
    return test.field is Field.CONNECTION and UNTRACKED in test.values


def _masked(value: int, test: FieldTest) -> int:
    return value if test.mask is None else value & test.mask


def _boxes(rule: Rule, seen: View, filter_: Filter, option: int) -> tuple[Box, ...]:
    """The rule's boxes for this packet: where it holds no ports, what the platform makes of a rule that names some."""
    if seen.holds_ports or not any(box.names_ports for box in rule.boxes):
        return rule.boxes
    plain = tuple(box for box in rule.boxes if not box.names_ports)
    if seen.offset == 0:  # no fragment without ports, but another protocol: a rule on ports can't match it
        return plain
    fact = rule.headerless or filter_.headerless
    way = fact.options[min(option, len(fact.options) - 1)]
    by_address = way is Headerless.MATCH_BY_ADDRESS or (
        way is Headerless.PERMIT_BY_ADDRESS_SKIP_DENY and rule.action.verb in PERMITTING
    )
    if not by_address:
        return plain
    return tuple(replace(box, source_ports=None, destination_ports=None) for box in rule.boxes)


def _touches(box: Box, hull: Cell) -> bool:
    return (
        (box.sources is None or box.sources.overlaps(hull[0]))
        and (box.destinations is None or box.destinations.overlaps(hull[1]))
        and (box.source_ports is None or box.source_ports.overlaps(hull[2]))
        and (box.destination_ports is None or box.destination_ports.overlaps(hull[3]))
    )


def _divide(rule: Rule, state: State, seen: View, filter_: Filter, option: int) -> tuple[list[Cell], list[Cell], bool]:
    """The cells that a rule takes of a state, those that it leaves, and whether it may also pass them by."""
    unsure = bool(rule.uncertain)
    for test in rule.tests:
        if test.field is Field.CONNECTION:
            possible = _possible(test, state, seen)
            if True not in possible:
                return [], [state.cell], False
            unsure = unsure or False in possible
        elif test.field in _OF_CONNECTIONS:
            if state.tracked is False and not test.absent:
                return [], [state.cell], False
            unsure = unsure or (state.tracked is None and not test.absent)
        elif test.field is Field.MARK:
            if state.mark is None:
                unsure = True
            elif _masked(state.mark, test) not in test.values:
                return [], [state.cell], False
    hits: list[Cell] = []
    rest = [state.cell]
    for box in _boxes(rule, seen, filter_, option):
        going: list[Cell] = []
        for cell in rest:
            hit = _common(box, cell)
            if hit is None:
                going.append(cell)
                continue
            hits.append(hit)
            going += _without(cell, hit)
        rest = going
    return hits, rest, unsure


def _possible(test: FieldTest, state: State, seen: View) -> set[bool]:
    """Whether a test of the connection's state holds: both, where it is not known whether an entry before exempted the
    packets from tracking and that matters.
    """
    exempt = {_after_notrack(test)} if state.tracked is not True else set()
    kept = {_holds(test, seen)} if state.tracked is not False else set()
    return exempt | kept


def _common(box: Box, cell: Cell) -> Cell | None:
    sources = cell[0] if box.sources is None else cell[0] & box.sources
    if not sources:
        return None
    destinations = cell[1] if box.destinations is None else cell[1] & box.destinations
    if not destinations:
        return None
    source_ports = cell[2] if box.source_ports is None else cell[2] & box.source_ports
    destination_ports = cell[3] if box.destination_ports is None else cell[3] & box.destination_ports
    if not (source_ports and destination_ports):
        return None
    return Cell(sources, destinations, source_ports, destination_ports)


def _without(cell: Cell, hit: Cell) -> list[Cell]:
    rest = []
    for side in range(4):
        if hit[side] is cell[side]:
            continue
        left = cell[side] - hit[side]
        if left:
            rest.append(Cell._make((*hit[:side], left, *cell[side + 1 :])))
    return rest


def permits(result: Result) -> bool:
    """Whether the packets go on."""
    return result.action.verb in PERMITTING


def drops(result: Result) -> bool:
    """Whether the packets die here."""
    return result.action.verb in DROPPING
