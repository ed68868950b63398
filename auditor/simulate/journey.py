"""One message on one path, as its sender sends it: first try, second try, and what the hops remember of it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from auditor.model.addresses import Family
from auditor.model.device import StageName
from auditor.model.evidence import Basis, Evidence
from auditor.model.packets import Message, Packet, datagram_bytes
from auditor.model.paths import Path
from auditor.model.trace import Choice, Ending, Loss, Region, Sending, Step, Tag, Trace
from auditor.simulate import cut
from auditor.simulate.feedback import ways_back
from auditor.simulate.header import Header
from auditor.simulate.part import Part, Session, Trail
from auditor.simulate.sessions import Sessions
from auditor.simulate.walk import Walk

MOST_TRIES = 8  # path MTUs learned one after the other; RFC 1191 plateaus are fewer


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """An end's own link: what it carries, bytes of IP packet, with the user's line. ``name`` is the endpoint's."""

    name: str
    mtu: int | None
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Journey:
    """A trace, with the parts that it came from: sessions and arrivals are read from these."""

    trace: Trace
    parts: tuple[Part, ...]

    def sessions(self) -> Sessions:
        """What each device remembers of this forward message."""
        found: dict[str, dict[int, Session]] = {}
        for part in self.parts:
            for crossing in part.crossings:
                share = crossing.session.region & part.region
                if share:
                    session = replace(crossing.session, region=share)
                    found.setdefault(crossing.device, {})[hash_of(session)] = session
        return {device: tuple(sessions.values()) for device, sessions in found.items()}

    def arrivals(self) -> list[tuple[Region, Header]]:
        """The regions whose packets all arrive, perhaps, with the header that they arrive with."""
        found: dict[tuple[Region, Header], None] = {}
        for part in self.parts:
            if part.packets and not any(loss.certain for loss in part.losses):
                found[part.region, part.header] = None
        return list(found)


def hash_of(session: Session) -> int:
    """Equal sessions once."""
    return hash(
        (
            session.region,
            session.entering,
            session.leaving,
            session.certain,
            session.inspected,
            session.tracked,
            session.of,
        )
    )


@dataclass(slots=True, kw_only=True)
class Trip:
    """What stays the same over the tries of one message."""

    walk: Walk
    path: Path
    message: Message
    sessions: Sessions
    back: Path | None
    sender: Link
    receiver: Link

    def journey(self, sendings: Iterable[Sending], starts: Sequence[tuple[Region, Header]], asked: Region) -> Journey:
        """The message in each way in which it may be sent, from each start."""
        parts: list[Part] = []
        endings: list[Ending] = []
        for sending in sendings:
            for region, header in starts:
                start = Part(
                    region=region,
                    header=header,
                    packets=(),
                    tags=sending.tags,
                    answers=self.message.direction == "reverse",
                    opens=self.message.opens,
                )
                for part, ending in self._try(sending, start, sending.mtu, 1):
                    parts.append(part)
                    endings.append(ending)
        trace = Trace(
            message=self.message, path=self.path, family=self.path.family, endings=tuple(endings), asked=asked
        )
        return Journey(trace=trace, parts=tuple(parts))

    def _try(self, sending: Sending, start: Part, mtu: int, tries: int) -> list[tuple[Part, Ending]]:
        """One try, and what follows where something was too big and the sender can learn of it."""
        found: list[tuple[Part, Ending]] = []
        for part in self._arrive(self._send(sending, start, mtu)):
            lost = _learnable(self.path.family, sending, part)
            if lost is None or tries >= MOST_TRIES:
                found.append((part, self._ending(part, sending, tries)))
            else:
                found += self._again(sending, part, lost, start, tries)
        return found

    def _send(self, sending: Sending, start: Part, mtu: int) -> list[Part]:
        """The datagrams leave the sender: cut for its link, or whole into its own pipeline where it is a device."""
        family = self.path.family
        local = bool(self.path.hops) and self.path.hops[0].role == "local-out"
        packets: list[Packet] = []
        for number, payload in enumerate(sending.payloads, 1):
            size = datagram_bytes(family, payload)
            whole = Packet(offset=0, bytes=size, more=False, df=_whole_df(family, sending, size, mtu), datagram=number)
            packets += [whole] if local else cut.send(family, size, mtu, sending.df, number)
        part = replace(start, packets=tuple(packets), departed=tuple(packets))
        long = [] if local else [p for p in packets if p.bytes > mtu]
        if long:
            part = self._stuck(part, long, mtu)
        path = self.path
        if local and mtu != sending.mtu:
            path = replace(path, hops=(replace(path.hops[0], route_mtu=mtu), *path.hops[1:]))
        return self.walk.along(path, [part], self.sessions, self.message.direction)

    def _stuck(self, part: Part, long: list[Packet], mtu: int) -> Part:
        """A packet with DF that is too big for the sender's own link never leaves."""
        losses = tuple(
            Loss(
                device=self.sender.name,
                hop=0,
                interface=None,
                stage=StageName.EGRESS_MTU,
                cause="receive",
                packet=packet,
                reason=f"{packet.bytes} bytes are more than the sender's own link carries ({mtu}), and it sets DF",
                evidence=self.sender.evidence,
                basis=Basis.DECLARED,
                region=part.region,
                mtu=mtu,
            )
            for packet in long
        )
        return replace(part, packets=tuple(p for p in part.packets if p not in long)).lose(losses)

    def _arrive(self, parts: list[Part]) -> list[Part]:
        """The last link, where the user said what it carries: its router cuts for it, or drops."""
        mtu = self.receiver.mtu
        if mtu is None:
            return parts
        return [self._over_last_link(part, mtu) for part in parts]

    def _over_last_link(self, part: Part, mtu: int) -> Part:
        after: list[Packet] = []
        losses: list[Loss] = []
        for packet in part.packets:
            if packet.bytes <= mtu:
                after.append(packet)
            elif self.path.family == 4 and not packet.df:
                after += cut.cut(4, packet, mtu)
            else:
                losses.append(
                    Loss(
                        device=self.receiver.name,
                        hop=len(self.path.hops),
                        interface=None,
                        stage=StageName.EGRESS_MTU,
                        cause="mtu",
                        packet=packet,
                        reason=f"{packet.bytes} bytes are more than the link of {self.receiver.name} carries ({mtu})",
                        evidence=self.receiver.evidence,
                        basis=Basis.DECLARED,
                        region=part.region,
                        mtu=mtu,
                    )
                )
        if not losses and len(after) == len(part.packets):
            return part
        step = Step(
            hop=len(self.path.hops),
            device=self.receiver.name,
            interface=None,
            stage=StageName.EGRESS_MTU,
            did="dropped" if losses else f"cut to {mtu}",
            before=part.packets,
            after=tuple(after),
            evidence=self.receiver.evidence,
        )
        return replace(part, packets=tuple(after)).lose(losses).step(step)

    def _again(self, sending: Sending, part: Part, lost: Loss, start: Part, tries: int) -> list[tuple[Part, Ending]]:
        """Asks for the error's way back; where it is open the sender tries again by the MTU that it learned."""
        found: list[tuple[Part, Ending]] = []
        for way in ways_back(self.walk, self.path, self.back, part, lost, self.sessions, self.message.direction):
            steps = Trail.items(way.part.steps)
            share = replace(part.within(way.part.region), tags=way.part.tags)
            first = self._ending(share, sending, tries, steps)
            if not way.open:
                closing = tuple(replace(loss, matched="error") for loss in way.part.losses if loss.certain)
                found.append((share, replace(first, blocked_errors=closing)))
                continue
            fresh = replace(start, region=way.part.region, tags=way.part.tags)
            second = self._try(sending, fresh, lost.mtu or 0, tries + 1)
            learned = [
                (after, replace(end, feedback=(*steps, *end.feedback), first_losses=share.losses))
                for after, end in second
            ]
            if way.certain:
                found += learned
                continue
            doubt = way.part.doubts[0]
            choice = Choice(
                fact="whether the ICMP error gets back to the sender",
                device=doubt.device,
                basis=Basis.UNKNOWN,
                evidence=doubt.evidence,
            )
            found += [_tagged(pair, choice, "yes") for pair in learned]
            found.append(_tagged((share, first), choice, "no"))
        return found

    def _ending(self, part: Part, sending: Sending, tries: int, feedback: tuple[Step, ...] = ()) -> Ending:
        whole = cut.complete(self.path.family, part.packets, len(sending.payloads))
        return Ending(
            region=part.region,
            tags=part.tags,
            steps=Trail.items(part.steps),
            losses=part.losses,
            doubts=part.doubts,
            arrived=part.packets,
            complete=whole and not any(loss.certain for loss in part.losses),
            tries=tries,
            feedback=feedback,
            sent=sending,
            departed=part.departed,
            family=self.path.family,
        )


def _tagged(pair: tuple[Part, Ending], choice: Choice, option: str) -> tuple[Part, Ending]:
    part, ending = pair
    tags: tuple[Tag, ...] = (*ending.tags, Tag(choice=choice, option=option))
    return replace(part, tags=tags), replace(ending, tags=tags)


def _whole_df(family: Family, sending: Sending, size: int, mtu: int) -> bool:
    return family == 4 and (sending.df == "true" or (sending.df == "pmtud" and size <= mtu))


def _learnable(family: Family, sending: Sending, part: Part) -> Loss | None:
    """The first loss by size that the sender would learn of and mend, where size is all that the packets died of."""
    certain = [loss for loss in part.losses if loss.certain and loss.cause != "incomplete"]
    if not certain or any(loss.cause != "mtu" for loss in certain):
        return None
    if family == 4 and sending.df != "pmtud":
        return None
    lost = min(certain, key=lambda loss: loss.hop)
    return lost if cut.fits(family, lost.mtu or 0) else None


NO_SESSIONS: Mapping[str, tuple[Session, ...]] = {}
