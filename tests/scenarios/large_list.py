"""A very long list, and what becomes of every source by plain arithmetic: no set of the program is used here."""

import random
from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

GATEWAY = "203.0.113.10"
HEAD = """\
version 17.9
hostname edge1
!
interface GigabitEthernet0/0
 ip address 198.51.100.2 255.255.255.252
 ip access-group IN in
!
interface GigabitEthernet0/1
 ip address 203.0.113.1 255.255.255.0
!
ip route 0.0.0.0 0.0.0.0 198.51.100.1
!
ip access-list extended IN
"""
TAIL = "!\nend\n"
FIRST_LINE = HEAD.count("\n") + 1
PATHS = f"""\
version: 1
endpoints:
  clients: {{address: internet, attach: {{device: edge1, interface: Gi0/0}}, ike_fragmentation: false, df: false}}
  gw: {{address: {GATEWAY}, ike_fragmentation: false, df: false}}
flows:
  - {{name: vpn, kind: ikev2, from: clients, to: gw, via: [edge1]}}
"""
Kind = Literal["deny", "deny fragments", "deny port", "deny another port", "permit", "permit all"]
Ranges = list[tuple[int, int]]  # closed, disjoint, rising


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry that concerns the flow: its line in the file and its sources, first and last."""

    kind: Kind
    line: int
    first: int
    last: int

    def decides(self, packet: Literal["small", "first", "later"]) -> bool:
        """Whether it matches such a packet of UDP 4500 to the gateway. IOS: of a later fragment, which has no ports, an
        entry on ports that denies is passed over, and one that permits matches by its addresses.
        """
        if self.kind == "deny another port":
            return False
        return self.kind != ("deny port" if packet == "later" else "deny fragments")


def dotted(number: int) -> str:
    return ".".join(str(number >> shift & 255) for shift in (24, 16, 8, 0))


def make(count: int, seed: int = 11) -> tuple[str, list[Entry]]:
    """A config with a list of so many entries, and those that concern the flow: a fifth are denies of sources that
    overlap, a tenth of these with ``fragments``; the flow's permits stand last.
    """
    rng = random.Random(seed)
    denies = count // 5
    kinds: list[Kind | Literal["other"]] = ["other"] * (count - denies - denies // 100 - 3)
    kinds += ["deny fragments"] * (denies // 10)
    kinds += ["deny port"] * (denies // 10) + ["deny another port"] * (denies // 10)
    kinds += ["deny"] * (denies - 3 * (denies // 10)) + ["permit"] * (denies // 100)
    rng.shuffle(kinds)
    lines: list[str] = []
    entries: list[Entry] = []
    for kind in kinds:
        line = FIRST_LINE + len(lines)
        if kind == "other":
            lines.append(other(rng))
            continue
        length = rng.choice((14, 16, 18, 20, 22, 24, 24, 24, 28, 32, 32))
        bits = (1 << 32 - length) - 1
        first = rng.randrange(1 << 24, 224 << 24) & ~bits
        entries.append(Entry(kind, line, first, first + bits))
        source = f"{dotted(first)} {dotted(bits)}" if bits else f"host {dotted(first)}"
        lines.append(
            {
                "deny": f"deny ip {source} any",
                "deny fragments": f"deny ip {source} any fragments",
                "deny port": f"deny udp {source} any range 4490 4510",
                "deny another port": f"deny udp {source} any range 490 510",
                "permit": f"permit udp {source} host {GATEWAY} eq non500-isakmp",
            }[kind]
        )
    line = FIRST_LINE + len(lines)
    lines += [f"permit udp any host {GATEWAY} eq {port}" for port in ("isakmp", "non500-isakmp")] + ["deny ip any any"]
    entries.append(Entry("permit all", line, 0, (1 << 32) - 1))  # of a later fragment the first of the two decides
    return HEAD + "".join(f" {one}\n" for one in lines) + TAIL, entries


def other(rng: random.Random) -> str:
    """An entry on other protocols, other servers or other ports: it never matches the flow."""
    host = f"host {dotted(rng.randrange(1 << 24, 224 << 24))}"
    server = f"host 203.0.113.{rng.choice((11, 12, 99))}"
    return rng.choice(
        (
            f"permit tcp {host} host {GATEWAY} eq 443",
            f"deny tcp {host} any eq 22",
            f"permit udp {host} {server} eq non500-isakmp",
            f"deny udp any {server} range 100 {rng.randrange(101, 9999)}",
            f"permit icmp {host} any echo",
            f"deny esp {host} host {GATEWAY}",
            f"deny udp {host} host {GATEWAY} eq {rng.randrange(5000, 9999)}",
        )
    )


class Fates:
    """Who decides each kind of packet, for every stretch of sources between two neighbouring ends of entries."""

    def __init__(self, entries: Sequence[Entry], sources: Ranges) -> None:
        ends = {end for entry in entries for end in (entry.first, entry.last + 1)}
        ends |= {end for first, last in sources for end in (first, last + 1)}
        self.starts = sorted(ends)
        self.small = self._painted(entries, "small")
        self.later = self._painted(entries, "later")
        self.sources = sources

    def _painted(self, entries: Sequence[Entry], packet: Literal["small", "later"]) -> list[Entry | None]:
        """The first entry that matches, by stretch: each paints what no one before it has painted."""
        colours: list[Entry | None] = [None] * len(self.starts)
        following = list(range(len(self.starts) + 1))  # the next stretch without paint, from here on

        def free(at: int) -> int:
            root = at
            while following[root] != root:
                root = following[root]
            while following[at] != root:
                following[at], at = root, following[at]
            return root

        for entry in entries:
            if not entry.decides(packet):
                continue
            end = bisect_left(self.starts, entry.last + 1)
            at = free(bisect_left(self.starts, entry.first))
            while at < end:
                colours[at] = entry
                following[at] = at + 1
                at = free(at)
        return colours

    def closed(self) -> Ranges:
        """Sources whose small datagrams die."""
        return self._where(lambda small, later: small.kind.startswith("deny"))

    def broken(self) -> dict[int, Ranges]:
        """Sources whose small datagrams arrive and whose later fragments die, by the line of the entry that does it."""
        found: dict[int, Ranges] = {}
        for first, last, small, later in self._stretches():
            if not small.kind.startswith("deny") and later.kind.startswith("deny"):
                _add(found.setdefault(later.line, []), first, last)
        return found

    def fine(self) -> Ranges:
        return self._where(lambda small, later: "deny" not in small.kind + later.kind)

    def _where(self, wanted: Callable[[Entry, Entry], bool]) -> Ranges:
        found: Ranges = []
        for first, last, small, later in self._stretches():
            if wanted(small, later):
                _add(found, first, last)
        return found

    def _stretches(self) -> list[tuple[int, int, Entry, Entry]]:
        """All stretches that hold sources, first and last, with who decides."""
        found = []
        at = 0
        for start, end, small, later in zip(self.starts, self.starts[1:], self.small, self.later, strict=False):
            while at < len(self.sources) and self.sources[at][1] < start:
                at += 1
            if at < len(self.sources) and self.sources[at][0] <= start:
                assert end - 1 <= self.sources[at][1]
                assert small is not None
                assert later is not None
                found.append((start, end - 1, small, later))
        return found


def _add(ranges: Ranges, first: int, last: int) -> None:
    """One more range behind the others, joined to the last if they touch."""
    if ranges and ranges[-1][1] + 1 == first:
        ranges[-1] = (ranges[-1][0], last)
    else:
        ranges.append((first, last))


def internet() -> Ranges:
    """All addresses but those of special purpose (RFC 6890 and its successors) and the router's own two prefixes."""
    special = (
        "0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24 "
        "192.31.196.0/24 192.52.193.0/24 192.88.99.0/24 192.168.0.0/16 192.175.48.0/24 198.18.0.0/15 198.51.100.0/24 "
        "203.0.113.0/24 224.0.0.0/4 240.0.0.0/4"
    )
    taken = []
    for text in special.split():
        address, length = text.split("/")
        first = sum(int(part) << shift for part, shift in zip(address.split("."), (24, 16, 8, 0), strict=True))
        taken.append((first, first + (1 << 32 - int(length)) - 1))
    found: Ranges = []
    at = 0
    for first, last in sorted(taken):
        if at < first:
            found.append((at, first - 1))
        at = max(at, last + 1)
    return found
