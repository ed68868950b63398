"""Which outputs a host's files hold: what was listed, in what form, and what is missing."""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath

from auditor.model.evidence import Evidence
from auditor.parse.rows import Row, Rows
from auditor.platforms.linux.commands import Command, parse_command


@dataclass(frozen=True, slots=True)
class Output:
    """One output. ``told`` is false where neither a ``$ command`` line nor the file's name says what it is: then its
    text alone does.
    """

    command: Command
    row: Row
    told: bool = True

    @property
    def evidence(self) -> Evidence:
        return self.row.evidence()


@dataclass(slots=True)
class Outputs:
    """All outputs of a host, found by the line that another row stands on."""

    found: list[Output] = field(default_factory=list)
    _starts: dict[int, list[int]] = field(default_factory=dict)
    _of: dict[int, list[Output]] = field(default_factory=dict)

    def add(self, output: Output) -> None:
        """Adds the next output of a file."""
        self.found.append(output)
        self._starts.setdefault(id(output.row.source), []).append(output.row.number)
        self._of.setdefault(id(output.row.source), []).append(output)

    def of(self, row: Row) -> Output:
        """The output that a row came from."""
        key = id(row.source)
        return self._of[key][max(bisect_right(self._starts[key], row.number) - 1, 0)]

    def by(self, *readers: str) -> Iterator[Output]:
        """The outputs that are read in one of these ways."""
        return (output for output in self.found if output.command.reader in readers)


def outputs(rows: Rows) -> Outputs:
    """The outputs in the order of files and lines."""
    found = Outputs()
    untitled = {(id(row.source), row.number) for row in rows.rows("untitled")}
    for row in rows.rows("outputs"):
        if (id(row.source), row.number) in untitled:
            found.add(_untitled(row))
        else:
            found.add(Output(parse_command(row["command"]), row))
    return found


def _untitled(row: Row) -> Output:
    """A bare output: the file may be named after its command (``nft_list_ruleset.txt``)."""
    told = parse_command(row["command"])
    named = _from_name(row.source.file)
    if named is not None and named.reader.split("-")[0] == told.reader.split("-")[0]:
        return Output(named, row)
    if told.reader.split("-")[0] in ("routes", "rules"):  # of which family and table is not said
        told = replace(told, whole=False)
    return Output(told, row, told=False)


def _from_name(file: str) -> Command | None:
    """The command that a file is named after: blanks written as ``_``, ``-`` or ``%20``."""
    stem = PurePosixPath(file).name
    for suffix in (".txt", ".out", ".log", ".json"):
        stem = stem.removesuffix(suffix)
    for text in (stem.replace("_", " ").replace("%20", " "), stem.replace("%20", " ")):
        command = parse_command(text)
        if command.reader:
            return command
    return None
