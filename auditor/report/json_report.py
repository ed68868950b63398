"""The JSON report, ``fragaudit.report/1``, key by key as contract 5 has it.

Keys that the contract does not have stand behind those that it has: ``reason`` and ``cures`` of a flow; ``doubts``,
``detours`` and ``dead_end`` of a path; ``direction``, ``probe`` and ``doubts`` of a message; ``certain`` and ``why`` of
a drop; ``cure`` of a finding; ``notes`` and ``has_paths`` of the report.
"""

from auditor.model.findings import (
    DeviceSummary,
    Drop,
    Finding,
    FlowVerdict,
    MessageVerdict,
    PathVerdict,
    Report,
    Unknown,
    Verdict,
)
from auditor.model.packets import Direction
from auditor.model.paths import Path
from auditor.model.remedies import Remedy
from auditor.report import document, values
from auditor.report.document import Json
from auditor.report.shown import shown


def json_report(report: Report) -> str:
    """The report as text."""
    return document.text(report_dict(report))


def report_dict(report: Report) -> dict[str, Json]:
    """The report as a JSON document."""
    return {
        **document.head("report", report.version),
        "inventory": shown(report.inventory),
        "summary": summary(report),
        "flows": [_flow(flow) for flow in report.flows],
        "findings": [_finding(finding) for finding in report.findings],
        "unknowns": [_unknown(unknown) for unknown in report.unknowns],
        "devices": [_device(device) for device in report.devices],
        "notes": values.texts(report.notes),
        "has_paths": report.has_paths,
    }


def summary(report: Report) -> dict[str, int]:
    """How many flows have each verdict."""
    counts = {verdict.value: 0 for verdict in Verdict}
    for flow in report.flows:
        counts[flow.verdict.value] += 1
    return counts


def flow_head(flow: FlowVerdict) -> dict[str, Json]:
    """What the report and the trace say of a flow, without its paths."""
    return {
        "name": shown(flow.name),
        "kind": shown(flow.kind),
        "from": shown(flow.sender),
        "to": shown(flow.receiver),
        "verdict": str(flow.verdict),
        "closed_to": values.texts(flow.closed_to),
        "depends_on": [values.dependence(one) for one in flow.depends_on],
        "declared": values.texts(flow.declared),
        "inferred": values.texts(flow.inferred),
    }


def _flow(flow: FlowVerdict) -> dict[str, Json]:
    return {
        **flow_head(flow),
        "paths": [_path(path) for path in flow.paths],
        "remedies": [_remedy(one) for one in flow.remedies],
        "reason": shown(flow.reason),
        "cures": values.texts(flow.cures),
    }


def _remedy(remedy: Remedy) -> dict[str, Json]:
    return {
        "steps": [
            {
                "target": shown(step.target),
                "kind": step.kind,
                "summary": shown(step.summary),
                "commands": values.texts(step.commands),
                "side_effects": values.texts(step.side_effects),
                "removes": list(step.removes),
            }
            for step in remedy.steps
        ],
        "verdict_after": remedy.verdict_after,
        "others": [shown(f"{name}: {verdict}") for name, verdict in remedy.others],
        "widens": shown(remedy.widens),
        "proved": remedy.proved,
    }


def path_head(path: PathVerdict) -> dict[str, Json]:
    """What the report and the trace say of a path, without its messages."""
    return {
        "id": shown(path.id),
        "family": path.path.family,
        "direction": path.path.direction,
        "verdict": str(path.verdict),
        "hops": [values.hop(hop) for hop in path.path.hops],
    }


def path_doubts(path: Path) -> dict[str, Json]:
    """What is doubtful about a path."""
    return {
        "doubts": [values.doubt(one) for one in path.doubts],
        "detours": [values.detour(one) for one in path.detours],
        "dead_end": values.dead_end(path.dead_end),
    }


def _path(path: PathVerdict) -> dict[str, Json]:
    messages = [_message(message, path.path) for message in path.messages]
    return {**path_head(path), "messages": messages, **path_doubts(path.path)}


def message_head(message: MessageVerdict) -> dict[str, Json]:
    """What the report and the trace say of a message. ``payload`` is all of its datagrams' together."""
    return {
        "name": shown(message.message.name),
        "payload": sum(message.message.payloads),
        "port": message.message.port,
        "verdict": str(message.verdict),
        "datagrams": [
            {"bytes": size, "packets": [values.packet(packet) for packet in packets]}
            for size, packets in message.datagrams
        ],
        "decided_by": values.evidence(message.decided_by),
    }


def _message(message: MessageVerdict, path: Path) -> dict[str, Json]:
    return {
        **message_head(message),
        "drops": [_drop(drop, path, message.message.direction) for drop in message.drops],
        "direction": message.message.direction,
        "probe": message.message.probe,
        "doubts": [values.doubt(one) for one in message.doubts],
    }


def _drop(drop: Drop, path: Path, direction: Direction) -> dict[str, Json]:
    loss = drop.loss
    return {
        "id": shown(drop.id),
        "device": shown(loss.device),
        "interface": values.optional(loss.interface),
        "stage": str(loss.stage),
        "rule": shown(drop.rule),
        "packet": {"datagram": loss.packet.datagram, "offset": loss.packet.offset, "bytes": loss.packet.bytes},
        "reason": shown(loss.reason),
        "basis": str(loss.basis),
        "affected": values.region(path.family, drop.affected, direction),
        "evidence": values.evidence(loss.evidence),
        "certain": loss.certain,
        "why": shown(loss.why),
    }


def _finding(finding: Finding) -> dict[str, Json]:
    return {
        "rule": shown(finding.rule),
        "severity": finding.severity,
        "device": shown(finding.device),
        "flows": [shown(flow) for flow in finding.flows],
        "message": shown(finding.message),
        "fingerprint": finding.fingerprint,
        "evidence": values.evidence(finding.evidence),
        "cure": shown(finding.cure),
    }


def _unknown(unknown: Unknown) -> dict[str, Json]:
    return {
        "device": shown(unknown.device),
        "reason": shown(unknown.reason),
        "evidence": values.evidence(unknown.evidence),
    }


def _device(device: DeviceSummary) -> dict[str, Json]:
    return {
        "name": shown(device.name),
        "platform": shown(device.platform),
        "config": shown(device.config),
        "sha256": device.sha256,
        "collected": values.optional(device.collected),
        "lines": device.lines,
        "not_understood": device.not_understood,
    }
