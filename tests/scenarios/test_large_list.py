"""The bar for long lists: exact, whatever the length. What is right is worked out in ``large_list.py``."""

import resource
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest

from auditor.audit import Options, audit, load
from auditor.model.findings import MessageVerdict, Report, Verdict
from auditor.model.trace import Region
from tests.scenarios.large_list import GATEWAY, PATHS, Fates, Ranges, internet, make

MEGABYTES_ALLOWED = 1000


def write(folder: Path, text: str) -> Path:
    (folder / "configs").mkdir(parents=True)
    (folder / "configs" / "edge1.cfg").write_text(text)
    (folder / "hosts.yaml").write_text("edge1: {platform: cisco_ios}\n")
    (folder / "paths.yaml").write_text(PATHS)
    return folder


def message(report: Report, name: str) -> MessageVerdict:
    (flow,) = report.flows
    (found,) = (one for path in flow.paths for one in path.messages if one.message.name == name)
    return found


def broken(found: MessageVerdict) -> dict[int, Ranges]:
    """The sources that each line breaks."""
    lines: dict[int, set[tuple[int, int]]] = {}
    for drop in found.drops:
        (evidence,) = drop.loss.evidence
        assert drop.loss.certain
        assert drop.loss.packet.offset > 0, "the first fragment passes wherever a small datagram does"
        lines.setdefault(evidence.line, set()).update(drop.affected.clients)
    return {line: sorted(ranges) for line, ranges in lines.items()}


def sources(regions: Iterable[Region]) -> Ranges:
    """The sources of disjoint regions, joined where they touch."""
    found: Ranges = []
    for first, last in sorted(r for region in regions for r in region.clients):
        assert not found or first > found[-1][1], "the parts are disjoint"
        if found and found[-1][1] + 1 == first:
            found[-1] = (found[-1][0], last)
        else:
            found.append((first, last))
    return found


def check(folder: Path, count: int, seed: int) -> None:
    text, entries = make(count, seed)
    assert text.count("\n permit ") + text.count("\n deny ") == count
    report = audit(load(write(folder, text), Options()))
    large = message(report, "IKE_AUTH request")
    asked = internet()
    assert list(large.trace.asked.clients) == asked
    fates = Fates(entries, asked)
    expected = fates.broken()
    assert len(expected) > count // 100, "there is something to be found"
    assert report.flows[0].verdict is Verdict.BREAKS
    assert large.verdict is Verdict.BREAKS
    assert broken(large) == expected
    assert sources(large.closed) == fates.closed()
    tags = {ending.tags for ending in large.trace.endings}
    for one in tags:  # each size of the message
        whole = [e.region for e in large.trace.endings if e.complete and e.tags == one]
        assert sources(whole) == fates.fine()
    assert tags


@pytest.mark.parametrize("seed", [11, 12])
def test_five_thousand_entries(tmp_path: Path, seed: int) -> None:
    check(tmp_path / "x", 5_000, seed)


@pytest.mark.slow
def test_a_hundred_thousand_entries(tmp_path: Path) -> None:
    check(tmp_path / "x", 100_000, 11)


@pytest.mark.slow
def test_memory_of_a_hundred_thousand_entries(tmp_path: Path) -> None:
    """The whole command in a process of its own. Time is for ``make bench``: here it is only said."""
    folder = write(tmp_path / "x", make(100_000)[0])
    command = [sys.executable, "-m", "auditor", "audit", str(folder), "--format", "json"]
    done = subprocess.run(command, capture_output=True, check=False)
    assert done.returncode == 1, done.stderr
    assert GATEWAY.encode() in done.stdout
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert used.ru_maxrss / 1024 < MEGABYTES_ALLOWED
