"""What a platform's or a system's module says of itself: data, and functions that return values of the model."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from auditor.model.device import Device
from auditor.model.evidence import Evidence, Fact
from auditor.model.remedies import Curing


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A regular expression that tells a platform's text, tried on each line (``re.match``), with its weight."""

    pattern: str
    weight: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Harmless:
    """A kind of line that can't decide what happens to a packet here, and why.

    ``place`` is the template group whose block holds it ("interfaces"), "*" for any, "" for the top level; ``pattern``
    is matched from the start of the line without its blanks.
    """

    place: str
    pattern: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Canonical:
    """What a form makes of one file: the lines that a template reads, with one blank a level.

    ``numbers[i]`` is the source line that evidence shows for ``lines[i]`` (the leaf); ``parents`` holds the further
    source lines of a canonical line that was made of several. ``ended`` says whether the text ends as this form should
    (None: the form has no end mark); ``broken`` lists lines that show it to be incomplete, with the reason.
    """

    lines: Sequence[str]
    numbers: Sequence[int]
    parents: Mapping[int, tuple[int, ...]] = field(default_factory=lambda: MappingProxyType({}))
    ended: bool | None = None
    broken: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """One written form of a platform's config.

    ``recognises`` looks at the lines of a file; ``canonical`` rewrites them. The first form that recognises counts.
    """

    name: str
    recognises: Callable[[Sequence[str]], bool]
    canonical: Callable[[Sequence[str]], Canonical]


@dataclass(frozen=True, slots=True, kw_only=True)
class Platform:
    """All that the program knows of one platform.

    ``name`` is Netmiko's; ``aliases`` are the other spellings of Netmiko, NAPALM and netutils. ``template`` is the name
    of the TTP file without its suffix. ``devices`` gets ``auditor.parse.rows.Rows`` and gives one device, or several
    where one file holds several (contexts, logical systems), named ``HOST/NAME``. ``held_against`` says in a phrase
    each which documents, labs and real configs it was held against. ``relevant`` are regular expressions, searched in
    top-level lines: one that no template takes and ``harmless`` doesn't list is not understood. ``curing`` imports what
    writes remedies in its words.
    """

    name: str
    title: str
    aliases: tuple[str, ...]
    forms: tuple[Form, ...]
    template: str
    marks: tuple[Mark, ...]
    harmless: tuple[Harmless, ...]
    devices: Callable[[Any], tuple[Device, ...]]
    held_against: tuple[str, ...]
    napalm: str | None = None
    netmiko: str | None = None
    shows: tuple[str, ...] = ()
    curing: Callable[[], Curing] | None = None
    relevant: tuple[str, ...] = ("frag", r"\bmtu\b", r"\bdf\b", "reassembl")


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """An end system: what is known of how it sends IKE and RADIUS, each fact with its document."""

    name: str
    title: str
    roles: tuple[str, ...]  # "ikev2-initiator", "ikev2-responder", "radius-server", "radius-client", "eap-peer"
    ike_fragmentation: Fact[bool] | None = None
    ike_fragment_size: Fact[int] | None = None
    df: Fact[str] | None = None
    eap_fragment_size: Fact[int] | None = None  # bytes of TLS data in one EAP packet that it sends
    challenge_fragment_size: Fact[int] | None = None  # RADIUS server: bytes of EAP packet in an Access-Challenge
    request_attributes: Fact[int] | None = None  # RADIUS client: bytes besides EAP-Message and Message-Authenticator
    challenge_attributes: Fact[int] | None = None  # RADIUS server: the same in an Access-Challenge
    eap_size_is_fixed: bool = False  # no setting makes the EAP packets smaller that it, or a peer behind it, sends
    fix: str = ""
    notes: tuple[str, ...] = ()


def nothing_read(name: str, platform: str, config: str, reason: str) -> Device:
    """A device of which nothing could be read: its hops are unknown, for ``reason``."""
    return Device(
        name=name,
        platform=platform,
        config=config,
        sha256="",
        lines=0,
        complete=False,
        head=Evidence(file=config, line=1, text=""),
        unreadable=reason,
    )
