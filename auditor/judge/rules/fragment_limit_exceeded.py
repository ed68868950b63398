"""A datagram has more fragments than the device takes, or a limit is configured that may be met.

**What it checks.** The number of fragments of each large datagram against the limit of virtual or full reassembly on
the way; and limits that someone configured, even where no flow of the audit meets them.

**Why it breaks.** A device that looks at fragments as a set keeps only so many for one datagram and drops the set that
has more. Fragments that an earlier hop cut again count more.

**Example.** ``ip virtual-reassembly in max-fragments 2`` and an IKE_AUTH of three fragments.

**Cure.** Raise the limit to at least 16 (a RADIUS packet of 4096 bytes over an MTU of 576 has 8), or make the messages
smaller.

**References.** RFC 8900 3.6; the platform's page under docs/platforms.
"""

from collections.abc import Iterator

from auditor.judge.found import from_losses, note
from auditor.model.evidence import Basis
from auditor.model.findings import Finding
from auditor.model.rule import Case, Rule

NAME = "fragment-limit-exceeded"
CURE = "raise the limit on fragments of one datagram, or make the messages smaller at the ends"


def find(case: Case) -> Iterator[Finding]:
    """The limits that a datagram exceeds, then those that are configured."""
    met = list(from_losses(NAME, CURE)(case))
    yield from met
    lines = {evidence for one in met for evidence in one.evidence}
    for device in case.devices.values():
        for row in device.reassembly:
            fact = row.fragments
            if fact is None or fact.value is None or fact.basis is not Basis.READ or lines & set(fact.evidence):
                continue
            message = (
                f"{device.name}: {row.interface or 'the device'} takes at most {fact.value} fragments of a datagram"
            )
            yield note(NAME, "at-risk", device.name, message, fact.evidence, CURE)


RULE = Rule(
    name=NAME,
    summary="a reassembly takes fewer fragments of a datagram than there are",
    cure=CURE,
    severity="breaks",
    find=find,
    page=__doc__,
)
