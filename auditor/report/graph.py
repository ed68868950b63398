"""The paths of a report as a graph: Mermaid and DOT. The hop that breaks a flow is marked."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from auditor.model.evidence import Evidence
from auditor.model.findings import FlowVerdict, MessageVerdict, PathVerdict, Report, Verdict
from auditor.report.groups import place
from auditor.report.shown import dot_text, mermaid_text

Kind = Literal["device", "opaque", "endpoint"]
MOST_NOTES = 3  # lines of configs in one node
MOST_FLOWS = 3  # names of flows at one edge


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A hop or an end. ``state`` is the worst that happens there (``passes``: nothing); ``notes`` are lines below its
    label: where the dropping line of the config stands.
    """

    id: str
    label: str
    kind: Kind
    state: Verdict = Verdict.PASSES
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """From one node to the next. ``state`` is the worst that happened to what goes here, on the way so far."""

    source: str
    target: str
    label: str = ""
    state: Verdict = Verdict.PASSES


@dataclass(frozen=True, slots=True, kw_only=True)
class Graph:
    """Nodes and edges in the order in which the flows meet them."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]


@dataclass(slots=True)
class _Sketch:
    """A graph in the making."""

    nodes: dict[tuple[str, str], Node]
    edges: dict[tuple[str, str], tuple[dict[str, None], Verdict]]

    def node(self, kind: Kind, name: str, state: Verdict, notes: tuple[str, ...]) -> str:
        """The node's id; what is known of it already is kept."""
        known = self.nodes.get((kind, name))
        if known is None:
            known = Node(id=f"n{len(self.nodes)}", label=name, kind=kind)
        self.nodes[kind, name] = Node(
            id=known.id,
            label=name,
            kind=kind,
            state=max(known.state, state, key=lambda one: one.rank),
            notes=tuple(dict.fromkeys((*known.notes, *notes))),
        )
        return known.id

    def edge(self, source: str, target: str, flow: str, state: Verdict) -> None:
        """One more flow goes here."""
        flows, known = self.edges.get((source, target), ({}, Verdict.PASSES))
        self.edges[source, target] = ({**flows, flow: None}, max(known, state, key=lambda one: one.rank))


def graph_of(report: Report) -> Graph:
    """The graph of all paths of a report's flows."""
    sketch = _Sketch({}, {})
    for flow in report.flows:
        for path in flow.paths:
            _draw(sketch, flow, path)
        if not flow.paths:
            start, end = (sketch.node("endpoint", name, Verdict.PASSES, ()) for name in (flow.sender, flow.receiver))
            sketch.edge(start, end, flow.name, flow.verdict)
    edges = tuple(
        Edge(source=source, target=target, label=_names(list(flows)), state=state)
        for (source, target), (flows, state) in sketch.edges.items()
    )
    return Graph(nodes=tuple(sketch.nodes.values()), edges=edges)


def _names(flows: list[str]) -> str:
    rest = len(flows) - MOST_FLOWS
    return ", ".join(flows[:MOST_FLOWS]) + (f" and {rest} more" if rest > 0 else "")


def _draw(sketch: _Sketch, flow: FlowVerdict, path: PathVerdict) -> None:
    forward = path.path.direction == "forward"
    start, end = (flow.sender, flow.receiver) if forward else (flow.receiver, flow.sender)
    devices = {hop.device for hop in path.path.hops}
    harm = _harm(path)
    at, lost = sketch.node("endpoint", start, *_at(harm, devices, start)), Verdict.PASSES
    for hop in path.path.hops:
        state, notes = harm.get(hop.device, (Verdict.PASSES, ()))
        here = sketch.node("opaque" if hop.opaque is not None else "device", hop.device, state, notes)
        sketch.edge(at, here, flow.name, lost)
        at, lost = here, max(lost, state, key=lambda one: one.rank)
    sketch.edge(at, sketch.node("endpoint", end, *_at(harm, devices, end)), flow.name, lost)


def _at(
    harm: dict[str, tuple[Verdict, tuple[str, ...]]], devices: set[str], end: str
) -> tuple[Verdict, tuple[str, ...]]:
    """What happens on an end's own link: a loss there names the endpoint."""
    return harm.get(end, (Verdict.PASSES, ())) if end not in devices else (Verdict.PASSES, ())


def _harm(path: PathVerdict) -> dict[str, tuple[Verdict, tuple[str, ...]]]:
    """The worst that happens at each hop, with the lines."""
    found: dict[str, tuple[Verdict, tuple[str, ...]]] = {}
    for message in path.messages:
        for device, state, evidence in _harms(message):
            known, notes = found.get(device, (Verdict.PASSES, ()))
            lines = tuple(place(one) for one in evidence[:1])
            found[device] = (max(known, state, key=lambda one: one.rank), tuple(dict.fromkeys((*notes, *lines))))
    for detour in path.path.detours:
        known, notes = found.get(detour.device, (Verdict.PASSES, ()))
        found[detour.device] = (max(known, Verdict.AT_RISK, key=lambda one: one.rank), notes)
    return found


def _harms(message: MessageVerdict) -> Iterator[tuple[str, Verdict, tuple[Evidence, ...]]]:
    if message.verdict is Verdict.PASSES:
        return
    for drop in message.drops:
        sure = drop.loss.certain or message.verdict is Verdict.AT_RISK
        yield drop.loss.device, message.verdict if sure else Verdict.UNKNOWN, drop.loss.evidence
    for doubt in message.doubts:
        yield doubt.device, Verdict.UNKNOWN, ()
    for ending in message.trace.endings:
        for loss in ending.first_losses:
            yield loss.device, Verdict.AT_RISK, loss.evidence


# ------------------------------------------------------------------------------------------------ Mermaid

_SHAPES: dict[Kind, tuple[str, str]] = {"device": ("[", "]"), "opaque": ("[/", "/]"), "endpoint": ("([", "])")}
_CLASSES = {
    Verdict.PASSES: "fill:#ffffff,stroke:#555555,color:#000000",
    Verdict.AT_RISK: "fill:#fff3cd,stroke:#b58900,color:#000000",
    Verdict.UNKNOWN: "fill:#e9dcf5,stroke:#6c3fa0,color:#000000,stroke-dasharray:4",
    Verdict.BREAKS: "fill:#f8d7da,stroke:#c00000,color:#000000,stroke-width:3px",
    Verdict.BLOCKED: "fill:#f1b0b7,stroke:#7a0000,color:#000000,stroke-width:3px",
}
_COLOURS = {
    Verdict.PASSES: "#555555",
    Verdict.AT_RISK: "#b58900",
    Verdict.UNKNOWN: "#6c3fa0",
    Verdict.BREAKS: "#c00000",
    Verdict.BLOCKED: "#7a0000",
}


def mermaid(graph: Graph) -> str:
    """The graph for Mermaid."""
    lines = ["flowchart LR"]
    for node in graph.nodes:
        left, right = _SHAPES[node.kind]
        label = "<br/>".join(mermaid_text(text) for text in _label(node))
        lines.append(f'  {node.id}{left}"{label}"{right}:::{_class(node.state)}')
    for edge in graph.edges:
        label = f'|"{mermaid_text(edge.label)}"|' if edge.label else ""
        lines.append(f"  {edge.source} -->{label} {edge.target}")
    lines += [f"  classDef {_class(verdict)} {style}" for verdict, style in _CLASSES.items()]
    lines += [
        f"  linkStyle {number} stroke:{_COLOURS[edge.state]}"
        for number, edge in enumerate(graph.edges)
        if edge.state is not Verdict.PASSES
    ]
    return "\n".join(lines) + "\n"


def _class(verdict: Verdict) -> str:
    return verdict.value.replace("-", "")


def _label(node: Node) -> list[str]:
    """The lines of a node's label: its name, its state where something happens, the lines of the config."""
    state = [] if node.state is Verdict.PASSES else [node.state.upper()]
    rest = len(node.notes) - MOST_NOTES
    return [node.label, *state, *node.notes[:MOST_NOTES], *([f"and {rest} more"] if rest > 0 else [])]


# ------------------------------------------------------------------------------------------------ DOT

_DOT_SHAPES: dict[Kind, str] = {"device": "box", "opaque": "parallelogram", "endpoint": "ellipse"}


def dot(graph: Graph) -> str:
    """The graph for Graphviz."""
    lines = ["digraph fragaudit {", "  rankdir=LR;", '  node [fontname="sans-serif"];']
    for node in graph.nodes:
        label = "\\n".join(dot_text(text) for text in _label(node))
        wide = ", penwidth=3" if node.state in (Verdict.BREAKS, Verdict.BLOCKED) else ""
        look = f'shape={_DOT_SHAPES[node.kind]}, color="{_COLOURS[node.state]}"{wide}'
        lines.append(f'  {node.id} [label="{label}", {look}];')
    for edge in graph.edges:
        label = dot_text(edge.label)
        lines.append(f'  {edge.source} -> {edge.target} [label="{label}", color="{_COLOURS[edge.state]}"];')
    return "\n".join([*lines, "}"]) + "\n"
