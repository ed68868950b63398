"""Verdicts from endings: undecided facts are decided by trying, the worst part counts (contract 4.1, 4.2, 4.4)."""

from collections.abc import Callable, Sequence

from auditor.model.evidence import Basis
from auditor.model.findings import Dependence, Verdict, best, worst
from auditor.model.trace import Choice, Ending

MOST_CHOICES = 10  # facts that are folded one within the other; more of them are undecided together

Judge = Callable[[Ending], Verdict]


def fate(ending: Ending) -> Verdict:
    """The verdict of one branch of a large message."""
    if any(loss.certain for loss in ending.losses):
        return Verdict.BREAKS
    if ending.doubts or not ending.complete:
        return Verdict.UNKNOWN
    return Verdict.PASSES if ending.tries == 1 else Verdict.AT_RISK


def probe_fate(ending: Ending) -> Verdict:
    """The verdict of one branch of a small datagram."""
    verdict = fate(ending)
    return Verdict.BLOCKED if verdict is Verdict.BREAKS else verdict


def fold(endings: Sequence[Ending], judge: Judge) -> Verdict:
    """The verdict of all branches together.

    Facts that could not be had stand outermost, then defaults and assumptions, then populations: so a message that
    fails for some member of a population whatever a fact may be, fails for certain. Twice the size stands around all.
    """
    return _fold_by(endings, ordered(endings), judge)


def _fold_by(endings: Sequence[Ending], choices: Sequence[Choice], judge: Judge) -> Verdict:
    facts = [choice for choice in choices if choice.kind == "fact"]
    if len(facts) <= MOST_CHOICES:
        return _fold(endings, choices, judge)
    rest = [choice for choice in choices if choice.kind == "size"]
    return _combine_many([_fold([one], rest, judge) for one in endings])


def dependences(endings: Sequence[Ending], judge: Judge) -> tuple[Dependence, ...]:
    """The facts on which the verdict depends, each with the verdict for each of its values."""
    found = []
    choices = ordered(endings)
    for choice in choices:
        others = [one for one in choices if one is not choice]
        verdicts = {
            option: _fold_by([one for one in endings if option_of(one, choice) in (None, option)], others, judge)
            for option in choice.options
        }
        if len(set(verdicts.values())) > 1:
            found.append(
                Dependence(
                    fact=choice.fact,
                    device=choice.device,
                    basis=choice.basis,
                    verdicts=verdicts,
                    evidence=choice.evidence,
                )
            )
    return tuple(found)


def ordered(endings: Sequence[Ending]) -> list[Choice]:
    """The choices that tell the endings apart, in the order in which they are folded, the outermost first."""
    seen: dict[tuple[str, str, str], Choice] = {}
    for ending in endings:
        for tag in ending.tags:
            choice = tag.choice
            seen.setdefault((choice.device, choice.fact, choice.kind), choice)
    return sorted(seen.values(), key=_rank)


def _rank(choice: Choice) -> int:
    if choice.kind == "size":
        return 0
    if choice.kind == "population":
        return 3
    return 1 if choice.basis is Basis.UNKNOWN else 2


def option_of(ending: Ending, choice: Choice) -> str | None:
    """The value of a choice under which an ending stands, None where it does not matter to it."""
    key = (choice.device, choice.fact, choice.kind)
    return next((t.option for t in ending.tags if (t.choice.device, t.choice.fact, t.choice.kind) == key), None)


def _fold(endings: Sequence[Ending], choices: Sequence[Choice], judge: Judge) -> Verdict:
    for place, choice in enumerate(choices):
        options = [option_of(one, choice) for one in endings]
        if all(option is None for option in options):
            continue
        values = dict.fromkeys([*choice.options, *(option for option in options if option is not None)])
        shares = [[e for e, o in zip(endings, options, strict=True) if o in (None, value)] for value in values]
        return combine(choice, [_fold(share, choices[place + 1 :], judge) for share in shares if share])
    return worst([judge(one) for one in endings])


def combine(choice: Choice, verdicts: Sequence[Verdict]) -> Verdict:
    """The verdict where a fact has several values; the first is the likeliest."""
    found = list(verdicts)
    if choice.kind == "population":
        return worst(found)
    if choice.kind == "size":
        grown = found[0] is Verdict.PASSES and worst(found) is not Verdict.PASSES
        return Verdict.AT_RISK if grown else found[0]
    if len(set(found)) == 1:
        return found[0]
    doubt = Verdict.UNKNOWN if choice.basis is Basis.UNKNOWN or Verdict.UNKNOWN in found else Verdict.AT_RISK
    return worst([best(found), doubt])


def _combine_many(verdicts: list[Verdict]) -> Verdict:
    return verdicts[0] if len(set(verdicts)) == 1 else worst([best(verdicts), Verdict.UNKNOWN])
