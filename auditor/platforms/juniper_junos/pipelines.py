"""In which order a router does things with a packet (packet mode; an SRX in flow mode has orders of its own).

- Input filters are met as packets come in by an interface, output filters as they leave by one; filters of lo0 are met
  by what goes to, or comes from, the Routing Engine (Juniper, "Stateless Firewall Filter Overview" and "Firewall
  Filters on the Loopback Interface").
- No text of Juniper tells whether an output filter sees a packet before or after the device cuts it: both are tried
  where an output filter is bound.
"""

from auditor.model.addresses import Family
from auditor.model.device import Does, Interface, Pipeline, Pipelines, Stage, StageName, Undecided
from auditor.model.evidence import Basis, Evidence, Fact

FILTER_FIRST = "output filter before fragmentation"
CUT_FIRST = "fragmentation before output filter"
_SOURCE = "no text of Juniper tells whether an output filter sees a packet before or after the device cuts it"
_IN = Stage(name=StageName.INGRESS_FILTER, does=Does.FILTER)
_OUT = Stage(name=StageName.EGRESS_FILTER, does=Does.FILTER, side="out")
_CUT = Stage(name=StageName.EGRESS_MTU, does=Does.CUT, side="out")
_ARRIVING = (
    Stage(name=StageName.INGRESS_MTU, does=Does.RECEIVE),
    _IN,
    Stage(name=StageName.ROUTE, does=Does.SOURCE_CHECK),
)


def pipelines(interfaces: tuple[Interface, ...], uncut: tuple[str, ...] = ()) -> Pipelines:
    """The four orders of a router. ``uncut`` names the filter of what a switch may not cut."""
    lines = tuple(b.evidence for one in interfaces for b in one.bindings if b.direction == "out" and not _is_lo(one))
    own = own_filters(interfaces, "out")
    leaving = _leaving(lines)
    doubts = tuple(Stage(name=StageName.EGRESS_MTU, does=Does.FILTER, filters=(key,), side="out") for key in uncut)
    return Pipelines(
        transit=(*_ARRIVING, Stage(name=StageName.ROUTE, does=Does.ROUTE), *doubts, *leaving),
        local_in=(*_ARRIVING, *_stages(StageName.LOCAL_IN, own_filters(interfaces, "in"))),
        local_out=(*_stages(StageName.LOCAL_OUT, own), *leaving),
        errors=leaving,
    )


def _is_lo(interface: Interface) -> bool:
    return interface.name.startswith("lo0.")


def own_filters(interfaces: tuple[Interface, ...], direction: str) -> tuple[tuple[Family, str], ...]:
    """The filters of lo0, by family: those of its unit in the main instance."""
    return tuple(
        (binding.family, binding.filter)
        for one in interfaces
        if _is_lo(one) and one.vrf == "default"
        for binding in one.bindings
        if binding.direction == direction
    )


def _stages(name: StageName, filters: tuple[tuple[Family, str], ...]) -> Pipeline:
    return tuple(Stage(name=name, does=Does.FILTER, filters=(key,), family=family) for family, key in filters)


def _leaving(lines: tuple[Evidence, ...]) -> Pipeline:
    if not lines:
        return (_OUT, _CUT)
    fact = Fact(value=FILTER_FIRST, basis=Basis.ASSUMED, evidence=lines[:8], others=(CUT_FIRST,), source=_SOURCE)
    return (Undecided(fact=fact, orders={FILTER_FIRST: (_OUT, _CUT), CUT_FIRST: (_CUT, _OUT)}),)
