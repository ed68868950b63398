"""What nft rules ask for that is no plain field: states, interfaces, families, the types of addresses."""

import re
from collections.abc import Callable, Sequence
from functools import reduce
from operator import or_

from auditor.model.addresses import EMPTY, IntervalSet
from auditor.model.filters import CONNECTION_STATES, Field, FieldTest, InterfaceTest
from auditor.platforms.linux import names, nft_values
from auditor.platforms.linux.conditions import Conditions, all_but
from auditor.platforms.linux.context import Place

Special = Callable[[Sequence[str], bool, Conditions, Place], None]
ETHERTYPES = {"ip": 4, "0x0800": 4, "0x800": 4, "2048": 4, "ip6": 6, "0x86dd": 6, "0x86DD": 6, "34525": 6}
NFPROTO = {"ipv4": 4, "2": 4, "ipv6": 6, "10": 6}
HOST = frozenset({"host", "unicast", "0"})


def _states(texts: Sequence[str], negated: bool, to: Conditions, _place: Place) -> None:
    """Before tracking a packet has no state: nft calls that invalid (nft_ct.c; measured at -300)."""
    values = IntervalSet.union(map(nft_values.states, texts))
    if negated:
        values = IntervalSet((0, len(CONNECTION_STATES))) - values
    to.test(FieldTest(field=Field.CONNECTION, values=values, absent=0 in values))


TRANSLATED = {"snat": 1, "dnat": 2, "0x10": 1, "0x20": 2, "0x30": 3}  # IPS_SRC_NAT, IPS_DST_NAT; nft -n: numbers


def _status(texts: Sequence[str], negated: bool, to: Conditions, _place: Place) -> None:
    """``ct status dnat``: one of these bits, with ``!`` none of them. NAT sets them where it changes something
    (net/netfilter/nf_nat_core.c nf_nat_setup_info()); nothing tells of the others.
    """
    words = {re.sub(r"^0x0+", "0x", word.strip()) for text in texts for word in text.split(",")}
    if not words <= TRANSLATED.keys():
        to.doubt("ct status is not known from a listing")
        return
    mask = reduce(or_, (TRANSLATED[word] for word in words))
    values = IntervalSet.single(0) if negated else IntervalSet((1, 4))
    to.test(FieldTest(field=Field.TRANSLATED, values=values, mask=mask))


def _interface(end: str) -> Special:
    def read(texts: Sequence[str], negated: bool, to: Conditions, place: Place) -> None:
        through(InterfaceTest(names=tuple(text.strip('"') for text in texts), negated=negated), end, to, place)

    return read


def through(test: InterfaceTest, end: str, to: Conditions, place: Place) -> None:
    """The packet came in or goes out by an interface. Where there is none at the hook, its name is empty (measured)."""
    there = place.ingress if end == "ingress" else place.egress
    if there is None:
        to.doubt("the chain is met at hooks with and without such an interface")
    elif not there:
        to.never = to.never or not test.holds("")
    elif end == "ingress":
        to.comes_in(test)
    else:
        to.goes_out(test)


def _group(end: str) -> Special:
    def read(texts: Sequence[str], negated: bool, to: Conditions, place: Place) -> None:
        groups = place.host.groups
        if groups is None:
            to.doubt("which interfaces are in a group is not known")
            return
        members: list[str] = []
        for text in texts:
            word = text.strip('"')
            if word != "default" and word not in groups:
                word = {"0": "default", "0x0": "default"}.get(
                    word, str(names.number(word)) if word[:1].isdigit() else word
                )
            members += groups.get(word, ())
        through(InterfaceTest(names=tuple(members), negated=negated), end, to, place)

    return read


def _family(table: dict[str, int]) -> Special:
    def read(texts: Sequence[str], negated: bool, to: Conditions, _place: Place) -> None:
        wanted = {table[word] for text in texts if (word := text.strip('"')) in table}
        allowed = {4, 6} - wanted if negated else wanted
        if allowed == {4}:
            to.of_family(4)
        elif allowed == {6}:
            to.of_family(6)
        elif not allowed:
            to.never = True

    return read


def _packet_type(texts: Sequence[str], negated: bool, to: Conditions, _place: Place) -> None:
    """A host forwards and takes in what was sent to it alone (ip_forward() drops the rest), so its type is "host"."""
    holds = bool(HOST & {text.strip('"') for text in texts})
    to.never = to.never or holds == negated


def _version(texts: Sequence[str], negated: bool, to: Conditions, _place: Place) -> None:
    holds = str(to.family) in texts
    to.never = to.never or holds == negated


def _extension(texts: Sequence[str], negated: bool, to: Conditions, _place: Place) -> None:
    exists = (texts[0] in ("exists", "1")) != negated
    to.test(FieldTest(field=Field.FRAGMENT_HEADER, values=IntervalSet.single(int(exists))))


def _looked_up(side: str) -> Special:
    def read(texts: Sequence[str], negated: bool, to: Conditions, place: Place) -> None:
        address_type(side, [text.strip('"') for text in texts], negated, to, place)

    return read


def address_type(side: str, kinds: Sequence[str], negated: bool, to: Conditions, place: Place) -> None:
    """Whether an address is local, a broadcast or a multicast one; exact where the host's addresses were listed."""
    families = (to.family,) if to.family else (4, 6)
    sets = {family: _of_kinds(kinds, family, place) for family in families}
    if any(found is None for found in sets.values()) or len(families) > 1:
        to.doubt("the type of an address")
        return
    family = families[0]
    found = sets[family] or EMPTY
    to.narrow(side, all_but(EMPTY, side, family) - found if negated else found)


MULTICAST = {4: IntervalSet((0xE0000000, 0xF0000000)), 6: IntervalSet((0xFF << 120, 1 << 128))}


def _of_kinds(kinds: Sequence[str], family: int, place: Place) -> IntervalSet | None:
    found = []
    for kind in kinds:
        one = (
            MULTICAST[family]
            if kind == "multicast"
            else getattr(place.host, kind, {}).get(family)
            if kind in ("local", "broadcast")
            else None
        )
        if one is None:
            return None
        found.append(one)
    return IntervalSet.union(found)


SPECIAL: dict[str, Special] = {
    "ct state": _states,
    "ct status": _status,
    "ingress": _interface("ingress"),
    "egress": _interface("egress"),
    "ingress-group": _group("ingress"),
    "egress-group": _group("egress"),
    "nfproto": _family(NFPROTO),
    "ethertype": _family(ETHERTYPES),
    "pkttype": _packet_type,
    "version": _version,
    "exthdr frag": _extension,
    "fib saddr": _looked_up("sources"),
    "fib daddr": _looked_up("destinations"),
}
