"""A rule of an nft chain while it is read."""

from copy import copy
from dataclasses import dataclass, field

from auditor.model.filters import Action
from auditor.platforms.linux.conditions import Conditions
from auditor.platforms.linux.context import Place

Alternative = tuple[Conditions, Action]


@dataclass(slots=True)
class Reading:
    """A rule while it is read. ``alternatives`` are ways to match it that exclude each other; with ``decided`` each has
    its own action (a verdict map, an address map), else ``final`` is the action of all.
    """

    words: list[str]
    place: Place
    at: int = 0
    alternatives: list[Conditions] = field(default_factory=list)
    decided: list[Alternative] | None = None
    before: list[Action] = field(default_factory=list)
    final: Action | None = None
    unread: bool = False  # some of its words are not understood: without a verdict it may do anything

    def doubt(self, words: str) -> None:
        """Something in it is not understood or can't be known: it may match or not."""
        for one in self.alternatives:
            one.doubt(words)


def fork(conditions: Conditions) -> Conditions:
    """A copy that can be narrowed apart."""
    twin = copy(conditions)
    twin.tests = list(conditions.tests)
    return twin
