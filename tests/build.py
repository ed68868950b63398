"""Small values for tests: devices, paths and filters as a platform would make them, in a few words."""

from collections.abc import Sequence
from types import MappingProxyType
from typing import Any

from auditor.model.addresses import IntervalSet, parse_address, parse_prefix
from auditor.model.device import (
    Binding,
    Device,
    Does,
    Interface,
    InterfaceAddress,
    Pipelines,
    Stage,
    StageName,
)
from auditor.model.evidence import Basis, Evidence, Fact
from auditor.model.filters import DROP, PERMIT, Action, Box, Filter, Headerless, Rule
from auditor.model.packets import Direction, Message
from auditor.model.paths import Path, PathHop
from auditor.model.trace import Sending
from auditor.simulate.conversation import Conversation, Ports
from auditor.simulate.journey import Link
from auditor.simulate.walk import Walk

UDP = IntervalSet.single(17)
HEAD = Evidence(file="configs/x.cfg", line=1, text="hostname x")

PLAIN = (  # a router without anything special: filters in and out, then the MTU
    Stage(name=StageName.INGRESS_FILTER, does=Does.FILTER, side="in"),
    Stage(name=StageName.EGRESS_FILTER, does=Does.FILTER, side="out"),
    Stage(name=StageName.EGRESS_MTU, does=Does.CUT, side="out"),
)


def read(value: Any, line: int = 1, text: str = "") -> Fact[Any]:
    """A fact that a line states."""
    return Fact(value=value, basis=Basis.READ, evidence=(Evidence(file="configs/x.cfg", line=line, text=text),))


def rule(verb: Action, text: str, line: int, **fields: Any) -> Rule:
    """One entry; ``sources``, ``destinations`` and ports go into its box."""
    box = {
        name: fields.pop(name)
        for name in ("sources", "destinations", "source_ports", "destination_ports")
        if name in fields
    }
    evidence = Evidence(file="configs/x.cfg", line=line, text=text)
    return Rule(action=verb, evidence=evidence, boxes=(Box(**box),), **fields)


def permit(port: int, line: int = 10, **fields: Any) -> Rule:
    """Permits UDP to a port."""
    ports = IntervalSet.single(port)
    return rule(PERMIT, f"permit udp any any eq {port}", line, protocol=UDP, destination_ports=ports, **fields)


def deny_all(line: int = 99, **fields: Any) -> Rule:
    return rule(DROP, "deny ip any any", line, **fields)


def filter_(
    name: str,
    *rules: Rule,
    otherwise: Action = DROP,
    way: Headerless = Headerless.PERMIT_BY_ADDRESS_SKIP_DENY,
    basis: Basis = Basis.READ,
    others: Sequence[Headerless] = (),
    **fields: Any,
) -> Filter:
    return Filter(
        name=name,
        rules=rules,
        otherwise=otherwise,
        evidence=Evidence(file="configs/x.cfg", line=5, text=f"list {name}"),
        headerless=Fact(value=way, basis=basis, others=tuple(others)),
        kind="list",
        **fields,
    )


def interface(
    name: str,
    address: str = "",
    mtu: int | Fact[Any] | None = 1500,
    into: str = "",
    out: str = "",
    unreachables: bool = True,
    **fields: Any,
) -> Interface:
    """An interface with one address; ``into`` and ``out`` are the filters bound to it for both families."""
    evidence = Evidence(file="configs/x.cfg", line=3, text=f"interface {name}")
    addresses: tuple[InterfaceAddress, ...] = ()
    if address:
        family, _ = parse_prefix(address)
        _, number = parse_address(address.split("/", maxsplit=1)[0])
        length = int(address.split("/")[1])
        addresses = (InterfaceAddress(family=family, address=number, length=length, evidence=evidence),)
    bound = mtu if isinstance(mtu, Fact) else read(mtu)
    bindings = tuple(
        Binding(filter=what, family=family, direction=direction, evidence=evidence)
        for what, direction in ((into, "in"), (out, "out"))
        for family in (4, 6)
        if what
    )
    return Interface(
        name=name,
        evidence=evidence,
        addresses=addresses,
        mtu=MappingProxyType({4: bound, 6: bound}),
        bindings=bindings,
        unreachables=MappingProxyType({4: read(unreachables), 6: read(unreachables)}),
        **fields,
    )


def device(
    name: str,
    *interfaces: Interface,
    filters: Sequence[Filter] = (),
    stages: Sequence[Stage] = PLAIN,
    **fields: Any,
) -> Device:
    pipeline = tuple(stages)
    return Device(
        name=name,
        platform="test",
        config=f"configs/{name}.cfg",
        sha256="0" * 64,
        lines=100,
        complete=True,
        head=HEAD,
        interfaces=interfaces,
        filters=MappingProxyType({f.name: f for f in filters}),
        pipelines=Pipelines(transit=pipeline, local_in=pipeline, local_out=pipeline),
        **fields,
    )


def router(name: str, mtu: int | Fact[Any] | None = 1500, into: str = "", back: str = "", **fields: Any) -> Device:
    """A device with two interfaces, a and b; ``into`` filters what comes in by a, ``back`` what comes in by b."""
    unreachables = fields.pop("unreachables", True)
    return device(
        name,
        interface("a", "10.0.1.1/24", 1500, into=into, unreachables=unreachables),
        interface("b", "10.0.2.1/24", mtu, into=back, unreachables=unreachables),
        **fields,
    )


CLIENT = parse_prefix("198.51.100.7/32")[1]
SERVER = parse_prefix("203.0.113.10/32")[1]


def path(*devices: str | PathHop, direction: Direction = "forward", family: int = 4, **fields: Any) -> Path:
    """A path through devices made by ``router``: in by a and out by b, the other way round in the reverse direction."""
    ends = ("a", "b") if direction == "forward" else ("b", "a")
    hops = tuple(
        hop if isinstance(hop, PathHop) else PathHop(device=hop, ingress=ends[0], egress=ends[1]) for hop in devices
    )
    fields.setdefault("clients", CLIENT)
    fields.setdefault("servers", SERVER)
    return Path(family=family, direction=direction, hops=hops, **fields)


def message(payload: int = 2916, direction: Direction = "forward", port: int = 4500, **fields: Any) -> Message:
    fields.setdefault("name", "probe" if fields.get("probe") else "large")
    return Message(direction=direction, port=port, payloads=(payload,), **fields)


def talks(
    devices: Sequence[Device],
    forward: Path,
    *messages: Message,
    reverse: Path | None = None,
    df: str = "false",
    mtu: int = 1500,
    sendings: Sequence[Sending] | None = None,
    server_mtu: int | None = None,
) -> dict[str, Any]:
    """What becomes of the messages, by ``direction name``; each is sent in one way unless ``sendings`` says more."""
    exchanges = [
        (one, tuple(sendings) if sendings and not one.probe else (Sending(payloads=one.payloads, df=df, mtu=mtu),))
        for one in messages
    ]
    conversation = Conversation(
        walk=Walk({one.name: one for one in devices}),
        forward=forward,
        reverse=reverse,
        client=Link(name="clients", mtu=None),
        server=Link(name="server", mtu=server_mtu, evidence=(HEAD,)),
        ports=Ports(usual=IntervalSet.of((1, 65535))),
        exchanges=exchanges,
    )
    found = (*conversation.forward_talks(), *(conversation.reverse_talks() if reverse else ()))
    return {f"{one.trace.message.direction} {one.trace.message.name}": one for one in found}
