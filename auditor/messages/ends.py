"""What is known of one end of a flow: the user's own keys, else its system, else its config, else what may be.

A population (lists in ``system``, ``mtu``, ``ike_fragmentation``) becomes one ``EndFacts`` for each combination.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import product
from typing import Literal, TypeVar

from auditor.model.device import Speaker
from auditor.model.evidence import Basis, Fact
from auditor.model.flows import Endpoint
from auditor.model.platform import System

T = TypeVar("T")
Fragmentation = bool | Literal["unknown"]

_CONTRACT = "the default of paths.yaml"
_NO_SYSTEM = System(name="", title="", roles=())
_MAYBE: Fact[bool] = Fact(value=False, basis=Basis.UNKNOWN, others=(True,))
_DEFAULT_MTU: Fact[int] = Fact(value=1500, basis=Basis.ABSENT, source=_CONTRACT)
_DEFAULT_FRAGMENT: Fact[int] = Fact(value=1280, basis=Basis.ABSENT, source=_CONTRACT)
# Where nobody says what the EAP peer and the server do, the worst of the usual: an EAP packet that fills an Ethernet
# frame (the most common peer has no setting for it), a server with Framed-MTU 1500 (the default of the most common).
_EAP_PEER: Fact[int] = Fact(
    value=1480, basis=Basis.ASSUMED, others=(1398, 1014), source="EAP packets that fill an Ethernet frame"
)
_CHALLENGE: Fact[int] = Fact(value=1500, basis=Basis.ASSUMED, others=(1024,), source="Framed-MTU 1500")
_REQUEST_ATTRIBUTES: Fact[int] = Fact(
    value=260, basis=Basis.ASSUMED, others=(105, 400), source="names, ports, addresses and State of a NAS"
)
_CHALLENGE_ATTRIBUTES: Fact[int] = Fact(
    value=40, basis=Basis.ASSUMED, others=(18, 70), source="State, and a session timeout"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class EndFacts:
    """One end as messages and simulator need it. ``label`` names its values in a population, "" for a single one.

    ``eap_fragment_size`` is bytes of TLS data in one EAP packet of the peer behind a NAS (so peers' own settings count;
    the packet is up to 10 longer); ``challenge_fragment_size`` is bytes of EAP packet in the server's Access-Challenge.
    ``framed_mtu`` None: not said, so that it bounds nothing. ``request_attributes`` is what a NAS puts into an
    Access-Request besides EAP-Message and Message-Authenticator, ``challenge_attributes`` what a server does.
    """

    endpoint: str
    label: str = ""
    system: str = ""
    auth: str | None = None
    mtu: Fact[int]
    ike_fragmentation: Fact[bool]
    ike_fragment_size: Fact[int]
    df: Fact[str]
    eap_fragment_size: Fact[int] = _EAP_PEER
    challenge_fragment_size: Fact[int] = _CHALLENGE
    framed_mtu: Fact[int] | None = None
    request_attributes: Fact[int] = _REQUEST_ATTRIBUTES
    challenge_attributes: Fact[int] = _CHALLENGE_ATTRIBUTES
    fix: str = ""


def ends(
    endpoint: Endpoint,
    systems: Mapping[str, System],
    speaker: Speaker | None = None,
    device_mtu: Fact[int] | None = None,
) -> tuple[EndFacts, ...]:
    """The facts of an endpoint, one for each value combination of a population.

    ``systems`` holds the endpoint's systems by name; ``speaker`` and ``device_mtu`` come from the config of an endpoint
    that is a device.
    """
    named = [systems[name] for name in endpoint.systems] or [_NO_SYSTEM]
    choices = product(named, _mtus(endpoint, device_mtu), endpoint.ike_fragmentation or (None,))
    return tuple(
        replace(_facts(endpoint, system, speaker, said), mtu=mtu, label=_label(endpoint, system.name, mtu, said))
        for system, mtu, said in choices
    )


def rfc7383(one: EndFacts, other: EndFacts) -> Fact[bool]:
    """Whether these two send large IKE messages as RFC 7383 fragments: both must announce it (RFC 7383 2.3)."""
    facts = (one.ike_fragmentation, other.ike_fragmentation)
    source = "; ".join(dict.fromkeys(fact.source for fact in facts if fact.source))
    evidence = (*facts[0].evidence, *facts[1].evidence)
    refused = next((fact for fact in facts if fact.basis.decides and not fact.value), None)
    if refused:
        return refused
    options = tuple(dict.fromkeys(a and b for a, b in product(*(fact.options for fact in facts))))
    open_ones = [fact.basis for fact in facts if not fact.basis.decides]
    weakest = max(open_ones or [fact.basis for fact in facts], key=list(Basis).index)
    return Fact(value=options[0], basis=weakest, others=options[1:], source=source, evidence=evidence)


def _mtus(endpoint: Endpoint, device_mtu: Fact[int] | None) -> tuple[Fact[int], ...]:
    if endpoint.mtu_said:
        return tuple(_declared(mtu, endpoint, "mtu") for mtu in endpoint.mtus)
    return (device_mtu or _DEFAULT_MTU,)


def _facts(endpoint: Endpoint, system: System, speaker: Speaker | None, said: Fragmentation | None) -> EndFacts:
    return EndFacts(
        endpoint=endpoint.name,
        system=system.name,
        auth=speaker.auth if speaker else None,
        mtu=_DEFAULT_MTU,
        ike_fragmentation=_fragmentation(endpoint, system, speaker, said),
        ike_fragment_size=_first(
            _DEFAULT_FRAGMENT,
            _said(endpoint.ike_fragment_size, endpoint, "ike_fragment_size"),
            _known(system, system.ike_fragment_size),
            speaker.ike_fragment_size if speaker else None,
        ),
        df=_first(
            Fact(value="false", basis=Basis.UNKNOWN, others=("pmtud",)),
            _said(endpoint.df, endpoint, "df"),
            _known(system, system.df),
            speaker.df if speaker else None,
        ),
        eap_fragment_size=_first(
            _EAP_PEER,
            _said(endpoint.eap_fragment_size, endpoint, "eap_fragment_size"),
            _known(system, system.eap_fragment_size),
        ),
        challenge_fragment_size=_first(_CHALLENGE, _known(system, system.challenge_fragment_size)),
        request_attributes=_first(_REQUEST_ATTRIBUTES, _known(system, system.request_attributes)),
        challenge_attributes=_first(_CHALLENGE_ATTRIBUTES, _known(system, system.challenge_attributes)),
        framed_mtu=_said(endpoint.framed_mtu, endpoint, "framed_mtu"),
        fix=system.fix,
    )


def _fragmentation(
    endpoint: Endpoint, system: System, speaker: Speaker | None, said: Fragmentation | None
) -> Fact[bool]:
    if said == "unknown":
        return _MAYBE
    return _first(
        _MAYBE,
        _said(said, endpoint, "ike_fragmentation"),
        _known(system, system.ike_fragmentation),
        speaker.ike_fragmentation if speaker else None,
    )


def _first(otherwise: Fact[T], *facts: Fact[T] | None) -> Fact[T]:
    return next((fact for fact in facts if fact is not None), otherwise)


def _said(value: T | None, endpoint: Endpoint, key: str) -> Fact[T] | None:
    return None if value is None else _declared(value, endpoint, key)


def _declared(value: T, endpoint: Endpoint, key: str) -> Fact[T]:
    return Fact(value=value, basis=Basis.DECLARED, source=f"{endpoint.origin.file}: {endpoint.name}.{key}")


def _known(system: System, fact: Fact[T] | None) -> Fact[T] | None:
    """A fact of the system that the user names: what a document says of it holds by the user's word."""
    if fact is None:
        return None
    basis = Basis.DECLARED if fact.basis in (Basis.READ, Basis.ABSENT) else fact.basis
    return replace(fact, basis=basis, source=f"system {system.name}: {fact.source}")


def _label(endpoint: Endpoint, name: str, mtu: Fact[int], said: Fragmentation | None) -> str:
    """The values that tell this member of a population from the others."""
    parts = []
    if len(endpoint.systems) > 1:
        parts.append(f"system {name}")
    if len(endpoint.mtus) > 1:
        parts.append(f"mtu {mtu.value}")
    if len(endpoint.ike_fragmentation) > 1:
        parts.append(f"ike_fragmentation {str(said).lower()}")
    return ", ".join(parts)
