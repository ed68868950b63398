"""A real RADIUS server in s, a real NAS with its EAP peer in c, and every RADIUS message on the links at their ends.

FreeRADIUS does EAP-TLS alone; eapol_test is the supplicant and wraps its EAP packets as a NAS does. Both ends show a
certificate and the authority that issued it, so that what each sends is cut by that end's own setting.
"""

import base64
import os
import struct
import subprocess
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from auditor.messages.exchange import DIRECTIONS
from auditor.messages.sizes import SizeOptions
from auditor.model.addresses import Family
from auditor.model.packets import Direction
from tests.lab.ike import Packet, Pki, Wire, _joined, end_address
from tests.lab.traffic import Piece
from tests.lab.world import CLIENT, SERVER, World

RADIUSD, EAPOL_TEST = "/usr/sbin/freeradius", "/usr/bin/eapol_test"
MODULES, DICTIONARIES = "/usr/lib/freeradius", "/usr/share/freeradius"
TOOLS = (RADIUSD, EAPOL_TEST, "/usr/bin/pki", "/usr/bin/setpriv", "/bin/bash")
PORT = 1812
SHARED = "fragaudit-laboratory"  # the secret of both
READY = 5.0  # seconds that the server has to come up
PATIENCE = 1  # seconds that eapol_test has: it sends again after 3, so that what is lost once is lost

CODES = {1: "Access-Request", 2: "Access-Accept", 3: "Access-Reject", 11: "Access-Challenge"}
IDENTITY = "client.example.net"
FRAMED_MTU = 1400  # what eapol_test says of itself
DEFAULT_FRAGMENT, DEFAULT_EAP_FRAGMENT = 1024, 1398  # of FreeRADIUS and of wpa_supplicant
# Seen in its own log: User-Name, NAS-IP-Address, Calling-Station-Id, NAS-Port-Type, Service-Type, Connect-Info,
# Framed-MTU, and the State that the server gave it.
REQUEST_ATTRIBUTES = len(IDENTITY) + 2 + 6 + 19 + 6 + 6 + 24 + 6 + 18
CHALLENGE_ATTRIBUTES = 18  # State
CALLED_STATION, NAS_IDENTIFIER = 30, 32  # RFC 2865 5.30, 5.32


def missing_server() -> str:
    """Why no server and no supplicant can be started here; "" where they can."""
    absent = [Path(tool).name for tool in TOOLS if not Path(tool).exists()]
    return f"real RADIUS needs {', '.join(absent)}: make lab-setup" if absent else ""


@dataclass(frozen=True)
class Supplicant:
    """What is set in c: bytes of TLS data in an EAP packet, the NAS's Framed-MTU and further attributes, by number.
    None: its own default.
    """

    fragment_size: int | None = None
    framed_mtu: int | None = None
    attributes: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True)
class Server:
    """What is set in s: bytes of an EAP packet. None: its own default."""

    fragment_size: int | None = None


def size_options(supplicant: Supplicant, server: Server, family: Family) -> SizeOptions:
    """The options of ``fragaudit size`` that describe what these two send."""
    return SizeOptions(
        kind="radius",
        family=family,
        path_mtus=(1500,),
        eap_fragment_size=supplicant.fragment_size or DEFAULT_EAP_FRAGMENT,
        challenge_fragment_size=server.fragment_size or DEFAULT_FRAGMENT,
        framed_mtu=supplicant.framed_mtu or FRAMED_MTU,
        request_attributes=REQUEST_ATTRIBUTES + sum(2 + len(value) for _, value in supplicant.attributes),
        challenge_attributes=CHALLENGE_ATTRIBUTES,
    )


# ---- certificates, as both read them


def _pem(label: str, *files: Path) -> str:
    texts = [base64.encodebytes(file.read_bytes()).decode() for file in files]
    return "".join(f"-----BEGIN {label}-----\n{text}-----END {label}-----\n" for text in texts)


def _credentials(pki: Pki, name: str, home: Path) -> None:
    """The chain, the key and the root of one end."""
    own = pki.folder / name
    (home / "chain.pem").write_text(_pem("CERTIFICATE", own / "x509" / "own.crt", own / "x509ca" / "own.crt"))
    (home / "key.pem").write_text(_pem("RSA PRIVATE KEY", own / "private" / "own.key"))
    (home / "root.pem").write_text(_pem("CERTIFICATE", pki.folder / "root.crt"))


# ---- the server


class Radiusd:
    """FreeRADIUS in the namespace of s. It dies with this process, whatever happens."""

    def __init__(self, world: World, settings: Server, pki: Pki, folder: Path, family: Family) -> None:
        self._home = folder / "server"
        self._home.mkdir()
        self._log = self._home / "log"
        _credentials(pki, SERVER, self._home)
        (self._home / "dictionary").write_text("")
        (self._home / "radiusd.conf").write_text(_server_conf(world, settings, self._home, family))
        # bash replaces itself, so the process that is started is the server; its name is that of its namespace
        command = ["setpriv", "--pdeathsig", "KILL", "bash", "-c", 'exec -a "$0" "$@"', world.spaces.prefix + SERVER]
        more = ["-f", "-X", "-n", "radiusd", "-d", str(self._home), "-D", DICTIONARIES]
        with world.spaces.inside(SERVER), self._log.open("w") as log:
            self._process = subprocess.Popen(
                [*command, RADIUSD, *more], stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )

    def wait(self) -> None:
        """Waits until it listens."""
        until = time.monotonic() + READY
        while "Ready to process requests" not in self.log():
            if self._process.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"FreeRADIUS is not up:\n{self.log()}")
            time.sleep(0.005)

    def log(self) -> str:
        """What it has written."""
        return self._log.read_text(errors="replace")

    def stop(self) -> None:
        """Ends it, at once."""
        self._process.kill()
        self._process.wait()


def _server_conf(world: World, settings: Server, home: Path, family: Family) -> str:
    kind = "ipaddr" if family == 4 else "ipv6addr"
    size = f"fragment_size = {settings.fragment_size}" if settings.fragment_size else ""
    return f"""name = radiusd
prefix = {home}
logdir = {home}
run_dir = {home}
raddbdir = {home}
libdir = {MODULES}
log {{
  destination = stdout
}}
security {{
  allow_core_dumps = no
  reject_delay = 0
}}
client {CLIENT} {{
  {kind} = {end_address(world, CLIENT, family)}
  secret = {SHARED}
}}
modules {{
  eap {{
    default_eap_type = tls
    tls-config own {{
      certificate_file = {home}/chain.pem
      private_key_file = {home}/key.pem
      ca_file = {home}/root.pem
      {size}
    }}
    tls {{
      tls = own
    }}
  }}
}}
server lab {{
  listen {{
    type = auth
    {kind} = {end_address(world, SERVER, family)}
    port = {PORT}
  }}
  authorize {{
    eap
  }}
  authenticate {{
    eap
  }}
}}
"""


# ---- the NAS and its supplicant


def _supplicant_conf(settings: Supplicant, home: Path) -> str:
    size = f"fragment_size={settings.fragment_size}" if settings.fragment_size else ""
    return f"""network={{
  key_mgmt=WPA-EAP
  eap=TLS
  identity="{IDENTITY}"
  ca_cert="{home}/root.pem"
  client_cert="{home}/chain.pem"
  private_key="{home}/key.pem"
  {size}
}}
"""


def _sign_in(
    world: World, settings: Supplicant, pki: Pki, folder: Path, family: Family, patience: int
) -> tuple[bool, str]:
    """One sign-in from c: whether it was accepted, and what eapol_test printed. Any end but an Access-Accept and a
    lack of answers is an error.
    """
    home = folder / "supplicant"
    home.mkdir()
    _credentials(pki, CLIENT, home)
    (home / "eap.conf").write_text(_supplicant_conf(settings, home))
    more = [f"-N{number}:s:{value}" for number, value in settings.attributes]
    more += [f"-N12:d:{settings.framed_mtu}"] if settings.framed_mtu else []
    to = ["-a", end_address(world, SERVER, family), "-p", str(PORT), "-s", SHARED, "-t", str(patience)]
    with world.spaces.inside(CLIENT):
        done = subprocess.run(
            ["setpriv", "--pdeathsig", "KILL", EAPOL_TEST, "-c", str(home / "eap.conf"), *to, *more],
            env={**os.environ, "LC_ALL": "C"},
            capture_output=True,
            text=True,
            check=False,
            timeout=patience + 10,
        )
    last = done.stdout.rstrip().rpartition("\n")[2]
    accepted = done.returncode == 0 and last == "SUCCESS"
    if not accepted and "EAPOL test timed out" not in done.stdout:
        raise RuntimeError(f"eapol_test neither succeeded nor timed out:\n{done.stdout}{done.stderr}")
    return accepted, done.stdout


# ---- captures


@dataclass(frozen=True)
class RadiusDatagram:
    """One UDP datagram with a RADIUS message: the bytes of the message and the IP packets in which it travelled."""

    name: str
    direction: Direction
    bytes: int
    pieces: tuple[Piece, ...]


class RadiusWire(Wire):
    """What both ends send and what reaches them whole."""

    def __enter__(self) -> Self:
        return self

    def messages(self) -> tuple[list[RadiusDatagram], list[RadiusDatagram]]:
        """All RADIUS datagrams since the last call: those that an end sent, and those that arrived at one."""
        sent: list[RadiusDatagram] = []
        arrived: list[RadiusDatagram] = []
        for name, tap in self._taps.items():
            packets = list(self._packets(tap))
            out, back = DIRECTIONS if name == CLIENT else DIRECTIONS[::-1]
            sent += _messages((one for one in packets if one.source == self._mine[name]), out)
            arrived += _messages((one for one in packets if one.source != self._mine[name]), back)
        return sent, arrived


def _messages(packets: Iterable[Packet], direction: Direction) -> Iterator[RadiusDatagram]:
    waiting: dict[int, list[Packet]] = {}
    for packet in packets:
        parts = [packet]
        if packet.piece.more or packet.piece.offset:
            parts = waiting.setdefault(packet.ident, [])
            parts.append(packet)
        data = _joined(parts)
        if data is None:
            continue
        waiting.pop(packet.ident, None)
        source, port, _, _ = struct.unpack("!HHHH", data[:8])
        if PORT in (source, port):
            code, _, length = struct.unpack("!BBH", data[8:12])
            name = CODES.get(code, str(code))
            yield RadiusDatagram(name, direction, length, tuple(part.piece for part in parts))


# ---- one sign-in


@dataclass(frozen=True)
class SignedIn:
    """What came of it: whether the NAS was told to let the user in, what was sent and what arrived."""

    accepted: bool
    sent: tuple[RadiusDatagram, ...]
    arrived: tuple[RadiusDatagram, ...]
    log: str

    def largest(self, name: str, *, arrived: bool = False) -> RadiusDatagram | None:
        """The largest message of that name that was sent, or that arrived; None without one."""
        some = [one for one in (self.arrived if arrived else self.sent) if one.name == name]
        return max(some, key=lambda one: one.bytes, default=None)

    def number(self, name: str, size: int) -> int:
        """How often a message of that name and size was sent."""
        return sum(1 for one in self.sent if (one.name, one.bytes) == (name, size))


def sign_in(
    world: World,
    supplicant: Supplicant,
    server: Server,
    pki: Pki,
    folder: Path,
    family: Family = 4,
    patience: int = PATIENCE,
) -> SignedIn:
    """A server, one sign-in from c, and all of it gone afterwards."""
    radiusd = Radiusd(world, server, pki, folder, family)
    try:
        with RadiusWire(world, family) as wire:
            radiusd.wait()
            accepted, said = _sign_in(world, supplicant, pki, folder, family, patience)
            sent, arrived = wire.messages()
        log = f"---- server\n{radiusd.log()}---- supplicant\n{said}"
    finally:
        radiusd.stop()
    return SignedIn(accepted=accepted, sent=tuple(sent), arrived=tuple(arrived), log=log)
