"""What the YAML parser refuses, said in one sentence with what would be right."""

from auditor.errors import InventoryError
from auditor.inventory.wording import wrong

MAX_DEPTH = 100  # lists and mappings in each other
TOO_DEEP = f"lists and mappings are nested more than {MAX_DEPTH} deep"


def refusal(error: Exception, text: str, file: str) -> InventoryError:
    """One sentence for the parser's error, which has a ``problem`` and its mark, or the place of a character."""
    mark = getattr(error, "problem_mark", None)
    if mark is None:  # a character that YAML doesn't allow; its place is counted in bytes
        place = getattr(error, "position", 0)
        line = text.encode()[:place].count(b"\n") + 1
        return wrong(file, line, "this is no YAML: it has a character that no text file has (a control character)")
    problem = getattr(error, "problem", None) or "it can't be read"
    words = text.split("\n")
    rest = words[mark.line][mark.column :] if mark.line < len(words) else ""
    if "nesting depth" in problem:
        return wrong(file, mark.line + 1, TOO_DEEP)
    if rest.startswith("\t"):
        problem = "a tab can't indent, use blanks"
    elif rest.startswith(":"):
        problem = "inside [ ] and { } text that begins with ':' needs quotes, an address too"
    elif rest[:1] in {"@", "%", "`", "?"}:
        problem = f"text that begins with {rest[0]} needs quotes"
    return wrong(file, mark.line + 1, f"this is no YAML: {problem}")
