"""Which rules make a host join fragments, family by family: measured on Linux 6.18, one rule at a time."""

import pytest

from auditor.model.addresses import Family
from auditor.model.device import Device
from auditor.model.evidence import Basis, Fact
from tests.platforms.linux.reading import device

SOME = "$ ip link show\n1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN mode DEFAULT\n"
JOIN = ("yes", "yes")
FOUR, SIX, NEITHER = ("yes", "no"), ("no", "yes"), ("no", "no")
UNKNOWN = ("unknown", "unknown")


def joins(found: Device, family: Family) -> Fact[bool]:
    """The fact of the reassembly that comes before all filters."""
    return next(one.active for one in found.reassembly if one.name == "conntrack" and one.family == family)


def words(found: Device) -> tuple[str, str]:
    """``yes``, ``no`` or ``unknown``, of IPv4 and of IPv6."""

    def word(fact: Fact[bool]) -> str:
        return "unknown" if fact.basis is Basis.UNKNOWN else "yes" if fact.value else "no"

    return word(joins(found, 4)), word(joins(found, 6))


def nft(family: str, rule: str, hook: str = "type filter hook forward priority filter; policy accept;") -> str:
    """A listing with one rule in one chain."""
    return f"$ nft list ruleset\ntable {family} t {{\n\tchain c {{\n\t\t{hook}\n\t\t{rule}\n\t}}\n}}\n"


def xtables(rule: str, tool: str = "iptables", table: str = "filter") -> str:
    """A listing of iptables with one rule."""
    chains = {"filter": ("INPUT", "FORWARD", "OUTPUT"), "raw": ("PREROUTING", "OUTPUT")}.get(
        table, ("PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING")
    )
    heads = "".join(f":{name} ACCEPT [0:0]\n" for name in chains)
    return f"$ {tool}-save\n*{table}\n{heads}{rule}\nCOMMIT\n"


NAT_PRE = "type nat hook prerouting priority dstnat; policy accept;"
NAT_POST = "type nat hook postrouting priority srcnat; policy accept;"
MANGLE = "type filter hook prerouting priority mangle; policy accept;"


@pytest.mark.parametrize(
    "rule",
    [
        "ct state new counter packets 0 bytes 0",
        "ct state vmap { new : accept }",
        "ct mark set 0x00000001",
        "ct mark 0x00000005 accept",
        "meta mark set ct mark",
        "ct count over 100 drop",
        "ct zone set 1",
        "ct event set new",
        'ct helper "ftp" accept',
        'ct helper set "x"',
        "ct direction original accept",
        "ct original ip saddr 192.0.2.1 accept",
        "ct status dnat accept",
        "ct expiration 30s accept",
        "ct bytes > 1000 accept",
        "meta l4proto tcp synproxy mss 1460 wscale 7",
        "add @seen { ct mark }",
        "add @seen { ip saddr ct count over 3 } drop",
        "flow add @offload",
    ],
)
def test_what_tracks(rule: str) -> None:
    assert words(device(nft("ip", rule))) == FOUR
    assert words(device(nft("ip6", rule.replace("ip saddr 192.0.2.1", "ip6 saddr 2001:db8::1")))) == SIX
    assert words(device(nft("inet", rule))) == JOIN


@pytest.mark.parametrize(
    "rule",
    [
        "notrack",
        "fib saddr type local counter packets 0 bytes 0",
        "socket transparent 1 counter packets 0 bytes 0",
        "numgen inc mod 2 == 0 counter packets 0 bytes 0",
        "reject",
        'osf name "Linux" counter packets 0 bytes 0',
        "ipsec in reqid 1 counter packets 0 bytes 0",
        "queue to 0",
        "dup to 192.0.2.1",
        "tcp option maxseg size set rt mtu",
        "meta mark set 0x00000001",
        'log prefix "ct state new "',
        'counter packets 0 bytes 0 comment "ct state new, masquerade"',
        "icmp type redirect accept",
        "icmp type { echo-request, redirect } accept",
        'iifname "ct" accept',
    ],
)
def test_what_does_not(rule: str) -> None:
    for family in ("ip", "ip6", "inet"):
        assert words(device(nft(family, rule))) == NEITHER


@pytest.mark.parametrize(
    ("family", "hook", "rule", "wanted"),
    [
        ("ip", NAT_POST, "masquerade", FOUR),
        ("ip6", NAT_POST, "masquerade", SIX),
        ("inet", NAT_POST, "masquerade", JOIN),
        ("ip", NAT_PRE, "redirect to :53", FOUR),
        ("inet", NAT_PRE, "redirect", JOIN),
        ("ip", NAT_PRE, "udp dport 500 dnat to 192.0.2.1", FOUR),
        ("ip6", NAT_PRE, "udp dport 500 dnat to 2001:db8::1", SIX),
        ("inet", NAT_PRE, "udp dport 500 dnat ip to 192.0.2.1", FOUR),
        ("inet", NAT_PRE, "udp dport 500 dnat ip6 to 2001:db8::1", SIX),
        ("inet", NAT_POST, "snat ip to 192.0.2.1", FOUR),
        ("inet", NAT_POST, "ct state new snat ip to 192.0.2.1", JOIN),
        ("ip", NAT_POST, "accept", NEITHER),
        ("ip", NAT_POST, "", NEITHER),
        ("ip", MANGLE, "meta l4proto tcp tproxy to :50080", FOUR),
        ("inet", MANGLE, "meta l4proto tcp tproxy to :50080", JOIN),
        ("inet", MANGLE, "meta l4proto tcp tproxy ip to :50080", FOUR),
        ("inet", MANGLE, "meta l4proto tcp tproxy ip6 to :50080", SIX),
    ],
)
def test_translations_and_tproxy(family: str, hook: str, rule: str, wanted: tuple[str, str]) -> None:
    assert words(device(nft(family, rule, hook))) == wanted


@pytest.mark.parametrize(
    "text",
    [
        'table ip t {\n\tct helper h {\n\t\ttype "ftp" protocol tcp\n\t\tl3proto ip\n\t}\n}\n',
        "table ip t {\n\tct timeout h {\n\t\tprotocol udp\n\t\tl3proto ip\n\t\tpolicy = { unreplied : 10s }\n\t}\n}\n",
        "table ip t {\n\tct expectation h {\n\t\tprotocol udp\n\t\tdport 9\n\t\ttimeout 1m\n\t\tl3proto ip\n\t}\n}\n",
        "table ip t {\n\tchain nobody {\n\t\tct state new accept\n\t}\n}\n",
        (
            "table ip t {\n\tflags dormant\n\tchain c {\n\t\ttype filter hook input priority 0; policy accept;\n"
            "\t\tct state new accept\n\t}\n}\n"
        ),
    ],
    ids=["helper", "timeout", "expectation", "unreachable", "dormant"],
)
def test_what_is_there_is_enough(text: str) -> None:
    assert words(device("$ nft list ruleset\n" + text)) == FOUR


@pytest.mark.parametrize("family", ["arp", "bridge", "netdev"])
def test_other_families_do_not_count(family: str) -> None:
    """The kernel refuses ct in netdev; in bridge it joins nothing that is routed."""
    hook = "type filter hook input priority 0; policy accept;"
    assert words(device(nft(family, "ct state new accept", hook))) == NEITHER


IPT = [
    ("-A FORWARD -m conntrack --ctstate NEW -j ACCEPT", "filter", True),
    ("-A INPUT -i lo -m state --state NEW", "filter", True),
    ("-A FORWARD -m connmark --mark 0x1 -j ACCEPT", "filter", True),
    ("-A FORWARD -m connbytes --connbytes 1 --connbytes-mode packets --connbytes-dir both -j ACCEPT", "filter", True),
    ("-A FORWARD -m connlimit --connlimit-upto 9 --connlimit-mask 32 --connlimit-saddr -j ACCEPT", "filter", True),
    ("-A FORWARD -m helper --helper ftp -j ACCEPT", "filter", True),
    ("-A FORWARD -m connlabel --label 1 -j ACCEPT", "filter", True),
    (
        "-A INPUT -m cluster --cluster-total-nodes 2 --cluster-local-node 1 --cluster-hash-seed 0x1 -j ACCEPT",
        "filter",
        True,
    ),
    ("-A PREROUTING -m socket -j ACCEPT", "mangle", True),
    ("-A PREROUTING -j CONNMARK --restore-mark --nfmask 0xffffffff --ctmask 0xffffffff", "mangle", True),
    ("-A PREROUTING -p tcp -j TPROXY --on-port 99 --on-ip 127.0.0.1 --tproxy-mark 0x1/0x1", "mangle", True),
    ("-A PREROUTING -p tcp -j CT --helper ftp", "raw", True),
    ("-A PREROUTING -j CT --zone 5", "raw", True),
    ("-A INPUT -p tcp -j SYNPROXY --sack-perm --timestamp --wscale 7 --mss 1460", "filter", True),
    ("-A POSTROUTING -j MASQUERADE", "nat", True),
    ("-A POSTROUTING -j SNAT --to-source 192.0.2.1", "nat", True),
    ("-A PREROUTING -j DNAT --to-destination 192.0.2.1", "nat", True),
    ("-A PREROUTING -p udp -j REDIRECT --to-ports 53", "nat", True),
    ("-A PREROUTING -d 192.0.2.0/24 -j NETMAP --to 198.51.100.0/24", "nat", True),
    ("-A PREROUTING -j CT --notrack", "raw", False),
    ("-A PREROUTING -j NOTRACK", "raw", False),
    ("-A POSTROUTING -j ACCEPT", "nat", False),
    ("-A FORWARD -m recent --name x --set", "filter", False),
    ("-A PREROUTING -m rpfilter -j ACCEPT", "raw", False),
    ("-A FORWARD -m addrtype --dst-type LOCAL -j ACCEPT", "filter", False),
    ("-A FORWARD -m policy --dir in --pol ipsec -j ACCEPT", "filter", False),
    ("-A FORWARD -m hashlimit --hashlimit-upto 1/sec --hashlimit-name x -j ACCEPT", "filter", False),
    ("-A FORWARD -m limit --limit 1/sec -j ACCEPT", "filter", False),
    ("-A FORWARD -m statistic --mode random --probability 0.5 -j ACCEPT", "filter", False),
    ("-A FORWARD -m set --match-set x src -j ACCEPT", "filter", False),
    ("-A FORWARD -j NFQUEUE --queue-num 0", "filter", False),
    ("-A FORWARD -p tcp -m tcp --tcp-flags SYN,RST SYN -j TCPMSS --clamp-mss-to-pmtu", "mangle", False),
    ('-A FORWARD -m comment --comment "-m conntrack -j MASQUERADE" -j ACCEPT', "filter", False),
    ('-A FORWARD -j LOG --log-prefix "-m state "', "filter", False),
    ("-A FORWARD -f -j DROP", "filter", False),
]


@pytest.mark.parametrize(("rule", "table", "wanted"), IPT, ids=[rule for rule, _, _ in IPT])
@pytest.mark.parametrize("flavour", ["", "-legacy", "-nft"])
def test_iptables(rule: str, table: str, wanted: bool, flavour: str) -> None:
    own = "yes" if wanted else "no"
    assert words(device(xtables(rule, f"iptables{flavour}", table))) == (own, "unknown")
    six = rule.replace("192.0.2.", "2001:db8::").replace("198.51.100.", "2001:db8:1::")
    assert words(device(xtables(six, f"ip6tables{flavour}", table))) == ("unknown", own)


@pytest.mark.parametrize("quote", ["", '"'])
@pytest.mark.parametrize("rule", ["-m conntrack", "-m state", "-j MASQUERADE"])
def test_what_nft_shows_of_iptables(rule: str, quote: str) -> None:
    """The listing of nft names the extension; that is enough to know that it tracks."""
    kind, name = rule.split()
    word = "match" if kind == "-m" else "target"
    table = "nat" if name == "MASQUERADE" else "filter"
    hook = NAT_POST if table == "nat" else "type filter hook forward priority filter; policy accept;"
    text = nft("ip", f"xt {word} {quote}{name}{quote} counter packets 0 bytes 0", hook).replace(
        "table ip t ", f"table ip {table} "
    )
    assert words(device(text)) == FOUR


def test_what_a_hidden_target_does_is_not_known() -> None:
    text = nft("ip", 'xt target "CT"', "type filter hook prerouting priority raw; policy accept;")
    assert words(device(text.replace("ip t ", "ip raw "))) == ("unknown", "no")


# ---- what was not listed


def test_no_listing_at_all_is_unknown() -> None:
    assert words(device(SOME)) == UNKNOWN


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("$ nft list ruleset\n", NEITHER),
        ("$ iptables-save\n", ("no", "unknown")),
        ("$ ip6tables-save\n", ("unknown", "no")),
        ("$ iptables-save\n$ ip6tables-save\n", NEITHER),
        ("$ nft list ruleset ip\n", UNKNOWN),
        ("$ nft list table ip t\ntable ip t {\n}\n", UNKNOWN),
        ("$ iptables -S\n-P INPUT ACCEPT\n-P FORWARD ACCEPT\n-P OUTPUT ACCEPT\n", UNKNOWN),
        ("$ iptables-save -t filter\n*filter\n:FORWARD ACCEPT [0:0]\nCOMMIT\n", UNKNOWN),
        ("$ nft list ruleset | head\n", UNKNOWN),
        ("$ nft list ruleset\nXT target MASQUERADE not found\n", UNKNOWN),
        ("$ nft list ruleset\nbash: nft: command not found\n$ iptables-save\n$ ip6tables-save\n", NEITHER),
    ],
)
def test_what_was_listed(text: str, wanted: tuple[str, str]) -> None:
    assert words(device(SOME + text)) == wanted


def test_the_line_that_turns_it_on_is_the_evidence() -> None:
    fact = joins(device(nft("ip", "ct state new accept")), 4)
    assert [line.text for line in fact.evidence] == ["ct state new accept"]
    assert fact.basis is Basis.READ


LOST_TARGET = """\
$ nft list ruleset
table ip6 nat {
	chain POSTROUTING {
		type nat hook postrouting priority srcnat; policy accept;
		oifname "l2" counter packets 0 bytes 0
	}
}
XT target MASQUERADE not found
$ ip6tables-save
# Generated by ip6tables-save v1.8.9 (nf_tables)
*nat
:POSTROUTING ACCEPT [0:0]
-A POSTROUTING -o l2 -j MASQUERADE
COMMIT
"""


def test_a_target_that_nft_leaves_out_is_read_from_iptables_save() -> None:
    fact = joins(device(SOME + LOST_TARGET), 6)
    assert (fact.value, [line.text for line in fact.evidence]) == (True, ["-A POSTROUTING -o l2 -j MASQUERADE"])


def test_off_has_the_listing_as_its_evidence() -> None:
    fact = joins(device(nft("ip", "udp dport 500 accept")), 4)
    assert [line.text for line in fact.evidence] == ["$ nft list ruleset"]
    assert fact.basis is Basis.ABSENT
