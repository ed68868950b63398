"""Configs and inventories are written by others: no command of a terminal, a spreadsheet or a browser comes through,
and no secret is ever shown, in no form of no command, errors included.
"""

import csv
import io
import json
import re
from pathlib import Path

import pytest

from tests.cli.harness import BREAKING, FORMS, HOSTS, PATHS, Done, folder, raw_controls, run, run_apart

ESCAPES = "\x1b]0;owned\x07\x1b[2J\x1b[31m\u202egnp.exe\u2066\x9b5m"
NAMED = "A\u202eB"  # a direction mark is no blank: an IOS word may hold it


def with_outputs(place: Path, target: Path) -> dict[str, str]:
    """What every command writes in every form, to standard output (as bytes of an own process) and to files."""
    found: dict[str, str] = {}
    for form in FORMS:
        file = target / f"report.{form}"
        done = run("audit", place, "--format", form, "--output", f"{form}:{file}", "--verbose")
        found[f"audit {form}"] = done.all
        found[f"audit {form} file"] = file.read_text()
    for form in ("table", "json"):
        found[f"facts {form}"] = run("facts", place, "--format", form).out
        found[f"explain {form}"] = run("explain", place, "vpn", "--format", form).out
    found |= {f"graph {form}": run("graph", place, "--format", form).out for form in ("mermaid", "dot")}
    found["flows"] = run("flows", place).out
    return found


@pytest.fixture
def target(tmp_path: Path) -> Path:
    (tmp_path / "out").mkdir()
    return tmp_path / "out"


# --------------------------------------------------------------------------------------------------------- the terminal


def test_escapes_of_a_config_come_through_nowhere(tmp_path: Path, target: Path) -> None:
    text = BREAKING.replace("upstream", f"up{ESCAPES}").replace(" IN", f" {NAMED}")
    text = text.replace(
        " deny ip any any\n", f" deny ip any any frobnicate {ESCAPES}\n frobnicate fragments {ESCAPES}\n"
    )
    found = with_outputs(folder(tmp_path / "inventory", text), target)
    for name, output in found.items():
        assert raw_controls(output) == [], name
    assert r"\u202e" in found["audit table"], "what was escaped is shown as such, not left out"
    assert "BREAKS" in found["audit table"]


def test_escapes_in_the_bytes_of_an_own_process(tmp_path: Path) -> None:
    """``click`` takes colours off what is no terminal: here are the bytes themselves, with lone C1 controls."""
    text = BREAKING.replace(" IN", f" {NAMED}\x9b").replace("upstream", ESCAPES)
    done = run_apart("audit", folder(tmp_path, text))
    assert done.code == 1
    assert raw_controls(done.out) == []
    assert r"\u202e" in done.out


NAMES = {
    "a host": (f'"r{ESCAPES}": {{}}\n'.replace("\x07", "\\a").replace("\x1b", "\\e").replace("\x9b", "\\x9b"), PATHS),
    "a flow": (HOSTS, PATHS.replace("name: vpn", 'name: "v\\e[31mpn\\a"')),
    "an endpoint": (HOSTS, PATHS.replace("clients", '"cl\\e[31mients\\a"')),
    "an opaque hop": (HOSTS, PATHS.replace("via: [r1]", 'via: [{opaque: "i\\e[2Jsp"}, r1]')),
    "a key": (HOSTS, PATHS.replace("kind:", '"\\e[31mkind":')),
    "a value": (HOSTS, PATHS.replace("ikev2", '"ike\\e[31mv2"')),
    "a device": (HOSTS, PATHS.replace("[r1]", '["r\\e[31m1"]')),
    "an interface": (HOSTS, PATHS.replace("GigabitEthernet0/0", '"Gi\\e[31m0/0"')),
    "a platform": ('r1: {platform: "cisco\\e[31m"}\n', PATHS),
    "a tag": ('r1: !<tag:x\u202ey> {}\n', PATHS),
    "a direction mark": (HOSTS, PATHS.replace("name: vpn", 'name: "v\u202epn"')),
}  # fmt: skip


@pytest.mark.parametrize("where", NAMES)
def test_escapes_in_names_are_refused_or_escaped(tmp_path: Path, where: str) -> None:
    hosts, paths = NAMES[where]
    place = folder(tmp_path, BREAKING, hosts, paths)
    for form in FORMS:
        done = run("audit", place, "--format", form, "--verbose")  # the harness looks for controls and tracebacks
        assert done.code in (1, 2)
        assert raw_controls(done.all) == []


@pytest.mark.parametrize(
    "option", ["--flow", "--device", "--filter", "--format", "--max-age", "--paths", "--templates"]
)
def test_escapes_in_arguments(tmp_path: Path, option: str) -> None:
    done = run("audit", folder(tmp_path), option, ESCAPES)
    assert done.code == 2
    assert "owned" in done.err or option == "--format"


def test_names_of_files(tmp_path: Path) -> None:
    place = folder(tmp_path, BREAKING, **{"configs/\x1b[31mx\x07.cfg": BREAKING, "configs/a\nb.cfg": BREAKING})
    for form in FORMS:
        assert raw_controls(run("audit", place, "--format", form).out) == []
    bare = folder(tmp_path / "bare", None, None, None, **{"\x1b[31mx\x07.cfg": BREAKING, "a\nb": BREAKING})
    for command in ("audit", "facts", "flows"):
        assert run(command, bare, "--verbose").code in (0, 1)


# ----------------------------------------------------------------------------------------- Markdown, HTML, spreadsheets

FORMULAS = ("=HYPERLINK(1)", "+1+1", "-1+1", "@SUM(1)", "=cmd|' /C calc'!A0", "＝1", "\t=1")
TEXTS = ("<script>alert(1)</script>", "a | b", "[x](javascript:1)", "![x](//x.example/y)", "`x`", "@everyone", "# x")


@pytest.mark.parametrize("name", FORMULAS)
def test_no_cell_is_a_formula(tmp_path: Path, name: str) -> None:
    paths = PATHS.replace("name: vpn", f"name: {json.dumps(name)}").replace("clients", json.dumps(name))
    done = run("audit", folder(tmp_path, BREAKING, HOSTS, paths), "--format", "csv")
    if done.code == 2:  # a name with a tab is none
        assert "\t" in name
        return
    rows = list(csv.reader(io.StringIO(done.out)))
    assert len(rows) > 1
    assert rows[1][0] == f"'{name}"
    assert not [cell for row in rows for cell in row if re.match(r"\s*[=+\-@＝＋－＠]", cell)]


def test_a_line_of_a_config_is_no_formula(tmp_path: Path) -> None:
    text = BREAKING.replace(" IN", " =IN")
    done = run("audit", folder(tmp_path, text), "--format", "csv")
    cells = [cell for row in csv.reader(io.StringIO(done.out)) for cell in row]
    assert any("=IN" in cell or "fragments" in cell for cell in cells)
    assert not [cell for cell in cells if cell.startswith("=")]


@pytest.mark.parametrize("name", TEXTS)
def test_markdown_and_graphs_hold_no_markup_of_others(tmp_path: Path, name: str) -> None:
    paths = PATHS.replace("name: vpn", f"name: {json.dumps(name)}")
    text = BREAKING.replace("any any fragments", f"any any fragments log {name}")
    place = folder(tmp_path, text, HOSTS, paths)
    markdown = run("audit", place, "--format", "markdown").out
    assert "fragments" in markdown
    plain = re.sub(r"\\.|&[#\w]+;", "", markdown)
    assert not re.findall(r"<(?!/?code>)", plain)
    assert not re.findall(r"\]\(|!\[|`|@", plain)
    columns = {line.count("|") for line in plain.splitlines() if line.startswith("|")}
    assert len(columns) <= 3, "a table has the cells of its head"
    assert not re.findall(r"^# x", plain, re.MULTILINE)
    mermaid = run("graph", place).out
    labels = re.findall(r'"([^"\n]*)"', mermaid)
    assert labels
    assert not [label for label in labels if re.search(r"<(?!br/>)|[`|\[\]()]", label)]


# -------------------------------------------------------------------------------------------------------------- secrets

SECRETS = {
    "$9$abcdefghijklmn$0123456789012345678901234567890123456789012": "enable secret 9 {}",
    "$1$mERr$hx5rVt7rPNoS4wqbXKX7m0": "username netops privilege 15 secret 5 {}",
    "094F471A1A0A141D05": "username other password 7 {}",
    "hunter2-plain": "enable password {}",
    "publ1c-string": "snmp-server community {} RO",
    "tr4p-string": "snmp-server host 192.0.2.9 version 2c {}",
    "isakmp-psk-one": "crypto isakmp key {} address 192.0.2.50",
    "radius-shared-one": "radius-server host 10.20.0.5 auth-port 1812 acct-port 1813 key {}",
    "tacacs-shared-one": "tacacs-server key {}",
    "bgp-neighbor-pw": "router bgp 65000\n neighbor 192.0.2.1 password {}",
    "ospf-digest-one": "interface Vlan9\n ip ospf message-digest-key 1 md5 {}",
    "hsrp-word-one": "interface Vlan10\n standby 1 authentication md5 key-string {}",
    "keyring-psk-one": "crypto ikev2 keyring KR\n peer A\n  address 192.0.2.50\n  pre-shared-key local {}",
    "keyring-psk-two": "crypto ikev2 keyring KS\n peer B\n  address 192.0.2.51\n  pre-shared-key {}",
    "group-radius-one": "radius server R1\n address ipv4 10.20.0.6 auth-port 1812 acct-port 1813\n key 0 {}",
    "ppp-chap-one": "interface Dialer1\n ppp chap password 0 {}",
    "key-chain-one": "key chain KC\n key 1\n  key-string {}",
    "ntp-md5-one": "ntp authentication-key 1 md5 {}",
    "ftp-pass-one": "ip ftp password {}",
    "url-pass-one": "archive\n path ftp://user:{}@192.0.2.5/x",
    "nhrp-word": "interface Tunnel9\n ip nhrp authentication {}\n ip mtu 1400",
    "odd-place-secret": "interface GigabitEthernet0/2\n fragment password {} frobnicate",
    "acl-remark-secret": "ip access-list extended REM\n remark password {}\n permit udp any any eq 500 password 7x",
}


def secretive() -> str:
    lines = "\n!\n".join(template.format(secret) for secret, template in SECRETS.items())
    return BREAKING.replace("ip route", lines + "\n!\nip route", 1)


def assert_hidden(name: str, text: str) -> None:
    assert [secret for secret in (*SECRETS, *HOSTS_SECRETS) if secret in text] == [], name


HOSTS_SECRETS = ("hosts-pass-one", "hosts-pass-two")
HOSTS_WITH_ALL = """\
r1:
  platform: cisco_ios
  username: netops
  password: hosts-pass-one
  connection_options: {netmiko: {extras: {secret: hosts-pass-two}}}
"""


def test_no_secret_in_any_output_of_any_command(tmp_path: Path, target: Path) -> None:
    place = folder(tmp_path / "inventory", secretive(), HOSTS_WITH_ALL)
    found = with_outputs(place, target)
    assert "configs/r1.cfg" in found["facts table"]
    for name, output in found.items():
        assert_hidden(name, output)


def test_no_secret_without_paths(tmp_path: Path) -> None:
    place = folder(tmp_path, secretive(), HOSTS_WITH_ALL, None)
    for form in FORMS:
        assert_hidden(form, run("audit", place, "--format", form).all)
    assert_hidden("flows", run("flows", place).out)
    bare = folder(tmp_path / "bare", None, None, None, r1=secretive())
    for command in ("audit", "facts", "flows"):
        done = run(command, bare)
        assert "r1" in done.out
        assert_hidden(command, done.all)


WRONG_HOSTS = {
    "a list": "r1: {password: [hosts-pass-one]}\n",
    "a key that is none": "r1: {pasword: hosts-pass-one}\n",
    "broken behind it": "r1:\n  password: hosts-pass-one\n  groups: [edge\n",
    "broken in it": 'r1:\n  password: "hosts-pass-one\n',
    "an odd sign in it": "r1:\n  password: @hosts-pass-one\n",
    "twice": "r1:\n  password: hosts-pass-one\n  password: hosts-pass-two\n",
    "an alias": "r1:\n  password: *hosts-pass-one\n",
    "in place of a platform": "r1: {platform: 'password=hosts-pass-one'}\n",
    "in place of groups": "r1: {groups: 'password=hosts-pass-one'}\n",
    "in place of a config": "r1: {data: {config: 'ftp://user:hosts-pass-one@192.0.2.5/x'}}\n",
}


@pytest.mark.parametrize("kind", WRONG_HOSTS)
def test_no_secret_in_complaints(tmp_path: Path, kind: str) -> None:
    done: Done = run("audit", folder(tmp_path, BREAKING, WRONG_HOSTS[kind]))
    if kind != "an alias":  # that is a name
        assert_hidden(kind, done.all)
    assert done.code in (1, 2)


TRANSCRIPT_SECRETS = """\
$ ip -d link show
2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP
$ ip address show
2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP group default qlen 1000
    inet 198.51.100.2/30 brd 198.51.100.3 scope global eth0
$ ip xfrm state
src 192.0.2.1 dst 192.0.2.2
	auth-trunc hmac(sha256) 0xfeedfacecafebeef0123456789abcdef 128
	enc cbc(aes) 0xdeadbeefdeadbeefdeadbeefdeadbeef
$ iptables-save
*filter
:FORWARD DROP [0:0]
-A FORWARD -m comment --comment "password: comment-secret" -m frobnicate -j ACCEPT
COMMIT
$ cat /etc/ipsec.secrets
: PSK "linux-psk-one"
"""


def test_no_secret_of_a_linux_host(tmp_path: Path, target: Path) -> None:
    paths = PATHS.replace("GigabitEthernet0/0", "eth0")
    place = folder(tmp_path / "inventory", TRANSCRIPT_SECRETS, "r1: {platform: linux}\n", paths)
    for name, output in with_outputs(place, target).items():
        for secret in ("feedfacecafe", "deadbeefdead", "comment-secret", "linux-psk-one"):
            assert secret not in output, (name, secret)
