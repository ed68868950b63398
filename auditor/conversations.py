"""The corridor for one flow: its ends, its pairs of paths, its messages on them, its verdict."""

from collections.abc import Iterable, Mapping, Sequence

from auditor import registry
from auditor.judge.verdicts import flow_verdict, path_verdict
from auditor.messages.ends import EndFacts, ends
from auditor.messages.sendings import Exchange, exchanges
from auditor.model.addresses import IntervalSet
from auditor.model.device import Device, Speaker
from auditor.model.evidence import Basis, Evidence, Fact
from auditor.model.findings import FlowVerdict, PathVerdict, Verdict
from auditor.model.flows import Endpoint, Flow
from auditor.model.paths import Path
from auditor.model.trace import Talk
from auditor.simulate.conversation import Conversation, Ports
from auditor.simulate.journey import Link
from auditor.simulate.walk import Walk
from auditor.topology import Topology

OVER_TLS = "RADIUS over TLS runs on TCP: there is no datagram to judge"
ANY_PORT = IntervalSet.of((1, 65535))
HIGH_PORTS = IntervalSet.of((1024, 65535))


def flow_verdicts(flow: Flow, endpoints: Mapping[str, Endpoint], topology: Topology, walk: Walk) -> FlowVerdict:
    """The verdict of a flow with its paths, each forward path once and each return path with its forward one."""
    if flow.kind == "radius" and flow.transport == "tls":
        return flow_verdict(flow, (), (), (), reason=OVER_TLS, verdict=Verdict.PASSES)
    paths: list[PathVerdict] = []
    seen: dict[tuple[str, Path], None] = {}
    counts: dict[tuple[int, str], int] = {}
    first_drop = 1
    for pair in topology.pairs(flow, endpoints):
        talk = _conversation(flow, endpoints, pair.sender, pair.forward, pair.reverse, walk)
        sides: list[tuple[Path, Sequence[Talk]]] = []
        if (pair.sender, pair.forward) not in seen:
            seen[pair.sender, pair.forward] = None
            sides.append((pair.forward, talk.forward_talks()))
        if pair.reverse is not None:
            sides.append((pair.reverse, talk.reverse_talks()))
        for path, talks in sides:
            if not talks:
                continue
            number = counts[path.family, path.direction] = counts.get((path.family, path.direction), 0) + 1
            name = f"{flow.name}/{path.family}/{path.direction}/{number}"
            paths.append(path_verdict(name, path, talks, first_drop))
            first_drop += sum(len(message.drops) for message in paths[-1].messages)
    return flow_verdict(flow, paths, declared(flow, endpoints, paths), inferred(paths, walk.devices))


def _conversation(
    flow: Flow, endpoints: Mapping[str, Endpoint], sender: str, forward: Path, reverse: Path | None, walk: Walk
) -> Conversation:
    client, server = endpoints[sender], endpoints[flow.receiver]
    senders = end_facts(flow, client, walk.devices, forward)
    receivers = end_facts(flow, server, walk.devices, reverse or forward)
    found: tuple[Exchange, ...] = exchanges(flow, senders, receivers, forward.family)
    return Conversation(
        walk=walk,
        forward=forward,
        reverse=reverse,
        client=link(client),
        server=link(server),
        ports=source_ports(flow, client, forward),
        exchanges=found,
    )


def end_facts(flow: Flow, endpoint: Endpoint, devices: Mapping[str, Device], away: Path) -> tuple[EndFacts, ...]:
    """What is known of one end: the user's keys, its system, or the config of the device that it is.

    ``away`` is the path by which its own messages leave.
    """
    first = away.hops[0] if away.hops and away.hops[0].role == "local-out" else None
    device = devices.get(first.device if first else endpoint.device or "")
    speaker = _speaker(device, flow) if device else None
    mtu: Fact[int] | None = None
    if device is not None and first is not None:
        interface = device.interface(first.egress or "")
        fact = interface.mtu.get(away.family) if interface else None
        if fact is not None and fact.value is not None and fact.basis.decides:
            mtu = Fact(value=fact.value, basis=fact.basis, evidence=fact.evidence)
    return ends(endpoint, registry.systems(), speaker, mtu)


def _speaker(device: Device, flow: Flow) -> Speaker | None:
    kind = "ikev2" if flow.kind == "ikev2" else "radius-client"
    return next((speaker for speaker in device.speakers if speaker.kind == kind), None)


def link(endpoint: Endpoint) -> Link:
    """The endpoint's own link, where the user said what it carries. Of several values the smallest bounds."""
    origin = endpoint.origin
    evidence = (Evidence(file=origin.file, line=origin.line, text=f"{endpoint.name}:"),)
    mtu = min(endpoint.mtus) if endpoint.mtu_said and endpoint.device is None else None
    return Link(name=endpoint.name, mtu=mtu, evidence=evidence)


def source_ports(flow: Flow, client: Endpoint, path: Path) -> Ports:
    """The client's source ports (contract 3): any behind a prefix, since a NAT may stand before it."""
    if client.internet or path.clients.size > 1:
        return Ports(usual=ANY_PORT)
    return Ports(usual=HIGH_PORTS, same_as_destination=flow.kind == "ikev2")


def declared(flow: Flow, endpoints: Mapping[str, Endpoint], paths: Iterable[PathVerdict]) -> list[str]:
    """What the verdict rests on because the user said so: opaque hops, and keys of the endpoints."""
    found: dict[str, None] = {}
    for path in paths:
        for hop in path.path.hops:
            if hop.opaque is not None:
                said = [f"fragments {hop.opaque.fragments}"] if hop.opaque.fragments != "unknown" else []
                said += [f"MTU {hop.opaque.mtu}"] if hop.opaque.mtu is not None else []
                said += [f"ICMP errors {hop.opaque.icmp_errors}"] if hop.opaque.icmp_errors != "unknown" else []
                if said:
                    found[f"opaque hop {hop.device}: {', '.join(said)} ({hop.opaque.origin})"] = None
    for name in (*flow.senders, flow.receiver):
        one = endpoints[name]
        said = [f"system {', '.join(one.systems)}"] if one.systems else []
        said += [f"mtu {', '.join(map(str, one.mtus))}"] if one.mtu_said else []
        said += [f"ike_fragmentation {', '.join(map(str, one.ike_fragmentation))}"] if one.ike_fragmentation else []
        said += [f"df {one.df}"] if one.df is not None else []
        said += [f"framed_mtu {one.framed_mtu}"] if one.framed_mtu is not None else []
        said += [f"eap_fragment_size {one.eap_fragment_size}"] if one.eap_fragment_size is not None else []
        if said:
            found[f"endpoint {name}: {', '.join(said)} ({one.origin})"] = None
    return list(found)


def inferred(paths: Iterable[PathVerdict], devices: Mapping[str, Device]) -> list[str]:
    """The inferred facts of the devices that a verdict's packets met."""
    found: dict[str, None] = {}
    for path in paths:
        for hop in path.path.hops:
            device = devices.get(hop.device)
            for row in device.reassembly if device else ():
                on_path = row.interface in (None, hop.ingress, hop.egress)
                if on_path and row.active.basis is Basis.INFERRED:
                    found[f"{hop.device}: reassembles fragments, by {row.active.source}"] = None
    return list(found)
