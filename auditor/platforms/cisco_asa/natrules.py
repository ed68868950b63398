"""NAT lines, taken apart: ``nat (in,out) source static A B destination static C D service S T`` and object NAT."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from auditor.model.addresses import Family, IntervalSet
from auditor.model.evidence import Evidence
from auditor.parse.rows import Row
from auditor.platforms.cisco_asa.addresses import ANYWHERE, Where
from auditor.platforms.cisco_asa.config import Config
from auditor.platforms.cisco_asa.objects import Objects, Service, protocols_of
from auditor.platforms.cisco_asa.words import port

# Words that do not change what is translated into what.
_PLAIN = frozenset(
    {
        "dns",
        "no-proxy-arp",
        "route-lookup",
        "net-to-net",
        "flat",
        "include-reserve",
        "extended",
        "round-robin",
        "block-allocation",
    }
)
INTERFACE = "interface"


@dataclass(frozen=True, slots=True)
class NatRule:
    """One rule. ``real`` and ``mapped`` are the source's addresses on its own side and on the other; ``near`` and
    ``far`` are the destination's as the source writes it, and as it is. ``services`` are the real and the mapped one.
    """

    evidence: Evidence
    inside: str  # the nameif, or "any"
    outside: str
    kind: Literal["static", "dynamic"]
    real: Where = ANYWHERE
    mapped: Where = ANYWHERE
    to_interface: Family | None = None  # takes the address of the interface, of this family
    near: Where | None = None
    near_interface: bool = False
    far: Where | None = None
    services: tuple[Service, Service] | None = None
    by_service_source: bool = True
    one_way: bool = False
    doubt: str = ""
    order: tuple[int, int, int, str, int] = (0, 0, 0, "", 0)  # section, size, address, name, place


class Unread(Exception):  # noqa: N818 (it is no error: the line is told as not understood)
    """A NAT line that is not understood."""


def nat_rules(config: Config, objects: Objects) -> tuple[list[NatRule], list[Evidence]]:
    """All rules in the order in which they are met, and the lines that were not understood.

    Sections: twice NAT in the order of the config; object NAT, static before dynamic, then by fewer addresses, then by
    the lowest address, then by name; twice NAT with ``after-auto`` (Cisco ASA Firewall CLI Guide, "NAT Rule Order").
    """
    rules: list[NatRule] = []
    unread: list[Evidence] = []
    lines: Iterator[tuple[Row, str | None]] = iter(
        [(row, None) for row in config.rows.rows("nat_rules")]
        + [(row, row["name"]) for row in config.rows.rows("networks") if "nat" in row]
    )
    for number, (row, owner) in enumerate(lines):
        evidence = row.evidence("nat") if owner is not None else row.evidence()
        try:
            found = _Line(objects, row["nat" if owner is not None else "text"], evidence).rule(owner)
        except (Unread, IndexError):
            unread.append(evidence)
            continue
        if found is not None:
            rules.append(replace(found, order=(*found.order[:4], number)))
    rules.sort(key=lambda rule: rule.order)
    return rules, unread


@dataclass(slots=True)
class _Line:
    objects: Objects
    text: str
    evidence: Evidence
    doubt: str = ""

    def rule(self, owner: str | None) -> NatRule | None:
        """The rule; None for one that is inactive."""
        words = self.text.split(" description ")[0].split()
        inside, outside = "any", "any"
        if words[0].startswith("("):
            ends = words.pop(0).strip("()").split(",")
            if len(ends) != 2:
                raise Unread
            inside, outside = ends
        if words and words[0].isdigit() and owner is None:  # before 8.3: `nat (inside) 1 ...`
            raise Unread
        base = NatRule(self.evidence, inside, outside, "static")
        if "inactive" in words:
            return None
        return self._object(base, words, owner) if owner is not None else self._twice(base, words)

    # ------------------------------------------------------------------------------------------------- object NAT

    def _object(self, base: NatRule, words: list[str], owner: str) -> NatRule:
        kind = words.pop(0)
        real = self.objects.network(owner)
        rule = self._source(replace(base, real=real), kind, words)
        if words[:1] == ["service"]:
            protocols, doubt = protocols_of(words[1])
            numbers = [port(word, protocols) for word in words[2:4]]
            if doubt or None in numbers or len(numbers) < 2:
                raise Unread
            ports = [IntervalSet.single(n) for n in numbers if n is not None]
            rule = replace(rule, services=(Service(protocols, ports[0]), Service(protocols, ports[1])))
            del words[:4]
        self._plain(words)
        size = real.four.size if real.four is not None else 1 << 33
        first = real.four.first if real.four else 0
        order = (1, (size << 1) + (1 << 40 if rule.kind == "dynamic" else 0), first, owner, 0)
        return replace(rule, order=order, doubt=self._doubts(rule))

    # -------------------------------------------------------------------------------------------------- twice NAT

    def _twice(self, base: NatRule, words: list[str]) -> NatRule:
        section = 0
        if words[0] == "after-auto":
            section = 2
            words.pop(0)
        if words and words[0].isdigit():
            words.pop(0)
        if not words or words.pop(0) != "source":
            raise Unread
        kind = words.pop(0)
        real = self._named(words.pop(0))
        rule = self._source(replace(base, real=real), kind, words)
        if words[:2] == ["destination", "static"]:
            if words[2] == INTERFACE:
                rule = replace(rule, near_interface=True, near=ANYWHERE)
            else:
                rule = replace(rule, near=self._named(words[2]))
            at = 4 if words[3] != "ipv6" else 5
            rule = replace(rule, far=self._named(words[at - 1]))
            del words[:at]
        if words[:1] == ["service"]:
            services, by_source = self._services(words[1], words[2])
            rule = replace(rule, services=services, by_service_source=by_source)
            del words[:3]
        if "unidirectional" in words:
            words.remove("unidirectional")
            rule = replace(rule, one_way=True)
        self._plain(words)
        return replace(rule, order=(section, 0, 0, "", 0), doubt=self._doubts(rule))

    def _services(self, real: str, mapped: str) -> tuple[tuple[Service, Service], bool]:
        found = [self.objects.service(name) for name in (real, mapped)]
        if any(one.doubt or len(one.services) != 1 for one in found):
            raise Unread
        services = (found[0].services[0], found[1].services[0])
        by_source = all(one.source_ports is not None for one in services)
        ports = [(one.source_ports if by_source else one.destination_ports) for one in services]
        if any(values is None for values in ports) or any(
            one.source_ports is not None and one.destination_ports is not None for one in services
        ):
            raise Unread
        one = [Service(service.protocols, values) for service, values in zip(services, ports, strict=True)]
        return (one[0], one[1]), by_source

    # ------------------------------------------------------------------------------------------------------- parts

    def _source(self, rule: NatRule, kind: str, words: list[str]) -> NatRule:
        """What the source becomes: the words up to ``destination``, ``service`` or the plain ones."""
        if kind == "static":
            word = words.pop(0)
            if word == INTERFACE:
                return replace(rule, to_interface=_family(words))
            return replace(rule, mapped=self._named(word))
        if kind != "dynamic":
            raise Unread
        rule = replace(rule, kind="dynamic", one_way=True)
        mapped: Where | None = None
        if words[0] == "pat-pool":
            words.pop(0)
            mapped = self._named(words.pop(0))
        elif words[0] != INTERFACE:
            mapped = self._named(words.pop(0))
            if words[:1] == ["pat-pool"]:
                words.pop(0)
                words.pop(0)
                self.doubt = self.doubt or "which of its two pools it takes is not known"
        if words[:1] == [INTERFACE]:
            words.pop(0)
            rule = replace(rule, to_interface=_family(words))
        return replace(rule, mapped=mapped if mapped is not None else Where())

    def _plain(self, words: Sequence[str]) -> None:
        if any(word not in _PLAIN for word in words):
            raise Unread

    def _named(self, word: str) -> Where:
        if word == "any":
            return ANYWHERE
        if word in self.objects.networks:
            return self.objects.network(word)
        if word in self.objects.groups:
            return self.objects.group(word)
        found = self.objects.host(word)
        return found if found is not None else self.objects.network(word)

    def _doubts(self, rule: NatRule) -> str:
        found = (rule.real, rule.mapped, rule.near, rule.far)
        return self.doubt or next((one.doubt for one in found if one is not None and one.doubt), "")


def _family(words: list[str]) -> Family:
    """The family of an interface's address: ``interface`` or ``interface ipv6``."""
    if words[:1] == ["ipv6"]:
        words.pop(0)
        return 6
    return 4
