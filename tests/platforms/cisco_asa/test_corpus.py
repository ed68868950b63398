"""Third-party configs: every file is recognised and read, and counts are those of an independent counter.

The counter shares no code with the platform: a loop over lines, with what a person would look for.
"""

import re
from collections import Counter
from pathlib import Path

import pytest

from auditor.model.device import Device
from auditor.model.evidence import Basis
from auditor.parse.detect import detect
from auditor.parse.read import read_device
from auditor.parse.text import read_text
from auditor.platforms.cisco_asa import PLATFORM
from auditor.registry import platforms
from tests.platforms.cisco_asa.reading import FINDER, rows_of

CORPUS = Path(__file__).parents[4] / "shared" / "corpus"
AIM = 0.02
FILES = sorted(p for p in CORPUS.glob("cisco_asa/**/*") if p.is_file()) if CORPUS.is_dir() else []
OTHERS = ("cisco_ios", "cisco_nxos", "cisco_xr", "arista_eos", "networks", "juniper_junos", "juniper_srx", "huawei_vrp")

pytestmark = [pytest.mark.corpus, pytest.mark.skipif(not CORPUS.is_dir(), reason="no corpus in ../shared/corpus")]


def read(path: Path) -> Device:
    (found,) = read_device("fw", [(path.name, path.read_bytes())], PLATFORM, {PLATFORM.name: PLATFORM}, FINDER)
    return found


def counted(path: Path) -> Counter[str]:
    """Interfaces, addresses, MTUs, entries, groups and NAT rules, by what their lines begin with."""
    found: Counter[str] = Counter()
    names: set[str] = set()
    for raw in path.read_text(encoding="utf-8", errors="replace").splitlines():
        words = raw.split()
        if not words or words[0].startswith(("!", ":", "banner")):
            continue
        indented = raw.startswith(" ")
        if words[0] == "interface" and not indented:
            names.add(words[1])
        elif words[:2] == ["ip", "address"] and indented and re.match(r"\d", words[2]):
            found["addresses"] += 1
        elif words[0] == "mtu" and not indented:
            found["mtus"] += 1
        elif words[0] == "access-list" and ("permit" in words[2:5] or "deny" in words[2:5]):
            found["entries"] += 1
        elif words[0] == "nat":
            found["nat"] += 1
        elif words[0] == "object-group" and not indented:
            found["groups"] += 1
        elif words[0] in ("network-object", "service-object", "group-object", "protocol-object", "port-object"):
            found["members"] += 1
    found["interfaces"] = len(names)
    return +found


def ours(path: Path) -> Counter[str]:
    """The same of what was read."""
    rows, device = rows_of(path.read_bytes()), read(path)
    found: Counter[str] = Counter(interfaces=len(device.interfaces))
    found["addresses"] = sum(len(row.rows("addresses")) for row in rows.rows("interfaces"))
    found["mtus"] = len(rows.rows("mtus"))
    entries = [row["text"].split() for row in rows.rows("list_lines")]
    found["entries"] = sum(1 for words in entries if "permit" in words[:3] or "deny" in words[:3])
    found["nat"] = len(rows.rows("nat_rules")) + sum(1 for row in rows.rows("networks") if "nat" in row)
    groups = rows.rows("groups")
    found["groups"] = len(groups)
    found["members"] = sum(len(r.rows("networks", "services", "groups", "protocols", "ports")) for r in groups)
    return +found


SEVERAL = "asa_nat"  # a parser's test file: ten `nat` lines in one object, of which a device keeps the last


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_file_is_recognised_and_counted(path: Path) -> None:
    assert detect(read_text(path.read_bytes()).lines, platforms()) == "cisco_asa"
    expected, found = counted(path), ours(path)
    if path.name == SEVERAL:
        expected.pop("nat")
        found.pop("nat")
    assert found == expected


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_list_is_parsed_and_every_entry_has_its_line(path: Path) -> None:
    device = read(path)
    lines = read_text(path.read_bytes()).lines
    for name, filter_ in device.filters.items():
        for rule in filter_.rules:
            assert rule.evidence.line <= len(lines), name
            assert lines[rule.evidence.line - 1].strip().startswith(rule.evidence.text[:40])
    wanted = {m[1]: int(m[2]) for line in lines if (m := re.match(r"mtu (\S+) (\d+)", line))}
    for nameif, value in wanted.items():
        interface = device.interface(nameif)
        if interface is not None:
            assert (interface.mtu[4].value, interface.mtu[4].basis) == (value, Basis.READ)


def test_hardly_anything_is_not_understood() -> None:
    lines = sum(len(read_text(path.read_bytes()).lines) for path in FILES)
    left = Counter(one.evidence.text.split()[0] for path in FILES for one in read(path).not_understood)
    assert sum(left.values()) < AIM * lines, left


def test_nothing_else_is_taken_for_an_asa() -> None:
    wrong = []
    for folder in OTHERS:
        for path in CORPUS.glob(f"{folder}/**/*"):
            if path.is_file() and path.stat().st_size < 3_000_000:
                text = read_text(path.read_bytes())
                if not text.problem and detect(text.lines, platforms()) == "cisco_asa":
                    wrong.append(str(path))
    assert not wrong
