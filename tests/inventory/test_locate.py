"""Which file is whose: saved configs, routes, outputs of show commands, and nothing outside the folder."""

import os
from pathlib import Path

import pytest

from auditor.errors import ConfigError, InventoryError
from auditor.inventory import load, read_configs
from auditor.model.flows import Host, Inventory

from .conftest import ALIASES, Load, Write

Files = dict[str, str | bytes]


def run(folder: Path, **options: Path) -> Inventory:
    """Loads a folder with the tests' catalogue."""
    return load(folder, aliases=ALIASES, systems=(), **options)


CLAIMS: list[tuple[str, list[str], dict[str, tuple[str, ...]], dict[str, str]]] = [
    ("a: {}", ["configs/a"], {"a": ("configs/a",)}, {}),
    ("a: {}", ["configs/a.cfg"], {"a": ("configs/a.cfg",)}, {}),
    ("a: {}", [], {"a": ()}, {}),
    ("{a: {}, a.lab: {}}", ["configs/a.lab.cfg"], {"a": (), "a.lab": ("configs/a.lab.cfg",)}, {}),
    (
        "{a: {}, a.lab: {}}",
        ["configs/a.cfg", "configs/a.lab"],
        {"a": ("configs/a.cfg",), "a.lab": ("configs/a.lab",)},
        {},
    ),
    (
        "a: {}",
        ["configs/a/2.txt", "configs/a/10.txt", "configs/a/.x", "configs/a/sub/3"],
        {"a": ("configs/a/10.txt", "configs/a/2.txt")},
        {"configs/a/.x": "hidden", "configs/a/sub": "a folder in a host's folder"},
    ),
    (
        "a: {}",
        ["configs/b.cfg", "configs/.gitkeep", "configs/site/a.cfg", "configs/ab"],
        {"a": ()},
        {
            "configs/b.cfg": "no host of the inventory has its name",
            "configs/.gitkeep": "hidden",
            "configs/site": "no host of the inventory has its name",
            "configs/ab": "no host of the inventory has its name",
        },
    ),
    ("fw/vd1: {}", ["configs/fw%2Fvd1.cfg"], {"fw/vd1": ("configs/fw%2Fvd1.cfg",)}, {}),
    (
        "{a/b: {}, a%2Fb: {}}",
        ["configs/a%2Fb.cfg"],
        {"a/b": (), "a%2Fb": ("configs/a%2Fb.cfg",)},
        {},
    ),
    ("a b: {}", ["configs/a b.cfg"], {"a b": ("configs/a b.cfg",)}, {}),
    ("a b: {}", ["configs/a%20b.cfg"], {"a b": ("configs/a%20b.cfg",)}, {}),
    (
        "a: {data: {config: x/y.cfg}}",
        ["x/y.cfg", "configs/a.cfg"],
        {"a": ("x/y.cfg",)},
        {"configs/a.cfg": "host a names another file as its config"},
    ),
    (
        "{a: {data: {config: configs/b.old}}, b: {}}",
        ["configs/b.old", "configs/b.cfg"],
        {"a": ("configs/b.old",), "b": ("configs/b.cfg",)},
        {},
    ),
    (
        "a: {data: {config: configs/pair}}",
        ["configs/pair/2", "configs/pair/1"],
        {"a": ("configs/pair/1", "configs/pair/2")},
        {},
    ),
    (
        "a: {data: {config: configs/../x.cfg}}",
        ["x.cfg", "configs/z"],
        {"a": ("x.cfg",)},
        {"configs/z": "no host of the inventory has its name"},
    ),
]


@pytest.mark.parametrize(("hosts", "files", "configs", "unclaimed"), CLAIMS)
def test_configs_find_their_hosts(
    write: Write, hosts: str, files: list[str], configs: dict[str, tuple[str, ...]], unclaimed: dict[str, str]
) -> None:
    inventory = run(write({"hosts.yaml": hosts, **dict.fromkeys(files, "text")}))
    assert {name: host.configs for name, host in inventory.hosts.items()} == configs
    assert dict(inventory.unclaimed) == unclaimed


BAD: list[tuple[Files, str]] = [
    (
        {"hosts.yaml": "a: {}\n", "configs/a": "x", "configs/a.cfg": "x"},
        (
            "hosts.yaml:1: a: two configs fit it, configs/a and configs/a.cfg: keep one, or name it as "
            "data: {config: PATH}"
        ),
    ),
    (
        {"hosts.yaml": "a: {}\n", "configs/a/1": "x", "configs/a.cfg": "x"},
        (
            "hosts.yaml:1: a: two configs fit it, configs/a and configs/a.cfg: keep one, or name it as "
            "data: {config: PATH}"
        ),
    ),
    (
        {"hosts.yaml": "a b: {}\n", "configs/a b": "x", "configs/a%20b": "x"},
        (
            "hosts.yaml:1: a b: two configs fit it, configs/a b and configs/a%20b: keep one, or name it as "
            "data: {config: PATH}"
        ),
    ),
    (
        {"hosts.yaml": "a: {}\nb c: {}\n", "routes/b c.json": "x", "routes/b%20c.json": "x"},
        "hosts.yaml:2: b c: two files hold its routes, routes/b c.json and routes/b%20c.json: keep one",
    ),
    (
        {"hosts.yaml": "a:\n  data:\n    config: configs/x.cfg\n"},
        "hosts.yaml:3: a.data.config: there is no file 'configs/x.cfg' in the inventory folder",
    ),
    (
        {"hosts.yaml": "a: {data: {config: ../x.cfg}}\n"},
        (
            "hosts.yaml:1: a.data.config: '../x.cfg' leaves the inventory folder: put the file inside and "
            "name it from there"
        ),
    ),
    (
        {"hosts.yaml": "a: {data: {config: /etc/passwd}}\n"},
        (
            "hosts.yaml:1: a.data.config: '/etc/passwd' leaves the inventory folder: put the file inside "
            "and name it from there"
        ),
    ),
    (
        {"hosts.yaml": "a: {data: {config: configs/../../x}}\n"},
        (
            "hosts.yaml:1: a.data.config: 'configs/../../x' leaves the inventory folder: put the file "
            "inside and name it from there"
        ),
    ),
    (
        {"hosts.yaml": "a: {data: {config: [x]}}\n"},
        "hosts.yaml:1: a.data.config: a list is not the path of a config file in the inventory folder",
    ),
    (
        {"hosts.yaml": 'a: {data: {config: "x\\0y"}}\n'},
        "hosts.yaml:1: a.data.config: 'x\\x00y' has control characters: write it without",
    ),
    (
        {"hosts.yaml": "a: {data: {config: .}}\n"},
        "hosts.yaml:1: a.data.config: there is no file '.' in the inventory folder",
    ),
    (
        {"hosts.yaml": f"a: {{data: {{config: {'x' * 300}}}}}\n"},
        f"hosts.yaml:1: a.data.config: '{'x' * 80}...' is no file's name",
    ),
]


@pytest.mark.parametrize(("files", "sentence"), BAD, ids=lambda value: value[:60] if isinstance(value, str) else "")
def test_a_file_that_does_not_fit_is_refused(write: Write, files: Files, sentence: str) -> None:
    with pytest.raises(InventoryError) as caught:
        run(write(files))
    assert str(caught.value) == sentence


LINKS = [
    (
        "configs/a.cfg",
        "outside.cfg",
        (
            "hosts.yaml:1: a: its file configs/a.cfg can't be used (a link to a place outside the folder): "
            "put a plain file there"
        ),
    ),
    (
        "configs/a/1.cfg",
        "outside.cfg",
        (
            "hosts.yaml:1: a: its file configs/a/1.cfg can't be used (a link to a place outside the folder): "
            "put a plain file there"
        ),
    ),
    (
        "configs/a.cfg",
        "inventory/nothing",
        "hosts.yaml:1: a: its file configs/a.cfg can't be used (a link to nothing): put a plain file there",
    ),
    (
        "configs/a.cfg",
        "inventory/configs/a.cfg",
        (
            "hosts.yaml:1: a: its file configs/a.cfg can't be used (can't be opened: "
            "too many levels of symbolic links): put a plain file there"
        ),
    ),
    (
        "routes/a.json",
        "outside.cfg",
        (
            "hosts.yaml:1: a: its file routes/a.json can't be used (a link to a place outside the folder): "
            "put a plain file there"
        ),
    ),
    ("configs", "elsewhere", "'configs' is a link to a folder outside the inventory: give that folder with --configs"),
    ("routes", "elsewhere", "the folder 'routes' is a link to a place outside the inventory: put the files inside"),
    ("paths.yaml", "outside.cfg", "paths.yaml is a link to a file outside the inventory: put the file itself there"),
    ("groups.yaml", "outside.cfg", "groups.yaml is a link to a file outside the inventory: put the file itself there"),
    ("paths.d", "elsewhere", "the folder 'paths.d' is a link to a place outside the inventory: put the files inside"),
]


@pytest.mark.parametrize(("link", "target", "sentence"), LINKS)
def test_a_link_that_leaves_the_folder_is_refused(write: Write, link: str, target: str, sentence: str) -> None:
    folder = write({"hosts.yaml": "a: {}\n"})
    (folder.parent / "outside.cfg").write_text("secret")
    (folder.parent / "elsewhere").mkdir()
    (folder / link).parent.mkdir(parents=True, exist_ok=True)
    (folder / link).symlink_to(folder.parent / target)
    with pytest.raises(InventoryError) as caught:
        run(folder)
    assert str(caught.value) == sentence


def test_a_link_inside_the_folder_is_followed(write: Write) -> None:
    folder = write({"hosts.yaml": "a: {}\n", "saved/a.txt": "hostname a\n", "configs/x": ""})
    (folder / "configs/a.cfg").symlink_to("../saved/a.txt")
    host = run(folder).hosts["a"]
    assert read_configs(folder, host) == [("configs/a.cfg", b"hostname a\n")]


def test_links_of_nobody_are_listed(write: Write) -> None:
    folder = write({"hosts.yaml": "a: {}\n", "configs/a": "x"})
    (folder / "configs/z").symlink_to(folder.parent)
    (folder / "configs/y").symlink_to("nothing")
    os.mkfifo(folder / "configs/pipe")
    assert run(folder).unclaimed == (
        ("configs/pipe", "no plain file"),
        ("configs/y", "a link to nothing"),
        ("configs/z", "a link to a place outside the folder"),
    )


def test_a_name_that_is_no_text_is_listed_and_can_be_shown(write: Write) -> None:
    folder = write({"hosts.yaml": "a: {}\n", "configs/a": "x"})
    (folder / os.fsdecode(b"configs/\xff\n.cfg")).write_text("x")
    assert run(folder).unclaimed == (("configs/\\udcff\\n.cfg", "its name is no text"),)


def test_routes_and_outputs_are_located(write: Write) -> None:
    files: Files = dict.fromkeys(
        [
            "routes/a.json",
            "routes/c.json",
            "routes/b.txt",
            "show/a/show version.txt",
            "show/a/x.log",
            "show/c/x.txt",
            "show/b%20x/1.txt",
        ],
        "",
    )
    inventory = run(write({"hosts.yaml": "a: {}\nb x: {}\n", **files}))
    assert inventory.hosts["a"].routes == "routes/a.json"
    assert inventory.hosts["a"].shows == ("show/a/show version.txt",)
    assert inventory.hosts["b x"].shows == ("show/b%20x/1.txt",)
    assert inventory.unclaimed == (
        ("routes/b.txt", "no host of the inventory has its name and .json"),
        ("routes/c.json", "no host of the inventory has its name and .json"),
        ("show/a/x.log", "no .txt file"),
        ("show/c", "no host of the inventory has its name (a folder for each host)"),
    )


def test_configs_may_be_elsewhere(write: Write) -> None:
    folder = write({"hosts.yaml": "a: {}\nb: {data: {config: configs/old/b.txt}}\n", "configs/a.cfg": "here"})
    other = write({"a.cfg": "there", "old/b.txt": "b"}, "other")
    inventory = run(folder, configs=other)
    assert inventory.hosts["a"].configs == ("../other/a.cfg",)
    assert read_configs(folder, inventory.hosts["a"]) == [("../other/a.cfg", b"there")]
    assert read_configs(folder, inventory.hosts["b"]) == [("../other/old/b.txt", b"b")]


def test_configs_elsewhere_that_are_not_there_are_said(write: Write) -> None:
    with pytest.raises(InventoryError, match=r"^the folder '.*' is not there$"):
        run(write({"hosts.yaml": "a: {}\n"}), configs=Path("/nowhere/at/all"))


def test_a_config_that_cannot_be_read_is_a_config_error(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write({"hosts.yaml": "a: {}\n", "configs/a": "x"})
    host = run(folder).hosts["a"]

    def refuse(path: Path) -> bytes:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(ConfigError) as caught:
        read_configs(folder, host)
    assert str(caught.value) == "configs/a can't be read: permission denied"


def test_a_config_that_is_gone_is_a_config_error(write: Write) -> None:
    host = Host(name="a", platform=None, configs=("configs/a",), data={})
    with pytest.raises(ConfigError, match=r"^configs/a can't be read: no such file or directory$"):
        read_configs(write({"hosts.yaml": "a: {}\n"}), host)


def test_everything_is_sorted_so_that_reports_stay_the_same(loaded: Load) -> None:
    names = [f"configs/z{i}" for i in (3, 1, 2)]
    assert [name for name, _ in loaded(dict.fromkeys(names, "")).unclaimed] == sorted(names)


@pytest.mark.parametrize(
    ("what", "sentence"),
    [
        ("scandir", "the folder 'configs' can't be listed: permission denied"),
        ("exists", "'{folder}/hosts.yml' can't be opened: permission denied"),
    ],
)
def test_what_may_not_be_looked_at_is_said(
    write: Write, monkeypatch: pytest.MonkeyPatch, what: str, sentence: str
) -> None:
    folder = write({"hosts.yaml": "a: {}\n", "configs/a": "x"})

    def refuse(path: Path) -> bool:
        if path.name in ("configs", "hosts.yml"):
            raise PermissionError(13, "Permission denied", str(path))
        return True

    monkeypatch.setattr(os if what == "scandir" else Path, what, refuse)
    with pytest.raises(InventoryError) as caught:
        run(folder)
    assert str(caught.value) == sentence.format(folder=folder)
