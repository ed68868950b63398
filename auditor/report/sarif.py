"""The findings as SARIF 2.1.0 (OASIS Standard, 27 March 2020), so that a code host marks the lines of a change.

One result a finding; its fingerprint survives line shifts, so a host tells known findings from new ones. Files are
named from where the command was run, as a code host wants it, if the inventory was named by a relative path; else by
their place in the inventory, under the base ``INVENTORY``.
"""

from collections.abc import Mapping
from pathlib import PurePosixPath
from urllib.parse import quote

from auditor import registry
from auditor.model.evidence import Evidence
from auditor.model.findings import Finding, Report, Severity
from auditor.model.rule import Rule
from auditor.report import document
from auditor.report.document import Json
from auditor.report.masks import masked
from auditor.report.shown import shown

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
LEVELS: dict[Severity, str] = {"breaks": "error", "unknown": "warning", "at-risk": "warning", "note": "note"}
MOST_FLOWS = 20  # flows that a message names
BASE = "INVENTORY"


def sarif(report: Report) -> str:
    """The report as a SARIF log of one run."""
    known = registry.rules()
    used = {name: known[name] for name in sorted({finding.rule for finding in report.findings}) if name in known}
    return document.text(
        {
            "$schema": SCHEMA,
            "version": "2.1.0",
            "runs": [
                {
                    "tool": {"driver": _driver(report.version, used)},
                    "columnKind": "unicodeCodePoints",
                    "results": [_result(finding, list(used), report.inventory) for finding in report.findings],
                }
            ],
        }
    )


def _driver(version: str, used: Mapping[str, Rule]) -> dict[str, Json]:
    return {"name": "fragaudit", "version": version, "rules": [_rule(rule) for rule in used.values()]}


def _rule(rule: Rule) -> dict[str, Json]:
    return {
        "id": rule.name,
        "shortDescription": {"text": rule.summary},
        "help": {"text": rule.page.strip()},
        "defaultConfiguration": {"level": LEVELS[rule.severity]},
    }


def _result(finding: Finding, rules: list[str], inventory: str) -> dict[str, Json]:
    places = [evidence for evidence in finding.evidence if evidence.file]
    result: dict[str, Json] = {
        "ruleId": shown(finding.rule),
        "level": LEVELS[finding.severity],
        "message": {"text": _message(finding)},
        "locations": [_location(place, inventory) for place in places[:1]],
        "partialFingerprints": {"fragaudit/v1": finding.fingerprint},
        "properties": {
            "severity": finding.severity,
            "device": shown(finding.device),
            "flows": [shown(flow) for flow in finding.flows],
        },
    }
    if finding.rule in rules:
        result["ruleIndex"] = rules.index(finding.rule)
    if len(places) > 1:
        result["relatedLocations"] = [_location(place, inventory) for place in places[1:]]
    return result


def _message(finding: Finding) -> str:
    """What it does, to which flows, and what to do about it."""
    text = shown(finding.message)
    if finding.flows:
        rest = len(finding.flows) - MOST_FLOWS
        more = f" and {rest} more" if rest > 0 else ""
        text += f". Flows: {', '.join(shown(flow) for flow in finding.flows[:MOST_FLOWS])}{more}"
    return f"{text}. To do: {shown(finding.cure)}" if finding.cure else text


def _location(place: Evidence, inventory: str) -> dict[str, Json]:
    return {
        "physicalLocation": {
            "artifactLocation": _artifact(place.file, inventory),
            "region": {"startLine": place.line, "snippet": {"text": shown(place.text.strip())}},
        }
    }


def _artifact(file: str, inventory: str) -> dict[str, Json]:
    folder = PurePosixPath(inventory.replace("\\", "/"))
    if folder.is_absolute() or ".." in folder.parts or ":" in inventory:
        return {"uri": _uri(file), "uriBaseId": BASE}
    return {"uri": _uri((folder / file).as_posix())}


def _uri(path: str) -> str:
    return quote(masked(path).encode("utf-8", "surrogatepass"))
