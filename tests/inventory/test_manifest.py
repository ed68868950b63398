"""A snapshot that ``collect`` made is an inventory folder."""

import json
from typing import Any

import pytest

from auditor.errors import InventoryError
from auditor.inventory import load

from .conftest import ALIASES, Write

DEVICE = {
    "status": "collected",
    "via": "netmiko",
    "file": "configs/edge1.cfg",
    "sha256": "00",
    "collected": "2026-01-31T10:00:00Z",
    "error": None,
}


def manifest(**devices: Any) -> str:
    """A manifest's text, a key a line."""
    return json.dumps(
        {"schema": "fragaudit.snapshot/1", "collected": "2026-01-31T10:00:00+01:00", "devices": devices}, indent=1
    )


def test_its_devices_are_the_hosts(write: Write) -> None:
    text = manifest(edge1=DEVICE, edge2={"status": "failed", "file": None, "collected": None, "error": "timeout"})
    inventory = load(write({"manifest.json": text, "configs/edge1.cfg": "x"}), aliases=ALIASES, systems=())
    assert not inventory.bare
    assert {name: (host.configs, host.collected) for name, host in inventory.hosts.items()} == {
        "edge1": (("configs/edge1.cfg",), "2026-01-31T10:00:00Z"),
        "edge2": ((), None),
    }
    assert str(inventory.hosts["edge2"].origin) == "manifest.json:13: devices.edge2"


def test_beside_a_hosts_yaml_it_dates_the_configs(write: Write) -> None:
    files = {
        "manifest.json": manifest(edge1=DEVICE),
        "configs/edge1.cfg": "x",
        "hosts.yaml": "edge1: {platform: ios}\nb: {}\n",
    }
    inventory = load(write(files), aliases=ALIASES, systems=())
    assert {name: (host.platform, host.collected) for name, host in inventory.hosts.items()} == {
        "edge1": ("cisco_ios", "2026-01-31T10:00:00Z"),
        "b": (None, None),
    }


def test_a_manifest_of_another_program_is_none(write: Write) -> None:
    inventory = load(write({"manifest.json": '{"name": "x"}', "edge1": "x"}), aliases=ALIASES, systems=())
    assert inventory.bare
    assert list(inventory.hosts) == ["edge1"]


BAD = [
    (
        '{"schema": "fragaudit.snapshot/2", "devices": {}}',
        "1: this program reads the schema 'fragaudit.snapshot/1', and the file has 'fragaudit.snapshot/2'",
    ),
    (
        '{"schema": "fragaudit.snapshot/1",\n"device": {}}',
        "2: a manifest has no key 'device': the nearest is 'devices'",
    ),
    (
        '{"schema": "fragaudit.snapshot/1",\n"devices": []}',
        "2: this is not the mapping of devices: that is an object in braces",
    ),
    ('{"schema": "fragaudit.snapshot/1",\n"devices": {"a": {},\n"a": {}}}', "3: the key 'a' is given twice"),
    (
        '{"schema": "fragaudit.snapshot/1",\n"devices": {"a": {"stat": 1}}}',
        "2: a device of a manifest has no key 'stat': the nearest is 'status'",
    ),
    (
        '{"schema": "fragaudit.snapshot/1",\n"devices": {"a": {"file": 1}}}',
        "2: devices.a.file is no path: it takes text in double quotes, or null",
    ),
    ('{"schema": "fragaudit.snapshot/1",\n"devices": {"a\\n": {}}}', "2: 'a\\n' is no device's name"),
    (
        '{"schema": "fragaudit.snapshot/1",\n"collected": "yesterday"}',
        "2: 'collected' is no time: that is one like 2026-01-31T23:59:59Z",
    ),
    ('{"schema": "fragaudit.snapshot/1",', "1: this is no JSON: expecting value"),
    (
        '{"schema": "fragaudit.snapshot/1",\n"devices": {"a": {"file": "../x"}}}',
        "2: devices.a.file: '../x' leaves the inventory folder: put the file inside and name it from there",
    ),
]


@pytest.mark.parametrize(("text", "sentence"), BAD)
def test_a_bad_manifest_earns_one_sentence(write: Write, text: str, sentence: str) -> None:
    with pytest.raises(InventoryError) as caught:
        load(write({"manifest.json": text}), aliases=ALIASES, systems=())
    assert str(caught.value) == f"manifest.json:{sentence}"
