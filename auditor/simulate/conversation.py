"""A flow's messages on one pair of paths: the small datagrams first, then the large ones over what these reached."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from auditor.model.addresses import IntervalSet
from auditor.model.packets import Direction, Message
from auditor.model.paths import Path
from auditor.model.trace import Region, Sending, Talk, Trace
from auditor.simulate.header import FORWARD, Header, gather, intersect_all, subtract_all
from auditor.simulate.journey import NO_SESSIONS, Journey, Link, Trip
from auditor.simulate.sessions import Sessions, with_those_of_partners
from auditor.simulate.walk import Walk

PROBE_BYTES = 100  # of UDP payload, where a flow brings no probe of its own: far below any MTU

Start = tuple[Region, Header]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """The source ports of the client's messages, and whether they may be others where a message names its own."""

    usual: IntervalSet
    same_as_destination: bool = False

    def of(self, message: Message) -> IntervalSet:
        """The source ports of a message in the client's terms."""
        if message.source_port is not None and message.direction == "forward":
            return IntervalSet.single(message.source_port)
        return IntervalSet.single(message.port) if self.same_as_destination else self.usual


@dataclass(slots=True, kw_only=True)
class Conversation:
    """All messages of a flow on a forward and a return path."""

    walk: Walk
    forward: Path
    reverse: Path | None
    client: Link
    server: Link
    ports: Ports
    exchanges: Sequence[tuple[Message, tuple[Sending, ...]]]
    _probed: dict[int, Journey] = field(default_factory=dict)
    _answered: dict[int, Journey] = field(default_factory=dict)

    def forward_talks(self) -> tuple[Talk, ...]:
        """The forward messages, the probe of each port first."""
        return tuple(self._forward(message, ways) for message, ways in self._of("forward"))

    def reverse_talks(self) -> tuple[Talk, ...]:
        """The reverse messages, which find the sessions that small forward datagrams made on the forward path."""
        return tuple(self._reverse(message, ways) for message, ways in self._of("reverse"))

    def _of(self, direction: Direction) -> list[tuple[Message, tuple[Sending, ...]]]:
        found = [pair for pair in self.exchanges if pair[0].direction == direction]
        return sorted(found, key=lambda pair: not pair[0].probe)

    def _forward(self, message: Message, ways: Sequence[Sending]) -> Talk:
        asked = self._region(message)
        probe = self._probe(message.port, message)
        reached = _regions(probe.arrivals(), asked)
        if message.probe:
            return _talk(probe.trace, reached, asked)
        starts = [(region, FORWARD) for region in reached]
        trip = self._trip(message, probe.sessions())
        return _talk(trip.journey(ways, starts, asked).trace, reached, asked)

    def _reverse(self, message: Message, ways: Sequence[Sending]) -> Talk:
        asked = self._region(message)
        answer = self._answer(message.port, message)
        reached = _regions(answer.arrivals(), asked)
        if message.probe:
            return _talk(answer.trace, reached, asked)
        starts = [
            (both, header)
            for region, header in self._starts_back(message.port, message)
            for one in reached
            if (both := region & one)
        ]
        trip = self._trip(message, self._sessions_back(message.port, message))
        return _talk(trip.journey(ways, starts, asked).trace, reached, asked)

    def _sessions_back(self, port: int, like: Message) -> Sessions:
        """What the hops of the way back know of the small forward datagram."""
        made = self._probe(port, like).sessions()
        return (
            made
            if self.reverse is None
            else with_those_of_partners(made, self.forward, self.reverse, self.walk.devices)
        )

    def _probe(self, port: int, like: Message) -> Journey:
        """The small forward datagram on a port."""
        if port not in self._probed:
            message = self._small(port, "forward")
            asked = self._region(like)
            trip = self._trip(message, NO_SESSIONS)
            self._probed[port] = trip.journey([_small_sending(message, self.client)], [(asked, FORWARD)], asked)
        return self._probed[port]

    def _answer(self, port: int, like: Message) -> Journey:
        """The small answer on a port."""
        if port not in self._answered:
            message = self._small(port, "reverse")
            trip = self._trip(message, self._sessions_back(port, like))
            starts = self._starts_back(port, like)
            sending = _small_sending(message, self.server)
            self._answered[port] = trip.journey([sending], starts, self._region(like))
        return self._answered[port]

    def _starts_back(self, port: int, like: Message) -> list[Start]:
        """From where answers start: with the header with which the small datagram arrived, turned round; as if sent
        straight where it did not arrive.
        """
        asked = self._region(like, reverse=True)
        arrived = [
            (both, header.swapped())
            for region, header in self._probe(port, like).arrivals()
            if (both := region & asked)
        ]
        missed = subtract_all([asked], [region for region, _ in arrived])
        return arrived + [(region, FORWARD.swapped()) for region in missed]

    def _small(self, port: int, direction: Direction) -> Message:
        found = (m for m, _ in self.exchanges if m.probe and m.port == port and m.direction == direction)
        name = f"small probe UDP {port}"
        own = Message(name=name, direction=direction, port=port, payloads=(PROBE_BYTES,), probe=True)
        return next(found, own)

    def _region(self, message: Message, *, reverse: bool = False) -> Region:
        path = self.reverse if reverse and self.reverse is not None else self.forward
        back = self.reverse if message.direction == "reverse" and self.reverse is not None else path
        return Region(
            clients=path.clients & back.clients,
            client_ports=self.ports.of(message),
            servers=self.forward.servers,
            server_ports=IntervalSet.single(message.port),
        )

    def _trip(self, message: Message, sessions: Sessions) -> Trip:
        forward = message.direction == "forward"
        path = self.forward if forward or self.reverse is None else self.reverse
        return Trip(
            walk=self.walk,
            path=path,
            message=message,
            sessions=sessions,
            back=self.reverse if forward else self.forward,
            sender=self.client if forward else self.server,
            receiver=self.server if forward else self.client,
        )


def _small_sending(message: Message, sender: Link) -> Sending:
    return Sending(payloads=message.payloads, df="false", mtu=sender.mtu or 1500)


def _regions(arrivals: Sequence[Start], asked: Region) -> tuple[Region, ...]:
    return tuple(gather(intersect_all([region for region, _ in arrivals], [asked])))


def _talk(trace: Trace, reached: tuple[Region, ...], asked: Region) -> Talk:
    return Talk(trace=trace, reached=reached, closed=tuple(gather(subtract_all([asked], list(reached)))))
