"""What NAT on a hop makes of the addresses of packets: enough of it to know where they go next. The simulator does the
rest.
"""

from collections.abc import Iterator
from dataclasses import replace

from auditor.model.addresses import ADDRESSES, Family, IntervalSet
from auditor.model.device import Stage
from auditor.model.evidence import Evidence
from auditor.model.filters import Rule, Translate
from auditor.model.paths import Doubt
from auditor.topology.natrules import Cell, EndName, Found, Here, Phase, Run
from auditor.topology.train import Errand, Rewrite, Side, Train


def rewritten(here: Here, errand: Errand, train: Train, phase: Phase) -> list[Train]:
    """The train after the NAT of a hop before or after the choice of the way out, in parts that fare differently. An
    answer's destination is written back before, its source after.
    """
    if not errand.known:
        return [train]
    end: EndName = "destination" if phase == "before" else "source"
    own = [rewrite for rewrite in errand.undo if rewrite.device == here.device.name and rewrite.end != end]
    if own:
        return [part for part in _undone(train, own, end) if part.source and part.destination]
    if here.device.name in errand.crossed and here.tracks(train.family):
        return [train]
    parts = [train]
    for stage, written in here.translating(train.family, phase):
        parts = [after for part in parts for after in _by_stage(here, errand, part, stage, written)]
    return parts


def _undone(train: Train, rewrites: list[Rewrite], end: EndName) -> Iterator[Train]:
    """An answer's packets with the address that their session's first one came with; the rest as they are."""
    side = train.destination if end == "destination" else train.source
    for rewrite in reversed(rewrites):
        inside = side.holding(rewrite.after.values)
        if inside:
            before = rewrite.before.within(inside.region)
            yield replace(train, destination=before) if end == "destination" else replace(train, source=before)
            side = side.holding(side.values - rewrite.after.values)
    if side:
        yield replace(train, destination=side) if end == "destination" else replace(train, source=side)


def _by_stage(here: Here, errand: Errand, train: Train, stage: Stage, end: EndName) -> Iterator[Train]:
    """The first translation of any of the stage's filters counts."""
    found: list[Found] = []
    left = [Cell(train.source.values, train.destination.values, errand.source_ports, errand.destination_ports)]
    for name in stage.filters:
        filter_ = here.device.filters.get(name)
        if filter_ is None or filter_.missing:
            reason = f"the config does not hold {name}"
            found += [Found(cell, None, unsure=reason) for cell in left]
            continue
        met = Run(here, train.family, end).through(filter_, left)
        found += [item for item in met if item.translate is not None or item.unsure]
        left = [item.cell for item in met if item.translate is None and not item.unsure]
    found += [Found(cell, None) for cell in left]
    yield from _applied(here, train, found, end)


def _applied(here: Here, train: Train, found: list[Found], end: EndName) -> Iterator[Train]:
    """A train for each part of the addresses and each new address. Paths are not told apart by ports: where the ports
    of one conversation lead to different addresses, that is a doubt.
    """
    shares: dict[object, list[Found]] = {}
    for item in found:
        if item.translate is not None or not item.unsure:
            shares.setdefault(_whither(item.translate), []).append(item)
    for whither, items in shares.items():
        translate = items[0].translate
        others = [o for o in found if _whither(o.translate) != whither or (o.unsure and not o.spared)]
        for sources, destinations in _projected(items):
            part = train.cell(sources, destinations)
            if part.source and part.destination:
                against = [o for o in others if o.cell.sources.overlaps(sources)]
                against = [o for o in against if o.cell.destinations.overlaps(destinations)]
                after = _translated(here, part, translate, items[0].rule, end)
                yield after.doubted(*_doubts(here, against))


def _whither(translate: Translate | None) -> object:
    """What decides the new address."""
    return None if translate is None else (translate.addresses, translate.shift, translate.interface)


def _doubts(here: Here, against: list[Found]) -> list[Doubt]:
    """What may make of the same packets something else: entries that may match or not, entries for other ports."""
    found = []
    for item in against[:1]:
        reason = "it translates the ports of this flow differently"
        if item.unsure:
            reason = f"whether it translates these packets is not known: {item.unsure}"
        found.append(_doubt(here, reason, (item.rule.evidence,) if item.rule else ()))
    return found


def _projected(items: list[Found]) -> list[tuple[IntervalSet, IntervalSet]]:
    """The cells without their ports, as disjoint products; those that share one side become one."""
    merged: dict[IntervalSet, list[IntervalSet]] = {}
    for item in items:
        merged.setdefault(item.cell.destinations, []).append(item.cell.sources)
    products = [(IntervalSet.union(sources), destinations) for destinations, sources in merged.items()]
    disjoint: list[tuple[IntervalSet, IntervalSet]] = []
    for product in products:
        left = [product]
        for sources, destinations in disjoint:
            left = [rest for one in left for rest in _less(one, sources, destinations)]
        disjoint += left
    return disjoint


def _less(
    one: tuple[IntervalSet, IntervalSet], sources: IntervalSet, destinations: IntervalSet
) -> list[tuple[IntervalSet, IntervalSet]]:
    if not (one[0].overlaps(sources) and one[1].overlaps(destinations)):
        return [one]
    rest = [(one[0] - sources, one[1]), (one[0] & sources, one[1] - destinations)]
    return [(a, b) for a, b in rest if a and b]


def _doubt(here: Here, reason: str, evidence: tuple[Evidence, ...]) -> Doubt:
    return Doubt(device=here.device.name, reason=reason, evidence=evidence, transforms=True)


def _translated(here: Here, train: Train, translate: Translate | None, rule: Rule | None, end: EndName) -> Train:
    if translate is None:
        return train
    before = train.source if end == "source" else train.destination
    after = _new(here, before, translate, train.family)
    if after == before:
        return train
    lines = (rule.evidence,) if rule else ()
    rewrite = Rewrite(device=here.device.name, end=end, before=before, after=after, evidence=lines)
    train = replace(train, rewrites=(*train.rewrites, rewrite))
    if end == "source":
        return replace(train, source=after)
    train = replace(train, destination=after)
    reason = "the address that it translates to is not known"
    return train if after.known(train.family) else train.doubted(_doubt(here, reason, lines))


def _new(here: Here, before: Side, translate: Translate, family: Family) -> Side:
    """The end after its translation: all addresses where the new one can't be known."""
    if translate.shift is not None:
        return before.moved(translate.shift)
    if translate.interface is None:
        return before if translate.addresses is None else before.became(translate.addresses)
    interface = here.egress if translate.interface == "egress" else here.ingress
    own = [a.address for a in interface.addresses if a.family == family] if interface else []
    return before.became(IntervalSet.single(own[0]) if own else ADDRESSES[family])
