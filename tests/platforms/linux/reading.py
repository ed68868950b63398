"""Reads transcripts for the tests, and prints devices so that people can read them.

``python -m tests.platforms.linux.reading FOLDER`` writes the golden of a case anew; look at the difference by eye.
"""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from auditor.model.addresses import Family, address_text, port_text, range_texts
from auditor.model.device import Device, Interface, Stage, Tunnel, Undecided
from auditor.model.evidence import Fact
from auditor.model.filters import Action, Filter, Rule, Translate, Verb
from auditor.parse.read import TemplateFinder, read_device
from auditor.platforms.linux import PLATFORM

HERE = Path(__file__).parent
FINDER = TemplateFinder()


def device(text: str | bytes, name: str = "fw1", file: str = "configs/fw1.txt") -> Device:
    """The device that one file describes, as the parse room reads it."""
    return device_of([(file, text if isinstance(text, bytes) else text.encode())], name)


def device_of(files: Sequence[tuple[str, bytes]], name: str = "fw1") -> Device:
    """The device that several files describe."""
    (found,) = read_device(name, list(files), PLATFORM, {PLATFORM.name: PLATFORM}, FINDER)
    assert not found.unreadable, found.unreadable
    return found


def cases() -> list[Path]:
    """The folders of cases: one or several transcripts and the device that comes of them."""
    return sorted(path.parent for path in HERE.glob("*/device.json"))


def files_of(case: Path) -> list[tuple[str, bytes]]:
    """The files of a case, named as an inventory would."""
    names = sorted(path for path in case.iterdir() if path.name != "device.json")
    return [(f"configs/{case.name}/{path.name}", path.read_bytes()) for path in names]


def nft_rules(
    *rules: str, family: str = "ip", hook: str = "forward", sets: str = "", kind: str = "filter"
) -> list[Rule]:
    """The rules of the model for rules of one base chain; of another priority than filter where the hook names it."""
    return list(_nft(rules, family, hook, sets, kind).filters[f"{family} t c"].rules)


def _nft(rules: Sequence[str], family: str, hook: str, sets: str, kind: str) -> Device:
    body = "".join(f"\t\t{rule}\n" for rule in rules)
    hook, _, priority = hook.partition("/")
    head = f"\t\ttype {kind} hook {hook} priority {priority or 'filter'}; policy accept;\n"
    other = "\tchain other {\n\t\tudp dport 4500 accept\n\t}\n\n"
    return device(f"$ nft list ruleset\ntable {family} t {{\n{sets}{other}\tchain c {{\n{head}{body}\t}}\n}}\n")


def iptables_rules(
    *rules: str, table: str = "filter", chain: str = "FORWARD", tool: str = "iptables-legacy"
) -> list[Rule]:
    """The rules of the model for rules of one chain of iptables."""
    lines = "".join(f"-A {chain} {rule}\n" for rule in rules)
    text = f"$ {tool}-save\n*{table}\n:{chain} ACCEPT [0:0]\n:other - [0:0]\n{lines}COMMIT\n"
    return list(device(text).filters[f"{tool.removesuffix('-nft')} {table} {chain}"].rules)


# ---- in words


def fact_text(fact: Fact[Any]) -> str:
    """``1400 read :12`` or ``off unknown (loose, strict) :1``"""
    others = f" ({', '.join(str(other) for other in fact.others)})" if fact.others else ""
    lines = "".join(f" :{line.line}" for line in fact.evidence)
    return f"{fact.value} {fact.basis}{others}{lines}"


def rule_text(rule: Rule, line: bool = True) -> str:
    """One rule in a line: what it does, to what, and why that is not sure."""
    words = [f":{rule.evidence.line}"] if line else []
    words += [action_text(rule.action, rule.family)]
    words += [f"IPv{rule.family}"] if rule.family else []
    words += [f"protocol {port_text(rule.protocol)}"] if rule.protocol is not None else []
    boxes = [box_text(rule, place) for place in range(len(rule.boxes))]
    words += [f"[{' | '.join(boxes)}]"] if any(boxes) else []
    for test in rule.tests:
        mask = f" & {test.mask:#x}" if test.mask is not None else ""
        words.append(f"{test.field}{mask} in {port_text(test.values)}{' or absent' if test.absent else ''}")
    for name, one in (("in by", rule.ingress), ("out by", rule.egress)):
        words += [f"{name} {'not ' if one.negated else ''}{','.join(one.names)}"] if one else []
    return " ".join(words) + (f" ? {rule.uncertain}" if rule.uncertain else "")


def action_text(action: Action, family: Family | None = None) -> str:
    """What a rule does."""
    words = [action.verb.value, action.target]
    if action.verb is Verb.MARK:
        words.append("unknown" if action.mark is None else f"{action.mark[0]:#x}/{action.mark[1]:#x}")
    if action.translate:
        words.append(_translate(action.translate, family or 4))
    if action.verb is Verb.DOUBT:
        words.append(f"({action.words})")
    return " ".join(word for word in words if word)


def _translate(translate: Translate, family: Family) -> str:
    to = ",".join(range_texts(family, translate.addresses)) if translate.addresses else translate.interface or ""
    to = f"{translate.shift:+d}" if translate.shift is not None else to
    ports = f" port {port_text(translate.ports)}" if translate.ports and not translate.keep_ports else ""
    return f"{translate.end} to {to or 'same'}{ports}"


def box_text(rule: Rule, place: int) -> str:
    """One product of a rule."""
    box = rule.boxes[place]
    family: Family = 6 if rule.family == 6 else 4
    words = [f"from {','.join(range_texts(family, box.sources))}"] if box.sources is not None else []
    words += [f"sport {port_text(box.source_ports)}"] if box.source_ports is not None else []
    words += [f"to {','.join(range_texts(family, box.destinations))}"] if box.destinations is not None else []
    words += [f"dport {port_text(box.destination_ports)}"] if box.destination_ports is not None else []
    return " ".join(words)


def texts(rules: Sequence[Rule]) -> list[str]:
    """The rules without their lines."""
    return [rule_text(rule, line=False) for rule in rules]


def readable(found: Device) -> dict[str, Any]:
    """All of a device in words, for the goldens on disk."""
    return {
        "hostname": found.hostname,
        "version": found.version,
        "complete": found.complete,
        "forwards": {f"IPv{family}": fact_text(fact) for family, fact in found.forwards.items()},
        "interfaces": {one.name: _interface(one) for one in found.interfaces},
        "filters": {name: _filter(one) for name, one in found.filters.items()},
        "routes": [_route(found, place) for place in range(len(found.routing.routes))],
        "routing": {
            "complete": {f"IPv{family}": value for family, value in found.routing.complete.items()},
            "rules": [line.text for line in found.routing.rules],
        },
        "reassembly": [
            f"{one.name} IPv{one.family} {fact_text(one.active)}"
            + (f", fragments {fact_text(one.fragments)}" if one.fragments else "")
            + (f", timeout {fact_text(one.timeout)}" if one.timeout else "")
            for one in found.reassembly
        ],
        "nat addresses": {f"IPv{f}": list(range_texts(f, v)) for f, v in found.nat_addresses.items()},  # type: ignore[arg-type]
        "not understood": [
            " ".join(
                filter(
                    None,
                    (
                        f":{n.evidence.line}",
                        n.place,
                        n.direction or "",
                        f"IPv{n.family}" if n.family else "",
                        f"- {n.reason}",
                    ),
                )
            )
            for n in found.not_understood
        ],
        "transit": [_stage(one) for one in found.pipelines.transit],
        "local in": [_stage(one) for one in found.pipelines.local_in],
        "local out": [_stage(one) for one in found.pipelines.local_out],
    }


def _interface(one: Interface) -> dict[str, Any]:
    found: dict[str, Any] = {
        "line": one.evidence.line,
        "kind": one.kind if one.enabled else f"{one.kind}, down",
        "addresses": [f"{address_text(a.family, a.address)}/{a.length} :{a.evidence.line}" for a in one.addresses],
        "mtu": {f"IPv{family}": fact_text(fact) for family, fact in one.mtu.items()},
        "source check": fact_text(one.source_check[4]),
    }
    if one.receive_mtu is not None:
        found["takes in"] = fact_text(one.receive_mtu)
    if one.forwards:
        found["forwards"] = {f"IPv{family}": fact_text(fact) for family, fact in one.forwards.items()}
    if one.description:
        found["description"] = one.description
    if one.vrf != "default":
        found["vrf"] = one.vrf
    if one.resolves_by:
        found["also"] = list(one.resolves_by)
    if one.bindings:
        found["bindings"] = [f"{b.filter} {b.direction} IPv{b.family} :{b.evidence.line}" for b in one.bindings]
    if one.tunnel:
        found["tunnel"] = _tunnel(one.tunnel)
    return found


def _tunnel(one: Tunnel) -> str:
    ends = [address_text(one.family, end) if end is not None else "?" for end in (one.source, one.destination)]
    protected = ", protected" if one.protected else ""
    way = f"{one.mode} {ends[0]} > {ends[1]} by {one.source_interface}"
    return f"{way}, adds {fact_text(one.overhead)}, DF {fact_text(one.outer_df)}{protected}"


def _filter(one: Filter) -> dict[str, Any]:
    end = one.otherwise_evidence or one.evidence
    return {"otherwise": f"{one.otherwise.verb.value} :{end.line}", "rules": [rule_text(rule) for rule in one.rules]}


def _route(found: Device, place: int) -> str:
    route = found.routing.routes[place]
    hops = []
    for hop in route.next_hops:
        words = [address_text(route.family, hop.address)] if hop.address is not None else []
        hops.append(" ".join([*words, f"by {hop.interface}"]))
    length = route.length
    first = address_text(route.family, route.destination.first)
    mtu = f" mtu {route.mtu}" if route.mtu else ""
    doubt = f" ? {route.uncertain}" if route.uncertain else ""
    where = f":{route.evidence.line} {route.vrf} {first}/{length} {route.protocol}/{route.metric}{mtu}"
    return f"{where} > {', '.join(hops) or 'nowhere'}{doubt}"


def _stage(one: Stage | Undecided) -> Any:
    if isinstance(one, Undecided):
        return {name: [_stage(stage) for stage in order] for name, order in one.orders.items()}
    what = ", ".join(one.filters or one.rows)
    return (
        f"IPv{one.family} {one.name} {one.does}"
        + (f": {what}" if what else "")
        + (f" ({one.side})" if one.side == "out" else "")
    )


def golden(case: Path) -> str:
    """The golden's text."""
    return json.dumps(readable(device_of(files_of(case))), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    for folder in sys.argv[1:]:
        (HERE / folder / "device.json").write_text(golden(HERE / folder))
