"""What an nft rule asks for: a selector, an operator, values, sets and verdict maps."""

from collections.abc import Sequence

from auditor.model.addresses import EMPTY, IntervalSet
from auditor.model.filters import CONTINUE, Box
from auditor.platforms.linux import names, nft_values
from auditor.platforms.linux.conditions import Conditions
from auditor.platforms.linux.context import Place
from auditor.platforms.linux.nft_fields import Key, apply, raw, universe
from auditor.platforms.linux.nft_reading import Decision, Reading, fork
from auditor.platforms.linux.nft_specials import SPECIAL
from auditor.platforms.linux.nft_verdicts import verdict_text
from auditor.platforms.linux.nft_words import Element, NotReadError, elements_of, is_set

OPERATORS = {
    "==": "==", "eq": "==", "!=": "!=", "ne": "!=", "<": "<", "lt": "<", "<=": "<=", "le": "<=", ">": ">", "gt": ">",
    ">=": ">=", "ge": ">=",
}  # fmt: skip
CATCH_ALL = ("*",)
BOX_SIDES = ("sources", "destinations", "source_ports", "destination_ports")


HEADERS = frozenset({"ip", "ip6", "udp", "tcp", "th", "icmp", "icmpv6", "sctp", "dccp", "udplite"})
MERGED = "nft makes one test of two != on neighbouring fields, which then matches where one of them holds"


def met(reading: Reading, keys: list[Key], at: int) -> None:
    """Reads what is asked for, up to the place behind it. ``udp sport != 500 udp dport != 500``: nft 1.0.6 compares
    both fields at once (measured), so the rule takes packets of which one differs; whether the nft that loaded it did
    so, its listing does not tell.
    """
    start, words = at, reading.words
    last, reading.negated = reading.negated, None
    header = keys[0].words.partition(" ")[0]
    negated = at < len(words) and words[at] == "!=" and len(keys) == 1 and header in HEADERS
    if not negated or not _is_one(keys[0], words, at):
        reading.at = match(reading, keys, start)
        return
    merged = last is not None and last[:2] == (header, reading.at)
    as_it_is = [fork(one) for one in reading.alternatives]
    before = last[2] if last is not None and merged else as_it_is
    reading.at = match(reading, keys, start)
    if merged:
        first_alone, other = as_it_is, Reading(words, reading.place, alternatives=[fork(one) for one in before])
        match(other, keys, start)
        for one in (*first_alone, *other.alternatives):
            one.doubt(MERGED)
        reading.alternatives += [*first_alone, *other.alternatives]
    reading.negated = (header, reading.at, before)


def _is_one(key: Key, words: list[str], at: int) -> bool:
    """Whether one value alone is negated; nft merges no sets, ranges and prefixes, and no addresses (measured)."""
    value = words[at + 1] if at + 1 < len(words) else ""
    if (
        key.read is None
        or key.side in ("sources", "destinations")
        or is_set(value)
        or value[:1] in ("@", "")
        or "/" in value
    ):
        return False
    try:
        return key.read(value).size == 1
    except (NotReadError, ValueError):
        return False


def match(reading: Reading, keys: list[Key], at: int) -> int:
    """Reads operator and values behind the selectors; returns the place behind them."""
    words = reading.words
    if any(key.special == "ct status" for key in keys) and (len(keys) > 1 or _is_exact(words, at)):
        reading.doubt("all bits of ct status are not known from a listing")
    mask, at = _mask(words, at)
    if words[at : at + 1] == ["vmap"]:
        _verdict_map(reading, keys, words[at + 1], mask)
        return at + 2
    operator, at = _operator(words, at)
    value = words[at] if at < len(words) else ""
    at += 1
    if words[at : at + 1] == ["/"]:  # tcp flags syn / fin,syn
        mask, value, at = words[at + 1], words[at - 1], at + 2
    if len(keys) > 1:
        _concatenation(reading, keys, operator, value)
    elif keys[0].unknown:
        for one in reading.alternatives:
            keys[0].imply(one)
    else:
        _single(reading, keys[0], operator, mask, value)
    return at


def _is_exact(words: list[str], at: int) -> bool:
    """Whether all bits are compared: with an operator other than ``!``, a set, a map, or a mask."""
    word, further = words[at], words[at + 1 : at + 2]
    return word in OPERATORS or word in ("&", "and", "vmap") or is_set(word) or word[:1] == "@" or further == ["/"]


def _mask(words: list[str], at: int) -> tuple[str | None, int]:
    """``& 0x1fff``, ``and 0x1fff``, ``& (fin|syn)``"""
    if words[at : at + 1] not in (["&"], ["and"]):
        return None, at
    if words[at + 1].startswith("("):
        end = at + 1
        while not words[end].endswith(")"):
            end += 1
        return " ".join(words[at + 1 : end + 1]), end + 1
    return words[at + 1], at + 2


def _operator(words: list[str], at: int) -> tuple[str, int]:
    word = words[at] if at < len(words) else ""
    if word == "!":
        return "!=", at + 1
    return (OPERATORS[word], at + 1) if word in OPERATORS else ("==", at)


def elements(value: str, place: Place) -> tuple[Sequence[Element], str]:
    """The elements of a set, on the spot or by its name, and why a named one may hold others by now."""
    if is_set(value):
        return elements_of(value), ""
    named = place.sets.get(value.removeprefix("@"))
    if named is None:
        raise NotReadError(f"the set {value} is not in the listing")
    return named.elements(), named.doubt


def _single(reading: Reading, key: Key, operator: str, mask: str | None, value: str) -> None:
    place = reading.place
    texts: Sequence[str]
    doubt = ""
    if is_set(value) or (value.startswith("@") and "," not in value):
        found, doubt = elements(value, place)
        texts = [".".join(one.parts) for one in found]
    else:
        texts = [value]
    if doubt:
        for one in reading.alternatives:
            key.imply(one)
            one.doubt(doubt)
        return
    if key.special.startswith("fib") or key.words.startswith("@nh"):
        reading.alternatives = [twin for one in reading.alternatives for twin in _by_family(one)]
    for one in reading.alternatives:
        try:
            _apply(key, operator, mask, texts, one, place)
        except NotReadError as error:
            if len(reading.alternatives) == 1:
                raise
            one.doubt(f"not understood: {error}")  # of the one family; of the other it may be known


def _by_family(conditions: Conditions) -> list[Conditions]:
    """The same for IPv4 and for IPv6, where the values differ."""
    if conditions.family is not None:
        return [conditions]
    twins = [fork(conditions), fork(conditions)]
    twins[0].of_family(4)
    twins[1].of_family(6)
    return twins


def _apply(key: Key, operator: str, mask: str | None, texts: Sequence[str], to: Conditions, place: Place) -> None:
    if key.special in SPECIAL:
        if mask is not None or operator not in ("==", "!="):
            raise NotReadError(key.words)
        key.imply(to)
        SPECIAL[key.special](texts, operator == "!=", to, place)
        return
    if key.special == "raw":
        _raw(key, operator, mask, texts, to, place)
        return
    if key.side in ("sources", "destinations") and mask is not None:
        if operator not in ("==", "!=") or len(texts) != 1 or key.family is None:
            raise NotReadError(key.words)
        inside = nft_values.under_mask(mask, texts[0], key.family)
        key.imply(to)
        to.narrow(key.side, inside if operator == "==" else universe(key) - inside)
        return
    if key.read is None:
        raise NotReadError(key.words)
    values = _value(key, texts[0]) if len(texts) == 1 else IntervalSet.union(_value(key, text) for text in texts)
    masked = None if mask is None else _mask_value(key, mask)
    if operator == "!=":
        values = universe(key) - values
    elif operator != "==":
        values = nft_values.compared(operator, values, key.top)
    apply(key, values, masked, to, place)


def _value(key: Key, text: str) -> IntervalSet:
    if "/" in text and key.side not in ("sources", "destinations"):
        return nft_values.prefixed(text, key.top)
    return EMPTY if key.read is None else key.read(text)


def _mask_value(key: Key, text: str) -> int:
    """A mask; nft writes it by a name where its number has one (``meta l4proto & udp == udp``)."""
    try:
        return _number(text)
    except ValueError:
        return _value(key, text).first


def _number(text: str) -> int:
    """A mask: a number, or several with ``|`` between them."""
    found = 0
    for part in text.strip("() ").replace("|", " ").split():
        found |= names.number(part)
    return found


def _raw(key: Key, operator: str, mask: str | None, texts: Sequence[str], to: Conditions, place: Place) -> None:
    top = (1 << int(key.words.rsplit(",", 1)[1])) - 1
    values = IntervalSet.union(map(nft_values.numbers, texts))
    if operator == "!=":
        values = IntervalSet((0, top + 1)) - values
    elif operator != "==":
        values = nft_values.compared(operator, values, top)
    raw(key.words, values, None if mask is None else _number(mask), to, place)


def _concatenation(reading: Reading, keys: list[Key], operator: str, value: str) -> None:
    """``ip saddr . udp dport { 192.0.2.1 . 500, ... }``"""
    if operator != "==":
        raise NotReadError("a concatenation that is negated")
    found, doubt = (
        elements(value, reading.place) if is_set(value) or value.startswith("@") else (elements_of(f"{{{value}}}"), "")
    )
    if doubt or any(key.unknown for key in keys):
        for one in reading.alternatives:
            for key in keys:
                key.imply(one)
            if doubt:
                one.doubt(doubt)
        return
    reading.alternatives = [
        twin
        for one in reading.alternatives
        for twin, _ in _by_elements(one, keys, [(e, "") for e in found], reading.place)
    ]


def _by_elements(
    conditions: Conditions, keys: list[Key], entries: Sequence[tuple[Element, str]], place: Place
) -> list[tuple[Conditions, str]]:
    """The conditions with each element; elements that differ in addresses and ports alone stay together."""
    groups: dict[tuple[tuple[str, ...], str], list[Box]] = {}
    sides = [key.side if key.side in BOX_SIDES else "" for key in keys]
    for one, value in entries:
        if len(one.parts) != len(keys):
            raise NotReadError("an element of a set has another form")
        rest = tuple("" if side else part for side, part in zip(sides, one.parts, strict=True))
        groups.setdefault((rest, value), []).append(_box(keys, sides, one.parts))
    found = []
    for (rest, value), boxes in groups.items():
        twin = fork(conditions)
        for key, side, part in zip(keys, sides, rest, strict=True):
            key.imply(twin)
            if not side:
                _apply(key, "==", None, [part], twin, place)
            elif side.endswith("ports"):
                twin.reads_data = twin.reads_data or place.reads_data
        if any(sides):
            twin.one_of(_fewer(boxes, sides))
        found.append((twin, value))
    return found


def _box(keys: list[Key], sides: list[str], parts: tuple[str, ...]) -> Box:
    found: dict[str, IntervalSet] = {}
    for key, side, part in zip(keys, sides, parts, strict=True):
        if side:
            found[side] = _value(key, part)
    return Box(**found)


def _fewer(boxes: list[Box], sides: list[str]) -> tuple[Box, ...]:
    """One product, where the elements differ in one field alone."""
    used = [side for side in sides if side]
    if len(used) == 1:
        return (Box(**{used[0]: IntervalSet.union(getattr(box, used[0]) for box in boxes)}),)
    return tuple(boxes)


def _verdict_map(reading: Reading, keys: list[Key], value: str, mask: str | None) -> None:
    """``udp dport vmap { 500 : accept, 4500 : continue }``: a verdict leaves the rule, ``continue`` goes on with what
    follows in it, and what no element takes goes on with the next rule (net/netfilter/nf_tables_core.c nft_do_chain(),
    nft_lookup.c; measured on Linux 6.18).
    """
    found, doubt = elements(value, reading.place)
    unknown = next((key.unknown for key in keys if key.unknown), "") or doubt
    decided: list[Decision] = []
    for one in reading.alternatives:
        if unknown:
            one.doubt(unknown)
            texts = dict.fromkeys(e.value for e in found)
            decided += [(fork(one), verdict_text(text, reading.place)) for text in texts]
            continue
        plain = [e for e in found if e.parts != CATCH_ALL]
        if mask is None:
            pairs = _by_elements(one, keys, [(e, e.value) for e in plain], reading.place)
        elif len(plain) == len(found) and len(keys) == 1:
            pairs = [(_under(one, keys[0], mask, e, reading.place), e.value) for e in plain]
        else:
            raise NotReadError("a map of bits")
        if len(keys) == 1:
            pairs += [(_others(one, keys[0], plain, reading.place), e.value) for e in found if e.parts == CATCH_ALL]
        elif len(plain) < len(found):
            raise NotReadError("an element for all others")
        decided += [(twin, verdict_text(text, reading.place)) for twin, text in pairs]
    reading.done += [(c, a) for c, a in decided if a is not CONTINUE]
    reading.alternatives = [c for c, a in decided if a is CONTINUE]


def _under(conditions: Conditions, key: Key, mask: str, one: Element, place: Place) -> Conditions:
    """What an element of a map takes whose key is a field's bits under a mask."""
    twin = fork(conditions)
    key.imply(twin)
    _apply(key, "==", mask, [one.parts[0]], twin, place)
    return twin


def _others(conditions: Conditions, key: Key, elements_: Sequence[Element], place: Place) -> Conditions:
    """What no other element of a map takes: its element ``*``."""
    twin = fork(conditions)
    key.imply(twin)
    if elements_:
        _apply(key, "!=", None, [one.parts[0] for one in elements_], twin, place)
    return twin
