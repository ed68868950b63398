"""Static routes, and the lines by which routes come that are not in the config."""

from collections.abc import Iterator
from types import MappingProxyType

from auditor.model.addresses import ADDRESSES, Family, parse_address, parse_prefix
from auditor.model.device import NextHop, NotUnderstood, Route, Routing
from auditor.model.evidence import Evidence
from auditor.parse.rows import Row
from auditor.platforms.cisco_asa.addresses import mask_length, subnet4
from auditor.platforms.cisco_asa.config import Block, Config
from auditor.platforms.cisco_asa.objects import Objects


def routing(config: Config, objects: Objects) -> tuple[Routing, list[NotUnderstood]]:
    """All routes of a config, and the lines that were not understood."""
    routes: list[Route] = []
    unread: list[NotUnderstood] = []
    for row in config.rows.rows("routes", "routes6"):
        words = row["text"].split()
        if "tunneled" in words:
            continue  # for what came out of a VPN alone (Cisco ASA Command Reference, "route ... tunneled")
        found = _four(config, objects, row, words) if row.group == "routes" else _six(config, row, words)
        if found is None:
            family: Family = 4 if row.group == "routes" else 6
            unread.append(NotUnderstood(evidence=row.evidence(), family=family, reason="a route is not understood"))
        else:
            routes.append(found)
    routes += _given(config)
    elsewhere = tuple(row.evidence() for row in config.rows.rows("routers"))
    unknown = [block for block in config.blocks if block.nameif and (block.get("dynamic") or block.get("dynamic6"))]
    whole = config.complete and not elsewhere and not unread and not unknown
    return Routing(routes=tuple(routes), complete=MappingProxyType({4: whole, 6: whole}), elsewhere=elsewhere), unread


def _four(config: Config, objects: Objects, row: Row, words: list[str]) -> Route | None:
    if len(words) < (2 if row["nameif"] == "Null0" else 3):
        return None
    address, mask = objects.number(words[0]), objects.number(words[1])
    length = mask_length(mask) if mask is not None else None
    gateway = objects.number(words[2]) if len(words) > 2 else None
    if words[0] == words[1] == "0":  # `route outside 0 0 192.0.2.1`
        address, mask, length = 0, 0, 0
    values = subnet4(address, mask) if address is not None and mask is not None else None
    if values is None or length is None or (gateway is None and row["nameif"] != "Null0"):
        return None
    return _route(config, row, 4, (values, length), gateway, words[3:])


def _six(config: Config, row: Row, words: list[str]) -> Route | None:
    try:
        family, values = parse_prefix(words[0])
        gateway = parse_address(words[1])[1] if len(words) > 1 else None
    except ValueError:
        return None
    if family != 6 or (gateway is None and row["nameif"] != "Null0"):
        return None
    length = int(words[0].partition("/")[2] or "128")
    return _route(config, row, 6, (values, length), gateway, words[2:])


def _route(
    config: Config, row: Row, family: Family, to: tuple[object, int], gateway: int | None, rest: list[str]
) -> Route | None:
    block = config.by_nameif.get(row["nameif"])
    if block is None and row["nameif"] != "Null0":
        return None
    distance, uncertain = 1, ""
    words = list(rest)
    if words and words[0].isdigit():
        distance = int(words.pop(0))
    if words[:1] == ["track"] and len(words) > 1:
        uncertain = f"it is there only while track {words[1]} is up"
        words = words[2:]
    if words:
        return None
    hops = (NextHop(address=gateway, interface=block.name),) if block is not None else ()
    return Route(
        family=family,
        destination=to[0],  # type: ignore[arg-type]
        length=to[1],
        next_hops=hops,
        evidence=row.evidence(),
        vrf=config.vrf(block) if block is not None else "default",
        distance=distance,
        uncertain=uncertain,
    )


def _given(config: Config) -> Iterator[Route]:
    """Default routes that come with an address: ``ip address dhcp|pppoe setroute``."""
    for block in config.blocks:
        if block.get("dynamic") and "setroute" in (block.get("dynamic_words") or ""):
            yield _default(config, block, 4, block.line("dynamic_words"))
        if "default" in (block.get("dynamic6") or ""):
            yield _default(config, block, 6, block.line("dynamic6"))


def _default(config: Config, block: Block, family: Family, evidence: Evidence) -> Route:
    return Route(
        family=family,
        destination=ADDRESSES[family],
        length=0,
        next_hops=(NextHop(interface=block.name),),
        evidence=evidence,
        vrf=config.vrf(block),
        protocol="dhcp",
        uncertain="its next hop comes with the address",
    )
