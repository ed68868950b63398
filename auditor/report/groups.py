"""Flows that fare alike, and the short texts that the reports for people share."""

from collections.abc import Iterable
from dataclasses import dataclass

from auditor.model.evidence import Evidence
from auditor.model.findings import SEVERITY_ORDER, Dependence, FlowVerdict, Report, Verdict
from auditor.report.causes import Cause, causes
from auditor.report.lines import counted
from auditor.report.shown import shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Flows with one verdict for the same causes."""

    flows: tuple[FlowVerdict, ...]
    causes: tuple[Cause, ...]

    @property
    def first(self) -> FlowVerdict:
        return self.flows[0]

    @property
    def name(self) -> str:
        rest = len(self.flows) - 1
        return shown(self.first.name) + (f" and {rest} more" if rest else "")

    @property
    def plain(self) -> bool:
        """Whether there is nothing to say of it but its verdict."""
        first = self.first
        said = (first.closed_to, first.depends_on, first.declared, first.inferred, first.reason)
        return first.verdict is Verdict.PASSES and not any(said)


def grouped(report: Report) -> list[Group]:
    """The flows, those that fare alike together, the worst first."""
    found: dict[object, tuple[list[FlowVerdict], tuple[Cause, ...]]] = {}
    for flow in sorted(report.flows, key=lambda one: -one.verdict.rank):
        why = causes(flow, report.findings)
        alike = tuple(cause.same for cause in why) or flow.name
        key = (flow.verdict, alike, flow.closed_to, flow.declared, flow.inferred, flow.reason)
        found.setdefault(key, ([], why))[0].append(flow)
    return [Group(flows=tuple(flows), causes=why) for flows, why in found.values()]


def counts(report: Report) -> str:
    """How many flows have each verdict, the worst first."""
    return _counted("flow", [flow.verdict.value for flow in report.flows], [v.value for v in reversed(Verdict)])


def finding_counts(report: Report) -> str:
    """How many findings have each severity, the worst first."""
    return _counted("finding", [finding.severity for finding in report.findings], SEVERITY_ORDER)


def _counted(word: str, found: list[str], order: Iterable[str]) -> str:
    told = ", ".join(f"{found.count(kind)} {kind}" for kind in order if kind in found)
    return f"{counted(len(found), word)}{': ' + told if told else ''}"


def place(evidence: Evidence) -> str:
    """File and line."""
    return f"{shown(evidence.file)}:{evidence.line}"


def told(device: str, reason: str) -> str:
    """A reason with the device that it is about, where it is about one."""
    return f"{device}: {reason}" if device else reason


def dependence_text(one: Dependence) -> str:
    """A fact that was tried, with the verdict of each value."""
    values = ", ".join(f"{shown(option)}: {verdict}" for option, verdict in one.verdicts.items())
    where = f"{shown(one.device)}: " if one.device else ""
    return f"{where}{shown(one.fact)} ({one.basis}); {values}"
