"""``fragaudit.report/1`` key by key: the contract's own example tells which keys there are and how they stand."""

import json
from dataclasses import replace
from typing import Any

import pytest

from auditor.model.addresses import IntervalSet
from auditor.model.evidence import Evidence
from auditor.model.findings import Report, Verdict
from auditor.report.json_report import json_report, report_dict
from auditor.report.values import MOST_RANGES
from tests.report import build
from tests.report.build import flow, message, path, path_verdict, report

# Contract 5, in its order; behind the bar the keys that this program adds.
KEYS = {
    "": "schema tool inventory summary flows findings unknowns devices | notes has_paths",
    "tool": "name version |",
    "summary": "passes at-risk unknown breaks blocked |",
    "flows": "name kind from to verdict closed_to depends_on declared inferred paths remedies | reason cures",
    "flows.depends_on": "fact device basis verdicts evidence |",
    "flows.paths": "id family direction verdict hops messages | doubts detours dead_end",
    "flows.paths.hops": "device ingress egress vrf mtu opaque |",
    "flows.paths.messages": "name payload port verdict datagrams decided_by drops | direction probe doubts",
    "flows.paths.messages.datagrams": "bytes packets |",
    "flows.paths.messages.datagrams.packets": "offset bytes more df |",
    "flows.paths.messages.decided_by": "file line text |",
    "flows.paths.messages.drops": "id device interface stage rule packet reason basis affected evidence | certain why",
    "flows.paths.messages.drops.packet": "datagram offset bytes |",
    "flows.paths.messages.drops.affected": "sources destinations source_ports |",
    "flows.paths.messages.drops.evidence": "file line text |",
    "findings": "rule severity device flows message fingerprint evidence | cure",
    "unknowns": "device reason evidence |",
    "devices": "name platform config sha256 collected lines not_understood |",
}


def objects(document: Any, place: str) -> list[dict[str, Any]]:
    """Every object at a place of the document."""
    found = [document]
    for key in place.split(".") if place else []:
        found = [one for outer in found for one in _each(outer[key])]
    return found


def _each(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


@pytest.mark.parametrize("place", KEYS)
def test_the_keys_stand_as_in_the_contract(place: str) -> None:
    found = objects(json.loads(json_report(build.example())), place)
    assert found
    expected = KEYS[place].replace("|", "").split()
    for one in found:
        assert list(one) == expected


def breaking_message() -> dict[str, Any]:
    (found,) = [one for one in objects(report_dict(build.example()), "flows") if one["name"] == "always-on-vpn"]
    message: dict[str, Any] = found["paths"][0]["messages"][1]
    return message


def test_the_values_are_those_of_the_contracts_example() -> None:
    found = breaking_message()
    assert (found["name"], found["payload"], found["port"], found["verdict"]) == (
        "IKE_AUTH request",
        2916,
        4500,
        "breaks",
    )
    assert found["datagrams"] == [
        {
            "bytes": 2944,
            "packets": [
                {"offset": 0, "bytes": 1500, "more": True, "df": False},
                {"offset": 1480, "bytes": 1464, "more": False, "df": False},
            ],
        }
    ]
    assert found["decided_by"][0] == {
        "file": "configs/edge1.cfg",
        "line": 38,
        "text": "permit udp any host 203.0.113.10 eq non500-isakmp",
    }
    (drop,) = found["drops"]
    assert drop["id"] == "d1"
    assert drop["packet"] == {"datagram": 1, "offset": 1480, "bytes": 1464}
    assert drop["affected"] == {
        "sources": ["198.51.100.0/25"],
        "destinations": ["203.0.113.10"],
        "source_ports": "1-65535",
    }
    assert drop["evidence"] == [{"file": "configs/edge1.cfg", "line": 41, "text": "deny ip any any fragments"}]


def test_the_summary_counts_the_flows() -> None:
    document = report_dict(build.example())
    assert document["summary"] == {"passes": 1, "at-risk": 1, "unknown": 1, "breaks": 1, "blocked": 1}
    assert report_dict(report())["summary"] == dict.fromkeys(document["summary"], 0)


def test_an_opaque_hop_shows_what_is_declared() -> None:
    hops = objects(report_dict(build.example()), "flows.paths.hops")
    (isp,) = [one for one in hops if one["device"] == "isp"]
    assert isp == {"device": "isp", "ingress": None, "egress": None, "vrf": "default", "mtu": 1500, "opaque": True}


def test_an_answer_goes_from_the_server_to_the_client() -> None:
    on = path(build.hop("edge1"), direction="reverse")
    sent = message(Verdict.BREAKS, on=on, drops=(build.drop(build.loss()),))
    document = report_dict(report(flow("f", path_verdict("f/4/reverse/1", on, sent))))
    (drop,) = objects(document, "flows.paths.messages.drops")
    assert drop["affected"] == {
        "sources": ["203.0.113.10"],
        "destinations": ["198.51.100.0/24"],
        "source_ports": "4500",
    }


@pytest.mark.parametrize(("count", "shown", "rest"), [(1000, 1000, 0), (1001, 1001, 1), (2500, 1001, 1500)])
def test_long_lists_of_ranges_say_what_they_leave_out(count: int, shown: int, rest: int) -> None:
    wide = build.region(IntervalSet.of(*((at, at) for at in range(0, 2 * count, 2))))
    on = path(build.hop("edge1"))
    sent = message(Verdict.BREAKS, on=on, drops=(build.drop(build.loss(), affected=wide),))
    one = flow("f", path_verdict("f", on, sent), closed_to=tuple(str(n) for n in range(count)))
    document = report_dict(report(one))
    (affected,) = objects(document, "flows.paths.messages.drops.affected")
    for found in (affected["sources"], document["flows"][0]["closed_to"]):
        assert len(found) == shown
        assert (found[-1] == f"and {rest} more") == bool(rest)
    assert affected["sources"][MOST_RANGES - 1] == "0.0.7.206"


def test_many_source_ports_are_cut_too() -> None:
    ports = IntervalSet.of(*((at, at) for at in range(1, 6001, 2)))
    on = path(build.hop("edge1"))
    sent = message(Verdict.BREAKS, on=on, drops=(build.drop(build.loss(), affected=build.region(ports=ports)),))
    (affected,) = objects(
        report_dict(report(flow("f", path_verdict("f", on, sent)))), "flows.paths.messages.drops.affected"
    )
    assert affected["source_ports"].endswith(",1999 and 2000 more")


def test_the_text_of_a_line_has_no_blanks_around_it_and_no_secret() -> None:
    line = Evidence(file="configs/a.cfg", line=3, text="   radius-server key 7 0822455D0A16  ")
    on = path(build.hop("edge1"))
    document = report_dict(report(flow("f", path_verdict("f", on, message(on=on, decided_by=(line,))))))
    (found,) = objects(document, "flows.paths.messages.decided_by")
    assert found == {"file": "configs/a.cfg", "line": 3, "text": "radius-server key 7 ***"}


def test_no_text_of_it_holds_control_characters(any_report: Report) -> None:
    def texts(node: Any) -> list[str]:
        if isinstance(node, dict):
            return [*node, *(text for one in node.values() for text in texts(one))]
        if isinstance(node, list):
            return [text for one in node for text in texts(one)]
        return [node] if isinstance(node, str) else []

    written = json_report(any_report)
    written.encode("utf-8")
    found = texts(json.loads(written))
    assert len(found) > 10
    assert [text for text in found if not text.isprintable()] == []
    assert "0822455D0A16" not in written
    assert "hunter2" not in written


def test_a_message_in_several_datagrams_has_the_payload_of_all() -> None:
    on = path(build.hop("edge1"))
    sent = message(on=on)
    several = replace(sent, message=replace(sent.message, payloads=(1240, 1240, 500)))
    document = report_dict(report(flow("f", path_verdict("f", on, several))))
    assert objects(document, "flows.paths.messages")[0]["payload"] == 2980
