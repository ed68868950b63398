"""What an iptables rule can ask for: each option with what it narrows."""

from collections.abc import Callable
from functools import lru_cache

from auditor.model.addresses import ADDRESSES, PORTS, PROTOCOLS, Family, IntervalSet
from auditor.model.filters import CONNECTION_STATES, Box, Field, FieldTest, InterfaceTest
from auditor.platforms.linux import names, u32
from auditor.platforms.linux.iptables_words import Reading
from auditor.platforms.linux.nft_specials import TRANSLATED, through
from auditor.platforms.linux.nft_values import masked_addresses
from auditor.platforms.linux.nft_words import NotReadError
from auditor.platforms.linux.prefixes import address as address_of
from auditor.platforms.linux.prefixes import prefix as prefix_of

Option = Callable[[Reading, bool], None]
EVERY_STATE = IntervalSet((0, len(CONNECTION_STATES)))
# extensions that ask for nothing by being loaded, or whose options are read below
PLAIN = frozenset({
    "udp", "tcp", "udplite", "sctp", "dccp", "icmp", "icmp6", "comment", "state", "conntrack", "mark", "length",
    "multiport", "u32", "frag", "addrtype", "iprange", "pkttype", "nfacct", "ipv6header",
})  # fmt: skip
OFTEN = {
    "limit": "a limit on the rate", "hashlimit": "a limit on the rate", "recent": "a list that packets change",
    "time": "a time range", "string": "the packet's data", "statistic": "chance",
    "connlimit": "how many connections there are", "owner": "the local sender", "physdev": "the port of a bridge",
    "policy": "IPsec", "quota": "a quota", "mac": "the sender's hardware address",
    "set": "an ipset, which is not in the listing", "bpf": "a program", "socket": "a local socket",
    "rpfilter": "the way back to the source", "connmark": "the mark of the connection",
    "connbytes": "how much the connection has sent", "helper": "the connection's helper", "geoip": "a country",
}  # fmt: skip


@lru_cache(maxsize=65536)
def addresses(text: str, family: Family) -> IntervalSet:
    """An address, a prefix, an address with a mask, or several of these with commas."""
    found = []
    for one in text.split(","):
        address, _, mask = one.partition("/")
        length = mask
        if mask and not mask.isdigit():
            bits = f"{address_of(mask)[1]:b}".zfill(32 if family == 4 else 128)
            if "01" in bits:
                given, number = address_of(mask)[1], address_of(address)[1]
                found.append(masked_addresses(given, number & given, family))
                continue
            length = str(bits.count("1"))
        try:
            other, values = prefix_of(f"{address}/{length}" if length else address)
        except ValueError:
            raise NotReadError(f"{one} is no address") from None
        if other != family:
            raise NotReadError(f"{one} is no IPv{family} address")
        found.append(values)
    return found[0] if len(found) == 1 else IntervalSet.union(found)


def _family(reading: Reading) -> Family:
    return reading.place.family or 4


def _side(side: str) -> Option:
    def read(reading: Reading, negated: bool) -> None:
        family = _family(reading)
        values = addresses(reading.words.next(), family)
        reading.conditions.narrow(side, ADDRESSES[family] - values if negated else values)

    return read


def _range(side: str) -> Option:
    def read(reading: Reading, negated: bool) -> None:
        first, _, last = reading.words.next().partition("-")
        values = IntervalSet.of((address_of(first)[1], address_of(last or first)[1]))
        reading.conditions.narrow(side, ADDRESSES[_family(reading)] - values if negated else values)

    return read


def _interface(end: str) -> Option:
    def read(reading: Reading, negated: bool) -> None:
        name = reading.words.next()
        name = name[:-1] + "*" if name.endswith("+") else name
        through(InterfaceTest(names=(name,), negated=negated), end, reading.conditions, reading.place)

    return read


def _protocol(reading: Reading, negated: bool) -> None:
    word = reading.words.next()
    if word.lower() in ("all", "0", "ip") and not (word.lower() == "ip" and reading.place.family == 6):
        return
    values = IntervalSet.single(names.protocol(word))
    reading.conditions.of_protocol(PROTOCOLS - values if negated else values)


@lru_cache(maxsize=65536)
def ports(text: str) -> IntervalSet:
    """``500``, ``500:600``, ``:1023``, ``1024:``, and with commas several of these."""
    found = []
    for one in text.split(","):
        first, colon, last = one.partition(":")
        low = names.port(first) if first else 0
        high = names.port(last) if last else 0xFFFF if colon else low
        found.append((low, high))
    low, high = found[0]
    return IntervalSet((low, high + 1)) if len(found) == 1 and low <= high else IntervalSet.of(*found)


def _port(side: str) -> Option:
    """``--dport``: of -m udp (which nf_tables matches by itself) or another transport's."""

    def read(reading: Reading, negated: bool) -> None:
        values = ports(reading.words.next())
        reading.conditions.narrow(side, PORTS - values if negated else values)
        reading.conditions.reads_data = reading.conditions.reads_data or reading.place.reads_data

    return read


def _ports(*sides: str) -> Option:
    """multiport: ``--dports 500,4500``; ``--ports``: a port of either end. The kernel's xt_multiport does it."""

    def read(reading: Reading, negated: bool) -> None:
        values = ports(reading.words.next())
        if len(sides) == 1:
            reading.conditions.narrow(sides[0], PORTS - values if negated else values)
        elif negated:
            for side in sides:
                reading.conditions.narrow(side, PORTS - values)
        else:
            reading.conditions.one_of(
                (Box(source_ports=values), Box(source_ports=PORTS - values, destination_ports=values))
            )

    return read


def _fragment(reading: Reading, negated: bool) -> None:
    """``-f``: fragments but the first (ip_tables.c); ``! -f``: all else."""
    values = IntervalSet.single(0) if negated else IntervalSet((1, 0x2000))
    reading.conditions.test(FieldTest(field=Field.FRAGMENT_WORD, values=values, mask=0x1FFF))


def _states(reading: Reading, negated: bool) -> None:
    words = reading.words.next().upper().split(",")
    known = [names.CT_BITS[word.lower()] for word in words if word.lower() in names.CT_BITS]
    changed = sum(TRANSLATED[word] for word in {"snat", "dnat"} & {word.lower() for word in words})
    conditions = reading.conditions
    if any(word.lower() not in names.CT_BITS and word.lower() not in TRANSLATED for word in words) or conditions.either:
        conditions.doubt("a state")
        return
    inside = IntervalSet.of(*((place, place) for place in known))
    outside = EVERY_STATE - inside
    if negated and changed:
        conditions.test(FieldTest(field=Field.TRANSLATED, values=IntervalSet.single(0), mask=changed, absent=True))
    values = outside if negated else inside
    states = FieldTest(field=Field.CONNECTION, values=values, absent=0 in values)
    if known and (negated or not changed):
        conditions.test(states)
    if negated or not changed:
        return
    translated = FieldTest(field=Field.TRANSLATED, values=IntervalSet((1, 4)), mask=changed)
    if not known:
        conditions.test(translated)
        return
    others = FieldTest(field=Field.CONNECTION, values=outside, absent=0 in outside)
    conditions.either = ((states,), (others, translated))


def _direction(reading: Reading, negated: bool) -> None:
    """Without a connection the state alone is asked for, where one is (xt_conntrack.c conntrack_mt())."""
    back = reading.words.next().upper() == "REPLY"
    by_state = bool(reading.conditions.either) or any(t.field is Field.CONNECTION for t in reading.conditions.tests)
    values = IntervalSet.single(int(back != negated))
    reading.conditions.test(FieldTest(field=Field.DIRECTION, values=values, absent=by_state))


def _mark(reading: Reading, negated: bool) -> None:
    """``--mark value/mask`` is of -m mark, or of -m connmark, which no listing tells."""
    value, _, mask = reading.words.next().partition("/")
    if "connmark" in reading.modules[-1:]:
        reading.conditions.doubt(OFTEN["connmark"])
        return
    bits = names.number(mask) if mask else None
    values = IntervalSet.single(names.number(value))
    if negated:
        values = IntervalSet((0, 1 << 32)) - values
    reading.conditions.test(FieldTest(field=Field.MARK, values=values, mask=bits))


def _length(reading: Reading, negated: bool) -> None:
    first, colon, last = reading.words.next().partition(":")
    low = names.number(first) if first else 0
    values = IntervalSet.of((low, names.number(last) if last else 0xFFFF if colon else low))
    if negated:
        values = IntervalSet((0, 0x10000)) - values
    reading.conditions.test(FieldTest(field=Field.LENGTH, values=values))


def _icmp() -> Option:
    def read(reading: Reading, negated: bool) -> None:
        word = reading.words.next()
        pair: tuple[int, int | None] | None
        if word in names.IPTABLES_ICMP:
            pair = names.IPTABLES_ICMP[word]
        else:
            kind, _, code = word.partition("/")
            pair = (names.number(kind), names.number(code) if code else None)
        if pair is None or pair[0] == 255:
            reading.conditions.never = reading.conditions.never or negated
            return
        if negated and pair[1] is not None:
            reading.conditions.doubt("an ICMP type and code that are negated")
            return
        kinds = IntervalSet.single(pair[0])
        reading.conditions.test(
            FieldTest(field=Field.ICMP_TYPE, values=IntervalSet((0, 256)) - kinds if negated else kinds)
        )
        if pair[1] is not None:
            reading.conditions.test(FieldTest(field=Field.ICMP_CODE, values=IntervalSet.single(pair[1])))

    return read


def _u32(reading: Reading, negated: bool) -> None:
    text = reading.words.next()
    tests = u32.tests(text, _family(reading), negated)
    if tests is None:
        reading.conditions.doubt(f"the bytes that u32 looks at: {text}")
        return
    for one in tests:
        if isinstance(one, FieldTest):
            reading.conditions.test(one)
        else:
            side, values = one
            if side == "protocol":
                reading.conditions.of_protocol(values)
            else:
                reading.conditions.narrow(side, values)


def _module(reading: Reading, _negated: bool) -> None:
    name = reading.words.next()
    reading.modules.append(name)
    if name not in PLAIN:
        reading.conditions.doubt(OFTEN.get(name, f"the extension {name}"))


def _comment(reading: Reading, _negated: bool) -> None:
    reading.words.next()


def _once(name: str, taken: int) -> Option:
    """Options that are put together at the end of the rule."""

    def read(reading: Reading, negated: bool) -> None:
        value = (reading.words.next() if taken else "", negated)
        if reading.once.setdefault(name, value) != value:
            reading.conditions.doubt(f"it asks for {name} twice")

    return read


def _packet_type(reading: Reading, negated: bool) -> None:
    """A packet that is forwarded or taken in was sent to this host alone (ip_forward() drops others)."""
    holds = reading.words.next().lower() in ("unicast", "host", "us")
    reading.conditions.never = reading.conditions.never or holds == negated


def _flags(reading: Reading, _negated: bool) -> None:
    """TCP alone has such a thing; -p tcp stands before it."""
    reading.words.values()
    reading.conditions.doubt("the flags of TCP")


OPTIONS: dict[str, Option] = {
    **dict.fromkeys(("-s", "--source", "--src"), _side("sources")),
    **dict.fromkeys(("-d", "--destination", "--dst"), _side("destinations")),
    "--src-range": _range("sources"),
    "--dst-range": _range("destinations"),
    **dict.fromkeys(("-i", "--in-interface"), _interface("ingress")),
    **dict.fromkeys(("-o", "--out-interface"), _interface("egress")),
    **dict.fromkeys(("-p", "--protocol", "--proto"), _protocol),
    **dict.fromkeys(("--sport", "--source-port"), _port("source_ports")),
    **dict.fromkeys(("--dport", "--destination-port"), _port("destination_ports")),
    **dict.fromkeys(("--sports", "--source-ports"), _ports("source_ports")),
    **dict.fromkeys(("--dports", "--destination-ports"), _ports("destination_ports")),
    "--ports": _ports("source_ports", "destination_ports"),
    **dict.fromkeys(("-f", "--fragment"), _fragment),
    **dict.fromkeys(("--state", "--ctstate"), _states),
    "--ctdir": _direction,
    "--mark": _mark,
    "--length": _length,
    "--icmp-type": _icmp(),
    "--icmpv6-type": _icmp(),
    "--u32": _u32,
    **dict.fromkeys(("-m", "--match"), _module),
    "--comment": _comment,
    "--nfacct-name": _comment,
    "--pkt-type": _packet_type,
    "--tcp-flags": _flags,
    "--syn": _flags,
    "--tcp-option": _flags,
    **{name: _once(name, 1) for name in ("--fragid", "--fraglen", "--dst-type", "--src-type", "--header")},
    **{
        name: _once(name, 0)
        for name in [
            "--fragfirst",
            "--fragmore",
            "--fraglast",
            "--fragres",
            "--limit-iface-in",
            "--limit-iface-out",
            "--soft",
        ]
    },
}
