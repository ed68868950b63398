"""No policy lets anything from the one zone to the other.

**What it checks.** The zones of the interfaces by which the flow comes and goes, and the policies between them.

**Why it blocks.** A zone firewall drops what no policy names; so small datagrams die as well as large ones.

**Cure.** If the flow is wanted, add a policy from the first zone to the second that permits its ports.

**References.** The platform's page under docs/platforms.
"""

from auditor.judge.found import from_losses
from auditor.model.rule import Rule

NAME = "no-policy-between-zones"
CURE = "add a policy between the two zones that permits the ports of the flow, if it is wanted"
RULE = Rule(
    name=NAME,
    summary="no policy permits anything between two zones",
    cure=CURE,
    severity="breaks",
    find=from_losses(NAME, CURE, probes=True),
    page=__doc__,
)
