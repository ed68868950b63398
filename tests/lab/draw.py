"""Random hosts, links, rule sets and datagrams from a seed: what the differential fuzzing sends."""

import re
from random import Random

from tests.lab.predict import Datagram
from tests.lab.world import Description, Hop, row

PORTS = (5555, 500, 4500)
MTUS = (1280, 1300, 1400, 1480, 1492, 1500, 1500, 1500, 1500, 1500, 9000)
PAYLOADS = (100, 600, 1240, 1300, 1422, 1472, 1473, 1972, 2400, 3972, 5000)
PRIORITIES = (
    "-450",
    "-401",
    "-350",
    "raw",
    "-250",
    "mangle",
    "-150",
    "dstnat",
    "filter",
    "10",
    "security",
    "srcnat",
    "300",
)
FAMILIES = ("ip", "ip", "ip6", "inet", "inet")
HOOKS = ("prerouting", "forward", "forward", "forward", "postrouting", "input", "output")


def case(seed: int) -> tuple[Description, int, tuple[Datagram, ...]]:
    """A description, a port of s, and datagrams."""
    draw = Random(seed)
    hops = [Hop(f"h{number}") for number in range(1, draw.choice((1, 1, 2, 2, 3, 4)) + 1)]
    hops = [_ruled(draw, hop, len(hops)) for hop in hops]
    if not any(hop.nft or hop.commands for hop in hops):
        hops[0] = Hop(hops[0].name, nft=_nft(draw))
    mtus = [draw.choice(MTUS) for _ in range(len(hops) + 1)]
    datagrams = {
        Datagram(
            draw.choice(PAYLOADS),
            draw.choice(("forward", "forward", "reverse")),
            draw.choice(("false", "false", "true", "pmtud")),
        )
        for _ in range(6)
    }
    return row(hops, mtus), draw.choice(PORTS), tuple(sorted(datagrams, key=lambda one: one.name))


def _ruled(draw: Random, hop: Hop, several: int) -> Hop:
    kind = draw.choice(
        ("none", "nft", "nft", "iptables", "legacy", "both")
        if several > 1
        else ("nft", "nft", "nft", "iptables", "legacy", "both")
    )
    if kind == "none":
        return hop
    nft = _nft(draw) if kind in ("nft", "both") else ""
    commands = ()
    if kind != "nft":
        commands = tuple(_iptables(draw, "-legacy" if kind == "legacy" else ""))
    return Hop(hop.name, nft=nft, commands=commands)


# ------------------------------------------------------------------------------------------------ nftables


def _nft(draw: Random) -> str:
    text = ""
    for number in range(draw.choice((1, 1, 1, 2, 3))):
        text += _table(draw, f"t{number}", draw.choice(FAMILIES))
    if draw.random() < 0.12:
        text += _netdev(draw)
    return text


def _table(draw: Random, name: str, family: str) -> str:
    lines = [f"table {family} {name} {{"]
    lines += ["set ports { type inet_service; flags interval; elements = { 400-600, 5555 }", "}"]
    if family != "ip6":
        lines += ["set nets { type ipv4_addr; flags interval; elements = { 10.0.0.0/16, 192.0.2.0/24 }", "}"]
    plain = [f"p{n}" for n in range(draw.choice((0, 0, 1, 2)))]
    for index, chain in enumerate(plain):
        lines += [f"chain {chain} {{", *_rules(draw, family, plain[:index], draw.randint(1, 3)), "}"]
    for number in range(draw.choice((1, 1, 2, 2, 3))):
        hook = draw.choice(HOOKS)
        priority = draw.choice(PRIORITIES)
        policy = "drop" if hook == "forward" and draw.random() < 0.5 else "accept"
        lines += [f"chain c{number} {{", f"type filter hook {hook} priority {_number(priority)}; policy {policy};"]
        lines += _rules(draw, family, plain, draw.randint(0, 4))
        if policy == "drop" and draw.random() < 0.8:
            lines.append(draw.choice(PERMITS))
        lines.append("}")
    if draw.random() < 0.2:
        lines += _nat(draw, family)
    return "\n".join([*lines, "}"]) + "\n"


NAMES = {"raw": -300, "mangle": -150, "dstnat": -100, "filter": 0, "security": 50, "srcnat": 100}
PERMITS = (
    "meta l4proto udp accept",
    "udp dport { 500, 4500, 5555 } accept",
    "udp sport { 500, 4500, 5555 } accept",
    "ct state { new, established, related } accept",
    "ct state established accept",
    "udp dport @ports accept",
    "meta l4proto { icmp, ipv6-icmp } accept",
)


def _number(priority: str) -> str:
    return str(NAMES.get(priority, priority))


def _rules(draw: Random, family: str, chains: list[str], count: int) -> list[str]:
    return [_rule(draw, family, chains) for _ in range(count)]


def _rule(draw: Random, family: str, chains: list[str]) -> str:
    matches = [_match(draw, family) for _ in range(draw.choice((0, 1, 1, 1, 2, 2)))]
    if any("ip6 " in m or "frag " in m for m in matches) and any(re.search(r"\bip |protocol ip$", m) for m in matches):
        matches = matches[:1]
    return " ".join([*matches, _verdict(draw, chains, matches)])


NFT_4 = """
ip frag-off & 0x1fff != 0; ip frag-off & 0x2000 != 0; ip frag-off & 0x3fff != 0; ip frag-off & 0x1fff == 0
ip frag-off 0x2000; ip frag-off & 0x4000 != 0; ip frag-off != 0; ip protocol udp; ip length > 1400; ip length <= 600
ip saddr 10.0.0.0/8; ip daddr 10.0.1.0/24; ip saddr @nets; ip daddr != 10.0.1.1; ip ttl > 1
ip saddr . udp dport { 10.0.1.1 . 500, 10.0.1.1 . 5555 }
"""
NFT_6 = """
exthdr frag exists; frag frag-off != 0; frag more-fragments 1; ip6 nexthdr 44; ip6 nexthdr udp; exthdr frag missing
ip6 saddr fd00::/16; ip6 length > 1300; ip6 daddr fd00:1::/64
"""
NFT_ANY = """
meta l4proto udp; udp dport 5555; udp dport { 500, 4500, 5555 }; udp sport 500; udp dport != 500; udp dport @ports
udp sport > 1024; udp length > 1000; th dport 5555; th sport 4500; meta length > 1450; meta length <= 1400
ct state new; ct state established; ct state invalid; ct state untracked; ct state { new, established }
ct direction original; meta mark 7; meta mark != 7; meta protocol ip; iifname l1; meta pkttype host
"""


def _words(text: str) -> list[str]:
    """The words of a vocabulary: one a semicolon or a line."""
    return [word.strip() for line in text.strip().splitlines() for word in line.split(";")]


def _match(draw: Random, family: str) -> str:
    pool = [NFT_ANY, NFT_ANY]
    if family in ("ip", "inet"):
        pool.append(NFT_4)
    if family in ("ip6", "inet"):
        pool.append(NFT_6)
    word = draw.choice(_words(draw.choice(pool)))
    if family == "ip6" and ("@nets" in word or word.startswith("ip ")):
        return "meta l4proto udp"
    return word


def _verdict(draw: Random, chains: list[str], matches: list[str]) -> str:
    choices = ["accept", "accept", "drop", "drop", "drop", "counter", "return", "meta mark set 7", "counter drop"]
    if chains:
        choices += [f"jump {draw.choice(chains)}", f"goto {draw.choice(chains)}"]
    if draw.random() < 0.1:
        choices = ["notrack", "ct mark set 3", "counter accept", "udp dport vmap { 5555 : accept, 500 : drop }"]
    if not matches and draw.random() < 0.7:
        choices = ["counter", "meta mark set 7", "udp dport vmap { 5555 : accept, 500-600 : drop, 4500 : return }"]
    return draw.choice(choices)


def _nat(draw: Random, family: str) -> list[str]:
    source = draw.random() < 0.6
    hook, priority = ("postrouting", "100") if source else ("prerouting", "-100")
    if source:
        statement = draw.choice(("masquerade", "udp dport 5555 masquerade", "counter", 'oifname "none" masquerade'))
    else:
        statement = draw.choice(("udp dport 9999 redirect to :9", "counter", 'iifname "none" redirect'))
    return [f"chain nat{hook[:2]} {{", f"type nat hook {hook} priority {priority};", statement, "}"]


NETDEV = """
ip frag-off & 0x1fff != 0 drop; ip frag-off & 0x2000 != 0 drop; udp dport 500 drop; ip length > 1400 drop; counter
meta protocol ip6 exthdr frag exists drop
"""


def _netdev(draw: Random) -> str:
    hook = draw.choice(("ingress", "egress"))
    device = draw.choice(("l1", "l2"))
    word = draw.choice(_words(NETDEV))
    return f'table netdev n {{\nchain d {{\ntype filter hook {hook} device "{device}" priority 0;\n{word}\n}}\n}}\n'


# ------------------------------------------------------------------------------------------------ iptables


def _iptables(draw: Random, flavour: str) -> list[str]:
    found: list[str] = []
    for tool in draw.choice((("iptables",), ("iptables", "ip6tables"), ("ip6tables",))):
        command = tool + flavour
        if draw.random() < 0.4:
            found.append(f"{command} -N own")
            found += [
                f"{command} -A own {_x_rule(draw, tool, 'filter', 'own', False)}" for _ in range(draw.randint(1, 2))
            ]
        own = bool(found) and found[-1].startswith(f"{command} -A own")
        for _ in range(draw.randint(1, 4)):
            table = draw.choice(("filter", "filter", "filter", "mangle", "raw"))
            chain = {
                "filter": draw.choice(("FORWARD", "FORWARD", "FORWARD", "INPUT", "OUTPUT")),
                "mangle": draw.choice(("PREROUTING", "FORWARD", "POSTROUTING")),
                "raw": "PREROUTING",
            }[table]
            found.append(
                f"{command} -t {table} -A {chain} {_x_rule(draw, tool, table, chain, own and table == 'filter')}"
            )
        if draw.random() < 0.3:
            found.append(f"{command} -P FORWARD DROP")
            found.append(f"{command} -A FORWARD {draw.choice(X_PERMITS)}")
        if draw.random() < 0.12:
            found.append(f"{command} -t nat -A POSTROUTING -o l2 -j MASQUERADE")
    return found


X_PERMITS = (
    "-p udp -j ACCEPT",
    "-p udp -m multiport --dports 500,4500,5555 -j ACCEPT",
    "-p udp -m multiport --ports 500,4500,5555 -j ACCEPT",
    "-m conntrack --ctstate NEW,ESTABLISHED,RELATED -j ACCEPT",
    "-m state --state ESTABLISHED -j ACCEPT",
    "-p udp --dport 400:6000 -j ACCEPT",
)


X_ANY = """
-p udp; -p udp --dport 5555; -p udp --sport 500; -p udp ! --dport 500; -p udp -m multiport --dports 500,4500
-m length --length 1400:65535; -m length --length 0:600; -m mark --mark 7; -i l1; -o l2
-m addrtype --dst-type UNICAST
"""
X_4 = """
-f; ! -f; -f; -s 10.0.0.0/8; -d 10.0.1.1; ! -s 10.0.1.0/24
-m u32 --u32 '4&0x3FFF=1:0x3FFF'; -m u32 --u32 '4&0x1FFF=0'
"""
X_6 = """
-m frag; -m frag --fragmore; -m frag --fraglast; -m frag --fragfirst; -s fd00::/16
-m ipv6header --header frag --soft
"""
X_TRACKED = """
-m conntrack --ctstate NEW; -m conntrack --ctstate ESTABLISHED; -m conntrack --ctstate INVALID; -m state --state NEW
"""


def _x_rule(draw: Random, tool: str, table: str, chain: str, own: bool) -> str:
    matches = _words(X_ANY + (X_4 if tool == "iptables" else X_6))
    if table in ("filter", "mangle"):
        matches += _words(X_TRACKED)
    word = draw.choice(matches)
    if word.startswith(("-o", "-i")):
        word = {"raw PREROUTING": "-i l1", "filter FORWARD": word}.get(f"{table} {chain}", "-p udp")
    verdicts = ["ACCEPT", "DROP", "DROP", "RETURN"]
    if own:
        verdicts.append("own")
    verdict = f"-j {draw.choice(verdicts)}"
    if own and draw.random() < 0.1:
        verdict = "-g own"
    if table == "mangle" and draw.random() < 0.3:
        verdict = "-j MARK --set-mark 7"
    if table == "raw" and draw.random() < 0.2:
        verdict = "-j CT --notrack"
    return f"{word} {verdict}"
