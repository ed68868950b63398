"""What ``fragaudit size`` says, ``fragaudit.size/1``: each message summed line by line.

The room of the messages hands its values over as they are; what is needed of them stands here as protocols.
"""

from collections.abc import Iterator, Sequence
from typing import Protocol

from auditor.model.packets import Direction, SizeLine
from auditor.report import document
from auditor.report.document import Json
from auditor.report.lines import counted, hanging, labelled
from auditor.report.shown import escaped
from auditor.report.table import grid

MOST_PACKETS = 12


class PieceLike(Protocol):
    """One UDP datagram: the bytes of its message, of UDP payload and of IP datagram."""

    @property
    def message(self) -> int: ...
    @property
    def payload(self) -> int: ...
    @property
    def datagram(self) -> int: ...


class SizedLike(Protocol):
    """One message; ``packets`` are the lengths of its IP packets at each path MTU, ``fragments`` those of RFC 7383."""

    @property
    def name(self) -> str: ...
    @property
    def direction(self) -> Direction: ...
    @property
    def port(self) -> int: ...
    @property
    def lines(self) -> Sequence[SizeLine]: ...
    @property
    def whole(self) -> PieceLike: ...
    @property
    def packets(self) -> Sequence[tuple[int, Sequence[int]]]: ...
    @property
    def fragments(self) -> Sequence[PieceLike]: ...


class SizesLike(Protocol):
    """The messages in the order in which they are sent, and what is assumed."""

    @property
    def messages(self) -> Sequence[SizedLike]: ...
    @property
    def notes(self) -> Sequence[str]: ...


def size_json(sizes: SizesLike) -> str:
    """The sizes as text."""
    return document.text(size_dict(sizes))


def size_dict(sizes: SizesLike) -> dict[str, Json]:
    """The sizes as a JSON document."""
    return {
        **document.head("size"),
        "messages": [_message(message) for message in sizes.messages],
        "notes": [escaped(note) for note in sizes.notes],
    }


def _message(one: SizedLike) -> dict[str, Json]:
    return {
        "name": escaped(one.name),
        "direction": one.direction,
        "port": one.port,
        "lines": [
            {"what": escaped(line.what), "bytes": line.bytes, "source": escaped(line.source)} for line in one.lines
        ],
        **_piece(one.whole),
        "packets": [{"mtu": mtu, "bytes": list(lengths)} for mtu, lengths in one.packets],
        "ike_fragments": [_piece(piece) for piece in one.fragments],
    }


def _piece(one: PieceLike) -> dict[str, Json]:
    return {"message": one.message, "payload": one.payload, "datagram": one.datagram}


def size_text(sizes: SizesLike) -> str:
    """The sizes for people."""
    lines: list[str] = []
    for message in sizes.messages:
        lines += [*_block(message), ""]
    for note in sizes.notes:
        lines += hanging("note     ", escaped(note))
    return "\n".join(line.rstrip() for line in lines).rstrip("\n") + "\n"


def _block(one: SizedLike) -> Iterator[str]:
    way = "initiator or client > responder or server" if one.direction == "forward" else "the answer"
    yield from hanging("", f"{escaped(one.name)}  UDP {one.port}, {way}")
    rows = [(str(line.bytes), escaped(line.what), escaped(line.source)) for line in one.lines]
    rows.append((str(one.whole.payload), "UDP payload", ""))
    rows.append((str(one.whole.datagram), "IP datagram, with the headers of UDP and IP", ""))
    yield from (f"  {line}" for line in grid(rows, ("bytes", "what", "source"), (6, 44, 42)))
    for mtu, lengths in one.packets:
        yield from labelled(f"MTU {mtu}", _packets(lengths))
    if one.fragments:
        sizes = [piece.datagram for piece in one.fragments]
        yield from labelled("RFC 7383", f"{counted(len(sizes), 'IP datagram')} instead: {_lengths(sizes)}")


def _packets(lengths: Sequence[int]) -> str:
    return f"one packet of {lengths[0]}" if len(lengths) == 1 else f"{len(lengths)} packets: {_lengths(lengths)}"


def _lengths(lengths: Sequence[int]) -> str:
    rest = len(lengths) - MOST_PACKETS
    return " ".join(map(str, lengths[:MOST_PACKETS])) + (f" and {rest} more" if rest > 0 else "")
