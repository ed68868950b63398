"""A device that speaks IKEv2 with certificates does not fragment its messages itself.

**What it checks.** Devices of the inventory that are IKEv2 ends: whether RFC 7383 is on.

**Why it matters.** Without it, IKE_AUTH with certificates is cut by IP, and every hop that drops fragments breaks the
VPN. With it on both ends, nothing larger than the fragment size is ever sent.

**Example.** IOS without ``crypto ikev2 fragmentation``.

**Cure.** Switch it on at both ends; it takes effect only where both announce it.

**References.** RFC 7383 2.3.
"""

from collections.abc import Iterator

from auditor.judge.found import note
from auditor.model.findings import Finding
from auditor.model.rule import Case, Rule

NAME = "ike-fragmentation-off"
CURE = "switch IKE fragmentation (RFC 7383) on at both ends"


def find(case: Case) -> Iterator[Finding]:
    """Each IKE end without it, unless it signs in with a shared key alone."""
    for device in case.devices.values():
        for speaker in device.speakers:
            fact = speaker.ike_fragmentation
            if speaker.kind != "ikev2" or fact is None or fact.value or not fact.basis.decides or speaker.auth == "psk":
                continue
            message = f"{device.name} speaks IKEv2 and does not fragment IKE messages itself"
            yield note(NAME, "note", device.name, message, fact.evidence or (speaker.evidence,), CURE)
            break


RULE = Rule(
    name=NAME,
    summary="an IKEv2 end of the inventory has RFC 7383 switched off",
    cure=CURE,
    severity="note",
    find=find,
    page=__doc__,
)
