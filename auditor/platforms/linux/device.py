"""A Linux host's rows as a device of the model."""

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from auditor.model.addresses import Family, IntervalSet
from auditor.model.device import Device, Interface, NotUnderstood, Reassembly
from auditor.model.evidence import Basis, Evidence, Fact
from auditor.parse.rows import Leftover, Rows
from auditor.platforms.linux import arp, defrag
from auditor.platforms.linux.chains import base_chains
from auditor.platforms.linux.hooks import Hooked, asks_for_interfaces, hooked, translations
from auditor.platforms.linux.interfaces import Links, interfaces, links, unread_links
from auditor.platforms.linux.outputs import outputs
from auditor.platforms.linux.own import above, host
from auditor.platforms.linux.pipelines import Kernel, pipelines
from auditor.platforms.linux.routing import choices, routing
from auditor.platforms.linux.rulesets import Rulesets, rulesets
from auditor.platforms.linux.sysctls import Settings, settings

FAMILIES: tuple[Family, ...] = (4, 6)
ODD = re.compile(r"^(?:unread|odd|also) ")  # what the forms put before lines that they don't know
LOCAL_SOURCE = "net/ipv4/ip_input.c ip_local_deliver(), net/ipv6/reassembly.c; measured on Linux 6.18"


def devices(rows: Rows) -> tuple[Device, ...]:
    """The one device that the files of a host describe."""
    found = outputs(rows)
    all_links = links(rows)
    all_links.vrf_possible = any(not c.listed or c.vrfs for c in (choices(rows, found, f) for f in FAMILIES))
    set_up = settings(rows)
    sets = rulesets(rows, found)
    on = above(all_links)
    own = host(rows, found, all_links)
    hooks = hooked(sets.tables, own, on)
    ports = tuple(interfaces(all_links, set_up, hooks.bindings))
    routes, long_routes = routing(rows, found, all_links)
    needs = defrag.users(sets.tables)
    gaps = [*_gaps(rows, sets), *sets.gaps, *hooks.gaps]
    leftovers = list(_leftovers(rows, on))
    open_rules = [*gaps, *(left for left in leftovers if LOST_EXTENSION.match(left.evidence.text))]
    joins = {
        family: defrag.fact(family, sets, needs[family], rows.head, _any(open_rules, family)) for family in FAMILIES
    }
    chains = list(base_chains([t for t in sets.tables if t.families]))
    kernels = [Kernel(family, _may(joins[family]), _tracks(needs[family], joins[family])) for family in FAMILIES]
    name_row, kernel_row = rows.last("hosts"), rows.last("kernels")
    device = Device(
        name=rows.name,
        platform=rows.platform,
        config=rows.sources[0].file,
        sha256=rows.sha256,
        lines=rows.line_count,
        complete=rows.complete,
        head=rows.head,
        version=kernel_row["release"] if kernel_row else "",
        hostname=name_row["hostname"] if name_row else "",
        collected=rows.collected,
        interfaces=ports,
        filters=MappingProxyType(hooks.filters),
        routing=routes,
        reassembly=tuple(_reassembly(joins, set_up, rows.head)),
        forwards=MappingProxyType({family: set_up.forwards(family) for family in FAMILIES}),
        pipelines=pipelines(chains, kernels),
        nat_addresses=_translated(sets, hooks),
        not_understood=tuple(
            dict.fromkeys(
                [
                    *gaps,
                    *long_routes,
                    *_zones(sets),
                    *arp.gaps(sets.tables, own, all_links, on),
                    *leftovers,
                    *unread_links(all_links),
                    *_interface_gaps(all_links, ports, sets),
                ]
            )
        ),
    )
    return (device,)


# nft says so, once, where it leaves a target or match of iptables out of the rules that it lists (measured, nft 1.0.6)
LOST_EXTENSION = re.compile(r"XT (?:target|match|watcher) \S+ not found")


def _any(gaps: list[NotUnderstood], family: Family) -> bool:
    return any(gap.family in (None, family) and not gap.place for gap in gaps)


def _tracks(needs: defrag.Defrag, joins: Fact[bool]) -> bool | None:
    """Whether connections are tracked, None where that can't be told."""
    return True if needs.tracks else None if joins.basis is Basis.UNKNOWN else False


def _may(fact: Fact[bool]) -> bool:
    return any(fact.options)


def _reassembly(joins: Mapping[Family, Fact[bool]], set_up: Settings, head: Evidence) -> Iterator[Reassembly]:
    always = Fact(value=True, basis=Basis.ABSENT, evidence=(head,), source=LOCAL_SOURCE)
    for family in FAMILIES:
        for name, active in (("conntrack", joins[family]), ("local-in", always)):
            yield Reassembly(
                kind="full",
                active=active,
                name=name,
                sends="original",
                family=family,
                untracked=name == "local-in",
                fragments=set_up.fragments(name, family),
                timeout=set_up.timeout(name, family),
            )


def _translated(sets: Rulesets, hooks: Hooked) -> Mapping[int, IntervalSet]:
    """The outside of NAT rules: what destinations are written over, and what sources become."""
    found: dict[int, list[IntervalSet]] = {4: [], 6: []}
    for rule in translations(sets.tables, hooks):
        translate = rule.action.translate
        if translate is None or rule.family is None or rule.uncertain:
            continue
        if translate.end == "destination":
            found[rule.family] += [box.destinations for box in rule.boxes if box.destinations is not None]
        elif translate.addresses is not None:
            found[rule.family].append(translate.addresses)
    return MappingProxyType({family: IntervalSet.union(parts) for family, parts in found.items() if parts})


# ---- what is not known


def _gaps(rows: Rows, sets: Rulesets) -> Iterator[NotUnderstood]:
    """Outputs that are damaged or missing."""
    for row in rows.rows("unreadables"):
        yield NotUnderstood(evidence=row.evidence(), reason=f"an output can't be read whole: {row['reason']}")
    for family in FAMILIES:
        if not sets.listed[family]:
            reason = f"no listing of nft or iptables covers IPv{family}, so its filters are not known"
            yield NotUnderstood(evidence=rows.head, family=family, reason=reason)
    for row in rows.rows("others"):
        lines = row.rows("lines")
        if lines:
            reason = f"an output that is not read may tell of more: {row['command']}"
            yield NotUnderstood(evidence=row.evidence(), reason=reason)


ZONES = re.compile(r"\bct (?:original |reply )?zone set\b|-j CT\b.*--zone")


def _zones(sets: Rulesets) -> Iterator[NotUnderstood]:
    """A connection is known in its zone alone, so answers in another one are those of no connection (nf_ct_zone_equal,
    include/net/netfilter/nf_conntrack_zones.h). Which zone a packet is in is not followed.
    """
    for table in sets.tables:
        for chain in table.chains.values() if table.families and not table.dormant else ():
            for line in chain.lines if chain.entries else ():
                if "zone" in line.text and ZONES.search(line.plain):
                    reason = "connections are kept in zones, which are not followed"
                    yield NotUnderstood(evidence=line.evidence, family=table.one_family, reason=reason)


def _leftovers(rows: Rows, on: Mapping[str, tuple[str, ...]]) -> Iterator[NotUnderstood]:
    """Lines that are not understood; those of an interface count for what stands on it too."""
    for left in rows.leftovers:
        place = _place_of(left)
        for one in (place, *on.get(place, ())):
            yield NotUnderstood(evidence=left.evidence, place=one, reason=_reason(left))


def _place_of(left: Leftover) -> str:
    """The interface or the chain that a line belongs to; "" where it may concern all."""
    owner = left.owner
    if owner is None:
        return ""
    if owner.group == "interfaces":
        return owner["name"].partition("@")[0]
    return ""


def _reason(left: Leftover) -> str:
    text = left.text.strip()
    if text == "xdp program":
        return "an XDP program is attached, which may drop packets"
    return f"not understood: {ODD.sub('', text)[:80]}"


def _interface_gaps(all_links: Links, ports: tuple[Interface, ...], sets: Rulesets) -> Iterator[NotUnderstood]:
    named = asks_for_interfaces(sets.tables)
    for port in ports:
        if port.vrf != "default" and named:
            reason = f"rules name interfaces, and the kernel shows them packets of a VRF as those of {port.vrf} too"
            yield NotUnderstood(evidence=port.evidence, place=port.name, reason=reason)
    yield from _bridges(all_links, sets)


def _bridges(all_links: Links, sets: Rulesets) -> Iterator[NotUnderstood]:
    """Chains of the bridge family see what goes through a bridge; they are not read."""
    for table in sets.tables:
        if table.family != "bridge":
            continue
        for chain in table.chains.values():
            if not chain.hook or not (chain.lines or chain.drops):
                continue
            for link in all_links.found.values():
                if link.kind == "bridge" or (not link.kind and link.name.startswith("br")):
                    reason = f"chain {chain.name} of table bridge {table.name} may drop its packets"
                    yield NotUnderstood(evidence=chain.evidence, place=link.name, reason=reason)
