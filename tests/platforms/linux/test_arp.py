"""Which chains keep IPv4 neighbours from finding each other: told at the interface, or for the whole host."""

import socket
import struct

import pytest

from auditor.model.device import NotUnderstood
from tests.platforms.linux.namespace import Namespace
from tests.platforms.linux.reading import device

ARP = 0x0806
FLAGS = "<BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc mq state UP group default"
LINKS = f"""$ ip -d link show
1: eth0: {FLAGS}
    link/ether 02:00:5e:00:53:01
2: eth1: {FLAGS}
    link/ether 02:00:5e:00:53:02
3: tun0: <POINTOPOINT,MULTICAST,NOARP,UP,LOWER_UP> mtu 1500 qdisc mq state UNKNOWN group default
    link/none
"""


def netdev(*rules: str, policy: str = "accept", hook: str = "ingress", on: str = "eth0") -> str:
    """A chain on an interface, and one that it may call."""
    body = "".join(f"\t\t{rule}\n" for rule in rules)
    head = f'\t\ttype filter hook {hook} device "{on}" priority filter; policy {policy};\n'
    inner = "\tchain inner {\n\t\tether type arp accept\n\t}\n\tchain empty {\n\t}\n\tchain end {\n\t\tdrop\n\t}\n"
    return f"$ nft list ruleset\ntable netdev t {{\n{inner}\tchain i {{\n{head}{body}\t}}\n}}\n"


def told(text: str) -> list[NotUnderstood]:
    """What is said of ARP."""
    return [one for one in device(LINKS + text).not_understood if "ARP" in one.reason]


DROPPED: list[tuple[str, tuple[str, ...]]] = [
    ("drop", ()),
    ("drop", ("meta l4proto udp accept",)),
    ("drop", ("ip saddr 192.0.2.1 accept", "udp dport 500 accept", "counter packets 0 bytes 0")),
    ("drop", ("meta protocol ip accept",)),
    ("drop", ("ether type { ip, ip6 } accept",)),
    ("drop", ("meta protocol != arp accept",)),
    ("drop", ("meta length > 1400 accept",)),
    ("drop", ('iifname "eth1" accept',)),
    ("drop", ("jump empty",)),
    ("drop", ("return", "accept")),
    ("drop", ("meta mark set 0x00000001",)),
    ("accept", ("drop",)),
    ("accept", ("meta protocol arp drop",)),
    ("accept", ("ether type != ip drop",)),
    ("accept", ("ether type 0x0806 counter packets 0 bytes 0 drop",)),
    ("accept", ('iifname "eth0" drop',)),
    ("accept", ("goto end",)),
    ("accept", ("ip saddr vmap { 192.0.2.1 : accept } drop", "drop")),
]
PASSING: list[tuple[str, tuple[str, ...]]] = [
    ("accept", ()),
    ("accept", ("udp dport 500 drop",)),
    ("accept", ("meta protocol ip drop",)),
    ("drop", ("meta protocol arp accept",)),
    ("drop", ("ether type { arp, ip } accept",)),
    ("drop", ("meta protocol != ip6 accept",)),
    ("drop", ("jump inner",)),
    ("drop", ("ether type vmap { arp : accept }",)),
    ("drop", ("meta protocol arp arp operation request accept",)),  # some of it
    ("accept", ("ether saddr 02:00:5e:00:53:09 drop",)),
    ("accept", ("meta mark 0x00000001 drop",)),
    ("accept", ("limit rate over 10/second drop",)),
    ("drop", ("limit rate 10/second accept",)),
    ("accept", ("goto empty", "drop")),
]


@pytest.mark.parametrize(("policy", "rules"), DROPPED)
def test_arp_dies_for_certain(policy: str, rules: tuple[str, ...]) -> None:
    (one,) = told(netdev(*rules, policy=policy))
    assert (one.place, one.family, one.direction) == ("eth0", 4, None)
    assert "drop" in one.evidence.text


@pytest.mark.parametrize(("policy", "rules"), PASSING)
def test_arp_passes_or_may_pass(policy: str, rules: tuple[str, ...]) -> None:
    assert told(netdev(*rules, policy=policy)) == []


def test_on_the_way_out() -> None:
    assert [one.place for one in told(netdev(policy="drop", hook="egress", on="eth1"))] == ["eth1"]


def test_where_there_is_no_arp() -> None:
    assert told(netdev(policy="drop", on="tun0")) == []


def test_a_chain_of_both_families_sees_no_arp() -> None:
    """nft's inet ingress takes IPv4 and IPv6 alone (net/netfilter/nft_chain_filter.c)."""
    assert told(netdev(policy="drop").replace("table netdev", "table inet")) == []


@pytest.mark.parametrize(
    ("policy", "rule", "said"),
    [("drop", "accept", True), ("accept", "arp operation request drop", True), ("accept", "accept", False)],
)
def test_a_table_of_arp(policy: str, rule: str, said: bool) -> None:
    head = f"\t\ttype filter hook input priority filter; policy {policy};\n"
    found = told(f"$ nft list ruleset\ntable arp a {{\n\tchain i {{\n{head}\t\t{rule}\n\t}}\n}}\n")
    assert [(one.place, one.family) for one in found] == ([("", 4)] if said else [])


def answers(namespace: Namespace, rules: str) -> bool:
    """Whether the host answers a question for its address (RFC 826) on the interface with such a chain."""
    namespace.run("ip", "link", "add", "eth0", "type", "veth", "peer", "name", "far")
    namespace.run("ip", "address", "add", "192.0.2.1/24", "dev", "eth0")
    for name in ("eth0", "far"):
        namespace.run("ip", "link", "set", name, "up")
    namespace.run("nft", "-f", "-", text=rules.partition("\n")[2])
    own, other = bytes.fromhex("02005e005301"), socket.inet_aton("192.0.2.9")
    with namespace.inside():
        sender = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ARP))
    with sender:
        sender.bind(("far", ARP))
        sender.settimeout(0.3)
        question = struct.pack("!HHBBH", 1, 0x0800, 6, 4, 1) + own + other + bytes(6) + socket.inet_aton("192.0.2.1")
        sender.send(b"\xff" * 6 + own + struct.pack("!H", ARP) + question)
        try:
            while True:
                if sender.recv(100)[20:22] == b"\0\2":
                    return True
        except TimeoutError:
            return False


@pytest.mark.parametrize(("policy", "rules"), DROPPED)
def test_a_host_does_not_answer(namespace: Namespace, policy: str, rules: tuple[str, ...]) -> None:
    assert not answers(namespace, netdev(*rules, policy=policy))


@pytest.mark.parametrize(("policy", "rules"), PASSING[:8])
def test_a_host_answers(namespace: Namespace, policy: str, rules: tuple[str, ...]) -> None:
    assert answers(namespace, netdev(*rules, policy=policy))
