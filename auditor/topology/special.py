"""What ``internet`` leaves out: the special-purpose blocks of RFC 6890 and whatever is no global unicast address.

The blocks are those of the IANA IPv4 and IPv6 Special-Purpose Address Registries, each with the RFC that the registry
names for it. Blocks that the registry calls globally reachable are left out too: no client sits in them.
"""

from functools import cache

from auditor.model.addresses import Family, IntervalSet, parse_prefix

UNICAST: dict[Family, tuple[tuple[str, str], ...]] = {
    4: (("0.0.0.0/1", "RFC 791"), ("128.0.0.0/2", "RFC 791"), ("192.0.0.0/3", "RFC 791; 224.0.0.0/4 is RFC 1112")),
    6: (("2000::/3", "RFC 4291 2.4 and IANA's IPv6 Global Unicast Address Assignments"),),
}
SPECIAL: dict[Family, tuple[tuple[str, str], ...]] = {
    4: (
        ("0.0.0.0/8", "RFC 791 3.2: this network"),
        ("10.0.0.0/8", "RFC 1918: private use"),
        ("100.64.0.0/10", "RFC 6598: shared address space"),
        ("127.0.0.0/8", "RFC 1122 3.2.1.3: loopback"),
        ("169.254.0.0/16", "RFC 3927: link local"),
        ("172.16.0.0/12", "RFC 1918: private use"),
        ("192.0.0.0/24", "RFC 6890 2.1: IETF protocol assignments"),
        ("192.0.2.0/24", "RFC 5737: documentation (TEST-NET-1)"),
        ("192.31.196.0/24", "RFC 7535: AS112"),
        ("192.52.193.0/24", "RFC 7450: AMT"),
        ("192.88.99.0/24", "RFC 7526: 6to4 relay anycast, deprecated"),
        ("192.168.0.0/16", "RFC 1918: private use"),
        ("192.175.48.0/24", "RFC 7534: direct delegation AS112"),
        ("198.18.0.0/15", "RFC 2544: benchmarking"),
        ("198.51.100.0/24", "RFC 5737: documentation (TEST-NET-2)"),
        ("203.0.113.0/24", "RFC 5737: documentation (TEST-NET-3)"),
        ("240.0.0.0/4", "RFC 1112 4: reserved"),
        ("255.255.255.255/32", "RFC 919 7: limited broadcast"),
    ),
    6: (
        ("::/128", "RFC 4291 2.5.2: unspecified"),
        ("::1/128", "RFC 4291 2.5.3: loopback"),
        ("::ffff:0:0/96", "RFC 4291 2.5.5.2: IPv4-mapped"),
        ("64:ff9b::/96", "RFC 6052: IPv4-IPv6 translation"),
        ("64:ff9b:1::/48", "RFC 8215: IPv4-IPv6 translation, local use"),
        ("100::/64", "RFC 6666: discard-only"),
        ("100:0:0:1::/64", "RFC 9780: dummy prefix"),
        ("2001::/23", "RFC 2928: IETF protocol assignments"),
        ("2001:db8::/32", "RFC 3849: documentation"),
        ("2002::/16", "RFC 3056: 6to4"),
        ("2620:4f:8000::/48", "RFC 7534: direct delegation AS112"),
        ("3fff::/20", "RFC 9637: documentation"),
        ("5f00::/16", "RFC 9602: segment routing SIDs"),
        ("fc00::/7", "RFC 4193: unique local"),
        ("fe80::/10", "RFC 4291 2.5.6: link-local unicast"),
    ),
}
LOOPBACK: dict[Family, IntervalSet] = {4: parse_prefix("127.0.0.0/8")[1], 6: parse_prefix("::1/128")[1]}
LINK_LOCAL: dict[Family, IntervalSet] = {4: IntervalSet(), 6: parse_prefix("fe80::/10")[1]}


@cache
def global_unicast(family: Family) -> IntervalSet:
    """All global unicast addresses without the special-purpose blocks."""
    return _union(UNICAST[family]) - _union(SPECIAL[family])


def _union(blocks: tuple[tuple[str, str], ...]) -> IntervalSet:
    return IntervalSet.union(parse_prefix(block)[1] for block, _ in blocks)
