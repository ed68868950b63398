"""The example, end to end, in every form, as users see it. ``UPDATE_GOLDENS=1`` writes the goldens anew."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
GOLDENS = Path(__file__).parent / "goldens"
INVENTORY = "inventories/linux-and-ios"
FORMS = {
    "report.json": ("audit", "--format", "json"),
    "report.md": ("audit", "--format", "markdown"),
    "report.csv": ("audit", "--format", "csv"),
    "report.sarif": ("audit", "--format", "sarif"),
    "report.xml": ("audit", "--format", "junit"),
    "report.txt": ("audit",),
    "facts.txt": ("facts",),
    "flows.yaml": ("flows",),
    "graph.mmd": ("graph",),
    "graph.dot": ("graph", "--format", "dot"),
}


def output(*arguments: str) -> str:
    command = [sys.executable, "-m", "auditor", arguments[0], INVENTORY, *arguments[1:]]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.stderr == ""
    return done.stdout


@pytest.mark.parametrize("name", FORMS)
def test_as_it_was(name: str) -> None:
    found = output(*FORMS[name])
    if os.environ.get("UPDATE_GOLDENS"):
        (GOLDENS / name).write_text(found)
    assert found == (GOLDENS / name).read_text()


@pytest.mark.parametrize("flow", ["always-on-vpn", "wlan-logon", "partner-vpn", "branch-vpn"])
def test_every_packet_as_it_was(flow: str) -> None:
    found = output("explain", flow)
    golden = GOLDENS / f"explain-{flow}.txt"
    if os.environ.get("UPDATE_GOLDENS"):
        golden.write_text(found)
    assert found == golden.read_text()


def test_it_tells_its_story() -> None:
    """One breaks at the IOS edge, with its line; one at the firewall without connection tracking; one each passes and
    is unknown."""
    report = json.loads(output("audit", "--format", "json"))
    verdicts = {flow["name"]: flow["verdict"] for flow in report["flows"]}
    assert verdicts == {
        "always-on-vpn": "breaks",
        "wlan-logon": "breaks",
        "partner-vpn": "unknown",
        "branch-vpn": "passes",
    }
    lines = {
        (flow["name"], drop["device"], drop["rule"], drop["evidence"][0]["file"], drop["evidence"][0]["text"])
        for flow in report["flows"]
        if flow["verdict"] == "breaks"
        for path in flow["paths"]
        for message in path["messages"]
        for drop in message["drops"]
    }
    assert lines == {
        (
            "always-on-vpn",
            "edge1",
            "non-initial-fragment-denied",
            "configs/edge1.cfg",
            "10 deny   ip any any fragments",
        ),
        (
            "wlan-logon",
            "fw1",
            "non-initial-fragment-unmatched",
            "configs/fw1.txt",
            "type filter hook forward priority filter; policy drop;",
        ),
    }
