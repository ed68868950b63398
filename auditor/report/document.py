"""The head of every JSON document and its text: the same values give the same bytes."""

import json
from collections.abc import Mapping
from typing import Any

from auditor.version import __version__

Json = Any  # what a JSON document may hold


def head(name: str, version: str = __version__) -> dict[str, Json]:
    """The beginning of a document: the name of its schema, and the tool."""
    return {"schema": f"fragaudit.{name}/1", "tool": {"name": "fragaudit", "version": version}}


def text(document: Mapping[str, Json]) -> str:
    """The document as text. Keys stand in the order in which they were put in."""
    return json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
