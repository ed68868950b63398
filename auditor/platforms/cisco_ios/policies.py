"""Policy-maps: zone policies that inspect, pass or drop, and service policies that drop or police.

Cisco document 98628, "Understand the Zone-Based Policy Firewall Design": classes are met in order and the first that
matches decides; drop is the default action, as applied by the class class-default that ends every inspect policy;
``inspect`` lets the answers pass too, ``pass`` does not.
"""

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

from auditor.model.addresses import Family
from auditor.model.evidence import Evidence
from auditor.model.filters import DROP, PERMIT, Action, Rule, Verb
from auditor.parse.rows import Row
from auditor.platforms.cisco_ios.classes import DEFAULT_CLASS, Classes
from auditor.platforms.cisco_ios.config import Config
from auditor.platforms.cisco_ios.entries import LATER4, LATER6
from auditor.platforms.cisco_ios.matching import FAMILIES, INSPECTION, Filters, goto

INSPECT = Action(verb=Verb.INSPECT)
DEEPEST = 3  # policies in policies; IOS allows three levels
# Actions of a class that neither drop nor change the size or the way of a packet.
_HARMLESS = (
    "bandwidth",
    "priority",
    "fair-queue",
    "queue-limit",
    "queue-buffers",
    "random-detect",
    "shape",
    "set ",
    "no ",
    "estimate",
    "netflow-sampler",
    "trust",
    "dbl",
    "compression",
    "description",
    "user-statistics",
    "congestion-control",
    "pause",
    "priority-group",
    "account",
    "admit",
)


class Policies:
    """The policy-maps of a config."""

    def __init__(self, config: Config, filters: Filters, classes: Classes) -> None:
        self._config = config
        self._filters = filters
        self._classes = classes
        self._inspect = {r["inspect_name"]: r for r in config.rows.rows("policy_maps") if "inspect_name" in r}
        self._served: dict[tuple[str, bool], str | None] = {}
        self._service = {r["name"]: r for r in config.rows.rows("policy_maps") if "name" in r}

    def zone(self, name: str) -> str | None:
        """The filter of an inspect policy, for both families; None where the config does not hold it."""
        row = self._inspect.get(name)
        if row is None:
            return None
        key = f"policy-map {name}"
        rules: list[Rule] = []
        last = row.evidence()
        choosers = [self._filters.chooser(family, INSPECTION) for family in FAMILIES]
        for line in _classes(row):
            last = line.evidence() if line["class"] == DEFAULT_CLASS else last
            action, uncertain = self._inspecting(line)
            for chooser in choosers:
                part = _part(key, line, chooser.family)
                found = self._classes.choosing(chooser, line["class"], action, part, line.evidence())
                rules += [replace(rule, uncertain=rule.uncertain or uncertain) for rule in found]
        for left in self._config.left_in(row):
            if not left.text.startswith("  "):
                rules += [choosers[0].rule(act, left.evidence, "the line is not understood") for act in (PERMIT, DROP)]
        return choosers[0].add(key, rules, row.evidence(), DROP, last)

    def _inspecting(self, line: Row) -> tuple[Action, str]:
        """What an inspect policy does with a class."""
        words = [one["text"].split() for one in line.rows("actions")]
        verbs = [text[0] for text in words]
        if "inspect" in verbs:
            return INSPECT, ""
        if "pass" in verbs:
            return PERMIT, ""
        if "drop" in verbs:
            return DROP, ""
        if line["class"] == DEFAULT_CLASS:
            return DROP, ""
        return DROP, "the class says neither inspect nor pass nor drop"

    def service(self, name: str, used: Evidence, depth: int = 0) -> str | None:
        """The filter of a service policy, for both families; None where nothing in it can drop a packet for certain."""
        if (name, bool(depth)) not in self._served:
            self._served[name, bool(depth)] = self._serve(name, used, depth)
        return self._served[name, bool(depth)]

    def _serve(self, name: str, used: Evidence, depth: int) -> str | None:
        row = self._service.get(name)
        key = f"policy-map {name}" + (" inside another" if depth else "")
        choosers = [self._filters.chooser(family) for family in FAMILIES]
        if row is None:
            why = f"policy-map {name} is not in the config"
            rules = [chooser.rule(DROP, used, why) for chooser in choosers]
            return choosers[0].add(key, rules, used)
        rules = []
        harmless = True
        for line in _classes(row):
            action, uncertain = self._serving(line, depth)
            harmless = harmless and action is PERMIT
            for chooser in choosers:
                part = _part(key, line, chooser.family)
                found = self._classes.choosing(chooser, line["class"], action, part, line.evidence())
                rules += [replace(rule, uncertain=rule.uncertain or uncertain) for rule in found]
        if harmless:
            return None
        if depth:
            rules += [chooser.rule(PERMIT, row.evidence()) for chooser in choosers]
        return choosers[0].add(key, rules, row.evidence())

    def _serving(self, line: Row, depth: int) -> tuple[Action, str]:
        """What a service policy does with a class: drop, hand on to an inner policy, or let pass."""
        action, uncertain = PERMIT, ""
        for one in line.rows("actions"):
            text = one["text"].strip()
            words = text.split()
            if words[0] == "drop" or _drops_all(text):
                return DROP, ""
            if words[0] == "police" and action is PERMIT and self._classes.asks_for_fragments(line["class"]):
                action = goto(self._policed(one.evidence()))
            if words[0] == "service-policy" and len(words) == 2 and depth < DEEPEST:
                inner = self.service(words[1], one.evidence(), depth + 1)
                action = goto(inner) if inner else action
            elif words[0] == "police" or words[0].endswith("-action"):
                continue  # a rate limit; what it does to fragments is said where it asks for them
            elif not text.startswith(_HARMLESS):
                uncertain = f"{text} is not understood"
        if action is PERMIT and uncertain:
            return DROP, uncertain
        return action, uncertain

    def _policed(self, evidence: Evidence) -> str:
        """What a class made for fragments does, where it limits their rate: they may be dropped, the rest passes."""
        words = "limits the rate of fragments, and drops what exceeds it"
        doubt = Action(verb=Verb.DOUBT, words=words, transforms=False)
        chooser = self._filters.chooser(4)
        rules = [
            Rule(action=doubt, evidence=evidence, family=4, tests=(LATER4,)),
            Rule(action=doubt, evidence=evidence, family=6, tests=(LATER6,)),
            Rule(action=PERMIT, evidence=evidence),
        ]
        return chooser.add(f"police at {evidence.file}:{evidence.line}", rules, evidence)


def _classes(row: Row) -> Iterator[Row]:
    """The classes of a policy, class-default last."""
    rows = list(row.rows("classes"))
    yield from (line for line in rows if line["class"] != DEFAULT_CLASS)
    yield from (line for line in rows if line["class"] == DEFAULT_CLASS)


def _part(key: str, line: Row, family: Family) -> str:
    """The name of the filters of one class."""
    return f"{key} class {line['class']}" + (" (IPv6)" if family == 6 else "")


def _drops_all(text: str) -> bool:
    """Whether a police line drops what conforms too."""
    words = text.split()
    return any(word in ("conform-action", "conform") and after == "drop" for word, after in pairwise(words))
