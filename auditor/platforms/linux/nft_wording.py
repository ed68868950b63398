"""Statements and expressions of nft's JSON in the words of its text (libnftables-json(5))."""

from collections.abc import Callable
from typing import Any

Words = Callable[[Any], str]
BINARY = ("&", "|", "^", "<<", ">>")
VERDICTS = ("accept", "drop", "continue", "return", "notrack")


def expression(value: Any) -> str:
    """An expression. What is not known is written as ``unknown NAME``, which no rule reader understands."""
    if isinstance(value, bool):
        return "exists" if value else "missing"
    if isinstance(value, (int, float)):
        return str(value)
    if isinstance(value, str):
        return _string(value)
    if isinstance(value, list):
        return ",".join(map(expression, value))
    if not isinstance(value, dict) or not value:
        return "unknown value"
    key = next(iter(value))
    if key in BINARY:
        return f" {key} ".join(map(expression, value[key]))
    words = EXPRESSIONS.get(key)
    if words is None:
        return f"unknown {key}"
    try:
        return words(value[key])
    except (KeyError, TypeError, IndexError):
        return f"unknown {key}"


def _string(value: str) -> str:
    return f'"{value}"' if any(blank in value for blank in " \t") or not value else value


def _prefix(value: Any) -> str:
    return f"{expression(value['addr'])}/{value['len']}"


def _range(value: Any) -> str:
    return f"{expression(value[0])}-{expression(value[1])}"


def _set(value: Any) -> str:
    return "{ " + ", ".join(_element(one) for one in (value if isinstance(value, list) else [value])) + " }"


def _element(value: Any) -> str:
    if isinstance(value, list) and len(value) == 2:
        decides = isinstance(value[1], dict) and _verdict(value[1])
        return f"{_element(value[0])} : {statement(value[1]) if decides else expression(value[1])}"
    if isinstance(value, dict) and isinstance(value.get("elem"), dict):
        return expression(value["elem"].get("val"))
    return expression(value)


def _verdict(value: dict[str, Any]) -> bool:
    return next(iter(value), "") in (*VERDICTS, "jump", "goto")


def _payload(value: Any) -> str:
    if "field" in value:
        return f"{value['protocol']} {value['field']}"
    return f"@{value['base']},{value['offset']},{value['len']}"


def _exthdr(value: Any) -> str:
    return f"{value['name']} {value['field']}" if "field" in value else f"exthdr {value['name']}"


def _ct(value: Any) -> str:
    return f"ct {value['dir']} {value['key']}" if value.get("dir") else f"ct {value['key']}"


def _option(kind: str) -> Words:
    def words(value: Any) -> str:
        if "base" in value:
            return f"{kind} @{value['base']},{value['offset']},{value['len']}"
        return f"{kind} {value['name'] if 'name' in value else value['type']}" + (
            f" {value['field']}" if "field" in value else ""
        )

    return words


def _map(value: Any) -> str:
    data = value["data"]
    return f"{expression(value['key'])} map {data if isinstance(data, str) else expression(data)}"


def _fib(value: Any) -> str:
    flags = value.get("flags", ())
    flags = [flags] if isinstance(flags, str) else flags
    return f"fib {' . '.join(flags)} {value.get('result')}"


def _elem(value: Any) -> str:
    timeout = f" timeout {value['timeout']}s" if "timeout" in value else ""
    return expression(value.get("val")) + timeout


EXPRESSIONS: dict[str, Words] = {
    "prefix": _prefix,
    "range": _range,
    "set": _set,
    "concat": lambda value: " . ".join(map(expression, value)),
    "payload": _payload,
    "exthdr": _exthdr,
    "meta": lambda value: f"meta {value['key']}",
    "ct": _ct,
    "rt": lambda value: f"rt {value.get('family', '')} {value['key']}".replace("  ", " "),
    "socket": lambda value: f"socket {value['key']}",
    **{kind: _option(kind) for kind in ("tcp option", "ip option", "sctp chunk", "dccp option")},
    "numgen": lambda value: f"numgen {value['mode']} mod {value['mod']}",
    "jhash": lambda value: f"jhash {expression(value['expr'])} mod {value['mod']}",
    "symhash": lambda value: f"symhash mod {value['mod']}",
    "fib": _fib,
    "ipsec": lambda value: f"ipsec {value['dir']} {value['key']}",
    "osf": lambda value: f"osf {value['key']}",
    "map": _map,
    "elem": _elem,
}


def statement(value: Any) -> str:
    """A statement of a rule."""
    if not isinstance(value, dict) or not value:
        return f"unknown {value}"
    key = next(iter(value))
    if key in VERDICTS:
        return str(key)
    words = STATEMENTS.get(key)
    if words is None:
        return f"unknown {key}"
    try:
        return words(value[key])
    except (KeyError, TypeError, IndexError):
        return f"unknown {key}"


def _match(value: Any) -> str:
    operator = value.get("op", "==")
    left, right = expression(value["left"]), value["right"]
    sign = "" if operator in ("==", "in") else f"{operator} "
    if operator == "==" and isinstance(value["left"], dict) and next(iter(value["left"])) in BINARY:
        sign = "== "
    return f"{left} {sign}{expression(right)}"


def _vmap(value: Any) -> str:
    data = value["data"]
    return f"{expression(value['key'])} vmap {data if isinstance(data, str) else expression(data)}"


def _named(kind: str, words: Words) -> Words:
    """A counter, quota or limit: by its name, or on the spot."""
    return lambda value: f'{kind} name "{value}"' if isinstance(value, str) else words(value)


def _limit(value: Any) -> str:
    unit = f" {value['rate_unit']}" if value.get("rate_unit", "packets") != "packets" else ""
    over = "over " if value.get("inv") else ""
    return f"limit rate {over}{value['rate']}{unit}/{value.get('per', 'second')}"


def _quota(value: Any) -> str:
    return f"quota {'over ' if value.get('inv') else ''}{value.get('val')} {value.get('val_unit', 'bytes')}"


def _into_set(value: Any) -> str:
    further = "".join(f" {statement(one)}" for one in value.get("stmt", ()))
    return f"{value.get('op', 'add')} {value['set']} {{ {expression(value['elem'])}{further} }}"


def _nat(kind: str) -> Words:
    def words(value: Any) -> str:
        if not value:
            return kind
        family = f" {value['family']}" if "family" in value else ""
        kinds = value.get("type_flags")
        if kinds and kinds != "prefix":
            return f"{kind}{family} {kinds} unknown"
        address = value.get("addr")
        port = f":{expression(value['port'])}" if "port" in value else ""
        target = "" if address is None else expression(address)
        if port and ":" in target:
            target = "-".join(f"[{part}]" for part in target.split("-"))
        flags = value.get("flags")
        flags = f" {','.join(flags) if isinstance(flags, list) else flags}" if flags else ""
        to = f" to {target}{port}" if target or port else ""
        return f"{kind}{family}{' prefix' if kinds else ''}{to}{flags}"

    return words


def _reject(value: Any) -> str:
    return "reject" if not value else f"reject with {value.get('type')} {value.get('expr', '')}".rstrip()


def _queue(value: Any) -> str:
    return f"queue num {expression(value['num'])}" if value and "num" in value else "queue"


def _tproxy(value: Any) -> str:
    family = f" {value['family']}" if "family" in value else ""
    port = f":{value['port']}" if "port" in value else ""
    return f"tproxy{family} to {value.get('addr', '')}{port}"


STATEMENTS: dict[str, Words] = {
    "match": _match,
    "vmap": _vmap,
    "jump": lambda value: f"jump {value['target']}",
    "goto": lambda value: f"goto {value['target']}",
    "counter": _named("counter", lambda _: "counter"),
    "quota": _named("quota", _quota),
    "limit": _named("limit", _limit),
    "last": lambda _: "last",
    "reset": lambda value: f"reset {expression(value)}",
    "log": lambda _: "log",
    "reject": _reject,
    "queue": _queue,
    "mangle": lambda value: f"{expression(value['key'])} set {expression(value['value'])}",
    "snat": _nat("snat"),
    "dnat": _nat("dnat"),
    "masquerade": _nat("masquerade"),
    "redirect": _nat("redirect"),
    "tproxy": _tproxy,
    "synproxy": lambda _: "synproxy",
    "fwd": lambda value: f"fwd to {expression(value.get('dev'))}",
    "dup": lambda value: f"dup to {expression(value.get('addr'))}",
    "set": _into_set,
    "meter": lambda value: f"meter {value.get('name')} {{ {expression(value.get('key'))} }}",
    "ct helper": lambda value: f"ct helper set {expression(value)}",
    "ct timeout": lambda value: f"ct timeout set {expression(value)}",
    "ct expectation": lambda value: f"ct expectation set {expression(value)}",
    "ct count": lambda value: f"ct count {'over ' if value.get('inv') else ''}{value['val']}",
    "flow": lambda value: f"flow {value.get('op', 'add')} {value.get('flowtable')}",
    "xt": lambda value: f"xt {(value or {}).get('type', '')} {(value or {}).get('name', '')}",
}
