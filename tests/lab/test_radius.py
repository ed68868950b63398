"""A real RADIUS server and a real EAP peer over hops that drop, filter, join or are small: predicted, then signed in.

What the auditor gets is what a user has: hosts.yaml, the hosts' own listings, and a paths.yaml that names both ends by
their systems and settings. Those carry all that these two send, so most cases say no size at all. Two things no key of
paths.yaml says, and their sizes come in under ``messages:``, as ``fragaudit size`` sums them up: a server's own
fragment_size, and what a NAS adds about itself. What was captured is never read for a prediction.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from auditor.audit import audit, load
from auditor.messages.sizes import Sized, sizes
from auditor.model.addresses import Family
from auditor.model.findings import FlowVerdict, MessageVerdict, Verdict
from auditor.model.packets import datagram_bytes
from tests.lab.ike import Pki, end_address
from tests.lab.namespaces import needed
from tests.lab.radius import (
    CALLED_STATION,
    NAS_IDENTIFIER,
    PATIENCE,
    RadiusDatagram,
    Server,
    SignedIn,
    Supplicant,
    missing_server,
    sign_in,
    size_options,
)
from tests.lab.traffic import Piece, Traffic
from tests.lab.world import CLIENT, SERVER, Hop, World, row
from tests.scenarios.test_linux_truth import CT_INET, DROP, base, table

REQUEST, CHALLENGE = "Access-Request", "Access-Challenge"
PASSES, AT_RISK, BREAKS = Verdict.PASSES, Verdict.AT_RISK, Verdict.BREAKS

NO_FRAGMENTS = table("ip", base("forward", "filter", DROP))
NO_FRAGMENTS_BACK = table("ip", base("forward", "filter", f'iifname "l3" {DROP}'))
NO_FRAGMENTS_6 = table("ip6", base("forward", "filter", "exthdr frag exists drop"))
PORTS_ONLY = table("ip", base("forward", "filter", "udp dport 1812 accept", "udp sport 1812 accept", policy="drop"))
JOINED = NO_FRAGMENTS + CT_INET
BY_DEFAULT, SERVER_BY_DEFAULT = Supplicant(), Server()
LONG_NAMES = ((CALLED_STATION, "02-00-00-00-00-02:a network with a name"), (NAS_IDENTIFIER, "n" * 36))


@dataclass(frozen=True)
class Case:
    """Rules on fw, the MTU between r1 and fw, both ends' settings; the IP lengths of the largest messages that
    lab.md's tables give them, and what is to come of it. ``breaks`` names the message that is lost.
    """

    name: str
    request: int
    challenge: int
    supplicant: Supplicant = BY_DEFAULT
    server: Server = SERVER_BY_DEFAULT
    fw: str = ""
    l2: int = 1500
    family: Family = 4
    breaks: str = ""
    tries: int = 1

    @property
    def verdict(self) -> Verdict:
        """What the auditor is to say of the flow."""
        return BREAKS if self.breaks else PASSES if self.tries == 1 else AT_RISK

    @property
    def summed(self) -> bool:
        """Whether the sizes are said under ``messages:``, because no key says what they are made of."""
        return self.server.fragment_size is not None or bool(self.supplicant.attributes)


CASES = [
    Case("open", 1591, 1118),
    Case("no fragments", 1591, 1118, fw=NO_FRAGMENTS, breaks=REQUEST),
    Case("no fragments, 1310", 1503, 1118, Supplicant(1310), fw=NO_FRAGMENTS, breaks=REQUEST),
    Case("no fragments, 1300", 1493, 1118, Supplicant(1300), fw=NO_FRAGMENTS),
    Case("no fragments, 1024", 1215, 1118, Supplicant(1024), fw=NO_FRAGMENTS),
    Case(
        "no fragments, 1300, long names",
        1572,
        1118,
        Supplicant(1300, attributes=LONG_NAMES),
        fw=NO_FRAGMENTS,
        breaks=REQUEST,
    ),
    Case("no fragments, 1200, long names", 1470, 1118, Supplicant(1200, attributes=LONG_NAMES), fw=NO_FRAGMENTS),
    Case("no fragments, Framed-MTU 1000", 1591, 1102, Supplicant(framed_mtu=1000), fw=NO_FRAGMENTS, breaks=REQUEST),
    Case("no fragments, server 1400", 1215, 1496, Supplicant(1024), Server(1400), NO_FRAGMENTS),
    Case("no fragments, server 2000, 1344", 1215, 1450, Supplicant(1024, 1344), Server(2000), NO_FRAGMENTS),
    Case("no fragments back", 1591, 1118, fw=NO_FRAGMENTS_BACK),
    Case("no fragments back, server 1500", 1591, 1506, server=Server(1500), fw=NO_FRAGMENTS_BACK, breaks=CHALLENGE),
    Case("ports only", 1591, 1118, fw=PORTS_ONLY, breaks=REQUEST),
    Case("ports only, 1024", 1215, 1118, Supplicant(1024), fw=PORTS_ONLY),
    Case("no fragments beside ct", 1591, 1118, fw=JOINED),
    Case("no fragments beside ct, server 2000, 9000", 1591, 2100, Supplicant(framed_mtu=9000), Server(2000), JOINED),
    Case("l2 1400", 1591, 1118, l2=1400),
    Case("l2 1400, no fragments, 1200", 1391, 1118, Supplicant(1200), fw=NO_FRAGMENTS, l2=1400),
    Case("IPv6, no fragments, 1300", 1513, 1138, Supplicant(1300), fw=NO_FRAGMENTS_6, family=6, breaks=REQUEST),
    Case("IPv6, no fragments, 1200", 1411, 1138, Supplicant(1200), fw=NO_FRAGMENTS_6, family=6),
    Case("IPv6, l2 1400, 1200", 1411, 1138, Supplicant(1200), l2=1400, family=6, tries=2),
]


@pytest.fixture(scope="module", autouse=True)
def _server() -> None:
    needed(missing_server())


@pytest.fixture(scope="module")
def lab(pki: Pki) -> Iterator[tuple[World, Traffic]]:
    """c, r1, fw, s in a row, as in ``lab.md`` 1."""
    with World(row([Hop("r1"), Hop("fw")])) as world, Traffic(world) as traffic:
        yield world, traffic


def summed(case: Case) -> dict[str, Sized]:
    """The messages as ``fragaudit size`` sums them up."""
    return {one.name: one for one in sizes(size_options(case.supplicant, case.server, case.family)).messages}


def paths_yaml(case: Case, world: World) -> str:
    """The flow of a case, as a user describes it."""
    lines = ["version: 1", "endpoints:"]
    for name, system in ((CLIENT, "eapol_test"), (SERVER, "freeradius")):
        lines += [f"  {name}:", f'    address: "{end_address(world, name, case.family)}"', f"    system: {system}"]
        lines.append(f"    mtu: {world.interfaces(name)[0][2]}")
        settings = {"eap_fragment_size": case.supplicant.fragment_size, "framed_mtu": case.supplicant.framed_mtu}
        lines += [f"    {key}: {value}" for key, value in settings.items() if value and name == CLIENT]
    lines += ["flows:", "  - name: lab", "    kind: radius", f"    from: {CLIENT}", f"    to: {SERVER}"]
    lines += [f"    family: {case.family}"]
    if case.summed:
        lines.append("    messages:")
        said = [f"name: {m.name}, direction: {m.direction}, payload: {m.whole.payload}" for m in summed(case).values()]
        lines += [f"      - {{{one}}}" for one in said]
    return "\n".join(lines) + "\n"


def predicted(case: Case, world: World, folder: Path) -> FlowVerdict:
    """What the auditor says of the running world."""
    world.collect(folder)
    (folder / "paths.yaml").write_text(paths_yaml(case, world))
    (flow,) = audit(load(folder)).flows
    return flow


def by_message(flow: FlowVerdict) -> dict[str, MessageVerdict]:
    """The verdicts of the messages, by name. Each has one path here."""
    found = [one for path in flow.paths for one in path.messages if not one.message.probe]
    assert len({one.message.name for one in found}) == len(found)
    return {one.message.name: one for one in found}


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_sign_in(case: Case, lab: tuple[World, Traffic], pki: Pki, tmp_path: Path) -> None:
    world, traffic = lab
    world.set_mtu(2, case.l2)
    world.clear("fw")
    world.load(Hop("fw", case.fw))
    traffic.forget_path_mtus()
    flow = predicted(case, world, tmp_path / "inventory")
    patience = PATIENCE if case.tries == 1 else 5  # eapol_test sends again after 3 s
    seen = sign_in(world, case.supplicant, case.server, pki, tmp_path, case.family, patience)
    said = by_message(flow)
    assert flow.verdict is case.verdict, [(name, str(one.verdict), one.drops) for name, one in said.items()]
    assert {name for name, one in said.items() if one.verdict is BREAKS} == ({case.breaks} - {""})
    assert seen.accepted == (flow.verdict in (PASSES, AT_RISK)), seen.log
    table_says = {CHALLENGE: case.challenge, REQUEST: case.request}
    for name in reached(case):
        check_size(case, seen, said[name], table_says[name])
        check_fate(seen, said[name])


def reached(case: Case) -> Sequence[str]:
    """The large messages that are sent: the server's certificates come first, the client's answer them."""
    return (CHALLENGE,) if case.breaks == CHALLENGE else (CHALLENGE, REQUEST)


def largest(seen: SignedIn, name: str) -> RadiusDatagram:
    """The largest message of that name that was sent."""
    found = seen.largest(name)
    assert found is not None, seen.log
    return found


def check_size(case: Case, seen: SignedIn, said: MessageVerdict, datagram: int) -> None:
    """The largest one captured has to the byte the size that was predicted, and that of the table."""
    found = largest(seen, said.message.name)
    assert said.message.payloads == (found.bytes,)
    assert summed(case)[said.message.name].whole.payload == found.bytes
    assert datagram_bytes(case.family, found.bytes) == datagram, "the table of lab.md says otherwise"


def check_fate(seen: SignedIn, said: MessageVerdict) -> None:
    """It leaves in the packets that were predicted, in the try that decides, and arrives whole where it should."""
    found = largest(seen, said.message.name)
    (ending,) = said.trace.endings
    arrived = seen.largest(said.message.name, arrived=True)
    assert (arrived is not None and arrived.bytes == found.bytes) == (said.verdict is not BREAKS), seen.log
    last = [one for one in seen.sent if (one.name, one.bytes) == (found.name, found.bytes)][-1]
    assert last.pieces == tuple(Piece(p.offset, p.bytes, p.more, p.df) for p in ending.departed)
    if ending.tries > 1:
        assert seen.number(found.name, found.bytes) == ending.tries
