"""What devices do by themselves: for each rule that needs no flow, a config on which it fires once, with its line, and
one, a word or a line away, on which it is silent.
"""

from collections.abc import Mapping
from pathlib import Path

import pytest

from auditor import registry
from auditor.audit import Options, audit, load
from auditor.model.findings import Finding
from auditor.model.rule import Case
from auditor.simulate.examine import examine
from auditor.simulate.match import Evaluator
from auditor.simulate.walk import Walk

IOS = """\
version 17.9
hostname r1
!
interface GigabitEthernet0/0
 ip address 198.51.100.2 255.255.255.252
{outside}!
interface GigabitEthernet0/1
 ip address 203.0.113.1 255.255.255.0
{inside}!
{below}end
"""
LINUX = """\
$ ip address show
2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP group default qlen 1000
    inet 198.51.100.2/30 brd 198.51.100.3 scope global eth0
3: eth1: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP group default qlen 1000
    inet 203.0.113.1/24 brd 203.0.113.255 scope global eth1
$ ip route show
default via 198.51.100.1 dev eth0
198.51.100.0/30 dev eth0 proto kernel scope link src 198.51.100.2
203.0.113.0/24 dev eth1 proto kernel scope link src 203.0.113.1
$ ip rule show
0:	from all lookup local
32766:	from all lookup main
32767:	from all lookup default
$ sysctl -a
net.ipv4.ip_forward = 1
net.ipv4.conf.all.rp_filter = 0
net.ipv4.conf.eth0.rp_filter = 0
net.ipv4.conf.eth1.rp_filter = 0
net.ipv6.conf.all.forwarding = 0
$ nft list ruleset
table inet filter {{
	chain forward {{
{rules}
	}}
}}
"""
ACCEPTING = "\t\ttype filter hook forward priority filter; policy accept;"
DROPPING = "\t\ttype filter hook forward priority filter; policy drop;"


def ios(outside: str = "", inside: str = "", below: str = "") -> str:
    """A router: lines of its two interfaces, and what stands below them."""
    parts = {"outside": outside, "inside": inside}
    return IOS.format(**{key: f" {text}\n" if text else "" for key, text in parts.items()}, below=below)


def access(entries: str, bound: str = "ip access-group IN in") -> str:
    """A router with a list, bound to its outside."""
    lines = "".join(f" {entry}\n" for entry in entries.split("; "))
    return ios(bound, below=f"ip access-list extended IN\n{lines}!\n")


def linux(*rules: str) -> str:
    return LINUX.format(rules="\n".join(rules[:1] + tuple(f"\t\t{rule}" for rule in rules[1:])))


IKE = "permit udp any any eq isakmp; permit udp any any eq non500-isakmp"
TOWARD = "permit udp any host 203.0.113.10 eq non500-isakmp"
PKI = """\
crypto ikev2 profile P
 match identity remote any
 authentication remote {how}
 authentication local {how}
{trust}!
"""


def ike(how: str = "rsa-sig", more: str = "") -> str:
    trust = " pki trustpoint T\n" if how == "rsa-sig" else " keyring local K\n"
    return ios(below=PKI.format(how=how, trust=trust) + more)


NAT = "ip nat inside source static udp 203.0.113.10 4500 198.51.100.2 4500 extendable\n!\n"
PARTNER = (
    "version 17.9\nhostname r2\n!\ninterface GigabitEthernet0/0\n ip address 203.0.113.2 255.255.255.0\n{mtu}!\nend\n"
)

# rule: (severity, text of the line, config on which it fires, config on which it is silent)
CASES: dict[str, tuple[str, str, str | Mapping[str, str], str | Mapping[str, str]]] = {
    "non-initial-fragment-denied": (
        "breaks",
        "deny ip any any fragments",
        access(f"deny ip any any fragments; {IKE}"),
        access(f"{IKE}; deny ip any any fragments"),
    ),
    "non-initial-fragment-unmatched": (
        "breaks",
        "type filter hook forward priority filter; policy drop;",
        linux(DROPPING, "udp dport { 500, 4500 } accept"),
        linux(DROPPING, "ct state established accept", "udp dport { 500, 4500 } accept"),
    ),
    "fragment-denied": (
        "breaks",
        "ip frag-off & 0x3fff != 0 drop",
        linux(ACCEPTING, "ip frag-off & 0x3fff != 0 drop"),
        linux(ACCEPTING, "udp dport 9 drop"),
    ),
    "large-packet-denied": (
        "breaks",
        "ip length > 1400 drop",
        linux(ACCEPTING, "ct state invalid drop", "ip length > 1400 drop"),
        linux(ACCEPTING, "ct state invalid drop", "ip length > 9000 drop"),
    ),
    "fragments-dropped-by-setting": (
        "breaks",
        "ip virtual-reassembly in drop-fragments",
        ios("ip virtual-reassembly in drop-fragments"),
        ios("ip virtual-reassembly in max-reassemblies 64"),
    ),
    "fragment-limit-exceeded": (
        "at-risk",
        "ip virtual-reassembly in max-fragments 8",
        ios("ip virtual-reassembly in max-fragments 8"),
        ios("ip virtual-reassembly in"),
    ),
    "fragment-not-translated": (
        "at-risk",
        "ip nat inside source static udp 203.0.113.10 4500 198.51.100.2 4500 extendable",
        ios("ip nat outside\n no ip virtual-reassembly in", "ip nat inside\n no ip virtual-reassembly in", NAT),
        ios("ip nat outside\n ip virtual-reassembly in", "ip nat inside\n ip virtual-reassembly in", NAT),
    ),
    "fragment-setting-dormant": (
        "note",
        "deny ip any any fragments",
        access(f"deny ip any any fragments; {IKE}", bound=""),
        access(f"deny tcp any any eq 22; {IKE}", bound=""),
    ),
    "ike-fragmentation-off": (
        "note",
        "version 17.9",
        ike(),
        ike(more="crypto ikev2 fragmentation mtu 1200\n!\n"),
    ),
    "later-fragments-open": (
        "note",
        TOWARD,
        access(TOWARD),
        access(f"deny ip any any fragments; {TOWARD}"),
    ),
    "small-mtu": (
        "note",
        "ip mtu 1400",
        ios("ip mtu 1400"),
        ios("ip mtu 1500"),
    ),
    "mtu-differs-on-link": (
        "at-risk",
        "interface GigabitEthernet0/1",
        {"r1.cfg": ios(), "r2.cfg": PARTNER.format(mtu=" ip mtu 1400\n")},
        {"r1.cfg": ios(inside="ip mtu 1400"), "r2.cfg": PARTNER.format(mtu=" ip mtu 1400\n")},
    ),
}  # fmt: skip
NEEDS_A_FLOW = {
    "first-try-lost",
    "hop-not-known",
    "icmp-error-dropped",
    "no-policy-between-zones",
    "no-way-on",
    "opaque-hop-drops",
    "packet-too-big",
    "path-differs-from-routing",
    "small-datagram-denied",
    "ways-split",
}


def found(place: Path, files: str | Mapping[str, str], rule: str) -> list[Finding]:
    place.mkdir()
    for name, text in ({"r1.cfg": files} if isinstance(files, str) else files).items():
        (place / name).write_text(text)
    report = audit(load(place, Options()))
    assert not report.has_paths
    assert len(report.devices) == (1 if isinstance(files, str) else len(files))
    assert report.unknowns == (), "each line of these configs is understood"
    return [one for one in report.findings if one.rule == rule]


def test_every_rule_is_here_or_needs_a_flow() -> None:
    assert set(CASES) | NEEDS_A_FLOW == set(registry.rules())
    assert not set(CASES) & NEEDS_A_FLOW


@pytest.mark.parametrize("rule", CASES)
def test_it_fires_once_with_its_line(rule: str, tmp_path: Path) -> None:
    severity, line, files, _ = CASES[rule]
    (one,) = found(tmp_path / "x", files, rule)
    assert one.severity == severity
    assert one.flows == ()
    assert one.evidence[0].text.strip() == line
    text = (tmp_path / "x" / one.evidence[0].file).read_text().splitlines()
    assert text[one.evidence[0].line - 1].strip() == line


@pytest.mark.parametrize("rule", CASES)
def test_it_is_silent_where_nothing_is_wrong(rule: str, tmp_path: Path) -> None:
    assert found(tmp_path / "x", CASES[rule][3], rule) == []


def test_a_list_that_is_too_large_is_said_to_be_unknown(tmp_path: Path) -> None:
    """Pairs of hosts cut all addresses into pieces; more of them than are to be followed are no finding of anything."""
    denies = "; ".join(f"deny udp host 10.0.{n}.1 host 10.1.{n}.2" for n in range(60))
    (tmp_path / "r1.cfg").write_text(access(f"{denies}; deny ip any any fragments; {IKE}"))
    devices = load(tmp_path, Options()).devices
    losses, too_large = examine(Walk(devices, Evaluator(50)), devices["r1"])
    assert [(device, evidence.text) for device, evidence in too_large] == [("r1", "ip access-list extended IN")]
    case = Case(flows=(), devices=devices, examined=losses, too_large=too_large)
    (one,) = (one for one in registry.rules()["hop-not-known"].find(case))
    assert (one.severity, one.evidence[0].line) == ("unknown", 11)
    assert "too large" in one.message
    losses, too_large = examine(Walk(devices, Evaluator(500)), devices["r1"])
    assert too_large == ()
    assert {loss.loss.evidence[0].text for loss in losses} == {"deny ip any any fragments"}


@pytest.mark.parametrize(
    ("how", "count"),
    [("rsa-sig", 1), ("pre-share", 0)],
    ids=["certificates", "a shared key alone has no large message"],
)
def test_ike_fragmentation_matters_where_certificates_are_sent(how: str, count: int, tmp_path: Path) -> None:
    assert len(found(tmp_path / "x", ike(how), "ike-fragmentation-off")) == count


def test_what_is_bound_twice_is_one_finding(tmp_path: Path) -> None:
    text = access(f"deny ip any any fragments; {IKE}").replace(
        "255.255.255.0\n", "255.255.255.0\n ip access-group IN in\n"
    )
    assert text.count("ip access-group IN in") == 2
    assert len(found(tmp_path / "x", text, "non-initial-fragment-denied")) == 1


def test_a_list_whose_ports_are_closed_is_no_finding(tmp_path: Path) -> None:
    """It denies fragments and every small datagram too: nothing that passes is lost of it."""
    text = access("deny ip any any fragments; permit tcp any any eq 443")
    assert found(tmp_path / "x", text, "non-initial-fragment-denied") == []


def test_an_interface_that_is_shut_down_does_not_count(tmp_path: Path) -> None:
    text = access(f"deny ip any any fragments; {IKE}").replace(
        " ip access-group IN in\n", " ip access-group IN in\n shutdown\n"
    )
    assert found(tmp_path / "x", text, "non-initial-fragment-denied") == []
