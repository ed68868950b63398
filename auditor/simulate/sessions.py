"""The sessions that datagrams leave at a hop, and how answers and ICMP errors find them."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial

from auditor.model.addresses import BITS
from auditor.model.device import Device, Stage
from auditor.model.evidence import Basis
from auditor.model.paths import Path
from auditor.model.trace import Choice, Region, Tag
from auditor.simulate.header import subtract_all
from auditor.simulate.here import Here
from auditor.simulate.match import ESTABLISHED, INVALID, NEW, RELATED
from auditor.simulate.part import Part, Session, fork, known

Sessions = Mapping[str, tuple[Session, ...]]  # by device


def tracked(here: Here, stage: Stage, part: Part) -> list[Part]:
    """Finds the part's session, or begins one. A forward message that does not open the conversation is part of the
    session that the small datagram before it made.
    """
    follows = _inspected_only if stage.tracks == "inspected" else _all_tracked
    begun = replace(part, tracked=stage.tracks == "all" and _any_tracked(part))
    if not part.answers and part.error_of is None and part.opens:
        return [replace(begun, connection=NEW)]
    return with_sessions(here, begun, follows)


def _any_tracked(part: Part) -> bool:
    return any(packet.tracked is not False for packet in part.packets)


def _all_tracked(session: Session) -> bool:
    return session.tracked


def _inspected_only(session: Session) -> bool:
    return session.inspected


SIDES = 2  # subnets that two devices must share to be a pair


def with_those_of_partners(sessions: Sessions, there: Path, back: Path, devices: Mapping[str, Device]) -> Sessions:
    """The sessions as the devices of the way back know them, perhaps: where that way crosses another device than the
    way there did, and both stand on the same two subnets, they may be a pair that tells one another of its connections.
    No config of one shows that they do. Any other device knows none.
    """
    on_way_there = {hop.device for hop in there.hops}
    on_way_back = {hop.device for hop in back.hops}
    known = dict(sessions)
    for name in on_way_back - on_way_there:
        for device, made in sessions.items():
            if device not in on_way_back and _may_be_pair(devices.get(name), devices.get(device)):
                known[name] = (*known.get(name, ()), *(replace(session, of=device) for session in made))
    return known


def _may_be_pair(one: Device | None, other: Device | None) -> bool:
    """Whether two devices stand side by side, on two subnets of a family."""
    shared = _subnets(one) & _subnets(other)
    return any(sum(family == mine for family, _, _ in shared) >= SIDES for mine in (4, 6))


def _subnets(device: Device | None) -> set[tuple[int, int, int]]:
    interfaces = (i for i in device.interfaces if i.enabled and i.kind != "loopback") if device else ()
    return {(a.family, a.address >> (BITS[a.family] - a.length), a.length) for i in interfaces for a in i.addresses}


def with_sessions(here: Here, part: Part, follows: Callable[[Session], bool]) -> list[Part]:
    """The shares of a part, each with its session (established, or related for an ICMP error) or outside of any."""
    shares: list[Part] = []
    left: list[Region] = [part.region]
    for session in here.sessions:
        if not follows(session) or not _answers(part, session):
            continue
        tags = _compatible(part, session)
        if tags is None:
            continue
        for region in left:
            both = region & session.region
            if both:
                shares += _in_session(here, part.within(both), session, tags)
        left = subtract_all(left, [session.region])
    return shares + [_outside(part.within(region)) for region in left]


def _outside(part: Part) -> Part:
    """In no session: new, or an ICMP error about nothing that is known."""
    return replace(part, connection=INVALID if part.error_of else NEW, session=None)


def _compatible(part: Part, session: Session) -> tuple[Tag, ...] | None:
    """The values of facts that the session needs and the part does not yet stand under; None where they contradict."""
    needed = []
    for tag in session.tags:
        option = known(part, tag.choice)
        if option is None:
            needed.append(tag)
        elif option != tag.option:
            return None
    return tuple(needed)


def _answers(part: Part, session: Session) -> bool:
    """Whether the part's header is that of an answer to what left in the session, or of an error about it."""
    header, left, entered = part.header, session.leaving, session.entering
    if not part.answers and part.error_of is None:
        return header == entered
    if part.error_of is not None:
        sender = (header.destination, header.destination_port)
        if part.error_of == session.direction:
            return sender == (left.source, left.source_port)
        return sender == (entered.destination, entered.destination_port)
    return header == left.swapped()


def _in_session(here: Here, part: Part, session: Session, needed: tuple[Tag, ...]) -> list[Part]:
    """The part in its session, and beside it as new, where it is not certain that the session was made."""
    inside = replace(part, connection=RELATED if part.error_of else ESTABLISHED, session=session)
    outside = _outside(part)
    if needed:
        others = {name: partial(_alone, outside) for name in needed[0].choice.options if name != needed[0].option}
        deeper = partial(_in_session, here, part, session, needed[1:])
        return fork(part, needed[0].choice, {needed[0].option: deeper, **others})
    if session.of:
        choice = Choice(
            fact=f"whether it knows the sessions that {session.of} made",
            device=here.device.name,
            basis=Basis.UNKNOWN,
        )
        own = partial(_in_session, here, part, replace(session, of=""), ())
        return fork(part, choice, {"yes": own, "no": partial(_alone, outside)})
    if session.certain:
        return [inside]
    choice = Choice(
        fact="whether the small forward datagram passes here and leaves a session",
        device=here.device.name,
        basis=Basis.UNKNOWN,
    )
    return fork(part, choice, {"yes": partial(_alone, inside), "no": partial(_alone, outside)})


def _alone(part: Part) -> list[Part]:
    return [part]
