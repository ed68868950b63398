"""One rule of an nft chain as rules of the model: conditions, then what it does."""

from auditor.model.evidence import Evidence
from auditor.model.filters import CONTINUE, Action, Filter, Rule, Verb
from auditor.platforms.linux import nft_matches, nft_statements, nft_writes
from auditor.platforms.linux.conditions import Conditions
from auditor.platforms.linux.context import Place
from auditor.platforms.linux.filters import chain
from auditor.platforms.linux.nft_fields import selector
from auditor.platforms.linux.nft_reading import Decision, Reading
from auditor.platforms.linux.nft_verdicts import UNKNOWN_MARK, UNKNOWN_TARGET, VERDICTS, verdict
from auditor.platforms.linux.nft_words import NotReadError, words_of


def read(text: str, evidence: Evidence, place: Place, doubt: str = "") -> list[Rule]:
    """The rules of the model for one rule's text: several where it writes on the packet before it decides, or where a
    map gives each element its own action. ``doubt`` says what the listing hides of it.
    """
    decisions = _ended(_read(text, place))
    if doubt:
        for conditions, _ in decisions:
            conditions.doubt(doubt)
    return _rules(decisions, evidence)


def split(text: str, evidence: Evidence, place: Place, name: str) -> tuple[list[Rule], list[Filter]] | None:
    """A rule that asks for what it changes itself: a jump for the packets of each of its parts, and the chains of what
    is done to them then. None for rules that need no such thing.
    """
    reading = _read(text, place, apart=True)
    segments, decisions = reading.segments, _ended(reading)
    if sum(len(one.actions) for one in segments) + len(decisions) + sum(len(one.done) for one in segments) < 2:
        return None
    leaving = [action for _, action in decisions if action.verb in (Verb.RETURN, Verb.GOTO)]
    if leaving and (len(segments) > 1 or not _for_all(decisions, place)):
        return _unsure(text, evidence, place), []
    rules, inner = _rules(decisions, evidence), []
    for number, one in reversed(list(enumerate(segments))):
        target = name if not number else f"{name}, part {number + 1}"
        written = [Rule(action=action, evidence=evidence) for action in one.actions]
        inner.append(chain(target, [*written, *rules], evidence, place.reads_data))
        jump = Action(verb=Verb.GOTO if leaving else Verb.JUMP, target=target)  # these leave the rule's own chain too
        rules = _rules([*one.done, *((conditions, jump) for conditions in one.alternatives)], evidence)
    return rules, inner


def _for_all(decisions: list[Decision], place: Place) -> bool:
    return len(decisions) == 1 and decisions[0][0] == Conditions(family=place.family)


def _unsure(text: str, evidence: Evidence, place: Place) -> list[Rule]:
    """The rule, as if nobody knew what it writes as a mark."""
    decisions = [(c, UNKNOWN_MARK if a.verb is Verb.MARK else a) for c, a in _ended(_read(text, place))]
    return _rules(decisions, evidence)


def _rules(decisions: list[Decision], evidence: Evidence) -> list[Rule]:
    return [rule for conditions, action in decisions for rule in conditions.rules(action, evidence)]


def _ended(reading: Reading) -> list[Decision]:
    """All that a rule does, in its order, with what it does in the end."""
    final = reading.final or (UNKNOWN_TARGET if reading.unread else CONTINUE)
    if final is CONTINUE and (reading.done or reading.segments):
        return reading.done
    return [*reading.done, *((one, final) for one in reading.alternatives)]


def _read(text: str, place: Place, *, apart: bool = False) -> Reading:
    try:
        words = words_of(text)
    except NotReadError as error:
        return _unknown(text.split(), str(error), place)
    reading = Reading(words, place, alternatives=[Conditions(family=place.family)], apart=apart)
    while reading.at < len(reading.words) and reading.alternatives:
        start = reading.at
        try:
            _word(reading)
        except (NotReadError, ValueError, IndexError, KeyError) as error:
            reading.doubt(f"not understood: {_why(error, words[start:])}")
            reading.unread = True
            reading.at = max(start + 1, reading.at)
    return reading


def _why(error: Exception, words: list[str]) -> str:
    return str(error) if isinstance(error, NotReadError) and str(error) else " ".join(words[:3])


def _unknown(words: list[str], reason: str, place: Place) -> Reading:
    conditions = Conditions(family=place.family)
    conditions.doubt(f"not understood: {reason}")
    final = next((VERDICTS[w] for w in reversed(words) if w in VERDICTS), UNKNOWN_TARGET)
    return Reading(words, place, alternatives=[conditions], final=final)


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
    if family is not None and any(one.family and one.family != family for one in keys):
        raise NotReadError(
            f"{key.words} in a table of the other family"
        )  # nft takes no such rule: it words one wrongly
    nft_matches.met(reading, keys, behind)
