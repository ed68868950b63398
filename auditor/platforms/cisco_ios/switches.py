"""What LAN switches do otherwise than routers with packets that are too big.

- "Because the switch does not fragment packets, it drops ... routed packets larger than the routing MTU value" (Cisco
  ME 3400 Software Configuration Guide, OL-9639, "Configuring the System MTU"). For other families no text was found.
- "On ingress ports configured with Layer 2 MTU, if packets exceed the configured MTU size, then the packets are
  dropped" (Catalyst 9500 and 9600 Interface Configuration Guides, "Restrictions for System MTU", of some models).

Which model it is a config does not tell, so what is too big is in doubt on any of them.
"""

from collections.abc import Iterator
from typing import Literal

from auditor.model.addresses import Family, IntervalSet
from auditor.model.device import Binding
from auditor.model.filters import Action, Field, FieldTest, InterfaceTest, Rule, Verb
from auditor.platforms.cisco_ios.blocks import Block, Blocks
from auditor.platforms.cisco_ios.matching import Filters
from auditor.platforms.cisco_ios.mtu import FAMILIES, Mtu, link_mtu, mtus
from auditor.platforms.cisco_ios.names import kind_of

_LARGEST = 0xFFFF
_DF = 0x4000
_MAY_BE_CUT = FieldTest(field=Field.FRAGMENT_WORD, values=IntervalSet.single(0), mask=_DF)
_FROM_ELSEWHERE = InterfaceTest(names=("",), negated=True)  # its own packets it cuts itself


def too_big(blocks: Blocks, block: Block, filters: Filters) -> Iterator[Binding]:
    """On a switch, the doubt about packets above an interface's MTU: none on a router."""
    if not blocks.config.switch or kind_of(block.name) != "ethernet":
        return
    words = f"may drop these packets: they are too big for {block.name}, and not every switch fragments"
    yield from _doubt(filters, block, 4, "out", mtus(blocks, block).get(4), words)
    for family in FAMILIES:
        words = f"may drop these packets: they are bigger than {block.name} is set to, and some switches refuse that"
        yield from _doubt(filters, block, family, "in", link_mtu(blocks, block), words)


def _doubt(
    filters: Filters, block: Block, family: Family, direction: Literal["in", "out"], fact: Mtu | None, words: str
) -> Iterator[Binding]:
    known = [value for value in fact.options if value is not None] if fact is not None else []
    if fact is None or not known:
        return
    evidence = fact.evidence[0] if fact.evidence else block.evidence
    long = FieldTest(field=Field.LENGTH, values=IntervalSet.of((min(known) + 1, _LARGEST)))
    rule = Rule(
        action=Action(verb=Verb.DOUBT, words=words, transforms=False),
        evidence=evidence,
        family=family,
        tests=(long, _MAY_BE_CUT) if direction == "out" else (long,),
        ingress=_FROM_ELSEWHERE if direction == "out" else None,
    )
    name = f"size limit of {block.name} {direction}" + (" (IPv6)" if family == 6 else "")
    key = filters.chooser(family).add(name, (rule,), evidence)
    yield Binding(filter=key, family=family, direction=direction, evidence=evidence, purpose="policy")
