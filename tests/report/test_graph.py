"""The graph: what happens where, and labels that stay labels."""

import re

from auditor.model.findings import Report, Verdict
from auditor.report.graph import Edge, Graph, Node, dot, graph_of, mermaid
from tests.report import build
from tests.report.build import flow, report

TEXT = r"(?:[^\"\\<>{}\[\]|`;]|<br/>|#\d+;)*"
MERMAID = re.compile(
    rf"flowchart LR|  n\d+(\[|\[/|\(\[)\"{TEXT}\"(\]|/\]|\]\)):::(passes|atrisk|unknown|breaks|blocked)"
    rf"|  n\d+ -->(\|\"{TEXT}\"\|)? n\d+|  classDef [a-z]+ [\w:#,-]+|  linkStyle \d+ stroke:#[0-9a-f]{{6}}"
)
STRING = r"\"(?:[^\"\\]|\\.)*\""
DOT = re.compile(
    rf"digraph fragaudit \{{|  rankdir=LR;|  node \[fontname={STRING}\];|\}}"
    rf"|  n\d+ \[label={STRING}, shape=[a-z]+, color={STRING}(, penwidth=3)?\];"
    rf"|  n\d+ -> n\d+ \[label={STRING}, color={STRING}\];"
)


def states(graph: Graph) -> dict[str, Verdict]:
    return {node.label: node.state for node in graph.nodes}


def test_every_line_is_what_it_should_be(any_report: Report) -> None:
    graph = graph_of(any_report)
    for line in mermaid(graph).splitlines():
        assert MERMAID.fullmatch(line), line
    for line in dot(graph).splitlines():
        assert DOT.fullmatch(line), line
    assert "0822455D0A16" not in mermaid(graph) + dot(graph)
    assert "hunter2" not in mermaid(graph) + dot(graph)


def test_hops_and_ends_are_nodes() -> None:
    graph = graph_of(report(build.breaking()))
    assert [(node.label, node.kind) for node in graph.nodes] == [
        ("clients", "endpoint"),
        ("isp", "opaque"),
        ("edge1", "device"),
        ("core1", "device"),
        ("rras1", "endpoint"),
    ]
    labels = {node.id: node.label for node in graph.nodes}
    assert [(labels[edge.source], labels[edge.target]) for edge in graph.edges] == [
        ("clients", "isp"),
        ("isp", "edge1"),
        ("edge1", "core1"),
        ("core1", "rras1"),
        ("rras1", "core1"),
        ("core1", "clients"),
    ]


def test_the_breaking_hop_is_marked_and_what_follows_it() -> None:
    graph = graph_of(report(build.breaking()))
    assert states(graph)["edge1"] is Verdict.BREAKS
    assert {label for label, state in states(graph).items() if state is Verdict.PASSES} == {
        "clients",
        "isp",
        "core1",
        "rras1",
    }
    assert [edge.state for edge in graph.edges] == [Verdict.PASSES] * 2 + [Verdict.BREAKS] * 2 + [Verdict.PASSES] * 2
    assert '["edge1<br/>BREAKS<br/>configs/edge1.cfg:41"]:::breaks' in mermaid(graph)
    assert '[label="edge1\\nBREAKS\\nconfigs/edge1.cfg:41", shape=box, color="#c00000", penwidth=3]' in dot(graph)


def test_each_verdict_has_its_state() -> None:
    found = states(graph_of(build.example()))
    assert found["fw1"] is Verdict.UNKNOWN
    assert found["sw1"] is Verdict.AT_RISK
    assert found["edge2"] is Verdict.BLOCKED
    assert found["edge3"] is Verdict.PASSES


def test_flows_over_one_edge_share_it() -> None:
    flows = [flow(f"f{n}", *build.passing().paths) for n in range(5)]
    graph = graph_of(report(*flows))
    assert [edge.label for edge in graph.edges] == ["f0, f1, f2 and 2 more"] * 2


def test_a_loss_on_an_ends_own_link_is_there() -> None:
    on = build.path(build.hop("edge1"))
    lost = build.loss("rras1", interface=None, cause="mtu", mtu=1400)
    sent = build.message(Verdict.BREAKS, on=on, drops=(build.drop(lost),))
    assert states(graph_of(report(flow("f", build.path_verdict("p", on, sent)))))["rras1"] is Verdict.BREAKS


def test_a_drop_in_a_closed_part_marks_nothing() -> None:
    on = build.path(build.hop("edge1"))
    sent = build.message(Verdict.PASSES, on=on, probe=True, drops=(build.drop(build.loss()),))
    assert states(graph_of(report(flow("f", build.path_verdict("p", on, sent)))))["edge1"] is Verdict.PASSES


def test_a_flow_without_paths_joins_its_ends() -> None:
    graph = graph_of(report(flow("f", verdict=Verdict.UNKNOWN, reason="no path")))
    assert [edge.state for edge in graph.edges] == [Verdict.UNKNOWN]


def test_a_hand_made_graph() -> None:
    graph = Graph(
        nodes=(
            Node(id="n0", label="a", kind="endpoint"),
            Node(id="n1", label="b", kind="device", notes=("1", "2", "3", "4")),
        ),
        edges=(Edge(source="n0", target="n1"),),
    )
    assert '  n1["b<br/>1<br/>2<br/>3<br/>and 1 more"]:::passes\n  n0 --> n1\n' in mermaid(graph)
