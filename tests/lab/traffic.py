"""Sends datagrams through a world and captures every packet on every link, all from one process."""

import contextlib
import errno
import os
import select
import socket
import struct
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.lab.world import CLIENT, SERVER, World, address

MTU_DISCOVER = {4: (socket.IPPROTO_IP, 10), 6: (socket.IPPROTO_IPV6, 23)}  # IP_MTU_DISCOVER, IPV6_MTU_DISCOVER
DONT, WANT, PROBE = 0, 1, 3
DISCOVERY = {"false": DONT, "pmtud": WANT, "true": PROBE}
OUTGOING = 4  # PACKET_OUTGOING
ETH_P_ALL = 3
QUIET = 0.012  # seconds without a packet after which no more is awaited; veth hands packets on at once
UDP, FRAGMENT = 17, 44


@dataclass(frozen=True, order=True)
class Piece:
    """An IP packet on a link, as far as a prediction says: sizes and offsets in bytes."""

    offset: int
    bytes: int
    more: bool
    df: bool

    def __str__(self) -> str:
        return f"{self.bytes}@{self.offset}{'+' if self.more else ''}{' DF' if self.df else ''}"


@dataclass(frozen=True)
class Seen:
    """What one send came to: the pieces on each link, in their order, and whether the datagram was received."""

    links: Mapping[int, tuple[Piece, ...]]
    received: bool
    refused: bool = False  # by the sender's own kernel, as too long
    source: tuple[str, int] | None = None  # address and port of the sender as the receiver saw them


class Traffic:
    """Taps on all links of a world, and on further interfaces lN of hosts, and the sockets of both ends."""

    def __init__(self, world: World, taps: Iterable[tuple[str, int]] = ()) -> None:
        self.world = world
        self._sockets: dict[tuple[str, int, int], socket.socket] = {}
        self._taps: dict[int, tuple[int, str]] = {}
        self._open: list[socket.socket] = []
        self._poll = select.epoll()
        self._by_handle: dict[int, tuple[socket.socket, int]] = {}
        self._served = 20000
        for number, link in enumerate(world.description.links, 1):
            for name in (link.one, link.other):
                self._tap(name, number)
        for name, number in taps:
            self._tap(name, number)

    def __enter__(self) -> "Traffic":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes all sockets."""
        for one in [*self._open, *self._sockets.values()]:
            one.close()
        self._poll.close()

    def _tap(self, name: str, link: int) -> None:
        """What arrives over a link at one of its ends. A tap sees a packet before the ingress hook of nft does."""
        with self.world.spaces.inside(name):
            tap = socket.socket(socket.AF_PACKET, socket.SOCK_RAW | socket.SOCK_NONBLOCK, socket.htons(ETH_P_ALL))
            tap.bind((f"l{link}", ETH_P_ALL))
        self._open.append(tap)
        self._by_handle[tap.fileno()] = (tap, link)
        self._poll.register(tap, select.EPOLLIN)

    def fresh_port(self) -> int:
        """A client's port that no session knows."""
        self._served += 1
        return self._served

    def end_socket(self, name: str, family: int, port: int) -> socket.socket:
        """A UDP socket at an end, made once."""
        key = (name, family, port)
        if key not in self._sockets:
            kind = socket.AF_INET if family == 4 else socket.AF_INET6
            with self.world.spaces.inside(name):
                made = socket.socket(kind, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
                made.bind((self.end(name, family), port))
            self._sockets[key] = made
        return self._sockets[key]

    def forget(self, name: str, family: int, port: int) -> None:
        """Closes a socket."""
        self._sockets.pop((name, family, port)).close()

    def end(self, name: str, family: int) -> str:
        """The address of c or s, the one of its first link."""
        number, end, _ = self.world.interfaces(name)[0]
        return address(family, number, end)

    def forget_path_mtus(self) -> None:
        """Drops what the kernels have learned."""
        for name in self.world.description.names:
            with self.world.spaces.inside(name):
                for family in ("ipv4", "ipv6"):
                    Path(f"/proc/sys/net/{family}/route/flush").write_text("1")

    def send(
        self,
        payload: int,
        family: int,
        ports: tuple[int, int],
        *,
        answer: bool = False,
        df: str = "false",
        to: tuple[str, int] | None = None,
    ) -> Seen:
        """One datagram between ports (of c, of s), from c or as an answer from s, to the other end or ``to``."""
        sender, receiver = (SERVER, CLIENT) if answer else (CLIENT, SERVER)
        own, other = (ports[1], ports[0]) if answer else ports
        out = self.end_socket(sender, family, own)
        arriving = self.end_socket(receiver, family, other)
        option = MTU_DISCOVER[family]
        out.setsockopt(*option, DISCOVERY[df] if family == 4 else WANT)
        self._drain(arriving)
        refused = False
        try:
            out.sendto(os.urandom(payload), to or (self.end(receiver, family), other))
        except OSError as error:
            if error.errno not in (errno.EMSGSIZE, errno.EPERM, errno.ECONNREFUSED):
                raise
            refused = error.errno == errno.EMSGSIZE
        links = self._captured(family, arriving)
        received, source = self._received(arriving, payload)
        return Seen(links=links, received=received, refused=refused, source=source)

    def _drain(self, arriving: socket.socket) -> None:
        for tap, _ in self._by_handle.values():
            with contextlib.suppress(BlockingIOError):
                while True:
                    tap.recv(1)
        self._received(arriving, -1)

    def _captured(self, family: int, arriving: socket.socket) -> dict[int, tuple[Piece, ...]]:
        """All pieces, until the datagram has arrived whole (then nothing of it is on its way) or nothing more comes."""
        found: dict[int, list[Piece]] = {}
        self._poll.register(arriving, select.EPOLLIN)
        try:
            whole = False
            until = time.monotonic() + 1
            while time.monotonic() < until:
                ready = [handle for handle, _ in self._poll.poll(0 if whole else QUIET)]
                for handle in ready:
                    if handle in self._by_handle:
                        self._read(handle, family, found)
                if whole or not ready:
                    break
                whole = arriving.fileno() in ready
        finally:
            self._poll.unregister(arriving)
        return {link: tuple(pieces) for link, pieces in found.items()}

    def _read(self, handle: int, family: int, found: dict[int, list[Piece]]) -> None:
        tap, link = self._by_handle[handle]
        with contextlib.suppress(BlockingIOError):
            while True:
                frame, place = tap.recvfrom(70000)
                piece = parse(frame) if place[2] != OUTGOING else None
                if piece is not None and piece[0] == family:
                    found.setdefault(link, []).append(piece[1])

    @staticmethod
    def _received(arriving: socket.socket, payload: int) -> tuple[bool, tuple[str, int] | None]:
        found: bool = False
        source: tuple[str, int] | None = None
        while True:
            try:
                data, place = arriving.recvfrom(70000)
            except BlockingIOError:
                return found, source
            except OSError:  # an ICMP error that came back for an earlier send
                continue
            if len(data) == payload:
                found, source = True, (place[0], place[1])


def parse(frame: bytes) -> tuple[int, Piece] | None:
    """The family and piece of a UDP packet, whole or a fragment; None for anything else."""
    kind, packet = frame[12:14], frame[14:]
    if kind == b"\x08\x00" and packet[9] == UDP:
        length, _, word = struct.unpack("!HHH", packet[2:8])
        return 4, Piece((word & 0x1FFF) * 8, length, bool(word & 0x2000), bool(word & 0x4000))
    if kind == b"\x86\xdd":
        length = struct.unpack("!H", packet[4:6])[0] + 40
        if packet[6] == UDP:
            return 6, Piece(0, length, more=False, df=False)
        if packet[6] == FRAGMENT and packet[40] == UDP:
            word = struct.unpack("!H", packet[42:44])[0]
            return 6, Piece(word & 0xFFF8, length, bool(word & 1), df=False)
    return None
