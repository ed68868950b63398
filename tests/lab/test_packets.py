"""Every row of the truth tables with real packets: predicted from what the host's own tools print, then measured."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lab.compare import audited, hold
from tests.lab.loading import load_listings
from tests.lab.predict import Datagram, paths_yaml
from tests.lab.traffic import Traffic
from tests.lab.world import Hop, World, row
from tests.scenarios.test_linux_truth import CT_INET, ROWS, ROWS6, Row, Row6, base, nft, table

PORT = 500
PAYLOADS = (100, 1422, 2000, 4000)
DATAGRAMS = tuple(
    Datagram(payload, direction, df)  # type: ignore[arg-type]
    for direction in ("forward", "reverse")
    for payload in PAYLOADS
    for df in ("false", "true", "pmtud")
)


@pytest.fixture(scope="module")
def lab() -> Iterator[tuple[World, Traffic]]:
    """c, r1, fw, s in a row, as in ``lab.md`` 1."""
    with World(row([Hop("r1"), Hop("fw")])) as world, Traffic(world) as traffic:
        yield world, traffic


def held(
    lab: tuple[World, Traffic], folder: Path, rules: dict[str, str], mtus: tuple[int, ...], family: int
) -> dict[str, bool]:
    """Which datagrams arrived, with those rules and those MTUs of l1, l2, l3; each fared as the auditor said."""
    world, traffic = lab
    for link, mtu in enumerate(mtus, 1):
        world.set_mtu(link, mtu)
    for name in ("r1", "fw"):
        world.clear(name)
        load_listings(world, name, rules.get(name, ""))
    traffic.forget_path_mtus()
    world.collect(folder)
    (folder / "paths.yaml").write_text(paths_yaml(world, DATAGRAMS, (PORT,)))
    results = hold(traffic, audited(folder), DATAGRAMS, PORT, family)
    assert len(results) == len(DATAGRAMS)
    assert [str(one) for one in results if one.outcome != "agreed"] == []
    return {one.datagram.name: one.received for one in results}


@pytest.mark.parametrize("l2", [1500, 1400])
@pytest.mark.parametrize("one", ROWS, ids=[one.number for one in ROWS])
def test_ipv4(lab: tuple[World, Traffic], tmp_path: Path, one: Row, l2: int) -> None:
    arrived = held(lab, tmp_path, {"fw": one.listings}, (1500, l2, 1500), 4)
    small, a, b, c, _ = (word == "ok" for word in one.outcomes.split())  # answers go to port 500 there, to others here
    table = {"forward 100 false": small, "forward 2000 false": a}
    if l2 == 1400:
        table = {"forward 100 false": small, "forward 2000 false": b, "forward 1422 false": c}
    assert {name: arrived.get(name, False) for name in table} == table, "the table of lab.md says otherwise"


@pytest.mark.parametrize("l2", [1500, 1400])
@pytest.mark.parametrize("one", ROWS6, ids=[one.name for one in ROWS6])
def test_ipv6(lab: tuple[World, Traffic], tmp_path: Path, one: Row6, l2: int) -> None:
    arrived = held(lab, tmp_path, {"fw": one.listings}, (1500, l2, 1500), 6)
    wide, _, narrow = (word.endswith("ok") for word in one.outcomes.split())
    assert arrived.get("forward 2000 false", False) == (wide if l2 == 1500 else narrow), "lab.md says otherwise"


BLOCKED = {
    4: nft(table("ip", base("output", "filter", "icmp type destination-unreachable drop"))),
    6: nft(table("ip6", base("output", "filter", "icmpv6 type packet-too-big drop"))),
}


@pytest.mark.parametrize("family", [4, 6])
@pytest.mark.parametrize("rules", ["", nft(CT_INET)], ids=["fw without ct", "fw with ct"])
def test_icmp_errors_that_never_leave(lab: tuple[World, Traffic], tmp_path: Path, rules: str, family: int) -> None:
    assert held(lab, tmp_path, {"r1": BLOCKED[family], "fw": rules}, (1500, 1400, 1500), family)


@pytest.mark.parametrize("family", [4, 6])
@pytest.mark.parametrize("mtus", [(1500, 1500, 1400), (1500, 1400, 9000), (1400, 1500, 1300), (9000, 1500, 1500)])
@pytest.mark.parametrize("rules", ["", nft(CT_INET)], ids=["fw without ct", "fw with ct"])
def test_what_leaves_a_host_that_joins(
    lab: tuple[World, Traffic], tmp_path: Path, rules: str, mtus: tuple[int, ...], family: int
) -> None:
    assert held(lab, tmp_path, {"fw": rules}, mtus, family)
