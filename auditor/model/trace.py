"""What happened to a message on a path, step by step: what ``explain`` prints and judges read."""

from dataclasses import dataclass
from typing import Literal

from auditor.model.addresses import Family, IntervalSet
from auditor.model.device import StageName
from auditor.model.evidence import Basis, Evidence
from auditor.model.flows import DontFragment
from auditor.model.packets import Message, Packet
from auditor.model.paths import Doubt, Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A fact that was tried in more than one value. ``kind`` tells how the outcomes combine:

    ``fact`` by its basis (contract 4.2), ``population`` the worst counts, ``size`` only the first value decides.
    ``options`` are all values that were tried.
    """

    fact: str
    device: str
    basis: Basis
    kind: Literal["fact", "population", "size"] = "fact"
    evidence: tuple[Evidence, ...] = ()
    source: str = ""
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Tag:
    """One value of a choice, under which a branch of the simulation stands."""

    choice: Choice
    option: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """A product of sets, as the client's messages write them: addresses and ports of clients, then of servers."""

    clients: IntervalSet
    client_ports: IntervalSet
    servers: IntervalSet
    server_ports: IntervalSet

    def __and__(self, other: "Region") -> "Region | None":
        """What both hold; None where that is nothing."""
        clients = self.clients & other.clients
        if not clients:
            return None
        servers = self.servers & other.servers
        client_ports = self.client_ports & other.client_ports
        server_ports = self.server_ports & other.server_ports
        if not (servers and client_ports and server_ports):
            return None
        return Region(clients=clients, client_ports=client_ports, servers=servers, server_ports=server_ports)


Cause = Literal[
    "filter",  # an entry or the end of a filter
    "fragment-policy",  # a setting that drops fragments
    "reassembly",  # more fragments than a reassembly takes
    "incomplete",  # waits in a reassembly for a piece that was lost before
    "mtu",  # too big for the way out, and may not be cut
    "receive",  # too big for the way in
    "nat",  # can't be translated
    "zone",  # no policy between two zones
    "route",  # the device does not forward, has no way on, or no way back to the source
    "opaque",  # declared to be dropped
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """A packet that a hop dropped, or may have dropped (``certain`` false: then ``why`` says what is not known).

    ``rule`` is the name of the finding's rule. ``cause`` tells the judge what sort of loss it is. ``matched`` tells, of
    a filter, whether an entry that asks for fragments took the packet, another entry, or the end of the list ("");
    "error" stands for an ICMP error that died. ``region`` is the part of the flow's addresses that it hits; ``mtu`` the
    bound that a too-big packet met, for the ICMP error that goes back; ``limit`` the number of fragments that a
    reassembly takes.
    """

    device: str
    hop: int
    interface: str | None
    stage: StageName
    cause: Cause
    packet: Packet
    reason: str
    evidence: tuple[Evidence, ...]
    basis: Basis
    certain: bool = True
    region: Region | None = None
    matched: Literal["", "fragments", "entry", "error"] = ""
    mtu: int | None = None
    limit: int | None = None
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What one stage of one hop did to the packets of a branch. ``after`` are the packets that go on."""

    hop: int
    device: str
    interface: str | None
    stage: StageName
    did: str  # a few words: "passed", "dropped", "cut to 1400", "reassembled", "translated"
    before: tuple[Packet, ...]
    after: tuple[Packet, ...]
    evidence: tuple[Evidence, ...] = ()
    header: str = ""  # addresses after a translation
    more: int = 0  # how many further entries decided parts of it


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    """One way in which an end may send a message: the datagrams, DF, and the MTU of its own link.

    ``tags`` name the values of undecided or plural facts that it stands for.
    """

    payloads: tuple[int, ...]
    df: DontFragment
    mtu: int
    tags: tuple[Tag, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """One branch of a simulation at its end: a part of the flow's addresses, under the values of some facts.

    ``arrived`` are the packets that reached the other end, joined or not. ``complete`` is true where they make every
    datagram of the message whole. ``tries`` is 2 where the first try died of its size and the second was simulated.
    """

    region: Region
    tags: tuple[Tag, ...]
    steps: tuple[Step, ...]
    losses: tuple[Loss, ...]
    doubts: tuple[Doubt, ...]
    arrived: tuple[Packet, ...]
    complete: bool
    tries: int = 1
    feedback: tuple[Step, ...] = ()  # the way back of the ICMP error
    first_losses: tuple[Loss, ...] = ()  # what died of its size in the first try, where there was a second
    blocked_errors: tuple[Loss, ...] = ()  # where the ICMP error died, so that there was no second try
    sent: Sending
    departed: tuple[Packet, ...] = ()  # the packets as they left the sender
    family: Family = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """One message on one path: every branch. ``asked`` is the region that was simulated."""

    message: Message
    path: Path
    family: Family
    endings: tuple[Ending, ...]
    asked: Region


@dataclass(frozen=True, slots=True, kw_only=True)
class Talk:
    """One message on one path. ``reached`` are the regions that small datagrams reach in its direction, ``closed``
    those of the asked region that they certainly don't.
    """

    trace: Trace
    reached: tuple[Region, ...]
    closed: tuple[Region, ...]
