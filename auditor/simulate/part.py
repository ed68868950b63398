"""A part: what the simulation carries from stage to stage, and how it forks where a fact is undecided."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Generic, TypeVar

from auditor.model.evidence import Fact
from auditor.model.packets import Direction, Packet
from auditor.model.paths import Doubt
from auditor.model.trace import Choice, Loss, Region, Step, Tag
from auditor.simulate.header import Header

T = TypeVar("T")

MOST_PARTS = 4096  # parts of one message on one path; beyond, undecided facts are no longer tried apart


@dataclass(frozen=True, slots=True)
class Trail(Generic[T]):
    """A list that grows at its end and shares its beginning with others."""

    last: T
    before: "Trail[T] | None" = None

    @staticmethod
    def items(trail: "Trail[T] | None") -> tuple[T, ...]:
        """The items from first to last."""
        found: list[T] = []
        while trail is not None:
            found.append(trail.last)
            trail = trail.before
        return tuple(reversed(found))


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """What a hop remembers of a datagram: its region, and its header as it came in and as it left.

    ``direction`` is that of the datagram: answers find the sessions of forward ones, ICMP errors those of either.
    ``certain`` is false where an unsure filter before may have dropped it. ``inspected``: an INSPECT rule let it pass.
    ``tracked``: the hop keeps the state of connections and did so for this one. ``tags`` are the values of facts under
    which it got through. ``of`` is the other device that made it, where this one may know it by synchronisation.
    """

    region: Region
    entering: Header
    leaving: Header
    certain: bool
    inspected: bool
    tracked: bool
    tags: tuple[Tag, ...] = ()
    direction: Direction = "forward"
    of: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossing:
    """A session with the device that made it."""

    device: str
    session: Session


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A region of the flow's addresses whose packets fare alike so far.

    ``blurred`` says that something changed the packets that can't be followed (encryption, say): what drops them
    afterwards is possible, never certain.

    ``packets`` are alive. ``joined`` holds, by datagram, the whole that a virtual reassembly has seen on this hop;
    ``sends`` is how a full reassembly on this hop sends on. ``connection`` and ``session`` are this hop's view of the
    conversation; ``entered`` the header with which the part came to this hop, ``headers`` those at all hops so far.
    ``remembered``: this hop has a session of it. ``answers``: it goes from the server to the client; ``opens``: no
    answer came before it. ``error_of`` is set for an ICMP error: the direction of the message that it answers.
    """

    region: Region
    header: Header
    packets: tuple[Packet, ...]
    protocol: int = 17
    icmp: tuple[int, int] | None = None
    error_of: Direction | None = None
    answers: bool = False
    opens: bool = True
    headers: tuple[Header, ...] = ()
    entered: Header | None = None
    connection: int | None = None
    session: Session | None = None
    inspected: bool = False
    tracked: bool = False
    blurred: bool = False
    joined: Mapping[int, Packet] | None = None
    sends: str = ""
    remembered: bool = False
    departed: tuple[Packet, ...] = ()
    tags: tuple[Tag, ...] = ()
    losses: tuple[Loss, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    crossings: tuple[Crossing, ...] = ()
    steps: Trail[Step] | None = None

    def doubt(self, doubt: Doubt) -> "Part":
        """The part with a further doubt; the same one twice is one."""
        blurred = self.blurred or doubt.transforms
        return self if doubt in self.doubts else replace(self, doubts=(*self.doubts, doubt), blurred=blurred)

    def lose(self, losses: Iterable[Loss]) -> "Part":
        """The part with further losses."""
        found = tuple(replace(loss, certain=False) if self.blurred else loss for loss in losses)
        return replace(self, losses=(*self.losses, *found))

    def step(self, step: Step) -> "Part":
        """The part with a further step."""
        return replace(self, steps=Trail(step, self.steps))

    def within(self, region: Region) -> "Part":
        """The share of it in a region, with the losses that concern it."""
        if region == self.region:
            return self
        losses = tuple(
            replace(loss, region=both) for loss in self.losses if loss.region and (both := loss.region & region)
        )
        return replace(self, region=region, losses=losses)

    def outcome(self) -> object:
        """What distinguishes it from others for the rest of the way; not why it came so."""
        lost = frozenset((loss.cause, loss.packet, loss.certain, loss.mtu) for loss in self.losses)
        return (
            self.region,
            self.header,
            self.packets,
            self.connection,
            self.session,
            self.inspected,
            tuple(sorted((self.joined or {}).items())),
            self.sends,
            lost,
            self.doubts,
            self.tags,
        )


def known(part: Part, choice: Choice) -> str | None:
    """The option of a choice under which the part stands already."""
    return next((tag.option for tag in part.tags if same(tag.choice, choice)), None)


def same(one: Choice, other: Choice) -> bool:
    """Whether two choices are about the same fact of the same device."""
    return (one.device, one.fact, one.kind) == (other.device, other.fact, other.kind)


def fork(part: Part, choice: Choice, options: Mapping[str, Callable[[], list[Part]]]) -> list[Part]:
    """Runs a stage in each value of an undecided fact. Where all come to the same it does not matter; else each branch
    is tagged. A branch that stands under a value already keeps to it.
    """
    option = known(part, choice)
    if option is not None and option in options:
        return options[option]()
    choice = replace(choice, options=tuple(options))
    outcomes = {name: run() for name, run in options.items()}
    if len({frozenset(p.outcome() for p in parts) for parts in outcomes.values()}) <= 1:
        return next(iter(outcomes.values()))
    return [
        replace(branch, tags=(*branch.tags, Tag(choice=choice, option=name)))
        for name, parts in outcomes.items()
        for branch in parts
    ]


def try_each(part: Part, device: str, fact: Fact[T], words: str, run: Callable[[T], list[Part]]) -> list[Part]:
    """Runs a stage in each value that a fact may have; once where its basis decides."""
    if len(fact.options) == 1:
        return run(fact.value)
    choice = Choice(fact=words, device=device, basis=fact.basis, evidence=fact.evidence, source=fact.source)
    return fork(part, choice, {_option_text(value): partial(run, value) for value in fact.options})


def _option_text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "no bound" if value is None else str(value)


def all_of(parts: Iterable[Part], run: Callable[[Part], list[Part]]) -> list[Part]:
    """Runs a stage over several parts."""
    return [after for part in parts for after in run(part)]


def collapsed(parts: list[Part]) -> list[Part]:
    """Takes back tags that came to nothing: where all values of a choice led to the same outcome."""
    groups: dict[object, list[Part]] = {}
    for part in parts:
        groups.setdefault(replace(part, tags=()).outcome(), []).append(part)
    if len(groups) == len(parts):
        return parts
    return [part for group in groups.values() for part in _without_idle_tags(group)]


def _without_idle_tags(group: list[Part]) -> list[Part]:
    by_tags = {frozenset(part.tags): part for part in group}
    again = True
    while again and len(by_tags) > 1:
        again = False
        for tags, part in list(by_tags.items()):
            for tag in part.tags:
                rest = tags - {tag}
                alike = [rest | {replace(tag, option=option)} for option in tag.choice.options]
                if tags in by_tags and len(alike) > 1 and all(one in by_tags for one in alike):
                    for one in alike:
                        del by_tags[one]
                    by_tags[rest] = _without_tag(part, tag)
                    again = True
    return list(by_tags.values())


def _without_tag(part: Part, tag: Tag) -> Part:
    crossings = tuple(
        replace(c, session=replace(c.session, tags=tuple(t for t in c.session.tags if t != tag)))
        for c in part.crossings
    )
    return replace(part, tags=tuple(t for t in part.tags if t != tag), crossings=crossings)
