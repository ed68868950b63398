"""hosts.yaml and its companions: what is wrong, said in one sentence; platforms; notes."""

import pytest

from auditor.errors import InventoryError
from auditor.inventory import load

from .conftest import ALIASES, SYSTEMS, Load, Write

Files = dict[str, str | bytes]
BAD: list[tuple[Files, str]] = [
    ({"hosts.yaml": ""}, "hosts.yaml names no host"),
    ({"hosts.yaml": "[]"}, "hosts.yaml:1: a list can't stand here: it takes hosts by their names"),
    (
        {"hosts.yaml": "a: b\n"},
        "hosts.yaml:1: a: 'b' can't stand here: it takes keys such as platform, groups and data",
    ),
    ({"hosts.yaml": "a: {}\nb: {}\na: {}\n"}, "hosts.yaml:3: the key 'a' is given twice: first in line 1"),
    ({"hosts.yaml": "a:\n  port: 1\n  port: 2\n"}, "hosts.yaml:3: the key 'port' is given twice: first in line 2"),
    (
        {"hosts.yaml": "a: {groups: core}\n"},
        "hosts.yaml:1: a.groups: 'core' is no list of groups: a list is written [one, two]",
    ),
    (
        {"hosts.yaml": "a:\n  groups:\n    - core\n    - cor\n", "groups.yaml": "core: {}\n"},
        "hosts.yaml:4: a.groups[1]: the group 'cor' isn't defined in groups.yaml: the nearest is 'core'",
    ),
    (
        {"hosts.yaml": "a: {groups: [core]}\n"},
        "hosts.yaml:1: a.groups[0]: the group 'core' isn't defined in groups.yaml: there is none",
    ),
    ({"hosts.yaml": "a: {groups: [{x: y}]}\n"}, "hosts.yaml:1: a.groups[0]: a mapping is not the name of a group"),
    ({"hosts.yaml": "a: {data: [x]}\n"}, "hosts.yaml:1: a.data: a list is no data: that is a mapping"),
    (
        {"hosts.yaml": "a: {platform: [ios]}\n"},
        "hosts.yaml:1: a.platform: a list is not a platform: that is a name such as Netmiko's",
    ),
    (
        {"hosts.yaml": "a:\n  platform: cisco_iso\n"},
        (
            "hosts.yaml:2: a.platform: nobody knows the platform 'cisco_iso': the nearest is 'cisco_ios'; "
            "or leave the key out"
        ),
    ),
    (
        {"hosts.yaml": "a:\n  platform: zzzzzzzz\n"},
        (
            "hosts.yaml:2: a.platform: nobody knows the platform 'zzzzzzzz': there are cisco_ios, linux; or "
            "leave the key out"
        ),
    ),
    (
        {"hosts.yaml": "a: {groups: [x]}\n", "groups.yaml": "x:\n  platform: iosx\n"},
        "groups.yaml:2: x.platform: nobody knows the platform 'iosx': the nearest is 'iosxr'; or leave the key out",
    ),
    (
        {"hosts.yaml": "a: {}\n", "defaults.yaml": "platform: junoss\n"},
        "defaults.yaml:1: platform: nobody knows the platform 'junoss': the nearest is 'junos'; or leave the key out",
    ),
    (
        {"hosts.yaml": "a: {}\n", "groups.yaml": "x: {groups: [y]}\ny: {groups: [x]}\n"},
        "groups.yaml:1: x: the group 'x' inherits from itself: x > y > x",
    ),
    (
        {"hosts.yaml": "a: {}\n", "groups.yaml": "x: {groups: [z]}\n"},
        "groups.yaml:1: x.groups[0]: the group 'z' isn't defined in groups.yaml: there is only x",
    ),
    (
        {"hosts.yaml": "a: {}\n", "groups.yaml": "".join(f"g{i}: {{groups: [g{i + 1}]}}\n" for i in range(5000))},
        "groups.yaml:101: g100: a chain of groups is longer than 100: make it shorter",
    ),
    (
        {"hosts.yaml": "a: {}\n", "defaults.yaml": "[x]\n"},
        "defaults.yaml:1: a list can't stand here: it takes keys such as platform, groups and data",
    ),
    (
        {"hosts.yaml": '"a\\nb": {}\n'},
        "hosts.yaml:1: a\\nb: before the colon stands no name: that is text without control characters",
    ),
    ({"hosts.yaml": b"a: {}\n\xff: {}\n"}, "hosts.yaml:2: the byte 0xff is not UTF-8 text: save the file as UTF-8"),
    ({"hosts.yaml": "a: {}\n".encode("utf-16")}, "hosts.yaml:1: the file is UTF-16: save it as UTF-8"),
    ({"hosts.yaml/x": ""}, "hosts.yaml is no file that can be read: it takes a plain file"),
    ({"hosts.yml": "a: {}\n"}, "hosts.yml is not read: call it hosts.yaml"),
    ({"hosts.yaml": "a: {}\n", "groups.yml": "x: {}\n"}, "groups.yml is not read: call it groups.yaml"),
    ({"hosts.yaml": "a: {}\n", "paths.yml": "version: 1\n"}, "paths.yml is not read: call it paths.yaml"),
]


@pytest.mark.parametrize(("files", "sentence"), BAD, ids=lambda value: value[:60] if isinstance(value, str) else "")
def test_a_bad_file_earns_one_sentence(write: Write, files: Files, sentence: str) -> None:
    with pytest.raises(InventoryError) as caught:
        load(write(files), aliases=ALIASES, systems=SYSTEMS)
    assert str(caught.value) == sentence
    assert "\n" not in sentence


PLATFORMS = {
    "ios": ("cisco_ios", False),
    "cisco_xe": ("cisco_ios", False),
    "cisco_ios_telnet": ("cisco_ios", False),
    "IOS": ("cisco_ios", False),
    "linux": ("linux", False),
    "linux_ssh": ("linux", False),
    "junos": ("juniper_junos", True),
    "juniper_junos": ("juniper_junos", True),
    "eos": ("arista_eos", True),
    "nxos_ssh": ("cisco_nxos", True),
    "fortios": ("fortinet", True),
    "f5_tmsh": ("f5_tmsh", True),
}


@pytest.mark.parametrize(("spelling", "expected"), PLATFORMS.items())
def test_a_platform_is_known_by_every_spelling(write: Write, spelling: str, expected: tuple[str, bool]) -> None:
    host = load(write({"hosts.yaml": f"a: {{platform: {spelling}}}\n"}), aliases=ALIASES, systems=()).hosts["a"]
    assert (host.platform, host.unsupported) == expected


def test_a_platform_needs_no_alias_for_its_own_name(write: Write) -> None:
    aliases = {"ios": "cisco_ios"}
    hosts = load(
        write({"hosts.yaml": "{a: {platform: cisco_ios}, b: {platform: eos}}\n"}), aliases=aliases, systems=()
    ).hosts
    assert [(host.platform, host.unsupported) for host in hosts.values()] == [
        ("cisco_ios", False),
        ("arista_eos", True),
    ]


def test_a_host_without_a_platform_is_left_to_its_text(write: Write) -> None:
    host = load(write({"hosts.yaml": "a:\n"}), aliases=ALIASES, systems=()).hosts["a"]
    assert (host.platform, host.unsupported) == (None, False)


def test_a_host_knows_what_it_inherits_and_where_it_stands(loaded: Load) -> None:
    hosts = loaded().hosts
    assert hosts["edge2"].data == {"role": "edge"}
    assert hosts["edge2"].groups == ("edge",)
    assert str(hosts["edge2"].origin) == "hosts.yaml:2: edge2"
    assert hosts["sw1"].data == {"role": "access", "site": "a"}


def test_a_number_as_a_name_stays_as_it_is_written(write: Write) -> None:
    inventory = load(write({"hosts.yaml": "010: {}\n1.10: {}\nno: {}\n"}), aliases=ALIASES, systems=())
    assert list(inventory.hosts) == ["010", "1.10", "no"]


def test_keys_that_nothing_reads_are_pointed_out(write: Write) -> None:
    files = {"hosts.yaml": "a: {platfrom: ios}\nb: {platfrom: ios}\nc: {site: x}\n", "config.yaml": "runner: x\n"}
    assert load(write(files), aliases=ALIASES, systems=()).notes == (
        "config.yaml is not loaded: an inventory never says what runs",
        "hosts.yaml:1: a.platfrom: nothing reads the key 'platfrom' (and in 1 more places): the nearest is 'platform'",
        (
            "hosts.yaml:3: c.site: nothing reads the key 'site': there are hostname, port, username, password, "
            "platform, groups, data, connection_options"
        ),
    )


@pytest.mark.parametrize("name", ["missing", "inventory/hosts.yaml"])
def test_what_is_no_folder_is_said(write: Write, name: str) -> None:
    path = write({"hosts.yaml": "a: {}\n"}).parent / name
    what = "not there" if name == "missing" else "a file: give the folder that holds it"
    with pytest.raises(InventoryError) as caught:
        load(path, aliases=ALIASES, systems=())
    assert str(caught.value) == f"the folder '{path}' is {what}"
