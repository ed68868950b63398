"""One entry of an access list to rules: ``extended permit udp object-group A host B eq 500 log inactive``."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from auditor.model.addresses import EMPTY, PORTS, Family, IntervalSet
from auditor.model.evidence import Evidence
from auditor.model.filters import ANYWHERE as EVERY_BOX
from auditor.model.filters import DROP, PERMIT, Action, Box, Field, FieldTest, Rule
from auditor.platforms.cisco_asa.addresses import ANY4, ANY6, ANYWHERE, Where, subnet4
from auditor.platforms.cisco_asa.objects import TCP_UDP, Objects, Service, protocols_of
from auditor.platforms.cisco_asa.words import ICMP, ICMPV6, OPERATORS, condition, icmp_type

FAMILIES: tuple[Family, Family] = (4, 6)
_USERS = frozenset({"user", "user-group", "object-group-user", "object-group-security", "security-group"})
_LOG_WORDS = frozenset(
    {
        "disable",
        "default",
        "interval",
        "emergencies",
        "alerts",
        "critical",
        "errors",
        "warnings",
        "notifications",
        "informational",
        "debugging",
    }
)
NO_ENTRY: tuple[Rule, ...] = ()


@dataclass(slots=True)
class _Entry:
    services: Sequence[Service]
    ends: list[Where] = field(default_factory=list)
    source_ports: list[IntervalSet] | None = None
    destination_ports: list[IntervalSet] | None = None
    icmp: tuple[int, int | None] | None = None
    icmp_named: bool = False
    doubts: list[str] = field(default_factory=list)
    inactive: bool = False

    @property
    def protocols(self) -> IntervalSet | None:
        return self.services[0].protocols if len(self.services) == 1 else None


@dataclass(frozen=True)
class Reader:
    """Reads entries with the objects and the interfaces' own addresses of one config."""

    objects: Objects
    own: "dict[str, Where]"  # the addresses of interfaces by nameif

    def unread(self, evidence: Evidence, why: str) -> tuple[Rule, ...]:
        """A line that was not understood: it may let packets pass, or drop them, or do nothing."""
        return tuple(Rule(action=action, evidence=evidence, uncertain=why) for action in (PERMIT, DROP))

    def rules(self, text: str, evidence: Evidence) -> tuple[Rule, ...]:
        """The rules of one line behind ``access-list NAME``; none for a remark or an inactive entry."""
        words = text.split()
        if words[:1] == ["line"]:
            words = words[2:]
        if not words or words[0] == "remark":
            return NO_ENTRY
        standard = words[0] == "standard"
        if words[0] in ("extended", "standard"):
            words = words[1:]
        if len(words) < 2 or words[0] not in ("permit", "deny"):
            return self.unread(evidence, "the line is not understood")
        action = PERMIT if words[0] == "permit" else DROP
        if standard:
            return self._standard(action, words[1:], evidence)
        entry, at = self._protocol(words, 1)
        at = self._users(words, at, entry)
        at = self._end(words, at, entry, source=True)
        at = self._users(words, at, entry)
        at = self._end(words, at, entry, source=False)
        self._options(words, at, entry)
        return NO_ENTRY if entry.inactive else tuple(_made(action, evidence, entry))

    def _standard(self, action: Action, words: Sequence[str], evidence: Evidence) -> tuple[Rule, ...]:
        """A standard list names destinations (Cisco: "identify the destination IP addresses only")."""
        entry = _Entry((Service(),))
        where, at = self._address(words, 0, entry)
        entry.ends = [ANY4, where]
        if at < len(words):
            entry.doubts.append(f"{words[at]} is not understood")
        return tuple(_made(action, evidence, entry))

    def _protocol(self, words: Sequence[str], at: int) -> tuple[_Entry, int]:
        word = words[at]
        if word in ("object", "object-group") and at + 1 < len(words):
            found = (self.objects.service if word == "object" else self.objects.service_group)(words[at + 1])
            return _Entry(found.services, doubts=[found.doubt] if found.doubt else []), at + 2
        protocols, doubt = protocols_of(word)
        return _Entry((Service(protocols),), doubts=[doubt] if doubt else []), at + 1

    def _users(self, words: Sequence[str], at: int, entry: _Entry) -> int:
        while at < len(words) and words[at] in _USERS:
            entry.doubts.append("it counts for some users only")
            at += 3 if words[at] == "security-group" else 2
        return at

    def _end(self, words: Sequence[str], at: int, entry: _Entry, *, source: bool) -> int:
        where, at = self._address(words, at, entry)
        entry.ends.append(where)
        ports: list[IntervalSet] | None = None
        word = words[at] if at < len(words) else ""
        if word in OPERATORS:
            values, at, doubt = condition(words, at, entry.protocols)
            ports = [values]
            entry.doubts += [doubt] if doubt else []
        elif word == "object-group" and at + 1 < len(words):
            kind = self.objects.group_kind(words[at + 1])
            if kind == "service" or (not source and kind != "network"):
                found = self.objects.service_group(words[at + 1])
                entry.doubts += [found.doubt] if found.doubt else []
                at += 2
                if kind == "icmp-type":
                    entry.services = list(found.services)
                else:
                    ports = [
                        PORTS if one.destination_ports is None else one.destination_ports for one in found.services
                    ]
        if ports is not None and source:
            entry.source_ports = ports
        elif ports is not None:
            entry.destination_ports = ports
        return at

    def _address(self, words: Sequence[str], at: int, entry: _Entry) -> tuple[Where, int]:
        word = words[at] if at < len(words) else ""
        more = words[at + 1] if at + 1 < len(words) else ""
        found: Where | None = None
        after = at + 2
        if word in ("any", "any4", "any6"):
            return {"any": ANYWHERE, "any4": ANY4, "any6": ANY6}[word], at + 1
        if word == "host" and more:
            found = self.objects.host(more)
        elif word == "object" and more:
            found = self.objects.network(more)
        elif word == "object-group" and more:
            found = self.objects.group(more)
        elif word == "interface" and more:
            found = self.own.get(more)
        elif ":" in word:
            found, after = self.objects.host(word), at + 1
        elif word:
            address, mask = self.objects.number(word), self.objects.number(more)
            values = subnet4(address, mask) if address is not None and mask is not None else None
            found = Where(four=values) if values is not None else None
        if found is None:
            entry.doubts.append(f"{' '.join(words[at:after]) or 'an address that is missing'} is not understood")
            return ANYWHERE, max(after, at + 1)
        if found.doubt:
            entry.doubts.append(found.doubt)
        return found, after

    def _options(self, words: Sequence[str], at: int, entry: _Entry) -> None:
        while at < len(words):
            word = words[at]
            at += 1
            if word == "inactive":
                entry.inactive = True
            elif word == "log":
                while at < len(words) and (words[at] in _LOG_WORDS or words[at].isdigit()):
                    at += 1
            elif word == "time-range" and at < len(words):
                entry.doubts.append(f"it is in force at some times only ({words[at]})")
                at += 1
            elif entry.protocols in (IntervalSet.single(ICMP), IntervalSet.single(ICMPV6)) and not entry.icmp_named:
                at = self._icmp(words, at - 1, entry)
            elif word in _USERS:
                at = self._users(words, at - 1, entry)
            else:
                entry.doubts.append(f"{word} is not understood")

    def _icmp(self, words: Sequence[str], at: int, entry: _Entry) -> int:
        entry.icmp_named = True
        number = icmp_type(words[at], ICMPV6 in (entry.protocols or EMPTY))
        if number is None:
            entry.doubts.append(f"the ICMP message {words[at]} is not known")
            return at + 1
        code = int(words[at + 1]) if at + 1 < len(words) and words[at + 1].isdigit() else None
        entry.icmp = (number, code)
        return at + 1 + (code is not None)


def _made(action: Action, evidence: Evidence, entry: _Entry) -> Iterator[Rule]:
    """The rules of an entry: one for each family and each kind of service."""
    source, destination = entry.ends
    uncertain = "; ".join(dict.fromkeys(entry.doubts)) if entry.doubts else ""
    both = source == destination == ANYWHERE
    for family in (None,) if both else FAMILIES:
        sources = source.of(family) if family else None
        destinations = destination.of(family) if family else None
        if (sources is not None and not sources) or (destinations is not None and not destinations):
            continue
        for (protocols, icmp), services in _by_protocol(entry).items():
            boxes = tuple(_boxes(entry, services, sources, destinations))
            ported = any(box.names_ports for box in boxes)
            yield Rule(
                action=action,
                evidence=evidence,
                family=family or _own_family(protocols),
                protocol=TCP_UDP if ported and protocols is None else protocols,
                boxes=EVERY_BOX if boxes == (Box(),) else boxes,
                tests=_tests(icmp),
                uncertain=uncertain,
            )


def _own_family(protocols: IntervalSet | None) -> Family | None:
    return {IntervalSet.single(ICMP): 4, IntervalSet.single(ICMPV6): 6}.get(protocols)  # type: ignore[arg-type, return-value]


Key = tuple[IntervalSet | None, tuple[int, int | None] | None]


def _by_protocol(entry: _Entry) -> dict[Key, list[Service]]:
    found: dict[Key, list[Service]] = {}
    for service in entry.services:
        found.setdefault((service.protocols, entry.icmp or service.icmp), []).append(service)
    return found


def _boxes(
    entry: _Entry, services: Sequence[Service], sources: IntervalSet | None, destinations: IntervalSet | None
) -> Iterator[Box]:
    for service in services:
        for into in entry.source_ports if entry.source_ports is not None else (service.source_ports,):
            for out in entry.destination_ports if entry.destination_ports is not None else (service.destination_ports,):
                yield Box(sources=sources, destinations=destinations, source_ports=into, destination_ports=out)


def _tests(icmp: tuple[int, int | None] | None) -> tuple[FieldTest, ...]:
    if icmp is None:
        return ()
    tests = (FieldTest(field=Field.ICMP_TYPE, values=IntervalSet.single(icmp[0])),)
    if icmp[1] is None:
        return tests
    return (*tests, FieldTest(field=Field.ICMP_CODE, values=IntervalSet.single(icmp[1])))
