"""The draft room: devices → a paths.yaml to begin with, each entry with the config line that tells of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from auditor.model.addresses import ADDRESSES, Family, IntervalSet, address_text
from auditor.model.device import Device, Interface, Peer, Speaker
from auditor.model.draft import Draft, DraftEndpoint, DraftFlow
from auditor.model.evidence import Evidence
from auditor.model.filters import PERMITTING, Box, Filter, Rule, Verb

UDP = 17
IKE = (500, 4500)
MOST_SERVERS = 50  # servers drafted from the permits of one list
__all__ = ["draft"]


def draft(devices: Mapping[str, Device]) -> Draft:
    """RADIUS servers and clients, IKE peers, and servers that lists permit IKE to or NAT publishes."""
    making = _Making()
    for device in devices.values():
        for speaker in device.speakers:
            making.speaker(device, speaker)
        for interface in device.interfaces:
            for binding in interface.bindings:
                filter_ = device.filters.get(binding.filter)
                if filter_ is not None and binding.purpose == "access" and binding.direction == "in":
                    making.permits(device, interface, filter_, binding.family)
    return Draft(
        endpoints=tuple(making.endpoints.values()), flows=tuple(making.flows.values()), notes=tuple(making.notes)
    )


@dataclass(slots=True)
class _Making:
    """A draft being made. An end that was drafted before is used again."""

    endpoints: dict[str, DraftEndpoint] = field(default_factory=dict)
    flows: dict[str, DraftFlow] = field(default_factory=dict)
    notes: dict[str, None] = field(default_factory=dict)

    def speaker(self, device: Device, speaker: Speaker) -> None:
        """A device that is a RADIUS client or an IKE end itself."""
        radius = speaker.kind == "radius-client"
        own = self._add(
            DraftEndpoint(
                name=f"{device.name}-{'radius' if radius else 'ike'}",
                device=device.name,
                interface="radius-source" if radius else speaker.interface or "",
                evidence=(speaker.evidence,),
            )
        )
        for peer in speaker.peers:
            if peer.addresses.size != 1:
                self.notes[f"{device.name}: a peer that is a whole prefix was left out ({_place(peer.evidence)})"] = (
                    None
                )
                continue
            other = self._server(peer, "radius" if radius else "ike-peer")
            self._flow(
                DraftFlow(
                    name=f"{own}-to-{other}",
                    kind="radius" if radius else "ikev2",
                    sender=own,
                    receiver=other,
                    ports=(peer.ports[0], peer.ports[-1]) if radius and peer.ports[:1] not in ((), (1812,)) else None,
                    auth="" if radius else speaker.auth or "",
                    evidence=(peer.evidence,),
                )
            )

    def permits(self, device: Device, interface: Interface, filter_: Filter, family: Family) -> None:
        """Servers that a list lets IKE in to from anywhere."""
        found = 0
        for rule in filter_.rules:
            for address in _servers(rule, family):
                found += 1
                if found > MOST_SERVERS:
                    self.notes[f"{filter_.kind} {filter_.name} permits more servers than were drafted"] = None
                    return
                server = self._add(
                    DraftEndpoint(
                        name=f"server-{_slug(address_text(family, address))}",
                        address=address_text(family, address),
                        evidence=(rule.evidence,),
                    )
                )
                clients = self._add(
                    DraftEndpoint(
                        name=f"internet-at-{device.name}",
                        address="internet",
                        attach=(device.name, interface.name),
                        evidence=(interface.evidence,),
                    )
                )
                self._flow(
                    DraftFlow(
                        name=f"ike-to-{server}",
                        kind="ikev2",
                        sender=clients,
                        receiver=server,
                        evidence=(rule.evidence,),
                    )
                )

    def _server(self, peer: Peer, what: str) -> str:
        text = address_text(peer.family, peer.addresses.first)
        known = next((e.name for e in self.endpoints.values() if e.address == text), None)
        return known or self._add(DraftEndpoint(name=f"{what}-{_slug(text)}", address=text, evidence=(peer.evidence,)))

    def _add(self, endpoint: DraftEndpoint) -> str:
        self.endpoints.setdefault(endpoint.name, endpoint)
        return endpoint.name

    def _flow(self, flow: DraftFlow) -> None:
        self.flows.setdefault(flow.name, flow)


def _servers(rule: Rule, family: Family) -> Iterable[int]:
    """The single addresses to which an entry lets IKE in from anywhere."""
    if rule.action.verb not in PERMITTING or rule.action.verb is Verb.TRANSLATE or rule.family not in (None, family):
        return ()
    if rule.protocol is None or UDP not in rule.protocol or rule.protocol.size > 1:
        return ()
    return [box.destinations.first for box in rule.boxes if box.destinations is not None and _is_ike(box, family)]


def _is_ike(box: Box, family: Family) -> bool:
    everywhere = box.sources is None or box.sources == ADDRESSES[family]
    ports: IntervalSet | None = box.destination_ports
    named = ports is not None and ports.size < 100 and any(port in ports for port in IKE)
    return everywhere and named and box.destinations is not None and box.destinations.size == 1


def _slug(text: str) -> str:
    return text.replace(".", "-").replace(":", "-").replace("/", "-")


def _place(evidence: Evidence) -> str:
    return f"{evidence.file}:{evidence.line}"
