"""One host in many dresses: prompts, abbreviated commands, JSON, outputs that are cut off or missing, bare files.

``forms/`` holds what the tools print of one host and one rule set (iproute2 6.1, nft 1.0.6) in every form they have.
"""

from dataclasses import replace
from pathlib import Path

import pytest

from auditor.model.addresses import address_text
from auditor.model.device import Device
from auditor.model.evidence import Basis, Evidence
from auditor.model.filters import Rule
from tests.platforms.linux.reading import device, device_of, readable, rule_text, texts

FORMS = Path(__file__).parent / "forms"
NOWHERE = Evidence(file="", line=1, text="")


def form(name: str) -> str:
    """One output."""
    return (FORMS / f"{name}.txt").read_text()


# ---- interfaces


def addresses(found: Device) -> dict[str, list[str]]:
    """The addresses of each interface."""
    return {
        one.name: [f"{address_text(a.family, a.address)}/{a.length}" for a in one.addresses] for one in found.interfaces
    }


def mtus(found: Device) -> dict[str, object]:
    """The MTU of each interface, where it is known."""
    return {one.name: one.mtu[4].value for one in found.interfaces if 4 in one.mtu}


WHOLE = {
    "lo": ["127.0.0.1/8", "::1/128"],
    "eth0": ["203.0.113.2/24", "2001:db8:0:1::2/64", "fe80::5eff:fe00:5300/64"],
    "eth1": ["192.0.2.1/24", "192.0.2.9/24", "fe80::5eff:fe00:5301/64"],
    "vx1": ["192.0.2.249/32", "fe80::9c3d:55ff:fee1:67e7/64"],
    "br0": ["203.0.113.129/25", "fe80::8098:b1ff:fe31:8478/64"],
    "prt0": [],
    "down0": [],
}
MTUS = {"lo": 65536, "eth0": 1500, "eth1": 1400, "vx1": 1450, "br0": 1500, "prt0": 1500, "down0": 1500}


@pytest.mark.parametrize(
    ("command", "name"),
    [
        ("ip address show", "address"),
        ("ip a", "address"),
        ("ip addr list", "address"),
        ("sudo /usr/sbin/ip addr", "address"),
        ("ip -d address show", "address-d"),
        ("ip -details -family inet address show", "address-d"),
        ("ip -s -d a", "address-s"),
        ("ip -j address show", "address-j"),
        ("ip -j -d address show", "address-j-d"),
        ("ip -json -pretty -details addr", "address-p"),
    ],
)
def test_addresses_and_mtus(command: str, name: str) -> None:
    found = device(f"$ {command}\n{form(name)}")
    assert addresses(found) == WHOLE
    assert mtus(found) == MTUS
    assert {one.name for one in found.interfaces if not one.enabled} == {"down0"}


@pytest.mark.parametrize(
    ("command", "name"), [("ip -o address show", "address-o"), ("ip -br address show", "address-br")]
)
def test_forms_without_mtus(command: str, name: str) -> None:
    found = device(f"$ {command}\n{form(name)}")
    assert addresses(found) == {name: own for name, own in WHOLE.items() if own or "-br" in command}
    assert mtus(found) == {}
    assert {n.place for n in found.not_understood if "its MTU was not listed" in n.reason} == set(addresses(found))


@pytest.mark.parametrize("name", ["link-d", "link-o-d", "link-j-d"])
def test_links(name: str) -> None:
    command = {"link-d": "ip -d link show", "link-o-d": "ip -o -d link", "link-j-d": "ip -j -d link show"}[name]
    found = device(f"$ {command}\n{form(name)}")
    assert mtus(found) == MTUS
    tunnel = next(one.tunnel for one in found.interfaces if one.name == "vx1")
    assert tunnel is not None
    assert tunnel.source is not None
    assert (tunnel.mode, address_text(4, tunnel.source), tunnel.overhead.value) == ("vxlan", "203.0.113.2", 50)
    assert next(one.description for one in found.interfaces if one.name == "eth0") == "to the provider"


def test_outputs_complete_each_other() -> None:
    found = device(f"$ ip -br address show\n{form('address-br')}$ ip -d link show\n{form('link-d')}")
    assert (addresses(found), mtus(found)) == (WHOLE, MTUS)


def test_a_port_of_what_may_be_a_bridge_or_a_vrf() -> None:
    plain = device(f"$ ip address show\n{form('address')}")
    assert [n.place for n in plain.not_understood if "a bridge, a bond or a VRF" in n.reason] == ["prt0"]
    detailed = device(f"$ ip -d address show\n{form('address-d')}")
    assert not [n for n in detailed.not_understood if "a bridge, a bond or a VRF" in n.reason]


# ---- routes


def routes(found: Device) -> list[str]:
    """The routes in words."""
    return sorted(text.split(" ", 1)[1] for text in readable(found)["routes"])


@pytest.mark.parametrize(
    "text",
    [
        "$ ip -d route show table all\n{route-d}",
        "$ ip -o route show table all\n{route-o}",
        "$ ip -N route show table all\n{route-N}",
        "$ ip r s t all\n{route}",
        "$ ip -j -4 route show table all\n{route-j4}$ ip -j -6 route show table all\n{route-j6}",
        "$ ip -json -pretty route show table all\n{route-jp4}",
        "$ ip route\n{route4}$ ip -6 route\n{route6}",
        "$ ip -j route\n{route-j-main}$ ip -j -6 route\n{route-j6-main}",
    ],
)
def test_routes(text: str) -> None:
    for path in FORMS.glob("route*.txt"):
        text = text.replace(f"{{{path.stem}}}", path.read_text())
    wanted = device(f"$ ip route show table all\n{form('route')}")
    found = device(text)
    assert routes(found) == routes(wanted)
    assert len(routes(wanted)) == 17


@pytest.mark.parametrize("name", ["rule", "rule-j", "rule-N"])
def test_policy_rules(name: str) -> None:
    command = {"rule": "ip rule show", "rule-j": "ip -j rule", "rule-N": "ip -N rule"}[name]
    six = "$ ip -6 rule show\n" + form("rule6")
    found = device(f"$ {command}\n{form(name)}{six}$ ip route show table all\n{form('route')}")
    assert len(found.routing.rules) == 1
    assert found.routing.complete == {4: False, 6: True}
    assert all(bool(one.uncertain) == (one.family == 4) for one in found.routing.routes if one.next_hops)


# ---- rules of nft

RULES = (
    "table ip t {\n\tchain c {\n\t\ttype filter hook forward priority filter; policy drop;\n"
    "\t\tudp dport 500 accept\n\t}\n}\n"
)
EMPTY_SET = "\tset s {\n\t\ttype ipv4_addr\n\t}\n\n"


def rules(found: Device) -> dict[str, list[str]]:
    """Every filter in words, without numbers of lines."""

    def plain(rule: Rule) -> str:
        action = replace(rule.action, target=rule.action.target.partition(", line")[0])
        return rule_text(replace(rule, evidence=NOWHERE, action=action), line=False)

    return {
        (f"{name.partition(', line')[0]}, inner {len(one.rules)}" if ", line" in name else name): [
            one.otherwise.verb.value,
            *map(plain, one.rules),
        ]
        for name, one in found.filters.items()
    }


@pytest.mark.parametrize(
    ("command", "name"),
    [
        ("nft -a list ruleset", "ruleset-handles"),
        ("nft -nn list ruleset", "ruleset-numbers"),
        ("nft -S list ruleset", "ruleset-services"),
        ("nft -j list ruleset", "ruleset-json"),
        ("sudo nft --json list ruleset", "ruleset-json"),
    ],
)
def test_a_rule_set_in_every_form(command: str, name: str) -> None:
    wanted = rules(device(f"$ nft list ruleset\n{form('ruleset')}"))
    found = rules(device(f"$ {command}\n{form(name)}"))
    assert found.keys() == wanted.keys()
    for one in wanted:
        assert found[one] == wanted[one], one
    assert sum(len(one) for one in wanted.values()) > 100


def test_a_pretty_json_is_the_same() -> None:
    import json

    pretty = json.dumps(json.loads(form("ruleset-json")), indent=2)
    assert rules(device(f"$ nft -j list ruleset\n{pretty}\n")) == rules(
        device(f"$ nft -j list ruleset\n{form('ruleset-json')}")
    )


def test_terse_sets_are_not_empty() -> None:
    text = RULES.replace("udp dport 500 accept", "ip saddr @s drop").replace("\tchain", EMPTY_SET + "\tchain")
    assert not list(device(f"$ nft list ruleset\n{text}").filters["ip t c"].rules)
    (terse,) = device(f"$ nft -t list ruleset\n{text}").filters["ip t c"].rules
    assert terse.uncertain == "the elements of set s were not listed (-t)"


# ---- prompts and sessions


@pytest.mark.parametrize(
    "prompt",
    [
        "$ nft list ruleset",
        "$  nft   list  ruleset",
        "$ sudo nft list ruleset",
        "$ sudo -n /usr/sbin/nft list ruleset",
        "$ nft list ruleset 2>/dev/null",
        "$ LANG=C nft list ruleset",
        "root@fw1:~# nft list ruleset",
        "[root@fw1 ~]# nft list ruleset",
        "admin@fw1:/etc/nftables$ sudo nft list ruleset",
        "fw1@lab% nft list ruleset",
    ],
)
def test_prompts(prompt: str) -> None:
    found = device(f"{prompt}\n{RULES}")
    assert rules(found)["ip t c"] == ["drop", "permit IPv4 protocol 17 [dport 500]"]
    assert found.not_understood == ()


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_ends_of_lines_and_encodings(ending: str, encoding: str) -> None:
    text = f"$ nft list ruleset\n{RULES}$ ip a\n{form('address')}".replace("\n", ending)
    found = device(text.encode(encoding))
    assert rules(found)["ip t c"] == ["drop", "permit IPv4 protocol 17 [dport 500]"]
    assert addresses(found) == WHOLE


def test_a_dollar_inside_an_output_is_no_prompt() -> None:
    text = RULES.replace("accept", 'log prefix "$ nft list ruleset " accept')
    assert len(list(device(f"$ nft list ruleset\n{text}").filters["ip t c"].rules)) == 1


# ---- outputs that are not whole


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("$ nft list ruleset\n" + RULES[:-4], "brace"),
        ("$ nft -j list ruleset\n" + '{"nftables": [{"metainfo": {}}, {"table": {"family"', "JSON"),
        ("$ ip -j address\n" + '[{"ifindex":1,"ifname":"lo"', "JSON"),
        ("$ iptables-save\n*filter\n:FORWARD DROP [0:0]\n-A FORWARD -p udp -j ACCEPT\n", "COMMIT"),
        ("$ iptables-save\n*filter\n:FORWARD DROP [0:0]\n*nat\n:PREROUTING ACCEPT [0:0]\nCOMMIT\n", "COMMIT"),
        ("$ nft list ruleset\nOperation not permitted (you must be root)\n", "error"),
        ("$ nft list ruleset\nnetlink: Error: cache initialization failed: Operation not permitted\n", "error"),
        ("$ iptables-save\niptables-save v1.8.9: Could not fetch rule set generation id: Permission denied\n", "error"),
        ("$ sudo nft list ruleset\nsudo: a password is required\n", "error"),
        ("$ nft list ruleset\n" + RULES.replace("\t\tudp", "--More--\n\t\tudp"), "pager"),
    ],
)
def test_what_is_cut_off_or_refused(text: str, reason: str) -> None:
    found = device("$ ip a\n" + form("address") + text)
    reasons = [n.reason for n in found.not_understood if "can't be read whole" in n.reason]
    assert reasons, found.not_understood
    assert any(reason in one for one in reasons)
    assert not found.complete


def test_a_brace_too_many_is_told() -> None:
    found = device(f"$ nft list ruleset\n{RULES}}}\n")
    assert [n.reason for n in found.not_understood] == ["not understood: }"]


@pytest.mark.parametrize(
    "message",
    [
        "bash: nft: command not found",
        "-bash: nft: command not found",
        "sh: 1: nft: not found",
        "sudo: nft: command not found",
        "bash: line 1: /usr/sbin/nft: No such file or directory",
    ],
)
def test_a_tool_that_is_not_there(message: str) -> None:
    """Then iptables' listings are all there is."""
    saved = "*filter\n:INPUT ACCEPT [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\nCOMMIT\n"
    found = device(f"$ nft list ruleset\n{message}\n$ iptables-save\n{saved}$ ip6tables-save\n{saved}")
    assert found.filters["iptables filter FORWARD"].otherwise.verb == "drop"
    assert [n.reason for n in found.not_understood] == []


def test_an_output_through_a_pipe_is_not_whole() -> None:
    found = device(f"$ nft list ruleset | grep -v log\n{RULES}")
    assert any("list ruleset" in n.reason for n in found.not_understood)


@pytest.mark.parametrize(
    "command", ["tc filter show dev eth0 ingress", "bpftool net", "ipvsadm -Ln", "ebtables -L", "ip xfrm policy"]
)
def test_outputs_that_tell_of_more(command: str) -> None:
    found = device(f"$ {command}\nsomething that drops\n$ nft list ruleset\n{RULES}")
    assert any(command in n.reason for n in found.not_understood)
    quiet = device(f"$ {command}\n$ nft list ruleset\n{RULES}")
    assert not any(command in n.reason for n in quiet.not_understood)


@pytest.mark.parametrize("command", ["date", "cat /etc/os-release", "ss -lun", "ip neigh", "ping -c1 192.0.2.1"])
def test_outputs_that_do_not_matter(command: str) -> None:
    found = device(f"$ {command}\nwhatever: drop {{\n$ nft list ruleset\n{RULES}")
    assert not any(command in n.reason for n in found.not_understood)
    assert rules(found)["ip t c"] == ["drop", "permit IPv4 protocol 17 [dport 500]"]


# ---- files that are one output


SAVED = "*filter\n:INPUT ACCEPT [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n{rule}COMMIT\n"


@pytest.mark.parametrize(
    ("file", "text", "name"),
    [
        ("configs/fw1.txt", RULES, "ip t c"),
        ("configs/fw1.nft", "#!/usr/sbin/nft -f\nflush ruleset\n" + RULES, "ip t c"),
        ("configs/fw1/nft_list_ruleset.txt", RULES, "ip t c"),
        ("configs/fw1/nft%20list%20ruleset", RULES, "ip t c"),
        ("configs/fw1/rules.v4", SAVED.format(rule="-A FORWARD -s 192.0.2.1 -j ACCEPT\n"), "iptables filter FORWARD"),
        (
            "configs/fw1/rules.v6",
            SAVED.format(rule="-A FORWARD -s 2001:db8::1 -j ACCEPT\n"),
            "ip6tables filter FORWARD",
        ),
        ("configs/fw1/ip6tables-save.txt", SAVED.format(rule=""), "ip6tables filter FORWARD"),
        ("configs/fw1/iptables-legacy-save.txt", SAVED.format(rule=""), "iptables-legacy filter FORWARD"),
        (
            "configs/fw1.txt",
            "# Generated by ip6tables-save v1.8.9 (nf_tables) on Tue Nov 24 10:00:00 2026\n" + SAVED.format(rule=""),
            "ip6tables filter FORWARD",
        ),
    ],
)
def test_bare_files(file: str, text: str, name: str) -> None:
    found = device_of([(file, text.encode())])
    assert found.filters[name].otherwise.verb == "drop"


def test_a_bare_file_that_does_not_tell_its_family() -> None:
    found = device_of([("configs/fw1/rules", SAVED.format(rule="").encode())])
    assert "nothing tells whether these rules are for IPv4 or IPv6" in [n.reason for n in found.not_understood]


def test_a_folder_is_one_host() -> None:
    files = [
        ("configs/fw1/ip_address.txt", form("address").encode()),
        ("configs/fw1/ip_-6_route_show.txt", form("route6").encode()),
        ("configs/fw1/nft_list_ruleset.txt", RULES.encode()),
        (
            "configs/fw1/rest.txt",
            b"$ sysctl net.ipv4.ip_forward\nnet.ipv4.ip_forward = 1\n$ hostname\nfw1.example.net\n",
        ),
    ]
    found = device_of(files)
    assert addresses(found) == WHOLE
    assert {one.family for one in found.routing.routes} == {6}
    assert found.forwards[4].basis is Basis.READ
    assert found.hostname == "fw1.example.net"
    assert rules(found)["ip t c"][0] == "drop"


# ---- both tools list the same tables


TWINS = """\
$ nft list ruleset
table ip filter {
	chain INPUT {
		type filter hook input priority filter; policy accept;
	}

	chain FORWARD {
		type filter hook forward priority filter; policy drop;
		udp dport { 500, 4500 } accept
		meta l4proto udp xt match "u32" counter packets 0 bytes 0 drop
		meta l4proto udp  counter packets 0 bytes 0 accept
		ip saddr 192.0.2.1 counter packets 0 bytes 0 accept
	}

	chain mine {
		type filter hook forward priority 5; policy accept;
		ip daddr 192.0.2.9 drop
	}

	chain OUTPUT {
		type filter hook output priority filter; policy accept;
	}
}
$ iptables-save
# Generated by iptables-save v1.8.9 (nf_tables) on Tue Nov 24 10:00:00 2026
*filter
:INPUT ACCEPT [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A FORWARD -p udp -j ACCEPT
-A FORWARD -p udp -m u32 --u32 "0x4&0x1fff=0x1:0x1fff" -j DROP
-A FORWARD -p udp -m multiport --dports 500,4500 -j ACCEPT
-A FORWARD -s 192.0.2.1/32 -j ACCEPT
COMMIT
"""


def test_each_rule_is_read_where_it_is_shown_whole() -> None:
    found = device(TWINS.replace("\n    ", "\n\t"))
    assert rules(found)["iptables filter FORWARD"] == [
        "drop",
        "permit IPv4 protocol 17 [dport 500,4500]",
        "drop IPv4 protocol 17 fragment-word & 0x1fff in 1-8191",
        "permit IPv4 protocol 17 [dport 500,4500]",
        "permit IPv4 [from 192.0.2.1]",
    ]
    assert rules(found)["iptables filter mine"] == ["permit", "drop IPv4 [to 192.0.2.9]"]
    assert not [name for name in found.filters if name.startswith("ip filter")]


def test_legacy_tables_stand_beside_those_of_nft() -> None:
    saved = "*filter\n:INPUT ACCEPT [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\nCOMMIT\n"
    found = device(f"$ nft list ruleset\n{RULES.replace(' t ', ' filter ')}$ iptables-legacy-save\n{saved}")
    assert {"ip filter c", "iptables-legacy filter FORWARD"} <= found.filters.keys()


# ---- what nft leaves out


TWO_RULES = "\t\t counter packets 0 bytes 0 drop\n\t\tcounter packets 1 bytes 9 accept\n"
LEFT_OUT = f"table ip6 filter {{\n\tchain S {{\n{TWO_RULES}\t}}\n}}\n"
ALSO_SAVED = "$ ip6tables-save\n*filter\n:S - [0:0]\n-A S -m frag -j DROP\n-A S -j ACCEPT\nCOMMIT\n"


@pytest.mark.parametrize(
    "listing",
    [
        LEFT_OUT,
        LEFT_OUT.replace("\t", "    "),
        LEFT_OUT.replace("\t", "        "),
        "".join(f"  {line}\n" for line in LEFT_OUT.splitlines()),
        LEFT_OUT.replace(
            "\tchain S {\n", "\tchain S {\n\t\ttype filter hook forward priority filter; policy accept;\n"
        ),
    ],
    ids=["tabs", "4 blanks", "8 blanks", "moved to the right", "behind a hook"],
)
def test_a_match_that_is_left_out_of_a_chains_first_rule(listing: str) -> None:
    alone = device(f"$ nft list ruleset\n{listing}")
    assert [bool(rule.uncertain) for rule in alone.filters["ip6 filter S"].rules] == [True, False]
    both = device(f"$ nft list ruleset\n{listing}{ALSO_SAVED}").filters["ip6tables filter S"]
    assert texts(both.rules) == ["drop IPv6 fragment-header in 1", "permit IPv6"]


def test_a_listing_that_has_lost_its_blanks() -> None:
    """Then a rule that begins with iptables' counter may be more than it looks like."""
    found = device("$ nft list ruleset\n" + "\n".join(line.strip() for line in LEFT_OUT.splitlines()) + "\n")
    assert [bool(rule.uncertain) for rule in found.filters["ip6 filter S"].rules] == [True, True]


@pytest.mark.parametrize("rule", ["ct status dnat counter packets 0 bytes 0 accept", "meta mark 0x1 accept"])
def test_what_nft_shows_of_the_state_of_iptables(rule: str) -> None:
    """Measured: of --ctstate DNAT,ESTABLISHED and of ! --ctstate DNAT it shows "ct status dnat" alike."""
    text = "$ nft list ruleset\ntable ip {} {{\n\tchain S {{\n\t\t{}\n\t}}\n}}\n"
    by_iptables = device(text.format("filter", rule)).filters["ip filter S"].rules
    native = device(text.format("mine", rule)).filters["ip mine S"].rules
    assert [bool(one.uncertain) for one in by_iptables] == ["ct status" in rule]
    assert [bool(one.uncertain) for one in native] == [False]
