"""NAT lines, taken apart: ``ip nat inside source static ...``, ``list ...``, ``route-map ...`` and their kin."""

from collections.abc import Sequence
from dataclasses import dataclass

from auditor.model.addresses import IntervalSet
from auditor.model.evidence import Evidence
from auditor.parse.rows import Row
from auditor.platforms.cisco_ios.addresses import dotted, netmask_length, subnet
from auditor.platforms.cisco_ios.config import Config
from auditor.platforms.cisco_ios.tables import PROTOCOLS4, TCP, UDP

# Words at the end of a rule that do not change what it translates.
_PLAIN = frozenset(
    {
        "extendable",
        "no-alias",
        "no-payload",
        "forced",
        "add-route",
        "match-in-vrf",
        "reversible",
        "oer",
        "egress-interface",
    }
)
_TAKES_ONE = frozenset({"redundancy", "mapping-id", "description", "name"})


@dataclass(frozen=True, slots=True)
class NatRule:
    """One line. ``local`` and ``world`` are the addresses on the two sides, as integers, each the first of ``size``.

    ``domain`` is ``inside``, ``outside`` or ``any`` (NVI). A static rule has ``local``; a dynamic one an ``acl`` or a
    ``route_map``. ``interface`` or ``pool`` give the addresses on the other side where ``world`` is None.
    """

    domain: str
    evidence: Evidence
    static: bool
    local: int | None = None
    world: int | None = None
    size: int = 1
    protocol: int | None = None
    local_port: int | None = None
    world_port: int | None = None
    interface: str | None = None
    pool: str | None = None
    acl: str | None = None
    route_map: str | None = None
    overload: bool = False
    vrf: str | None = None


@dataclass(frozen=True, slots=True)
class NatLines:
    """All rules of a config, the pools, and the lines that were not understood."""

    rules: tuple[NatRule, ...]
    pools: dict[str, IntervalSet]
    unread: tuple[Evidence, ...]


def nat_lines(config: Config) -> NatLines:
    """The NAT lines of a config."""
    rules: list[NatRule] = []
    unread: list[Evidence] = []
    for row in config.rows.rows("nat_rules"):
        if "inside_destination" in row:
            continue  # a rotary list spreads TCP connections (Cisco, "Using TCP Load Distribution")
        rule = _rule(row)
        if rule is None:
            unread.append(row.evidence())
        else:
            rules.append(rule)
    return NatLines(tuple(rules), _pools(config), tuple(unread))


def _rule(row: Row) -> NatRule | None:
    for field, domain in (("inside_source", "inside"), ("outside_source", "outside"), ("any_source", "any")):
        text = row.get(field)
        if text is not None:
            words = text.split()
            read = _static if words[0] == "static" else _dynamic
            return read(words[1:] if words[0] == "static" else words, domain, row.evidence())
    return None


def _static(words: Sequence[str], domain: str, evidence: Evidence) -> NatRule | None:
    """``static [tcp|udp|esp] L [lp] G|interface I [gp]`` and ``static network L G /len|mask``.

    In an outside rule the global address comes first.
    """
    if words[:1] == ["network"]:
        return _network(words[1:], domain, evidence)
    protocol = PROTOCOLS4.get(words[0]) if words else None
    words = words[1:] if protocol is not None else words
    ported = protocol in (TCP, UDP)
    first, at = (dotted(words[0]), 1) if words else (None, 0)
    first_port = _port(words, at) if ported else None
    at += ported
    if first is None or (ported and first_port is None) or at >= len(words):
        return None
    interface = None
    second: int | None = None
    if words[at] == "interface" and at + 1 < len(words):
        interface, at = words[at + 1], at + 2
    else:
        second, at = dotted(words[at]), at + 1
    second_port = _port(words, at) if ported else None
    at += ported
    if (second is None and interface is None) or (ported and second_port is None):
        return None
    local, world = (first, second) if domain != "outside" else (second, first)
    local_port, world_port = (first_port, second_port) if domain != "outside" else (second_port, first_port)
    if domain == "outside" and interface is not None:
        return None
    found = NatRule(
        domain=domain,
        evidence=evidence,
        static=True,
        local=local,
        world=world,
        protocol=protocol,
        local_port=local_port,
        world_port=world_port,
        interface=interface,
    )
    return _ending(found, words[at:])


def _port(words: Sequence[str], at: int) -> int | None:
    return int(words[at]) if at < len(words) and words[at].isdigit() and int(words[at]) < 65536 else None


def _network(words: Sequence[str], domain: str, evidence: Evidence) -> NatRule | None:
    if len(words) < 3:
        return None
    first, second = dotted(words[0]), dotted(words[1])
    mask = dotted(words[2])
    length = netmask_length(mask) if mask is not None else None
    if words[2].startswith("/") and words[2][1:].isdigit():
        length = int(words[2][1:])
    if first is None or second is None or length is None or not 0 <= length <= 32:
        return None
    size = 1 << (32 - length)
    first, second = first & -size, second & -size
    local, world = (first, second) if domain != "outside" else (second, first)
    found = NatRule(domain=domain, evidence=evidence, static=True, local=local, world=world, size=size)
    return _ending(found, words[3:])


def _dynamic(words: Sequence[str], domain: str, evidence: Evidence) -> NatRule | None:
    """``list A|route-map R  interface I|pool P  [overload]``."""
    if len(words) < 4 or words[0] not in ("list", "route-map") or words[2] not in ("interface", "pool"):
        return None
    found = NatRule(
        domain=domain,
        evidence=evidence,
        static=False,
        acl=words[1] if words[0] == "list" else None,
        route_map=words[1] if words[0] == "route-map" else None,
        interface=words[3] if words[2] == "interface" else None,
        pool=words[3] if words[2] == "pool" else None,
    )
    return _ending(found, words[4:])


def _ending(rule: NatRule, words: Sequence[str]) -> NatRule | None:
    """The words at the end; None where one is not known."""
    from dataclasses import replace

    at = 0
    while at < len(words):
        word = words[at]
        at += 1
        if word == "overload":
            rule = replace(rule, overload=True)
        elif word == "vrf" and at < len(words):
            rule, at = replace(rule, vrf=words[at]), at + 1
        elif word == "route-map" and at < len(words):
            rule, at = replace(rule, route_map=words[at]), at + 1
        elif word in _TAKES_ONE:
            at += 1
        elif word not in _PLAIN:
            return None
    return rule


def _pools(config: Config) -> dict[str, IntervalSet]:
    """The addresses of each pool: ``ip nat pool P A B netmask M``, or ranges in a block of its own."""
    found: dict[str, IntervalSet] = {}
    for row in config.rows.rows("nat_pools"):
        words = row["text"].split()
        pairs = [(words[0], words[1])] if len(words) > 1 else []
        pairs += [(one["first"], one["last"]) for one in row.rows("ranges")]
        ends = [(dotted(first), dotted(last)) for first, last in pairs]
        ranges = [(first, last) for first, last in ends if first is not None and last is not None]
        prefix = subnet(words[0])
        if prefix is not None:
            found[row["name"]] = prefix[1]
        else:
            found[row["name"]] = IntervalSet.of(*ranges)
    return found
