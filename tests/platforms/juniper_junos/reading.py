"""Reads texts of Junos for the tests, and audits whole inventories with one router in the way."""

from pathlib import Path

from auditor.audit import Options, audit, load
from auditor.model.device import Device, Interface
from auditor.model.filters import Rule
from auditor.model.findings import FlowVerdict
from auditor.parse.read import TemplateFinder, read_device
from auditor.platforms.juniper_junos import PLATFORM
from auditor.platforms.juniper_junos.forms import canonical

FINDER = TemplateFinder()
HEAD = "set version 21.4R3\nset system host-name r1\n"
PATHS = """version: 1
endpoints:
  client: {address: 198.51.100.1, system: strongswan, ike_fragmentation: false, df: false}
  gw: {address: 192.0.2.10, ike_fragmentation: false, df: false}
flows:
  - {name: vpn, kind: ikev2, from: client, to: gw, via: [r1]}
"""
BASE = f"""{HEAD}set interfaces ge-0/0/0 unit 0 family inet address 198.51.100.2/30
set interfaces ge-0/0/1 unit 0 family inet address 192.0.2.1/24
"""


def devices(text: str, name: str = "r1") -> tuple[Device, ...]:
    return read_device(name, [(f"{name}.conf", text.encode())], PLATFORM, {PLATFORM.name: PLATFORM}, FINDER)


def device(text: str) -> Device:
    """The one device of a text."""
    (found,) = devices(text)
    assert not found.unreadable
    return found


def lines(text: str) -> list[str]:
    """The canonical lines of a text."""
    return list(canonical(text.splitlines()).lines)


def port(body: str, name: str = "ge-0/0/0.0") -> Interface:
    """One interface of a complete config."""
    found = device(HEAD + "".join(f"set {line}\n" for line in body.splitlines())).interface(name)
    assert found is not None
    return found


def rules(terms: str, family: str = "inet", more: str = "") -> list[Rule]:
    """The rules of one filter; each line is what stands behind ``term``."""
    body = "".join(f"set firewall family {family} filter F term {line}\n" for line in terms.splitlines())
    return list(device(HEAD + body + more).filters["F"].rules)


def flow(folder: Path, config: str, paths: str = PATHS) -> FlowVerdict:
    """What becomes of a VPN through this router."""
    (folder / "configs").mkdir(parents=True)
    (folder / "configs" / "r1.conf").write_text(config)
    (folder / "hosts.yaml").write_text("r1: {platform: juniper_junos}\n")
    (folder / "paths.yaml").write_text(paths)
    (found,) = audit(load(folder, Options()), Options()).flows
    return found


def dropping(found: FlowVerdict) -> set[str]:
    """The text of the lines that certainly drop something."""
    drops = [drop for path in found.paths for message in path.messages for drop in message.drops]
    return {evidence.text for drop in drops if drop.loss.certain for evidence in drop.loss.evidence}
