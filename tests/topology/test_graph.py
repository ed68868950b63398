"""The network and its paths as a drawing."""

from auditor.topology import Topology
from tests.topology.build import device, endpoint, flow, unread

R1 = device("r1", {"in": "10.1.0.1/24 mtu=1500", "out": "10.0.0.1/29 mtu=1400"}, ["10.2.0.0/24 10.0.0.2"])
R2 = device("r2", {"in": "10.2.0.1/24", "out": "10.0.0.2/29"}, ["10.1.0.0/24 10.0.0.1"])
ENDS = {
    "a": endpoint("a", "10.1.0.10"),
    "b": endpoint("b", "10.2.0.10"),
    "c": endpoint("c", "internet", at=["r1:out"]),
    "d": endpoint("d", device="r2", interface="in"),
}


def edges(graph):
    return [(f"{e.one.kind}:{e.one.name}", e.out, e.into, f"{e.other.kind}:{e.other.name}", e.mtu) for e in graph.edges]


def test_the_whole_network():
    found = Topology({d.name: d for d in (R1, R2, unread("r3"))}).graph(ENDS)
    assert [(n.kind, n.name, n.unread) for n in found.nodes if n.kind in ("device", "endpoint")] == [
        ("device", "r1", False), ("device", "r2", False), ("device", "r3", True),
        ("endpoint", "a", False), ("endpoint", "b", False), ("endpoint", "c", False), ("endpoint", "d", False),
    ]  # fmt: skip
    assert edges(found) == [
        ("device:r1", "in", "", "subnet:10.1.0.0/24", 1500),
        ("device:r1", "out", "", "subnet:10.0.0.0/29", 1400),
        ("device:r2", "out", "", "subnet:10.0.0.0/29", None),
        ("device:r2", "in", "", "subnet:10.2.0.0/24", None),
        ("subnet:10.1.0.0/24", "", "", "endpoint:a", None),
        ("subnet:10.2.0.0/24", "", "", "endpoint:b", None),
        ("device:r1", "out", "", "endpoint:c", None),
        ("device:r2", "in", "", "endpoint:d", None),
    ]


def test_the_paths_of_a_flow():
    topology = Topology({"r1": R1, "r2": R2})
    found = topology.graph(ENDS, topology.pairs(flow(via="?isp r1 r2"), ENDS))
    assert edges(found) == [
        ("endpoint:a", "", "", "opaque:isp", None),
        ("opaque:isp", "", "in", "device:r1", None),
        ("device:r1", "out", "out", "device:r2", 1400),
        ("device:r2", "in", "", "endpoint:b", None),
        ("endpoint:b", "", "in", "device:r2", None),
        ("device:r2", "out", "out", "device:r1", None),
        ("device:r1", "in", "", "opaque:isp", 1500),
        ("opaque:isp", "", "", "endpoint:a", None),
    ]


def test_a_path_that_ends_on_its_way_does_not_reach_the_other_end():
    lone = device("r1", {"in": "10.1.0.1/24", "out": "10.0.0.1/29"}, ["10.2.0.0/24 null"])
    topology = Topology({"r1": lone})
    found = topology.graph(ENDS, topology.pairs(flow(return_via="?x"), ENDS))
    assert edges(found) == [
        ("endpoint:a", "", "in", "device:r1", None),
        ("endpoint:b", "", "", "opaque:x", None),
        ("opaque:x", "", "", "endpoint:a", None),
    ]
