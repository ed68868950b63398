"""The order in which the kernel does things to a packet, made of the chains that a host has."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import permutations
from math import prod
from types import MappingProxyType

from auditor.model.addresses import Family
from auditor.model.device import Does, Pipelines, Stage, StageName, Undecided
from auditor.model.evidence import Basis, Evidence, Fact
from auditor.platforms.linux.chains import Chain

DEFRAG = -400  # NF_IP_PRI_CONNTRACK_DEFRAG, include/uapi/linux/netfilter_ipv4.h
TRACK = -200  # NF_IP_PRI_CONNTRACK
NAT_DESTINATION, NAT_SOURCE = -100, 100  # NF_IP_PRI_NAT_DST, _SRC: where the NAT core runs every nat chain
WRITES = re.compile(r"\bmark set\b|\bnotrack\b|(?:^|\s)-j (?:MARK|CONNMARK|HMARK|NOTRACK|CT)\b")
ASKS = re.compile(r"\bmark\b|\bct state\b|--(?:ct)?state\b")
NAT_HOOKS = ("prerouting", "input", "output", "postrouting")
MOST_ORDERED = 4  # things of one priority whose every order is tried: 24 orders
MOST_WAYS = 24
ORDER_SOURCE = (
    "net/netfilter/core.c nf_hook_entries_grow(): of equal priorities the one registered last runs first; a listing "
    "does not tell which that was (measured on Linux 6.18)"
)


@dataclass(frozen=True, slots=True)
class Item:
    """Something that is hooked in at a priority: a chain, or the kernel's own work. ``word`` names it in an order."""

    priority: int
    word: str
    stages: tuple[Stage, ...]
    chain: Chain | None = None


@dataclass(frozen=True, slots=True)
class Kernel:
    """What the kernel does besides the chains, for one family: ``joins`` where its defragmentation may be on;
    ``tracks`` whether it tracks connections, None where that is not known.
    """

    family: Family
    joins: bool
    tracks: bool | None


def pipelines(chains: Sequence[Chain], kernels: Iterable[Kernel]) -> Pipelines:
    """The four orders, those of IPv4 and of IPv6 one after the other: each stage is of one family."""
    transit: list[Stage | Undecided] = []
    local_in: list[Stage | Undecided] = []
    local_out: list[Stage | Undecided] = []
    for kernel in kernels:
        hooks = _Hooks(kernel, [c for c in chains if kernel.family in c.table.families])
        transit += hooks.transit()
        local_in += hooks.local_in()
        local_out += hooks.local_out()
    return Pipelines(
        transit=tuple(transit), local_in=tuple(local_in), local_out=tuple(local_out), errors=tuple(local_out)
    )


class _Hooks:
    """The hooks of one family."""

    def __init__(self, kernel: Kernel, chains: Sequence[Chain]) -> None:
        self.kernel = kernel
        self.family = kernel.family
        self.chains = chains

    def _stage(self, name: StageName, does: Does, **more: object) -> Stage:
        return Stage(name=name, does=does, family=self.family, **more)  # type: ignore[arg-type]

    def transit(self) -> list[Stage | Undecided]:
        """ip_rcv, ip_forward, ip_output: what is too big is refused before the forward hook (measured)."""
        return [
            *self._arrival(),
            self._stage(StageName.ROUTE, Does.ROUTE),
            self._stage(StageName.EGRESS_MTU, Does.REFUSE, side="out"),
            *self._hook("forward", StageName.EGRESS_FILTER, "out"),
            *self._departure(),
        ]

    def local_in(self) -> list[Stage | Undecided]:
        """ip_local_deliver joins IPv4 fragments before the input hook; IPv6 after it (both measured)."""
        join = self._stage(StageName.REASSEMBLY, Does.REASSEMBLE, rows=("local-in",))
        filtered = self._hook("input", StageName.LOCAL_IN, "in")
        ordered = [join, *filtered] if self.family == 4 else [*filtered, join]
        return [*self._arrival(), *ordered]

    def local_out(self) -> list[Stage | Undecided]:
        """A datagram is whole in the output and postrouting hooks, and cut after them (measured)."""
        return [*self._hook("output", StageName.LOCAL_OUT, "out"), *self._departure()]

    def _arrival(self) -> list[Stage | Undecided]:
        return [
            self._stage(StageName.INGRESS_MTU, Does.RECEIVE),
            self._stage(StageName.INGRESS_FILTER, Does.FILTER),
            *self._hook("prerouting", StageName.INGRESS_FILTER, "in"),
            self._stage(StageName.ROUTE, Does.SOURCE_CHECK),
        ]

    def _departure(self) -> list[Stage | Undecided]:
        """The egress hook of netdev sees pieces; one that dies there ends the sending of the rest (net/ipv4/ip_output.c
        ip_do_fragment(): an error of the output function leaves the loop; measured on Linux 6.18).
        """
        return [
            *self._hook("postrouting", StageName.EGRESS_FILTER, "out"),
            self._stage(StageName.EGRESS_MTU, Does.CUT, side="out"),
            self._stage(StageName.EGRESS_FILTER, Does.FILTER, side="out", breaks_off=True),
        ]

    def _hook(self, hook: str, name: StageName, side: str) -> list[Stage | Undecided]:
        """All that is hooked in there, by priority; what is of equal priority in every order, where that matters."""
        items = [*self._kernel_items(hook), *self._nat_items(hook), *self._chain_items(hook, name, side)]
        stages: list[Stage | Undecided] = []
        for group in _by_priority(items):
            stages += _ordered(group)
        return stages

    def _kernel_items(self, hook: str) -> Iterator[Item]:
        if hook == "prerouting" and self.kernel.joins:
            join = self._stage(StageName.REASSEMBLY, Does.REASSEMBLE, rows=("conntrack",))
            yield Item(DEFRAG, "reassembly", (join,))
        if hook in ("prerouting", "output") and self.kernel.tracks:
            yield Item(TRACK, "connection tracking", (self._stage(StageName.NAT, Does.TRACK),))

    def _nat_items(self, hook: str) -> Iterator[Item]:
        """Every nat chain is met where the NAT core is hooked in, one after the other by their own priorities until one
        has translated; none where no connections are tracked, not even one that drops (measured). The core stands in
        all four hooks as soon as there is one such chain, and writes answers back in them (measured; net/netfilter/
        nf_nat_core.c nf_nat_register_fn(), nf_nat_inet_fn()).
        """
        every = [c for c in self.chains if c.kind == "nat" and (c.lines or c.drops)]
        if not every or self.kernel.tracks is False or hook not in NAT_HOOKS:
            return
        chains = [c for c in every if c.hook == hook]
        source = hook in ("input", "postrouting")
        does = Does.TRANSLATE_SOURCE if source else Does.TRANSLATE_DESTINATION
        at = NAT_SOURCE if source else NAT_DESTINATION
        own = [Item(c.priority or 0, c.filter, (), c) for c in chains]
        orders = _product([_orders(group) for group in _by_priority(own)])
        side = "out" if source else "in"
        ways: list[tuple[str, tuple[Stage, ...]]] = []
        for order in orders:
            met = [item.chain for item in order if item.chain is not None]
            names, closing = tuple(c.filter for c in met), tuple(c.filter for c in met if c.drops)
            stage = self._stage(StageName.NAT, does, filters=names, closing=closing, side=side)
            ways.append((" before ".join(names), (stage,)))
        if self.kernel.tracks is None:
            ways.append(("no chain of nat is met", ()))
        if len(ways) == 1:
            yield Item(at, "translation", ways[0][1])
        else:
            yield Item(at, "translation", (_undecided(dict(ways), [c.evidence for c in every]),))  # type: ignore[arg-type]

    def _chain_items(self, hook: str, name: StageName, side: str) -> Iterator[Item]:
        for chain in self.chains:
            if chain.hook == hook and chain.kind != "nat" and chain.table.family != "netdev":
                stage = self._stage(name, Does.FILTER, filters=(chain.filter,), side=side)
                yield Item(chain.priority or 0, chain.filter, (stage,), chain)


def _product(groups: Sequence[Sequence[tuple[Item, ...]]]) -> list[tuple[Item, ...]]:
    """Every order of all groups, one after the other; of too many, the first and the last."""
    if prod(len(group) for group in groups) > MOST_WAYS:
        groups = [(group[0], group[-1]) for group in groups]
        return [tuple(item for group in groups for item in group[end]) for end in (0, 1)]
    ways: list[tuple[Item, ...]] = [()]
    for group in groups:
        ways = [(*way, *order) for way in ways for order in group]
    return ways


def _by_priority(items: Iterable[Item]) -> list[list[Item]]:
    """The items in groups of equal priority. In a group the one listed last comes first: it was registered last, if the
    rule set was loaded as it is listed.
    """
    groups: dict[int, list[Item]] = {}
    for item in items:
        groups.setdefault(item.priority, []).insert(0, item)
    return [groups[priority] for priority in sorted(groups)]


def _orders(group: list[Item]) -> list[tuple[Item, ...]]:
    """Every order of things of one priority; of many, the order in which they are listed and the opposite."""
    return list(permutations(group)) if len(group) <= MOST_ORDERED else [tuple(group), tuple(reversed(group))]


def _ordered(group: list[Item]) -> list[Stage | Undecided]:
    if len(group) == 1 or not _matters(group):
        return [stage for item in group for stage in item.stages]
    orders = _orders(group)
    ways = {" before ".join(i.word for i in order): tuple(s for i in order for s in i.stages) for order in orders}
    return [_undecided(ways, [item.chain.evidence for item in group if item.chain])]


def _undecided(ways: dict[str, tuple[Stage, ...]], evidence: list[Evidence]) -> Undecided:
    first, *others = ways
    fact = Fact(value=first, basis=Basis.UNKNOWN, evidence=tuple(evidence), others=tuple(others), source=ORDER_SOURCE)
    return Undecided(fact=fact, orders=MappingProxyType(ways))


def _matters(group: list[Item]) -> bool:
    """Whether another order could come to another end: not among chains that only pass and drop."""
    chains = [item.chain for item in group if item.chain is not None]
    if len(chains) < len(group):
        return True
    for chain in chains:
        others = [line.plain for other in chains if other is not chain for line in other.lines]
        if any(WRITES.search(line.plain) for line in chain.lines) and any(
            ASKS.search(text) or WRITES.search(text) for text in others
        ):
            return True
    return False
