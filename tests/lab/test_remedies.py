"""The commands that a remedy prints, run in the namespace of the host that drops: then the traffic passes."""

import shlex
from pathlib import Path

import pytest

from auditor.model.findings import FlowVerdict, Verdict
from tests.lab.compare import Held, audited, hold
from tests.lab.predict import Datagram, paths_yaml
from tests.lab.traffic import Traffic
from tests.lab.world import Hop, World, row
from tests.scenarios.test_linux_truth import DROP, base, table

PORT = 4500
DATAGRAMS = tuple(Datagram(3000, direction, "false") for direction in ("forward", "reverse"))  # type: ignore[arg-type]
PORTS_ONLY = table(
    "inet", base("forward", "filter", "udp dport 4500 accept", "udp sport 4500 accept", policy="drop"), name="ports"
)
HOPS = {
    "nft: an entry drops later fragments": Hop("h1", nft=table("ip", base("forward", "filter", DROP))),
    "nft: early": Hop("h1", nft=table("ip", base("prerouting", "-450", DROP), name="early")),
    "nft: ports alone": Hop("h1", nft=PORTS_ONLY),
    "iptables: -f": Hop("h1", commands=("iptables -A FORWARD -f -j DROP",)),
    "iptables: ports alone": Hop(
        "h1",
        commands=(
            "iptables -P FORWARD DROP",
            "iptables -A FORWARD -p udp --dport 4500 -j ACCEPT",
            "iptables -A FORWARD -p udp --sport 4500 -j ACCEPT",
        ),
    ),
}


def measured(world: World, traffic: Traffic, folder: Path, families: tuple[int, ...]) -> tuple[FlowVerdict, list[Held]]:
    """What is collected, audited and sent: the flow's verdict, and each datagram held against it."""
    world.collect(folder)
    (folder / "paths.yaml").write_text(paths_yaml(world, DATAGRAMS, (PORT,)))
    report = audited(folder)
    return report.flows[0], [one for family in families for one in hold(traffic, report, DATAGRAMS, PORT, family)]


@pytest.mark.parametrize("name", HOPS)
def test_printed_commands_cure(tmp_path: Path, name: str) -> None:
    with World(row([HOPS[name], Hop("h2")])) as world, Traffic(world) as traffic:
        flow, before = measured(world, traffic, tmp_path / "before", (4, 6))
        assert flow.verdict is Verdict.BREAKS
        assert not all(one.received for one in before)
        remedy = next(one for one in flow.remedies if one.verdict_after == "passes")
        for step in remedy.steps:
            for command in step.commands:
                world.spaces.run(step.target, *shlex.split(command))
        flow, after = measured(world, traffic, tmp_path / "after", (4, 6))
        assert flow.verdict is Verdict.PASSES
        assert [str(one) for one in after if not one.received or one.outcome != "agreed"] == []
