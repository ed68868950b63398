"""The verdicts as JUnit XML, for CI systems that show tests: one case a flow and direction; without flows one a device.

What breaks or is blocked is a failure; what is unknown is skipped with the reason; what is at risk passes and says so
in its output. Whether the run as a whole fails is the exit code's (``--fail-on``), not this file's.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal
from xml.sax.saxutils import escape, quoteattr

from auditor.model.findings import Finding, FlowVerdict, Report, Verdict, worst
from auditor.report.causes import Cause, causes
from auditor.report.shown import shown

Outcome = Literal["passed", "failed", "skipped"]
OUTCOMES: dict[Verdict, Outcome] = {
    Verdict.PASSES: "passed",
    Verdict.AT_RISK: "passed",
    Verdict.UNKNOWN: "skipped",
    Verdict.BREAKS: "failed",
    Verdict.BLOCKED: "failed",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TestCase:
    """One case: ``group`` and ``name`` together are unique."""

    group: str
    name: str
    outcome: Outcome
    verdict: str
    lines: tuple[str, ...]


def junit(report: Report) -> str:
    """The report as one test suite."""
    cases = _each_named_once(_of_flows(report) if report.has_paths else _of_devices(report))
    failed = sum(case.outcome == "failed" for case in cases)
    skipped = sum(case.outcome == "skipped" for case in cases)
    counts = f'tests="{len(cases)}" failures="{failed}" errors="0" skipped="{skipped}"'
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<testsuites name="fragaudit" {counts}>',
        f"  <testsuite name={_attribute(report.inventory)} {counts}>",
        *(line for case in cases for line in _case(case)),
        "  </testsuite>",
        "</testsuites>",
    ]
    return "\n".join(lines) + "\n"


def _each_named_once(cases: Iterable[TestCase]) -> list[TestCase]:
    """The cases, those of a name that stands twice counted."""
    seen: Counter[tuple[str, str]] = Counter()
    found = []
    for case in cases:
        key = (shown(case.group), shown(case.name))
        seen[key] += 1
        found.append(case if seen[key] == 1 else replace(case, name=f"({seen[key]}) {case.name}"))
    return found


def _of_flows(report: Report) -> Iterator[TestCase]:
    for flow in report.flows:
        found = causes(flow, report.findings)
        directions = list(dict.fromkeys(path.path.direction for path in flow.paths))
        if not directions:
            yield _flow_case(flow, "both ways", flow.verdict, found)
        for direction in directions:
            verdict = worst([path.verdict for path in flow.paths if path.path.direction == direction])
            fitting = [cause for cause in found if f", {direction} on " in cause.where or not cause.where]
            yield _flow_case(flow, direction, verdict, fitting or found)


def _flow_case(flow: FlowVerdict, way: str, verdict: Verdict, found: "list[Cause] | tuple[Cause, ...]") -> TestCase:
    return TestCase(
        group=flow.name,
        name=f"{flow.sender} > {flow.receiver}, {way}",
        outcome=OUTCOMES[verdict],
        verdict=str(verdict),
        lines=() if verdict is Verdict.PASSES else (*_facts(flow, verdict), *map(_cause_words, found)),
    )


def _facts(flow: FlowVerdict, verdict: Verdict) -> Iterator[str]:
    """The facts that were tried each way, where the verdict hangs on them."""
    if verdict in (Verdict.UNKNOWN, Verdict.AT_RISK):
        for one in flow.depends_on:
            tried = ", ".join(f"{value}: {becomes}" for value, becomes in one.verdicts.items())
            yield f"depends on: {one.device}: {one.fact} ({one.basis}); {tried}"


def _cause_words(cause: Cause) -> str:
    lines = "".join(f" [{one.file}:{one.line}  {one.text.strip()}]" for one in cause.evidence)
    cure = f"; do: {cause.cure}" if cause.cure else ""
    place = f"{cause.place}: " if cause.place else ""
    return f"{cause.label}: {place}{cause.reason}{lines}{cure}"


def _of_devices(report: Report) -> Iterator[TestCase]:
    for device in report.devices:
        found = [one for one in report.findings if one.device == device.name and one.severity != "note"]
        breaks = any(one.severity == "breaks" for one in found)
        unknown = any(one.severity == "unknown" for one in found)
        yield TestCase(
            group=device.name,
            name="what it does to fragments by itself",
            outcome="failed" if breaks else "skipped" if unknown else "passed",
            verdict="breaks" if breaks else "unknown" if unknown else "at-risk" if found else "passes",
            lines=tuple(_finding_words(one) for one in found),
        )


def _finding_words(finding: Finding) -> str:
    lines = "".join(f" [{one.file}:{one.line}  {one.text.strip()}]" for one in finding.evidence)
    return f"{finding.rule}: {finding.message}{lines}; do: {finding.cure}"


def _case(case: TestCase) -> Iterator[str]:
    head = f"    <testcase classname={_attribute(case.group)} name={_attribute(case.name)}"
    text = "\n".join(_text(line) for line in case.lines)
    first = _attribute(f"{case.verdict}: {case.lines[0]}" if case.lines else case.verdict)
    if case.outcome == "failed":
        failure = f"<failure type={_attribute(case.verdict)} message={first}>{text}</failure>"
        yield f"{head}>\n      {failure}\n    </testcase>"
    elif case.outcome == "skipped":
        yield f"{head}>\n      <skipped message={first}/>\n    </testcase>"
    elif case.lines:
        yield f"{head}>\n      <system-out>{_text(case.verdict)}\n{text}</system-out>\n    </testcase>"
    else:
        yield f"{head}/>"


def _attribute(text: str) -> str:
    return quoteattr(shown(text))


def _text(text: str) -> str:
    return escape(shown(text))
