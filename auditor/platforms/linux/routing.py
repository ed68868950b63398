"""Routes and policy rules of a host: its tables as the kernel uses them."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from auditor.model.addresses import ADDRESSES, BITS, Family, IntervalSet
from auditor.model.device import NextHop, NotUnderstood, Route, Routing
from auditor.model.evidence import Evidence
from auditor.parse.rows import Row, Rows
from auditor.platforms.linux.interfaces import Links
from auditor.platforms.linux.outputs import Output, Outputs
from auditor.platforms.linux.prefixes import address as address_of
from auditor.platforms.linux.prefixes import prefix as prefix_of

FAMILIES: tuple[Family, ...] = (4, 6)
OWN = frozenset(("local", "broadcast", "multicast", "anycast", "nat", "xresolve"))  # not ways on
DISCARDS = frozenset(("blackhole", "unreachable", "prohibit", "throw"))
MAIN = frozenset(("main", "254"))
# the rules that every name space has (net/ipv4/fib_rules.c, net/ipv6/fib6_rules.c)
USUAL = {
    4: {(0, "from all lookup local"), (32766, "from all lookup main"), (32767, "from all lookup default")},
    6: {(0, "from all lookup local"), (32766, "from all lookup main")},
}
NUMBERS = {"255": "local", "254": "main", "253": "default"}
# linux/rtnetlink.h RTPROT_*; "ip -N" prints the numbers
PROTOCOLS = {
    "1": "redirect", "2": "kernel", "3": "boot", "4": "static", "9": "ra", "11": "zebra", "12": "bird", "16": "dhcp",
    "18": "keepalived", "42": "babel", "186": "bgp", "187": "isis", "188": "ospf", "189": "rip", "192": "eigrp",
}  # fmt: skip
FOR_VRFS = "[l3mdev-table]"


@dataclass(frozen=True, slots=True)
class Choices:
    """What ``ip rule`` says of one family: ``other`` are the rules that every host does not have; ``listed`` whether it
    was asked at all; ``vrfs`` whether there is the rule that sends packets of VRFs to their tables.
    """

    other: tuple[Evidence, ...]
    listed: bool
    vrfs: bool


def choices(rows: Rows, found: Outputs, family: Family) -> Choices:
    """The policy rules of one family."""
    word = "ip" if family == 4 else "ip6"
    listed = any(o.command.family == word and o.command.whole for o in found.by("rules", "rules-json"))
    other, vrfs = [], False
    for row in rows.rows("choices"):
        if (found.of(row).command.family or row["family"]) != word:
            continue
        words = re.sub(r" proto \S+$", "", row["words"])
        words = re.sub(r"\blookup (\d+)$", lambda m: f"lookup {NUMBERS.get(m[1], m[1])}", words)
        if FOR_VRFS in words or "l3mdev" in words:
            vrfs = True
        elif (int(row["priority"]), words) not in USUAL[family]:
            other.append(row.evidence())
    return Choices(tuple(other), listed, vrfs)


def routing(rows: Rows, found: Outputs, links: Links) -> tuple[Routing, tuple[NotUnderstood, ...]]:
    """All routes; a table is complete where it was listed whole and no rule chooses another."""
    tables = links.tables()
    known = {family: choices(rows, found, family) for family in FAMILIES}
    routes: dict[object, Route] = {}
    for row in rows.rows("routes"):
        for route in _route(row, tables):
            routes.setdefault(_key(route), route)
    told = tuple(_told(route, known) for route in routes.values())
    complete: dict[int, bool] = {family: _complete(family, found, known[family]) for family in FAMILIES}
    rules = tuple(
        dict.fromkeys(e for family in FAMILIES for e in known[family].other if family == 4 or not known[4].listed)
    )
    return Routing(routes=told, complete=MappingProxyType(complete), rules=rules), tuple(_too_long(told, links))


def _key(route: Route) -> object:
    return route.family, route.vrf, route.destination, route.length, route.next_hops, route.metric, route.protocol


def _complete(family: Family, found: Outputs, known: Choices) -> bool:
    return known.listed and not known.other and any(_lists(o, family) for o in found.by("routes", "routes-json"))


def _lists(output: Output, family: Family) -> bool:
    """Whether an output lists the main table of a family whole."""
    command = output.command
    if not command.whole or command.vrf or command.table not in (*MAIN, "all"):
        return False
    return command.family in ("", "ip" if family == 4 else "ip6")


def _told(route: Route, known: Mapping[Family, Choices]) -> Route:
    """Where policy rules exist, or were not listed, a route may not be the one that is used."""
    rules = known[route.family]
    if route.uncertain or (rules.listed and not rules.other):
        return route
    if rules.other:
        return replace(
            route, uncertain=f"a policy rule may choose another table: {' '.join(rules.other[0].text.split())}"
        )
    command = "ip rule show" if route.family == 4 else "ip -6 rule show"
    return replace(route, uncertain=f"policy rules were not listed ({command})")


def _route(row: Row, tables: Mapping[str, str]) -> Iterator[Route]:
    """One line of ``ip route``, if it is a way on."""
    family: Family = 6 if row["family"] == "ip6" else 4
    words = row["words"].split()
    kind = row["type"]
    if kind in OWN:
        return
    table = _after(words, "table") or "main"
    vrf = _vrf(table, tables)
    if vrf is None:
        return
    destination = _destination(row["destination"], family)
    if destination is None:
        return
    values, length = destination
    hops = () if kind in DISCARDS else tuple(_hops(row, words))
    mtu = _after(words, "mtu", skip="lock")
    proto = _after(words, "proto")
    proto = PROTOCOLS.get(proto, proto)
    connected = proto == "kernel" and "via" not in words and hops != ()
    metric = _after(words, "metric")
    yield Route(
        family=family,
        destination=values,
        length=length,
        next_hops=hops,
        evidence=row.evidence(),
        vrf=vrf,
        protocol="connected" if connected else proto if proto not in ("", "boot", "static") else "static",
        distance=0,
        metric=int(metric) if metric.isdigit() else 0,
        mtu=int(mtu) if mtu.isdigit() else None,
        uncertain=_uncertain(row, words),
    )


def _vrf(table: str, tables: Mapping[str, str]) -> str | None:
    """The VRF whose table it is; None for one that only policy rules lead to."""
    if table.startswith("vrf:"):
        return table[4:]
    if table in MAIN or table in ("default", "253"):
        return "default"
    return tables.get(table)


def _after(words: Sequence[str], key: str, skip: str = "") -> str:
    """The word behind a key, "" where there is none."""
    for at, word in enumerate(words[:-1]):
        if word == key:
            return words[at + 2] if words[at + 1] == skip and at + 2 < len(words) else words[at + 1]
    return ""


def _destination(text: str, family: Family) -> tuple[IntervalSet, int] | None:
    if text == "default":
        return ADDRESSES[family], 0
    try:
        other, values = prefix_of(_filled(text))
    except ValueError:
        return None
    length = BITS[other] - (values.size.bit_length() - 1)
    return (values, length) if other == family else None


def _filled(text: str) -> str:
    """Older iproute2 leaves out zero bytes at the end: ``10/8``."""
    address, slash, length = text.partition("/")
    if ":" in address or address.count(".") == 3:
        return text
    return ".".join([*address.split("."), *["0"] * (3 - address.count("."))]) + slash + length


def _hops(row: Row, words: list[str]) -> Iterator[NextHop]:
    """The next hop on the line itself, or those of the lines below it that are alive."""
    below = [one["words"].split() for one in row.rows("nexthops")]
    if not below:
        yield _hop(words)
        return
    alive = [hop for hop in below if "dead" not in hop]
    for hop in alive or below:
        yield _hop(hop)


def _hop(words: Sequence[str]) -> NextHop:
    gateway = _after(words, "via", skip="inet6" if "inet6" in words else "inet")
    device = _after(words, "dev")
    address = None
    if gateway:
        try:
            address = address_of(gateway)[1] if _after(words, "via") not in ("inet6", "inet") else None
        except ValueError:
            address = None
    return NextHop(address=address, interface=device or None)


def _uncertain(row: Row, words: Sequence[str]) -> str:
    """A route whose only next hop is dead is not used."""
    lines = [one["words"].split() for one in row.rows("nexthops")] or [list(words)]
    if all("dead" in line for line in lines):
        return "its link is down"
    if any({"inet", "inet6"} & set(line) for line in lines):
        return "its next hop is of the other family, which is not followed"
    if _after(words, "tos"):
        return "it is for packets of one type of service"
    return ""


def _too_long(routes: Iterable[Route], links: Links) -> Iterator[NotUnderstood]:
    """A route whose MTU is larger than its link's: what is cut by it is lost on the link (measured)."""
    for route in routes:
        for hop in route.next_hops:
            link = links.found.get(hop.interface or "")
            mtu = link.word("mtu") if link else ""
            if route.mtu is not None and mtu.isdigit() and route.mtu > int(mtu):
                reason = f"the MTU of a route ({route.mtu}) is larger than that of its link ({mtu})"
                yield NotUnderstood(
                    evidence=route.evidence,
                    place=hop.interface or "",
                    family=route.family,
                    direction="out",
                    reason=reason,
                )


def own_addresses(rows: Rows, family: Family) -> list[IntervalSet]:
    """What the local table says besides the addresses of interfaces: local routes."""
    word = "ip" if family == 4 else "ip6"
    found = []
    for row in rows.rows("routes"):
        if row["family"] == word and row["type"] == "local":
            values = _destination(row["destination"], family)
            if values is not None:
                found.append(values[0])
    return found
