"""Objects and object-groups, taken apart when an entry first names them; each once."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from auditor.model.addresses import IntervalSet, parse_address
from auditor.parse.rows import Row, Rows
from auditor.platforms.cisco_asa.addresses import Where, dotted, one, subnet4
from auditor.platforms.cisco_asa.words import (
    ICMP,
    ICMPV6,
    OPERATORS,
    SCTP,
    TCP,
    UDP,
    condition,
    icmp_type,
    protocol_number,
)

TCP_UDP = IntervalSet.of((TCP, TCP), (UDP, UDP))


@dataclass(frozen=True, slots=True)
class Service:
    """Protocols and ports that an entry or a group asks for; None is any."""

    protocols: IntervalSet | None = None
    source_ports: IntervalSet | None = None
    destination_ports: IntervalSet | None = None
    icmp: tuple[int, int | None] | None = None


@dataclass(slots=True)
class Services:
    """All services of a group, and what is not known of them."""

    services: list[Service] = field(default_factory=list)
    doubt: str = ""


class Objects:
    """What the config names: addresses, services, and groups of them."""

    def __init__(self, rows: Rows) -> None:
        self.names: dict[str, str] = {row["name"]: row["address"] for row in rows.rows("names")}
        self.networks: dict[str, list[Row]] = {}
        for row in rows.rows("networks"):
            self.networks.setdefault(row["name"], []).append(row)
        self.service_objects: dict[str, Row] = {row["name"]: row for row in rows.rows("services")}
        self.groups: dict[str, list[Row]] = {}
        for row in rows.rows("groups"):
            self.groups.setdefault(row["name"], []).append(row)
        self.unread: Mapping[tuple[str, int], str] = _unread(rows)
        self._where: dict[tuple[str, str], Where] = {}
        self._services: dict[str, Services] = {}

    # ---------------------------------------------------------------------------------------------------- addresses

    def host(self, text: str) -> Where | None:
        """One address, written as such or by a name of ``name``."""
        return one(self.names.get(text, text))

    def number(self, text: str) -> int | None:
        """A dotted quad, or a name that stands for one."""
        return dotted(self.names.get(text, text))

    def group_kind(self, name: str) -> str:
        """What kind of group a name is, "" for none."""
        rows = self.groups.get(name)
        return rows[0]["kind"] if rows else ""

    def network(self, name: str) -> Where:
        """An ``object network``."""
        return self._once(("object", name), self._object)

    def group(self, name: str) -> Where:
        """An ``object-group network`` with all that is nested in it."""
        return self._once(("group", name), self._group)

    def _once(self, key: tuple[str, str], make: Callable[[str], Where]) -> Where:
        found = self._where.get(key)
        if found is None:
            self._where[key] = Where(None, None, f"{key[1]} contains itself")  # met again only inside itself
            found = self._where[key] = make(key[1])
        return found

    def _object(self, name: str) -> Where:
        rows = self.networks.get(name)
        if not rows:
            return Where(None, None, f"the object {name} is not in the config")
        doubt = next((self.unread[_key(row)] for row in rows if self._left(row)), "")
        for row in reversed(rows):
            for kind in ("host", "subnet", "range", "fqdn"):
                text = row.get(kind)
                if text is not None:
                    found = self._written(kind, text, name)
                    return found._replace(doubt=found.doubt or doubt)
        return Where(None, None, doubt or f"the object {name} holds no address")

    def _left(self, row: Row) -> bool:
        return _key(row) in self.unread

    def _written(self, kind: str, text: str, name: str) -> Where:
        words = text.split()
        found: Where | None = None
        if kind == "host":
            found = self.host(words[0])
        elif kind == "subnet":
            found = self._subnet(words)
        elif kind == "range" and len(words) > 1:
            found = self._range(words[0], words[1])
        else:
            return Where(None, None, f"the addresses of {text} ({name}) are not in the config")
        return found or Where(None, None, f"the object {name} is not understood")

    def _subnet(self, words: Sequence[str]) -> Where | None:
        if len(words) == 1:
            return self.host(words[0])
        address, mask = self.number(words[0]), self.number(words[1])
        if address is None or mask is None:
            return None
        values = subnet4(address, mask)
        return Where(four=values) if values is not None else None

    def _range(self, first: str, last: str) -> Where | None:
        try:
            low, high = parse_address(self.names.get(first, first)), parse_address(self.names.get(last, last))
        except ValueError:
            return None
        values = IntervalSet.of((low[1], high[1]))
        if low[0] != high[0] or not values:
            return None
        return Where(four=values) if low[0] == 4 else Where(six=values)

    def _group(self, name: str) -> Where:
        rows = self.groups.get(name)
        if not rows or rows[0]["kind"] != "network":
            return Where(None, None, f"the group {name} is not in the config")
        doubts = [self.unread[_key(row)] for row in rows if self._left(row)]
        found: list[Where] = []
        for row in rows:
            found += [self._member(child["network"].split(), name) for child in row.rows("networks")]
            found += [self.group(child["group"]) for child in row.rows("groups")]
        doubts += [one.doubt for one in found if one.doubt]
        certain = [one for one in found if not one.doubt]
        if doubts:  # what is sure is in it; what more may be in it is not known
            return Where(None, None, doubts[0])
        return Where(_union([one.four for one in certain]), _union([one.six for one in certain]))

    def _member(self, words: Sequence[str], name: str) -> Where:
        if words[0] == "object" and len(words) > 1:
            return self.network(words[1])
        hosted = words[0] == "host" and len(words) > 1
        found = self.host(words[1]) if hosted else self._subnet(words)
        return found or Where(None, None, f"a line of the group {name} is not understood")

    # ----------------------------------------------------------------------------------------------------- services

    def service(self, name: str) -> Services:
        """An ``object service``."""
        row = self.service_objects.get(name)
        if row is None or "service" not in row:
            return _predefined(name)
        return self.written_service(row["service"].split())

    def service_group(self, name: str) -> Services:
        """An ``object-group`` of services, protocols, ports or ICMP types, with all that is nested in it."""
        found = self._services.get(name)
        if found is None:
            self._services[name] = Services([Service()], f"{name} contains itself")
            found = self._services[name] = self._service_group(name)
        return found

    def _service_group(self, name: str) -> Services:
        rows = self.groups.get(name)
        if not rows or rows[0]["kind"] == "network":
            return Services([Service()], f"the group {name} is not in the config")
        made = Services()
        for row in rows:
            if self._left(row):
                made.doubt = made.doubt or self.unread[_key(row)]
            for child in row.rows("services", "ports", "protocols", "icmps", "groups"):
                self._take(made, child, _of_group(row.get("protocol")))
        return made if made.services else Services([Service()], made.doubt or f"the group {name} holds nothing")

    def _take(self, made: Services, child: Row, protocols: IntervalSet | None) -> None:
        if child.group == "groups":
            more = self.service_group(child["group"])
        elif child.group == "ports":
            words = child["port"].split()
            if words[0] in OPERATORS:
                ports, _, doubt = condition(words, 0, protocols)
                more = Services([Service(protocols, None, ports)], doubt)
            else:
                more = Services([Service(protocols)], f"{child['port']} is not understood")
        elif child.group == "icmps":
            number = icmp_type(child["icmp"].split()[0], six=False)
            icmp = (number, None) if number is not None else None
            doubt = "" if icmp else f"the ICMP message {child['icmp']} is not known"
            more = Services([Service(IntervalSet.single(ICMP), icmp=icmp)], doubt)
        else:
            more = self.written_service(child[child.group.removesuffix("s")].split())
        made.services += more.services
        made.doubt = made.doubt or more.doubt

    def written_service(self, words: Sequence[str]) -> Services:
        """``tcp|udp|... [source OP P] [destination OP P]``, ``icmp [TYPE [CODE]]``, ``object NAME``."""
        if words[0] == "object" and len(words) > 1:
            return self.service(words[1])
        protocols, doubt = protocols_of(words[0])
        if protocols is not None and protocols in (IntervalSet.single(ICMP), IntervalSet.single(ICMPV6)):
            if len(words) == 1:
                return Services([Service(protocols)], doubt)
            number = icmp_type(words[1], ICMPV6 in protocols)
            code = int(words[2]) if len(words) > 2 and words[2].isdigit() else None
            if number is None:
                return Services([Service(protocols)], f"the ICMP message {words[1]} is not known")
            return Services([Service(protocols, icmp=(number, code))])
        ends: dict[str, IntervalSet] = {}
        at = 1
        while at < len(words):
            end = words[at] if words[at] in ("source", "destination") else "destination"
            at += words[at] in ("source", "destination")
            if at >= len(words) or words[at] not in OPERATORS:
                doubt = doubt or f"{' '.join(words)} is not understood"
                break
            if end == "destination" and end in ends:
                doubt = doubt or f"{' '.join(words)} is not understood"
            ends[end], at, unknown = condition(words, at, protocols)
            doubt = doubt or unknown
        return Services([Service(protocols, ends.get("source"), ends.get("destination"))], doubt)


def protocols_of(word: str) -> tuple[IntervalSet | None, str]:
    """The protocols that a word means (None: all), and what was not understood of it."""
    if word == "ip":
        return None, ""
    if word == "tcp-udp":
        return TCP_UDP, ""
    number = protocol_number(word)
    return (_single(number), "") if number is not None else (None, f"the protocol {word} is not known")


@lru_cache(maxsize=256)
def _single(number: int) -> IntervalSet:
    return IntervalSet.single(number)


def _of_group(word: str | None) -> IntervalSet | None:
    """The protocols of a group of ports."""
    if word is None:
        return None
    return {"tcp": _single(TCP), "udp": _single(UDP), "tcp-udp": TCP_UDP, "sctp": _single(SCTP)}.get(word)


def _predefined(name: str) -> Services:
    """Objects that the ASA brings itself: ``icmp-echo``, ``ospf``."""
    if name.startswith("icmp-") and (number := icmp_type(name.removeprefix("icmp-"), six=False)) is not None:
        return Services([Service(_single(ICMP), icmp=(number, None))])
    number = protocol_number(name)
    if number is not None and number not in (TCP, UDP):
        return Services([Service(_single(number))])
    return Services([Service()], f"the object {name} is not in the config")


def _union(sets: Sequence[IntervalSet | None]) -> IntervalSet | None:
    if any(values is None for values in sets):
        return None
    return IntervalSet.union(values for values in sets if values is not None)


def _key(row: Row) -> tuple[str, int]:
    return row.source.file, row.number


def _unread(rows: Rows) -> dict[tuple[str, int], str]:
    """By the block of an object or group: that a line of it was not understood."""
    found: dict[tuple[str, int], str] = {}
    for left in rows.leftovers:
        if left.owner is not None and left.owner.group in ("networks", "services", "groups"):
            found[_key(left.owner)] = (
                f"a line of {left.owner.get('name') or 'a group'} is not understood ({left.text.strip()})"
            )
    return found
