"""YAML text to a tree of nodes that know their lines.

PyYAML's C parser gives events; the tree is built here, without recursion, so that the words are those of YAML 1.2, a
key given twice is refused with both lines, no tag runs code, and aliases can't blow a small file up.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple, NoReturn

import yaml

from auditor.inventory.refusals import MAX_DEPTH, TOO_DEEP, refusal
from auditor.inventory.wording import quoted, wrong
from auditor.inventory.words import Scalar, meaning

MAX_REPEATED = 5_000_000  # values that aliases and merge keys may repeat, all together
MERGE = "<<"
COLLECTIONS = (list, dict)
_TAGS = {
    "tag:yaml.org,2002:str": (str,),
    "tag:yaml.org,2002:int": (int,),
    "tag:yaml.org,2002:float": (float, int),
    "tag:yaml.org,2002:bool": (bool,),
    "tag:yaml.org,2002:null": (type(None),),
}


class Node(NamedTuple):
    """A value with its line: ``data`` is a word, a list of nodes, or entries by key; ``text`` is a word as written."""

    data: "Scalar | list[Node] | dict[Scalar, Entry]"
    line: int
    text: str = ""


class Entry(NamedTuple):
    """One key of a mapping: the line of the key, the key as written, the value."""

    line: int
    text: str
    value: Node


def compose(text: str, file: str) -> Node:
    """The root of a YAML document; a node of None for an empty one.

    ``file`` is named in complaints. Raises InventoryError, with the line, for text that is no YAML, several documents,
    duplicate keys, keys that are no words, tags, aliases of nothing or of themselves, and what is too deep or too big.
    """
    builder = _Builder(text, file)
    takes = {
        yaml.ScalarEvent: builder.scalar,
        yaml.AliasEvent: builder.alias,
        yaml.MappingStartEvent: builder.open,
        yaml.SequenceStartEvent: builder.open,
        yaml.MappingEndEvent: builder.close,
        yaml.SequenceEndEvent: builder.close,
        yaml.DocumentStartEvent: builder.document,
    }
    try:
        with without_collector():
            for event in yaml.parse(text, Loader=yaml.CSafeLoader):
                take = takes.get(type(event))
                if take:
                    take(event)
    except yaml.YAMLError as error:
        raise refusal(error, text, file) from None
    return builder.root or Node(None, 1)


def plain(node: Node, memo: dict[int, object] | None = None) -> object:
    """The value without lines: words, lists and dicts. What an alias repeats is one object, as ``memo`` remembers."""
    data = node.data
    if not isinstance(data, COLLECTIONS):
        return data
    memo = {} if memo is None else memo
    found = memo.get(id(data))
    if found is None:
        if isinstance(data, list):
            found = [plain(item, memo) for item in data]
        else:
            found = {key: plain(entry.value, memo) for key, entry in data.items()}
        memo[id(data)] = found
    return found


class _Frame:
    """A list or mapping that is not closed yet; ``size`` counts the values in it, aliases with all they repeat."""

    __slots__ = ("anchor", "line", "mapping", "merges", "nodes", "size")

    def __init__(self, line: int, mapping: bool, anchor: str | None) -> None:
        self.line, self.mapping, self.anchor = line, mapping, anchor
        self.nodes: list[Node] = []  # of a mapping: key, value, key, value ...
        self.merges: set[int] = set()  # places of merge keys among the nodes
        self.size = 1


class _Builder:
    """Takes the events of one document and holds what is open."""

    def __init__(self, text: str, file: str) -> None:
        self.text, self.file = text, file
        self.doubtful = "?" in text
        self.root: Node | None = None
        self.frames: list[_Frame] = []
        self.anchors: dict[str, tuple[Node, int]] = {}  # with the size
        self.words: dict[str, Scalar] = {}
        self.repeated = 0

    def refuse(self, line: int, text: str) -> NoReturn:
        raise wrong(self.file, line, text)

    def document(self, event: Any) -> None:
        line = event.start_mark.line + 1
        if self.root is not None:
            self.refuse(line, "a second document begins here: one file holds one, so take the '---' out")
        if event.version == (1, 1):
            self.refuse(line, "the file asks for YAML 1.1, where 'no' and '010' mean other things: take that line out")

    def check(self, event: Any) -> None:
        """Refuses ``[?x]``: the C parser takes it for a key, where YAML 1.2 has the text '?x'."""
        place = event.start_mark.index
        if place and self.text[place - 1] == "?":
            self.refuse(event.start_mark.line + 1, "text that begins with ? needs quotes")

    def scalar(self, event: Any) -> None:
        if self.doubtful:
            self.check(event)
        text, line, tag = event.value, event.start_mark.line + 1, event.tag
        if tag is None:
            node = Node(self.meaning(text) if event.implicit[0] else text, line, text)
        else:
            node = Node(self.tagged(text, tag, line), line, text)
        if text == MERGE and event.implicit[0] and self.frames:
            frame = self.frames[-1]
            if frame.mapping and not len(frame.nodes) % 2:
                frame.merges.add(len(frame.nodes))
        self.add(node, 1, event.anchor)

    def meaning(self, text: str) -> Scalar:
        try:
            return self.words[text]
        except KeyError:
            return self.words.setdefault(text, meaning(text))

    def tagged(self, text: str, tag: str, line: int) -> Scalar:
        kinds = _TAGS.get(tag)
        if not kinds:
            self.refuse(line, f"the tag {_tag(tag)} isn't read here: leave it out")
        if kinds == (str,):
            return text
        value = self.meaning(text)
        if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
            self.refuse(line, f"{quoted(text)} is not what its tag {_tag(tag)} says: leave the tag out")
        return float(value) if kinds[0] is float and isinstance(value, int) else value

    def alias(self, event: Any) -> None:
        line, name = event.start_mark.line + 1, event.anchor
        if name not in self.anchors:
            inside = any(frame.anchor == name for frame in self.frames)
            self.refuse(line, f"the alias *{name} " + ("stands inside itself" if inside else f"has no anchor &{name}"))
        node, size = self.anchors[name]
        self.repeated += size
        if self.repeated > MAX_REPEATED:
            self.refuse(line, f"the aliases repeat more than {MAX_REPEATED:,} values: write it without so many")
        self.add(node, size, None)

    def open(self, event: Any) -> None:
        if self.doubtful:
            self.check(event)
        line, tag = event.start_mark.line + 1, event.tag
        if tag not in (None, "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq"):
            self.refuse(line, f"the tag {_tag(tag)} isn't read here: leave it out")
        if len(self.frames) == MAX_DEPTH:
            self.refuse(line, TOO_DEEP)
        self.frames.append(_Frame(line, type(event) is yaml.MappingStartEvent, event.anchor))

    def close(self, _: Any) -> None:
        frame = self.frames.pop()
        node = Node(self.entries(frame) if frame.mapping else frame.nodes, frame.line)
        self.add(node, frame.size, frame.anchor)

    def add(self, node: Node, size: int, anchor: str | None) -> None:
        if anchor is not None:
            self.anchors[anchor] = (node, size)
        if self.frames:
            frame = self.frames[-1]
            frame.nodes.append(node)
            frame.size += size
        else:
            self.root = node

    def entries(self, frame: _Frame) -> dict[Scalar, Entry]:
        """The mapping of a frame: its own keys, then those merged in that it doesn't have."""
        found: dict[Scalar, Entry] = {}
        nodes = frame.nodes
        for place in range(0, len(nodes), 2):
            data, line, text = nodes[place]
            if place in frame.merges:
                continue
            if isinstance(data, COLLECTIONS):
                self.refuse(line, "a list or mapping can't be a key: a key is one word")
            if data in found:
                self.refuse(line, f"the key {quoted(text)} is given twice: first in line {found[data].line}")
            found[data] = Entry(line, text, nodes[place + 1])
        if frame.merges:
            self.merge(found, frame)
        return found

    def merge(self, found: dict[Scalar, Entry], frame: _Frame) -> None:
        """Adds what ``<<`` brings: of a list of mappings the first that has a key gives it."""
        place, *more = sorted(frame.merges)
        if more:
            first, second = frame.nodes[place].line, frame.nodes[more[0]].line
            self.refuse(second, f"the key '<<' is given twice: first in line {first}; give it a list")
        value = frame.nodes[place + 1]
        for source in value.data if isinstance(value.data, list) else [value]:
            if not isinstance(source.data, dict):
                self.refuse(value.line, "'<<' takes a mapping, or a list of mappings")
            for key, entry in source.data.items():
                found.setdefault(key, entry)


@contextmanager
def without_collector() -> Iterator[None]:
    """No garbage collection inside: a tree of a million nodes holds no garbage, and looking for it takes most time."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _tag(tag: str) -> str:
    return quoted(tag.replace("tag:yaml.org,2002:", "!!"))
