"""Canonical lines as they grow: each with the number of the source line that evidence shows for it."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class Lines:
    """What a form has written so far. ``level`` is how many blanks stand before a line."""

    lines: list[str] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    parents: dict[int, tuple[int, ...]] = field(default_factory=dict)
    broken: list[tuple[int, str]] = field(default_factory=list)

    def put(self, level: int, text: str, number: int) -> None:
        """Adds a line."""
        self.lines.append(" " * level + text)
        self.numbers.append(number)

    def unread(self, text: str, number: int) -> None:
        """A line of an output that matters, which the form does not know: it is left over, and so not understood."""
        if text.strip():
            self.put(0, f"unread {text.strip()}", number)

    def unreadable(self, reason: str, number: int) -> None:
        """An output that is cut off or damaged: what it would have said is not known."""
        self.put(0, f"unreadable {reason}", number)
        self.broken.append((number, reason))


Numbered = list[tuple[int, str]]  # source lines with their numbers
