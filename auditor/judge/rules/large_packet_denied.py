"""A filter drops a packet for its length, or a whole packet that its small siblings pass.

**What it checks.** Packets that are not fragments and that a filter drops although small ones of the same conversation
pass: matches on the packet's length, on DF, on a mark.

**Why it breaks.** Large messages are lost as if fragments were dropped.

**Example.** ``ip length > 1400 drop``; ``ip frag-off != 0 drop``, which without a mask means DF as well.

**Cure.** Take the entry away for these peers, or put one that permits them above it.

**References.** RFC 791 3.1 (the 16 bits of flags and offset).
"""

from auditor.judge.found import from_losses
from auditor.model.rule import Rule

NAME = "large-packet-denied"
CURE = "permit the packets between these peers in an entry above the one that drops them"
RULE = Rule(
    name=NAME,
    summary="a filter drops whole packets for their length or flags",
    cure=CURE,
    severity="breaks",
    find=from_losses(NAME, CURE),
    page=__doc__,
)
