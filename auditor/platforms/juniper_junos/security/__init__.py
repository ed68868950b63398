"""The SRX part of Junos: zones, policies, screens, the flow module, NAT, and what the device takes in and speaks.

``secure`` takes the statements of a configuration (their words without ``set``, one a leaf, groups and ``inactive``
resolved; ``statements`` gives them from the template's rows) and the interfaces, and gives what the device is made of
beside its routes and stateless filters.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from auditor.model.addresses import IntervalSet
from auditor.model.device import (
    FragmentPolicy,
    Interface,
    NotUnderstood,
    Pipelines,
    Reassembly,
    Speaker,
    ZonePolicy,
    Zoning,
)
from auditor.model.evidence import Evidence, Fact
from auditor.model.filters import Filter
from auditor.platforms.juniper_junos.security import flow, inbound, zones
from auditor.platforms.juniper_junos.security.applications import Applications
from auditor.platforms.juniper_junos.security.books import FAMILIES, Books
from auditor.platforms.juniper_junos.security.facts import Config
from auditor.platforms.juniper_junos.security.nat import Translator
from auditor.platforms.juniper_junos.security.pipelines import pipelines
from auditor.platforms.juniper_junos.security.policies import Policies
from auditor.platforms.juniper_junos.security.screens import SCREENS, screens
from auditor.platforms.juniper_junos.security.speakers import speakers
from auditor.platforms.juniper_junos.security.statements import statements
from auditor.platforms.juniper_junos.security.tree import Statement, tree

__all__ = ["Secured", "Statement", "secure", "spoken", "statements"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Secured:
    """What an SRX has beyond a router. The fields are those of ``Device``; ``applied`` gives its interfaces."""

    zones: Mapping[str, str]
    filters: Mapping[str, Filter]
    policies: tuple[ZonePolicy, ...]
    zoning: Zoning
    fragment_policies: tuple[FragmentPolicy, ...]
    reassembly: tuple[Reassembly, ...]
    forwards: Mapping[int, Fact[bool]]
    pipelines: Pipelines
    speakers: tuple[Speaker, ...]
    nat_addresses: Mapping[int, IntervalSet]
    not_understood: tuple[NotUnderstood, ...]
    spoofing: Mapping[str, Fact[str]] = field(default_factory=dict)

    def applied(self, interfaces: Iterable[Interface]) -> tuple[Interface, ...]:
        """The interfaces with their zones, and with the check of sources that a screen makes."""
        return tuple(self._applied(one) for one in interfaces)

    def _applied(self, one: Interface) -> Interface:
        checks = dict(one.source_check)
        if one.name in self.spoofing:
            checks = {family: checks.get(family, self.spoofing[one.name]) for family in FAMILIES}
        return replace(one, zone=self.zones.get(one.name), source_check=MappingProxyType(checks))


def secure(
    rows: Iterable[Statement],
    interfaces: tuple[Interface, ...],
    *,
    head: Evidence,
    complete: bool = True,
    local_in: tuple[str, ...] = (),
    local_out: tuple[str, ...] = (),
) -> Secured | None:
    """The SRX part of a device; None where the config has none or the device works packet by packet. ``local_in`` and
    ``local_out`` name the stateless filters of lo0.
    """
    root = tree(rows, head)
    security = root.below.get("security")
    if security is None or flow.packet_mode(security) or not {"zones", "policies", "screen"} & set(security.below):
        return None
    config = Config(root, head, complete, interfaces, zones.zones_of(security, interfaces))
    books, applications = Books(config), Applications(config)
    policies = Policies(config, books, applications)
    pairs = policies.zone_policies()
    nat = Translator(config, books, applications).run()
    screened = screens(config)
    filters = {**policies.filters, **nat.filters, **{one.name: one for one in inbound.filters(config)}}
    icmp = screened.filter()
    if icmp is not None:
        filters[SCREENS] = icmp
    return Secured(
        zones=MappingProxyType(dict(config.zones)),
        filters=MappingProxyType(filters),
        policies=pairs,
        zoning=zones.zoning(config),
        fragment_policies=tuple(screened.fragments),
        reassembly=flow.reassembly(config),
        forwards=flow.takes_ipv6(config),
        pipelines=pipelines(nat, (SCREENS,) if icmp is not None else (), local_in, local_out, interfaces),
        speakers=speakers(config),
        nat_addresses=MappingProxyType(dict(nat.addresses)),
        not_understood=(
            *screened.not_understood,
            *nat.not_understood,
            *zones.unknown(config),
            *zones.unread(config),
            *flow.unread(config),
        ),
        spoofing=MappingProxyType(dict(screened.spoofing)),
    )


def spoken(rows: Iterable[Statement], interfaces: tuple[Interface, ...], *, head: Evidence) -> tuple[Speaker, ...]:
    """What a device speaks that has no zones: RADIUS and IKE."""
    return speakers(Config(tree(rows, head), head, True, interfaces, {}))
