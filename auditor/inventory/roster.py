"""The devices of a folder: from hosts.yaml, from a snapshot's manifest, or from the files of a bare folder."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from auditor.errors import InventoryError
from auditor.inventory.bare import find_configs
from auditor.inventory.folder import Folder, is_there, read_text
from auditor.inventory.hosts import Record, read_records
from auditor.inventory.locate import Located, locate
from auditor.inventory.manifest import Taken, is_manifest, parse_manifest
from auditor.inventory.spellings import canonical, spellings
from auditor.inventory.values import Value, read
from auditor.inventory.wording import nearest, quoted
from auditor.model.flows import Host, Origin

FILES = ("hosts", "groups", "defaults", "paths")


@dataclass(frozen=True, slots=True, kw_only=True)
class Roster:
    """Every device of the folder. ``records`` are what ``devices:`` filters by."""

    hosts: Mapping[str, Host]
    records: Mapping[str, Record]
    bare: bool
    unclaimed: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]


def read_roster(folder: Folder, aliases: Mapping[str, str]) -> Roster:
    """The devices of the folder with their files.

    ``aliases`` maps every spelling of the platforms that have a template to their name. Raises InventoryError for
    whatever is wrong with the folder's own files.
    """
    _check_names(folder)
    taken = _manifest(folder)
    notes = ["config.yaml is not loaded: an inventory never says what runs"] if _has(folder, "config.yaml") else []
    if _has(folder, "hosts.yaml"):
        groups, defaults = _optional(folder, "groups.yaml"), _optional(folder, "defaults.yaml")
        records, more = read_records(_required(folder, "hosts.yaml"), groups, defaults)
        notes += more
        if not records:
            raise InventoryError("hosts.yaml names no host")
    elif taken is not None:
        records = {name: Record(name=name, origin=one.origin, config=one.file) for name, one in taken.items()}
    else:
        return _bare(folder, aliases, notes)
    origins = {name: record.origin for name, record in records.items()}
    named = {name: record.config for name, record in records.items() if record.config}
    located = locate(folder, origins, named)
    return _roster(records, located, taken or {}, aliases, notes)


def _bare(folder: Folder, aliases: Mapping[str, str], notes: list[str]) -> Roster:
    top = folder.root if folder.configs == folder.root / "configs" else folder.configs
    found = find_configs(folder, top, {*aliases, *aliases.values()})
    records = {
        name: Record(name=name, origin=Origin(file=file, line=1, key=name)) for name, file in found.configs.items()
    }
    located = locate(folder, {name: record.origin for name, record in records.items()}, {}, configs=False)
    located.configs.update({name: (file,) for name, file in found.configs.items()})
    located.unclaimed.extend(found.unclaimed)
    return _roster(records, located, {}, aliases, notes, bare=True)


def _roster(
    records: Mapping[str, Record],
    located: Located,
    taken: Mapping[str, Taken],
    aliases: Mapping[str, str],
    notes: list[str],
    bare: bool = False,
) -> Roster:
    """Records and files put together."""
    known: dict[str, tuple[str, bool]] = {}
    hosts = {}
    for name, record in records.items():
        platform, supported = _platform(record.platform, aliases, known)
        hosts[name] = Host(
            name=name, platform=platform, unsupported=not supported, origin=record.origin, data=record.data,
            groups=record.lineage, configs=located.configs.get(name, ()), routes=located.routes.get(name),
            shows=located.shows.get(name, ()), collected=taken[name].collected if name in taken else None,
        )  # fmt: skip
    return Roster(
        hosts=MappingProxyType(hosts), records=MappingProxyType(dict(records)), bare=bare,
        unclaimed=tuple(sorted(located.unclaimed)), notes=tuple(notes),
    )  # fmt: skip


def _platform(
    value: Value | None, aliases: Mapping[str, str], known: dict[str, tuple[str, bool]]
) -> tuple[str | None, bool]:
    """The canonical name and whether a template reads it; None where the text is to tell. ``known`` remembers."""
    if value is None:
        return None, True
    spelling = value.word("a platform")
    if spelling not in known:
        found = canonical(spelling, aliases)
        if found is None:
            close = nearest(spelling, spellings(aliases), sorted(set(aliases.values())))
            raise value.complaint(f"nobody knows the platform {quoted(spelling)}: {close}; or leave the key out")
        known[spelling] = found
    return known[spelling]


def _manifest(folder: Folder) -> dict[str, Taken] | None:
    """The devices of a snapshot's manifest, None if there is none."""
    if not _has(folder, "manifest.json"):
        return None
    text = read_text(folder, folder.root / "manifest.json")
    return parse_manifest(text, "manifest.json") if is_manifest(text) else None


def _check_names(folder: Folder) -> None:
    """Refuses hosts.yml and the like: read by nobody, they would be missed in silence."""
    for name in FILES:
        if _has(folder, f"{name}.yml") and not _has(folder, f"{name}.yaml"):
            raise InventoryError(f"{name}.yml is not read: call it {name}.yaml")


def _has(folder: Folder, name: str) -> bool:
    return is_there(folder.root / name)


def _required(folder: Folder, name: str) -> Value:
    return read(read_text(folder, folder.root / name), name)


def _optional(folder: Folder, name: str) -> Value | None:
    return _required(folder, name) if _has(folder, name) else None
