"""A real router's own words for its routes against the kernel's for the same, and real packets against both.

Each case is read from one running world with the routers' kernel routes in their transcripts, without these and with
``routes/`` out of FRR, and with both. All must find the same ways and verdicts, and the packets fare so.
"""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from auditor.messages.exchange import DIRECTIONS
from auditor.model.findings import Report, Verdict
from tests.lab.compare import audited, hold
from tests.lab.frr import RoutedWorld, missing_router
from tests.lab.namespaces import needed
from tests.lab.predict import Datagram, paths_yaml, predicted
from tests.lab.traffic import Traffic
from tests.lab.world import CLIENT, Description, Hop, Link, address, row
from tests.scenarios.test_linux_truth import DROP, base, table

PORT = 4500
CLIENT_PORT = 20000
DATAGRAMS = tuple(
    Datagram(payload, direction, df)
    for direction in DIRECTIONS
    for payload, df in ((100, "false"), (1422, "pmtud"), (2000, "false"))
)
PASSES, AT_RISK, BREAKS, BLOCKED = Verdict.PASSES, Verdict.AT_RISK, Verdict.BREAKS, Verdict.BLOCKED
NO_FRAGMENTS = table("ip", base("forward", "filter", DROP)) + table(
    "ip6", base("forward", "filter", "exthdr frag exists drop")
)


@pytest.fixture(scope="module", autouse=True)
def _router() -> None:
    needed(missing_router())


def static(subnet: int, *hops: tuple[int, int]) -> tuple[str, ...]:
    """Routes to a link's subnets, by the far ends of links."""
    found = []
    for link, end in hops:
        found.append(f"ip route 10.0.{subnet}.0/24 {address(4, link, end)}")
        found.append(f"ipv6 route fd00:{subnet}::/64 {address(6, link, end)}")
    return tuple(found)


def in_a_row(rules: str, l2: int = 1500) -> Description:
    return row([Hop("r1"), Hop("fw", nft=rules)], [1500, l2])


def diamond(other: str) -> Description:
    """Two ways from h1 to h4: by a and by b."""
    return Description(
        hops=(Hop("h1"), Hop("a"), Hop("b", nft=other), Hop("h4")),
        links=(Link("c", "h1"), Link("h1", "a"), Link("h1", "b"), Link("a", "h4"), Link("b", "h4"), Link("h4", "s")),
    )


@dataclass(frozen=True)
class Case:
    """A world, its routers with their lines, and the verdict on each family's way there and back."""

    name: str
    description: Description
    static: Mapping[str, tuple[str, ...]]
    forward: Verdict
    reverse: Verdict


ONWARD, BACK = static(3, (2, 2)), static(1, (2, 1))
PAIRS = {"h1": static(6, (2, 2), (3, 2)), "h4": static(1, (4, 1), (5, 1))}
DISCARDED = ("ip route 10.0.3.2/32 blackhole", "ipv6 route fd00:3::2/128 blackhole")
UNREACHABLE = ("ip route 10.0.1.1/32 reject", "ipv6 route fd00:1::1/128 reject")
NOT_USED = (
    *("ip route 10.0.0.0/16 blackhole", "ipv6 route fd00::/16 reject"),  # others are longer
    *("ip route 10.0.3.0/24 10.0.1.1 250", "ipv6 route fd00:3::/64 fd00:1::1 250"),  # others are nearer
)
BY_ANOTHER = (
    *("ip route 10.9.9.9/32 10.0.2.2", "ip route 10.0.3.0/24 10.9.9.9"),
    *("ipv6 route fd00:9::9/128 fd00:2::2", "ipv6 route fd00:3::/64 fd00:9::9"),
)
CASES = [
    Case("a row", in_a_row("", 1400), {"r1": ONWARD, "fw": BACK}, AT_RISK, AT_RISK),
    Case("a route by another", in_a_row(NO_FRAGMENTS), {"r1": (*BY_ANOTHER, *NOT_USED)}, BREAKS, BREAKS),
    Case("discarded", in_a_row(""), {"r1": (*ONWARD, *DISCARDED), "fw": (*BACK, *UNREACHABLE)}, BLOCKED, BLOCKED),
    Case("a pair", diamond(""), PAIRS, PASSES, PASSES),
    Case("a pair, one drops fragments", diamond(NO_FRAGMENTS), PAIRS, BREAKS, BREAKS),
]


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_routes(case: Case, tmp_path: Path) -> None:
    with RoutedWorld(case.description, case.static) as world, Traffic(world) as traffic:
        kernel = inventory(world, tmp_path / "kernel")
        router = Path(shutil.copytree(kernel, tmp_path / "router"))
        world.put_routes(router)
        by_kernel, by_router = audited(kernel), audited(router)
        shutil.copytree(router / "routes", kernel / "routes")
        by_both = audited(kernel)
        assert ways(by_kernel) == ways(by_router) == ways(by_both)
        for family in (4, 6):
            for datagram in DATAGRAMS:
                asked = (PORT, family, datagram, traffic.end(CLIENT, family), CLIENT_PORT)
                assert predicted(by_kernel, *asked) == predicted(by_router, *asked) == predicted(by_both, *asked)
            assert worst(by_router, family, "forward") is case.forward
            assert worst(by_router, family, "reverse") is case.reverse
            results = hold(traffic, by_router, DATAGRAMS, PORT, family)
            assert [str(result) for result in results if result.outcome != "agreed"] == []


def inventory(world: RoutedWorld, folder: Path) -> Path:
    """What the running world says of itself, with the kernels' routes."""
    world.collect(folder)
    (folder / "paths.yaml").write_text(paths_yaml(world, DATAGRAMS, (PORT,)))
    return folder


def ways(report: Report) -> list[object]:
    """Every path of the flow, hop by hop, with what is not sure of it."""
    (flow,) = report.flows
    return [
        (path.id, path.verdict, [(hop.device, hop.ingress, hop.egress, hop.vrf) for hop in path.path.hops])
        for path in flow.paths
    ]


def worst(report: Report, family: int, direction: str) -> Verdict:
    """The verdict on one way of the flow."""
    (flow,) = report.flows
    paths = (one for one in flow.paths if (one.path.family, one.path.direction) == (family, direction))
    return max((path.verdict for path in paths), key=lambda one: one.rank)


def test_without_either_the_way_is_unknown(tmp_path: Path) -> None:
    """Nothing but ``routes/`` tells it where the kernel's routes are left out."""
    with RoutedWorld(in_a_row(""), {"r1": ONWARD}) as world:
        folder = inventory(world, tmp_path)
        world.put_routes(folder)
        with_routes = audited(folder)
        (folder / "routes" / "r1.json").unlink()
        assert worst(with_routes, 4, "forward") is PASSES
        assert worst(audited(folder), 4, "forward") is Verdict.UNKNOWN
