"""Remedies: every one that is listed holds when its commands are entered by hand, and none makes a flow worse."""

import re
from pathlib import Path

import pytest

from auditor.audit import Options, audit, load
from auditor.model.findings import Report, Verdict
from auditor.model.remedies import Remedy
from auditor.registry import platforms
from tests.scenarios.test_cases import CASES, sections, write

BREAKING = [case for case in CASES if re.search(r"^\S+ breaks", sections(case)["expected"], re.MULTILINE)]
CURED = {  # cases whose breaking line a device can be told to open
    "asa-no-fragments": "passes",
    "junos-ports-alone": "passes",
    "srx-block-frag": "passes",
    "ios-fragments-denied-above-the-permit": "passes",
    "ios-drop-fragments": "passes",
    "ios-too-many-fragments": "passes",
    "ios6-fragments-denied": "passes",
    "iptables-f-drop": "passes",
    "iptables-ports-without-tracking": "passes",
    "linux-fragments-denied": "passes",
    "linux-ports-without-tracking": "passes",
}


def report(folder: Path) -> Report:
    options = Options()
    return audit(load(folder, options), options)


def device_remedies(found: Report) -> list[tuple[str, Remedy]]:
    return [
        (flow.name, one)
        for flow in found.flows
        for one in flow.remedies
        if all(step.kind == "device" for step in one.steps)
    ]


@pytest.mark.parametrize("case", BREAKING, ids=lambda case: case.stem)
def test_the_commands_do_what_the_remedy_says(case: Path, tmp_path: Path) -> None:
    """The file on disk is changed as the commands say, and audited from the start."""
    folder = write(tmp_path / "before", sections(case))
    before = report(folder)
    verdicts = {flow.name: flow.verdict for flow in before.flows}
    for number, (name, remedy) in enumerate(device_remedies(before)):
        changed = write(tmp_path / f"after{number}", sections(case))
        for step in remedy.steps:
            device = next(one for one in before.devices if one.name == step.target)
            curing = platforms()[device.platform].curing
            assert curing is not None
            path = changed / device.config
            entered = curing().enter(path.read_text().split("\n"), step.commands)
            assert entered is not None
            path.write_text("\n".join(entered))
        after = {flow.name: flow.verdict for flow in report(changed).flows}
        assert str(after[name]) == remedy.verdict_after
        assert all(after[flow].rank <= verdicts[flow].rank for flow in after)


@pytest.mark.parametrize("name", CURED)
def test_what_a_device_drops_it_can_be_told_to_pass(name: str, tmp_path: Path) -> None:
    case = next(case for case in CASES if case.stem == name)
    found = report(write(tmp_path, sections(case)))
    remedies = device_remedies(found)
    assert [one.verdict_after for _, one in remedies] == [CURED[name]]
    for _, one in remedies:
        assert all(step.commands and step.removes for step in one.steps)


def test_only_what_breaks_has_remedies() -> None:
    found = report(Path("inventories/linux-and-ios"))
    assert {flow.name for flow in found.flows if flow.remedies} == {
        flow.name for flow in found.flows if flow.verdict is Verdict.BREAKS
    }
    first = next(flow for flow in found.flows if flow.name == "always-on-vpn").remedies[0]
    assert {step.target for step in first.steps} == {
        "travellers",
        "rras1",
    }  # RFC 7383 needs both ends, and stands first


def test_what_does_not_show_remedies_does_not_look_for_them() -> None:
    options = Options(with_remedies=False)
    found = audit(load(Path("inventories/linux-and-ios"), options), options)
    assert any(flow.verdict is Verdict.BREAKS for flow in found.flows)
    assert not any(flow.remedies for flow in found.flows)


def test_a_config_too_long_for_remedies_is_said(tmp_path: Path) -> None:
    files = sections(next(case for case in CASES if case.stem == "ios-fragments-denied-above-the-permit"))
    (name,) = (one for one in files if one.startswith("configs/"))
    long = "".join(f"ip route 10.{n // 250}.{n % 250}.0 255.255.255.0 Null0\n" for n in range(2_100))
    found = report(write(tmp_path, {**files, name: files[name].replace("\nend\n", f"\n{long}end\n")}))
    assert [flow.verdict for flow in found.flows] == [Verdict.BREAKS]
    assert not any(flow.remedies for flow in found.flows)
    assert any("no remedies were looked for: 1 (" in note for note in found.notes)
