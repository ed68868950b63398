"""One file that holds the configs of several security contexts: each is a device of its own, HOST/NAME."""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import replace

from auditor.parse.rows import Leftover, Many, Row, Rows


def contexts(rows: Rows) -> Iterator[Rows]:
    """The rows of each context; all of them where there are none. What stands before the first context, the system's
    own config, is a device by its plain name.
    """
    heads = list(rows.rows("context_configs"))
    if not heads:
        yield rows
        return
    parts: dict[str, dict[str, Many]] = {}
    lefts: dict[str, list[Leftover]] = {}
    starts: dict[str, list[Row]] = {}
    for head in heads:
        starts.setdefault(head.source.file, []).append(head)
        parts.setdefault(head["name"], {})
    for group in rows:
        for row in rows.rows(group) if group != "context_configs" else ():
            name = _owner(starts, row.source.file, row.number)
            parts.setdefault(name, {}).setdefault(group, Many()).add(row)
    for left in rows.leftovers:
        lefts.setdefault(_owner(starts, left.source.file, left.number), []).append(left)
    for name, tops in parts.items():
        whole = f"{rows.name}/{name}" if name else rows.name
        yield replace(rows, name=whole, tops=tops, leftovers=tuple(lefts.get(name, ())))


def _owner(starts: dict[str, list[Row]], file: str, number: int) -> str:
    """The context in whose config a line stands, "" for the system's own."""
    heads = starts.get(file, [])
    place = bisect_right([head.number for head in heads], number) - 1
    return heads[place]["name"] if place >= 0 else ""
