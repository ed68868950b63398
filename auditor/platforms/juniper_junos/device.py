"""The rows of a Junos config to devices of the model: the main system, and each logical system."""

from collections.abc import Iterator
from dataclasses import replace
from types import MappingProxyType

from auditor.model.addresses import Family, IntervalSet
from auditor.model.device import Device, Interface, NotUnderstood, Pipeline, Pipelines, Stage, Undecided
from auditor.model.evidence import Basis, Fact
from auditor.parse.rows import Rows
from auditor.platforms.juniper_junos.config import Config, configs
from auditor.platforms.juniper_junos.filters import Filters
from auditor.platforms.juniper_junos.interfaces import interfaces
from auditor.platforms.juniper_junos.lines import not_understood
from auditor.platforms.juniper_junos.pipelines import own_filters, pipelines
from auditor.platforms.juniper_junos.routes import routing
from auditor.platforms.juniper_junos.security import Secured, Statement, secure, spoken
from auditor.platforms.juniper_junos.security.statements import words
from auditor.platforms.juniper_junos.switches import uncut

_TOPS = ("security", "applications", "schedulers", "access", "system")
_FORWARDS = "Juniper: a router forwards between its interfaces; there is no statement to switch that on"
_Own = tuple[tuple[Family, str], ...]


def devices(rows: Rows) -> tuple[Device, ...]:
    """All devices of a config."""
    return tuple(_device(config) for config in configs(rows))


def _statements(config: Config) -> Iterator[Statement]:
    for top in _TOPS:
        for line in config.of(top):
            yield (top, *words(line.text)), line.evidence


def _device(config: Config) -> Device:
    rows = config.rows
    filters = Filters(config)
    found = interfaces(config, filters)
    own_in, own_out = own_filters(found, "in"), own_filters(found, "out")
    secured = secure(
        _statements(config),
        found,
        head=rows.head,
        complete=rows.complete,
        local_in=tuple(key for _, key in own_in),
        local_out=tuple(key for _, key in own_out),
    )
    if secured is not None:
        found = secured.applied(found)
    switch = uncut(config, found) if secured is None else None
    own = {switch.name: switch} if switch else {}
    routes, unread_routes = routing(config, found)
    lefts = [one.line for one in not_understood(config)]
    lefts += [NotUnderstood(evidence=left.evidence) for left in rows.leftovers]
    device = Device(
        name=config.name,
        platform=rows.platform,
        config=rows.sources[0].file,
        sha256=rows.sha256,
        lines=rows.line_count,
        complete=rows.complete,
        head=rows.head,
        version=(config.tree("version").values() or ("",))[-1],
        hostname=config.tree("system").value("host-name") or "",
        collected=rows.collected,
        interfaces=found,
        filters=MappingProxyType({**filters.made, **own}),
        routing=routes,
        forwards=MappingProxyType({family: _forwards(config) for family in (4, 6)}),
        pipelines=pipelines(found, tuple(own)),
        nat_addresses=MappingProxyType({4: IntervalSet(), 6: IntervalSet()}),
        not_understood=(*lefts, *unread_routes, *filters.not_understood, *_places(found), *_loopbacks(found)),
    )
    if secured is None:
        return replace(device, speakers=spoken(_statements(config), found, head=rows.head))
    return _secured(device, secured, own_in, own_out)


def _secured(device: Device, secured: Secured, own_in: _Own, own_out: _Own) -> Device:
    """The device with its flow module: then its orders count."""
    by_family = {tuple(key for _, key in own): own for own in (own_in, own_out) if own}
    return replace(
        device,
        filters=MappingProxyType({**device.filters, **secured.filters}),
        zones=secured.policies,
        zoning=secured.zoning,
        fragment_policies=secured.fragment_policies,
        reassembly=secured.reassembly,
        forwards=MappingProxyType({**device.forwards, **secured.forwards}),
        pipelines=_apart(secured.pipelines, by_family),
        speakers=secured.speakers,
        nat_addresses=secured.nat_addresses,
        not_understood=(*device.not_understood, *secured.not_understood),
    )


def _apart(orders: Pipelines, by_family: dict[tuple[str, ...], _Own]) -> Pipelines:
    """The filters of lo0 each for its own family: a filter of the other one would discard all."""

    def one(pipeline: Pipeline) -> Pipeline:
        made: list[Stage | Undecided] = []
        for stage in pipeline:
            own = by_family.get(stage.filters) if isinstance(stage, Stage) and stage.filters else None
            if own is None or not isinstance(stage, Stage):
                made.append(stage)
            else:
                made += [replace(stage, filters=(key,), family=family) for family, key in own]
        return tuple(made)

    return Pipelines(
        transit=one(orders.transit),
        local_in=one(orders.local_in),
        local_out=one(orders.local_out),
        errors=one(orders.errors),
    )


def _forwards(config: Config) -> Fact[bool]:
    return Fact(value=True, basis=Basis.INFERRED, evidence=(config.rows.head,), source=_FORWARDS)


def _places(found: tuple[Interface, ...]) -> Iterator[NotUnderstood]:
    """Tunnels whose outer packets are not followed."""
    for one in found:
        if one.kind == "tunnel" and one.tunnel is None and one.addresses:
            reason = f"what {one.name} adds and where its outer packets go is not followed"
            yield NotUnderstood(evidence=one.evidence, place=one.name, reason=reason)


def _loopbacks(found: tuple[Interface, ...]) -> Iterator[NotUnderstood]:
    """A loopback filter of a routing instance: it counts for what comes in there."""
    for loopback in found:
        if not loopback.name.startswith("lo0.") or loopback.vrf == "default" or not loopback.bindings:
            continue
        for one in found:
            if one.vrf == loopback.vrf and one.addresses:
                reason = f"the filter of {loopback.name} is not followed"
                yield NotUnderstood(evidence=loopback.bindings[0].evidence, place=one.name, reason=reason)
