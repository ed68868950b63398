"""Folders written for a test, and the small catalogue that the tests use instead of the real one."""

from collections.abc import Callable
from pathlib import Path

import pytest

from auditor.inventory import load
from auditor.model.flows import Inventory

ALIASES = {"ios": "cisco_ios", "cisco_ios": "cisco_ios", "cisco_xe": "cisco_ios", "linux": "linux"}
SYSTEMS = ("windows-10-1809", "windows-server-2016", "nps", "strongswan")

HOSTS = """\
edge1: {platform: ios, groups: [edge]}
edge2: {platform: ios, groups: [edge]}
fw1: {platform: linux}
sw1: {platform: ios, data: {role: access, site: a}}
sw2: {platform: cisco_xe, data: {role: access, site: b}}
"""
GROUPS = "edge: {data: {role: edge}}\n"

Write = Callable[..., Path]
Load = Callable[..., Inventory]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes files (a name with slashes to its text) into a folder and gives the folder."""

    def run(files: dict[str, str | bytes], folder: str = "inventory") -> Path:
        root = tmp_path / folder
        root.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return root

    return run


@pytest.fixture
def loaded(write: Write) -> Load:
    """Loads an inventory of the usual hosts and groups, with the given files over them."""

    def run(files: dict[str, str | bytes] | None = None, **options: Path) -> Inventory:
        folder = write({"hosts.yaml": HOSTS, "groups.yaml": GROUPS, **(files or {})})
        return load(folder, aliases=ALIASES, systems=SYSTEMS, **options)

    return run
