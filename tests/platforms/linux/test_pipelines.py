"""The order in which a host does things: by hook and priority, and what is not known about it."""

import pytest

from auditor.model.device import Device, Stage, Undecided
from tests.platforms.linux.reading import device

FLAGS = "<BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc mq"
LINKS = f"""\
1: eth0: {FLAGS} state UP group default
    link/ether 02:00:5e:00:53:01
2: eth1: {FLAGS} master br0 state UP group default
    link/ether 02:00:5e:00:53:02
    bridge_slave state forwarding
3: eth0.7@eth0: {FLAGS} state UP group default
    link/ether 02:00:5e:00:53:01
    vlan protocol 802.1Q id 7
4: br0: {FLAGS} state UP group default
    link/ether 02:00:5e:00:53:02
    bridge forward_delay 1500
"""


def chain(name: str, hook: str, priority: str, *rules: str, kind: str = "filter", policy: str = "accept") -> str:
    """A base chain."""
    body = "".join(f"\t\t{rule}\n" for rule in rules)
    return f"\tchain {name} {{\n\t\ttype {kind} hook {hook} priority {priority}; policy {policy};\n{body}\t}}\n\n"


def host(*chains: str, family: str = "ip") -> Device:
    """A host with one table."""
    return device(f"$ ip -d link show\n{LINKS}$ nft list ruleset\ntable {family} t {{\n{''.join(chains)}}}\n")


def words(pipeline: tuple[Stage | Undecided, ...], family: int = 4) -> list[object]:
    """What is done, with the names of chains; an undecided order as its possibilities."""
    found: list[object] = []
    for one in pipeline:
        if isinstance(one, Undecided):
            ways = [words(order, family) for order in one.orders.values()]
            if any(ways):
                found.append(ways)
        elif one.family == family:
            chains = " ".join(name.removeprefix("ip t ") for name in one.filters)
            found.append(f"{one.does.value} {chains or ' '.join(one.rows)}".strip())
    return found


CT = chain("ct_", "input", "0", "ct state new accept")


def test_nothing_is_hooked_in() -> None:
    found = device("$ nft list ruleset\n")
    for family in (4, 6):
        wanted = ["receive", "filter", "source-check", "route", "refuse", "cut", "filter"]
        assert words(found.pipelines.transit, family) == wanted
        assert words(found.pipelines.local_in, family) == ["receive", "filter", "source-check", "reassemble local-in"]
    assert words(found.pipelines.local_out) == ["cut", "filter"]


def test_every_hook_by_priority() -> None:
    found = host(
        chain("late", "prerouting", "filter", "accept"),
        chain("early", "prerouting", "-450", "accept"),
        chain("raw_", "prerouting", "raw", "accept"),
        chain("fwd", "forward", "filter", "accept"),
        chain("fwd2", "forward", "security", "accept"),
        chain("out", "output", "mangle", "accept"),
        chain("post", "postrouting", "srcnat + 5", "accept"),
        chain("dnat_", "prerouting", "dstnat", "dnat to 192.0.2.1", kind="nat"),
        chain("snat_", "postrouting", "srcnat", "masquerade", kind="nat"),
        CT,
    )
    assert words(found.pipelines.transit) == [
        "receive",
        "filter",
        "filter early",
        "reassemble conntrack",
        "filter raw_",
        "track",
        "translate-destination dnat_",
        "filter late",
        "source-check",
        "route",
        "refuse",
        "filter fwd",
        "filter fwd2",
        "translate-source snat_",
        "filter post",
        "cut",
        "filter",
    ]
    assert words(found.pipelines.local_in)[-3:] == ["reassemble local-in", "filter ct_", "translate-source"]
    assert words(found.pipelines.local_out) == [
        "track",
        "filter out",
        "translate-destination",
        "translate-source snat_",
        "filter post",
        "cut",
        "filter",
    ]
    assert found.pipelines.errors == found.pipelines.local_out


def test_ipv6_meets_input_before_it_is_joined() -> None:
    found = host(chain("i", "input", "0", "drop"), family="ip6")
    wanted = ["receive", "filter", "source-check", "filter ip6 t i", "reassemble local-in"]
    assert words(found.pipelines.local_in, 6) == wanted


@pytest.mark.parametrize(
    ("priority", "wanted"),
    [
        ("-401", ["filter c", "reassemble conntrack", "track"]),
        ("-400", [[["filter c", "reassemble conntrack"], ["reassemble conntrack", "filter c"]], "track"]),
        ("-399", ["reassemble conntrack", "filter c", "track"]),
        ("-201", ["reassemble conntrack", "filter c", "track"]),
        ("-200", ["reassemble conntrack", [["filter c", "track"], ["track", "filter c"]]]),
        ("-199", ["reassemble conntrack", "track", "filter c"]),
        ("conntrack", ["reassemble conntrack", "track", "filter c"]),
    ],
)
def test_at_the_kernels_own_priorities(priority: str, wanted: list[object]) -> None:
    if priority == "conntrack":
        found = host(chain("c", "prerouting", "mangle", "drop"), CT)
    else:
        found = host(chain("c", "prerouting", priority, "drop"), CT)
    assert words(found.pipelines.transit)[2:-5] == wanted


def test_of_equal_priority() -> None:
    """Where both only pass or drop, any order comes to the same."""
    found = host(chain("a", "forward", "0", "udp dport 1 drop"), chain("b", "forward", "0", "udp dport 2 drop"))
    assert words(found.pipelines.transit)[5:-2] == ["filter b", "filter a"]


@pytest.mark.parametrize(
    ("one", "other", "undecided"),
    [
        ("meta mark set 0x1", "meta mark 0x1 drop", True),
        ("meta mark set 0x1", "meta mark set 0x2", True),
        ("notrack", "ct state untracked accept", True),
        ("meta mark set 0x1", "udp dport 500 accept", False),
        ('log prefix "meta mark set "', "meta mark 0x1 drop", False),
        ("meta mark 0x2 drop", "meta mark 0x1 drop", False),
    ],
)
def test_of_equal_priority_where_one_writes_what_the_other_reads(one: str, other: str, undecided: bool) -> None:
    found = host(chain("a", "prerouting", "mangle", one), chain("b", "prerouting", "mangle", other))
    orders = [["filter b", "filter a"], ["filter a", "filter b"]]
    assert (orders in words(found.pipelines.transit)) is undecided


def test_nat_chains_of_equal_priority() -> None:
    found = host(
        chain("a", "prerouting", "dstnat", "dnat to 192.0.2.1", kind="nat"),
        chain("b", "prerouting", "dstnat", "dnat to 192.0.2.2", kind="nat"),
    )
    orders = [["translate-destination b a"], ["translate-destination a b"]]
    assert orders in words(found.pipelines.transit)


def test_many_nat_chains_are_all_met() -> None:
    chains = [
        chain(f"n{n}", "prerouting", "dstnat", f"ip daddr 192.0.2.{n} dnat to 198.51.100.1", kind="nat")
        for n in range(9)
    ]
    text = str(words(host(*chains).pipelines.transit))
    assert all(f"n{n}" in text for n in range(9))


def test_a_nat_chain_that_drops_does_so_in_its_turn() -> None:
    found = host(
        chain("m", "prerouting", "-110", "dnat to 192.0.2.1", kind="nat"),
        chain("n", "prerouting", "dstnat", "udp dport 500 drop", kind="nat"),
        CT,
    )
    stages = [one for one in found.pipelines.transit if isinstance(one, Stage) and "ip t n" in one.filters]
    assert [(one.does.value, one.filters, one.closing) for one in stages] == [
        ("translate-destination", ("ip t m", "ip t n"), ("ip t n",)),
    ]


def test_the_nat_core_stands_in_all_hooks_as_soon_as_there_is_one_nat_chain() -> None:
    """Answers are written back there."""
    found = host(chain("s", "postrouting", "srcnat", "masquerade", kind="nat"))
    assert words(found.pipelines.transit)[2:5] == ["reassemble conntrack", "track", "translate-destination"]
    assert "translate-source s" in words(found.pipelines.transit)
    assert words(found.pipelines.local_in)[-1] == "translate-source"
    assert words(found.pipelines.local_out)[:3] == ["track", "translate-destination", "translate-source s"]


def test_a_nat_chain_without_tracking_is_not_met() -> None:
    found = host(chain("n", "prerouting", "dstnat", "udp dport 500 drop", kind="nat"))
    assert not [one for one in found.pipelines.transit if isinstance(one, Stage) and "ip t n" in one.filters]


def test_chains_of_a_dormant_table_are_not_met() -> None:
    found = host("\tflags dormant\n", chain("f", "forward", "0", "drop"))
    assert not [one for one in found.pipelines.transit if isinstance(one, Stage) and one.filters]


@pytest.mark.parametrize("rule", ["ct zone set 5", 'ct original zone set iifname map { "eth0" : 1 }'])
def test_zones_of_connections_are_told(rule: str) -> None:
    zones = "connections are kept in zones, which are not followed"
    found = host(chain("z", "prerouting", "raw", rule))
    assert [(n.reason, n.family, n.place) for n in found.not_understood] == [(zones, 4, "")]
    assert host(f"\tchain z {{\n\t\t{rule}\n\t}}\n").not_understood == ()  # no packet meets it
    saved = "$ ip6tables-save\n*raw\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -i eth0 -j CT --zone 5\nCOMMIT\n"
    assert zones in [n.reason for n in device(saved).not_understood]


def test_a_priority_that_is_not_understood() -> None:
    found = host(chain("f", "forward", "someday", "drop"))
    assert any("priority of chain ip t f" in n.reason for n in found.not_understood)


# ---- chains on interfaces


def bindings(found: Device) -> dict[str, list[str]]:
    """The chains on each interface."""
    return {
        one.name: [f"{b.filter} {b.direction} {b.family}" for b in one.bindings]
        for one in found.interfaces
        if one.bindings
    }


def test_netdev_chains_are_on_their_interfaces() -> None:
    found = host(
        chain("i", 'ingress device "eth0"', "filter", "accept"),
        chain("e", 'egress devices = { "eth1", "br0" }', "filter", "accept"),
        family="netdev",
    )
    assert bindings(found) == {
        "eth0": ["netdev t i in 4", "netdev t i in 6"],
        "eth1": ["netdev t e out 4", "netdev t e out 6"],
        "br0": ["netdev t e out 4", "netdev t e out 6"],
    }


def test_inet_ingress_stands_in_the_same_list() -> None:
    text = "$ ip -d link show\n" + LINKS + "$ nft list ruleset\n"
    text += "table inet a {\n" + chain("i", 'ingress device "eth0"', "5", "accept") + "}\n"
    text += "table netdev b {\n" + chain("i", 'ingress device "eth0"', "-5", "accept") + "}\n"
    assert bindings(device(text))["eth0"] == ["netdev b i in 4", "netdev b i in 6", "inet a i in 4", "inet a i in 6"]


def test_a_chain_under_a_vlan_or_a_bridge_may_see_its_packets() -> None:
    found = host(
        chain("i", 'ingress device "eth0"', "0", "drop"),
        chain("j", 'ingress device "eth1"', "0", "drop"),
        family="netdev",
    )
    gaps = {(n.place, n.direction) for n in found.not_understood if "which is under it" in n.reason}
    assert gaps == {("eth0.7", "in"), ("br0", "in")}


def test_a_chain_whose_interfaces_are_not_told() -> None:
    found = host(chain("i", "ingress", "0", "drop"), family="netdev")
    assert any("does not tell the interfaces" in n.reason for n in found.not_understood)


def test_chains_of_bridges_are_told() -> None:
    text = f"$ ip -d link show\n{LINKS}$ nft list ruleset\ntable bridge b {{\n{chain('f', 'forward', '0', 'drop')}}}\n"
    gaps = [n.place for n in device(text).not_understood if "bridge" in n.reason]
    assert gaps
    assert "br0" in gaps


def test_xdp_is_told() -> None:
    found = device("$ ip link\n" + LINKS.replace("qdisc mq state UP", "xdp/id:7 qdisc mq state UP", 1))
    assert [n.place for n in found.not_understood if "XDP" in n.reason][:1] == ["eth0"]
