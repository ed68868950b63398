"""Drops: the losses of a message gathered by what caused them, each with the rule that names it."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from auditor.model.findings import Drop
from auditor.model.trace import Ending, Loss, Region

RULES = {
    "fragment-policy": "fragments-dropped-by-setting",
    "reassembly": "fragment-limit-exceeded",
    "mtu": "packet-too-big",
    "receive": "packet-too-big",
    "nat": "fragment-not-translated",
    "zone": "no-policy-between-zones",
    "route": "no-way-on",
    "opaque": "opaque-hop-drops",
}


def drops(endings: Sequence[Ending], *, probe: bool, first: int) -> tuple[Drop, ...]:
    """One drop for each packet and cause, with the addresses that it hits. Ids count from ``first``."""
    found: dict[tuple[object, ...], tuple[Loss, list[Region]]] = {}
    for ending in endings:
        for loss in (*ending.losses, *(() if ending.complete else ending.blocked_errors)):
            if loss.cause == "incomplete":
                continue
            key = (loss.device, loss.hop, loss.stage, loss.evidence, loss.packet.offset, loss.packet.bytes, loss.reason)
            known, regions = found.setdefault(key, (loss, []))
            if loss.certain and not known.certain:
                found[key] = (loss, regions)
            regions.append((loss.region & ending.region if loss.region else None) or ending.region)
    return tuple(
        Drop(id=f"d{first + place}", rule=rule_of(loss, probe=probe), loss=loss, affected=_together(regions))
        for place, (loss, regions) in enumerate(found.values())
    )


def rule_of(loss: Loss, *, probe: bool) -> str:
    """The name of the rule that a loss breaks."""
    if loss.cause != "filter":
        return RULES[loss.cause]
    if loss.matched == "error":
        return "icmp-error-dropped"
    if not loss.packet.fragment:
        return "small-datagram-denied" if probe else "large-packet-denied"
    if loss.matched == "fragments":
        return "non-initial-fragment-denied" if loss.packet.offset else "fragment-denied"
    return "non-initial-fragment-unmatched" if loss.packet.offset else "fragment-denied"


def _together(regions: Iterable[Region]) -> Region:
    """The smallest product of sets around all of them."""
    first, *others = regions
    for region in others:
        first = replace(
            first,
            clients=first.clients | region.clients,
            client_ports=first.client_ports | region.client_ports,
            servers=first.servers | region.servers,
            server_ports=first.server_ports | region.server_ports,
        )
    return first
