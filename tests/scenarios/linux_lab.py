"""The lab of ``lab.md`` 1 in the simulator: c, r1, fw, s in a row, and what real packets did there.

``l1``, ``l2``, ``l3`` are the links. r1 has no rules; fw holds those under test, as a transcript.
"""

from dataclasses import dataclass, field, replace

from auditor.model.addresses import Family, IntervalSet, parse_address
from auditor.model.device import Device
from auditor.model.packets import Direction, Message, Packet
from auditor.model.paths import Path, PathHop
from auditor.model.trace import Ending, Region, Sending
from auditor.parse.read import TemplateFinder, read_device
from auditor.platforms.linux import PLATFORM
from auditor.simulate.header import FORWARD
from auditor.simulate.journey import NO_SESSIONS, Journey, Link, Trip
from auditor.simulate.walk import Sessions, Walk

ENDS = {4: ("10.0.1.1", "10.0.3.2"), 6: ("fd00:1::1", "fd00:3::2")}
PORT = 500

SETTINGS = """$ sysctl net.ipv4.ip_forward net.ipv6.conf.all.forwarding net.ipv4.conf.all.rp_filter {names}
net.ipv4.ip_forward = 1
net.ipv6.conf.all.forwarding = 1
net.ipv4.conf.all.rp_filter = 0
"""
ROUTES = """$ ip route show
10.0.0.0/8 via 10.0.{near}.{gateway} dev l{near} proto static
$ ip -6 route show
fd00::/16 via fd00:{near}::{gateway} dev l{near} proto static metric 1024 pref medium
$ ip rule show
0:\tfrom all lookup local
32766:\tfrom all lookup main
32767:\tfrom all lookup default
$ ip -6 rule show
0:\tfrom all lookup local
32766:\tfrom all lookup main
"""


def router(links: dict[str, int], listings: str) -> str:
    """A router's transcript: its links with their MTUs, forwarding on, no check of sources, and its listings."""
    text = "$ ip -d address show\n"
    for index, (link, mtu) in enumerate(links.items(), 2):
        number = link[1:]
        text += f"{index}: {link}: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu {mtu} qdisc noqueue state UP group default\n"
        text += "    link/ether 02:00:00:00:00:01 brd ff:ff:ff:ff:ff:ff promiscuity 0 minmtu 68 maxmtu 65535\n"
        text += "    veth numtxqueues 1 numrxqueues 1\n"
        text += f"    inet 10.0.{number}.{index}/24 scope global {link}\n"
        text += f"    inet6 fd00:{number}::{index}/64 scope global\n"
    text += SETTINGS.format(names=" ".join(f"net.ipv4.conf.{link}.rp_filter" for link in links))
    text += "".join(f"net.ipv4.conf.{link}.rp_filter = 0\n" for link in links)
    text += ROUTES.format(near=next(iter(links))[1:], gateway=9)
    return text + listings


def read(name: str, text: str) -> Device:
    """A device out of a transcript."""
    (device,) = read_device(name, [(f"configs/{name}.txt", text.encode())], PLATFORM, {}, TemplateFinder())
    return device


@dataclass(frozen=True)
class Lab:
    """The lab with the rules of fw as listings."""

    listings: str
    r1: str = "$ nft list ruleset\n"
    mtus: dict[str, int] = field(default_factory=lambda: {"l1": 1500, "l2": 1500, "l3": 1500})

    def with_mtu(self, **links: int) -> "Lab":
        """The same with other MTUs."""
        return Lab(self.listings, self.r1, {**self.mtus, **links})

    def walk(self) -> Walk:
        """The simulator with both routers."""
        texts = {
            "r1": router({link: self.mtus[link] for link in ("l1", "l2")}, self.r1),
            "fw": router({link: self.mtus[link] for link in ("l2", "l3")}, self.listings),
        }
        return Walk({name: read(name, text) for name, text in texts.items()})

    def path(self, family: Family, direction: Direction, ends: str = "c s", server: str = "") -> Path:
        """c to s, c to fw or fw to s, or back."""
        hops = [
            PathHop(device="r1", ingress="l1", egress="l2", back="ingress"),
            PathHop(device="fw", ingress="l2", egress="l3", back="ingress"),
        ]
        if direction == "reverse":
            hops = [replace(h, ingress=h.egress, egress=h.ingress) for h in reversed(hops)]
        if ends == "c fw":
            hops[1] = PathHop(device="fw", ingress="l2", role="local-in", back="ingress")
        if ends == "fw s":
            hops = [PathHop(device="fw", egress="l3", role="local-out")]
        client, served = (IntervalSet.single(parse_address(text)[1]) for text in ENDS[family])
        if server:
            served = IntervalSet.single(parse_address(server)[1])
        return Path(family=family, direction=direction, hops=tuple(hops), clients=client, servers=served)

    def send(
        self,
        payload: int,
        family: Family = 4,
        direction: Direction = "forward",
        df: str = "false",
        ends: str = "c s",
        server: str = "",
        ports: tuple[int, int] = (PORT, PORT),
    ) -> list[Ending]:
        """Every way in which one datagram may end. A reply comes after a small datagram had gone the other way.

        ``server`` is the address that c sends to, where that is not s's own.
        """
        walk = self.walk()
        paths: dict[Direction, Path] = {
            "forward": self.path(family, "forward", ends, server),
            "reverse": self.path(family, "reverse", ends, server),
        }
        sessions = NO_SESSIONS
        if direction == "reverse":
            sessions = self._go(walk, 100, paths, "forward", "false", NO_SESSIONS, ports).sessions()
        return list(self._go(walk, payload, paths, direction, df, sessions, ports).trace.endings)

    def _go(
        self,
        walk: Walk,
        payload: int,
        paths: dict[Direction, Path],
        direction: Direction,
        df: str,
        sessions: Sessions,
        ports: tuple[int, int],
    ) -> Journey:
        path = paths[direction]
        one, other = (IntervalSet.single(port) for port in ports)
        region = Region(clients=path.clients, servers=path.servers, client_ports=one, server_ports=other)
        header = FORWARD if direction == "forward" else FORWARD.swapped()
        message = Message(name="m", direction=direction, port=ports[1], payloads=(payload,), source_port=ports[0])
        trip = Trip(
            walk=walk,
            path=path,
            message=message,
            sessions=sessions,
            back=paths["reverse" if direction == "forward" else "forward"],
            sender=Link(name="c", mtu=1500),
            receiver=Link(name="s", mtu=None),
        )
        first = self.mtus["l1" if direction == "forward" else "l3"]
        sending = Sending(payloads=(payload,), df=df, mtu=first)  # type: ignore[arg-type]
        return trip.journey([sending], [(region, header)], region)


def certain(ending: Ending) -> bool:
    """Whether nothing about an ending is doubtful."""
    return not ending.doubts and not ending.tags and all(loss.certain for loss in ending.losses)


def outcome(endings: list[Ending]) -> str:
    """``ok``, ``LOST``, ``lost/ok`` (the second try arrives), or ``?`` where it can't be told."""
    if len(endings) != 1 or not certain(endings[0]):
        return "?"
    (ending,) = endings
    return ("ok" if ending.tries == 1 else "lost/ok") if ending.complete else "LOST"


def pieces(endings: list[Ending]) -> tuple[tuple[int, int], ...]:
    """Offset and bytes of what arrived."""
    (ending,) = endings
    arrived: tuple[Packet, ...] = ending.arrived
    return tuple((packet.offset, packet.bytes) for packet in arrived)
