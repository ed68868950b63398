"""Two ends of one link have different MTUs.

**What it checks.** The IP MTUs of all interfaces on one subnet.

**Why it is a risk.** What the side with the larger MTU sends may be too big for the other to receive: it disappears
without a trace and without an ICMP error. Or the smaller one cuts without need, and a hop behind it drops the
fragments.

**Cure.** Set both to what the link carries.

**References.** RFC 8900 3.8; RFC 1191 7.
"""

from collections.abc import Iterator

from auditor.judge.found import note
from auditor.model.findings import Finding
from auditor.model.rule import Case, Rule

NAME = "mtu-differs-on-link"
CURE = "set the same MTU on both ends, the one that the link carries"


def find(case: Case) -> Iterator[Finding]:
    """Each subnet whose interfaces differ."""
    for one in case.unlike:
        sides = ", ".join(f"{device} {interface} {mtu}" for device, interface, mtu in one.devices)
        message = f"the MTUs on {one.subnet} differ: {sides}"
        yield note(NAME, "at-risk", one.devices[0][0], message, one.evidence, CURE)


RULE = Rule(
    name=NAME,
    summary="interfaces on one subnet have different MTUs",
    cure=CURE,
    severity="at-risk",
    find=find,
    page=__doc__,
)
