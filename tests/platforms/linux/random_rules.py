"""Random rules of nft and iptables. ``[[a|b]]`` in a line below stands for one of these."""

import re
from random import Random

CHOICE = re.compile(r"\[\[([^\[\]]*)\]\]")
PORTS = "500|4500|500-600|{ 500, 4500 }|{ 500, 1000-2000 }|>= 1024|< 1024|!= 500|@ports|> 65000|!= { 500, 4500 }|<= 80"
FOUR = "192.0.2.1|192.0.2.0/24|10.0.0.0-10.0.0.9|{ 192.0.2.1, 198.51.100.0/24 }|@four|!= 192.0.2.1|!= @four|0.0.0.0/1"
SIX = "2001:db8::1|2001:db8::/32|{ 2001:db8::1, 2001:db8:1::/48 }|2001:db8::1-2001:db8::9|!= fe80::/10"

# what can be told of a packet, for both families, for IPv4, for IPv6
EXACT: dict[str, list[str]] = {
    "both": [
        f"udp dport [[{PORTS}]]",
        f"udp sport [[{PORTS}]]",
        f"udp sport 500 udp dport [[{PORTS}]]",
        "udp sport != 500 udp dport != [[500|4500]]",
        f"tcp dport [[{PORTS}]]",
        f"th dport [[{PORTS}]]",
        "udp dport & 0xff00 == [[0x0100|0x1100]]",
        "udp length [[> 1400|8-100|!= 8|1000]]",
        "meta l4proto [[udp|{ tcp, udp }|!= udp|17|esp|icmp|ipv6-icmp|& 0x11 == 0x11]]",
        "meta length [[> 1500|1400|100-200|{ 100, 1500 }|& 0xff00 == 0x100]]",
        "meta mark [[1|!= 5|{ 1, 2 }|& 0xff == 0x10|& 0xff != 0x10|1-7|& 0x8 != 0|> 3|& 0xffffff00 == 0x100|0]]",
        "ct state [[established,related|new|{ new, untracked }|!= invalid|invalid|! established|!= { new, invalid }]]",
        "meta nfproto [[ipv4|ipv6|!= ipv4]]",
        "meta protocol [[ip|ip6|{ ip, ip6 }|arp|!= ip]]",
        'iifname [[in|lo|!= in|{ in, lo }|"i*"|!= { in, lo }]]',
        "iif [[in|lo|!= in]]",
        "oifname [[lo|!= lo]]",
        "meta pkttype [[host|broadcast|{ broadcast, multicast }|!= host]]",
        "@th,[[16,16 500|0,16 { 500, 4500 }|16,16 != 500]]",
        "udp sport . udp dport { 500 . 500, 4500 . 4500, 0-1023 . 4500 }",
        "iifname . meta l4proto { lo . udp, in . udp, in . tcp }",
        "meta mark . udp dport { 0 . 500, 1 . 4500 }",
        "ct state . udp dport { invalid . 500 }",
        "meta iifgroup default",
    ],
    "ip": [
        f"ip saddr [[{FOUR}]]",
        f"ip daddr [[{FOUR}]]",
        "ip protocol [[udp|{ udp, tcp }|!= udp|17|esp|{ 1, 6-17 }|!= { udp, esp }|> 50|& 0xf0 == 0x10]]",
        "ip frag-off [[& 0x1fff != 0|& 0x3fff != 0|& 0x2000 != 0|!= 0|0x2000|& 0x1fff == 0|> 0|{ 0x2000, 0x4000 }]]",
        "ip frag-off [[& 0x1fff > 5|& 0x6000 == 0x2000|1-8191|& 0x4000 == 0|& (0x2000\\|0x1fff) != 0]]",
        "ip frag-off [[& 0x1fff == 1-100|& 0x1fff != 185|& 0xe000 == 0x2000|& 0xe000 != 0]]",
        "ip length [[> 1400|< 100|100-200|1500|{ 100, 1000-1500 }|!= 100-200|>= 1280|& 0xff00 == 0x500]]",
        "ip version 4",
        "@nh,[[48,16 & 0x1fff != 0|51,13 != 0|50,1 1|16,16 > 1400|72,8 17|96,32 0xc0000201|48,8 & 0x20 != 0]]",
        "icmp type [[echo-request|{ destination-unreachable, time-exceeded }|!= redirect|3|{ 3, 11 } icmp code 0-4]]",
        "icmp type destination-unreachable icmp code frag-needed",
        "ip saddr . udp dport { 192.0.2.1 . 500, 192.0.2.2 . 4500 }",
        "ip saddr . ip daddr { 192.0.2.0/24 . 10.0.0.0/8, 192.0.2.1 . 198.51.100.0-198.51.100.9 }",
        "ip daddr . meta l4proto . th dport @three",
        "ip saddr & 255.255.255.0 == 192.0.2.0",
        "ip daddr & 255.255.0.255 [[==|!=]] 198.51.0.7",
        "fib daddr type [[multicast|!= multicast]]",
    ],
    "ip6": [
        f"ip6 saddr [[{SIX}]]",
        f"ip6 daddr [[{SIX}]]",
        "ip6 nexthdr [[udp|{ udp, ipv6-frag }|44|!= udp]]",
        "exthdr frag [[exists|missing]]",
        "frag frag-off [[!= 0|> 0|0|185|1-100|{ 0, 185 }|!= 185]]",
        "frag more-fragments [[0|1|!= 0]]",
        "frag nexthdr [[udp|tcp|!= udp]]",
        "ip6 length [[> 1300|100-200]]",
        "ip6 version 6",
        "icmpv6 type [[packet-too-big|{ nd-neighbor-solicit, nd-router-advert }|2|echo-request]]",
        "@nh,[[48,8 44|32,16 > 1300]]",
        "ip6 saddr . udp dport { 2001:db8::1 . 500 }",
    ],
}
# what no listing tells
UNTOLD: dict[str, list[str]] = {
    "both": [
        "ct [[mark 5|mark & 0xff == 1|direction reply|status dnat|bytes > 1000|expiration > 1h|helper ftp|zone 5]]",
        "ct [[original proto-dst 500|avgpkt > 100|label 1|l3proto ipv4|protocol udp|reply bytes > 5]]",
        "meta [[skuid 0|cpu 0|priority 1:2|iiftype ether|rtclassid 5|cgroup 5|random < 5|secpath exists|iifkind veth]]",
        'meta [[hour "08:00"-"17:00"|day { "Monday", "Sunday" }|time > "2030-01-01 00:00:00"]]',
        "rt [[mtu > 1400|classid 5|ipsec exists]]",
        "numgen [[inc mod 2 0|random mod 3 1|inc mod 4 offset 5 6]]",
        "symhash mod 2 1",
        "jhash meta mark mod 2 1",
        "socket [[transparent 1|mark 5|wildcard 0]]",
        "fib [[saddr . iif oif missing|daddr type local|daddr . mark . iif type { local, unicast }|saddr oifname in]]",
        "limit rate [[10/second|over 10 mbytes/second burst 5 mbytes|over 5/minute burst 3 packets]]",
        "quota [[over 10 mbytes|5 kbytes|until 5 bytes]]",
        "ct count [[over 20|5]]",
        "tcp flags [[syn / fin,syn,rst,ack|& (fin\\|syn) == syn|!= syn,ack]]",
        "tcp option [[maxseg size 1-500|sack-perm exists]]",
        "tcp sequence 5",
        "udp checksum 0",
        "sctp [[dport 500|chunk data exists]]",
        "dccp [[dport 500|type request]]",
        "[[ah|esp]] spi 5",
        "comp cpi 5",
        "ether [[saddr|daddr !=]] 00:00:5e:00:53:01",
        'osf name "Linux"',
        "ipsec [[in reqid 1|out spi 1-561]]",
        "[[add|update|delete]] @seen { ip saddr }",
        "update @seen { ip saddr limit rate over 3/minute }",
        "add @seen { ip saddr ct count over 5 }",
        "meter m[[1|2|3]] { meta mark limit rate 10/second }",
        "oifgroup 5",
    ],
    "ip": ["ip [[ttl < 5|dscp cs1|id 5|hdrlength 5|checksum 5]]", "ip option [[lsrr exists|rr missing]]"],
    "ip6": [
        "exthdr [[hbh|rt|dst|mh]] [[exists|missing]]",
        "frag id 5",
        "frag reserved 0",
        "ip6 [[hoplimit 1|flowlabel 5|dscp cs1]]",
        "[[hbh|rt|dst]] nexthdr udp",
        "rt type 0",
    ],
}
ACTIONS = [
    "[[accept|drop|return|continue|jump other|goto other|reject|counter|counter accept|notrack|last drop]]",
    "reject with [[icmpx admin-prohibited|tcp reset]]",
    "queue[[| num 3 bypass| to 1-3| flags bypass,fanout to 0-3]]",
    'log [[prefix "drop accept " drop|group 3|level debug flags all]]',
    "meta mark set [[5|5 accept|meta mark \\| 0x10|meta mark & 0xffffff0f \\| 0x30|ct mark|meta mark ^ 0xff]]",
    "meta mark set [[ip saddr map { 192.0.2.1 : 7 }|numgen inc mod 2|jhash ip saddr . ip daddr mod 4]]",
    "ct [[mark set meta mark|mark set 5 accept|zone set 5|label set 1|event set new]]",
    'ct [[helper set "h"|timeout set "tm"]]',
    "meta [[priority set 1:2|nftrace set 1|pkttype set host]]",
    "ip [[dscp set cs1|ttl set 5|daddr set 192.0.2.1|frag-off set 0]]",
    "ip6 [[hoplimit set 5|daddr set 2001:db8::1]]",
    "udp [[dport set 53|sport set 5 accept]]",
    "tcp option maxseg size set [[1360|rt mtu]]",
    "reset tcp option mptcp",
    "udp dport vmap [[{ 500 : accept, 4500 : jump other, 600-700 : drop }|@verdicts]]",
    "ip saddr vmap { 192.0.2.1 : drop, 10.0.0.0/8 : accept }",
    "ip6 saddr vmap { 2001:db8::/32 : drop }",
    "ct state vmap { invalid : drop, established : accept, related : accept }",
    'iifname vmap { lo : accept, "i*" : jump other }',
    "meta mark vmap { 1 : accept, 2-5 : drop }",
    "ip saddr . udp dport vmap { 192.0.2.1 . 500 : accept, 192.0.2.0/25 . 4500 : drop }",
    "meta l4proto vmap { udp : jump other, tcp : drop }",
    "ip frag-off vmap { 0x2000 : drop }",
    "numgen inc mod 2 vmap { 0 : accept, 1 : drop }",
    "icmp type vmap { echo-request : accept, 3 : drop }",
    "ip protocol . th dport vmap { udp . 500 : accept }",
    "tproxy [[to :5000|ip to 127.0.0.1:5000 accept]]",
    "synproxy mss 1460 wscale 7 timestamp sack-perm",
    '[[counter|limit|quota]] name "o" [[accept|drop]]',
    'counter comment "ct state drop"',
    'accept comment "x; { y }"',
    "dup to [[192.0.2.9|192.0.2.9 device lo]]",
]
NETDEV_ACTIONS = ["fwd to lo", "dup to lo"]
OBJECTS = """counter o {\n}\nlimit o {\nrate 10/second\n}\nquota o {\nover 5 mbytes\n}
set four {\ntype ipv4_addr\nflags interval\nelements = { 192.0.2.0/25, 198.51.100.7, 10.0.0.5-10.0.0.77 }\n}
set ports {\ntype inet_service\nelements = { 500, 4500 }\n}
set three {\ntype ipv4_addr . inet_proto . inet_service\nflags interval
elements = { 192.0.2.0/24 . udp . 500-600, 198.51.100.0/24 . udp . 500-4500 }\n}
set seen {\ntype ipv4_addr\nsize 100\nflags dynamic,timeout\ntimeout 1h\n}
chain other {\nudp dport 4500 accept\n}
map verdicts {\ntype inet_service : verdict\nelements = { 22 : drop, 500 : accept, 4500 : jump other }\n}
"""
HELPERS = """ct helper h {\ntype "ftp" protocol tcp\n}
ct timeout tm {\nprotocol udp\nl3proto ip\npolicy = { unreplied : 10 }\n}
"""


def filled(random: Random, line: str) -> str:
    """A line with its choices made; a sign that is no choice has a backslash before it."""
    while found := CHOICE.search(line):
        options = [one.replace("\\|", "|") for one in re.split(r"(?<!\\)\|", found[1])]
        line = line[: found.start()] + random.choice(options) + line[found.end() :]
    return line


def families(family: str) -> tuple[str, ...]:
    """The tables of conditions for a family's rules."""
    return ("both", family) if family in ("ip", "ip6") else ("both", "ip", "ip6")


def conditions(random: Random, family: str, untold: bool) -> str:
    """One to three conditions."""
    pool = [line for name in families(family) for line in EXACT[name]]
    if untold:
        pool += [line for name in families(family) for line in UNTOLD[name]]
    return " ".join(filled(random, random.choice(pool)) for _ in range(random.choice([1, 1, 2, 2, 3])))


def nft_rule(random: Random, family: str) -> str:
    """A whole rule."""
    actions = ACTIONS + (NETDEV_ACTIONS if family == "netdev" else [])
    action = filled(random, random.choice(actions))
    return f"{conditions(random, family, untold=True)} {action}" if random.random() < 0.9 else action


def nft_table(family: str, hook: str, *rules: str) -> str:
    """A table with one base chain and what its rules may refer to."""
    objects = OBJECTS + (HELPERS if family != "netdev" else "")
    body = "\n".join(rules)
    return f"table {family} t {{\n{objects}chain c {{\ntype filter hook {hook}; policy accept;\n{body}\n}}\n}}\n"


# ---- iptables


SHARED = [
    "[[|! ]]-s [[@]]",
    "[[|! ]]-d [[@]]",
    "[[|! ]]-i [[in|lo|i+]]",
    "[[|! ]]-o [[lo|ppp+]]",
]
PROTOCOLS = [
    "",
    "-p udp -m udp [[|! ]]--dport [[500|4500|500:600|1024:|:1023]]",
    "-p udp -m udp [[|! ]]--sport [[500|1024:|:1023]]",
    "-p udp -m udp --sport 500 --dport [[500|4500|1024:]]",
    "-p tcp -m tcp --dport 22 --syn",
    "-p tcp -m tcp --tcp-flags FIN,SYN SYN",
    "[[|! ]]-p [[udp|tcp|esp|17|50|gre]]",
    "-p udp -m multiport [[|! ]]--[[dports|sports|ports]] [[500,4500|500,1000:2000|500:600,4500]]",
    "-p esp -m esp --espspi 5",
]
ICMP = {
    "ip": "-p icmp -m icmp --icmp-type [[8|11|any]]",
    "ip6": "-p ipv6-icmp -m icmp6 [[|! ]]--icmpv6-type [[1|2|128]]",
}
MATCHES = {
    "both": [
        "-m length [[|! ]]--length [[1400:65535|100|0:500]]",
        "-m state [[|! ]]--state [[NEW|RELATED,ESTABLISHED|INVALID|NEW,UNTRACKED]]",
        "-m conntrack [[|! ]]--ctstate [[NEW|RELATED,ESTABLISHED|INVALID|NEW,UNTRACKED]]",
        "-m mark [[|! ]]--mark [[1|0x10/0xff|0]]",
        '-m comment --comment "a -j DROP"',
        "-m pkttype [[|! ]]--pkt-type [[unicast|broadcast|multicast]]",
        "-m addrtype [[|! ]]--dst-type MULTICAST",
    ],
    "ip": [
        "[[|! ]]-f",
        "-m iprange [[|! ]]--src-range 192.0.2.1-192.0.2.9",
        "-m u32 [[|! ]]--u32 4&0x1fff=1:0x1fff",
        "-m u32 --u32 [[6&0xff=17&&4&0x3fff=0|4&0x3fff=0,0x2000|0&0xffff=0x5dc:0xffff|0x10=0xc6336407]]",
    ],
    "ip6": [
        "-m frag [[--fragfirst|--fragmore|--fraglast|]]",
        "-m ipv6header --soft [[|! ]]--header ipv6-frag",
        "-m iprange [[|! ]]--dst-range 2001:db8::1-2001:db8::9",
        "-m u32 --u32 [[3&0xff=0x2c|4>>16=0:1000]]",
    ],
}
XT_UNTOLD = [
    "-m conntrack [[--ctstate DNAT|--ctproto 17 --ctdir ORIGINAL]]",
    "-m connmark --mark 5",
    "-m limit --limit 3/min",
    "-m addrtype --src-type LOCAL",
    "-m statistic --mode nth --every 3 --packet 0",
    "-m string --string x --algo bm",
    "-m time --timestart 08:00 --timestop 09:00",
    "-m hashlimit --hashlimit-upto 5/sec --hashlimit-mode srcip --hashlimit-name x",
    "-m recent --set --name q",
    "-m [[ttl --ttl-lt 5|hl --hl-lt 5|tos --tos 0x10|dscp --dscp 10|ecn --ecn-ip-ect 1]]",
    "-m mac --mac-source 00:00:5e:00:53:01",
    "-m physdev --physdev-is-bridged",
    "-m policy --dir in --pol none",
    "-m connbytes --connbytes 5: --connbytes-dir both --connbytes-mode bytes",
    "-m connlimit --connlimit-above 5",
    "-m helper --helper ftp",
    "-m quota --quota 1000",
    "-m [[rpfilter|socket --transparent|cpu --cpu 0|devgroup --src-group 5|owner --uid-owner 0]]",
    "-m u32 --u32 0>>22&0x3c@0>>16=500",
    '-m bpf --bytecode "4,48 0 0 9,21 0 1 17,6 0 0 1,6 0 0 0"',
    "-m frag [[--fragid 5:10|--fragres]]",
    "-m ipv6header --header [[frag|hop|udp]]",
    "-m rt --rt-type 0",
    "-m [[hbh|dst|mh|eui64]]",
]
XT_ADDRESSES = {"ip": "192.0.2.1|192.0.2.0/24|10.0.0.0/8|198.51.0.7/255.255.0.255", "ip6": "2001:db8::1|2001:db8::/32"}
TARGETS = {
    "filter": ["[[|-g other]]", "-j REJECT"],
    "mangle": [
        "-j MARK --[[set-mark 5|set-xmark 0x10/0xff|or-mark 1|and-mark 0xf0|xor-mark 3]]",
        "-j CONNMARK --[[save-mark|restore-mark|set-mark 5]]",
        "-j [[TOS --set-tos 0x10|DSCP --set-dscp 5|CLASSIFY --set-class 1:2|CHECKSUM --checksum-fill]]",
        "-j [[TTL --ttl-dec 1|HL --hl-dec 1|TEE --gateway 192.0.2.9|HMARK --hmark-tuple src --hmark-mod 5]]",
        "-p tcp -j [[TCPMSS --set-mss 1200|TPROXY --on-port 99]]",
    ],
    "raw": ["-j CT --[[notrack|zone 5|helper ftp|ctevents new]]", "-j NOTRACK"],
    "prerouting": [
        "-j DNAT --to-destination [[192.0.2.5|192.0.2.5:501|192.0.2.5-192.0.2.9:1000-2000 --random|2001:db8::5]]",
        "-j REDIRECT[[| --to-ports 5353]]",
        "-j NETMAP --to 192.0.2.0/24",
    ],
    "postrouting": [
        "-j SNAT --to-source [[192.0.2.5|192.0.2.5:1024-2000 --random-fully|2001:db8::5]]",
        "-j MASQUERADE[[| --to-ports 1024-2000| --random]]",
        "-j NETMAP --to 192.0.2.0/24",
    ],
}
EVERYWHERE = [
    "-j [[ACCEPT|DROP|RETURN|other]]",
    '-j LOG --log-prefix "x -j DROP "',
    "-j NFLOG --nflog-group 5",
    "-j NFQUEUE --queue-num 3",
]


def iptables_conditions(random: Random, family: str, untold: bool) -> str:
    """A protocol, perhaps addresses and interfaces, up to two extensions."""
    shared = [line.replace("[[@]]", f"[[{XT_ADDRESSES[family]}]]") for line in SHARED]
    matches = [*MATCHES["both"], *MATCHES[family], *(XT_UNTOLD if untold else [])]
    lines = [random.choice([*PROTOCOLS, ICMP[family]])]
    lines += [random.choice(shared) for _ in range(random.choice([0, 0, 1]))]
    lines += random.sample(matches, random.choice([0, 1, 1, 2]))  # each once: iptables joins those it asks for twice
    return " ".join(filled(random, line) for line in lines if line)


def iptables_rule(random: Random, family: str, table: str, chain: str) -> str:
    """A whole rule."""
    kind = chain.lower() if table == "nat" else table
    target = filled(random, random.choice([*EVERYWHERE, *TARGETS[kind], *TARGETS[kind]]))
    return f"{iptables_conditions(random, family, untold=True)} {target}".strip()
