"""Tunnels as ``ip -d`` shows them: the ends, what is added to a packet, and the outer header's DF."""

import re
from ipaddress import IPv4Address

from auditor.model.addresses import Family, parse_address
from auditor.model.device import NOT_KNOWN, Df, Tunnel
from auditor.model.evidence import Basis, Evidence, Fact

IPV4, IPV6, GRE, UDP = 20, 40, 4, 8
ENCAP_LIMIT = 8  # RFC 2473 4.1.1: the option that ip6_tunnel adds unless "encaplimit none"
NO_LIMIT = r"\bencaplimit none\b|\bip6_tnl_f_ign_encap_limit\b"
FRAME = 14  # an inner Ethernet header
HEADERS = {
    "gre": (4, 47, IPV4 + GRE), "gretap": (4, 47, IPV4 + GRE + FRAME), "ip6gre": (6, 47, IPV6 + GRE),
    "ip6gretap": (6, 47, IPV6 + GRE + FRAME), "ipip": (4, 4, IPV4), "sit": (4, 41, IPV4), "ip6tnl": (6, 41, IPV6),
    "vxlan": (4, 17, IPV4 + UDP + 8 + FRAME), "geneve": (4, 17, IPV4 + UDP + 8 + FRAME),
}  # fmt: skip
ENCRYPTED = {"vti": (4, 50), "vti6": (6, 50), "xfrm": (4, 50), "wireguard": (4, 17)}
UNTOLD = {
    "tun": (4, 0),
    "ppp": (4, 0),
    "l2tpeth": (4, 115),
    "openvpn": (4, 17),
    "erspan": (4, 47),
    "bareudp": (4, 17),
    "gtp": (4, 17),
}
KINDS = frozenset({*HEADERS, *ENCRYPTED, *UNTOLD})
DF_SOURCE = (
    "net/ipv4/ip_tunnel.c ip_tunnel_xmit(): pmtudisc sets DF, nopmtudisc copies the inner one, ignore-df clears it"
)

TELLS_NOBODY = Fact(
    value=False,
    basis=Basis.READ,
    source="measured on Linux 6.18: with DF on the outer packets no error comes back, however often the sender tries",
)
VXLAN_SOURCE = "ip-link(8), vxlan and geneve df"
XFRM_SOURCE = "net/xfrm/xfrm_output.c xfrm4_tunnel_encap_add(): the inner DF, none with the flag nopmtudisc of the SA"
WIREGUARD_SOURCE = "drivers/net/wireguard/socket.c send4(): it sends with df 0"
VXLAN_WORDS = ((r"\bdf set\b", Df.SET), (r"\bdf inherit\b", Df.KEEP), (r"\bdf unset\b", Df.CLEAR))
IP_WORDS = (
    (r"(?<!no)\bignore[-_]df\b", Df.CLEAR), (r"\bnopmtudisc\b", Df.KEEP), (r"\bpmtudisc\b", Df.SET),
)  # fmt: skip


def tunnel(kind: str, detail: str, link: str, evidence: Evidence) -> Tunnel | None:
    """The tunnel of an interface of that kind, None for other kinds. Ends that are not told are None. Without ``-d``
    only the kind of its link is shown, not what it adds.
    """
    detailed = bool(kind)
    kind = kind or (link if link in KINDS else "")
    if kind in ENCRYPTED or kind in UNTOLD:
        family, protocol = (ENCRYPTED | UNTOLD)[kind]
        return _tunnel(kind, 4 if family == 4 else 6, protocol, detail, evidence, None, kind in ENCRYPTED)
    if kind not in HEADERS:
        return None
    family, protocol, overhead = HEADERS[kind]
    extra = _options(kind, detail) if detailed else None
    if extra is None:
        return _tunnel(kind, 4 if family == 4 else 6, protocol, detail, evidence, None, False)
    overhead += extra
    remote = _end(detail, "remote")
    if kind in ("vxlan", "geneve") and remote is not None and remote[0] == 6:
        family, overhead = 6, overhead + IPV6 - IPV4
    return _tunnel(kind, 4 if family == 4 else 6, protocol, detail, evidence, overhead, False)


def _tunnel(
    kind: str, family: Family, protocol: int, detail: str, evidence: Evidence, overhead: int | None, encrypted: bool
) -> Tunnel:
    local, remote = _end(detail, "local"), _end(detail, "remote")
    device = re.search(r"\bdev (\S+)", detail)
    known = overhead is not None
    return Tunnel(
        mode=kind,
        source=local[1] if local and local[0] == family else None,
        source_interface=device[1] if device else None,
        destination=remote[1] if remote and remote[0] == family else None,
        family=family,
        protocol=protocol,
        overhead=Fact(
            value=overhead,
            basis=Basis.READ if known else Basis.UNKNOWN,
            evidence=(evidence,),
            others=() if known else (1,),
        ),
        outer_df=_df(kind, detail, evidence),
        evidence=evidence,
        protected=evidence if encrypted else None,
        key=_key(detail),
        tells=TELLS_NOBODY if kind == "vxlan" else NOT_KNOWN,
    )


def _key(detail: str) -> str:
    """The key of what it sends; one that is written as an address is the same number."""
    found = re.search(r"\b(?:okey|key) (\S+)", detail)
    if found is None:
        return ""
    try:
        return str(int(IPv4Address(found[1])))
    except ValueError:
        return found[1]


def _end(detail: str, word: str) -> tuple[Family, int] | None:
    found = re.search(rf"\b{word} (\S+)", detail)
    if found is None:
        return None
    try:
        return parse_address(found[1])
    except ValueError:  # "any"
        return None


def _options(kind: str, detail: str) -> int | None:
    """GRE's key, sequence and checksum take 4 bytes each (RFC 2890); IPv6 tunnels add an option unless told not to. A
    further encapsulation (fou, gue) adds what is not read.
    """
    if re.search(r"\b(?:encap(?! none\b)|external)\b", detail):
        return None
    extra = 0
    if "gre" in kind:
        extra += 4 * sum(
            bool(re.search(pattern, detail)) for pattern in (r"\bokey ", r"(?<!no)\boseq\b", r"(?<!no)\bocsum\b")
        )
    if kind in ("ip6tnl", "ip6gre", "ip6gretap") and not re.search(NO_LIMIT, detail):
        extra += ENCAP_LIMIT
    return extra


def _df(kind: str, detail: str, evidence: Evidence) -> Fact[Df]:
    if kind in UNTOLD or not detail:
        others = (Df.KEEP, Df.CLEAR)
        return Fact(value=Df.SET, basis=Basis.UNKNOWN, evidence=(evidence,), others=others, source=DF_SOURCE)
    if kind in ENCRYPTED and kind != "wireguard":
        return Fact(value=Df.KEEP, basis=Basis.DEFAULT, evidence=(evidence,), others=(Df.CLEAR,), source=XFRM_SOURCE)
    if kind == "wireguard":
        return Fact(value=Df.CLEAR, basis=Basis.ABSENT, evidence=(evidence,), source=WIREGUARD_SOURCE)
    words = VXLAN_WORDS if kind in ("vxlan", "geneve") else IP_WORDS
    value = next((df for pattern, df in words if re.search(pattern, detail)), None)
    source = VXLAN_SOURCE if words is VXLAN_WORDS else DF_SOURCE
    if value is not None:
        return Fact(value=value, basis=Basis.READ, evidence=(evidence,), source=source)
    absent = Df.CLEAR if words is VXLAN_WORDS else Df.SET
    return Fact(value=absent, basis=Basis.ABSENT, evidence=(evidence,), source=source)
