"""Derived paths, held against a walker that takes one destination after the other and knows no sets.

Four routers on a backbone of five subnets, with routes at random: default ones, longer ones, null ones, equal cost,
next hops that nobody has. The walker below is written from the words of the contract and shares nothing with
``auditor.topology`` but its input.
"""

from ipaddress import ip_address, ip_interface, ip_network

from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.model.addresses import address_text
from tests.topology.build import device, endpoint, pairs

ROUTERS = ("r1", "r2", "r3", "r4")
SUBNETS = tuple(f"10.0.{n}.0/24" for n in range(5))
TARGETS = ("10.0.3.200", "10.0.3.201", "10.0.4.200", "10.0.4.201")
SENDER = "10.0.0.100"

subnets_of = st.lists(st.sampled_from(range(5)), min_size=1, max_size=3, unique=True)
prefixes = st.sampled_from(["0.0.0.0/0", "10.0.3.0/24", "10.0.4.0/24", "10.0.3.200/32", "10.0.4.200/31", "10.0.0.0/16"])
next_hops = st.tuples(st.sampled_from(range(5)), st.sampled_from([1, 2, 3, 4, 4, 9]))
routes = st.lists(st.tuples(prefixes, st.lists(next_hops, max_size=2)), max_size=3)
networks = st.tuples(*(st.tuples(subnets_of, routes, st.booleans()) for _ in ROUTERS))


def build(network):
    """The devices, and the same as plain texts for the walker."""
    devices, plain = [], {}
    for number, (name, (subnets, listed, complete)) in enumerate(zip(ROUTERS, network, strict=True), 1):
        links = {f"e{n}": f"10.0.{n}.{number}/24" for n in subnets}
        lines = [(prefix, [f"10.0.{n}.{host}" for n, host in hops]) for prefix, hops in listed]
        texts = [f"{prefix} {' '.join(hops) or 'null'}" for prefix, hops in lines]
        devices.append(device(name, links, texts, complete=complete))
        plain[name] = (links, lines, complete)
    return devices, plain


def decide(router, address, depth=0):
    """What one router does with one address: "local", "null", "none", "lost", or the set of (interface, next hop)."""
    links, lines, complete = router
    if any(ip_interface(text).ip == address for text in links.values()):
        return "local"
    table = [(ip_interface(text).network, 0, [(name, None)]) for name, text in links.items()]
    table += [(ip_network(prefix), 1, hops) for prefix, hops in lines]
    fitting = [entry for entry in table if address in entry[0]]
    if not fitting:
        return "none" if complete else "lost"
    longest = max(entry[0].prefixlen for entry in fitting)
    fitting = [entry for entry in fitting if entry[0].prefixlen == longest]
    nearest = min(entry[1] for entry in fitting)
    found, faults = set(), []
    for _, distance, hops in fitting:
        if distance == nearest:
            for hop in hops:
                if distance == 0:
                    found.add(hop)
                    continue
                onward = decide(router, ip_address(hop), depth + 1) if depth < 8 else "lost"
                if isinstance(onward, frozenset):
                    found |= {(name, gateway or hop) for name, gateway in onward}
                else:
                    faults.append("null" if onward == "null" else "lost")
    if found:
        return frozenset(found) if not any(f == "lost" for f in faults) else frozenset(found) | {("", "doubt")}
    return faults[0] if faults else "null"


def walk(plain, name, ingress, target, hops, seen):
    """Every way on from a router: (hops, how it ends)."""
    if name in seen:
        yield hops, "lost"
        return
    what = decide(plain[name], target)
    if isinstance(what, str):
        yield (*hops, (name, ingress, None)), {"none": "dead", "null": "dead"}.get(what, what)
        return
    doubt = ("", "doubt") in what
    for egress, gateway in what - {("", "doubt")}:
        here = (*hops, (name, ingress, egress))
        if gateway is None:
            ends = [(here, "arrived")]
        else:
            owners = [n for n, (links, _, _) in plain.items() if n != name
                      for text in links.values() if str(ip_interface(text).ip) == gateway]  # fmt: skip
            ends = [(here, "lost")] if not owners else []
            for owner in owners:
                entry = f"e{gateway.split('.')[2]}"
                ends += walk(plain, owner, entry, target, here, {*seen, name})
        for path, end in ends:
            yield path, "lost" if doubt else end


def expected(plain, target):
    """The ways from the sender's subnet to one target."""
    on_link = [name for name, (links, _, _) in plain.items() if "e0" in links]
    carriers = []
    for name in on_link:
        what = decide(plain[name], target)
        if isinstance(what, frozenset) and any(way[0] not in ("e0", "") for way in what):
            carriers.append(name)
    found = set()
    for name in carriers:
        for path, end in walk(plain, name, "e0", target, (), set()):
            if path and path[0][2] != "e0":
                found.add((path, end))
    if not carriers:
        if len(on_link) == 1:
            found |= set(walk(plain, on_link[0], "e0", target, (), set()))
        else:
            found.add(((), "lost"))
    return found


@settings(deadline=None)
@given(networks)
def test_each_destination_goes_as_if_it_were_alone(network):
    devices, plain = build(network)
    on_link = any("e0" in links for links, _, _ in plain.values())
    a, b = endpoint("a", SENDER), endpoint("b", *TARGETS)
    found = {}
    for pair in pairs(devices, [a, b], return_via="?isp"):
        path = pair.forward
        hops = tuple((h.device, h.ingress, h.egress) for h in path.hops)
        end = "dead" if path.dead_end else "lost" if path.doubts else "arrived"
        for first, last in path.servers:
            for value in range(first, last + 1):
                found.setdefault(address_text(4, value), set()).add((hops, end))
    wanted = {t: expected(plain, ip_address(t)) if on_link else {((), "lost")} for t in TARGETS}
    assert found == wanted
