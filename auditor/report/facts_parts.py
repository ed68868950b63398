"""The parts of a device as JSON: interfaces, what it does to fragments, routes, the parts that it plays itself."""

from collections import Counter
from collections.abc import Mapping

from auditor.model.addresses import ADDRESSES, address_text
from auditor.model.device import (
    Device,
    FragmentPolicy,
    Interface,
    InterfaceAddress,
    Reassembly,
    Routing,
    Speaker,
    Tunnel,
    Zoning,
    every_stage,
)
from auditor.model.evidence import Fact
from auditor.model.filters import Filter, Verb
from auditor.report import values
from auditor.report.document import Json
from auditor.report.shown import shown


def by_family(found: Mapping[int, Fact[Json]]) -> dict[str, Json]:
    """A fact for each family."""
    return {str(family): values.fact(one) for family, one in sorted(found.items())}


def _optional(found: Fact[Json] | None) -> dict[str, Json] | None:
    return None if found is None else values.fact(found)


def interface(one: Interface) -> dict[str, Json]:
    """An interface."""
    return {
        "name": shown(one.name),
        "enabled": one.enabled,
        "kind": one.kind,
        "description": shown(one.description),
        "also": [shown(name) for name in one.resolves_by],
        "vrf": shown(one.vrf),
        "zone": values.optional(one.zone),
        "addresses": [_address(address) for address in one.addresses],
        "dynamic_address": values.evidence((one.dynamic_address,)) if one.dynamic_address else [],
        "mtu": by_family(one.mtu),
        "receive_mtu": _optional(one.receive_mtu),
        "bindings": [
            {
                "filter": shown(binding.filter),
                "family": binding.family,
                "direction": binding.direction,
                "purpose": binding.purpose,
                "evidence": values.evidence((binding.evidence,)),
            }
            for binding in one.bindings
        ],
        "sends_icmp_errors": by_family(one.unreachables),
        "source_check": by_family(one.source_check),
        "forwards": by_family(one.forwards),
        "tunnel": _tunnel(one.tunnel),
        "evidence": values.evidence((one.evidence,)),
    }


def _address(one: InterfaceAddress) -> dict[str, Json]:
    return {
        "address": f"{address_text(one.family, one.address)}/{one.length}",
        "family": one.family,
        "secondary": one.secondary,
        "shared": one.shared,
        "evidence": values.evidence((one.evidence,)),
    }


def _tunnel(one: Tunnel | None) -> dict[str, Json] | None:
    if one is None:
        return None
    return {
        "mode": shown(one.mode),
        "family": one.family,
        "source": None if one.source is None else address_text(one.family, one.source),
        "source_interface": values.optional(one.source_interface),
        "destination": None if one.destination is None else address_text(one.family, one.destination),
        "vrf": shown(one.vrf),
        "overhead": values.fact(one.overhead),
        "outer_df": values.fact(one.outer_df),
        "encrypted": values.evidence((one.protected,)) if one.protected else [],
        "evidence": values.evidence((one.evidence,)),
    }


def zoning(one: Zoning | None) -> dict[str, Json] | None:
    """What passes where no policy is named."""
    if one is None:
        return None
    return {
        "same_zone": values.fact(one.same_zone),
        "between_zones": values.fact(one.between_zones),
        "zone_and_none": values.fact(one.zone_and_none),
        "self_zone": values.fact(one.self_zone),
    }


def fragment_policy(one: FragmentPolicy) -> dict[str, Json]:
    """A setting that drops or reports fragments."""
    return {
        "name": shown(one.name),
        "hits": str(one.hits),
        "action": one.action,
        "interface": values.optional(one.interface),
        "direction": one.direction,
        "family": one.family,
        "in_force": values.fact(one.in_force),
        "exempt": None if one.exempt is None else values.ranges(one.family, one.exempt),
    }


def reassembly(one: Reassembly) -> dict[str, Json]:
    """Where fragments are joined."""
    return {
        "kind": one.kind,
        "name": shown(one.name),
        "interface": values.optional(one.interface),
        "direction": one.direction,
        "family": one.family,
        "active": values.fact(one.active),
        "sends": one.sends,
        "fragments": _optional(one.fragments),
        "sets": _optional(one.sets),
        "timeout": _optional(one.timeout),
    }


def routing(one: Routing) -> dict[str, Json]:
    """How many routes are known, and whether others may exist."""
    return {
        "routes": len(one.routes),
        "by_protocol": {shown(name): n for name, n in sorted(Counter(route.protocol for route in one.routes).items())},
        "complete": {str(family): complete for family, complete in sorted(one.complete.items())},
        "elsewhere": values.evidence(one.elsewhere),
        "rules": values.evidence(one.rules),
    }


def speaker(one: Speaker) -> dict[str, Json]:
    """A part that the device plays itself."""
    return {
        "kind": one.kind,
        "interface": values.optional(one.interface),
        "vrf": shown(one.vrf),
        "auth": values.optional(one.auth),
        "peers": [
            {
                "addresses": ["any"]
                if peer.addresses == ADDRESSES[peer.family]
                else values.ranges(peer.family, peer.addresses),
                "family": peer.family,
                "ports": list(peer.ports),
                "evidence": values.evidence((peer.evidence,)),
            }
            for peer in one.peers
        ],
        "ike_fragmentation": _optional(one.ike_fragmentation),
        "ike_fragment_size": _optional(one.ike_fragment_size),
        "df": _optional(one.df),
        "evidence": values.evidence((one.evidence,)),
    }


def translates(one: Filter) -> bool:
    """Whether a filter is one of NAT."""
    return any(rule.action.verb is Verb.TRANSLATE for rule in one.rules)


def met_in(device: Device, name: str) -> list[str]:
    """The stages that name a filter, and the pairs of zones whose policy it is."""
    lines = device.pipelines
    found: dict[str, None] = {}
    for way, pipeline in (
        ("transit", lines.transit),
        ("local-in", lines.local_in),
        ("local-out", lines.local_out),
        ("errors", lines.errors),
    ):
        for stage in every_stage(pipeline):
            if name in stage.filters:
                found[f"{way}: {stage.name}"] = None
    for zone in device.zones:
        if zone.filter == name:
            found[f"zone {zone.source} > {zone.destination}"] = None
    return [*found]
