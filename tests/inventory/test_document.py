"""The tree of a document: lines, merges, aliases, and that a small file stays small."""

import io

import pytest
import ruamel.yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.errors import InventoryError
from auditor.inventory.document import MAX_REPEATED, Node, compose, plain

TEXT = """\
# a comment
one: &one
  x: 1
  list: [a, 'no', no]

two:
  <<: *one
  x: 2
three: {<<: [{x: 3, y: 4}, *one], z: *one}
long: |
  text
  of two lines
"""


def at(node: Node, *path: str | int) -> Node:
    """The node at a path of keys and indices."""
    for step in path:
        assert isinstance(node.data, dict | list)
        node = node.data[step].value if isinstance(node.data, dict) else node.data[int(step)]
    return node


def test_values_are_those_of_the_reader_that_nornir_uses() -> None:
    assert plain(compose(TEXT, "f")) == ruamel.yaml.YAML(typ="safe", pure=True).load(TEXT)


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("one", "x"), 3),
        (("one", "list"), 4),
        (("two", "list", 1), 4),
        (("two", "x"), 8),
        (("three", "y"), 9),
        (("long",), 10),
    ],
)
def test_every_value_knows_its_line(path: tuple[str | int, ...], line: int) -> None:
    assert at(compose(TEXT, "f"), *path).line == line


def test_lines_survive_dos_line_ends_and_a_byte_order_mark() -> None:
    root = compose(TEXT.replace("\n", "\r\n"), "f")
    assert at(root, "two", "x").line == 8
    assert at(root, "long").data == "text\nof two lines\n"


@pytest.mark.parametrize("text", ["", "# nothing\n", "---\n", "~\n"])
def test_an_empty_document_is_nothing(text: str) -> None:
    assert compose(text, "f").data is None


def test_an_anchor_that_is_set_again_counts_from_there() -> None:
    assert plain(compose("- &a 1\n- *a\n- &a 2\n- *a\n", "f")) == [1, 1, 2, 2]


def test_a_quoted_merge_key_is_a_key() -> None:
    assert plain(compose("'<<': {a: 1}\n", "f")) == {"<<": {"a": 1}}


def test_the_tags_of_plain_words_are_read() -> None:
    text = "[!!str 12, !!int '12', !!float 12, !!bool 'true', !!null '', !!str yes]\n"
    found = plain(compose(text, "f"))
    assert found == ["12", 12, 12.0, True, None, "yes"]
    assert found == ruamel.yaml.YAML(typ="safe", pure=True).load(text)


def test_aliases_that_multiply_are_refused() -> None:
    bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
    bomb += "".join(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]\n" for i in range(1, 30))
    with pytest.raises(
        InventoryError, match=r"^f:7: the aliases repeat more than 5,000,000 values: write it without so many$"
    ):
        compose(bomb, "f")


def test_merge_keys_that_multiply_are_refused() -> None:
    chain = "a0: &a0 {k0: 0}\n" + "".join(f"a{i}: &a{i} {{<<: *a{i - 1}, k{i}: 0}}\n" for i in range(1, 5000))
    with pytest.raises(InventoryError, match="the aliases repeat more than"):
        compose(chain, "f")


def test_what_an_alias_repeats_is_one_object() -> None:
    common = plain(compose("a: &a {x: [1]}\nb: *a\nc: *a\n", "f"))
    assert isinstance(common, dict)
    assert common["b"] is common["c"]
    assert MAX_REPEATED > 50_000 * 40  # hosts that share their data through an anchor


@pytest.mark.parametrize("text", ["[" * 5000, "- " * 5000 + "a", "{a: " * 5000, "[{a: " * 5000])
def test_depth_is_refused_without_a_crash(text: str) -> None:
    with pytest.raises(InventoryError, match=r"^f:1: lists and mappings are nested more than 100 deep$"):
        compose(text, "f")


def test_a_control_character_is_named_with_its_line() -> None:
    with pytest.raises(InventoryError, match=r"^f:3: this is no YAML: it has a character that no text file has"):
        compose("é: 1\nb: 2\nc: \x01\n", "f")


@pytest.mark.parametrize("text", ["a: [?0]\n", "a: [x, ?0: 1]\n", "a: {?x: 1}\n", "é: {a: ?0}\n", "a: [?[x]]\n"])
def test_what_the_parser_takes_for_a_key_is_refused(text: str) -> None:
    with pytest.raises(InventoryError, match=r"^f:1: (this is no YAML: )?text that begins with \? needs quotes$"):
        compose(text, "f")


words = st.text(st.characters(codec="ascii", exclude_categories=["C"], exclude_characters="?:"), max_size=8)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | words,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text("abc", min_size=1, max_size=3), inner, max_size=4)
    ),
    max_leaves=20,
)


@settings(deadline=None)
@given(values)
def test_what_is_written_is_read_again(value: object) -> None:
    stream = io.StringIO()
    ruamel.yaml.YAML(typ="safe", pure=True).dump(value, stream)
    assert plain(compose(stream.getvalue(), "f")) == value
