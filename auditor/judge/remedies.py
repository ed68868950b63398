"""The search for remedies: the smallest sets of steps that make a flow better, each held against a new simulation.

Nothing is simulated here: whoever calls hands over ``attempt``, which simulates with a change and gives the verdicts.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from auditor.model.findings import Drop, FlowVerdict, Verdict
from auditor.model.flows import Endpoint
from auditor.model.paths import Path
from auditor.model.remedies import Remedy, RemedyStep


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What is to be different: endpoints by name, commands by device and file."""

    endpoints: Mapping[str, Endpoint] = field(default_factory=lambda: MappingProxyType({}))
    commands: Mapping[tuple[str, str], tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))

    def __or__(self, other: "Change") -> "Change":
        """Both; of one endpoint what ``other`` says counts, its commands are entered behind those that are there."""
        commands = dict(self.commands)
        for place, lines in other.commands.items():
            commands[place] = (*commands.get(place, ()), *lines)
        return Change(endpoints={**self.endpoints, **other.endpoints}, commands=commands)


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One step with the change that it makes."""

    step: RemedyStep
    change: Change
    widens: str = ""


Verdicts = Mapping[str, FlowVerdict]  # by the flow's name
Attempt = Callable[[Change, str | None], Verdicts | None]
"""Simulates with a change: one flow, or with None all that it touches. None where the change can't be made."""


def remedies(
    flow: FlowVerdict, before: Mapping[str, Verdict], groups: Iterable[Sequence[Candidate]], attempt: Attempt
) -> tuple[Remedy, ...]:
    """The remedies of a flow: of each group of candidates what is needed of it, in the order of the groups; then, where
    none of them is enough, all together.
    """
    listed = [group for group in groups if group]
    found = [one for group in listed if (one := _smallest(flow, before, group, attempt)) is not None]
    enough = {Verdict.PASSES.value, Verdict.AT_RISK.value}
    if len(listed) > 1 and not any(one.verdict_after in enough for one in found):
        together = _smallest(flow, before, [one for group in listed for one in group], attempt)
        if together is not None and all(len(together.steps) > len(one.steps) for one in found):
            found.append(together)
    return tuple(found)


def _smallest(
    flow: FlowVerdict, before: Mapping[str, Verdict], candidates: Sequence[Candidate], attempt: Attempt
) -> Remedy | None:
    """The candidates together, without those that change nothing; None where they don't help, or make a flow worse."""
    best = _tried(flow, candidates, attempt)
    if best is None:
        return None
    kept = list(candidates)
    for one in candidates if len(candidates) > 1 else ():
        without = [other for other in kept if other is not one]
        less = _tried(flow, without, attempt) if without else None
        if less is not None and less.verdict_after == best.verdict_after and _removed(less) >= _removed(best):
            kept, best = without, less
    return _with_others(best, flow, before, attempt(_change(kept), None))


def _change(candidates: Iterable[Candidate]) -> Change:
    change = Change()
    for one in candidates:
        change |= one.change
    return change


def _removed(remedy: Remedy) -> set[str]:
    return {drop for step in remedy.steps for drop in step.removes}


def _tried(flow: FlowVerdict, candidates: Sequence[Candidate], attempt: Attempt) -> Remedy | None:
    """What the candidates make of the flow; None where it is no better, and no drop is gone."""
    found = attempt(_change(candidates), flow.name)
    if found is None:
        return None
    after = found[flow.name]
    left = {place for place, _ in certain_drops(after)}
    gone = [drop for place, drop in certain_drops(flow) if place not in left]
    if after.verdict.rank > flow.verdict.rank or (after.verdict is flow.verdict and not gone):
        return None
    return Remedy(
        steps=tuple(_with_removes(one.step, gone) for one in candidates),
        verdict_after=str(after.verdict),
        widens="; ".join(dict.fromkeys(one.widens for one in candidates if one.widens)),
    )


def _with_others(
    remedy: Remedy, flow: FlowVerdict, before: Mapping[str, Verdict], after: Verdicts | None
) -> Remedy | None:
    """The remedy with the other flows that change with it; None where one of them becomes worse."""
    if after is None or any(one.verdict.rank > before[name].rank for name, one in after.items()):
        return None
    changed = [(n, str(one.verdict)) for n, one in after.items() if n != flow.name and one.verdict is not before[n]]
    return replace(remedy, others=tuple(changed))


def _with_removes(step: RemedyStep, gone: Sequence[Drop]) -> RemedyStep:
    """The step with the drops that go with it: those of its device; of an end all."""
    ids = [drop.id for drop in gone if step.kind == "endpoint" or drop.loss.device == step.target]
    return replace(step, removes=tuple(ids))


Place = tuple[object, ...]


def certain_drops(flow: FlowVerdict) -> Iterator[tuple[Place, Drop]]:
    """The drops of large messages that are certain, each with what it is known by before and after a change, wherever
    its line stands: direction, device, stage, cause, the words of the lines, and whether a later fragment died.
    """
    for path in flow.paths:
        for message in path.messages:
            if not message.message.probe:
                yield from ((_place(path.path, drop), drop) for drop in message.drops if drop.loss.certain)


def _place(path: Path, drop: Drop) -> Place:
    loss = drop.loss
    texts = tuple(one.text for one in loss.evidence)
    return path.direction, path.family, loss.device, loss.stage, loss.cause, texts, loss.packet.offset > 0
