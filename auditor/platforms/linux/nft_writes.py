"""What an nft rule writes: the packet's mark, worked out exactly; other fields as far as they matter."""

from auditor.model.addresses import IntervalSet
from auditor.model.filters import CONTINUE, DROP, PERMIT, Action, Verb
from auditor.platforms.linux import names
from auditor.platforms.linux.nft_fields import Key, selector
from auditor.platforms.linux.nft_reading import Reading
from auditor.platforms.linux.nft_verdicts import REWRITES, UNKNOWN_MARK

EVERY_BIT = 0xFFFFFFFF
# fields that no path of ours hangs on
WRITABLE = frozenset({
    "meta nftrace", "meta priority", "meta pkttype", "meta secmark", "ip dscp", "ip ecn", "ip6 dscp",
    "ip6 ecn", "ip6 flowlabel", "ether saddr", "ether daddr", "vlan id", "vlan pcp", "tcp option",
    "ct mark", "ct label", "ct event", "ct secmark", "ct zone", "meta broute",
})  # fmt: skip


# RFC 1122 3.2.1.7 and RFC 1700 ("IP time to live parameter"): with so many hops a sender's own packets start, too
ENOUGH_HOPS = 64
FEWER_HOPS = "it changes how many routers the packets may still pass; the last of them drops them"


def lasts(words: list[str]) -> bool:
    """Whether a TTL or hop limit that is written lets a packet go as far as a sender's own would."""
    return len(words) == 1 and words[0].isdigit() and int(words[0]) >= ENOUGH_HOPS


def written(reading: Reading, key: Key, at: int) -> int:
    """``meta mark set ...``, ``ip dscp set ...``: what is written, up to the place behind it."""
    words = reading.words
    for one in reading.alternatives:
        if key.family is not None:  # nft asks for the header that it writes, and its listing does not show that
            one.of_family(key.family)
        if key.protocol is not None:
            one.of_protocol(IntervalSet.single(key.protocol))
    if key.words == "meta mark":
        action, at = mark(words, at)
        reading.write(action)
        return at
    if key.words in ("ip ttl", "ip6 hoplimit"):
        end = expression_end(words, at)
        if not lasts(words[at:end]):
            reading.perhaps(DROP, FEWER_HOPS)
        return end
    if words[at - 2 : at] == ["pkttype", "set"] or any(key.words.startswith(one) for one in WRITABLE):
        return expression_end(words, at)
    reading.final = REWRITES if reading.final in (None, PERMIT, CONTINUE) else reading.final
    end = expression_end(words, at)
    if any(word in ("drop", "reject") for word in words[end:]):
        return end
    reading.words = words[:end]
    return end


def expression_end(words: list[str], at: int) -> int:
    """The place behind an expression: operands with operators between them."""
    while True:
        at = _operand_end(words, at)
        if words[at : at + 1] and words[at] in OPERATORS:
            at += 1
            continue
        return at


OPERATORS = {
    "&": "&",
    "and": "&",
    "|": "|",
    "or": "|",
    "^": "^",
    "xor": "^",
    "<<": "<<",
    ">>": ">>",
    "lshift": "<<",
    "rshift": ">>",
}


def _operand_end(words: list[str], at: int) -> int:
    found = selector(words, at) if at < len(words) else None
    if found is None:
        return at + 1
    at = found[1]
    while words[at : at + 1] == ["."]:
        further = selector(words, at + 1)
        at = further[1] if further else at + 2
    return at + 2 if words[at : at + 1] == ["map"] else at


def mark(words: list[str], at: int) -> tuple[Action, int]:
    """``meta mark set meta mark & 0xff | 0x100``: the new mark as (old & keep) ^ value."""
    end = expression_end(words, at)
    keep, value = 0, 0
    operator = ""
    place = at
    while place < end:
        behind = _operand_end(words, place)
        part = words[place:behind]
        known = _mark_operand(part)
        if known is None:
            return UNKNOWN_MARK, end
        if not operator:
            keep, value = known
        elif known[0]:
            return UNKNOWN_MARK, end
        else:
            combined = _combined(keep, value, operator, known[1])
            if combined is None:
                return UNKNOWN_MARK, end
            keep, value = combined
        operator = OPERATORS.get(words[behind], "") if behind < end else ""
        place = behind + 1
    return Action(verb=Verb.MARK, mark=(value, ~keep & EVERY_BIT)), end


def _mark_operand(part: list[str]) -> tuple[int, int] | None:
    """An operand as (old & keep) ^ value, None where it can't be known."""
    if part in (["meta", "mark"], ["mark"]):
        return EVERY_BIT, 0
    if len(part) == 1:
        try:
            return 0, names.number(part[0].strip("()")) & EVERY_BIT
        except ValueError:
            return None
    return None


def _combined(keep: int, value: int, operator: str, number: int) -> tuple[int, int] | None:
    if operator == "&":
        return keep & number, value & number
    if operator == "|":
        return keep & ~number, (value & ~number) | number
    if operator == "^":
        return keep, value ^ number
    if not keep and operator == "<<":
        return 0, (value << number) & EVERY_BIT
    return (0, value >> number) if not keep else None
