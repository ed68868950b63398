"""Which packets go into a tunnel instead of out by an interface: the crypto maps, and the addresses of VPN clients.

What IPsec adds and where the outer packets go is not followed: such packets are in doubt from there on.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from auditor.model.addresses import IntervalSet
from auditor.model.device import Binding
from auditor.model.filters import PERMIT, Action, Box, Filter, LazyRules, Rule, Verb
from auditor.parse.rows import Row
from auditor.platforms.cisco_asa.config import Block, Config
from auditor.platforms.cisco_asa.entries import FAMILIES
from auditor.platforms.cisco_asa.lists import HEADERLESS, AccessLists
from auditor.platforms.cisco_asa.objects import Objects

ENCRYPTED = Action(verb=Verb.DOUBT, words="is encrypted (IPsec), which is not followed")


@dataclass(slots=True)
class Vpn:
    """The filters that choose what is encrypted."""

    config: Config
    lists: AccessLists
    objects: Objects
    filters: dict[str, Filter] = field(default_factory=dict)

    def bindings(self, block: Block) -> Iterator[Binding]:
        """The crypto map of an interface."""
        for row in self.config.rows.rows("crypto_maps"):
            if row.get("nameif") == block.nameif:
                name = self._filter(row)
                for family in FAMILIES:
                    yield Binding(
                        filter=name, family=family, direction="out", evidence=row.evidence(), purpose="encrypt"
                    )

    def _filter(self, head: Row) -> str:
        name = f"crypto map {head['name']}"
        if name not in self.filters:
            self.filters[name] = Filter(
                name=name,
                rules=LazyRules(lambda: self._rules(head)),
                otherwise=PERMIT,
                evidence=head.evidence(),
                headerless=HEADERLESS,
                kind="choice of",
            )
        return name

    def _rules(self, head: Row) -> Iterable[Rule]:
        """By sequence: the permits of each ``match address``; a deny leaves the packet to the next entry."""
        rows = [row for row in self.config.rows.rows("crypto_maps") if row["name"] == head["name"] and "text" in row]
        for row in sorted(rows, key=lambda one: int(one["sequence"])):
            words = row["text"].split()
            if words[:2] == ["match", "address"] and len(words) > 2:
                yield from self._of_list(row, words[2])
            elif words[:2] == ["ipsec-isakmp", "dynamic"]:
                yield from self._clients()

    def _of_list(self, row: Row, name: str) -> Iterator[Rule]:
        found = self.lists.filters.get(name)
        if found is None:
            yield Rule(action=ENCRYPTED, evidence=row.evidence(), uncertain=f"the config does not hold {name}")
            return
        denied = ""
        for rule in found.rules:
            if rule.action.verb is Verb.PERMIT:
                yield replace(rule, action=ENCRYPTED, uncertain=rule.uncertain or denied)
            else:
                denied = "an entry before it denies"

    def _clients(self) -> Iterator[Rule]:
        """What is sent to the addresses of VPN clients (``ip local pool``)."""
        for row in self.config.rows.rows("pools"):
            first, _, last = row["range"].partition("-")
            low, high = self.objects.number(first), self.objects.number(last or first)
            if low is not None and high is not None:
                box = Box(destinations=IntervalSet.of((low, high)))
                yield Rule(action=ENCRYPTED, evidence=row.evidence(), family=4, boxes=(box,))
