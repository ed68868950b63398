"""Object-groups: named sets of addresses and of services, which may hold each other.

Members by Cisco "Object Groups for ACLs" (IOS XE Security Configuration Guide: Access Control Lists): ``host A``,
``A NETMASK``, ``A/len``, ``range A B``, ``any``, ``group-object G``; services with ``source`` and port operators.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from auditor.model.addresses import ADDRESSES, PORTS, Family, IntervalSet
from auditor.parse.rows import Row, Rows
from auditor.platforms.cisco_ios import ports
from auditor.platforms.cisco_ios.addresses import dotted, host, netmask_length, subnet
from auditor.platforms.cisco_ios.tables import (
    EVERYTHING4,
    EVERYTHING6,
    ICMP_NAMES4,
    ICMP_NAMES6,
    PROTOCOLS4,
    PROTOCOLS6,
    TCP,
    UDP,
)

DEEPEST = 16  # groups in groups
ADDRESS_KINDS = frozenset({"network", "v6-network", "address"})
SERVICE_KINDS = frozenset({"service", "v6-service", "protocol"})


@dataclass(frozen=True, slots=True)
class Service:
    """One kind of traffic: protocol numbers (None: any), ports (None: any), an ICMP message."""

    protocol: IntervalSet | None
    source_ports: IntervalSet | None = None
    destination_ports: IntervalSet | None = None
    icmp: tuple[int, int | None] | None = None


@dataclass(frozen=True, slots=True)
class Members:
    """What a group holds: addresses or services, and why that may not be all of it ("" where it is)."""

    addresses: IntervalSet
    services: tuple[Service, ...]
    doubt: str = ""


class Groups:
    """All object-groups of a config. A name that is used before or after its definition is the same group."""

    def __init__(self, rows: Rows) -> None:
        self._rows: dict[str, list[Row]] = {}
        for row in rows.rows("object_groups"):
            self._rows.setdefault(row["name"], []).append(row)
        self._addresses: dict[tuple[str, Family], Members] = {}
        self._services: dict[tuple[str, Family], Members] = {}

    def addresses(self, name: str, family: Family, depth: int = 0) -> Members:
        """The addresses of a group. One that is not defined or empty gives all, with a doubt."""
        key = (name, family)
        if key not in self._addresses:
            self._addresses[key] = self._gather_addresses(name, family, depth)
        return self._addresses[key]

    def _gather_addresses(self, name: str, family: Family, depth: int) -> Members:
        rows = self._rows.get(name)
        everything = ADDRESSES[family]
        if not rows:
            return Members(everything, (), f"object-group {name} is not in the config")
        if depth > DEEPEST or rows[0]["kind"] not in ADDRESS_KINDS:
            return Members(everything, (), f"object-group {name} is not understood")
        sets: list[IntervalSet] = []
        doubt = ""
        for text in _members(rows):
            words = text.split()
            if words[0] == "group-object":
                inner = self.addresses(words[-1], family, depth + 1)
                sets.append(inner.addresses)
                doubt = doubt or inner.doubt
                continue
            found = _addresses(words, family)
            if found is None:
                sets.append(everything)
                doubt = doubt or f"object-group {name} has a line that is not understood: {text}"
            else:
                sets.append(found)
        if not sets:
            return Members(everything, (), f"object-group {name} is empty")
        return Members(IntervalSet.union(sets), (), doubt)

    def services(self, name: str, family: Family, depth: int = 0) -> Members:
        """The services of a group. One that is not defined or empty gives all, with a doubt."""
        key = (name, family)
        if key not in self._services:
            self._services[key] = self._gather_services(name, family, depth)
        return self._services[key]

    def _gather_services(self, name: str, family: Family, depth: int) -> Members:
        rows = self._rows.get(name)
        everything = (Service(None),)
        if not rows:
            return Members(IntervalSet(), everything, f"object-group {name} is not in the config")
        if depth > DEEPEST or rows[0]["kind"] not in SERVICE_KINDS:
            return Members(IntervalSet(), everything, f"object-group {name} is not understood")
        found: list[Service] = []
        doubt = ""
        for text in _members(rows):
            words = text.split()
            if words[0] == "group-object":
                inner = self.services(words[-1], family, depth + 1)
                found += inner.services
                doubt = doubt or inner.doubt
                continue
            services, problem = _services(words, family)
            found += services
            doubt = doubt or (f"object-group {name} has a line that is not understood: {text}" if problem else "")
        if not found:
            return Members(IntervalSet(), everything, f"object-group {name} is empty")
        return Members(IntervalSet(), tuple(found), doubt)


def _members(rows: Sequence[Row]) -> list[str]:
    """The lines of a group without its descriptions; sequence numbers go."""
    texts: list[str] = []
    for row in rows:
        for member in row.rows("members"):
            text = member["text"].split(" !")[0].strip()
            words = text.split()
            if len(words) > 1 and words[0].isdigit() and not words[1].startswith("/"):
                text = " ".join(words[1:])
            if not text.startswith("description"):
                texts.append(text)
    return texts


def _addresses(words: Sequence[str], family: Family) -> IntervalSet | None:
    """One member of a network group; empty for an address of the other family, None where it is not understood."""
    if words[0] == "network-object":
        words = words[1:]
    if words == ["any"]:
        return ADDRESSES[family]
    if len(words) == 2 and words[0] == "host":
        return _of(host(words[1]), family)
    if len(words) == 3 and words[0] == "range":
        return _range(words[1], words[2], family)
    if len(words) == 1:
        return _of(subnet(words[0]) or host(words[0]), family)
    if len(words) == 2 and words[1].startswith("/"):
        return _of(subnet(words[0] + words[1]), family)
    if len(words) == 2:
        return _netmask(words[0], words[1]) if family == 4 else None
    return None


def _of(found: tuple[Family, IntervalSet] | None, family: Family) -> IntervalSet | None:
    if found is None:
        return None
    return found[1] if found[0] == family else IntervalSet()


def _range(first: str, last: str, family: Family) -> IntervalSet | None:
    low, high = host(first), host(last)
    if low is None or high is None or low[0] != family or high[0] != family:
        return None
    return IntervalSet.of((low[1].first, high[1].first))


def _netmask(address: str, mask: str) -> IntervalSet | None:
    value, bits = dotted(address), dotted(mask)
    length = None if bits is None else netmask_length(bits)
    if value is None or length is None:
        return None
    found = subnet(f"{address}/{length}")
    return found[1] if found else None


def _services(words: Sequence[str], family: Family) -> tuple[list[Service], bool]:
    """One member of a service group, and whether something of it was not understood."""
    if words[0] in ("service-object", "protocol-object"):
        words = words[1:]
    if not words:
        return [Service(None)], True
    name, rest = words[0], words[1:]
    if name == "tcp-udp":
        both = [_transport(number, rest) for number in (TCP, UDP)]
        return [service for service, _ in both], any(problem for _, problem in both)
    number = protocol_number(name, family)
    if number is None:
        everything = name in (EVERYTHING4 if family == 4 else EVERYTHING6)
        return [Service(None)], not everything or bool(rest)
    if number in (TCP, UDP):
        service, problem = _transport(number, rest)
        return [service], problem
    if name.startswith("icmp") and rest:
        message = icmp_message(rest, family)
        return [Service(IntervalSet.single(number), icmp=message)], message is None
    return [Service(IntervalSet.single(number))], bool(rest)


def _transport(protocol: int, words: Sequence[str]) -> tuple[Service, bool]:
    """``[source [op] port] [op port]`` of TCP or UDP; a port without operator is ``eq``."""
    source: IntervalSet | None = None
    destination: IntervalSet | None = None
    problem = ""
    at = 0
    if at < len(words) and words[at] == "source":
        source, at, problem = _ports(words, at + 1, protocol)
    if at < len(words):
        destination, at, more = _ports(words, at, protocol)
        problem = problem or more
    numbers = IntervalSet.single(protocol)
    return Service(numbers, source, destination), bool(problem) or at < len(words)


def _ports(words: Sequence[str], at: int, protocol: int) -> tuple[IntervalSet, int, str]:
    if at >= len(words):
        return PORTS, at, "a port is missing"
    if words[at] in ports.OPERATORS:
        return ports.condition(words, at, protocol)
    found, _, problem = ports.condition(("eq", words[at]), 0, protocol)
    return found, at + 1, problem


def protocol_number(word: str, family: Family) -> int | None:
    """A protocol by name or number; None for "any protocol" and for an unknown name."""
    if word.isdigit():
        return int(word) if int(word) < 256 else None
    return (PROTOCOLS4 if family == 4 else PROTOCOLS6).get(word)


def icmp_message(words: Sequence[str], family: Family) -> tuple[int, int | None] | None:
    """An ICMP message by name, or by type and code; None for one that is not known."""
    if words[0].isdigit():
        code = int(words[1]) if len(words) > 1 and words[1].isdigit() else None
        return int(words[0]), code
    names = ICMP_NAMES4 if family == 4 else ICMP_NAMES6
    return names.get(words[0])
