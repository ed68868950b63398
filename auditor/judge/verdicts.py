"""From talks to verdicts: of a message, a path, a flow (contract 4)."""

from collections.abc import Iterable, Sequence

from auditor.judge.drops import drops
from auditor.judge.fold import dependences, fate, fold, probe_fate
from auditor.model.addresses import PORTS, port_text, range_texts
from auditor.model.evidence import Evidence
from auditor.model.findings import (
    Dependence,
    FlowVerdict,
    MessageVerdict,
    PathVerdict,
    Verdict,
    worst,
)
from auditor.model.flows import Flow
from auditor.model.packets import Packet
from auditor.model.paths import Doubt, Path
from auditor.model.trace import Ending, Region, Talk

NOBODY = "no address of an end of the flow is left on this path"
MOST_ENTRIES = 20  # lines named as having decided a message


def message_verdict(talk: Talk, first_drop: int) -> MessageVerdict:
    """The verdict of one message on one path. Drop ids count from ``first_drop``.

    Parts that small datagrams certainly don't reach are closed on purpose and don't decide; where they reach none, the
    message is blocked.
    """
    trace = talk.trace
    message = trace.message
    judge = probe_fate if message.probe else fate
    counted = _within(trace.endings, talk.reached) if message.probe and talk.reached else trace.endings
    verdict = fold(counted, judge) if talk.reached else Verdict.BLOCKED
    doubts = tuple(dict.fromkeys(doubt for ending in counted for doubt in ending.doubts))
    if not (trace.asked.clients and trace.asked.servers):
        verdict, doubts = Verdict.UNKNOWN, (*doubts, Doubt(device="", reason=NOBODY))
    detoured = worst([verdict, Verdict.AT_RISK]) if trace.path.detours or _split_up(trace.path, counted) else verdict
    return MessageVerdict(
        message=message,
        verdict=detoured,
        trace=trace,
        datagrams=datagrams(counted),
        decided_by=_deciders(counted),
        drops=drops(counted, probe=message.probe, first=first_drop),
        depends_on=dependences(counted, judge) if talk.reached else (),
        doubts=doubts,
        closed=talk.closed,
        reached=talk.reached,
    )


def _within(endings: Iterable[Ending], regions: Sequence[Region]) -> tuple[Ending, ...]:
    """The endings that concern the regions."""
    return tuple(ending for ending in endings if any(ending.region & region for region in regions))


def datagrams(endings: Sequence[Ending]) -> tuple[tuple[int, tuple[Packet, ...]], ...]:
    """What left the sender in the first branch: each datagram's bytes, and its packets."""
    if not endings:
        return ()
    packets: dict[int, list[Packet]] = {}
    for packet in endings[0].departed:
        packets.setdefault(packet.datagram, []).append(packet)
    header = 20 if endings[0].family == 4 else 40
    return tuple((header + 8 + endings[0].sent.payloads[number - 1], tuple(found)) for number, found in packets.items())


def _deciders(endings: Iterable[Ending]) -> tuple[Evidence, ...]:
    """The lines that let the packets pass or dropped them, in the order of the way."""
    found: dict[Evidence, None] = {}
    for ending in endings:
        for step in ending.steps:
            found.update(dict.fromkeys(step.evidence))
            if len(found) >= MOST_ENTRIES:
                return tuple(found)[:MOST_ENTRIES]
    return tuple(found)


def _split_up(path: Path, endings: Iterable[Ending]) -> bool:
    """Whether fragments of a message may take different ways before a hop that joins them (contract 4, at-risk)."""
    split = next((at for at, hop in enumerate(path.hops) if hop.split), None)
    if split is None:
        return False
    joins = ("reassembled", "seen as a set")
    return any(step.hop > split and step.did in joins for ending in endings for step in ending.steps)


def path_verdict(name: str, path: Path, talks: Sequence[Talk], first_drop: int) -> PathVerdict:
    """The verdict of a path: the worst of its messages."""
    messages: list[MessageVerdict] = []
    for talk in talks:
        found = message_verdict(talk, first_drop)
        first_drop += len(found.drops)
        messages.append(found)
    return PathVerdict(id=name, path=path, verdict=worst([m.verdict for m in messages]), messages=tuple(messages))


def flow_verdict(
    flow: Flow,
    paths: Sequence[PathVerdict],
    declared: Sequence[str],
    inferred: Sequence[str],
    reason: str = "",
    verdict: Verdict = Verdict.UNKNOWN,
) -> FlowVerdict:
    """The verdict of a flow: the worst of its paths; ``verdict`` where it has none."""
    messages = [message for path in paths for message in path.messages]
    verdict = worst([path.verdict for path in paths]) if paths else verdict
    return FlowVerdict(
        name=flow.name,
        kind=flow.kind,
        sender=", ".join(flow.senders),
        receiver=flow.receiver,
        verdict=verdict,
        paths=tuple(paths),
        closed_to=_closed(paths),
        depends_on=_merged(dependence for message in messages for dependence in message.depends_on),
        declared=tuple(dict.fromkeys(declared)),
        inferred=tuple(dict.fromkeys(inferred)),
        reason=reason,
    )


def _closed(paths: Sequence[PathVerdict]) -> tuple[str, ...]:
    """The parts of the flow's addresses that no small datagram gets through, as texts."""
    texts: dict[str, None] = {}
    for path in paths:
        for message in path.messages:
            if message.probe_blocks:
                continue
            for region in message.closed:
                for text in range_texts(path.path.family, region.clients):
                    texts[text + _ports_words(region, message)] = None
    return tuple(texts)


def _ports_words(region: Region, message: MessageVerdict) -> str:
    asked = message.trace.asked
    all_ports = region.client_ports in (PORTS, asked.client_ports)
    words = "" if all_ports else f" source ports {port_text(region.client_ports)}"
    return f"{words} (UDP {port_text(region.server_ports)})"


def _merged(found: Iterable[Dependence]) -> tuple[Dependence, ...]:
    """Each fact once; per value the worst of what the messages say."""
    facts: dict[tuple[str, str], Dependence] = {}
    for one in found:
        known = facts.get((one.device, one.fact))
        if known is None:
            facts[one.device, one.fact] = one
            continue
        values = dict.fromkeys([*known.verdicts, *one.verdicts])
        verdicts = {value: worst([d.verdicts[value] for d in (known, one) if value in d.verdicts]) for value in values}
        facts[one.device, one.fact] = Dependence(
            fact=one.fact, device=one.device, basis=one.basis, verdicts=verdicts, evidence=one.evidence
        )
    return tuple(facts.values())


def doubts_of(paths: Sequence[PathVerdict]) -> tuple[Doubt, ...]:
    """All doubts on a flow's paths, each once."""
    return tuple(dict.fromkeys(doubt for path in paths for message in path.messages for doubt in message.doubts))
