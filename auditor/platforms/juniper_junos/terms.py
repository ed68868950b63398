"""One term of a stateless filter as rules.

- Fragments: "is-fragment: match if the packet is a trailing fragment; it does not match the first fragment";
  "first-fragment: match if the packet is the first fragment of a fragmented packet; it does not match unfragmented
  packets" (Juniper, Policy Framework Configuration Guide, "Fragmentation"; advisory JSA10500 uses it that way).
- A term whose `then` names no terminating action accepts; one without `then` accepts (Juniper, "term (Firewall
  Filter)": "if you do not specify a terminating action, the packets that match ... are accepted by default").
- "Every firewall filter match condition based on a set of addresses ... is associated with an implicit match on the
  address 0.0.0.0/0 except" (Juniper, "Firewall Filter Match Conditions Based on Address Fields"): exceptions alone
  match nothing. What a prefix list without any address does no text tells.
- "protocol: ... a port match condition ... also configure the protocol statement in the same term" (Juniper, "Firewall
  Filter Match Conditions for IPv4 Traffic").
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from auditor.model.addresses import EMPTY, Family, IntervalSet
from auditor.model.evidence import Basis, Fact
from auditor.model.filters import (
    ANYWHERE,
    CONTINUE,
    DROP,
    DROPPING,
    PERMIT,
    REJECT,
    Action,
    Box,
    Field,
    FieldTest,
    Headerless,
    InterfaceTest,
    Rule,
    Verb,
)
from auditor.platforms.juniper_junos.config import Line
from auditor.platforms.juniper_junos.names import (
    ICMP6_TYPES,
    ICMP_CODES,
    ICMP_TYPES,
    PORTS,
    PROTOCOLS,
    numbers,
    prefix_of,
)

Prefixes = Callable[[str], list[str] | None]  # a prefix list by name, None where it is not there

_OFFSETS = 0x1FFF
_MORE = 0x2000
_FLAGS = {"dont-fragment": 0x4000, "more-fragments": 0x2000, "reserved": 0x8000}
_ADDRESSED = ("address", "source-address", "destination-address")
_LISTED = ("prefix-list", "source-prefix-list", "destination-prefix-list")
_PORTED = ("port", "source-port", "destination-port")
_NO_EFFECT = frozenset({"source-port-range-optimize", "destination-port-range-optimize"})
_ON_WORDS = (
    "count log syslog policer loss-priority forwarding-class sample three-color-policer port-mirror "
    "port-mirror-instance dscp traffic-class prefix-action hierarchical-policer clear-policy-map policy-map "
    "service-accounting service-accounting-deferred no-decrement-ttl accounting-profile analyzer"
)
_ON = frozenset(_ON_WORDS.split())
_PORT_SOURCE = (
    "Juniper: ports are to be asked for with their protocol; older texts: any packet's bytes at that place match"
)
BARE_PORTS: Fact[Headerless] = Fact(
    value=Headerless.NEVER_MATCHES,
    basis=Basis.ASSUMED,
    others=(Headerless.MATCH_BY_ADDRESS,),
    source=_PORT_SOURCE,
)


@dataclass(slots=True)
class Term:
    """The lines of one term. ``family`` is the filter's."""

    name: str
    family: Family
    lines: list[Line] = field(default_factory=list)
    mixed: bool = False  # its place among the others is not known


@dataclass(slots=True)
class _Made:
    """What the conditions of a term come to."""

    family: Family
    protocol: IntervalSet | None = None
    protocol_from: str = "upper-layer"
    tests: list[FieldTest] = field(default_factory=list)
    ingress: InterfaceTest | None = None
    unsure: list[str] = field(default_factory=list)
    never: bool = False


def rules(term: Term, prefixes: Prefixes) -> Iterator[Rule]:
    """The rules of a term: one, or two where it also writes DF."""
    wanted: dict[str, list[tuple[str, ...]]] = {}
    actions: list[tuple[tuple[str, ...], Line]] = []
    unsure: list[str] = []
    for line in term.lines:
        words = line.words
        if words[:1] == ("from",):
            if len(words) > 1:
                wanted.setdefault(words[1], []).append(words[2:])
        elif words[:1] == ("then",):
            actions.append((words[1:], line))
        elif words[:1] == ("filter",):
            actions.append((words, line))
        elif words:
            unsure.append(f"`{line.text}` is not understood")
    made = _Made(term.family, unsure=unsure)
    boxes = _boxes(made, wanted, prefixes)
    for name, values in wanted.items():
        _condition(made, name, values)
    if term.mixed:
        made.unsure.append("where this term stands among those from groups is not known")
    if boxes is None:
        return
    evidence = actions[-1][1].evidence if actions else term.lines[0].evidence
    for action, at in _actions(actions):
        if term.family == 4 and action.verb in DROPPING and _bare(made.protocol is None, action, boxes):
            yield Rule(
                action=action,
                evidence=at.evidence if at else evidence,
                family=4,
                protocol=made.protocol,
                boxes=tuple(replace(box, source_ports=None, destination_ports=None) for box in boxes),
                tests=(*made.tests, LATER),
                ingress=made.ingress,
                uncertain="; ".join([BYTES_AS_PORTS, *made.unsure[:2]]),
            )
        yield Rule(
            action=action,
            evidence=at.evidence if at else evidence,
            family=term.family,
            protocol=made.protocol,
            protocol_from=made.protocol_from,  # type: ignore[arg-type]
            boxes=boxes,
            tests=tuple(made.tests),
            ingress=made.ingress,
            uncertain="; ".join(made.unsure[:3]),
            headerless=BARE_PORTS if _bare(made.protocol is None, action, boxes) else None,
        )


def _bare(any_protocol: bool, action: Action, boxes: Sequence[Box]) -> bool:
    """Whether the bytes of a later fragment may be taken for ports: in a term without a protocol; in one that drops
    many ports, where the bytes at that place would hit by chance (Juniper's older guides, "Overview of Protocol Match
    Conditions": the software tests the field alone; its examples of fragments say otherwise).
    """
    if not any(box.names_ports for box in boxes):
        return False
    many = any(_most(box.source_ports) and _most(box.destination_ports) for box in boxes)
    return any_protocol or (action.verb in DROPPING and many)


def _most(ports: IntervalSet | None) -> bool:
    return ports is None or ports.size > MANY_PORTS


MANY_PORTS = 256
LATER = FieldTest(field=Field.FRAGMENT_WORD, values=IntervalSet.of((1, 8191)), mask=8191)
BYTES_AS_PORTS = "on a later fragment some boxes take the bytes where the ports would be for ports"


def _actions(actions: list[tuple[tuple[str, ...], Line]]) -> Iterator[tuple[Action, Line | None]]:
    """What a term does, its end last."""
    end: tuple[Action, Line | None] = (PERMIT, None)
    for words, line in actions:
        verb = words[0] if words else ""
        if verb == "accept":
            end = (PERMIT, line)
        elif verb == "discard":
            end = (DROP, line)
        elif verb == "reject":
            end = (REJECT, line)
        elif words[:2] == ("next", "term"):
            end = (CONTINUE, line)
        elif verb == "dont-fragment" and words[1:] in (("clear",), ("set",)):
            yield Action(verb=Verb.SET_DF, df=words[1] == "set"), line
        elif verb in _ON or not verb:
            continue
        else:
            text = " ".join(words)
            end = (Action(verb=Verb.DOUBT, words=f"does `{text}`, which is not followed", transforms=True), line)
            break
    yield end


def _condition(made: _Made, name: str, values: list[tuple[str, ...]]) -> None:
    """One kind of condition with all its values, put into the tests."""
    if name in _ADDRESSED or name in _LISTED or name in _NO_EFFECT:
        return
    flat = [" ".join(words) for words in values]
    negated = name.endswith("-except")
    bare = name.removesuffix("-except")
    if bare in _PORTED:
        return
    if bare in ("protocol", "next-header", "payload-protocol"):
        _protocol(made, bare, flat, negated)
    elif bare in ("is-fragment", "first-fragment", "last-fragment"):
        made.tests += _fragment(made.family, bare)
    elif bare == "extension-header" and made.family == 6 and not negated:
        _extension(made, flat)
    elif bare == "fragment-offset":
        _offset(made, flat, negated)
    elif bare == "fragment-flags":
        _flags(made, flat)
    elif bare == "packet-length":
        _ranged(made, Field.LENGTH, flat, {}, 65535, negated)
    elif bare in ("icmp-type", "icmp-code"):
        names = (ICMP6_TYPES if made.family == 6 else ICMP_TYPES) if bare == "icmp-type" else ICMP_CODES
        kind = Field.ICMP_TYPE if bare == "icmp-type" else Field.ICMP_CODE
        _ranged(made, kind, flat, names, 255, negated)
    elif name == "interface":
        made.ingress = InterfaceTest(
            names=tuple(value if "." in value or "*" in value else f"{value}.*" for value in flat)
        )
    else:
        made.unsure.append(f"it asks for {name}" + (f" {flat[0]}" if flat and flat[0] else ""))


def _protocol(made: _Made, kind: str, flat: list[str], negated: bool) -> None:
    values = numbers(flat, PROTOCOLS, 255)
    if values is None or made.protocol is not None:
        made.unsure.append(f"it asks for {kind} {' '.join(flat)}")
        return
    made.protocol = IntervalSet((0, 256)) - values if negated else values
    if kind == "next-header":
        made.protocol_from = "first-header"
    elif kind == "payload-protocol" or made.family == 4:
        made.protocol_from = "upper-layer"


def _fragment(family: Family, kind: str) -> list[FieldTest]:
    later = IntervalSet((1, _OFFSETS + 1))
    if family == 4:
        if kind == "is-fragment":
            return [FieldTest(field=Field.FRAGMENT_WORD, values=later, mask=_OFFSETS)]
        if kind == "first-fragment":
            return [FieldTest(field=Field.FRAGMENT_WORD, values=IntervalSet.single(_MORE), mask=_OFFSETS | _MORE)]
        return [FieldTest(field=Field.FRAGMENT_WORD, values=later, mask=_OFFSETS | _MORE)]
    if kind == "is-fragment":
        return [FieldTest(field=Field.FRAGMENT_OFFSET, values=later)]
    if kind == "first-fragment":
        return [
            FieldTest(field=Field.FRAGMENT_OFFSET, values=IntervalSet.single(0)),
            FieldTest(field=Field.FRAGMENT_MORE, values=IntervalSet.single(1)),
        ]
    return [
        FieldTest(field=Field.FRAGMENT_OFFSET, values=later),
        FieldTest(field=Field.FRAGMENT_MORE, values=IntervalSet.single(0)),
    ]


def _extension(made: _Made, flat: list[str]) -> None:
    if flat == ["fragment"]:
        made.tests.append(FieldTest(field=Field.FRAGMENT_HEADER, values=IntervalSet.single(1)))
    else:
        made.unsure.append(f"it asks for extension-header {' '.join(flat)}")


def _offset(made: _Made, flat: list[str], negated: bool) -> None:
    values = numbers(flat, {}, _OFFSETS)
    if values is None:
        made.unsure.append(f"it asks for fragment-offset {' '.join(flat)}")
        return
    if negated:
        values = IntervalSet((0, _OFFSETS + 1)) - values
    if made.family == 4:
        made.tests.append(FieldTest(field=Field.FRAGMENT_WORD, values=values, mask=_OFFSETS))
    else:
        made.tests.append(FieldTest(field=Field.FRAGMENT_OFFSET, values=values, absent=0 in values))


def _flags(made: _Made, flat: list[str]) -> None:
    """``fragment-flags``: a flag by its name, or the number of one; expressions are not followed."""
    text = " ".join(flat).strip('"')
    inner = text.removeprefix("(").removesuffix(")").strip()
    wanted = not inner.startswith("!")
    bit = _FLAGS.get(inner.lstrip("! "))
    if bit is None and inner.startswith("0x"):
        try:
            bit = int(inner, 16)
        except ValueError:
            bit = None
        bit = bit if bit in _FLAGS.values() else None
    if bit is None or made.family == 6:
        made.unsure.append(f"it asks for fragment-flags {text}")
        return
    made.tests.append(FieldTest(field=Field.FRAGMENT_WORD, values=IntervalSet.single(bit if wanted else 0), mask=bit))


def _ranged(made: _Made, kind: Field, flat: list[str], names: dict[str, int], most: int, negated: bool) -> None:
    values = numbers(flat, names, most)
    if values is None:
        made.unsure.append(f"it asks for {kind.value} {' '.join(flat)}")
        return
    made.tests.append(FieldTest(field=kind, values=IntervalSet((0, most + 1)) - values if negated else values))


def _boxes(made: _Made, wanted: Mapping[str, list[tuple[str, ...]]], prefixes: Prefixes) -> tuple[Box, ...] | None:
    """The addresses and ports that a term asks for; None where it can match nothing of its family."""
    either = _addresses(made, wanted, "", prefixes)
    sources = _addresses(made, wanted, "source-", prefixes)
    destinations = _addresses(made, wanted, "destination-", prefixes)
    ports, source_ports, destination_ports = (_ports(made, wanted, kind) for kind in _PORTED)
    boxes = [
        Box(sources=sources, destinations=destinations, source_ports=source_ports, destination_ports=destination_ports)
    ]
    if either is not None:
        boxes = [
            both
            for box in boxes
            for both in (
                _narrowed(box, sources=either),
                _narrowed(box, destinations=either),
            )
        ]
    if ports is not None:
        boxes = [
            both
            for box in boxes
            for both in (_narrowed(box, source_ports=ports), _narrowed(box, destination_ports=ports))
        ]
    kept = tuple(box for box in boxes if not _empty(box))
    return (kept if kept != (Box(),) else ANYWHERE) if kept else None


def _narrowed(box: Box, **more: IntervalSet) -> Box:
    values = {name: getattr(box, name) for name in ("sources", "destinations", "source_ports", "destination_ports")}
    for name, wanted in more.items():
        values[name] = wanted if values[name] is None else values[name] & wanted
    return Box(**values)


def _empty(box: Box) -> bool:
    every = (box.sources, box.destinations, box.source_ports, box.destination_ports)
    return any(one is not None and not one for one in every)


def _ports(made: _Made, wanted: Mapping[str, list[tuple[str, ...]]], kind: str) -> IntervalSet | None:
    found: IntervalSet | None = None
    for name, negated in ((kind, False), (f"{kind}-except", True)):
        if name not in wanted:
            continue
        flat = [" ".join(words) for words in wanted[name]]
        values = numbers(flat, PORTS, 65535)
        if values is None:
            made.unsure.append(f"it asks for {name} {' '.join(flat)}")
            continue
        values = IntervalSet((0, 65536)) - values if negated else values
        found = values if found is None else found & values
    return found


def _addresses(
    made: _Made, wanted: Mapping[str, list[tuple[str, ...]]], end: str, prefixes: Prefixes
) -> IntervalSet | None:
    """The addresses that a term asks for at one end: of those that hold an address the longest prefix decides."""
    items: list[tuple[str, bool]] = [
        (words[0], words[1:] == ("except",)) for words in wanted.get(f"{end}address", []) if words
    ]
    for words in wanted.get(f"{end}prefix-list", []):
        found = prefixes(words[0]) if words else None
        if found is None:
            made.unsure.append(f"the prefix list {' '.join(words)} is not in the config")
            continue
        items += [(text, words[1:] == ("except",)) for text in found]
    asked = f"{end}address" in wanted or f"{end}prefix-list" in wanted
    if not asked:
        return None
    if len(items) == 1 and not items[0][1]:
        alone = prefix_of(items[0][0])
        if alone is not None and alone[0] == made.family:
            return alone[1]
    by_length: dict[tuple[int, bool], list[IntervalSet]] = {}
    for text, excepted in items:
        one = prefix_of(text)
        if one is None:
            made.unsure.append(f"it asks for {end}address {text}")
            return None
        if one[0] == made.family:
            by_length.setdefault((one[2], excepted), []).append(one[1])
    if not by_length:
        made.unsure.append(f"its {end}addresses are none of this family, and what that comes to is not known")
        return None
    return _longest(by_length)


def _longest(by_length: dict[tuple[int, bool], list[IntervalSet]]) -> IntervalSet:
    values = EMPTY
    for (_, excepted), sets in sorted(by_length.items()):
        union = IntervalSet.union(sets)
        values = values - union if excepted else values | union
    return values
