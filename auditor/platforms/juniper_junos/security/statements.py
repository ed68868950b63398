"""The statements of a configuration that the SRX part reads, from the rows of the template."""

import re
from collections.abc import Iterator

from auditor.parse.rows import Rows
from auditor.platforms.juniper_junos.security.tree import Statement

# The groups of the template and the hierarchies they stand for.
GROUPS = {"security": "security", "applications": "applications", "access": "access", "system": "system"}
_WORD = re.compile(r'"((?:[^"\\]|\\.)*)"|(\S+)')


def statements(rows: Rows) -> Iterator[Statement]:
    """All of them, group by group, in the order of their lines."""
    for group, top in GROUPS.items():
        for row in rows.rows(group):
            yield (top, *words(row.get("rest") or "")), row.evidence()


def words(text: str) -> tuple[str, ...]:
    """The words of a statement; what stands in quotes is one."""
    return tuple(quoted or plain for quoted, plain in _WORD.findall(text))
