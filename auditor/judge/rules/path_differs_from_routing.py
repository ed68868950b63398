"""The path that the user names is not the one that a hop's routes give.

**What it checks.** For each hop of ``via``: where its config or its collected routes send packets for the flow's
destination.

**Why it is a risk.** The verdict is about the path that was named. If packets go another way, it is about nothing.

**Cure.** Correct ``via`` or the route; or leave ``via`` out and collect routes, and the path is found by routing.
"""

from collections.abc import Iterator

from auditor.judge.found import Found, finding
from auditor.model.findings import Finding
from auditor.model.rule import Case, Rule

NAME = "path-differs-from-routing"
CURE = "correct via in paths.yaml, or the route; without via the path is found by routing"


def find(case: Case) -> Iterator[Finding]:
    """Each hop that leads elsewhere, with all flows that claim it."""
    found: dict[tuple[str, str, str], Found] = {}
    for flow in case.flows:
        for path in flow.paths:
            for detour in path.path.detours:
                message = f"{detour.device} sends to {detour.routed}, the path says {detour.claimed}"
                key = (detour.device, detour.claimed, detour.routed)
                found.setdefault(key, Found(detour.device, detour.evidence, message, "at-risk")).flows[flow.name] = None
    for one in found.values():
        yield finding(NAME, one, CURE)


RULE = Rule(
    name=NAME,
    summary="a hop's routes lead elsewhere than the path claims",
    cure=CURE,
    severity="at-risk",
    find=find,
    page=__doc__,
)
