"""Devices and interfaces as users name them, and the complaint at the user's own line where there is no such thing."""

import re
from collections.abc import Collection, Iterable, Mapping
from difflib import get_close_matches

from auditor.errors import InventoryError
from auditor.model.device import Device, Interface
from auditor.model.flows import Origin

SHOWN = 80  # characters of a user's text in a sentence
LISTED = 8  # names in a sentence
_WORD = re.compile(r"([A-Za-z][A-Za-z_-]*?)[ _-]?(\d.*)")


def find_interface(device: Device, name: str, origin: Origin) -> Interface:
    """The interface that a user means: its name, a further name, or any usual abbreviation of it.

    Raises InventoryError, with the nearest right name, for one that the device doesn't have.
    """
    found = device.interface(name) or _by_spelling(device.interfaces, name)
    if found is not None:
        return found
    names = [i.name for i in device.interfaces] + [n for i in device.interfaces for n in i.resolves_by]
    short = "" if device.complete else f"; {device.config} is cut short: give the whole of it"
    raise InventoryError(f"{device.name} has no interface {quoted(name)}: {nearest(name, names)}{short}", origin)


def _by_spelling(interfaces: Iterable[Interface], name: str) -> Interface | None:
    """The one interface that the name abbreviates, in the usual way or by its first letters."""
    wanted = name.strip().casefold()
    by_name = {spelling.casefold(): i for i in interfaces for spelling in (*i.resolves_by, i.name)}
    if wanted in by_name:
        return by_name[wanted]
    from netutils.interface import canonical_interface_name

    usual = str(canonical_interface_name(name.strip())).casefold()
    fits = [i for key, i in by_name.items() if str(canonical_interface_name(key)).casefold() == usual]
    if not fits and (short := _WORD.fullmatch(wanted)):
        fits = [i for key, i in by_name.items() if _abbreviates(short, key)]
    return fits[0] if len({i.name for i in fits}) == 1 else None


def _abbreviates(short: re.Match[str], name: str) -> bool:
    whole = _WORD.fullmatch(name)
    return whole is not None and whole[1].startswith(short[1]) and whole[2] == short[2]


def find_device(devices: Mapping[str, Device], name: str, origin: Origin) -> Device | None:
    """A device that could be read, None where nothing is known of it.

    Raises InventoryError where the device holds several (contexts), and the one named isn't among them.
    """
    found = devices.get(name)
    if found is not None:
        return None if found.unreadable else found
    host = name.rpartition("/")[0]
    contexts = [n for n, d in devices.items() if not d.unreadable and n.startswith(f"{name}/")]
    if contexts:
        raise InventoryError(f"{quoted(name)} holds several devices: name one of {listed(contexts)}", origin)
    siblings = [n for n in devices if host and (n == host or n.startswith(f"{host}/")) and not devices[n].unreadable]
    if siblings:
        raise InventoryError(f"there is no device {quoted(name)}: {nearest(name, siblings)}", origin)
    return None


def quoted(text: str) -> str:
    """The text in quotes, control characters escaped, cut where it is long."""
    cut = text if len(text) <= SHOWN else text[:SHOWN] + "..."
    return "'" + "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in cut) + "'"


def listed(names: Iterable[str]) -> str:
    """Names one after the other, the rest counted."""
    every = list(names)
    rest = f" and {len(every) - LISTED} more" if len(every) > LISTED else ""
    return ", ".join(quoted(name)[1:-1] for name in every[:LISTED]) + rest


def nearest(word: str, names: Collection[str]) -> str:
    """The end of a sentence that complains of ``word``: the name most like it, else all that would be right."""
    if not names:
        return "there is none"
    lowered = {name.lower(): name for name in names}
    close = get_close_matches(word[:SHOWN].lower(), lowered, n=1, cutoff=0.6)
    return f"the nearest is {quoted(lowered[close[0]])}" if close else f"there are {listed(names)}"
