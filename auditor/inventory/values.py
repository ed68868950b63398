"""A value of a user's file as its readers see it: with file, line and dotted key, and asked for what it should be.

Every reader that is disappointed raises InventoryError with one sentence: where, what is wrong, what would be right.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any, TypeVar

from auditor.errors import InventoryError
from auditor.inventory.document import COLLECTIONS, Entry, Node, compose, plain
from auditor.inventory.wording import listed, nearest, printable, quoted, wrong
from auditor.model.addresses import Family
from auditor.model.flows import Origin

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Value:
    """A node of a document at its dotted key, "" for the whole file."""

    node: Node
    file: str
    key: str

    @property
    def origin(self) -> Origin:
        """The place, for values of the model and for complaints of later rooms."""
        return Origin(file=self.file, line=self.node.line, key=self.key)

    @property
    def given(self) -> str:
        """The value as a sentence shows it."""
        data = self.node.data
        if isinstance(data, dict):
            return "a mapping"
        if isinstance(data, list):
            return "a list"
        return quoted(self.node.text) if self.node.text else "an empty value"

    def complaint(self, text: str) -> InventoryError:
        """The error to raise, with the place in front."""
        return InventoryError(text, self.origin) if self.key else wrong(self.file, self.node.line, text)

    def plain(self) -> object:
        """The value without lines."""
        return plain(self.node)

    def child(self, node: Node, step: str) -> "Value":
        """A value inside this one; ``step`` is a key, or an index in brackets."""
        joint = "" if step.startswith("[") or not self.key else "."
        return Value(node, self.file, f"{self.key}{joint}{step}")

    def entry(self, entry: Entry) -> "Value":
        """The value of a key; a list or mapping counts as standing where its key stands."""
        value = entry.value
        if isinstance(value.data, COLLECTIONS):
            value = Node(value.data, entry.line)
        return self.child(value, printable(entry.text))

    @property
    def is_list(self) -> bool:
        """Whether it is a list."""
        return isinstance(self.node.data, list)

    @property
    def is_mapping(self) -> bool:
        """Whether it is a mapping."""
        return isinstance(self.node.data, dict)

    @property
    def is_nothing(self) -> bool:
        """Whether it is empty: no value, or an empty list."""
        return self.node.data is None or self.node.data == []

    def named(self, what: str) -> "dict[str, tuple[Value, Value]]":
        """The entries of a mapping by their names as written, each with the key as a value. None of a null.

        ``what`` says what the mapping holds ("endpoints by their names").
        """
        data = self.node.data
        if data is None:
            return {}
        if not isinstance(data, dict):
            raise self.complaint(f"{self.given} can't stand here: it takes {what}")
        found: dict[str, tuple[Value, Value]] = {}
        for entry in data.values():
            text = entry.text
            name = self.child(Node(text, entry.line, text), printable(text))
            if not text.strip() or not text.isprintable():
                raise name.complaint("before the colon stands no name: that is text without control characters")
            if text in found:
                raise name.complaint(f"{quoted(text)} is given twice: first in line {found[text][0].node.line}")
            found[text] = name, self.entry(entry)
        return found

    def parts(self, what: str) -> "dict[str, Value]":
        """The values of any mapping by their keys as written; ``what`` says what it is ("data: that is a mapping")."""
        data = self.node.data
        if not isinstance(data, dict):
            raise self.complaint(f"{self.given} is no {what}")
        return {entry.text: self.entry(entry) for entry in data.values()}

    def fields(self, known: Collection[str], what: str) -> "dict[str, Value]":
        """The entries of a mapping whose keys must be of ``known``; ``what`` says what it is ("an endpoint")."""
        data = self.node.data
        if not isinstance(data, dict):
            raise self.complaint(f"{self.given} is not {what}: that is a mapping with the keys {listed(known)}")
        for entry in data.values():
            if entry.text not in known:
                place = self.child(Node(None, entry.line), printable(entry.text))
                raise place.complaint(f"{what} has no key {quoted(entry.text)}: {nearest(entry.text, known)}")
        return {entry.text: self.entry(entry) for entry in data.values()}

    def items(self) -> "list[Value]":
        """The values of a list; of anything else the value itself."""
        data = self.node.data
        if not isinstance(data, list):
            return [self]
        return [self.child(node, f"[{index}]") for index, node in enumerate(data)]

    def several(self, what: str) -> "list[Value]":
        """As ``items``, of at least one. ``what`` says what belongs in it."""
        items = self.items()
        if not items:
            raise self.complaint(f"the list is empty: it takes {what}")
        return items

    def word(self, what: str) -> str:
        """A name or text: any word that isn't empty, true or false; a number as it is written."""
        data = self.node.data
        if isinstance(data, bool | dict | list) or data is None or not self.node.text.strip():
            raise self.complaint(f"{self.given} is not {what}")
        if not self.node.text.isprintable():
            raise self.complaint(f"{self.given} has control characters: write it without")
        return self.node.text

    def number(self, what: str, low: int, high: int) -> int:
        """A whole number in a range. ``what`` names it with its unit ("an MTU in bytes")."""
        data = self.node.data
        if isinstance(data, bool) or not isinstance(data, int):
            raise self.complaint(f"{self.given} is not {what}: that is a whole number from {low} to {high}")
        if not low <= data <= high:
            size = "small" if data < low else "large"
            raise self.complaint(f"{self.given} is too {size}: {what} is a whole number from {low} to {high}")
        return data

    def flag(self) -> bool:
        """True or false."""
        data = self.node.data
        if not isinstance(data, bool):
            raise self.complaint(f"{self.given} is neither true nor false")
        return data

    def choice(self, options: Mapping[Any, T]) -> T:
        """One of a few values (words, true, false, 4 ...); ``options`` maps each to what it means."""
        data = self.node.data
        for option, means in options.items():
            if type(option) is type(data) and option == data:
                return means
        shown = [str(option).lower() if isinstance(option, bool) else str(option) for option in options]
        raise self.complaint(f"{self.given} can't stand here: it takes {listed(shown, ' | ')}")

    def one_of(self, names: Collection[str], what: str) -> str:
        """A name that must be known. ``what`` is the noun ("device of the inventory")."""
        name = self.word(f"the name of a {what}")
        if name not in names:
            raise self.complaint(f"{quoted(name)} is no {what}: {nearest(name, names)}")
        return name

    def address(self) -> tuple[Family, int]:
        """One address of a host, as family and integer."""
        text = self.word("an address: that is one like 192.0.2.1 or 2001:db8::1")
        try:
            found = ip_address(text)
        except ValueError:
            raise self.complaint(f"{quoted(text)} is no address: that is one like 192.0.2.1 or 2001:db8::1") from None
        self._usable(found)
        return found.version, int(found)

    def prefix(self) -> tuple[Family, int, int]:
        """An address or a prefix, as family, first and last address."""
        text = self.word("an address or a prefix: that is one like 192.0.2.1 or 2001:db8::/32")
        if "/" not in text:
            family, value = self.address()
            return family, value, value
        try:
            found = ip_network(text, strict=False)
        except ValueError:
            advice = "that is one like 192.0.2.0/24 or 2001:db8::/32"
            raise self.complaint(f"{quoted(text)} is no prefix: {advice}") from None
        if found.network_address != ip_address(text.partition("/")[0]):
            alone = text.partition("/")[0]
            raise self.complaint(
                f"{quoted(text)} has bits set behind its prefix: write {found} for all of it or {alone} for the one"
            )
        return found.version, int(found[0]), int(found[-1])

    def _usable(self, found: IPv4Address | IPv6Address) -> None:
        """Refuses an address that no datagram of a flow can come from or go to."""
        scoped = isinstance(found, IPv6Address) and found.scope_id
        kind = (
            "the address with a zone" if scoped
            else "a multicast address" if found.is_multicast
            else "a loopback address" if found.is_loopback
            else "no host's address" if found.is_unspecified
            else ""
        )  # fmt: skip
        if kind:
            raise self.complaint(f"{quoted(str(found))} is {kind}: it takes the address that others reach the host by")


def read(text: str, file: str) -> Value:
    """A YAML document. Raises InventoryError for text that is none (see ``compose``)."""
    return Value(compose(text, file), file, "")
