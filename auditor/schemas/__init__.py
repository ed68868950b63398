"""The JSON Schemas (draft 2020-12) of all documents that the program writes. They ship with the package."""

import json
from importlib.resources import files
from typing import Any

from auditor.errors import UsageError

NAMES = ("report", "trace", "facts", "size", "platforms", "systems", "rules")


def schema(name: str) -> dict[str, Any]:
    """The schema of ``fragaudit.NAME/1``. Raises UsageError for a name that has none."""
    if name not in NAMES:
        raise UsageError(f"there is no schema {name!r}; there are {', '.join(NAMES)}")
    found: dict[str, Any] = json.loads(files(__name__).joinpath(f"{name}.json").read_text(encoding="utf-8"))
    return found
