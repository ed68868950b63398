"""An opaque hop is declared to drop fragments.

**What it checks.** What ``paths.yaml`` says of hops that nobody can read.

**Why it breaks.** As a filter that drops fragments does. The basis is the user's own word, so the report lists it.

**Cure.** Ask whoever runs the hop to let fragments pass, or keep the messages small at the ends: IKE fragmentation (RFC
7383), EAP fragment sizes, RADIUS over TLS.

**References.** RFC 4787 11 (REQ-14); RFC 7872 (fragments on the Internet).
"""

from auditor.judge.found import from_losses
from auditor.model.rule import Rule

NAME = "opaque-hop-drops"
CURE = "keep the messages small at the ends, since this hop is not yours to change"
RULE = Rule(
    name=NAME,
    summary="a hop that can't be read is declared to drop fragments",
    cure=CURE,
    severity="breaks",
    find=from_losses(NAME, CURE),
    page=__doc__,
)
