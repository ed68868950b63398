"""NAT, tunnels and ways of equal cost, with real packets."""

from collections import Counter
from pathlib import Path

import pytest

from tests.lab.compare import Held, audited, hold
from tests.lab.predict import Datagram, paths_yaml
from tests.lab.traffic import Traffic
from tests.lab.world import Description, Hop, Link, World, row
from tests.scenarios.test_linux_truth import DROP, base, table

PORT = 4500
DATAGRAMS = tuple(
    Datagram(payload, direction, df)  # type: ignore[arg-type]
    for direction in ("forward", "reverse")
    for payload in (100, 1422, 2000, 4000)
    for df in ("false", "true", "pmtud")
)
PUBLISHED = "192.0.2.80"


def held(
    world: World, folder: Path, families: tuple[int, ...] = (4, 6), published: str = "", taps: tuple[int, ...] = ()
) -> list[Held]:
    """Every datagram held against the prediction."""
    with Traffic(world, [(name, number) for number in taps for name in ("h1", "h2")]) as traffic:
        world.collect(folder)
        (folder / "paths.yaml").write_text(paths_yaml(world, DATAGRAMS, (PORT,), published))
        report = audited(folder)
        return [one for family in families for one in hold(traffic, report, DATAGRAMS, PORT, family, published or None)]


def other_than(outcome: str, results: list[Held]) -> list[str]:
    return [str(one) for one in results if one.outcome != outcome]


# ---- NAT

MASQUERADE = table("inet", base("postrouting", "srcnat", 'oifname "l2" masquerade', kind="nat"), name="nat")
PERMITS = ("udp dport 4500 accept", "udp sport 4500 accept", "meta l4proto { icmp, ipv6-icmp } accept")
PORTS_ONLY = table("inet", base("forward", "filter", *PERMITS, policy="drop"))
OWN_ADDRESSES_DROP = table("ip", base("forward", "filter", "ip daddr 10.0.1.1 drop"), name="late")
FRAGMENTS_DROP = table("ip", base("forward", "filter", DROP))


@pytest.mark.parametrize("second", ["", PORTS_ONLY, FRAGMENTS_DROP], ids=["open", "ports only", "no fragments"])
@pytest.mark.parametrize("mtu", [1500, 1400])
def test_a_source_is_translated(tmp_path: Path, second: str, mtu: int) -> None:
    with World(row([Hop("h1", nft=MASQUERADE), Hop("h2", nft=second)], [1500, mtu])) as world:
        assert other_than("agreed", held(world, tmp_path)) == []


def test_a_filter_behind_the_translation_back_sees_the_inner_address(tmp_path: Path) -> None:
    """The kernel writes answers back in prerouting, where no rule stands: the forward chain sees c's own address."""
    with World(row([Hop("h1", nft=MASQUERADE + OWN_ADDRESSES_DROP), Hop("h2")])) as world:
        results = held(world, tmp_path, (4,))
        assert other_than("agreed", results) == []
        assert not any(one.received for one in results if one.datagram.direction == "reverse")


@pytest.mark.parametrize("late", ["", OWN_ADDRESSES_DROP, PORTS_ONLY], ids=["open", "drops c", "ports only"])
@pytest.mark.parametrize("early", ["", table("ip", base("prerouting", "raw", "ip length > 1500 notrack"), name="raw")])
def test_a_destination_is_translated(tmp_path: Path, late: str, early: str) -> None:
    dnat = table("ip", base("prerouting", "dstnat", f"ip daddr {PUBLISHED} dnat to 10.0.3.2", kind="nat"), name="nat")
    hops = [
        Hop("h1", commands=(f"ip route add {PUBLISHED}/32 via 10.0.2.2",)),
        Hop("h2", nft=dnat + late + early),
    ]
    description = row(hops, [1500, 1400])
    description.ends["c"] = (f"ip route add {PUBLISHED}/32 via 10.0.1.2",)
    with World(description) as world:
        results = held(world, tmp_path, (4,), PUBLISHED)
        assert other_than("agreed", results) == []


def test_an_error_about_a_datagram_that_began_its_own_session_goes_to_its_sender(tmp_path: Path) -> None:
    """No forward datagram gets through, so s's own datagrams begin sessions; h2 drops the errors about them (found by
    fuzzing: they were taken for errors about answers).
    """
    drops = table("ip", base("postrouting", "mangle", "ip daddr != 10.0.1.1 drop"), name="late")
    everywhere = table("ip", base("postrouting", "srcnat", "masquerade", kind="nat"), name="nat")
    with World(row([Hop("h1"), Hop("h2", nft=drops + everywhere)], [1280, 1500])) as world:
        results = held(world, tmp_path, (4,))
        assert other_than("agreed", results) == []
        assert any(not one.received for one in results if one.datagram.direction == "reverse")


def test_what_dies_at_the_egress_hook_has_its_session(tmp_path: Path) -> None:
    """Connections are confirmed in postrouting, before a chain at the egress of a device (found by fuzzing)."""
    chain = "type filter hook egress device l2 priority 0; policy accept;\nudp dport 4500 drop"
    drops = f"table netdev late {{\nchain d {{\n{chain}\n}}\n}}\n"
    tracked = table("ip", base("prerouting", "300", "ct state established drop"), name="tracked")
    with World(row([Hop("h1", nft=drops + tracked), Hop("h2")])) as world:
        results = held(world, tmp_path, (4,))
        assert other_than("agreed", results) == []
        assert not any(one.received for one in results)


def test_an_entry_that_may_exempt_from_tracking_decides_nothing_behind_it(tmp_path: Path) -> None:
    """The type of an address is not worked out, so it is not known whether the packets are tracked."""
    raw = table("ip", base("prerouting", "raw", "fib daddr type unicast notrack"), name="raw")
    tracked = table("ip", base("forward", "filter", "ct state new,established accept", policy="drop"))
    with World(row([Hop("h1", nft=raw + tracked), Hop("h2")])) as world:
        results = held(world, tmp_path, (4,))
        assert other_than("unknown", [one for one in results if one.datagram.df == "false"]) == []
        assert not any(one.received for one in results)


# ---- tunnels


@pytest.mark.parametrize("outer", ["", "df set", "df inherit"])
@pytest.mark.parametrize("mtu", [1500, 1400])
@pytest.mark.parametrize("rules", ["", table("ip", base("prerouting", "-450", DROP))], ids=["open", "no fragments"])
def test_a_tunnel(tmp_path: Path, outer: str, mtu: int, rules: str) -> None:
    """VXLAN, which this kernel has: 50 bytes around each packet, and the outer ones are cut, or not, on their own."""

    def tunnel(own: int, other: int, behind: int) -> tuple[str, ...]:
        ends = f"local 10.0.2.{own} remote 10.0.2.{other}"
        return (
            f"ip link add l9 address 02:00:00:00:09:0{own} type vxlan id 9 {ends} dstport 4789 noudpcsum {outer}",
            "ip link set l9 mtu 1450 up",
            "sysctl -qw net.ipv4.conf.l9.rp_filter=0",
            f"ip address add 10.0.9.{own}/24 dev l9",
            f"ip neighbour add 10.0.9.{other} lladdr 02:00:00:00:09:0{other} dev l9 nud permanent",
            f"ip route replace 10.0.{behind}.0/24 via 10.0.9.{other} dev l9",
        )

    hops = [Hop("h1", commands=tunnel(1, 2, 3)), Hop("h2", commands=tunnel(2, 1, 1), nft=rules)]
    with World(row(hops, [1500, mtu])) as world:
        assert other_than("agreed", held(world, tmp_path, (4,), taps=(9,))) == []


# ---- ways of equal cost


def diamond(one: str, other: str, first: tuple[str, ...] = ()) -> Description:
    """Two ways from h1 to h4: by a and by b, each with its rules."""
    return Description(
        hops=(Hop("h1", commands=first), Hop("a", nft=one), Hop("b", nft=other), Hop("h4")),
        links=(Link("c", "h1"), Link("h1", "a"), Link("h1", "b"), Link("a", "h4"), Link("b", "h4"), Link("h4", "s")),
    )


@pytest.mark.parametrize("policy", [0, 1])
@pytest.mark.parametrize("other", ["", FRAGMENTS_DROP], ids=["both open", "one drops fragments"])
def test_two_ways(tmp_path: Path, policy: int, other: str) -> None:
    """Which way a flow takes is the hash's secret; each packet fares as on one of the ways that were predicted."""
    first = (f"sysctl -qw net.ipv4.fib_multipath_hash_policy={policy}",)
    with World(diamond("", other, first)) as world:
        results = held(world, tmp_path, (4,))
        assert other_than("agreed", results) == []
        assert Counter(one.outcome for one in results) == {"agreed": len(DATAGRAMS)}
