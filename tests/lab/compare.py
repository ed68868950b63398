"""Predicted against measured, packet by packet."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from auditor.model.findings import Report, Verdict
from tests.lab.predict import Datagram, Possible, Predicted, predicted
from tests.lab.predict import report as audited
from tests.lab.traffic import Piece, Seen, Traffic

SMALL = 100  # bytes of payload of the probe
Outcome = Literal["agreed", "unknown", "disagreed"]


@dataclass(frozen=True)
class Held:
    """One datagram held against the prediction. ``words`` tell of a disagreement, or why it is unknown; ``received``
    is what was measured.
    """

    datagram: Datagram
    family: int
    port: int
    outcome: Outcome
    words: str
    received: bool

    def __str__(self) -> str:
        return f"{self.outcome}: IPv{self.family} port {self.port} {self.datagram.name}: {self.words}"


def held(one: Datagram, family: int, port: int, said: Predicted, tries: list[Seen]) -> Held:
    """Whether what was seen is what was said. ``tries`` are the sends, the last one decides."""
    last = tries[-1]
    outcome, words = _judged(said, last)
    shown = f"{words} {_shown(said, tries)}" if outcome != "agreed" else ""
    return Held(one, family, port, outcome, shown, last.received)


def _judged(said: Predicted, last: Seen) -> tuple[Outcome, str]:
    if said.closed:
        return ("disagreed", "closed, and a small one arrived") if last.received else ("agreed", "")
    if said.verdict in (Verdict.PASSES, Verdict.AT_RISK) and not last.received:
        return "disagreed", f"{said.verdict}, and it did not arrive"
    if said.verdict in (Verdict.BREAKS, Verdict.BLOCKED) and last.received and not said.in_parts:
        return "disagreed", f"{said.verdict}, and it arrived"
    if not said.ways:
        if said.verdict is Verdict.BLOCKED or said.verdict is Verdict.UNKNOWN:
            return ("agreed" if said.verdict is Verdict.BLOCKED else "unknown"), said.words
        return "disagreed", f"{said.verdict} without a trace"
    sure = [way for way in said.ways if way.sure]
    if len(sure) == len(said.ways) and len({way.path for way in sure}) == len(sure) > 1:
        same = any(_same(way, last) for way in sure)  # ways of equal cost: which one a flow takes nobody says
        return ("agreed", "") if same else ("disagreed", "no way of those that were predicted")
    if len(sure) == len(said.ways) == 1:
        return ("agreed", "") if _same(sure[0], last) else ("disagreed", "other packets than predicted")
    if any(_same(way, last) for way in said.ways):
        return "unknown", said.words
    if len(sure) == len(said.ways):
        return "disagreed", "none of the ways that were predicted"
    return "unknown", said.words


def _same(way: Possible, last: Seen) -> bool:
    """The same pieces on every link. Not their order: under a tunnel one may overtake another."""
    if way.arrives != last.received:
        return False
    if way.refused:
        return not any(last.links.get(link) for link in way.links)
    return all(sorted(last.links.get(link, ())) == sorted(pieces) for link, pieces in way.links.items())


def _shown(said: Predicted, tries: list[Seen]) -> str:
    ways = [f"    said  {_links(w.links.items())} arrives {w.arrives} tries {w.tries} {w.words}" for w in said.ways]
    seen = [f"    seen  {_links(one.links.items())} received {one.received}" for one in tries]
    return "\n".join(["", *ways, *seen])


def _links(links: Iterable[tuple[int, tuple[Piece, ...]]]) -> str:
    return " | ".join(f"l{link}: {' '.join(map(str, pieces)) or '-'}" for link, pieces in sorted(links))


def hold(
    traffic: Traffic, found: Report, datagrams: Iterable[Datagram], port: int, family: int, aim: str | None = None
) -> list[Held]:
    """Sends every datagram as the auditor imagines it, and holds the captures against the report. ``aim`` is what c
    sends to, where that is not s's own address.
    """
    done = []
    for one in datagrams:
        source = traffic.fresh_port()
        said = predicted(found, port, family, one, traffic.end("c", family), source)
        if said.closed:  # no more is said than that a small one dies
            one = Datagram(SMALL, one.direction)
        to = (aim, port) if aim else None
        tries = _sent(traffic, one, port, family, source, max((way.tries for way in said.ways), default=1), to)
        done.append(held(one, family, port, said, tries))
    return done


def _sent(
    traffic: Traffic, one: Datagram, port: int, family: int, source: int, tries: int, to: tuple[str, int] | None
) -> list[Seen]:
    """A reverse datagram answers a small one that went before it on the same ports."""
    ports = (source, port)
    answer = one.direction == "reverse"
    try:
        if answer:
            to = traffic.send(SMALL, family, ports, to=to).source
        seen = [traffic.send(one.payload, family, ports, answer=answer, df=one.df, to=to) for _ in range(tries)]
    finally:
        traffic.forget("c", family, source)
    if family == 6 or one.df != "false":
        traffic.forget_path_mtus()
    return seen


__all__ = ["Held", "audited", "hold"]
