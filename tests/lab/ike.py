"""Two real IKEv2 daemons, one in c and one in s of a world, and every IKE message on the links at their ends.

Each end has a certificate of an intermediate authority of its own, so that IKE_AUTH carries both: with one
intermediate for both, each names it in CERTREQ and the other leaves it out. No CHILD_SA is made: not every kernel has
ESP, and the messages at stake are those before it.
"""

import contextlib
import os
import re
import socket
import struct
import subprocess
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from auditor.messages.exchange import DIRECTIONS
from auditor.messages.sizes import SizeOptions
from auditor.model.addresses import Family
from auditor.model.packets import Direction
from tests.lab.traffic import ETH_P_ALL, FRAGMENT, UDP, Piece
from tests.lab.world import CLIENT, SERVER, World, address

CHARON = "/usr/lib/ipsec/charon"
TOOLS = (CHARON, "/usr/sbin/swanctl", "/usr/bin/pki", "/usr/bin/setpriv", "/usr/bin/unshare", "/bin/bash")
PLUGINS = "random nonce openssl pem pkcs1 pkcs8 x509 pubkey constraints aes sha1 sha2 hmac kdf vici socket-default"
ENDS = (CLIENT, SERVER)
PARTS = ("x509", "x509ca", "private")  # of a folder as swanctl reads it
ROOT = "root"
BITS = 4096
TRIES, WAIT = 2, 0.5  # retransmits, and seconds between sends: an end gives up after (TRIES + 1) * WAIT
READY = 5.0  # seconds that a daemon has to answer
CONNECTION = "lab"
IDENTITY = {CLIENT: "c.fragaudit.test", SERVER: "s.fragaudit.test"}
FORCE_BUFFER = 33  # SO_RCVBUFFORCE

EXCHANGES = {34: "IKE_SA_INIT", 35: "IKE_AUTH", 37: "INFORMATIONAL"}
NOTIFY, FRAGMENT_PAYLOAD = 41, 53  # RFC 7296 3.2, RFC 7383 2.5
FRAGMENTATION_SUPPORTED = 16430  # RFC 7383 2.3


def missing_daemon() -> str:
    """Why no daemon can be started here; "" where it can."""
    absent = [Path(tool).name for tool in TOOLS if not Path(tool).exists()]
    return f"real IKEv2 needs {', '.join(absent)}: make lab-setup" if absent else ""


# ---- certificates


@dataclass(frozen=True)
class Pki:
    """A folder with one root, and for each end a folder as swanctl takes it. ``chains`` are DER bytes, leaf first."""

    folder: Path
    chains: dict[str, tuple[int, ...]]

    @classmethod
    def make(cls, folder: Path) -> "Pki":
        """New keys and certificates, which takes some seconds."""
        names = [ROOT, *(f"{name}{number}" for name in ENDS for number in (1, 2))]
        keys = {name: folder / f"{name}.key" for name in names}
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            made = pool.map(lambda _: _pki("--gen", "--type", "rsa", "--size", str(BITS)), names)
            for name, key in zip(names, made, strict=True):
                keys[name].write_bytes(key)
        root = folder / "root.crt"
        root.write_bytes(_pki("--self", "--ca", "--type", "rsa", "--in", str(keys[ROOT]), "--dn", _name(ROOT)))
        chains: dict[str, tuple[int, ...]] = {}
        for name in ENDS:
            leaf, above = (folder / name / part / "own.crt" for part in ("x509", "x509ca"))
            for part in PARTS:
                (folder / name / part).mkdir(parents=True)
            above.write_bytes(_issued(keys[f"{name}2"], root, keys[ROOT], f"authority of {name}", "--ca"))
            leaf.write_bytes(_issued(keys[f"{name}1"], above, keys[f"{name}2"], name, "--san", IDENTITY[name]))
            (folder / name / "x509ca" / "root.crt").write_bytes(root.read_bytes())
            (folder / name / "private" / "own.key").write_bytes(keys[f"{name}1"].read_bytes())
            chains[name] = (leaf.stat().st_size, above.stat().st_size)
        return cls(folder, chains)


def _pki(*arguments: str) -> bytes:
    done = subprocess.run(["pki", *arguments], capture_output=True, check=False)
    if done.returncode:
        raise RuntimeError(f"pki {' '.join(arguments)}: {done.stderr.decode(errors='replace')}")
    return done.stdout


def _name(text: str) -> str:
    return f"C=ZZ, O=fragaudit laboratory, CN={text}"


def _issued(key: Path, authority: Path, signer: Path, name: str, *more: str) -> bytes:
    asked = ("--issue", "--type", "priv", "--in", str(key), "--cacert", str(authority), "--cakey", str(signer))
    return _pki(*asked, "--dn", _name(name), *more)


# ---- daemons

Switch = Literal["yes", "no", "accept", "force"]


@dataclass(frozen=True)
class Settings:
    """What is set at one end: RFC 7383, and the bytes of IP datagram that a fragment may fill."""

    fragmentation: Switch = "yes"
    fragment_size: int = 1280


def end_address(world: World, name: str, family: Family) -> str:
    """The address of c or s."""
    number, end, _ = world.interfaces(name)[0]
    return address(family, number, end)


class Daemon:
    """A charon in the namespace of one end, with a /run of its own. It dies with this process, whatever happens."""

    def __init__(self, world: World, name: str, settings: Settings, pki: Pki, folder: Path, family: Family) -> None:
        self._name = name
        self._home = folder / name  # as swanctl expects it
        self._home.mkdir()
        for part in PARTS:
            (self._home / part).symlink_to(pki.folder / name / part)
        (self._home / "swanctl.conf").write_text(_connection_conf(world, name, settings, family))
        self._conf = self._home / "strongswan.conf"
        self._log = self._home / "log"
        self._socket = self._home / "vici"
        self._conf.write_text(_daemon_conf(settings, self._log, self._socket))
        # bash replaces itself, so the process that is started is the daemon; its name is that of its namespace
        script = 'mount -t tmpfs tmpfs /run && exec -a "$0" "$1"'
        command = ["setpriv", "--pdeathsig", "KILL", "unshare", "--mount", "bash", "-c", script]
        with world.spaces.inside(name):
            self._process = subprocess.Popen(
                [*command, world.spaces.prefix + name, CHARON],
                env={**os.environ, "STRONGSWAN_CONF": str(self._conf)},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )

    def load(self) -> None:
        """Waits for the daemon and gives it its connection."""
        until = time.monotonic() + READY
        while not self._socket.exists():
            if self._process.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"charon in {self._name} is not up:\n{self.log()}")
            time.sleep(0.005)
        done = self._control("--load-all", "--noprompt")
        if done.returncode:
            raise RuntimeError(f"swanctl --load-all in {self._name}: {done.stdout}{done.stderr}")

    def initiate(self) -> bool:
        """Negotiates. Whether an IKE_SA came of it, as this end says."""
        done = self._control("--initiate", "--ike", CONNECTION, "--timeout", "20")
        words = done.stdout + done.stderr
        if done.returncode == 0 and "initiate completed successfully" in words:
            return True
        if "giving up after" not in words and "establishing IKE_SA failed" not in words:
            raise RuntimeError(f"swanctl --initiate: {words}")
        return False

    def state(self) -> str:
        """The state of its IKE_SA; "" without one."""
        found = re.search(rf"^{CONNECTION}: #\d+, (\w+)", self._control("--list-sas").stdout, re.MULTILINE)
        return found[1] if found else ""

    def log(self) -> str:
        """What it has written."""
        return self._log.read_text(errors="replace") if self._log.exists() else ""

    def stop(self) -> None:
        """Ends it, at once."""
        self._process.kill()
        self._process.wait()

    def _control(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            ["swanctl", *arguments, "--uri", f"unix://{self._socket}"],
            env={**os.environ, "SWANCTL_DIR": str(self._home), "STRONGSWAN_CONF": str(self._conf)},
            capture_output=True,
            text=True,
            check=False,
        )


def _daemon_conf(settings: Settings, log: Path, vici: Path) -> str:
    return f"""charon {{
  load = {PLUGINS} kernel-netlink
  install_routes = no
  install_virtual_ip = no
  fragment_size = {settings.fragment_size}
  retransmit_tries = {TRIES}
  retransmit_timeout = {WAIT}
  retransmit_base = 1.0
  filelog {{
    lab {{
      path = {log}
      flush_line = yes
      default = 0
      ike = 1
      net = 1
      enc = 1
    }}
  }}
  plugins {{
    vici {{
      socket = unix://{vici}
    }}
  }}
}}
"""


def _connection_conf(world: World, name: str, settings: Settings, family: Family) -> str:
    other = SERVER if name == CLIENT else CLIENT
    return f"""connections {{
  {CONNECTION} {{
    version = 2
    local_addrs = {end_address(world, name, family)}
    remote_addrs = {end_address(world, other, family)}
    proposals = aes256-sha256-modp2048
    fragmentation = {settings.fragmentation}
    childless = force
    send_cert = always
    local {{
      auth = pubkey
      certs = own.crt
      id = {IDENTITY[name]}
    }}
    remote {{
      auth = pubkey
      id = {IDENTITY[other]}
    }}
  }}
}}
"""


def size_options(pki: Pki, direction: Direction, announced: bool, fragment_size: int, family: Family) -> SizeOptions:
    """The options of ``fragaudit size`` that describe what one of these daemons sends.

    ``announced`` says whether it announces RFC 7383. Seen in its own log of 5.9.8: IKE_SA_INIT has the further notifies
    REDIRECT_SUPPORTED (request) or CHILDLESS_IKEV2_SUPPORTED and MULTIPLE_AUTH_SUPPORTED (response). IKE_AUTH has
    MOBIKE_SUPPORTED and ADDITIONAL_IP*_ADDRESS with the end's address of the other family, and the request besides
    INITIAL_CONTACT, MULTIPLE_AUTH_SUPPORTED, EAP_ONLY_AUTHENTICATION and IKEV2_MESSAGE_ID_SYNC_SUPPORTED.
    """
    return SizeOptions(
        family=family,
        path_mtus=(1500,),
        fragmentation=announced,
        fragment_size=fragment_size,
        key="rsa4096",
        signature="rfc7427",
        certificates=pki.chains[CLIENT],
        responder_certificates=pki.chains[SERVER],
        authorities=2,
        identity=len(IDENTITY[CLIENT]),
        peer_identity=len(IDENTITY[SERVER]),
        childless=True,
        notifies=6,
        responder_notifies=2,
        extra={4: 16, 6: 4}[family],
        nonce=32,
        hashes=4,
        init_extra={"forward": 8, "reverse": 16}[direction],
    )


# ---- captures


@dataclass(frozen=True)
class Packet:
    """An IP packet that carries UDP or a part of it."""

    source: bytes
    ident: int
    piece: Piece
    data: bytes


@dataclass(frozen=True)
class IkeDatagram:
    """One UDP datagram with an IKE message, or an RFC 7383 fragment of one (``number`` of ``total``, else 0 of 0).

    ``bytes`` is the length of the IKE message, ``pieces`` are the IP packets in which it travelled, ``port`` is the
    port that it came from and went to.
    """

    exchange: str
    direction: Direction
    response: bool
    port: int
    bytes: int
    pieces: tuple[Piece, ...]
    number: int
    total: int
    notifies: tuple[int, ...]

    @property
    def name(self) -> str:
        """The message's name in paths.yaml."""
        return f"{self.exchange} {'response' if self.response else 'request'}"


class Wire:
    """What both ends send and what reaches them, from taps on their own links."""

    def __init__(self, world: World, family: Family) -> None:
        self._family = family
        self._taps: dict[str, socket.socket] = {}
        self._mine = {name: socket.inet_pton(_af(family), end_address(world, name, family)) for name in ENDS}
        try:
            for name in ENDS:
                with world.spaces.inside(name):
                    tap = socket.socket(socket.AF_PACKET, socket.SOCK_RAW | socket.SOCK_NONBLOCK)
                    self._taps[name] = tap
                    tap.setsockopt(socket.SOL_SOCKET, FORCE_BUFFER, 1 << 24)
                    tap.bind((f"l{world.interfaces(name)[0][0]}", ETH_P_ALL))
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> "Wire":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes the taps."""
        for tap in self._taps.values():
            tap.close()

    def read(self) -> tuple[list[IkeDatagram], list[IkeDatagram]]:
        """All IKE datagrams since the last call: those that an end sent, and those that arrived whole at one."""
        sent: list[IkeDatagram] = []
        arrived: list[IkeDatagram] = []
        for name, tap in self._taps.items():
            packets = list(self._packets(tap))
            out, back = DIRECTIONS if name == CLIENT else DIRECTIONS[::-1]
            sent += _messages((one for one in packets if one.source == self._mine[name]), out)
            arrived += _messages((one for one in packets if one.source != self._mine[name]), back)
        return sent, arrived

    def _packets(self, tap: socket.socket) -> Iterator[Packet]:
        with contextlib.suppress(BlockingIOError):
            while True:
                packet = _packet(tap.recv(70000), self._family)
                if packet is not None:
                    yield packet


def _af(family: Family) -> socket.AddressFamily:
    return socket.AF_INET if family == 4 else socket.AF_INET6


def _packet(frame: bytes, family: Family) -> Packet | None:
    """The UDP packet of that family in a frame, or the fragment of one."""
    kind, ip = frame[12:14], frame[14:]
    if family == 4:
        if kind != b"\x08\x00" or ip[9] != UDP:
            return None
        length, ident, word = struct.unpack("!HHH", ip[2:8])
        piece = Piece((word & 0x1FFF) * 8, length, bool(word & 0x2000), bool(word & 0x4000))
        return Packet(ip[12:16], ident, piece, ip[(ip[0] & 15) * 4 : length])
    if kind != b"\x86\xdd":
        return None
    length = struct.unpack("!H", ip[4:6])[0] + 40
    if ip[6] == UDP:
        return Packet(ip[8:24], 0, Piece(0, length, more=False, df=False), ip[40:length])
    if ip[6] == FRAGMENT and ip[40] == UDP:
        word, ident = struct.unpack("!HI", ip[42:48])
        return Packet(ip[8:24], ident, Piece(word & 0xFFF8, length, bool(word & 1), df=False), ip[48:length])
    return None


def _messages(packets: Iterable[Packet], direction: Direction) -> Iterator[IkeDatagram]:
    """Puts the datagrams together, in the order in which they became whole."""
    waiting: dict[int, list[Packet]] = {}
    for packet in packets:
        parts = [packet]
        if packet.piece.more or packet.piece.offset:
            parts = waiting.setdefault(packet.ident, [])
            parts.append(packet)
        data = _joined(parts)
        if data is not None:
            waiting.pop(packet.ident, None)
            message = _ike(data, tuple(part.piece for part in parts), direction)
            if message is not None:
                yield message


def _joined(parts: list[Packet]) -> bytes | None:
    data = b""
    more = True
    for part in sorted(parts, key=lambda part: part.piece.offset):
        if part.piece.offset != len(data):
            return None
        data += part.data
        more = part.piece.more
    return None if more else data


def _ike(udp: bytes, pieces: tuple[Piece, ...], direction: Direction) -> IkeDatagram | None:
    """The IKE message in a UDP datagram; None for anything else."""
    source, port, _, _ = struct.unpack("!HHHH", udp[:8])
    data = udp[8:]
    if 4500 in (source, port):  # where a non-ESP marker tells IKE from ESP
        if data[:4] != bytes(4):
            return None
        data = data[4:]
    if len(data) < 28:
        return None
    following, _, exchange, flags, _, length = struct.unpack("!BBBBII", data[16:28])
    number, total = struct.unpack("!HH", data[32:36]) if following == FRAGMENT_PAYLOAD else (0, 0)
    name = EXCHANGES.get(exchange, str(exchange))
    return IkeDatagram(
        exchange=name,
        direction=direction,
        response=bool(flags & 0x20),
        port=port,
        bytes=length,
        pieces=pieces,
        number=number,
        total=total,
        notifies=tuple(_notifies(following, data)) if name == "IKE_SA_INIT" else (),
    )


def _notifies(following: int, data: bytes) -> Iterator[int]:
    """The types of the notifies of an unencrypted message."""
    start = 28
    while following and start + 4 <= len(data):
        kind = following
        following, _, length = struct.unpack("!BBH", data[start : start + 4])
        if kind == NOTIFY:
            yield struct.unpack("!H", data[start + 6 : start + 8])[0]
        start += length


# ---- one negotiation


@dataclass(frozen=True)
class Negotiated:
    """What came of it: whether each end says that the IKE_SA is established, what was sent and what arrived."""

    established: bool
    answered: bool  # the responder says so too, or it alone
    sent: tuple[IkeDatagram, ...]
    arrived: tuple[IkeDatagram, ...]
    whole: dict[str, int]  # by name of the message: the bytes that a daemon says it split by RFC 7383
    log: str

    def first(self, name: str) -> tuple[IkeDatagram, ...]:
        """The datagrams of the first transmission of a message."""
        some = [one for one in self.sent if one.name == name]
        return tuple(some[: max(1, some[0].total)]) if some else ()

    def transmissions(self, name: str) -> int:
        """How often it was sent."""
        return sum(1 for one in self.sent if one.name == name and one.number in (0, 1))


def negotiate(
    world: World, initiator: Settings, responder: Settings, pki: Pki, folder: Path, family: Family = 4
) -> Negotiated:
    """Two daemons, one negotiation from c, and all of it gone afterwards."""
    daemons: dict[str, Daemon] = {}
    try:
        with Wire(world, family) as wire:
            for name, settings in ((CLIENT, initiator), (SERVER, responder)):
                daemons[name] = Daemon(world, name, settings, pki, folder, family)
            for daemon in daemons.values():
                daemon.load()
            established = daemons[CLIENT].initiate()
            answered = daemons[SERVER].state() == "ESTABLISHED"
            sent, arrived = wire.read()
        logs = "".join(f"---- {name}\n{daemon.log()}" for name, daemon in daemons.items())
    finally:
        for daemon in daemons.values():
            daemon.stop()
    return Negotiated(
        established=established,
        answered=answered,
        sent=tuple(sent),
        arrived=tuple(arrived),
        whole=_whole(logs),
        log=logs,
    )


def _whole(logs: str) -> dict[str, int]:
    """The sizes of messages before RFC 7383 split them."""
    found = {}
    name = ""
    for line in logs.splitlines():
        generated = re.search(r"generating (\S+ (?:request|response)) \d+ \[ (?!EF)", line)
        split = re.search(r"splitting IKE message \((\d+) bytes\)", line)
        if generated:
            name = generated[1]
        elif split:
            found[name] = int(split[1])
    return found
