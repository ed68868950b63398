"""A rule of an nft chain while it is read."""

from copy import copy
from dataclasses import dataclass, field

from auditor.model.filters import Action
from auditor.platforms.linux.conditions import Conditions
from auditor.platforms.linux.context import Place

Decision = tuple[Conditions, Action]


@dataclass(frozen=True, slots=True)
class Segment:
    """A rule up to something that it writes on the packet: what was decided before, for whom it writes, and what."""

    done: list[Decision]
    alternatives: list[Conditions]
    actions: list[Action]


@dataclass(slots=True)
class Reading:
    """A rule while it is read. ``alternatives`` are ways to come to the present word; ``done`` is what was done on the
    way there, for whom: writes, and the verdicts of maps, which leave the rule. ``final`` is the action of those that
    come to the rule's end.

    With ``apart`` what stands behind a write is read by itself: what was asked before may no longer hold.
    """

    words: list[str]
    place: Place
    at: int = 0
    alternatives: list[Conditions] = field(default_factory=list)
    done: list[Decision] = field(default_factory=list)
    final: Action | None = None
    negated: tuple[str, int, list[Conditions]] | None = None  # of the last "!=": its header, its end, what was before
    unread: bool = False  # some of its words are not understood: without a verdict it may do anything
    apart: bool = False
    segments: list[Segment] = field(default_factory=list)

    def doubt(self, words: str) -> None:
        """Something in it is not understood or can't be known: it may match or not."""
        for one in self.alternatives:
            one.doubt(words)

    def write(self, action: Action) -> None:
        """What it writes on the packets that come so far; the rule goes on."""
        if not self.apart:
            self.done += [(fork(one), action) for one in self.alternatives]
            return
        anyone = Conditions(family=self.place.family)
        if self.segments and not self.done and self.alternatives == [anyone]:
            self.segments[-1].actions.append(action)
            return
        self.segments.append(Segment(self.done, self.alternatives, [action]))
        self.done, self.alternatives = [], [anyone]

    def perhaps(self, action: Action, words: str) -> None:
        """What it may do to the packets that come so far, or not; the rule goes on."""
        for one in self.alternatives:
            twin = fork(one)
            twin.doubt(words)
            self.done.append((twin, action))


def fork(conditions: Conditions) -> Conditions:
    """A copy that can be narrowed apart."""
    twin = copy(conditions)
    twin.tests = list(conditions.tests)
    return twin
