"""What the ASA speaks itself: IKEv2 and RADIUS, with whom, and what is known of its messages."""

from collections.abc import Iterator

from auditor.model.addresses import Family
from auditor.model.device import Peer, Speaker
from auditor.model.evidence import Basis, Evidence, Fact
from auditor.parse.rows import Row
from auditor.platforms.cisco_asa.config import Config, read
from auditor.platforms.cisco_asa.objects import Objects

# Only `show running-config all` tells it without a line; no text of Cisco that could be read states the default.
_FRAGMENTATION = "that IKEv2 fragmentation is on by default, with 576 bytes, is in no text of Cisco that could be read"
_SIZE, _SIZES = 576, (1280, 1500)
# RADIUS ports without a line: Cisco ASA Command Reference, "authentication-port" and "accounting-port".
_AUTH_PORT, _ACCT_PORT = 1645, 1646
_IKE_PORTS = (500, 4500)
_DEFAULT_INTERFACE = "inside"  # Cisco ASA Command Reference, "aaa-server host": inside, where none is named


def speakers(config: Config, objects: Objects) -> tuple[Speaker, ...]:
    """All that the config says the device speaks."""
    return (*_ike(config, objects), *_radius(config, objects))


# --------------------------------------------------------------------------------------------------------------- IKEv2


def _fragmentation(config: Config) -> tuple[Fact[bool], Fact[int]]:
    """``crypto ikev2 fragmentation [mtu N] [preferred-method ietf|cisco]`` and its ``no``."""
    lines = [*config.fields("ike_fragmentation"), *config.fields("ike_fragmentation_on")]
    lines.sort(key=lambda line: line[1].number)
    evidence = (lines[-1][1].evidence(),) if lines else (config.rows.head,)
    size = Fact(value=_SIZE, basis=Basis.ASSUMED, evidence=evidence, others=_SIZES, source=_FRAGMENTATION)
    if not lines:
        on = Fact(value=True, basis=Basis.ASSUMED, evidence=evidence, others=(False,), source=_FRAGMENTATION)
        return on, size
    text = lines[-1][0]
    if text == "no":
        return read(False, *evidence), size
    words = text.split()
    if "mtu" in words[:-1] and words[words.index("mtu") + 1].isdigit():
        size = read(int(words[words.index("mtu") + 1]), *evidence)
    if "cisco" in words:  # Cisco's own method, which other makers' ends don't speak
        return Fact(value=True, basis=Basis.UNKNOWN, evidence=evidence, others=(False,)), size
    return read(True, *evidence), size


def _ike(config: Config, objects: Objects) -> Iterator[Speaker]:
    """One speaker for each interface on which IKEv2 is enabled, with the peers of its crypto map and of its VTIs."""
    on, size = _fragmentation(config)
    for text, row in config.fields("ike_interface"):
        nameif = text.split()[0]
        block = config.by_nameif.get(nameif)
        peers = tuple(_peers(config, objects, nameif))
        yield Speaker(
            kind="ikev2",
            interface=block.name if block is not None else None,
            peers=peers,
            evidence=row.evidence(),
            vrf=config.vrf(block) if block is not None else "default",
            auth=_auth(config, peers),
            ike_fragmentation=on,
            ike_fragment_size=size,
        )


def _peers(config: Config, objects: Objects, nameif: str) -> Iterator[Peer]:
    rows = config.rows.rows("crypto_maps")
    maps = {row["name"] for row in rows if row.get("nameif") == nameif}
    for row in rows:
        words = (row.get("text") or "").split()
        if row["name"] in maps and words[:2] == ["set", "peer"]:
            for word in words[2:]:
                yield from _peer(objects, word, _IKE_PORTS, row.evidence())
    for block in config.blocks:
        if block.get("tunnel_source") == nameif and block.get("tunnel_destination"):
            line = block.line("tunnel_destination")
            yield from _peer(objects, block.get("tunnel_destination") or "", _IKE_PORTS, line)


def _auth(config: Config, peers: tuple[Peer, ...]) -> str | None:
    """What makes IKE_AUTH large is a certificate on either side, of some peer."""
    words = [
        (row.get(field) or "").split()[0]
        for row in config.rows.rows("tunnel_secrets")
        for field in ("local", "remote")
        if field in row
    ]
    if "certificate" in words or "eap" in words:
        return "certificate"
    return "psk" if "pre-shared-key" in words and peers else None


def _peer(objects: Objects, word: str, ports: tuple[int, ...], evidence: Evidence) -> Iterator[Peer]:
    where = objects.host(word)
    if where is None:
        return
    families: tuple[Family, Family] = (4, 6)
    for family in families:
        values = where.of(family)
        if values:
            yield Peer(addresses=values, family=family, ports=ports, evidence=evidence)


# -------------------------------------------------------------------------------------------------------------- RADIUS


def _radius(config: Config, objects: Objects) -> Iterator[Speaker]:
    """One speaker for each group of RADIUS servers and interface by which they are asked."""
    groups = {row["name"] for row in config.rows.rows("aaa_groups") if row["protocol"] == "radius"}
    found: dict[tuple[str, str], list[Row]] = {}
    for row in config.rows.rows("aaa_hosts"):
        if row["name"] in groups:
            found.setdefault((row["name"], row.get("nameif") or _DEFAULT_INTERFACE), []).append(row)
    for (_, nameif), rows in found.items():
        block = config.by_nameif.get(nameif)
        peers = [peer for row in rows for peer in _peer(objects, row["host"], _ports(row), row.evidence())]
        if peers:
            yield Speaker(
                kind="radius-client",
                interface=block.name if block is not None else None,
                peers=tuple(peers),
                evidence=rows[0].evidence(),
                vrf=config.vrf(block) if block is not None else "default",
            )


def _ports(row: Row) -> tuple[int, ...]:
    return int(row.get("authentication") or _AUTH_PORT), int(row.get("accounting") or _ACCT_PORT)
