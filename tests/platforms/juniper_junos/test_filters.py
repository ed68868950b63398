"""Terms of stateless filters as rules."""

import pytest

from auditor.model.addresses import IntervalSet, port_text, prefix_texts
from auditor.model.evidence import Basis
from auditor.model.filters import Field, Headerless, Verb
from tests.platforms.juniper_junos.reading import HEAD, device, rules


@pytest.mark.parametrize(
    ("terms", "verbs"),
    [
        ("A then accept", [Verb.PERMIT]),
        ("A then discard", [Verb.DROP]),
        ("A then reject", [Verb.REJECT]),
        ("A then reject tcp-reset", [Verb.REJECT]),
        ("A then next term", [Verb.CONTINUE]),
        ("A then count x", [Verb.PERMIT]),  # no end is named: accepted
        ("A then policer p", [Verb.PERMIT]),
        ("A from protocol udp", [Verb.PERMIT]),  # no `then` at all: accepted
        ("A then count x\nA then discard", [Verb.DROP]),
        ("A then dont-fragment clear\nA then accept", [Verb.SET_DF, Verb.PERMIT]),
        ("A then routing-instance X", [Verb.DOUBT]),
        ("A then next-ip 192.0.2.1/32", [Verb.DOUBT]),
        ("A then mystery", [Verb.DOUBT]),
        ("A filter OTHER", [Verb.DOUBT]),
        ("A then accept\nB then discard", [Verb.PERMIT, Verb.DROP]),
        ("B then accept\nA then discard\nB from protocol udp", [Verb.PERMIT, Verb.DROP]),  # the order of first lines
    ],
)
def test_actions(terms: str, verbs: list[Verb]) -> None:
    assert [rule.action.verb for rule in rules(terms)] == verbs


@pytest.mark.parametrize(
    ("condition", "field", "values", "mask"),
    [
        ("is-fragment", Field.FRAGMENT_WORD, "1-8191", 0x1FFF),
        ("first-fragment", Field.FRAGMENT_WORD, "8192", 0x3FFF),
        ("fragment-offset 1-5", Field.FRAGMENT_WORD, "1-5", 0x1FFF),
        ("fragment-offset 0", Field.FRAGMENT_WORD, "0", 0x1FFF),
        ("fragment-offset-except 0", Field.FRAGMENT_WORD, "1-8191", 0x1FFF),
        ("fragment-flags more-fragments", Field.FRAGMENT_WORD, "8192", 0x2000),
        ('fragment-flags "(dont-fragment)"', Field.FRAGMENT_WORD, "16384", 0x4000),
        ('fragment-flags "!dont-fragment"', Field.FRAGMENT_WORD, "0", 0x4000),
        ("fragment-flags 0x2000", Field.FRAGMENT_WORD, "8192", 0x2000),
        ("packet-length 100-200", Field.LENGTH, "100-200", None),
        ("packet-length-except 0-100", Field.LENGTH, "101-65535", None),
        ("icmp-type echo-request", Field.ICMP_TYPE, "8", None),
        ("icmp-code 4", Field.ICMP_CODE, "4", None),
    ],
)
def test_tests(condition: str, field: Field, values: str, mask: int | None) -> None:
    (rule,) = rules(f"A from {condition}")
    (test,) = rule.tests
    assert (test.field, port_text(test.values), test.mask, rule.uncertain) == (field, values, mask, "")


@pytest.mark.parametrize(
    ("condition", "fields"),
    [
        ("is-fragment", [Field.FRAGMENT_OFFSET]),
        ("first-fragment", [Field.FRAGMENT_OFFSET, Field.FRAGMENT_MORE]),
        ("last-fragment", [Field.FRAGMENT_OFFSET, Field.FRAGMENT_MORE]),
        ("extension-header fragment", [Field.FRAGMENT_HEADER]),
    ],
)
def test_fragments_of_ipv6(condition: str, fields: list[Field]) -> None:
    device_ = device(HEAD + f"set firewall family inet6 filter F term A from {condition}\n")
    (rule,) = device_.filters["F (inet6)"].rules
    assert [test.field for test in rule.tests] == fields
    assert (rule.family, rule.uncertain) == (6, "")


@pytest.mark.parametrize(
    ("condition", "protocol", "source"),
    [
        ("next-header udp", 17, "first-header"),
        ("next-header fragment", 44, "first-header"),
        ("payload-protocol udp", 17, "upper-layer"),
    ],
)
def test_protocols_of_ipv6(condition: str, protocol: int, source: str) -> None:
    found = device(HEAD + f"set firewall family inet6 filter F term A from {condition}\n")
    (rule,) = found.filters["F (inet6)"].rules
    assert (rule.protocol, rule.protocol_from) == (IntervalSet.single(protocol), source)


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        ("dscp ef", "dscp"),
        ("tcp-established", "tcp-established"),
        ("source-class X", "source-class"),
        ("ip-options any", "ip-options"),
        ("mystery 5", "mystery"),
        ('fragment-flags "more-fragments & dont-fragment"', "fragment-flags"),
        ("fragment-flags 0x6000", "fragment-flags"),
        ("source-address 10.0.0.1/255.0.0.255", "source-address"),
        ("source-prefix-list NONE", "NONE"),
        ("destination-port nosuchport", "destination-port"),
        ("protocol nosuch", "protocol"),
    ],
)
def test_what_is_not_understood_makes_a_term_uncertain(condition: str, words: str) -> None:
    (rule,) = rules(f"A from {condition}")
    assert words in rule.uncertain


@pytest.mark.parametrize(
    ("conditions", "sources"),
    [
        (["source-address 10.0.0.0/8"], ["10.0.0.0/8"]),
        (["source-address 10.0.0.0/9", "source-address 10.128.0.0/9"], ["10.0.0.0/8"]),
        (["source-address 10.0.0.0/8", "source-address 10.0.0.0/9 except"], ["10.128.0.0/9"]),
        (["source-address 10.0.0.0/9 except", "source-address 10.0.0.0/8"], ["10.128.0.0/9"]),  # the longest decides
        (
            ["source-address 10.0.0.0/8 except", "source-address 0.0.0.0/1", "source-address 10.1.0.0/16"],
            [
                "0.0.0.0/5",
                "8.0.0.0/7",
                "10.1.0.0/16",
                "11.0.0.0/8",
                "12.0.0.0/6",
                "16.0.0.0/4",
                "32.0.0.0/3",
                "64.0.0.0/2",
            ],
        ),
        (["source-prefix-list L"], ["192.0.2.0/24", "198.51.100.0/24"]),
        (["source-address 0.0.0.0/0", "source-prefix-list L except"], None),
        (["source-prefix-list PATH"], ["203.0.113.7/32"]),
    ],
)
def test_addresses(conditions: list[str], sources: list[str] | None) -> None:
    more = (
        "set policy-options prefix-list L 192.0.2.0/24\nset policy-options prefix-list L 198.51.100.0/24\n"
        "set policy-options prefix-list L 2001:db8::/32\n"
        'set policy-options prefix-list PATH apply-path "protocols bgp group <*> neighbor <*>"\n'
        "set protocols bgp group G neighbor 203.0.113.7\n"
    )
    (rule,) = rules("\n".join(f"A from {condition}" for condition in conditions), more=more)
    assert not rule.uncertain
    (box,) = rule.boxes
    assert box.sources is not None
    if sources is None:
        assert 0xC0000201 not in box.sources
        assert 0x0A000001 in box.sources
    else:
        assert list(prefix_texts(4, box.sources)) == sources


@pytest.mark.parametrize(
    "more", ["set policy-options prefix-list L 2001:db8::/32\n", "set policy-options prefix-list L\n"]
)
def test_what_a_list_without_addresses_of_the_family_comes_to_is_not_known(more: str) -> None:
    (rule,) = rules("A from source-prefix-list L\nA then accept", more=more)
    assert "none of this family" in rule.uncertain


def test_exceptions_alone_match_nothing() -> None:
    assert rules("A from source-address 10.0.0.0/8 except\nA then accept") == []


def test_address_and_port_of_either_end() -> None:
    (rule,) = rules("A from protocol udp\nA from address 192.0.2.0/24\nA from port [ 500 4500 ]")
    assert [
        (box.sources is None, box.destinations is None, box.source_ports is None, box.destination_ports is None)
        for box in rule.boxes
    ] == [
        (False, True, False, True),
        (False, True, True, False),
        (True, False, False, True),
        (True, False, True, False),
    ]


@pytest.mark.parametrize(
    ("condition", "ports"),
    [
        ("destination-port 500", "500"),
        ("destination-port [ 500 4500 ]", "500,4500"),
        ("destination-port 1000-2000", "1000-2000"),
        ("destination-port [ radius radacct ]", "1812-1813"),
        ("destination-port-except 0-1023", "1024-65535"),
    ],
)
def test_ports(condition: str, ports: str) -> None:
    (rule,) = rules(f"A from protocol udp\nA from {condition}")
    assert rule.boxes[0].destination_ports is not None
    assert port_text(rule.boxes[0].destination_ports).replace(" ", "") == ports
    assert rule.headerless is None


def test_ports_and_fragments() -> None:
    four = device(HEAD + "set firewall family inet filter F term A then accept\n").filters["F"].headerless
    six = device(HEAD + "set firewall family inet6 filter F term A then accept\n").filters["F (inet6)"].headerless
    assert (four.value, four.basis) == (Headerless.NEVER_MATCHES, Basis.INFERRED)
    assert (six.value, six.basis) == (Headerless.NEVER_MATCHES, Basis.ASSUMED)
    (bare,) = rules("A from destination-port 500")  # without its protocol: any packet's bytes may match
    assert bare.headerless is not None
    assert bare.headerless.basis is Basis.ASSUMED


def test_a_filter_without_family_is_of_ipv4() -> None:
    found = device(HEAD + "set firewall filter F term A then discard\n")
    (rule,) = found.filters["F"].rules
    assert (rule.family, rule.action.verb) == (4, Verb.DROP)
