"""An entry that asks for fragments denies the later ones.

**What it checks.** A filter on the path, or bound to an interface, has an entry that matches non-initial fragments (or
every fragment) and drops them, and nothing before it lets them through.

**Why it breaks.** Only the first fragment of a UDP datagram holds the ports. The others are matched by such an entry
alone, and without them the receiver never gets the datagram. IKE_SA_INIT and the first RADIUS packets are small and
pass, so the connection begins and then hangs.

**Example.** ``deny ip any any fragments`` above ``permit udp any host 203.0.113.10 eq non500-isakmp``;
``ip frag-off & 0x1fff != 0 drop`` in a chain that no connection tracking precedes.

**Cure.** Put an entry that permits fragments between the peers above the denying one, or let the ends keep their
messages small (RFC 7383 for IKE, EAP fragment sizes for RADIUS). Don't open the list for everything.

**References.** RFC 791 3.2; RFC 8900 3.4 (filters and fragments); RFC 7383 1.
"""

from auditor.judge.found import from_losses
from auditor.model.rule import Rule

NAME = "non-initial-fragment-denied"
CURE = (
    "permit the fragments between these peers in an entry above the one that denies them, or keep the messages small "
    "at the ends (IKE fragmentation, EAP fragment size)"
)
RULE = Rule(
    name=NAME,
    summary="an entry that asks for fragments drops the later fragments of a datagram",
    cure=CURE,
    severity="breaks",
    find=from_losses(NAME, CURE),
    page=__doc__,
)
