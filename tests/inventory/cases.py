"""Reads the tables of bad documents: each a document, then ``>>>`` and the one sentence that it earns.

A line ``@endpoint TEXT`` stands for a file of one endpoint ``x`` in line 3; ``@flow TEXT`` for one of a flow in line 8,
behind the endpoints of ENDS; ``@ikev2``, ``@radius`` and ``@custom`` for such a flow from a to b with more keys;
``@more TEXT`` for further lines behind ENDS.
"""

from pathlib import Path

ENDS = """\
version: 1
endpoints:
  a: {address: 192.0.2.1}
  b: {address: 198.51.100.1}
  six: {address: "2001:db8::1"}
  many: {devices: {role: access}, interface: radius-source}
"""
KINDS = ("ikev2", "radius", "custom")


def expand(line: str) -> str:
    """The document lines that a line of a table stands for."""
    word, _, rest = line.partition(" ")
    if word == "@endpoint":
        return f"version: 1\nendpoints:\n  x: {rest}"
    if word == "@flow":
        return f"{ENDS}flows:\n  - {rest}"
    if word == "@more":
        return f"{ENDS}{rest}"
    if word[1:] in KINDS and word.startswith("@"):
        return f"{ENDS}flows:\n  - {{name: f, kind: {word[1:]}, from: a, to: b, {rest}}}"
    return line


def read_cases(name: str) -> list[tuple[str, str]]:
    """(document, sentence) of each case of a table beside this module."""
    cases = []
    document: list[str] = []
    for line in (Path(__file__).parent / name).read_text().split("\n"):
        if line.startswith(">>> "):
            cases.append(("\n".join(document) + "\n", line.removeprefix(">>> ")))
            document = []
        elif document or line:
            document.append(expand(line))
    return cases
