"""``via`` and ``return_via`` of a flow: devices and opaque hops in order, each alone or as a set of alternatives."""

from typing import Any, Literal

from auditor.inventory.endpoints import MAX_IP, MIN_MTU
from auditor.inventory.scope import Scope, refuse_later
from auditor.inventory.values import Value
from auditor.model.flows import DeviceHop, HopClaim, OpaqueHop, Via

DEVICE_KEYS = ("device", "ingress", "egress")
OPAQUE_KEYS = ("opaque", "mtu", "fragments", "icmp_errors", "profile")
HOP = "a device's name, {device: ...}, {opaque: ...}, or a list of these as alternatives"

FRAGMENTS: dict[Any, 'Literal["pass", "drop", "reorder", "unknown"]'] = {
    "pass": "pass", "drop": "drop", "reorder": "reorder", "unknown": "unknown",
}  # fmt: skip
ICMP_ERRORS: dict[Any, 'Literal["pass", "drop", "unknown"]'] = {"pass": "pass", "drop": "drop", "unknown": "unknown"}
UNKNOWN = "unknown"


def read_via(value: Value, scope: Scope) -> Via:
    """The hops in order. Raises InventoryError, with file, line and key, for what is no hop or no device."""
    if not value.is_list:
        raise value.complaint(f"{value.given} is no list of hops: it takes a list, even of one")
    if not value.items():
        raise value.complaint("the list is empty: name the hops, or leave the key out to have the path found")
    return tuple(_alternatives(item, scope) for item in value.items())


def _alternatives(value: Value, scope: Scope) -> tuple[HopClaim, ...]:
    """One place of the path: a hop, or those that may be there instead of each other."""
    if value.is_list and not value.items():
        raise value.complaint(f"the list of alternatives is empty: it takes {HOP}")
    return tuple(_hop(item, scope) for item in value.items())


def _hop(value: Value, scope: Scope) -> HopClaim:
    if value.is_list:
        raise value.complaint("alternatives can't hold further lists: write the hops of each path in one list")
    if not value.is_mapping:
        return DeviceHop(device=scope.device(value), origin=value.origin)
    said = value.parts(f"hop: that is {HOP}")
    return _opaque(value) if "opaque" in said else _device(value, scope)


def _device(value: Value, scope: Scope) -> DeviceHop:
    fields = value.fields(DEVICE_KEYS, "a hop")
    if "device" not in fields:
        raise value.complaint(f"the hop has no name: it takes {HOP}")
    return DeviceHop(
        device=scope.device(fields["device"]),
        origin=value.origin,
        ingress=_interface(fields.get("ingress")),
        egress=_interface(fields.get("egress")),
    )


def _interface(value: Value | None) -> str | None:
    return value.word("the name of an interface") if value else None


def _opaque(value: Value) -> OpaqueHop:
    fields = value.fields(OPAQUE_KEYS, "an opaque hop")
    refuse_later(fields, "profile")
    mtu = fields.get("mtu")
    return OpaqueHop(
        name=fields["opaque"].word("the name of an opaque hop"),
        origin=value.origin,
        mtu=mtu.number("an MTU in bytes", MIN_MTU[4], MAX_IP) if mtu and mtu.node.data != UNKNOWN else None,
        fragments=fields["fragments"].choice(FRAGMENTS) if "fragments" in fields else "unknown",
        icmp_errors=fields["icmp_errors"].choice(ICMP_ERRORS) if "icmp_errors" in fields else "unknown",
    )
