"""GRE and IP-IP tunnels.

- `allow-fragmentation`: "the DF bit is not set in the outer IP header"; without it "fragmentation of GRE-encapsulated
  packets is disabled"; `do-not-fragment`: "sets the DF bit in the outer IP header" (Juniper, CLI reference of both).
- GRE over IPv4 adds 24 bytes, 28 with a key (RFC 2784, RFC 2890); IP in IP adds 20 (RFC 2003).
"""

from auditor.model.device import Df, Tunnel
from auditor.model.evidence import Basis, Fact
from auditor.platforms.juniper_junos.config import Config, read
from auditor.platforms.juniper_junos.names import prefix_of
from auditor.platforms.juniper_junos.security.tree import Node

_DROPS = "Juniper, `allow-fragmentation`: without it an outer packet that is too big is dropped"
_RFC = "RFC 2784, RFC 2890 and RFC 2003: the outer header's and GRE's bytes"


def tunnel(config: Config, name: str, node: Node) -> Tunnel | None:
    """The tunnel of a unit; None where it has none, or one that isn't read (IPsec)."""
    there = node.get("tunnel")
    if there is None or not name.startswith(("gr-", "ip-")):
        return None
    source, destination = there.value("source"), there.value("destination")
    far = prefix_of(destination) if destination else None
    near = prefix_of(source) if source else None
    family = (far or near or (4,))[0]
    gre = name.startswith("gr-")
    outer = 20 if family == 4 else 40
    size = outer + ((8 if there.get("key") is not None else 4) if gre else 0)
    fact: Fact[int | None] = Fact(value=size, basis=Basis.READ, evidence=(there.evidence,), source=_RFC)
    vrf = there.value("routing-instance", "destination")
    return Tunnel(
        mode="gre" if gre else "ipip",
        source=near[1].first if near else None,
        source_interface=None,
        destination=far[1].first if far else None,
        family=family,
        protocol=47 if gre else (4 if family == 4 else 41),
        overhead=fact,
        outer_df=_outer_df(config, there),
        evidence=there.evidence,
        vrf=vrf or "default",
        key=there.value("key") or "",
    )


def _outer_df(config: Config, there: Node) -> Fact[Df]:
    allowed = there.get("allow-fragmentation")
    if allowed is not None:
        return read(Df.CLEAR, allowed.evidence)
    denied = there.get("do-not-fragment")
    if denied is not None:
        return read(Df.SET, denied.evidence)
    return config.default(Df.SET, Df.CLEAR, source=_DROPS, head=there.evidence)
