"""A setting or list that would drop fragments is bound nowhere.

**What it checks.** Filters with an entry that drops fragments which no interface, policy or other filter uses, and
settings that are defined but not in force.

**Why it matters.** It does nothing today. The day somebody binds it, large datagrams stop.

**Cure.** Delete it if nobody needs it; if it waits to be bound, correct it first.
"""

from collections.abc import Iterator

from auditor.judge.found import note
from auditor.model.device import Device, every_stage
from auditor.model.filters import DROPPING, Filter, Verb
from auditor.model.findings import Finding
from auditor.model.rule import Case, Rule

NAME = "fragment-setting-dormant"
CURE = "delete it if nobody needs it, or correct it before it is bound"


def find(case: Case) -> Iterator[Finding]:
    """Each filter that is not used and drops fragments, each policy that is not in force."""
    for device in case.devices.values():
        used = _used(device)
        for filter_ in device.filters.values():
            if filter_.name in used or filter_.missing:
                continue
            lines = [r.evidence for r in filter_.rules if r.action.verb in DROPPING and _asks(r.tests)]
            if lines:
                message = f"{device.name}: {filter_.kind} {filter_.name} drops fragments, and nothing uses it"
                yield note(NAME, "note", device.name, message, lines, CURE)
        for policy in device.fragment_policies:
            if policy.in_force.basis.decides and not policy.in_force.value:
                message = f"{device.name}: {policy.name} is configured and not in force"
                yield note(NAME, "note", device.name, message, policy.in_force.evidence, CURE)


def _asks(tests: tuple[object, ...]) -> bool:
    return any(getattr(test, "field", "").startswith("fragment") for test in tests)


def _used(device: Device) -> set[str]:
    """The names of filters that something refers to, directly or by jumps."""
    lines = device.pipelines
    stages = [s for line in (lines.transit, lines.local_in, lines.local_out, lines.errors) for s in every_stage(line)]
    todo = [name for stage in stages for name in stage.filters]
    todo += [binding.filter for interface in device.interfaces for binding in interface.bindings]
    todo += [policy.filter for policy in device.zones]
    used: set[str] = set()
    while todo:
        name = todo.pop()
        if name not in used and name in device.filters:
            used.add(name)
            todo += _jumps(device.filters[name])
    return used


def _jumps(filter_: Filter) -> list[str]:
    return [rule.action.target for rule in filter_.rules if rule.action.verb in (Verb.JUMP, Verb.GOTO)]


RULE = Rule(
    name=NAME,
    summary="a list or setting that drops fragments is bound nowhere",
    cure=CURE,
    severity="note",
    find=find,
    page=__doc__,
)
