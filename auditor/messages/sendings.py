"""The ways in which an end may send a message: each value of what is undecided or plural, with its tag."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import product
from typing import TypeVar, cast

from auditor.messages.ends import EndFacts, rfc7383
from auditor.messages.exchange import doubled, messages
from auditor.messages.skf import split, splittable
from auditor.model.addresses import Family
from auditor.model.evidence import Basis, Fact
from auditor.model.flows import DontFragment, Flow
from auditor.model.packets import Message
from auditor.model.trace import Choice, Sending, Tag

T = TypeVar("T")
Ends = Sequence[EndFacts]
Exchange = tuple[Message, tuple[Sending, ...]]


def exchanges(flow: Flow, senders: Ends, receivers: Ends, family: Family) -> tuple[Exchange, ...]:
    """Each message of a flow with all ways in which it may be sent, the probes first.

    ``senders`` and ``receivers`` are the populations of the two ends. A message that only some members of a population
    send stands with what these send.
    """
    found: dict[tuple[str, str], tuple[Message, list[Sending]]] = {}
    for sender, receiver in product(senders, receivers):
        population = (*_member(sender, senders), *_member(receiver, receivers))
        for message in messages(flow, sender, receiver):
            key = (message.name, message.direction)
            _, sendings = found.setdefault(key, (message, []))
            if message.probe and sendings:
                continue
            sendings += _ways(flow, message, sender, receiver, family, () if message.probe else population)
    return tuple((message, tuple(dict.fromkeys(sendings))) for message, sendings in found.values())


def _member(end: EndFacts, ends: Ends) -> tuple[Tag, ...]:
    """The tag that tells a member of a population from the others."""
    if len(ends) == 1:
        return ()
    choice = Choice(
        fact=f"which of {end.endpoint}",
        device=end.endpoint,
        basis=Basis.DECLARED,
        kind="population",
        options=tuple(one.label for one in ends),
    )
    return (Tag(choice=choice, option=end.label),)


def _ways(
    flow: Flow, message: Message, sender: EndFacts, receiver: EndFacts, family: Family, tags: tuple[Tag, ...]
) -> Iterable[Sending]:
    here, there = (sender, receiver) if message.direction == "forward" else (receiver, sender)
    if message.probe:
        yield Sending(payloads=message.payloads, df="false", mtu=here.mtu.value)
        return
    for sized, size_tags in _sizes(message):
        for whole, cut_tags in _splits(flow, sized, here, there, family):
            for df, df_tags in _flags(message, here):
                yield Sending(
                    payloads=whole.payloads, df=df, mtu=here.mtu.value, tags=(*size_tags, *cut_tags, *df_tags, *tags)
                )


def _sizes(message: Message) -> Iterable[tuple[Message, tuple[Tag, ...]]]:
    """The message, and it at twice the size where no setting bounds it (contract 4.2)."""
    twice = doubled(message)
    if twice is None:
        yield message, ()
        return
    choice = Choice(
        fact=f"the size of {message.name}",
        device="",
        basis=Basis.ASSUMED,
        kind="size",
        options=("default", "twice the default"),
    )
    yield message, (Tag(choice=choice, option="default"),)
    yield twice, (Tag(choice=choice, option="twice the default"),)


def _splits(
    flow: Flow, message: Message, here: EndFacts, there: EndFacts, family: Family
) -> Iterable[tuple[Message, tuple[Tag, ...]]]:
    """The message whole, or as RFC 7383 fragments, as both ends have it. An undecided size is tried in its values."""
    if flow.kind != "ikev2" or not splittable(message):
        yield message, ()
        return
    used = rfc7383(here, there)
    one, other = sorted((here.endpoint, there.endpoint))
    words = f"whether it and {other} use IKE fragmentation (RFC 7383)"
    for value, tags in _options(used, words, one, {True: "yes", False: "no"}):
        if not value:
            yield message, tags
            continue
        for size, more in _options(here.ike_fragment_size, "the size of its IKE fragments", here.endpoint, {}):
            yield split(message, family=family, size=size), (*tags, *more)


def _flags(message: Message, here: EndFacts) -> Iterable[tuple[DontFragment, tuple[Tag, ...]]]:
    if message.df is not None:
        yield message.df, ()
        return
    for value, tags in _options(here.df, "whether it sets Don't Fragment", here.endpoint, {}):
        yield cast(DontFragment, value), tags


def _options(fact: Fact[T], words: str, device: str, names: Mapping[T, str]) -> Iterable[tuple[T, tuple[Tag, ...]]]:
    """Each value that a fact may have, with its tag where there are several."""
    texts = [names.get(value, str(value)) for value in fact.options]
    choice = Choice(
        fact=words,
        device=device,
        basis=fact.basis,
        evidence=fact.evidence,
        source=fact.source,
        options=tuple(texts),
    )
    for value, text in zip(fact.options, texts, strict=True):
        yield value, (Tag(choice=choice, option=text),) if len(texts) > 1 else ()
