"""routes/HOST.json (schema fragaudit.routes/1): the routes that a device had when they were collected."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from types import MappingProxyType

from auditor.inventory.json_text import JsonText
from auditor.inventory.wording import quoted, wrong
from auditor.model.addresses import BITS, Family, IntervalSet, parse_address, parse_prefix
from auditor.model.device import NextHop, Route, Routing
from auditor.model.evidence import Evidence

SCHEMA = "fragaudit.routes/1"
KEYS = ("schema", "collected", "complete", "routes")
ROUTE_KEYS = ("vrf", "prefix", "protocol", "distance", "next_hops")
HOP_KEYS = ("address", "interface", "vrf")
MAX_DISTANCE = 0xFFFFFFFF
OTHER_FAMILY = "its next hop has an address of the other family"


def parse_routes(text: str, file: str) -> tuple[Routing, str | None]:
    """The routes of a file, each with the line where its entry begins, and when they were collected.

    ``Routing.complete`` holds what the file says of itself, for both families. Raises InventoryError, with the line,
    for text that is no JSON and for what the schema doesn't allow.
    """
    json = JsonText(text, file)
    head: dict[str, object] = {}
    routes: tuple[Route, ...] = ()
    for key in json.members(KEYS, "a file of routes"):
        if key == "routes":
            routes = tuple(_route(json) for _ in json.elements("the list of routes"))
            head[key] = None
        else:
            head[key] = _head(json, key)
    json.end()
    for key in KEYS:
        if key not in head and key != "collected":
            raise wrong(file, 1, f"the key {quoted(key)} is missing: a file of routes says schema, complete and routes")
    complete = bool(head["complete"])
    collected = head.get("collected")
    routing = Routing(routes=routes, complete=MappingProxyType({4: complete, 6: complete}))
    return routing, collected if isinstance(collected, str) else None


def _head(json: JsonText, key: str) -> object:
    """A value beside the routes."""
    json.skip()
    value = json.value()
    if key == "schema" and value != SCHEMA:
        raise json.complaint(f"this program reads the schema {quoted(SCHEMA)}, and the file has {quoted(str(value))}")
    if key == "complete" and not isinstance(value, bool):
        raise json.complaint("'complete' is neither true nor false")
    if key == "collected" and value is not None:
        moment(json, value)
    return value


def moment(json: JsonText, value: object) -> str:
    """An ISO time as it is written. Raises InventoryError for anything else."""
    with suppress(ValueError):
        if isinstance(value, str):
            datetime.fromisoformat(value)
            return value
    raise json.complaint("'collected' is no time: that is one like 2026-01-31T23:59:59Z")


def _route(json: JsonText) -> Route:
    """The route at the place."""
    json.skip()
    evidence = Evidence(file=json.file, line=json.line, text=json.shown)
    start = json.place
    entry = json.value()
    after, json.place = json.place, start  # complaints name the line where the entry begins
    fields = json.fields(entry, ROUTE_KEYS, "a route")
    family, destination, length = _prefix(json, fields.get("prefix"))
    hops = fields.get("next_hops")
    if not isinstance(hops, list):
        raise json.complaint("the route's 'next_hops' is no list: it takes [] where packets are discarded")
    read = [_next_hop(json, hop, family) for hop in hops]
    route = Route(
        family=family, destination=destination, length=length, evidence=evidence,
        next_hops=tuple(hop for hop, _ in read),
        vrf=_text(json, fields, "vrf") or "default",
        protocol=_text(json, fields, "protocol") or "unknown",
        distance=_distance(json, fields.get("distance", 1)),
        uncertain=next((doubt for _, doubt in read if doubt), ""),
    )  # fmt: skip
    json.place = after
    return route


def _text(json: JsonText, fields: Mapping[str, object], key: str) -> str:
    """A text, "" where it is absent or null."""
    value = fields.get(key)
    if value is None:
        return ""
    if not isinstance(value, str) or not value.isprintable():
        raise json.complaint(f"the route's {quoted(key)} is no text: it takes a name in double quotes")
    return value


def _prefix(json: JsonText, value: object) -> tuple[Family, IntervalSet, int]:
    """Family, addresses and length of a prefix."""
    with suppress(ValueError):
        if isinstance(value, str):
            family, destination = parse_prefix(value)
            return family, destination, BITS[family] - destination.size.bit_length() + 1
    shown = quoted(value) if isinstance(value, str) else "nothing that is text"
    raise json.complaint(f"the route's 'prefix' is {shown}: it takes one like 192.0.2.0/24 or 2001:db8::/32")


def _distance(json: JsonText, value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MAX_DISTANCE:
        raise json.complaint(f"the route's 'distance' is no whole number from 0 to {MAX_DISTANCE}")
    return value


def _next_hop(json: JsonText, entry: object, family: Family) -> tuple[NextHop, str]:
    """A next hop and, where it can't be said exactly, the doubt."""
    fields = json.fields(entry, HOP_KEYS, "a next hop")
    text, interface, vrf = (_text(json, fields, key) for key in HOP_KEYS)
    if not (text or interface or vrf):
        raise json.complaint("a next hop says nothing: it takes an address, an interface or a vrf")
    address, doubt = None, ""
    if text:
        try:
            version, address = parse_address(text)
        except ValueError:
            raise json.complaint(f"the next hop's address {quoted(text)} is no address") from None
        if version != family:
            address, doubt = None, OTHER_FAMILY
    return NextHop(address=address, interface=interface or None, vrf=vrf or None), doubt
