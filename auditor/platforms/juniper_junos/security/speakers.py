"""What the device speaks itself: IKEv2 with the gateways of its VPNs, and RADIUS."""

from collections.abc import Iterator

from auditor.model.device import Peer, Speaker
from auditor.model.evidence import Evidence, Fact
from auditor.platforms.juniper_junos.security.books import FAMILIES, prefix
from auditor.platforms.juniper_junos.security.facts import Config, read
from auditor.platforms.juniper_junos.security.tree import Node

_PORTS = (500, 4500)
# Juniper's configuration schema (junos-conf-security 24.4, [edit security ike gateway G fragmentation]): there is
# ``disable`` and no ``enable``; "size: Default 576 bytes for ipv4 and 1280 bytes for ipv6".
_ON = "Juniper configuration schema, security ike gateway fragmentation: a leaf to disable it and none to enable it"
_SIZE = "Juniper configuration schema, security ike gateway fragmentation size: default 576 for IPv4, 1280 for IPv6"
_SIZES = {4: 576, 6: 1280}
# Juniper, "radius-server (System)": port 1812, accounting-port 1813.
_RADIUS = (1812, 1813)
_SIGNED = ("rsa-signatures", "dsa-signatures", "certificates")


def speakers(config: Config) -> tuple[Speaker, ...]:
    """All that the config says the device speaks."""
    return (*_ike(config), *_radius(config))


def _ike(config: Config) -> Iterator[Speaker]:
    """Gateways of IKEv2. One without ``version`` speaks version 1 (Juniper, "version (Security IKE Gateway)")."""
    for _, gateway in config.security.items("ike", "gateway"):
        if gateway.value("version") != "v2-only":
            continue
        peers = tuple(_peers(gateway.values("address"), gateway, _PORTS))
        named = gateway.value("external-interface")
        interface = config.interface(named) if named is not None else None
        family = peers[0].family if peers else 4
        yield Speaker(
            kind="ikev2",
            interface=interface.name if interface is not None else None,
            peers=peers,
            evidence=gateway.evidence,
            vrf=interface.vrf if interface is not None else "default",
            auth=_auth(config, gateway),
            ike_fragmentation=_fragmentation(config, gateway),
            ike_fragment_size=_size(config, gateway, family),
        )


def _peers(texts: tuple[str, ...], node: Node, ports: tuple[int, ...]) -> Iterator[Peer]:
    for text in texts:
        found = prefix(text)
        for family in FAMILIES:
            if found is not None and family in found.known:
                yield Peer(
                    addresses=found.known[family], family=family, ports=ports, evidence=_line(node, "address", text)
                )


def _line(node: Node, *path: str) -> Evidence:
    found = node.get(*path)
    return found.evidence if found is not None else node.evidence


def _fragmentation(config: Config, gateway: Node) -> Fact[bool]:
    off = gateway.get("fragmentation", "disable")
    if off is not None:
        return read(False, off.evidence)
    return config.default(True, False, source=_ON, evidence=gateway.evidence)


def _size(config: Config, gateway: Node, family: int) -> Fact[int]:
    text = gateway.value("fragmentation", "size")
    if text is not None and text.isdigit():
        return read(int(text), gateway.line("fragmentation", "size"))
    value = _SIZES[family]
    return config.default(value, _SIZES[10 - family], source=_SIZE, evidence=gateway.evidence)


def _auth(config: Config, gateway: Node) -> str | None:
    """How the ends prove who they are."""
    ike = config.security.get("ike") or Node(config.head)
    policy = ike.get("policy", gateway.value("ike-policy") or "")
    if policy is None:
        return None
    methods = [ike.value("proposal", name, "authentication-method") or "" for name in policy.values("proposals")]
    if policy.get("certificate") is not None or any(m in _SIGNED or m.startswith("ecdsa-") for m in methods):
        return "certificate"
    return "psk" if "pre-shared-keys" in methods or policy.get("pre-shared-key") is not None else None


def _radius(config: Config) -> Iterator[Speaker]:
    """``system radius-server``, ``access radius-server`` and those of access profiles: one speaker for each place."""
    places: list[tuple[str, ...]] = [("system",), ("access",)]
    places += [("access", "profile", name) for name in config.root.values("access", "profile")]
    for place in places:
        servers = list(config.root.items(*place, "radius-server"))
        peers: list[Peer] = []
        source: str | None = None
        for text, node in servers:
            ports = tuple(_number(node, key, default) for key, default in zip(_KEYS, _RADIUS, strict=True))
            found = prefix(text)
            source = node.value("source-address") or source
            for family in FAMILIES:
                if found is not None and family in found.known:
                    own = found.known[family]
                    peers.append(Peer(addresses=own, family=family, ports=ports, evidence=node.evidence))
        if peers:
            yield Speaker(
                kind="radius-client", interface=_owner(config, source), peers=tuple(peers), evidence=peers[0].evidence
            )


_KEYS = ("port", "accounting-port")


def _number(node: Node, key: str, default: int) -> int:
    text = node.value(key)
    return int(text) if text is not None and text.isdigit() else default


def _owner(config: Config, source: str | None) -> str | None:
    """The interface that has an address."""
    found = prefix(source) if source is not None else None
    for one in config.interfaces if found is not None else ():
        for address in one.addresses:
            if found is not None and address.address in found.known.get(address.family, ()):
                return one.name
    return None
