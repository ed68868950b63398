"""Screens: settings of a zone that drop what arrives by its interfaces.

Juniper, "Dropping Fragmented IP Packets": the zone that a screen is bound to is the one from which the fragments
originated; jnxJsScreenMIB: with block-frag "the device blocks all IP packet fragments that it receives at interfaces
bound to that zone". Juniper, "Understanding ICMP Fragment Protection": any ICMP packet that has the More Fragments
flag set or an offset.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from auditor.model.addresses import EMPTY, Family, IntervalSet
from auditor.model.device import FragmentPolicy, Hits, NotUnderstood
from auditor.model.evidence import Basis, Evidence, Fact
from auditor.model.filters import DROP, PERMIT, Field, FieldTest, Filter, InterfaceTest, Rule
from auditor.platforms.juniper_junos.security.books import FAMILIES, joined, prefix
from auditor.platforms.juniper_junos.security.facts import Config, read
from auditor.platforms.juniper_junos.security.policies import HEADERLESS
from auditor.platforms.juniper_junos.security.predefined import ICMP, ICMP6
from auditor.platforms.juniper_junos.security.tree import Node

SCREENS = "the screens"
_IPV6 = "no text of Juniper tells whether block-frag takes IPv6 fragments"
# Options that can't hit a lone, well-formed datagram of UDP, its fragments, or an ICMP error about it.
_HARMLESS = {
    "icmp": frozenset({"ping-death", "ip-sweep", "icmpv6-malformed", "fragment", "large", "flood"}),
    "udp": frozenset({"flood", "port-scan", "udp-sweep"}),
    "ip": frozenset(
        {
            "bad-option",
            "record-route-option",
            "timestamp-option",
            "security-option",
            "stream-option",
            "spoofing",
            "source-route-option",
            "loose-source-route-option",
            "strict-source-route-option",
            "unknown-protocol",
            "tear-drop",
            "block-frag",
            "ipv6-malformed-header",
        }
    ),
}
_TOP = frozenset({"description", "alarm-without-drop", "match-direction", "tcp", "limit-session", "aggregation"})
_EXTENSIONS = frozenset(
    {
        "AH-header",
        "ESP-header",
        "HIP-header",
        "destination-header",
        "hop-by-hop-header",
        "mobility-header",
        "no-next-header",
        "routing-header",
        "shim6-header",
    }
)
# What the screens of tunnels take: GRE; IPv4 and IPv6 in IP (IANA protocol numbers).
_TUNNELS = {"gre": (47,), "ipip": (4, 41)}
_FRAGMENT = 44  # the IPv6 fragment header (IANA)
_MORE_OR_OFFSET = 0x3FFF  # RFC 791 3.1: MF and the fragment offset


@dataclass(slots=True)
class Screens:
    """What the screens of all zones do."""

    fragments: list[FragmentPolicy] = field(default_factory=list)
    rules: list[Rule] = field(default_factory=list)
    spoofing: dict[str, Fact[str]] = field(default_factory=dict)
    not_understood: list[NotUnderstood] = field(default_factory=list)

    def filter(self) -> Filter | None:
        """The screens that take ICMP and tunnels."""
        if not self.rules:
            return None
        return Filter(
            name=SCREENS,
            rules=tuple(self.rules),
            otherwise=PERMIT,
            evidence=self.rules[0].evidence,
            headerless=HEADERLESS,
            kind="the screens",
        )


def screens(config: Config) -> Screens:
    """The screens that are bound to zones, on each interface of those."""
    found = Screens()
    for zone, node in config.security.items("zones", "security-zone"):
        name = node.value("screen")
        if name is None:
            continue
        options = _options(config, name)
        members = config.members(zone)
        if options is None:
            where = node.line("screen")
            reason = f"the screen {name} is not in the config"
            found.not_understood += [NotUnderstood(evidence=where, place=one, reason=reason) for one in members]
            continue
        for interface in members:
            _bind(config, found, name, options, interface, len(members))
    return found


def _options(config: Config, name: str) -> Node | None:
    """``security screen ids-option S``; older texts lack ``ids-option``."""
    return config.security.get("screen", "ids-option", name) or config.security.get("screen", name)


def _bind(config: Config, found: Screens, name: str, options: Node, interface: str, members: int) -> None:
    alarm = options.get("alarm-without-drop") is not None
    block = options.get("ip", "block-frag")
    if block is not None:
        for family in FAMILIES:
            found.fragments.append(_blocking(config, found, name, block, interface, family, alarm))
    header = options.get("ip", "ipv6-extension-header", "fragment-header")
    if header is not None:
        found.fragments.append(
            FragmentPolicy(
                name=f"the screen {name} (ipv6-extension-header fragment-header)",
                hits=Hits.IPV6_HEADER,
                action="alarm" if alarm else "drop",
                in_force=read(True, header.evidence),
                interface=interface,
                family=6,
            )
        )
    if not alarm:
        found.rules += _rules(options, interface)
        spoofing = options.get("ip", "spoofing")
        if spoofing is not None:
            found.spoofing[interface] = _spoofing(spoofing.evidence, members)
    found.not_understood += [NotUnderstood(evidence=line, place=interface) for line in _unread(options) if not alarm]


def _blocking(
    config: Config, found: Screens, name: str, block: Node, interface: str, family: Family, alarm: bool
) -> FragmentPolicy:
    in_force = read(True, block.evidence)
    if family == 6:
        in_force = Fact(value=True, basis=Basis.ASSUMED, evidence=(block.evidence,), others=(False,), source=_IPV6)
    return FragmentPolicy(
        name=f"the screen {name} (block-frag)",
        hits=Hits.ANY,
        action="alarm" if alarm else "drop",
        in_force=in_force,
        interface=interface,
        family=family,
        exempt=_white(config, found, block, interface, family),
    )


def _white(config: Config, found: Screens, block: Node, interface: str, family: Family) -> IntervalSet | None:
    """The source addresses of the white lists that a screen names."""
    names = block.values("white-list")
    if not names:
        return None
    parts = []
    for name in names:
        texts = config.security.values("screen", "white-list", name, "address")
        known = [one for text in texts if (one := prefix(text)) is not None]
        if not texts or len(known) != len(texts):
            reason = f"the white list {name} is not in the config" if not texts else f"the white list {name}"
            found.not_understood.append(NotUnderstood(evidence=block.evidence, place=interface, reason=reason))
        parts += known
    return joined(parts).known.get(family, EMPTY)


def _rules(options: Node, interface: str) -> Iterator[Rule]:
    """``icmp fragment`` and ``icmp large``, which take errors about our datagrams at most; ``ip tunnel``."""
    here = InterfaceTest(names=(interface,))
    fragment, large = options.get("icmp", "fragment"), options.get("icmp", "large")
    numbers = IntervalSet.of((ICMP, ICMP), (ICMP6, ICMP6))
    if fragment is not None:
        bits = FieldTest(field=Field.FRAGMENT_WORD, values=IntervalSet((1, 0x4000)), mask=_MORE_OR_OFFSET)
        header = FieldTest(field=Field.FRAGMENT_HEADER, values=IntervalSet.single(1))
        for family, test in ((FAMILIES[0], bits), (FAMILIES[1], header)):
            yield _dropping(fragment.evidence, numbers, family, test, here)
    for word, protocols in _TUNNELS.items():
        tunnel = options.get("ip", "tunnel", word)
        if tunnel is not None:
            values = IntervalSet.of(*((one, one) for one in protocols))
            why = f"which packets the screen ip tunnel {word} takes"
            yield Rule(action=DROP, evidence=tunnel.evidence, protocol=values, ingress=here, uncertain=why)
    if large is not None:  # Juniper, "Understanding Large ICMP Packet Protection": longer than 1024 bytes
        test = FieldTest(field=Field.LENGTH, values=IntervalSet((1025, 1 << 17)))
        for family in FAMILIES:
            yield _dropping(large.evidence, numbers, family, test, here)


def _dropping(evidence: Evidence, numbers: IntervalSet, family: Family, test: FieldTest, here: InterfaceTest) -> Rule:
    return Rule(action=DROP, evidence=evidence, family=family, protocol=numbers, tests=(test,), ingress=here)


def _spoofing(evidence: Evidence, members: int) -> Fact[str]:
    """Juniper, "Understanding IP Spoofing": the source's route must leave by the interface or zone it came in by."""
    if members == 1:
        return read("strict", evidence)
    return Fact(
        value="loose",
        basis=Basis.ASSUMED,
        evidence=(evidence,),
        others=("strict",),
        source="whether the way back may leave by another interface of the zone is not told",
    )


def _unread(options: Node) -> Iterator[Evidence]:
    """The lines of a screen whose effect is not known here."""
    for word, node in options.items():
        if word in _TOP:
            continue
        known = _HARMLESS.get(word)
        for below, leaf in node.items():
            if known is None or (below not in known and not (word == "ip" and _extension(below, leaf))):
                yield leaf.evidence


def _spares_fragments(word: str, node: Node) -> bool:
    """Whether an ``ipv6-extension-header`` option is known here: a range of types must not hold that of fragments."""
    if word == "fragment-header":
        return True
    ranges = [(first, below.value("to") or first) for first, below in node.items()]
    return word.startswith("user-defined-") and all(
        first.isdigit() and last.isdigit() and not int(first) <= _FRAGMENT <= int(last) for first, last in ranges
    )


def _extension(word: str, node: Node) -> bool:
    if word == "tunnel":
        return set(node.values()) <= {"bad-inner-header", "ip-in-udp", *_TUNNELS}
    if word == "ipv6-extension-header":
        return all(one in _EXTENSIONS or _spares_fragments(one, below) for one, below in node.items())
    limit = node.value()
    return word == "ipv6-extension-header-limit" and limit is not None and limit.isdigit() and int(limit) > 0
