"""The statements below ``security`` and ``applications`` as a tree, each node with the line that first made it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from auditor.model.evidence import Evidence

Statement = tuple[tuple[str, ...], Evidence]


@dataclass(slots=True)
class Node:
    """A word of the configuration and what stands below it, in the order of the lines."""

    evidence: Evidence
    below: "dict[str, Node]" = field(default_factory=dict)

    def get(self, *path: str) -> "Node | None":
        """The node at the end of a path of words, None where the config doesn't have it."""
        node: Node | None = self
        for word in path:
            node = node.below.get(word) if node is not None else None
        return node

    def items(self, *path: str) -> "Iterator[tuple[str, Node]]":
        """The words below a path, with their nodes."""
        node = self.get(*path)
        return iter(node.below.items()) if node is not None else iter(())

    def values(self, *path: str) -> tuple[str, ...]:
        """The words below a path."""
        node = self.get(*path)
        return tuple(node.below) if node is not None else ()

    def value(self, *path: str) -> str | None:
        """The value of a leaf: of several lines the last counts."""
        found = self.values(*path)
        return found[-1] if found else None

    def line(self, *path: str) -> Evidence:
        """The line of the value at a path; the node's own where there is none."""
        node = self.get(*path)
        if node is None:
            return self.evidence
        return list(node.below.values())[-1].evidence if node.below else node.evidence

    def leaves(self, before: tuple[str, ...] = ()) -> "Iterator[tuple[tuple[str, ...], Evidence]]":
        """Every statement below, as its words."""
        for word, node in self.below.items():
            if node.below:
                yield from node.leaves((*before, word))
            else:
                yield (*before, word), node.evidence


def tree(statements: Iterable[Statement], head: Evidence) -> Node:
    """The tree of some statements."""
    root = Node(head)
    for words, evidence in statements:
        node = root
        for word in words:
            node = node.below.setdefault(word, Node(evidence))
    return root
