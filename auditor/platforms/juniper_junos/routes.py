"""Static routes of the main tables and of routing instances, and the lines by which routes come that no config holds.

Static routes have preference 5 (Juniper, "Understanding Route Preference Values").
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from types import MappingProxyType

from auditor.model.addresses import Family
from auditor.model.device import Interface, NextHop, NotUnderstood, Route, Routing
from auditor.model.evidence import Evidence
from auditor.platforms.juniper_junos.config import Config, Line
from auditor.platforms.juniper_junos.names import prefix_of
from auditor.platforms.juniper_junos.security.tree import Node, tree

_PREFERENCE = 5
# What a static route may say besides where it leads.
_NO_EFFECT = frozenset(
    {"tag", "tag2", "metric", "metric2", "metric3", "metric4", "preference", "preference2", "no-readvertise",
     "readvertise", "retain", "no-retain", "resolve", "no-resolve", "community", "as-path", "active", "passive",
     "install", "color",
     "apply-macro", "description"}
)  # fmt: skip
_BRINGING = frozenset({"bgp", "ospf", "ospf3", "isis", "rip", "ripng", "rift", "evpn"})
_ELSEWHERE = ("aggregate", "generate", "instance-import", "interface-routes", "rib-groups", "auto-export", "access")


@dataclass(slots=True)
class _Found:
    routes: list[Route] = field(default_factory=list)
    unread: list[NotUnderstood] = field(default_factory=list)
    elsewhere: list[tuple[Evidence, frozenset[int]]] = field(default_factory=list)


def routing(config: Config, interfaces: tuple[Interface, ...]) -> tuple[Routing, list[NotUnderstood]]:
    """All routes of a system, and what was not understood of them."""
    found = _Found()
    _options(config, found, "default", config.of("routing-options"))
    instances: dict[str, list[tuple[str, Line]]] = {}
    for line in config.of("routing-instances"):
        name, _, rest = line.text.partition(" ")
        instances.setdefault(name, []).append((rest, line))
    for name, lines in instances.items():
        own = [Line(rest[16:], line.source, line.number) for rest, line in lines if rest.startswith("routing-options ")]
        _options(config, found, name, own)
        _protocols(found, (Line(r[10:], one.source, one.number) for r, one in lines if r.startswith("protocols ")))
    _protocols(found, config.of("protocols"))
    families: tuple[Family, Family] = (4, 6)
    open_ = {4: _dynamic(interfaces), 6: _dynamic(interfaces)}
    brought = {f: any(f in of for _, of in found.elsewhere) for f in families}
    whole = config.complete and not found.unread
    return (
        Routing(
            routes=tuple(found.routes),
            complete=MappingProxyType({f: whole and not brought[f] and not open_[f] for f in families}),
            elsewhere=tuple(dict.fromkeys(evidence for evidence, _ in found.elsewhere)),
        ),
        found.unread,
    )


def _dynamic(interfaces: tuple[Interface, ...]) -> bool:
    return any(one.dynamic_address is not None and one.enabled for one in interfaces)


def _protocols(found: _Found, lines: Iterable[Line]) -> None:
    seen: set[str] = set()
    for line in lines:
        name = line.text.split(" ", 1)[0]
        if name in _BRINGING and name not in seen:
            seen.add(name)
            families = {"ospf": {4}, "rip": {4}, "ripng": {6}}.get(name, {4, 6})
            found.elsewhere.append((line.evidence, frozenset(families)))


def _options(config: Config, found: _Found, vrf: str, lines: list[Line]) -> None:
    node = tree(((line.words, line.evidence) for line in lines), config.rows.head)
    tables: list[Node] = [node, *(one for _, one in node.items("rib"))]
    for table in tables:
        defaults = table.value("static", "defaults", "preference")
        for text, route in table.items("static", "route"):
            _route(found, vrf, text, route, int(defaults) if defaults and defaults.isdigit() else _PREFERENCE)
        for word in _ELSEWHERE:
            below = table.get(word)
            if below is not None:
                found.elsewhere.append((below.evidence, frozenset((4, 6))))


def _route(found: _Found, vrf: str, text: str, node: Node, preference: int) -> None:
    destination = prefix_of(text)
    if destination is None:
        found.unread.append(NotUnderstood(evidence=node.evidence, reason="a route is not understood"))
        return
    family = destination[0]
    hops: list[NextHop] = []
    discards: Evidence | None = None
    unknown: Evidence | None = None
    uncertain = ""
    said = node.value("preference")
    distance = int(said) if said and said.isdigit() else preference
    qualified: list[tuple[int, NextHop, Evidence]] = []
    for word, below in node.below.items():
        if word == "next-hop":
            hops += [_hop(value) for value in below.below]
        elif word in ("discard", "reject"):
            discards = below.evidence
        elif word == "next-table":
            hops += [NextHop(vrf=_vrf_of(value)) for value in below.below]
        elif word == "qualified-next-hop":
            qualified += list(_qualified(below, distance))
        elif word == "bfd-liveness-detection":
            uncertain = "it is there only while BFD is up"
        elif word in ("no-install", "receive"):
            return
        elif word not in _NO_EFFECT:
            unknown = below.evidence
    if unknown is not None:
        found.unread.append(NotUnderstood(evidence=unknown, family=family, reason="a route is not understood"))
        return
    line = _line(node)
    for own, next_hops, evidence in [
        *([(distance, tuple(hops), line)] if hops or discards is not None else []),
        *((own, (hop,), evidence) for own, hop, evidence in qualified),
    ]:
        found.routes.append(
            Route(
                family=family,
                destination=destination[1],
                length=destination[2],
                next_hops=() if discards is not None and not hops and next_hops == () else next_hops,
                evidence=evidence,
                vrf=vrf,
                distance=own,
                uncertain=uncertain,
            )
        )


def _line(node: Node) -> Evidence:
    """The line that tells where the route leads."""
    for word in ("next-hop", "discard", "reject", "next-table"):
        below = node.get(word)
        if below is not None:
            return next(iter(below.below.values())).evidence if below.below else below.evidence
    return node.evidence


def _qualified(node: Node, distance: int) -> Iterator[tuple[int, NextHop, Evidence]]:
    for value, below in node.below.items():
        said = below.value("preference")
        interface = below.value("interface")
        hop = _hop(value)
        if interface is not None and hop.address is not None:
            hop = NextHop(address=hop.address, interface=interface)
        yield (int(said) if said and said.isdigit() else distance), hop, below.evidence


def _hop(text: str) -> NextHop:
    one = prefix_of(text)
    if one is not None:
        return NextHop(address=one[1].first)
    return NextHop(interface=text if "." in text else f"{text}.0")


def _vrf_of(table: str) -> str:
    """The instance of a table's name: ``BLUE.inet.0``, or ``inet.0`` of the main one."""
    name = table.removesuffix(".0").removesuffix(".inet6").removesuffix(".inet")
    return "default" if name in ("inet", "inet6") else name
