"""A small description of hosts and links becomes namespaces, and the transcripts that are collected from them.

``c`` sends and ``s`` answers; what stands between them is described by hops. Links are numbered from 1 in the order in
which they are given: link N has 10.0.N.0/24 and fd00:N::/64, .1 at its first end and .2 at its second, and its
interfaces are called lN at both. Every host has a route to every subnet by every shortest way.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path

from tests.lab.namespaces import Namespaces

CLIENT, SERVER = "c", "s"
SETTINGS = {
    "net.ipv4.ip_forward": "1",
    "net.ipv6.conf.all.forwarding": "1",
    "net.ipv4.conf.all.rp_filter": "0",
    "net.ipv4.conf.default.rp_filter": "0",
    "net.ipv4.icmp_ratelimit": "0",
    "net.ipv4.icmp_msgs_per_sec": "100000",
    "net.ipv6.icmp.ratelimit": "0",
    "net.ipv6.conf.all.accept_dad": "0",
    "net.ipv6.conf.default.accept_dad": "0",
    "net.ipv6.auto_flowlabels": "0",  # else a rule on ports meets a later fragment by a label that chance made
}
ENDS_TOO = ("rp_filter", "ratelimit", "msgs_per_sec", "accept_dad", "auto_flowlabels")


@dataclass(frozen=True)
class Hop:
    """A host on the way. ``commands`` are run in it one by one; ``nft`` is a rule set, loaded after them."""

    name: str
    nft: str = ""
    commands: tuple[str, ...] = ()


@dataclass(frozen=True)
class Link:
    """A link between two hosts. ``mtu`` in bytes of IP packet."""

    one: str
    other: str
    mtu: int = 1500


@dataclass(frozen=True)
class Description:
    """What a case is made of."""

    hops: tuple[Hop, ...]
    links: tuple[Link, ...]
    ends: dict[str, tuple[str, ...]] = field(default_factory=dict)  # commands for c and s

    @property
    def names(self) -> tuple[str, ...]:
        """All hosts."""
        return (CLIENT, *(hop.name for hop in self.hops), SERVER)


def row(hops: Sequence[Hop], mtus: Sequence[int] = ()) -> Description:
    """c, the hops, s, one after the other. Of MTUs that are not given the link has 1500."""
    names = [CLIENT, *(hop.name for hop in hops), SERVER]
    sizes = [*mtus, *[1500] * (len(names) - 1 - len(mtus))]
    return Description(
        hops=tuple(hops),
        links=tuple(Link(one, other, size) for (one, other), size in zip(pairwise(names), sizes, strict=True)),
    )


def address(family: int, link: int, end: int) -> str:
    """The address of the first (1) or second (2) end of a link."""
    return f"10.0.{link}.{end}" if family == 4 else f"fd00:{link}::{end}"


def mac(link: int, end: int) -> str:
    """The link-layer address of an end. Neighbours know it: no rule can keep them from finding each other."""
    return f"02:00:00:00:{link:02x}:{end:02x}"


class World:
    """The namespaces of a description, built and ready."""

    def __init__(self, description: Description) -> None:
        self.description = description
        self.spaces = Namespaces(description.names)
        try:
            self._build()
        except BaseException:
            self.spaces.close()
            raise

    def __enter__(self) -> "World":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Removes everything."""
        self.spaces.close()

    def _build(self) -> None:
        for name in self.description.names:
            self._set_up(name)
        for number, link in enumerate(self.description.links, 1):
            self.spaces.link(link.one, link.other, f"l{number}", (mac(number, 1), mac(number, 2)))
        for name in self.description.names:
            self._settle(name)
        for name, commands in self.description.ends.items():
            for command in commands:
                self.spaces.run(name, *command.split())
        for hop in self.description.hops:
            self.load(hop)

    def load(self, hop: Hop) -> None:
        """A hop's commands and rules."""
        for command in hop.commands:
            self.spaces.run(hop.name, "sh", "-c", command)
        if hop.nft:
            self.spaces.run(hop.name, "nft", "-f", "-", text=hop.nft)

    def clear(self, name: str) -> None:
        """Takes all rules off a host, of every tool."""
        self.spaces.run(name, "nft", "flush", "ruleset")
        for tool in ("iptables-legacy", "ip6tables-legacy"):
            for table in self.spaces.output(name, f"{tool}-save").split("\n*")[1:]:
                which = table.split("\n", 1)[0]
                self.spaces.run(name, tool, "-t", which, "-F")
                self.spaces.run(name, tool, "-t", which, "-X")
                for chain in ("FORWARD", "INPUT", "OUTPUT") if which == "filter" else ():
                    self.spaces.run(name, tool, "-P", chain, "ACCEPT")

    def set_mtu(self, link: int, mtu: int) -> None:
        """Another MTU for a link, at both ends."""
        ends = self.description.links[link - 1]
        for name in (ends.one, ends.other):
            self.spaces.run(name, "ip", "link", "set", f"l{link}", "mtu", str(mtu))
        links = list(self.description.links)
        links[link - 1] = replace(ends, mtu=mtu)
        self.description = replace(self.description, links=tuple(links))

    def _set_up(self, name: str) -> None:
        """A host's settings, before its links are made: these take the defaults that they find."""
        with self.spaces.inside(name):
            for key, value in SETTINGS.items():
                if name not in (CLIENT, SERVER) or key.endswith(ENDS_TOO):
                    Path("/proc/sys", *key.split(".")).write_text(value)

    def _settle(self, name: str) -> None:
        """Addresses, MTUs and routes of one host, in one batch."""
        lines = ["link set lo up"]
        for number, end, mtu in self.interfaces(name):
            lines += [
                f"link set l{number} mtu {mtu} up",
                f"address add {address(4, number, end)}/24 dev l{number}",
                f"address add {address(6, number, end)}/64 dev l{number} nodad",
            ]
            for family in (4, 6):
                neighbour = f"{address(family, number, 3 - end)} lladdr {mac(number, 3 - end)}"
                lines.append(f"neighbour add {neighbour} dev l{number} nud permanent")
        lines += self._routes(name)
        self.spaces.run(name, "ip", "-batch", "-", text="\n".join(lines) + "\n")
        with self.spaces.inside(name):
            for number, _, _ in self.interfaces(name):
                Path(f"/proc/sys/net/ipv4/conf/l{number}/rp_filter").write_text("0")

    def interfaces(self, name: str) -> list[tuple[int, int, int]]:
        """The links of a host: number, which end it is, MTU."""
        found = []
        for number, link in enumerate(self.description.links, 1):
            if name in (link.one, link.other):
                found.append((number, 1 if name == link.one else 2, link.mtu))
        return found

    def _routes(self, name: str) -> Iterable[str]:
        """Routes to the subnets of all other links, by every shortest way."""
        own = {number for number, _, _ in self.interfaces(name)}
        for number in range(1, len(self.description.links) + 1):
            if number in own:
                continue
            hops = self._next_hops(name, number)
            for family, subnet in ((4, f"10.0.{number}.0/24"), (6, f"fd00:{number}::/64")):
                ways = [f"via {address(family, link, end)} dev l{link}" for link, end in hops]
                several = " ".join(f"nexthop {way} weight 1" for way in ways)
                yield f"route add {subnet} {ways[0] if len(ways) == 1 else several}"

    def _next_hops(self, name: str, aim: int) -> list[tuple[int, int]]:
        """The links, with the neighbour's end, by which the shortest ways to a link begin."""
        distance = self._distances(aim)
        best = min(distance[other] for _, other, _ in self._neighbours(name))
        return [(link, end) for link, other, end in self._neighbours(name) if distance[other] == best]

    def _neighbours(self, name: str) -> list[tuple[int, str, int]]:
        found = []
        for number, link in enumerate(self.description.links, 1):
            if name == link.one:
                found.append((number, link.other, 2))
            elif name == link.other:
                found.append((number, link.one, 1))
        return found

    def _distances(self, aim: int) -> dict[str, int]:
        link = self.description.links[aim - 1]
        found = {link.one: 0, link.other: 0}
        edge = [link.one, link.other]
        while edge:
            following = []
            for name in edge:
                for _, other, _ in self._neighbours(name):
                    if other not in found and other not in (CLIENT, SERVER):
                        found[other] = found[name] + 1
                        following.append(other)
            edge = following
        return {CLIENT: 999, SERVER: 999, **found}

    # ---- what the auditor reads

    def collect(self, folder: Path, *, json: bool = False) -> None:
        """Writes the inventory's hosts.yaml and configs/, each hop's transcript as its own tools print it."""
        (folder / "configs").mkdir(parents=True, exist_ok=True)
        hosts = "".join(f"{hop.name}:\n  platform: linux\n" for hop in self.description.hops)
        (folder / "hosts.yaml").write_text(hosts)
        for hop in self.description.hops:
            (folder / "configs" / f"{hop.name}.txt").write_text(self.transcript(hop.name, json=json))

    def transcript(self, name: str, *, json: bool = False) -> str:
        """The outputs of one host, each under its command."""
        return "".join(
            f"$ {' '.join(c)}\n{self.spaces.output(name, *c)}" for c in commands(json, self.interfaces(name))
        )


def commands(json: bool, interfaces: Iterable[tuple[int, int, int]]) -> list[tuple[str, ...]]:
    """The commands of a transcript, in their text or their JSON form."""
    settings = ["net.ipv4.ip_forward", "net.ipv6.conf.all.forwarding", "net.ipv4.conf.all.rp_filter"]
    settings += [f"net.ipv4.conf.l{number}.rp_filter" for number, _, _ in interfaces]
    j = ("-j",) if json else ()
    return [
        ("hostname",),
        ("ip", *j, "-d", "address", "show"),
        ("ip", *j, "route", "show", "table", "all"),
        ("ip", *j, "-6", "route", "show", "table", "all"),
        ("ip", *j, "rule", "show"),
        ("ip", *j, "-6", "rule", "show"),
        ("sysctl", *settings),
        ("nft", *j, "list", "ruleset"),
        ("iptables-save",),
        ("ip6tables-save",),
        ("iptables-legacy-save",),
        ("ip6tables-legacy-save",),
    ]
