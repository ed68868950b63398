"""What the auditor says of a world: its inventory written out, audited, and read back as pieces on links."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from auditor.audit import audit, load
from auditor.model.addresses import parse_address
from auditor.model.findings import MessageVerdict, PathVerdict, Report, Verdict
from auditor.model.packets import Direction
from auditor.model.trace import Ending, Region
from tests.lab.traffic import Piece
from tests.lab.world import CLIENT, SERVER, World, address

PORT = 5555  # of s, where a case names no other


@dataclass(frozen=True)
class Datagram:
    """A datagram of a case: ``payload`` bytes of UDP, from c or as an answer of s, DF false, true or pmtud."""

    payload: int
    direction: Direction = "forward"
    df: str = "false"

    @property
    def name(self) -> str:
        """Its message in paths.yaml."""
        return f"{self.direction} {self.payload} {self.df}"


ALL = tuple(
    Datagram(payload, direction, df)
    for direction in ("forward", "reverse")
    for payload in (100, 1422, 1972, 3972)
    for df in ("false", "true")
)


@dataclass(frozen=True)
class Possible:
    """One way in which a datagram may fare: pieces on each link, in their order. ``sure`` says nothing is doubtful."""

    links: Mapping[int, tuple[Piece, ...]]
    arrives: bool
    tries: int
    sure: bool
    refused: bool
    words: str
    path: str = ""


@dataclass(frozen=True)
class Predicted:
    """All ways in which one message may fare, and the verdict on it.

    ``closed``: not even a small one arrives. ``in_parts``: other addresses, ports or ways of the flow fare otherwise,
    and the verdict is the worst of all.
    """

    verdict: Verdict
    ways: tuple[Possible, ...]
    words: str
    closed: bool = False
    in_parts: bool = False


def paths_yaml(world: World, datagrams: Iterable[Datagram], ports: Sequence[int] = (PORT,), published: str = "") -> str:
    """The flows of a case: one for each of s's ports. ``published`` is s's address where a hop translates it."""
    lines = ["version: 1", "endpoints:"]
    for name in (CLIENT, SERVER):
        number, end, mtu = world.interfaces(name)[0]
        addresses = [address(4, number, end)] if published else [address(4, number, end), address(6, number, end)]
        more = f", published: {published}" if published and name == SERVER else ""
        lines.append(f"  {name}: {{address: {json.dumps(addresses)}, mtu: {mtu}{more}}}")
    lines.append("flows:")
    for port in ports:
        lines += [f"  - name: lab-{port}", "    kind: custom", f"    from: {CLIENT}", f"    to: {SERVER}"]
        lines += [f"    port: {port}", "    messages:"]
        for one in datagrams:
            df = '"pmtud"' if one.df == "pmtud" else one.df
            said = f"name: {one.name}, direction: {one.direction}, payload: {one.payload}, df: {df}"
            lines.append(f"      - {{{said}}}")
    return "\n".join(lines) + "\n"


def report(folder: Path) -> Report:
    """The audit of a folder."""
    return audit(load(folder))


def predicted(found: Report, port: int, family: int, one: Datagram, client: str, source_port: int) -> Predicted:
    """What the report says of a datagram between certain addresses and ports."""
    (flow,) = (flow for flow in found.flows if flow.name == f"lab-{port}")
    paths = [path for path in flow.paths if path.path.family == family and path.path.direction == one.direction]
    at = parse_address(client)[1]
    ways: list[Possible] = []
    verdicts: list[Verdict] = []
    words: list[str] = []
    for path in paths:
        for message in _messages(path, one.name):
            verdicts.append(message.verdict)
            words += [f"{doubt.device}: {doubt.reason}" for doubt in message.doubts]
            ways += _ways(path, message, at, source_port)
    worst = max(verdicts, key=lambda verdict: verdict.rank, default=Verdict.BLOCKED)
    closed = not verdicts or any(
        _holds(region, at, source_port) for path in paths for m in _messages(path, one.name) for region in m.closed
    )
    parts = {e.region for path in paths for m in _messages(path, one.name) for e in m.trace.endings}
    said = "; ".join(words) or flow.reason
    return Predicted(
        verdict=worst, ways=tuple(ways), words=said, closed=closed, in_parts=len(parts) > 1 or len(paths) > 1
    )


def _messages(path: PathVerdict, name: str) -> Iterator[MessageVerdict]:
    return (message for message in path.messages if message.message.name == name)


def _ways(path: PathVerdict, message: MessageVerdict, client: int, port: int) -> Iterator[Possible]:
    doubts = [f"{doubt.device}: {doubt.reason}" for doubt in path.path.doubts]
    for ending in message.trace.endings:
        if not _holds(ending.region, client, port):
            continue
        unsure = [*doubts, *(f"{d.device}: {d.reason}" for d in ending.doubts)]
        unsure += [f"{loss.device}: {loss.why}" for loss in ending.losses if not loss.certain]
        yield Possible(
            links=dict(_links(path, ending)),
            arrives=ending.complete,
            tries=ending.tries,
            sure=not unsure,
            refused=any(loss.cause == "receive" for loss in ending.losses),
            words="; ".join([*unsure, *(f"{tag.choice.fact}: {tag.option}" for tag in ending.tags)]),
            path=path.id,
        )


def _holds(region: Region, client: int, port: int) -> bool:
    return client in region.clients and port in region.client_ports


def _links(path: PathVerdict, ending: Ending) -> Iterator[tuple[int, tuple[Piece, ...]]]:
    """The pieces on every link. An interface's name is lN, and N is the link's number."""
    hops = path.path.hops
    packets = tuple(p for p in ending.departed if not _refused(ending, p))
    if hops and hops[0].ingress:
        yield int(hops[0].ingress[1:]), tuple(Piece(p.offset, p.bytes, p.more, p.df) for p in packets)
    for index, hop in enumerate(hops):
        for step in ending.steps:
            if step.hop == index:
                packets = step.after
        if hop.egress:
            yield int(hop.egress[1:]), tuple(Piece(p.offset, p.bytes, p.more, p.df) for p in packets)


def _refused(ending: Ending, packet: object) -> bool:
    return any(loss.packet == packet and loss.cause == "receive" for loss in ending.losses)
