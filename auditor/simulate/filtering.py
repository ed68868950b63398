"""The stages that are filters: a part meets a list of entries and falls into the shares that fare alike."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Literal

from auditor.model.addresses import IntervalSet, address_text, port_text
from auditor.model.device import Binding, Stage, StageName
from auditor.model.evidence import Basis, Evidence
from auditor.model.filters import Action, Filter, Rule, Verb
from auditor.model.packets import Packet
from auditor.model.paths import Doubt
from auditor.model.trace import Choice, Loss, Region
from auditor.simulate.header import Index, disjoint, gather, intersect_all, subtract_all
from auditor.simulate.here import Here
from auditor.simulate.match import Result, State, TooManyPiecesError, View, drops
from auditor.simulate.part import Part, fork

TOO_MANY = "the list cuts the addresses into more pieces than can be followed"
MOST_NAMED = 8  # entries named in a step; the rest are counted


@dataclass(slots=True)
class Fate:
    """What becomes of one kind of packet in some regions: it goes ``on``, is ``dead``, or ``maybe`` either.

    ``deciders`` are the results that decided, with their regions; ``doubt`` is the action by which the packets went on
    where that can't be followed.
    """

    kind: str
    regions: list[Region]
    mark: int | None = 0
    tracked: bool | None = True
    df: bool = False
    inspected: bool = False
    doubt: Action | None = None
    deciders: list[tuple[list[Region], Result]] = field(default_factory=list)


def with_unread_lines(here: Here, part: Part, place: str, side: str | None = None) -> Part:
    """The part with a doubt about the lines of a place (an interface, a filter, the device) that nobody understood."""
    lines = [
        line
        for line in here.device.not_understood
        if line.place == place
        and line.family in (None, here.family)
        and (side is None or line.direction in (None, side))
    ]
    if not lines:
        return part
    evidence = tuple(line.evidence for line in lines[:MOST_NAMED])
    about = f" of {place}" if place else ""
    what = "a line that matters was" if len(lines) == 1 else f"{len(lines)} lines that matter were"
    reason = lines[0].reason if len(lines) == 1 and lines[0].reason else f"{what} not understood"
    return part.doubt(Doubt(device=here.device.name, reason=f"{reason}{about}", evidence=evidence))


def filters_met(here: Here, stage: Stage, part: Part) -> list[Part]:
    """Meets the stage's filters, or those bound to its interface, one after the other."""
    parts = [part]
    for name, evidence in _names(here, stage, part):
        filter_ = here.device.filters.get(name)
        if filter_ is None or filter_.missing:
            reason = f"{name} is applied here, but the config does not hold it"
            doubt = Doubt(device=here.device.name, reason=reason, evidence=evidence)
            parts = [one.doubt(doubt) for one in parts]
            continue
        parts = [after for one in parts for after in meet(here, stage, one, filter_, whole=stage.whole)]
    return [_broken_off(here, stage, part, one) for one in parts] if stage.breaks_off else parts


def _broken_off(here: Here, stage: Stage, before: Part, part: Part) -> Part:
    """The part without the pieces that the device no longer sends, since one of the same packet was dropped."""
    struck: dict[int, Loss] = {}
    for loss in part.losses[len(before.losses) :]:
        if loss.certain and loss.packet.batch:
            struck.setdefault(loss.packet.batch, loss)
    unsent = [p for p in part.packets if p.batch in struck and p.offset > struck[p.batch].packet.offset]
    if not unsent:
        return part
    losses = tuple(
        replace(
            struck[p.batch],
            packet=p,
            cause="incomplete",
            reason="a piece before it was dropped, and the rest is not sent",
        )
        for p in unsent
    )
    after = tuple(p for p in part.packets if p not in unsent)
    step = here.step(part, stage.name, "no longer sent", after, losses[0].evidence, stage.side)
    return replace(part, packets=after).lose(losses).step(step)


def _names(here: Here, stage: Stage, part: Part) -> list[tuple[str, tuple[Evidence, ...]]]:
    if stage.unless_session and part.session is not None:
        return []
    if stage.filters:
        return [(name, ()) for name in stage.filters]
    interface = here.interface(stage.side)
    if interface is None:
        return []
    bound: list[Binding] = [
        b
        for b in interface.bindings
        if b.family == here.family and b.direction == stage.side and b.purpose == stage.purpose
    ]
    return [(b.filter, (b.evidence,)) for b in bound]


def meet(here: Here, stage: Stage, part: Part, filter_: Filter, *, whole: bool = False) -> list[Part]:
    """The part after one filter; ``whole`` where the stage looks at datagrams, not at fragments. An undecided treatment
    of packets without ports is tried in each of its values.
    """
    if not part.packets:
        return [part]
    part = with_unread_lines(here, part, filter_.name)
    fact = filter_.headerless
    undecided = len(fact.options) > 1 and any(packet.offset for packet in part.packets)
    if not undecided:
        return _meet(here, stage, part, filter_, whole, 0)
    choice = Choice(
        fact=f"how {filter_.kind} {filter_.name} treats fragments without ports",
        device=here.device.name,
        basis=fact.basis,
        evidence=fact.evidence or (filter_.evidence,),
        source=fact.source,
    )
    return fork(
        part,
        choice,
        {
            str(value): partial(_meet, here, stage, part, filter_, whole, index)
            for index, value in enumerate(fact.options)
        },
    )


def _meet(here: Here, stage: Stage, part: Part, filter_: Filter, whole: bool, option: int) -> list[Part]:
    try:
        return _met(here, stage, part, filter_, whole, option)
    except TooManyPiecesError as error:
        return [part.doubt(Doubt(device=here.device.name, reason=TOO_MANY, evidence=(error.evidence,)))]


def _met(here: Here, stage: Stage, part: Part, filter_: Filter, whole: bool, option: int) -> list[Part]:
    kinds: dict[tuple[View, int | None, bool | None, bool], list[Packet]] = {}
    for packet in part.packets:
        seen = here.evaluator.essential(here.device.filters, filter_.name, here.view(part, packet, whole=whole))
        kinds.setdefault((seen, packet.mark, packet.tracked, packet.df), []).append(packet)
    shares: list[tuple[Region, list[tuple[list[Packet], Fate]]]] = [(part.region, [])]
    deciders: dict[int, Index[Result]] = {}
    for (seen, mark, tracked, df), packets in kinds.items():
        state = State(part.header.cell(part.region), mark, tracked, df)
        results = here.evaluator.run(here.device.filters, filter_.name, seen, state, option)
        found = fates(part, results)
        deciders |= {id(fate): Index([(r, result) for own, result in fate.deciders for r in own]) for fate in found}
        regions = Index([(region, fate) for fate in found for region in fate.regions])
        shares = [
            (both, [*met, (packets, fate)])
            for region, met in shares
            for one, fate in regions.near(region)
            if (both := region & one)
        ]
    return [_share(here, stage, part.within(region), filter_, met, deciders) for region, met in shares]


def fates(part: Part, results: Sequence[Result]) -> list[Fate]:
    """The results in the flow's own terms. Where they overlap (an unsure entry, a free field) both may be true."""
    unsure = any(result.unsure for result in results) or any(part.header.partial(result.cell) for result in results)
    on: dict[object, Fate] = {}
    dead = Fate("dead", [])
    for result in results:
        region = part.header.region(result.cell, part.region)
        if drops(result):
            dead.regions.append(region)
            dead.deciders.append(([region], result))
        else:
            inspected = result.action.verb is Verb.INSPECT
            doubt = result.action if result.action.verb is Verb.DOUBT else None
            written = (result.mark, result.tracked, result.df)
            fate = on.setdefault((*written, inspected, doubt), Fate("on", [], *written, inspected, doubt))
            fate.regions.append(region)
            fate.deciders.append(([region], result))
    found = [*on.values(), *([dead] if dead.regions else [])]
    for fate in found:
        fate.regions = disjoint(gather(fate.regions)) if unsure else gather(fate.regions)
    return _overlay(found) if unsure and len(found) > 1 else found


def _overlay(found: list[Fate]) -> list[Fate]:
    """Makes overlapping fates disjoint: where two kinds meet, the packet may fare either way."""
    done: list[Fate] = []
    for fate in found:
        fresh = replace(fate)
        for other in list(done):
            both = gather(intersect_all(other.regions, fresh.regions))
            if not both:
                continue
            deciders = _inside(other.deciders, both) + _inside(fresh.deciders, both)
            kind = "on" if other.kind == fresh.kind == "on" else "maybe"
            done.append(_either(other, fresh, kind, both, deciders))
            other.regions = gather(subtract_all(other.regions, both))
            fresh.regions = gather(subtract_all(fresh.regions, both))
        if fresh.regions:
            done.append(fresh)
    return [fate for fate in done if fate.regions]


def _either(
    one: Fate, other: Fate, kind: str, regions: list[Region], deciders: list[tuple[list[Region], Result]]
) -> Fate:
    """What may be one or the other: what they would write on the packet differently is not known."""
    if kind == "maybe":
        alive = one if one.kind != "dead" else other
        return replace(alive, kind=kind, regions=regions, deciders=deciders)
    return replace(
        one,
        regions=regions,
        deciders=deciders,
        mark=one.mark if one.mark == other.mark else None,
        tracked=one.tracked if one.tracked == other.tracked else None,
        inspected=one.inspected and other.inspected,
        doubt=one.doubt or other.doubt,
    )


def _inside(deciders: list[tuple[list[Region], Result]], regions: list[Region]) -> list[tuple[list[Region], Result]]:
    return [(both, result) for own, result in deciders if (both := intersect_all(own, regions))]


def _share(
    here: Here,
    stage: Stage,
    part: Part,
    filter_: Filter,
    met: list[tuple[list[Packet], Fate]],
    index: Mapping[int, Index[Result]],
) -> Part:
    """One share of a part after a filter, with its step, its losses and its doubts."""
    alive: list[Packet] = []
    losses: list[Loss] = []
    doubts: list[Doubt] = []
    named: list[Evidence] = []
    for packets, fate in met:
        near = [(both, result) for one, result in index[id(fate)].near(part.region) if (both := one & part.region)]
        deciders = _by_result(near)
        named += [_evidence(result, filter_) for _, result in deciders]
        if fate.kind != "dead":
            alive += [_written(packet, fate, fate.df if here.family == 4 else packet.df) for packet in packets]
        if fate.kind == "dead":
            losses += _losses(here, stage, filter_, packets, deciders, certain=True)
        elif fate.kind == "maybe":
            doubts.append(_doubt(here, filter_, deciders))
            dying = [(regions, result) for regions, result in deciders if drops(result)]
            losses += _losses(here, stage, filter_, packets, dying, certain=False)
        if fate.kind != "dead" and fate.doubt is not None:
            doubts.append(_followed_no_further(here, fate.doubt, deciders))
    after = tuple(packet for packet in _ordered(part.packets, alive))
    unique = tuple(dict.fromkeys(named))
    did = "passed" if not losses else "dropped" if not after else "dropped some"
    if losses and all(not loss.certain for loss in losses):
        did = "passed or dropped"
    step = here.step(
        part, stage.name, did, after, unique[:MOST_NAMED], stage.side, more=max(0, len(unique) - MOST_NAMED)
    )
    # What may have been let through with a session may have one: it is then uncertain, as the part is in doubt.
    inspected = part.inspected or any(fate.inspected for _, fate in met if fate.kind != "dead")
    part = replace(part, packets=after, inspected=inspected).lose(losses).step(step)
    for doubt in doubts:
        part = part.doubt(doubt)
    return part


def _by_result(near: list[tuple[Region, Result]]) -> list[tuple[list[Region], Result]]:
    found: dict[int, tuple[list[Region], Result]] = {}
    for region, result in near:
        found.setdefault(id(result), ([], result))[0].append(region)
    return list(found.values())


def _written(packet: Packet, fate: Fate, df: bool) -> Packet:
    if (packet.mark, packet.tracked, packet.df) == (fate.mark, fate.tracked, df):
        return packet
    return replace(packet, mark=fate.mark, tracked=fate.tracked, df=df)


def _followed_no_further(here: Here, action: Action, deciders: list[tuple[list[Region], Result]]) -> Doubt:
    evidence = tuple(r.rule.evidence for _, r in deciders if r.rule is not None and r.action == action)
    return Doubt(device=here.device.name, reason=action.words, evidence=evidence[:1], transforms=action.transforms)


def _ordered(before: tuple[Packet, ...], alive: list[Packet]) -> list[Packet]:
    place = {(packet.datagram, packet.offset): at for at, packet in enumerate(before)}
    return sorted(alive, key=lambda packet: place[packet.datagram, packet.offset])


def _evidence(result: Result, filter_: Filter) -> Evidence:
    if result.rule is not None:
        return result.rule.evidence
    return result.filter.otherwise_evidence or filter_.evidence


def _losses(
    here: Here,
    stage: Stage,
    filter_: Filter,
    packets: list[Packet],
    deciders: list[tuple[list[Region], Result]],
    *,
    certain: bool,
) -> list[Loss]:
    interface = here.interface(stage.side)
    return [
        Loss(
            device=here.device.name,
            hop=here.hop,
            interface=interface.name if interface else None,
            stage=stage.name,
            cause="zone" if stage.name is StageName.ZONE_POLICY else "filter",
            packet=packet,
            reason=_reason(result, packet),
            evidence=(_evidence(result, filter_),),
            basis=_basis(filter_, result, packet),
            certain=certain,
            region=region,
            matched=_matched(result),
            why="" if certain else _unsure_words(deciders),
        )
        for packet in packets
        for regions, result in deciders
        for region in regions
    ]


def _basis(filter_: Filter, result: Result, packet: Packet) -> Basis:
    """A fragment that fell through entries that name ports dies of what the platform makes of it."""
    if packet.offset and (result.rule is None or not _asks_for_fragments(result.rule)):
        return (result.filter or filter_).headerless.basis
    return Basis.READ


def _matched(result: Result) -> Literal["", "fragments", "entry"]:
    if result.rule is None:
        return ""
    return "fragments" if _asks_for_fragments(result.rule) else "entry"


def _asks_for_fragments(rule: Rule) -> bool:
    return any(test.field.value.startswith("fragment") for test in rule.tests)


def kind_words(packet: Packet) -> str:
    """How a packet is called in a sentence."""
    if not packet.fragment:
        return "the packet"
    if packet.offset == 0:
        return "the first fragment"
    return "a later fragment"


def _reason(result: Result, packet: Packet) -> str:
    what = kind_words(packet)
    where = f"{result.filter.kind} {result.filter.name}"
    if result.rule is not None:
        return f"{where} drops {what}: {result.rule.evidence.text}"
    if packet.offset:
        return f"no entry of {where} matches {what}, which has no ports, and the end of the list drops it"
    return f"no entry of {where} matches {what}, and the end of the list drops it"


def _unsure_words(deciders: list[tuple[list[Region], Result]]) -> str:
    words = [result.rule.uncertain for _, result in deciders if result.rule is not None and result.rule.uncertain]
    return words[0] if words else "its address or port is not known here"


def _doubt(here: Here, filter_: Filter, deciders: list[tuple[list[Region], Result]]) -> Doubt:
    unsure = [result.rule for _, result in deciders if result.rule is not None and result.rule.uncertain]
    if unsure:
        return Doubt(
            device=here.device.name,
            reason=f"whether an entry of {filter_.kind} {filter_.name} matches is not known: {unsure[0].uncertain}",
            evidence=tuple(dict.fromkeys(rule.evidence for rule in unsure[:MOST_NAMED])),
        )
    return Doubt(
        device=here.device.name,
        reason=f"what {filter_.kind} {filter_.name} does depends on an address or port that is not known here",
        evidence=tuple(dict.fromkeys(_evidence(result, filter_) for _, result in deciders[:MOST_NAMED])),
    )


def header_words(here: Here, part: Part) -> str:
    """The packets' present addresses, for a step after a translation."""
    cell = part.header.cell(part.region)

    source = _end_words(here, cell.sources, cell.source_ports)
    return f"{source} > {_end_words(here, cell.destinations, cell.destination_ports)}"


def _end_words(here: Here, addresses: IntervalSet, ports: IntervalSet) -> str:
    text = address_text(here.family, addresses.first) if addresses.size == 1 else "many addresses"
    return f"{text}:{port_text(ports) if len(ports) <= 2 else 'many'}"
