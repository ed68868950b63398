"""A list that permits a port lets all later fragments to that address through.

**What it checks.** Filters on platforms where an entry that names ports permits every non-initial fragment between its
addresses.

**Why it matters.** It is what makes large datagrams work there, and no fault. But it also means that such a list does
not keep later fragments of other conversations from that address. It is said so that nobody is surprised.

**Cure.** None is needed. Where only known peers should send fragments, name their addresses in the entries.

**References.** RFC 1858; the platform's page under docs/platforms.
"""

from collections.abc import Iterator

from auditor.judge.found import note
from auditor.model.filters import ANY, DROPPING, Headerless
from auditor.model.findings import Finding
from auditor.model.rule import Case, Rule

NAME = "later-fragments-open"
CURE = "none is needed; name the peers' addresses where only they should send fragments"
LARGE_PORTS = (500, 4500, 1812)
UDP = 17


def find(case: Case) -> Iterator[Finding]:
    """The first such entry of each bound list, where it is open to any source."""
    for device in case.devices.values():
        for name in dict.fromkeys(b.filter for i in device.interfaces for b in i.bindings if b.purpose == "access"):
            filter_ = device.filters.get(name)
            if filter_ is None or filter_.headerless.value is not Headerless.PERMIT_BY_ADDRESS_SKIP_DENY:
                continue
            for rule in filter_.rules:
                if rule.action.verb in DROPPING and rule.tests and all(box == ANY for box in rule.boxes):
                    break  # it denies the fragments of everybody before any port is permitted
                if rule.action.verb in DROPPING or (rule.protocol is not None and UDP not in rule.protocol):
                    continue
                ports = [box.destination_ports for box in rule.boxes if box.sources is None]
                if any(port in found for found in ports if found is not None for port in LARGE_PORTS):
                    message = (
                        f"{device.name}: {filter_.kind} {name} lets later fragments from anywhere pass by this line"
                    )
                    yield note(NAME, "note", device.name, message, (rule.evidence,), CURE)
                    break


RULE = Rule(
    name=NAME,
    summary="an entry on ports lets later fragments from anywhere through",
    cure=CURE,
    severity="note",
    find=find,
    page=__doc__,
)
