"""One rule of an nft chain as rules of the model: conditions, then what it does."""

from auditor.model.evidence import Evidence
from auditor.model.filters import CONTINUE, Action, Filter, Rule, Verb
from auditor.platforms.linux import nft_matches, nft_statements, nft_writes
from auditor.platforms.linux.conditions import Conditions
from auditor.platforms.linux.context import Place
from auditor.platforms.linux.filters import chain
from auditor.platforms.linux.nft_fields import selector
from auditor.platforms.linux.nft_reading import Alternative, Reading
from auditor.platforms.linux.nft_verdicts import UNKNOWN_TARGET, VERDICTS, verdict
from auditor.platforms.linux.nft_words import NotReadError, words_of


def read(text: str, evidence: Evidence, place: Place, doubt: str = "") -> list[Rule]:
    """The rules of the model for one rule's text: several where it writes on the packet before it decides, or where a
    map gives each element its own action. ``doubt`` says what the listing hides of it.
    """
    alternatives, before = _read(text, place)
    if doubt:
        for conditions, _ in alternatives:
            conditions.doubt(doubt)
    rules: list[Rule] = []
    for conditions, final in alternatives:
        for action in before:
            rules += conditions.rules(action, evidence)
        if final is not CONTINUE or not before:
            rules += conditions.rules(final, evidence)
    return rules


def split(text: str, evidence: Evidence, place: Place, name: str) -> tuple[list[Rule], Filter] | None:
    """A rule that asks for the mark, changes it and decides: its parts as a jump, with the chain of what it does. None
    for other rules.
    """
    alternatives, before = _read(text, place)
    finals = {final for _, final in alternatives}
    if not before or len(finals) != 1 or finals == {CONTINUE}:
        return None
    (final,) = finals
    inner = chain(
        name, [Rule(action=action, evidence=evidence) for action in (*before, final)], evidence, place.reads_data
    )
    away = final.verb in (Verb.RETURN, Verb.GOTO)  # these leave the rule's own chain too
    jump = Action(verb=Verb.GOTO if away else Verb.JUMP, target=name)
    return [rule for conditions, _ in alternatives for rule in conditions.rules(jump, evidence)], inner


def _read(text: str, place: Place) -> tuple[list[Alternative], list[Action]]:
    try:
        words = words_of(text)
    except NotReadError as error:
        return _unknown(text.split(), str(error), place)
    reading = Reading(words, place, alternatives=[Conditions(family=place.family)])
    while reading.at < len(reading.words):
        start = reading.at
        try:
            _word(reading)
        except (NotReadError, ValueError, IndexError, KeyError) as error:
            reading.doubt(f"not understood: {_why(error, words[start:])}")
            reading.unread = True
            reading.at = max(start + 1, reading.at)
    if reading.decided is not None:
        return reading.decided, reading.before
    final = reading.final or (UNKNOWN_TARGET if reading.unread else CONTINUE)
    return [(one, final) for one in reading.alternatives], reading.before


def _why(error: Exception, words: list[str]) -> str:
    return str(error) if isinstance(error, NotReadError) and str(error) else " ".join(words[:3])


def _unknown(words: list[str], reason: str, place: Place) -> tuple[list[Alternative], list[Action]]:
    conditions = Conditions(family=place.family)
    conditions.doubt(f"not understood: {reason}")
    final = next((VERDICTS[w] for w in reversed(words) if w in VERDICTS), UNKNOWN_TARGET)
    return [(conditions, final)], []


def _word(reading: Reading) -> None:
    """Whatever begins at the present word: a verdict, a statement, or something that is asked for."""
    words, at = reading.words, reading.at
    word = words[at]
    decided = verdict(words, at, reading.place)
    if decided is not None:
        reading.final, reading.at = decided
        return
    statement = nft_statements.STATEMENTS.get(word)
    if statement is not None:
        taken = statement(reading, at)
        if taken is not None:
            reading.at = taken
            return
    found = selector(words, at)
    if found is None:
        raise NotReadError(word)
    key, behind = found
    if words[behind : behind + 1] == ["set"]:
        reading.at = nft_writes.written(reading, key, behind + 1)
        return
    keys = [key]
    while words[behind : behind + 1] == ["."]:
        further = selector(words, behind + 1)
        if further is None:
            raise NotReadError(words[behind + 1])
        keys.append(further[0])
        behind = further[1]
    family = reading.place.family
    if any(key.family not in (None, family) for key in keys) and family is not None:
        raise NotReadError(
            f"{key.words} in a table of the other family"
        )  # nft takes no such rule: it words one wrongly
    reading.at = nft_matches.match(reading, keys, behind)
