"""paths.yaml and paths.d/*.yaml, merged into one name space of endpoints and one of flows."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from auditor.errors import InventoryError
from auditor.inventory.endpoints import read_endpoint
from auditor.inventory.flows import Ends, read_flow
from auditor.inventory.folder import Folder, decode, entries, is_there, read_bytes, read_text
from auditor.inventory.scope import Scope, refuse_later
from auditor.inventory.values import Value, read
from auditor.inventory.wording import SHOWN_PATH, printable, quoted, wrong
from auditor.model.flows import Endpoint, Flow

KEYS = ("version", "endpoints", "flows", "accept")
VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Paths:
    """What the user says of ends and flows. ``found``: there is such a file at all."""

    endpoints: Mapping[str, Endpoint]
    flows: tuple[Flow, ...]
    found: bool
    notes: tuple[str, ...] = ()


def read_paths(folder: Folder, file: Path | None, scope: Scope) -> Paths:
    """The endpoints and flows of the folder, or of ``file`` instead, where that is given.

    Raises InventoryError, with file, line and key, for whatever the contract doesn't allow.
    """
    roots, notes = _documents(folder, file)
    files = [_head(root) for root in roots]
    ends = _endpoints(files, scope)
    flows = _flows(files, ends, scope)
    endpoints = {endpoint.name: endpoint for several in ends.values() for endpoint in several}
    if roots and not flows:
        notes.append(f"{roots[0].file} names no flow: no path is judged")
    return Paths(endpoints=MappingProxyType(endpoints), flows=flows, found=bool(roots), notes=tuple(notes))


def _documents(folder: Folder, file: Path | None) -> tuple[list[Value], list[str]]:
    """The files in their order, each as a value, and notes on what isn't read."""
    if file is not None:
        name = folder.relative(file.resolve())
        return [read(decode(read_bytes(file, name), name), name)], []
    paths, notes = [folder.root / "paths.yaml"], []
    for name, entry in entries(folder, folder.root / "paths.d"):
        if entry.name.endswith(".yaml") and not entry.name.startswith("."):
            paths.append(Path(entry.path))
        else:
            notes.append(f"{printable(name, SHOWN_PATH)} is not read: paths.d holds *.yaml files")
    there = [path for path in paths if is_there(path)]
    return [read(read_text(folder, path), folder.relative(path)) for path in there], notes


def _head(root: Value) -> dict[str, Value]:
    """The top keys of a file, with the version checked."""
    if root.node.data is None:
        raise wrong(root.file, 1, "the file is empty: it begins with 'version: 1'")
    fields = root.fields(KEYS, "a file of paths")
    if "version" not in fields:
        raise root.complaint("the version is missing: the file begins with 'version: 1'")
    version = fields["version"]
    if version.node.data != VERSION or isinstance(version.node.data, bool):
        raise version.complaint(f"{version.given} is no version that this program reads: it takes {VERSION}")
    refuse_later(fields, "accept")
    return fields


def _endpoints(files: list[dict[str, Value]], scope: Scope) -> Ends:
    """The endpoints of all files by their names. The names of the many (ENDPOINT/DEVICE) are taken too."""
    ends: dict[str, tuple[Endpoint, ...]] = {}
    taken: dict[str, Endpoint] = {}
    for fields in files:
        if "endpoints" not in fields:
            continue
        for name, (_, value) in fields["endpoints"].named("endpoints by their names").items():
            found = read_endpoint(name, value, scope)
            for endpoint in found:
                if endpoint.name in taken:
                    first = taken[endpoint.name].origin
                    text = f"the endpoint {quoted(endpoint.name)} is given twice: first in {first.file}:{first.line}"
                    raise InventoryError(text, endpoint.origin)
                taken[endpoint.name] = endpoint
            ends[name] = found
    return ends


def _flows(files: list[dict[str, Value]], ends: Ends, scope: Scope) -> tuple[Flow, ...]:
    """The flows of all files in their order."""
    taken: dict[str, Flow] = {}
    for fields in files:
        if "flows" not in fields or fields["flows"].is_nothing:
            continue
        whole = fields["flows"]
        if not whole.is_list:
            raise whole.complaint(f"{whole.given} is no list of flows: each begins with '- name:'")
        for value in whole.items():
            for flow in read_flow(value, ends, scope):
                if flow.name in taken:
                    first = taken[flow.name].origin
                    text = f"the flow {quoted(flow.name)} is given twice: first in {first.file}:{first.line}"
                    raise InventoryError(text, flow.origin)
                taken[flow.name] = flow
    return tuple(taken.values())
