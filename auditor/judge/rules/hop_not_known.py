"""Something about a hop could not be known.

**What it checks.** Hops without a config, lines that were not understood and could decide, lists that are named and not
there, facts that a config does not hold.

**Why it matters.** The verdict is ``unknown`` where such a thing could change it. The report names the line or the
file.

**Cure.** Give the config (or the output of the command that the sentence names), or declare the hop opaque with what
you know of it. If a line is plain to you and not to us, tell us: it is a bug.
"""

from collections.abc import Iterator

from auditor.judge.found import Found, finding, note
from auditor.model.evidence import Evidence
from auditor.model.findings import Finding
from auditor.model.rule import Case, Rule

NAME = "hop-not-known"
CURE = (
    "give the config, output or key of paths.yaml that the reason names, or declare the hop opaque with what you know"
)


def find(case: Case) -> Iterator[Finding]:
    """Each doubt with all flows that have it; lists that were too large to examine without a flow."""
    found: dict[tuple[str, str, tuple[Evidence, ...]], Found] = {}
    for flow in case.flows:
        for path in flow.paths:
            for message in path.messages:
                for doubt in message.doubts:
                    key = (doubt.device, doubt.reason, doubt.evidence)
                    text = f"{doubt.device}: {doubt.reason}"
                    one = found.setdefault(key, Found(doubt.device, doubt.evidence, text, "unknown"))
                    one.flows[flow.name] = None
    for one in found.values():
        yield finding(NAME, one, CURE)
    for device, evidence in case.too_large:
        text = f"{device}: the list is too large to be judged without a flow; name flows in a paths.yaml"
        yield note(NAME, "unknown", device, text, (evidence,), CURE)


RULE = Rule(
    name=NAME,
    summary="something about a hop could not be known, and could decide",
    cure=CURE,
    severity="unknown",
    find=find,
    page=__doc__,
)
