"""Text of ``nft list ruleset`` (and of files that nft loads) as canonical lines: braces become levels."""

import re
from dataclasses import dataclass, field

from auditor.platforms.linux.commands import Command
from auditor.platforms.linux.lines import Lines, Numbered

SPECIAL = re.compile(r'"(?:[^"\\]|\\.)*"|[{};#]')
TABLE = re.compile(r"^(?:add )?table (?:(?P<family>ip|ip6|inet|arp|bridge|netdev) )?(?P<name>\S+)$")
BLOCK = re.compile(
    r"^(?P<kind>chain|set|map|flowtable|counter|quota|limit|secmark|synproxy|meter|ct helper|ct timeout|ct expectation)"
    r" (?P<name>\S+)$"
)
HOOK = re.compile(
    r"^type (?P<type>\w+) hook (?P<hook>\w+)(?: devices?(?: =)? (?P<devices>\{[^}]*\}|\"[^\"]*\"|\S+))?"
    r" priority (?P<priority>.+)$"
)
MANAGED = re.compile(r"^#\s*Warning: table (?P<family>\S+) (?P<name>\S+) is managed by iptables-nft")
DEFINE = re.compile(r"^(?:re)?define (?P<name>\S+) = (?P<value>.+)$")
ELEMENT = re.compile(r'(?:"[^"]*"|[^,"{}])+')
QUIET = re.compile(r"^(?:flush ruleset|table \S+( \S+)?|destroy table .*|delete table .*)$")


@dataclass(slots=True)
class Block:
    """A block that is open: a table, or something in one. ``indent`` is the blank before its head; ``inside`` that
    before a line of its own, "" where the listing has lost its blanks.
    """

    kind: str
    indent: str
    inside: str = ""


@dataclass(slots=True)
class Statement:
    """A statement as it grows over lines."""

    pieces: list[tuple[int, str]] = field(default_factory=list)
    indent: str = ""

    @property
    def text(self) -> str:
        return " ".join(piece.strip() for _, piece in self.pieces if piece.strip())


def read(_command: Command, body: Numbered, out: Lines) -> None:
    """Reads one listing."""
    Reader(out).read(body)


@dataclass(slots=True)
class Reader:
    """Where the reading of a listing stands."""

    out: Lines
    stack: list[Block] = field(default_factory=list)
    inner: int = 0  # braces open inside the present statement: a set
    statement: Statement = field(default_factory=Statement)
    managed: dict[tuple[str, str], int] = field(default_factory=dict)
    defined: dict[str, str] = field(default_factory=dict)
    last: str = ""  # the latest statement outside of all tables, "" behind a table

    def read(self, body: Numbered) -> None:
        """All lines; at the end nothing may be open."""
        for number, line in body:
            warned = MANAGED.match(line)
            if warned:
                self.managed[warned["family"], warned["name"]] = number
            elif not line.startswith("#"):
                self._line(number, line)
        if self.stack or self.inner:
            self._end()
            self.out.unreadable("its braces don't close: it is cut off", body[-1][0])
        elif self.last.startswith("table"):
            self.out.unreadable("it ends in the head of a table: it is cut off", body[-1][0])

    def _line(self, number: int, line: str) -> None:
        continued = line.endswith("\\")
        line = line[:-1] if continued else line
        start = 0
        if not self.statement.pieces:
            self.statement.indent = line[: len(line) - len(line.lstrip())]
        for found in SPECIAL.finditer(line):
            sign = found[0]
            if sign[0] == '"':
                continue
            if sign == "#":
                line = line[: found.start()]
                break
            piece = line[start : found.start()]
            start = found.end()
            if sign == "{":
                self._brace(number, piece)
            elif sign == "}" and self.inner:
                self.inner -= 1
                self.statement.pieces.append((number, piece + "}"))
            elif sign == "}":
                self.statement.pieces.append((number, piece))
                self._end()
                self._close(number)
            elif self.inner:
                self.statement.pieces.append((number, piece))
            else:
                self.statement.pieces.append((number, piece))
                self._end()
        self.statement.pieces.append((number, line[start:]))
        if not self.inner and not continued:
            self._end()

    def _brace(self, number: int, piece: str) -> None:
        """An opening brace begins a block after a head, else a set inside a statement."""
        head = " ".join([self.statement.text, piece.strip()]).strip()
        if not self.inner:
            table = TABLE.match(head) if not self.stack else None
            block = BLOCK.match(head) if len(self.stack) == 1 else None
            if table:
                self._table(table, number)
                return
            if block:
                indent, self.statement = self.statement.indent, Statement()
                unit = indent.removeprefix(self.stack[-1].indent)
                self.stack.append(Block(block["kind"], indent, indent + unit if unit else ""))
                kind = block["kind"] if block["kind"] in ("chain", "set", "map") else f"object {block['kind']}"
                self.out.put(1, f"{kind} {block['name']}", number)
                return
        self.inner += 1
        self.statement.pieces.append((number, piece + "{"))

    def _table(self, head: re.Match[str], number: int) -> None:
        self.last = ""
        self.stack.append(Block("table", self.statement.indent))
        self.statement = Statement()
        family = head["family"] or "ip"
        self.out.put(0, f"table {family} {head['name']}", number)
        warned = self.managed.get((family, head["name"]))
        if warned is not None:
            self.out.put(1, "managed by iptables-nft", warned)

    def _close(self, number: int) -> None:
        if self.stack:
            self.stack.pop()
        else:
            self.out.unread("}", number)

    def _end(self) -> None:
        """The present statement is complete."""
        statement, self.statement = self.statement, Statement()
        text = statement.text
        if not text:
            return
        number = next(at for at, piece in statement.pieces if piece.strip())
        if "$" in text and self.defined:
            text = self._replaced(text)
        if not self.stack:
            self._outside(text, number)
        elif self.stack[-1].kind == "chain":
            self._in_chain(text, number, statement.indent)
        elif text.startswith("elements"):
            self._elements(statement)
        elif len(self.stack) == 1 and not text.startswith(("flags ", "comment ")):
            self.out.put(1, f"odd {text}", number)
        else:
            self.out.put(len(self.stack), text, number)

    def _outside(self, text: str, number: int) -> None:
        self.last = text
        define = DEFINE.match(text)
        if define:
            self.defined[define["name"]] = self._replaced(define["value"])
        elif not QUIET.match(text):
            self.out.unread(text, number)

    def _replaced(self, text: str) -> str:
        """With the values of variables in their place (``define`` in a file that nft loads)."""
        return re.sub(r"\$(\w+)", lambda found: self.defined.get(found[1], found[0]), text)

    def _in_chain(self, text: str, number: int, indent: str) -> None:
        block = self.stack[-1]
        hook = HOOK.match(text)
        if hook:
            block.inside = indent
            self._hook(hook, number)
        elif text.startswith(("policy ", "comment ")):
            self.out.put(2, text, number)
        else:
            self.out.put(2, f"{'lost' if _lacks(block, indent, text) else 'rule'} {text}", number)

    def _hook(self, hook: re.Match[str], number: int) -> None:
        hook_line(self.out, number, hook["type"], hook["hook"], hook["priority"])
        if hook["devices"]:
            devices = " ".join(word.strip('"') for word in re.split(r"[{},\s]+", hook["devices"]) if word)
            self.out.put(2, f"devices {devices}", number)

    def _elements(self, statement: Statement) -> None:
        """``elements = { a, b,`` over several lines: each element at its own line."""
        for number, piece in statement.pieces:
            text = self._replaced(re.sub(r"^\s*elements\s*=?\s*", "", piece)) if "elements" in piece else piece
            for found in ELEMENT.finditer(text):
                if found[0].strip(" \t="):
                    self.out.put(2, f"element {found[0].strip(' =')}", number)


def _lacks(block: Block, indent: str, text: str) -> bool:
    """Whether a match is left out of a rule: nft prints the blank behind it all the same (measured: ip6tables -m frag).
    Without any blanks at all that can't be told of what begins with iptables' counter.
    """
    if "  " in re.sub(r'"[^"]*"', "-", text):
        return True
    return indent == block.inside + " " if block.inside else text.startswith("counter packets ")


def hook_line(out: Lines, number: int, kind: str, hook: str, priority: str) -> None:
    """What makes a chain a base chain."""
    out.put(2, f"type {kind}", number)
    out.put(2, f"hook {hook}", number)
    out.put(2, f"priority {priority}", number)
