"""What the real tools print, in every form they have: all forms of one namespace give the same facts."""

import re
from collections.abc import Sequence
from dataclasses import replace
from random import Random

import pytest

from auditor.model.device import Device
from auditor.model.evidence import Evidence
from auditor.model.filters import Rule
from tests.platforms.linux import random_rules
from tests.platforms.linux.namespace import Namespace
from tests.platforms.linux.reading import device, rule_text

NO_CARRIER = "it had no carrier when its state was listed"
NOWHERE = Evidence(file="", line=1, text="")
HOOKS = {
    "netdev": ["ingress device lo priority 0"],
    "ip": ["prerouting priority -450", "forward priority filter"],
    "ip6": ["prerouting priority raw", "output priority mangle"],
    "inet": ["prerouting priority -450", "forward priority filter", "input priority 5", "postrouting priority filter"],
}


def words(rules: Sequence[Rule], exact: bool = True) -> list[str]:
    """Rules in words without their lines; without the reason why one is not sure, where tools word it differently."""
    found = []
    for rule in rules:
        action = replace(rule.action, target=rule.action.target.partition(", line")[0])
        text = rule_text(replace(rule, evidence=NOWHERE, action=action), line=False)
        found.append(text if exact else _plain(text))
    return found


def _plain(text: str) -> str:
    """In an order of their own; a fragment's header is there where a field of it is asked for."""
    text = re.sub(r" \? .*", " ?", text).replace("0x1fff in 1-65535", "0x1fff in 1-8191")
    if "fragment-header in 1" in text and re.search("fragment-offset|fragment-more", text):
        text = text.replace(" fragment-header in 1", "")
    return " ".join(sorted(text.split()))


def filters(found: Device) -> dict[str, list[str]]:
    """All filters in words; the chains that some rules need for themselves under one name."""
    texts: dict[str, list[str]] = {}
    for name, one in found.filters.items():
        key = re.sub(r", line \d+", ", inner", name)
        texts.setdefault(key, []).extend([one.otherwise.verb.value, *words(one.rules)])
    return texts


# ---- nft


@pytest.mark.parametrize(("family", "hook"), [(f, h) for f, hooks in HOOKS.items() for h in hooks])
def test_random_rules_of_nft_in_text_and_json(namespace: Namespace, family: str, hook: str) -> None:
    random = Random(f"{family} {hook}")
    namespace.run("nft", "-f", "-", text=random_rules.nft_table(family, hook))
    rules = [random_rules.nft_rule(random, family) for _ in range(70)]
    for rule in rules:  # one that contradicts itself, or that this hook does not take, is refused
        namespace.attempt("nft", "-f", "-", text=f"add rule {family} t c {rule}\n")
    text = device(namespace.transcript("nft list ruleset"))
    json = device(namespace.transcript("nft -j list ruleset"))
    assert filters(json) == filters(text)
    zones = "connections are kept in zones, which are not followed"
    assert {one.reason for one in text.not_understood} <= {zones}
    # nft 1.0.6 leaves the interface of a netdev chain out of its JSON, which is said
    told = [one.reason for one in json.not_understood if one.reason != zones]
    assert told == ([f"the listing does not tell the interfaces of chain {family} t c"] if family == "netdev" else [])
    assert len({rule.evidence.line for rule in text.filters[f"{family} t c"].rules}) > 20


@pytest.mark.parametrize("family", ["ip", "ip6", "inet"])
def test_what_can_be_told_is_understood(namespace: Namespace, family: str) -> None:
    """Every condition that a listing tells is read without a doubt, save what later fragments make of ports."""
    random = Random(5)
    lines = [line for name in random_rules.families(family) for line in random_rules.EXACT[name]]
    lines = [line for line in lines if family == "inet" or "nfproto" not in line]
    rules = [random_rules.filled(random, line) for line in lines for _ in range(4)]
    namespace.run("ip", "link", "add", "in", "type", "veth", "peer", "name", "far")
    namespace.run("nft", "-f", "-", text=random_rules.nft_table(family, "prerouting priority raw", *rules))
    found = device(namespace.transcript("nft list ruleset", "ip address show"))
    doubtful = [rule for rule in found.filters[f"{family} t c"].rules if rule.uncertain and not is_of_fragments(rule)]
    for rule in doubtful:  # of the other family these bytes of the header are none that count
        raw = family == "inet" and "@nh" in rule.evidence.text
        assert raw or "one test of two !=" in rule.uncertain, rule.uncertain
    assert len(found.filters[f"{family} t c"].rules) > 100


def is_of_fragments(rule: Rule) -> bool:
    """Whether the doubt is about a fragment's data or its first piece's length."""
    return "fragment" in rule.uncertain


# ---- iptables


CHAINS = {
    "filter": ["INPUT", "FORWARD", "OUTPUT"],
    "mangle": ["PREROUTING", "FORWARD", "POSTROUTING"],
    "raw": ["PREROUTING", "OUTPUT"],
    "nat": ["PREROUTING", "POSTROUTING"],
}


@pytest.mark.parametrize("flavour", ["nft", "legacy"])
@pytest.mark.parametrize(("family", "table"), [(f, t) for f in ("ip", "ip6") for t in CHAINS])
def test_random_rules_of_iptables_in_every_form(namespace: Namespace, family: str, table: str, flavour: str) -> None:
    random = Random(f"{family} {table}")
    tool = f"{family}tables-{flavour}"
    heads = "".join(f":{chain} ACCEPT [0:0]\n" for chain in CHAINS[table])
    namespace.run(f"{tool}-restore", text=f"*{table}\n{heads}:other - [0:0]\nCOMMIT\n")
    typed = []
    for _ in range(50):
        chain = random.choice(CHAINS[table])
        line = f"-A {chain} {random_rules.iptables_rule(random, family, table, chain)}\n"
        if namespace.attempt(f"{tool}-restore", "--noflush", text=f"*{table}\n{line}COMMIT\n") is not None:
            typed.append(line)
    assert len(typed) > 15
    source = f"$ {tool}-save\n*{table}\n{heads}:other - [0:0]\n{''.join(typed)}COMMIT\n"
    hold_forms(namespace, tool, table, device(source))


def hold_forms(namespace: Namespace, tool: str, table: str, typed: Device) -> None:
    """All forms of one table give the same."""
    family, flavour = tool.split("tables-")
    save, native = f"{tool}-save", ("nft list ruleset", "nft -j list ruleset")
    forms: list[tuple[str, ...]] = [(save,), (f"{save} -c",), (f"{tool} -t {table} -S",)]
    if flavour == "nft":
        forms += [(save, native[0]), (native[0], save), (save, native[1]), (*native, save)]
    found = {form: device(namespace.transcript(*form)) for form in forms} | {("what was typed",): typed}
    for chain in CHAINS[table]:
        name = f"{family}tables{'-legacy' if flavour == 'legacy' else ''} {table} {chain}"
        wanted = words(found[save,].filters[name].rules, exact=False)
        for form, one in found.items():
            assert words(one.filters[name].rules, exact=False) == wanted, form
    for one in found.values():
        reasons = [n.reason for n in one.not_understood]
        assert [r for r in reasons if not re.search("covers IPv|only some tables|in zones", r)] == []
    for listing in native if flavour == "nft" else ():
        hold_alone(found[save,], device(namespace.transcript(listing)), f"{family} {table}")


def hold_alone(saved: Device, alone: Device, table: str) -> None:
    """nft's listing alone may leave open what a rule matches. It never tells of another rule than the one there is:
    what it takes for certain is what iptables-save tells.
    """
    for name, one in alone.filters.items():
        if not name.startswith(f"{table} ") or ", line" in name:
            continue
        twin = saved.filters[f"{name.split()[0]}tables {name.partition(' ')[2]}"]
        known = {text.replace("ip6tables", "ip6").replace("iptables", "ip") for text in words(twin.rules, exact=False)}
        told = {text for text in words(one.rules, exact=False) if not {"?", "unknown"} & set(text.split())}
        assert told <= known


# ---- interfaces and routes


LINKS = """link add in address 02:00:5e:00:53:01 type veth peer name far
link add out mtu 1400 address 02:00:5e:00:53:02 type veth peer name away
link add br0 type bridge
link add port type veth peer name plug
link set port master br0
link add vx1 type vxlan id 5 local 192.0.2.1 remote 192.0.2.9 dstport 4789
link add vx2 type vxlan id 6 local 192.0.2.1 remote 192.0.2.9 dstport 4790 df set
tuntap add tun0 mode tun
link set tun0 mtu 1380
link set in up
link set far up
link set away up
link set out up alias to|the|provider
link set br0 up
link set vx1 mtu 1450 up
link property add dev in altname inside-of-all
address add 192.0.2.1/24 dev in
address add 192.0.2.7/24 dev in
address add 2001:db8:1::1/64 dev in nodad
address add 203.0.113.2/30 dev out
address add 198.51.100.1 peer 198.51.100.2 dev tun0
address add 2001:db8:2::1/64 dev out nodad
address add 192.0.2.129/32 dev br0"""
# kinds that a kernel may lack
MORE_LINKS = """link add in.5 link in type vlan id 5
link add blue type vrf table 10
link add gre1 type gre local 192.0.2.1 remote 192.0.2.9 ttl 64
link add ipip1 type ipip local 192.0.2.1 remote 192.0.2.9
link add sit1 type sit local 192.0.2.1 remote 192.0.2.9
link add six1 type ip6tnl local 2001:db8:1::1 remote 2001:db8:1::9
link add gen1 type geneve id 5 remote 192.0.2.9
link add wg0 type wireguard
link add bond0 type bond
link add xfrm1 type xfrm if_id 5
link add dum0 type dummy"""
ROUTES = """route add default via 203.0.113.1
route add 10.0.0.0/8 via 192.0.2.2 mtu 1300
route add 10.1.0.0/16 via 192.0.2.2 mtu lock 1200
route add 10.2.0.0/16 nexthop via 192.0.2.2 weight 1 nexthop via 192.0.2.3 weight 2
route add blackhole 10.3.0.0/16
route add unreachable 10.4.0.0/16
route add prohibit 10.5.0.0/16
route add 10.6.0.0/16 dev in metric 50
route add 10.7.0.0/16 via 192.0.2.2 table 77
route add throw 10.8.0.0/16
route add 10.9.0.0/16 via inet6 2001:db8:1::9 dev in
route add 10.10.0.1 via 192.0.2.2 proto static
-6 route add default via 2001:db8:2::9 mtu 1380
-6 route add 2001:db8:10::/48 via 2001:db8:1::9
-6 route add 2001:db8:11::/48 nexthop via 2001:db8:1::9 nexthop via 2001:db8:1::8
-6 route add blackhole 2001:db8:12::/48
-6 route add unreachable 2001:db8:13::/48"""
RULES = """rule add fwmark 0x1/0xff lookup 77 priority 100
rule add from 192.0.2.0/24 to 10.7.0.0/16 iif in lookup 77 priority 200
-6 rule add from 2001:db8:1::/64 lookup 77 priority 300"""


def built(namespace: Namespace) -> Namespace:
    """The namespace with all links that this kernel makes, addresses and routes."""
    for line in LINKS.splitlines():
        namespace.run("ip", *(word.replace("|", " ") for word in line.split()))
    for line in MORE_LINKS.splitlines():
        namespace.attempt("ip", *line.split())
    for line in ROUTES.splitlines():
        namespace.run("ip", *line.split())
    return namespace


def links(found: Device) -> dict[str, tuple[object, ...]]:
    """What is known of each interface, without lines."""
    return {
        one.name: (
            {family: fact.value for family, fact in one.mtu.items()},
            sorted((a.family, a.address, a.length, a.secondary) for a in one.addresses),
            one.enabled,
            one.kind,
            one.vrf,
            one.description,
            one.resolves_by,
            one.tunnel and (one.tunnel.mode, one.tunnel.source, one.tunnel.destination, one.tunnel.overhead.value),
            one.tunnel and one.tunnel.outer_df.value,
        )
        for one in found.interfaces
    }


def without_secondary(facts: tuple[object, ...]) -> tuple[object, ...]:
    """``-br`` does not tell which addresses are secondary."""
    assert isinstance(facts[1], list)
    return (facts[0], [address[:3] for address in facts[1]], *facts[2:])


def test_interfaces_in_every_form(namespace: Namespace) -> None:
    built(namespace)
    forms: list[tuple[str, ...]] = [("ip -d address show",), ("ip -d -o link show", "ip -o address show")]
    forms += [(f"ip {flags} address show",) for flags in ("-j -d", "-s -d", "-j -p -d", "-d -N")]
    rules = namespace.transcript("nft list ruleset")
    found = {form: device(namespace.transcript(*form) + rules) for form in forms}
    wanted = links(found[forms[0]])
    downs = {n.place for n in found[forms[0]].not_understood}
    assert "br0" in downs
    for form, one in found.items():
        assert links(one) == wanted, form
        assert {n.reason for n in one.not_understood} == {NO_CARRIER}, form
        assert {n.place for n in one.not_understood} == downs, form
    two = device(namespace.transcript("ip -d link show", "ip -br address show") + rules)
    assert {name: without_secondary(facts) for name, facts in links(two).items()} == {
        name: without_secondary(facts) for name, facts in wanted.items()
    }
    brief = device(namespace.transcript("ip -br link show", "ip -br address show") + rules)
    assert {one.name for one in brief.interfaces} == set(wanted)
    assert wanted["out"][0] == {4: 1400, 6: 1400}
    assert wanted["vx2"][7:] == (("vxlan", 0xC0000201, 0xC0000209, 50), "set")
    assert wanted["tun0"][1] == [(4, 0xC6336401, 32, False)]


def routes(found: Device) -> dict[str, object]:
    """The routes without lines, and what may choose others."""
    return {
        "routes": sorted(
            (
                (r.family, r.destination.bounds, r.length, r.vrf, r.protocol, r.metric, r.mtu or 0, bool(r.uncertain)),
                tuple((hop.address, hop.interface) for hop in r.next_hops),
            )
            for r in found.routing.routes
        ).__repr__(),
        "complete": dict(found.routing.complete),
        "rules": bool(found.routing.rules),  # in JSON all stand in one line
    }


@pytest.mark.parametrize("policies", [False, True])
def test_routes_in_every_form(namespace: Namespace, policies: bool) -> None:
    built(namespace)
    for line in RULES.splitlines() if policies else ():
        namespace.run("ip", *line.split())
    wanted = None
    for flags in ("", "-d ", "-o ", "-N ", "-j ", "-j -p ", "-j -d "):
        listed = [f"ip {flags}-{family} {what}" for family in (4, 6) for what in ("route show table all", "rule show")]
        one = device(namespace.transcript("nft list ruleset", "ip -d address show", *listed))
        wanted = wanted or routes(one)
        assert routes(one) == wanted, flags
        reasons = {n.reason for n in one.not_understood if "is larger than that of its link" not in n.reason}
        assert reasons == {NO_CARRIER}, flags
        assert bool(one.routing.rules) == policies
        assert one.routing.complete == {4: not policies, 6: not policies}
    main = device(namespace.transcript("nft list ruleset", "ip -d address show", "ip route", "ip -6 route"))
    assert len(main.routing.routes) > 15
    mtus = {r.length: r.mtu for r in main.routing.routes if r.family == 4 and r.destination.first >> 24 == 10}
    assert (mtus[8], len([r for r in main.routing.routes if r.mtu == 1200])) == (1300, 1)
    assert [len(r.next_hops) for r in main.routing.routes if r.destination.first == 0x0A020000] == [2]
    assert [len(r.next_hops) for r in main.routing.routes if r.destination.first == 0x0A030000] == [0]
    assert not [r for r in main.routing.routes if r.destination.first == 0x0A070000]
