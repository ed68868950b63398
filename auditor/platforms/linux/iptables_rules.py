"""One rule of iptables as rules of the model: its matches, then its target."""

from auditor.model.evidence import Evidence
from auditor.model.filters import CONTINUE, Action, Rule
from auditor.platforms.linux.conditions import Conditions
from auditor.platforms.linux.context import Place
from auditor.platforms.linux.iptables_matches import OPTIONS
from auditor.platforms.linux.iptables_targets import actions_of
from auditor.platforms.linux.iptables_whole import finish, unknown_option
from auditor.platforms.linux.iptables_words import Reading, Words, split_words
from auditor.platforms.linux.nft_words import NotReadError


def read(text: str, evidence: Evidence, place: Place) -> list[Rule]:
    """The rules of the model for the words behind ``-A CHAIN``."""
    conditions, actions = understood(text, place)
    rules: list[Rule] = []
    for action in actions:
        rules += conditions.rules(action, evidence)
    return rules


def understood(text: str, place: Place) -> tuple[Conditions, list[Action]]:
    """What a rule asks for, and what it does."""
    reading = Reading(Words(split_words(text)), place, Conditions(family=place.family))
    while reading.words:
        start = reading.words.at
        try:
            _option(reading)
        except (NotReadError, ValueError) as error:
            words = " ".join(reading.words.words[start : start + 3])
            reason = str(error) if isinstance(error, NotReadError) and str(error) else words
            reading.conditions.doubt(f"not understood: {reason}")
            reading.words.at = max(reading.words.at, start + 1)
    _finish(reading)
    if not reading.target:
        return reading.conditions, [CONTINUE]
    return reading.conditions, actions_of(reading)


def _option(reading: Reading) -> None:
    """One option with its values, perhaps negated."""
    word = reading.words.next()
    negated = word == "!"
    if negated:
        word = reading.words.next()
    if reading.target:
        reading.options[word] = reading.words.values()
        return
    if word in ("-j", "--jump", "-g", "--goto"):
        reading.target, reading.goes = reading.words.next(), word in ("-g", "--goto")
        return
    read_option = OPTIONS.get(word)
    if read_option is None:
        unknown_option(reading, word)
        return
    if reading.words.older_negation():
        negated = True
    read_option(reading, negated)


def _finish(reading: Reading) -> None:
    try:
        finish(reading)
    except (NotReadError, ValueError) as error:
        reading.conditions.doubt(f"not understood: {error}")
