"""Findings gathered: one line of one config is one finding, however many flows it touches."""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from auditor.judge.drops import rule_of
from auditor.model.evidence import Basis, Evidence
from auditor.model.findings import SEVERITY_ORDER, Finding, Severity
from auditor.model.rule import Case
from auditor.model.trace import Loss


@dataclass(slots=True)
class Found:
    """A finding in the making."""

    device: str
    evidence: tuple[Evidence, ...]
    message: str
    severity: Severity
    flows: dict[str, None] = field(default_factory=dict)


def fingerprint(rule: str, device: str, evidence: Iterable[Evidence]) -> str:
    """What stays the same when lines move: rule, device and the words of the lines."""
    words = "\0".join([rule, device, *(e.text for e in evidence)])
    return hashlib.sha256(words.encode()).hexdigest()[:16]


def finding(rule: str, found: Found, cure: str) -> Finding:
    """The finished finding."""
    return Finding(
        rule=rule,
        severity=found.severity,
        device=found.device,
        flows=tuple(found.flows),
        message=found.message,
        evidence=found.evidence,
        fingerprint=fingerprint(rule, found.device, found.evidence),
        cure=cure,
    )


def note(rule: str, severity: Severity, device: str, message: str, evidence: Iterable[Evidence], cure: str) -> Finding:
    """A finding that stands by itself, without a flow."""
    return finding(rule, Found(device, tuple(evidence), message, severity), cure)


def severity_of(loss: Loss) -> Severity:
    """What a loss does by itself to a large datagram."""
    if not loss.certain or loss.basis is Basis.UNKNOWN:
        return "unknown"
    return "breaks" if loss.basis.decides else "at-risk"


def from_losses(rule: str, cure: str, *, probes: bool = False) -> Callable[[Case], Iterator[Finding]]:
    """Finds all losses that the rule names, in flows and in what devices do by themselves.

    ``probes`` takes those of small datagrams; else those of large ones are taken.
    """

    def find(case: Case) -> Iterator[Finding]:
        found: dict[tuple[str, tuple[Evidence, ...]], Found] = {}
        for loss, flow in _losses(case, rule, probes=probes):
            one = found.setdefault(
                (loss.device, loss.evidence),
                Found(loss.device, loss.evidence, sentence(loss), severity_of(loss)),
            )
            one.severity = min(one.severity, severity_of(loss), key=SEVERITY_ORDER.index)
            if flow:
                one.flows[flow] = None
        for one in found.values():
            yield finding(rule, one, cure)

    return find


def _losses(case: Case, rule: str, *, probes: bool) -> Iterator[tuple[Loss, str]]:
    for flow in case.flows:
        for path in flow.paths:
            for message in path.messages:
                for drop in message.drops:
                    if drop.rule == rule and message.message.probe == probes:
                        yield drop.loss, flow.name
    for one in case.examined:
        if not probes and rule_of(one.loss, probe=False) == rule:
            yield one.loss, ""


def sentence(loss: Loss) -> str:
    """A loss as one sentence."""
    where = f" ({loss.interface})" if loss.interface else ""
    doubt = "" if loss.certain else f"; it is not certain: {loss.why}"
    return f"{loss.device}{where}: {loss.reason}{doubt}"
