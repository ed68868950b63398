"""A list lets the ports through and loses the fragments without ports.

**What it checks.** A filter permits UDP by port, small datagrams pass, and a non-initial fragment of the same
conversation, which has no ports, matches none of these entries and dies at a denying entry or at the list's end.

**Why it breaks.** Whether an entry that names ports matches a fragment without ports differs from platform to platform.
Where it does not, the fragments need an entry of their own, or a device that joins them before it filters.

**Example.** nftables: ``policy drop; udp dport { 500, 4500 } accept`` with no rule anywhere that uses connection
tracking.

**Cure.** Permit fragments between the peers by address and protocol, or filter statefully, so that fragments are joined
before they are matched.

**References.** RFC 8900 3.4; RFC 1858; the platform's page under docs/platforms.
"""

from auditor.judge.found import from_losses
from auditor.model.rule import Rule

NAME = "non-initial-fragment-unmatched"
CURE = (
    "add an entry that permits the fragments between these peers by address and protocol, or filter with connection "
    "tracking, which joins them first"
)
RULE = Rule(
    name=NAME,
    summary="a list permits the ports and drops the fragments, which have none",
    cure=CURE,
    severity="breaks",
    find=from_losses(NAME, CURE),
    page=__doc__,
)
