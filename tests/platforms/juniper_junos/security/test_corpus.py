"""Third-party SRX configs: nothing fails, and what is counted equals an independent counter.

The counter shares no code with the platform: a loop over lines that keeps the open blocks, or set commands.
"""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from auditor.model.device import Interface
from auditor.model.evidence import Evidence
from auditor.parse.read import TemplateFinder, read_rows
from auditor.parse.rows import Rows
from auditor.parse.text import read_text
from auditor.platforms.juniper_junos import PLATFORM
from auditor.platforms.juniper_junos.security import secure, statements
from auditor.platforms.juniper_junos.security.tree import Node, tree

CORPUS = Path(__file__).parents[5] / "shared" / "corpus"
FILES = sorted(path for path in (CORPUS / "juniper_srx").glob("*/*")) if CORPUS.is_dir() else []
corpus = [pytest.mark.corpus, pytest.mark.skipif(not FILES, reason=f"no corpus at {CORPUS}")]
every_file = pytest.mark.parametrize("path", FILES, ids=[path.name for path in FILES])
_COUNTED = {
    "zones": r"security zones security-zone (\S+)",
    "policies": r"security policies (?:from-zone \S+ to-zone \S+|global) policy (\S+)",
    "nat rules": r"security nat (?:source|destination|static) rule-set \S+ rule (\S+)",
    "nat pools": r"security nat (?:source|destination) pool (\S+)",
    "screens": r"security screen ids-option (\S+)",
    "addresses": r"security (?:address-book \S+|zones security-zone \S+ address-book) address (\S+)",
    "address sets": r"security (?:address-book \S+|zones security-zone \S+ address-book) address-set (\S+)",
    "applications": r"applications application (\S+)",
    "application sets": r"applications application-set (\S+)",
    "gateways": r"security ike gateway (\S+)",
}


def raw_paths(text: str) -> Iterator[str]:
    """The path of each statement of a text, by a loop over its lines."""
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    lines = [line.strip() for line in text.splitlines()]
    if any(line.startswith("set ") for line in lines):
        for line in lines:
            if line.startswith("set "):
                yield re.sub(r"[\[\]]", "", line[4:])
        return
    open_blocks: list[str] = []
    off: list[bool] = []
    for whole in lines:
        line = re.sub(r"\s*(##?.*)$", "", whole)
        inactive = line.startswith("inactive:")
        line = re.sub(r"^(?:replace|inactive|protect):\s*", "", line)
        if line.endswith("{"):
            open_blocks.append(line[:-1].strip())
            off.append(inactive or any(off))
            if not any(off):
                yield " ".join(open_blocks)
        elif line == "}" and open_blocks:
            open_blocks.pop()
            off.pop()
        elif line and not any(off) and not inactive:
            yield " ".join([*open_blocks, line.rstrip(";")])


def counted(text: str) -> Counter[str]:
    """How many different things of each kind."""
    seen: dict[str, set[str]] = {kind: set() for kind in _COUNTED}
    for path in raw_paths(text):
        for kind, pattern in _COUNTED.items():
            found = re.match(pattern, path)
            if found:
                seen[kind].add(found[0])
    return Counter({kind: len(names) for kind, names in seen.items() if names})


def rows_of(path: Path) -> Rows:
    """The rows of a file."""
    text = read_text(path.read_bytes())
    return read_rows("srx", [(path.name, text)], PLATFORM, TemplateFinder()(PLATFORM.template))


def read(root: Node) -> Counter[str]:
    """The same of what the platform made of the file."""
    security = root.get("security") or Node(root.evidence)
    apps = root.get("applications") or Node(root.evidence)
    books = [book for _, book in security.items("address-book")]
    books += [b for _, zone in security.items("zones", "security-zone") if (b := zone.get("address-book"))]
    pairs = [below for _, node in security.items("policies", "from-zone") for _, below in node.items("to-zone")]
    pairs += [node] if (node := security.get("policies", "global")) else []
    sets = [node for kind in ("source", "destination", "static") for _, node in security.items("nat", kind, "rule-set")]
    found = {
        "zones": len(security.values("zones", "security-zone")),
        "policies": sum(len(pair.values("policy")) for pair in pairs),
        "nat rules": sum(len(node.values("rule")) for node in sets),
        "nat pools": sum(len(security.values("nat", kind, "pool")) for kind in ("source", "destination")),
        "screens": len(security.values("screen", "ids-option")),
        "addresses": sum(len(book.values("address")) for book in books),
        "address sets": sum(len(book.values("address-set")) for book in books),
        "applications": len(apps.values("application")),
        "application sets": len(apps.values("application-set")),
        "gateways": len(security.values("ike", "gateway")),
    }
    return Counter({kind: number for kind, number in found.items() if number})


class TestCorpus:
    pytestmark = corpus

    @every_file
    def test_counts(self, path: Path) -> None:
        rows = rows_of(path)
        assert read(tree(statements(rows), rows.head)) == counted(path.read_text(errors="replace"))

    @every_file
    def test_every_rule_can_be_made(self, path: Path) -> None:
        rows = rows_of(path)
        line = Evidence(file=path.name, line=1, text="")
        names = {f"{row['name']}.0" for row in rows.rows("interfaces")}
        interfaces = tuple(Interface(name=name, evidence=line) for name in sorted(names))
        found = secure(statements(rows), interfaces, head=rows.head)
        if found is None:
            assert not re.search(r"security-zone|from-zone|ids-option", "\n".join(raw_paths(path.read_text())))
            return
        policies = {rule.evidence.line for one in found.filters.values() for rule in one.rules}
        assert all(line > 0 for line in policies)
        # Of a policy without a zone pair nothing can be met; every other one has rules or says why it has none.
        assert all(one.action.verb for filter_ in found.filters.values() for one in filter_.rules)

    def test_the_corpus_has_what_is_counted(self) -> None:
        total = sum((counted(path.read_text(errors="replace")) for path in FILES), Counter[str]())
        assert set(total) == set(_COUNTED)
