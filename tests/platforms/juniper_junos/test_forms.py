"""Both written forms come to the same canonical lines, without what is off and with what groups give."""

import pytest

from auditor.platforms.juniper_junos.forms import canonical
from tests.platforms.juniper_junos.reading import devices, lines


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("interfaces {\n ge-0/0/0 {\n  mtu 9000;\n }\n}", ["interfaces ge-0/0/0 mtu 9000"]),
        ("set interfaces ge-0/0/0 mtu 9000", ["interfaces ge-0/0/0 mtu 9000"]),
        ("a {\n b [ c d ];\n}", ["a b c", "a b d"]),
        ("set a b [ c d ]", ["a b c", "a b d"]),
        ("a {\n inactive: b { c; }\n d;\n}", ["a d"]),
        ("inactive: a {\n b;\n}\nc;", ["c"]),
        ("a {\n inactive: b c;\n d;\n}", ["a d"]),
        ("a {\n protect: b c;\n}", ["a b c"]),
        ("set a b c\nset a b d\ndeactivate a b c", ["a b d"]),
        ("set a b c\nset a d\ndeactivate a b\nactivate a b", ["a b c", "a d"]),
        ("set a b c\nset a d\ndelete a b", ["a d"]),
        ('set a b c\nannotate a b "set a mtu 5"\nprotect a b', ["a b c"]),
        ("a {\n /* b; */\n c; # d;\n /* over\n e;\n lines */ f;\n}", ["a c", "a f"]),
        ("## Last commit: 2026-01-01 by x\na {\n ## 'b' was inherited from group 'G'\n b;\n}", ["a b"]),
        ('a {\n description "x { y; # } /* z";\n b;\n}', ['a description "x { y; # } /* z"', "a b"]),
        ("a { b; c { d e; } }", ["a b", "a c d e"]),
        ("a {\n b;\n}\n{master:0}\nuser@host> ", ["a b"]),
        ("user@host> show configuration | display set\nset a b\n\n{primary:node0}\n", ["a b"]),
        ("set interfaces x mtu 1500\nset interfaces x mtu 9000", ["interfaces x mtu 9000"]),
        ("set f term a x\nset f term b x\ninsert f term b before term a", ["f term b x", "f term a x"]),
        ("set f term a x\nset f term b x\ninsert f term a after term b", ["f term b x", "f term a x"]),
        ("a {\n b { }\n}", ["a b"]),
        ("a { pfx 10.0.0.0/8 except; }", ["a pfx 10.0.0.0/8 except"]),
        (
            'a { as-path "[0-9]+ .*"; members [ 64500:1 64500:2 ]; }',
            ['a as-path "[0-9]+ .*"', "a members 64500:1", "a members 64500:2"],
        ),
        (
            "set p prefix-list size 1.0.0.0/8\nset p prefix-list size 2.0.0.0/8",
            ["p prefix-list size 1.0.0.0/8", "p prefix-list size 2.0.0.0/8"],
        ),
        (
            "set firewall filter F term A then accept\nset firewall filter F term A then discard",
            ["firewall filter F term A then discard"],
        ),
        (
            "set s policy p then permit x\nset s policy p then permit y",
            ["s policy p then permit x", "s policy p then permit y"],
        ),
        ("set a host-name r1\r\nset a c\r\n", ["a host-name r1", "a c"]),
    ],
)
def test_lines(text: str, wanted: list[str]) -> None:
    assert lines(text) == wanted


GROUPS = """set groups G interfaces <ge-*> mtu 9000
set groups G interfaces <*> unit <*> family inet mtu 1400
set groups H interfaces <ge-*> mtu 8000
set interfaces ge-0/0/0 unit 0 family inet
set interfaces xe-0/0/0 unit 1 family inet
"""


@pytest.mark.parametrize(
    ("more", "there", "absent"),
    [
        ("", [], ["interfaces ge-0/0/0 mtu 9000"]),
        (
            "set apply-groups G",
            ["interfaces ge-0/0/0 mtu 9000", "interfaces xe-0/0/0 unit 1 family inet mtu 1400"],
            ["interfaces xe-0/0/0 mtu 9000", "interfaces ge-0/0/0 unit 1 family inet mtu 1400"],
        ),
        ("set apply-groups [ G H ]", ["interfaces ge-0/0/0 mtu 9000"], ["interfaces ge-0/0/0 mtu 8000"]),
        ("set apply-groups [ H G ]", ["interfaces ge-0/0/0 mtu 8000"], ["interfaces ge-0/0/0 mtu 9000"]),
        (
            "set apply-groups G\nset interfaces ge-0/0/0 mtu 1514",
            ["interfaces ge-0/0/0 mtu 1514"],
            ["interfaces ge-0/0/0 mtu 9000"],
        ),
        (
            "set apply-groups G\nset interfaces ge-0/0/0 apply-groups H",
            ["interfaces ge-0/0/0 mtu 8000"],
            ["interfaces ge-0/0/0 mtu 9000"],
        ),
        (
            "set apply-groups G\nset interfaces ge-0/0/0 apply-groups-except G",
            ["interfaces xe-0/0/0 unit 1 family inet mtu 1400"],
            ["interfaces ge-0/0/0 mtu 9000", "interfaces ge-0/0/0 unit 0 family inet mtu 1400"],
        ),
        (
            "set interfaces xe-0/0/0 apply-groups G",
            ["interfaces xe-0/0/0 unit 1 family inet mtu 1400"],
            ["interfaces ge-0/0/0 unit 0 family inet mtu 1400"],
        ),
        ("set groups N apply-groups G\nset apply-groups N", ["interfaces ge-0/0/0 mtu 9000"], []),
        ("set apply-groups G\ndeactivate apply-groups", [], ["interfaces ge-0/0/0 mtu 9000"]),
        ("set apply-groups NONE", ["fragaudit unread group NONE"], []),
    ],
)
def test_groups(more: str, there: list[str], absent: list[str]) -> None:
    found = lines(GROUPS + more)
    assert [line for line in there if line not in found] == []
    assert [line for line in absent if line in found] == []
    assert not any(line.startswith("groups ") for line in found)


def test_what_groups_give_has_the_line_of_the_group_and_of_its_use() -> None:
    made = canonical((GROUPS + "set apply-groups G").splitlines())
    at = list(made.lines).index("interfaces ge-0/0/0 mtu 9000")
    assert made.numbers[at] == 1
    assert made.parents[at] == (6,)


def test_terms_from_groups_among_own_ones_are_in_doubt() -> None:
    text = (
        "set groups G firewall family inet filter F term B then discard\nset apply-groups G\n"
        "set firewall family inet filter F term A from is-fragment\n"
    )
    (found,) = devices("set system host-name r1\n" + text)
    assert [rule.uncertain for rule in found.filters["F"].rules] == [
        "where this term stands among those from groups is not known"
    ] * 2


@pytest.mark.parametrize(
    ("member", "names"),
    [
        ("member ge-0/0/1", ["ge-0/0/1"]),
        ("member ge-0/0/[1-3]", ["ge-0/0/1", "ge-0/0/2", "ge-0/0/3"]),
        ("member ge-0/0/[1,3]", ["ge-0/0/1", "ge-0/0/3"]),
        ("member-range ge-0/0/4 to ge-0/0/5", ["ge-0/0/4", "ge-0/0/5"]),
        ("member ge-*", ["ge-0/0/9"]),
    ],
)
def test_interface_ranges(member: str, names: list[str]) -> None:
    text = f"set interfaces interface-range R {member}\nset interfaces interface-range R mtu 4000\n"
    found = lines(text + "set interfaces ge-0/0/9 unit 0 family inet\n")
    assert [line for line in found if "mtu" in line] == [f"interfaces {name} mtu 4000" for name in names]


@pytest.mark.parametrize(
    "text",
    [
        "interfaces {\n ge-0/0/0 {\n  mtu 9000;\n",
        "system {\n host-name r1\n",
        "system { host-name r1; }\n}\n",
        "replace: firewall { filter F { term A { then accept; } } }",
        "set system host-name r1\nrename interfaces a to b\n",
        "set system host-name r1\nedit interfaces\n",
        "set system host-name r1\n[...]\n",
        "set system host-name r1\ninsert a term b before term c\n",
    ],
)
def test_what_shows_a_text_to_be_cut(text: str) -> None:
    assert canonical(text.splitlines()).broken


def test_logical_systems_are_devices_of_their_own() -> None:
    text = (
        "set system host-name r1\nset interfaces ge-0/0/0 unit 0 family inet address 192.0.2.1/24\n"
        "set logical-systems A interfaces ge-0/0/1 unit 7 family inet address 198.51.100.1/24\n"
        "set logical-systems A firewall family inet filter F term T then discard\n"
    )
    main, inner = devices(text)
    assert [main.name, inner.name] == ["r1", "r1/A"]
    assert [one.name for one in main.interfaces] == ["ge-0/0/0.0"]
    assert [one.name for one in inner.interfaces] == ["ge-0/0/1.7"]
    assert list(inner.filters) == ["F"]
