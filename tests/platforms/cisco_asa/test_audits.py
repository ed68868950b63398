"""From an inventory with one ASA to verdicts and the lines that they rest on."""

from pathlib import Path

import pytest

from auditor.model.findings import Report, Verdict
from tests.platforms.cisco_asa import reading
from tests.platforms.cisco_asa.reading import PERMIT, PORTS, ROUTE, report

BASE = PORTS + ROUTE + PERMIT
BEHIND = BASE.replace("203.0.113.1 ", "10.9.0.1 ").replace("host 203.0.113.10", "object GW")
OUTER = "object network OUTER\n host 198.51.100.10\n"
STATIC = "object network GW\n host 10.9.0.10\n nat (dmz,outside) static 198.51.100.10\n"


def verdict(found: Report) -> Verdict:
    (flow,) = found.flows
    return flow.verdict


def lines(found: Report) -> set[str]:
    return {evidence.text for finding in found.findings for evidence in finding.evidence}


def translated(folder: Path, monkeypatch: pytest.MonkeyPatch, body: str) -> Report:
    """The same inventory with the gateway at 10.9.0.10, known outside as 198.51.100.10."""
    monkeypatch.setattr(reading, "PATHS", reading.PATHS.replace("203.0.113.10", "10.9.0.10"))
    return report(folder, body, published="198.51.100.10")


def test_passes_with_the_defaults(tmp_path: Path) -> None:
    found = report(tmp_path, BASE)
    assert verdict(found) is Verdict.PASSES
    assert not found.findings


@pytest.mark.parametrize("line", ["fragment chain 1 outside", "fragment chain 1"])
def test_chain_1_breaks(tmp_path: Path, line: str) -> None:
    found = report(tmp_path, f"{BASE}{line}\n")
    assert verdict(found) is Verdict.BREAKS
    assert line in lines(found)


def test_chain_1_of_another_interface_hits_what_comes_in_there(tmp_path: Path) -> None:
    found = report(tmp_path, f"{BASE}fragment chain 1 dmz\n")  # the answers, which are large too
    assert verdict(found) is Verdict.BREAKS
    assert "fragment chain 1 dmz" in lines(found)


def test_chain_that_is_set_back_passes(tmp_path: Path) -> None:
    assert verdict(report(tmp_path, f"{BASE}fragment chain 1\nfragment chain 24 outside\nfragment chain 24 dmz\n")) is (
        Verdict.PASSES
    )


def test_small_mtu_breaks_what_may_not_be_cut(tmp_path: Path) -> None:
    found = report(tmp_path, f"{BASE}mtu dmz 1300\n", df="true")
    assert verdict(found) is Verdict.BREAKS
    assert "mtu dmz 1300" in lines(found)


def test_small_mtu_cuts_what_may_be_cut(tmp_path: Path) -> None:
    assert verdict(report(tmp_path, f"{BASE}mtu dmz 1300\n")) is Verdict.PASSES


def test_full_reassembly_cuts_afresh(tmp_path: Path) -> None:
    assert verdict(report(tmp_path, f"{BASE}fragment reassembly full outside\nmtu dmz 1300\n")) is Verdict.PASSES


def test_deny_blocks(tmp_path: Path) -> None:
    found = report(tmp_path, BASE.replace("permit udp", "deny udp"))
    assert verdict(found) is Verdict.BLOCKED
    assert "access-list OUT-IN extended deny udp any host 203.0.113.10 eq 4500" in lines(found)


def test_without_a_list_a_lower_level_does_not_reach_a_higher(tmp_path: Path) -> None:
    found = report(tmp_path, PORTS + ROUTE)
    assert verdict(found) is Verdict.BLOCKED
    assert "security-level 0" in lines(found)


def test_without_a_list_a_higher_level_reaches_a_lower(tmp_path: Path) -> None:
    assert verdict(report(tmp_path, PORTS.replace("security-level 0", "security-level 90") + ROUTE)) is Verdict.PASSES


@pytest.mark.parametrize(("permitted", "wanted"), [("", "blocked"), ("inter-interface", "passes")])
def test_equal_levels(tmp_path: Path, permitted: str, wanted: str) -> None:
    more = f"same-security-traffic permit {permitted}\n" if permitted else ""
    found = report(tmp_path, PORTS.replace("security-level 0", "security-level 50") + ROUTE + more)
    assert verdict(found) == wanted


def test_inactive_entry_is_ignored(tmp_path: Path) -> None:
    first = "access-list OUT-IN extended deny udp any any inactive\n"
    assert verdict(report(tmp_path, first + BASE)) is Verdict.PASSES


def test_entry_with_a_time_range_is_unknown(tmp_path: Path) -> None:
    first = "access-list OUT-IN extended deny udp any any time-range NIGHT\n"
    found = report(tmp_path, first + BASE)
    assert verdict(found) is Verdict.UNKNOWN
    assert first.strip() in lines(found)


def test_global_list_is_met_behind_the_interfaces_own(tmp_path: Path) -> None:
    body = BASE.replace("udp any host 203.0.113.10 eq 4500", "tcp any any eq https")
    everywhere = "access-list ALL extended permit udp any any\naccess-group ALL global\n"
    assert verdict(report(tmp_path, body + everywhere)) is Verdict.PASSES


def test_outbound_list_judges_too(tmp_path: Path) -> None:
    more = "access-list TO-DMZ extended deny udp any any eq 4500\naccess-group TO-DMZ out interface dmz\n"
    found = report(tmp_path, BASE + more)
    assert verdict(found) is Verdict.BLOCKED


def test_published_address_of_object_nat_passes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert verdict(translated(tmp_path, monkeypatch, STATIC + BEHIND)) is Verdict.PASSES


def test_lists_look_at_real_addresses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    body = BEHIND.replace("object GW", "host 198.51.100.10")
    assert verdict(translated(tmp_path, monkeypatch, STATIC + body)) is Verdict.BLOCKED


@pytest.mark.parametrize(
    "nat",
    [
        f"{OUTER}nat (dmz,outside) source static GW OUTER\n",
        f"{OUTER}nat (any,outside) after-auto source static GW OUTER description the gateway\n",
        f"{OUTER}nat (outside,dmz) source static any any destination static OUTER GW\n",
        "object network DMZ\n subnet 10.9.0.0 255.255.255.0\n nat (dmz,outside) static 198.51.100.0\n",
    ],
)
def test_published_address_of_other_rules_passes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, nat: str) -> None:
    body = "object network GW\n host 10.9.0.10\n" + nat + BEHIND
    assert verdict(translated(tmp_path, monkeypatch, body)) is Verdict.PASSES


def test_rule_that_is_not_understood_makes_it_unknown(tmp_path: Path) -> None:
    found = report(tmp_path, f"{BASE}nat (dmz,outside) source mystery A B\n")
    assert verdict(found) is Verdict.UNKNOWN


def test_line_of_an_interface_that_nobody_knows_makes_it_unknown(tmp_path: Path) -> None:
    found = report(tmp_path, BASE.replace(" nameif dmz\n", " nameif dmz\n mystery setting\n"))
    assert verdict(found) is Verdict.UNKNOWN
    assert "mystery setting" in lines(found)


def test_chain_1_also_counts_behind_nat(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = translated(tmp_path, monkeypatch, f"{STATIC}{BEHIND}fragment chain 1 outside\n")
    assert verdict(found) is Verdict.BREAKS


ENDS = """\
version: 1
endpoints:
  clients: {address: internet, attach: {device: fw1, interface: outside}, ike_fragmentation: false, df: false}
  asa: {device: fw1, interface: outside}
flows:
  - {name: vpn, kind: ikev2, from: clients, to: asa}
"""
ENABLED = "crypto ikev2 enable outside\nno crypto ikev2 fragmentation\n"


@pytest.mark.parametrize(("line", "wanted"), [("", "passes"), ("fragment chain 1 outside\n", "breaks")])
def test_the_firewall_as_ike_end_meets_its_database_and_no_list(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str, wanted: str
) -> None:
    monkeypatch.setattr(reading, "PATHS", ENDS)
    body = BASE.replace("permit udp", "deny udp") + ENABLED + line
    assert verdict(report(tmp_path, body)) == wanted


def test_control_plane_list_judges_what_is_for_the_firewall(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "PATHS", ENDS)
    more = "access-list C extended deny udp any any eq isakmp\naccess-group C in interface outside control-plane\n"
    assert verdict(report(tmp_path, BASE + ENABLED + more)) is Verdict.BLOCKED


def test_what_is_encrypted_is_not_followed(tmp_path: Path) -> None:
    more = "access-list V extended permit ip host 203.0.113.10 any\ncrypto map M 10 match address V\n"
    found = report(tmp_path, f"{BASE}{more}crypto map M interface outside\n")
    assert verdict(found) is Verdict.UNKNOWN


def test_real_address_past_its_static_rule_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "PATHS", reading.PATHS.replace("203.0.113.10", "10.9.0.10"))
    found = report(tmp_path, STATIC + BEHIND)
    assert verdict(found) is Verdict.BLOCKED
    assert "nat (dmz,outside) static 198.51.100.10" in lines(found)


@pytest.mark.parametrize(("exempt", "wanted"), [(False, "blocked"), (True, "passes")])
def test_exemption_stands_before_dynamic_nat(tmp_path: Path, exempt: bool, wanted: str) -> None:
    rules = "object network D\n subnet 203.0.113.0 255.255.255.0\n"
    rules += "nat (dmz,outside) source static D D no-proxy-arp route-lookup\n" if exempt else ""
    rules += "nat (dmz,outside) after-auto source dynamic any interface\n"
    assert verdict(report(tmp_path, rules + BASE)) == wanted


@pytest.mark.parametrize("inspect", [False, True])
def test_equal_levels_with_a_list_are_unknown(tmp_path: Path, inspect: bool) -> None:
    body = BASE.replace("security-level 0", "security-level 50")
    body += "policy-map P\n class C\n  inspect icmp error\n" if inspect else ""
    assert verdict(report(tmp_path, body)) is Verdict.UNKNOWN
