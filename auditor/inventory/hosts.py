"""hosts.yaml, groups.yaml and defaults.yaml, read as Nornir's SimpleInventory reads them.

A host's data is its own, then that of its groups in Nornir's order (each group followed by its own groups, the first
that has a key gives it), then the defaults'. What Nornir answers with a KeyError is a sentence here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from auditor.errors import InventoryError
from auditor.inventory.document import plain
from auditor.inventory.values import Value
from auditor.inventory.wording import listed, nearest, quoted
from auditor.model.flows import Origin

KEYS = ("hostname", "port", "username", "password", "platform", "groups", "data", "connection_options")
MAX_LINEAGE = 100  # groups in a chain of parents


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A host as Nornir knows it, with what it inherits. ``groups`` are its own, ``lineage`` all, in Nornir's order.

    ``hostname`` and ``port`` are as they stand in the file; ``platform`` and ``config`` (of its own data) know their
    place. Names, passwords and connection options are not read.
    """

    name: str
    origin: Origin
    hostname: object = None
    port: object = None
    platform: Value | None = None
    groups: tuple[str, ...] = ()
    lineage: tuple[str, ...] = ()
    data: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))
    config: Value | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Element:
    """A host, a group or the defaults, alone."""

    origin: Origin
    hostname: object = None
    port: object = None
    platform: Value | None = None
    groups: tuple[Value, ...] = ()
    data: Mapping[str, object] = field(default_factory=dict)
    config: Value | None = None


def read_records(hosts: Value, groups: Value | None, defaults: Value | None) -> tuple[dict[str, Record], list[str]]:
    """Every host by name, and notes on keys that Nornir doesn't know.

    Raises InventoryError, with file, line and key, for a value of the wrong kind, a group that isn't defined, and
    groups that inherit from themselves.
    """
    reader = _Reader()
    base = reader.element(defaults) if defaults else _Element(origin=hosts.origin)
    parents = reader.elements(groups, "groups by their names") if groups else {}
    families = _Families(parents, base, groups.file if groups else "groups.yaml")
    for parent in parents:
        families.lineage(parent)
    found = reader.elements(hosts, "hosts by their names")
    records = {name: families.record(name, element) for name, element in found.items()}
    return records, reader.notes()


class _Reader:
    """Reads elements; remembers unknown keys, and what aliases repeat."""

    def __init__(self) -> None:
        self.memo: dict[int, object] = {}
        self.unknown: dict[str, list[Origin]] = {}

    def elements(self, root: Value, what: str) -> dict[str, _Element]:
        return {name: self.element(value) for name, (_, value) in root.named(what).items()}

    def element(self, value: Value) -> _Element:
        """One host, group or the defaults; an empty one says nothing."""
        said = {} if value.node.data is None else value.named("keys such as platform, groups and data")
        for key in said.keys() - set(KEYS):
            self.unknown.setdefault(key, []).append(said[key][0].origin)
        parts = {key: part for key, (_, part) in said.items() if part.node.data is not None}
        platform, groups, data = parts.get("platform"), parts.get("groups"), parts.get("data")
        if platform:
            platform.word("a platform: that is a name such as Netmiko's")
        if groups and not groups.is_list:
            raise groups.complaint(f"{groups.given} is no list of groups: a list is written [one, two]")
        facts = data.parts("data: that is a mapping") if data else {}
        return _Element(
            origin=value.origin,
            hostname=parts["hostname"].plain() if "hostname" in parts else None,
            port=parts["port"].plain() if "port" in parts else None,
            platform=platform,
            groups=tuple(groups.items()) if groups else (),
            data={key: plain(fact.node, self.memo) for key, fact in facts.items()},
            config=facts.get("config"),
        )

    def notes(self) -> list[str]:
        """A sentence for each key that nothing reads."""
        out = []
        for key, places in sorted(self.unknown.items()):
            more = f" (and in {len(places) - 1} more places)" if len(places) > 1 else ""
            out.append(f"{places[0]}: nothing reads the key {quoted(key)}{more}: {nearest(key, KEYS)}")
        return out


class _Families:
    """What groups and defaults hand down, worked out once for each list of groups."""

    def __init__(self, groups: Mapping[str, _Element], defaults: _Element, file: str) -> None:
        self.groups, self.defaults, self.file = groups, defaults, file
        self.lineages: dict[str, tuple[str, ...]] = {}
        self.handed: dict[tuple[str, ...], _Element] = {}

    def record(self, name: str, host: _Element) -> Record:
        own = tuple(self.defined(value) for value in host.groups)
        lineage = self.extended(own, ())
        above = self.handed_down(lineage)
        return Record(
            name=name, origin=host.origin, groups=own, lineage=lineage, config=host.config,
            hostname=above.hostname if host.hostname is None else host.hostname,
            port=above.port if host.port is None else host.port,
            platform=host.platform or above.platform,
            data=MappingProxyType({**above.data, **host.data} if host.data else above.data),
        )  # fmt: skip

    def defined(self, value: Value) -> str:
        """The name of a group that must be there."""
        name = value.word("the name of a group")
        if name not in self.groups:
            close = nearest(name, self.groups)
            raise value.complaint(f"the group {quoted(name)} isn't defined in {self.file}: {close}")
        return name

    def lineage(self, name: str, below: tuple[str, ...] = ()) -> tuple[str, ...]:
        """The groups that a group inherits from, in Nornir's order."""
        if name not in self.lineages:
            element, chain = self.groups[name], (*below, name)
            if name in below:
                circle = listed(chain[chain.index(name) :], " > ")
                raise InventoryError(f"the group {quoted(name)} inherits from itself: {circle}", element.origin)
            if len(chain) > MAX_LINEAGE:
                raise InventoryError(f"a chain of groups is longer than {MAX_LINEAGE}: make it shorter", element.origin)
            own = tuple(self.defined(value) for value in element.groups)
            self.lineages[name] = self.extended(own, chain)
        return self.lineages[name]

    def extended(self, own: tuple[str, ...], below: tuple[str, ...]) -> tuple[str, ...]:
        """Groups, each followed by those that it inherits from, each once."""
        return tuple(dict.fromkeys(group for name in own for group in (name, *self.lineage(name, below))))

    def handed_down(self, lineage: tuple[str, ...]) -> _Element:
        """All that a host of these groups inherits."""
        if lineage not in self.handed:
            above = [*(self.groups[name] for name in lineage), self.defaults]
            data: dict[str, object] = {}
            for element in reversed(above):
                data |= element.data
            self.handed[lineage] = _Element(
                origin=self.defaults.origin, data=data,
                hostname=next((e.hostname for e in above if e.hostname is not None), None),
                port=next((e.port for e in above if e.port is not None), None),
                platform=next((e.platform for e in above if e.platform), None),
            )  # fmt: skip
        return self.handed[lineage]
