"""The simulator against what real packets did on Linux 6.18, beyond ``lab.md``: marks, notrack, states, jumps, maps.

Each row was run in the lab of ``lab.md`` 1 with these very rules: ``outcomes`` are those of 128 bytes (IPv6: 148) and
of 2,028 (2,048), and ``pieces`` offset and bytes of what of the latter came to s.
"""

from typing import NamedTuple

import pytest

from auditor.model.addresses import Family
from tests.scenarios.linux_lab import Lab, outcome, pieces
from tests.scenarios.test_linux_truth import CT_IP, CT_IP6, base, nft, plain, policy, table

FIRST, TAIL = (0, 1500), (1480, 548)
FIRST6, TAIL6 = (0, 1496), (1448, 608)
BOTH, NONE = (FIRST, TAIL), ()
BOTH6 = (FIRST6, TAIL6)
FIRSTS = "ip frag-off & 16383 == 8192"
TAILS = "ip frag-off & 8191 != 0"


class Row(NamedTuple):
    """One row. ``ends``: from c to s, or from c to fw itself, or from fw itself to s."""

    name: str
    listings: str
    outcomes: str
    pieces: tuple[tuple[int, int], ...]
    family: Family = 4
    ends: str = "c s"
    server: str = ""


def forward(*rules: str, family: str = "ip", policy: str = "accept") -> str:
    """A table with a forward chain."""
    return table(family, base("forward", "filter", *rules, policy=policy))


def early(*rules: str, family: str = "ip", priority: str = "-450") -> str:
    """A table with a chain before (or after) the reassembly."""
    return table(family, base("prerouting", priority, *rules), name="early")


def chains(*texts: str) -> str:
    """One table of IPv4."""
    return nft(table("ip", *texts))


MARKED = forward("meta mark 0x00000007 drop")

ROWS = [
    # marks
    Row(
        "mark of the first piece stays",
        nft(early(f"{FIRSTS} meta mark set 0x00000007") + MARKED + CT_IP),
        "ok LOST",
        NONE,
    ),
    Row(
        "mark of later pieces is gone", nft(early(f"{TAILS} meta mark set 0x00000007") + MARKED + CT_IP), "ok ok", BOTH
    ),
    Row(
        "marks without reassembly: first", nft(early(f"{FIRSTS} meta mark set 0x00000007") + MARKED), "ok LOST", (TAIL,)
    ),
    Row(
        "marks without reassembly: tail", nft(early(f"{TAILS} meta mark set 0x00000007") + MARKED), "ok LOST", (FIRST,)
    ),
    Row(
        "every piece of a marked datagram is marked",
        nft(
            forward("ip length > 1500 meta mark set 0x00000007")
            + CT_IP
            + table("netdev", base('egress device "l3"', "filter", "meta mark 0x00000007 drop"))
        ),
        "ok LOST",
        NONE,
    ),
    Row(
        "a part of a mark",
        chains(
            base("prerouting", "mangle", "meta mark set meta mark | 0x00000030"),
            base("forward", "filter", "meta mark & 0x00000010 == 0x00000010 drop"),
        ),
        "LOST LOST",
        NONE,
    ),
    Row(
        "a bit that is taken away",
        chains(
            base("prerouting", "mangle", "meta mark set 0x00000030", "meta mark set meta mark & 0xffffffef"),
            base("forward", "filter", "meta mark & 0x00000010 == 0x00000010 drop"),
        ),
        "ok ok",
        BOTH,
    ),
    # states
    Row("invalid before tracking", nft(early("ct state invalid drop", priority="raw")), "LOST LOST", NONE),
    Row("not new before tracking", nft(early("ct state new drop", priority="raw")), "ok ok", BOTH),
    Row("new after tracking", nft(early("ct state new drop", priority="mangle")), "LOST LOST", NONE),
    Row(
        "untracked is neither new nor invalid",
        nft(early("notrack", priority="raw") + forward("ct state new,invalid,established,related drop")),
        "ok ok",
        BOTH,
    ),
    Row("untracked", nft(early("notrack", priority="raw") + forward("ct state untracked drop")), "LOST LOST", NONE),
    Row(
        "untracked before tracking, after notrack",
        nft(early("notrack", priority="raw") + table("ip", base("prerouting", "-250", "ct state untracked drop"))),
        "LOST LOST",
        NONE,
    ),
    Row(
        "notrack of one port only",
        nft(early("udp dport 501 notrack", priority="raw") + forward("ct state untracked accept", policy="drop")),
        "LOST LOST",
        NONE,
    ),
    Row("notrack after tracking does nothing", nft(forward("notrack", "ct state untracked drop")), "ok ok", BOTH),
    Row(
        "notrack after tracking does nothing later",
        nft(forward("notrack") + table("ip", base("postrouting", "filter", "ct state untracked drop"), name="u")),
        "ok ok",
        BOTH,
    ),
    Row(
        "untracked in the same chain",
        nft(early("notrack", "ct state untracked drop", priority="raw")),
        "LOST LOST",
        NONE,
    ),
    Row(
        "tracked at its very priority",
        nft(early("notrack", priority="-199") + forward("ct state untracked drop")),
        "ok ok",
        BOTH,
    ),
    Row(
        "states by map",
        chains(
            base(
                "forward", "filter", "ct state vmap { invalid : drop, established : drop, new : accept }", policy="drop"
            )
        ),
        "ok ok",
        BOTH,
    ),
    # interfaces
    Row("no interface out yet", nft(early('oifname "l3" drop', priority="mangle")), "ok ok", BOTH),
    Row("no interface out yet, negated", nft(early('oifname != "l3" drop', priority="mangle")), "LOST LOST", NONE),
    Row(
        "the interface in, after routing",
        nft(table("ip", base("postrouting", "filter", 'iifname "l2" drop'))),
        "LOST LOST",
        NONE,
    ),
    Row(
        "interface in and out",
        chains(base("forward", "filter", 'iifname "l2" oifname "l3" accept', policy="drop")),
        "ok ok",
        BOTH,
    ),
    Row(
        "another interface",
        chains(base("forward", "filter", 'iifname "l3" oifname "l2" accept', policy="drop")),
        "LOST LOST",
        NONE,
    ),
    # what runs
    Row(
        "return in a base chain is its policy",
        chains(base("forward", "filter", "ip protocol udp return", "accept", policy="drop")),
        "LOST LOST",
        NONE,
    ),
    Row(
        "goto ends in the policy",
        chains(plain("x", "counter"), base("forward", "filter", "goto x", "accept", policy="drop")),
        "LOST LOST",
        NONE,
    ),
    Row(
        "jump comes back",
        chains(plain("x", "counter"), base("forward", "filter", "jump x", "accept", policy="drop")),
        "ok ok",
        BOTH,
    ),
    Row(
        "goto in a called chain comes back to its caller's caller",
        chains(
            plain("y", "counter"),
            plain("x", "goto y", "drop"),
            base("forward", "filter", "jump x", "accept", policy="drop"),
        ),
        "ok ok",
        BOTH,
    ),
    Row(
        "accepted by one chain, dropped by the next",
        chains(base("forward", "-10", "accept"), base("forward", "filter", "drop")),
        "LOST LOST",
        NONE,
    ),
    Row(
        "dropped by one chain, accepted by the next",
        chains(base("forward", "-10", "drop"), base("forward", "filter", "accept")),
        "LOST LOST",
        NONE,
    ),
    Row(
        "no element of a map",
        chains(base("forward", "filter", "udp dport vmap { 501 : drop, 4500 : drop }", policy="drop")),
        "LOST LOST",
        NONE,
    ),
    Row(
        "a map leads into chains",
        nft(
            table(
                "ip",
                plain("ike", "accept"),
                base("forward", "filter", "udp dport vmap { 500 : jump ike, 4500 : drop }", policy="drop"),
            )
            + CT_IP
        ),
        "ok ok",
        BOTH,
    ),
    Row(
        "a map does so for first pieces only",
        chains(
            plain("ike", "accept"),
            base("forward", "filter", "udp dport vmap { 500 : jump ike, 4500 : drop }", policy="drop"),
        ),
        "ok LOST",
        (FIRST,),
    ),
    Row(
        "a concatenation",
        nft(
            forward("ip saddr . udp dport { 10.0.1.1 . 500, 10.0.1.0-10.0.1.255 . 4500 } accept", policy="drop") + CT_IP
        ),
        "ok ok",
        BOTH,
    ),
    Row(
        "a concatenation, other port",
        nft(forward("ip saddr . udp dport { 10.0.1.1 . 501, 10.0.1.9 . 500 } accept", policy="drop") + CT_IP),
        "LOST LOST",
        NONE,
    ),
    Row("lengths by range", nft(forward("ip length 1000-1500 drop")), "ok LOST", (TAIL,)),
    Row("meta length by range", nft(forward("meta length 1501-9000 drop") + CT_IP), "ok LOST", NONE),
    Row("udp length of what is joined", nft(forward("udp length > 1500 drop") + CT_IP), "ok LOST", NONE),
    Row("the offset alone, by payload", nft(forward("@nh,51,13 != 0 drop")), "ok LOST", (FIRST,)),
    # NAT chains
    Row(
        "a nat chain that drops new connections",
        chains(base("prerouting", "dstnat", policy="drop", kind="nat")),
        "ok ok",
        BOTH,
    ),
    Row(
        "a nat chain that drops new connections, tracked",
        nft(table("ip", base("prerouting", "dstnat", policy="drop", kind="nat")) + CT_IP),
        "LOST LOST",
        NONE,
    ),
    Row(
        "a nat chain with a rule that drops",
        nft(table("ip", base("prerouting", "dstnat", "drop", kind="nat"))),
        "ok ok",
        BOTH,
    ),
    Row(
        "a nat chain with a rule that drops, tracked",
        nft(table("ip", base("prerouting", "dstnat", "drop", kind="nat")) + CT_IP),
        "LOST LOST",
        NONE,
    ),
    Row(
        "a nat chain of postrouting that drops, tracked",
        nft(table("ip", base("postrouting", "srcnat", "udp dport 500 drop", kind="nat")) + CT_IP),
        "LOST LOST",
        NONE,
    ),
    Row(
        "a nat chain of postrouting that drops its replies not",
        nft(table("ip", base("postrouting", "srcnat", "udp dport 501 drop", kind="nat")) + CT_IP),
        "ok ok",
        BOTH,
    ),
    Row(
        "translated to s",
        nft(table("ip", base("prerouting", "dstnat", "ip daddr 10.0.2.2 udp dport 500 dnat to 10.0.3.2", kind="nat"))),
        "ok ok",
        BOTH,
        server="10.0.2.2",
    ),
    Row(
        "translated to s, and filtered as such",
        nft(
            table("ip", base("prerouting", "dstnat", "ip daddr 10.0.2.2 dnat to 10.0.3.2", kind="nat"))
            + forward("ip daddr 10.0.2.2 drop", "ip daddr 10.0.3.2 udp dport 500 accept", policy="drop")
        ),
        "ok ok",
        BOTH,
        server="10.0.2.2",
    ),
    Row(
        "filtered before it is translated",
        nft(
            table("ip", base("prerouting", "dstnat", "ip daddr 10.0.2.2 dnat to 10.0.3.2", kind="nat"))
            + early("ip daddr 10.0.2.2 ip length > 1500 drop", priority="mangle")
        ),
        "ok LOST",
        NONE,
        server="10.0.2.2",
    ),
    Row(
        "translated by a map",
        nft(
            table(
                "ip",
                base("prerouting", "dstnat", "ip daddr 10.0.2.2 dnat to udp dport map { 500 : 10.0.3.2 }", kind="nat"),
            )
            + forward("ip saddr 10.0.1.1 accept", policy="drop")
        ),
        "ok ok",
        BOTH,
        server="10.0.2.2",
    ),
    Row(
        "the source is translated last",
        nft(
            table("ip", base("postrouting", "srcnat", 'oifname "l3" masquerade', kind="nat"))
            + forward("ip saddr != 10.0.1.1 drop")
        ),
        "ok ok",
        BOTH,
    ),
    # IPv6
    Row(
        "IPv6: ports with reassembly",
        nft(policy("ip6", "meta l4proto ipv6-icmp accept", "udp dport 500 accept") + CT_IP6),
        "ok ok",
        BOTH6,
        6,
    ),
    Row(
        "IPv6: first header of a fragment", nft(forward("ip6 nexthdr ipv6-frag drop", family="ip6")), "ok LOST", NONE, 6
    ),
    Row(
        "IPv6: l4proto of fragments",
        nft(forward("meta l4proto ipv6-icmp accept", "meta l4proto udp accept", family="ip6", policy="drop")),
        "ok ok",
        BOTH6,
        6,
    ),
    Row("IPv6: later fragments", nft(forward("frag frag-off != 0 drop", family="ip6")), "ok LOST", (FIRST6,), 6),
    Row("IPv6: more fragments", nft(forward("frag more-fragments 1 drop", family="ip6")), "ok LOST", (TAIL6,), 6),
    Row("IPv6: length", nft(forward("ip6 length > 1400 drop", family="ip6")), "ok LOST", (TAIL6,), 6),
    Row("IPv6: whole length", nft(forward("ip6 length > 1500 drop", family="ip6") + CT_IP6), "ok LOST", NONE, 6),
    Row("IPv6: not by a table of IPv4", nft(forward("drop", family="ip")), "ok ok", BOTH6, 6),
    Row("IPv6: inet with meta nfproto", nft(forward("meta nfproto ipv4 drop", family="inet")), "ok ok", BOTH6, 6),
    # to and from the firewall itself
    Row(
        "to itself: joined before input",
        nft(table("ip", base("input", "filter", "ip frag-off & 16383 != 0 drop"))),
        "ok ok",
        NONE,
        4,
        "c fw",
    ),
    Row(
        "to itself: whole length",
        nft(table("ip", base("input", "filter", "ip length > 1500 drop"))),
        "ok LOST",
        NONE,
        4,
        "c fw",
    ),
    Row(
        "to itself: ports",
        nft(table("ip", base("input", "filter", "udp dport 500 accept", policy="drop"))),
        "ok ok",
        NONE,
        4,
        "c fw",
    ),
    Row(
        "to itself: pieces in prerouting",
        nft(table("ip", base("prerouting", "filter", "ip frag-off & 8191 != 0 drop"))),
        "ok LOST",
        NONE,
        4,
        "c fw",
    ),
    Row(
        "to itself, IPv6: pieces in input",
        nft(table("ip6", base("input", "filter", "exthdr frag exists drop"))),
        "ok LOST",
        NONE,
        6,
        "c fw",
    ),
    Row(
        "to itself, IPv6: ports of pieces",
        nft(
            table(
                "ip6", base("input", "filter", "meta l4proto ipv6-icmp accept", "udp dport 500 accept", policy="drop")
            )
        ),
        "ok LOST",
        NONE,
        6,
        "c fw",
    ),
    Row(
        "to itself, IPv6: joined where tracked",
        nft(table("ip6", base("input", "filter", "exthdr frag exists drop")) + CT_IP6),
        "ok ok",
        NONE,
        6,
        "c fw",
    ),
    Row("to itself: forward chains don't count", nft(forward("drop")), "ok ok", NONE, 4, "c fw"),
    Row(
        "from itself: whole in output",
        nft(table("ip", base("output", "filter", "ip frag-off & 16383 != 0 drop"))),
        "ok ok",
        BOTH,
        4,
        "fw s",
    ),
    Row(
        "from itself: length in output",
        nft(table("ip", base("output", "filter", "ip length > 1500 drop"))),
        "ok LOST",
        NONE,
        4,
        "fw s",
    ),
    Row(
        "from itself: whole in postrouting",
        nft(table("ip", base("postrouting", "filter", "ip frag-off & 16383 != 0 drop"))),
        "ok ok",
        BOTH,
        4,
        "fw s",
    ),
    Row(
        "from itself: cut before egress",
        nft(table("netdev", base('egress device "l3"', "filter", "ip frag-off & 8191 != 0 drop"))),
        "ok LOST",
        (FIRST,),
        4,
        "fw s",
    ),
    Row(
        "from itself, IPv6: whole in output",
        nft(table("ip6", base("output", "filter", "exthdr frag exists drop"))),
        "ok ok",
        BOTH6,
        6,
        "fw s",
    ),
    Row("from itself: forward chains don't count", nft(forward("drop")), "ok ok", BOTH, 4, "fw s"),
]


@pytest.mark.parametrize("row", ROWS, ids=[row.name for row in ROWS])
def test_measured(row: Row) -> None:
    lab = Lab(row.listings)
    small = lab.send(100, row.family, ends=row.ends, server=row.server)
    large = lab.send(2000, row.family, ends=row.ends, server=row.server)
    assert f"{outcome(small)} {outcome(large)}" == row.outcomes
    if row.ends != "c fw":
        assert pieces(large) == row.pieces
