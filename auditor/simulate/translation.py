"""NAT: what a hop writes over addresses and ports, and how an answer's are written back."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from auditor.model.addresses import IntervalSet
from auditor.model.device import Does, Stage
from auditor.model.filters import Filter, Translate, Verb
from auditor.model.packets import Packet
from auditor.model.paths import Doubt
from auditor.model.trace import Choice, Loss, Region
from auditor.simulate.filtering import header_words, kind_words, meet
from auditor.simulate.header import Bound, FieldValue, Free, Header, gather, intersect_all, subtract_all
from auditor.simulate.here import Here
from auditor.simulate.match import Result, State
from auditor.simulate.part import Part, Session, fork
from auditor.simulate.sessions import with_sessions


def translated(here: Here, stage: Stage, part: Part) -> list[Part]:
    """Writes one end of the packets by their session, else by the first rule that takes them. What connection tracking
    was told to leave alone is not translated.
    """
    if all(packet.tracked is False for packet in part.packets):
        return [part]
    if any(packet.tracked is not True for packet in part.packets):
        reason = "whether connection tracking leaves these packets alone is not known, and with it their translation"
        part = part.doubt(Doubt(device=here.device.name, reason=reason, transforms=True))
    undone = [part]
    if (part.answers or part.error_of is not None) and part.session is None:
        undone = with_sessions(here, part, lambda session: session.entering != session.leaving)
        undone = [replace(one, connection=part.connection) for one in undone]
    parts: list[Part] = []
    for one in undone:
        if one.session is not None and (one.answers or one.error_of is not None):
            parts.append(_written_back(here, stage, one, one.session))
        elif one.error_of is None:
            parts += _by_rules(here, stage, one)
        else:
            parts.append(one)
    return parts


def _written_back(here: Here, stage: Stage, part: Part, session: Session) -> Part:
    """An answer's destination becomes what the session's first packet came from; its source, what that was sent to.
    An error about an answer goes to whom the session's first packet was sent in the end.
    """
    entered, left = session.entering, session.leaving
    header = part.header
    if stage.does is Does.TRANSLATE_DESTINATION and part.error_of not in (None, session.direction):
        header = replace(header, destination=left.destination, destination_port=left.destination_port)
    elif stage.does is Does.TRANSLATE_DESTINATION:
        header = replace(header, destination=entered.source, destination_port=entered.source_port)
    elif part.error_of is None:
        header = replace(header, source=entered.destination, source_port=entered.destination_port)
    return _with_header(here, stage, part, header, "translated back")


def _with_header(here: Here, stage: Stage, part: Part, header: Header, did: str, result: Result | None = None) -> Part:
    if header == part.header:
        return part
    after = replace(part, header=header)
    evidence = (result.rule.evidence,) if result and result.rule else ()
    return after.step(here.step(part, stage.name, did, part.packets, evidence, stage.side, header_words(here, after)))


def _by_rules(here: Here, stage: Stage, part: Part) -> list[Part]:
    parts: list[Part] = [part]
    done: list[Part] = []
    for name in stage.filters:
        filter_ = here.device.filters[name]
        going: list[Part] = []
        for one in _closed(here, stage, parts, filter_):
            for after in _by_filter(here, stage, one, filter_) if one.packets else [one]:
                (done if after.header != one.header or after.losses != one.losses else going).append(after)
        parts = going
    return done + parts


def _closed(here: Here, stage: Stage, parts: list[Part], filter_: Filter) -> list[Part]:
    """The parts that come to the rules of a filter: one that may also drop has done so, except what has a session."""
    if filter_.name not in stage.closing:
        return parts
    return [after for one in parts for after in ([one] if one.session else meet(here, stage, one, filter_))]


def _by_filter(here: Here, stage: Stage, part: Part, filter_: Filter) -> list[Part]:
    fact = filter_.headerless
    lacking = any(p.offset for p in part.packets) and not part.joined
    if len(fact.options) == 1 or not lacking:
        return _once(here, stage, part, filter_, 0)
    choice = Choice(
        fact=f"how {filter_.kind} {filter_.name} translates fragments without ports",
        device=here.device.name,
        basis=fact.basis,
        evidence=fact.evidence or (filter_.evidence,),
        source=fact.source,
    )
    runs: dict[str, Callable[[], list[Part]]] = {
        str(value): partial(_once, here, stage, part, filter_, index) for index, value in enumerate(fact.options)
    }
    return fork(part, choice, runs)


def _once(here: Here, stage: Stage, part: Part, filter_: Filter, option: int) -> list[Part]:
    """The leading packet's translation is the datagram's; a fragment that the rules would treat otherwise is lost."""
    end = "destination" if stage.does is Does.TRANSLATE_DESTINATION else "source"
    shares = _shares(here, part, part.packets[0], filter_, option, end)
    parts: list[Part] = []
    for region, result, unsure in shares:
        one = part.within(region)
        if unsure:
            reason = f"whether {filter_.kind} {filter_.name} translates these packets is not known"
            evidence = (result.rule.evidence,) if result and result.rule else (filter_.evidence,)
            one = one.doubt(Doubt(device=here.device.name, reason=reason, evidence=evidence, transforms=True))
        strays = [p for p in one.packets[1:] if not _same(here, one, p, filter_, option, end, result)]
        if strays:
            one = _stray(here, stage, one, strays, filter_)
        if result is not None and result.action.translate is not None:
            header = _written(here, one.header, result.action.translate)
            one = _with_header(here, stage, one, header, "translated", result)
        parts.append(one)
    return parts


def _shares(
    here: Here, part: Part, packet: Packet, filter_: Filter, option: int, end: str
) -> list[tuple[Region, Result | None, bool]]:
    """The regions of a part by the rule that translates them (None: none does), and whether that is unsure."""
    state = State(part.header.cell(part.region), packet.mark, packet.tracked, packet.df)
    seen = here.view(part, packet, whole=True)
    shares: list[tuple[Region, Result | None, bool]] = []
    left = [part.region]
    for result in here.evaluator.run(here.device.filters, filter_.name, seen, state, option):
        translate = result.action.translate
        if result.action.verb is not Verb.TRANSLATE or translate is None or translate.end != end:
            continue
        region = part.header.region(result.cell, part.region)
        unsure = result.unsure or part.header.partial(result.cell)
        fresh = gather(intersect_all(left, [region]))
        shares += [(one, result, unsure) for one in fresh]
        left = subtract_all(left, fresh)
    return shares + [(region, None, False) for region in gather(left)]


def _same(
    here: Here, part: Part, packet: Packet, filter_: Filter, option: int, end: str, result: Result | None
) -> bool:
    if result is None and (part.joined or {}).get(packet.datagram):
        return True
    found = _shares(here, part, packet, filter_, option, end)
    wanted = result.action if result else None
    return all((other.action if other else None) == wanted for _, other, _ in found)


def _stray(here: Here, stage: Stage, part: Part, strays: list[Packet], filter_: Filter) -> Part:
    basis = filter_.headerless.basis
    interface = here.interface(stage.side)
    losses = [
        Loss(
            device=here.device.name,
            hop=here.hop,
            interface=interface.name if interface else None,
            stage=stage.name,
            cause="nat",
            packet=packet,
            reason=f"{kind_words(packet)} has no ports and is not translated as the first one is",
            evidence=(filter_.evidence,),
            basis=basis,
            region=part.region,
        )
        for packet in strays
    ]
    after = tuple(p for p in part.packets if p not in strays)
    step = here.step(part, stage.name, "dropped", after, (filter_.evidence,), stage.side)
    return replace(part, packets=after).lose(losses).step(step)


def _written(here: Here, header: Header, translate: Translate) -> Header:
    """The header with one end rewritten."""
    source = translate.end == "source"
    address = _new_address(here, header.source if source else header.destination, translate)
    port = header.source_port if source else header.destination_port
    if not translate.keep_ports and translate.ports is not None:
        port = Free(translate.ports)
    if source:
        return replace(header, source=address, source_port=port)
    return replace(header, destination=address, destination_port=port)


def _new_address(here: Here, old: FieldValue, translate: Translate) -> FieldValue:
    if translate.shift is not None:
        if isinstance(old, Bound):
            return Bound(old.axis, old.shift + translate.shift)
        return Free(old.values.shift(translate.shift))
    if translate.interface:
        interface = here.egress if translate.interface == "egress" else here.ingress
        addresses = [a.address for a in interface.addresses if a.family == here.family] if interface else []
        return Free(IntervalSet.of(*((a, a) for a in addresses)))
    return Free(translate.addresses) if translate.addresses is not None else old
