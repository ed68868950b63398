"""Real IKEv2 daemons over hops that drop, filter, join or are small: predicted, then negotiated.

What the auditor gets is what a user has: hosts.yaml, the hosts' own listings, and a paths.yaml that names both ends as
they are set. No key of paths.yaml says how large a certificate is, so the sizes come in under ``messages:``: those
that ``fragaudit size`` sums up for the certificates' real DER files. The daemons' own are never read for it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from auditor.audit import audit, load
from auditor.messages.exchange import DIRECTIONS
from auditor.messages.sizes import Sized, sizes
from auditor.model.addresses import Family
from auditor.model.findings import FlowVerdict, MessageVerdict, Verdict
from tests.lab.ike import (
    ENDS,
    FRAGMENTATION_SUPPORTED,
    IkeDatagram,
    Negotiated,
    Pki,
    Settings,
    end_address,
    missing_daemon,
    negotiate,
    size_options,
)
from tests.lab.namespaces import needed
from tests.lab.traffic import Piece
from tests.lab.world import CLIENT, SERVER, Hop, World, row
from tests.scenarios.test_linux_truth import CT_INET, DROP, base, table

SLACK = 16  # bytes by which a sum may miss what is captured

NO, YES = Settings("no"), Settings("yes")
LARGE, TINY = Settings("yes", 1500), Settings("yes", 576)

NO_FRAGMENTS = table("ip", base("forward", "filter", DROP))
NO_FRAGMENTS_BACK = table("ip", base("forward", "filter", f'iifname "l3" {DROP}'))
NO_FRAGMENTS_6 = table("ip6", base("forward", "filter", "exthdr frag exists drop"))
PORTS_ONLY = table(
    "ip",
    base("forward", "filter", "udp dport { 500, 4500 } accept", "udp sport { 500, 4500 } accept", policy="drop"),
)
NO_ICMP_ERRORS = table("ip", base("output", "filter", "icmp type destination-unreachable drop"))


@dataclass(frozen=True)
class Case:
    """Rules on fw and r1, the MTU between them, both ends' settings, and what is to come of it."""

    name: str
    verdict: Verdict
    ends: tuple[Settings, Settings]
    fw: str = ""
    r1: str = ""
    l2: int = 1500
    family: Family = 4

    @property
    def announced(self) -> tuple[bool, bool]:
        """Which end announces RFC 7383: the responder only to one that does (RFC 7383 2.3)."""
        initiator, responder = (end.fragmentation != "no" for end in self.ends)
        return initiator, initiator and responder

    @property
    def splits(self) -> bool:
        """Whether both ends split what they send."""
        return all(end.fragmentation == "yes" for end in self.ends)


PASSES, AT_RISK, BREAKS = Verdict.PASSES, Verdict.AT_RISK, Verdict.BREAKS
CASES = [
    Case("open, no/no", PASSES, (NO, NO)),
    Case("open, yes/yes", PASSES, (YES, YES)),
    Case("open, no/yes", PASSES, (NO, YES)),
    Case("no fragments, no/no", BREAKS, (NO, NO), NO_FRAGMENTS),
    Case("no fragments, yes/yes", PASSES, (YES, YES), NO_FRAGMENTS),
    Case("no fragments, yes/no", BREAKS, (YES, NO), NO_FRAGMENTS),
    Case("no fragments, accept/yes", BREAKS, (Settings("accept"), YES), NO_FRAGMENTS),
    Case("no fragments, 576", PASSES, (TINY, TINY), NO_FRAGMENTS),
    Case("no fragments back, no/no", BREAKS, (NO, NO), NO_FRAGMENTS_BACK),
    Case("ports only, no/no", BREAKS, (NO, NO), PORTS_ONLY),
    Case("ports only, yes/yes", PASSES, (YES, YES), PORTS_ONLY),
    Case("no fragments beside ct, no/no", PASSES, (NO, NO), NO_FRAGMENTS + CT_INET),
    Case("l2 1400, no/no", PASSES, (NO, NO), l2=1400),
    Case("l2 1400, 1500", AT_RISK, (LARGE, LARGE), l2=1400),
    Case("l2 1400, 1500, no fragments", BREAKS, (LARGE, LARGE), NO_FRAGMENTS, l2=1400),
    Case("l2 1400, 1500, no ICMP errors", BREAKS, (LARGE, LARGE), r1=NO_ICMP_ERRORS, l2=1400),
    Case("l2 1280, no fragments", PASSES, (YES, YES), NO_FRAGMENTS, l2=1280),
    Case("l2 1200", AT_RISK, (YES, YES), l2=1200),
    Case("l2 1200, no fragments", BREAKS, (YES, YES), NO_FRAGMENTS, l2=1200),
    Case("IPv6, open, no/no", PASSES, (NO, NO), family=6),
    Case("IPv6, no fragments, no/no", BREAKS, (NO, NO), NO_FRAGMENTS_6, family=6),
    Case("IPv6, no fragments, yes/yes", PASSES, (YES, YES), NO_FRAGMENTS_6, family=6),
    Case("IPv6, l2 1400, 1500", AT_RISK, (LARGE, LARGE), l2=1400, family=6),
]


@pytest.fixture(scope="module", autouse=True)
def _daemon() -> None:
    needed(missing_daemon())


def summed(case: Case, pki: Pki) -> dict[str, Sized]:
    """The messages as ``fragaudit size`` sums them up, each with the options of the end that sends it."""
    found = {}
    for direction, end, announced in zip(DIRECTIONS, case.ends, case.announced, strict=True):
        options = size_options(pki, direction, announced, end.fragment_size, case.family)
        found.update({one.name: one for one in sizes(options).messages if one.direction == direction})
    return found


def paths_yaml(case: Case, world: World, messages: Sequence[Sized]) -> str:
    """The flow of a case, as a user describes it."""
    lines = ["version: 1", "endpoints:"]
    for name, end in zip(ENDS, case.ends, strict=True):
        lines += [
            f"  {name}:",
            f'    address: "{end_address(world, name, case.family)}"',
            "    system: strongswan",
            f"    mtu: {world.interfaces(name)[0][2]}",
            f"    ike_fragmentation: {'true' if end.fragmentation == 'yes' else 'false'}",
            f"    ike_fragment_size: {end.fragment_size}",
        ]
    lines += ["flows:", "  - name: lab", "    kind: ikev2", "    auth: certificate"]
    lines += [f"    from: {CLIENT}", f"    to: {SERVER}", f"    family: {case.family}", "    messages:"]
    for one in messages:
        lines.append(f"      - {{name: {one.name}, direction: {one.direction}, payload: {one.whole.payload}}}")
    return "\n".join(lines) + "\n"


def predicted(case: Case, world: World, folder: Path, messages: dict[str, Sized]) -> FlowVerdict:
    """What the auditor says of the running world."""
    world.collect(folder)
    (folder / "paths.yaml").write_text(paths_yaml(case, world, list(messages.values())))
    (flow,) = audit(load(folder)).flows
    return flow


def by_message(flow: FlowVerdict) -> dict[str, MessageVerdict]:
    """The verdicts of the messages, by name. Each has one path here."""
    found = [one for path in flow.paths for one in path.messages if not one.message.probe]
    assert len({one.message.name for one in found}) == len(found)
    return {one.message.name: one for one in found}


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_negotiation(case: Case, pki: Pki, tmp_path: Path) -> None:
    messages = summed(case, pki)
    with World(row([Hop("r1", case.r1), Hop("fw", case.fw)])) as world:
        world.set_mtu(2, case.l2)  # below 1280 a link loses its IPv6 addresses, so that it can't be built with it
        flow = predicted(case, world, tmp_path / "inventory", messages)
        seen = negotiate(world, *case.ends, pki, tmp_path, case.family)
    said = by_message(flow)
    assert flow.verdict is case.verdict, [(name, str(one.verdict), one.drops) for name, one in said.items()]
    assert seen.established == (flow.verdict in (PASSES, AT_RISK)), seen.log
    assert seen.answered == (said["IKE_AUTH request"].verdict in (PASSES, AT_RISK)), seen.log
    assert announcements(seen) == case.announced
    for name, one in said.items():
        if seen.first(name):
            check_size(seen, messages[name], splits=case.splits)
            check_fate(seen, one)
            check_packets(seen, one)


def announcements(seen: Negotiated) -> tuple[bool, bool]:
    """Whether request and response of IKE_SA_INIT, as they arrive, announce RFC 7383."""
    init = {one.response: FRAGMENTATION_SUPPORTED in one.notifies for one in seen.arrived if one.notifies}
    return init[False], init[True]


def check_size(seen: Negotiated, expected: Sized, *, splits: bool) -> None:
    """The captured message has the size that was summed up; split, each of its parts and, by the log, the whole."""
    captured = [one.bytes for one in seen.first(expected.name)]
    parts = [piece.message for piece in expected.fragments] if splits else []
    parts = parts or [expected.whole.message]
    assert len(captured) == len(parts), (captured, parts)
    assert all(abs(one - other) <= SLACK for one, other in zip(captured, parts, strict=True)), (captured, parts)
    if len(parts) > 1:
        assert abs(seen.whole[expected.name] - expected.whole.message) <= SLACK
    assert {one.port for one in seen.first(expected.name)} == {expected.port}


def check_fate(seen: Negotiated, said: MessageVerdict) -> None:
    """It arrives whole where it should: with all that is sent, or, at risk, with less than that."""
    name = said.message.name
    sent = [one for one in seen.sent if one.name == name]
    arrived = [one for one in seen.arrived if one.name == name]
    whole = len({one.number for one in arrived}) == max(1, sent[0].total)
    assert whole == (said.verdict in (PASSES, AT_RISK)), seen.log
    assert (len(sent) == len(arrived)) == (said.verdict is PASSES), seen.log
    assert seen.transmissions(name) > 1 or said.verdict is PASSES


def check_packets(seen: Negotiated, said: MessageVerdict) -> None:
    """The packets that leave, in the try that decides, are those that were predicted."""
    (ending,) = said.trace.endings
    sent = [one for one in seen.sent if one.name == said.message.name]
    last = sent[-max(1, sent[0].total) :] if ending.tries > 1 else list(seen.first(said.message.name))
    assert near(shapes(last), [Piece(p.offset, p.bytes, p.more, p.df) for p in ending.departed])


def shapes(datagrams: Sequence[IkeDatagram]) -> list[Piece]:
    """The packets of some datagrams, in their order."""
    return [piece for one in datagrams for piece in one.pieces]


def near(captured: Sequence[Piece], expected: Sequence[Piece]) -> bool:
    """The same packets, but for the slack of the last of each message."""
    fixed = [(piece.offset, piece.more, piece.df) for piece in captured]
    assert fixed == [(piece.offset, piece.more, piece.df) for piece in expected], (captured, expected)
    return all(abs(one.bytes - other.bytes) <= SLACK for one, other in zip(captured, expected, strict=True))
