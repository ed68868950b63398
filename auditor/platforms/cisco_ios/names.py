"""Interface names: as the config writes them, and what other lines mean by an abbreviation of one."""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Literal

_WORD = re.compile(r"([A-Za-z][A-Za-z-]*?)\s*(\d[\d/.:]*)?$")
_TAIL = re.compile(r"\s+(?:point-to-point|multipoint|l2transport|overlay|type\s+\S+)\s*$", re.IGNORECASE)

ETHERNET = [
    "ethernet",
    "fastethernet",
    "gigabitethernet",
    "tengigabitethernet",
    "tengige",
    "twogigabitethernet",
    "fivegigabitethernet",
    "twentyfivegige",
    "twentyfivegigabitethernet",
    "fortygigabitethernet",
    "fortygige",
    "fiftygige",
    "fiftygigabitethernet",
    "hundredgige",
    "hundredgigabitethernet",
    "twohundredgige",
    "fourhundredgige",
    "appgigabitethernet",
    "fex",
    "internal-data",
    "embedded-service-engine",
    "ucse",
    "wlan-gigabitethernet",
    "wlan-ap",
    "port-channel",
    "vlan",
    "bvi",
    "bdi",
]


# The abbreviations that people write where the device would print the whole name.
_ABBREVIATED = {
    "eth": "Ethernet",
    "fa": "FastEthernet",
    "fas": "FastEthernet",
    "gi": "GigabitEthernet",
    "gig": "GigabitEthernet",
    "te": "TenGigabitEthernet",
    "ten": "TenGigabitEthernet",
    "twe": "TwentyFiveGigE",
    "fo": "FortyGigabitEthernet",
    "hu": "HundredGigE",
    "po": "Port-channel",
    "vl": "Vlan",
    "lo": "Loopback",
    "tu": "Tunnel",
    "tun": "Tunnel",
    "se": "Serial",
    "ser": "Serial",
    "di": "Dialer",
}


def full_name(text: str) -> str:
    """An interface's name without blanks, without the words that may follow it, and not abbreviated."""
    name = _TAIL.sub("", text).replace(" ", "")
    word, number = parts(name)
    return _ABBREVIATED[word] + number if number and word in _ABBREVIATED else name


@lru_cache(maxsize=4096)
def parts(name: str) -> tuple[str, str]:
    """The type in small letters, and the number; two empty texts for what is no interface."""
    found = _WORD.match(name.strip())
    return (found[1].lower(), found[2] or "") if found else ("", "")


def kind_of(name: str) -> Literal["ethernet", "loopback", "tunnel", "other"]:
    """What sort of interface a name tells of."""
    word, _ = parts(name)
    if word in ("loopback", "tunnel", "tunnel-ip"):
        return "loopback" if word == "loopback" else "tunnel"
    return "ethernet" if is_ethernet(word) else "other"


def is_ethernet(word: str) -> bool:
    """Whether a type in small letters, perhaps abbreviated, is some Ethernet or a virtual interface of one."""
    return any(word == known or (len(word) > 1 and known.startswith(word)) for known in ETHERNET)


def parent_of(name: str) -> str | None:
    """The interface that a sub-interface belongs to."""
    head, dot, _ = name.rpartition(".")
    return head if dot else None


class Names:
    """The interfaces of one config, to be found by any abbreviation."""

    def __init__(self, names: Iterable[str]) -> None:
        self._all = list(dict.fromkeys(names))
        self._exact = {name.lower(): name for name in self._all}
        self._numbered: dict[str, list[str]] = {}
        for name in self._all:
            self._numbered.setdefault(parts(name)[1], []).append(name)

    def find(self, text: str) -> str | None:
        """The config's own spelling of the interface that ``text`` names, None for one that it does not have."""
        name = full_name(text)
        exact = self._exact.get(name.lower())
        if exact is not None:
            return exact
        word, number = parts(name)
        if not word:
            return None
        fits = [one for one in self._numbered.get(number, ()) if parts(one)[0].startswith(word)]
        return fits[0] if len(fits) == 1 else None


def looks_like_interface(text: str) -> bool:
    """Whether a word in a place where an address or an interface may stand is an interface."""
    return bool(re.match(r"[A-Za-z]{2,}", text)) and ":" not in text.split("/", maxsplit=1)[0]
