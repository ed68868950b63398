"""An interface carries less than 1500 bytes, so that large datagrams are cut, or cut again.

**What it checks.** Configured IP MTUs below 1500 of interfaces that are up and have an address.

**Why it matters.** By itself it harms nothing: routers cut. But each cut makes fragments, which a hop behind may drop;
a packet with DF dies; and of a fragment that is cut again there is one more, against limits on their number.

**Cure.** None is needed where fragments and ICMP errors pass. Else let the ends send datagrams that fit.

**References.** RFC 791 3.2; RFC 8900 3.
"""

from collections.abc import Iterator

from auditor.judge.found import note
from auditor.model.evidence import Basis
from auditor.model.findings import Finding
from auditor.model.rule import Case, Rule

NAME = "small-mtu"
CURE = "none is needed where fragments and ICMP errors pass; else let the ends send datagrams that fit"
USUAL = 1500


def find(case: Case) -> Iterator[Finding]:
    """Each configured MTU below that of Ethernet."""
    for device in case.devices.values():
        for interface in device.interfaces:
            if not interface.enabled or not interface.addresses or interface.kind == "loopback":
                continue
            seen = set()
            for family, fact in sorted(interface.mtu.items()):
                if fact.value is None or fact.value >= USUAL or fact.basis is not Basis.READ or fact.evidence in seen:
                    continue
                seen.add(fact.evidence)
                message = (
                    f"{device.name} {interface.name}: the IPv{family} MTU is {fact.value}; larger datagrams are cut"
                )
                yield note(NAME, "note", device.name, message, fact.evidence, CURE)


RULE = Rule(
    name=NAME,
    summary="an interface carries less than 1500 bytes",
    cure=CURE,
    severity="note",
    find=find,
    page=__doc__,
)
