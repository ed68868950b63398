"""Address books: global ones, those attached to zones and those inside a zone, with nested sets.

Juniper, "Address Books and Address Sets": a name is looked up in the book of the policy's zone and then in the global
one.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from auditor.model.addresses import EMPTY, Family, IntervalSet, parse_address, parse_prefix
from auditor.platforms.juniper_junos.security.facts import Config
from auditor.platforms.juniper_junos.security.tree import Node

FAMILIES: tuple[Family, Family] = (4, 6)
_KEYWORDS = frozenset({"dns-name", "range-address", "wildcard-address", "description", "address-prefix"})


@dataclass(frozen=True, slots=True)
class Addresses:
    """What a list of names stands for: ``every`` per family that is taken whole, ``known`` the others, and ``doubts``
    about what can't be known of it.
    """

    known: dict[int, IntervalSet] = field(default_factory=dict)
    every: frozenset[int] = frozenset()
    doubts: tuple[str, ...] = ()

    def of(self, family: Family) -> IntervalSet | None:
        """The addresses of a family, None for all of them."""
        return None if family in self.every else self.known.get(family, EMPTY)


def joined(parts: Iterable[Addresses]) -> Addresses:
    """The union."""
    items = list(parts)
    if len(items) == 1:
        return items[0]
    known: dict[int, IntervalSet] = {f: IntervalSet.union(p.known[f] for p in items if f in p.known) for f in FAMILIES}
    every = frozenset[int]().union(*(p.every for p in items))
    return Addresses(known, every, tuple(dict.fromkeys(d for p in items for d in p.doubts)))


class Books:
    """The address books of a config."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._global: list[Node] = []
        self._zones: dict[str, list[Node]] = {}
        self._found: dict[tuple[str, str], Addresses] = {}
        for name, node in config.security.items("address-book"):
            attached = node.values("attach", "zone")
            for zone in attached:
                self._zones.setdefault(zone, []).append(node)
            if name == "global":
                self._global.append(node)
        for zone, node in config.security.items("zones", "security-zone"):
            book = node.get("address-book")
            if book is not None:
                self._zones.setdefault(zone, []).append(book)

    def addresses(self, names: Iterable[str], zones: Iterable[str] = ()) -> Addresses:
        """What a policy's list of names means, looked up for these zones."""
        wanted = tuple(zones)
        return joined(part for name in names for part in self._name(name, wanted))

    def _name(self, name: str, zones: tuple[str, ...]) -> Iterable[Addresses]:
        whole = {"any": frozenset({4, 6}), "any-ipv4": frozenset({4}), "any-ipv6": frozenset({6})}.get(name)
        if whole is not None:
            yield Addresses(every=whole)
            return
        for zone in zones or ("",):
            if (zone, name) not in self._found:
                self._found[zone, name] = self._look_up(name, zone, ())
            yield self._found[zone, name]

    def _look_up(self, name: str, zone: str, within: tuple[str, ...]) -> Addresses:
        if name in within:
            return Addresses(doubts=(f"address set {name} holds itself",))
        for book in (*self._zones.get(zone, ()), *self._global):
            address = book.get("address", name)
            if address is not None:
                return _address(name, address)
            members = book.get("address-set", name)
            if members is not None:
                parts = [self._look_up(one, zone, (*within, name)) for one in members.values("address")]
                parts += [self._look_up(one, zone, (*within, name)) for one in members.values("address-set")]
                return joined(parts)
        literal = prefix(name)
        if literal is not None:
            return literal
        return Addresses(doubts=(f"address {name} is in no address book",))


def prefix(text: str) -> Addresses | None:
    """A prefix or an address, None where it is none."""
    try:
        family, values = parse_prefix(text)
    except ValueError:
        return None
    return Addresses(known={family: values})


def span(first: str, last: str | None) -> Addresses | None:
    """``A to B``, or A alone."""
    one = prefix(first)
    if last is None or one is None:
        return one
    try:
        low, high = parse_address(first.split("/", maxsplit=1)[0]), parse_address(last.split("/")[0])
    except ValueError:
        return None
    if low[0] != high[0]:
        return None
    return Addresses(known={low[0]: IntervalSet.of((low[1], high[1]))})


def _address(name: str, node: Node) -> Addresses:
    for first, below in node.items("range-address"):
        found = span(first, below.value("to"))
        return found or Addresses(doubts=(f"the range of address {name} is not understood",))
    if node.get("dns-name") is not None:
        return Addresses(doubts=(f"address {name} is a DNS name",))
    if node.get("wildcard-address") is not None:
        return Addresses(doubts=(f"address {name} is a wildcard address",))
    texts = [word for word in node.values() if word not in _KEYWORDS] + list(node.values("address-prefix"))
    parts = [found for text in texts if (found := prefix(text)) is not None]
    if not parts or len(parts) != len(texts):
        return Addresses(doubts=(f"address {name} is not understood",))
    return parts[-1]
