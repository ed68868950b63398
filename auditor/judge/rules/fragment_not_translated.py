"""NAT by port meets a fragment without ports.

**What it checks.** Whether a translating hop has looked at the fragments as a set (reassembly, virtual or full) before
it translates.

**Why it breaks.** The first fragment is translated, the others are not, or are dropped; the receiver can't join them.

**Example.** ``ip nat inside source static udp 10.0.0.5 4500 ...`` on an interface with ``no ip virtual-reassembly``.

**Cure.** Switch virtual reassembly on where NAT stands, or translate the whole address one to one.

**References.** RFC 4787 11 (REQ-14); RFC 3022 6.3.
"""

from auditor.judge.found import from_losses
from auditor.model.rule import Rule

NAME = "fragment-not-translated"
CURE = "switch virtual reassembly on where the addresses are translated, or translate the whole address"
RULE = Rule(
    name=NAME,
    summary="a fragment without ports is not translated as the first one is",
    cure=CURE,
    severity="breaks",
    find=from_losses(NAME, CURE),
    page=__doc__,
)
