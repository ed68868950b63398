"""In which order an ASA (8.3 and later) does things with a packet.

- networklessons.com, "ASA packet processing algorithm" and its packet-tracer outputs; pinglabz.com, "Cisco ASA packet
  flow" (9.x): the fragment database and the look-up of the connection, the destination translated back (UN-NAT), the
  access list with real addresses, NAT, the check of the way back (rpf-check), routing, encryption.
- The fragment database joins before anything looks at ports: Cisco, "Configuring the Fragment Size"; that it stands
  before the lists is told by no sentence of Cisco's, but lists with ports are documented to work for fragments.
- Access rules don't judge what is for the ASA itself: Cisco ASA Firewall CLI Configuration Guide, "Access Rules",
  "Management access rules" (``control-plane``).
"""

from dataclasses import dataclass
from types import MappingProxyType

from auditor.model.device import Does, Pipeline, Pipelines, Stage, StageName, Undecided
from auditor.model.evidence import Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class Features:
    """The filters of the device that are named in its pipelines."""

    destination: str | None = None
    source: str | None = None
    way_back: str | None = None
    control_plane: str | None = None
    kind: Fact[str] | None = None  # which kind of reassembly is in force; None where lines tell it


def pipelines(features: Features) -> Pipelines:
    """The four orders of a device."""
    cut = Stage(name=StageName.EGRESS_MTU, does=Does.CUT, side="out")
    encrypt = Stage(name=StageName.EGRESS_FILTER, does=Does.FILTER, side="out", purpose="encrypt", whole=True)
    control: Pipeline = ()
    if features.control_plane:
        control = (Stage(name=StageName.LOCAL_IN, does=Does.FILTER, filters=(features.control_plane,), whole=True),)
    return Pipelines(
        transit=(*_arriving(features), *_judged(features), *_leaving(features), encrypt, cut),
        local_in=(*_arriving(features), *control),
        local_out=(encrypt, cut),
        errors=(encrypt, cut),
    )


def _arriving(features: Features) -> Pipeline:
    joined: Pipeline = (_joining("virtual"),)
    if features.kind is not None:
        orders = {name: (_joining(name),) for name in features.kind.options}
        joined = (Undecided(fact=features.kind, orders=MappingProxyType(orders)),)
    return (
        *joined,
        Stage(name=StageName.ROUTE, does=Does.SOURCE_CHECK),
        Stage(name=StageName.INGRESS_FILTER, does=Does.TRACK),
    )


def _joining(name: str) -> Stage:
    return Stage(name=StageName.REASSEMBLY, does=Does.REASSEMBLE, side="in", rows=(name,))


def _judged(features: Features) -> Pipeline:
    nat: Pipeline = ()
    if features.destination:
        nat = (Stage(name=StageName.NAT, does=Does.TRANSLATE_DESTINATION, filters=(features.destination,)),)
    return (
        *nat,
        Stage(name=StageName.INGRESS_FILTER, does=Does.FILTER, side="in", whole=True),
        Stage(name=StageName.ROUTE, does=Does.ROUTE),
        Stage(name=StageName.EGRESS_FILTER, does=Does.FILTER, side="out", whole=True),
    )


def _leaving(features: Features) -> Pipeline:
    if not features.source:
        return ()
    check: Pipeline = ()
    if features.way_back:
        check = (
            Stage(name=StageName.NAT, does=Does.FILTER, side="out", filters=(features.way_back,), unless_session=True),
        )
    return (
        *check,
        Stage(name=StageName.NAT, does=Does.TRANSLATE_SOURCE, side="out", filters=(features.source,)),
    )
