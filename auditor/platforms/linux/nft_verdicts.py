"""The verdicts of nft rules and maps, and the actions that both tools share."""

from auditor.model.filters import CONTINUE, DROP, PERMIT, RETURN, Action, Verb
from auditor.platforms.linux.context import Place
from auditor.platforms.linux.nft_words import NotReadError

VERDICTS: dict[str, Action] = {"accept": PERMIT, "drop": DROP, "continue": CONTINUE, "return": RETURN}
STEPS = {"jump": Verb.JUMP, "goto": Verb.GOTO}
UNKNOWN_MARK = Action(verb=Verb.MARK, mark=None)
NOTRACK = Action(verb=Verb.NOTRACK)
TO_PROGRAM = Action(verb=Verb.DOUBT, words="it hands these packets to a program, which decides about them")
TO_SOCKET = Action(verb=Verb.DOUBT, words="it hands these packets to a local program")
ELSEWHERE = Action(verb=Verb.DOUBT, words="it sends these packets out by another interface")
REWRITES = Action(verb=Verb.DOUBT, words="it rewrites the header of these packets")
UNKNOWN_TARGET = Action(verb=Verb.DOUBT, words="it does something with these packets that is not understood")


def verdict(words: list[str], at: int, place: Place) -> tuple[Action, int] | None:
    """The verdict that begins at a word, and the place behind it."""
    word = words[at]
    if word in VERDICTS:
        return VERDICTS[word], at + 1
    if word in STEPS:
        name = words[at + 1].strip('"')
        target = place.chain(name)
        if target is None:
            return Action(
                verb=Verb.DOUBT, words=f"it goes on in the chain {name}, which the listing does not hold"
            ), at + 2
        return Action(verb=STEPS[word], target=target), at + 2
    return None


def verdict_text(text: str, place: Place) -> Action:
    """A verdict as a map holds it."""
    words = text.split()
    found = verdict(words, 0, place) if words else None
    if found is None:
        raise NotReadError(f"the verdict {text}")
    return found[0]
