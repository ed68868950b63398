"""The spellings of platforms: ours by their aliases, else those that Netmiko, NAPALM and netutils know."""

from collections.abc import Mapping
from functools import lru_cache

CONNECTIONS = ("_ssh", "_telnet", "_serial")  # Netmiko's names may end so: how it connects, not what is there


def canonical(spelling: str, aliases: Mapping[str, str]) -> tuple[str, bool] | None:
    """A platform's name and whether a template reads it; None for a spelling that nobody knows.

    ``aliases`` maps every spelling of the platforms that have a template to their name. Netmiko's name is given for
    the others. Capitals don't matter.
    """
    for word in _variants(spelling):
        if word in aliases or word in aliases.values():
            return aliases.get(word, word), True
    field = _field()
    for word in _variants(spelling):
        if word in field:
            name = field[word]
            return aliases.get(name, name), name in aliases or name in aliases.values()
    return None


def spellings(aliases: Mapping[str, str]) -> list[str]:
    """Every spelling that is known."""
    return sorted({*aliases, *aliases.values(), *_field()})


def _variants(spelling: str) -> list[str]:
    """The spelling as it stands, in small letters, and without its connection."""
    small = spelling.lower()
    return [spelling, small, *(small.removesuffix(end) for end in CONNECTIONS if small.endswith(end))]


@lru_cache(maxsize=1)
def _field() -> dict[str, str]:
    """Every spelling of the three libraries to Netmiko's name. Imports netutils, which takes a while."""
    from netutils.lib_mapper import MAIN_LIB_MAPPER, NAPALM_LIB_MAPPER, NETMIKO_LIB_MAPPER, NETMIKO_LIB_MAPPER_REVERSE

    found = {name: NETMIKO_LIB_MAPPER_REVERSE.get(name, name) for name in MAIN_LIB_MAPPER.values()}
    found |= {word: NETMIKO_LIB_MAPPER_REVERSE.get(name, name) for word, name in NAPALM_LIB_MAPPER.items()}
    return found | {word: word for word in NETMIKO_LIB_MAPPER}
