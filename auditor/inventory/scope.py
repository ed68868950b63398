"""What names in paths.yaml may refer to: the devices of the inventory and the systems that are known."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from auditor.inventory.hosts import Record
from auditor.inventory.spellings import canonical
from auditor.inventory.values import Value
from auditor.inventory.wording import listed, nearest, printable, quoted

NOT_BUILT = "is not built yet: leave it out"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """``records`` are the devices, ``systems`` the end systems, ``aliases`` the platforms' spellings."""

    records: Mapping[str, Record]
    systems: Collection[str]
    aliases: Mapping[str, str]

    def device(self, value: Value) -> str:
        """A device of the inventory, or a context ``HOST/NAME`` of one. Raises InventoryError with the nearest name."""
        name = value.word("the name of a device")
        host = name
        while host not in self.records:
            host, slash, context = host.rpartition("/")
            if not slash or not context:
                raise value.complaint(f"{quoted(name)} is no device of the inventory: {nearest(name, self.records)}")
        return name

    def matching(self, value: Value) -> list[str]:
        """The devices that fit all entries of a ``devices:`` mapping, in the inventory's order.

        As Nornir's ``filter``: name, hostname, port and platform, else the key of the data, equal to the value. A
        platform fits by any of its spellings too. ``groups`` takes a group or a list of them, inherited ones included.
        """
        wanted = value.parts("filter of devices: that is a mapping such as {role: access}")
        found = [record.name for record in self.records.values() if self._fits(record, wanted)]
        if not found:
            entries = listed(f"{printable(key)}: {part.given}" for key, part in wanted.items())
            raise value.complaint(f"no device of the inventory has {entries}{self._advice(wanted)}")
        return found

    def _fits(self, record: Record, wanted: Mapping[str, Value]) -> bool:
        return all(self._has(record, key, value) for key, value in wanted.items())

    def _has(self, record: Record, key: str, value: Value) -> bool:
        if key == "name":
            return record.name == value.node.text
        if key == "groups":
            return all(item.node.text in record.lineage for item in value.items())
        if key == "platform":
            return self._is_platform(record, value)
        if key in ("hostname", "port"):
            return bool((record.hostname if key == "hostname" else record.port) == value.plain())
        return record.data.get(key) == value.plain()

    def _is_platform(self, record: Record, value: Value) -> bool:
        if record.platform is None:
            return value.node.data is None
        said, wanted = record.platform.node.text, value.node.text
        return said == wanted or (bool(wanted) and self._name(said) == self._name(wanted))

    def _name(self, spelling: str) -> str:
        found = canonical(spelling, self.aliases)
        return found[0] if found else spelling

    def _advice(self, wanted: Mapping[str, Value]) -> str:
        """The nearest right name of the first entry that fits no device: of its key, or of its value."""
        data = {key for record in self.records.values() for key in record.data}
        keys = sorted(data | {"name", "hostname", "port", "platform", "groups"})
        for key, value in wanted.items():
            if key not in keys:
                return f"; none has the key {quoted(key)}: {nearest(key, keys)}"
            if not any(self._has(record, key, value) for record in self.records.values()):
                there = sorted({text for record in self.records.values() for text in _texts(record, key)})
                return f"; for {quoted(key)} {nearest(value.node.text, there)}"
        return ""


def _texts(record: Record, key: str) -> tuple[str, ...]:
    """What a device has for a key, as text."""
    if key == "groups":
        return record.lineage
    if key == "platform":
        return (record.platform.node.text,) if record.platform else ()
    own = {"name": record.name, "hostname": record.hostname, "port": record.port}
    found = own[key] if key in own else record.data.get(key)
    return () if found is None or isinstance(found, dict | list) else (str(found),)


def refuse_later(fields: Mapping[str, Value], *keys: str) -> None:
    """Refuses keys of the contract that are not built yet, unless they hold nothing."""
    for key in keys:
        if key in fields and not fields[key].is_nothing:
            raise fields[key].complaint(f"{quoted(key)} {NOT_BUILT}")
