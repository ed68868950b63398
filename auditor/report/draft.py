"""``fragaudit flows``: a draft of paths.yaml, each entry under the config line that tells of it."""

from collections.abc import Iterable

from auditor.model.draft import Draft, DraftEndpoint, DraftFlow
from auditor.model.evidence import Evidence
from auditor.report.shown import shown

HEAD = """\
# A draft, made from the configs: each entry stands under the line that tells of it. Read it, take out what is no flow
# of yours, and add what no config knows: the systems of the ends, where clients stand, hops that nobody can read.
version: 1
"""


def draft_yaml(draft: Draft) -> str:
    """The draft as YAML, with its evidence as comments."""
    parts = [HEAD]
    parts += [f"# {shown(note)}\n" for note in draft.notes]
    if not draft.flows:
        parts.append("\n# no config names a RADIUS server, an IKE peer or a server that IKE is permitted to\n")
    parts.append("\nendpoints:" + (" {}\n" if not draft.endpoints else "\n"))
    parts += [_endpoint(one) for one in draft.endpoints]
    parts.append("\nflows:" + (" []\n" if not draft.flows else "\n"))
    parts += [_flow(one) for one in draft.flows]
    return "".join(parts)


def _comments(evidence: Iterable[Evidence], indent: str) -> str:
    return "".join(f"{indent}# {shown(e.file)}:{e.line}: {shown(e.text)}\n" for e in evidence)


def _endpoint(one: DraftEndpoint) -> str:
    lines = [_comments(one.evidence, "  "), f"  {_scalar(one.name)}:\n"]
    for key in ("address", "published", "device", "interface"):
        value = getattr(one, key)
        if value:
            lines.append(f"    {key}: {_scalar(value)}\n")
    if one.attach is not None:
        device, interface = one.attach
        lines.append(f"    attach: {{device: {_scalar(device)}, interface: {_scalar(interface)}}}\n")
    return "".join(lines)


def _flow(one: DraftFlow) -> str:
    lines = [_comments(one.evidence, "  "), f"  - name: {_scalar(one.name)}\n", f"    kind: {one.kind}\n"]
    lines.append(f"    from: {_scalar(one.sender)}\n")
    lines.append(f"    to: {_scalar(one.receiver)}\n")
    if one.ports is not None:
        lines.append(f"    ports: [{one.ports[0]}, {one.ports[1]}]\n")
    if one.auth:
        lines.append(f"    auth: {one.auth}\n")
    return "".join(lines)


def _scalar(text: str) -> str:
    """A text as YAML reads it back: quoted, unless it is plainly a word or an address."""
    plain = text and all(c.isalnum() or c in "-._/" for c in text) and text[0].isalpha()
    if plain and text.lower() not in ("null", "true", "false", "yes", "no", "on", "off"):
        return text
    import json

    return json.dumps(text)
