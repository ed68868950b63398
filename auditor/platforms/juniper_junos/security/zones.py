"""Zones: which interface is in which, and what passes without a policy.

Juniper, "Understanding Policies" (Junos 9.4 and 9.6 security configuration guides): a device denies all traffic by
default, and asks for a policy too between two interfaces bound to the same zone. Juniper, "Security Zones": what
arrives by an interface that is in no zone (the null zone) is dropped.
"""

from collections.abc import Iterator

from auditor.model.device import Interface, NotUnderstood, Zoning
from auditor.model.evidence import Evidence
from auditor.platforms.juniper_junos.security.facts import Config, read
from auditor.platforms.juniper_junos.security.tree import Node

NULL = "null"
MANAGEMENT = "functional-zone management"  # a security zone may be called "management" too
SELF = "self"
HOST = "junos-host"
_DENY = 'Juniper, "Understanding Policies" (Junos OS Security Configuration Guide): all is denied by default'
_SELF = 'Juniper, "Self-Traffic Policies": traffic of the device itself meets no policy unless one names junos-host'
# What is read, and what decides no packet of IKE or RADIUS: keys, logs, deep inspection that names its own policies.
_HIERARCHIES = frozenset(
    {
        "zones",
        "policies",
        "screen",
        "flow",
        "nat",
        "ike",
        "ipsec",
        "address-book",
        "forwarding-options",
        "forwarding-process",
        "alg",
        "log",
        "pki",
        "certificates",
        "ssh-known-hosts",
        "idp",
        "utm",
        "dynamic-address",
        "dynamic-vpn",
        "user-identification",
        "firewall-authentication",
        "application-tracking",
        "application-firewall",
        "advanced-anti-malware",
        "security-intelligence",
        "analysis",
        "traceoptions",
        "datapath-debug",
        "authentication-key-chains",
        "resource-manager",
        "remote-access",
        "tcp-encap",
        "macsec",
    }
)
_KNOWN = frozenset(
    {
        "interfaces",
        "screen",
        "host-inbound-traffic",
        "address-book",
        "description",
        "tcp-rst",
        "application-tracking",
        "source-identity-log",
        "unidirectional-session-refreshing",
        "enable-reverse-reroute",
    }
)


def zones_of(security: Node, interfaces: tuple[Interface, ...]) -> dict[str, str]:
    """The zone of each interface."""
    named: dict[str, str] = {}
    every: str | None = None
    for zone, node in security.items("zones", "security-zone"):
        for name in node.values("interfaces"):
            if name == "all":
                every = zone
            named[name if "." in name else f"{name}.0"] = zone
    for name in security.values("zones", "functional-zone", "management", "interfaces"):
        named[name if "." in name else f"{name}.0"] = MANAGEMENT
    found: dict[str, str] = {}
    for one in interfaces:
        names = (one.name, f"{one.name}.0", *one.resolves_by)
        found[one.name] = next((named[name] for name in names if name in named), every or NULL)
    return found


def zoning(config: Config) -> Zoning:
    """What passes where no policy is named."""
    deny = config.security.get("policies", "default-policy", "deny-all")
    drop = (
        read("drop", deny.evidence)
        if deny is not None
        else config.default("drop", "permit", source=_DENY, evidence=_policies_line(config))
    )
    return Zoning(
        same_zone=drop, between_zones=drop, zone_and_none=drop, self_zone=config.default("permit", "drop", source=_SELF)
    )


def _policies_line(config: Config) -> Evidence | None:
    node = config.security.get("policies")
    return node.evidence if node is not None else None


def unknown(config: Config) -> Iterator[NotUnderstood]:
    """Whole hierarchies below ``security`` that nobody knows: they may do anything."""
    for word, node in config.security.items():
        if word not in _HIERARCHIES:
            yield NotUnderstood(evidence=node.evidence, reason=f"security {word} is not understood")


def unread(config: Config) -> Iterator[NotUnderstood]:
    """Statements of zones that nobody knows: they count where the zone's interfaces are met."""
    for zone, node in config.security.items("zones", "security-zone"):
        if zone in (SELF, NULL):
            yield NotUnderstood(
                evidence=node.evidence, reason=f"a zone named {zone} is not told from that of the device"
            )
        for word, below in node.items():
            places = config.members(zone) if word not in _KNOWN else ()
            for place in places:
                yield NotUnderstood(evidence=below.evidence, place=place)
