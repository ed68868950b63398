"""Which statements can't decide what happens to a packet here, hierarchy by hierarchy; what is neither read nor listed
is not understood, and counts where it stands.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from auditor.model.addresses import Family
from auditor.model.device import NotUnderstood
from auditor.platforms.juniper_junos.config import Config, Line

_PHYSICAL = (
    r"description|mtu|vlan-tagging|flexible-vlan-tagging|stacked-vlan-tagging|disable|speed|link-mode|gigether-options|"
    r"ether-options|fastether-options|aggregated-ether-options|redundant-ether-options|encapsulation|native-vlan-id|"
    r"hold-time|gratuitous-arp-reply|no-gratuitous-arp-\S+|no-traps|traps|traceoptions|esi|lacp|per-unit-scheduler|"
    r"hierarchical-scheduler|optics-options|framing|sonet-options|[te][13]-options|serial-options|keepalives|"
    r"no-keepalives|"
    r"clocking|dce|accounting-profile|damping|interface-transmit-statistics|auto-negotiation|no-auto-negotiation|"
    r"flow-control|no-flow-control|fabric-options|apply-macro|metadata|otn-options|number-of-sub-ports|media-type|mac|"
    r"lmi|ppp-options|dsl-options|vdsl-options|modem-options|dialer-options|cellular-options|act-sim|redundancy-options|"
    r"multiservice-options|services-options|auto-configure|shdsl-options|atm-options|link-degrade-monitor|"
    r"gratuitous-arp-on-ifup|arp-resp|bypass-queueing-chip|snmp-trap|unidirectional|forwarding-class-accounting|passive-monitor-mode|host-prefix-only"
)
_UNIT = (
    r"description|disable|vlan-id|vlan-tags|vlan-id-list|vlan-id-range|encapsulation|bandwidth|point-to-point|multipoint|"
    r"no-traps|traps|proxy-arp|arp-resp|statistics|ppp-options|pppoe-options|dialer-options|peer-unit|accounting-profile|"
    r"mac|keepalives|no-keepalives|dlci|vci|inverse-arp|proxy-macip-advertisement|virtual-gateway-accept-data|"
    r"virtual-gateway-v[46]-mac|native-inner-vlan-id|interface-shared-with|esi|apply-macro|forwarding-class-accounting|account-layer2-overhead|"
    r"swap-by-poppush|input-vlan-map|output-vlan-map|no-auto-virtual-gateway-esi|auto-virtual-gateway-esi|rpm|"
    r"tunnel (?:source|destination|key|ttl|traffic-class|allow-fragmentation|do-not-fragment|routing-instance)"
)
_INET = (
    r"address|mtu|filter (?:input|output|input-list|output-list) \S+$|filter(?: (?:input|output))?$|filter group|"
    r"no-redirects|no-neighbor-learn|rpf-check|primary|sampling|accounting|arp-max-cache|arp-new-hold-limit|dhcp|"
    r"dhcp-client|dhcpv6-client|negotiate-address|unnumbered-address|targeted-broadcast|policer|mac-validate|tcp-mss|"
    r"dad-disable|no-dad-disable|nd6-\S+|no-nd6-\S+|destination-class-usage|source-class-usage|multicast-only|"
    r"ndp-proxy|dad-proxy|apply-macro|preferred-source-address|description"
)
_FORWARDING = (
    r"sampling|helpers|dhcp-relay|hash-key|load-balance|load-balance-group|enhanced-hash-key|port-mirroring|analyzer|"
    r"storm-control|storm-control-profiles|packet-capture|family mpls|family inet6? mode|"
    r"family inet6? (?:route-accounting|source-checking)|next-hop-group|accounting|monitoring|vxlan-routing|"
    r"access-security|multicast|cut-through|"
    r"family (?:vpls|ccc|bridge|iso|any)|hyper-mode|link-layer-broadcast-inet-check|fast-reroute-priority"
)
_INSTANCE = (
    r"instance-type|interface|routing-options|protocols|route-distinguisher|vrf-\S+|description|no-vrf-\S+|vlan-id|vlans|"
    r"bridge-domains|vtep-source-interface|system|access|provider-tunnel|no-local-switching|routing-interface|"
    r"multicast-vpn|switch-options|connector-id-advertise|forwarding-options (?:dhcp-relay|helpers)|apply-macro|"
    r"l3-interface"
)
_INTERNET = (
    r"path-mtu-discovery|no-path-mtu-discovery|gre-path-mtu-discovery|no-gre-path-mtu-discovery|ipip-path-mtu-discovery|"
    r"no-ipip-path-mtu-discovery|tcp-\S+|no-tcp-\S+|source-port|icmpv[46]-rate-limit|ipv6-path-mtu-discovery\S*|"
    r"no-ipv6-path-mtu-discovery|source-quench|no-source-quench|ipv6-duplicate-addr-detection-transmits|"
    r"no-ipv6-reject-zero-hop-limit|ipv6-reject-zero-hop-limit"
)
_IN_SERVICES = r"service-set|softwire|ids|screen|border-signaling-gateway|inline-services"


def _words(alternation: str) -> re.Pattern[str]:
    return re.compile(rf"(?:{alternation})(?=[ ]|$)|$" if not alternation.endswith("$") else alternation)


_PHYSICAL_OK, _UNIT_OK, _INET_OK = _words(_PHYSICAL), _words(_UNIT), _words(_INET)
_FORWARDING_OK, _INSTANCE_OK, _INTERNET_OK = _words(_FORWARDING), _words(_INSTANCE), _words(_INTERNET)
_IN_SERVICES_BAD = re.compile(rf"(?:{_IN_SERVICES}) ")
_UNIT_LINE = re.compile(r"unit (?P<unit>\S+)(?: (?P<rest>.*))?$")
_FAMILY_LINE = re.compile(r"family (?P<family>\S+)(?: (?P<rest>.*))?$")
_FAMILIES: dict[str, Family] = {"inet": 4, "inet6": 6}
_FLOW = re.compile(r".*\bfamily inet6?(?:-vpn)? flow\b")


@dataclass(frozen=True, slots=True)
class Kind:
    """A statement that is not understood, with what sort it is."""

    line: NotUnderstood
    kind: str


def not_understood(config: Config) -> Iterator[Kind]:
    """All of a system, but for terms of filters (they make their rules uncertain) and routes."""
    for line in config.of("interfaces"):
        yield from _interface(line)
    checks = (
        ("forwarding-options", _FORWARDING_OK),
        ("routing-instances", _INSTANCE_OK),
    )
    for top, known in checks:
        for line in config.of(top):
            text = line.text if top == "forwarding-options" else line.text.partition(" ")[2]
            if not known.match(text):
                yield Kind(NotUnderstood(evidence=line.evidence), top)
    for line in config.of("system"):
        if line.text.startswith("internet-options ") and not _INTERNET_OK.match(line.text[17:]):
            yield Kind(NotUnderstood(evidence=line.evidence), "internet-options")
    for line in config.of("services"):
        if _IN_SERVICES_BAD.match(line.text):
            yield Kind(NotUnderstood(evidence=line.evidence, reason="services are not followed"), "services")
    yield from _flows(config)
    for line in config.of("fragaudit"):
        if line.text.startswith("unread "):
            reason = f"{line.text[7:]}: what it says is not known"
            yield Kind(NotUnderstood(evidence=line.evidence, reason=reason), "groups")
        elif line.text.startswith("order security"):
            reason = "where what groups give stands among the others is not known"
            yield Kind(NotUnderstood(evidence=line.evidence, reason=reason), "groups")


def _flows(config: Config) -> Iterator[Kind]:
    """Filters that come by routing: flow routes."""
    for top in ("routing-options", "protocols", "routing-instances"):
        for line in config.of(top):
            if _FLOW.match(line.text) or line.text.startswith("flow route"):
                reason = "flow routes are filters that are not followed"
                yield Kind(NotUnderstood(evidence=line.evidence, reason=reason), "flow routes")


def _interface(line: Line) -> Iterator[Kind]:
    name, _, rest = line.text.partition(" ")
    unit = _UNIT_LINE.match(rest)
    if unit is None:
        if name not in ("interface-range", "interface-set", "traceoptions") and not _PHYSICAL_OK.match(rest):
            for place in (name, f"{name}.0"):
                yield Kind(NotUnderstood(evidence=line.evidence, place=place), "interfaces")
        return
    full, text = f"{name}.{unit['unit']}", unit["rest"] or ""
    of = _FAMILY_LINE.match(text)
    if of is None:
        if not _UNIT_OK.match(text):
            yield Kind(NotUnderstood(evidence=line.evidence, place=full), "interfaces")
        return
    family, inner = _FAMILIES.get(of["family"]), of["rest"] or ""
    if family is None:
        if "filter" in inner.split(" ")[:1] and of["family"] != "mpls":
            reason = f"a filter of family {of['family']} is not followed"
            place = full if of["family"] == "any" else ""  # a bridged port is met by way of irb, too
            yield Kind(NotUnderstood(evidence=line.evidence, place=place, reason=reason), "interfaces")
    elif not _INET_OK.match(inner):
        yield Kind(NotUnderstood(evidence=line.evidence, place=full, family=family), "interfaces")
