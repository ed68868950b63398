"""Third-party rule sets: every file is recognised and read, and counts are those of an independent counter.

The counter shares no code with the platform: a loop over lines, with what a person would look for.
"""

import re
from collections import Counter
from pathlib import Path

import pytest

from auditor.model.device import Device
from auditor.parse.read import read_device
from auditor.platforms.linux.transcript import canonical
from auditor.registry import platforms
from tests.platforms.linux.reading import FINDER, cases, device_of, files_of

CORPUS = Path(__file__).parents[4] / "shared" / "corpus"
FILES = (
    [
        *sorted(path for path in CORPUS.glob("linux_*/**/*") if path.is_file()),
        *sorted(path for path in CORPUS.glob("networks/**/iptables/*") if path.is_file()),
    ]
    if CORPUS.is_dir()
    else []
)
corpus = [pytest.mark.corpus, pytest.mark.skipif(not FILES, reason=f"no corpus at {CORPUS}")]
COMMANDS = re.compile(r"^(?:--(?:check|delete|delete-chain|flush|list|list-rules|rename-chain|replace|zero)\b|-h$)")


def counted(lines: list[str]) -> Counter[str]:
    """How many rules each chain has, by its name alone."""
    found: Counter[str] = Counter()
    chain = ""
    inside = 0
    for line in lines:
        text = re.sub(r"\s+#.*|^#.*", "", line.strip()).strip()
        saved = re.match(r"(?:\[\d+:\d+\] )?(?:-A|--append|-I|--insert) (\S+)", text)
        if saved:
            found[saved[1]] += 1
        if re.match(r"(?:table|set|map|chain) .*\{$", text) or text.endswith("= {"):
            inside += 1
            if text.startswith("chain "):
                chain = text.split()[1]
        elif text == "}":
            inside -= 1
            chain = ""
        elif chain and text and not re.match(r"type \w+ hook|policy|comment \"", text):
            found[chain] += 1
    return found


def read(path: Path) -> tuple[Device, list[str]]:
    """The device of a file, and the file's canonical lines."""
    data = path.read_bytes()
    (found,) = read_device(path.stem, [(path.name, data)], None, platforms(), FINDER)
    return found, list(canonical(data.decode().split("\n")).lines)


def listed(lines: list[str]) -> Counter[str]:
    """How many rules the platform's form found in each chain."""
    found: Counter[str] = Counter()
    chain = ""
    for line in lines:
        words = line.split()
        if words[:1] == ["chain"]:
            chain = words[1]
        elif words[:1] == ["rule"]:
            found[chain] += 1
        elif words[:1] in (["add"], ["insert"]):
            found[words[1]] += 1
    return found


@pytest.mark.parametrize("path", FILES, ids=[str(path.relative_to(CORPUS)) for path in FILES])
class TestFile:
    """One file."""

    pytestmark = corpus

    def test_it_is_recognised_and_read(self, path: Path) -> None:
        found, _ = read(path)
        assert not found.unreadable
        assert found.platform == "linux"
        assert found.filters

    def test_every_rule_is_there(self, path: Path) -> None:
        _, lines = read(path)
        wanted = counted(path.read_text().split("\n"))
        assert listed(lines) == wanted
        assert sum(wanted.values()) > 0

    def test_every_rule_that_decides_is_in_a_filter(self, path: Path) -> None:
        found, _ = read(path)
        read_lines = {rule.evidence.line for one in found.filters.values() for rule in one.rules}
        deciding = {
            number
            for number, line in enumerate(path.read_text().split("\n"), 1)
            if re.match(
                r"\s*(?:-A|-I)\s.*(?:-j|-g) (?!LOG\b)|(?!\s*type\b)\s+\S.*\b(?:accept|drop|reject|jump|goto)$", line
            )
        }
        never = {"AclCheckTest.testDestinationInterface.stdout.ref": {11}}  # -o in a chain that INPUT alone calls
        assert deciding - read_lines == never.get(path.name, set())

    def test_what_is_not_understood(self, path: Path) -> None:
        """Nothing but ipset's own commands, and commands that no listing holds."""
        found, _ = read(path)
        strange = [n.evidence.text for n in found.not_understood if n.reason.startswith("not understood")]
        assert [text for text in strange if not (text.startswith(("create ", "add ")) or COMMANDS.match(text))] == []

    def test_evidence_is_the_lines_of_the_file(self, path: Path) -> None:
        found, _ = read(path)
        lines = path.read_text().split("\n")
        for one in found.filters.values():
            for rule in one.rules:
                assert lines[rule.evidence.line - 1].strip() == rule.evidence.text


@pytest.mark.corpus
@pytest.mark.skipif(not FILES, reason=f"no corpus at {CORPUS}")
def test_how_much_is_not_understood() -> None:
    """By kind, as docs/platforms/linux.md tells it. Of rules: what their listing does not hold. Besides: lines that are
    no rules, of ipset and of commands. Rules on ports that a later fragment may meet are understood.
    """
    lines: Counter[str] = Counter()
    why: Counter[str] = Counter()
    for path in FILES:
        found, _ = read(path)
        lines["rules"] += sum(counted(path.read_text().split("\n")).values())
        strange = [n.evidence.text for n in found.not_understood if n.reason.startswith("not understood")]
        lines.update("ipset" if text.startswith(("create ", "add ")) else "commands" for text in strange)
        unsure = {(rule.evidence.line, rule.uncertain) for one in found.filters.values() for rule in one.rules}
        why.update(words for _, words in unsure if words and "fragment" not in words)
        lines["ports of later fragments"] += len({line for line, words in unsure if "fragment" in words})
    assert lines == {"rules": 416, "ipset": 26, "commands": 10, "ports of later fragments": 7}
    assert why == {"an ipset, which is not in the listing": 3}
    assert sum(why.values()) / lines["rules"] < 0.02


# ---- the same of our own transcripts: the corpus holds no output of ip


WHOLE = [case for case in cases() if case.name != "cut-short"]


def ends(line: str, name: str) -> list[tuple[str, str]]:
    """The addresses that one line shows: of ``ip address``, with ``-o`` or ``-br``, or of its JSON."""
    one = re.match(r"\d+: (\S+)\s+inet6? (\S+)", line)
    if one:
        return [(one[1], one[2])]
    brief = re.match(r"(\S+?)(?:@\S+)?\s+(?:UP|DOWN|UNKNOWN)\s+(.*)$", line)
    if brief:
        return [(brief[1], word) for word in brief[2].split() if "/" in word]
    inet = re.match(r"\s+inet6? (\S+)", line)
    return [(name, inet[1])] if inet and name else []


@pytest.mark.parametrize("case", WHOLE, ids=lambda path: path.name)
def test_interfaces_addresses_and_mtus(case: Path) -> None:
    links: dict[str, int] = {}
    addresses: set[tuple[str, str]] = set()
    for line in (line for _, data in files_of(case) for line in data.decode().split("\n")):
        head = re.match(r"\d+: ([^:@]+)(?:@[^:]+)?: <.*> mtu (\d+)", line)
        if head:
            links[head[1]] = int(head[2])
        addresses.update(ends(line, ["", *links][-1]))
        for one in re.split(r'(?="ifindex":)', line)[1:]:
            name, mtu = re.search(r'"ifname":"([^"]+)"', one), re.search(r'"mtu":(\d+)', one)
            if name and mtu:
                links[name[1]] = int(mtu[1])
                addresses.update((name[1], text) for text in re.findall(r'"local":"([^"]+)"', one))
    found = device_of(files_of(case))
    assert {one.name: one.mtu[4].value for one in found.interfaces if 4 in one.mtu} == links
    assert sum(len(one.addresses) for one in found.interfaces) == len(addresses)
