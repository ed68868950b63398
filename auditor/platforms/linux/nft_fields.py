"""What an nft rule can ask for: each selector with how its values are read and what it narrows."""

from collections.abc import Callable
from dataclasses import dataclass

from auditor.model.addresses import EMPTY, PORTS, PROTOCOLS, Family, IntervalSet
from auditor.model.filters import Field, FieldTest
from auditor.platforms.linux import names, nft_values
from auditor.platforms.linux.bits import masked
from auditor.platforms.linux.conditions import Conditions, all_but
from auditor.platforms.linux.context import Place
from auditor.platforms.linux.nft_words import NotReadError

Read = Callable[[str], IntervalSet]
EVERY_MARK = IntervalSet((0, 1 << 32))


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """One selector. ``side`` is the part of ``Conditions`` that it narrows, where it is one of addresses, ports or the
    protocol; ``tested`` the field where it is a field of the model.

    ``family`` and ``protocol`` are what nft asks for besides. ``special`` names what is handled by itself.
    ``unknown`` are words for what can't be told from a listing.
    """

    words: str
    read: Read | None = None
    side: str = ""
    tested: Field | None = None
    top: int = 0xFFFF
    family: Family | None = None
    protocol: int | None = None
    special: str = ""
    unknown: str = ""

    def imply(self, to: Conditions) -> None:
        """What the selector needs to be there at all."""
        if self.family is not None:
            to.of_family(self.family)
        if self.protocol is not None:
            to.of_protocol(IntervalSet.single(self.protocol))
        if self.unknown:
            to.doubt(self.unknown)
            if self.words.startswith("frag "):
                to.test(FieldTest(field=Field.FRAGMENT_HEADER, values=IntervalSet.single(1)))


def _address(family: Family, side: str, words: str) -> Key:
    return Key(words=words, read=lambda text: nft_values.addresses(text, family), side=side, family=family)


def _port(protocol: int | None, word: str) -> dict[tuple[str, ...], Key]:
    sides = {"sport": "source_ports", "dport": "destination_ports"}
    return {
        (word, name): Key(words=f"{word} {name}", read=nft_values.ports, side=side, protocol=protocol)
        for name, side in sides.items()
    }


def _icmp(
    word: str, protocol: int, family: Family, types: dict[str, int], codes: dict[str, int]
) -> dict[tuple[str, ...], Key]:
    shared = {"protocol": protocol, "family": family, "top": 255}
    return {
        (word, "type"): Key(words=f"{word} type", read=nft_values.named(types), tested=Field.ICMP_TYPE, **shared),  # type: ignore[arg-type]
        (word, "code"): Key(words=f"{word} code", read=nft_values.named(codes), tested=Field.ICMP_CODE, **shared),  # type: ignore[arg-type]
    }


def _meta() -> dict[tuple[str, ...], Key]:
    number = nft_values.numbers
    known = {
        "l4proto": Key(words="meta l4proto", read=nft_values.protocols, side="protocol", top=0xFF),
        "nfproto": Key(words="meta nfproto", special="nfproto"),
        "protocol": Key(words="meta protocol", special="ethertype"),
        "length": Key(words="meta length", read=number, tested=Field.LENGTH, special="length"),
        "mark": Key(words="meta mark", read=number, tested=Field.MARK, top=0xFFFFFFFF),
        "iif": Key(words="iif", special="ingress"),
        "iifname": Key(words="iifname", special="ingress"),
        "oif": Key(words="oif", special="egress"),
        "oifname": Key(words="oifname", special="egress"),
        "iifgroup": Key(words="iifgroup", special="ingress-group"),
        "oifgroup": Key(words="oifgroup", special="egress-group"),
        "pkttype": Key(words="meta pkttype", special="pkttype"),
    }
    found: dict[tuple[str, ...], Key] = {("meta", name): key for name, key in known.items()}
    bare = ("mark", "iif", "iifname", "oif", "oifname", "iifgroup", "oifgroup", "pkttype", "nfproto", "l4proto")
    return {**found, **{(name,): known[name] for name in bare}}


KEYS: dict[tuple[str, ...], Key] = {
    ("ip", "saddr"): _address(4, "sources", "ip saddr"),
    ("ip", "daddr"): _address(4, "destinations", "ip daddr"),
    ("ip6", "saddr"): _address(6, "sources", "ip6 saddr"),
    ("ip6", "daddr"): _address(6, "destinations", "ip6 daddr"),
    ("ip", "protocol"): Key(words="ip protocol", read=nft_values.protocols, side="protocol", family=4, top=0xFF),
    ("ip", "length"): Key(words="ip length", read=nft_values.numbers, tested=Field.LENGTH, family=4),
    ("ip", "frag-off"): Key(words="ip frag-off", read=nft_values.numbers, tested=Field.FRAGMENT_WORD, family=4),
    ("ip", "version"): Key(words="ip version", special="version", family=4),
    ("ip6", "version"): Key(words="ip6 version", special="version", family=6),
    ("ip6", "nexthdr"): Key(
        words="ip6 nexthdr", read=nft_values.protocols, tested=Field.NEXT_HEADER, family=6, top=255
    ),
    ("ip6", "length"): Key(words="ip6 length", read=nft_values.numbers, tested=Field.PAYLOAD_LENGTH, family=6),
    ("udp", "length"): Key(words="udp length", read=nft_values.numbers, special="udp length", protocol=17),
    ("frag", "frag-off"): Key(
        words="frag frag-off", read=nft_values.numbers, tested=Field.FRAGMENT_OFFSET, family=6, top=0x1FFF
    ),
    ("frag", "more-fragments"): Key(
        words="frag more-fragments", read=nft_values.numbers, tested=Field.FRAGMENT_MORE, family=6, top=1
    ),
    ("frag", "nexthdr"): Key(words="frag nexthdr", read=nft_values.protocols, special="frag nexthdr", family=6),
    ("ct", "state"): Key(words="ct state", read=nft_values.states, special="ct state"),
    ("ct", "direction"): Key(
        words="ct direction", read=nft_values.named({"original": 0, "reply": 1}), tested=Field.DIRECTION, top=1
    ),
    ("ct", "status"): Key(words="ct status", special="ct status"),
    ("ether", "type"): Key(words="ether type", special="ethertype"),
    **_port(17, "udp"),
    **_port(6, "tcp"),
    **_port(132, "sctp"),
    **_port(33, "dccp"),
    **_port(136, "udplite"),
    **_port(None, "th"),
    **_icmp("icmp", 1, 4, names.ICMP_TYPES, names.ICMP_CODES),
    **_icmp("icmpv6", 58, 6, names.ICMPV6_TYPES, names.ICMPV6_CODES),
    **_meta(),
}
# Selectors whose value a listing can't tell, by their first word: how many words they take, and the protocol or family
# that they need
BY_PROTOCOL = {
    "tcp": 6, "sctp": 132, "dccp": 33, "udplite": 136, "udp": 17, "ah": 51, "esp": 50, "comp": 108, "icmp": 1,
    "icmpv6": 58, "igmp": 2, "gre": 47, "gretap": 47,
}  # fmt: skip
BY_FAMILY: dict[str, Family] = {
    "ip": 4,
    "ip6": 6,
    "frag": 6,
    "hbh": 6,
    "dst": 6,
    "mh": 6,
    "srh": 6,
    "rt0": 6,
    "rt2": 6,
    "rt4": 6,
}
OTHERS = frozenset(["meta", "ct", "ether", "vlan", "arp", "th", "vxlan", "geneve", "tunnel"])
META_BARE = frozenset({
    "skuid", "skgid", "rtclassid", "cgroup", "cpu", "iiftype", "oiftype", "secpath", "random", "day", "hour",
    "time", "iifkind", "oifkind", "ibrname", "obrname",
})  # fmt: skip


def selector(words: list[str], at: int) -> tuple[Key, int] | None:
    """The selector that begins at a word, and the place behind it. None where none does."""
    first = words[at]
    if first.startswith("@") and "," in first:
        return Key(words=first, special="raw"), at + 1
    second = words[at + 1] if at + 1 < len(words) else ""
    if (first, second) in KEYS:
        return KEYS[first, second], at + 2
    if (first,) in KEYS:
        return KEYS[first,], at + 1
    if first == "exthdr":
        if second == "frag":
            return Key(words="exthdr frag", special="exthdr frag", family=6), at + 2
        return Key(words=f"exthdr {second}", family=6, unknown="an extension header"), at + 2
    special = SELECTORS.get(first)
    if special is not None:
        return special(words, at)
    if first in META_BARE:
        return Key(words=first, unknown=f"{first} is not in a listing"), at + 1
    if first in BY_PROTOCOL or first in BY_FAMILY or first in OTHERS:
        taken = _options_taken(words, at) if second in ("option", "chunk") else 2
        return Key(
            words=f"{first} {second}",
            protocol=BY_PROTOCOL.get(first),
            family=BY_FAMILY.get(first),
            unknown=f"{first} {second} is not known from a listing",
        ), at + taken
    return None


def _options_taken(words: list[str], at: int) -> int:
    """How many words name an option: ``tcp option sack-perm``; ``tcp option maxseg size`` where a field is named."""
    field = words[at + 3] if at + 3 < len(words) else ""
    return 4 if field[:1].isalpha() and field not in NO_FIELDS else 3


# what may stand behind an option's name instead of a field of it
NO_FIELDS = frozenset({"exists", "missing", "eq", "ne", "lt", "gt", "le", "ge", "and", "vmap", "map", "set"})


def _ct(words: list[str], at: int) -> tuple[Key, int]:
    """``ct mark``, ``ct original ip saddr``, ``ct count over 5`` ..."""
    rest = words[at + 1 : at + 5]
    taken = 2
    if rest[:1] in (["original"], ["reply"]):
        taken = 4 if rest[1:2] in (["ip"], ["ip6"]) else 3
    return Key(
        words=" ".join(words[at : at + taken]),
        unknown=f"{' '.join(words[at : at + taken])} is not known from a listing",
    ), at + taken


def _fib(words: list[str], at: int) -> tuple[Key, int]:
    """``fib saddr . iif oif``: flags with dots between them, then what is asked."""
    place = at + 2
    while place + 1 < len(words) and words[place] == ".":
        place += 2
    flags = " ".join(words[at + 1 : place])
    result = words[place] if place < len(words) else ""
    if result == "type" and flags in ("saddr", "daddr"):
        return Key(words=f"fib {flags} type", special=f"fib {flags}"), place + 1
    return Key(words=f"fib {flags} {result}", unknown="what the routing table says of an address"), place + 1


def _counted(name: str) -> Callable[[list[str], int], tuple[Key, int]]:
    """numgen, jhash, symhash: all words up to and with ``mod N`` and ``offset N``."""

    def read(words: list[str], at: int) -> tuple[Key, int]:
        place = at + 1
        while place < len(words) and words[place] != "mod":
            place += 1
        place += 2
        while words[place : place + 1] in (["offset"], ["seed"]):
            place += 2
        return Key(words=name, unknown=f"{name} chooses"), place

    return read


def _rt(words: list[str], at: int) -> tuple[Key, int]:
    taken = 3 if words[at + 1 : at + 2] in (["ip"], ["ip6"]) else 2
    return Key(words="rt", unknown="a property of the route"), at + taken


def _socket(words: list[str], at: int) -> tuple[Key, int]:
    taken = 4 if words[at + 2 : at + 3] == ["level"] else 2
    return Key(words="socket", unknown="a property of a local socket"), at + taken


def _ipsec(words: list[str], at: int) -> tuple[Key, int]:
    place = at + 2 + (2 if words[at + 2 : at + 3] == ["spnum"] else 0)
    place += 2 if words[place : place + 1] in (["ip"], ["ip6"]) else 1
    return Key(words="ipsec", unknown="a property of IPsec"), place


SELECTORS: dict[str, Callable[[list[str], int], tuple[Key, int]]] = {
    "ct": _ct,
    "fib": _fib,
    "numgen": _counted("numgen"),
    "jhash": _counted("jhash"),
    "symhash": _counted("symhash"),
    "rt": _rt,
    "socket": _socket,
    "ipsec": _ipsec,
    "osf": lambda _, at: (Key(words="osf", unknown="the sender's operating system"), at + 2),
}


def apply(key: Key, values: IntervalSet, mask: int | None, to: Conditions, place: Place) -> None:
    """Narrows the conditions to packets whose field, under the mask, lies in the values."""
    key.imply(to)
    if mask is not None and (key.side or key.special == "udp length"):
        values = nft_values.under_bits(mask, values, key.top)
    if key.side:
        if key.side == "protocol":
            to.of_protocol(values)
        else:
            to.narrow(key.side, values)
            to.reads_data = to.reads_data or (key.side.endswith("ports") and place.reads_data)
    elif key.special == "udp length":
        to.of_udp_length(values)
        to.reads_data = to.reads_data or place.reads_data
    elif key.special == "length" and place.outgoing_frame:
        to.doubt("meta length counts the frame's header here")
    elif key.special == "frag nexthdr":
        to.test(FieldTest(field=Field.FRAGMENT_HEADER, values=IntervalSet.single(1)))
        to.of_protocol(values)
    elif key.tested is not None:
        to.test(FieldTest(field=key.tested, values=values, mask=mask))
    else:
        raise NotReadError(key.words)


def universe(key: Key) -> IntervalSet:
    """All values that the selector's field may hold, for a negation."""
    if key.side in ("sources", "destinations"):
        return all_but(EMPTY, key.side, key.family)
    if key.side.endswith("ports") or key.special == "udp length":
        return PORTS
    if key.side == "protocol" or key.special == "frag nexthdr":
        return PROTOCOLS
    return IntervalSet((0, key.top + 1))


def raw(word: str, values: IntervalSet, mask: int | None, to: Conditions, place: Place) -> None:
    """``@th,16,16`` and ``@nh,48,16``: bits of the transport or network header."""
    base, first, width = word[1:].split(",")
    start, length = int(first), int(width)
    if base == "th" and mask is None and (start, length) in ((0, 16), (16, 16)):
        to.narrow("source_ports" if start == 0 else "destination_ports", values)
        to.reads_data = to.reads_data or place.reads_data
        return
    if base == "th" and mask is None and (start, length) == (32, 16):
        to.doubt("bits 32 to 47 of the transport header, a UDP length perhaps")
        return
    if base != "nh" or to.family is None:
        raise NotReadError(word)
    found = masked(to.family, start, length, (1 << length) - 1 if mask is None else mask, values)
    if found is None:
        raise NotReadError(word)
    whole = found.mask == (1 << found.width) - 1
    if isinstance(found.what, Field):
        to.test(FieldTest(field=found.what, values=found.values, mask=None if whole else found.mask))
    elif whole and found.what == "protocol":
        to.of_protocol(found.values)
    elif whole:
        to.narrow(f"{found.what}s", found.values)
    else:
        raise NotReadError(word)
