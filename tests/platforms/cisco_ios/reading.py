"""Reads texts of Cisco IOS for the tests, and prints devices so that people can read them."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from auditor.model.addresses import Family, address_text, port_text, range_texts
from auditor.model.device import Device, Interface, Stage, Undecided
from auditor.model.evidence import Fact
from auditor.model.filters import Action, Filter, Rule, Translate
from auditor.parse.read import TemplateFinder, read_device, read_rows
from auditor.parse.rows import Rows
from auditor.parse.text import read_text
from auditor.platforms.cisco_ios import PLATFORM

HERE = Path(__file__).parent
FINDER = TemplateFinder()
HEAD = "version 15.7\nhostname edge1\n!\n"
END = "\n!\nend\n"


def device(text: str | bytes, name: str = "edge1", file: str = "configs/edge1.cfg") -> Device:
    """The device that a text describes, as the parse room reads it."""
    data = text if isinstance(text, bytes) else text.encode()
    (found,) = read_device(name, [(file, data)], PLATFORM, {PLATFORM.name: PLATFORM}, FINDER)
    assert not found.unreadable, found.unreadable
    return found


def whole(body: str) -> Device:
    """The device of a complete config with that body."""
    return device(HEAD + body.rstrip("\n") + END)


def rows_of(data: bytes) -> Rows:
    """What the template takes of a text."""
    return read_rows("edge1", [("edge1.cfg", read_text(data))], PLATFORM, FINDER(PLATFORM.template))


def port(lines: str, name: str = "GigabitEthernet0/0", rest: str = "") -> Interface:
    """One interface with these lines in a complete config, which further lines may follow."""
    body = f"interface {name}\n" + "".join(f" {line}\n" for line in lines.splitlines()) + "!\n" + rest
    found = whole(body).interface(name)
    assert found is not None
    return found


def rules(entries: str, head: str = "ip access-list extended L", rest: str = "") -> list[Rule]:
    """The rules of one list."""
    body = f"{head}\n" + "".join(f" {line}\n" for line in entries.splitlines()) + "!\n" + rest
    found = whole(body)
    name = head.rsplit(maxsplit=1)[-1]
    return list(found.filters[name].rules)


def fact_text(fact: Fact[Any]) -> str:
    """``1400 read :12`` or ``1500 default (9198) :3``."""
    others = f" ({', '.join(str(other) for other in fact.others)})" if fact.others else ""
    lines = " " + " ".join(f":{line.line}" for line in fact.evidence) if fact.evidence else ""
    return f"{fact.value} {fact.basis}{others}{lines}"


def facts_text(facts: Mapping[int, Fact[Any]]) -> dict[str, str]:
    return {f"IPv{family}": fact_text(fact) for family, fact in facts.items()}


def rule_text(rule: Rule) -> str:
    """One rule in a line: what it does, to what, and why that is not sure."""
    words = [f":{rule.evidence.line}", _action(rule.action)]
    words += [f"IPv{rule.family}"] if rule.family else []
    words += [f"protocol {port_text(rule.protocol) or 'none'}"] if rule.protocol is not None else []
    words += [f"[{_box(rule, number)}]" for number in range(len(rule.boxes)) if _box(rule, number)]
    words += [f"{test.field} {port_text(test.values)}" for test in rule.tests]
    for name, test in (("in by", rule.ingress), ("out by", rule.egress)):
        words += [f"{name} {'not ' if test.negated else ''}{','.join(test.names)}"] if test else []
    words += [f"headerless {'/'.join(rule.headerless.options)}"] if rule.headerless else []
    return " ".join(words) + (f"  ? {rule.uncertain}" if rule.uncertain else "")


def _action(action: Action) -> str:
    words = [action.verb.value, action.target, action.words]
    if action.verb.value == "set-df":
        words.append(str(int(action.df)))
    if action.translate:
        words.append(_translate(action.translate))
    return " ".join(word for word in words if word)


def _translate(translate: Translate) -> str:
    to = ",".join(range_texts(4, translate.addresses)) if translate.addresses else translate.interface or ""
    ports = f" ports {port_text(translate.ports)}" if translate.ports and not translate.keep_ports else ""
    return f"{translate.end} to {to}{ports}"


def _box(rule: Rule, number: int) -> str:
    box = rule.boxes[number]
    family: Family = 6 if rule.family == 6 else 4
    words = [f"from {','.join(range_texts(family, box.sources))}"] if box.sources is not None else []
    words += [f"port {port_text(box.source_ports)}"] if box.source_ports is not None else []
    words += [f"to {','.join(range_texts(family, box.destinations))}"] if box.destinations is not None else []
    words += [f"to port {port_text(box.destination_ports)}"] if box.destination_ports is not None else []
    return " ".join(words)


def readable(found: Device) -> dict[str, Any]:
    """All of a device in words, for the goldens on disk."""
    return {
        "hostname": found.hostname,
        "version": found.version,
        "complete": found.complete,
        "forwards": facts_text(found.forwards),
        "interfaces": {one.name: _interface(one) for one in found.interfaces},
        "filters": {name: _filter(one) for name, one in found.filters.items()},
        "zones": [f"{one.source} > {one.destination}: {one.filter}" for one in found.zones],
        "routes": [_route(found, number) for number in range(len(found.routing.routes))],
        "routing": {
            "complete": {f"IPv{family}": value for family, value in found.routing.complete.items()},
            "elsewhere": [line.text for line in found.routing.elsewhere],
            "rules": [line.text for line in found.routing.rules],
        },
        "fragment policies": [
            f"{one.interface} {one.direction} {one.hits} {fact_text(one.in_force)}" for one in found.fragment_policies
        ],
        "reassembly": [
            f"{one.interface} {one.direction} IPv{one.family} {one.kind} {fact_text(one.active)}"
            + (f", fragments {fact_text(one.fragments)}" if one.fragments else "")
            for one in found.reassembly
        ],
        "speakers": [
            {
                "kind": one.kind,
                "interface": one.interface,
                "vrf": one.vrf,
                "auth": one.auth,
                "peers": [f"{','.join(range_texts(p.family, p.addresses))} {p.ports}" for p in one.peers],
                "fragmentation": fact_text(one.ike_fragmentation) if one.ike_fragmentation else None,
                "fragment size": fact_text(one.ike_fragment_size) if one.ike_fragment_size else None,
            }
            for one in found.speakers
        ],
        "nat addresses": list(range_texts(4, found.nat_addresses[4])),
        "not understood": [
            " ".join(filter(None, (f":{n.evidence.line}", n.place, f"IPv{n.family}" if n.family else "", n.reason)))
            for n in found.not_understood
        ],
        "transit": [_stage(one) for one in found.pipelines.transit],
        "local in": [_stage(one) for one in found.pipelines.local_in],
        "local out": [_stage(one) for one in found.pipelines.local_out],
        "errors": [_stage(one) for one in found.pipelines.errors],
    }


def _interface(one: Interface) -> dict[str, Any]:
    said: dict[str, Any] = {
        "line": one.evidence.line,
        "kind": one.kind,
        "enabled": one.enabled,
        "addresses": [
            f"{address_text(a.family, a.address)}/{a.length}"
            + (" secondary" if a.secondary else "")
            + (" shared" if a.shared else "")
            for a in one.addresses
        ],
        "mtu": facts_text(one.mtu),
        "bindings": [f":{b.evidence.line} {b.purpose} {b.direction} IPv{b.family} {b.filter}" for b in one.bindings],
        "unreachables": facts_text(one.unreachables),
        "source check": facts_text(one.source_check),
    }
    if one.vrf != "default":
        said["vrf"] = one.vrf
    if one.receive_mtu:
        said["takes in"] = fact_text(one.receive_mtu)
    if one.zone:
        said["zone"] = one.zone
    if one.dynamic_address:
        said["dynamic"] = one.dynamic_address.line
    if one.tunnel:
        t = one.tunnel
        said["tunnel"] = {
            "mode": t.mode,
            "from": address_text(t.family, t.source) if t.source is not None else None,
            "interface": t.source_interface,
            "to": address_text(t.family, t.destination) if t.destination is not None else None,
            "protocol": t.protocol,
            "overhead": fact_text(t.overhead),
            "outer df": fact_text(t.outer_df),
            "vrf": t.vrf,
            "protected": t.protected.line if t.protected else None,
        }
    return said


def _filter(one: Filter) -> dict[str, Any]:
    return {
        "kind": one.kind,
        "missing": one.missing,
        "otherwise": one.otherwise.verb.value,
        "headerless": "/".join(one.headerless.options),
        "rules": [rule_text(rule) for rule in one.rules],
    }


def _route(found: Device, number: int) -> str:
    one = found.routing.routes[number]
    hops = [
        " ".join(
            word
            for word in (
                address_text(one.family, hop.address) if hop.address is not None else "",
                hop.interface or "",
                f"vrf {hop.vrf}" if hop.vrf else "",
            )
            if word
        )
        for hop in one.next_hops
    ]
    where = ",".join(range_texts(one.family, one.destination))
    doubt = f" ? {one.uncertain}" if one.uncertain else ""
    return f":{one.evidence.line} {one.vrf} {where} [{one.distance}] {'; '.join(hops) or 'discard'}{doubt}"


def _stage(one: Stage | Undecided) -> Any:
    if isinstance(one, Undecided):
        return {name: [_stage(stage) for stage in order] for name, order in one.orders.items()}
    words = [one.does.value, one.side, one.purpose if one.does.value == "filter" else "", ", ".join(one.filters)]
    words += ["unless session"] if one.unless_session else []
    words += ["whole"] if one.whole else []
    return " ".join(word for word in words if word)


def cases() -> list[Path]:
    """The folders that hold a config and its golden."""
    return sorted(path for path in HERE.iterdir() if path.is_dir() and any(path.glob("*.[ct][fx][gt]")))


def case_device(case: Path) -> Device:
    (config,) = (path for path in case.iterdir() if path.name in ("running.cfg", "transcript.txt"))
    return device(config.read_bytes(), case.name, config.name)


def write_goldens() -> None:
    """Writes every golden anew; look at the difference before you keep it."""
    for case in cases():
        text = json.dumps(readable(case_device(case)), indent=1, ensure_ascii=False)
        (case / "device.json").write_text(text + "\n", encoding="utf-8")
        sys.stderr.write(f"{case.name}\n")


if __name__ == "__main__":
    write_goldens()
