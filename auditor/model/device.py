"""One device as the simulator sees it: interfaces, filters, what it does to fragments and in which order.

Vendor semantics are values here. A platform that can't be expressed needs a new field, never a branch in the simulator.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Literal

from auditor.model.addresses import Family, IntervalSet
from auditor.model.evidence import Basis, Evidence, Fact
from auditor.model.filters import Filter


@dataclass(frozen=True, slots=True, kw_only=True)
class InterfaceAddress:
    """An address of an interface, with the length of its subnet's prefix. ``shared``: it moves between devices (HSRP,
    VRRP, GLBP), so that whoever sends to it may reach any of its owners.
    """

    family: Family
    address: int
    length: int
    evidence: Evidence
    secondary: bool = False
    shared: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """A filter bound to an interface in one direction for one family.

    ``purpose`` is what for: ``access`` decides what passes; ``policy`` may send elsewhere or write DF (policy routing);
    ``encrypt`` chooses what is encrypted. A stage meets the bindings of its own purpose.
    """

    filter: str
    family: Family
    direction: Literal["in", "out"]
    evidence: Evidence
    purpose: Literal["access", "policy", "encrypt"] = "access"


@dataclass(frozen=True, slots=True, kw_only=True)
class NotUnderstood:
    """A line in a place that can decide a path, which no template took and which no platform calls harmless.

    ``place`` says where it counts: the name of an interface, of a filter (it counts where that filter is met), or ""
    for all that the device forwards, takes in or sends. ``family`` and ``direction`` limit it further where the line
    tells. ``reason`` is a few words, "" for the usual one.
    """

    evidence: Evidence
    place: str = ""
    family: Family | None = None
    direction: Literal["in", "out"] | None = None
    reason: str = ""


class Df(StrEnum):
    """What a tunnel writes into the DF flag of the outer header; KEEP copies the inner one."""

    KEEP = "keep"
    CLEAR = "clear"
    SET = "set"


NOT_KNOWN: Fact[bool] = Fact(value=False, basis=Basis.UNKNOWN, others=(True,))


@dataclass(frozen=True, slots=True, kw_only=True)
class Tunnel:
    """A tunnel interface: what it adds, and where the outer packets go.

    ``overhead`` is bytes added outside the inner IP packet, outer IP header included, None where unknown.
    ``outer_df`` is what the outer header's DF is: cleared, set, or as the inner one (KEEP). ``key`` is as the config
    writes it, "" without one: both ends of a tunnel have the same (RFC 2890 2.1). ``tells`` is whether its head lets
    the senders of inner packets know, by ICMP errors, that the outer ones are too big for what is under the tunnel.
    """

    mode: str
    source: int | None
    source_interface: str | None
    destination: int | None
    family: Family
    protocol: int
    overhead: Fact[int | None]
    outer_df: Fact[Df]
    evidence: Evidence
    vrf: str = "default"
    protected: Evidence | None = None  # the line that adds encryption (IPsec) to it
    key: str = ""
    tells: Fact[bool] = NOT_KNOWN


@dataclass(frozen=True, slots=True, kw_only=True)
class Interface:
    """One interface. MTUs are bytes of IP packet, per family.

    ``mtu`` bounds what leaves; ``receive_mtu`` what is accepted (None: no bound). A None value of ``mtu`` means that no
    bound is known.

    ``resolves_by`` are further names that a user or another line may use (a nameif, an alias). ``source_check`` (uRPF,
    rp_filter), per family, is ``off``, ``loose`` (a route back must exist) or ``strict`` (it must leave by this
    interface); ``loose-no-default`` and ``strict-no-default`` do not count the default route.
    """

    name: str
    evidence: Evidence
    enabled: bool = True
    kind: Literal["ethernet", "loopback", "tunnel", "other"] = "ethernet"
    description: str = ""
    addresses: tuple[InterfaceAddress, ...] = ()
    dynamic_address: Evidence | None = None  # the address comes from DHCP, PPP or another interface that isn't read
    vrf: str = "default"
    mtu: Mapping[int, Fact[int | None]] = field(default_factory=lambda: MappingProxyType({}))
    receive_mtu: Fact[int | None] | None = None
    bindings: tuple[Binding, ...] = ()
    zone: str | None = None
    # whether it sends ICMP errors about packets that came in by it
    unreachables: Mapping[int, Fact[bool]] = field(default_factory=lambda: MappingProxyType({}))
    source_check: Mapping[int, Fact[str]] = field(default_factory=lambda: MappingProxyType({}))
    # whether what comes in by it is sent on, per family, where it has a setting of its own
    forwards: Mapping[int, Fact[bool]] = field(default_factory=lambda: MappingProxyType({}))
    tunnel: Tunnel | None = None
    resolves_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NextHop:
    """Where a route sends packets: an address, an interface, or both; ``vrf`` where it leads into another one."""

    address: int | None = None
    interface: str | None = None
    vrf: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One route with all its next hops of equal cost. No next hop: the packet is discarded (null route).

    ``mtu`` is the bound that a route may carry (Linux), bytes of IP packet. ``uncertain`` says why it may not be in
    force (tracking, a DHCP gateway).
    """

    family: Family
    destination: IntervalSet
    length: int
    next_hops: tuple[NextHop, ...]
    evidence: Evidence
    vrf: str = "default"
    protocol: str = "static"
    distance: int = 1
    metric: int = 0
    mtu: int | None = None
    uncertain: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Routing:
    """What is known of a device's routes. ``complete``: no route is missing, so what none covers is unreachable.

    ``elsewhere`` are lines by which routes come that are not in the config (a routing protocol); ``rules`` are lines
    that choose another table by source or mark.
    """

    routes: tuple[Route, ...] = ()
    complete: Mapping[int, bool] = field(default_factory=lambda: MappingProxyType({4: False, 6: False}))
    elsewhere: tuple[Evidence, ...] = ()
    rules: tuple[Evidence, ...] = ()


class Hits(StrEnum):
    """Which packets a fragment policy takes."""

    ANY = "any"  # every fragment, the first included
    LATER = "later"  # non-initial ones
    IPV6_HEADER = "ipv6-header"  # every packet with an IPv6 fragment header


@dataclass(frozen=True, slots=True, kw_only=True)
class FragmentPolicy:
    """A setting that drops or reports fragments, outside any filter. A row, so that a vendor adds rows.

    ``in_force`` carries the line; ``exempt`` are source addresses that are spared. How many fragments a datagram may
    have is a limit of ``Reassembly``.
    """

    name: str
    hits: Hits
    action: Literal["drop", "alarm"]
    in_force: Fact[bool]
    interface: str | None = None  # None: every interface
    direction: Literal["in", "out"] = "in"
    family: Family = 4
    exempt: IntervalSet | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reassembly:
    """Where a device joins the fragments of a datagram before it looks further.

    ``kind``: ``full`` makes one packet of them; ``virtual`` looks at them as a set and sends the same fragments on.
    ``sends`` (full only): ``original`` sends the pieces as they came where each fits the way out, else cuts afresh by
    the smaller of the egress MTU and the largest piece received; ``egress-mtu`` cuts afresh by the egress MTU;
    ``largest-received`` by the smaller of both. A stage takes the rows whose ``name`` it lists, else those without a
    name, of its interface and direction. Packets that an entry exempts from tracking are left alone, save with
    ``untracked``. ``fragments`` is the largest number a datagram may have, None for no limit; ``sets`` and ``timeout``
    (seconds) limit the table and are told, not simulated.
    """

    kind: Literal["full", "virtual"]
    active: Fact[bool]
    name: str = ""
    sends: Literal["original", "egress-mtu", "largest-received"] = "original"
    interface: str | None = None  # None: every interface
    direction: Literal["in", "out"] = "in"
    family: Family = 4
    untracked: bool = False
    fragments: Fact[int | None] | None = None
    sets: Fact[int | None] | None = None
    timeout: Fact[int | None] | None = None


class StageName(StrEnum):
    """The stages as reports name them (contract 5)."""

    LOCAL_OUT = "local-out"
    INGRESS_MTU = "ingress-mtu"
    INGRESS_FILTER = "ingress-filter"
    FRAGMENT_POLICY = "fragment-policy"
    REASSEMBLY = "reassembly"
    ZONE_POLICY = "zone-policy"
    NAT = "nat"
    ROUTE = "route"
    EGRESS_FILTER = "egress-filter"
    EGRESS_MTU = "egress-mtu"
    LOCAL_IN = "local-in"
    OPAQUE = "opaque"


class Does(StrEnum):
    """What the simulator is to do at a stage."""

    RECEIVE = "receive"  # check the interface's receive_mtu
    FILTER = "filter"  # the stage's filters, or those bound to the interface
    FRAGMENT_POLICY = "fragment-policy"  # the rows of that interface and direction
    REASSEMBLE = "reassemble"  # the rows of that interface and direction
    TRACK = "track"  # find or make the session
    ZONE = "zone"  # the policy between the zones of both interfaces
    TRANSLATE_DESTINATION = "translate-destination"
    TRANSLATE_SOURCE = "translate-source"
    ROUTE = "route"  # whether the device forwards at all
    SOURCE_CHECK = "source-check"  # whether there is a way back to the source (uRPF, rp_filter)
    REFUSE = "refuse"  # drop what may not be cut and is too big for the way out, before the filters that follow
    CUT = "cut"  # the egress MTU: cut or drop, and what reassembly sends on


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One step of a pipeline.

    ``filters`` names filters of the device; empty, with FILTER, it means those bound to the interface on that side
    for that ``purpose``; of those of a translation ``closing`` may also drop what begins a session; with ``whole``
    they look at the datagrams that a virtual reassembly before them has joined, not at the fragments. ``rows`` names
    rows of ``Device.reassembly``. With ``unless_session`` the stage leaves alone what belongs to a session that a
    TRACK stage before it found. ``family`` limits the stage to one family. ``side`` says which interface's rows and
    bindings count. ``tracks`` (TRACK): ``all`` makes a session for every packet that gets through; ``inspected`` only
    for those that an INSPECT rule let through. ``breaks_off`` (FILTER): a piece that is lost here ends the sending of
    those that the device made of the same packet and had not sent yet.
    """

    name: StageName
    does: Does
    filters: tuple[str, ...] = ()
    closing: tuple[str, ...] = ()
    purpose: Literal["access", "policy", "encrypt"] = "access"
    rows: tuple[str, ...] = ()
    unless_session: bool = False
    family: Family | None = None
    side: Literal["in", "out"] = "in"
    tracks: Literal["all", "inspected"] = "all"
    whole: bool = False
    breaks_off: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Undecided:
    """Orders of stages that a config can't tell apart; each is tried."""

    fact: Fact[str]  # its options name the orders
    orders: Mapping[str, "tuple[Stage | Undecided, ...]"]


Pipeline = tuple[Stage | Undecided, ...]


def every_stage(pipeline: Pipeline) -> list[Stage]:
    """The stages of a pipeline, of undecided orders each."""
    found: list[Stage] = []
    for item in pipeline:
        if isinstance(item, Stage):
            found.append(item)
        else:
            found += [stage for order in item.orders.values() for stage in every_stage(order)]
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Pipelines:
    """A device's orders of operations: what it forwards, takes in, sends itself, and its own ICMP errors."""

    transit: Pipeline = ()
    local_in: Pipeline = ()
    local_out: Pipeline = ()
    errors: Pipeline = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ZonePolicy:
    """What passes from one zone to another: a filter that sees whole datagrams. A zone named "self" is the device."""

    source: str
    destination: str
    filter: str
    evidence: Evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Zoning:
    """What happens between interfaces where no zone policy is named. ``permit`` or ``drop`` each."""

    same_zone: Fact[str]
    between_zones: Fact[str]
    zone_and_none: Fact[str]
    self_zone: Fact[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """The other end that a config names: a RADIUS server, an IKE peer. ``ports`` are UDP."""

    addresses: IntervalSet
    family: Family
    ports: tuple[int, ...]
    evidence: Evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Speaker:
    """A part that a device plays itself: IKE end, RADIUS client. Evidence of flows, and facts about its messages."""

    kind: Literal["ikev2", "radius-client"]
    interface: str | None
    peers: tuple[Peer, ...]
    evidence: Evidence
    vrf: str = "default"
    auth: str | None = None  # IKE: certificate | psk | eap-...
    ike_fragmentation: Fact[bool] | None = None
    ike_fragment_size: Fact[int] | None = None
    df: Fact[str] | None = None  # "false" | "true" | "pmtud"


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """All that was understood of one device, and what was not. Immutable.

    ``head`` is the file's first line, the evidence of what is absent. ``complete`` says that the config is whole (its
    end mark is there, no block is left open, no pager or error line stands in it). ``forwards`` tells, per family,
    whether packets that are not for the device itself are sent on.
    """

    name: str
    platform: str
    config: str
    sha256: str
    lines: int
    complete: bool
    head: Evidence
    version: str = ""
    hostname: str = ""
    collected: str | None = None
    interfaces: tuple[Interface, ...] = ()
    filters: Mapping[str, Filter] = field(default_factory=lambda: MappingProxyType({}))
    zones: tuple[ZonePolicy, ...] = ()
    zoning: Zoning | None = None
    routing: Routing = Routing()
    fragment_policies: tuple[FragmentPolicy, ...] = ()
    reassembly: tuple[Reassembly, ...] = ()
    forwards: Mapping[int, Fact[bool]] = field(default_factory=lambda: MappingProxyType({}))
    pipelines: Pipelines = Pipelines()
    speakers: tuple[Speaker, ...] = ()
    # the outside of NAT rules: these addresses stand for hosts behind the device
    nat_addresses: Mapping[int, IntervalSet] = field(default_factory=lambda: MappingProxyType({}))
    not_understood: tuple[NotUnderstood, ...] = ()
    unreadable: str = ""  # why nothing could be read of it; then its hops are unknown

    def interface(self, name: str) -> Interface | None:
        """The interface of that very name, or of that further name."""
        return next((i for i in self.interfaces if i.name == name or name in i.resolves_by), None)
