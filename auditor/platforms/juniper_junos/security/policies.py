"""Security policies: those between two zones, then the global ones, then the default.

Juniper, "Global Security Policies": a packet meets the policies of its zones first, then the global ones, then the
default policy. A policy looks at the packet that begins a session; what belongs to it passes (Juniper, "Understanding
Flow-Based Processing").
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from auditor.model.addresses import ADDRESSES, Family, IntervalSet
from auditor.model.device import ZonePolicy
from auditor.model.evidence import Basis, Evidence, Fact
from auditor.model.filters import DROP, REJECT, Action, Box, Filter, Headerless, LazyRules, Rule, Verb
from auditor.platforms.juniper_junos.security.applications import Applications, Service
from auditor.platforms.juniper_junos.security.books import FAMILIES, Addresses, Books
from auditor.platforms.juniper_junos.security.facts import Config
from auditor.platforms.juniper_junos.security.tree import Node
from auditor.platforms.juniper_junos.security.zones import HOST, SELF

INSPECT = Action(verb=Verb.INSPECT)
# The flow module sees whole datagrams, or the set; a piece without its first one belongs to no session.
HEADERLESS: Fact[Headerless] = Fact(
    value=Headerless.NEVER_MATCHES,
    basis=Basis.INFERRED,
    source="Juniper, flow processing: sessions are found by addresses, ports and protocol, so a policy needs the ports",
)
_MATCHED = frozenset(
    {
        "source-address",
        "destination-address",
        "application",
        "from-zone",
        "to-zone",
        "source-address-excluded",
        "destination-address-excluded",
    }
)
_VAGUE = "whether a global policy that does not name junos-host meets the device's own traffic"
_ANY_ONLY = frozenset({"source-identity", "dynamic-application", "url-category"})  # ``any`` or ``none`` ask for nothing
# What may follow ``permit`` and lets datagrams of IKE and RADIUS pass: deep inspection, TCP options, offload.
_PERMITTED = frozenset({"application-services", "tcp-options", "services-offload"})


@dataclass(frozen=True, slots=True)
class Pair:
    """Two zones, as the config names them."""

    source: str
    destination: str

    @property
    def name(self) -> str:
        return f"from-zone {self.source} to-zone {self.destination}"


class Policies:
    """The policies of a config, as filters."""

    def __init__(self, config: Config, books: Books, applications: Applications) -> None:
        self._config = config
        self._books = books
        self._applications = applications
        self._root = config.security.get("policies") or Node(config.head)
        self._global = self._root.get("global")
        self._permits = self._root.get("default-policy", "permit-all")
        self.filters: dict[str, Filter] = {}

    def zone_policies(self) -> tuple[ZonePolicy, ...]:
        """One for every pair of zones that has policies of its own, or meets global ones or a default that permits."""
        zones = [*self._config.security.values("zones", "security-zone")]
        named = dict(self._named())
        pairs = list(named)
        if self._global is not None or self._permits is not None:
            pairs += [pair for a in zones for b in zones if (pair := Pair(a, b)) not in named]
            if self._global is not None:
                pairs += [p for z in zones for p in (Pair(HOST, z), Pair(z, HOST)) if p not in named]
        return tuple(self._policy(pair, named.get(pair)) for pair in pairs)

    def _named(self) -> Iterator[tuple[Pair, Node]]:
        for source, node in self._root.items("from-zone"):
            for destination, below in node.items("to-zone"):
                yield Pair(source, destination), below

    def _policy(self, pair: Pair, node: Node | None) -> ZonePolicy:
        head = next((n.evidence for n in (node, self._global, self._permits) if n is not None), self._config.head)
        own = HOST in (pair.source, pair.destination)
        otherwise = INSPECT if self._permits is not None or own else DROP
        default = self._permits or self._root.get("default-policy", "deny-all")
        self.filters[pair.name] = Filter(
            name=pair.name,
            rules=LazyRules(lambda: list(self._rules(pair, node))),
            otherwise=otherwise,
            evidence=head,
            headerless=HEADERLESS,
            otherwise_evidence=default.evidence if default is not None else head,
            kind="the policies",
        )
        named = (SELF if pair.source == HOST else pair.source, SELF if pair.destination == HOST else pair.destination)
        return ZonePolicy(source=named[0], destination=named[1], filter=pair.name, evidence=head)

    def _rules(self, pair: Pair, node: Node | None) -> Iterator[Rule]:
        if node is not None:
            yield from self._listed(node, pair, (pair.source, pair.destination))
        if self._global is not None:
            yield from self._listed(self._global, pair, ("", ""))

    def _listed(self, node: Node, pair: Pair, books: tuple[str, str]) -> Iterator[Rule]:
        for name, policy in node.items("policy"):
            if not _concerns(policy, pair):
                continue
            # A global policy that names no zone: nobody says whether the device's own traffic meets it.
            vague = node is self._global and HOST in (pair.source, pair.destination) and not _names_host(policy)
            for rule in self._entry(name, policy, books):
                yield replace(rule, uncertain=rule.uncertain or _VAGUE) if vague else rule
        for word, below in node.items():
            if word not in ("policy", "description", "apply-groups"):
                yield from _either(below.evidence, f"{word} is not understood")

    def _entry(self, name: str, policy: Node, books: tuple[str, str]) -> Iterator[Rule]:
        action, doubt = _action(policy)
        match = policy.get("match") or Node(policy.evidence)
        doubt = doubt or _doubts(name, policy, match)
        evidence = _line(policy)
        sources = self._end(match, "source-address", books[0])
        destinations = self._end(match, "destination-address", books[1])
        applications = match.values("application")
        if not applications:  # dynamic-application stands alone in unified policies: junos-defaults
            applications, doubt = ("any",), doubt or f"policy {name} names no application"
        services = self._applications.services(applications)
        for verb in (action,) if action is not None else (INSPECT, DROP):
            for known, why in _ends(match, sources, destinations):
                for service in services:
                    rule = Rule(action=verb, evidence=evidence, uncertain=doubt or why or service.doubt)
                    yield from _families(rule, *known, service)

    def _end(self, match: Node, key: str, zone: str) -> Addresses:
        names = match.values(key)
        if not names:
            return Addresses(doubts=(f"the policy names no {key}",))
        return self._books.addresses(names, (zone,))


def _concerns(policy: Node, pair: Pair) -> bool:
    """Whether a policy asks for other zones (global policies may)."""
    for key, zone in (("from-zone", pair.source), ("to-zone", pair.destination)):
        named = policy.values("match", key)
        if named and zone not in named and "any" not in named:
            return False
    return True


def _names_host(policy: Node) -> bool:
    return any(HOST in policy.values("match", key) for key in ("from-zone", "to-zone"))


def _line(policy: Node) -> Evidence:
    """The line that shows what a policy does."""
    then = policy.get("then")
    if then is None:
        return policy.evidence
    for verb in ("deny", "reject", "permit"):
        node = then.get(verb)
        if node is not None:
            return node.evidence
    return then.evidence


def _action(policy: Node) -> tuple[Action | None, str]:
    """What a policy does, None where that is not understood, and why it may not."""
    then = policy.get("then")
    verbs = [word for word in ("permit", "deny", "reject") if then is not None and then.get(word) is not None]
    if then is None or len(verbs) != 1:
        return None, "what the policy does is not understood"
    if verbs[0] != "permit":
        return (DROP if verbs[0] == "deny" else REJECT), ""
    vpn = then.value("permit", "tunnel", "ipsec-vpn")
    if then.get("permit", "tunnel") is not None:
        return Action(verb=Verb.DOUBT, words=f"puts them into the IPsec VPN {vpn or ''}".strip()), ""
    for word in then.values("permit"):
        if word not in _PERMITTED:
            return INSPECT, f"permit {word} is not followed"
    return INSPECT, ""


def _doubts(name: str, policy: Node, match: Node) -> str:
    """Why a policy may not be met as its addresses and applications say, "" where it is."""
    for word, node in match.items():
        if word in _ANY_ONLY and set(node.values()) <= {"any", "none"}:
            continue
        if word not in _MATCHED:
            return f"policy {name} matches by {word}"
    if policy.get("scheduler-name") is not None:
        return f"policy {name} has a scheduler"
    for word in policy.values():
        if word not in ("match", "then", "description", "scheduler-name"):
            return f"{word} of policy {name} is not understood"
    return ""


def _ends(
    match: Node, sources: Addresses, destinations: Addresses
) -> Iterator[tuple[tuple[Addresses, Addresses], str]]:
    """The addresses of both ends that are certain; then, where a name can't be resolved, all of that end, uncertain."""
    whole = Addresses(every=frozenset({4, 6}))
    ends: list[tuple[Addresses, str]] = []
    for key, one in (("source-address", sources), ("destination-address", destinations)):
        doubt = one.doubts[0] if one.doubts else ""
        if match.get(f"{key}-excluded") is not None:
            doubt = doubt and f"{doubt}, and is excluded"
            one = Addresses() if doubt else _excluded(one)
        ends.append((one, doubt))
    yield (ends[0][0], ends[1][0]), ""
    doubt = ends[0][1] or ends[1][1]
    if doubt:
        wide = [whole if why else one for one, why in ends]
        yield (wide[0], wide[1]), doubt


def _excluded(one: Addresses) -> Addresses:
    every = frozenset(f for f in FAMILIES if f not in one.every and not one.known.get(f))
    known: dict[int, IntervalSet] = {
        f: ADDRESSES[f] - one.known[f] for f in FAMILIES if f not in one.every and one.known.get(f)
    }
    return Addresses(known, every)


def _families(rule: Rule, sources: Addresses, destinations: Addresses, service: Service) -> Iterator[Rule]:
    """The rule for both families, or for each that its addresses are of."""
    rule = replace(rule, tests=service.tests)
    if service.protocol is not None:
        rule = replace(rule, protocol=IntervalSet.single(service.protocol))
    if sources.every == destinations.every == frozenset({4, 6}):
        yield replace(rule, boxes=(_box(None, None, service),))
        return
    for family in FAMILIES:
        yield from _family(rule, family, sources.of(family), destinations.of(family), service)


def _family(
    rule: Rule, family: Family, sources: IntervalSet | None, destinations: IntervalSet | None, service: Service
) -> Iterator[Rule]:
    if sources is not None and not sources:
        return
    if destinations is not None and not destinations:
        return
    yield replace(rule, family=family, boxes=(_box(sources, destinations, service),))


def _box(sources: IntervalSet | None, destinations: IntervalSet | None, service: Service) -> Box:
    return Box(
        sources=sources,
        destinations=destinations,
        source_ports=service.sources,
        destination_ports=service.destinations,
    )


def _either(evidence: Evidence, why: str) -> Iterator[Rule]:
    for action in (INSPECT, DROP):
        yield Rule(action=action, evidence=evidence, uncertain=why)
