"""Where the simulation stands: one hop, with all that its stages may look at."""

from collections.abc import Callable
from dataclasses import dataclass, field

from auditor.model.addresses import Family
from auditor.model.device import Device, Interface, StageName
from auditor.model.evidence import Evidence
from auditor.model.packets import Direction, Packet
from auditor.model.paths import Path, PathHop
from auditor.model.trace import Step
from auditor.simulate.match import INVALID, Evaluator, View, view
from auditor.simulate.part import Part, Session


@dataclass(frozen=True, slots=True, kw_only=True)
class Here:
    """One hop of a path, as the stages see it. ``sessions`` are those that the forward datagram made at this device."""

    device: Device
    hop: int
    path_hop: PathHop
    family: Family
    direction: Direction
    evaluator: Evaluator
    sessions: tuple[Session, ...] = ()
    ingress: Interface | None = None
    egress: Interface | None = None
    underlay: Callable[[Path, Part, Packet], list[Part]] | None = field(default=None)

    def view(self, part: Part, packet: Packet, *, whole: bool = False) -> View:
        """The packet as a filter here sees it; ``whole`` for stages that look at datagrams, not at fragments."""
        joined = part.joined.get(packet.datagram) if whole and part.joined else None
        return view(
            self.family,
            packet,
            protocol=part.protocol,
            icmp=part.icmp,
            connection=part.connection,
            direction=_direction(part),
            translated=_translated(part),
            ingress=self.ingress.name if self.ingress else "",
            egress=self.egress.name if self.egress else "",
            joined=joined,
        )

    def interface(self, side: str) -> Interface | None:
        """The interface on that side of the packets' way."""
        return self.ingress if side == "in" else self.egress

    def step(
        self,
        part: Part,
        stage: StageName,
        did: str,
        after: tuple[Packet, ...],
        evidence: tuple[Evidence, ...] = (),
        side: str = "in",
        header: str = "",
        more: int = 0,
    ) -> Step:
        """What a stage did to a part's packets."""
        interface = self.interface(side)
        return Step(
            hop=self.hop,
            device=self.device.name,
            interface=interface.name if interface else None,
            stage=stage,
            did=did,
            before=part.packets,
            after=after,
            evidence=evidence,
            header=header,
            more=more,
        )


def _direction(part: Part) -> int | None:
    """Whether the packets go as the first one of their connection (0) or back (1); None outside of any."""
    if part.connection in (None, INVALID):
        return None
    if part.error_of is not None:  # an error goes against the message that it is about
        return int(part.error_of == "forward")
    return int(part.answers and part.session is not None)


def _translated(part: Part) -> int | None:
    """What NAT has changed of the packets' connection so far: 1 the source, 2 the destination; None outside of any."""
    if part.connection in (None, INVALID):
        return None
    session = part.session
    before, after = (session.entering, session.leaving) if session else (part.entered, part.header)
    if before is None:
        return 0
    source = (before.source, before.source_port) != (after.source, after.source_port)
    destination = (before.destination, before.destination_port) != (after.destination, after.destination_port)
    return source + 2 * destination
