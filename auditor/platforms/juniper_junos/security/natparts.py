"""Parts of NAT rules: what a rule matches, its ports, the addresses of pools."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

from auditor.model.addresses import ADDRESSES, Family, IntervalSet
from auditor.model.evidence import Evidence
from auditor.model.filters import Action, Box, Rule, Translate, Verb
from auditor.platforms.juniper_junos.security.applications import Service, port
from auditor.platforms.juniper_junos.security.books import Addresses, span
from auditor.platforms.juniper_junos.security.predefined import PROTOCOLS, TCP, UDP
from auditor.platforms.juniper_junos.security.tree import Node

End = Literal["source", "destination"]
_SPECIFIC = ("interface", "zone", "routing-instance")
PORTED = IntervalSet.of((TCP, TCP), (UDP, UDP))
_UNPORTED = IntervalSet((0, 256)) - PORTED
_EVERY_PORT = IntervalSet((0, 1 << 16))


@dataclass(frozen=True, slots=True)
class Match:
    sources: Addresses
    destinations: Addresses
    services: tuple[Service, ...]
    source_ports: IntervalSet | None
    destination_ports: IntervalSet | None
    protocols: IntervalSet | None
    doubt: str


def nearness(node: Node) -> tuple[int, int]:
    """How near a set's contexts are to one interface; the smaller is the more specific."""
    near = [
        min((_SPECIFIC.index(w) for w in node.values(side) if w in _SPECIFIC), default=3) for side in ("from", "to")
    ]
    return min(near), max(near)


def line_of(rule: Node) -> Evidence:
    node = rule.get("then")
    return node.evidence if node is not None else rule.evidence


def translating(translate: Translate) -> Action:
    return Action(verb=Verb.TRANSLATE, translate=translate)


def anywhere(end: End, family: Family) -> Action:
    return translating(Translate(end=end, addresses=ADDRESSES[family]))


def protocol_of(text: str) -> int | None:
    return int(text) if text.isdigit() else PROTOCOLS.get(text)


def ports_of(match: Node, key: str) -> IntervalSet | Literal[False] | None:
    """``destination-port 100 to 200``; False where it is not understood."""
    found: list[tuple[int, int]] = []
    for text, node in match.items(key):
        first = port(text)
        last = port(node.value("to") or text)
        if first is None or last is None:
            return False
        found.append((first, last))
    return IntervalSet.of(*found) if found else None


def mapped_port(then: Node) -> IntervalSet | Literal[False] | None:
    """``static-nat prefix P mapped-port N``, in the forms of old and new releases. False for a range."""
    for statement, _ in then.leaves():
        if "mapped-port" in statement:
            text = statement[statement.index("mapped-port") + 1 :]
            number = port(text[0]) if len(text) == 1 else None
            return IntervalSet.single(number) if number is not None else False
    return None


def both(one: IntervalSet | None, other: IntervalSet | None) -> IntervalSet | None:
    return one & other if one is not None and other is not None else one if one is not None else other


def pool_port(pool: Node | None) -> IntervalSet | None:
    """``pool P address A port N``."""
    if pool is None:
        return None
    for statement, _ in pool.leaves():
        if "port" in statement[:-1]:
            number = port(statement[statement.index("port") + 1])
            return IntervalSet.single(number) if number is not None else None
    return None


def spans(node: Node) -> Iterator[Addresses | None]:
    """``address A/24``, ``address A to B``."""
    for text, below in node.items("address"):
        if text not in ("port", "to"):
            yield span(text, below.value("to"))


def split_by_ports(rule: Rule) -> Iterable[Rule]:
    """Where ports are rewritten, a packet that has some but does not show them is another case than one without."""
    translate = rule.action.translate
    if translate is None or translate.keep_ports:
        yield rule
        return
    ported = PORTED if rule.protocol is None else rule.protocol & PORTED
    if ported:
        end = translate.end
        boxes = tuple(_with_ports(box, end) for box in rule.boxes)
        yield replace(rule, protocol=ported, boxes=boxes)
    rest = _UNPORTED if rule.protocol is None else rule.protocol & _UNPORTED
    if rest and _unported(rule):
        keeping = replace(translate, ports=None, keep_ports=True)
        yield replace(rule, protocol=rest, action=Action(verb=Verb.TRANSLATE, translate=keeping))


def _unported(rule: Rule) -> bool:
    """Whether a rule also takes packets of protocols without ports."""
    return not any(box.names_ports for box in rule.boxes)


def _with_ports(box: Box, end: End) -> Box:
    if end == "source":
        return box if box.source_ports is not None else replace(box, source_ports=_EVERY_PORT)
    return box if box.destination_ports is not None else replace(box, destination_ports=_EVERY_PORT)
