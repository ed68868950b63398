"""The engine gives the records of stock TTP, block by block, each field with its line; bad templates are said."""

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ttp import ttp

from auditor.errors import TemplateError
from auditor.model.platform import Canonical
from auditor.parse.engine import Matched, load, match
from auditor.parse.rows import Source

TEMPLATE = """
<vars>
ACTION = "permit|deny"
</vars>
<group name="interfaces*">
interface {{ name }}
 mtu {{ mtu | DIGIT }}
 ip mtu {{ ip_mtu | DIGIT }}
 shutdown {{ shutdown | set("yes") }}
 no shutdown {{ shutdown | set("no") }}
 ip address {{ address }} {{ mask }}
 <group name="secondary*">
 ip address {{ address }} {{ mask }} secondary
 </group>
 <group name="tracks*">
 standby {{ group | DIGIT }} track {{ object }}
  priority {{ priority | DIGIT }}
  <group name="notes*">
  note {{ note | re(".+") }}
  </group>
 </group>
</group>
<group name="lists*">
ip access-list extended {{ name }}
 <group name="entries*">
 {{ sequence | DIGIT }} {{ action | re("ACTION") }} {{ text | re(".+") }}
 {{ action | re("ACTION") }} {{ text | re(".+") | _start_ }}
 </group>
</group>
<group name="routes*">
ip route {{ prefix }} {{ mask }} {{ next_hop }}
</group>
"""

INTERFACE_LINES = [
    " mtu 1400",
    " mtu 9000",
    " ip mtu 1300",
    " shutdown",
    " no shutdown",
    " ip address 192.0.2.1 255.255.255.0",
    " ip address 192.0.2.9 255.255.255.0 secondary",
    " ip address 192.0.2.17 255.255.255.0 secondary",
    " standby 1 track Gi0/1",
    " standby 2 track Gi0/2",
    "  priority 5",
    "  note one two three",
    "  note four",
    " frobnicate 7",
    "  deeper 8",
]
LIST_LINES = [
    " 10 permit udp any any",
    " permit ip any any",
    " 20 deny ip any any fragments",
    " remark no entry",
    " 10 frob",
]

heads = st.sampled_from(
    ["interface Gi0/0", "interface Gi0/1", "vlan configuration 10", "ip route 192.0.2.0 255.255.255.0 Null0"]
)
SAME_FIELD = {" mtu": "mtu", " shut": "shutdown", " no s": "shutdown"}


def once(line: str) -> str:
    """What a line sets: of several lines that set one field stock TTP keeps the first, and ours the last (0001)."""
    return next((name for start, name in SAME_FIELD.items() if line.startswith(start)), line)


SHALLOW = [line for line in INTERFACE_LINES if not line.startswith("  ")]
DEEP = [line for line in INTERFACE_LINES if line.startswith("  ")]
deep = st.lists(st.sampled_from(DEEP), max_size=3, unique=True)


@st.composite
def well_nested(draw: st.DrawFn) -> tuple[str, list[str]]:
    """Deeper lines stand under a line that opens a group: by indentation ours are of that one, stock TTP's leak."""
    lines: list[str] = []
    for line in draw(st.lists(st.sampled_from(SHALLOW), max_size=8, unique_by=once)):
        lines.append(line)
        if "standby" in line:
            lines += draw(deep)
    return "interface Gi0/0", lines


interfaces = st.tuples(heads, st.lists(st.sampled_from(INTERFACE_LINES), max_size=8))
lists = st.tuples(st.just("ip access-list extended L"), st.lists(st.sampled_from(LIST_LINES), max_size=8))


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("templates") / "x.ttp"
    path.write_text(TEMPLATE)
    return path


def run(template: Path, lines: list[str]) -> Matched:
    return match(load(template), Canonical(lines=lines, numbers=range(1, len(lines) + 1)), Source("x.cfg", lines))


def by_stock_ttp(lines: list[str]) -> dict[str, object]:
    parser = ttp(data="\n".join(lines), template=TEMPLATE, log_level="ERROR")
    parser.parse(one=True)
    found = parser.result()[0][0]
    return found if isinstance(found, dict) else {}


@settings(max_examples=200, deadline=None)
@given(block=well_nested() | lists)
def test_records_are_those_of_stock_ttp(template: Path, block: tuple[str, list[str]]) -> None:
    lines = [block[0], *block[1]]
    found = {group: [row.as_dict() for row in many] for group, many in run(template, lines).tops.items()}
    assert found == by_stock_ttp(lines)


@settings(max_examples=200, deadline=None)
@given(blocks=st.lists(interfaces | lists, max_size=5))
def test_every_line_is_taken_once_or_left_over(template: Path, blocks: list[tuple[str, list[str]]]) -> None:
    lines = [line for head, body in blocks for line in (head, *body)]
    found = run(template, lines)
    taken: list[int] = []
    replaced = 0

    def walk(rows: object) -> None:
        for row in rows:  # type: ignore[attr-defined]
            taken.append(row.number)
            taken.extend({row.line(name) for name in row._fields} - {row.number})
            for many in (row._children or {}).values():
                walk(many)

    for many in found.tops.values():
        walk(many)
    left = [index + 1 for index, _ in found.leftovers]
    unwanted = [index + 1 for index in found.unwanted]
    assert len(taken) == len(set(taken)), "no line belongs to two records"
    assert not set(taken) & set(left)
    below_unwanted = 0
    inside = False
    for number, line in enumerate(lines, 1):
        if not line.startswith(" "):
            inside = number in unwanted
        elif inside:
            below_unwanted += 1
            assert number not in taken, "a record does not reach into a block that nobody wants"
    replaced = len(lines) - len(taken) - len(left) - len(unwanted) - below_unwanted
    assert replaced >= 0, "what is neither taken nor left was said again further down"


@settings(max_examples=100, deadline=None)
@given(blocks=st.lists(interfaces | lists, max_size=5))
def test_each_field_stands_in_its_line(template: Path, blocks: list[tuple[str, list[str]]]) -> None:
    lines = [line for head, body in blocks for line in (head, *body)]

    def check(rows: object) -> None:
        for row in rows:  # type: ignore[attr-defined]
            for name, (text, number) in row._fields.items():
                if name != "shutdown":
                    assert text in lines[number - 1]
            for many in (row._children or {}).values():
                check(many)

    for many in run(template, lines).tops.values():
        check(many)


def test_a_record_can_not_take_a_line_of_another_block(template: Path) -> None:
    found = run(template, ["interface Gi0/0", "vlan configuration 10", " mtu 9000", "interface Gi0/1", " mtu 1400"])
    assert [row.get("mtu") for row in found.tops["interfaces"]] == [None, "1400"]


def test_the_last_line_counts_and_children_add(template: Path) -> None:
    lines = ["interface Gi0/0", " mtu 1400", " mtu 1500", INTERFACE_LINES[6], INTERFACE_LINES[7]]
    (row,) = run(template, lines).tops["interfaces"]
    assert (row["mtu"], row.line("mtu")) == ("1500", 3)
    assert [child.number for child in row.rows("secondary")] == [4, 5]


def test_leftovers_know_their_owner(template: Path) -> None:
    lines = ["interface Gi0/0", " standby 1 track Gi0/1", "  deeper 8", " frobnicate 7"]
    found = run(template, lines)
    assert [(index, owner.group) for index, owner in found.leftovers] == [(2, "tracks"), (3, "interfaces")]


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("<group name='x*'>\ninterface {{ name }\n</group", "can't load"),
        ("<group name='x*'>\ninterface {{ name | nosuchfunction }}\n</group>", "only re()"),
        ("<group name='x'>\ninterface {{ name }}\n</group>", "must end in '*'"),
        ("<group name='x*'>\na {{ b | re('.+') }} c {{ d | re('.+') }}\n</group>", "quadratic"),
        ("<macro>\ndef f(data):\n    return data\n</macro>\n<group name='x*'>\na {{ b }}\n</group>", "macro"),
        ("<group name='x*'>\na {{ b | upper }}\n</group>", "only re()"),
        ("<group name='x*'>\na {{ b }}\nend {{ _end_ }}\n</group>", "_end_"),
        ("", "no group"),
    ],
)
def test_a_template_that_is_wrong_is_said(tmp_path: Path, text: str, word: str) -> None:
    path = tmp_path / "bad.ttp"
    path.write_text(text)
    with pytest.raises(TemplateError) as caught:
        load(path)
    assert word in str(caught.value)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_template_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(TemplateError, match="can't be read"):
        load(tmp_path / "none.ttp")


def test_ttp_leaves_no_handler_and_no_level_behind(template: Path) -> None:
    code = (
        "import logging, pathlib, sys; from auditor.parse.engine import load; "
        f"load(pathlib.Path({str(template)!r})); "
        "print(len(logging.getLogger().handlers), len(logging.getLogger('ttp').handlers))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split()[1] == "0"
