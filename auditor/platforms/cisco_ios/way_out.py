"""By which interface the device sends to an address that it chose itself (a tunnel's far end), and to which addresses
it has routes of their own.
"""

from collections.abc import Iterator, Mapping, Sequence

from auditor.model.addresses import Family, IntervalSet, prefix
from auditor.model.device import InterfaceAddress, Route, Routing, Tunnel
from auditor.platforms.cisco_ios.blocks import Blocks

DEEPEST = 8  # routes whose next hop is found by another route


class WaysOut:
    """Connected subnets and static routes of a config. What several routes share, or none covers, is not known."""

    def __init__(self, blocks: Blocks, addresses: Mapping[str, Sequence[InterfaceAddress]], routing: Routing) -> None:
        self._routing = routing
        self._vrfs: dict[str, list[str]] = {}
        for block in blocks:
            self._vrfs.setdefault(block.get("vrf") or "default", []).append(block.name)
        self._connected = [
            (
                block.get("vrf") or "default",
                one.family,
                prefix(one.family, one.address, one.length),
                one.length,
                block.name,
            )
            for block in blocks
            if blocks.enabled(block)
            for one in addresses.get(block.name, ())
        ]

    def __call__(self, tunnel: Tunnel) -> str | None:
        if tunnel.destination is None:
            return None
        return self._find(tunnel.vrf, tunnel.family, tunnel.destination, 0)

    def explicit(self, family: Family) -> Iterator[tuple[tuple[str, ...], IntervalSet]]:
        """Each VRF's interfaces, and the destinations that its connected subnets and static routes other than default
        routes surely cover.
        """
        for vrf, names in self._vrfs.items():
            near = [subnet for v, f, subnet, _, _ in self._connected if (v, f) == (vrf, family)]
            on_link = IntervalSet.union(near)
            routes = [
                route.destination
                for route in self._routing.routes
                if (route.vrf, route.family) == (vrf, family) and route.length and self._surely(route, on_link)
            ]
            covered = IntervalSet.union([*near, *routes])
            if covered:
                yield tuple(names), covered

    def _surely(self, route: Route, on_link: IntervalSet) -> bool:
        """Whether it is in the table as far as a config can tell: its next hop is an address on a subnet of its VRF."""
        if route.uncertain or route.protocol != "static":
            return False
        return any(hop.vrf is None and hop.address is not None and hop.address in on_link for hop in route.next_hops)

    def _find(self, vrf: str, family: Family, address: int, depth: int) -> str | None:
        near = [
            (length, name)
            for v, f, subnet, length, name in self._connected
            if (v, f) == (vrf, family) and address in subnet
        ]
        routes = [r for r in self._routing.routes if (r.vrf, r.family) == (vrf, family) and address in r.destination]
        length = max([one[0] for one in near] + [one.length for one in routes], default=-1)
        direct = {name for own, name in near if own == length}
        if direct:
            return direct.pop() if len(direct) == 1 else None
        best = [one for one in routes if one.length == length]
        if not best or any(one.uncertain for one in best) or self._routing.elsewhere or depth > DEEPEST:
            return None
        least = min(one.distance for one in best)
        found = {self._follow(one, family, vrf, depth) for one in best if one.distance == least}
        return found.pop() if len(found) == 1 else None

    def _follow(self, route: Route, family: Family, vrf: str, depth: int) -> str | None:
        if len(route.next_hops) != 1:
            return None
        hop = route.next_hops[0]
        if hop.interface is not None:
            return hop.interface
        return self._find(hop.vrf or vrf, family, hop.address, depth + 1) if hop.address is not None else None
