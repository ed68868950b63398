"""The inventory folder on disk: what may be opened, and text that is read with a sentence for whatever is wrong."""

import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from auditor.errors import InventoryError
from auditor.inventory.wording import SHOWN_PATH, printable, quoted, wrong

SAFE = "._-"  # with letters and digits, what a host's name keeps when it becomes a file's name (contract 5)


@dataclass(frozen=True, slots=True)
class Folder:
    """``root`` is the folder, ``configs`` where its saved configs are; both resolved. Nothing else is opened."""

    root: Path
    configs: Path

    def relative(self, path: Path) -> str:
        """The path as reports name it: relative to the folder, with slashes."""
        return Path(os.path.relpath(path, self.root)).as_posix()

    def holds(self, path: Path) -> bool:
        """Whether the path, with every link followed, stays inside."""
        real = Path(os.path.realpath(path))
        return real.is_relative_to(self.root) or real.is_relative_to(self.configs)


def open_folder(folder: Path, configs: Path | None) -> Folder:
    """The folder and its configs. Raises InventoryError if one is missing, no folder, or a link to elsewhere."""
    for path in (folder, configs):
        if path is not None and not _is_folder(path):
            what = "a file: give the folder that holds it" if is_there(path) else "not there"
            raise InventoryError(f"the folder {quoted(str(path), SHOWN_PATH)} is {what}")
    root = Path(os.path.realpath(folder))
    if configs is not None:
        return Folder(root, Path(os.path.realpath(configs)))
    inner = root / "configs"
    if not Path(os.path.realpath(inner)).is_relative_to(root):
        raise InventoryError("'configs' is a link to a folder outside the inventory: give that folder with --configs")
    return Folder(root, inner)


def is_there(path: Path) -> bool:
    """Whether there is a file, a folder or a link. Raises InventoryError if that may not be looked at."""
    try:
        return path.exists() or path.is_symlink()
    except OSError as error:
        raise InventoryError(f"{quoted(str(path), SHOWN_PATH)} can't be opened: {reason(error)}") from None


def _is_folder(path: Path) -> bool:
    return is_there(path) and path.is_dir()


def read_text(folder: Folder, path: Path) -> str:
    """A file of the inventory as text. Raises InventoryError if it leaves the folder, can't be read or isn't UTF-8."""
    name = folder.relative(path)
    if not folder.holds(path):
        raise InventoryError(
            f"{printable(name, SHOWN_PATH)} is a link to a file outside the inventory: put the file itself there"
        )
    return decode(read_bytes(path, name), name)


def read_bytes(path: Path, name: str) -> bytes:
    """The bytes of a regular file, called ``name`` in the complaint. Raises InventoryError if it can't be read."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise InventoryError(f"{printable(name, SHOWN_PATH)} is no file that can be read: it takes a plain file")
        return path.read_bytes()
    except (OSError, ValueError) as error:
        raise InventoryError(f"{printable(name, SHOWN_PATH)} can't be read: {reason(error)}") from None


def reason(error: Exception) -> str:
    """Why the system refused, in its words, without the path."""
    return (getattr(error, "strerror", None) or "its name is no file's name").lower()


def decode(data: bytes, name: str) -> str:
    """UTF-8 text, without the mark that some editors put in front. Raises InventoryError with the line that isn't."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise wrong(name, 1, "the file is UTF-16: save it as UTF-8")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        byte = f"{data[error.start]:#04x}"
        raise wrong(name, line, f"the byte {byte} is not UTF-8 text: save the file as UTF-8") from None


def file_names(hosts: Iterable[str]) -> dict[str, str]:
    """The hosts by the names that their files may have: the host's own, else the encoded one (contract 5)."""
    names = list(hosts)
    return {**{quote(name, safe=SAFE): name for name in names}, **{name: name for name in names}}


def entries(folder: Folder, path: Path) -> Iterator[tuple[str, "os.DirEntry[str]"]]:
    """What a folder inside holds, in the order of names, each with its path relative to the inventory.

    Nothing if there is no such folder.

    Raises InventoryError if it is a link to elsewhere or can't be listed.
    """
    if not _is_folder(path):
        return
    relative = folder.relative(path)
    name, before = quoted(relative, SHOWN_PATH), "" if relative == "." else f"{relative}/"
    if not folder.holds(path):
        raise InventoryError(f"the folder {name} is a link to a place outside the inventory: put the files inside")
    try:
        with os.scandir(path) as found:
            held = sorted(found, key=lambda entry: entry.name)
    except OSError as error:
        raise InventoryError(f"the folder {name} can't be listed: {reason(error)}") from None
    for entry in held:
        yield before + entry.name, entry


def is_folder(entry: "os.DirEntry[str]") -> bool:
    """Whether an entry is a folder, or a link to one."""
    try:
        return entry.is_dir()
    except OSError:
        return False


def odd(folder: Folder, entry: "os.DirEntry[str]") -> str:
    """Why an entry can't be a config whoever's it were, "" if it can."""
    if not _writable(entry.name):
        return "its name is no text"
    if entry.name.startswith("."):
        return "hidden"
    if entry.is_symlink() and not folder.holds(Path(entry.path)):
        return "a link to a place outside the folder"
    try:
        plain = entry.is_dir() or entry.is_file()
        gone = entry.is_symlink() and not Path(entry.path).exists()
    except OSError as error:
        return f"can't be opened: {reason(error)}"
    return "" if plain else "a link to nothing" if gone else "no plain file"


def _writable(name: str) -> bool:
    """Whether the name can be shown: the system hands out bytes that are no UTF-8 as stray surrogates."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True
