"""The kernel's own counters against what is read of a rule: crafted packets meet random rules, one by one.

A rule that surely matches must have counted the packet, one that surely does not must not have. Where a rule is said
to match or not, both are right. Nothing joins fragments here, so every piece is met by itself.
"""

import re
import socket
import struct
from collections.abc import Iterator
from dataclasses import replace
from random import Random

import pytest

from auditor.model.addresses import Family, IntervalSet, parse_address
from auditor.model.device import Device
from auditor.model.filters import DROP, PERMIT, Filter, Rule
from auditor.model.packets import Packet
from auditor.simulate.header import Cell
from auditor.simulate.match import Evaluator, State, view
from tests.platforms.linux import random_rules
from tests.platforms.linux.namespace import Namespace
from tests.platforms.linux.reading import device

UDP, FRAGMENT = 17, 44
DATA = b"\x9a\x9b"  # what later fragments hold where ports would be: no rule asks for these
FOUR = [
    ("192.0.2.1", "198.51.100.7"),
    ("192.0.2.2", "10.0.0.7"),
    ("10.0.0.5", "192.0.2.9"),
    ("203.0.113.9", "198.51.0.7"),
]
SIX = [("2001:db8::1", "2001:db8:1::9"), ("2001:db8::5", "2001:db8::1"), ("fd00::1", "fd00::2")]
PORTS = [(500, 500), (500, 4500), (49152, 500), (4500, 1812), (80, 65001), (1000, 22)]
# offset, bytes behind the IP header (IPv6: and fragment header), more fragments, DF, a fragment header at all
PIECES = [
    (0, 30, False, False, False),
    (0, 130, False, True, False),
    (0, 1480, False, False, False),
    (0, 1480, True, False, True),
    (0, 88, True, False, True),
    (1480, 24, False, False, True),
    (1480, 1400, True, False, True),
    (800, 700, False, False, True),
    (8, 16, False, False, True),
]


class Sent:
    """A packet: as bytes, and as a filter of the model sees it."""

    def __init__(self, family: Family, place: int) -> None:
        offset, size, more, df, header = PIECES[place % len(PIECES)]
        ends = (FOUR if family == 4 else SIX)[place % (4 if family == 4 else 3)]
        ports = PORTS[place % len(PORTS)]
        self.family: Family = family
        self.header = 20 if family == 4 else 48 if header else 40
        self.packet = Packet(offset=offset, bytes=self.header + size, more=more, df=df and family == 4)
        self.cell = Cell(
            *(IntervalSet.single(parse_address(end)[1]) for end in ends), *(IntervalSet.single(port) for port in ports)
        )
        body = DATA * (size // 2)
        if offset == 0:
            length = 1480 + 700 if more else size
            body = (struct.pack("!HHHH", *ports, length, 0) + body)[:size]
        self.data = _four(self, ends) + body if family == 4 else _six(self, ends, size, header) + body


def _four(sent: Sent, ends: tuple[str, str]) -> bytes:
    one = sent.packet
    word = (0x4000 if one.df else 0) | (0x2000 if one.more else 0) | one.offset >> 3
    addresses = b"".join(socket.inet_aton(end) for end in ends)
    head = struct.pack("!BBHHHBBH", 0x45, 0, one.bytes, 7, word, 64, UDP, 0) + addresses
    total = sum(struct.unpack("!10H", head))
    total = (total & 0xFFFF) + (total >> 16)
    return head[:10] + struct.pack("!H", ~(total + (total >> 16)) & 0xFFFF) + head[12:]


def _six(sent: Sent, ends: tuple[str, str], size: int, header: bool) -> bytes:
    one = sent.packet
    addresses = b"".join(socket.inet_pton(socket.AF_INET6, end) for end in ends)
    inner = struct.pack("!BBHI", UDP, 0, one.offset | one.more, 7) if header else b""
    return struct.pack("!IHBB", 6 << 28, size + len(inner), FRAGMENT if header else UDP, 64) + addresses + inner


def wire(namespace: Namespace) -> tuple[socket.socket, bytes]:
    """The far end of the interface "in", and the head of its frames."""
    namespace.run("ip", "link", "add", "in", "mtu", "3000", "type", "veth", "peer", "name", "far", "mtu", "3000")
    namespace.run("sysctl", "-q", "-w", "net.ipv6.conf.far.disable_ipv6=1")  # or it would send packets of its own
    for name in ("in", "far"):
        namespace.run("ip", "link", "set", name, "up")
    for setting in ("net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1", "net.ipv4.conf.all.rp_filter=0"):
        namespace.run("sysctl", "-q", "-w", setting)
    address = re.search(r"link/ether (\S+)", namespace.run("ip", "link", "show", "in"))
    assert address is not None
    with namespace.inside():
        sender = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
        sender.bind(("far", 0))
    return sender, bytes.fromhex(address[1].replace(":", "")) + bytes.fromhex("02005e005301")


def counters(listing: str) -> dict[str, int]:
    """How many packets each rule's line has counted, by the line with its counters at zero."""
    found: dict[str, int] = {}
    for line in listing.splitlines():
        count = re.search(r"counter packets (\d+) bytes (\d+)", line)
        count = count or re.search(r"^\[(\d+):(\d+)\] -A", line)
        if count:
            key = line.replace(count[0], "counter" if "counter" in count[0] else "-A").strip()
            assert key not in found, key
            found[key] = int(count[1])
    return found


def expected(found: Device, name: str, sent: Sent) -> dict[str, set[bool]]:
    """For each line of a chain, whether it matches the packet: surely, surely not, or perhaps."""
    one = found.filters[name]
    seen = view(sent.family, sent.packet, ingress="in")
    rules: dict[str, list[Rule]] = {}
    for rule in one.rules:
        rules.setdefault(rule.evidence.text, []).append(replace(rule, action=DROP))
    outcomes: dict[str, set[bool]] = {}
    for text, lines in rules.items():
        alone = Filter(name=text, rules=lines, otherwise=PERMIT, evidence=one.evidence, headerless=one.headerless)
        results = Evaluator().run({text: alone}, text, seen, State(sent.cell, 0, True, sent.packet.df))
        outcomes[text] = {result.action.verb is DROP.verb for result in results}
    return outcomes


def held(found: Device, name: str, counts: Iterator[tuple[Sent, dict[str, int]]]) -> tuple[int, int]:
    """Holds each packet's counters against what is expected; how many rules surely matched, how many surely did not."""
    hits = misses = 0
    for sent, counted in counts:
        told = expected(found, name, sent)
        for line, count in counted.items():
            outcomes = next((o for text, o in told.items() if _same(text, line)), {False})
            assert (count > 0) in outcomes, (line, sent.packet, sent.cell, count)
            hits += outcomes == {True}
            misses += outcomes == {False}
    return hits, misses


def _same(text: str, line: str) -> bool:
    return re.sub(r"counter packets \d+ bytes \d+", "counter", re.sub(r"^\[\d+:\d+\] ", "", text)) == line


@pytest.mark.parametrize("family", ["ip", "ip6", "inet", "netdev"])
def test_nft(namespace: Namespace, family: str) -> None:
    sender, frame = wire(namespace)
    random = Random(family)
    hook = "ingress device in priority 0" if family == "netdev" else "prerouting priority -450"
    rules = sorted({random_rules.conditions(random, family, untold=False) for _ in range(150)})
    namespace.run("nft", "-f", "-", text=random_rules.nft_table(family, hook))
    for rule in rules:  # without those that contradict themselves, or that this hook does not take
        namespace.attempt("nft", "-f", "-", text=f"add rule {family} t c {rule} counter\n")
    listed = dict.fromkeys(line for line in namespace.run("nft", "list", "ruleset").splitlines() if "packets 0" in line)
    namespace.run("nft", "flush", "chain", family, "t", "c")
    for line in listed:  # each once: its text tells which counter is whose
        rule = line.replace("counter packets 0 bytes 0", "counter").strip()
        namespace.attempt("nft", "-f", "-", text=f"add rule {family} t c {rule}\n")
    found = device(namespace.transcript("ip address show", "nft list ruleset"))

    def packets() -> Iterator[tuple[Sent, dict[str, int]]]:
        for place in range(18):
            for version in (4, 6):
                if family in ("inet", "netdev", "ip" if version == 4 else "ip6"):
                    sent = Sent(4 if version == 4 else 6, place)
                    sender.send(frame + bytes.fromhex("0800" if version == 4 else "86dd") + sent.data)
                    yield sent, counters(namespace.run("nft", "list", "ruleset"))

    hits, misses = held(found, f"{family} t c", _differences(packets()))
    assert hits > 150
    assert misses > 400
    sender.close()


@pytest.mark.parametrize("tool", ["iptables-nft", "iptables-legacy", "ip6tables-nft", "ip6tables-legacy"])
def test_iptables(namespace: Namespace, tool: str) -> None:
    sender, frame = wire(namespace)
    family = tool.partition("tables")[0]
    random = Random(family)
    namespace.run(f"{tool}-restore", text="*raw\n:PREROUTING ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\nCOMMIT\n")
    for _ in range(160):
        rule = random_rules.iptables_conditions(random, family, untold=False)
        if not re.search(r"conntrack|state|-o ", rule):  # tracking would join the fragments
            namespace.attempt(f"{tool}-restore", "--noflush", text=f"*raw\n-A PREROUTING {rule}\nCOMMIT\n")
    saved = namespace.run(f"{tool}-save", "-t", "raw").splitlines()
    lines = list(dict.fromkeys(line for line in saved if line.startswith("-A")))
    heads = "*raw\n:PREROUTING ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n"
    namespace.run(f"{tool}-restore", text=heads + "".join(f"{line}\n" for line in lines) + "COMMIT\n")
    found = device(namespace.transcript("ip address show", f"{tool}-save"))

    def packets() -> Iterator[tuple[Sent, dict[str, int]]]:
        for place in range(18):
            sent = Sent(4 if family == "ip" else 6, place)
            sender.send(frame + bytes.fromhex("0800" if family == "ip" else "86dd") + sent.data)
            yield sent, counters(namespace.run(f"{tool}-save", "-c", "-t", "raw"))

    name = f"{family}tables{'-legacy' if tool.endswith('legacy') else ''} raw PREROUTING"
    hits, misses = held(found, name, _differences(packets()))
    assert hits > 150
    assert misses > 300
    sender.close()


def _differences(listed: Iterator[tuple[Sent, dict[str, int]]]) -> Iterator[tuple[Sent, dict[str, int]]]:
    """The counts that each packet added."""
    before: dict[str, int] = {}
    for sent, counted in listed:
        yield sent, {line: count - before.get(line, 0) for line, count in counted.items()}
        before = counted


# ---- what is done, and in which order


MARKS = (0, 7, 8)
ROADS = [
    "ip frag-off & 0x1fff vmap { 185 : continue, 0 : drop } accept",
    "udp dport & 0xff00 vmap { 0x1100 : accept, 0x0100 : continue } drop",
    "meta mark & 0xff vmap { 0 : continue } meta mark set 7 accept",
    "ip saddr & 255.255.255.0 vmap { 192.0.2.0 : continue, 10.0.0.0 : drop } meta mark set 7",
    "udp dport vmap { 500 : accept, 4500 : continue, 22 : drop } drop",
    "udp dport vmap { 500 : continue } meta mark set 7",
    "udp dport vmap { 500 : accept } meta mark set 7",
    "udp dport vmap { 500 : accept, 4500 : continue } meta mark set 7 accept",
    "udp dport vmap { 500 : continue, 4500 : continue } udp sport 500 accept",
    "udp dport vmap { 500 : jump marks, 4500 : goto marks } drop",
    "udp dport vmap { 500 : return, 4500 : continue } accept",
    "ip saddr . udp dport vmap { 192.0.2.1 . 500 : continue, 10.0.0.5 . 1812 : drop } meta mark set 8 accept",
    "ip frag-off & 0x1fff vmap { 185 : continue, 0 : accept } drop",
    "meta mark set 7 udp dport 500 accept",
    "udp dport 500 meta mark set 7 udp sport 500 accept",
    "meta mark 0 meta mark set 7 udp dport 500 accept",
    "meta mark 0 meta mark set 7 udp dport 500 return",
    "meta mark 0 meta mark set 7 return",
    "meta mark 0 meta mark set 7 meta mark set meta mark & 8 accept",
    "meta mark 0 meta mark set 7 udp dport vmap { 500 : accept, 4500 : continue } meta mark set 8 drop",
    "meta mark vmap { 0 : continue, 1 : accept } meta mark set 7 meta mark 7 accept",
    "ip dscp set cs1 meta mark set 7",
    "ct state invalid notrack accept",
    "ct state untracked notrack accept",
]


@pytest.mark.parametrize("rule", ROADS)
def test_how_far_a_packet_comes(namespace: Namespace, rule: str) -> None:
    """Through a rule and the same once more: to the next chain or not, and with which mark."""
    sender, frame = wire(namespace)
    chain = "chain {} {{\ntype filter hook prerouting priority {}\n{}}}\n"
    inner = "chain marks {\nmeta mark set 8\n}\n"
    table = inner + chain.format("c", -450, f"{rule}\n{rule}\n")
    table += chain.format("d", -440, "".join(f"meta mark {mark} counter\n" for mark in MARKS))
    with sender:
        assert namespace.attempt("nft", "-f", "-", text=f"table ip t {{\n{table}}}\n") is not None, "nft refuses it"
        found = device(namespace.transcript("ip address show", "nft list ruleset"))
        for place in range(18):
            sent = Sent(4, place)
            before = re.findall(r"packets (\d+)", namespace.run("nft", "list", "ruleset"))
            sender.send(frame + bytes.fromhex("0800") + sent.data)
            after = re.findall(r"packets (\d+)", namespace.run("nft", "list", "ruleset"))
            counted = [int(b) - int(a) for a, b in zip(before, after, strict=True)]
            assert counted in roads(found, sent), (rule, sent.packet, sent.cell)


def roads(found: Device, sent: Sent) -> list[list[int]]:
    """The counts that a packet may leave behind the chain that it meets first, by what is read of that."""
    seen = view(sent.family, sent.packet, ingress="in")
    ways = []
    for result in Evaluator().run(found.filters, "ip t c", seen, State(sent.cell, 0, True, sent.packet.df)):
        passes = result.action.verb is PERMIT.verb
        marks = MARKS if result.mark is None else (result.mark,)
        ways += [[int(passes and mark == one) for one in MARKS] for mark in marks]
    return ways


# ---- when fragments are joined


def native(rule: str, family: str = "ip", more: str = "", flags: str = "") -> str:
    """A table of nft with one rule in a chain that no hook reaches."""
    return f"table {family} x {{\n{flags}\n{more}\nchain c {{\n{rule}\n}}\n}}\n"


COUNTED = "set s {\ntype ipv4_addr\nflags dynamic\n}"
PROBE = "chain p {\ntype filter hook prerouting priority raw\nip frag-off & 0x1fff != 0 counter\n}\n"
JOINS = [
    ("nothing", "", ""),
    ("a state", native("ct state new accept"), ""),
    ("a table that is asleep", native("ct state new accept", flags="flags dormant"), ""),
    ("the other family", native("ct state new accept", "ip6"), ""),
    ("both families", native("meta nfproto ipv6 ct state new accept", "inet"), ""),
    ("a helper", native("counter", more='ct helper h {\ntype "ftp" protocol tcp\n}'), ""),
    ("a timeout", native("counter", more="ct timeout h {\nprotocol udp\nl3proto ip\n}"), ""),
    ("a zone", native("ct zone set 5"), ""),
    ("a mark", native("meta mark set ct mark"), ""),
    ("a number of connections", native("add @s { ip saddr ct count over 5 }", more=COUNTED), ""),
    ("its word in a prefix", native('log prefix "ct state" counter'), ""),
    ("a set of marks", native("counter", more="set s {\ntypeof ct mark\n}"), ""),
    ("a socket", native("socket transparent 1 counter"), ""),
    ("notrack", native("notrack"), ""),
    *(
        (f"{tool} {rule}", "", f"{tool} -t {'mangle' if 'TPROXY' in rule else 'raw'} -A PREROUTING {rule}")
        for tool in ("iptables-nft", "iptables-legacy")
        for rule in (
            "-m conntrack --ctstate NEW",
            "-j CT --zone 5",
            "-j CT --notrack",
            "-m connmark --mark 5",
            "-m helper --helper ftp",
            "-m connlimit --connlimit-above 5",
            "-m connbytes --connbytes 5: --connbytes-dir both --connbytes-mode bytes",
            "-m socket --transparent",
            "-p tcp -j TPROXY --on-port 9",
            "-m cluster --cluster-total-nodes 2 --cluster-local-node 1 --cluster-hash-seed 1",
            "-m mark --mark 5",
        )
    ),
]  # fmt: skip


@pytest.mark.parametrize(("tables", "command"), [row[1:] for row in JOINS], ids=[row[0] for row in JOINS])
def test_whether_fragments_are_joined(namespace: Namespace, tables: str, command: str) -> None:
    """Later fragments reach a chain at raw, or they don't: in every listing it is read so."""
    sender, frame = wire(namespace)
    namespace.run("nft", "-f", "-", text=f"table ip probe {{\n{PROBE}}}\n{tables}")
    if command:
        namespace.run(*command.split())
    first, last = Sent(4, 3), Sent(4, 5)
    for one in (first, last):  # the pieces of one datagram
        sender.send(frame + bytes.fromhex("0800") + _four(one, FOUR[0]) + one.data[20:])
    sender.close()
    joined = "counter packets 0 " in namespace.run("nft", "list", "table", "ip", "probe")
    forms = [["nft list ruleset"], ["nft -j list ruleset"]]
    if command:
        save = f"{command.partition(' ')[0]}-save"
        forms = [[*form, save] for form in forms] + ([] if "legacy" in save else forms)
    for form in forms:
        found = device(namespace.transcript(*form))
        fact = next(r.active for r in found.reassembly if r.name == "conntrack" and r.family == 4)
        assert joined in fact.options, form
        assert fact.options == (joined,) or "-j CT" in command, form  # nft's listing does not tell CT from CT
