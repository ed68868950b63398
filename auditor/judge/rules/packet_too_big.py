"""A packet that may not be cut is too big for the way on.

**What it checks.** The length of each packet with DF set, and of each IPv6 packet, against the MTU of every hop. If the
ICMP error can find its way back, the sender tries again with smaller packets, and these are followed too.

**Why it breaks.** The hop drops the packet. A sender that never learns of it, or that never cuts, sends the same again
until it gives up.

**Example.** A strongSwan end sets DF on what fits its own link; behind a link of 1400 bytes the first IKE_AUTH dies,
and the ICMP error is dropped by a filter on its way back.

**Cure.** Let ICMP "fragmentation needed" (type 3 code 4) and ICMPv6 "packet too big" (type 2) pass back to the sender,
raise the MTU of the narrow link to what it really carries, or make the sender's datagrams smaller than it.

**References.** RFC 1191; RFC 8201; RFC 4890 4.3.1; RFC 8900 3.8.
"""

from auditor.judge.found import from_losses
from auditor.model.rule import Rule

NAME = "packet-too-big"
CURE = (
    "let the ICMP error back to the sender (IPv4 3/4, IPv6 packet too big), raise the MTU of the narrow link, "
    "or send smaller datagrams"
)
RULE = Rule(
    name=NAME,
    summary="a packet that may not be cut is larger than the MTU of a hop",
    cure=CURE,
    severity="breaks",
    find=from_losses(NAME, CURE),
    page=__doc__,
)
