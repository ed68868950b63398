"""Packets may take one of several equal ways before a hop that joins fragments.

**What it checks.** Hops with several routes of equal cost, with a reassembling device behind one of them.

**Why it is a risk.** If the hop chooses the way packet by packet, or by ports that later fragments lack, the fragments
of one datagram meet different devices, and none of these ever has them all. Small messages and large ones may also take
different ways through different firewalls.

**Cure.** Choose the way by addresses alone, or make the devices share their state.

**References.** RFC 8900 3.5; RFC 6438.
"""

from collections.abc import Iterator

from auditor.judge.found import Found, finding
from auditor.model.evidence import Evidence
from auditor.model.findings import Finding
from auditor.model.rule import Case, Rule

NAME = "ways-split"
CURE = "choose among equal ways by addresses alone, so that all fragments of a datagram go one way"
JOINS = ("reassembled", "seen as a set")


def find(case: Case) -> Iterator[Finding]:
    """Each hop with several ways before a joining one."""
    found: dict[tuple[str, tuple[Evidence, ...]], Found] = {}
    for flow in case.flows:
        for path in flow.paths:
            joins = [
                step.hop
                for message in path.messages
                for ending in message.trace.endings
                for step in ending.steps
                if step.did in JOINS
            ]
            for at, hop in enumerate(path.path.hops):
                if hop.split and any(place > at for place in joins):
                    text = f"{hop.device} has several ways of equal cost, and a hop behind it joins fragments"
                    found.setdefault((hop.device, hop.split), Found(hop.device, hop.split, text, "at-risk")).flows[
                        flow.name
                    ] = None
    for one in found.values():
        yield finding(NAME, one, CURE)


RULE = Rule(
    name=NAME,
    summary="several ways of equal cost lead to hops that join fragments",
    cure=CURE,
    severity="at-risk",
    find=find,
    page=__doc__,
)
