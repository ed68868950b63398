"""What a command line asks for: which tool, which family, which table, in which form it answers."""

import re
import shlex
from dataclasses import dataclass, field
from functools import lru_cache

FAMILY_OF = {"-4": "ip", "-6": "ip6", "inet": "ip", "inet6": "ip6"}
# outputs that can tell of what else drops or changes packets; none of them is read, so what they hold is said
SUSPECTS = re.compile(
    r"^(?:sudo )?(?:tc\s+(?:-\S+\s+)*filter|ebtables|bpftool|ip\s+(?:-\S+\s+)*(?:xfrm|x)\b|ipvsadm|ovs-\S+)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One command. ``reader`` names how its output is read, "" where it is not.

    ``family`` is "ip", "ip6" or "" for both or none; ``flavour`` of iptables is "nft", "legacy" or "" (not said);
    ``table`` and ``vrf`` limit routes, ``whole`` says that nothing was left out of what the tool knows for that family.
    ``terse``: sets were listed without their elements.
    """

    text: str
    reader: str = ""
    family: str = ""
    flavour: str = ""
    table: str = ""
    vrf: str = ""
    whole: bool = True
    terse: bool = False
    detailed: bool = False
    names: tuple[str, ...] = field(default=())

    @property
    def suspect(self) -> bool:
        """Whether its output could tell of something that drops or changes packets."""
        return bool(SUSPECTS.match(self.text))

    def tolerates(self, line: str) -> bool:
        """Whether a line that looks like an error is none in this output (a comment, a rule's own text)."""
        stripped = line.strip()
        if self.reader.startswith("sysctl"):
            return "=" in line and not stripped.startswith("sysctl:")
        if self.reader.startswith(("iptables", "nft")):
            return stripped.startswith(("-", "#", "{", '"')) or line.startswith(("\t", " "))
        return line.startswith((" ", "\t"))


@lru_cache(maxsize=1024)
def parse_command(text: str) -> Command:
    """The command of one line; ``sudo`` and paths before the tool's name don't matter, nor pipes after it."""
    shown = " ".join(text.split())
    try:
        words = shlex.split(shown)
    except ValueError:
        words = shown.split()
    piped = next(
        (place for place, word in enumerate(words) if word in ("|", ">", "2>", "2>/dev/null", "2>&1", ";", "&&")), None
    )
    filtered = piped is not None and words[piped] == "|"
    words = words[:piped]
    while words and (words[0] in ("sudo", "doas", "env", "command") or "=" in words[0] or words[0] in ("-n", "-E")):
        words = words[1:]
    if not words:
        return Command(text=shown)
    tool = words[0].rsplit("/", 1)[-1]
    found = _of_tool(tool, words[1:], shown)
    if found is None:
        return Command(text=shown)
    if filtered:
        return _narrowed(found)
    return found


def _narrowed(command: Command) -> Command:
    """An output that went through a pipe: what the pipe left out is not known."""
    from dataclasses import replace

    return replace(command, whole=False)


def _of_tool(tool: str, words: list[str], text: str) -> Command | None:
    if tool == "ip":
        return _ip(words, text)
    if tool == "nft":
        return _nft(words, text)
    saved = re.fullmatch(r"(ip6?)tables(?:-(nft|legacy))?(-save)?", tool)
    if saved:
        return _iptables(saved[1], saved[2] or "", bool(saved[3]), words, text)
    if tool == "sysctl":
        values = any(w.startswith("-") and not w.startswith("--") and "n" in w for w in words) or "--values" in words
        names = tuple(word for word in words if not word.startswith("-"))
        return Command(text=text, reader="proc" if values and len(names) == 1 else "sysctl", names=names)
    if tool in ("cat", "more", "less", "head") and len(words) == 1:
        return _file(words[0], text)
    if tool in ("hostname", "hostnamectl") and all(w.startswith("-") or w == "status" for w in words):
        return Command(text=text, reader="name") if tool == "hostname" else None
    if tool == "uname":
        return Command(text=text, reader="release")
    return None


def _file(path: str, text: str) -> Command | None:
    if path.startswith("/proc/sys/net/"):
        return Command(text=text, reader="proc", names=(path.removeprefix("/proc/sys/").replace("/", "."),))
    if path == "/etc/hostname":
        return Command(text=text, reader="name")
    return None


OBJECTS = {
    "link": ("link", 1),
    "address": ("address", 1),
    "route": ("route", 1),
    "rule": ("rule", 2),
}  # iproute2 takes any beginning of an object's name; "r" is route, "ru" rule


def _object(word: str) -> str:
    return next((name for name, (whole, least) in OBJECTS.items() if whole.startswith(word) and len(word) >= least), "")


def _ip(words: list[str], text: str) -> Command | None:
    family, json, detailed, whole = "", False, False, True
    place = 0
    while place < len(words) and words[place].startswith("-"):
        word = words[place].lstrip("-")
        if word in ("4", "6"):
            family = FAMILY_OF["-" + word]
        elif word.startswith(("f", "family")) and place + 1 < len(words) and words[place + 1] in FAMILY_OF:
            family, place = FAMILY_OF[words[place + 1]], place + 1
        elif word in ("n", "netns", "b", "batch"):  # another name space's outputs are not this host's
            return None
        elif "json".startswith(word):
            json = True
        elif "details".startswith(word):
            detailed = True
        elif word in ("br", "brief"):
            detailed = False
        place += 1
    kind = _object(words[place]) if place < len(words) else ""
    rest = words[place + 1 :]
    if rest and ("show".startswith(rest[0]) or "list".startswith(rest[0]) or rest[0] == "lst"):
        rest = rest[1:]
    elif rest and rest[0] in ("get", "add", "del", "set", "flush", "replace", "change", "save", "help", "append"):
        return None
    suffix = "-json" if json else ""
    if kind in ("link", "address"):
        return Command(text=text, reader="links" + suffix, family=family, whole=not rest, detailed=detailed)
    if kind == "rule":
        return Command(text=text, reader="rules" + suffix, family=family or "ip", whole=not rest)
    if kind == "route":
        table, vrf = "main", ""
        while len(rest) >= 2 and ("table".startswith(rest[0]) or rest[0] == "vrf"):
            table, vrf = (table, rest[1]) if rest[0] == "vrf" else (rest[1], vrf)
            rest = rest[2:]
        whole = not rest
        families = family or ("" if table == "all" and not json else "ip")
        return Command(
            text=text,
            reader="routes" + suffix,
            family=families if table != "all" else family,
            table=table,
            vrf=vrf,
            whole=whole,
        )
    return None


def _nft(words: list[str], text: str) -> Command | None:
    flags = [w for w in words if w.startswith("-")]
    rest = [w for w in words if not w.startswith("-")]
    letters = "".join(w[1:] for w in flags if not w.startswith("--"))
    json = "j" in letters or "--json" in flags
    terse = "t" in letters or "--terse" in flags
    if rest[:2] == ["list", "ruleset"]:
        family = rest[2] if len(rest) > 2 else ""
    elif rest[:2] in (
        ["list", "table"],
        ["list", "tables"],
        ["list", "chain"],
        ["list", "chains"],
        ["list", "sets"],
        ["list", "maps"],
    ):
        if rest[1] == "tables":
            return None
        return Command(text=text, reader="nft-json" if json else "nft", whole=False, terse=terse)
    else:
        return None
    return Command(text=text, reader="nft-json" if json else "nft", family=family, terse=terse, table=family)


def _iptables(family: str, flavour: str, save: bool, words: list[str], text: str) -> Command | None:
    family = "ip6" if family == "ip6" else "ip"
    if save:
        one = next((words[at + 1] for at, w in enumerate(words[:-1]) if w in ("-t", "--table")), "")
        return Command(text=text, reader="iptables-save", family=family, flavour=flavour, table=one, whole=not one)
    if any(w in ("-S", "--list-rules") for w in words):
        one = next((words[at + 1] for at, w in enumerate(words[:-1]) if w in ("-t", "--table")), "filter")
        at = next(place for place, w in enumerate(words) if w in ("-S", "--list-rules"))
        chain = at + 1 < len(words) and not words[at + 1].startswith("-")
        return Command(
            text=text,
            reader="iptables-list",
            family=family,
            flavour=flavour,
            table=one,
            whole=False,
            names=("chain",) if chain else (),
        )
    return None
