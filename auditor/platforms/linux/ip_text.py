"""Text of ``ip link``, ``ip address``, ``ip route`` and ``ip rule`` as canonical lines."""

import re

from auditor.platforms.linux.commands import Command
from auditor.platforms.linux.lines import Lines, Numbered

HEAD = re.compile(r"^\d+: (?P<name>\S+): <(?P<flags>[^>]*)>(?P<rest>.*)$")
ONE_LINE = re.compile(r"^\d+: (?P<name>\S+)\s+(?P<kind>inet6?) (?P<rest>.*)$")
BRIEF = re.compile(
    r"^(?P<name>\S+)\s+(?P<state>UP|DOWN|UNKNOWN|DORMANT|LOWERLAYERDOWN|NOTPRESENT|TESTING)\s*(?P<rest>.*)$"
)
KINDS = frozenset({
    "vlan", "bridge", "bond", "vrf", "gre", "gretap", "ip6gre", "ip6gretap", "erspan", "ipip", "sit", "ip6tnl",
    "vti", "vti6", "xfrm", "vxlan", "geneve", "wireguard", "macvlan", "macvtap", "ipvlan", "ipvtap", "veth", "tun",
    "dummy", "team", "ppp", "hsr", "can", "vcan", "vxcan", "ifb", "nlmon", "macsec", "l2tpeth", "bareudp", "gtp",
    "netdevsim", "batadv", "rmnet", "dsa", "amt", "openvpn",
})  # fmt: skip
TYPE_NUMBERS = {  # linux/rtnetlink.h RTN_*; "ip -N" prints them
    "1": "unicast", "2": "local", "3": "broadcast", "4": "anycast", "5": "multicast", "6": "blackhole",
    "7": "unreachable", "8": "prohibit", "9": "throw", "10": "nat", "11": "xresolve",
}  # fmt: skip
LINK_NUMBERS = {  # linux/if_arp.h ARPHRD_*
    "1": "ether", "768": "ipip", "769": "tunnel6", "772": "loopback", "776": "sit", "778": "gre", "823": "gre6",
    "65534": "none",
}  # fmt: skip
SLAVES = re.compile(r"^(?P<kind>\w+)_slave\b")
ROUTE_TYPES = frozenset({
    "unicast", "local", "broadcast", "multicast", "throw", "unreachable", "prohibit", "blackhole", "nat", "anycast",
    "xresolve",
})  # fmt: skip


def read_links(_command: Command, body: Numbered, out: Lines) -> None:
    """``ip link show`` and ``ip address show``: long, ``-o`` and ``-br`` forms, with and without ``-d``."""
    for number, whole in body:
        for place, line in enumerate(whole.split("\\") if "\\  " in whole else [whole]):
            _link_line(line, number, out, continued=place > 0)


def _link_line(line: str, number: int, out: Lines, *, continued: bool) -> None:
    head = HEAD.match(line)
    if head:
        _head(head, number, out)
        return
    if line[:1] in " \t" or continued:
        _detail(line.strip(), number, out)
        return
    one = ONE_LINE.match(line)
    if one:
        out.put(0, f"interface {one['name']}", number)
        out.put(1, f"{one['kind']} {one['rest'].strip()}", number)
        return
    brief = BRIEF.match(line)
    if brief:
        _brief(brief, number, out)
        return
    out.unread(line, number)


def _head(head: re.Match[str], number: int, out: Lines) -> None:
    """``2: eth0.5@eth0: <FLAGS> mtu 1500 ... master br0 state UP group default qlen 1000``"""
    out.put(0, f"interface {head['name']}", number)
    out.put(1, f"flags {head['flags'] or '-'}", number)
    words = head["rest"].split()
    for key in ("mtu", "master", "state", "group"):
        if key in words[:-1]:
            out.put(1, f"{key} {words[words.index(key) + 1]}", number)
    if any(word.startswith("xdp") for word in words):
        out.put(1, "xdp program", number)


def _detail(text: str, number: int, out: Lines) -> None:
    """An indented line of an interface."""
    if not text:
        return
    first, _, rest = text.partition(" ")
    slave = SLAVES.match(text)
    if text.startswith("link/"):
        _layer_two(text, number, out)
    elif text.startswith("prog/xdp"):
        out.put(1, "xdp program", number)
    elif first in ("inet", "inet6", "alias", "altname"):
        out.put(1, text, number)
    elif slave:
        out.put(1, f"slave {slave['kind']} {rest or '-'}", number)
    elif first in KINDS:
        out.put(1, f"kind {first} {rest or '-'}", number)
    else:
        out.put(1, f"also {text}", number)


def _layer_two(text: str, number: int, out: Lines) -> None:
    """``link/ether MAC brd MAC link-netns X promiscuity 0 minmtu 68 ...`` with what ``-d`` puts behind it."""
    words = text.split()
    kind = words[0].removeprefix("link/").strip("[]")
    out.put(1, f"link {LINK_NUMBERS.get(kind, kind)}", number)
    for key in ("link-netns", "link-netnsid"):
        if key in words:
            out.put(1, f"peer {words[words.index(key) + 1]}", number)


def _brief(brief: re.Match[str], number: int, out: Lines) -> None:
    """``eth0  UP  10.0.0.1/24 fe80::1/64`` or ``eth0  UP  MAC <FLAGS>``"""
    out.put(0, f"interface {brief['name']}", number)
    out.put(1, f"state {brief['state']}", number)
    words = brief["rest"].split()
    for at, word in enumerate(words):
        if word.startswith("<"):
            out.put(1, f"flags {word.strip('<>') or '-'}", number)
        elif ("/" in word or words[at + 1 : at + 2] == ["peer"]) and (at == 0 or words[at - 1] != "peer"):
            peer = f" peer {words[at + 2]}" if words[at + 1 : at + 2] == ["peer"] and at + 2 < len(words) else ""
            kind = "inet6" if ":" in word else "inet"
            scope = "link" if word.lower().startswith("fe80:") else "global"
            out.put(1, f"{kind} {word}{peer} scope {scope}", number)


def read_routes(command: Command, body: Numbered, out: Lines) -> None:
    """``ip route show``, one canonical line a route, its further next hops below it (with ``-o`` behind it)."""
    for number, whole in body:
        first, *further = whole.split("\\\t")
        if first[:1] in " \t":
            further = [first, *further]
        else:
            _route_line(first, number, command, out)
        for line in further:
            if line.split():
                _continued(line.split(), number, out)


def _route_line(line: str, number: int, command: Command, out: Lines) -> None:
    words = line.split()
    if not words:
        return
    kind = "unicast"
    if words[0] in ROUTE_TYPES:
        kind = words.pop(0)
    elif words[0] in TYPE_NUMBERS:
        kind = TYPE_NUMBERS[words.pop(0)]
    if not words or not _destination(words[0]):
        out.unread(line, number)
        return
    route(out, number, _family(command, words), kind, words[0], words[1:], command)


def route(
    out: Lines, number: int, family: str, kind: str, destination: str, words: list[str], command: Command
) -> None:
    """One route. Where it does not name its table, it is the one that was asked for."""
    if "table" not in words:
        asked = command.table if command.table not in ("", "all") else "main"
        words = [*words, "table", asked if not command.vrf else f"vrf:{command.vrf}"]
    out.put(0, f"route {family} {kind} {destination} {' '.join(words)}", number)


def _continued(words: list[str], number: int, out: Lines) -> None:
    if words[0] == "nexthop":
        out.put(1, f"nexthop {' '.join(words[1:])}", number)
    elif words[0] == "cache" or words[0] == "nh_info":
        return
    else:
        out.put(1, f"odd {' '.join(words)}", number)


def _destination(word: str) -> bool:
    return word == "default" or (bool(re.fullmatch(r"[0-9a-fA-F:.]+(?:/\d+)?", word)) and (":" in word or "." in word))


def _family(command: Command, words: list[str]) -> str:
    """The family of a route: by its addresses, else as asked; IPv6 prints the router preference of each route."""
    if words[0] != "default":
        return "ip6" if ":" in words[0] else "ip"
    if command.family:
        return command.family
    if "via" in words:
        gateway = words[words.index("via") + 1]
        return "ip" if gateway == "inet6" else "ip6" if gateway == "inet" or ":" in gateway else "ip"
    return "ip6" if "pref" in words or "error" in words else "ip"


RULE = re.compile(r"^(?P<priority>\d+):\s+(?P<rest>.+)$")


def read_rules(command: Command, body: Numbered, out: Lines) -> None:
    """``ip rule show``"""
    for number, line in body:
        found = RULE.match(line)
        if found:
            out.put(0, f"choose {command.family} {found['priority']} {' '.join(found['rest'].split())}", number)
        else:
            out.unread(line, number)
