"""The trace for people: one flow, hop by hop and stage by stage, in 100 columns."""

from collections.abc import Iterable, Iterator, Sequence

from auditor.model.evidence import Evidence
from auditor.model.findings import FlowVerdict, MessageVerdict, PathVerdict, Report
from auditor.model.packets import Packet
from auditor.model.paths import Doubt, Path, PathHop
from auditor.model.trace import Ending, Loss, Step, Tag
from auditor.report.branches import Branch, branches, sized
from auditor.report.causes import without_line
from auditor.report.groups import dependence_text, place, told
from auditor.report.lines import capped, counted, hanging, labelled, padded
from auditor.report.packets import LEGEND, region_text, train_text
from auditor.report.shown import shown

MOST_BRANCHES = 8  # of one message
MOST_LINES = 6  # of one step
MOST_PARTS = 3  # parts of the addresses, or combinations of conditions, of one branch
MOST_WORDS = 20  # entries of a flow's lists


def trace_text(report: Report) -> str:
    """The traces of a report's flows for people."""
    lines = [*hanging(f"fragaudit {report.version}  ", f"inventory {shown(report.inventory)}"), LEGEND]
    for flow in report.flows:
        lines += ["", *_flow(flow)]
    if not report.flows:
        lines += ["", "There is no flow."]
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _flow(flow: FlowVerdict) -> Iterator[str]:
    ends = f"{shown(flow.sender)} > {shown(flow.receiver)} ({shown(flow.kind)})"
    yield from hanging(f"{flow.verdict.upper():<9}", f"{shown(flow.name)}  {ends}")
    if flow.reason:
        yield from labelled("why", shown(flow.reason))
    for label, texts in (
        ("depends", [dependence_text(one) for one in flow.depends_on]),
        ("declared", [shown(text) for text in flow.declared]),
        ("inferred", [shown(text) for text in flow.inferred]),
        ("closed", [shown(text) for text in flow.closed_to]),
    ):
        yield from _listed(label, texts, MOST_WORDS)
    for path in flow.paths:
        yield ""
        yield from _path(path)


def _listed(label: str, texts: Sequence[str], most: int, indent: int = 2) -> Iterator[str]:
    first, rest = capped(texts, most)
    for number, text in enumerate([*first, *([rest] if rest else [])]):
        yield from labelled("" if number else label, text, indent)


def _path(path: PathVerdict) -> Iterator[str]:
    what = f"path {shown(path.id)}  {path.path.direction}, IPv{path.path.family}"
    yield from hanging(f"{path.verdict.upper():<9}", what)
    hops = [_hop(hop) for hop in path.path.hops] or ["none"]
    yield from _listed("hops", [f"{number} {text}" for number, text in enumerate(hops, 1)], 100)
    yield from _path_doubts(path.path)
    for message in path.messages:
        yield ""
        yield from _message(message, path.path)


def _hop(hop: PathHop) -> str:
    if hop.opaque is not None:
        mtu = f", MTU {hop.opaque.mtu}" if hop.opaque.mtu is not None else ""
        return f"{shown(hop.device)} (opaque: fragments {hop.opaque.fragments}{mtu})"
    sides = f"{shown(hop.ingress or 'itself')} > {shown(hop.egress or 'itself')}"
    vrf = f", VRF {shown(hop.vrf)}" if hop.vrf != "default" else ""
    mtu = f", MTU {hop.mtu}" if hop.mtu is not None else ""
    return f"{shown(hop.device)} ({sides}{vrf}{mtu})"


def _path_doubts(path: Path) -> Iterator[str]:
    for doubt in path.doubts:
        yield from _doubt(doubt, 2)
    for detour in path.detours:
        text = f"{shown(detour.device)} sends to {shown(detour.routed)}, the path says {shown(detour.claimed)}"
        yield from labelled("detour", text)
        yield from _lines(detour.evidence, 11)
    if path.dead_end is not None:
        yield from labelled("ends", f"{shown(path.dead_end.device)}: {shown(path.dead_end.reason)}")
        yield from _lines(path.dead_end.evidence, 11)


def _doubt(doubt: Doubt, indent: int) -> Iterator[str]:
    yield from labelled("unknown", shown(told(doubt.device, doubt.reason)), indent)
    yield from _lines(doubt.evidence, indent + 9)


def _lines(evidence: Sequence[Evidence], indent: int, more: int = 0) -> Iterator[str]:
    first, _ = capped(evidence, MOST_LINES)
    rest = len(evidence) - len(first) + more
    for one in first:
        yield from hanging(" " * indent, f"{place(one)}  {shown(one.text.strip())}".rstrip())
    if rest:
        yield " " * indent + f"and {rest} more"


def _message(message: MessageVerdict, path: Path) -> Iterator[str]:
    sent = message.message
    small = "  (tells blocked from breaks)" if sent.probe else ""
    what = f"{shown(sent.name)}  {counted(sum(sent.payloads), 'byte')} to UDP {sent.port}{small}"
    yield from hanging(f"  {message.verdict.upper():<9}", what)
    if not message.trace.endings:
        yield from labelled("", "nothing of it gets through: not even a small datagram does", 4)
        return
    endings, same = sized(message.trace.endings)
    found = branches(endings)
    first, rest = capped(found, MOST_BRANCHES)
    for number, branch in enumerate(first, 1):
        if len(found) > 1:
            yield from hanging(f"    {number} of {len(found)}: ", _branch_words(branch, message, path))
        yield from _ending(branch.ending, " (with DF or without)" if branch.either_df else "")
    if rest:
        yield f"    {rest}"
    for tag in same:
        yield from labelled("", f"the same happens with {shown(tag.choice.fact)}: {shown(tag.option)}", 4)


def _branch_words(branch: Branch, message: MessageVerdict, path: Path) -> str:
    """Which part of the addresses fares so, and under which conditions."""
    whole = branch.regions == (message.trace.asked,)
    texts = [region_text(path.family, region, message.message.direction) for region in branch.regions[:MOST_PARTS]]
    rest = len(branch.regions) - MOST_PARTS
    where = "all addresses" if whole else "; ".join(texts) + (f" and {rest} more parts" if rest > 0 else "")
    found = [_conditions(tags) for tags in branch.conditions if tags]
    if not found or len(found) < len(branch.conditions):
        return where
    more = len(found) - MOST_PARTS
    return f"{where}; if {'; or if '.join(found[:MOST_PARTS])}" + (f"; or {more} more ways" if more > 0 else "")


def _conditions(tags: Iterable[Tag]) -> str:
    return " and ".join(
        f"{shown(tag.choice.device) + ', ' if tag.choice.device else ''}{shown(tag.choice.fact)}: {shown(tag.option)}"
        for tag in tags
    )


def _ending(ending: Ending, flags: str) -> Iterator[str]:
    if ending.tries > 1:
        yield from _losses("try 1", ending.first_losses)
        yield from labelled("", "the ICMP error about it gets back to the sender", 4)
        for step in ending.feedback:
            yield from _step(step)
        yield from labelled(f"try {ending.tries}", train_text(ending.departed), 4)
    else:
        yield from labelled("sent", train_text(ending.departed) + flags, 4)
    for step in ending.steps:
        yield from _step(step)
    yield from _losses("lost", ending.losses)
    if ending.blocked_errors:
        yield from labelled("", "the ICMP error about it does not get back:", 4)
        if ending.tries == 1:
            for step in ending.feedback:
                yield from _step(step)
        yield from _losses("", ending.blocked_errors)
    for doubt in ending.doubts:
        yield from _doubt(doubt, 4)
    whole = "the message is whole" if ending.complete else "the message is not whole"
    yield from labelled("arrives", f"{train_text(ending.arrived)}: {whole}", 4)


def _step(step: Step) -> Iterator[str]:
    """What a stage did; the packets where it changed them."""
    at = f"{shown(step.device)} {shown(step.interface)}" if step.interface else shown(step.device)
    head = f"      {step.hop + 1} {padded(f'{at}, {step.stage}:', 44)}"
    yield from hanging(head, shown(step.did) + (f", now {shown(step.header)}" if step.header else ""))
    if step.before != step.after:
        yield from hanging(" " * 10, f"{train_text(step.before)} -> {train_text(step.after)}")
    yield from _lines(step.evidence, 10, step.more)


def _losses(label: str, losses: Sequence[Loss]) -> Iterator[str]:
    """What was lost; packets that died of the same in one line."""
    packets: dict[str, list[Packet]] = {}
    for loss in losses:
        doubt = "" if loss.certain else f"; not certain: {shown(loss.why)}" if loss.why else "; not certain"
        line = f" [{place(loss.evidence[0])}]" if loss.evidence else ""
        text = f"at {shown(loss.device)}, {loss.stage}: {shown(without_line(loss))}{doubt}{line}"
        packets.setdefault(text, []).append(loss.packet)
    for number, (text, lost) in enumerate(packets.items()):
        yield from labelled("" if number else label, f"{train_text(tuple(dict.fromkeys(lost)))} {text}", 4)
