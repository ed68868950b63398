"""Static routes, default routes that come with an address, and the lines by which routes come that are not in the
config.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from auditor.model.addresses import ADDRESSES, Family, IntervalSet
from auditor.model.device import NextHop, NotUnderstood, Route, Routing
from auditor.model.evidence import Evidence, Fact
from auditor.parse.rows import Row
from auditor.platforms.cisco_ios.addresses import address_and_length, dotted, host, netmask_length, subnet
from auditor.platforms.cisco_ios.blocks import Blocks
from auditor.platforms.cisco_ios.config import read
from auditor.platforms.cisco_ios.names import looks_like_interface

# Words after the next hop, with how many words follow them.
_WORDS = {"name": 1, "tag": 1, "track": 1, "permanent": 0, "multicast": 0, "unicast": 0, "global": 0, "nexthop-vrf": 1}
_NOT_ROUTES = frozenset({"profile", "static"})  # `ip route profile`, `ip route static bfd ...`
# Cisco IOS IP Routing: "ip routing" is enabled by default on routers; Catalyst 3560/3750/9000 guides: disabled on
# switches.
_ROUTING4 = 'Cisco IOS IP Routing Command Reference, "ip routing": enabled by default (on LAN switches it is not)'
_ROUTING6 = 'Cisco IOS IPv6 Command Reference, "ipv6 unicast-routing": disabled by default'


@dataclass(frozen=True, slots=True)
class _Bringing:
    """A field of interfaces by which a default route may come, with the distance that it gets."""

    field: str
    ending: str
    family: Family
    distance: int
    protocol: str


# A default route from DHCP has the distance 254 unless `ip dhcp client default-router distance` says otherwise
# (ipspace.net, "DHCP Response Sets the Default Route", with the output of a router). `ipv6 address autoconfig default`
# installs one by router advertisements, `ppp ipcp route default` one to the peer.
_BRING_A_DEFAULT = (
    _Bringing("dynamic", "dhcp", 4, 254, "dhcp"),
    _Bringing("ipcp_route", "default", 4, 1, "ppp"),
    _Bringing("dynamic6", "autoconfig default", 6, 2, "ra"),
)


@dataclass(slots=True)
class _Reading:
    """One route line as far as it has been read."""

    vrf: str
    destination: IntervalSet
    length: int
    rest: list[str]


def routing(blocks: Blocks) -> tuple[Routing, list[NotUnderstood]]:
    """All routes of a config, and the lines that were not understood."""
    routes: list[Route] = []
    unread: list[NotUnderstood] = []
    families: tuple[Family, Family] = (4, 6)
    for family in families:
        for row in blocks.config.rows.rows(f"routes{family}"):
            if row["text"].split()[0] in _NOT_ROUTES:
                continue
            found = _route(blocks, row, family)
            if found is None:
                reason = "a route is not understood"
                unread.append(NotUnderstood(evidence=row.evidence(), family=family, reason=reason))
            elif found.protocol != "multicast":
                routes.append(found)
    routes += [*_with_an_address(blocks), *_gateway(blocks)]
    elsewhere = {family: tuple(_elsewhere(blocks, family)) for family in families}
    every = tuple(dict.fromkeys(line for lines in elsewhere.values() for line in lines))
    whole = blocks.config.complete and not unread
    unknown = {family: _unknown_subnets(blocks, family) for family in families}
    return (
        Routing(
            routes=tuple(routes),
            complete=MappingProxyType({f: whole and not elsewhere[f] and not unknown[f] for f in families}),
            elsewhere=every,
            rules=(*blocks.config.line("local_policy4"), *blocks.config.line("local_policy6")),
        ),
        unread,
    )


def _route(blocks: Blocks, row: Row, family: Family) -> Route | None:
    reading = _destination(row["text"].split(), family)
    if reading is None or not reading.rest:
        return None
    hop, rest = _next_hop(blocks, reading.rest, family)
    if hop is None:
        return None
    distance, words = 1, rest
    if words and words[0].isdigit():
        distance, words = int(words[0]), words[1:]
    options = _options(words)
    if options is None:
        return None
    if "distance" in options:
        distance = int(options["distance"])
    vrf = "default" if "global" in options else options.get("nexthop-vrf")
    hops: tuple[NextHop, ...] = (NextHop(address=hop.address, interface=hop.interface, vrf=vrf),)
    uncertain = f"it is there only while track {options['track']} is up" if "track" in options else ""
    if hop.address is None and hop.interface is None:
        uncertain = "its next hop comes from DHCP"
    return Route(
        family=family,
        destination=reading.destination,
        length=reading.length,
        next_hops=() if hop == _DISCARD else hops,
        evidence=row.evidence(),
        vrf=reading.vrf,
        distance=distance,
        uncertain=uncertain,
        protocol="multicast" if "multicast" in options else "static",
    )


_DISCARD = NextHop(interface="Null0")
_FROM_DHCP = NextHop()


def _destination(words: list[str], family: Family) -> _Reading | None:
    vrf = "default"
    if words[:1] == ["vrf"] and len(words) > 2:
        vrf, words = words[1], words[2:]
    if not words:
        return None
    prefix = subnet(words[0])
    if prefix is not None:
        parsed = address_and_length(words[0])
        if parsed is None or parsed[0] != family:
            return None
        return _Reading(vrf, prefix[1], parsed[2], words[1:])
    if family == 6 or len(words) < 2:
        return None
    mask = dotted(words[1])
    length = netmask_length(mask) if mask is not None else None
    found = subnet(f"{words[0]}/{length}") if length is not None else None
    return _Reading(vrf, found[1], length or 0, words[2:]) if found is not None else None


def _next_hop(blocks: Blocks, words: list[str], family: Family) -> tuple[NextHop | None, list[str]]:
    """An address, an interface, or both; Null0 discards; ``dhcp`` brings an address that is not in the config."""
    if words[0].lower() in ("null0", "null"):
        rest = words[1:]
        return _DISCARD, rest[1:] if rest[:1] == ["0"] and words[0].lower() == "null" else rest
    if words[0] == "dhcp":
        return _FROM_DHCP, words[1:]
    one = host(words[0])
    if one is not None and one[0] == family:
        return NextHop(address=one[1].first), words[1:]
    if not looks_like_interface(words[0]):
        return None, words
    name, rest = _interface(blocks, words)
    one = host(rest[0]) if rest else None
    if one is not None and one[0] == family:
        return NextHop(address=one[1].first, interface=name), rest[1:]
    if rest[:1] == ["dhcp"]:
        return NextHop(interface=name), rest[1:]
    return NextHop(interface=name), rest


def _interface(blocks: Blocks, words: list[str]) -> tuple[str, list[str]]:
    """An interface's name, which may be written with a blank before its number: ``loopback 66``."""
    if not any(letter.isdigit() for letter in words[0]) and len(words) > 1 and words[1][:1].isdigit():
        joined = words[0] + words[1]
        return blocks.names.find(joined) or joined, words[2:]
    return blocks.names.find(words[0]) or words[0], words[1:]


def _options(words: Sequence[str]) -> dict[str, str] | None:
    """The words after the next hop; None where one is not known. A name may be quoted and hold blanks."""
    found: dict[str, str] = {}
    at = 0
    while at < len(words):
        word = words[at]
        at += 1
        if word.isdigit():
            found["distance"] = word
            continue
        if word not in _WORDS:
            return None
        found[word] = words[at] if _WORDS[word] and at < len(words) else ""
        at += _WORDS[word]
        if found[word].startswith('"'):
            while at < len(words) and not words[at - 1].endswith('"'):
                at += 1
    return found


def _elsewhere(blocks: Blocks, family: Family) -> Iterator[Evidence]:
    """What brings any routes that are not in the config: routing protocols, the default route of PPP."""
    for row in blocks.config.rows.rows("routers"):
        if _of_family(row["protocol"], row.evidence().text, family):
            yield row.evidence()
    if family == 4:
        yield from blocks.config.line("default_network")


def _with_an_address(blocks: Blocks) -> Iterator[Route]:
    """The default routes that may come with an interface's address."""
    for block in blocks:
        for one in _BRING_A_DEFAULT:
            text = block.get(one.field)
            if text is None or not blocks.enabled(block) or not text.endswith(one.ending):
                continue
            dhcp = one.protocol == "dhcp"
            if dhcp and block.get("dhcp_router") == "no":
                continue
            yield Route(
                family=one.family,
                destination=ADDRESSES[one.family],
                length=0,
                next_hops=(NextHop(interface=block.name),),
                evidence=block.line(one.field),
                vrf=block.get("vrf") or "default",
                distance=int(block.get("dhcp_distance") or one.distance) if dhcp else one.distance,
                uncertain="it is there if it comes with the address of this interface",
                protocol=one.protocol,
            )


def _gateway(blocks: Blocks) -> Iterator[Route]:
    """``ip default-gateway``: where a device that does not route sends its own packets."""
    config = blocks.config
    text, routes = config.text("gateway"), config.text("routing4")
    one = host(text) if text is not None else None
    if one is None or one[0] != 4 or routes == "yes" or (routes is None and not config.switch):
        return
    yield Route(
        family=4,
        destination=ADDRESSES[4],
        length=0,
        next_hops=(NextHop(address=one[1].first),),
        evidence=config.line("gateway")[0],
        distance=255,
        uncertain="" if routes == "no" else "it counts while the device does not route",
    )


def _unknown_subnets(blocks: Blocks, family: Family) -> bool:
    """Whether an interface is in a subnet that the config does not tell."""
    field = "dynamic" if family == 4 else "dynamic6"
    return any(block.get(field) is not None and blocks.enabled(block) for block in blocks)


def _of_family(protocol: str, text: str, family: Family) -> bool:
    """``router ospf`` and ``router rip`` are of IPv4, ``ipv6 router ...`` and ``ospfv3`` may be of IPv6; others of
    both.
    """
    if text.startswith("ipv6 router"):
        return family == 6
    return family == 4 or protocol.split(maxsplit=1)[0] not in ("ospf", "rip", "odr", "lisp", "mobile")


def forwards(blocks: Blocks) -> dict[int, Fact[bool]]:
    """Whether packets that are not for the device are sent on, for each family."""
    config = blocks.config
    found: dict[int, Fact[bool]] = {}
    said = config.text("routing4")
    if said is not None:
        found[4] = read(said == "yes", *config.line("routing4"))
    elif config.switch:
        found[4] = _of_switch(blocks)
    else:
        found[4] = config.default(True, False, source=_ROUTING4)
    said = config.text("routing6")
    if said is not None:
        found[6] = read(said == "yes", *config.line("routing6"))
    else:
        found[6] = config.default(False, True, source=_ROUTING6)
    return found


def _of_switch(blocks: Blocks) -> Fact[bool]:
    """A LAN switch routes by default or not, by model; ``ip default-gateway`` is for one that does not."""
    from auditor.model.evidence import Basis

    routes = blocks.config.text("gateway") is None
    return Fact(
        value=routes,
        basis=Basis.DEFAULT,
        evidence=blocks.config.line("gateway") or (blocks.config.rows.head,),
        others=(not routes,),
        source=_ROUTING4,
    )
