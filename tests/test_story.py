"""The story of a VPN, over four platforms' boxes, as users see it. ``UPDATE_GOLDENS=1`` writes the goldens anew."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent
GOLDENS = Path(__file__).parent / "goldens" / "always-on-vpn"
INVENTORY = "inventories/always-on-vpn"


def output(*arguments: str) -> str:
    command = [sys.executable, "-m", "auditor", arguments[0], INVENTORY, *arguments[1:]]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.stderr == ""
    return done.stdout


@pytest.fixture(scope="module")
def report() -> dict[str, Any]:
    return dict(json.loads(output("audit", "--format", "json")))


def flow(report: dict[str, Any], name: str) -> dict[str, Any]:
    return next(one for one in report["flows"] if one["name"] == name)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("report.txt", ("audit",)),
        ("report.md", ("audit", "--format", "markdown")),
        ("facts.txt", ("facts",)),
        ("graph.mmd", ("graph",)),
        ("explain-always-on-vpn.txt", ("explain", "always-on-vpn")),
        ("explain-vpn-logon.txt", ("explain", "vpn-logon")),
    ],
)
def test_as_it_was(name: str, arguments: tuple[str, ...]) -> None:
    found = output(*arguments)
    if os.environ.get("UPDATE_GOLDENS"):
        GOLDENS.mkdir(exist_ok=True)
        (GOLDENS / name).write_text(found)
    assert found == (GOLDENS / name).read_text()


def test_one_breaks_at_the_edge_one_behind_one_passes_one_is_unknown(report: dict[str, Any]) -> None:
    verdicts = {one["name"]: one["verdict"] for one in report["flows"]}
    assert verdicts == {
        "always-on-vpn": "breaks",
        "vpn-logon": "breaks",
        "site-to-site": "passes",
        "wlan-logon": "unknown",
    }


def drops(one: dict[str, Any]) -> set[tuple[str, str]]:
    return {
        (drop["device"], drop["evidence"][0]["text"])
        for path in one["paths"]
        for message in path["messages"]
        for drop in message["drops"]
        if drop["certain"]
    }


def test_the_lines_that_break_it(report: dict[str, Any]) -> None:
    line = "30 deny   ip any any fragments"
    assert drops(flow(report, "always-on-vpn")) == {("edge1", line), ("edge2", line)}
    assert drops(flow(report, "vpn-logon")) == {("fw2", "block-frag;")}


def test_ipv6_passes_where_ipv4_breaks(report: dict[str, Any]) -> None:
    paths = flow(report, "always-on-vpn")["paths"]
    worst = {family: {path["verdict"] for path in paths if path["family"] == family} for family in (4, 6)}
    assert "breaks" in worst[4]
    assert worst[6] <= {"passes", "at-risk"}


def test_what_cures_it(report: dict[str, Any]) -> None:
    ends, edge = flow(report, "always-on-vpn")["remedies"]
    assert [step["target"] for step in ends["steps"]] == ["rras1"]
    assert [step["target"] for step in edge["steps"]] == ["edge1", "edge2"]  # one alone leaves the other way broken
    (screen,) = flow(report, "vpn-logon")["remedies"]
    (step,) = screen["steps"]
    assert step["commands"] == ["delete security screen ids-option transit-screen ip block-frag"]
    assert {one["verdict_after"] for one in (ends, edge, screen)} <= {"passes", "at-risk"}
    assert all(one["proved"] for one in (ends, edge, screen))


def test_explain_shows_the_address_change_at_the_firewall() -> None:
    text = output("explain", "always-on-vpn")
    assert "10.10.0.10:4500" in text
    assert "203.0.113.10:4500" in text  # and back
