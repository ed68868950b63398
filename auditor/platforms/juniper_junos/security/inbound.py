"""What the device takes in: ``host-inbound-traffic`` of its zones and interfaces.

Juniper, "Understanding How to Control Inbound Traffic Based on Traffic Types" (Junos 12.2): inbound traffic destined to
the device is dropped by default; the interface's configuration overrides that of its zone.
"""

from collections.abc import Iterator
from dataclasses import replace

from auditor.model.addresses import IntervalSet
from auditor.model.evidence import Evidence
from auditor.model.filters import DROP, PERMIT, Action, Box, Field, FieldTest, Filter, InterfaceTest, Rule
from auditor.platforms.juniper_junos.security.books import FAMILIES
from auditor.platforms.juniper_junos.security.facts import Config
from auditor.platforms.juniper_junos.security.policies import HEADERLESS, INSPECT
from auditor.platforms.juniper_junos.security.predefined import ICMP, ICMP6, PROTOCOLS, TCP, UDP
from auditor.platforms.juniper_junos.security.tree import Node
from auditor.platforms.juniper_junos.security.zones import MANAGEMENT, NULL

HOST_INBOUND = "host-inbound-traffic"
OWN = "the device's own traffic"
_UDP = {"ike": (500, 4500), "ntp": (123,), "snmp": (161,), "dns": (53,), "dhcp": (67, 68), "bootp": (67, 68),
        "tftp": (69,), "snmp-trap": (162,), "r2cp": (28762,)}  # fmt: skip
_TCP = {"ssh": (22,), "telnet": (23,), "http": (80,), "https": (443,), "ftp": (21,), "netconf": (830,), "finger": (79,),
        "ident-reset": (113,), "rlogin": (513,), "rsh": (514,), "xnm-clear-text": (3221,), "xnm-ssl": (3220,),
        "reverse-ssh": (2901,), "reverse-telnet": (2900,), "dns": (53,), "webapi-clear-text": (3000,),
        "webapi-ssl": (3001,)}  # fmt: skip
_ROUTING = {"ospf": 89, "ospf3": 89, "pim": 103, "igmp": 2, "vrrp": 112, "rsvp": 46}


def filters(config: Config) -> Iterator[Filter]:
    """What the device takes in, and that answers to what it sends itself are let in."""
    rules = [rule for name, zone in config.zones.items() for rule in _interface(config, name, zone)]
    security = config.security
    zones = security.get("zones")
    evidence = zones.evidence if zones is not None else config.head
    yield Filter(
        name=HOST_INBOUND,
        rules=tuple(rules),
        otherwise=DROP,
        evidence=evidence,
        headerless=HEADERLESS,
        kind="the lines",
    )
    yield Filter(name=OWN, rules=(), otherwise=INSPECT, evidence=evidence, headerless=HEADERLESS, kind="the rule for")


def _interface(config: Config, name: str, zone: str) -> Iterator[Rule]:
    here = InterfaceTest(names=(name,))
    node = config.security.get("zones", "security-zone", zone)
    if zone == MANAGEMENT:
        node = config.security.get("zones", "functional-zone", "management")
    interface = config.interface(name)
    if node is None or zone == NULL:
        # Management ports (fxp0, em0) and lo0 are outside the flow module; what else is in no zone takes nothing in.
        if name.startswith(("fxp", "em", "me0", "lo")):
            yield Rule(action=PERMIT, evidence=interface.evidence if interface else config.head, ingress=here)
        return
    yield from _elsewhere(config, zone, here)
    own = node.get("interfaces", name)
    own = own if own is not None else node.get("interfaces", name.removesuffix(".0"))
    inbound = own.get(HOST_INBOUND) if own is not None else None
    inbound = inbound if inbound is not None else node.get(HOST_INBOUND)
    if inbound is None:
        yield replace(_neighbours((own or node).evidence), ingress=here)
        yield Rule(action=DROP, evidence=(own or node).evidence, ingress=here)
        return
    for rule in (*_services(inbound), *_protocols(inbound), _neighbours(inbound.evidence)):
        yield replace(rule, ingress=here)
    yield Rule(action=DROP, evidence=inbound.evidence, ingress=here)


def _elsewhere(config: Config, zone: str, here: InterfaceTest) -> Iterator[Rule]:
    """Addresses of the device that are in another zone than packets come in by: a policy between both may decide."""
    for family in FAMILIES:
        for one in config.interfaces:
            if config.zones[one.name] in (zone, NULL):
                continue
            own = IntervalSet.of(*((a.address, a.address) for a in one.addresses if a.family == family))
            if own:
                why = f"the address is that of {one.name}, in another zone, and whether a policy lets it pass"
                box = Box(destinations=own)
                yield Rule(action=DROP, evidence=one.evidence, family=family, boxes=(box,), ingress=here, uncertain=why)


def _services(inbound: Node) -> Iterator[Rule]:
    """``system-services``: those with ``except`` first, since they take away from ``all``."""
    items = list(inbound.items("system-services"))
    for name, node in items:
        if node.get("except") is not None:
            yield from _service(name, DROP, node.evidence)
    for name, node in items:
        if node.get("except") is None:
            yield from _service(name, INSPECT, node.evidence)


def _service(name: str, action: Action, evidence: Evidence) -> Iterator[Rule]:
    if name == "any-service":
        yield Rule(action=action, evidence=evidence)
        return
    if name == "all":
        for known in (*_UDP, *_TCP, "ping", "traceroute"):
            if known != "all":
                yield from _service(known, action, evidence)
        yield Rule(action=action, evidence=evidence, uncertain="whether it is a system service of the device")
        return
    if name == "ping":
        for protocol, kind in ((ICMP, 8), (ICMP6, 128)):
            test = FieldTest(field=Field.ICMP_TYPE, values=IntervalSet.single(kind))
            yield Rule(action=action, evidence=evidence, protocol=IntervalSet.single(protocol), tests=(test,))
        return
    if name == "traceroute":
        yield _ported(action, evidence, UDP, IntervalSet.of((33434, 33534)))
        return
    for table, protocol in ((_UDP, UDP), (_TCP, TCP)):
        if name in table:
            yield _ported(action, evidence, protocol, IntervalSet.of(*((one, one) for one in table[name])))
    if name not in _UDP and name not in _TCP:
        yield Rule(action=action, evidence=evidence, uncertain=f"which packets system service {name} takes")


def _ported(action: Action, evidence: Evidence, protocol: int, ports: IntervalSet) -> Rule:
    box = Box(destination_ports=ports)
    return Rule(action=action, evidence=evidence, protocol=IntervalSet.single(protocol), boxes=(box,))


def _neighbours(evidence: Evidence) -> Rule:
    """Neighbour discovery (RFC 4861) needs no line: "the NDP is enabled by default" (Juniper, "Understanding How to
    Control Inbound Traffic Based on Protocols", Junos 12.2).
    """
    test = FieldTest(field=Field.ICMP_TYPE, values=IntervalSet.of((133, 136)))
    return Rule(action=PERMIT, evidence=evidence, family=6, protocol=IntervalSet.single(ICMP6), tests=(test,))


def _protocols(inbound: Node) -> Iterator[Rule]:
    """``protocols``: routing protocols; none is IKE or RADIUS, those over TCP or UDP are at ports of their own."""
    for name, node in inbound.items("protocols"):
        number = _ROUTING.get(name)
        if number is not None:
            yield Rule(action=INSPECT, evidence=node.evidence, protocol=IntervalSet.single(number))
        elif name == "ndp":
            continue
        elif name == "bgp":
            yield _ported(INSPECT, node.evidence, TCP, IntervalSet.single(179))
        elif name == "router-discovery":
            yield Rule(action=INSPECT, evidence=node.evidence, protocol=IntervalSet.single(PROTOCOLS["icmp"]))
        elif name == "all":
            for one in _ROUTING.values():
                yield Rule(action=INSPECT, evidence=node.evidence, protocol=IntervalSet.single(one))
