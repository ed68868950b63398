"""A setting outside any filter drops fragments.

**What it checks.** A device drops all fragments that come in by an interface, whatever the filters say.

**Why it breaks.** A datagram larger than the MTU always travels as fragments, so nothing large gets through.

**Example.** ``ip virtual-reassembly in drop-fragments`` on the interface by which the packets come.

**Cure.** Take the setting back on this interface, or keep the messages small at the ends. Where a hardening standard
asks for the setting, IKE fragmentation (RFC 7383) and RADIUS over TLS satisfy both.

**References.** The platform's page under docs/platforms; RFC 7383; RFC 6614.
"""

from auditor.judge.found import from_losses
from auditor.model.rule import Rule

NAME = "fragments-dropped-by-setting"
CURE = "take the setting back on this interface, or keep the messages small at the ends"
RULE = Rule(
    name=NAME,
    summary="a setting of the device drops every fragment",
    cure=CURE,
    severity="breaks",
    find=from_losses(NAME, CURE),
    page=__doc__,
)
