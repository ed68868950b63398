"""Trains that come to a device, and whether those at the end of their way are at the end that the flow means."""

from dataclasses import dataclass

from auditor.model.addresses import Family, IntervalSet
from auditor.model.device import Device, Interface
from auditor.model.evidence import Evidence
from auditor.model.paths import Role
from auditor.topology.network import Network, lost, texts
from auditor.topology.train import Errand, Train


@dataclass(frozen=True, slots=True)
class Arrival:
    """A train that is to be routed by a device. ``first``: the sender stands on this link, and it is not known that
    this device is the one that it sends to.
    """

    train: Train
    device: Device
    ingress: Interface | None
    vrf: str
    role: Role = "transit"
    first: bool = False


def local(errand: Errand, train: Train, device: str, role: Role, evidence: tuple[Evidence, ...]) -> Train:
    """The train where a device takes its packets in for itself."""
    receiver, aim = errand.receiver, texts(train.family, train.destination.values)
    if role == "local-out":
        return lost(train, device, f"{aim} is an address of its own: both ends are this device", evidence)
    if receiver.device == device or (receiver.device is None and train.destination.values <= receiver.values):
        return train.at_the_end()
    reason = f"{aim} is an address of its own and nothing translates it: packets don't go on to {receiver.name}"
    return lost(train, device, reason, evidence)


def at_end(net: Network, errand: Errand, train: Train, *, hosts: bool = False) -> Train:
    """The train where its packets leave the last device. ``hosts``: onto a link whose hosts have the addresses."""
    receiver, family = errand.receiver, train.family
    aim = texts(family, train.destination.values)
    at = train.hops[-1].device if train.hops else errand.sender.name
    if receiver.doubt is not None:
        return train.doubted(receiver.doubt)
    if hosts and receiver.places and not any(p.device == at and p.interface is None for p in receiver.places):
        said = ", ".join(f"{p.device} {p.interface or ''}".strip() for p in receiver.places)
        return lost(train, at, f"{aim} is on a connected subnet, and {receiver.name} is attached to {said}")
    if hosts and receiver.device is not None and not train.destination.values <= receiver.values:
        return lost(train, at, f"{aim} is not on {receiver.device}")
    return _translated_right(net, errand, train)


def _translated_right(net: Network, errand: Errand, train: Train) -> Train:
    """Doubted, where NAT leads to an address that is not the receiver's."""
    receiver, family, values = errand.receiver, train.family, train.destination.values
    translated = [one for one in train.rewrites if one.end == "destination"]
    if translated and not values <= receiver.values and not _stands_behind(net, family, receiver.values):
        last = translated[-1]
        reason = f"it translates to {texts(family, values)}, and {receiver.name} has {texts(family, receiver.values)}"
        return lost(train, last.device, reason, last.evidence)
    return train.at_the_end()


def _stands_behind(net: Network, family: Family, values: IntervalSet) -> bool:
    """Whether all that is known of the end is the outside of NAT rules."""
    return values <= IntervalSet.union(share for _, share in net.translating(family, values))
