"""Chains that keep IPv4 neighbours from finding each other (RFC 826): those of the netdev family see frames of ARP
too, those of the arp family nothing else.
"""

import re
from collections.abc import Iterator, Mapping, Sequence

from auditor.model.addresses import IntervalSet
from auditor.model.device import NotUnderstood
from auditor.model.evidence import Evidence
from auditor.model.filters import ANYWHERE, DROP, DROPPING, Field, Rule, Verb
from auditor.platforms.linux import nft_rules
from auditor.platforms.linux.chains import Chain, Line, Table
from auditor.platforms.linux.context import Host, Place
from auditor.platforms.linux.hooks import devices_of, place_of, rules_of
from auditor.platforms.linux.interfaces import Links

ASKED = re.compile(r"\b(?:ether type|meta protocol) (?P<sign>!= |== )?(?P<values>\{[^}]*\}|\S+)")
NAMES = frozenset(("arp", "0x0806", "0x806", "2054"))
LENGTHS = IntervalSet((28, 47))  # RFC 826 on Ethernet, with and without the padding of the shortest frame
DEEPEST = 16  # nested calls of nft
BY_HAND = "so that nobody is found over it unless its neighbours are written down by hand"

Fate = Evidence | bool | None
"""The line that drops ARP for certain; True where it passes or may pass, None where it comes to the chain's end."""


def gaps(
    tables: Sequence[Table], host: Host, links: Links, interfaces: Mapping[str, tuple[str, ...]]
) -> Iterator[NotUnderstood]:
    """The interfaces on which no ARP gets through, and tables that may drop some."""
    for table in tables:
        if table.dormant:
            continue
        for one in table.chains.values():
            if table.family == "arp" and one.entries and one.drops:
                reason = f"table arp {table.name} may drop ARP, without which no IPv4 neighbour is found"
                yield NotUnderstood(evidence=one.evidence, family=4, reason=reason)
            elif table.family == "netdev" and one.hook:
                yield from _on_interfaces(one, host, links, interfaces)


def _on_interfaces(
    one: Chain, host: Host, links: Links, interfaces: Mapping[str, tuple[str, ...]]
) -> Iterator[NotUnderstood]:
    for device in devices_of(one, interfaces):
        link = links.found.get(device)
        if link is None or "NOARP" in link.flags or "LOOPBACK" in link.flags:
            continue
        fate = _fate(one, host, device, 0)
        if isinstance(fate, Evidence):
            reason = f"chain {one.filter} drops ARP, {BY_HAND}"
            yield NotUnderstood(evidence=fate, place=device, family=4, reason=reason)


def _fate(one: Chain, host: Host, device: str, depth: int) -> Fate:
    place = place_of(one, host)
    for line in one.lines:
        for rule in _rules(one, line, place):
            meets = _meets(rule, device)
            if meets is False:
                continue
            verb = rule.action.verb
            if verb in (Verb.JUMP, Verb.GOTO):
                fate = _called(one, rule, host, device, depth)
            elif verb in (Verb.CONTINUE, Verb.MARK, Verb.NOTRACK):
                continue
            elif verb is Verb.RETURN:
                return _end(one) if meets else True
            else:
                fate = rule.evidence if verb in DROPPING else True
            if fate is not None:
                return fate if meets else True
            if verb is Verb.GOTO:
                return _end(one) if meets else True
    return _end(one)


def _end(one: Chain) -> Fate:
    if not one.hook:
        return None
    return (one.policy_evidence or one.evidence) if one.policy == DROP else True


def _called(one: Chain, rule: Rule, host: Host, device: str, depth: int) -> Fate:
    name = rule.action.target.removeprefix(f"{one.table.prefix} ")
    inner = one.table.chains.get(name)
    return True if inner is None or depth >= DEEPEST else _fate(inner, host, device, depth + 1)


def _rules(one: Chain, line: Line, place: Place) -> list[Rule]:
    """A line's rules for a frame of ARP: without the question for that type, none where it is for others alone."""
    found = ASKED.search(line.text)
    if found is None:
        return rules_of(one, line, place)
    if found["values"].startswith(("vmap", "@")):
        return nft_rules.read("accept", line.evidence, place)  # it may pass
    named = bool(NAMES & set(re.split(r"[{},\s]+", found["values"])))
    if named == ((found["sign"] or "").strip() == "!="):
        return []
    return nft_rules.read(line.text.replace(found[0], "", 1), line.evidence, place)


def _meets(rule: Rule, device: str) -> bool | None:
    """Whether a rule takes frames of ARP, None where it may or may not."""
    if rule.family is not None or rule.protocol is not None or rule.boxes != ANYWHERE:
        return False
    if any(one is not None and not one.holds(device) for one in (rule.ingress, rule.egress)):
        return False
    lengths = [test for test in rule.tests if test.field is Field.LENGTH]
    if any(not test.values.overlaps(LENGTHS) for test in lengths):
        return False
    others = [test for test in rule.tests if test.field not in (Field.LENGTH, Field.MARK)]
    if others:
        return False
    return None if rule.uncertain or rule.tests else True
