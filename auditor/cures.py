"""The corridor for remedies: which changes might cure a flow, and what becomes of the flows with them.

Three kinds, best first: RFC 7383 at the ends; smaller messages, by the arithmetic of the very path; the setting of the
device that drops. A device's commands are entered into the text of its config, which is then read and simulated.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Literal

from auditor import registry
from auditor.conversations import end_facts, flow_verdicts
from auditor.judge.remedies import Candidate, Change, Verdicts, certain_drops, remedies
from auditor.messages import radius
from auditor.model.addresses import EMPTY, Family, IntervalSet
from auditor.model.device import Device
from auditor.model.evidence import Evidence
from auditor.model.findings import Drop, FlowVerdict, MessageVerdict, PathVerdict, Verdict
from auditor.model.flows import Endpoint, Flow
from auditor.model.packets import IP_HEADER, UDP_HEADER
from auditor.model.paths import Path
from auditor.model.platform import Platform
from auditor.model.remedies import Fix, PermitFragments, RaiseLimit, RemedyStep, TakeAway
from auditor.simulate.walk import Walk
from auditor.topology import Topology

MOST_SIMULATIONS = 2_000  # flows simulated again in one run, for all remedies together
MANY = 3  # flows behind one line from which on its cure is tried on all of them at once
MOST_WORLDS = 8
MOST_LINES = 2_000  # of a config on the way; behind longer ones a flow keeps the words of its cures
ETHERNET = 1500
MOST_RANGES = 4  # ranges of addresses that a fix names; more are "any"

Edit = Callable[[str, str, Sequence[str]], Device | None]
"""The device with commands entered into one of its files; None where they can't be."""
Lines = Callable[[str, str], Sequence[str] | None]
"""The lines of a file of a device."""


@dataclass(slots=True)
class Struck:
    """The flows that one line hits, with their clients, the servers as aimed at, and these by their own addresses."""

    flows: set[str] = field(default_factory=set)
    clients: IntervalSet = EMPTY
    servers: IntervalSet = EMPTY
    own: IntervalSet = EMPTY

    def add(self, flow: str, drop: Drop, own: IntervalSet) -> None:
        """One more."""
        self.flows.add(flow)
        self.clients |= drop.affected.clients
        self.servers |= drop.affected.servers
        self.own |= own


Hit = tuple[str, Evidence, str, int]  # device, line, direction, family


@dataclass(slots=True)
class Clinic:
    """All flows of a run with their verdicts, and the means to try a change on them."""

    flows: Mapping[str, Flow]
    endpoints: Mapping[str, Endpoint]
    devices: Mapping[str, Device]
    verdicts: Mapping[str, FlowVerdict]
    edit: Edit
    lines: Lines
    simulated: int = 0
    _left_out: int = 0
    _edited: dict[object, Device | None] = field(default_factory=dict)
    _of_all: dict[object, Verdicts | None] = field(default_factory=dict)
    _shared: set[tuple[str, ...]] = field(default_factory=set)  # commands that many flows need
    _texts: dict[tuple[str, str], Sequence[str] | None] = field(default_factory=dict)
    _hits: dict[Hit, Struck] | None = None
    _worlds: dict[object, tuple[Topology, Walk]] = field(default_factory=dict)

    def remedies_of(self, name: str) -> FlowVerdict:
        """The flow's verdict with its remedies, where it breaks."""
        found = self.verdicts[name]
        if found.verdict is not Verdict.BREAKS:
            return found
        if self.simulated > MOST_SIMULATIONS or self._too_long(found):
            self._left_out += 1
            return found
        before = {key: one.verdict for key, one in self.verdicts.items()}
        flow = self.flows[name]
        groups = [self._rfc7383(flow, found), self._sizes(flow, found), self._devices(found)]
        return replace(found, remedies=remedies(found, before, groups, self.attempt))

    def notes(self) -> tuple[str, ...]:
        """A sentence on the flows for which no remedies were looked for."""
        if not self._left_out:
            return ()
        bounds = f"behind a config of more than {MOST_LINES} lines, or beyond {MOST_SIMULATIONS} simulations"
        return (f"flows that break and for which no remedies were looked for: {self._left_out} ({bounds})",)

    def _too_long(self, found: FlowVerdict) -> bool:
        """Whether a config on its paths is so long that simulating it again and again would take minutes."""
        names = {hop.device for path in found.paths for hop in path.path.hops}
        return any(self.devices[name].lines > MOST_LINES for name in names if name in self.devices)

    # ------------------------------------------------------------------------------------------------- trying

    def attempt(self, change: Change, name: str | None = None) -> Verdicts | None:
        """The verdict of one flow with a change, or with None of all that it touches; None where it can't be made. What
        is entered into devices for many flows is tried on all of them at once.
        """
        if not change.endpoints:
            key = tuple(sorted(change.commands.items()))
            if key in self._of_all:
                return self._of_all[key]
            if name is None or self._shared & set(change.commands.values()):
                self._of_all[key] = self._simulated(change, None)
                return self._of_all[key]
        return self._simulated(change, name)

    def _simulated(self, change: Change, name: str | None) -> Verdicts | None:
        devices = self._changed(change)
        if devices is None:
            return None
        flows = [self.flows[name]] if name else [flow for flow in self.flows.values() if self._touches(change, flow)]
        endpoints = {**self.endpoints, **change.endpoints}
        topology, walk = self._world(change, devices)
        self.simulated += len(flows)
        return {flow.name: flow_verdicts(flow, endpoints, topology, walk) for flow in flows}

    def _world(self, change: Change, devices: Mapping[str, Device]) -> tuple[Topology, Walk]:
        """What is worked out of the devices as a whole, kept for the changes that were tried last."""
        key = tuple(sorted(change.commands.items()))
        if key not in self._worlds:
            if len(self._worlds) >= MOST_WORLDS:
                del self._worlds[next(iter(self._worlds))]
            self._worlds[key] = Topology(devices), Walk(devices)
        return self._worlds[key]

    def _changed(self, change: Change) -> Mapping[str, Device] | None:
        """The devices with its commands entered, each text read once."""
        devices = dict(self.devices)
        for (device, file), commands in change.commands.items():
            key = (device, file, commands)
            if key not in self._edited:
                self._edited[key] = self.edit(device, file, commands)
            edited = self._edited[key]
            if edited is None:
                return None
            devices[device] = edited
        return devices

    def _touches(self, change: Change, flow: Flow) -> bool:
        if {*flow.senders, flow.receiver} & change.endpoints.keys():
            return True
        changed = {device for device, _ in change.commands}
        return any(hop.device in changed for path in self.verdicts[flow.name].paths for hop in path.path.hops)

    # ------------------------------------------------------------------------------------------------- the ends

    def _rfc7383(self, flow: Flow, found: FlowVerdict) -> list[Candidate]:
        """IKE fragmentation at each end that does not surely use it (RFC 7383 2.3: both must)."""
        if flow.kind != "ikev2" or flow.messages is not None:
            return []
        candidates = []
        for name in (*flow.senders, flow.receiver):
            for end in end_facts(flow, self.endpoints[name], self.devices, _leaving(found, name == flow.receiver)):
                if end.ike_fragmentation.options == (True,):
                    continue
                how = f": {end.fix}" if end.fix else ""
                step = RemedyStep(target=name, kind="endpoint", summary=f"let {name} use IKE fragmentation (RFC 7383)")
                endpoint = replace(self.endpoints[name], ike_fragmentation=(True,))
                narrow = _narrowest(found)[1]
                if narrow < max(end.ike_fragment_size.options):
                    endpoint = replace(endpoint, ike_fragment_size=narrow)
                    how = f", with fragments of at most {narrow} bytes of IP packet{how}"
                step = replace(step, summary=step.summary + how)
                candidates.append(Candidate(step=step, change=Change(endpoints={name: endpoint})))
                break
        return candidates

    def _sizes(self, flow: Flow, found: FlowVerdict) -> list[Candidate]:
        """EAP packets that leave each RADIUS message in one packet on this very path."""
        if flow.kind != "radius" or flow.messages is not None:
            return []
        family, mtu = _narrowest(found)
        room = mtu - IP_HEADER[family] - UDP_HEADER
        candidates = []
        systems = registry.systems()
        for name in flow.senders:
            if any(systems[system].eap_size_is_fixed for system in self.endpoints[name].systems):
                continue
            end = end_facts(flow, self.endpoints[name], self.devices, _leaving(found, False))[0]
            attributes = max(end.request_attributes.options)
            size = radius.largest_packet(attributes, room) - radius.EAP_TLS_HEADER
            words = f"let the EAP peers behind {name} send at most {size} bytes of TLS data in an EAP packet: "
            words += _sum(radius.access_request(size + radius.EAP_TLS_HEADER, attributes), family, mtu)
            words += f" ({end.fix})" if "fragment_size" in end.fix else ""
            candidates.append(_resized(self.endpoints[name], words, "eap_fragment_size", size))
        end = end_facts(flow, self.endpoints[flow.receiver], self.devices, _leaving(found, True))[0]
        attributes = max(end.challenge_attributes.options)
        size = radius.largest_packet(attributes, room) - radius.EAP_TLS_HEADER
        words = f"let {flow.receiver} send EAP packets of at most {size} bytes (Framed-MTU or fragment size): "
        words += _sum(radius.access_challenge(size + radius.EAP_TLS_HEADER, attributes), family, mtu)
        words += f" ({end.fix})" if end.fix else ""
        candidates.append(_resized(self.endpoints[flow.receiver], words, "framed_mtu", size))
        return [one for one in candidates if one is not None]

    # ---------------------------------------------------------------------------------------------- the devices

    def _devices(self, found: FlowVerdict) -> list[Candidate]:
        """For each line that drops, the first fix that takes its drop away."""
        candidates: dict[tuple[str, tuple[str, ...]], Candidate] = {}
        for path, message, drop in _dropping(found):
            for fix in _fixes(path, message, drop, self._struck(path, drop)):
                one = self._written(drop, fix)
                if one is None:
                    continue
                if len(self._struck(path, drop).flows) > MANY:
                    self._shared.add(one.step.commands)
                key = (one.step.target, one.step.commands)
                if key in candidates or self._helps(found, drop, one):
                    candidates.setdefault(key, one)
                    break
        return list(candidates.values())

    def _struck(self, path: PathVerdict, drop: Drop) -> Struck:
        """All that the line of a drop hits in that direction, over all flows that break: one cure is for all."""
        if self._hits is None:
            self._hits = {}
            for found in self.verdicts.values():
                if found.verdict is Verdict.BREAKS:
                    own = self.endpoints[self.flows[found.name].receiver].addresses
                    for on, _, hit in _dropping(found):
                        struck = self._hits.setdefault(_hit(on, hit), Struck())
                        struck.add(found.name, hit, own.get(on.path.family, hit.affected.servers))
        return self._hits[_hit(path, drop)]

    def _written(self, drop: Drop, fix: Fix) -> Candidate | None:
        """The fix in the device's own words."""
        device = self.devices[drop.loss.device]
        platform: Platform | None = registry.platforms().get(device.platform)
        place = (device.name, fix.line.file)
        if place not in self._texts:
            self._texts[place] = self.lines(*place)
        lines = self._texts[place]
        if platform is None or platform.curing is None or lines is None:
            return None
        commands = platform.curing().write(fix, lines)
        if commands is None:
            return None
        step = RemedyStep(
            target=device.name,
            kind="device",
            summary=commands.summary,
            commands=commands.lines,
            side_effects=commands.side_effects,
        )
        change = Change(commands=MappingProxyType({(device.name, fix.line.file): commands.lines}))
        return Candidate(step=step, change=change, widens=commands.widens)

    def _helps(self, found: FlowVerdict, drop: Drop, one: Candidate) -> bool:
        """Whether the drop is gone with it."""
        after = self.attempt(one.change, found.name)
        if after is None:
            return False
        place = next(place for place, other in certain_drops(found) if other.id == drop.id)
        return all(place != other for other, _ in certain_drops(after[found.name]))


def _leaving(found: FlowVerdict, back: bool) -> Path:
    way = "reverse" if back else "forward"
    return next((path.path for path in found.paths if path.path.direction == way), found.paths[0].path)


def _dropping(found: FlowVerdict) -> Iterator[tuple[PathVerdict, MessageVerdict, Drop]]:
    for path in found.paths:
        for message in path.messages:
            if not message.message.probe:
                yield from ((path, message, d) for d in message.drops if d.loss.certain and d.loss.evidence)


def _hit(path: PathVerdict, drop: Drop) -> Hit:
    return drop.loss.device, drop.loss.evidence[0], path.path.direction, path.path.family


def _fixes(path: PathVerdict, message: MessageVerdict, drop: Drop, struck: Struck) -> Iterator[Fix]:
    """What might take a drop away, the narrowest first. Behind a translation the ends have other addresses."""
    line, loss = drop.loss.evidence[0], drop.loss
    if loss.cause == "fragment-policy":
        yield TakeAway(line=line)
    elif loss.cause == "reassembly":
        count = max((len(packets) for _, packets in message.datagrams), default=2)
        yield RaiseLimit(line=line, fragments=max(count, 24))
    elif loss.cause == "filter" and loss.packet.fragment:
        family = path.path.family
        for servers in dict.fromkeys((struck.servers, struck.own)):
            ends = (_few(struck.clients), _few(servers))
            if ends == (None, None):
                continue  # an entry for all would be no entry but a hole
            there = path.path.direction == "forward"
            yield PermitFragments(
                family=family, line=line, sources=ends[0 if there else 1], destinations=ends[1 if there else 0]
            )


def _few(values: IntervalSet) -> IntervalSet | None:
    return values if len(list(values)) <= MOST_RANGES else None


def _narrowest(found: FlowVerdict) -> tuple[Family, int]:
    """Family and smallest MTU of the flow's paths, bytes of IP packet: of the ends' own links, the hops, and what
    packets were too big for (a tunnel's way, say).
    """
    mtus = [(mtu, path.path.family) for path in found.paths for mtu in _mtus(path)]
    mtu, family = min(mtus, default=(ETHERNET, 4))
    return family, min(mtu, ETHERNET)


def _mtus(path: PathVerdict) -> Iterator[int]:
    for hop in path.path.hops:
        yield from (mtu for mtu in (hop.mtu, hop.route_mtu, hop.opaque.mtu if hop.opaque else None) if mtu)
    for message in path.messages:
        for ending in message.trace.endings:
            yield ending.sent.mtu
            yield from (loss.mtu for loss in (*ending.losses, *ending.first_losses) if loss.mtu)


def _sum(message: radius.RadiusMessage, family: Family, mtu: int) -> str:
    """The arithmetic, in words: what the message is made of, and the link that it fits."""
    lines = [f"{line.bytes} ({line.what})" for line in message.lines]
    return f"{' + '.join(lines)} + {IP_HEADER[family] + UDP_HEADER} (IP and UDP) fit {mtu}"


def _resized(
    endpoint: Endpoint, words: str, key: Literal["framed_mtu", "eap_fragment_size"], size: int
) -> Candidate | None:
    if size < 256:
        return None
    changed = replace(endpoint, framed_mtu=size) if key == "framed_mtu" else replace(endpoint, eap_fragment_size=size)
    step = RemedyStep(target=endpoint.name, kind="endpoint", summary=words)
    return Candidate(step=step, change=Change(endpoints={endpoint.name: changed}))
