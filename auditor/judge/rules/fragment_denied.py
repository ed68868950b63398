"""An entry drops the first fragment, or every fragment.

**What it checks.** A filter drops a first fragment (MF set, offset 0) whose small siblings it lets through: by a match
on the MF flag, on the presence of an IPv6 fragment header, or on the first header of IPv6 packets.

**Why it breaks.** Without its first fragment no datagram can be put together.

**Example.** ``ip6 nexthdr udp accept`` under a policy of drop: on a fragment the next header is 44, so not even the
first one passes. ``ip frag-off & 0x3fff != 0 drop``.

**Cure.** Match the upper-layer protocol (``meta l4proto udp``), and permit fragments between the peers before the entry
that drops them.

**References.** RFC 8200 4.5; RFC 8900 3.4.
"""

from auditor.judge.found import from_losses
from auditor.model.rule import Rule

NAME = "fragment-denied"
CURE = (
    "permit fragments between these peers in an entry above, or match the upper-layer protocol instead of the first "
    "header"
)
RULE = Rule(
    name=NAME,
    summary="a filter drops the first fragment, or every fragment",
    cure=CURE,
    severity="breaks",
    find=from_losses(NAME, CURE),
    page=__doc__,
)
