"""The facts of devices: what was understood, with lines and bases, and what was not."""

from typing import Any

import pytest

from auditor.model.addresses import IntervalSet
from auditor.model.evidence import Basis, Fact
from auditor.report.facts import facts_dict, facts_text
from auditor.report.facts_text import fact_text
from auditor.report.lines import COLUMNS
from auditor.report.shown import width
from tests.report import build
from tests.report.devices import full_device, line, unread_device


def device() -> dict[str, Any]:
    found: dict[str, Any] = facts_dict([full_device()])["devices"][0]
    return found


def test_an_interface() -> None:
    outside = device()["interfaces"][0]
    assert (outside["name"], outside["also"], outside["vrf"], outside["zone"]) == ("out0", ["outside"], "red", "out")
    assert outside["addresses"][0]["address"] == "203.0.113.1/24"
    assert outside["addresses"][0]["shared"] is True
    assert outside["mtu"]["4"] == {
        "value": 1400,
        "basis": "read",
        "others": [],
        "source": "",
        "evidence": [{"file": "configs/edge1.cfg", "line": 13, "text": "ip mtu 1400"}],
    }
    assert outside["mtu"]["6"]["source"] == "the command reference"
    assert outside["receive_mtu"]["others"] == [None]
    assert [binding["filter"] for binding in outside["bindings"]] == ["101", "GONE"]
    assert outside["tunnel"] is None


def test_a_tunnel() -> None:
    tunnel = device()["interfaces"][1]["tunnel"]
    assert (tunnel["mode"], tunnel["source"], tunnel["destination"]) == ("gre", "203.0.113.1", None)
    assert tunnel["overhead"]["value"] == 24
    assert tunnel["encrypted"][0]["line"] == 32


def test_filters_and_where_they_are_met() -> None:
    found = {one["name"]: one for one in device()["filters"]}
    assert found["101"]["entries"] == 2
    assert found["101"]["headerless"]["value"] == "permit-by-address-skip-deny"
    assert found["101"]["bound"] == [{"interface": "out0", "direction": "in", "family": 4, "purpose": "access"}]
    assert found["101"]["met_in"] == ["transit: egress-filter", "zone out > in"]
    assert (found["101"]["translates"], found["SOURCE"]["translates"]) == (False, True)
    assert found["SOURCE"]["met_in"] == ["transit: nat"]
    assert found["GONE"]["missing"] is True


def test_orders_that_are_not_known() -> None:
    transit = device()["pipelines"]["transit"]
    assert transit[:2] == ["ingress-filter", "nat"]
    assert transit[2]["orders"] == {"first": ["reassembly"], "second": ["egress-filter"]}


def test_the_rest() -> None:
    found = device()
    assert found["routing"]["routes"] == 1
    assert found["routing"]["by_protocol"] == {"static": 1}
    assert found["routing"]["complete"] == {"4": True, "6": False}
    assert found["fragment_policies"][0]["exempt"] == ["192.0.2.0/24"]
    assert found["reassembly"][0]["fragments"]["value"] == 32
    assert found["speakers"][0]["peers"][1]["addresses"] == ["any"]
    assert found["nat_addresses"] == {"4": ["0.0.0.1-0.0.0.9"]}
    assert found["forwards"]["4"]["value"] is True


def test_what_was_not_understood_is_listed_line_by_line_without_secrets() -> None:
    first, second = device()["not_understood"]
    assert first == {
        "file": "configs/edge1.cfg",
        "line": 120,
        "text": "ip inspect frags password 7 ***",
        "place": "out0",
        "family": 4,
        "direction": "in",
        "reason": "unheard of",
    }
    assert second["place"] == ""


def test_the_text_tells_it_to_people() -> None:
    text = facts_text([full_device(), unread_device()], [("configs/router.db", "no platform claims it")])
    for words in (
        "edge1  (acme_os, version 17.9)\n  config   configs/edge1.cfg, 210 lines, complete\n",
        "    out0 (outside): VRF red, zone out [configs/edge1.cfg:10]\n",
        "      address  203.0.113.1/24 shared, dynamic\n",
        "      mtu      IPv4: 1400 [configs/edge1.cfg:13]\n",
        "      mtu      IPv6: 1500 (absent: the command reference) [configs/edge1.cfg:1]\n",
        "      takes in 1500, or no bound (assumed)\n",
        "      source   IPv4: strict [configs/edge1.cfg:16]\n",
        "      errors   IPv4: no [configs/edge1.cfg:15]\n",
        "      filter   101 in, IPv4 [configs/edge1.cfg:14]\n",
        "      filter   GONE out, IPv4 for policy [configs/edge1.cfg:22]\n",
        "    Serial0: shut down [configs/edge1.cfg:50]\n",
        "      mtu      1476 (absent: the command reference) [configs/edge1.cfg:1]\n",
        "    access list 101: 2 entries [configs/edge1.cfg:37]\n",
        "    access list SOURCE: 2 entries, NAT [configs/edge1.cfg:37]\n",
        "    filter GONE: named and not in the config [configs/edge1.cfg:22]\n",
        "      no ports permit-by-address-skip-deny (absent: the vendor's document on fragments)\n",
        "    block-fragments: drop (any) on out0 in, IPv4, not from 192.0.2.0/24; in force: yes\n",
        "  routes   1 (1 static), all of them for IPv4\n",
        "  dynamic  configs/edge1.cfg:95  router bgp 65000\n",
        "  speaks   ikev2 from out0, certificate to 203.0.113.10, ::/0 [configs/edge1.cfg:82]\n",
        "  not understood: 2 lines\n",
        "    configs/edge1.cfg:120  ip inspect frags password 7 ***  (out0, unheard of)\n",
        "fw9  (other_os)\n",
        "  unread   no template reads the platform other_os\n",
        "Files that are no device's config: 1\n  configs/router.db: no platform claims it\n",
    ):
        assert words in text


@pytest.mark.parametrize("words", ["", build.HOSTILE])
def test_no_line_is_wider_than_it_may_be(words: str) -> None:
    device = build.poisoned(full_device(), words) if words else full_device()
    text = facts_text([device], [(words, words)] if words else [])
    assert all(width(one) <= COLUMNS and one.isprintable() for one in text.split("\n"))
    assert "0822455D0A16" not in text
    assert "hunter2" not in text


def test_nothing() -> None:
    assert facts_text([]) == "There is no device.\n"


def test_facts_in_a_word() -> None:
    read = Fact(value=True, basis=Basis.READ, evidence=(line(3, "x"),))
    assert fact_text(read) == "yes [configs/edge1.cfg:3]"
    assert fact_text(Fact(value=None, basis=Basis.UNKNOWN, others=(1280,))) == "no bound, or 1280 (unknown)"


def test_many_peers_are_cut() -> None:
    from dataclasses import replace

    found = full_device()
    (speaker,) = found.speakers
    many = IntervalSet.of(*((n, n) for n in range(0, 4000, 2)))
    peer = replace(speaker.peers[0], addresses=many)
    speakers = facts_dict([replace(found, speakers=(replace(speaker, peers=(peer,)),))])["devices"][0]["speakers"]
    assert speakers[0]["peers"][0]["addresses"][-1] == "and 1000 more"
