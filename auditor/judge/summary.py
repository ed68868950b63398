"""The report's lists beside verdicts: counts, devices, what could not be known."""

from collections.abc import Iterable, Mapping

from auditor.model.device import Device
from auditor.model.findings import DeviceSummary, FlowVerdict, Unknown, Verdict
from auditor.model.rule import Case


def summary(flows: Iterable[FlowVerdict]) -> Mapping[str, int]:
    """How many flows have each verdict, in the order from best to worst."""
    counts = {verdict.value: 0 for verdict in Verdict}
    for flow in flows:
        counts[flow.verdict.value] += 1
    return counts


def device_summary(device: Device) -> DeviceSummary:
    """A device as the report lists it."""
    return DeviceSummary(
        name=device.name,
        platform=device.platform,
        config=device.config,
        sha256=device.sha256,
        collected=device.collected,
        lines=device.lines,
        not_understood=len(device.not_understood),
    )


def unknowns(case: Case, *, with_paths: bool) -> tuple[Unknown, ...]:
    """What could not be known: for flows what is doubtful on their paths; without flows all that was not understood."""
    found: dict[Unknown, None] = {}
    for flow in case.flows:
        for path in flow.paths:
            for message in path.messages:
                for doubt in message.doubts:
                    found[Unknown(device=doubt.device, reason=doubt.reason, evidence=doubt.evidence)] = None
    if with_paths:
        return tuple(found)
    for device in case.devices.values():
        if device.unreadable:
            found[Unknown(device=device.name, reason=device.unreadable, evidence=())] = None
        elif device.not_understood:
            lines = tuple(line.evidence for line in device.not_understood)
            reason = f"{len(lines)} lines that matter were not understood"
            found[Unknown(device=device.name, reason=reason, evidence=lines)] = None
    return tuple(found)
