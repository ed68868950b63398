"""Reads texts of Cisco ASA for the tests, and audits small inventories."""

from pathlib import Path

from auditor.audit import audit, load
from auditor.model.device import Device
from auditor.model.filters import Rule
from auditor.model.findings import Report
from auditor.parse.read import TemplateFinder, read_device, read_rows
from auditor.parse.rows import Rows
from auditor.parse.text import read_text
from auditor.platforms.cisco_asa import PLATFORM

FINDER = TemplateFinder()
HEAD = ": Saved\n:\nASA Version 9.16(4)\n!\nhostname fw1\n"
END = "\n: end\n"
PORTS = """\
interface GigabitEthernet0/0
 nameif outside
 security-level 0
 ip address 198.51.100.2 255.255.255.0
!
interface GigabitEthernet0/1
 nameif dmz
 security-level 50
 ip address 203.0.113.1 255.255.255.0
!
"""
ROUTE = "route outside 0.0.0.0 0.0.0.0 198.51.100.1 1\n"
PERMIT = """\
access-list OUT-IN extended permit udp any host 203.0.113.10 eq isakmp
access-list OUT-IN extended permit udp any host 203.0.113.10 eq 4500
access-group OUT-IN in interface outside
"""
PATHS = """\
version: 1
endpoints:
  clients:
    address: internet
    attach: {device: fw1, interface: outside}
    ike_fragmentation: false
    df: DF
  gw: {address: 203.0.113.10, ike_fragmentation: false, df: DFPUBLISHED}
flows:
  - {name: vpn, kind: ikev2, from: clients, to: gw, via: [fw1]}
"""


def device(text: str, name: str = "fw1", file: str = "configs/fw1.cfg") -> Device:
    """The device that a text describes, as the parse room reads it."""
    (found,) = read_device(name, [(file, text.encode())], PLATFORM, {PLATFORM.name: PLATFORM}, FINDER)
    assert not found.unreadable, found.unreadable
    return found


def whole(body: str) -> Device:
    """The device of a complete config with that body."""
    return device(HEAD + body.rstrip("\n") + END)


def rows_of(data: bytes) -> Rows:
    """What the template takes of a text."""
    return read_rows("fw1", [("fw1.cfg", read_text(data))], PLATFORM, FINDER(PLATFORM.template))


def rules(body: str, name: str = "L") -> list[Rule]:
    """The rules of one list of a complete config."""
    return list(whole(body).filters[name].rules)


def report(folder: Path, body: str, published: str = "", df: str = "false") -> Report:
    """The audit of a folder with one firewall, whose config has that body."""
    (folder / "configs").mkdir(exist_ok=True)
    (folder / "configs" / "fw1.cfg").write_text(HEAD + body.rstrip("\n") + END)
    more = f", published: {published}" if published else ""
    paths = PATHS.replace("DFPUBLISHED", df + more).replace("DF", df)
    (folder / "paths.yaml").write_text(paths)
    return audit(load(folder))
