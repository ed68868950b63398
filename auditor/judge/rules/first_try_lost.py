"""The first large message is lost, and only the second gets through.

**What it checks.** Senders that set DF on what fits their own link, and all senders of IPv6: the first packet that is
too big for a later hop dies there, an ICMP error goes back, and the sender tries again with smaller packets.

**Why it is a risk.** It works as long as the ICMP error arrives. It costs one time-out at each new path MTU, and the
day a filter drops the error, nothing works any more.

**Cure.** Make the sender's datagrams fit the narrowest hop (IKE fragment size, MTU of its link), or raise that hop's
MTU.

**References.** RFC 1191 3; RFC 8201 4; RFC 8900 3.8.
"""

from collections.abc import Iterator

from auditor.judge.found import Found, finding
from auditor.model.evidence import Evidence
from auditor.model.findings import Finding
from auditor.model.rule import Case, Rule

NAME = "first-try-lost"
CURE = "make the sender's datagrams fit the narrowest hop, or raise the MTU of that hop to what it carries"


def find(case: Case) -> Iterator[Finding]:
    """Each hop where a first try dies of its size and a second one arrives."""
    found: dict[tuple[str, tuple[Evidence, ...]], Found] = {}
    for flow in case.flows:
        for path in flow.paths:
            for message in path.messages:
                for ending in message.trace.endings:
                    for loss in ending.first_losses if ending.complete else ():
                        text = f"{loss.device}: {loss.reason}; the sender's second try gets through"
                        one = found.setdefault(
                            (loss.device, loss.evidence), Found(loss.device, loss.evidence, text, "at-risk")
                        )
                        one.flows[flow.name] = None
    for one in found.values():
        yield finding(NAME, one, CURE)


RULE = Rule(
    name=NAME,
    summary="the first large packet dies of its size, the second try gets through",
    cure=CURE,
    severity="at-risk",
    find=find,
    page=__doc__,
)
