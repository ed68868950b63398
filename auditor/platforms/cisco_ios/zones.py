"""Zones: what passes between them by a policy, and what without one.

Cisco document 98628, "Understand the Zone-Based Policy Firewall Design": all traffic to and from an interface in a
zone is blocked, except between interfaces of the same zone and to the router itself; it cannot flow between an
interface in a zone and one in none; the self zone is open until a policy says otherwise.
"""

from collections.abc import Iterator

from auditor.model.device import NotUnderstood, ZonePolicy, Zoning
from auditor.model.evidence import Fact
from auditor.model.filters import InterfaceTest, Rule
from auditor.platforms.cisco_ios.blocks import Blocks
from auditor.platforms.cisco_ios.config import Config
from auditor.platforms.cisco_ios.matching import INSPECTION, Filters, jump
from auditor.platforms.cisco_ios.policies import Policies

SELF = "self"
FROM_SELF = "zone-pairs from self"
_SOURCE = 'Cisco document 98628, "Understand the Zone-Based Policy Firewall Design"'


def zoning(config: Config) -> Zoning | None:
    """What passes where no policy is named; None on a device without zones."""
    if not config.rows.rows("zones", "zone_pairs"):
        return None

    def fact(value: str) -> Fact[str]:
        return config.default(value, "drop" if value == "permit" else "permit", source=_SOURCE)

    return Zoning(
        same_zone=fact("permit"), between_zones=fact("drop"), zone_and_none=fact("drop"), self_zone=fact("permit")
    )


def zone_policies(config: Config, policies: Policies) -> Iterator[ZonePolicy]:
    """The zone-pairs that have a policy; one without leaves things as they are."""
    for row in config.rows.rows("zone_pairs"):
        name = row.get("policy")
        if name is not None:
            policies.zone(name)
            yield ZonePolicy(
                source=row["from"],
                destination=row["to"],
                filter=f"policy-map {name}",
                evidence=row.evidence("policy"),
            )


def from_self(blocks: Blocks, filters: Filters, pairs: tuple[ZonePolicy, ...]) -> str | None:
    """The filter that the device's own ICMP errors meet: the policy from itself to the zone that they leave into."""
    rules: list[Rule] = []
    for pair in pairs:
        members = [block.name for block in blocks if (block.get("zone") or "default") == pair.destination]
        if pair.source == SELF and pair.filter in filters.made and members:
            rule = jump(pair.filter, pair.evidence)
            rules.append(Rule(action=rule.action, evidence=pair.evidence, egress=InterfaceTest(names=tuple(members))))
    if not rules:
        return None
    return filters.chooser(4, INSPECTION).add(FROM_SELF, rules, rules[0].evidence)


def unread(config: Config) -> Iterator[NotUnderstood]:
    """Lines of zone-pairs that were not understood: they count where the pair's policy is met."""
    for row in config.rows.rows("zone_pairs"):
        for left in config.left_in(row):
            place = f"policy-map {row['policy']}" if "policy" in row else ""
            yield NotUnderstood(evidence=left.evidence, place=place)
