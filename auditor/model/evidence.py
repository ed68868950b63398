"""Where a fact comes from: the line of config that states it, and how far it may be relied on."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Evidence:
    """One line of one file of the inventory.

    ``file`` is relative to the inventory folder, ``line`` counts from 1 (as an editor counts), ``text`` is the line
    without its surrounding blanks, as read: secrets are hidden where it is shown, not here.
    """

    file: str
    line: int
    text: str


class Basis(StrEnum):
    """What a fact rests on (contract 4.1). The first four decide a verdict; the others are tried in each value."""

    READ = "read"  # a line says so
    ABSENT = "absent"  # a documented default, proved by a complete config that lacks the line
    DECLARED = "declared"  # the user said so in paths.yaml
    INFERRED = "inferred"  # no sentence states it, but the vendor's documented features presuppose it
    DEFAULT = "default"  # a documented default where a change could hide
    ASSUMED = "assumed"  # no source good enough
    UNKNOWN = "unknown"  # a fact that could not be had

    @property
    def decides(self) -> bool:
        """Whether a verdict may rest on it alone."""
        return self in _DECIDING

    @property
    def weaker(self) -> bool:
        """Whether the report lists what rests on it although it decides."""
        return self in (Basis.DECLARED, Basis.INFERRED)


_DECIDING = frozenset({Basis.READ, Basis.ABSENT, Basis.DECLARED, Basis.INFERRED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact(Generic[T_co]):
    """A value with its grounds.

    ``others`` are the further values it may have. They are looked at only where ``basis`` does not decide; there
    ``value`` is the likeliest one. ``source`` names the document behind a default or an inference.
    """

    value: T_co
    basis: Basis
    evidence: tuple[Evidence, ...] = ()
    others: tuple[T_co, ...] = ()
    source: str = ""

    def __post_init__(self) -> None:
        if not self.basis.decides and not self.others:
            raise ValueError(f"a fact that is {self.basis} must name the other values it may have")

    @property
    def options(self) -> tuple[T_co, ...]:
        """The values to try: one where the basis decides, else each that it may have, the likeliest first."""
        return (self.value,) if self.basis.decides else (self.value, *self.others)
