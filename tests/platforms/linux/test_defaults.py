"""What a host does where its transcript does not say: each value with its basis, and the other values it may have."""

import pytest

from auditor.model.device import Device, Df, Interface, Reassembly
from auditor.model.evidence import Basis, Fact
from tests.platforms.linux.reading import device

LINK = "1: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc mq state UP group default qlen 1000\n"
HOST = f"$ ip -d address show\n{LINK}    link/ether 02:00:5e:00:53:01\n    inet 192.0.2.1/24 scope global eth0\n"
NFT = "$ nft list ruleset\n"


def interface(found: Device, name: str = "eth0") -> Interface:
    """One interface."""
    return next(one for one in found.interfaces if one.name == name)


def reassembly(found: Device, name: str, family: int) -> Reassembly:
    """One way in which fragments are joined."""
    return next(one for one in found.reassembly if one.name == name and one.family == family)


def sysctl(*settings: str) -> str:
    """Kernel settings as ``sysctl -a`` prints them."""
    return "$ sysctl -a\n" + "".join(f"{one}\n" for one in settings)


def told(fact: Fact[object]) -> tuple[object, Basis, tuple[object, ...]]:
    """A value with how it is known."""
    return fact.value, fact.basis, fact.others


@pytest.mark.parametrize(
    ("settings", "four", "six"),
    [
        ((), (True, Basis.UNKNOWN, (False,)), (True, Basis.UNKNOWN, (False,))),
        (("net.ipv4.ip_forward = 1",), (True, Basis.READ, ()), (True, Basis.UNKNOWN, (False,))),
        (("net.ipv4.ip_forward = 0",), (False, Basis.READ, ()), (True, Basis.UNKNOWN, (False,))),
        (("net.ipv4.conf.all.forwarding = 1",), (True, Basis.READ, ()), (True, Basis.UNKNOWN, (False,))),
        (("net.ipv6.conf.all.forwarding = 1",), (True, Basis.UNKNOWN, (False,)), (True, Basis.READ, ())),
        (("net.ipv6.conf.all.forwarding = 0",), (True, Basis.UNKNOWN, (False,)), (False, Basis.READ, ())),
        (
            ("net.ipv4.ip_forward = 0", "net.ipv4.ip_forward = 1"),
            (True, Basis.READ, ()),
            (True, Basis.UNKNOWN, (False,)),
        ),
    ],
)
def test_forwarding(settings: tuple[str, ...], four: object, six: object) -> None:
    found = device(HOST + NFT + sysctl(*settings))
    assert told(found.forwards[4]) == four
    assert told(found.forwards[6]) == six


@pytest.mark.parametrize(
    ("both", "own", "wanted"),
    [
        ("0", "0", ("off", Basis.READ, ())),
        ("0", "1", ("strict", Basis.READ, ())),
        ("1", "0", ("strict", Basis.READ, ())),
        ("0", "2", ("loose", Basis.READ, ())),
        ("1", "2", ("loose", Basis.READ, ())),
        ("2", "1", ("loose", Basis.READ, ())),
        ("2", None, ("loose", Basis.READ, ())),
        (None, "2", ("loose", Basis.READ, ())),
        ("1", None, ("strict", Basis.UNKNOWN, ("loose",))),
        (None, "1", ("strict", Basis.UNKNOWN, ("loose",))),
        ("0", None, ("off", Basis.UNKNOWN, ("strict", "loose"))),
        (None, "0", ("off", Basis.UNKNOWN, ("strict", "loose"))),
        (None, None, ("off", Basis.UNKNOWN, ("strict", "loose"))),
    ],
)
def test_source_check(both: str | None, own: str | None, wanted: object) -> None:
    """The larger of the two counts."""
    settings = [f"net.ipv4.conf.all.rp_filter = {both}"] if both else []
    settings += [f"net.ipv4.conf.eth0.rp_filter = {own}"] if own else []
    found = device(HOST + NFT + sysctl(*settings))
    assert told(interface(found).source_check[4]) == wanted
    assert told(interface(found).source_check[6]) == ("off", Basis.ABSENT, ())


def test_a_dot_in_an_interface_is_a_slash_in_sysctl() -> None:
    text = HOST.replace("1: eth0:", "1: eth0.7@eth0:") + NFT
    text += sysctl(
        "net.ipv4.conf.all.rp_filter = 0", "net.ipv4.conf.eth0/7.rp_filter = 1", "net.ipv6.conf.eth0/7.mtu = 1280"
    )
    one = interface(device(text), "eth0.7")
    assert told(one.source_check[4]) == ("strict", Basis.READ, ())
    assert (one.mtu[4].value, one.mtu[6].value) == (1500, 1280)


@pytest.mark.parametrize(
    "text",
    [
        "$ sysctl -n net.ipv4.ip_forward\n0\n",
        "$ cat /proc/sys/net/ipv4/ip_forward\n0\n",
        "$ sysctl net.ipv4.ip_forward\nnet.ipv4.ip_forward = 0\n",
        "$ sysctl -a | grep forward\nnet.ipv4.ip_forward = 0\n",
        "$ sysctl -a\nnet.ipv4.ip_forward=0\n",
        "$ sudo sysctl -a 2>/dev/null\nsysctl: permission denied on key 'x'\nnet.ipv4.ip_forward = 0\n",
    ],
)
def test_ways_to_list_a_setting(text: str) -> None:
    assert told(device(HOST + NFT + text).forwards[4]) == (False, Basis.READ, ())


def test_an_interface_that_does_not_forward() -> None:
    found = device(HOST + NFT + sysctl("net.ipv4.ip_forward = 1", "net.ipv4.conf.eth0.forwarding = 0"))
    assert told(found.forwards[4])[0] is True
    assert {one.name: told(fact)[:2] for one in found.interfaces for fact in one.forwards.values()} == {
        "eth0": (False, Basis.READ)
    }


def test_an_interface_that_forwards_by_itself() -> None:
    """Measured: the switch of the interface counts, whatever that of all says (IPv6: force_forwarding)."""
    for family, own in ((4, "net.ipv4.conf.eth0.forwarding"), (6, "net.ipv6.conf.eth0.force_forwarding")):
        every = f"net.ipv{family}.conf.all.forwarding = 0"
        found = device(HOST + LINK.replace("1: eth0", "2: eth1") + NFT + sysctl(every, f"{own} = 1"))
        assert told(found.forwards[family])[0] is True
        by = {one.name: told(one.forwards[family])[:2] for one in found.interfaces if family in one.forwards}
        assert by == {"eth1": (False, Basis.READ)}


def test_forwarding_of_an_ipv6_interface_is_no_switch() -> None:
    found = device(HOST + NFT + sysctl("net.ipv6.conf.all.forwarding = 1", "net.ipv6.conf.eth0.forwarding = 0"))
    assert found.forwards[6].value
    assert not any(6 in one.forwards for one in found.interfaces)


def test_an_interface_that_says_what_all_do() -> None:
    found = device(HOST + NFT + sysctl("net.ipv4.ip_forward = 1", "net.ipv4.conf.eth0.forwarding = 1"))
    assert not any(one.forwards for one in found.interfaces)
    unsaid = device(HOST + NFT + sysctl("net.ipv4.conf.eth0.forwarding = 0"))
    assert [told(one.forwards[4])[:2] for one in unsaid.interfaces if 4 in one.forwards] == [(False, Basis.READ)]


@pytest.mark.parametrize(("port", "master", "basis"), [(0, 1, Basis.UNKNOWN), (1, 1, None), (0, 0, Basis.READ)])
def test_in_a_vrf_the_setting_of_its_device_may_count(port: int, master: int, basis: Basis | None) -> None:
    links = LINK.replace("mq state", "mq master blue state") + "    vrf_slave table 10\n"
    links += LINK.replace("1: eth0", "2: blue") + "    vrf table 10\n"
    own = (f"net.ipv4.conf.eth0.forwarding = {port}", f"net.ipv4.conf.blue.forwarding = {master}")
    one = interface(device(f"$ ip -d link show\n{links}{NFT}" + sysctl("net.ipv4.ip_forward = 1", *own)))
    assert one.vrf == "blue"
    assert (one.forwards[4].basis if 4 in one.forwards else None) is basis


def test_icmp_errors_are_sent() -> None:
    one = interface(device(HOST + NFT))
    assert told(one.unreachables[4]) == (True, Basis.ABSENT, ())
    assert told(one.unreachables[6]) == (True, Basis.ABSENT, ())


def test_what_is_for_the_host_is_always_joined() -> None:
    found = device(HOST + NFT)
    for family in (4, 6):
        one = reassembly(found, "local-in", family)
        assert told(one.active) == (True, Basis.ABSENT, ())
        assert one.untracked
        assert one.fragments is None


@pytest.mark.parametrize(
    ("setting", "name", "family", "default", "value"),
    [
        ("net.ipv4.ipfrag_time", "conntrack", 4, 30, 7),
        ("net.ipv4.ipfrag_time", "local-in", 4, 30, 7),
        ("net.netfilter.nf_conntrack_frag6_timeout", "conntrack", 6, 60, 7),
        ("net.ipv6.ip6frag_time", "local-in", 6, 60, 7),
    ],
)
def test_timeouts(setting: str, name: str, family: int, default: int, value: int) -> None:
    absent = reassembly(device(HOST + NFT), name, family).timeout
    assert absent is not None
    assert told(absent) == (default, Basis.DEFAULT, (None,))
    listed = reassembly(device(HOST + NFT + sysctl(f"{setting} = {value}")), name, family).timeout
    assert listed is not None
    assert told(listed) == (value, Basis.READ, ())


@pytest.mark.parametrize(
    ("setting", "name", "family"),
    [
        ("net.ipv4.ipfrag_high_thresh", "conntrack", 4),
        ("net.ipv4.ipfrag_high_thresh", "local-in", 4),
        ("net.netfilter.nf_conntrack_frag6_high_thresh", "conntrack", 6),
        ("net.ipv6.ip6frag_high_thresh", "local-in", 6),
    ],
)
def test_no_memory_for_fragments(setting: str, name: str, family: int) -> None:
    one = reassembly(device(HOST + NFT + sysctl(f"{setting} = 0")), name, family)
    assert one.fragments is not None
    assert told(one.fragments) == (0, Basis.READ, ())
    assert reassembly(device(HOST + NFT + sysctl(f"{setting} = 4194304")), name, family).fragments is None


def test_mtu_of_ipv6() -> None:
    for own, wanted in ((1400, 1400), (1500, 1500), (9000, 1500)):
        one = interface(device(HOST + NFT + sysctl(f"net.ipv6.conf.eth0.mtu = {own}")))
        assert (one.mtu[4].value, one.mtu[6].value) == (1500, wanted)


# ---- tunnels


def tunnel(kind: str, detail: str = "", link: str = "none") -> tuple[object, ...]:
    """Mode, protocol, what it adds, DF with its basis, whether it is protected."""
    text = f"$ ip -d link show\n5: tun0@NONE: <POINTOPOINT,NOARP,UP,LOWER_UP> mtu 1400 state UNKNOWN\n    link/{link}\n"
    text += f"    {kind} {detail}\n" if kind else ""
    one = interface(device(text + NFT), "tun0").tunnel
    assert one is not None
    return one.protocol, one.overhead.value, one.outer_df.value, one.outer_df.basis, one.protected is not None


@pytest.mark.parametrize(
    ("kind", "detail", "wanted"),
    [
        ("gre", "remote 192.0.2.9 local 192.0.2.1 ttl 64", (47, 24, Df.SET, Basis.ABSENT, False)),
        ("gre", "remote 192.0.2.9 local 192.0.2.1 ttl inherit nopmtudisc", (47, 24, Df.KEEP, Basis.READ, False)),
        ("gre", "remote 192.0.2.9 local 192.0.2.1 ignore-df nopmtudisc", (47, 24, Df.CLEAR, Basis.READ, False)),
        ("gre", "remote 192.0.2.9 local 192.0.2.1 ikey 0.0.0.1 okey 0.0.0.1", (47, 28, Df.SET, Basis.ABSENT, False)),
        ("gre", "remote 192.0.2.9 local 192.0.2.1 okey 0.0.0.1 iseq oseq ocsum", (47, 36, Df.SET, Basis.ABSENT, False)),
        ("gretap", "remote 192.0.2.9 local 192.0.2.1", (47, 38, Df.SET, Basis.ABSENT, False)),
        ("ipip", "ipip remote 192.0.2.9 local 192.0.2.1", (4, 20, Df.SET, Basis.ABSENT, False)),
        ("sit", "ip6ip remote 192.0.2.9 local 192.0.2.1", (41, 20, Df.SET, Basis.ABSENT, False)),
        (
            "ip6tnl",
            "ip6ip6 remote 2001:db8::9 local 2001:db8::1 encaplimit none",
            (41, 40, Df.SET, Basis.ABSENT, False),
        ),
        ("ip6tnl", "ip6ip6 remote 2001:db8::9 local 2001:db8::1 encaplimit 4", (41, 48, Df.SET, Basis.ABSENT, False)),
        ("vxlan", "id 5 remote 192.0.2.9 local 192.0.2.1 dstport 4789", (17, 50, Df.CLEAR, Basis.ABSENT, False)),
        ("vxlan", "id 5 remote 192.0.2.9 local 192.0.2.1 dstport 4789 df set", (17, 50, Df.SET, Basis.READ, False)),
        ("vxlan", "id 5 remote 2001:db8::9 local 2001:db8::1 dstport 4789", (17, 70, Df.CLEAR, Basis.ABSENT, False)),
        ("gre", "remote any local any external", (47, None, Df.SET, Basis.ABSENT, False)),
        ("wireguard", "-", (17, None, Df.CLEAR, Basis.ABSENT, True)),
        ("xfrm", "if_id 0x1", (50, None, Df.KEEP, Basis.DEFAULT, True)),
        ("vti", "remote 192.0.2.9 local 192.0.2.1", (50, None, Df.KEEP, Basis.DEFAULT, True)),
        ("tun", "type tun pi off", (0, None, Df.SET, Basis.UNKNOWN, False)),
    ],
)
def test_tunnels(kind: str, detail: str, wanted: tuple[object, ...]) -> None:
    assert tunnel(kind, detail) == wanted


def test_a_tunnel_without_details() -> None:
    """Plain ``ip link`` shows the kind of link and its ends, but not what is added to a packet."""
    assert tunnel("", link="gre 192.0.2.1 peer 192.0.2.9") == (47, None, Df.SET, Basis.UNKNOWN, False)
