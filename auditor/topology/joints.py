"""Which interfaces join the hops of a path that the user named."""

from collections.abc import Sequence
from dataclasses import dataclass

from auditor.errors import PathChoiceError
from auditor.model.addresses import Family, IntervalSet
from auditor.model.device import Device, Interface
from auditor.model.paths import Doubt
from auditor.topology.derived import toward_sender
from auditor.topology.handing import sources
from auditor.topology.network import Network
from auditor.topology.routes import Parts, Way
from auditor.topology.spots import Spot, Spots
from auditor.topology.train import Errand, Place, Train

Pair = tuple[Interface, Interface]
Out = tuple[Train, Interface | None]  # a part of the train, and the interface that it leaves or comes in by
Joint = tuple[Train, Interface | None, Interface | None]


@dataclass(frozen=True, slots=True)
class Joints:
    """Chooses the interfaces of a path: those that were named, else by shared subnet, attachment, own subnet, route."""

    net: Network
    errand: Errand
    spots: Spots

    def parts(self, device: Device, vrf: str, train: Train) -> Parts:
        """What the device does with the packets by its routes; nothing where their destination is not known."""
        if not self.errand.known or not train.destination.known(train.family):
            return ()
        return self.net.route(device, vrf, train.family, train.destination.values)

    def between(self, index: int, train: Train, vrf: str) -> list[Joint]:
        """How a device and the next one, both readable, are joined."""
        here, there = self.spots[index], self.spots[index + 1]
        assert here.device is not None  # noqa: S101 (the caller looked)
        assert there.device is not None  # noqa: S101
        pairs = [
            (out, into)
            for out, into in _pairs(self.net, here.device, there.device, train.family)
            if here.egress in (None, out) and there.ingress in (None, into)
        ]
        if not pairs:
            return [self._apart(here, there, train)]
        if len(pairs) == 1:
            return [(train, *pairs[0])]
        parts = self.parts(here.device, vrf, train)
        return [(part, *pair) for part, pair in self._chosen(here, there, train, parts, pairs)]

    def _apart(self, here: Spot, there: Spot, train: Train) -> Joint:
        """Two hops without a shared subnet. The user is believed where an address of a named interface is not known."""
        out, into = here.egress, there.ingress
        if out is not None and into is not None and not (_addressed(out) and _addressed(into)):
            return train, out, into
        named = [f"{spot.name} {i.name}" for spot, i in ((here, out), (there, into)) if i is not None]
        by = f" by {' and '.join(named)}" if named else ""
        reason = f"{here.name} and {there.name} share no subnet{by}"
        return train.doubted(Doubt(device=here.name, reason=reason, transforms=True)), out, into

    def _chosen(
        self, here: Spot, there: Spot, train: Train, parts: Parts, pairs: list[Pair]
    ) -> list[tuple[Train, Pair]]:
        """The pairs that the routes choose, for each part of the destinations."""
        chosen: dict[tuple[int, ...], list[IntervalSet]] = {}
        if not self.errand.known:
            return [(train, pairs[0])]
        for part, ways in [(part, routed.ways) for part, routed in parts] or [(train.destination.values, ())]:
            fits = _by_ways(pairs, ways) or self._by_way_back(there, train, pairs)
            if not fits:
                raise _undecided(here, there, [pair[0].name for pair in pairs])
            chosen.setdefault(tuple(fits), []).append(part)
        return [(train.to(IntervalSet.union(sets)), pairs[index]) for fits, sets in chosen.items() for index in fits]

    def _by_way_back(self, there: Spot, train: Train, pairs: list[Pair]) -> list[int]:
        """By the next hop's route to where the packets come from."""
        assert there.device is not None  # noqa: S101 (the caller looked)
        fits = []
        for index, (_, into) in enumerate(pairs):
            parts = self.net.route(there.device, into.vrf, train.family, train.source.values)
            if any(routed.leaves_by(into.name) for _, routed in parts):
                fits.append(index)
        return fits if len(fits) < len(pairs) else []

    def out(self, index: int, train: Train, vrf: str) -> list[Out]:
        """By which interface a device hands packets to something that can't be read, or to the other end."""
        here = self.spots[index]
        assert here.device is not None  # noqa: S101 (the caller looked)
        if here.egress is not None:
            return [(train, here.egress)]
        parts = self.parts(here.device, vrf, train)
        if all(spot.opaque is not None for spot in self.spots[index + 1 :]):
            attached = self._attached(here, self.errand.receiver.places)
            if attached:
                return _by_route(train, parts, attached) or [(train, one) for one in attached]
            on_link = self._on_subnet(here.device, train.family, train.destination.values)
            if len(on_link) > 1:
                return _by_route(train, parts, on_link) or self._refused(here, on_link, self.errand.receiver.name)
            if on_link:
                return [(train, on_link[0])]
            if index + 1 == len(self.spots):
                train = _beyond(train, here, self.errand.receiver.name)
        return _by_route(train, parts, here.device.interfaces) or self._out_across(index, train)

    def _out_across(self, index: int, train: Train) -> list[Out]:
        """By the subnet that the device shares with the next one that can be read, if there is just one."""
        here = self.spots[index]
        there = next((spot for spot in self.spots[index + 1 :] if spot.device is not None), None)
        found = self._across(here, there, train.family) if there else []
        if len({pair[0].name for pair in found}) == 1:
            return [(train, found[0][0])]
        after = self.spots[index + 1].name if index + 1 < len(self.spots) else self.errand.receiver.name
        return [(_unfitting(train, here, after), None)]

    def into(self, index: int, train: Train) -> list[Out]:
        """By which interface a device gets packets from something that can't be read, or from the sender."""
        here = self.spots[index]
        assert here.device is not None  # noqa: S101 (the caller looked)
        if here.ingress is not None:
            return [(train, here.ingress)]
        if all(spot.opaque is not None for spot in self.spots[:index]):
            attached = self._attached(here, self.errand.sender.places)
            if attached:
                return [(train, one) for one in attached]
            on_link = self._on_subnet(here.device, train.family, train.source.values)
            if len(on_link) > 1:
                back = [(t, i) for t, i in toward_sender(self.net, here.device, train) if i in on_link]
                return list(back) or self._refused(here, on_link, self.errand.sender.name)
            if on_link:
                return [(train, on_link[0])]
            if index == 0:
                train = _beyond(train, here, self.errand.sender.name)
        return self._into_by_route(index, train)

    def _into_by_route(self, index: int, train: Train) -> list[Out]:
        here = self.spots[index]
        assert here.device is not None  # noqa: S101 (the caller looked)
        before = next((spot for spot in reversed(self.spots[:index]) if spot.device is not None), None)
        shared = self._across(before, here, train.family) if before else []
        name = self.spots[index - 1].name if index else self.errand.sender.name
        found: list[Out] = []
        by_route: list[Out] = [(train, None)]
        if self.errand.known and train.source.known(train.family):
            by_route = toward_sender(self.net, here.device, train)
        for part, interface in by_route:
            if interface is None and len({pair[1].name for pair in shared}) == 1:
                interface = shared[0][1]
            found.append((part if interface else _unfitting(part, here, name), interface))
        return _gathered(train, found)

    def _attached(self, here: Spot, places: Sequence[Place]) -> list[Interface]:
        """The interfaces of this device that the user attaches an end to."""
        assert here.device is not None  # noqa: S101 (the caller looked)
        named = [place.interface for place in places if place.device == here.name and place.interface]
        return [interface for name in dict.fromkeys(named) if (interface := here.device.interface(name)) is not None]

    def _on_subnet(self, device: Device, family: Family, values: IntervalSet) -> list[Interface]:
        """The interfaces whose subnets hold all these addresses."""
        found = [
            interface
            for interface in device.interfaces
            if any(values <= subnet.values for subnet in self.net.links.of(device.name, interface.name, family))
        ]
        return found if values else []

    def _across(self, here: Spot, there: Spot, family: Family) -> list[Pair]:
        if here.device is None or there.device is None:
            return []
        return _pairs(self.net, here.device, there.device, family)

    def _refused(self, here: Spot, fitting: Sequence[Interface], name: str) -> list[Out]:
        raise _choice(here, [interface.name for interface in fitting], name)


def _pairs(net: Network, here: Device, there: Device, family: Family) -> list[Pair]:
    """The interfaces of two devices that share a subnet, of the family if they share one there."""
    found: dict[Family, dict[tuple[str, str], Pair]] = {4: {}, 6: {}}
    for interface in here.interfaces:
        for subnet in net.links.by_interface.get((here.name, interface.name), ()):
            for port in subnet.ports:
                if port.device == there.name and there.name != here.name:
                    key = (interface.name, port.interface.name)
                    found[subnet.family].setdefault(key, (interface, port.interface))
    other: Family = 6 if family == 4 else 4
    return list((found[family] or found[other]).values())


def _by_ways(pairs: Sequence[Pair], ways: Sequence[Way]) -> list[int]:
    """The pairs by which ways of a route lead: by their interface, and by the gateway where that tells more."""
    fits = [i for i, (out, _) in enumerate(pairs) if any(way.interface == out.name for way in ways)]
    gateways = {way.gateway for way in ways}
    exact = [i for i in fits if any(a.address in gateways for a in pairs[i][1].addresses)]
    return exact or fits


def _by_route(train: Train, parts: Parts, fitting: Sequence[Interface]) -> list[Out]:
    """The train in parts by the interface that the routes choose; nothing where they choose none for some part."""
    by_name = {interface.name: interface for interface in fitting}
    found: list[Out] = []
    for part, routed in parts:
        chosen = [by_name[n] for n in dict.fromkeys(way.interface for way in routed.ways) if n in by_name]
        if not chosen:
            return []
        found += [(train.to(part), interface) for interface in chosen]
    return _gathered(train, found)


def _gathered(train: Train, found: list[Out]) -> list[Out]:
    """One train for each interface: parts that differ by nothing else are put together again."""
    merged: dict[str, list[Out]] = {}
    for part, interface in found:
        merged.setdefault(interface.name if interface else "", []).append((part, interface))
    out: list[Out] = []
    for several in merged.values():
        part, interface = several[0]
        to = IntervalSet.union(one.destination.values for one, _ in several)
        come = IntervalSet.union(one.source.values for one, _ in several)
        out.append((sources(train.to(to), come).doubted(*part.doubts), interface))
    return out


def _addressed(interface: Interface) -> bool:
    return bool(interface.addresses) and interface.dynamic_address is None


def _beyond(train: Train, here: Spot, end: str) -> Train:
    """An end that stands on no link of the path's nearest hop: what is between them nobody has named."""
    reason = f"{here.name} has no link with {end}: say where {end} is attached, or name what stands between them"
    return train.doubted(Doubt(device=here.name, reason=reason, transforms=True))


def _unfitting(train: Train, here: Spot, name: str) -> Train:
    reason = f"no interface of {here.name} is known to lead to {name}"
    return train.doubted(Doubt(device=here.name, reason=reason, transforms=True))


def _undecided(here: Spot, there: Spot, names: Sequence[str]) -> PathChoiceError:
    return _choice(here, list(dict.fromkeys(names)) or ["?"], there.name, [there])


def _choice(here: Spot, names: Sequence[str], to: str, more: Sequence[Spot] = ()) -> PathChoiceError:
    """How to choose, at the user's own line."""
    which = " and ".join(names) if len(names) < 3 else ", ".join(names)
    how = f"write {{device: {here.name}, egress: {names[0]}}} or another of them in 'via'"
    if more and len(set(names)) == 1:
        which, how = f"several interfaces of {to}", f"write {{device: {to}, ingress: ...}} in 'via'"
    text = f"{here.name} may reach {to} by {which}, and no route tells which: {how}"
    return PathChoiceError(text, here.origin)
