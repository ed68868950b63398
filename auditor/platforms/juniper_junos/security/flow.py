"""The flow module: how it treats fragments, and whether it takes IPv6."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from auditor.model.device import NotUnderstood, Reassembly
from auditor.model.evidence import Basis, Evidence, Fact
from auditor.platforms.juniper_junos.security.books import FAMILIES
from auditor.platforms.juniper_junos.security.facts import Config, read
from auditor.platforms.juniper_junos.security.tree import Node

# Juniper, "force-ip-reassembly" (security flow): "Reassemble all IP fragmented packets before forwarding. This option
# is disabled by default". Without it no sentence tells what a policy by ports makes of a later fragment; sessions are
# found by addresses, ports and protocol, and fragment-limit, fragment-reassembly-timeout and block-frag presuppose that
# fragments are tied to the session of their first one. How it cuts again: Juniper, "preserve-incoming-fragment-size":
# by default the egress MTU decides, with it the smaller of that and the largest fragment that came.
_TIED = (
    "Juniper, force-ip-reassembly, fragment-limit and block-frag presuppose that fragments are tied to the session of "
    "their first one"
)
_FORCED = 'Juniper, "force-ip-reassembly (Security Flow)": disabled by default'
_IPV6 = 'Juniper, "forwarding-options (Security)": drop is the default; later releases ship with flow-based'
# Settings of [edit security flow] that do not touch UDP datagrams, their fragments, or ICMP errors about them.
_HARMLESS = frozenset(
    {
        "tcp-mss",
        "tcp-session",
        "traceoptions",
        "aging",
        "syn-flood-protection-mode",
        "allow-dns-reply",
        "allow-embedded-icmp",
        "route-change-timeout",
        "pending-sess-queue-length",
        "force-ip-reassembly",
        "preserve-incoming-fragment-size",
        "fragment-limit",
        "fragment-reassembly-timeout",
        "ipsec-performance-acceleration",
        "gre-performance-acceleration",
        "load-distribution",
        "packet-log",
        "power-mode-ipsec",
        "power-mode-disable",
        "ethernet-switching",
        "mcast-buffer-enhance",
        "multicast-nh-resolve-retry",
        "enhanced-routing-mode",
        "sync-icmp-session",
        "session-count",
        "advanced-options",
        "no-local-favor-ecmp",
    }
)


def reassembly(config: Config) -> tuple[Reassembly, ...]:
    """What the flow module does with fragments, for both families."""
    flow = config.security.get("flow") or Node(config.head)
    forced = flow.get("force-ip-reassembly")
    limit = _number(flow, "fragment-limit")
    timeout = _number(flow, "fragment-reassembly-timeout")
    keeps = flow.get("preserve-incoming-fragment-size") is not None
    if forced is not None:
        active = read(True, forced.evidence)
    else:
        active = Fact(value=True, basis=Basis.INFERRED, evidence=(config.head,), source=_TIED)
    return tuple(
        Reassembly(
            kind="full" if forced is not None else "virtual",
            active=active,
            sends="largest-received" if keeps else "egress-mtu",
            family=family,
            fragments=limit,
            timeout=timeout,
        )
        for family in FAMILIES
    )


def _number(flow: Node, word: str) -> Fact[int | None] | None:
    """A limit; 0 is none."""
    text = flow.value(word)
    if text is None or not text.isdigit() or int(text) == 0:
        return None
    return read(int(text), flow.line(word))


def takes_ipv6(config: Config) -> Mapping[int, Fact[bool]]:
    """Whether IPv6 is forwarded: ``security forwarding-options family inet6 mode``."""
    place = ("forwarding-options", "family", "inet6", "mode")
    mode = config.security.value(*place)
    if mode is not None:
        fact = read(mode != "drop", config.security.line(*place))
    else:
        fact = Fact(value=False, basis=Basis.ASSUMED, evidence=(config.head,), others=(True,), source=_IPV6)
    return MappingProxyType({6: fact})


def packet_mode(security: Node) -> bool:
    """Whether the device looks at packets one by one, without zones (``family mpls mode packet-based``)."""
    return security.value("forwarding-options", "family", "mpls", "mode") == "packet-based"


def unread(config: Config) -> Iterator[NotUnderstood]:
    """Settings of the flow module whose effect is not known."""
    for word, node in config.security.items("flow"):
        if word not in _HARMLESS:
            yield NotUnderstood(evidence=node.evidence)
    inet6 = ("forwarding-options", "family", "inet6", "mode")
    if config.security.value(*inet6) == "packet-based":
        line: Evidence = config.security.line(*inet6)
        yield NotUnderstood(evidence=line, family=6, reason="IPv6 is forwarded without sessions")
