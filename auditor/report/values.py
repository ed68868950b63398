"""Values of the model as JSON, the same in every document."""

from collections.abc import Iterable
from functools import lru_cache

from auditor.model.addresses import Family, IntervalSet, port_text, range_texts
from auditor.model.evidence import Evidence, Fact
from auditor.model.findings import Dependence
from auditor.model.flows import Origin
from auditor.model.packets import Direction, Packet
from auditor.model.paths import DeadEnd, Detour, Doubt, PathHop
from auditor.model.trace import Region
from auditor.report.document import Json
from auditor.report.packets import ends
from auditor.report.shown import shown

MOST_RANGES = 1000  # range texts in one list


def evidence(found: Iterable[Evidence]) -> list[Json]:
    """Lines of configs."""
    return [{"file": shown(one.file), "line": one.line, "text": shown(one.text.strip())} for one in found]


def texts(found: Iterable[str]) -> list[Json]:
    """Sentences and names, cut where there are too many."""
    return cut([shown(text) for text in found])


def cut(found: list[str]) -> list[Json]:
    """A list of texts of which the last says how many are left out, where there are too many."""
    rest = len(found) - MOST_RANGES
    return [*found] if rest <= 0 else [*found[:MOST_RANGES], f"and {rest} more"]


def ranges(family: Family, values: IntervalSet) -> list[Json]:
    """Addresses as range texts, cut where there are too many."""
    return [*_ranges(family, values)]


@lru_cache(maxsize=1024)
def _ranges(family: Family, values: IntervalSet) -> tuple[str, ...]:
    first = range_texts(family, IntervalSet(values.bounds[: 2 * MOST_RANGES]))
    rest = len(values) - MOST_RANGES
    return first if rest <= 0 else (*first, f"and {rest} more")


def ports(values: IntervalSet) -> str:
    """Ports as text, cut where there are too many."""
    rest = len(values) - MOST_RANGES
    first = port_text(IntervalSet(values.bounds[: 2 * MOST_RANGES]))
    return first if rest <= 0 else f"{first} and {rest} more"


def region(family: Family, found: Region, direction: Direction) -> dict[str, Json]:
    """A part of a flow's addresses, in the direction in which the message goes."""
    sources, destinations, source_ports, _ = ends(found, direction)
    return {
        "sources": ranges(family, sources),
        "destinations": ranges(family, destinations),
        "source_ports": ports(source_ports),
    }


def full_region(family: Family, found: Region, direction: Direction) -> dict[str, Json]:
    """The same with the destination ports."""
    return {**region(family, found, direction), "destination_ports": ports(ends(found, direction)[3])}


def packet(found: Packet) -> dict[str, Json]:
    """A packet of one datagram."""
    return {"offset": found.offset, "bytes": found.bytes, "more": found.more, "df": found.df}


def numbered(found: Packet) -> dict[str, Json]:
    """A packet with the number of its datagram."""
    return {"datagram": found.datagram, **packet(found)}


def fact(found: Fact[Json]) -> dict[str, Json]:
    """A fact with its grounds."""
    return {
        "value": _plain(found.value),
        "basis": str(found.basis),
        "others": [_plain(other) for other in found.others],
        "source": shown(found.source),
        "evidence": evidence(found.evidence),
    }


def _plain(value: Json) -> Json:
    return value if isinstance(value, int) or value is None else shown(str(value))


def dependence(found: Dependence) -> dict[str, Json]:
    """A fact that was tried, with the verdict of each value."""
    return {
        "fact": shown(found.fact),
        "device": shown(found.device),
        "basis": str(found.basis),
        "verdicts": {shown(option): str(verdict) for option, verdict in found.verdicts.items()},
        "evidence": evidence(found.evidence),
    }


def doubt(found: Doubt) -> dict[str, Json]:
    """What can't be known."""
    return {
        "device": shown(found.device),
        "reason": shown(found.reason),
        "transforms": found.transforms,
        "evidence": evidence(found.evidence),
    }


def detour(found: Detour) -> dict[str, Json]:
    """A hop that leads elsewhere than the path claims."""
    return {
        "device": shown(found.device),
        "claimed": shown(found.claimed),
        "routed": shown(found.routed),
        "origin": origin(found.origin),
        "evidence": evidence(found.evidence),
    }


def dead_end(found: DeadEnd | None) -> dict[str, Json] | None:
    """Where a path ends for certain before its aim."""
    if found is None:
        return None
    return {
        "device": shown(found.device),
        "reason": shown(found.reason),
        "evidence": evidence(found.evidence),
    }


def origin(found: Origin | None) -> dict[str, Json] | None:
    """A place in the user's own files."""
    return None if found is None else {"file": shown(found.file), "line": found.line, "key": shown(found.key)}


def hop(found: PathHop) -> dict[str, Json]:
    """A hop of a path."""
    declared = found.opaque.mtu if found.opaque is not None else None
    return {
        "device": shown(found.device),
        "ingress": optional(found.ingress),
        "egress": optional(found.egress),
        "vrf": shown(found.vrf),
        "mtu": found.mtu if found.mtu is not None else declared,
        "opaque": found.opaque is not None,
    }


def optional(text: str | None) -> str | None:
    """A text that may not be there."""
    return None if text is None else shown(text)
