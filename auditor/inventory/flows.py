"""``flows:`` of paths.yaml to flows; one whose end is many devices becomes one for each, named FLOW/DEVICE."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal

from auditor.errors import InventoryError
from auditor.inventory.endpoints import DF
from auditor.inventory.families import check_families
from auditor.inventory.hops import read_via
from auditor.inventory.scope import Scope, refuse_later
from auditor.inventory.values import Value
from auditor.inventory.wording import listed, quoted
from auditor.model.addresses import Family
from auditor.model.flows import Auth, Endpoint, Flow, Kind, MessageClaim, Via
from auditor.model.packets import Direction

Ends = Mapping[str, tuple[Endpoint, ...]]  # the endpoints by their names in the file; several where it is many devices

KEYS = (
    "name", "kind", "from", "to", "via", "return_via", "auth", "nat_traversal", "family", "ports", "port", "accounting",
    "transport", "messages", "concurrent", "proxies",
)  # fmt: skip
NEEDED = ("name", "kind", "from", "to")
KINDS_OF = {  # the kinds of flows that have a key, where not all have it
    "auth": ("ikev2", "radius"), "nat_traversal": ("ikev2",), "ports": ("radius",), "accounting": ("radius",),
    "transport": ("radius",), "proxies": ("radius",), "port": ("custom",),
}  # fmt: skip
TO_KEYS = ("endpoint", "address")
MESSAGE_KEYS = ("name", "direction", "payload", "port", "source_port", "df")

KINDS: dict[Any, Kind] = {"ikev2": "ikev2", "radius": "radius", "custom": "custom"}
AUTHS: dict[Any, Auth] = {
    "certificate": "certificate", "psk": "psk", "eap-tls": "eap-tls", "eap-peap": "eap-peap",
    "eap-mschapv2": "eap-mschapv2",
}  # fmt: skip
EAP_AUTHS = {word: auth for word, auth in AUTHS.items() if word.startswith("eap-")}  # RADIUS carries EAP alone
FAMILIES: dict[Any, Family] = {4: 4, 6: 6}
TRANSPORTS: dict[Any, 'Literal["udp", "dtls", "tls"]'] = {"udp": "udp", "dtls": "dtls", "tls": "tls"}
DIRECTIONS: dict[Any, Direction] = {"forward": "forward", "reverse": "reverse"}

PORT = ("a UDP port", 1, 65535)
MAX_PAYLOAD = 65507  # bytes: what an IPv4 datagram of 65535 leaves behind 20 of IP and 8 of UDP


def read_flow(value: Value, ends: Ends, scope: Scope) -> list[Flow]:
    """One flow, or one for each device of an end that is many.

    Raises InventoryError, with file, line and key, for whatever the contract doesn't allow.
    """
    fields = value.fields(KEYS, "a flow")
    for key in NEEDED:
        if key not in fields:
            raise value.complaint(f"the flow has no '{key}': it takes {listed(NEEDED)}")
    kind = fields["kind"].choice(KINDS)
    _check_keys(fields, kind)
    receiver, aim = _receiver(fields["to"], ends)
    senders = _senders(fields["from"], receiver, ends)
    name = fields["name"].word("a flow's name")
    flow = Flow(name=name, kind=kind, senders=(), receiver="", origin=value.origin, aim=aim)
    flow = _on_its_way(_speaking(flow, fields), fields, scope)
    flows = _expanded(flow, senders, receiver, ends)
    known = {endpoint.name: endpoint for name in (*senders, receiver) for endpoint in ends[name]}
    for each in flows:
        check_families(each, known, fields)
    return flows


def _check_keys(fields: Mapping[str, Value], kind: Kind) -> None:
    """Refuses what is not built, and keys that mean nothing for this kind of flow."""
    refuse_later(fields, "concurrent", "proxies")
    for key, value in fields.items():
        kinds = KINDS_OF.get(key)
        if kinds and kind not in kinds and not value.is_nothing:
            raise value.complaint(f"'{key}' is a key of {' and '.join(kinds)} flows, and this one's kind is {kind}")


def _receiver(value: Value, ends: Ends) -> tuple[str, tuple[Family, int] | None]:
    """The endpoint that the flow goes to, and the address that it aims at where that is said."""
    if value.is_list:
        raise value.complaint("a flow goes to one endpoint: write a flow for each")
    if not value.is_mapping:
        return value.one_of(ends, "endpoint"), None
    fields = value.fields(TO_KEYS, "the end that a flow goes to")
    if "endpoint" not in fields:
        raise value.complaint("the endpoint is missing: write {endpoint: NAME, address: ADDRESS}")
    aim = fields["address"].address() if "address" in fields else None
    return fields["endpoint"].one_of(ends, "endpoint"), aim


def _senders(value: Value, receiver: str, ends: Ends) -> list[str]:
    found: list[str] = []
    for item in value.several("the names of endpoints"):
        name = item.one_of(ends, "endpoint")
        if name in found:
            raise item.complaint(f"{quoted(name)} is named twice: each end once")
        if name == receiver:
            raise item.complaint(f"{quoted(name)} is both ends of the flow: 'from' and 'to' are two endpoints")
        found.append(name)
    return found


def _speaking(flow: Flow, fields: Mapping[str, Value]) -> Flow:
    """The flow with what is said on it: protocol settings and messages."""
    auths = EAP_AUTHS if flow.kind == "radius" else AUTHS
    flow = replace(
        flow,
        auth=fields["auth"].choice(auths) if "auth" in fields else None,
        nat_traversal=fields["nat_traversal"].flag() if "nat_traversal" in fields else flow.nat_traversal,
        family=fields["family"].choice(FAMILIES) if "family" in fields else None,
        ports=_ports(fields["ports"]) if "ports" in fields else flow.ports,
        port=fields["port"].number(*PORT) if "port" in fields else None,
        transport=fields["transport"].choice(TRANSPORTS) if "transport" in fields else flow.transport,
        accounting=fields["accounting"].flag() if "accounting" in fields else flow.accounting,
        messages=_messages(fields["messages"]) if "messages" in fields else None,
    )
    if flow.kind == "custom":
        _check_custom(flow, fields)
    return flow


def _check_custom(flow: Flow, fields: Mapping[str, Value]) -> None:
    """A custom flow has no default messages and no default port."""
    if flow.messages is None:
        raise fields["kind"].complaint("a custom flow has no default messages: it takes 'messages'")
    for message in flow.messages:
        if flow.port is None and message.port is None:
            text = f"the message {quoted(message.name)} has no port: give it 'port', or give the flow one"
            raise InventoryError(text, message.origin)


def _ports(value: Value) -> tuple[int, int]:
    items = value.items()
    if not value.is_list or len(items) != 2:
        raise value.complaint("it takes two ports in a list: authentication and accounting, as [1812, 1813]")
    return items[0].number(*PORT), items[1].number(*PORT)


def _messages(value: Value) -> tuple[MessageClaim, ...]:
    if not value.is_list:
        raise value.complaint(f"{value.given} is no list of messages: it takes a list, even of one")
    return tuple(_message(item) for item in value.several("{name: ..., direction: ..., payload: ...}"))


def _message(value: Value) -> MessageClaim:
    fields = value.fields(MESSAGE_KEYS, "a message")
    for key in MESSAGE_KEYS[:3]:
        if key not in fields:
            raise value.complaint(f"the message has no '{key}': it takes {listed(MESSAGE_KEYS[:3])}")
    return MessageClaim(
        name=fields["name"].word("a message's name"),
        direction=fields["direction"].choice(DIRECTIONS),
        payload=fields["payload"].number("a UDP payload in bytes", 0, MAX_PAYLOAD),
        origin=value.origin,
        port=fields["port"].number(*PORT) if "port" in fields else None,
        source_port=fields["source_port"].number(*PORT) if "source_port" in fields else None,
        df=fields["df"].choice(DF) if "df" in fields else None,
    )


def _on_its_way(flow: Flow, fields: Mapping[str, Value], scope: Scope) -> Flow:
    """The flow with the hops that the user claims."""
    via = read_via(fields["via"], scope) if "via" in fields else None
    back: Via | Literal["reverse", "routing"] | None = None
    if "return_via" in fields:
        value = fields["return_via"]
        words: dict[Any, Literal["reverse", "routing"]] = {"reverse": "reverse", "routing": "routing"}
        back = read_via(value, scope) if value.is_list else value.choice(words)
        if back == "reverse" and via is None:
            raise value.complaint("'reverse' turns 'via' round, and the flow has none: give it 'via', or say routing")
    return replace(flow, via=via, return_via=back)


def _expanded(flow: Flow, senders: list[str], receiver: str, ends: Ends) -> list[Flow]:
    """The flow with its ends; one for each device where an end is many."""
    single = [name for name in senders if not _many(name, ends)]
    if _many(receiver, ends):
        if len(single) < len(senders):
            text = "both ends are many devices: make one of them an endpoint with 'device' or 'address'"
            raise InventoryError(text, flow.origin)
        return [
            replace(flow, name=f"{flow.name}/{end.device}", senders=tuple(senders), receiver=end.name)
            for end in ends[receiver]
        ]
    flows = [replace(flow, senders=tuple(single), receiver=receiver)] if single else []
    by_device: dict[str, list[str]] = {}
    for name in senders:
        if _many(name, ends):
            for end in ends[name]:
                by_device.setdefault(str(end.device), []).append(end.name)
    for device, names in by_device.items():
        flows.append(replace(flow, name=f"{flow.name}/{device}", senders=tuple(names), receiver=receiver))
    return flows


def _many(name: str, ends: Ends) -> bool:
    """Whether an endpoint of the file is many devices."""
    return ends[name][0].name != name
