"""Access lists: their lines gathered by name, parsed when a path first meets one."""

from collections.abc import Iterable, Mapping

from auditor.model.evidence import Basis, Fact
from auditor.model.filters import DROP, Filter, Headerless, LazyRules, Rule
from auditor.parse.rows import Row, Source
from auditor.platforms.cisco_asa.config import Config
from auditor.platforms.cisco_asa.entries import Reader

# The lists look at datagrams, joined before (see pipelines.py): how they would treat a fragment never counts.
HEADERLESS: Fact[Headerless] = Fact(
    value=Headerless.NEVER_MATCHES, basis=Basis.INFERRED, source="ASA lists are met by reassembled datagrams"
)
SETTINGS = frozenset({"alert-interval", "deny-flow-max", "mode", "commit"})  # `access-list alert-interval 300`

Line = tuple[Source, int, str]


class AccessLists:
    """All lists of a config, by name."""

    def __init__(self, config: Config, reader: Reader) -> None:
        self._reader = reader
        self._lines: dict[str, list[Line]] = {}
        for row in config.rows.rows("list_lines", "list_lines6"):
            if row["name"] not in SETTINGS:
                self._lines.setdefault(row["name"], []).append((row.source, row.number, _text(row)))
        self.filters: Mapping[str, Filter] = {
            name: self._filter(name, lines) for name, lines in self._lines.items() if not _other(lines)
        }

    def __contains__(self, name: str) -> bool:
        return name in self.filters

    def _filter(self, name: str, lines: list[Line]) -> Filter:
        return Filter(
            name=name,
            rules=LazyRules(lambda: self._rules(lines)),
            otherwise=DROP,
            evidence=lines[0][0].evidence(lines[0][1]),
            headerless=HEADERLESS,
            kind="access list",
        )

    def _rules(self, lines: Iterable[Line]) -> Iterable[Rule]:
        for source, number, text in lines:
            yield from self._reader.rules(text, source.evidence(number))


def _text(row: Row) -> str:
    """What stands behind the name; of an IPv6 list (before 9.0) any is any of IPv6."""
    if row.group == "list_lines":
        return row["text"]
    words = ["any6" if word == "any" else "icmp6" if word == "icmp" else word for word in row["text"].split()]
    return " ".join(["extended", *words])


def _other(lines: list[Line]) -> bool:
    """Whether a list is for web pages or link types: no packet of ours meets it."""
    return all(text.split(maxsplit=1)[0] in ("webtype", "ethertype", "remark") for _, _, text in lines) and any(
        not text.startswith("remark") for _, _, text in lines
    )
