"""Third-party configs: every file is recognised and read, and counts are those of an independent counter.

The counter shares no code with the platform: a loop over letters that keeps the open blocks, and set commands. Files
with groups that are applied, with ranges or with logical systems are counted too, but for what these add.
"""

import re
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import pytest

from auditor.model.device import Device
from auditor.parse.read import read_device
from auditor.registry import platforms
from tests.platforms.juniper_junos.reading import FINDER

CORPUS = Path(__file__).parents[4] / "shared" / "corpus"
NETWORKS = (
    "batfish-juniper-*/configs/*",
    "lab-cv_demo_base_panos/configs/bor*/show_configuration*",
    "lab-junos_*/configs/*/show_configuration*",
    "lab-mix_vendor_bgp_vrf/configs/D-Juniper*/show_configuration*",
)
FILES = (
    sorted(
        path
        for folder, pattern in [("juniper_junos", "*/*"), ("juniper_srx", "*/*"), *(("networks", p) for p in NETWORKS)]
        for path in (CORPUS / folder).glob(pattern)
        if path.is_file()
    )
    if CORPUS.is_dir()
    else []
)
AIM = 0.02
# Lines that only a loader or an expansion gives a meaning: the counter does not follow these.
EXPANDED = re.compile(
    r"apply-groups|interface-range|logical-systems|^\s*(?:delete|insert|wildcard|rename)\b|delete:", re.MULTILINE
)
PLAIN = [path for path in FILES if not EXPANDED.search(path.read_bytes().decode("latin-1"))]
corpus = [pytest.mark.corpus, pytest.mark.skipif(not FILES, reason=f"no corpus at {CORPUS}")]
plain_file = pytest.mark.parametrize("path", PLAIN, ids=[str(path.relative_to(CORPUS)) for path in PLAIN])


@lru_cache(maxsize=512)
def devices_of(path: Path) -> tuple[Device, ...]:
    """The devices of a file, as the parse room detects and reads it."""
    return read_device(path.stem, [(path.name, path.read_bytes())], None, platforms(), FINDER)


# --------------------------------------------------------------------------------------------- the independent counter


def paths(text: str) -> Iterator[str]:
    """The path of every statement, in braces or as a command."""
    text = re.sub(r"/\*.*?\*/", " ", text, flags=re.DOTALL)
    off = [line.split(" ", 1)[1].strip() for line in text.splitlines() if line.startswith("deactivate ")]
    rest: list[str] = []
    for line in text.splitlines():
        if line.startswith("set "):
            path = " ".join(line[4:].split())
            if not any(f"{path} ".startswith(f"{one} ") for one in off):
                yield path
        elif not line.startswith(("deactivate ", "#", "activate ", "annotate ")):
            rest.append(re.sub(r"(^|\s)#.*$", "", line))
    yield from braces("\n".join(rest))


def braces(text: str) -> Iterator[str]:
    """The same of what stands in braces, letter by letter."""
    stack: list[tuple[str, bool]] = []
    here, quoted = "", False
    for letter in text:
        if letter == '"':
            quoted = not quoted
        if quoted or letter not in "{};":
            here += letter
            continue
        words = " ".join(here.split())
        here = ""
        idle = words.startswith("inactive: ") or any(one for _, one in stack)
        words = re.sub(r"^(?:inactive|protect|replace): ", "", words)
        if letter == "{":
            stack.append((words, idle))
        full = " ".join([*(one for one, _ in stack if one), *([words] if letter == ";" else [])])
        if (words or letter == "}") and not idle:
            yield full
        if letter == "}" and stack:
            stack.pop()


def counted(text: str) -> Counter[str]:
    """Units, addresses, MTUs, terms and static routes."""
    found: set[tuple[str, str]] = set()
    for path in paths(text):
        if re.match(r"groups ", path):
            continue
        unit = re.match(r"interfaces (\S+) unit (\S+)", path)
        if unit:
            found.add(("units", f"{unit[1]}.{unit[2]}"))
        address = re.match(r"interfaces (\S+ unit \S+) family (inet6?) address ([0-9a-fA-F:.]+(?:/\d+)?)", path)
        if address:
            found.add(("addresses", f"{address[1]} {address[2]} {address[3]}"))
        physical = re.match(r"interfaces (\S+) mtu \d+$", path)
        if physical:
            found.add(("interfaces with mtu", physical[1]))
        family = re.match(r"interfaces (\S+ unit \S+ family inet6?) mtu \d+$", path)
        if family:
            found.add(("family mtus", family[1]))
        term = re.match(r"firewall (?:family (inet6?) )?filter (\S+) term (\S+) \S", path)
        if term:
            found.add(("terms", f"{term[1] or 'inet'} {term[2]} {term[3]}"))
        route = re.match(
            r"routing-options (?:rib \S+ )?static route (\S+) (?:(?:qualified-)?next-hop|discard|reject|next-table)",
            path,
        )
        if route:
            found.add(("routes", route[1]))
    return Counter(kind for kind, _ in found)


def read(device: Device) -> Counter[str]:
    """The same of a device."""
    found: Counter[str] = Counter()
    physical: set[str] = set()
    for one in device.interfaces:
        unit = re.search(r"\.\d+$", one.name)
        found["units"] += bool(unit)
        found["addresses"] += sum(not address.shared for address in one.addresses)
        link = {e.line for e in one.receive_mtu.evidence if "mtu" in e.text} if one.receive_mtu else set()
        physical |= {one.name.split(".")[0]} if link else set()
        for fact in one.mtu.values():
            found["family mtus"] += any("mtu" in e.text and e.line not in link for e in fact.evidence)
    found["interfaces with mtu"] = len(physical)
    found["terms"] = sum(
        len({(rule.evidence.line, rule.evidence.file) for rule in one.rules})
        for name, one in device.filters.items()
        if one.kind == "firewall filter" and " + " not in name
    )
    found["routes"] = len({(r.destination.bounds, r.length) for r in device.routing.routes if r.vrf == "default"})
    return found


@pytest.mark.parametrize("path", FILES, ids=[str(path.relative_to(CORPUS)) for path in FILES])
@pytest.mark.corpus
def test_every_file_is_recognised_and_read(path: Path) -> None:
    for device in devices_of(path):
        assert device.platform == "juniper_junos"
        assert not device.unreadable
        for one in device.filters.values():
            assert len(one.rules) >= 0


@plain_file
@pytest.mark.corpus
def test_counts_are_those_of_the_independent_counter(path: Path) -> None:
    (device,) = devices_of(path)
    wanted, got = counted(path.read_bytes().decode("latin-1")), read(device)
    for kind in ("units", "addresses", "routes", "interfaces with mtu", "family mtus"):
        assert got[kind] == wanted[kind], kind
    assert got["terms"] == wanted["terms"]


@pytest.mark.corpus
@pytest.mark.skipif(not FILES, reason=f"no corpus at {CORPUS}")
def test_few_lines_are_not_understood(capsys: pytest.CaptureFixture[str]) -> None:
    mattering = unread = 0
    kinds: Counter[str] = Counter()
    for path in FILES:
        text = path.read_bytes().decode("latin-1")
        mattering += sum(
            bool(
                re.match(
                    r"(?:interfaces|firewall|routing-(?:options|instances)|forwarding-options|policy-options)\b",
                    one,
                )
            )
            for one in paths(text)
        )
        for device in devices_of(path):
            lines = {line.evidence for line in device.not_understood}
            own = [one for one in lines if not re.search(r"security|screen", one.text)]
            unread += len(own)
            kinds.update(re.sub(r"\d+", "N", one.text)[:40] for one in own)
    with capsys.disabled():
        print(f"\njunos: {unread} of {mattering} lines not understood: {dict(kinds.most_common(8))}")  # noqa: T201
    assert mattering > 1000
    assert unread / mattering < AIM
