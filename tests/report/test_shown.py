"""Hostile text: secrets are hidden, control characters escaped, and every kind of document gets harmless words."""

import csv
import io
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor import registry
from auditor.report.masks import LONGEST
from auditor.report.shown import (
    csv_cell,
    dot_text,
    escaped,
    html_text,
    markdown_code,
    markdown_text,
    mermaid_text,
    shown,
    width,
)

CORPUS = Path(__file__).parents[3] / "shared" / "corpus"
needs_corpus = pytest.mark.skipif(not CORPUS.is_dir(), reason=f"no corpus of third-party configs in {CORPUS}")

SECRETS = [  # a line, and what of it must not survive
    ("enable secret 5 $1$yRpU$0EpvGPB7mrm1aAB6QpsDN.", "0EpvGPB7mrm1aAB6QpsDN"),
    ("enable secret 9 $9$abcdefgh$hijklmnop", "hijklmnop"),
    ("enable password level 15 7 030752180500", "030752180500"),
    ("username ntc privilege 15 password 0 ntc123", "ntc123"),
    ("username x secret hunter2", "hunter2"),
    ("username admin privilege 15 role network-admin secret sha512 $6$5tpzKU97l1RR7SAy$1hnCfKSO7", "1hnCfKSO7"),
    ("dot1x username u password 0 TWO W0RDS", "W0RDS"),
    ("password 7 05080F1C2243", "05080F1C2243"),
    ("ppp chap password 7 14141B180F0B", "14141B180F0B"),
    ("ppp pap sent-username u password 0 hunter2", "hunter2"),
    ("radius-server host 10.0.0.1 auth-port 1812 acct-port 1813 key 7 0822455D0A16", "0822455D0A16"),
    ("radius-server host 10.0.0.1 key hunter2", "hunter2"),
    ("radius-server key hunter2", "hunter2"),
    ("tacacs-server host 192.168.1.1 key MySecretKey1", "MySecretKey1"),
    ("server-private 10.2.2.2 key 7 095A482635365C062E", "095A482635365C062E"),
    ("server-private 10.2.2.2 auth-port 1812 acct-port 1813 key hunter2", "hunter2"),
    ("client 10.42.0.7 server-key 7 REMOVED", "REMOVED"),
    (" key hunter2", "hunter2"),
    ("key 7 13061E010803", "13061E010803"),
    ("key-string 7 104D000A0618", "104D000A0618"),
    ("key-string hunter2", "hunter2"),
    ("ip ospf message-digest-key 1 md5 7 0123456789ABCDEF", "0123456789ABCDEF"),
    ("ip ospf message-digest-key 1 md5 hunter2", "hunter2"),
    ("ip ospf authentication-key hunter2", "hunter2"),
    ("ntp authentication-key 1 md5 104D000A0618 7", "104D000A0618"),
    ("neighbor 10.0.0.1 password hunter2", "hunter2"),
    ("neighbor P password 7 q+VNViP5i4rVjW1cxFv2wA==", "q+VNViP5i4rVjW1cxFv2wA"),
    ("snmp-server community hunter2 RO 99", "hunter2"),
    ('snmp-server community "two words" RO', "words"),
    ("snmp-server host 10.0.0.9 version 2c hunter2", "hunter2"),
    ("snmp-server host 10.0.0.9 vrf mgmt informs version 3 priv hunter2", "hunter2"),
    ("snmp-server host inside 10.1.1.50 community hunter2 version 2c", "hunter2"),
    ("snmp-server user u g v3 auth sha hunter2 priv aes 128 hunter3", "hunter"),
    ("snmp-server user admin auth md5 0x06128297313e2909 priv 0x06128297313e2909 localizedkey", "06128297313e2909"),
    ("set snmp community hunter2 authorization read-only", "hunter2"),
    ("community hunter2 {", "hunter2"),
    ("crypto isakmp key hunter2 address 203.0.113.9", "hunter2"),
    ("crypto isakmp key 6 FLgBaJHXdYY_AcHZZ address 2.2.2.2 255.255.255.255", "FLgBaJHXdYY_AcHZZ"),
    ("crypto isakmp key a address b address 2.2.2.2", "a address b"),
    ("pre-shared-key local hunter2", "hunter2"),
    ("pre-shared-key remote 0 hunter2", "hunter2"),
    ("pre-shared-key address 18.217.248.9 key 1.01G.S.btJoIozZ98", "1.01G.S.btJoIozZ98"),
    ("authentication local pre-share key hunter2", "hunter2"),
    ("ikev1 pre-shared-key hunter2", "hunter2"),
    ('set security ike policy p pre-shared-key ascii-text "hunter2"', "hunter2"),
    ('set system root-authentication encrypted-password " two words "', "words"),
    ('set system tacplus-server 1.2.3.4 secret "$9$WU3xVsq.f36CO1"', "WU3xVsq"),
    ("set psksecret ENC SH2Q0dSx8kCDmur4", "SH2Q0dSx8kCDmur4"),
    ("set passwd ENC RPp62Ut2sUuR3QL6", "RPp62Ut2sUuR3QL6"),
    ("set psksecret hunter2", "hunter2"),
    ("set key ENC AAAAAAAAAABBBBBBBBBB", "AAAAAAAAAABBBBBBBBBB"),
    ("set auth-pwd ENC AAAAAAAAAABBBBBBBBBB", "AAAAAAAAAABBBBBBBBBB"),
    ("set vpn ipsec authentication psk peer_1 secret 'hunter2'", "hunter2"),
    ("set interfaces wireguard wg0 private-key 'AAAAAAAAAABBBBBBBBBB='", "AAAAAAAAAABBBBBBBBBB"),
    ("set protocols bgp neighbor 10.1.1.1 password 'hunter2'", "hunter2"),
    ("PrivateKey = yAnz5TF+lXXJte14tji3zlMNq+hd2rYUIgJBgB3fBmk=", "yAnz5TF"),
    ("xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg=", "xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg"),
    ("MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj", "MIIEvQIBADANBgkqhkiG9w0"),
    ('set private-key "-----BEGIN ENCRYPTED PRIVATE KEY-----MIIE', "MIIE"),
    ("standby 1 authentication hunter2", "hunter2"),
    ("standby 1 authentication md5 key-string 7 0822455D0A16", "0822455D0A16"),
    ("vrrp 1 authentication text hunter2", "hunter2"),
    ("ip nhrp authentication hunter2", "hunter2"),
    ("security wpa psk set-key ascii 0 TWO W0RDS", "W0RDS"),
    ('copy "pasvftp://demouser:CorrectHorse@203.0.113.10/backup/";', "CorrectHorse"),
    ("archive path scp://u:p@ss/w0rd@10.0.0.1/x", "ss/w0rd"),
    ("add authentication tacacsAction A -tacacsSecret abcdef1234 -authorization OFF", "abcdef1234"),
    ("set ns rpcNode 203.0.113.1 -password abcdef1234 -encrypted", "abcdef1234"),
    ("set system user nsroot abcdef1234 -encrypted -hashmethod SHA512", "abcdef1234"),
    ("enable password ntc123 encrypted", "ntc123"),
    ("set user admin password-hash $1$CFYtLWnM$Z.P5NLiAIhqJRiamBAnOO0", "Z.P5NLiAIhq"),
    ("<phash>fnRL/G5lXVMug</phash>", "fnRL"),
    ("<entry><pre-shared-key><key>-AQ==x</key></pre-shared-key></entry>", "-AQ==x"),
    ("peer 192.0.2.61 password cipher %^%#abcDEF%^%#", "abcDEF"),
    ("/ppp secret add name=u password=hunter2 service=l2tp", "hunter2"),
    ('{"name": "x", "secret": "hunter2", "mtu": 1500}', "hunter2"),
    ("api-key: hunter2 and more", "more"),
    ("Authorization: Bearer abc.def", "abc.def"),
    ("https://x.example/login?token=abc123&next=/", "abc123"),
    ("exec /usr/bin/agent -ingestauth=key,ab12cd34 -vrf=mgmt", "ab12cd34"),
    ("auth-trunc hmac(sha256) 0x0123456789abcdef0123456789abcdef 128", "0123456789abcdef"),
    ("drops the packet: radius-server host 10.0.0.1 key 7 0822455D0A16", "0822455D0A16"),
    ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln", "eyJzdWIi"),
]

ORDINARY = [
    "access-list 101 permit udp any host 203.0.113.10 eq non500-isakmp",
    "deny ip any any fragments",
    "10 permit udp object-group CLIENTS 10.0.0.0 0.0.255.255 range 500 4500 log-input",
    "ip access-group KEYS-IN in",
    "ip access-group SNMP-COMMUNITY in",
    "ip access-list extended SECRET",
    "interface GigabitEthernet0/0/0.100",
    "description uplink to core, 10 Gbit/s",
    "tunnel key 123",
    "tunnel source GigabitEthernet0/0",
    "ip address 10.0.0.1 255.255.255.0 secondary",
    "ip virtual-reassembly in max-fragments 16 max-reassemblies 64 drop-fragments",
    "crypto map VPN 10 ipsec-isakmp",
    "authentication pre-share",
    "authentication remote rsa-sig",
    "send-community extended",
    "match community as1_community",
    "-A FORWARD -i eth0 -p udp -m multiport --dports 500,4500 -m conntrack --ctstate NEW -j ACCEPT",
    "-A INPUT -m u32 --u32 0x4&0x3fff=0x1:0x3fff -j DROP",
    'iifname "eth0" udp dport { 500, 4500 } ct state new accept',
    "ip frag-off & 0x1fff != 0 counter packets 0 bytes 0 drop",
    "ip6 saddr & 0xffffffffffffffff0000000000000000 == 0x20010db8000000000000000000000000 accept",
    '{"match": {"op": "==", "left": {"meta": {"key": "l4proto"}}, "right": "udp"}}',
    '{"ct": {"key": "state"}}',
    "2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc fq_codel state UP group default qlen 1000",
    "default via 192.0.2.1 dev eth0 proto dhcp src 192.0.2.7 metric 100",
    "net.ipv4.ip_forward = 1",
    "set firewall family inet filter F term T from is-fragment",
    "set interfaces ge-0/0/0 unit 0 family inet mtu 1400",
    "set security screen ids-option untrust ip block-frag",
    "https://www.rfc-editor.org/rfc/rfc7383",
    "paths.yaml:12: flows[0].transport: 'radius' has no key 'foo': the nearest is 'from'",
]


@pytest.mark.parametrize(("line", "secret"), SECRETS, ids=[line[:40] for line, _ in SECRETS])
def test_secrets_are_hidden(line: str, secret: str) -> None:
    assert secret not in shown(line)
    assert "***" in shown(line)
    assert secret not in shown(f"    {line}  ")
    assert shown(shown(line)) == shown(line)


@pytest.mark.parametrize("line", ORDINARY)
def test_ordinary_lines_are_as_they_were(line: str) -> None:
    assert shown(line) == line


def test_what_is_no_secret_of_a_line_stays_where_it_can() -> None:
    assert shown("username ntc privilege 15 password 0 ntc123") == "username ntc privilege 15 password 0 ***"
    assert shown("crypto isakmp key hunter2 address 203.0.113.9") == "crypto isakmp key *** address 203.0.113.9"
    assert shown("pre-shared-key address 192.0.2.1 key hunter2") == "pre-shared-key address 192.0.2.1 key ***"
    assert shown("snmp-server community hunter2 RO 99") == "snmp-server community *** RO 99"
    assert shown('-A INPUT -m comment --comment "my password is x" -j DROP') == (
        '-A INPUT -m comment --comment "my password ***" -j DROP'
    )


@needs_corpus
@pytest.mark.corpus
def test_nothing_of_the_sanitised_file_survives() -> None:
    text = (CORPUS / "cisco_ios/netutils/sanitize_all_sent.txt").read_text()
    assert "ntc123" in text
    assert "ntc123" not in "\n".join(shown(line) for line in text.splitlines())


_VALUES = [  # how a secret stands in the corpus, told by expressions that the program does not use
    r"\bENC (\S{8,})",
    r"(\$[1569]\$[\w./$]{8,})",
    r"\$6\$\w+\$([\w./]{20,})",
    r"pre-shared-key (?:address \S+ key|ascii-text) \"?([^\s\"<]+)",
    r"isakmp key (?:6 )?(\S+) address",
    r"snmp-server community (\S+) (?:RO|RW|ro|rw|group)\b",
    r"^set snmp community \"?(\w{4,})",
    r"\bpassword 7 ([0-9A-F]{8,}|[\w+/]{12,}==)",
    r"\b(?:password|secret|preshared-key|private-key) '([^']+)'$",
    r"\bkey(?:-string)? (?:7 )?([0-9A-F]{10,})$",
    r"phash ([^\s;*]{4,})",
    r"(?:Secret|keyValue|-password) ([a-z]+1234)\b",
    r"://[^/\s:@\"]+:([^@\s\"]+)@",
    r"(?:auth|priv) (?:md5 )?0x([0-9a-f]{16,})",
    r"message-digest-key \d+ md5 7 (\S+)",
    r"\bcipher (\$c\$3\$\d+)",
    r"tacacs-server host \S+ key (\S+)",
    r"^standby \d+ authentication (\d{20,})",
    r"psk set-key (?:ascii|hex) 0 (.+)$",
]


@needs_corpus
@pytest.mark.corpus
def test_no_secret_of_the_corpus_survives() -> None:
    seen: dict[str, set[str]] = {pattern: set() for pattern in _VALUES}
    for line in corpus_lines("*"):
        for pattern, found in seen.items():
            for value in re.findall(pattern, line):
                if set(value) - set("*X"):
                    found.add(value)
                    assert value not in shown(line), line
    assert {pattern for pattern, found in seen.items() if not found} == set()
    assert sum(map(len, seen.values())) > 150


_DECIDING = re.compile(
    r"permit|deny|\d+ (permit|deny)|access-list|ip(v6)? access-(list|group)|interface|ip(v6)? address|(ip |ipv6 )?mtu"
    r"|-A |:|add rule|ip6? (s|d)addr|(tcp|udp) dport|meta|ct state|chain|type filter|iifname|oifname|ip route|route"
    r"|from |then |term |filter |edit |set (firewall|interfaces) (?!.*(key|authentication))|set (mtu|srcintf|action)"
)


@needs_corpus
@pytest.mark.corpus
def test_lines_that_decide_about_packets_are_as_they_were() -> None:
    count = 0
    for line in corpus_lines("*"):
        if _DECIDING.match(line) and line.isprintable():
            count += 1
            assert shown(line) == line
    assert count > 5_000


def corpus_lines(pattern: str) -> list[str]:
    """Every line of the corpus's configs once, without its blanks."""
    found: dict[str, None] = {}
    for path in sorted(CORPUS.rglob(pattern)):
        inside = path.relative_to(CORPUS).parts
        if path.is_file() and len(inside) > 1 and inside[0] not in ("captures", "LICENSES"):
            found.update(dict.fromkeys(line.strip() for line in path.read_text(errors="replace").splitlines()))
    return list(found)


def test_the_programs_own_words_are_as_they_were() -> None:
    texts = [text for rule in registry.rules().values() for text in (rule.summary, rule.cure, rule.name)]
    for system in registry.systems().values():
        texts += [system.fix, system.title, *system.notes]
    assert len(texts) > 60
    assert [text for text in texts if shown(text) != text] == []


# ------------------------------------------------------------------------------------------------ control characters


def test_control_characters_are_escaped() -> None:
    assert shown("a\x1b[31mb\r\nc\td") == r"a\x1b[31mb\r\nc\td"
    assert shown("\u202eevil\u2066\u200f") == r"\u202eevil\u2066\u200f"
    assert shown("\u2028\u2029\x85\x9b\x7f\x00") == r"\u2028\u2029\x85\x9b\x7f\x00"
    assert shown("\ud800 \ufeff \u200b \xa0") == r"\ud800 \ufeff \u200b \xa0"
    assert shown("Zürich 漢字") == "Zürich 漢字"


@given(st.text(st.characters(codec=None)))
def test_whatever_comes_one_printable_line_goes(text: str) -> None:
    found = shown(text)
    assert found.isprintable()
    found.encode("utf-8")
    assert escaped(escaped(text)) == escaped(text)


def test_a_very_long_line_is_cut_and_says_so() -> None:
    found = shown("permit udp any any " * 100_000)
    assert len(found) < LONGEST + 100
    assert re.search(r"\.\.\. \(\d+ more characters\)$", found)
    assert "x" * 100 not in shown("x" * (LONGEST + 1))


@pytest.mark.parametrize(
    "text", ["radius-server " * 600, "snmp " * 1600, "://a:" * 1600, "a-key" * 1600, "ip -" * 2000]
)
def test_no_line_takes_long(text: str) -> None:
    import time

    start = time.perf_counter()
    shown(text)
    assert time.perf_counter() - start < 2


def test_width_counts_columns() -> None:
    assert width("abc") == 3
    assert width("漢字") == 4
    assert width("e\u0301") == 1


# ------------------------------------------------------------------------------------------------ documents


@given(st.text(st.characters(codec=None)))
def test_no_cell_is_a_formula(text: str) -> None:
    line = io.StringIO(newline="")
    csv.writer(line, lineterminator="\n").writerow([csv_cell(text), "x"])
    ((cell, _),) = csv.reader(io.StringIO(line.getvalue(), newline=""))
    assert cell == csv_cell(text)
    assert not cell.lstrip().startswith(("=", "+", "-", "@"))
    assert "\n" not in line.getvalue()[:-1]


def test_cells_of_spreadsheets() -> None:
    assert csv_cell("=1+1") == "'=1+1"
    assert csv_cell("-A INPUT") == "'-A INPUT"
    assert csv_cell(" @SUM(A1)") == "' @SUM(A1)"
    assert csv_cell("\t=1") == r"\t=1"
    assert csv_cell("＝1") == "'＝1"
    assert csv_cell("a=1") == "a=1"


@given(st.text(st.characters(codec=None)))
def test_markdown_has_no_mark_up_of_its_own(text: str) -> None:
    found = markdown_text(text)
    assert not set("<>|@\n") & set(found)
    assert not re.search(r"(?<!\\)(?:\\\\)*[`*_\[\]{}!~$]", found)
    assert "://" not in found


def test_markdown() -> None:
    assert markdown_text("a|b `c` <d> *e* _f_ [g](h)") == (r"a&#124;b \`c\` &lt;d&gt; \*e\* \_f\_ \[g\]\(h\)")
    assert markdown_text("# x") == r"\# x"
    assert markdown_text("- x") == "&#45; x"
    assert markdown_text("1. x") == "&#49;. x"
    assert markdown_text("10.0.0.1") == "10.0.0.1"
    assert markdown_text("http://x @y www.z") == "http&#58;//x &#64;y www&#46;z"
    assert markdown_code("a`|b") == r"<code>a\`&#124;b</code>"


@given(st.text(st.characters(codec=None)))
def test_labels_of_graphs_end_where_they_should(text: str) -> None:
    assert not set('"<>[]{}|%`\\;&') & set(re.sub(r"#\d+;", "", mermaid_text(text)))
    assert re.fullmatch(r'(?:[^"\\\n]|\\.)*', dot_text(text))
    assert not set("<>\"'") & set(html_text(text))


def test_labels_of_graphs() -> None:
    assert mermaid_text('a"]:::x') == "a#34;#93;:::x"
    assert mermaid_text("Zürich edge-1 Gi0/0") == "Zürich edge-1 Gi0/0"
    assert dot_text('a"\\N') == r"a\"\\N"
    assert html_text("<a href='x'>") == "&lt;a href=&#x27;x&#x27;&gt;"
