"""Whole inventories with one router in the way: the verdict, and the line that drops."""

from pathlib import Path

import pytest

from auditor.model.findings import Verdict
from tests.platforms.juniper_junos.reading import BASE, dropping, flow

TERM = "set firewall family inet filter EDGE term"
BOUND = "set interfaces ge-0/0/0 unit 0 family inet filter input EDGE\n"
IKE = f"{TERM} IKE from protocol udp\n{TERM} IKE from destination-port [ 500 4500 ]\n{TERM} IKE then accept\n"
FRAGMENTS = f"{TERM} F from protocol udp\n{TERM} F from is-fragment\n{TERM} F then accept\n"
NO_FRAGMENTS = f"{TERM} F from is-fragment\n{TERM} F then discard\n"
REST = f"{TERM} ALL then accept\n"
FIRST = f"{TERM} IKE from protocol udp"


SWITCHED = "set interfaces ge-0/0/9 unit 0 family ethernet-switching vlan members v10\n"


@pytest.mark.parametrize(
    ("more", "verdict", "line"),
    [
        ("", Verdict.PASSES, ""),
        (IKE, Verdict.PASSES, ""),  # bound nowhere
        (IKE + BOUND, Verdict.BREAKS, FIRST),  # tails meet the implicit discard
        (IKE + FRAGMENTS + BOUND, Verdict.PASSES, ""),
        (IKE + REST + BOUND, Verdict.PASSES, ""),
        (NO_FRAGMENTS + IKE + REST + BOUND, Verdict.BREAKS, f"{TERM} F then discard"),
        (IKE + f"{TERM} F then discard\n" + BOUND, Verdict.BREAKS, f"{TERM} F then discard"),
        (
            f"{TERM} A from first-fragment\n{TERM} A then discard\n{REST}{BOUND}",
            Verdict.BREAKS,
            f"{TERM} A then discard",
        ),
        (f"{TERM} A from fragment-offset 1-5\n{TERM} A then discard\n{REST}{BOUND}", Verdict.PASSES, ""),
        (
            f"{TERM} A from fragment-flags more-fragments\n{TERM} A then discard\n{REST}{BOUND}",
            Verdict.BREAKS,
            f"{TERM} A then discard",
        ),
        (f"{TERM} A from dscp ef\n{TERM} A then discard\n{REST}{BOUND}", Verdict.UNKNOWN, ""),
        (f"{TERM} A then count x\n{TERM} A then next term\n{IKE}{REST}{BOUND}", Verdict.PASSES, ""),
        (f"{TERM} A then count x\n{NO_FRAGMENTS}{BOUND}", Verdict.PASSES, ""),  # accepts: no end is named
        (f"{TERM} A then routing-instance X\n{BOUND}", Verdict.UNKNOWN, ""),
        (BOUND, Verdict.UNKNOWN, ""),  # the filter is not there
        (f"{IKE}{BOUND}deactivate interfaces ge-0/0/0 unit 0 family inet filter\n", Verdict.PASSES, ""),
        ("set interfaces ge-0/0/0 unit 0 family inet simple-filter input X\n", Verdict.UNKNOWN, ""),
        ("set interfaces ge-0/0/0 mtu 1300\n", Verdict.BREAKS, "set interfaces ge-0/0/0 mtu 1300"),
        ("set interfaces ge-0/0/1 unit 0 family inet mtu 1400\n", Verdict.PASSES, ""),
        (
            "set interfaces ge-0/0/1 unit 0 family inet mtu 1400\n" + SWITCHED,
            Verdict.UNKNOWN,
            "",
        ),
        (SWITCHED, Verdict.PASSES, ""),
        ("set interfaces lo0 unit 0 family inet filter input EDGE\n" + IKE, Verdict.PASSES, ""),
        ("set firewall family inet6 filter EDGE term A then discard\n" + BOUND, Verdict.UNKNOWN, ""),
        ("set routing-options flow route X match fragment is-fragment\n", Verdict.UNKNOWN, ""),
    ],
)
def test_router(more: str, verdict: Verdict, line: str, tmp_path: Path) -> None:
    found = flow(tmp_path, BASE + more)
    assert found.verdict is verdict, (found.verdict, found.reason if hasattr(found, "reason") else found)
    if verdict is not Verdict.UNKNOWN:
        assert dropping(found) == ({line} if line else set())


@pytest.mark.parametrize(
    ("names", "verdict"),
    [("[ EDGE TAILS ]", Verdict.PASSES), ("[ EDGE ]", Verdict.BREAKS), ("[ EDGE MISSING ]", Verdict.UNKNOWN)],
)
def test_filters_in_a_row(names: str, verdict: Verdict, tmp_path: Path) -> None:
    tails = "set firewall family inet filter TAILS term A from is-fragment\n"
    listed = f"set interfaces ge-0/0/0 unit 0 family inet filter input-list {names}\n"
    assert flow(tmp_path, BASE + IKE + tails + listed).verdict is verdict


def test_order_of_output_filter_and_cutting_is_tried_both_ways(tmp_path: Path) -> None:
    """Only where the router cuts itself does it matter: the verdict can't be `passes`."""
    out = "set interfaces ge-0/0/1 unit 0 family inet filter output EDGE\n"
    narrow = "set interfaces ge-0/0/1 unit 0 family inet mtu 1000\n"
    found = flow(tmp_path, BASE + narrow + out + IKE)
    assert found.verdict is not Verdict.PASSES


@pytest.mark.parametrize(("more", "verdict"), [(IKE, Verdict.BREAKS), (IKE + FRAGMENTS, Verdict.PASSES)])
def test_output_filter_where_the_router_cuts_nothing(more: str, verdict: Verdict, tmp_path: Path) -> None:
    out = "set interfaces ge-0/0/1 unit 0 family inet filter output EDGE\n"
    assert flow(tmp_path, BASE + out + more).verdict is verdict


def test_the_same_config_in_braces(tmp_path: Path) -> None:
    text = """version 21.4R3;
system { host-name r1; }
interfaces {
    ge-0/0/0 { unit 0 { family inet { filter { input EDGE; } address 198.51.100.2/30; } } }
    ge-0/0/1 { unit 0 { family inet { address 192.0.2.1/24; } } }
}
firewall {
    family inet {
        filter EDGE {
            inactive: term TAILS { from { is-fragment; } then accept; }
            term IKE {
                from {
                    protocol udp;
                    destination-port [ 500 4500 ];
                }
                then accept;
            }
        }
    }
}
"""
    found = flow(tmp_path, text)
    assert found.verdict is Verdict.BREAKS
    assert dropping(found) == {"protocol udp;"}
    active = tmp_path / "active"
    active.mkdir()
    assert flow(active, text.replace("inactive: ", "")).verdict is Verdict.PASSES


TO_ROUTER = """version: 1
endpoints:
  client: {address: 198.51.100.1, system: strongswan, ike_fragmentation: false, df: false}
  router: {device: r1, interface: ge-0/0/0.0, ike_fragmentation: false, df: false}
flows:
  - {name: vpn, kind: ikev2, from: client, to: router}
"""


@pytest.mark.parametrize(("more", "line"), [("", FIRST), (FRAGMENTS, "")])
def test_what_the_router_takes_in_meets_the_filter_of_lo0(more: str, line: str, tmp_path: Path) -> None:
    loopback = "set interfaces lo0 unit 0 family inet filter input EDGE\n"
    found = flow(tmp_path, BASE + IKE + more + loopback, TO_ROUTER)
    assert dropping(found) == ({line} if line else set())
