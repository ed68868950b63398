"""JSON of ``nft -j list ruleset`` as the canonical lines that its text gives."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from auditor.platforms.linux.commands import Command
from auditor.platforms.linux.json_items import Item, items
from auditor.platforms.linux.lines import Lines, Numbered
from auditor.platforms.linux.nft_text import hook_line
from auditor.platforms.linux.nft_wording import expression, statement

OBJECTS = ("counter", "quota", "limit", "secmark", "synproxy", "ct helper", "ct timeout", "ct expectation", "flowtable")


@dataclass(slots=True)
class Part:
    """A table, or a chain of one, with what belongs into it."""

    item: Item | None
    parts: dict[tuple[str, str], "Part"] = field(default_factory=dict)
    rules: list[tuple[str, int]] = field(default_factory=list)  # each as text, with its line


def read(_command: Command, body: Numbered, out: Lines) -> None:
    """Reads one listing: its objects come in any order and name the table and chain that they belong to."""
    tables: dict[tuple[str, str], Part] = {}
    for item in items(body, out, "nftables"):
        kind = next(iter(item.value))
        value = item.value[kind]
        if not isinstance(value, dict) or kind == "metainfo":
            continue
        family = str(value.get("family", "ip"))
        if kind == "table":
            tables.setdefault((family, str(value.get("name"))), Part(item)).item = item
            continue
        table = tables.setdefault((family, str(value.get("table"))), Part(None))
        if kind == "rule":
            text = " ".join(map(statement, value.get("expr", ()))).strip()
            chain = table.parts.setdefault(("chain", str(value.get("chain"))), Part(None))
            chain.rules.append((f"rule {text or 'counter'}", item.line("expr")))
        elif kind in ("chain", "set", "map", *OBJECTS):
            table.parts.setdefault((kind, str(value.get("name"))), Part(item)).item = item
        elif kind != "element":
            out.unread(f"{kind} of table {family} {value.get('table')}", item.line(kind))
    for (family, name), part in tables.items():
        _table(family, name, part, out)


def _table(family: str, name: str, part: Part, out: Lines) -> None:
    number = _first_line(part)
    if number is None:
        return
    out.put(0, f"table {family} {name}", number)
    if part.item:
        flags = _listed(part.item.value["table"].get("flags"))
        if flags:  # nft 1.0.6 cuts the word "dormant" short (measured)
            out.put(1, f"flags {'dormant' if flags.startswith('dorm') else flags}", part.item.line("flags"))
    for (kind, inner), inside in part.parts.items():
        if kind == "chain":
            _chain(inner, inside, out)
        elif inside.item is not None and kind in ("set", "map"):
            _set(kind, inner, inside.item, out)
        elif inside.item is not None:
            _object(kind, inner, inside.item, out)


def _first_line(part: Part) -> int | None:
    if part.item is not None:
        return part.item.line("name")
    inner = (p.item.line("name") if p.item else p.rules[0][1] for p in part.parts.values() if p.item or p.rules)
    return next(inner, None)


def _listed(value: object) -> str:
    return ",".join(map(str, value)) if isinstance(value, list) else str(value) if value else ""


def _chain(name: str, part: Part, out: Lines) -> None:
    item = part.item
    out.put(1, f"chain {name}", item.line("name") if item else part.rules[0][1])
    if item is not None:
        value = item.value["chain"]
        if "hook" in value:
            hook_line(out, item.line("hook"), str(value.get("type")), str(value["hook"]), str(value.get("prio", 0)))
            devices = value.get("dev")
            words = devices if isinstance(devices, list) else [devices] if devices else []
            if words:
                out.put(2, f"devices {' '.join(map(str, words))}", item.line("dev"))
        if value.get("policy"):
            out.put(2, f"policy {value['policy']}", item.line("policy"))
    for text, number in part.rules:
        out.put(2, text, number)


def _set(kind: str, name: str, item: Item, out: Lines) -> None:
    value = item.value[kind]
    out.put(1, f"{kind} {name}", item.line("name"))
    mapped = f" : {_typed(value['map'])}" if "map" in value else ""
    out.put(2, f"type {_typed(value.get('type'))}{mapped}", item.line("type"))
    flags = _listed(value.get("flags"))
    if flags:
        out.put(2, f"flags {flags}", item.line("flags"))
    if value.get("timeout") is not None:
        out.put(2, f"timeout {value['timeout']}s", item.line("timeout"))
    number = item.line("elem")
    for element in value.get("elem", ()):
        out.put(2, f"element {_element(element)}", number)


def _typed(value: object) -> str:
    return " . ".join(map(str, value)) if isinstance(value, list) else str(value)


def _element(element: Any) -> str:
    if isinstance(element, list) and len(element) == 2:
        verdict = element[1]
        return f"{_element(element[0])} : {statement(verdict) if isinstance(verdict, dict) else expression(verdict)}"
    if isinstance(element, dict) and isinstance(element.get("elem"), dict):
        inner = element["elem"]
        limits = [f"{key} {inner[key]}s" for key in ("timeout", "expires") if key in inner]
        return " ".join([expression(inner.get("val")), *limits])
    return expression(element)


def _object(kind: str, name: str, item: Item, out: Lines) -> None:
    out.put(1, f"object {kind} {name}", item.line("name"))
    for words in _object_words(item.value[kind]):
        out.put(2, words, item.line(words.split(" ", 1)[0]))


def _object_words(value: dict[str, Any]) -> Iterator[str]:
    for key in ("protocol", "l3proto", "hook", "dev"):
        if value.get(key) is not None:
            yield f"{key} {_listed(value[key]).replace(',', ' ')}"
