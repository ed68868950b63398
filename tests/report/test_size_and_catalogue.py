"""Sizes and the catalogue, for people and for programs."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from auditor import registry
from auditor.messages.sizes import SizeOptions, sizes
from auditor.model.packets import SizeLine
from auditor.report import catalogue
from auditor.report.lines import COLUMNS
from auditor.report.shown import width
from auditor.report.size import size_dict, size_text
from tests.report.devices import platform


@dataclass(frozen=True)
class Piece:
    message: int
    payload: int
    datagram: int


@dataclass(frozen=True)
class Sized:
    """What a message has to have, without the room of the messages."""

    name: str = "IKE_AUTH request"
    direction: Any = "forward"
    port: int = 4500
    lines: tuple[SizeLine, ...] = (SizeLine(what="IKE header", bytes=28, source="RFC 7296 3.1"),)
    whole: Piece = Piece(2912, 2916, 2944)
    packets: tuple[tuple[int, tuple[int, ...]], ...] = ((1500, (1500, 1464)), (9000, (2944,)))
    fragments: tuple[Piece, ...] = (Piece(1236, 1240, 1268), Piece(580, 584, 612))


@dataclass(frozen=True)
class Sizes:
    messages: tuple[Sized, ...] = (Sized(),)
    notes: tuple[str, ...] = field(default=("a note",))


def test_sizes_for_people() -> None:
    assert size_text(Sizes()).splitlines() == [
        "IKE_AUTH request  UDP 4500, initiator or client > responder or server",
        "  bytes  what                                         source",
        "  -----  -------------------------------------------  ------------",
        "  28     IKE header                                   RFC 7296 3.1",
        "  2916   UDP payload",
        "  2944   IP datagram, with the headers of UDP and IP",
        "  MTU 1500 2 packets: 1500 1464",
        "  MTU 9000 one packet of 2944",
        "  RFC 7383 2 IP datagrams instead: 1268 612",
        "",
        "note     a note",
    ]


def test_sizes_for_programs() -> None:
    (message,) = size_dict(Sizes())["messages"]
    assert (message["message"], message["payload"], message["datagram"]) == (2912, 2916, 2944)
    assert message["packets"] == [{"mtu": 1500, "bytes": [1500, 1464]}, {"mtu": 9000, "bytes": [2944]}]
    assert message["ike_fragments"][1] == {"message": 580, "payload": 584, "datagram": 612}


@pytest.mark.parametrize("kind", ["ikev2", "radius"])
def test_the_real_sizes_are_of_that_shape(kind: Any) -> None:
    text = size_text(sizes(SizeOptions(kind=kind)))
    assert all(width(line) <= COLUMNS for line in text.splitlines())
    assert ("IKE_AUTH request" if kind == "ikev2" else "Access-Request") in text


RULES, SYSTEMS = registry.rules(), registry.systems()


def test_lists_for_people_fit_and_name_everything() -> None:
    for text, names in (
        (catalogue.rules_text(RULES.values()), RULES),
        (catalogue.systems_text(SYSTEMS.values()), SYSTEMS),
        (catalogue.platforms_text([platform()]), ["acme_os", "acme_xe", "running-config"]),
    ):
        assert all(width(line) <= COLUMNS for line in text.splitlines())
        assert len(list(names)) > 2
        assert [name for name in names if name not in text] == []


def test_rules_stand_by_what_they_do() -> None:
    found = [line.split()[0] for line in catalogue.rules_text(RULES.values()).splitlines()[2:] if line[0] != " "]
    assert found == sorted(found, key=("breaks", "unknown", "at-risk", "note").index)


@pytest.mark.parametrize("name", RULES)
def test_the_page_of_a_rule(name: str) -> None:
    page = catalogue.rule_page(RULES[name])
    assert all(width(line) <= COLUMNS for line in page.splitlines())
    assert page.startswith(f"{name} (")
    assert "What it checks." in page
    assert "**" not in page
    assert f"do       {RULES[name].cure[:20]}" in page


@pytest.mark.parametrize("name", SYSTEMS)
def test_the_page_of_a_system(name: str) -> None:
    page = catalogue.system_page(SYSTEMS[name])
    assert all(width(line) <= COLUMNS for line in page.splitlines())
    words = " ".join(page.split())
    assert " ".join(SYSTEMS[name].fix.split())[:60] in words
    for note in SYSTEMS[name].notes:
        assert " ".join(note.split()) in words


def test_the_page_of_a_platform() -> None:
    page = catalogue.platform_page(platform())
    for words in (
        "acme_os: Acme routers\n",
        "aliases  acme, acme_xe\n",
        "napalm   acme\nnetmiko  none\n",
        "Held against\n  the command reference 17.9\n  30 real configs\n",
        "  top level: banner\n      says something to people\n",
        "  interfaces: description\n",
    ):
        assert words in page


def test_facts_of_a_system_carry_their_document() -> None:
    (one,) = catalogue.systems_dict([SYSTEMS["strongswan"]])["systems"]
    assert one["ike_fragmentation"]["basis"] == "default"
    assert one["ike_fragmentation"]["others"] == [False]
    assert "swanctl.opt" in one["ike_fragmentation"]["source"]
    assert one["challenge_fragment_size"] is None
