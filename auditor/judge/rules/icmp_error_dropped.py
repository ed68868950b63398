"""The ICMP error that would mend a too-big packet does not get back.

**What it checks.** The way of "fragmentation needed" and "packet too big" from the hop that dropped to the sender,
through the same filters as any packet; and interfaces that send no such error.

**Why it breaks.** The sender goes on sending what is too big: a black hole. Small messages pass, so it looks like a
server that does not answer.

**Example.** ``no ip unreachables`` on the interface by which the large packet came in; ``-p icmp -j DROP``.

**Cure.** Permit these ICMP types in the direction of the sender; switch unreachables on again, with a rate limit if you
like.

**References.** RFC 2923 2.1; RFC 4890 4.3.1; RFC 1191.
"""

from auditor.judge.found import from_losses
from auditor.model.rule import Rule

NAME = "icmp-error-dropped"
CURE = "permit ICMP fragmentation-needed and ICMPv6 packet-too-big towards the sender, and let the device send them"
RULE = Rule(
    name=NAME,
    summary="the ICMP error about a too-big packet does not get back to the sender",
    cure=CURE,
    severity="breaks",
    find=from_losses(NAME, CURE),
    page=__doc__,
)
