"""Every document is what its schema says, and the schemas say no more than is written."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import jsonschema
import pytest

from auditor import registry
from auditor.errors import UsageError
from auditor.messages.sizes import SizeOptions, sizes
from auditor.model.findings import Report
from auditor.report.catalogue import platforms_json, rules_json, systems_json
from auditor.report.facts import facts_json
from auditor.report.json_report import json_report
from auditor.report.size import size_json
from auditor.report.trace import trace_json
from auditor.schemas import NAMES, schema
from tests.report import build
from tests.report.devices import full_device, platform, unread_device


def checked(name: str, text: str) -> Any:
    """The document, held against its schema."""
    document = json.loads(text)
    found = schema(name)
    jsonschema.Draft202012Validator(found).validate(document)
    assert document["schema"] == f"fragaudit.{name}/1"
    assert document["tool"]["name"] == "fragaudit"
    return document


@pytest.mark.parametrize("name", NAMES)
def test_each_schema_is_one(name: str) -> None:
    found = schema(name)
    assert found["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    jsonschema.Draft202012Validator.check_schema(found)


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(UsageError, match="no schema 'repport'; there are report, trace"):
        schema("repport")


@pytest.mark.parametrize("name", NAMES)
def test_every_object_is_closed(name: str) -> None:
    def objects(node: Any) -> list[dict[str, Any]]:
        if isinstance(node, list):
            return [found for one in node for found in objects(one)]
        if not isinstance(node, dict):
            return []
        own = [node] if node.get("type") == "object" else []
        return own + [found for one in node.values() for found in objects(one)]

    found = objects(schema(name))
    assert len(found) > 2
    for one in found:
        assert one["additionalProperties"] is False or "properties" not in one
        assert set(one.get("required", ())) == set(one.get("properties", ()))


def test_what_two_schemas_share_is_the_same_in_both() -> None:
    own = {"flow", "path", "message", "device", "reassembly"}  # other things by the same name
    seen: dict[str, Any] = {}
    for name in NAMES:
        for part, definition in schema(name)["$defs"].items():
            if part not in own:
                assert seen.setdefault(part, definition) == definition, part
    assert {"evidence", "verdict", "fact", "hop"} <= set(seen)


def test_the_report(any_report: Report) -> None:
    document = checked("report", json_report(any_report))
    assert len(document["flows"]) == len(any_report.flows)


def test_the_trace(any_report: Report) -> None:
    document = checked("trace", trace_json(any_report))
    assert len(document["flows"]) == len(any_report.flows)


@pytest.mark.parametrize("text", ["", build.HOSTILE])
def test_the_facts(text: str) -> None:
    devices = [full_device(), unread_device()]
    devices = [build.poisoned(one, text) for one in devices] if text else devices
    document = checked("facts", facts_json(devices, [("configs/router.db" + text, "no platform claims it")]))
    assert len(document["devices"]) == 2
    assert len(document["unclaimed"]) == 1


def test_the_facts_of_nothing() -> None:
    assert checked("facts", facts_json([]))["devices"] == []


@pytest.mark.parametrize("kind", ["ikev2", "radius"])
@pytest.mark.parametrize("family", [4, 6])
def test_the_sizes(kind: Any, family: Any) -> None:
    document = checked("size", size_json(sizes(SizeOptions(kind=kind, family=family))))
    for message in document["messages"]:
        assert sum(line["bytes"] for line in message["lines"]) == message["payload"]


def test_the_catalogues() -> None:
    rules, systems = registry.rules(), registry.systems()
    assert [one["name"] for one in checked("rules", rules_json(rules.values()))["rules"]] == list(rules)
    assert [one["name"] for one in checked("systems", systems_json(systems.values()))["systems"]] == list(systems)
    assert checked("platforms", platforms_json([platform()]))["platforms"][0]["name"] == "acme_os"


def mutated(change: Callable[[Any], object]) -> Any:
    document = json.loads(json_report(build.example()))
    change(document)
    return document


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d.update(more=1),
        lambda d: d.pop("devices"),
        lambda d: d.update(schema="fragaudit.report/2"),
        lambda d: d["flows"][0].update(verdict="fine"),
        lambda d: d["flows"][1]["paths"][0]["messages"][1]["drops"][0].update(stage="somewhere"),
        lambda d: d["flows"][1]["paths"][0]["messages"][1]["drops"][0]["evidence"][0].update(line=None),
        lambda d: d["flows"][1]["paths"][0]["hops"][0].pop("mtu"),
        lambda d: d["summary"].update(good=1),
        lambda d: d["flows"][0]["remedies"].append({}),
    ],
    ids=range(9),
)
def test_what_the_contract_does_not_have_is_refused(change: Callable[[Any], object]) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(mutated(change), schema("report"))


def test_remedies_have_their_place() -> None:
    step = {
        "target": "rras1",
        "kind": "endpoint",
        "summary": "s",
        "commands": ["c"],
        "side_effects": [],
        "removes": ["d1"],
    }
    remedy = {"steps": [step], "verdict_after": "passes", "others": [], "widens": "", "proved": True}
    jsonschema.validate(mutated(lambda d: d["flows"][0]["remedies"].append(remedy)), schema("report"))
    assert json.loads(json_report(build.example()))["flows"][0]["remedies"] == []


def test_the_same_report_gives_the_same_bytes(any_report: Report) -> None:
    again = replace(any_report)
    assert json_report(any_report) == json_report(again)
    assert trace_json(any_report) == trace_json(again)
