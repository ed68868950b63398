"""Remedies as users see them: in words, with their commands, and never as mark-up or with a secret."""

import json
from dataclasses import replace

import jsonschema

from auditor.model.findings import Report
from auditor.model.remedies import Remedy, RemedyStep
from auditor.report import FORMS, render
from auditor.schemas import schema
from tests.report import build

CURE = Remedy(
    steps=(
        RemedyStep(
            target="edge1",
            kind="device",
            summary="permit later fragments",
            commands=("ip access-list extended WAN-IN", " 5 permit udp any host 203.0.113.10 fragments"),
            side_effects=("hardening is opened",),
            removes=("d1",),
        ),
    ),
    verdict_after="passes",
    others=(("other-vpn", "passes"),),
    widens="later fragments to 203.0.113.10",
)


def with_remedy(remedy: Remedy) -> Report:
    return build.report(replace(build.breaking(), remedies=(remedy,)))


def test_the_table_shows_what_to_type_and_what_it_does() -> None:
    text = render(with_remedy(CURE), "table")
    assert "  cure     passes then: on edge1, permit later fragments\n" in text
    assert (
        "             ip access-list extended WAN-IN\n              5 permit udp any host 203.0.113.10 fragments\n"
        in text
    )
    assert "           lets through: later fragments to 203.0.113.10\n           mind: hardening is opened\n" in text
    assert "           other flows: other-vpn passes\n" in text
    assert "\n  do " not in text


def test_json_has_the_keys_of_the_contract() -> None:
    document = json.loads(render(with_remedy(CURE), "json"))
    jsonschema.validate(document, schema("report"))
    (remedy,) = document["flows"][0]["remedies"]
    assert (remedy["verdict_after"], remedy["proved"], remedy["others"]) == ("passes", True, ["other-vpn: passes"])
    assert remedy["steps"][0]["commands"] == list(CURE.steps[0].commands)


def test_markdown_shows_commands_as_code() -> None:
    text = render(with_remedy(CURE), "markdown")
    assert "- **cure**: passes then: \n  - on edge1, permit later fragments\n" in text
    assert "    - <code> 5 permit udp any host 203.0.113.10 fragments</code>\n" in text


def test_hostile_words_stay_words() -> None:
    step = replace(CURE.steps[0], summary="<b>`x`</b> password 7 0822455D0A16", commands=("\x1b[31mkey hunter2",))
    for form in FORMS:
        text = render(with_remedy(replace(CURE, steps=(step,), widens="|a|\u202e")), form)
        assert "0822455D0A16" not in text
        assert "\x1b" not in text
        assert "\u202e" not in text
        assert form != "markdown" or "<b>" not in text
