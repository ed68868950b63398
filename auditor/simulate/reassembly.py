"""Where a device joins fragments: into one packet, or only to look at them as a set."""

from dataclasses import replace
from functools import partial

from auditor.model.device import Reassembly, Stage
from auditor.model.evidence import Basis, Fact
from auditor.model.packets import Packet
from auditor.model.trace import Choice, Loss
from auditor.simulate import cut
from auditor.simulate.here import Here
from auditor.simulate.part import Part, fork, try_each

NO_LIMIT: Fact[int | None] = Fact(value=None, basis=Basis.READ)


def reassembled(here: Here, stage: Stage, part: Part) -> list[Part]:
    """The rows of this interface and direction; the first that applies joins."""
    interface = here.interface(stage.side)
    if any(packet.tracked is None for packet in part.packets):
        return _either_way(here, stage, part)
    for row in here.device.reassembly:
        if row.family != here.family or (row.name not in stage.rows if stage.rows else bool(row.name)):
            continue
        if row.direction != stage.side:
            continue
        if row.interface is not None and (interface is None or row.interface != interface.name):
            continue
        where = f" on {row.interface}" if row.interface else ""
        words = f"whether fragments are reassembled{where}"
        return try_each(part, here.device.name, row.active, words, partial(_if_active, here, stage, part, row))
    return [part]


def _either_way(here: Here, stage: Stage, part: Part) -> list[Part]:
    """An entry that may match or not exempts the packets from tracking, and with it from reassembly."""
    choice = Choice(
        fact="whether an entry before exempts the packets from tracking", device=here.device.name, basis=Basis.UNKNOWN
    )
    sure = {
        word: replace(part, packets=tuple(replace(p, tracked=value) for p in part.packets))
        for word, value in (("no", True), ("yes", False))
    }
    return fork(part, choice, {word: partial(reassembled, here, stage, one) for word, one in sure.items()})


def _if_active(here: Here, stage: Stage, part: Part, row: Reassembly, active: bool) -> list[Part]:
    if not active:
        return [part]
    fact = row.fragments or NO_LIMIT
    words = "how many fragments of a datagram are taken"
    return try_each(part, here.device.name, fact, words, partial(_joined, here, stage, part, row, fact))


def _joined(
    here: Here, stage: Stage, part: Part, row: Reassembly, fact: Fact[int | None], limit: int | None
) -> list[Part]:
    after: list[Packet] = []
    wholes: dict[int, Packet] = {}
    losses: list[Loss] = []
    for number, packets in cut.datagrams(part.packets).items():
        pieces = [p for p in packets if p.fragment and (row.untracked or p.tracked is not False)]
        after += [p for p in packets if p not in pieces]
        if not pieces:
            continue
        if limit is not None and len(pieces) > limit:
            losses += [_too_many(here, stage, part, p, len(pieces), fact) for p in pieces]
            continue
        whole = cut.join(here.family, pieces)
        if whole is None:
            losses += [_incomplete(here, stage, part, p, row) for p in pieces]
            continue
        wholes[number] = replace(whole, pieces=()) if row.kind == "virtual" else whole
        after += pieces if row.kind == "virtual" else [whole]
    if not wholes and not losses:
        return [part]
    after.sort(key=lambda p: (p.datagram, p.offset))
    did = "dropped" if losses else "reassembled" if row.kind == "full" else "seen as a set"
    evidence = row.active.evidence if not losses else fact.evidence or row.active.evidence
    step = here.step(part, stage.name, did, tuple(after), evidence, stage.side)
    return [
        replace(
            part,
            packets=tuple(after),
            joined={**(part.joined or {}), **wholes} if row.kind == "virtual" else part.joined,
            sends=row.sends if row.kind == "full" else part.sends,
        )
        .lose(losses)
        .step(step)
    ]


def _too_many(here: Here, stage: Stage, part: Part, packet: Packet, count: int, fact: Fact[int | None]) -> Loss:
    interface = here.interface(stage.side)
    return Loss(
        device=here.device.name,
        hop=here.hop,
        interface=interface.name if interface else None,
        stage=stage.name,
        cause="reassembly",
        packet=packet,
        reason=f"the datagram comes in {count} fragments, and at most {fact.value} are taken",
        evidence=fact.evidence,
        basis=fact.basis,
        region=part.region,
        limit=fact.value,
    )


def _incomplete(here: Here, stage: Stage, part: Part, packet: Packet, row: Reassembly) -> Loss:
    """A piece that waits for one that was dropped before, until its time is up: the loss is that other one's."""
    interface = here.interface(stage.side)
    return Loss(
        device=here.device.name,
        hop=here.hop,
        interface=interface.name if interface else None,
        stage=stage.name,
        cause="incomplete",
        packet=packet,
        reason="it waits for a fragment that was dropped before, and never leaves",
        evidence=row.active.evidence,
        basis=row.active.basis,
        region=part.region,
    )
