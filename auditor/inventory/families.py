"""Whether the ends of a flow have an address family in common. What a device has is known later: it may have both."""

from collections.abc import Mapping

from auditor.inventory.values import Value
from auditor.inventory.wording import quoted
from auditor.model.flows import Endpoint, Flow

BOTH = frozenset({4, 6})


def families(endpoint: Endpoint) -> frozenset[int]:
    """The families in which the endpoint may be reached, as far as the inventory says."""
    return BOTH if endpoint.internet or endpoint.device else frozenset(endpoint.addresses)


def check_families(flow: Flow, ends: Mapping[str, Endpoint], fields: Mapping[str, Value]) -> None:
    """Refuses a flow that no packet can make. ``fields`` are the flow's, for the place of the complaint."""
    receiver = ends[flow.receiver]
    there = families(receiver)
    if flow.aim is not None and flow.aim[0] not in there:
        text = f"the address is IPv{flow.aim[0]}, and {quoted(receiver.name)} has {_shown(there)}"
        raise fields["to"].complaint(f"{text}: it takes an address of that family")
    if flow.aim is not None:
        there = frozenset({flow.aim[0]})
    for name in flow.senders:
        here = families(ends[name])
        if not here & there:
            text = f"{quoted(name)} has {_shown(here)} and {quoted(receiver.name)} {_shown(there)}"
            raise fields["to"].complaint(f"the ends share no address family: {text}; give one of them the other's")
        if flow.family is not None and flow.family not in here & there:
            lacking = name if flow.family not in here else receiver.name
            raise fields["family"].complaint(
                f"{quoted(lacking)} has no IPv{flow.family} address: say {min(here & there)}, or leave the key out"
            )


def _shown(found: frozenset[int]) -> str:
    return " and ".join(f"IPv{family}" for family in sorted(found)) + " addresses"
