"""Packets walk a path: hop after hop, stage after stage, in the order that each device's pipeline says."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from auditor.model.addresses import ADDRESSES, address_text
from auditor.model.device import Device, Does, Interface, Pipeline, Stage, StageName, Undecided
from auditor.model.evidence import Basis
from auditor.model.packets import Direction, Packet
from auditor.model.paths import DeadEnd, Doubt, Path, PathHop
from auditor.model.trace import Choice, Loss, Step
from auditor.simulate import cut, stages
from auditor.simulate.filtering import with_unread_lines
from auditor.simulate.header import values
from auditor.simulate.here import Here
from auditor.simulate.match import Evaluator
from auditor.simulate.neighbours import unresolved
from auditor.simulate.opaque import through_opaque, through_unread
from auditor.simulate.part import MOST_PARTS, Crossing, Part, Session, all_of, collapsed, fork
from auditor.simulate.sessions import Sessions


@dataclass(slots=True)
class Walk:
    """All devices, and what a run remembers of their filters."""

    devices: Mapping[str, Device]
    evaluator: Evaluator = field(default_factory=Evaluator)
    _unresolved: dict[tuple[str, str], Doubt | None] = field(default_factory=dict)

    def along(
        self,
        path: Path,
        parts: Sequence[Part],
        sessions: Sessions,
        direction: Direction,
        *,
        start: int = 0,
        first: str = "",
    ) -> list[Part]:
        """The parts after all hops from ``start`` on. ``first`` names the pipeline of the first hop, where it is not
        that of its role (``errors``).
        """
        walked = list(parts)
        for index in range(start, len(path.hops)):
            hop = path.hops[index]
            role = first if index == start and first else hop.role
            walked = collapsed(all_of(walked, partial(self._cross, path, index, role, sessions, direction)))
            if len(walked) > MOST_PARTS:
                walked = _untagged(walked, hop)
        walked = [_at_the_end(path, part) for part in walked]
        for doubt in path.doubts:
            walked = [part.doubt(doubt) for part in walked]
        end = path.dead_end
        return walked if end is None else [_ended(path, end, part) for part in walked]

    def _cross(
        self, path: Path, index: int, role: str, sessions: Sessions, direction: Direction, part: Part
    ) -> list[Part]:
        hop = path.hops[index]
        part = replace(part, headers=(*part.headers, part.header))
        if not part.packets:
            return [part]
        if hop.opaque is not None:
            return through_opaque(path.family, index, hop.opaque, part)
        device = self.devices.get(hop.device)
        if device is None or device.unreadable:
            return through_unread(path.family, hop.device, device, part)
        here = Here(
            device=device,
            hop=index,
            path_hop=hop,
            family=path.family,
            direction=direction,
            evaluator=self.evaluator,
            sessions=sessions.get(hop.device, ()),
            ingress=device.interface(hop.ingress) if hop.ingress else None,
            egress=device.interface(hop.egress) if hop.egress else None,
            underlay=self._underlay,
        )
        pipelines: dict[str, Pipeline] = {
            "transit": device.pipelines.transit,
            "local-in": device.pipelines.local_in,
            "local-out": device.pipelines.local_out,
            "errors": device.pipelines.errors,
        }
        entered = replace(_with_unread_lines(here, part), entered=part.header)
        if path.family == 6:
            entered = self._among_neighbours(here, entered)
        return [_left(here, after) for after in _through(here, pipelines[role], entered)]

    def _among_neighbours(self, here: Here, part: Part) -> Part:
        """The part with a doubt where neighbours can't be found over an interface in use. Asked once an interface."""
        for interface in (here.ingress, here.egress):
            if interface is None or interface.kind != "ethernet":
                continue
            key = (here.device.name, interface.name)
            if key not in self._unresolved:
                self._unresolved[key] = unresolved(here, interface, _through)
            doubt = self._unresolved[key]
            part = part if doubt is None else part.doubt(doubt)
        return part

    def _underlay(self, path: Path, part: Part, packet: Packet) -> list[Part]:
        """One outer packet of a tunnel on its own way."""
        return self.along(path, [replace(part, packets=(packet,))], {}, "forward")


def _through(here: Here, pipeline: Sequence[Stage | Undecided], part: Part) -> list[Part]:
    parts = [part]
    for item in pipeline:
        parts = all_of(parts, partial(_pass, here, item))
    return parts


def _pass(here: Here, item: Stage | Undecided, part: Part) -> list[Part]:
    if isinstance(item, Stage):
        if item.does is Does.CUT and part.tracked:
            part = _remembered(here, part)  # what is dropped behind it has its session all the same
        return stages.run(here, item, part)
    fact = item.fact
    if len(fact.options) == 1:
        return _through(here, item.orders[fact.value], part)
    choice = Choice(
        fact="the order of its stages",
        device=here.device.name,
        basis=fact.basis,
        evidence=fact.evidence,
        source=fact.source,
    )
    return fork(part, choice, {name: partial(_through, here, item.orders[name], part) for name in fact.options})


def _with_unread_lines(here: Here, part: Part) -> Part:
    """Doubts about lines that were not understood, on the interfaces in use and on the device as a whole."""
    part = with_unread_lines(here, part, "")
    if here.ingress is not None:
        part = with_unread_lines(here, part, here.ingress.name, "in")
    if here.egress is not None:
        part = with_unread_lines(here, part, here.egress.name, "out")
    return part


def _left(here: Here, part: Part) -> Part:
    """What leaves a hop forgets what only that hop knew, and leaves a session."""
    part = part if part.remembered else _remembered(here, part)
    packets = tuple(
        p
        if (p.mark, p.tracked, p.pieces, p.batch) == (0, True, (), 0)
        else replace(p, mark=0, tracked=True, pieces=(), batch=0)
        for p in part.packets
    )
    return replace(
        part,
        packets=packets,
        departed=packets if here.path_hop.role == "local-out" else part.departed,
        entered=None,
        connection=None,
        session=None,
        inspected=False,
        tracked=False,
        joined=None,
        sends="",
        remembered=False,
    )


def _remembered(here: Here, part: Part) -> Part:
    """A datagram that got through leaves a session."""
    if part.error_of is not None or part.entered is None:
        return part
    whole = cut.complete(here.family, part.packets, len({p.datagram for p in part.packets})) and part.packets
    if not whole or any(loss.certain for loss in part.losses):
        return part
    session = Session(
        region=part.region,
        entering=part.entered,
        leaving=part.header,
        certain=not part.doubts,
        inspected=part.inspected,
        tracked=part.tracked,
        tags=part.tags,
        direction=here.direction,
    )
    crossing = Crossing(device=here.device.name, session=session)
    return replace(part, crossings=(*part.crossings, crossing), remembered=True)


def _untagged(parts: list[Part], hop: PathHop) -> list[Part]:
    """Every outcome once, no longer told apart by facts: then nothing about them is certain but what all share."""
    reason = f"there are more than {MOST_PARTS} combinations of undecided facts; they are not told apart"
    doubt = Doubt(device=hop.device, reason=reason)
    found = {replace(part, tags=()).outcome(): replace(part, tags=()) for part in parts}
    return [part.doubt(doubt) for part in found.values()]


def _at_the_end(path: Path, part: Part) -> Part:
    """The part where the path ends: what carries a destination that the path does not lead to went another way."""
    if path.ends_at is None or not part.packets or not path.hops or part.error_of is not None:
        return part
    carried = values(part.header.destination, part.region)
    if carried <= path.ends_at or (part.doubts and carried == ADDRESSES[path.family]):
        return part  # where nothing is known of its addresses, a doubt says so already
    last = path.hops[-1]
    to = address_text(path.family, carried.first)
    reason = f"the packets carry {to} as their destination, which is not translated to where the path leads"
    if carried & path.ends_at:
        return part.doubt(Doubt(device=last.device, reason=f"it is not known whether {reason}"))
    losses = tuple(
        Loss(
            device=last.device,
            hop=len(path.hops) - 1,
            interface=last.egress,
            stage=StageName.NAT,
            cause="nat",
            packet=packet,
            reason=reason,
            evidence=last.routed_by,
            basis=Basis.READ,
            region=part.region,
        )
        for packet in part.packets
    )
    step = Step(
        hop=len(path.hops) - 1,
        device=last.device,
        interface=last.egress,
        stage=StageName.NAT,
        did="went elsewhere",
        before=part.packets,
        after=(),
        evidence=last.routed_by,
    )
    return replace(part, packets=()).lose(losses).step(step)


def _ended(path: Path, end: DeadEnd, part: Part) -> Part:
    """The part where the path ends for certain: nothing goes on."""
    losses = tuple(
        Loss(
            device=end.device,
            hop=max(len(path.hops) - 1, 0),
            interface=None,
            stage=StageName.ROUTE,
            cause="route",
            packet=packet,
            reason=end.reason,
            evidence=end.evidence,
            basis=Basis.READ,
            region=part.region,
        )
        for packet in part.packets
    )
    return replace(part, packets=()).lose(losses)


def interface_of(device: Device, name: str | None) -> Interface | None:
    """An interface by its name, None without one."""
    return device.interface(name) if name else None
