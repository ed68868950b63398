"""What was understood of each device, ``fragaudit.facts/1``, and what was not."""

from collections.abc import Iterable

from auditor.model.device import Device, Pipeline, Stage, Undecided
from auditor.model.filters import Filter
from auditor.report import document, facts_parts, values
from auditor.report.document import Json
from auditor.report.facts_text import facts_text
from auditor.report.shown import shown

__all__ = ["facts_dict", "facts_json", "facts_text"]

Unclaimed = Iterable[tuple[str, str]]  # files that are no device's config, with the reason


def facts_json(devices: Iterable[Device], unclaimed: Unclaimed = ()) -> str:
    """The facts of devices as text."""
    return document.text(facts_dict(devices, unclaimed))


def facts_dict(devices: Iterable[Device], unclaimed: Unclaimed = ()) -> dict[str, Json]:
    """The facts of devices as a JSON document."""
    return {
        **document.head("facts"),
        "devices": [_device(device) for device in devices],
        "unclaimed": [{"file": shown(file), "reason": shown(reason)} for file, reason in unclaimed],
    }


def _device(device: Device) -> dict[str, Json]:
    return {
        "name": shown(device.name),
        "platform": shown(device.platform),
        "config": shown(device.config),
        "sha256": device.sha256,
        "lines": device.lines,
        "complete": device.complete,
        "version": shown(device.version),
        "hostname": shown(device.hostname),
        "collected": values.optional(device.collected),
        "unreadable": shown(device.unreadable),
        "interfaces": [facts_parts.interface(one) for one in device.interfaces],
        "filters": [_filter(device, name, one) for name, one in device.filters.items()],
        "zones": [
            {
                "source": shown(zone.source),
                "destination": shown(zone.destination),
                "filter": shown(zone.filter),
                "evidence": values.evidence((zone.evidence,)),
            }
            for zone in device.zones
        ],
        "zoning": facts_parts.zoning(device.zoning),
        "fragment_policies": [facts_parts.fragment_policy(one) for one in device.fragment_policies],
        "reassembly": [facts_parts.reassembly(one) for one in device.reassembly],
        "nat_addresses": {
            str(family): values.ranges(4 if family == 4 else 6, found)
            for family, found in sorted(device.nat_addresses.items())
        },
        "forwards": facts_parts.by_family(device.forwards),
        "routing": facts_parts.routing(device.routing),
        "speakers": [facts_parts.speaker(one) for one in device.speakers],
        "pipelines": {
            "transit": _stages(device.pipelines.transit),
            "local_in": _stages(device.pipelines.local_in),
            "local_out": _stages(device.pipelines.local_out),
            "errors": _stages(device.pipelines.errors),
        },
        "not_understood": [
            {
                **values.evidence((line.evidence,))[0],
                "place": shown(line.place),
                "family": line.family,
                "direction": line.direction,
                "reason": shown(line.reason),
            }
            for line in device.not_understood
        ],
    }


def _filter(device: Device, name: str, one: Filter) -> dict[str, Json]:
    bound = [
        {"interface": shown(i.name), "direction": b.direction, "family": b.family, "purpose": b.purpose}
        for i in device.interfaces
        for b in i.bindings
        if b.filter == name
    ]
    return {
        "name": shown(one.name),
        "kind": shown(one.kind),
        "entries": len(one.rules),
        "missing": one.missing,
        "translates": facts_parts.translates(one),
        "otherwise": str(one.otherwise.verb),
        "headerless": values.fact(one.headerless),
        "bound": bound,
        "met_in": [shown(text) for text in facts_parts.met_in(device, name)],
        "evidence": values.evidence((one.evidence,)),
    }


def _stages(pipeline: Pipeline) -> list[Json]:
    """The stages in their order; of an order that is not known each that is tried."""
    return [str(item.name) if isinstance(item, Stage) else _undecided(item) for item in pipeline]


def _undecided(item: Undecided) -> dict[str, Json]:
    orders = {shown(name): _stages(order) for name, order in item.orders.items()}
    return {"undecided": values.fact(item.fact), "orders": orders}
