"""The places of a path that the user named: devices with the interfaces that were said, opaque hops."""

from collections.abc import Sequence
from dataclasses import dataclass

from auditor.model.device import Device, Interface
from auditor.model.evidence import Evidence
from auditor.model.flows import HopClaim, OpaqueHop, Origin
from auditor.model.paths import Doubt, PathHop, Role
from auditor.topology.names import find_interface
from auditor.topology.network import Network
from auditor.topology.train import End, Errand


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """One place. ``device`` is None for an opaque hop and for a device of which nothing could be read; ``ingress`` and
    ``egress`` are what the user named, ``said`` the same as written.
    """

    name: str
    origin: Origin
    role: Role = "transit"
    device: Device | None = None
    opaque: OpaqueHop | None = None
    ingress: Interface | None = None
    egress: Interface | None = None
    said: tuple[str | None, str | None] = (None, None)

    @property
    def blind(self) -> PathHop:
        """The hop of a place that can't be read."""
        return PathHop(device=self.name, opaque=self.opaque, role=self.role, ingress=self.said[0], egress=self.said[1])


Spots = tuple[Spot, ...]


def spots_of(net: Network, errand: Errand, claims: Sequence[HopClaim]) -> Spots:
    """The places in order, with the ends that are devices themselves.

    Raises InventoryError for a device or interface that isn't there.
    """
    found = [_spot(net, claim) for claim in claims]
    if errand.sender.device is not None:
        first = found.pop(0) if found and _is(found[0], errand.sender) else None
        found.insert(0, _own(net, errand.sender, "local-out", first))
    if errand.receiver.device is not None:
        own = 0 if errand.sender.device is None else 1  # the place of the sender is not the receiver's too
        last = found.pop() if len(found) > own and _is(found[-1], errand.receiver) else None
        found.append(_own(net, errand.receiver, "local-in", last))
    return tuple(found)


def _is(spot: Spot, end: End) -> bool:
    return spot.opaque is None and spot.name == end.device


def _spot(net: Network, claim: HopClaim) -> Spot:
    if isinstance(claim, OpaqueHop):
        return Spot(name=claim.name, origin=claim.origin, opaque=claim)
    device = net.readable(claim.device, claim.origin)
    names = (claim.ingress, claim.egress)
    ingress, egress = (find_interface(device, n, claim.origin) if device and n else None for n in names)
    return Spot(name=claim.device, origin=claim.origin, device=device, ingress=ingress, egress=egress, said=names)


def _own(net: Network, end: End, role: Role, claimed: Spot | None) -> Spot:
    """An end that is a device, as a place: it has one interface on the way."""
    device = net.readable(end.device or "", end.origin)
    if claimed is None:
        return Spot(name=end.device or "", origin=end.origin, role=role, device=device)
    out = role == "local-out"
    return Spot(
        name=claimed.name,
        origin=claimed.origin,
        role=role,
        device=device,
        ingress=None if out else claimed.ingress,
        egress=claimed.egress if out else None,
        said=(None, claimed.said[1]) if out else (claimed.said[0], None),
    )


def misplaced(errand: Errand, spots: Spots) -> list[Doubt]:
    """Doubts where the user attaches an end to other devices than the nearest one of the path."""
    seen = [spot for spot in spots if spot.opaque is None]
    doubts = []
    for end, nearest in ((errand.sender, seen[:1]), (errand.receiver, seen[-1:])):
        names = list(dict.fromkeys(place.device for place in end.places))
        if not names or not nearest or nearest[0].name in names:
            continue
        origin = end.places[0].origin
        lines = (Evidence(file=origin.file, line=origin.line, text=origin.key),) if origin else ()
        reason = f"{end.name} is attached to {', '.join(names)}, and the nearest hop of the path is {nearest[0].name}"
        doubts.append(Doubt(device=nearest[0].name, reason=reason, evidence=lines, transforms=True))
    return doubts
