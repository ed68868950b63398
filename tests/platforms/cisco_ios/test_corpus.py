"""Third-party configs: every file is recognised and read, and counts are those of an independent counter.

The counter shares no code with the platform: a loop over lines, with what a person would look for.
"""

import ipaddress
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import pytest

from auditor.model.device import Device
from auditor.model.evidence import Basis
from auditor.parse.detect import detect
from auditor.parse.engine import match
from auditor.parse.read import read_device
from auditor.parse.rows import Rows, Source
from auditor.parse.text import read_text
from auditor.platforms.cisco_ios import PLATFORM
from auditor.platforms.cisco_ios.forms import FORMS
from auditor.registry import platforms
from tests.platforms.cisco_ios.reading import FINDER, rows_of

CORPUS = Path(__file__).parents[4] / "shared" / "corpus"
AIM = 0.02  # of the lines in blocks that matter
NO_CONFIG = "ShowIpVirtualReassemblyInterface__golden_output2_output.txt"  # the output of another command
# Made for a parser of several systems at once, with lines of NX-OS, IOS XR, EOS or ASA in them: no detection may claim
# them. What they hold is read and counted all the same.
MIXED = {
    "cisco_ios/batfish-testconfigs/iosxe-vasi-interface",
    "cisco_ios/batfish-unit-tests/cisco_interface",
    "cisco_ios/batfish-unit-tests/cisco_misc",
    "networks/batfish-parsing-recovery/configs/ios-recovery",
}
# Which files of the networks are of IOS, by their folders and names alone.
NETWORKS = (
    "batfish-access-group-acl/configs/ios*",
    "batfish-example-live*/configs/*.cfg",
    "batfish-hybrid-cloud-aws/configs/*.cfg",
    "batfish-ios-*/configs/*",
    "batfish-parsing-recovery/configs/ios-[!b]*",
    "batfish-parsing-recovery/configs/ios-bad*",
    "lab-checkpoint_*/configs/[!c]*/show_running-config.txt",
    "lab-cisco_xr_ios_vpnv4/configs/CE*/*",
    "lab-fortios_first_basic/configs/d[13]*/*",
    "lab-ios_*/configs/*/*",
    "lab-iosxe_*/configs/*/*",
    "lab-mix_vendor_bgp_vrf/configs/D-IOS*/*",
    "lab-nxos_evpn_l2vni/configs/DC*/*",
    "lab-ospf_lab_validation/configs/*-ios*/*",
    "lab-palo_alto_nat_*/configs/h*",
    "pybatfish-*/configs/*.cfg",
    "pybatfish-*/*/configs/firewall.cfg",
)
FILES = (
    sorted(
        path
        for folder, pattern in [("cisco_ios", "*/*"), *(("networks", pattern) for pattern in NETWORKS)]
        for path in (CORPUS / folder).glob(pattern)
        if path.name != NO_CONFIG
    )
    if CORPUS.is_dir()
    else []
)
corpus = [pytest.mark.corpus, pytest.mark.skipif(not FILES, reason=f"no corpus at {CORPUS}")]
every_file = pytest.mark.parametrize("path", FILES, ids=[str(path.relative_to(CORPUS)) for path in FILES])


def text_of(path: Path) -> list[str]:
    """The lines of a file, decoded by its byte order mark and else as Latin-1 (one byte, one letter)."""
    data = path.read_bytes()
    bom = data[:2] in (b"\xff\xfe", b"\xfe\xff")
    return data.decode("utf-16" if bom else "latin-1").replace("\xa0", " ").replace("\xc2 ", " ").split("\n")


@lru_cache(maxsize=512)
def device_of(path: Path) -> Device:
    """The device of a file, as the parse room reads it."""
    if str(path.relative_to(CORPUS)) in MIXED:
        (found,) = PLATFORM.devices(read_rows_of(path))
    else:
        (found,) = read_device(path.stem, [(path.name, path.read_bytes())], None, platforms(), FINDER)
    return found


@lru_cache(maxsize=512)
def read_rows_of(path: Path) -> Rows:
    return rows_of(path.read_bytes())


# --------------------------------------------------------------------------------------------- the independent counter


@dataclass
class Counted:
    """What a loop over lines counts of one config."""

    interfaces: dict[str, dict[str, str]] = field(default_factory=dict)  # the last mtu, ip mtu, ipv6 mtu of each
    mtus: int = 0
    addresses: Counter[tuple[str, str]] = field(default_factory=Counter)
    primary: dict[str, str] = field(default_factory=dict)
    entries: Counter[tuple[str, str]] = field(default_factory=Counter)


ABBREVIATED = {
    "gi": "gigabitethernet",
    "te": "tengigabitethernet",
    "fa": "fastethernet",
    "fo": "fortygigabitethernet",
    "hu": "hundredgige",
    "lo": "loopback",
}


def plain_name(text: str) -> str:
    """An interface's name in small letters without blanks, and without the words behind it."""
    name = re.sub(r"\s+(point-to-point|multipoint|l2transport|type .*)$", "", text.strip()).replace(" ", "").lower()
    letters = re.match(r"[a-z-]*", name)
    word = letters[0] if letters else ""
    return ABBREVIATED.get(word, word) + name[len(word) :]


def without_banners(lines: list[str]) -> Iterator[str]:
    """The lines without banners: from the line that begins one to that which holds its delimiter again. What the whole
    file is indented by goes.
    """
    delimiter = ""
    common = min((len(line) - len(line.lstrip()) for line in lines if line.strip(" !\r")), default=0)
    for raw in lines:
        line = raw[common:].rstrip()
        if delimiter:
            if delimiter in line:
                delimiter = ""
            continue
        begins = re.match(r"banner \w+ (\^C|\S)(.*)$", line)
        if begins:
            delimiter = "" if begins[1] in begins[2] else begins[1]
        elif line.strip() and not line.lstrip().startswith("!"):
            yield line


def count(lines: list[str]) -> Counted:
    """Counts interfaces, addresses, MTU lines and the entries of lists."""
    found = Counted()
    interface = ""
    listed: tuple[str, str] | None = None
    for line in without_banners(lines):
        text = line.strip()
        indented = line[0] in " \t"
        head = re.match(r"interface (.+)$", line)
        if head:
            interface, listed = plain_name(head[1]), None
            found.interfaces.setdefault(interface, {})
        elif re.match(r"(ip access-list (standard |extended )?|ipv6 access-list )\S+$", line):
            interface, listed = "", named_list(line)
            found.entries[listed] += 0
        elif re.match(r"no (ip |ipv6 )?access-list ", line):
            interface, listed = "", None
            found.entries.pop(named_list(line.removeprefix("no ")), None)
        elif re.match(r"access-list \d+ (permit|deny|dynamic) ", line):
            number = int(line.split()[1])
            if number < 200 or 1300 <= number < 2700:
                found.entries["ip", str(number)] += 1
            interface, listed = "", None
        elif listed and re.match(r"((sequence )?\d+ )?(permit|deny|evaluate|dynamic) ", text):
            found.entries[listed] += 1
        elif interface and indented:
            count_inside(found, interface, text)
        elif not indented:
            interface, listed = "", None
    found.entries = Counter({name: number for name, number in found.entries.items() if number})
    return found


def named_list(line: str) -> tuple[str, str]:
    words = line.split()
    return ("ipv6" if words[0] == "ipv6" else "ip"), words[-1]


def count_inside(found: Counted, interface: str, text: str) -> None:
    """One line of an interface."""
    mtu = re.match(r"(mtu|ip mtu|tunnel ip mtu|ipv6 mtu) (\d+)$", text)
    if mtu:
        found.mtus += 1
        found.interfaces[interface][mtu[1].removeprefix("tunnel ")] = mtu[2]
    if text == "no ip address":
        found.primary.pop(interface, None)
        for owner, address in list(found.addresses):
            if owner == interface and ":" not in address:
                del found.addresses[owner, address]
    one = re.match(r"ip address ([\d.]+) ([\d.]+)( secondary)?$", text) or re.match(
        r"ip address ([\d.]+)/(\d+)( secondary)?$", text
    )
    if one:
        address = str(ipaddress.ip_interface(f"{one[1]}/{one[2]}"))
        if not one[3]:
            old = found.primary.get(interface)
            if old is not None:
                del found.addresses[interface, old]
            found.primary[interface] = address
        found.addresses[interface, address] += 1
    six = re.match(r"ipv6 address ([0-9A-Fa-f:]+/\d+)( anycast)?$", text)
    if six:
        found.addresses[interface, str(ipaddress.ip_interface(six[1]))] += 1
    local = re.match(r"ipv6 address ([0-9A-Fa-f:]+) link-local$", text)
    if local:
        found.addresses[interface, f"{ipaddress.ip_address(local[1])}/64"] += 1


# ------------------------------------------------------------------------------------------------------------ the tests


@every_file
class TestFile:
    """One file."""

    pytestmark = corpus

    def test_it_is_recognised_and_read(self, path: Path) -> None:
        found = device_of(path)
        assert not found.unreadable
        assert found.platform == "cisco_ios"
        told = detect(read_text(path.read_bytes()).lines, platforms())
        assert told == (None if str(path.relative_to(CORPUS)) in MIXED else "cisco_ios")

    def test_interfaces(self, path: Path) -> None:
        wanted = count(text_of(path)).interfaces
        assert sorted(one.name.lower() for one in device_of(path).interfaces) == sorted(wanted)

    def test_addresses(self, path: Path) -> None:
        found = Counter(
            (one.name.lower(), f"{ipaddress.ip_address(a.address) if a.family == 4 else six(a.address)}/{a.length}")
            for one in device_of(path).interfaces
            for a in one.addresses
            if re.match(r"(ip|ipv6) address ", a.evidence.text)
        )
        assert found == count(text_of(path)).addresses

    def test_mtus(self, path: Path) -> None:
        """As many lines, and where one stands in a block the MTU is what it says."""
        wanted = count(text_of(path))
        rows = read_rows_of(path).rows("interfaces")
        assert sum(bool(row.get(name)) for row in rows for name in ("mtu", "ip_mtu", "ipv6_mtu")) == wanted.mtus
        for one in device_of(path).interfaces:
            said = wanted.interfaces[one.name.lower()]
            for family, command in ((4, "ip mtu"), (6, "ipv6 mtu")):
                numbers = [int(said[word]) for word in ("mtu", command) if word in said]
                if numbers and one.tunnel is None:
                    assert one.mtu[family].value == min(numbers)
                if command in said:
                    assert one.mtu[family].basis is Basis.READ

    def test_entries(self, path: Path) -> None:
        """Each list has as many entries as lines, and each entry has its rules."""
        found: Counter[tuple[str, str]] = Counter()
        for name, one in device_of(path).filters.items():
            if one.kind in ("access list", "IPv6 access list") and not one.missing:
                family = "ipv6" if one.kind == "IPv6 access list" else "ip"
                lines = {rule.evidence.line for rule in one.rules if rule.evidence != one.evidence or family == "ip"}
                found[family, name.removesuffix(" (IPv6)")] = len(lines)
        assert found == count(text_of(path)).entries

    def test_entries_taken_many_at_a_time_or_one_by_one(self, path: Path) -> None:
        """With a blank behind each line none is canonical as it stands."""
        lines = read_text(path.read_bytes()).lines
        form = next(form for form in FORMS if form.recognises(lines))
        assert form.canonical(lines) == form.canonical([f"{line} " for line in lines])

    def test_evidence_is_the_lines_of_the_file(self, path: Path) -> None:
        lines = read_text(path.read_bytes()).lines
        for one in device_of(path).filters.values():
            for rule in one.rules:
                assert lines[rule.evidence.line - 1].strip() == rule.evidence.text


def six(value: int) -> ipaddress.IPv6Address:
    return ipaddress.IPv6Address(value)


# ----------------------------------------------------------------------------------------------- what is not understood

DOUBTS = re.compile(r"not understood|not known|not complete|is missing|not an address|too many holes|makes no sense")


def strange(path: Path) -> dict[int, str]:
    """The lines of a file of which something was not understood, each with the kind of its block."""
    found = {left.number: left.owner.group if left.owner else "top level" for left in read_rows_of(path).leftovers}
    device = device_of(path)
    for one in device.not_understood:
        if DOUBTS.search(one.reason):
            found.setdefault(one.evidence.line, "part of a line")
    for rule in (rule for one in device.filters.values() for rule in one.rules):
        if DOUBTS.search(rule.uncertain):
            found.setdefault(rule.evidence.line, "part of an entry")
    return found


def mattering(path: Path) -> int:
    """The lines in blocks that matter: those that a template line begins, and top-level lines that were left over."""
    lines = read_text(path.read_bytes()).lines
    canonical = next(form for form in FORMS if form.recognises(lines)).canonical(lines)
    matched = match(FINDER(PLATFORM.template), canonical, Source(path.name, lines))
    unwanted = set(matched.unwanted)
    inside = True
    number = sum(1 for left in read_rows_of(path).leftovers if left.owner is None)
    for index, line in enumerate(canonical.lines):
        inside = index not in unwanted if not line.startswith(" ") else inside
        number += inside
    return number


def by_kind(paths: list[Path]) -> Counter[str]:
    return Counter(kind for path in paths for kind in strange(path).values())


@pytest.mark.corpus
@pytest.mark.skipif(not FILES, reason=f"no corpus at {CORPUS}")
def test_how_much_is_not_understood() -> None:
    """The figures of the platform's page."""
    kinds = by_kind(FILES)
    assert kinds == {"interfaces": 26, "part of an entry": 25, "top level": 17, "service_instances": 2}
    assert sum(mattering(path) for path in FILES) == 7936
    assert kinds.total() < AIM * 7936


@pytest.mark.corpus
@pytest.mark.skipif(not FILES, reason=f"no corpus at {CORPUS}")
def test_there_is_something_to_count() -> None:
    counts = [count(text_of(path)) for path in FILES]
    lists = [name for one in counts for name in one.entries]
    assert len(FILES) == 191
    assert sum(len(one.interfaces) for one in counts) == 655
    assert sum(one.addresses.total() for one in counts) == 377
    assert sum(one.mtus for one in counts) == 21
    assert sum(one.entries.total() for one in counts) == 660
    assert sum(family == "ipv6" for family, _ in lists) == 6
    assert sum(is_standard(*name, text_of(path)) for path in FILES for name in count(text_of(path)).entries) == 4


def is_standard(family: str, name: str, lines: list[str]) -> bool:
    """Whether a list is a standard one: by its head, or by its number."""
    number = int(name) if name.isdigit() else 0
    return family == "ip" and (
        0 < number < 100
        or 1300 <= number < 2000
        or any(line.strip() == f"ip access-list standard {name}" for line in lines)
    )
