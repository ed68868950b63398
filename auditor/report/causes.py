"""Why a flow has its verdict: what decided, the worst first, for tables that people read."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from auditor.model.device import StageName
from auditor.model.evidence import Evidence
from auditor.model.findings import Drop, Finding, FlowVerdict, MessageVerdict, PathVerdict, Verdict
from auditor.model.paths import Doubt
from auditor.model.trace import Loss
from auditor.report.packets import packet_words, region_text

NOT_KNOWN = "hop-not-known"
FIRST_TRY = "first-try-lost"

Kind = Literal["drop", "possible", "missing", "first-try", "finding", "reason"]

_LABELS: dict[Kind, str] = {
    "drop": "drops",
    "possible": "may drop",
    "missing": "missing",
    "first-try": "loses",
    "finding": "at",
    "reason": "why",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """One thing that decided. ``rule`` names the finding's rule; ``why`` says of a possible drop what is not known;
    ``part`` is the part of the addresses that it hits, "" for all; ``cure`` what to do, in words.
    """

    kind: Kind
    device: str
    reason: str
    rule: str = ""
    interface: str | None = None
    stage: StageName | None = None
    evidence: tuple[Evidence, ...] = ()
    why: str = ""
    packet: str = ""
    part: str = ""
    where: str = ""  # path and message
    cure: str = ""

    @property
    def place(self) -> str:
        """Hop and interface."""
        return f"{self.device} {self.interface}" if self.interface else self.device

    @property
    def label(self) -> str:
        """What happens at the place, in a word or two."""
        return _LABELS[self.kind]

    @property
    def same(self) -> tuple[object, ...]:
        """What two causes share that a person would call the same."""
        return self.device, self.interface, self.stage, self.evidence, self.reason


def causes(flow: FlowVerdict, findings: Sequence[Finding]) -> tuple[Cause, ...]:
    """What decided a flow's verdict, each thing once. Nothing where it passes."""
    if flow.verdict is Verdict.PASSES:
        return ()
    worst = [(p, m) for p in flow.paths for m in p.messages if m.verdict is flow.verdict]
    found = _each_once(_of_messages(flow.verdict, worst))
    if flow.verdict is Verdict.AT_RISK or not found:
        found += _of_findings(flow, findings, {cause.rule for cause in found})
    if not found:
        found = [Cause(kind="reason", device="", reason=flow.reason or "nothing tells what decided")]
    cures = cures_of(flow, findings)
    return tuple(_cured(cause, cures, flow) for cause in found)


def _each_once(found: Iterable[Cause]) -> list[Cause]:
    seen: dict[tuple[object, ...], Cause] = {}
    for cause in found:
        seen.setdefault(cause.same, cause)
    return list(seen.values())


def _of_messages(verdict: Verdict, worst: Sequence[tuple[PathVerdict, MessageVerdict]]) -> list[Cause]:
    drops = [_drop(path, message, drop) for path, message in worst for drop in message.drops]
    if verdict in (Verdict.BREAKS, Verdict.BLOCKED):
        return [cause for cause in drops if cause.kind == "drop"] or drops
    possible = [replace(cause, kind="possible") for cause in drops]
    if verdict is Verdict.UNKNOWN:
        return [_missing(path, doubt, message) for path, message in worst for doubt in message.doubts] + possible
    return [*possible, *_first_tries(worst)]


def where_text(path: PathVerdict, message: MessageVerdict) -> str:
    """Path and message in a few words."""
    return f"{message.message.name}, {path.path.direction} on IPv{path.path.family}"


def _drop(path: PathVerdict, message: MessageVerdict, drop: Drop) -> Cause:
    loss = drop.loss
    whole = message.trace.asked == drop.affected
    return Cause(
        kind="drop" if loss.certain and loss.basis.decides else "possible",
        device=loss.device,
        interface=loss.interface,
        stage=loss.stage,
        rule=drop.rule,
        reason=without_line(loss),
        evidence=loss.evidence,
        why=loss.why,
        packet=packet_words(loss.packet),
        part="" if whole else region_text(path.path.family, drop.affected, message.message.direction),
        where=where_text(path, message),
    )


def without_line(loss: Loss) -> str:
    """The reason of a loss without the text of its line, which stands beside it."""
    for one in loss.evidence:
        if one.text and loss.reason.endswith(f": {one.text}"):
            return loss.reason[: -len(one.text) - 2]
    return loss.reason


def _missing(path: PathVerdict, doubt: Doubt, message: MessageVerdict) -> Cause:
    return Cause(
        kind="missing",
        device=doubt.device,
        rule=NOT_KNOWN,
        reason=doubt.reason,
        evidence=doubt.evidence,
        where=where_text(path, message),
    )


def _first_tries(worst: Sequence[tuple[PathVerdict, MessageVerdict]]) -> Iterator[Cause]:
    for path, message in worst:
        for ending in message.trace.endings:
            for loss in ending.first_losses if ending.complete else ():
                yield Cause(
                    kind="first-try",
                    device=loss.device,
                    interface=loss.interface,
                    stage=loss.stage,
                    rule=FIRST_TRY,
                    reason=f"the first try dies here ({loss.reason}); the second gets through",
                    evidence=loss.evidence,
                    where=where_text(path, message),
                )


def _of_findings(flow: FlowVerdict, findings: Sequence[Finding], told: set[str]) -> list[Cause]:
    """The findings that name the flow, by rules that nothing told of yet."""
    return [
        Cause(
            kind="finding",
            device=finding.device,
            rule=finding.rule,
            reason=finding.message,
            evidence=finding.evidence,
            cure=finding.cure,
        )
        for finding in findings
        if flow.name in finding.flows and finding.rule not in told and finding.severity != "note"
    ]


Cures = dict[tuple[str, str, tuple[Evidence, ...]], str]


def cures_of(flow: FlowVerdict, findings: Sequence[Finding]) -> Cures:
    """The cures of the findings that name the flow, by rule, device and lines; by rule alone too."""
    found: Cures = {}
    for finding in findings:
        if flow.name in finding.flows:
            found[finding.rule, finding.device, finding.evidence] = finding.cure
            found.setdefault((finding.rule, "", ()), finding.cure)
    return found


def cure_of(rule: str, device: str, evidence: tuple[Evidence, ...], cures: Cures) -> str:
    """The cure of the finding about the same lines, else of the same rule."""
    return cures.get((rule, device, evidence)) or cures.get((rule, "", ())) or ""


def _cured(cause: Cause, cures: Cures, flow: FlowVerdict) -> Cause:
    cure = cause.cure or cure_of(cause.rule, cause.device, cause.evidence, cures) or "; ".join(flow.cures)
    return replace(cause, cure=cure)
