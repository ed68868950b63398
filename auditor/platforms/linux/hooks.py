"""Chains become filters of the model; those of the netdev family are bound to their interfaces."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from auditor.model.addresses import ADDRESSES, Family
from auditor.model.device import Binding, NotUnderstood
from auditor.model.filters import DROP, RETURN, Action, Filter, LazyRules, Rule, Translate, Verb
from auditor.platforms.linux import iptables_rules, nft_rules
from auditor.platforms.linux.chains import Chain, Line, Table
from auditor.platforms.linux.context import Host, Place, merged
from auditor.platforms.linux.filters import chain
from auditor.platforms.linux.pipelines import TRACK

INGRESS = {
    "prerouting": True,
    "input": True,
    "forward": True,
    "postrouting": True,
    "ingress": True,
    "output": False,
    "egress": False,
}
EGRESS = {
    "forward": True,
    "postrouting": True,
    "output": True,
    "egress": True,
    "prerouting": False,
    "input": False,
    "ingress": False,
}
FAMILIES: tuple[Family, ...] = (4, 6)


@dataclass(slots=True)
class Hooked:
    """The filters of a host, and what is bound to interfaces. ``gaps`` are things about chains that are not known."""

    filters: dict[str, Filter] = field(default_factory=dict)
    bindings: dict[str, tuple[Binding, ...]] = field(default_factory=dict)
    gaps: list[NotUnderstood] = field(default_factory=list)


def hooked(tables: list[Table], host: Host, interfaces: Mapping[str, tuple[str, ...]]) -> Hooked:
    """All chains as filters. ``interfaces`` are the host's, each with those whose packets its netdev chains see too."""
    found = Hooked()
    for table in tables:
        if not table.families:
            continue
        for one in table.chains.values():
            place = place_of(one, host)
            found.filters[one.filter] = _filter(one, place)
            found.filters |= _inner(one, place)
            if one.hook and one.priority is None:
                reason = f"the priority of chain {one.filter} is not understood"
                found.gaps.append(NotUnderstood(evidence=one.evidence, reason=reason))
    _bind(tables, found, interfaces)
    return found


def place_of(one: Chain, host: Host) -> Place:
    """Where a chain is met."""
    table = one.table
    hooks = one.hooks or {one.hook} - {""}
    return Place(
        family=table.one_family,
        before_tracking=_early(one),
        ingress=merged(INGRESS.get(hook, True) for hook in hooks) if hooks else True,
        egress=merged(EGRESS.get(hook, True) for hook in hooks) if hooks else True,
        outgoing_frame="egress" in hooks,
        chains=frozenset(table.chains),
        prefix=table.prefix,
        sets=table.sets,
        host=host,
        reads_data=not table.legacy,
        writes="source" if hooks & {"postrouting", "input"} else "destination",
    )


def _early(one: Chain) -> bool | None:
    """Whether packets meet it before connection tracking; None where that can't be told or differs."""
    if not one.entries:
        return True
    if any(priority in (None, TRACK) for _, priority in one.entries):
        return None
    return merged(
        hook in ("prerouting", "output") and priority is not None and priority < TRACK for hook, priority in one.entries
    )


def _filter(one: Chain, place: Place) -> Filter:
    policy = one.policy if one.hook else RETURN
    return chain(
        one.filter,
        LazyRules(lambda: _rules(one, place)),
        one.evidence,
        place.reads_data,
        policy,
        one.policy_evidence if one.hook else None,
    )


def _rules(one: Chain, place: Place) -> list[Rule]:
    rules = [rule for line in one.lines for rule in rules_of(one, line, place)]
    if not place.before_tracking:
        rules = [after for rule in rules for after in _too_late(rule, place)]
    return [one_of for rule in rules for one_of in _translating(rule, place)] if one.translates else rules


def rules_of(one: Chain, line: Line, place: Place) -> list[Rule]:
    """The rules of the model for one line of a chain."""
    if line.tool == "iptables":
        return iptables_rules.read(line.text, line.evidence, place)
    if _splits(line.text) and not line.hidden:
        parts = nft_rules.split(line.text, line.evidence, place, _inner_name(one, line.row.number))
        if parts is not None:
            return parts[0]
    return nft_rules.read(line.text, line.evidence, place, line.hidden)


def _too_late(rule: Rule, place: Place) -> Iterator[Rule]:
    """notrack does nothing to a packet that is tracked already (net/netfilter/nft_ct.c nft_notrack_eval())."""
    if rule.action.verb is not Verb.NOTRACK:
        yield rule
    elif place.before_tracking is None:
        yield replace(rule, uncertain=rule.uncertain or "it may come before connection tracking or after it")


def _translating(rule: Rule, place: Place) -> list[Rule]:
    """In a chain of the NAT core what can't be followed may be a translation to any address."""
    if rule.action.verb is not Verb.DOUBT:
        return [rule]
    families = FAMILIES if rule.family is None else (rule.family,)
    return [
        replace(
            rule,
            family=family,
            action=Action(verb=Verb.TRANSLATE, translate=Translate(end=place.writes, addresses=ADDRESSES[family])),
            uncertain=rule.uncertain or rule.action.words,
        )
        for family in families
    ]


def _splits(text: str) -> bool:
    """Whether a rule may ask for what it changes itself: then what it does must stand in a chain of its own."""
    return (text.count("mark") > 1 and "mark set" in text) or ("notrack" in text and "ct " in text)


def _inner_name(one: Chain, number: int) -> str:
    return f"{one.filter}, line {number}"


def _inner(one: Chain, place: Place) -> dict[str, Filter]:
    """The chains that some rules of a chain need for themselves."""
    found: dict[str, Filter] = {}
    for line in one.lines:
        if line.tool == "nft" and _splits(line.text) and not line.hidden:
            parts = nft_rules.split(line.text, line.evidence, place, _inner_name(one, line.row.number))
            if parts is not None:
                found |= {inner.name: inner for inner in parts[1]}
    return found


def _bind(tables: list[Table], found: Hooked, interfaces: Mapping[str, tuple[str, ...]]) -> None:
    """netdev chains and inet ingress chains stand in one list per interface, by priority (measured)."""
    chains = [c for t in tables if not t.dormant for c in t.chains.values() if c.hook in ("ingress", "egress")]
    for one in sorted(chains, key=lambda c: c.priority or 0):
        if one.devices is None:
            if one.lines or one.policy == DROP:
                reason = f"the listing does not tell the interfaces of chain {one.filter}"
                found.gaps.append(NotUnderstood(evidence=one.evidence, reason=reason))
            continue
        for device in devices_of(one, interfaces):
            bindings = tuple(_bindings(one))
            found.bindings[device] = (*found.bindings.get(device, ()), *bindings)
            for above in interfaces.get(device, ()):
                if one.lines or one.policy == DROP:
                    reason = f"chain {one.filter} on {device}, which is under it, may see its packets"
                    direction = bindings[0].direction
                    found.gaps.append(
                        NotUnderstood(evidence=one.evidence, place=above, direction=direction, reason=reason)
                    )


def devices_of(one: Chain, interfaces: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    """The interfaces that a chain of the netdev family stands on."""
    for pattern in one.devices or ():
        if pattern.endswith("*"):
            yield from (name for name in interfaces if name.startswith(pattern[:-1]))
        else:
            yield pattern


def _bindings(one: Chain) -> Iterator[Binding]:
    for family in one.table.families:
        yield Binding(
            filter=one.filter,
            family=family,
            direction="in" if one.hook == "ingress" else "out",
            evidence=one.device_evidence or one.evidence,
        )


def translations(tables: list[Table], found: Hooked) -> Iterator[Rule]:
    """The rules of all NAT chains that translate."""
    for table in tables:
        for one in table.chains.values():
            if one.kind == "nat" or table.name == "nat":
                yield from (r for r in found.filters[one.filter].rules if r.action.verb is Verb.TRANSLATE)


def asks_for_interfaces(tables: list[Table]) -> bool:
    """Whether any rule names an interface."""
    words = ("iif", "oif", "-i ", "-o ")
    return any(any(word in line.text for word in words) for t in tables for c in t.chains.values() for line in c.lines)
