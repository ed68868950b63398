"""Remedies in words, for the reports that people read."""

from collections.abc import Iterator, Sequence

from auditor.model.remedies import Remedy, RemedyStep
from auditor.report.lines import capped, labelled
from auditor.report.shown import shown

MOST_REMEDIES = 4
MOST_STEPS = 6
MOST_COMMANDS = 12


def remedy_lines(remedies: Sequence[Remedy]) -> Iterator[str]:
    """Each remedy: what the flow's verdict is with it, its steps with their commands, what else they do."""
    first, rest = capped(remedies, MOST_REMEDIES)
    for remedy in first:
        steps, more = capped(remedy.steps, MOST_STEPS)
        head = outcome(remedy)
        for step in steps:
            yield from labelled("cure", f"{head}{step_words(step)}")
            head = "and "
            yield from (f"             {shown(command)}" for command in step.commands[:MOST_COMMANDS])
            if len(step.commands) > MOST_COMMANDS:
                yield f"             and {len(step.commands) - MOST_COMMANDS} more commands (--format json has all)"
        if more:
            yield from labelled("", more)
        for label, text in after_words(remedy):
            yield from labelled("", f"{label}: {shown(text)}")
    if rest:
        yield from labelled("", rest)


def outcome(remedy: Remedy) -> str:
    """The verdict with it, before its first step."""
    return f"{remedy.verdict_after} then{'' if remedy.proved else ' (not proved)'}: "


def step_words(step: RemedyStep) -> str:
    """One step; a device is named before it."""
    where = f"on {step.target}, " if step.kind == "device" else ""
    return shown(f"{where}{step.summary}")


def after_words(remedy: Remedy) -> Iterator[tuple[str, str]]:
    """What else a remedy does, each with its label."""
    if remedy.widens:
        yield "lets through", remedy.widens
    for text in dict.fromkeys(effect for step in remedy.steps for effect in step.side_effects):
        yield "mind", text
    if remedy.others:
        yield "other flows", ", ".join(f"{name} {verdict}" for name, verdict in remedy.others)
