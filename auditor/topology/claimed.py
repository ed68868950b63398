"""Paths that the user named (``via``): the hops as claimed, joined by their interfaces and held against the routes."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from auditor.model.device import Interface
from auditor.model.evidence import Evidence
from auditor.model.paths import Doubt
from auditor.topology.arrival import at_end, local
from auditor.topology.derived import MOST_PATHS
from auditor.topology.detours import detours
from auditor.topology.hops import hop
from auditor.topology.joints import Joints
from auditor.topology.natrules import Here
from auditor.topology.network import Network, dead
from auditor.topology.routes import Parts, Routed, Way
from auditor.topology.spots import Spot, Spots, misplaced
from auditor.topology.train import Errand, Train
from auditor.topology.translation import rewritten

State = tuple[Train, Interface | None]  # a train before a place, and the interface that it comes in by


NOWHERE = {"discard": "its route discards these packets", "none": "it has no route for these packets"}


@dataclass(frozen=True, slots=True)
class Claimed:
    """One claimed path: several trains where interfaces, routes or NAT make parts of it differ."""

    net: Network
    errand: Errand
    spots: Spots
    joints: Joints = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "joints", Joints(self.net, self.errand, self.spots))

    def paths(self, train: Train) -> list[Train]:
        """The trains at the end of the path."""
        ends = (self.errand.sender.doubt, self.errand.receiver.doubt)
        train = train.doubted(*(doubt for doubt in ends if doubt is not None), *misplaced(self.errand, self.spots))
        states = list(self._before(0, train))
        for index in range(len(self.spots)):
            states = [after for state in states for after in self._through(index, *state)]
            if len(states) > MOST_PATHS:
                reason = f"the hops are joined in more than {MOST_PATHS} ways; not all were followed"
                doubt = Doubt(device=self.spots[index].name, reason=reason)
                states = [
                    *states[: MOST_PATHS - 1],
                    (states[MOST_PATHS - 1][0].doubted(doubt), states[MOST_PATHS - 1][1]),
                ]
        return [one for one, _ in states]

    def _before(self, index: int, train: Train) -> Iterator[State]:
        """The train before a place to which nothing that can be read sent it."""
        if index >= len(self.spots):
            yield at_end(self.net, self.errand, train), None
            return
        spot = self.spots[index]
        if spot.device is None or spot.role == "local-out":
            yield train, None
            return
        for part, ingress in self.joints.into(index, train):
            yield _shut(part, spot, ingress), ingress

    def _through(self, index: int, train: Train, ingress: Interface | None) -> Iterator[State]:
        spot = self.spots[index]
        if spot.device is None:
            yield from self._before(index + 1, train.crossed(spot.blind))
            return
        here = Here(device=spot.device, role=spot.role, ingress=ingress, egress=None)
        for part in rewritten(here, self.errand, train, "before"):
            yield from self._onward(index, part, ingress)

    def _onward(self, index: int, train: Train, ingress: Interface | None) -> Iterator[State]:
        """From a readable device, whose NAT of destinations is done."""
        spot, vrf = self.spots[index], self._vrf(index, ingress)
        assert spot.device is not None  # noqa: S101 (the caller looked)
        parts = self.joints.parts(spot.device, vrf, train)
        last = index + 1 == len(self.spots)
        if spot.role == "local-in" or (last and {routed.kind for _, routed in parts} == {"local"}):
            own = next((routed for _, routed in parts if routed.kind == "local"), None)
            made = hop(self.net, train, spot.device, role="local-in", ingress=ingress, vrf=vrf, routed=own)
            arrived = train.crossed(made)
            if spot.role != "local-in":
                arrived = local(self.errand, arrived, spot.name, spot.role, own.evidence if own else ())
            yield arrived if spot.role != "local-in" else arrived.at_the_end(), None
        elif not last and self.spots[index + 1].device is not None:
            for part, egress, into in self.joints.between(index, train, vrf):
                for left in self._leave(index, part, ingress, egress, vrf):
                    yield _shut(left, self.spots[index + 1], into), into
        else:
            for part, egress in self.joints.out(index, train, vrf):
                for left in self._leave(index, part, ingress, egress, vrf):
                    yield (left, None) if not last else (at_end(self.net, self.errand, left), None)

    def _vrf(self, index: int, ingress: Interface | None) -> str:
        spot = self.spots[index]
        if spot.role == "local-out":
            return self.errand.sender.vrf
        known = ingress or spot.egress
        return known.vrf if known else "default"

    def _leave(
        self, index: int, train: Train, ingress: Interface | None, egress: Interface | None, vrf: str
    ) -> Iterator[Train]:
        """The train after it left a device by an interface, with what its routes say against that."""
        spot = self.spots[index]
        assert spot.device is not None  # noqa: S101 (the caller looked)
        parts = self.joints.parts(spot.device, vrf, train)
        wrong = detours(self.net, self.errand, train, self.spots, index, parts, egress)
        routed, way = _taken(parts, egress)
        made = hop(
            self.net, train, spot.device, role=spot.role, ingress=ingress, egress=egress, vrf=vrf, routed=routed,
            way=way,
        )  # fmt: skip
        if parts and all(part.certain and part.kind in NOWHERE for _, part in parts):
            train = dead(train, spot.name, NOWHERE[parts[0][1].kind], parts[0][1].evidence)
        else:
            train = _shut(replace(train, detours=(*train.detours, *wrong)), spot, egress)
        here = Here(device=spot.device, role=spot.role, ingress=ingress, egress=egress)
        for part in rewritten(here, self.errand, train, "after"):
            yield part.crossed(made)


def _taken(parts: Parts, egress: Interface | None) -> tuple[Routed | None, Way | None]:
    """The route, and the way of it, that leaves by the interface, if there is one."""
    if egress is not None:
        for _, routed in parts:
            for way in routed.ways:
                if way.interface == egress.name:
                    return routed, way
    return None, None


def _shut(train: Train, spot: Spot, interface: Interface | None) -> Train:
    if interface is None or interface.enabled:
        return train
    lines: tuple[Evidence, ...] = (interface.evidence,)
    reason = f"{interface.name} is shut down"
    return train.doubted(Doubt(device=spot.name, reason=reason, evidence=lines, transforms=True))
