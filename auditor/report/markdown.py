"""The report in Markdown, for pull requests and wikis: the worst first. All texts are escaped."""

from collections.abc import Iterable, Iterator, Sequence

from auditor.model.evidence import Evidence
from auditor.model.findings import Finding, FlowVerdict, Report, Verdict
from auditor.model.remedies import Remedy
from auditor.report.causes import Cause
from auditor.report.groups import Group, counts, dependence_text, finding_counts, grouped, told
from auditor.report.lines import capped
from auditor.report.remedy import MOST_COMMANDS, MOST_REMEDIES, MOST_STEPS, after_words, outcome, step_words
from auditor.report.shown import markdown_code, markdown_text

MOST_ROWS = 200  # of one table or list


def markdown(report: Report) -> str:
    """The report as Markdown."""
    groups = grouped(report)
    kept, rest = capped([group for group in groups if not group.plain], MOST_ROWS)
    parts = (
        _head(report),
        _overview(groups),
        *(_flow(group) for group in kept),
        [markdown_text(rest)] if rest else (),
        _findings(report),
        _unknowns(report),
        _devices(report),
        _notes(report),
    )
    found = ["\n".join(part) for part in map(list, parts) if part]
    return "\n\n".join(found) + "\n"


def _head(report: Report) -> Iterator[str]:
    yield "# Fragmentation audit"
    yield ""
    yield f"fragaudit {markdown_text(report.version)}, inventory {markdown_code(report.inventory)}"
    yield ""
    summary = counts(report) if report.has_paths or report.flows else f"No paths.yaml. {finding_counts(report)}"
    yield f"**{markdown_text(summary)}**"


def _rows(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """A table of texts that are escaped already."""
    first, rest = capped(rows, MOST_ROWS)
    yield f"| {' | '.join(headers)} |"
    yield f"|{' --- |' * len(headers)}"
    for row in first:
        yield f"| {' | '.join(row)} |"
    if rest:
        yield from ("", markdown_text(rest))


def _overview(groups: Sequence[Group]) -> Iterator[str]:
    if not groups:
        return
    yield "## Flows"
    yield ""
    yield from _rows(("verdict", "flow", "from", "to", "hop", "line"), [_row(group) for group in groups])


def _row(group: Group) -> tuple[str, ...]:
    flow = group.first
    cause = group.causes[0] if group.causes else None
    rest = f" and {len(group.flows) - 1} more" if len(group.flows) > 1 else ""
    return (
        f"**{flow.verdict}**" if flow.verdict is not Verdict.PASSES else str(flow.verdict),
        markdown_text(flow.name) + rest,
        markdown_text(flow.sender),
        markdown_text(flow.receiver),
        markdown_text(cause.place) if cause else "",
        _line(cause.evidence[0]) if cause and cause.evidence else "",
    )


def _line(one: Evidence) -> str:
    text = one.text.strip()
    return f"{markdown_text(one.file)}:{one.line}" + (f" {markdown_code(text)}" if text else "")


def _flow(group: Group) -> Iterator[str]:
    flow = group.first
    rest = f" and {len(group.flows) - 1} more" if len(group.flows) > 1 else ""
    yield f"### {flow.verdict}: {markdown_text(flow.name)}{rest}"
    yield ""
    if rest:
        yield _item("flows", _listed(one.name for one in group.flows))
    first, more = capped(group.causes, MOST_ROWS)
    for cause in first:
        yield from _cause(cause)
    if more:
        yield f"- {markdown_text(more)}"
    for remedy in flow.remedies[:MOST_REMEDIES]:
        yield from _remedy(remedy)
    yield from _grounds(flow)


def _remedy(remedy: Remedy) -> Iterator[str]:
    yield _item("cure", f"{markdown_text(outcome(remedy))}")
    for step in remedy.steps[:MOST_STEPS]:
        yield f"  - {markdown_text(step_words(step))}"
        yield from (f"    - <code>{markdown_text(command)}</code>" for command in step.commands[:MOST_COMMANDS])
    for label, text in after_words(remedy):
        yield f"  - {label}: {markdown_text(text)}"


def _item(label: str, text: str) -> str:
    return f"- **{label}**: {text}"


def _listed(names: Iterable[str]) -> str:
    first, rest = capped([markdown_text(name) for name in names], MOST_ROWS)
    return ", ".join(first) + (f" {markdown_text(rest)}" if rest else "")


def _cause(cause: Cause) -> Iterator[str]:
    why = f"; not certain: {cause.why}" if cause.why else ""
    words = [cause.place, str(cause.stage or ""), cause.packet, cause.where]
    at = ", ".join(markdown_text(word) for word in words if word)
    yield _item(cause.label, told(at, markdown_text(cause.reason + why)))
    first, rest = capped(cause.evidence, MOST_ROWS)
    for one in first:
        yield f"  - {_line(one)}"
    if rest:
        yield f"  - {markdown_text(rest)}"
    if cause.part:
        yield f"  - part: {markdown_text(cause.part)}"
    if cause.cure:
        yield f"  - **do**: {markdown_text(cause.cure)}"


def _grounds(flow: FlowVerdict) -> Iterator[str]:
    if flow.reason and flow.verdict is Verdict.PASSES:
        yield _item("note", markdown_text(flow.reason))
    for one in flow.depends_on:
        yield _item("depends on", markdown_text(dependence_text(one)))
    for label, texts in (("declared", flow.declared), ("inferred", flow.inferred)):
        for text in texts:
            yield _item(label, markdown_text(text))
    if flow.closed_to:
        yield _item("closed to", _listed(flow.closed_to))


def _findings(report: Report) -> Iterator[str]:
    if not report.findings:
        return
    yield "## Findings"
    yield ""
    headers = ("severity", "device", "rule", "line", "what", "do", "flows")
    yield from _rows(headers, [_finding(finding) for finding in report.findings])


def _finding(finding: Finding) -> tuple[str, ...]:
    first, rest = capped(finding.evidence, 5)
    lines = "<br>".join([*(_line(one) for one in first), *([markdown_text(rest)] if rest else [])])
    names, more = capped(finding.flows, 20)
    flows = ", ".join(markdown_text(name) for name in names) + (f" {markdown_text(more)}" if more else "")
    return (
        finding.severity,
        markdown_text(finding.device),
        markdown_text(finding.rule),
        lines,
        markdown_text(finding.message),
        markdown_text(finding.cure),
        flows,
    )


def _unknowns(report: Report) -> Iterator[str]:
    if not report.unknowns:
        return
    yield "## Not known"
    yield ""
    first, rest = capped(report.unknowns, MOST_ROWS)
    for unknown in first:
        yield f"- {markdown_text(told(unknown.device, unknown.reason))}"
        lines, more = capped(unknown.evidence, MOST_ROWS)
        for one in lines:
            yield f"  - {_line(one)}"
        if more:
            yield f"  - {markdown_text(more)}"
    if rest:
        yield f"- {markdown_text(rest)}"


def _devices(report: Report) -> Iterator[str]:
    if not report.devices:
        return
    yield "## Devices"
    yield ""
    rows = [
        (
            markdown_text(one.name),
            markdown_text(one.platform),
            markdown_text(one.config),
            markdown_text(one.collected or ""),
            str(one.lines),
            str(one.not_understood),
        )
        for one in report.devices
    ]
    yield from _rows(("device", "platform", "config", "collected", "lines", "not understood"), rows)


def _notes(report: Report) -> Iterator[str]:
    if not report.notes:
        return
    yield "## Notes"
    yield ""
    first, rest = capped(report.notes, MOST_ROWS)
    for note in first:
        yield f"- {markdown_text(note)}"
    if rest:
        yield f"- {markdown_text(rest)}"
