"""What the device speaks itself: IKEv2 and RADIUS, with whom, and what is known of its messages."""

from collections.abc import Iterator, Sequence

from auditor.model.addresses import Family, IntervalSet
from auditor.model.device import Peer, Speaker
from auditor.model.evidence import Basis, Evidence, Fact
from auditor.parse.rows import Row
from auditor.platforms.cisco_ios.addresses import dotted, host, wildcard
from auditor.platforms.cisco_ios.blocks import Block, Blocks
from auditor.platforms.cisco_ios.config import read

# IKEv2 fragmentation is off unless the line is there: `show crypto ikev2 sa detail` says "Fragmentation not configured"
# (CiscoTestAutomation/genieparser, iosxe), and Cisco's "Configuring IKEv2 Fragmentation" makes it a task.
_FRAGMENTATION = 'Cisco, "Configuring IKEv2 Fragmentation"; show crypto ikev2 sa detail'
# The MTU without a number: 576 bytes for IPv4 (1280 for IPv6). No page of Cisco's that could be read states it.
_FRAGMENT_SIZE = 576
_FRAGMENT_SIZES = (1280, 1500)
_IKE_PORTS = (500, 4500)
# RADIUS ports that a server line does not name: Cisco IOS Security Command Reference, "radius-server host" and
# "address ipv4".
_AUTH_PORT, _ACCT_PORT = 1645, 1646


def speakers(blocks: Blocks) -> tuple[Speaker, ...]:
    """All that the config says the device speaks."""
    return (*_ike(blocks), *_radius(blocks))


# --------------------------------------------------------------------------------------------------------------- IKEv2


def _fragmentation(blocks: Blocks) -> tuple[Fact[bool], Fact[int]]:
    config = blocks.config
    size = config.text("ike_fragment_mtu")
    said = config.text("ike_fragmentation")
    lines = (*config.line("ike_fragment_mtu"), *config.line("ike_fragmentation"))
    if size is not None and said != "no":
        return read(True, *lines[:1]), read(int(size), *lines[:1])
    default = Fact(
        value=_FRAGMENT_SIZE,
        basis=Basis.ASSUMED,
        evidence=lines[:1] or (config.rows.head,),
        others=_FRAGMENT_SIZES,
        source="the MTU of crypto ikev2 fragmentation without a number is in no text of Cisco that could be read",
    )
    if said is not None:
        return read(said == "yes", *lines[-1:]), default
    return config.default(False, True, source=_FRAGMENTATION), default


def _ike(blocks: Blocks) -> Iterator[Speaker]:
    fragmentation, size = _fragmentation(blocks)
    for profile in blocks.config.rows.rows("ike_profiles"):
        peers = list(dict.fromkeys(_ike_peers(blocks, profile)))
        interface, vrf = _ike_interface(blocks, profile)
        yield Speaker(
            kind="ikev2",
            interface=interface,
            peers=tuple(peers),
            evidence=profile.evidence(),
            vrf=vrf,
            auth=_auth(profile),
            ike_fragmentation=fragmentation,
            ike_fragment_size=size,
        )


def _auth(profile: Row) -> str | None:
    """How the ends prove who they are: what makes IKE_AUTH large is a certificate on either side."""
    remote = [row["auth"].split()[0] for row in profile.rows("remote_auths")]
    local = (profile.get("local_auth") or "").split()[:1]
    if "eap" in remote or "anyconnect-eap" in remote or local == ["eap"]:
        return "eap-tls" if local == ["eap"] else "certificate" if _signs(local) else None
    if any(_signs([one]) for one in (*remote, *local)):
        return "certificate"
    return "psk" if "pre-share" in (*remote, *local) else None


def _signs(words: Sequence[str]) -> bool:
    return bool(words) and words[0] in ("rsa-sig", "ecdsa-sig")


def _uses(blocks: Blocks, profile: str) -> Iterator[tuple[Block, str, Evidence]]:
    """Where an IKEv2 profile is used: the interface that sends, and the peer's address."""
    config = blocks.config
    ipsec = {row["name"] for row in config.rows.rows("crypto_profiles") if row.get("ike_profile") == profile}
    for block in blocks:
        words = (block.get("tunnel_protection") or "").split()
        if words[:2] == ["ipsec", "profile"] and len(words) > 2 and words[2] in ipsec:
            yield block, block.get("tunnel_destination") or "", block.line("tunnel_destination")
    maps = [row for row in config.rows.rows("crypto_maps") if row.get("ike_profile") == profile]
    for row in maps:
        for block in blocks:
            if block.get("crypto_map") == row["name"]:
                for peer in row.rows("peers"):
                    yield block, peer["peer"], peer.evidence()


def _ike_peers(blocks: Blocks, profile: Row) -> Iterator[Peer]:
    for _, text, evidence in _uses(blocks, profile["name"]):
        yield from _peer(text, None, evidence)
    for row in profile.rows("identities"):
        yield from _peer(row["address"], row.get("mask"), row.evidence())
    for keyring in blocks.config.rows.rows("ike_keyrings"):
        if keyring["name"] == profile.get("keyring"):
            for row in keyring.rows("peers"):
                if "address" in row:
                    yield from _peer(row["address"], row.get("mask"), row.evidence("address"))


def _peer(text: str, mask: str | None, evidence: Evidence) -> Iterator[Peer]:
    one = host(text)
    if one is None:
        return
    family, values = one
    bits = dotted(mask) if mask else None
    if bits is not None:
        values, _ = wildcard(values.first, ~bits & 0xFFFFFFFF)
    yield Peer(addresses=values, family=family, ports=_IKE_PORTS, evidence=evidence)


def _ike_interface(blocks: Blocks, profile: Row) -> tuple[str | None, str]:
    """The interface whose address IKE packets carry, where one line tells it, and its VRF."""
    vrf = profile.get("front_vrf") or "default"
    named = profile.get("local_interface")
    if named is not None:
        return blocks.names.find(named), vrf if vrf != "any" else "default"
    for block, _, _ in _uses(blocks, profile["name"]):
        source = blocks.find(block.get("tunnel_source") or "")
        carrier = source if block.get("tunnel_protection") is not None else block
        if carrier is not None:
            return carrier.name, block.get("tunnel_vrf") or carrier.get("vrf") or "default"
    return None, vrf if vrf != "any" else "default"


# -------------------------------------------------------------------------------------------------------------- RADIUS


def _radius(blocks: Blocks) -> Iterator[Speaker]:
    """One speaker for each group of servers, and one for the servers that are in none."""
    named = {row["name"]: row for row in blocks.config.rows.rows("radius_servers")}
    grouped: set[str] = set()
    for group in blocks.config.rows.rows("radius_groups"):
        peers: list[Peer] = []
        for row in group.rows("servers"):
            name = row.get("name")
            if name is not None:
                grouped.add(name)
                peers += _named_peer(named.get(name))
            else:
                grouped.add(row["address"])
                peers += _server(row["address"], row.get("words"), row.evidence())
        vrf = group.get("vrf") or "default"
        interface = blocks.names.find(group.get("source_interface") or "") or _source_interface(blocks, vrf)
        if peers:
            yield _radius_speaker(peers, interface, vrf, group.evidence())
    lone = [row for name, row in named.items() if name not in grouped]
    peers = [peer for row in lone for peer in _named_peer(row)]
    hosts = [row for row in blocks.config.rows.rows("radius_hosts") if row["address"] not in grouped]
    peers += [peer for row in hosts for peer in _server(row["address"], row.get("words"), row.evidence())]
    if peers:
        yield _radius_speaker(peers, _source_interface(blocks, "default"), "default", peers[0].evidence)


def _radius_speaker(peers: Sequence[Peer], interface: str | None, vrf: str, evidence: Evidence) -> Speaker:
    return Speaker(kind="radius-client", interface=interface, peers=tuple(peers), evidence=evidence, vrf=vrf)


def _source_interface(blocks: Blocks, vrf: str) -> str | None:
    """``ip radius source-interface X [vrf V]``."""
    for text, _ in blocks.config.fields("radius_source"):
        words = text.split()
        own = words[words.index("vrf") + 1] if "vrf" in words[:-1] else "default"
        if own == vrf:
            end = words.index("vrf") if "vrf" in words else len(words)
            return blocks.names.find("".join(words[:end]))
    return None


def _named_peer(row: Row | None) -> list[Peer]:
    if row is None or "address" not in row:
        return []
    return _server(row["address"], row.get("words"), row.evidence("address"), row.get("dtls_port"))


def _server(text: str, words: str | None, evidence: Evidence, dtls: str | None = None) -> list[Peer]:
    """A server with its ports; a name instead of an address gives none, since nobody resolves it here."""
    one: tuple[Family, IntervalSet] | None = host(text)
    if one is None:
        return []
    ports = (_number(words, "auth-port") or _AUTH_PORT, _number(words, "acct-port") or _ACCT_PORT)
    if dtls is not None:
        ports = (int(dtls), int(dtls))
    return [Peer(addresses=one[1], family=one[0], ports=tuple(dict.fromkeys(ports)), evidence=evidence)]


def _number(words: str | None, name: str) -> int | None:
    parts = (words or "").split()
    after = parts[parts.index(name) + 1 :] if name in parts else []
    return int(after[0]) if after and after[0].isdigit() else None
