"""The network as a drawing: devices, subnets, endpoints, and the opaque hops of paths, joined by lines."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from auditor.model.addresses import EMPTY
from auditor.model.flows import Endpoint
from auditor.model.paths import Path
from auditor.topology.ends import RADIUS_SOURCE
from auditor.topology.network import Network
from auditor.topology.pairs import PathPair
from auditor.topology.subnets import FAMILIES, Subnet

NodeKind = Literal["device", "subnet", "endpoint", "opaque"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """``name`` is unique among those of its kind. ``unread`` marks a device of which nothing could be read."""

    kind: NodeKind
    name: str
    unread: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """A line between two nodes: ``out`` is the interface of ``one`` and ``into`` that of ``other``, "" where there is
    none or it is not known. ``mtu`` is that of ``out``, bytes of IP packet, as far as it is known.
    """

    one: Node
    other: Node
    out: str = ""
    into: str = ""
    mtu: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Graph:
    """Nodes and edges, each once, in a steady order."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]


def graph(net: Network, endpoints: Mapping[str, Endpoint], pairs: Iterable[PathPair] = ()) -> Graph:
    """The whole network with the endpoints. With ``pairs`` their paths: hop after hop in the order of the packets, a
    link that is used both ways as two lines.
    """
    several = tuple(pairs)
    edges: dict[Edge, None] = {}
    if several:
        for pair in several:
            edges.update(dict.fromkeys(_path_edges(net, pair.sender, pair.forward, pair.receiver)))
            edges.update(dict.fromkeys(_path_edges(net, pair.receiver, pair.reverse, pair.sender)))
        nodes = dict.fromkeys(node for edge in edges for node in (edge.one, edge.other))
    else:
        nodes = dict.fromkeys(_device(net, name) for name in net.devices)
        edges.update(dict.fromkeys(edge for subnet in net.links.all.values() for edge in _subnet_edges(net, subnet)))
        for endpoint in endpoints.values():
            nodes[Node(kind="endpoint", name=endpoint.name)] = None
            edges.update(dict.fromkeys(_endpoint_edges(net, endpoint)))
        nodes.update(dict.fromkeys(node for edge in edges for node in (edge.one, edge.other)))
    return Graph(nodes=tuple(nodes), edges=tuple(edges))


def _device(net: Network, name: str) -> Node:
    device = net.devices.get(name)
    return Node(kind="device", name=name, unread=device is None or bool(device.unreadable))


def _subnet_edges(net: Network, subnet: Subnet) -> Iterable[Edge]:
    for port in subnet.ports:
        fact = port.interface.mtu.get(subnet.family)
        yield Edge(
            one=_device(net, port.device),
            other=Node(kind="subnet", name=subnet.text),
            out=port.interface.name,
            mtu=fact.value if fact else None,
        )


def _endpoint_edges(net: Network, endpoint: Endpoint) -> Iterable[Edge]:
    """To its device, to the interfaces where it is attached, else to the subnets that hold its addresses."""
    node = Node(kind="endpoint", name=endpoint.name)
    if endpoint.device is not None:
        named = "" if endpoint.interface in (None, RADIUS_SOURCE) else endpoint.interface or ""
        yield Edge(one=_device(net, endpoint.device), other=node, out=named)
        return
    for place in endpoint.attach:
        yield Edge(one=_device(net, place.device), other=node, out=place.interface or "")
    if endpoint.attach:
        return
    for family in FAMILIES:
        values = endpoint.addresses.get(family, EMPTY)
        for subnet, _ in net.links.split(family, values):
            if subnet is not None:
                yield Edge(one=Node(kind="subnet", name=subnet.text), other=node)


def _path_edges(net: Network, start: str, path: Path, end: str) -> Iterable[Edge]:
    """The lines from an endpoint over the hops, to the other endpoint where the path gets there."""
    before, out, mtu = Node(kind="endpoint", name=start), "", None
    for hop in path.hops:
        node = Node(kind="opaque", name=hop.device) if hop.opaque else _device(net, hop.device)
        yield Edge(one=before, other=node, out=out, into=hop.ingress or "", mtu=mtu)
        before, out, mtu = node, hop.egress or "", hop.mtu
    if not path.doubts and path.dead_end is None:
        yield Edge(one=before, other=Node(kind="endpoint", name=end), out=out, mtu=mtu)
