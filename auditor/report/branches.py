"""Branches of a simulation that do not differ in what a person needs, told once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from auditor.model.addresses import IntervalSet
from auditor.model.evidence import Evidence
from auditor.model.packets import Packet
from auditor.model.trace import Ending, Loss, Region, Step, Tag

Tags = frozenset[Tag]


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """Endings with the same story. ``regions`` are the parts of the addresses and ``conditions`` the values of facts
    under which it happens; no tags stand for "always". ``either_df``: with DF and without, all the same.
    """

    ending: Ending
    regions: tuple[Region, ...]
    conditions: tuple[tuple[Tag, ...], ...]
    either_df: bool = False


def branches(endings: Sequence[Ending]) -> list[Branch]:
    """The endings by their story and their conditions, in the order in which they first occur."""
    stories: dict[object, list[Ending]] = {}
    for ending in endings:
        stories.setdefault(_story(ending), []).append(ending)
    return [branch for alike in stories.values() for branch in _of_story(alike)]


def _of_story(alike: Sequence[Ending]) -> list[Branch]:
    """One branch for all parts of the addresses that see this story under the same conditions."""
    tags: dict[Region, dict[Tags, tuple[Tag, ...]]] = {}
    for ending in alike:
        tags.setdefault(ending.region, {})[frozenset(ending.tags)] = ending.tags
    regions: dict[frozenset[Tags], tuple[list[Region], tuple[tuple[Tag, ...], ...]]] = {}
    for region, found in tags.items():
        kept = _without_idle(found)
        regions.setdefault(frozenset(kept), ([], tuple(kept.values())))[0].append(region)
    return [_branch(alike, parts, conditions) for parts, conditions in regions.values()]


def _branch(alike: Sequence[Ending], parts: Sequence[Region], conditions: tuple[tuple[Tag, ...], ...]) -> Branch:
    mine = [ending for ending in alike if ending.region in parts]
    flags = {tuple(packet.df for packet in ending.departed) for ending in mine}
    return Branch(ending=_joined(mine), regions=_together(parts), conditions=conditions, either_df=len(flags) > 1)


def _joined(mine: Sequence[Ending]) -> Ending:
    """Endings of one story as one, each step with all entries that decided any of them."""
    steps = tuple(
        replace(
            together[0],
            evidence=tuple(dict.fromkeys(line for step in together for line in step.evidence)),
            more=max(step.more for step in together),
        )
        for together in zip(*(ending.steps for ending in mine), strict=True)
    )
    return replace(mine[0], steps=steps)


def _story(ending: Ending) -> object:
    """What a person needs of a branch, without its addresses and its conditions. DF matters where something is lost."""
    fine = ending.complete and ending.tries == 1 and not (ending.losses or ending.doubts)
    return (
        tuple(_step(step, fine) for step in ending.steps),
        frozenset(_loss(loss) for loss in ending.losses),
        ending.doubts,
        _plain(ending.departed, fine),
        _plain(ending.arrived, fine),
        ending.complete,
        ending.tries,
        tuple(_step(step, fine) for step in ending.feedback),
        frozenset(_loss(loss) for loss in ending.first_losses),
        frozenset(_loss(loss) for loss in ending.blocked_errors),
    )


def _step(step: Step, fine: bool) -> object:
    """A step by what it did; which of several entries let packets pass does not tell branches apart."""
    what: tuple[Evidence, ...] = () if step.did == "passed" else step.evidence
    packets = (_plain(step.before, fine), _plain(step.after, fine))
    return step.hop, step.device, step.stage, step.did, packets, what, step.header


def _loss(loss: Loss) -> object:
    return loss.device, loss.hop, loss.stage, loss.reason, _plain((loss.packet,)), loss.evidence, loss.certain, loss.why


def _plain(packets: Iterable[Packet], fine: bool = False) -> tuple[Packet, ...]:
    """Packets without what a hop wrote on them for itself; where all is fine without DF."""
    return tuple(replace(p, mark=0, tracked=True, pieces=(), df=p.df and not fine) for p in packets)


def sized(endings: Sequence[Ending]) -> tuple[list[Ending], list[Tag]]:
    """The endings without those of other sizes of the message that fare as the first size does, and these sizes."""
    left, same = list(endings), []
    for choice in dict.fromkeys(tag.choice for ending in endings for tag in ending.tags if tag.choice.kind == "size"):
        first = Tag(choice=choice, option=choice.options[0] if choice.options else "")
        for option in choice.options[1:]:
            other = Tag(choice=choice, option=option)
            if _fates(left, other) == _fates(left, first):
                left = [ending for ending in left if other not in ending.tags]
                same.append(other)
        if len(same) == len(choice.options) - 1:
            left = [replace(ending, tags=tuple(tag for tag in ending.tags if tag != first)) for ending in left]
    return left, same


def _fates(endings: Iterable[Ending], size: Tag) -> dict[object, object]:
    """What becomes of the message at one size, by addresses and other conditions."""
    return {
        (ending.region, frozenset(ending.tags) - {size}): (
            ending.complete,
            ending.tries,
            ending.doubts,
            frozenset((loss.device, loss.hop, loss.stage, loss.cause, loss.evidence) for loss in ending.losses),
        )
        for ending in endings
        if size in ending.tags
    }


def _without_idle(found: dict[Tags, tuple[Tag, ...]]) -> dict[Tags, tuple[Tag, ...]]:
    """The combinations of values without those tags whose every value is there beside the same others."""
    found = dict(found)
    again = True
    while again:
        again = False
        for tags, ordered in list(found.items()):
            for tag in ordered:
                rest = tags - {tag}
                alike = [rest | {replace(tag, option=option)} for option in dict.fromkeys(tag.choice.options)]
                if tags in found and len(alike) > 1 and all(one in found for one in alike):
                    for one in alike:
                        del found[one]
                    found[rest] = tuple(one for one in ordered if one != tag)
                    again = True
    return found


def _together(regions: Sequence[Region]) -> tuple[Region, ...]:
    """Regions that differ in their clients alone as one."""
    found: dict[tuple[IntervalSet, ...], list[IntervalSet]] = {}
    for region in regions:
        found.setdefault((region.client_ports, region.servers, region.server_ports), []).append(region.clients)
    return tuple(
        Region(clients=IntervalSet.union(clients), client_ports=ports, servers=servers, server_ports=server_ports)
        for (ports, servers, server_ports), clients in found.items()
    )
