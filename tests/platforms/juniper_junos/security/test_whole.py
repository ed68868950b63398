"""Whole inventories with one SRX in the way: the verdict, and the line that drops."""

from pathlib import Path

import pytest

from auditor.audit import Options, audit, load
from auditor.model.findings import FlowVerdict, Verdict

PATHS = """version: 1
endpoints:
  clients: {address: internet, attach: {device: srx1, interface: ge-0/0/0.0}, ike_fragmentation: false, df: false}
  gw: {address: 192.0.2.10, PUBLISHED ike_fragmentation: false, df: false}
flows:
  - {name: vpn, kind: ikev2, from: clients, to: gw, via: [srx1]}
"""
BASE = """set version 21.4R3
set system host-name srx1
set interfaces ge-0/0/0 unit 0 family inet address 198.51.100.2/30
set interfaces ge-0/0/1 unit 0 family inet address 192.0.2.1/24
set routing-options static route 0.0.0.0/0 next-hop 198.51.100.1
set security zones security-zone untrust interfaces ge-0/0/0.0
set security zones security-zone dmz interfaces ge-0/0/1.0
set security address-book global address gw 192.0.2.10/32
set security policies from-zone untrust to-zone dmz policy ike match source-address any
set security policies from-zone untrust to-zone dmz policy ike match destination-address gw
set security policies from-zone untrust to-zone dmz policy ike match application junos-ike
set security policies from-zone untrust to-zone dmz policy ike match application junos-ike-nat
set security policies from-zone untrust to-zone dmz policy ike then permit
"""
BLOCK = "set security screen ids-option s ip block-frag"
BOUND = "set security zones security-zone untrust screen s"
APPLICATION = "set security policies from-zone untrust to-zone dmz policy ike match application"


def flow(folder: Path, config: str, published: str = "") -> FlowVerdict:
    """What becomes of the VPN with this configuration of the SRX."""
    (folder / "configs").mkdir(parents=True)
    (folder / "configs" / "srx1.conf").write_text(config)
    (folder / "hosts.yaml").write_text("srx1: {platform: juniper_junos}\n")
    (folder / "paths.yaml").write_text(PATHS.replace("PUBLISHED", f"published: {published}," if published else ""))
    (found,) = audit(load(folder, Options()), Options()).flows
    return found


def lines(found: FlowVerdict) -> set[str]:
    """The text of the lines that certainly drop something."""
    drops = [drop for path in found.paths for message in path.messages for drop in message.drops]
    return {evidence.text for drop in drops if drop.loss.certain for evidence in drop.loss.evidence}


def closed(found: FlowVerdict) -> str:
    return " ".join(found.closed_to)


@pytest.mark.parametrize(
    ("more", "verdict", "line"),
    [
        ("", Verdict.PASSES, ""),
        (f"{BLOCK}\n{BOUND}\n", Verdict.BREAKS, BLOCK),
        (f"{BLOCK}\nset security zones security-zone other screen s\n", Verdict.PASSES, ""),
        (BLOCK, Verdict.PASSES, ""),
        (f"{BLOCK}\n{BOUND}\nset security screen ids-option s alarm-without-drop\n", Verdict.PASSES, ""),
        (f"set security screen ids-option s ip tear-drop\n{BOUND}\n", Verdict.PASSES, ""),
        ("set security flow force-ip-reassembly\n", Verdict.PASSES, ""),
        (f"set security screen ids-option s ip mystery\n{BOUND}\n", Verdict.UNKNOWN, ""),
    ],
)
def test_screens_and_flow(more: str, verdict: Verdict, line: str, tmp_path: Path) -> None:
    found = flow(tmp_path, BASE + more)
    assert found.verdict is verdict, found
    if verdict is not Verdict.UNKNOWN:
        assert lines(found) == ({line} if line else set())


def test_screen_where_only_the_answers_arrive(tmp_path: Path) -> None:
    found = flow(tmp_path, f"{BASE}{BLOCK}\nset security zones security-zone dmz screen s\n")
    assert found.verdict is Verdict.BREAKS
    assert lines(found) == {BLOCK}


def test_denied_by_a_policy(tmp_path: Path) -> None:
    found = flow(tmp_path, BASE.replace("policy ike then permit", "policy ike then deny"))
    assert found.verdict is Verdict.BLOCKED


def test_denied_by_default(tmp_path: Path) -> None:
    text = "\n".join(line for line in BASE.splitlines() if "policies" not in line) + "\n"
    assert flow(tmp_path, text).verdict is Verdict.BLOCKED


def test_global_policy(tmp_path: Path) -> None:
    text = BASE.replace("policies from-zone untrust to-zone dmz", "policies global")
    assert flow(tmp_path, text).verdict is Verdict.PASSES


def test_application_set(tmp_path: Path) -> None:
    text = "\n".join(line for line in BASE.splitlines() if APPLICATION not in line)
    text += f"""
set applications application-set vpn application junos-ike
set applications application-set vpn application junos-ike-nat
{APPLICATION} vpn
"""
    assert flow(tmp_path, text).verdict is Verdict.PASSES


def test_application_that_is_not_known(tmp_path: Path) -> None:
    text = BASE.replace("application junos-ike-nat", "application junos-ike-other").replace(
        "application junos-ike\n", "application junos-another\n"
    )
    assert flow(tmp_path, text).verdict is Verdict.UNKNOWN


STATIC = """set security nat static rule-set s from zone untrust
set security nat static rule-set s rule r match destination-address 203.0.113.10/32
set security nat static rule-set s rule r then static-nat prefix 192.0.2.10/32
"""


def test_static_nat_with_the_published_address(tmp_path: Path) -> None:
    found = flow(tmp_path, BASE + STATIC, "203.0.113.10")
    assert found.verdict is Verdict.PASSES, found


def test_destination_nat_of_two_ports(tmp_path: Path) -> None:
    text = BASE + "set security nat destination pool p address 192.0.2.10/32\n"
    text += "set security nat destination rule-set d from zone untrust\n"
    for port in (500, 4500):
        text += f"""set security nat destination rule-set d rule r{port} match destination-address 203.0.113.10/32
set security nat destination rule-set d rule r{port} match destination-port {port}
set security nat destination rule-set d rule r{port} match protocol udp
set security nat destination rule-set d rule r{port} then destination-nat pool p
"""
    assert flow(tmp_path, text, "203.0.113.10").verdict is Verdict.PASSES


def test_policy_for_the_outside_address_is_too_late(tmp_path: Path) -> None:
    text = BASE.replace("address gw 192.0.2.10/32", "address gw 203.0.113.10/32") + STATIC
    assert flow(tmp_path, text, "203.0.113.10").verdict is Verdict.BLOCKED


def test_stateless_filter_before_the_flow_module(tmp_path: Path) -> None:
    text = (
        BASE
        + """set interfaces ge-0/0/0 unit 0 family inet filter input f
set firewall family inet filter f term ike from protocol udp
set firewall family inet filter f term ike from destination-port 500
set firewall family inet filter f term ike from destination-port 4500
set firewall family inet filter f term ike then accept
"""
    )
    assert flow(tmp_path, text).verdict is Verdict.BREAKS


GATEWAY = """version: 1
endpoints:
  peer: {address: 198.51.100.77, attach: {device: srx1, interface: ge-0/0/0.0}, ike_fragmentation: false, df: false}
  own: {address: 198.51.100.2, ike_fragmentation: false, df: false}
flows:
  - {name: vpn, kind: ikev2, from: peer, to: own, via: [srx1]}
"""
INBOUND = "set security zones security-zone untrust interfaces ge-0/0/0.0 host-inbound-traffic system-services"


@pytest.mark.parametrize(
    ("more", "verdict"),
    [
        (f"{INBOUND} ike\n", Verdict.PASSES),
        (f"{INBOUND} any-service\n", Verdict.PASSES),
        (f"{INBOUND} all\n", Verdict.PASSES),
        (f"{INBOUND} all\n{INBOUND} ike except\n", Verdict.BLOCKED),
        (f"{INBOUND} ping\n", Verdict.BLOCKED),
        ("", Verdict.BLOCKED),
        (f"{INBOUND} ike\n{BLOCK}\n{BOUND}\n", Verdict.BREAKS),
    ],
)
def test_the_srx_as_ike_end(more: str, verdict: Verdict, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.platforms.juniper_junos.security.test_whole.PATHS", GATEWAY)
    assert flow(tmp_path, BASE + more).verdict is verdict


def test_white_list_of_the_peers(tmp_path: Path) -> None:
    text = f"""{BASE}{BLOCK} white-list all
set security screen white-list all address 0.0.0.0/0
{BOUND}
"""
    assert flow(tmp_path, text).verdict is Verdict.PASSES


def test_fragment_limit(tmp_path: Path) -> None:
    found = flow(tmp_path, f"{BASE}set security flow force-ip-reassembly\nset security flow fragment-limit 2\n")
    assert found.verdict is Verdict.AT_RISK  # a message that is sent in two pieces passes
    assert lines(found) == {"set security flow fragment-limit 2"}


def test_interface_in_no_zone(tmp_path: Path) -> None:
    text = BASE.replace("set security zones security-zone dmz interfaces ge-0/0/1.0\n", "")
    assert flow(tmp_path, text).verdict is Verdict.BLOCKED


def test_source_nat_on_the_way_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = """version: 1
endpoints:
  inside: {address: 192.0.2.10, ike_fragmentation: false, df: false}
  far: {address: 203.0.113.99, attach: {device: srx1, interface: ge-0/0/0.0}, ike_fragmentation: false, df: false}
flows:
  - {name: vpn, kind: ikev2, from: inside, to: far, via: [srx1]}
"""
    monkeypatch.setattr("tests.platforms.juniper_junos.security.test_whole.PATHS", paths)
    text = BASE.replace("from-zone untrust to-zone dmz", "from-zone dmz to-zone untrust").replace(
        "destination-address gw", "destination-address any"
    )
    text += """set security nat source rule-set o from zone dmz
set security nat source rule-set o to zone untrust
set security nat source rule-set o rule r match source-address 0.0.0.0/0
set security nat source rule-set o rule r then source-nat interface
"""
    assert flow(tmp_path, text).verdict is Verdict.PASSES


BRACES = """version 21.4R3;
system { host-name srx1; }
interfaces {
    ge-0/0/0 { unit 0 { family inet { address 198.51.100.2/30; } } }
    ge-0/0/1 { unit 0 { family inet { address 192.0.2.1/24; } } }
}
routing-options { static { route 0.0.0.0/0 next-hop 198.51.100.1; } }
security {
    screen {
        ids-option s {
            ip {
                inactive: block-frag;
                tear-drop;
            }
        }
    }
    policies {
        from-zone untrust to-zone dmz {
            policy "to the gateway" {
                match {
                    source-address any;
                    destination-address any;
                    application [ junos-ike junos-ike-nat ];
                }
                then { permit; }
            }
        }
    }
    zones {
        security-zone untrust {
            screen s;
            interfaces { ge-0/0/0.0; }
        }
        security-zone dmz {
            interfaces { ge-0/0/1.0; }
        }
    }
}
"""


def test_braces_with_something_inactive(tmp_path: Path) -> None:
    assert flow(tmp_path / "a", BRACES).verdict is Verdict.PASSES
    found = flow(tmp_path / "b", BRACES.replace("inactive: ", ""))
    assert found.verdict is Verdict.BREAKS
    assert lines(found) == {"block-frag;"}


def test_address_of_the_srx_in_another_zone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "tests.platforms.juniper_junos.security.test_whole.PATHS", GATEWAY.replace("198.51.100.2,", "192.0.2.1,")
    )
    assert flow(tmp_path, f"{BASE}{INBOUND} ike\n").verdict is Verdict.UNKNOWN


MODE = "set security forwarding-options family inet6 mode"


@pytest.mark.parametrize(
    ("more", "verdict"),
    [
        ("", Verdict.AT_RISK),  # the default mode is assumed
        (f"{MODE} flow-based\n", Verdict.PASSES),
        (f"{MODE} drop\n", Verdict.BLOCKED),
        (f"{MODE} packet-based\n", Verdict.UNKNOWN),
        (
            f"{MODE} flow-based\nset security screen ids-option s ip ipv6-extension-header fragment-header\n{BOUND}\n",
            Verdict.BREAKS,
        ),
        (f"{MODE} flow-based\n{BLOCK}\n{BOUND}\n", Verdict.AT_RISK),  # whether it takes IPv6 is assumed
    ],
)
def test_ipv6(more: str, verdict: Verdict, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name = "tests.platforms.juniper_junos.security.test_whole.PATHS"
    monkeypatch.setattr(name, PATHS.replace("192.0.2.10", "2001:db8:1::10"))
    text = (
        BASE.replace("inet address 198.51.100.2/30", "inet6 address 2001:db8:ffff::2/64")
        .replace("inet address 192.0.2.1/24", "inet6 address 2001:db8:1::1/64")
        .replace(
            "static route 0.0.0.0/0 next-hop 198.51.100.1", "rib inet6.0 static route ::/0 next-hop 2001:db8:ffff::1"
        )
        .replace("gw 192.0.2.10/32", "gw 2001:db8:1::10/128")
    )
    assert flow(tmp_path, text + more).verdict is verdict


def test_packet_mode_of_a_filter_is_not_followed(tmp_path: Path) -> None:
    text = """set interfaces ge-0/0/0 unit 0 family inet filter input f
set firewall family inet filter f term a then packet-mode
set firewall family inet filter f term a then accept
"""
    assert flow(tmp_path, BASE + text).verdict is Verdict.UNKNOWN
