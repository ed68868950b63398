"""Even a small datagram of the flow is dropped.

**What it checks.** A small datagram on each port and in each direction of the flow. Parts of the addresses that it does
not reach are closed on purpose; only where it reaches none at all is the flow blocked.

**Why it blocks.** This has nothing to do with fragments: the ports are not permitted, or the answer finds no session.

**Example.** A list that permits UDP 500 and forgets 4500: the IKE exchange begins and stops at IKE_AUTH, as it does
when fragments are lost.

**Cure.** Permit the ports of the flow in both directions: UDP 500 and 4500 for IKE, 1812 and 1813 for RADIUS.

**References.** RFC 7296 2.23; RFC 2865 3.
"""

from collections.abc import Iterator

from auditor.judge.found import from_losses
from auditor.model.findings import Finding, Verdict
from auditor.model.rule import Case, Rule

NAME = "small-datagram-denied"
CURE = "permit the ports of the flow in both directions, if the flow is wanted"


def find(case: Case) -> Iterator[Finding]:
    """The entries that deny the small datagrams of blocked flows; those of parts that are closed don't count."""
    blocked = {flow.name for flow in case.flows if flow.verdict is Verdict.BLOCKED}
    for one in from_losses(NAME, CURE, probes=True)(case):
        if blocked & set(one.flows):
            yield one


RULE = Rule(
    name=NAME,
    summary="even small datagrams of a flow are dropped",
    cure=CURE,
    severity="breaks",
    find=find,
    page=__doc__,
)
