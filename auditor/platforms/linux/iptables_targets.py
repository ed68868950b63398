"""What an iptables rule does: its target with the target's options."""

from collections.abc import Callable

from auditor.model.addresses import ADDRESSES, IntervalSet
from auditor.model.filters import CONTINUE, DROP, PERMIT, REJECT, RETURN, Action, Translate, Verb
from auditor.platforms.linux import names
from auditor.platforms.linux.iptables_matches import addresses, ports
from auditor.platforms.linux.iptables_words import Reading
from auditor.platforms.linux.nft_nat import SCRAMBLED, End, shifted, split_target
from auditor.platforms.linux.nft_values import addresses as address_range
from auditor.platforms.linux.nft_verdicts import NOTRACK, REWRITES, TO_PROGRAM, TO_SOCKET, UNKNOWN_MARK
from auditor.platforms.linux.nft_words import NotReadError
from auditor.platforms.linux.nft_writes import FEWER_HOPS, lasts

EVERY_BIT = 0xFFFFFFFF
VERDICTS = {"ACCEPT": PERMIT, "DROP": DROP, "RETURN": RETURN, "REJECT": REJECT}
# they log, count, or write what no path of ours hangs on (TOS, traffic classes, TCP's MSS, the connection's mark)
HARMLESS = frozenset({
    "LOG", "ULOG", "NFLOG", "TRACE", "AUDIT", "TCPMSS", "TCPOPTSTRIP", "CLASSIFY", "CHECKSUM", "TOS", "DSCP", "ECN",
    "SECMARK", "CONNSECMARK", "IDLETIMER", "LED", "RATEEST", "TEE", "SET", "ACCOUNT", "NFACCT",
})  # fmt: skip
NAT = frozenset(["DNAT", "SNAT", "MASQUERADE", "REDIRECT", "NETMAP", "SAME"])


def actions_of(reading: Reading) -> list[Action]:
    """The actions of a rule's target."""
    target = reading.target
    if target in VERDICTS and not reading.goes:
        return [VERDICTS[target]]
    chain = reading.place.chain(target)
    if chain is not None:
        return [Action(verb=Verb.GOTO if reading.goes else Verb.JUMP, target=chain)]
    if target in NAT:
        return [_nat(reading)]
    if target in HARMLESS:
        return [CONTINUE]
    read = TARGETS.get(target)
    if read is not None:
        try:
            return [read(reading)]
        except (NotReadError, ValueError, IndexError):
            return [UNKNOWN_MARK] if target in ("MARK", "CONNMARK", "HMARK") else [_unknown(target)]
    return [_unknown(target)]


def _unknown(target: str) -> Action:
    return Action(verb=Verb.DOUBT, words=f"what its target {target} does with these packets is not understood")


def _value(reading: Reading, name: str) -> str:
    values = reading.options.get(name)
    return values[0] if values else ""


def _mark(reading: Reading) -> Action:
    """``--set-xmark value/mask``: new = (old & ~mask) ^ value; the other forms are written as that one (libxt_MARK)."""
    for option, make in MARKS.items():
        text = _value(reading, option)
        if text:
            value, _, mask = text.partition("/")
            return Action(verb=Verb.MARK, mark=make(names.number(value), names.number(mask) if mask else EVERY_BIT))
    return UNKNOWN_MARK


MARKS: dict[str, Callable[[int, int], tuple[int, int]]] = {
    "--set-xmark": lambda value, mask: (value, mask),
    "--set-mark": lambda value, mask: (value, mask | value),
    "--and-mark": lambda value, _: (0, ~value & EVERY_BIT),
    "--or-mark": lambda value, _: (value, value),
    "--xor-mark": lambda value, _: (value, 0),
}


def _connection_mark(reading: Reading) -> Action:
    """Only what writes the packet's own mark counts: which mark the connection has can't be known."""
    return UNKNOWN_MARK if "--restore-mark" in reading.options else CONTINUE


def _track(reading: Reading) -> Action:
    return NOTRACK if "--notrack" in reading.options else CONTINUE


def _hops(reading: Reading) -> Action:
    """``--ttl-set``, ``--ttl-dec``, ``--ttl-inc`` and the same of the IPv6 hop limit."""
    kept = {"--ttl-inc", "--hl-inc"} & reading.options.keys()
    if kept or lasts([_value(reading, "--ttl-set") or _value(reading, "--hl-set")]):
        return CONTINUE
    reading.conditions.doubt(FEWER_HOPS)
    return DROP


def _synproxy(reading: Reading) -> Action:
    reading.conditions.of_protocol(IntervalSet.single(6))
    return TO_SOCKET


def _socket(reading: Reading) -> Action:
    reading.conditions.doubt("whether a local program takes the packets")
    return TO_SOCKET


TARGETS: dict[str, Callable[[Reading], Action]] = {
    "MARK": _mark,
    "CONNMARK": _connection_mark,
    "HMARK": lambda _: UNKNOWN_MARK,
    "CT": _track,
    "TTL": _hops,
    "HL": _hops,
    "NOTRACK": lambda _: NOTRACK,
    "QUEUE": lambda _: TO_PROGRAM,
    "NFQUEUE": lambda _: TO_PROGRAM,
    "TPROXY": _socket,
    "SYNPROXY": _synproxy,
    "DNPT": lambda _: REWRITES,
    "SNPT": lambda _: REWRITES,
}


def _nat(reading: Reading) -> Action:
    """DNAT, SNAT and the like; what is not understood may write any address."""
    family = reading.place.family or 4
    end: End = "source" if reading.target in ("SNAT", "MASQUERADE", "SAME") else "destination"
    try:
        translate = _translate(reading, end)
    except (NotReadError, ValueError, IndexError) as error:
        reading.conditions.doubt(f"not understood: {error or 'what it translates to'}")
        translate = Translate(end=end, addresses=ADDRESSES[family])
    if {"--random", "--random-fully"} & reading.options.keys() and translate.keep_ports:
        translate = Translate(
            end=end,
            addresses=translate.addresses,
            shift=translate.shift,
            ports=SCRAMBLED,
            keep_ports=False,
            interface=translate.interface,
        )
    return Action(verb=Verb.TRANSLATE, translate=translate)


def _translate(reading: Reading, end: End) -> Translate:
    target = reading.target
    if target in ("MASQUERADE", "REDIRECT"):
        text = _value(reading, "--to-ports") or _value(reading, "--to-port")
        chosen = ports(text.replace("-", ":")) if text else None
        return Translate(
            end=end,
            interface="egress" if target == "MASQUERADE" else "ingress",
            ports=chosen,
            keep_ports=chosen is None,
        )
    if target == "NETMAP":
        return _block(reading)
    text = _value(reading, f"--to-{end}") or _value(reading, "--to")
    if not text:
        raise NotReadError("where it translates to")
    return _to(text, end, reading)


def _to(text: str, end: End, reading: Reading) -> Translate:
    """``192.0.2.1``, ``192.0.2.1-192.0.2.5:1000-2000``, ``:500``, ``[2001:db8::1]:500``"""
    where, chosen = split_target(text)
    family = reading.place.family or 4
    found = address_range(where, family) if where else None
    taken = None
    if chosen:
        if "/" in chosen:  # a block of ports that is shifted as a whole
            chosen = chosen.split("/", 1)[0]
        taken = ports(chosen.replace("-", ":"))
    return Translate(end=end, addresses=found, ports=taken, keep_ports=taken is None)


def _block(reading: Reading) -> Translate:
    """NETMAP: the host bits stay. In PREROUTING it is the destination, in POSTROUTING the source (xt_NETMAP)."""
    family = reading.place.family or 4
    after = addresses(_value(reading, "--to"), family)
    conditions = reading.conditions
    end: End = reading.place.writes
    before = conditions.sources if end == "source" else conditions.destinations
    shift = shifted([before], after)
    return Translate(end=end, addresses=None if shift is not None else after, shift=shift)
