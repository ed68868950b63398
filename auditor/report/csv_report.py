"""The report as CSV: one row a drop; one row a flow that has none; one row a finding that no flow has."""

import csv
import io
from collections.abc import Iterator, Sequence

from auditor.model.evidence import Evidence
from auditor.model.findings import Drop, Finding, FlowVerdict, MessageVerdict, PathVerdict, Report
from auditor.report.causes import NOT_KNOWN, Cures, causes, cure_of, cures_of
from auditor.report.shown import csv_cell

COLUMNS = (
    "flow",
    "verdict",
    "path",
    "direction",
    "message",
    "device",
    "interface",
    "stage",
    "rule",
    "file",
    "line",
    "text",
    "reason",
    "cure",
    "message_verdict",
)


def csv_report(report: Report) -> str:
    """The report as CSV with a head line. Lines end with a line feed alone."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in _rows(report):
        writer.writerow([csv_cell(cell) for cell in row])
    return text.getvalue()


def _rows(report: Report) -> Iterator[tuple[str, ...]]:
    for flow in sorted(report.flows, key=lambda one: -one.verdict.rank):
        yield from _flow(flow, report.findings)
    for finding in report.findings:
        if not finding.flows:
            yield _finding(finding)


def _flow(flow: FlowVerdict, findings: Sequence[Finding]) -> Iterator[tuple[str, ...]]:
    cures = cures_of(flow, findings)
    rows = [_drop(flow, p, m, drop, cures) for p in flow.paths for m in p.messages for drop in m.drops]
    yield from rows or [_without_drops(flow, findings)]


def _drop(flow: FlowVerdict, path: PathVerdict, message: MessageVerdict, drop: Drop, cures: Cures) -> tuple[str, ...]:
    loss = drop.loss
    doubt = "" if loss.certain else f"; not certain: {loss.why}"
    return (
        flow.name,
        str(flow.verdict),
        path.id,
        path.path.direction,
        message.message.name,
        loss.device,
        loss.interface or "",
        str(loss.stage),
        drop.rule,
        *_line(loss.evidence),
        loss.reason + doubt,
        cure_of(drop.rule, loss.device, loss.evidence, cures),
        str(message.verdict),
    )


def _line(evidence: Sequence[Evidence]) -> tuple[str, str, str]:
    """The first line; how many more there are stands behind its text."""
    if not evidence:
        return "", "", ""
    first = evidence[0]
    rest = f" (and {len(evidence) - 1} more)" if len(evidence) > 1 else ""
    return first.file, str(first.line), first.text.strip() + rest


def _without_drops(flow: FlowVerdict, findings: Sequence[Finding]) -> tuple[str, ...]:
    """What decided a flow in which nothing is dropped; how many more things did stands behind the reason."""
    found = causes(flow, findings)
    if not found:
        return (flow.name, str(flow.verdict), *("" for _ in COLUMNS[5:]), flow.reason, "", "")
    first = found[0]
    rest = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
    return (
        flow.name,
        str(flow.verdict),
        *("", "", ""),
        first.device,
        first.interface or "",
        str(first.stage or ""),
        first.rule or NOT_KNOWN,
        *_line(first.evidence),
        first.reason + rest,
        first.cure,
        "",
    )


def _finding(finding: Finding) -> tuple[str, ...]:
    return (
        "",
        finding.severity,
        *("", "", ""),
        finding.device,
        *("", ""),
        finding.rule,
        *_line(finding.evidence),
        finding.message,
        finding.cure,
        "",
    )
