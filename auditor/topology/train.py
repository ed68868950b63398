"""What travels while a path is looked for: both ends' addresses, as the flow and as the packets have them; the hops."""

from dataclasses import dataclass, replace
from typing import Literal

from auditor.model.addresses import ADDRESSES, PORTS, Family, IntervalSet
from auditor.model.evidence import Evidence
from auditor.model.flows import Origin
from auditor.model.packets import Direction
from auditor.model.paths import DeadEnd, Detour, Doubt, Path, PathHop


@dataclass(frozen=True, slots=True)
class Side:
    """One end: its part of the flow's addresses (``region``) and what packets carry for it (``values``).

    With ``shift`` each value is an address of the region plus that; None where NAT made others of them.
    """

    region: IntervalSet
    values: IntervalSet
    shift: int | None = 0

    @staticmethod
    def of(values: IntervalSet) -> "Side":
        """An end as nobody has translated it yet."""
        return Side(values, values)

    def holding(self, values: IntervalSet) -> "Side":
        """The part whose packets carry one of these values."""
        kept = self.values & values
        if kept == self.values:
            return self
        region = self.region if self.shift is None else self.region & kept.shift(-self.shift)
        return Side(region, kept, self.shift)

    def within(self, region: IntervalSet) -> "Side":
        """The part that lies in that part of the flow's addresses."""
        kept = self.region & region
        if self.shift is None or kept == self.region:
            return Side(kept, self.values, self.shift)
        return Side(kept, kept.shift(self.shift), self.shift)

    def moved(self, by: int) -> "Side":
        """Every value plus ``by``."""
        return Side(self.region, self.values.shift(by), None if self.shift is None else self.shift + by)

    def became(self, values: IntervalSet) -> "Side":
        """Translated to one of these values; nobody knows which, unless both are one."""
        single = self.region.size == 1 and values.size == 1
        return Side(self.region, values, values.first - self.region.first if single else None)

    def known(self, family: Family) -> bool:
        """Whether anything is known of what packets carry."""
        return self.values != ADDRESSES[family]

    def __bool__(self) -> bool:
        return bool(self.region) and bool(self.values)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rewrite:
    """A translation on a forward path: which end, and what it was before and after."""

    device: str
    end: Literal["source", "destination"]
    before: Side
    after: Side
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """An interface of a device at which an end meets the graph; None: which one is not said."""

    device: str
    interface: str | None
    origin: Origin | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """One end of a flow, for one family, as far as it is known.

    ``device`` is set where it is a device of the inventory (then ``vrf`` is where it speaks). ``places`` are where the
    user says that it is attached, the interfaces by their proper names. ``doubt`` says why its address is not known.
    """

    name: str
    origin: Origin
    values: IntervalSet
    device: str | None = None
    interface: str | None = None
    vrf: str = "default"
    places: tuple[Place, ...] = ()
    internet: bool = False
    doubt: Doubt | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """What stays the same while paths of one direction are looked for.

    ``source_ports`` and ``destination_ports`` are UDP. On the way back ``undo`` holds the translations of the forward
    path, and ``crossed`` the devices that it crossed.
    """

    family: Family
    direction: Direction
    sender: End
    receiver: End
    source_ports: IntervalSet = PORTS
    destination_ports: IntervalSet = PORTS
    undo: tuple[Rewrite, ...] = ()
    crossed: frozenset[str] = frozenset()

    @property
    def known(self) -> bool:
        """Whether both ends' addresses are known: else routes and NAT tell nothing."""
        return self.sender.doubt is None and self.receiver.doubt is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Train:
    """A path as it grows. ``seen`` are the places where packets to the same addresses were routed already."""

    family: Family
    direction: Direction
    source: Side
    destination: Side
    hops: tuple[PathHop, ...] = ()
    rewrites: tuple[Rewrite, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    detours: tuple[Detour, ...] = ()
    dead_end: DeadEnd | None = None
    arrived: bool = False
    seen: frozenset[tuple[str, str, IntervalSet]] = frozenset()

    def was_at(self, device: str, vrf: str, values: IntervalSet) -> bool:
        """Whether packets to all these addresses were routed there already."""
        return any((device, vrf) == (one, table) and values <= before for one, table, before in self.seen)

    def to(self, values: IntervalSet) -> "Train":
        """The part that goes to these addresses."""
        return replace(self, destination=self.destination.holding(values))

    def cell(self, sources: IntervalSet, destinations: IntervalSet) -> "Train":
        """The part that goes from these addresses to those."""
        return replace(self, source=self.source.holding(sources), destination=self.destination.holding(destinations))

    def crossed(self, *hops: PathHop) -> "Train":
        """With further hops at its end."""
        return replace(self, hops=(*self.hops, *hops))

    def doubted(self, *doubts: Doubt) -> "Train":
        """With further doubts, each once."""
        return replace(self, doubts=tuple(dict.fromkeys((*self.doubts, *doubts))))

    def at_the_end(self) -> "Train":
        """That reached the other end."""
        return replace(self, arrived=True)

    @property
    def clients(self) -> IntervalSet:
        """The part of the clients' addresses that it carries."""
        return self.source.region if self.direction == "forward" else self.destination.region

    @property
    def servers(self) -> IntervalSet:
        """The part of the servers' addresses that it carries, as clients write them."""
        return self.destination.region if self.direction == "forward" else self.source.region

    def path(self) -> Path:
        """As the other rooms take it."""
        return Path(
            family=self.family,
            direction=self.direction,
            hops=self.hops,
            clients=self.clients,
            servers=self.servers,
            doubts=self.doubts,
            detours=tuple(dict.fromkeys(self.detours)),
            dead_end=self.dead_end,
            ends_at=self.destination.values if self.arrived and self.destination.known(self.family) else None,
        )
