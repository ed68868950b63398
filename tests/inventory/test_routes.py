"""routes/HOST.json: what a device's routes were, and the line of each."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.errors import AuditError, InventoryError
from auditor.inventory import load, read_routes
from auditor.inventory.routes import parse_routes
from auditor.model.addresses import address_text, range_texts
from auditor.model.device import NextHop, Routing
from auditor.model.flows import Host

from .conftest import ALIASES, Write

TEXT = """\
{"schema": "fragaudit.routes/1", "collected": "2026-01-31T10:00:00Z", "complete": false,
 "routes": [
  {"vrf": "default", "prefix": "10.0.0.0/8", "protocol": "ospf", "distance": 110,
   "next_hops": [{"address": "192.0.2.1", "interface": "Gi0/1", "vrf": null}, {"address": "192.0.2.2"}]},
  {"prefix": "2001:db8::/32", "next_hops": [{"interface": "eth0"}]}, {"prefix": "10.1.0.0/16", "next_hops": []},

  {"vrf": "mgmt", "prefix": "0.0.0.0/0", "next_hops": [{"address": "192.0.2.9", "vrf": "default"}]},
  {"prefix": "10.2.3.4", "next_hops": [{"address": "fe80::1", "interface": "eth1"}]}
 ]}
"""


def routed(write: Write, text: str) -> tuple[Routing, str | None]:
    """The routes of a host whose file holds the text."""
    folder = write({"hosts.yaml": "a: {}\n", "routes/a.json": text})
    return read_routes(folder, load(folder, aliases=ALIASES, systems=()).hosts["a"])


def test_routes_and_their_lines(write: Write) -> None:
    routing, collected = routed(write, TEXT)
    assert collected == "2026-01-31T10:00:00Z"
    assert dict(routing.complete) == {4: False, 6: False}
    shown = [
        (r.evidence.line, range_texts(r.family, r.destination), r.length, r.vrf, r.protocol, r.distance)
        for r in routing.routes
    ]
    assert shown == [
        (3, ("10.0.0.0/8",), 8, "default", "ospf", 110),
        (5, ("2001:db8::/32",), 32, "default", "unknown", 1),
        (5, ("10.1.0.0/16",), 16, "default", "unknown", 1),
        (7, ("0.0.0.0/0",), 0, "mgmt", "unknown", 1),
        (8, ("10.2.3.4",), 32, "default", "unknown", 1),
    ]
    assert {route.evidence.file for route in routing.routes} == {"routes/a.json"}
    assert routing.routes[4].evidence.text == TEXT.split("\n")[7].strip()
    assert routing.routes[2].evidence.text.startswith('{"prefix": "2001:db8::/32", "next_hops"')


def test_next_hops(write: Write) -> None:
    first, second, discard, leak, foreign = routed(write, TEXT)[0].routes
    assert [(address_text(4, hop.address or 0), hop.interface, hop.vrf) for hop in first.next_hops] == [
        ("192.0.2.1", "Gi0/1", None),
        ("192.0.2.2", None, None),
    ]
    assert second.next_hops == (NextHop(interface="eth0"),)
    assert discard.next_hops == ()
    assert leak.next_hops[0].vrf == "default"
    assert foreign.next_hops == (NextHop(interface="eth1"),)
    assert foreign.uncertain == "its next hop has an address of the other family"
    assert not any(route.uncertain for route in (first, second, discard, leak))


def test_a_host_without_a_file_has_no_routes() -> None:
    assert read_routes(Path("/nowhere"), Host(name="a", platform=None, configs=(), data={})) == (Routing(), None)


def test_complete_counts_for_both_families(write: Write) -> None:
    routing, _ = routed(write, '{"schema": "fragaudit.routes/1", "complete": true, "routes": []}')
    assert dict(routing.complete) == {4: True, 6: True}


def test_one_long_line_stays_short_in_evidence() -> None:
    entries = [{"prefix": f"10.{i}.0.0/16", "next_hops": [{"interface": "x"}]} for i in range(200)]
    text = json.dumps({"schema": "fragaudit.routes/1", "complete": True, "routes": entries})
    routes = parse_routes(text, "f")[0].routes
    assert {route.evidence.line for route in routes} == {1}
    assert max(len(route.evidence.text) for route in routes) <= 500
    assert routes[150].evidence.text.startswith('{"prefix": "10.150.0.0/16"')


def routes(entry: str) -> str:
    """A file of one route, in line 3."""
    return f'{{"schema": "fragaudit.routes/1", "complete": true,\n"routes": [\n{entry}]}}'


BAD = [
    ("", "1: this is not a file of routes: that is an object in braces"),
    ("[]", "1: this is not a file of routes: that is an object in braces"),
    ("{}", "1: the key 'schema' is missing: a file of routes says schema, complete and routes"),
    (
        '{"schema": "fragaudit.routes/2"}',
        "1: this program reads the schema 'fragaudit.routes/1', and the file has 'fragaudit.routes/2'",
    ),
    (
        '{"schema": "fragaudit.routes/1",\n"route": []}',
        "2: a file of routes has no key 'route': the nearest is 'routes'",
    ),
    ('{"schema": "fragaudit.routes/1",\n"complete": 1}', "2: 'complete' is neither true nor false"),
    ('{"collected": "1.2.2026"}', "1: 'collected' is no time: that is one like 2026-01-31T23:59:59Z"),
    ('{"complete": true,\n"complete": true}', "2: the key 'complete' is given twice"),
    ('{"complete": true\n"routes": []}', "2: this is no JSON: a comma or a closing brace is missing"),
    ('{"complete" true}', "1: this is no JSON: a colon is missing behind 'complete'"),
    ("{complete: true}", "1: this is no JSON: expecting value"),
    ("{1: true}", "1: this is no JSON: a key is text in double quotes"),
    ('{"complete": true,}', "1: this is no JSON: expecting value"),
    ('{"complete": NaN}', "1: this is no JSON: NaN is no number"),
    (
        '{"schema": "fragaudit.routes/1", "complete": true, "routes": {}}',
        "1: this is not the list of routes: that is a list in brackets",
    ),
    (
        '{"schema": "fragaudit.routes/1", "complete": true, "routes": []}\nx',
        "2: there is text behind the end of the JSON",
    ),
    ('{"routes": ' + "[" * 100_000, "1: the values are nested too deep"),
    (routes("1"), "3: this is not a route: that is an object with the keys vrf, prefix, protocol, distance, next_hops"),
    (routes("{}"), "3: the route's 'prefix' is nothing that is text: it takes one like 192.0.2.0/24 or 2001:db8::/32"),
    (
        routes('{"prefix":\n"10.0.0.0/33"}'),
        "3: the route's 'prefix' is '10.0.0.0/33': it takes one like 192.0.2.0/24 or 2001:db8::/32",
    ),
    (
        routes('{"prefix": "10.0.0.0/8"}'),
        "3: the route's 'next_hops' is no list: it takes [] where packets are discarded",
    ),
    (
        routes('{"prefix": "10.0.0.0/8", "next_hop": []}'),
        "3: a route has no key 'next_hop': the nearest is 'next_hops'",
    ),
    (
        routes('{"prefix": "10.0.0.0/8", "next_hops": [{}]}'),
        "3: a next hop says nothing: it takes an address, an interface or a vrf",
    ),
    (
        routes('{"prefix": "10.0.0.0/8", "next_hops": [{"via": 1}]}'),
        "3: a next hop has no key 'via': there are address, interface, vrf",
    ),
    (
        routes('{"prefix": "10.0.0.0/8", "next_hops": [{"address": "x"}]}'),
        "3: the next hop's address 'x' is no address",
    ),
    (
        routes('{"prefix": "10.0.0.0/8", "next_hops": [], "distance": -1}'),
        "3: the route's 'distance' is no whole number from 0 to 4294967295",
    ),
    (
        routes('{"prefix": "10.0.0.0/8", "next_hops": [], "vrf": "a\\nb"}'),
        "3: the route's 'vrf' is no text: it takes a name in double quotes",
    ),
    (
        routes(
            '{"prefix": "10.0.0.0/8", "next_hops": []},\n{"vrf": "a", "prefix": "10.0.0.0/8", "prefix": "10.0.0.0/9"}'
        ),
        "4: this is no JSON: the key 'prefix' is given twice",
    ),
    (
        routes('{"prefix": "10.0.0.0/8", "next_hops": []}\n{}'),
        "4: this is no JSON: a comma or a closing bracket is missing",
    ),
]


@pytest.mark.parametrize(("text", "sentence"), BAD, ids=lambda value: value[:50])
def test_a_bad_file_earns_one_sentence(write: Write, text: str, sentence: str) -> None:
    with pytest.raises(InventoryError) as caught:
        routed(write, text)
    assert str(caught.value) == f"routes/a.json:{sentence}"


def test_bytes_that_are_no_text_are_said(write: Write) -> None:
    folder = write({"routes/a.json": b'{\n"\xff'})
    host = Host(name="a", platform=None, configs=(), data={}, routes="routes/a.json")
    with pytest.raises(
        InventoryError, match=r"^routes/a\.json:2: the byte 0xff is not UTF-8 text: save the file as UTF-8$"
    ):
        read_routes(folder, host)


entries = st.fixed_dictionaries(
    {
        "prefix": st.ip_addresses().map(str),
        "next_hops": st.lists(st.fixed_dictionaries({"interface": st.text("abc", min_size=1)}), max_size=2),
    },
    optional={"vrf": st.text("vrf", min_size=1), "distance": st.integers(0, 255)},
)


@settings(deadline=None)
@given(st.lists(entries, max_size=6), st.sampled_from([None, 1, 2]))
def test_every_route_is_found_at_its_line(found: list[dict[str, Any]], indent: int | None) -> None:
    text = json.dumps({"routes": found, "schema": "fragaudit.routes/1", "complete": True}, indent=indent)
    read = parse_routes(text, "f")[0].routes
    assert [range_texts(route.family, route.destination)[0] for route in read] == [entry["prefix"] for entry in found]
    lines = text.split("\n")
    for route in read:
        assert lines[route.evidence.line - 1].strip().startswith(route.evidence.text[:1])
        after = "\n".join(lines[route.evidence.line - 1 :])
        assert range_texts(route.family, route.destination)[0] in after
    assert [route.evidence.line for route in read] == sorted(route.evidence.line for route in read)


@settings(deadline=None)
@given(st.text('{}[]",:01truefalsn \n\\schemaofgi./') | st.binary().map(lambda data: data.decode("latin-1")))
def test_random_text_earns_one_sentence(text: str) -> None:
    with pytest.raises(AuditError, match=r"^f:[0-9]+: \S") as caught:
        parse_routes(text, "f")
    assert "\n" not in str(caught.value)
