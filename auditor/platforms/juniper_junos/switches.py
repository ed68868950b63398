"""Switches (EX, QFX): whether they cut a packet that is too big is in no text of Juniper that could be read.

A config does not name its model. One with switched units, or with the storm control that switches come with, may be a
switch, so there every packet that would have to be cut is in doubt.
"""

from collections.abc import Iterator

from auditor.model.addresses import IntervalSet
from auditor.model.device import Interface
from auditor.model.evidence import Basis, Fact
from auditor.model.filters import PERMIT, Action, Field, FieldTest, Filter, Headerless, InterfaceTest, Rule, Verb
from auditor.platforms.juniper_junos.config import Config

NAME = "what a switch may not cut"
_LARGEST = 0xFFFF
_MAY_BE_CUT = FieldTest(field=Field.FRAGMENT_WORD, values=IntervalSet.single(0), mask=0x4000)


def may_be_switch(config: Config) -> bool:
    """Whether units switch, or storm control is there."""
    switching = any("family ethernet-switching" in line.text for line in config.of("interfaces"))
    return switching or any("storm-control-profiles" in line.text for line in config.of("forwarding-options"))


def uncut(config: Config, interfaces: tuple[Interface, ...]) -> Filter | None:
    """The doubt about what is too big for the way out; None for a router."""
    rules = tuple(_rules(interfaces)) if may_be_switch(config) else ()
    if not rules:
        return None
    return Filter(
        name=NAME,
        rules=rules,
        otherwise=PERMIT,
        evidence=rules[0].evidence,
        headerless=Fact(value=Headerless.NEVER_MATCHES, basis=Basis.READ, evidence=(rules[0].evidence,)),
    )


def _rules(interfaces: tuple[Interface, ...]) -> Iterator[Rule]:
    for one in interfaces:
        fact = one.mtu.get(4)
        known = [value for value in fact.options if value is not None] if fact is not None else []
        if known:
            words = f"may drop these packets: they are too big for {one.name}, and not every switch fragments"
            yield Rule(
                action=Action(verb=Verb.DOUBT, words=words, transforms=False),
                evidence=fact.evidence[0] if fact is not None and fact.evidence else one.evidence,
                family=4,
                tests=(FieldTest(field=Field.LENGTH, values=IntervalSet.of((min(known) + 1, _LARGEST))), _MAY_BE_CUT),
                egress=InterfaceTest(names=(one.name,)),
            )
