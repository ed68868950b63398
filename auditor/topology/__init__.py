"""The topology room: from devices to the paths of a flow, there and back, each hop with its interfaces and routes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from auditor.model.addresses import Family, IntervalSet
from auditor.model.device import Device, Tunnel
from auditor.model.flows import Endpoint, Flow
from auditor.model.paths import Path
from auditor.model.rule import Unlike
from auditor.topology.ends import both_ends, families
from auditor.topology.graph import Edge, Graph, Node, graph
from auditor.topology.network import Network
from auditor.topology.pairs import PathPair, pairs
from auditor.topology.subnets import unlike_links
from auditor.topology.train import End, Place
from auditor.topology.underlay import underlay

__all__ = ["Edge", "End", "Graph", "Node", "PathPair", "Place", "Topology"]


@dataclass(frozen=True, slots=True)
class Topology:
    """The devices of an inventory as a network. Built once; routing tables are made when a path first asks for them."""

    devices: Mapping[str, Device]
    _network: Network = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_network", Network(self.devices))

    def pairs(self, flow: Flow, endpoints: Mapping[str, Endpoint]) -> tuple[PathPair, ...]:
        """Every way there with every way back: of each sender and each family that both ends have. Never none.

        Raises InventoryError, at the user's own line, for an interface or a device that isn't there, and its kind
        PathChoiceError for a hop whose interface nothing chooses.
        """
        return pairs(self._network, flow, endpoints)

    def ends(self, flow: Flow, sender: Endpoint, receiver: Endpoint) -> dict[Family, tuple[End, End]]:
        """Both ends of a flow for each family that they have in common: addresses, and where they meet the graph."""
        found = families(self._network, flow, sender, receiver)
        return {family: both_ends(self._network, flow, sender, receiver, family) for family in found}

    def internet(self, family: Family) -> IntervalSet:
        """What ``internet`` stands for: nothing for a family that no interface has, where one is known."""
        return self._network.internet(family)

    def unlike_links(self) -> tuple[Unlike, ...]:
        """The links whose interfaces have different MTUs."""
        return unlike_links(self._network.links)

    def underlay(self, device: str, tunnel: Tunnel) -> Path | None:
        """The way of a tunnel's outer packets, None where one of its ends is not known."""
        return underlay(self._network, self.devices[device], tunnel)

    def graph(self, endpoints: Mapping[str, Endpoint], pairs: Iterable[PathPair] = ()) -> Graph:
        """The network with the endpoints, or the paths of these pairs."""
        return graph(self._network, endpoints, pairs)
