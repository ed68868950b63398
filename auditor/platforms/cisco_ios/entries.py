"""One entry of an access list to rules of the model.

Syntax: Cisco IOS Security Command Reference, ``access-list (IP extended)``, ``permit (IP)``, ``permit (IPv6)``. What an
entry asks that no config can tell (DSCP, TTL, a time range) or that is not understood makes its rule uncertain: what
else it asks still narrows it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from auditor.model.addresses import ADDRESSES, PORTS, Family, IntervalSet
from auditor.model.evidence import Evidence
from auditor.model.filters import ANYWHERE, DROP, PERMIT, Action, Box, Field, FieldTest, Rule
from auditor.platforms.cisco_ios import ports
from auditor.platforms.cisco_ios.addresses import dotted, host, subnet, wildcard
from auditor.platforms.cisco_ios.groups import Groups, Service, icmp_message, protocol_number
from auditor.platforms.cisco_ios.tables import EVERYTHING4, EVERYTHING6, ICMP, ICMPV6, TCP, UDP

# Non-initial fragments: a fragment offset above 0 (Cisco document 8014, "Types of ACLs"; for IPv6 a fragment header
# with an offset: "permit (IPv6)", keyword fragments).
LATER4 = FieldTest(field=Field.FRAGMENT_WORD, values=IntervalSet((1, 0x2000)), mask=0x1FFF)
LATER6 = FieldTest(field=Field.FRAGMENT_OFFSET, values=IntervalSet((1, 0x2000)))

# Options of an entry with how many words follow them.
_TAKES_ONE = {
    "dscp": "it asks for a DSCP",
    "precedence": "it asks for a precedence",
    "tos": "it asks for a type of service",
    "time-range": "it is in force at some times only",
    "flow-label": "it asks for a flow label",
}
_TTL = {"eq": 1, "gt": 1, "lt": 1, "neq": 1, "range": 2}
_TCP_FLAGS = frozenset({"ack", "fin", "psh", "rst", "syn", "urg"})
# Extension headers and IP options that no packet of IKE or RADIUS carries: such an entry never meets one. An
# undetermined transport (IPv6) is a header chain that ends before the upper-layer header; the keyword is not applied
# to non-first fragments (Cisco IOS XE, "IPv6 ACL Undetermined-Transport Support").
_NEVER = frozenset({"undetermined-transport", "routing", "mobility", "dest-option", "hbh", "auth"})
_NEVER_WITH_ONE = frozenset({"option", "routing-type", "mobility-type", "dest-option-type"})
_KEYWORDS = frozenset(
    {"established", "fragments", "log", "log-input", "ttl", "reflect", "sequence", "match-any", "match-all", "timeout"}
    | set(_TAKES_ONE)
    | _TCP_FLAGS
    | _NEVER
    | _NEVER_WITH_ONE
)


@dataclass(slots=True)
class _Entry:
    """What has been read of an entry."""

    services: Sequence[Service]
    sources: IntervalSet | None = None
    destinations: IntervalSet | None = None
    source_ports: IntervalSet | None = None
    destination_ports: IntervalSet | None = None
    tests: list[FieldTest] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)
    transport: int | None = None  # the one protocol whose port names count
    fragments: bool = False
    never: bool = False


def action_of(word: str) -> Action:
    """Permit or deny."""
    return PERMIT if word == "permit" else DROP


def unread(evidence: Evidence, family: Family, why: str) -> tuple[Rule, ...]:
    """A line of a list that was not understood: it may let packets pass, or drop them, or do nothing."""
    rules = (Rule(action=act, evidence=evidence, family=family, uncertain=why) for act in (PERMIT, DROP))
    return tuple(rules)


def standard(action: str, text: str, evidence: Evidence, sequence: int | None) -> tuple[Rule, ...]:
    """An entry of a standard list: it looks at the source alone. Without a mask it means one host."""
    words = [word for word in text.split(" !", maxsplit=1)[0].split() if word not in ("log", "log-input")]
    sources, at, doubt = _address4(words, 0, None, bare=True)
    if at < len(words):
        doubt = doubt or f"{words[at]} is not understood"
    boxes = ANYWHERE if sources is None else (Box(sources=sources),)
    return (
        Rule(action=action_of(action), evidence=evidence, family=4, boxes=boxes, uncertain=doubt, sequence=sequence),
    )


def extended(
    action: str, text: str, evidence: Evidence, sequence: int | None, family: Family, groups: Groups
) -> tuple[Rule, ...]:
    """An entry of an extended or IPv6 list; several rules where it names a group of services."""
    words = text.split(" !", maxsplit=1)[0].split()
    if action == "evaluate":
        why = f"it lets answers to what {text} remembers pass"
        return (Rule(action=PERMIT, evidence=evidence, family=family, uncertain=why, sequence=sequence),)
    if action == "dynamic":
        return _dynamic(words, evidence, sequence, family, groups)
    entry, at = _protocol(words, family, groups)
    at = _end(words, at, family, groups, entry, "source")
    at = _end(words, at, family, groups, entry, "destination")
    _options(words, at, family, entry)
    return tuple(_rule(action_of(action), evidence, sequence, family, entry, one) for one in entry.services)


def _dynamic(
    words: Sequence[str], evidence: Evidence, sequence: int | None, family: Family, groups: Groups
) -> tuple[Rule, ...]:
    """Lock-and-key: the entry counts for hosts that have logged in."""
    at = next((i for i, word in enumerate(words) if word in ("permit", "deny")), None)
    if at is None:
        return unread(evidence, family, "a dynamic entry is not understood")
    inner = extended(words[at], " ".join(words[at + 1 :]), evidence, sequence, family, groups)
    return tuple(
        Rule(
            action=rule.action,
            evidence=evidence,
            family=family,
            protocol=rule.protocol,
            boxes=rule.boxes,
            tests=rule.tests,
            uncertain="it is in force for hosts that have logged in",
            sequence=sequence,
        )
        for rule in inner
    )


def _protocol(words: Sequence[str], family: Family, groups: Groups) -> tuple[_Entry, int]:
    """The protocol at the beginning, or a group of services in its place."""
    if not words:
        return _Entry((Service(None),), doubts=["the entry is not complete"]), 0
    if words[0] == "object-group" and len(words) > 1:
        members = groups.services(words[1], family)
        return _Entry(members.services, doubts=[members.doubt] if members.doubt else []), 2
    if words[0] in (EVERYTHING4 if family == 4 else EVERYTHING6):
        return _Entry((Service(None),)), 1
    number = protocol_number(words[0], family)
    if number is not None:
        return _Entry(_one_service(number), transport=number), 1
    if family == 6 and (":" in words[0] or words[0] in ("any", "host")):
        return _Entry((Service(None),)), 0  # the protocol may be left out: it is ipv6 then
    return _Entry((Service(None),), doubts=[f"the protocol {words[0]} is not known"]), 1


def _end(words: Sequence[str], at: int, family: Family, groups: Groups, entry: _Entry, end: str) -> int:
    """One end of the entry: addresses, then ports where some are named."""
    if at >= len(words):
        if not entry.doubts:
            entry.doubts.append("the entry is not complete")
        return at
    found, at, doubt = _address4(words, at, groups) if family == 4 else _address6(words, at, groups)
    if doubt:
        entry.doubts.append(doubt)
    named: IntervalSet | None = None
    if at < len(words) and words[at] in ports.OPERATORS:
        named, at, doubt = ports.condition(words, at, entry.transport)
        if doubt:
            entry.doubts.append(doubt)
    elif at + 1 < len(words) and words[at] == "portgroup":
        named, at = PORTS, at + 2
        entry.doubts.append("a group of ports is not understood")
    if end == "source":
        entry.sources, entry.source_ports = found, named
    else:
        entry.destinations, entry.destination_ports = found, named
    return at


@lru_cache(maxsize=256)
def _one_service(number: int) -> tuple[Service, ...]:
    return (Service(IntervalSet.single(number)),)


def _address4(
    words: Sequence[str], at: int, groups: Groups | None, *, bare: bool = False
) -> tuple[IntervalSet | None, int, str]:
    """Addresses of IPv4 at a place, the place after them, and what was not understood. None is "any"."""
    word = words[at] if at < len(words) else ""
    if word == "any":
        return None, at + 1, ""
    if word == "host" and at + 1 < len(words):
        one = host(words[at + 1])
        if one is not None and one[0] == 4:
            return one[1], at + 2, ""
        return ADDRESSES[4], at + 2, f"the host {words[at + 1]} is not an address"
    if word == "object-group" and groups is not None and at + 1 < len(words):
        members = groups.addresses(words[at + 1], 4)
        return members.addresses, at + 2, members.doubt
    value = dotted(word)
    if value is None:
        prefix = subnet(word)
        if prefix is not None and prefix[0] == 4:
            return prefix[1], at + 1, ""
        return ADDRESSES[4], at + 1, f"{word or 'an address that is missing'} is not understood"
    mask = dotted(words[at + 1]) if at + 1 < len(words) else None
    if mask is None:
        return IntervalSet.single(value), at + 1, "" if bare else "a wildcard mask is missing"
    found, exact = wildcard(value, mask)
    return found, at + 2, "" if exact else "its wildcard mask has too many holes to be followed"


def _address6(words: Sequence[str], at: int, groups: Groups) -> tuple[IntervalSet | None, int, str]:
    """The same for IPv6."""
    word = words[at]
    if word == "any":
        return None, at + 1, ""
    if word == "host" and at + 1 < len(words):
        one = host(words[at + 1])
        if one is not None and one[0] == 6:
            return one[1], at + 2, ""
        return ADDRESSES[6], at + 2, f"the host {words[at + 1]} is not an address"
    if word == "object-group" and at + 1 < len(words):
        members = groups.addresses(words[at + 1], 6)
        return members.addresses, at + 2, members.doubt
    prefix = subnet(word)
    if prefix is not None and prefix[0] == 6:
        return prefix[1], at + 1, ""
    return ADDRESSES[6], at + 1, f"{word} is not understood"


def _options(words: Sequence[str], at: int, family: Family, entry: _Entry) -> None:
    """The words after the addresses."""
    icmp = entry.transport == (ICMP if family == 4 else ICMPV6)
    while at < len(words):
        word = words[at]
        at += 1
        if word == "fragments":
            entry.fragments = True
            entry.tests.append(LATER4 if family == 4 else LATER6)
        elif word in ("log", "log-input"):
            at = _after_log(words, at)
        elif word == "established" or word in _TCP_FLAGS or word[:1] in "+-" or word in ("match-any", "match-all"):
            entry.doubts.append("it asks for TCP flags")
        elif word in _TAKES_ONE:
            entry.doubts.append(_TAKES_ONE[word])
            at += 1
        elif word == "ttl" and at < len(words):
            entry.doubts.append("it asks for a time to live")
            at += 1 + _TTL.get(words[at], 0)
        elif word in _NEVER or word in _NEVER_WITH_ONE:
            entry.never = True
            at += word in _NEVER_WITH_ONE
        elif word == "reflect":
            at += 1  # it permits as any other; what it remembers is met by `evaluate`
        elif word in ("sequence", "timeout"):
            at += 1
        elif icmp and word not in _KEYWORDS:
            at = _icmp(words, at - 1, family, entry)
        else:
            entry.doubts.append(f"{word} is not understood")


def _after_log(words: Sequence[str], at: int) -> int:
    """Past the cookie that may follow ``log``."""
    return at + 1 if at < len(words) and words[at] not in _KEYWORDS else at


def _icmp(words: Sequence[str], at: int, family: Family, entry: _Entry) -> int:
    message = icmp_message(words[at : at + 2], family)
    if message is None:
        entry.doubts.append(f"the ICMP message {words[at]} is not known")
        return at + 1
    entry.tests += icmp_tests(message)
    two = words[at].isdigit() and at + 1 < len(words) and words[at + 1].isdigit()
    return at + (2 if two else 1)


def icmp_tests(message: tuple[int, int | None]) -> list[FieldTest]:
    """The tests for an ICMP type, and code where one is named."""
    tests = [FieldTest(field=Field.ICMP_TYPE, values=IntervalSet.single(message[0]))]
    if message[1] is not None:
        tests.append(FieldTest(field=Field.ICMP_CODE, values=IntervalSet.single(message[1])))
    return tests


def _rule(
    action: Action, evidence: Evidence, sequence: int | None, family: Family, entry: _Entry, service: Service
) -> Rule:
    tests = [*entry.tests, *(icmp_tests(service.icmp) if service.icmp else ())]
    source_ports = _both(entry.source_ports, service.source_ports)
    destination_ports = _both(entry.destination_ports, service.destination_ports)
    doubts = list(entry.doubts)
    if entry.fragments and (source_ports is not None or destination_ports is not None):
        doubts.append("fragments and ports exclude each other")  # Cisco document 8014: the CLI refuses the two together
        source_ports = destination_ports = None
    ported = source_ports is not None or destination_ports is not None
    protocol = _PORTED if ported and service.protocol is None else service.protocol
    boxes = ANYWHERE
    if ported or entry.sources is not None or entry.destinations is not None:
        box = Box(
            sources=entry.sources,
            destinations=entry.destinations,
            source_ports=source_ports,
            destination_ports=destination_ports,
        )
        boxes = (box,)
    return Rule(
        action=action,
        evidence=evidence,
        family=family,
        protocol=IntervalSet() if entry.never else protocol,
        boxes=boxes,
        tests=tuple(tests),
        uncertain="; ".join(dict.fromkeys(doubts)) if doubts else "",
        sequence=sequence,
    )


_PORTED = IntervalSet.of((TCP, TCP), (UDP, UDP))


def _both(one: IntervalSet | None, other: IntervalSet | None) -> IntervalSet | None:
    if one is None or other is None:
        return other if one is None else one
    return one & other
