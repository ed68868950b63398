"""Packet filters as data: rules over addresses, ports and header fields, and what a rule that names ports does with
a packet that carries none. Vendors differ here and only here; the simulator reads the difference as values.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal, overload

from auditor.model.addresses import Family, IntervalSet
from auditor.model.evidence import Evidence, Fact


class Headerless(StrEnum):
    """How a rule that names ports treats a packet that holds none: a non-initial fragment."""

    PERMIT_BY_ADDRESS_SKIP_DENY = "permit-by-address-skip-deny"  # permits match by address and protocol, denies never
    NEVER_MATCHES = "never-matches"
    MATCH_BY_ADDRESS = "match-by-address"  # permits and denies match by address and protocol


class Verb(StrEnum):
    """What a rule does with the packet that it matches."""

    PERMIT = "permit"  # leaves this filter; in a chain of several hooks the next hook still sees it
    INSPECT = "inspect"  # permit, and make a session, so that answers pass
    DROP = "drop"
    REJECT = "reject"  # drop, with an ICMP error
    JUMP = "jump"  # run another filter, come back after its end
    GOTO = "goto"  # run another filter; at its end the caller's caller goes on
    RETURN = "return"  # back to the caller; at the top the filter's ``otherwise``
    CONTINUE = "continue"  # counts or logs; the next rule is met
    MARK = "mark"  # writes the packet's mark; the next rule is met
    NOTRACK = "notrack"  # exempts the packet from connection tracking; the next rule is met
    SET_DF = "set-df"  # writes the DF flag; the next rule is met
    TRANSLATE = "translate"  # NAT; leaves this filter
    DOUBT = "doubt"  # leaves this filter for something that can't be followed (policy routing, encryption)


PERMITTING = frozenset({Verb.PERMIT, Verb.INSPECT, Verb.TRANSLATE, Verb.DOUBT})
DROPPING = frozenset({Verb.DROP, Verb.REJECT})
TERMINAL = PERMITTING | DROPPING


@dataclass(frozen=True, slots=True, kw_only=True)
class Translate:
    """What NAT writes into one end of a packet.

    ``addresses`` and ``ports`` are the possible new values. With ``shift`` the new address is the old one plus it (one
    to one); with ``keep_ports`` the port stays. ``interface`` takes the address of the interface that the packet
    leaves by (masquerade) or came in by (redirect).
    """

    end: Literal["source", "destination"]
    addresses: IntervalSet | None = None
    shift: int | None = None
    ports: IntervalSet | None = None
    keep_ports: bool = True
    interface: Literal["egress", "ingress"] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """A verb with what it needs.

    ``target`` is the filter of a jump. ``mark`` is (value, mask): new = (old & ~mask) ^ value; None writes a mark that
    can't be known. ``df`` is what SET_DF writes. ``words`` say what DOUBT does to the packets, after "it ...";
    ``transforms`` that it may change them.
    """

    verb: Verb
    target: str = ""
    mark: tuple[int, int] | None = (0, 0)
    df: bool = False
    translate: Translate | None = None
    words: str = ""
    transforms: bool = True


PERMIT = Action(verb=Verb.PERMIT)
DROP = Action(verb=Verb.DROP)
REJECT = Action(verb=Verb.REJECT)
CONTINUE = Action(verb=Verb.CONTINUE)
RETURN = Action(verb=Verb.RETURN)


class Field(StrEnum):
    """A header field or state that a rule can ask for, besides addresses and ports."""

    FRAGMENT_WORD = "fragment-word"  # IPv4: the 16 bits of flags and fragment offset (RFC 791 3.1), DF = 0x4000
    FRAGMENT_HEADER = "fragment-header"  # IPv6: 1 where a fragment header is there, else 0
    FRAGMENT_OFFSET = "fragment-offset"  # IPv6: in units of 8 bytes; absent without a fragment header
    FRAGMENT_MORE = "fragment-more"  # IPv6: the M flag; absent without a fragment header
    NEXT_HEADER = "next-header"  # IPv6: the fixed header's Next Header (44 on a fragment)
    LENGTH = "length"  # bytes of the IP packet
    PAYLOAD_LENGTH = "payload-length"  # IPv6: the fixed header's Payload Length, bytes
    UDP_LENGTH = "udp-length"  # bytes; absent where the packet does not hold the UDP header
    ICMP_TYPE = "icmp-type"
    ICMP_CODE = "icmp-code"
    CONNECTION = "connection"  # one of CONNECTION_STATES, by its index
    DIRECTION = "direction"  # of the packet in its connection: 0 as its first packet went, 1 back
    TRANSLATED = "translated"  # what NAT has changed of its connection: 1 the source, 2 the destination, 3 both
    MARK = "mark"


CONNECTION_STATES = ("invalid", "established", "related", "new", "untracked")


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldTest:
    """A field, taken through ``mask`` where one is given, must lie in ``values``. An absent field fails the test,
    unless ``absent`` is true.
    """

    field: Field
    values: IntervalSet
    mask: int | None = None
    absent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A product of sets. None is "any"; naming ports (not None) needs a packet that holds its ports."""

    sources: IntervalSet | None = None
    destinations: IntervalSet | None = None
    source_ports: IntervalSet | None = None
    destination_ports: IntervalSet | None = None

    @property
    def names_ports(self) -> bool:
        return self.source_ports is not None or self.destination_ports is not None


ANY = Box()
ANYWHERE = (ANY,)


@dataclass(frozen=True, slots=True, kw_only=True)
class InterfaceTest:
    """The interface's name is, or with ``negated`` is not, one of these patterns (``*`` at the end matches a rest)."""

    names: tuple[str, ...]
    negated: bool = False

    def holds(self, interface: str) -> bool:
        hit = any(interface.startswith(n[:-1]) if n.endswith("*") else interface == n for n in self.names)
        return hit != self.negated


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One entry. It matches where the family, the protocol, all tests and at least one box match.

    ``protocol`` numbers are those of IANA. ``protocol_from`` says where an IPv6 rule reads it: ``first-header`` is the
    fixed header's Next Header, which is 44 on every fragment; ``upper-layer`` the header behind the extension headers.

    ``uncertain`` holds what was not understood, or can't be known from a config (a DSCP, a time range): where
    everything else matches, the entry may match or not, and both are tried.

    ``headerless`` differs from the filter's only where a vendor says so for this kind of entry.
    """

    action: Action
    evidence: Evidence
    family: Family | None = None
    protocol: IntervalSet | None = None
    protocol_from: Literal["first-header", "upper-layer"] = "upper-layer"
    boxes: tuple[Box, ...] = ANYWHERE
    tests: tuple[FieldTest, ...] = ()
    ingress: InterfaceTest | None = None
    egress: InterfaceTest | None = None
    uncertain: str = ""
    headerless: Fact[Headerless] | None = None
    sequence: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """An ordered list of rules, met first to last; ``otherwise`` is done at its end.

    ``name`` is how the config calls it; ``evidence`` is its head line. ``headerless`` counts for its rules that name
    ports; its ``source`` is the document. ``later_otherwise`` replaces the end for non-initial fragments where a
    platform has such a setting.

    ``rules`` may be a lazy sequence: a list that no path meets is never turned into rules.
    ``missing`` says that the config names the list but does not hold it: what it does could not be had.
    """

    name: str
    rules: Sequence[Rule]
    otherwise: Action
    evidence: Evidence
    headerless: Fact[Headerless]
    otherwise_evidence: Evidence | None = None
    later_otherwise: Action | None = None
    missing: bool = False
    kind: str = field(default="filter")  # what the config calls such a thing: "access list", "chain"


class LazyRules(Sequence[Rule]):
    """Rules that are read from their text when they are first asked for, once."""

    __slots__ = ("_read", "_rules")

    def __init__(self, read: Callable[[], Iterable[Rule]]) -> None:
        self._read: Callable[[], Iterable[Rule]] | None = read
        self._rules: list[Rule] = []

    def _all(self) -> list[Rule]:
        if self._read is not None:
            self._rules, self._read = list(self._read()), None
        return self._rules

    @overload
    def __getitem__(self, index: int) -> Rule: ...
    @overload
    def __getitem__(self, index: slice) -> list[Rule]: ...
    def __getitem__(self, index: int | slice) -> Rule | list[Rule]:
        return self._all()[index]

    def __len__(self) -> int:
        return len(self._all())

    def __iter__(self) -> Iterator[Rule]:
        return iter(self._all())
