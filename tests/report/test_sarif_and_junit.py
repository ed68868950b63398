"""SARIF and JUnit: what code hosts and CI systems read, from any report, without a word that steers them."""

import json
from typing import Any

import pytest
from defusedxml import ElementTree as Xml

from auditor.model.findings import Report
from auditor.report.junit import junit
from auditor.report.sarif import sarif
from tests.report import build
from tests.report.conftest import with_thousands

LEVELS = {"breaks": "error", "unknown": "warning", "at-risk": "warning", "note": "note"}


def run_of(report: Report) -> dict[str, Any]:
    log = json.loads(sarif(report))
    assert (log["version"], len(log["runs"])) == ("2.1.0", 1)
    return dict(log["runs"][0])


def test_every_finding_is_a_result_of_a_described_rule(any_report: Report) -> None:
    run = run_of(any_report)
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert len(rules) == len(set(rules))
    assert len(run["results"]) == len(any_report.findings)
    for result, finding in zip(run["results"], any_report.findings, strict=True):
        assert result["level"] == LEVELS[finding.severity]
        assert result["partialFingerprints"] == {"fragaudit/v1": finding.fingerprint}
        assert result["message"]["text"]
        if "ruleIndex" in result:
            assert rules[result["ruleIndex"]] == result["ruleId"] == finding.rule
        for place in (*result["locations"], *result.get("relatedLocations", ())):
            assert place["physicalLocation"]["region"]["startLine"] >= 1
    assert "hunter2" not in sarif(any_report)
    assert "0822455D0A16" not in sarif(any_report)


@pytest.mark.parametrize(
    ("inventory", "uri", "base"),
    [
        ("inventories/fra", "inventories/fra/configs/edge%201.cfg", None),
        (".", "configs/edge%201.cfg", None),
        ("/srv/fra", "configs/edge%201.cfg", "INVENTORY"),
        ("../fra", "configs/edge%201.cfg", "INVENTORY"),
    ],
)
def test_a_file_is_named_as_a_code_host_finds_it(inventory: str, uri: str, base: str | None) -> None:
    place = build.evidence("deny ip any any fragments", 4, "configs/edge 1.cfg")
    found = build.finding("non-initial-fragment-denied", "edge1", place)
    run = run_of(build.report(findings=[found], inventory=inventory))
    artifact = run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]
    assert (artifact["uri"], artifact.get("uriBaseId")) == (uri, base)


def test_a_message_names_some_flows_and_counts_the_rest() -> None:
    run = run_of(with_thousands())
    assert max(len(result["message"]["text"]) for result in run["results"]) < 5_000


def test_cases_of_junit_have_unique_names_and_true_counts(any_report: Report) -> None:
    root = Xml.fromstring(junit(any_report))
    suite = root[0]
    cases = suite.findall("testcase")
    names = [(case.get("classname"), case.get("name")) for case in cases]
    assert len(names) == len(set(names))
    assert suite.get("tests") == str(len(cases))
    assert suite.get("failures") == str(sum(case.find("failure") is not None for case in cases))
    assert suite.get("skipped") == str(sum(case.find("skipped") is not None for case in cases))
    assert "hunter2" not in junit(any_report)


def test_what_breaks_fails_and_what_is_unknown_is_skipped() -> None:
    root = Xml.fromstring(junit(build.example()))
    failed = {case.get("classname") for case in root.iter("testcase") if case.find("failure") is not None}
    skipped = {case.get("classname") for case in root.iter("testcase") if case.find("skipped") is not None}
    verdicts = {flow.name: str(flow.verdict) for flow in build.example().flows}
    assert failed == {name for name, verdict in verdicts.items() if verdict in ("breaks", "blocked")}
    assert skipped == {name for name, verdict in verdicts.items() if verdict == "unknown"}


def test_without_paths_each_device_is_a_case() -> None:
    root = Xml.fromstring(junit(build.without_paths()))
    assert {case.get("classname") for case in root.iter("testcase")} == {d.name for d in build.without_paths().devices}
