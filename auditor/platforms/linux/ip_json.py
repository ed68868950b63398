"""JSON of ``ip -j link``, ``address``, ``route`` and ``rule`` as the canonical lines that the text forms give."""

from collections.abc import Iterator, Mapping
from typing import Any

from auditor.platforms.linux.commands import Command
from auditor.platforms.linux.ip_text import route
from auditor.platforms.linux.json_items import Item, items
from auditor.platforms.linux.lines import Lines, Numbered

LOOPBACK_LINKS = {"loopback": "loopback", "ether": "ether", "none": "none"}


def read_links(_command: Command, body: Numbered, out: Lines) -> None:
    """``ip -j link`` and ``ip -j address``"""
    for item in items(body, out):
        if "ifname" in item.value:
            _link(item, out)


def _link(item: Item, out: Lines) -> None:
    value = item.value
    parent = (
        f"@{value['link']}"
        if value.get("link")
        else "@if" + str(value["link_index"])
        if value.get("link_index")
        else ""
    )
    out.put(0, f"interface {value['ifname']}{parent}", item.line("ifname"))
    _put(out, item, "flags", ",".join(map(str, value.get("flags", ()))) or ("-" if "flags" in value else ""))
    for key, word in (
        ("mtu", "mtu"),
        ("master", "master"),
        ("operstate", "state"),
        ("group", "group"),
        ("ifalias", "alias"),
    ):
        _put(out, item, key, value.get(key), word)
    _put(out, item, "link_type", value.get("link_type"), "link")
    _put(out, item, "link_netnsid", value.get("link_netnsid"), "peer")
    if value.get("xdp"):
        out.put(1, "xdp program", item.line("xdp"))
    for name in value.get("altnames", ()):
        out.put(1, f"altname {name}", item.line("altnames"))
    info = value.get("linkinfo")
    if isinstance(info, dict):
        _info(info, item, out)
    for place, address in enumerate(value.get("addr_info", ())):
        if isinstance(address, dict) and "local" in address:
            _address(address, item.line("local", place), out)


def _put(out: Lines, item: Item, key: str, value: object, word: str = "") -> None:
    if value not in (None, ""):
        out.put(1, f"{word or key} {value}", item.line(key))


def _info(info: Mapping[str, Any], item: Item, out: Lines) -> None:
    """What ``-d`` tells: the kind with its settings, and the kind of the master that it is a port of."""
    if info.get("info_kind"):
        words = " ".join(_words(info.get("info_data") or {})) or "-"
        out.put(1, f"kind {info['info_kind']} {words}", item.line("info_kind"))
    if info.get("info_slave_kind"):
        words = " ".join(_words(info.get("info_slave_data") or {})) or "-"
        out.put(1, f"slave {info['info_slave_kind']} {words}", item.line("info_slave_kind"))


RENAMED = {"link": "dev", "port": "dstport", "ifindex": "if_id"}


def _words(data: Mapping[str, Any]) -> Iterator[str]:
    """The settings as the text form writes them: ``key value``, and switches by their name or ``no`` and it."""
    for key, setting in data.items():
        name = RENAMED.get(key, key)
        if setting is True:
            yield name
        elif setting is False:
            yield f"no{name}"
        elif isinstance(setting, (str, int, float)):
            yield f"{name} {setting}"
        elif isinstance(setting, list):
            yield f"{name} <{','.join(map(str, setting))}>"


def _address(address: Mapping[str, Any], number: int, out: Lines) -> None:
    peer = f" peer {address['address']}/{address.get('prefixlen')}" if address.get("address") else ""
    local = str(address["local"]) + ("" if peer else f"/{address.get('prefixlen')}")
    words = [str(address.get("family", "inet")), local + peer]
    for key, word in (("broadcast", "brd"), ("scope", "scope")):
        if address.get(key) is not None:
            words += [word, str(address[key])]
    words += [
        flag
        for flag in ("secondary", "temporary", "dynamic", "tentative", "deprecated", "dadfailed", "noprefixroute")
        if address.get(flag)
    ]
    if address.get("label"):
        words.append(str(address["label"]))
    out.put(1, " ".join(words), number)


def read_routes(command: Command, body: Numbered, out: Lines) -> None:
    """``ip -j route``"""
    for item in items(body, out):
        if "dst" not in item.value:
            continue
        value = item.value
        destination = str(value["dst"])
        family = _family(value, destination, command.family)
        kind = str(value.get("type", "unicast"))
        route(out, item.line("dst"), family, kind, destination, list(_route_words(value)), command)
        for place, hop in enumerate(value.get("nexthops", ())):
            out.put(1, f"nexthop {' '.join(_hop_words(hop))}", item.line("gateway", place))


def _family(value: Mapping[str, Any], destination: str, asked: str) -> str:
    if destination != "default":
        return "ip6" if ":" in destination else "ip"
    if asked:
        return asked
    return "ip6" if "pref" in value or ":" in str(value.get("gateway", "")) else "ip"


def _hop_words(hop: Mapping[str, Any]) -> Iterator[str]:
    if isinstance(hop.get("via"), dict):
        yield f"via {hop['via'].get('family')} {hop['via'].get('host')}"
    elif hop.get("gateway"):
        yield f"via {hop['gateway']}"
    for key in ("dev", "weight"):
        if hop.get(key) is not None:
            yield f"{key} {hop[key]}"
    yield from (str(flag) for flag in hop.get("flags", ()))


def _route_words(value: Mapping[str, Any]) -> Iterator[str]:
    if value.get("nhid") is not None:
        yield f"nhid {value['nhid']}"
    yield from _hop_words({**value, "flags": ()})
    for key, word in (
        ("protocol", "proto"),
        ("scope", "scope"),
        ("prefsrc", "src"),
        ("metric", "metric"),
        ("table", "table"),
        ("tos", "tos"),
    ):
        if value.get(key) is not None:
            yield f"{word} {value[key]}"
    for metrics in value.get("metrics", ()):
        if isinstance(metrics, dict) and metrics.get("mtu") is not None:
            yield f"mtu {metrics['mtu']}"
    yield from (str(flag) for flag in value.get("flags", ()))


def read_rules(command: Command, body: Numbered, out: Lines) -> None:
    """``ip -j rule``"""
    for item in items(body, out):
        if "priority" in item.value:
            words = " ".join(_rule_words(item.value))
            out.put(0, f"choose {command.family} {item.value['priority']} {words}", item.line("priority"))


def _rule_words(value: Mapping[str, Any]) -> Iterator[str]:
    source = str(value.get("src", "all"))
    yield f"from {source}" + (f"/{value['srclen']}" if "srclen" in value else "")
    if value.get("dst") is not None:
        yield f"to {value['dst']}" + (f"/{value['dstlen']}" if "dstlen" in value else "")
    if value.get("fwmark") is not None:
        yield f"fwmark {value['fwmark']}" + (f"/{value['fwmask']}" if "fwmask" in value else "")
    known = {"priority", "src", "srclen", "dst", "dstlen", "fwmark", "fwmask", "table", "protocol"}
    for key, setting in value.items():
        if key not in known:
            yield f"{key} {setting}" if setting not in (None, True) else key
    if value.get("table") is not None:
        yield f"lookup {value['table']}"
