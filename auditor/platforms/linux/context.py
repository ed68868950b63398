"""What a rule's meaning may hang on besides its own words: the chain's place, named sets, the host's own addresses."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from auditor.model.addresses import Family, IntervalSet
from auditor.platforms.linux.nft_words import Element, element


@dataclass(slots=True)
class NamedSet:
    """A named set or map. ``doubt`` says why its contents may be others by now, "" where they are as listed."""

    name: str
    texts: Sequence[str]
    doubt: str = ""
    _elements: tuple[Element, ...] | None = None

    def elements(self) -> tuple[Element, ...]:
        """Its elements, read when they are first asked for."""
        if self._elements is None:
            self._elements = tuple(element(text) for text in self.texts)
        return self._elements


@dataclass(frozen=True, slots=True)
class Host:
    """What rules may ask of the host as a whole. ``local`` and ``broadcast`` are own addresses by family, None where
    they were not listed; ``groups`` are the interfaces of each group.
    """

    local: Mapping[int, IntervalSet | None] = field(default_factory=dict)
    broadcast: Mapping[int, IntervalSet | None] = field(default_factory=dict)
    groups: Mapping[str, tuple[str, ...]] | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a chain is met. ``ingress`` and ``egress``: whether packets have such an interface there; None where the
    chain is reached from hooks that differ; ``before_tracking`` likewise: whether packets are not yet tracked.

    ``family`` is that of the table, None where it takes both; ``layer_two``: of the netdev family, where lengths count
    the frame's header on the way out.
    """

    family: Family | None
    before_tracking: bool | None = True
    ingress: bool | None = True
    egress: bool | None = True
    outgoing_frame: bool = False
    chains: frozenset[str] = frozenset()
    prefix: str = ""  # of the names of this table's chains among the device's filters
    sets: Mapping[str, NamedSet] = field(default_factory=dict)
    host: Host = field(default_factory=Host)
    reads_data: bool = True
    writes: Literal["source", "destination"] = "destination"  # the end that NETMAP writes at this hook

    def chain(self, name: str) -> str | None:
        """The name of a chain of this table among the device's filters, None where there is no such chain."""
        return f"{self.prefix} {name}" if name in self.chains else None


def merged(values: Iterable[bool]) -> bool | None:
    """What holds for all, None where they differ."""
    found = set(values)
    return found.pop() if len(found) == 1 else None
