"""NAT statements of nft: what they write, each element of a map by itself."""

import re
from typing import Literal

from auditor.model.addresses import ADDRESSES, EMPTY, Family, IntervalSet
from auditor.model.filters import Action, Translate, Verb
from auditor.platforms.linux import nft_values
from auditor.platforms.linux.conditions import Conditions
from auditor.platforms.linux.nft_fields import Key, apply, selector
from auditor.platforms.linux.nft_matches import elements
from auditor.platforms.linux.nft_reading import Decision, Reading, fork
from auditor.platforms.linux.nft_words import NotReadError

End = Literal["source", "destination"]
ENDS: dict[str, End] = {"dnat": "destination", "redirect": "destination", "snat": "source", "masquerade": "source"}
FLAGS = re.compile(r"^(?:random|fully-random|persistent|netmap)(?:,(?:random|fully-random|persistent|netmap))*$")
BRACKETED = re.compile(r"^\[(?P<first>[^\]]+)\](?:-\[(?P<last>[^\]]+)\])?(?::(?P<ports>[\d\"\w-]+))?$")
SCRAMBLED = IntervalSet((1, 1 << 16))  # the ports that "random" may choose


def translation(reading: Reading, at: int) -> int:
    """Reads a NAT statement; returns the place behind it."""
    words = reading.words
    kind = words[at]
    end = ENDS[kind]
    at += 1
    family: Family | None = reading.place.family
    if words[at : at + 1] in (["ip"], ["ip6"]):
        family = 4 if words[at] == "ip" else 6
        at += 1
    prefix = words[at : at + 1] == ["prefix"]
    at += prefix
    parts = 1
    if words[at : at + 3] == ["addr", ".", "port"]:
        parts, at = 2, at + 3
    if words[at : at + 1] == ["interval"]:
        at += 1
    for one in reading.alternatives:
        if family is not None:
            one.of_family(family)
    if words[at : at + 1] != ["to"]:
        _decide(reading, _to_interface(kind, end, None))
        return _flags(reading, at)
    at += 1
    found = selector(words, at)
    if found is not None:
        return _mapped(reading, found, end, family, prefix=prefix, parts=parts)
    target = words[at]
    if target.endswith(":") and words[at + 1 : at + 2] and words[at + 1].startswith('"'):  # a port by its name (nft -S)
        target, at = target + words[at + 1], at + 1
    if kind in ("masquerade", "redirect"):
        _decide(reading, _to_interface(kind, end, nft_values.ports(target.lstrip(":"))))
    else:
        _decide(reading, _to(target, end, family, prefix, reading.alternatives))
    return _flags(reading, at + 1)


def unread(reading: Reading, at: int, reason: str) -> int:
    """A NAT statement that is not understood may write any address."""
    end = ENDS[reading.words[at]]
    reading.doubt(f"not understood: {reason or 'what it translates to'}")
    decided: list[Decision] = []
    for one in reading.alternatives:
        for family in (4, 6) if one.family is None else (one.family,):
            twin = fork(one)
            twin.of_family(family)
            decided.append(
                (twin, Action(verb=Verb.TRANSLATE, translate=Translate(end=end, addresses=ADDRESSES[family])))
            )
    _leave(reading, decided)
    return len(reading.words)


def _leave(reading: Reading, decided: list[Decision]) -> None:
    """Each of these translates, or goes on with the next rule where no element of a map fits."""
    reading.done += decided
    reading.alternatives = []


def _decide(reading: Reading, translate: Translate) -> None:
    reading.final = Action(verb=Verb.TRANSLATE, translate=translate)


def _flags(reading: Reading, at: int) -> int:
    """``random`` lets the kernel choose another port."""
    words = reading.words
    while at < len(words) and FLAGS.match(words[at]):
        if "random" in words[at]:
            _scramble(reading)
        at += 1
    return at


def _scramble(reading: Reading) -> None:
    final = reading.final
    if final is not None and final.translate is not None and final.translate.keep_ports:
        old = final.translate
        new = Translate(
            end=old.end,
            addresses=old.addresses,
            shift=old.shift,
            ports=SCRAMBLED,
            keep_ports=False,
            interface=old.interface,
        )
        reading.final = Action(verb=Verb.TRANSLATE, translate=new)


def _to_interface(kind: str, end: End, ports: IntervalSet | None) -> Translate:
    side: Literal["egress", "ingress"] = "egress" if kind == "masquerade" else "ingress"
    return Translate(end=end, interface=side, ports=ports, keep_ports=ports is None)


def _to(target: str, end: End, family: Family | None, prefix: bool, alternatives: list[Conditions]) -> Translate:
    """``192.0.2.1``, ``192.0.2.1-192.0.2.5:1000-2000``, ``:500``, ``[2001:db8::1]:500``"""
    addresses, ports = split_target(target)
    if family is None:
        family = 6 if addresses.count(":") > 1 else 4
    where = nft_values.addresses(addresses, family) if addresses else None
    chosen = nft_values.ports(ports) if ports else None
    shift = None
    if prefix and where is not None:
        side = "sources" if end == "source" else "destinations"
        shift = shifted([getattr(one, side) for one in alternatives], where)
    return Translate(
        end=end, addresses=None if shift is not None else where, shift=shift, ports=chosen, keep_ports=chosen is None
    )


def shifted(before: list[IntervalSet | None], after: IntervalSet) -> int | None:
    """By how much each address moves where a block is mapped to one of equal size; None where no amount fits."""
    moves = {
        after.first - one.first if one is not None and len(one) == 1 and one.size == after.size else None
        for one in before
    }
    return moves.pop() if len(moves) == 1 else None


def split_target(target: str) -> tuple[str, str]:
    """Addresses and ports of a target."""
    found = BRACKETED.match(target)
    if found:
        addresses = found["first"] + (f"-{found['last']}" if found["last"] else "")
        return addresses, found["ports"] or ""
    if target.startswith(":") and not target.startswith("::"):
        return "", target[1:]
    if target.count(":") == 1:
        addresses, _, ports = target.partition(":")
        return addresses, ports
    return target, ""


def _mapped(
    reading: Reading, found: tuple[Key, int], end: End, family: Family | None, *, prefix: bool, parts: int
) -> int:
    """``dnat ip to tcp dport map { 80 : 192.0.2.1 }``: each element with its own target."""
    key, at = found
    words = reading.words
    if words[at : at + 1] != ["map"]:
        raise NotReadError("a NAT target")
    entries, doubt = elements(words[at + 1], reading.place)
    if family is None:
        family = 6 if any(one.value.count(":") > 1 for one in entries) else 4
    unknown = key.unknown or doubt or ("" if key.read is not None else key.words)
    if unknown:
        values = (
            IntervalSet.union(_target(one.value, family, parts)[0] or EMPTY for one in entries) or ADDRESSES[family]
        )
        reading.doubt(unknown)
        _decide(reading, Translate(end=end, addresses=values))
        return _flags(reading, at + 2)
    random = any("random" in word for word in words[at + 2 :])
    decided: list[Decision] = []
    for one in reading.alternatives:
        for entry in entries:
            twin = fork(one)
            assert key.read is not None  # noqa: S101 (asked above)
            asked = key.read(entry.parts[0])
            apply(key, asked, None, twin, reading.place)
            where, ports = _target(entry.value, family, parts)
            ports = SCRAMBLED if random and ports is None else ports
            shift = shifted([asked], where) if prefix and where is not None else None
            written = Translate(
                end=end,
                addresses=None if shift is not None else where,
                shift=shift,
                ports=ports,
                keep_ports=ports is None,
            )
            decided.append((twin, Action(verb=Verb.TRANSLATE, translate=written)))
    _leave(reading, decided)
    return at + 2


def _target(text: str, family: Family, parts: int) -> tuple[IntervalSet | None, IntervalSet | None]:
    if parts == 2:
        address, _, port = text.partition(" . ")
        return nft_values.addresses(address, family), nft_values.ports(port.strip())
    addresses, ports = split_target(text)
    return (nft_values.addresses(addresses, family) if addresses else None), (
        nft_values.ports(ports) if ports else None
    )
