"""A bare folder of saved configs, as RANCID and Oxidized leave it: every plain file is a device until text says no.

RANCID keeps ``GROUP/configs/HOST`` beside its lists and logs, Oxidized a checkout, flat or with a folder for each
group. So the folder is searched to the bottom; what these tools keep beside the configs is listed, not guessed.
"""

import os
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from urllib.parse import quote, unquote

from auditor.errors import InventoryError
from auditor.inventory.folder import SAFE, Folder, entries, odd
from auditor.inventory.locate import Unclaimed
from auditor.inventory.wording import SHOWN_PATH, printable, quoted

CONFIG_ENDS = frozenset({"cfg", "conf", "config", "txt", "text", "log", "set", "xml", "json", "backup", "running"})
LONGEST_COUNTRY = 2  # letters of a country's domain: a shorter spelling may be the end of a device's name
MAX_DEPTH = 20  # folders in folders

# Names, in small letters, of what stands beside configs; the first that fits gives the reason. No end of a name here
# is one of a domain (a device may be called edge1.example.pl).
FOLDERS_BESIDE = (
    ("*.git", "a git repository: check its files out and give that folder"),
    ("cvs", "CVS's own folder"),
    ("logs", "a folder of logs"),
)
FILES_BESIDE = (
    ("router.db*", "a list of devices"),
    ("routers.*", "a list of devices"),
    ("rancid.conf*", "settings of RANCID"),
    ("readme*", "a text about the folder"),
    ("license*", "a text about the folder"),
    ("makefile", "a list of commands"),
    ("*~", "an editor's copy"),
    ("*,v", "a history of another file"),
    *((f"*.{end}", "a copy of another file") for end in ("bak", "old", "orig", "rej", "new", "tmp", "swp")),
    *(
        (f"*.{end}", "a file of another kind")
        for end in ("yaml", "yml", "toml", "csv", "db", "sqlite", "lock", "pem", "key", "crt", "html", "pdf", "rst")
    ),
    *((f"*.{end}", "a packed file") for end in ("gz", "bz2", "xz", "tgz", "tar")),
)
# At the top, what is an inventory's own and no config.
OURS = frozenset({"routes", "show", "paths.d", "paths.yaml", "config.yaml", "manifest.json"})


@dataclass(frozen=True, slots=True)
class Bare:
    """The config file of each device by its name, relative to the folder, and what is no config."""

    configs: dict[str, str]
    unclaimed: Unclaimed


def find_configs(folder: Folder, top: Path, spellings: Collection[str]) -> Bare:
    """Every file below ``top`` that may be a device's config.

    ``spellings`` are the platforms' names: one of them, as any usual end of a config's name, is cut off the name.
    Raises InventoryError if two files give one name, or none is found.
    """
    found = Bare({}, [])
    ends = CONFIG_ENDS | {word for word in spellings if len(word) > LONGEST_COUNTRY}
    for relative, reason in _walk(folder, top, 0):
        name = "" if reason else device_name(relative.rpartition("/")[2], ends)
        if reason:
            found.unclaimed.append((printable(relative, SHOWN_PATH), reason))
        elif name in found.configs:
            raise InventoryError(
                f"two configs give one device, {quoted(name)}: {printable(found.configs[name], SHOWN_PATH)} and "
                f"{printable(relative, SHOWN_PATH)}; give one of their folders, or name both devices in a hosts.yaml"
            )
        else:
            found.configs[name] = relative
    if not found.configs:
        raise InventoryError(f"the folder {quoted(str(top), SHOWN_PATH)} holds neither a hosts.yaml nor a saved config")
    return found


def device_name(file: str, ends: Collection[str]) -> str:
    """The device whose config a file is: its name without one usual end of a config's name, decoded."""
    stem, dot, end = file.rpartition(".")
    name = stem if dot and stem and end.lower() in ends else file
    decoded = unquote(name)
    return decoded if decoded.isprintable() and quote(decoded, safe=SAFE) == name else name


def _walk(folder: Folder, path: Path, depth: int) -> Iterator[tuple[str, str]]:
    """Every file below a folder with the reason why it is no config, "" if it may be one, in the order of names."""
    for name, entry in entries(folder, path):
        if depth == 0 and entry.name in OURS:
            continue
        reason = odd(folder, entry) or _beside(entry)
        if reason or entry.is_file():
            yield name, reason
        elif depth == MAX_DEPTH:
            yield name, f"a folder more than {MAX_DEPTH} folders deep"
        else:
            yield from _walk(folder, Path(entry.path), depth + 1)


def _beside(entry: "os.DirEntry[str]") -> str:
    """Why an entry is none of the configs, "" if it may be one."""
    if entry.is_symlink():
        return "a link: what it leads to is read under its own name"
    kinds = FOLDERS_BESIDE if entry.is_dir() else FILES_BESIDE
    return next((reason for pattern, reason in kinds if fnmatchcase(entry.name.lower(), pattern)), "")
