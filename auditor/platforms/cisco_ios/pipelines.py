"""In which order IOS does things with a packet.

- Cisco document 6209, "NAT Order of Operation": decryption, input list, policing, (outside to inside: NAT), policy
  routing, routing, (inside to outside: NAT), crypto map, output list, inspection, encryption.
- Cisco IOS Security Configuration Guide, "Configuring Unicast RPF": the input list is checked first, then the source.
- A packet trace of an IOS XE router (``show platform packet-trace``, April 2021, published with its feature array) runs
  IPV4_INPUT_ACL, the lookup of the source, IPV4_INPUT_VFR, IPV4_NAT_INPUT_FIA, the lookup of the destination; then
  IPV4_OUTPUT_INSPECT, IPV4_VFR_REFRAG, IPV4_OUTPUT_FRAG. A listing of features (CiscoTestAutomation/genieparser,
  iosxe) has IPV4_OUTPUT_VFR first on the way out. So on IOS XE a list sees fragments before virtual reassembly does;
  for classic IOS no text or output tells, and both orders are tried.
- "Access lists that are applied to interfaces on a device do not filter traffic that originates from that device"
  (Cisco, Catalyst 2960-X Consolidated Platform Configuration Guide 15.2(4)E, on locally generated traffic).
"""

from dataclasses import dataclass

from auditor.model.device import Does, Interface, Pipeline, Pipelines, Stage, StageName, Undecided
from auditor.model.evidence import Basis, Evidence, Fact
from auditor.platforms.cisco_ios.nat import Nat

ACL_FIRST = "access list before virtual reassembly"
VFR_FIRST = "virtual reassembly before access list"
_ORDER_SOURCE = "no text of Cisco tells whether classic IOS checks the input list before or after virtual reassembly"


@dataclass(frozen=True, slots=True, kw_only=True)
class Features:
    """What of a device's config shapes its pipelines.

    ``undecided`` are the lines that make the order of list and reassembly matter, none where it is known or can't.
    """

    translates: bool
    nat: Nat
    zones: bool
    inspects: bool
    lists_meet_local: bool
    undecided: tuple[Evidence, ...] = ()
    local_policies: tuple[str, ...] = ()
    from_self: str | None = None
    own_inspection: str | None = None
    control_plane_in: str | None = None
    control_plane_out: str | None = None


def pipelines(features: Features) -> Pipelines:
    """The four orders of a device."""
    return Pipelines(
        transit=(*_arriving(features), *_routing(features), *_leaving(features)),
        local_in=(*_arriving(features), *_taken_in(features)),
        local_out=_sent(features),
        errors=_errors(features),
    )


def _filter(side: str, purpose: str = "access", **more: object) -> Stage:
    name = StageName.INGRESS_FILTER if side == "in" else StageName.EGRESS_FILTER
    return Stage(name=name, does=Does.FILTER, side=side, purpose=purpose, **more)  # type: ignore[arg-type]


def _reassembling(side: str) -> tuple[Stage, Stage]:
    return (
        Stage(name=StageName.FRAGMENT_POLICY, does=Does.FRAGMENT_POLICY, side=side),  # type: ignore[arg-type]
        Stage(name=StageName.REASSEMBLY, does=Does.REASSEMBLE, side=side),  # type: ignore[arg-type]
    )


def _arriving(features: Features) -> Pipeline:
    """What every packet meets that comes in by an interface."""
    follows: Pipeline = ()
    if features.zones or features.inspects:
        follows = (Stage(name=StageName.INGRESS_FILTER, does=Does.TRACK, tracks="inspected"),)
    access = _filter("in", unless_session=features.inspects)
    check = Stage(name=StageName.ROUTE, does=Does.SOURCE_CHECK)
    first = (access, check, *_reassembling("in"))
    order: Pipeline = first
    if features.undecided:
        joined = (*_reassembling("in"), _filter("in", unless_session=features.inspects, whole=True), check)
        fact = Fact(
            value=ACL_FIRST,
            basis=Basis.ASSUMED,
            evidence=features.undecided,
            others=(VFR_FIRST,),
            source=_ORDER_SOURCE,
        )
        order = (Undecided(fact=fact, orders={ACL_FIRST: first, VFR_FIRST: joined}),)
    taking = Stage(name=StageName.INGRESS_MTU, does=Does.RECEIVE)
    return (taking, *follows, _filter("in", "encrypt"), *order, *_nat_in(features), _filter("in", "policy"))


def _nat_in(features: Features) -> Pipeline:
    if not features.translates:
        return ()
    destination = Stage(name=StageName.NAT, does=Does.TRANSLATE_DESTINATION, filters=tuple(features.nat.destination_in))
    if not features.nat.source_in:
        return (destination,)
    source = Stage(name=StageName.NAT, does=Does.TRANSLATE_SOURCE, filters=tuple(features.nat.source_in))
    return (destination, source)


def _routing(features: Features) -> Pipeline:
    """From the routing decision to the translation of sources."""
    zone: Pipeline = (Stage(name=StageName.ZONE_POLICY, does=Does.ZONE),) if features.zones else ()
    nat: Pipeline = ()
    if features.translates:
        out = tuple(features.nat.source_out)
        nat = (Stage(name=StageName.NAT, does=Does.TRANSLATE_SOURCE, side="out", filters=out),)
        if features.nat.destination_out:
            back = tuple(features.nat.destination_out)
            nat = (*nat, Stage(name=StageName.NAT, does=Does.TRANSLATE_DESTINATION, side="out", filters=back))
    return (Stage(name=StageName.ROUTE, does=Does.ROUTE), *_reassembling("out"), *zone, *nat)


def _leaving(features: Features) -> Pipeline:
    return (
        _filter("out", unless_session=features.inspects),
        _filter("out", "policy"),
        _filter("out", "encrypt"),
        Stage(name=StageName.EGRESS_MTU, does=Does.CUT, side="out"),
    )


def _taken_in(features: Features) -> Pipeline:
    """What a packet for the device itself still meets."""
    zone: Pipeline = (Stage(name=StageName.ZONE_POLICY, does=Does.ZONE),) if features.zones else ()
    return (*zone, *_named(StageName.LOCAL_IN, features.control_plane_in))


def _named(name: StageName, key: str | None) -> Pipeline:
    return (Stage(name=name, does=Does.FILTER, filters=(key,)),) if key else ()


def _sent(features: Features) -> Pipeline:
    """What the device's own packets meet: no output list, unless a line says so."""
    policies = tuple(
        Stage(name=StageName.LOCAL_OUT, does=Does.FILTER, filters=(key,)) for key in features.local_policies
    )
    zone: Pipeline = (Stage(name=StageName.ZONE_POLICY, does=Does.ZONE),) if features.zones else ()
    lists: Pipeline = (_filter("out"),) if features.lists_meet_local else ()
    return (
        *policies,
        *_named(StageName.LOCAL_OUT, features.control_plane_out),
        *zone,
        *_named(StageName.LOCAL_OUT, features.own_inspection),
        *lists,
        _filter("out", "policy"),
        _filter("out", "encrypt"),
        Stage(name=StageName.EGRESS_MTU, does=Does.CUT, side="out"),
    )


def _errors(features: Features) -> Pipeline:
    """What the device's own ICMP errors meet."""
    lists: Pipeline = (_filter("out"),) if features.lists_meet_local else ()
    return (
        *_named(StageName.LOCAL_OUT, features.from_self),
        *lists,
        _filter("out", "encrypt"),
        Stage(name=StageName.EGRESS_MTU, does=Does.CUT, side="out"),
    )


def order_matters(interfaces: tuple[Interface, ...], fragment_lists: frozenset[str]) -> tuple[Evidence, ...]:
    """The lines of lists that ask for fragments and are met on the way in."""
    return tuple(
        binding.evidence
        for interface in interfaces
        for binding in interface.bindings
        if binding.direction == "in" and binding.purpose == "access" and binding.filter in fragment_lists
    )
