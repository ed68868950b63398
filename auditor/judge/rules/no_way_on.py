"""The device does not forward, has no route, or finds no way back to the source.

**What it checks.** Null routes, complete routing tables without a route, devices that don't forward the family, and
checks of the source address (uRPF, ``rp_filter``).

**Why it blocks.** Nothing of the flow gets through, small or large.

**Cure.** Correct the route or the forwarding setting; for asymmetric ways set the source check to loose.

**References.** RFC 3704; RFC 1812 5.3.
"""

from auditor.judge.found import from_losses
from auditor.model.rule import Rule

NAME = "no-way-on"
CURE = "correct the route or the forwarding setting; where ways are asymmetric, check sources loosely"
RULE = Rule(
    name=NAME,
    summary="the device does not forward, has no route, or finds no way back to the source",
    cure=CURE,
    severity="breaks",
    find=from_losses(NAME, CURE, probes=True),
    page=__doc__,
)
