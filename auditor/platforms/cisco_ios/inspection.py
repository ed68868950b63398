"""Classic inspection (CBAC, ``ip inspect``): what it inspects leaves a session, and answers in it pass the lists.

Cisco, "Firewall ACL Bypass" (since 12.3(4)T): a packet that belongs to an inspection session is permitted on its
ground, and neither the input nor the output list is searched for it.
"""

from dataclasses import replace

from auditor.model.addresses import IntervalSet
from auditor.model.evidence import Evidence
from auditor.model.filters import Action, Rule, Verb
from auditor.platforms.cisco_ios.classes import application, ported
from auditor.platforms.cisco_ios.config import Config
from auditor.platforms.cisco_ios.matching import INSPECTION, Filters
from auditor.platforms.cisco_ios.tables import ICMP, TCP, UDP

# Words after the name of an inspected protocol that change timers and logging alone.
_PLAIN = frozenset({"alert", "audit-trail", "timeout", "on", "off", "router-traffic"})
_TRANSPORTS = {"tcp": TCP, "udp": UDP, "icmp": ICMP}
# `fragment` limits how many datagrams may wait for their first fragment (a table limit); the rest concerns TCP or
# logging.
_NO_TRAFFIC = frozenset({"fragment", "parameter", "appfw"})


def inspection(config: Config, filters: Filters, name: str, bound: Evidence) -> str:
    """The filter of an inspection rule: it lets everything pass, and remembers what it inspects."""
    key = f"ip inspect {name}"
    if key in filters.made:
        return key
    chooser = filters.chooser(4, INSPECTION)
    rules: list[Rule] = []
    rows = [row for row in config.rows.rows("inspection_rules") if row["name"] == name]
    for row in rows:
        words = row["text"].split()
        if words[0] in _NO_TRAFFIC:
            continue
        known = all(word in _PLAIN or word.isdigit() for word in words[1:])
        rules += [
            replace(rule, uncertain=rule.uncertain or ("" if known else f"{row['text']} is not understood"))
            for rule in _inspected(words[0], row.evidence())
        ]
    if not rows:
        rules = [Rule(action=_INSPECT, evidence=bound, family=4, uncertain=f"{key} is not in the config")]
    return chooser.add(key, rules, rows[0].evidence() if rows else bound)


_INSPECT = Action(verb=Verb.INSPECT)


def _inspected(protocol: str, evidence: Evidence) -> list[Rule]:
    everything = Rule(action=_INSPECT, evidence=evidence, family=4)
    if protocol in _TRANSPORTS:
        return [replace(everything, protocol=IntervalSet.single(_TRANSPORTS[protocol]))]
    pairs = application(protocol, 4)
    if pairs is None:
        return [replace(everything, uncertain=f"what the protocol {protocol} is can't be told from the config")]
    return [ported(everything, *pair) for pair in pairs]
