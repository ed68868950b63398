"""What the user describes: hosts, endpoints, flows and hops. Each knows its line in the inventory."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

from auditor.model.addresses import Family, IntervalSet
from auditor.model.packets import Direction

Kind = Literal["ikev2", "radius", "custom"]
Auth = Literal["certificate", "psk", "eap-tls", "eap-peap", "eap-mschapv2"]
DontFragment = Literal["false", "true", "pmtud"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """A place in the user's own files: ``file`` relative to the inventory folder, ``line`` from 1, ``key`` dotted."""

    file: str
    line: int
    key: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.key}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """One device of the inventory. ``configs`` are paths relative to the inventory folder, none if there is no file.

    ``platform`` is the canonical name, None where it is to be detected. ``data`` holds the string values of the host's
    data with those of its groups and the defaults, by which ``devices:`` filters.
    """

    name: str
    platform: str | None
    configs: tuple[str, ...]
    data: Mapping[str, object]
    groups: tuple[str, ...] = ()
    origin: Origin | None = None
    unsupported: bool = False  # a platform that the field knows and no template reads
    routes: str | None = None  # routes/HOST.json, relative
    shows: tuple[str, ...] = ()
    collected: str | None = None  # when its config was saved, as a snapshot's manifest says (ISO time)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """Where an endpoint meets the graph."""

    device: str
    interface: str | None
    origin: Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One end of flows (contract 3). Tuples of several values are a population: each is tried, the worst counts.

    ``addresses`` holds a set for each family; ``internet`` stands for all global unicast addresses, filled in when
    the devices are known. A value of None is "not said": the system's knowledge counts, else unknown.
    ``ike_fragmentation`` may hold the string "unknown" where the user said so.
    """

    name: str
    origin: Origin
    addresses: Mapping[int, IntervalSet] = field(default_factory=lambda: MappingProxyType({}))
    internet: bool = False
    published: Mapping[int, int] = field(default_factory=lambda: MappingProxyType({}))
    attach: tuple[Attachment, ...] = ()
    systems: tuple[str, ...] = ()
    mtus: tuple[int, ...] = (1500,)
    mtu_said: bool = False
    ike_fragmentation: tuple[bool | Literal["unknown"], ...] = ()
    ike_fragment_size: int | None = None
    df: DontFragment | None = None
    framed_mtu: int | None = None
    eap_fragment_size: int | None = None
    device: str | None = None
    interface: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpaqueHop:
    """A hop that nobody can read, with what the user declares of it. ``mtu`` None: unknown."""

    name: str
    origin: Origin
    mtu: int | None = None
    fragments: Literal["pass", "drop", "reorder", "unknown"] = "unknown"
    icmp_errors: Literal["pass", "drop", "unknown"] = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceHop:
    """A hop of ``via``: a device, with its interfaces where the user names them."""

    device: str
    origin: Origin
    ingress: str | None = None
    egress: str | None = None


HopClaim = DeviceHop | OpaqueHop
Via = tuple[tuple[HopClaim, ...], ...]  # the hops in order, each a set of alternatives


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageClaim:
    """A message that the user describes: ``payload`` in bytes of UDP payload."""

    name: str
    direction: Direction
    payload: int
    origin: Origin
    port: int | None = None
    source_port: int | None = None
    df: DontFragment | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """One flow from one endpoint to another; a list in ``from`` has become one flow a sender, of the same name.

    ``sender`` is the initiator or RADIUS client, ``receiver`` the responder or server. ``aim`` is the address that
    ``to: {endpoint, address}`` names outright. ``families`` is None for each family that both ends have.
    """

    name: str
    kind: Kind
    senders: tuple[str, ...]
    receiver: str
    origin: Origin
    aim: tuple[Family, int] | None = None
    auth: Auth | None = None
    via: Via | None = None
    return_via: Via | Literal["reverse", "routing"] | None = None
    nat_traversal: bool = True
    family: Family | None = None
    ports: tuple[int, int] = (1812, 1813)
    port: int | None = None
    transport: Literal["udp", "dtls", "tls"] = "udp"
    accounting: bool = False
    messages: tuple[MessageClaim, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Inventory:
    """An inventory folder as read. ``bare`` is a folder of configs without hosts.yaml; ``unclaimed`` are its files
    that are no device's config, with the reason; ``notes`` are things to point out (a config.yaml that is not loaded).
    """

    folder: str
    hosts: Mapping[str, Host]
    endpoints: Mapping[str, Endpoint]
    flows: tuple[Flow, ...]
    bare: bool = False
    has_paths: bool = False
    unclaimed: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()
