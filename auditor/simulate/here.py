"""Where the simulation stands: one hop, with all that its stages may look at."""

from collections.abc import Callable
from dataclasses import dataclass, field

from auditor.model.addresses import Family
from auditor.model.device import Device, Interface, StageName
from auditor.model.evidence import Evidence
from auditor.model.packets import Direction, Packet
from auditor.model.paths import Path, PathHop
from auditor.model.trace import Step
from auditor.simulate.match import Evaluator, View, view
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
