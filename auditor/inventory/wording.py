"""How complaints speak: text of users quoted so that it can do no harm, and the nearest right name."""

from collections.abc import Collection, Iterable
from difflib import get_close_matches

from auditor.errors import InventoryError

SHOWN = 80  # characters of a user's text in a sentence
SHOWN_PATH = 300  # characters of a path
LISTED = 16  # names in a sentence


def printable(text: str, limit: int = SHOWN) -> str:
    """The text with control characters, direction marks and stray bytes escaped, cut at ``limit`` characters."""
    cut = text if len(text) <= limit else text[:limit] + "..."
    if cut.isprintable():
        return cut
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in cut)


def quoted(text: str, limit: int = SHOWN) -> str:
    """The text in quotes, printable."""
    return f"'{printable(text, limit)}'"


def listed(names: Iterable[str], joint: str = ", ") -> str:
    """Names one after the other, in their order, the rest counted."""
    shown = list(names)
    rest = f" and {len(shown) - LISTED} more" if len(shown) > LISTED else ""
    return joint.join(printable(name) for name in shown[:LISTED]) + rest


def nearest(word: str, names: Collection[str], shown: Collection[str] | None = None) -> str:
    """The end of a sentence that complains of ``word``: the name most like it, else all that would be right.

    ``shown`` are those to list where ``names`` are too many.
    """
    lowered = {name.lower(): name for name in names}
    close = get_close_matches(word[:SHOWN].lower(), lowered, n=1, cutoff=0.6)
    if close:
        return f"the nearest is {quoted(lowered[close[0]])}"
    right = names if shown is None else shown
    if len(right) < 2:
        return f"there is only {listed(right)}" if right else "there is none"
    return f"there are {listed(right)}"


def wrong(file: str, line: int, text: str) -> InventoryError:
    """A complaint of a place that has no key: the whole file, or text that is no YAML or JSON."""
    return InventoryError(f"{printable(file, SHOWN_PATH)}:{line}: {text}")
