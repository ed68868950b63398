"""``endpoints:`` of paths.yaml to endpoints; one that is many devices becomes one for each, named ENDPOINT/DEVICE."""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Literal

from auditor.inventory.scope import Scope, refuse_later
from auditor.inventory.values import Value
from auditor.inventory.wording import listed
from auditor.model.addresses import Family, IntervalSet
from auditor.model.flows import Attachment, DontFragment, Endpoint

KEYS = (
    "address", "published", "attach", "system", "mtu", "ike_fragmentation", "ike_fragment_size", "df", "framed_mtu",
    "eap_fragment_size", "device", "devices", "interface", "certificates",
)  # fmt: skip
ATTACH_KEYS = ("device", "interface")
INTERNET = "internet"
KINDS = ("address", "device", "devices")
IKE_FRAGMENTATION: dict[Any, "bool | Literal['unknown']"] = {True: True, False: False, "unknown": "unknown"}
DF: dict[Any, DontFragment] = {False: "false", True: "true", "pmtud": "pmtud"}

MAX_IP = 65535  # bytes of an IP packet: a length field of 16 bits (RFC 791 3.1; RFC 8200 3 adds its header)
MIN_MTU = {4: 68, 6: 1280}  # RFC 791 3.2, RFC 8200 5
IKE_FRAGMENT = (MIN_MTU[4], MAX_IP)  # bytes of IP packet; of any family, since a small one needs no cutting
FRAMED_MTU = (64, 65535)  # RFC 2865 5.12
EAP_FRAGMENT = (64, 65535)  # below 64 nothing is left of a packet behind the headers of EAP-TLS


def read_endpoint(name: str, value: Value, scope: Scope) -> tuple[Endpoint, ...]:
    """One endpoint, or one for each device that ``devices`` matches.

    Raises InventoryError, with file, line and key, for whatever the contract doesn't allow.
    """
    fields = value.fields(KEYS, "an endpoint")
    refuse_later(fields, "certificates")
    _check_kind(value, fields)
    endpoint = _placed(Endpoint(name=name, origin=value.origin), fields, scope)
    endpoint = _behaving(endpoint, fields, scope)
    if "devices" not in fields:
        return (endpoint,)
    devices = scope.matching(fields["devices"])
    return tuple(replace(endpoint, name=f"{name}/{device}", device=device) for device in devices)


def _check_kind(value: Value, fields: Mapping[str, Value]) -> None:
    """An endpoint has an address, or is a device, or is many: one of the three, with the keys that go with it."""
    first, *more = [key for key in fields if key in KINDS] or [""]
    if not first:
        raise value.complaint("an endpoint has an address or is a device: give it address, device or devices")
    if more:
        second = fields[more[0]]
        raise second.complaint(f"'{more[0]}' can't stand beside '{first}': an endpoint has one of {listed(KINDS)}")
    if first == "address" and "interface" in fields:
        raise fields["interface"].complaint("'interface' goes with a device: where an address is, 'attach' says")
    if first != "address" and "attach" in fields:
        raise fields["attach"].complaint("'attach' goes with an address: an endpoint that is a device is a hop itself")


def _placed(endpoint: Endpoint, fields: Mapping[str, Value], scope: Scope) -> Endpoint:
    """The endpoint with where it is: addresses, or the device and interface."""
    ranges, internet = _addresses(fields["address"]) if "address" in fields else ({}, False)
    attach = fields["attach"].several("{device: NAME, interface: NAME}") if "attach" in fields else []
    return replace(
        endpoint,
        internet=internet,
        addresses=MappingProxyType({family: IntervalSet.of(*ranges[family]) for family in sorted(ranges)}),
        published=_published(fields, ranges),
        attach=tuple(_attachment(item, scope) for item in attach),
        device=scope.device(fields["device"]) if "device" in fields else None,
        interface=fields["interface"].word("the name of an interface") if "interface" in fields else None,
    )


def _behaving(endpoint: Endpoint, fields: Mapping[str, Value], scope: Scope) -> Endpoint:
    """The endpoint with what it sends: sizes and settings. Lists are populations."""
    low = MIN_MTU[6] if set(endpoint.addresses) == {6} else MIN_MTU[4]
    mtus = tuple(item.number("an MTU in bytes", low, MAX_IP) for item in _population(fields, "mtu"))
    return replace(
        endpoint,
        systems=tuple(item.one_of(scope.systems, "known system") for item in _population(fields, "system")),
        mtus=mtus or endpoint.mtus,
        mtu_said=bool(mtus),
        ike_fragmentation=tuple(item.choice(IKE_FRAGMENTATION) for item in _population(fields, "ike_fragmentation")),
        ike_fragment_size=_number(fields, "ike_fragment_size", "the size of an IKE fragment in bytes", *IKE_FRAGMENT),
        df=fields["df"].choice(DF) if "df" in fields else None,
        framed_mtu=_number(fields, "framed_mtu", "a Framed-MTU in bytes", *FRAMED_MTU),
        eap_fragment_size=_number(fields, "eap_fragment_size", "the size of an EAP packet in bytes", *EAP_FRAGMENT),
    )


def _population(fields: Mapping[str, Value], key: str) -> list[Value]:
    """The values of a key that may be a list; none where it isn't said."""
    return fields[key].several("one value or more") if key in fields else []


def _number(fields: Mapping[str, Value], key: str, what: str, low: int, high: int) -> int | None:
    return fields[key].number(what, low, high) if key in fields else None


def _addresses(value: Value) -> tuple[dict[Family, list[tuple[int, int]]], bool]:
    """The ranges of each family, and whether it is the whole internet."""
    if value.node.data == INTERNET:
        return {}, True
    ranges: dict[Family, list[tuple[int, int]]] = {}
    for item in value.several("addresses and prefixes"):
        if item.node.data == INTERNET:
            raise item.complaint("'internet' stands alone: it can't be one of a list")
        family, first, last = item.prefix()
        ranges.setdefault(family, []).append((first, last))
    return ranges, False


def _published(fields: Mapping[str, Value], ranges: Mapping[Family, object]) -> Mapping[int, int]:
    """What others use for it: one address for each family, of those that it has itself."""
    found: dict[int, int] = {}
    if "published" not in fields:
        return MappingProxyType(found)
    whole = fields["published"]
    for item in whole.several("one address for each family"):
        family, address = item.address()
        if family in found:
            raise item.complaint(f"{item.given} is the second IPv{family} address: one is published for each family")
        if "address" in fields and family not in ranges:
            has = " and ".join(f"IPv{own}" for own in sorted(ranges)) or "the whole internet"
            raise item.complaint(f"{item.given} is IPv{family}, and the endpoint's own address is {has}")
        found[family] = address
    return MappingProxyType(found)


def _attachment(value: Value, scope: Scope) -> Attachment:
    fields = value.fields(ATTACH_KEYS, "a place where it is attached")
    if "device" not in fields:
        raise value.complaint("the device is missing: write {device: NAME, interface: NAME}")
    interface = fields["interface"].word("the name of an interface") if "interface" in fields else None
    return Attachment(device=scope.device(fields["device"]), interface=interface, origin=value.origin)
