"""Small networks as values: devices from interface and route texts, endpoints and flows in a line each."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from auditor.model.addresses import IntervalSet, parse_address, parse_prefix, range_texts
from auditor.model.device import (
    Device,
    Does,
    Interface,
    InterfaceAddress,
    NextHop,
    Pipelines,
    Route,
    Routing,
    Stage,
    StageName,
)
from auditor.model.evidence import Basis, Evidence, Fact
from auditor.model.filters import CONTINUE, Action, Box, Filter, Headerless, Rule, Translate, Verb
from auditor.model.flows import Attachment, DeviceHop, Endpoint, Flow, OpaqueHop, Origin
from auditor.model.paths import Path
from auditor.topology import PathPair, Topology

ORIGIN = Origin(file="paths.yaml", line=7, key="flows.f")
HOST_LENGTH = {4: 32, 6: 128}


def line(file: str, text: str) -> Evidence:
    return Evidence(file=file, line=1, text=text)


def interface(device: str, name: str, spec: str, **more: Any) -> Interface:
    """``spec``: addresses by blanks (``!`` before one: it is shared), and the words ``down``, ``dhcp``, vrf=, mtu=."""
    addresses: list[InterfaceAddress] = []
    words: dict[str, Any] = {}
    for word in spec.split():
        if word == "down":
            words["enabled"] = False
        elif word.startswith("vrf="):
            words["vrf"] = word[4:]
        elif word.startswith("mtu="):
            mtu = Fact(value=int(word[4:]), basis=Basis.READ)
            words["mtu"] = MappingProxyType({4: mtu, 6: mtu})
        elif word == "dhcp":
            words["dynamic_address"] = line(device, f"{name} dhcp")
        else:
            text, _, length = word.lstrip("!").partition("/")
            family, value = parse_address(text)
            addresses.append(
                InterfaceAddress(
                    family=family,
                    address=value,
                    length=int(length or HOST_LENGTH[family]),
                    evidence=line(device, f"{name} {word}"),
                    shared=word.startswith("!"),
                )
            )
    return Interface(name=name, evidence=line(device, name), addresses=tuple(addresses), **{**words, **more})


def route(device: str, text: str, **more: Any) -> Route:
    """``PREFIX null`` or ``PREFIX HOP [HOP ...] [key=value ...]``; a hop is an address, an interface, ``address@vrf``,
    ``@vrf`` or ``address%interface``.
    """
    prefix, *words = text.split()
    family, destination = parse_prefix(prefix)
    hops, keys = [], {}
    for word in words:
        key, equals, value = word.partition("=")
        if equals:
            keys[key] = int(value) if value.isdigit() else value
        elif word != "null":
            hops.append(_hop(word))
    length = HOST_LENGTH[family] - destination.size.bit_length() + 1
    found = {"next_hops": tuple(hops), "evidence": line(device, text), **keys, **more}
    return Route(family=family, destination=destination, length=length, **found)


def _hop(word: str) -> NextHop:
    word, _, vrf = word.partition("@")
    address, _, name = word.partition("%")
    try:
        return NextHop(address=parse_address(address)[1], interface=name or None, vrf=vrf or None)
    except ValueError:
        return NextHop(interface=address or None, vrf=vrf or None)


def device(
    name: str,
    links: Mapping[str, str] | None = None,
    routes: Sequence[str | Route] = (),
    *,
    complete: bool = False,
    elsewhere: bool = False,
    rules: bool = False,
    nat: Sequence[str] = (),
    **more: Any,
) -> Device:
    """A device that forwards between its interfaces. ``nat`` are outside addresses of NAT rules."""
    made = [interface(name, key, spec) for key, spec in (links or {}).items()]
    outside: dict[int, IntervalSet] = {}
    for text in nat:
        family, values = parse_prefix(text)
        outside[family] = outside.get(family, IntervalSet()) | values
    routing = Routing(
        routes=tuple(one if isinstance(one, Route) else route(name, one) for one in routes),
        complete=MappingProxyType({4: complete, 6: complete}),
        elsewhere=(line(name, "router ospf 1"),) if elsewhere else (),
        rules=(line(name, "ip rule from 10.0.0.0/8 lookup 100"),) if rules else (),
    )
    fields: dict[str, Any] = {
        "interfaces": tuple(made), "routing": routing, "nat_addresses": MappingProxyType(outside),
    }  # fmt: skip
    return Device(
        name=name,
        platform="any",
        config=f"configs/{name}.cfg",
        sha256="",
        lines=1,
        complete=True,
        head=line(name, "head"),
        **{**fields, **more},
    )


def unread(name: str) -> Device:
    return device(name, unreadable="the file is empty")


# --- NAT


def rule(verb: Verb = Verb.TRANSLATE, *, to: str = "", end: str = "destination", **more: Any) -> Rule:
    """A rule that translates one end ``to`` an address, a prefix, or "egress"."""
    boxes = {
        key: more.pop(key) for key in ("sources", "destinations", "source_ports", "destination_ports") if key in more
    }
    for key in ("sources", "destinations"):
        if key in boxes:
            boxes[key] = parse_prefix(boxes[key])[1]
    translate = None
    if verb is Verb.TRANSLATE:
        inside = None if to in ("egress", "ingress") else parse_prefix(to)[1]
        translate = Translate(end=end, addresses=inside, interface=to if inside is None else None)  # type: ignore[arg-type]
    action = more.pop("action", Action(verb=verb, translate=translate))
    return Rule(action=action, evidence=line("nat", f"{verb} {to}"), boxes=(Box(**boxes),), **more)


def nat(*, before: Sequence[Rule] = (), after: Sequence[Rule] = (), track: bool = False) -> dict[str, Any]:
    """The fields of a device that translates destinations by ``before``, then routes, then sources by ``after``."""
    filters = {}
    for name, rules in (("dnat", before), ("snat", after)):
        filters[name] = Filter(
            name=name,
            rules=tuple(rules),
            otherwise=CONTINUE,
            evidence=line("nat", name),
            headerless=Fact(value=Headerless.NEVER_MATCHES, basis=Basis.READ),
        )
    stages = [Stage(name=StageName.NAT, does=Does.TRACK)] if track else []
    stages += [
        Stage(name=StageName.NAT, does=Does.TRANSLATE_DESTINATION, filters=("dnat",)),
        Stage(name=StageName.ROUTE, does=Does.ROUTE),
        Stage(name=StageName.NAT, does=Does.TRANSLATE_SOURCE, filters=("snat",)),
    ]
    return {"filters": MappingProxyType(filters), "pipelines": Pipelines(transit=tuple(stages))}


# --- ends and flows


def endpoint(
    name: str, *addresses: str, at: Sequence[str] = (), published: Sequence[str] = (), **more: Any
) -> Endpoint:
    """``at``: ``device`` or ``device:interface``."""
    found: dict[int, IntervalSet] = {}
    for text in addresses:
        if text != "internet":
            family, values = parse_prefix(text)
            found[family] = found.get(family, IntervalSet()) | values
    places = [one.partition(":") for one in at]
    return Endpoint(
        name=name,
        origin=ORIGIN,
        addresses=MappingProxyType(found),
        internet="internet" in addresses,
        published=MappingProxyType(dict(parse_address(text) for text in published)),
        attach=tuple(Attachment(device=d, interface=i or None, origin=ORIGIN) for d, _, i in places),
        **more,
    )


def hop(text: str) -> DeviceHop | OpaqueHop:
    """``?name`` is opaque; else ``device``, ``device[in>out]`` with either left out."""
    if text.startswith("?"):
        return OpaqueHop(name=text[1:], origin=ORIGIN)
    name, _, sides = text.rstrip("]").partition("[")
    ingress, _, egress = sides.partition(">")
    return DeviceHop(device=name, origin=ORIGIN, ingress=ingress or None, egress=egress or None)


def via(text: str) -> tuple[tuple[DeviceHop | OpaqueHop, ...], ...]:
    """Hops by blanks, alternatives by bars."""
    return tuple(tuple(hop(one) for one in place.split("|")) for place in text.split())


def flow(senders: str = "a", receiver: str = "b", **more: Any) -> Flow:
    for key in ("via", "return_via"):
        if isinstance(more.get(key), str) and more[key] not in ("reverse", "routing"):
            more[key] = via(more[key])
    said = {"name": "f", "kind": "ikev2", "origin": ORIGIN, **more}
    return Flow(senders=tuple(senders.split()), receiver=receiver, **said)


def pairs(devices: Sequence[Device], ends: Sequence[Endpoint], **more: Any) -> tuple[PathPair, ...]:
    """The pairs of one flow from ``a`` to ``b``."""
    topology = Topology({one.name: one for one in devices})
    return topology.pairs(flow(**more), {one.name: one for one in ends})


# --- what came of it


def words(path: Path) -> str:
    """The hops in a line: ``r1[in>out] ?isp r2[in>]``, with what is wrong behind it."""
    hops = " ".join(
        f"?{h.device}" if h.opaque else f"{h.device}[{h.ingress or ''}>{h.egress or ''}]" for h in path.hops
    )
    marks = [f"doubt:{doubt.device}" for doubt in path.doubts] + [f"detour:{one.device}" for one in path.detours]
    marks += [f"dead:{path.dead_end.device}"] if path.dead_end else []
    return " ".join([hops, *marks]).strip()


def there(found: Sequence[PathPair]) -> list[str]:
    """The ways there, each once."""
    return list(dict.fromkeys(words(pair.forward) for pair in found))


def back(found: Sequence[PathPair]) -> list[str]:
    """The ways back, each once."""
    return list(dict.fromkeys(words(pair.reverse) for pair in found))


def texts(family: int, values: IntervalSet) -> str:
    return " ".join(range_texts(family, values))  # type: ignore[arg-type]


def values(text: str) -> IntervalSet:
    return IntervalSet.union(parse_prefix(one)[1] for one in text.split())
