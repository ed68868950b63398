"""In which order an SRX does things with a packet.

Juniper, "Understanding Flow-Based Processing" and "Following the Data Path for a Unicast Session": stateless filters
and some screens come first, then the session is looked up; the first packet of a flow meets screens, static and
destination NAT, route, zones, policy, source NAT; then the output filter.
"""

from auditor.model.device import Does, Interface, Pipeline, Pipelines, Stage, StageName, Undecided
from auditor.model.evidence import Basis, Fact
from auditor.platforms.juniper_junos.security.inbound import HOST_INBOUND, OWN
from auditor.platforms.juniper_junos.security.nat import Nat

Names = tuple[str, ...]
FILTER_FIRST = "output filter before fragmentation"
CUT_FIRST = "fragmentation before output filter"
_ORDER_SOURCE = "no text of Juniper tells whether an output filter sees a packet before or after the device cuts it"
_TRACK = Stage(name=StageName.ZONE_POLICY, does=Does.TRACK, tracks="inspected")
_CUT = Stage(name=StageName.EGRESS_MTU, does=Does.CUT, side="out")
_ZONE = Stage(name=StageName.ZONE_POLICY, does=Does.ZONE)


def pipelines(
    nat: Nat, screens: Names, local_in: Names, local_out: Names, interfaces: tuple[Interface, ...] = ()
) -> Pipelines:
    """The four orders. ``local_in`` and ``local_out`` are the stateless filters of lo0."""
    arriving = _arriving(nat, screens)
    leaving = _leaving(interfaces)
    return Pipelines(
        transit=(
            *arriving,
            Stage(name=StageName.ROUTE, does=Does.ROUTE),
            _ZONE,
            *_translating(nat, Does.TRANSLATE_SOURCE),
            *leaving,
        ),
        local_in=(
            *arriving,
            Stage(name=StageName.LOCAL_IN, does=Does.FILTER, filters=(HOST_INBOUND,), unless_session=True, whole=True),
            _ZONE,
            *_named(StageName.LOCAL_IN, local_in),
        ),
        local_out=(
            *_named(StageName.LOCAL_OUT, local_out),
            _ZONE,
            *_named(StageName.LOCAL_OUT, (OWN,)),
            *leaving,
        ),
        errors=(*_named(StageName.LOCAL_OUT, local_out), *leaving),
    )


def _arriving(nat: Nat, screens: Names) -> Pipeline:
    return (
        Stage(name=StageName.INGRESS_MTU, does=Does.RECEIVE),
        _filter("in"),
        Stage(name=StageName.FRAGMENT_POLICY, does=Does.FRAGMENT_POLICY),
        *_named(StageName.FRAGMENT_POLICY, screens),
        Stage(name=StageName.ROUTE, does=Does.SOURCE_CHECK),
        Stage(name=StageName.REASSEMBLY, does=Does.REASSEMBLE),
        _TRACK,
        *_translating(nat, Does.TRANSLATE_DESTINATION),
    )


def _leaving(interfaces: tuple[Interface, ...]) -> Pipeline:
    """The output filter and the cut. Which comes first matters, and is told by no text, where a filter is bound."""
    lines = tuple(b.evidence for one in interfaces for b in one.bindings if b.direction == "out")
    first = (_filter("out"), _CUT)
    if not lines:
        return first
    fact = Fact(value=FILTER_FIRST, basis=Basis.ASSUMED, evidence=lines[:1], others=(CUT_FIRST,), source=_ORDER_SOURCE)
    return (Undecided(fact=fact, orders={FILTER_FIRST: first, CUT_FIRST: (_CUT, _filter("out"))}),)


def _filter(side: str) -> Stage:
    if side == "in":
        return Stage(name=StageName.INGRESS_FILTER, does=Does.FILTER, side="in")
    return Stage(name=StageName.EGRESS_FILTER, does=Does.FILTER, side="out")


def _named(name: StageName, filters: Names) -> Pipeline:
    return (Stage(name=name, does=Does.FILTER, filters=filters),) if filters else ()


def _translating(nat: Nat, does: Does) -> Pipeline:
    """NAT: where there is any also without rules for this end, since answers are written back."""
    if not nat.any:
        return ()
    if does is Does.TRANSLATE_SOURCE:
        return (Stage(name=StageName.NAT, does=does, side="out", filters=tuple(nat.source)),)
    return (Stage(name=StageName.NAT, does=does, filters=tuple(nat.destination)),)
