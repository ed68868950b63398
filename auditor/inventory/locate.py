"""Which files of the folder are which host's: saved configs, collected routes, outputs of show commands.

Nothing is opened here. A file that is no host's is listed with the reason, never guessed at.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from auditor.errors import InventoryError
from auditor.inventory.folder import Folder, entries, file_names, is_folder, odd
from auditor.inventory.values import Value
from auditor.inventory.wording import SHOWN_PATH, printable, quoted
from auditor.model.flows import Origin

Unclaimed = list[tuple[str, str]]
NO_HOST = "no host of the inventory has its name"


@dataclass(frozen=True, slots=True)
class Located:
    """The files of each host, relative to the folder, and what is nobody's."""

    configs: dict[str, tuple[str, ...]] = field(default_factory=dict)
    routes: dict[str, str] = field(default_factory=dict)
    shows: dict[str, tuple[str, ...]] = field(default_factory=dict)
    unclaimed: Unclaimed = field(default_factory=list)


def locate(folder: Folder, hosts: Mapping[str, Origin], named: Mapping[str, Value], *, configs: bool = True) -> Located:
    """The files of ``hosts``; ``named`` holds the path of those whose config is named outright.

    Without ``configs`` only routes and outputs are looked for.

    Raises InventoryError for a named file that isn't there or leaves the folder, for two files that fit one host, and
    for a host's file that is a link to elsewhere.
    """
    owners = file_names(hosts)
    found = Located()
    for host, value in named.items():
        found.configs[host] = named_config(folder, value)
    if configs:
        _find_configs(folder, hosts, owners, found)
    _find_routes(folder, hosts, owners, found)
    _find_shows(folder, hosts, owners, found)
    return found


def named_config(folder: Folder, value: Value) -> tuple[str, ...]:
    """The files at a path that the user names. With --configs, a path into ``configs/`` is one into that folder."""
    text = value.word("the path of a config file in the inventory folder")
    parts = Path(text).parts
    base, rest = (folder.configs, parts[1:]) if parts[:1] == ("configs",) else (folder.root, parts)
    path = base.joinpath(*rest)
    try:
        inside, exists = folder.holds(path), path.exists() and bool(rest)
    except (OSError, ValueError):
        raise value.complaint(f"{quoted(text)} is no file's name") from None
    if not inside:
        raise value.complaint(f"{quoted(text)} leaves the inventory folder: put the file inside and name it from there")
    if not exists:
        raise value.complaint(f"there is no file {quoted(text)} in the inventory folder")
    if ".." in rest:
        path = Path(os.path.realpath(path))
    return tuple(_files(folder, path, value.origin, [])) if path.is_dir() else (folder.relative(path),)


def _find_configs(folder: Folder, hosts: Mapping[str, Origin], owners: Mapping[str, str], found: Located) -> None:
    taken = {place for files in found.configs.values() for file in files for place in (file, *_folders(file))}
    claims: dict[str, list[tuple[str, os.DirEntry[str]]]] = {}
    for name, entry in entries(folder, folder.configs):
        if name in taken:
            continue
        owner = owners.get(entry.name) if is_folder(entry) else owner_of(entry.name, owners)
        if owner is None:
            _set_aside(name, odd(folder, entry) or NO_HOST, found.unclaimed)
        elif owner in found.configs:
            _set_aside(name, f"host {printable(owner)} names another file as its config", found.unclaimed)
        else:
            _check(folder, entry, hosts[owner])
            claims.setdefault(owner, []).append((name, entry))
    for owner, fits in claims.items():
        if len(fits) > 1:
            one, two = printable(fits[0][0], SHOWN_PATH), printable(fits[1][0], SHOWN_PATH)
            text = f"two configs fit it, {one} and {two}: keep one, or name it as data: {{config: PATH}}"
            raise InventoryError(text, hosts[owner])
        name, entry = fits[0]
        files = _files(folder, Path(entry.path), hosts[owner], found.unclaimed) if is_folder(entry) else [name]
        found.configs[owner] = tuple(files)


def _folders(file: str) -> list[str]:
    """The folders that a file is in."""
    return [str(parent) for parent in PurePosixPath(file).parents]


def owner_of(name: str, owners: Mapping[str, str]) -> str | None:
    """The host of a file HOST or HOST.EXT: the longest name that fits."""
    while name not in owners:
        name, dot, _ = name.rpartition(".")
        if not dot:
            return None
    return owners[name]


def _set_aside(name: str, reason: str, unclaimed: Unclaimed) -> None:
    unclaimed.append((printable(name, SHOWN_PATH), reason))


def _check(folder: Folder, entry: "os.DirEntry[str]", host: Origin) -> None:
    """Refuses a host's own file that can't be used: without it the host would look as if it had none."""
    if reason := odd(folder, entry):
        name = printable(folder.relative(Path(entry.path)), SHOWN_PATH)
        raise InventoryError(f"its file {name} can't be used ({reason}): put a plain file there", host)


def _files(folder: Folder, path: Path, host: Origin, unclaimed: Unclaimed) -> list[str]:
    """The files right in a host's own folder, by name."""
    out = []
    for name, entry in entries(folder, path):
        if entry.name.startswith("."):
            _set_aside(name, "hidden", unclaimed)
        elif is_folder(entry):
            _set_aside(name, "a folder in a host's folder", unclaimed)
        else:
            _check(folder, entry, host)
            out.append(name)
    return out


def _find_routes(folder: Folder, hosts: Mapping[str, Origin], owners: Mapping[str, str], found: Located) -> None:
    for name, entry in entries(folder, folder.root / "routes"):
        owner = owners.get(entry.name.removesuffix(".json")) if entry.name.endswith(".json") else None
        if owner is None or is_folder(entry):
            _set_aside(name, odd(folder, entry) or f"{NO_HOST} and .json", found.unclaimed)
            continue
        _check(folder, entry, hosts[owner])
        if owner in found.routes:
            raise InventoryError(f"two files hold its routes, {found.routes[owner]} and {name}: keep one", hosts[owner])
        found.routes[owner] = name


def _find_shows(folder: Folder, hosts: Mapping[str, Origin], owners: Mapping[str, str], found: Located) -> None:
    for name, entry in entries(folder, folder.root / "show"):
        owner = owners.get(entry.name)
        if owner is None or not is_folder(entry):
            _set_aside(name, odd(folder, entry) or f"{NO_HOST} (a folder for each host)", found.unclaimed)
            continue
        _check(folder, entry, hosts[owner])
        for file in _files(folder, Path(entry.path), hosts[owner], found.unclaimed):
            if file.endswith(".txt"):
                found.shows[owner] = (*found.shows.get(owner, ()), file)
            else:
                _set_aside(file, "no .txt file", found.unclaimed)
