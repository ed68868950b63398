"""A path: the hops between two ends in one direction, and what is doubtful about it."""

from dataclasses import dataclass
from typing import Literal

from auditor.model.addresses import Family, IntervalSet
from auditor.model.evidence import Evidence
from auditor.model.flows import OpaqueHop, Origin
from auditor.model.packets import Direction

Role = Literal["transit", "local-in", "local-out"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """Why something about a path or a packet can't be known: for the verdict ``unknown``.

    ``transforms`` says that what can't be known may have changed the packets (contract 4.5).
    """

    device: str
    reason: str
    evidence: tuple[Evidence, ...] = ()
    transforms: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PathHop:
    """One hop. ``device`` names a device of the inventory, or the opaque hop's name.

    ``ingress`` and ``egress`` are interface names as the config has them, None at an end of the path where the device
    is the endpoint itself, or where no interface could be named. ``route_mtu`` is the bound of the route taken. ``mtu``
    is the egress MTU as far as it is known, bytes of IP packet, for reports. ``split`` holds the lines of further
    routes of equal cost to other next hops. ``back`` tells where the hop's own route to the packets' sources leaves: by
    the ``ingress``, by ``another`` interface, nowhere (``none``), or None where that is not known;
    ``back_by_default`` that it is the default route, told only where the ingress makes that count. ``underlay`` is
    the way of the outer packets where the egress is a tunnel, from this device to the tunnel's far end.
    """

    device: str
    ingress: str | None = None
    egress: str | None = None
    vrf: str = "default"
    role: Role = "transit"
    opaque: OpaqueHop | None = None
    route_mtu: int | None = None
    routed_by: tuple[Evidence, ...] = ()
    mtu: int | None = None
    split: tuple[Evidence, ...] = ()
    back: Literal["ingress", "another", "none"] | None = None
    back_by_default: bool = False
    underlay: "Path | None" = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Detour:
    """A hop whose config or routes lead elsewhere than the path claims."""

    device: str
    claimed: str
    routed: str
    evidence: tuple[Evidence, ...]
    origin: Origin | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadEnd:
    """Where a path ends for certain before its aim: a null route, or no route where all are known."""

    device: str
    reason: str
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Path:
    """The hops in the order that packets meet them.

    ``clients`` and ``servers`` are the parts of the two ends' addresses that this path carries, as the sender of a
    forward message writes them; in the reverse direction packets go from servers to clients all the same. ``doubts``
    end it unknown; ``detours`` weaken it to at-risk; ``dead_end`` means that nothing arrives. ``ends_at`` are the
    destinations that packets carry where the path ends, by which it was found: a packet that carries another (one
    that a translation left out) went elsewhere. None: the path tells nothing of it.
    """

    family: Family
    direction: Direction
    hops: tuple[PathHop, ...]
    clients: IntervalSet
    servers: IntervalSet
    doubts: tuple[Doubt, ...] = ()
    detours: tuple[Detour, ...] = ()
    dead_end: DeadEnd | None = None
    ends_at: IntervalSet | None = None
