"""The trace, ``fragaudit.trace/1``: every branch of every message, hop by hop and stage by stage."""

from collections.abc import Iterable

from auditor.model.addresses import Family
from auditor.model.findings import FlowVerdict, MessageVerdict, PathVerdict, Report
from auditor.model.packets import Direction, Packet, SizeLine
from auditor.model.trace import Ending, Loss, Sending, Step, Tag
from auditor.report import document, values
from auditor.report.document import Json
from auditor.report.json_report import flow_head, message_head, path_doubts, path_head
from auditor.report.shown import escaped, shown
from auditor.report.story import trace_text

__all__ = ["trace_dict", "trace_json", "trace_text"]


def trace_json(report: Report) -> str:
    """The traces of a report's flows as text."""
    return document.text(trace_dict(report))


def trace_dict(report: Report) -> dict[str, Json]:
    """The traces of a report's flows as a JSON document."""
    return {
        **document.head("trace", report.version),
        "inventory": shown(report.inventory),
        "flows": [_flow(flow) for flow in report.flows],
    }


def _flow(flow: FlowVerdict) -> dict[str, Json]:
    return {**flow_head(flow), "reason": shown(flow.reason), "paths": [_path(path) for path in flow.paths]}


def _path(path: PathVerdict) -> dict[str, Json]:
    messages = [_message(message, path.path.family) for message in path.messages]
    return {**path_head(path), **path_doubts(path.path), "messages": messages}


def _message(message: MessageVerdict, family: Family) -> dict[str, Json]:
    direction = message.message.direction
    return {
        **message_head(message),
        "direction": direction,
        "probe": message.message.probe,
        "size": [_size(line) for line in message.message.lines],
        "asked": values.full_region(family, message.trace.asked, direction),
        "reached": [values.full_region(family, region, direction) for region in message.reached],
        "closed": [values.full_region(family, region, direction) for region in message.closed],
        "endings": [_ending(ending, direction) for ending in message.trace.endings],
    }


def _size(line: SizeLine) -> dict[str, Json]:
    return {"what": escaped(line.what), "bytes": line.bytes, "source": escaped(line.source)}


def _ending(ending: Ending, direction: Direction) -> dict[str, Json]:
    return {
        "region": values.full_region(ending.family, ending.region, direction),
        "conditions": [_condition(tag) for tag in ending.tags],
        "sent": _sent(ending.sent),
        "departed": _packets(ending.departed),
        "steps": [_step(step) for step in ending.steps],
        "losses": [_loss(loss) for loss in ending.losses],
        "doubts": [values.doubt(one) for one in ending.doubts],
        "arrived": _packets(ending.arrived),
        "complete": ending.complete,
        "tries": ending.tries,
        "first_losses": [_loss(loss) for loss in ending.first_losses],
        "feedback": [_step(step) for step in ending.feedback],
        "blocked_errors": [_loss(loss) for loss in ending.blocked_errors],
    }


def _condition(tag: Tag) -> dict[str, Json]:
    choice = tag.choice
    return {
        "fact": shown(choice.fact),
        "device": shown(choice.device),
        "kind": choice.kind,
        "basis": str(choice.basis),
        "option": shown(tag.option),
        "options": [shown(option) for option in choice.options],
        "source": shown(choice.source),
        "evidence": values.evidence(choice.evidence),
    }


def _sent(sending: Sending) -> dict[str, Json]:
    return {"payloads": list(sending.payloads), "df": sending.df, "mtu": sending.mtu}


def _packets(packets: Iterable[Packet]) -> list[Json]:
    return [values.numbered(packet) for packet in packets]


def _step(step: Step) -> dict[str, Json]:
    return {
        "hop": step.hop,
        "device": shown(step.device),
        "interface": values.optional(step.interface),
        "stage": str(step.stage),
        "did": shown(step.did),
        "before": _packets(step.before),
        "after": _packets(step.after),
        "header": shown(step.header),
        "evidence": values.evidence(step.evidence),
        "more": step.more,
    }


def _loss(loss: Loss) -> dict[str, Json]:
    return {
        "device": shown(loss.device),
        "hop": loss.hop,
        "interface": values.optional(loss.interface),
        "stage": str(loss.stage),
        "cause": loss.cause,
        "packet": values.numbered(loss.packet),
        "reason": shown(loss.reason),
        "basis": str(loss.basis),
        "certain": loss.certain,
        "why": shown(loss.why),
        "mtu": loss.mtu,
        "limit": loss.limit,
        "evidence": values.evidence(loss.evidence),
    }
