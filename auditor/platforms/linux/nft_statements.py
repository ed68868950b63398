"""What an nft rule does: verdicts, marks, NAT, and statements that only count, log or limit."""

import re
from collections.abc import Callable

from auditor.model.addresses import IntervalSet
from auditor.model.filters import DROP, REJECT
from auditor.platforms.linux import nft_writes
from auditor.platforms.linux.nft_matches import elements
from auditor.platforms.linux.nft_nat import translation, unread
from auditor.platforms.linux.nft_reading import Reading
from auditor.platforms.linux.nft_verdicts import (
    ELSEWHERE,
    NOTRACK,
    TO_PROGRAM,
    TO_SOCKET,
    UNKNOWN_MARK,
    UNKNOWN_TARGET,
    VERDICTS,
    verdict_text,
)
from auditor.platforms.linux.nft_words import NotReadError, is_set

EVERY_BIT = 0xFFFFFFFF


def _passed(reading: Reading, at: int, options: tuple[str, ...], values: dict[str, int]) -> int:
    """The place behind a statement's known options, each with so many values."""
    words, place = reading.words, at + 1
    while place < len(words) and (words[place] in options or words[place] in values):
        place += 1 + values.get(words[place], 0)
    return place


def _log(reading: Reading, at: int) -> int:
    values = ("prefix", "group", "level", "snaplen", "queue-threshold", "flags")
    return _passed(reading, at, ("audit",), dict.fromkeys(values, 1))


def _counter(reading: Reading, at: int) -> int | None:
    words = reading.words
    if words[at + 1 : at + 2] == ["packets"]:
        return at + 5
    if words[at + 1 : at + 2] == ["name"]:
        if words[at + 3 : at + 4] == ["map"]:
            return at + 5
        return at + 3
    return at + 2 if at + 1 < len(words) and words[at + 1].startswith('"') else at + 1


def _limit(reading: Reading, at: int) -> int:
    """``limit rate over 10/second burst 5 packets``: whether a packet exceeds it can't be told."""
    words = reading.words
    reading.doubt("a limit on the rate")
    if words[at + 1] == "name":
        return at + 3
    place = at + 2
    place += words[place] == "over"
    place += 1 if "/" in words[place] else 2
    return place + 3 if words[place : place + 1] == ["burst"] else place


def _quota(reading: Reading, at: int) -> int:
    words = reading.words
    reading.doubt("a quota")
    if words[at + 1] == "name":
        return at + 3
    place = at + 1 + (words[at + 1] in ("over", "until")) + 2
    return place + 3 if words[place : place + 1] == ["used"] else place


def _reject(reading: Reading, at: int) -> int:
    words = reading.words
    reading.final = REJECT
    if words[at + 1 : at + 2] != ["with"]:
        return at + 1
    return at + (5 if words[at + 3 : at + 4] == ["type"] else 4)


def _queue(reading: Reading, at: int) -> int:
    words = reading.words
    reading.final = TO_PROGRAM
    place = at + 1
    while place < len(words) and words[place] in (
        "num",
        "to",
        "flags",
        "bypass",
        "fanout",
        "bypass,fanout",
        "fanout,bypass",
    ):
        place += 2 if words[place] in ("num", "to", "flags") else 1
    return place


def _notrack(reading: Reading, at: int) -> int:
    reading.write(NOTRACK)
    return at + 1


def _socket_target(reading: Reading, at: int) -> int:
    """tproxy: what it does not find a program for goes on."""
    words = reading.words
    place = at + 1 + (words[at + 1] in ("ip", "ip6"))
    reading.doubt("whether a local program takes the packets")
    reading.final = TO_SOCKET
    place += 2 if words[place : place + 1] == ["to"] else 0
    rest = words[place:]
    reading.words = words[:place] + [word for word in rest if word not in VERDICTS]
    return place


def _duplicate(reading: Reading, at: int) -> int:
    place = at + (3 if reading.words[at + 1 : at + 2] == ["to"] else 1)
    return place + 2 if reading.words[place : place + 1] == ["device"] else place


def _forward(reading: Reading, at: int) -> int:
    reading.final = ELSEWHERE
    place = at + 1 + (reading.words[at + 1] in ("ip", "ip6"))
    return _duplicate(reading, place - 1)


def _synproxy(reading: Reading, at: int) -> int:
    for one in reading.alternatives:
        one.of_protocol(IntervalSet.single(6))
    reading.final = TO_SOCKET
    return _passed(reading, at, ("timestamp", "sack-perm"), {"mss": 1, "wscale": 1, "name": 1})


def _into_set(reading: Reading, at: int) -> int | None:
    """``add @set { ip saddr limit rate over 3/minute }``: a limit inside decides too."""
    words = reading.words
    if not words[at + 1].startswith("@"):
        return None
    if re.search(r"\b(?:limit|quota|ct count|over)\b", words[at + 2]):
        reading.doubt("a limit for each address")
    place = at + 3
    if words[place : place + 1] == [":"]:
        place += 2
    return place


def _set_first(reading: Reading, at: int) -> int | None:
    """``set add ip saddr @set``, the older form."""
    words = reading.words
    if words[at + 1 : at + 2] not in (["add"], ["update"], ["delete"]):
        return None
    return next(place for place in range(at + 2, len(words)) if words[place].startswith("@")) + 1


def _meter(reading: Reading, at: int) -> int:
    reading.doubt("a limit for each address")
    return next(place for place in range(at, len(reading.words)) if is_set(reading.words[place])) + 1


def _flow(_reading: Reading, at: int) -> int:
    """The fast path leaves fragments and packets that exceed the MTU to the usual one (nf_flow_table_ip.c)."""
    return at + 3


def _xt(reading: Reading, at: int) -> int:
    """An extension of iptables that nft's listing does not spell out."""
    words = reading.words
    if words[at + 1 : at + 2] == ["target"]:
        name = words[at + 2].strip('"')  # nft 1.0.7 and later
        if name in (
            "TCPMSS",
            "LOG",
            "NFLOG",
            "TOS",
            "DSCP",
            "CLASSIFY",
            "CHECKSUM",
            "AUDIT",
            "CONNSECMARK",
            "SECMARK",
            "TRACE",
            "TEE",
        ):
            return at + 3
        if name in ("MARK", "CONNMARK", "HMARK"):
            reading.write(UNKNOWN_MARK)
            return at + 3
        if name in ("TTL", "HL"):
            reading.perhaps(DROP, nft_writes.FEWER_HOPS)
            return at + 3
        reading.doubt(f"the iptables target {name}, which nft's listing does not spell out")
        reading.final = UNKNOWN_TARGET
        return at + 3
    name = words[at + 2].strip('"') if at + 2 < len(words) else ""
    reading.doubt(f"the iptables match {name}, which nft's listing does not spell out")
    return at + 3


def _ct(reading: Reading, at: int) -> int | None:
    """``ct count over 20`` asks; ``ct helper set``, ``ct timeout set`` and the like only write."""
    words = reading.words
    if words[at + 1] == "count":
        reading.doubt("how many connections there are")
        return at + 3 + (words[at + 2] == "over")
    if words[at + 1] in ("timeout", "expectation", "helper") and words[at + 2 : at + 3] == ["set"]:
        return at + 4
    return None


def _nat(reading: Reading, at: int) -> int:
    try:
        return translation(reading, at)
    except (NotReadError, ValueError, IndexError) as error:
        return unread(reading, at, str(error))


def _stray_map(reading: Reading, at: int) -> int:
    """A map of verdicts whose key is not understood: each of them may be carried out."""
    found, _ = elements(reading.words[at + 1], reading.place)
    for text in dict.fromkeys(one.value for one in found):
        reading.perhaps(verdict_text(text, reading.place), "not understood: the key of a map")
    reading.doubt("not understood: the key of a map")
    reading.unread = True
    return at + 2


def _reset(reading: Reading, at: int) -> int:
    """``reset tcp option mptcp``: it is written over, in packets of TCP that have it."""
    for one in reading.alternatives:
        one.of_protocol(IntervalSet.single(6))
    return at + 4


Statement = Callable[[Reading, int], "int | None"]
STATEMENTS: dict[str, Statement] = {
    "counter": _counter,
    "comment": lambda _, at: at + 2,
    "log": _log,
    "limit": _limit,
    "quota": _quota,
    "reject": _reject,
    "queue": _queue,
    "notrack": _notrack,
    "tproxy": _socket_target,
    "dup": _duplicate,
    "fwd": _forward,
    "synproxy": _synproxy,
    "add": _into_set,
    "update": _into_set,
    "delete": _into_set,
    "set": _set_first,
    "meter": _meter,
    "flow": _flow,
    "xt": _xt,
    "ct": _ct,
    "last": lambda reading, at: _passed(reading, at, ("never",), {"used": 1}),
    "dnat": _nat,
    "snat": _nat,
    "masquerade": _nat,
    "redirect": _nat,
    "reset": _reset,
    "vmap": _stray_map,
}
