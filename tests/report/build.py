"""Reports made by hand: each value of the model in a few words, and one report that holds a bit of everything."""

import dataclasses
from collections.abc import Mapping, Sequence
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from auditor.model.addresses import IntervalSet, parse_prefix
from auditor.model.device import StageName
from auditor.model.evidence import Basis, Evidence
from auditor.model.findings import (
    Dependence,
    DeviceSummary,
    Drop,
    Finding,
    FlowVerdict,
    MessageVerdict,
    PathVerdict,
    Report,
    Unknown,
    Verdict,
    worst,
)
from auditor.model.flows import OpaqueHop, Origin
from auditor.model.packets import Direction, Message, Packet, SizeLine
from auditor.model.paths import Detour, Doubt, Path, PathHop
from auditor.model.trace import Choice, Ending, Loss, Region, Sending, Step, Tag, Trace

CLIENTS = parse_prefix("198.51.100.0/24")[1]
SERVER = parse_prefix("203.0.113.10/32")[1]
ANY_PORT = IntervalSet.of((1, 65535))
WHOLE = Region(clients=CLIENTS, client_ports=ANY_PORT, servers=SERVER, server_ports=IntervalSet.single(4500))
FIRST = Packet(offset=0, bytes=1500, more=True, df=False)
LAST = Packet(offset=1480, bytes=1464, more=False, df=False)
TRAIN = (FIRST, LAST)
SMALL = (Packet(offset=0, bytes=128, more=False, df=False),)

DENY = Evidence(file="configs/edge1.cfg", line=41, text="deny ip any any fragments")
PERMIT = Evidence(file="configs/edge1.cfg", line=38, text="permit udp any host 203.0.113.10 eq non500-isakmp")
MTU = Evidence(file="configs/core1.cfg", line=12, text="ip mtu 1400")


def evidence(text: str = "a line", line: int = 1, file: str = "configs/a.cfg") -> Evidence:
    return Evidence(file=file, line=line, text=text)


def region(clients: str | IntervalSet = CLIENTS, ports: IntervalSet = ANY_PORT) -> Region:
    found = clients if isinstance(clients, IntervalSet) else parse_prefix(clients)[1]
    return Region(clients=found, client_ports=ports, servers=SERVER, server_ports=IntervalSet.single(4500))


def hop(device: str, ingress: str | None = "in0", egress: str | None = "out0", **fields: Any) -> PathHop:
    return PathHop(device=device, ingress=ingress, egress=egress, **fields)


def path(*hops: PathHop, direction: Direction = "forward", **fields: Any) -> Path:
    fields.setdefault("family", 4)
    return Path(direction=direction, hops=hops, clients=CLIENTS, servers=SERVER, **fields)


def loss(
    device: str = "edge1",
    packet: Packet = LAST,
    reason: str = "access list 101 drops a later fragment: deny ip any any fragments",
    lines: Sequence[Evidence] = (DENY,),
    **fields: Any,
) -> Loss:
    fields = {
        "hop": 0,
        "interface": "GigabitEthernet0/0",
        "stage": StageName.INGRESS_FILTER,
        "cause": "filter",
        "basis": Basis.READ,
        "matched": "fragments",
        **fields,
    }
    return Loss(device=device, packet=packet, reason=reason, evidence=tuple(lines), **fields)


def drop(found: Loss, number: int = 1, rule: str = "non-initial-fragment-denied", affected: Region = WHOLE) -> Drop:
    return Drop(id=f"d{number}", rule=rule, loss=found, affected=affected)


def step(device: str, did: str, before: Sequence[Packet], after: Sequence[Packet], **fields: Any) -> Step:
    fields = {"hop": 0, "interface": "GigabitEthernet0/0", "stage": StageName.INGRESS_FILTER, **fields}
    return Step(device=device, did=did, before=tuple(before), after=tuple(after), **fields)


def ending(arrived: Sequence[Packet] = TRAIN, **fields: Any) -> Ending:
    defaults: dict[str, Any] = {
        "region": WHOLE,
        "tags": (),
        "steps": (),
        "losses": (),
        "doubts": (),
        "complete": not fields.get("losses"),
        "sent": Sending(payloads=(2916,), df="false", mtu=1500),
        "departed": TRAIN,
    }
    return Ending(arrived=tuple(arrived), **{**defaults, **fields})


def message(
    verdict: Verdict = Verdict.PASSES,
    name: str = "IKE_AUTH request",
    on: Path | None = None,
    endings: Sequence[Ending] | None = None,
    payload: int = 2916,
    probe: bool = False,
    asked: Region = WHOLE,
    **fields: Any,
) -> MessageVerdict:
    on = on or path(hop("edge1"))
    lines = () if probe else (SizeLine(what="certificate", bytes=payload, source="RFC 5280"),)
    sent = Message(name=name, direction=on.direction, port=4500, payloads=(payload,), probe=probe, lines=lines)
    small = (ending(SMALL, departed=SMALL),)
    found = tuple(endings) if endings is not None else small if probe else (ending(),)
    trace = Trace(message=sent, path=on, family=on.family, endings=found, asked=asked)
    fields.setdefault("datagrams", ((payload + 28, found[0].departed),) if found else ())
    fields.setdefault("reached", (asked,))
    return MessageVerdict(message=sent, verdict=verdict, trace=trace, **fields)


def flow(name: str, *paths: PathVerdict, verdict: Verdict | None = None, **fields: Any) -> FlowVerdict:
    defaults = {"kind": "ikev2", "sender": "clients", "receiver": "rras1"}
    found = verdict or worst([one.verdict for one in paths])
    return FlowVerdict(name=name, verdict=found, paths=paths, **{**defaults, **fields})


def path_verdict(name: str, on: Path, *messages: MessageVerdict) -> PathVerdict:
    return PathVerdict(id=name, path=on, verdict=worst([one.verdict for one in messages]), messages=messages)


def finding(rule: str, device: str, *lines: Evidence, flows: Sequence[str] = (), **fields: Any) -> Finding:
    defaults: dict[str, Any] = {
        "severity": "breaks",
        "message": f"{device}: what the line does",
        "fingerprint": "0123456789abcdef",
        "cure": "permit the fragments between these peers above the entry that denies them",
    }
    return Finding(rule=rule, device=device, flows=tuple(flows), evidence=lines, **{**defaults, **fields})


def report(*flows: FlowVerdict, **fields: Any) -> Report:
    defaults: dict[str, Any] = {
        "version": "1.2.3",
        "inventory": "inventories/example",
        "findings": (),
        "unknowns": (),
        "devices": (),
    }
    return Report(flows=flows, **{**defaults, **fields})


# ------------------------------------------------------------------------------- one report with a bit of everything


def breaking() -> FlowVerdict:
    """An entry drops the later fragments of one part of the addresses; another part is closed on purpose."""
    isp = OpaqueHop(name="isp", origin=Origin(file="paths.yaml", line=20, key="flows[0].via[0]"), mtu=1500)
    on = path(
        hop("isp", None, None, opaque=isp),
        hop("edge1", "GigabitEthernet0/0", "GigabitEthernet0/1", mtu=1500),
        hop("core1", "GigabitEthernet0/0", "GigabitEthernet0/2", mtu=1400),
    )
    part = region("198.51.100.0/25")
    passed = step("edge1", "dropped some", TRAIN, (FIRST,), hop=1, evidence=(PERMIT, DENY))
    cut = step("core1", "cut to 1400", (FIRST,), (FIRST,), hop=2, stage=StageName.EGRESS_MTU, evidence=(MTU,))
    lost = loss(hop=1)
    large = message(
        Verdict.BREAKS,
        on=on,
        endings=[ending((FIRST,), region=part, steps=(passed, cut), losses=(lost,))],
        decided_by=(PERMIT, DENY),
        drops=(drop(lost, affected=part),),
        reached=(part,),
    )
    closed = region("198.51.100.128/25")
    probe = message(name="small probe UDP 4500", on=on, payload=100, probe=True, closed=(closed,))
    back = path(hop("core1", "GigabitEthernet0/2", "GigabitEthernet0/0", mtu=1500), direction="reverse")
    answer = message(name="IKE_AUTH response", on=back, payload=2200)
    return flow(
        "always-on-vpn",
        path_verdict("always-on-vpn/4/forward/1", on, probe, large),
        path_verdict("always-on-vpn/4/reverse/1", back, answer),
        closed_to=("198.51.100.128/25 (UDP 4500)",),
        declared=("opaque hop isp: MTU 1500 (paths.yaml:20: flows[0].via[0])",),
    )


def unknown() -> FlowVerdict:
    """A line that nobody understood."""
    on = path(hop("fw1", "eth0", "eth1"))
    line = evidence('iifname "eth0" xt match "geoip" drop', 57, "configs/fw1.txt")
    doubt = Doubt(device="fw1", reason="a line that matters was not understood of chain forward", evidence=(line,))
    maybe = ending(doubts=(doubt,), complete=False)
    auth = message(Verdict.UNKNOWN, name="Access-Request", on=on, payload=1900, endings=[maybe], doubts=(doubt,))
    return flow("radius", path_verdict("radius/4/forward/1", on, auth), kind="radius", sender="rras1", receiver="nps1")


def at_risk() -> FlowVerdict:
    """An assumed default decides, and the path is not the one of the routes; the first try is lost."""
    on = path(
        hop("sw1", "Vlan10", "Vlan20"),
        detours=(Detour(device="sw1", claimed="fw1", routed="192.0.2.9", evidence=(evidence("ip route 0.0.0.0", 9),)),),
    )
    choice = Choice(
        fact="how access list A treats fragments without ports",
        device="sw1",
        basis=Basis.ASSUMED,
        evidence=(evidence("ip access-list extended A", 30, "configs/sw1.cfg"),),
        source="no document",
        options=("match-by-address", "never-matches"),
    )
    lost = loss("sw1", reason="no entry of access list A matches a later fragment", basis=Basis.ASSUMED, matched="")
    big = loss("sw1", FIRST, "1500 bytes are more than the MTU 1400 of the way out", (MTU,), cause="mtu", mtu=1400)
    fine = ending(tags=(Tag(choice=choice, option="match-by-address"),), tries=2, first_losses=(big,))
    dead = ending((FIRST,), tags=(Tag(choice=choice, option="never-matches"),), losses=(lost,))
    dependence = Dependence(
        fact=choice.fact,
        device="sw1",
        basis=Basis.ASSUMED,
        verdicts=MappingProxyType({"match-by-address": Verdict.PASSES, "never-matches": Verdict.BREAKS}),
        evidence=choice.evidence,
    )
    auth = message(
        Verdict.AT_RISK,
        on=on,
        endings=[fine, dead],
        drops=(drop(lost, 2, "non-initial-fragment-unmatched"),),
        depends_on=(dependence,),
    )
    return flow("branch-vpn", path_verdict("branch-vpn/4/forward/1", on, auth), depends_on=(dependence,))


def blocked() -> FlowVerdict:
    """Not even a small datagram gets through."""
    on = path(hop("edge2", "ge-0/0/0", "ge-0/0/1"))
    line = evidence("deny udp any any eq 4500", 77, "configs/edge2.cfg")
    lost = loss("edge2", SMALL[0], "list X drops the packet: deny udp any any eq 4500", (line,), interface="ge-0/0/0")
    probe = message(
        Verdict.BLOCKED,
        name="small probe UDP 4500",
        on=on,
        payload=100,
        probe=True,
        endings=[ending((), departed=SMALL, losses=(lost,))],
        drops=(drop(lost, 3, "small-datagram-denied"),),
        reached=(),
    )
    large = message(Verdict.BLOCKED, on=on, endings=[], reached=())
    return flow("guest-vpn", path_verdict("guest-vpn/4/forward/1", on, probe, large))


def passing() -> FlowVerdict:
    on = path(hop("edge3"))
    return flow("office-vpn", path_verdict("office-vpn/4/forward/1", on, message(on=on)))


def example() -> Report:
    """All verdicts, findings of flows and of devices, what is not known, and notes."""
    radius = unknown()
    (doubt,) = radius.paths[0].messages[0].doubts
    return report(
        passing(),
        breaking(),
        radius,
        at_risk(),
        blocked(),
        findings=(
            finding("non-initial-fragment-denied", "edge1", DENY, flows=("always-on-vpn",)),
            finding(
                "small-datagram-denied",
                "edge2",
                evidence("deny udp any any eq 4500", 77, "configs/edge2.cfg"),
                flows=("guest-vpn",),
                cure="permit the ports of the flow in both directions, if the flow is wanted",
            ),
            finding(
                "hop-not-known",
                "fw1",
                *doubt.evidence,
                flows=("radius",),
                severity="unknown",
                message=f"fw1: {doubt.reason}",
                cure="give the missing config or output, or declare the hop opaque with what you know of it",
            ),
            finding(
                "path-differs-from-routing",
                "sw1",
                evidence("ip route 0.0.0.0", 9),
                flows=("branch-vpn",),
                severity="at-risk",
                message="sw1 sends to 192.0.2.9, the path says fw1",
                cure="correct via in paths.yaml, or the route",
            ),
            finding("small-mtu", "core1", MTU, severity="note", message="core1 out0: the IPv4 MTU is 1400"),
        ),
        unknowns=(
            Unknown(device="fw1", reason=doubt.reason, evidence=doubt.evidence),
            Unknown(device="fw2", reason="no template reads the platform acme_os"),
        ),
        devices=(
            device("edge1", 210),
            device("core1", 90),
            device("fw1", 120, 1),
        ),
        notes=("config.yaml is not loaded", "configs/router.db: no platform claims it"),
    )


def device(name: str, lines: int, not_understood: int = 0) -> DeviceSummary:
    return DeviceSummary(
        name=name,
        platform="acme_os",
        config=f"configs/{name}.cfg",
        sha256="ab" * 32,
        collected=None,
        lines=lines,
        not_understood=not_understood,
    )


def without_paths() -> Report:
    """What devices do by themselves."""
    hidden = evidence("set security screen unheard-of 5", 88, "configs/edge2.cfg")
    return report(
        findings=(
            finding(
                "non-initial-fragment-denied", "edge1", DENY, message="edge1 (GigabitEthernet0/0): access list 101"
            ),
            finding("mtu-differs-on-link", "core1", MTU, severity="at-risk", message="the MTUs on 10.0.0.0/24 differ"),
            finding("small-mtu", "core1", MTU, severity="note", message="core1 out0: the IPv4 MTU is 1400"),
        ),
        unknowns=(Unknown(device="edge2", reason="1 lines that matter were not understood", evidence=(hidden,)),),
        devices=(device("edge1", 210), device("core1", 90), device("edge2", 99, 1)),
        has_paths=False,
    )


# ------------------------------------------------------------------------------------------------ hostile text

HOSTILE = (
    "=cmd|'/C calc'!A0 \x1b[31mred\x1b[0m \r\n\t| `tick` <script>alert(1)</script> \u202egnp "
    "\u2028 \u2029 \x9b1m \x00 \x7f "
    '\ud800 [x](javascript:alert(1)) ![i](http://x.example/i.png) @team #1 %%{init: 1}%% \\N \\" "; click n0 \u200b '
    "www.example.com -->|x| ]):::breaks end 漢字漢字 e\u0301 password 7 0822455D0A16 community hunter2"
)

_WORDS = {"direction", "kind", "cause", "matched", "severity", "fragments", "icmp_errors", "role", "back", "df"}
_WORDS |= {"action", "hits", "sends", "purpose", "protocol_from", "end", "sha256", "fingerprint"}


def poisoned(value: Any, text: str = HOSTILE) -> Any:
    """The value with every text in it that a config or an inventory could bring replaced."""
    if isinstance(value, (StrEnum, IntervalSet, int, type(None))) or callable(value):
        return value
    if isinstance(value, str):
        return text
    if isinstance(value, tuple):
        return tuple(poisoned(one, text) for one in value)
    if isinstance(value, Mapping):
        return MappingProxyType({(text if isinstance(k, str) else k): poisoned(v, text) for k, v in value.items()})
    changes = {
        one.name: poisoned(getattr(value, one.name), text)
        for one in dataclasses.fields(value)
        if one.name not in _WORDS
    }
    if isinstance(value, FlowVerdict):
        changes["kind"] = text
    if isinstance(value, Report):
        changes["version"] = value.version  # the program's own
    return dataclasses.replace(value, **changes)
