"""Port conditions as IOS writes them: eq with several ports, neq, lt, gt, range."""

from collections.abc import Sequence
from functools import lru_cache

from auditor.model.addresses import PORTS, IntervalSet
from auditor.platforms.cisco_ios.tables import EVERY_PORT_NAME, PORT_NAMES

OPERATORS = frozenset({"eq", "neq", "lt", "gt", "range"})


def number(word: str, protocol: int | None) -> int | None:
    """A port by number or name, None for one that is not known."""
    if word.isdigit():
        return int(word) if int(word) <= PORTS.bounds[-1] - 1 else None
    names = EVERY_PORT_NAME if protocol is None else PORT_NAMES.get(protocol, EVERY_PORT_NAME)
    return names.get(word)


def condition(words: Sequence[str], at: int, protocol: int | None) -> tuple[IntervalSet, int, str]:
    """The ports that the operator at ``at`` means, the place after it, and what was not understood of it ("" if
    all).
    """
    operator = words[at]
    if operator == "eq" and at + 2 == len(words):  # the quick way for what most entries end with
        value = number(words[at + 1], protocol)
        if value is not None:
            return _ports(operator, (value,)), at + 2, ""
    wanted = 2 if operator == "range" else 1
    given = list(words[at + 1 : at + 1 + wanted])
    at += 1 + len(given)
    while operator in ("eq", "neq") and at < len(words) and number(words[at], protocol) is not None:
        given.append(words[at])
        at += 1
    numbers = [number(word, protocol) for word in given]
    unknown = [word for word, value in zip(given, numbers, strict=True) if value is None]
    if unknown or len(given) < wanted:
        return PORTS, at, f"the port {unknown[0]} is not known" if unknown else "a port is missing"
    return _ports(operator, tuple(value for value in numbers if value is not None)), at, ""


@lru_cache(maxsize=65536)
def _ports(operator: str, numbers: tuple[int, ...]) -> IntervalSet:
    if operator == "eq" and len(numbers) == 1:
        return IntervalSet.single(numbers[0])
    if operator == "range":
        return IntervalSet.of((min(numbers), max(numbers)))
    if operator == "lt":
        return IntervalSet.of((0, numbers[0] - 1))
    if operator == "gt":
        return IntervalSet.of((numbers[0] + 1, PORTS.bounds[-1] - 1))
    listed = IntervalSet.of(*((one, one) for one in numbers))
    return PORTS - listed if operator == "neq" else listed
