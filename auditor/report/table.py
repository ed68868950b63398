"""The report for people, at most 100 columns wide: the worst first, and of each flow the hop, the line and the cure.

This is the one door to ``tabulate``.
"""

import re
from collections.abc import Iterable, Iterator, Sequence

from tabulate import tabulate

from auditor.model.evidence import Basis, Evidence
from auditor.model.findings import Finding, FlowVerdict, Report, Unknown, Verdict
from auditor.report.causes import Cause
from auditor.report.groups import Group, counts, dependence_text, finding_counts, grouped, place, told
from auditor.report.lines import COLUMNS, capped, counted, hanging, labelled, left_out, listed, wrapped
from auditor.report.remedy import remedy_lines
from auditor.report.shown import shown, width

MOST_ROWS = 40  # of the overview
MOST_PASSING = 10  # of these, rows of flows that pass
MOST_BLOCKS = 12  # groups of flows that fare alike
MOST_CAUSES = 3  # of one group
MOST_LINES = 3  # of one cause
MOST_WORDS = 4  # entries of the other lists of a group
MOST_FINDINGS = 20
MOST_UNKNOWNS = 10
MOST_NOTES = 10

_FILLER = "\ue000"  # behind a character of two columns, so that tabulate counts two; never in shown text
_STYLES = {"BLOCKED": "bold red", "BREAKS": "bold red", "UNKNOWN": "bold magenta", "AT-RISK": "bold yellow"}
_STYLES["PASSES"] = "bold green"


def table(report: Report, *, color: bool = False) -> str:
    """The report as text. With ``color`` the verdicts are coloured, and nothing else differs."""
    groups = grouped(report)
    lines = [*_head(report), *_overview(groups)]
    for section in (_blocks(groups), _findings(report, groups), _unknowns(report, groups), _notes(report)):
        found = [*section]
        if found:
            lines += ["", *found]
    lines += ["", *_foot(report)]
    text = "\n".join(line.rstrip() for line in lines) + "\n"
    return coloured(text) if color else text


def grid(rows: Sequence[Sequence[str]], headers: Sequence[str], widths: Sequence[int]) -> list[str]:
    """A table of texts that are fit to be shown, each column at most as wide as said."""
    folded = [[wrapped(text, most) for text, most in zip(row, widths, strict=True)] for row in (headers, *rows)]
    ruler = [["-" * max(width(line) for row in folded for line in row[at])] for at in range(len(headers))]
    cells = [["\n".join(map(_counted, cell)) for cell in row] for row in (folded[0], ruler, *folded[1:])]
    drawn = tabulate(cells, tablefmt="plain", disable_numparse=True)
    return [line.rstrip().replace(_FILLER, "") for line in drawn.splitlines()]


def _counted(line: str) -> str:
    return line if line.isascii() else "".join(char + _FILLER * (width(char) - 1) for char in line)


def coloured(text: str) -> str:
    """The text with the verdict at the beginning of a line in its colour."""
    from rich.color import ColorSystem
    from rich.style import Style

    def dyed(found: re.Match[str]) -> str:
        return Style.parse(_STYLES[found[0]]).render(found[0], color_system=ColorSystem.STANDARD)

    return re.sub(rf"(?m)^(?:{'|'.join(_STYLES)})(?=\s|$)", dyed, text)


# ------------------------------------------------------------------------------------------------ flows


def _head(report: Report) -> list[str]:
    lines = hanging(f"fragaudit {report.version}  ", f"inventory {shown(report.inventory)}")
    if report.has_paths or report.flows:
        return [*lines, counts(report)]
    return [*lines, *wrapped(f"No paths.yaml: what each device does to fragments. {finding_counts(report)}", COLUMNS)]


def _overview(groups: Sequence[Group]) -> list[str]:
    """One row a group: verdict, flow, ends, hop and line."""
    if len(groups) < 2 and not any(group.plain for group in groups):
        return []
    passing = [group for group in groups if group.first.verdict is Verdict.PASSES]
    failing = groups[: len(groups) - len(passing)]
    kept = [*failing[:MOST_ROWS], *passing[:MOST_PASSING]]
    rows, rest = [_row(group) for group in kept], left_out(len(groups) - len(kept))
    lines = grid(rows, ("verdict", "flow", "from > to", "hop", "line"), (7, 20, 20, 22, 22))
    return ["", *lines, *([rest] if rest else [])]


def _row(group: Group) -> tuple[str, ...]:
    flow = group.first
    cause = group.causes[0] if group.causes else None
    line = place(cause.evidence[0]) if cause and cause.evidence else ""
    return (
        flow.verdict.upper(),
        group.name,
        f"{shown(flow.sender)} > {shown(flow.receiver)}",
        shown(cause.place) if cause else "",
        line,
    )


def _blocks(groups: Sequence[Group]) -> Iterator[str]:
    first, rest = capped([group for group in groups if not group.plain], MOST_BLOCKS)
    for number, group in enumerate(first):
        if number:
            yield ""
        yield from _block(group)
    if rest:
        yield from ("", f"{rest}; of one flow: fragaudit explain INVENTORY FLOW")


def _block(group: Group) -> Iterator[str]:
    flow = group.first
    ends = f"{shown(flow.sender)} > {shown(flow.receiver)} ({shown(flow.kind)})"
    yield from hanging(f"{flow.verdict.upper():<9}", f"{group.name}  {ends}")
    if len(group.flows) > 1:
        yield from labelled("flows", listed((shown(one.name) for one in group.flows), MOST_WORDS))
    unknown = [dependence_text(one) for one in flow.depends_on if one.basis is Basis.UNKNOWN]
    decided = flow.verdict in (Verdict.BREAKS, Verdict.BLOCKED)
    yield from _listed("missing", [] if decided else unknown)
    first, rest = capped(group.causes, MOST_CAUSES)
    before = ""
    for cause in first:
        yield from _cause(cause)
        if cause.cure and cause.cure != before and not flow.remedies:
            yield from labelled("do", shown(cause.cure))
            before = cause.cure
    if rest:
        yield from labelled("", rest)
    yield from remedy_lines(flow.remedies)
    yield from _listed("unknown", unknown if decided else [])
    yield from _grounds(flow)


def _cause(cause: Cause) -> Iterator[str]:
    """Where, which line, why."""
    if cause.device:
        stage = f" ({cause.stage})" if cause.stage else ""
        yield from labelled(cause.label, shown(cause.place) + stage)
    yield from _lines(cause.evidence)
    packet = f": {cause.packet}" if cause.packet else ""
    where = f" of {cause.where}" if cause.packet else f" ({cause.where})" if cause.where else ""
    doubt = f"; not certain: {shown(cause.why)}" if cause.why else ""
    yield from labelled("why", f"{shown(cause.reason)}{packet}{shown(where)}{doubt}")
    if cause.part:
        yield from labelled("part", cause.part)


def _lines(evidence: Sequence[Evidence]) -> Iterator[str]:
    first, rest = capped(evidence, MOST_LINES)
    for number, one in enumerate(first):
        yield from labelled("" if number else "line", f"{place(one)}  {shown(one.text.strip())}".rstrip())
    if rest:
        yield from labelled("", rest)


def _grounds(flow: FlowVerdict) -> Iterator[str]:
    """What the verdict rests on, and where it does not count."""
    if flow.reason and flow.verdict is Verdict.PASSES:
        yield from labelled("note", shown(flow.reason))
    tried = [dependence_text(one) for one in flow.depends_on if one.basis is not Basis.UNKNOWN]
    yield from _listed("depends", tried)
    yield from _listed("declared", [shown(text) for text in flow.declared])
    yield from _listed("inferred", [shown(text) for text in flow.inferred])
    if flow.closed_to:
        most = f"{counted(len(flow.closed_to), 'part')} that no small datagram reaches: "
        yield from labelled("closed", most + listed((shown(text) for text in flow.closed_to), MOST_WORDS))


def _listed(label: str, texts: Sequence[str]) -> Iterator[str]:
    first, rest = capped(texts, MOST_WORDS)
    for number, text in enumerate([*first, *([rest] if rest else [])]):
        yield from labelled("" if number else label, text)


# ------------------------------------------------------------------------------------- findings and the rest


def _findings(report: Report, groups: Sequence[Group]) -> Iterator[str]:
    """The findings that no flow above tells of; without a paths.yaml all of them."""
    known = {(c.rule, c.device, c.evidence) for group in _told(groups) for c in group.causes[:MOST_CAUSES]}
    left = [one for one in report.findings if (one.rule, one.device, one.evidence) not in known]
    if not left:
        return
    if report.flows:
        yield from ("Other findings", "")
    first, rest = capped(left, MOST_FINDINGS)
    before = ""
    for finding in first:
        if before and (before, finding.severity) != ("note", "note"):
            yield ""
        yield from _finding(finding)
        before = finding.severity
    if rest:
        yield from ("", rest)


def _told(groups: Sequence[Group]) -> Sequence[Group]:
    return [group for group in groups if not group.plain][:MOST_BLOCKS]


def _finding(finding: Finding) -> Iterator[str]:
    if finding.severity == "note":
        where = f" ({place(finding.evidence[0])})" if finding.evidence else ""
        yield from hanging("note     ", f"{shown(finding.message)}{where}")
        return
    yield from hanging(f"{finding.severity.upper():<9}", f"{shown(finding.device)}  {shown(finding.rule)}")
    yield from _lines(finding.evidence)
    yield from labelled("what", shown(finding.message))
    if finding.flows:
        yield from labelled("flows", listed((shown(one) for one in finding.flows), MOST_WORDS))
    if finding.cure:
        yield from labelled("do", shown(finding.cure))


def _unknowns(report: Report, groups: Sequence[Group]) -> Iterator[str]:
    known = {(c.device, c.reason, c.evidence) for group in _told(groups) for c in group.causes[:MOST_CAUSES]}
    left = [one for one in report.unknowns if (one.device, one.reason, one.evidence) not in known]
    if not left:
        return
    yield from ("Not known", "")
    first, rest = capped(left, MOST_UNKNOWNS)
    for unknown in first:
        yield from _unknown(unknown)
    if rest:
        yield rest


def _unknown(unknown: Unknown) -> Iterator[str]:
    yield from hanging("  ", shown(told(unknown.device, unknown.reason)))
    yield from _lines(unknown.evidence)


def _notes(report: Report) -> Iterator[str]:
    if not report.notes:
        return
    yield from ("Notes", "")
    first, rest = capped(report.notes, MOST_NOTES)
    for note in first:
        yield from hanging("  ", shown(note))
    if rest:
        yield f"  {rest}"


def _foot(report: Report) -> Iterable[str]:
    missed = sum(device.not_understood for device in report.devices)
    words = f"{counted(len(report.devices), 'device')} read"
    if missed:
        words += f"; {counted(missed, 'line')} not understood: fragaudit facts INVENTORY DEVICE shows them"
    return wrapped(words, COLUMNS)
