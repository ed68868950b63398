"""A bare folder of saved configs, as RANCID and Oxidized leave it."""

from pathlib import Path

import pytest

from auditor.errors import InventoryError
from auditor.inventory import load
from auditor.inventory.bare import CONFIG_ENDS, device_name
from auditor.model.flows import Inventory

from .conftest import ALIASES, Write

NAMES = {
    "edge1": "edge1",
    "edge1.cfg": "edge1",
    "edge1.CFG": "edge1",
    "edge1.conf": "edge1",
    "edge1.ios": "edge1",
    "edge1.example.net": "edge1.example.net",
    "edge1.example.net.txt": "edge1.example.net",
    "10.0.0.1": "10.0.0.1",
    "edge1.example.pl": "edge1.example.pl",
    "edge1.cfg.txt": "edge1.cfg",
    "edge1-confg": "edge1-confg",
    "fw%2Fvd1.cfg": "fw/vd1",
    "100%": "100%",
    "a%0Ab": "a%0Ab",
    ".cfg": ".cfg",
}


@pytest.mark.parametrize(("file", "name"), NAMES.items())
def test_a_file_names_its_device(file: str, name: str) -> None:
    assert device_name(file, CONFIG_ENDS | {"ios"}) == name


def run(folder: Path, **options: Path) -> Inventory:
    """Loads a folder with the tests' catalogue."""
    return load(folder, aliases=ALIASES, systems=(), **options)


def test_a_rancid_tree(write: Write) -> None:
    files = [
        "core/configs/edge1.example.net",
        "core/configs/edge2",
        "core/configs/edge2.new",
        "core/router.db",
        "core/routers.up",
        "core/logs/core.2024",
        "access/configs/sw1",
        "access/configs/CVS/Entries",
        ".git/config",
        "core/.cvsignore",
        "rancid.conf",
        "CVS/core/configs/edge2,v",
    ]
    inventory = run(write(dict.fromkeys(files, "text")))
    assert inventory.bare
    assert {name: host.configs for name, host in inventory.hosts.items()} == {
        "sw1": ("access/configs/sw1",),
        "edge1.example.net": ("core/configs/edge1.example.net",),
        "edge2": ("core/configs/edge2",),
    }
    assert all(host.platform is None and not host.unsupported for host in inventory.hosts.values())
    assert dict(inventory.unclaimed) == {
        ".git": "hidden",
        "CVS": "CVS's own folder",
        "access/configs/CVS": "CVS's own folder",
        "core/.cvsignore": "hidden",
        "core/configs/edge2.new": "a copy of another file",
        "core/logs": "a folder of logs",
        "core/router.db": "a list of devices",
        "core/routers.up": "a list of devices",
        "rancid.conf": "settings of RANCID",
    }


def test_an_oxidized_checkout(write: Write) -> None:
    files = [
        "edge1",
        "dc/fw1",
        "dc/fw1~",
        "README.md",
        "router.db",
        "default.git/HEAD",
        "edge1.cfg.gz",
        "inventory.yaml",
    ]
    inventory = run(write(dict.fromkeys(files, "text")))
    assert list(inventory.hosts) == ["fw1", "edge1"]
    assert dict(inventory.unclaimed) == {
        "README.md": "a text about the folder",
        "dc/fw1~": "an editor's copy",
        "default.git": "a git repository: check its files out and give that folder",
        "edge1.cfg.gz": "a packed file",
        "inventory.yaml": "a file of another kind",
        "router.db": "a list of devices",
    }


def test_links_are_not_followed_twice(write: Write) -> None:
    folder = write({"a/edge1": "x"})
    (folder / "loop").symlink_to(folder)
    (folder / "edge2").symlink_to("a/edge1")
    (folder / "away").symlink_to(folder.parent)
    inventory = run(folder)
    assert list(inventory.hosts) == ["edge1"]
    assert dict(inventory.unclaimed) == {
        "away": "a link to a place outside the folder",
        "edge2": "a link: what it leads to is read under its own name",
        "loop": "a link: what it leads to is read under its own name",
    }


def test_two_files_of_one_name_are_refused(write: Write) -> None:
    with pytest.raises(InventoryError) as caught:
        run(write({"a/edge1": "x", "b/edge1.cfg": "y"}))
    assert str(caught.value) == (
        "two configs give one device, 'edge1': a/edge1 and b/edge1.cfg; give one of their folders, or "
        "name both devices in a hosts.yaml"
    )


@pytest.mark.parametrize("files", [[], [".hidden"], ["README"], ["config.yaml"]])
def test_a_folder_without_a_config_is_refused(write: Write, files: list[str]) -> None:
    with pytest.raises(InventoryError, match=r"^the folder '.*' holds neither a hosts.yaml nor a saved config$"):
        run(write(dict.fromkeys(files, "")))


def test_paths_and_routes_go_with_a_bare_folder(write: Write) -> None:
    ends = "version: 1\nendpoints: {x: {device: edge1}, y: {devices: {name: edge2}}}\n"
    paths = ends + "flows: [{name: f, kind: ikev2, from: x, to: y}]\n"
    folder = write(
        {
            "edge1.cfg": "x",
            "edge2": "x",
            "paths.yaml": paths,
            "routes/edge1.json": "{}",
            "show/edge2/ver.txt": "",
            "config.yaml": "",
        }
    )
    inventory = run(folder)
    assert inventory.hosts["edge1"].routes == "routes/edge1.json"
    assert inventory.hosts["edge2"].shows == ("show/edge2/ver.txt",)
    assert [(flow.name, flow.receiver) for flow in inventory.flows] == [("f/edge2", "y/edge2")]
    assert inventory.unclaimed == ()
    assert inventory.notes == ("config.yaml is not loaded: an inventory never says what runs",)


def test_configs_elsewhere_are_searched_instead(write: Write) -> None:
    folder, other = write({"edge1": "x"}), write({"g/edge9.cfg": "x"}, "other")
    inventory = run(folder, configs=other)
    assert {name: host.configs for name, host in inventory.hosts.items()} == {"edge9": ("../other/g/edge9.cfg",)}


def test_a_platforms_short_spelling_may_be_a_domain(write: Write) -> None:
    inventory = load(write({"a.xyz": "x", "b.pl": "x"}), aliases={"xyz": "one", "pl": "two"}, systems=())
    assert list(inventory.hosts) == ["a", "b.pl"]
    assert str(inventory.hosts["b.pl"].origin) == "b.pl:1: b.pl"


def test_a_folder_that_is_too_deep_is_listed(write: Write) -> None:
    deep = "/".join("d" * 21)
    inventory = run(write({"edge1": "x", f"{deep}/edge2": "x"}))
    assert list(inventory.hosts) == ["edge1"]
    assert inventory.unclaimed == ((deep, "a folder more than 20 folders deep"),)
