"""manifest.json of a snapshot (schema fragaudit.snapshot/1): the devices collected, when, and into which file."""

from dataclasses import dataclass

from auditor.inventory.document import Node
from auditor.inventory.json_text import JsonText
from auditor.inventory.routes import moment
from auditor.inventory.values import Value
from auditor.inventory.wording import printable, quoted
from auditor.model.flows import Origin

SCHEMA = "fragaudit.snapshot/1"
KEYS = ("schema", "collected", "devices")
DEVICE_KEYS = ("status", "via", "file", "sha256", "collected", "error")


@dataclass(frozen=True, slots=True)
class Taken:
    """One device of a snapshot. ``file`` is the path of its config as a value of the manifest, None if it has none."""

    origin: Origin
    file: Value | None
    collected: str | None


def is_manifest(text: str) -> bool:
    """Whether a manifest.json is a snapshot's: other programs use that name too."""
    return '"fragaudit.snapshot/' in text


def parse_manifest(text: str, file: str) -> dict[str, Taken]:
    """The devices of a manifest by name. Raises InventoryError, with the line, for what the schema doesn't allow."""
    json = JsonText(text, file)
    found: dict[str, Taken] = {}
    schema: object = None
    for key in json.members(KEYS, "a manifest"):
        if key == "devices":
            for name in json.members(None, "the mapping of devices"):
                found[name] = _taken(json, name)
        elif key == "schema":
            schema = json.value()
        else:
            moment(json, json.value())
    json.end()
    if schema != SCHEMA:
        raise json.complaint(f"this program reads the schema {quoted(SCHEMA)}, and the file has {quoted(str(schema))}")
    return found


def _taken(json: JsonText, name: str) -> Taken:
    json.skip()
    key, line = f"devices.{printable(name)}", json.line
    entry = json.value()
    if not name.strip() or not name.isprintable():
        raise json.complaint(f"{quoted(name)} is no device's name")
    fields = json.fields(entry, DEVICE_KEYS, "a device of a manifest")
    path, collected = fields.get("file"), fields.get("collected")
    if path is not None and not isinstance(path, str):
        raise json.complaint(f"{key}.file is no path: it takes text in double quotes, or null")
    return Taken(
        origin=Origin(file=json.file, line=line, key=key),
        file=Value(Node(path, line, path), json.file, f"{key}.file") if path else None,
        collected=None if collected is None else moment(json, collected),
    )
