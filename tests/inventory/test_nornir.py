"""hosts.yaml, groups.yaml and defaults.yaml are read as Nornir's own SimpleInventory reads them."""

import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nornir.core.inventory import Host as NornirHost
from nornir.core.inventory import Inventory as NornirInventory
from nornir.plugins.inventory.simple import SimpleInventory

from auditor.inventory.hosts import Record, read_records
from auditor.inventory.scope import Scope
from auditor.inventory.values import Value, read

VARIED = {
    "hosts.yaml": """\
base: &base
  platform: ios
  groups: [site-a, core]
  data: &data {role: core, vlan: 010, tags: [no, yes, 1:30], since: 2021-03-04, note: ~}
r1: {<<: *base, hostname: 10.0.0.1, port: 22}
r2:
  <<: [{platform: eos, port: 8022}, *base]
  data: {<<: *data, role: edge, nested: {a: [1, {b: 0x1F}]}}
r3: {}
r4: {groups: [leaf], data: {speed: 1e9, ratio: .5, on: off, empty: }}
r5: {groups: [core, site-a], platform: , hostname: "no"}
10: {groups: [leaf, site-a]}
r6: {groups: [], data: {}}
""",
    "groups.yaml": """\
core: {platform: nxos, groups: [all], data: {role: group, area: 0, mtu: 9_000}}
site-a: {groups: [region, all], data: {site: a, mtu: 1500}, port: 2222}
region: {data: {region: eu, site: region, area: 51}, hostname: jump}
leaf: {groups: [core, region]}
all: {data: {everywhere: true, role: all}, platform: linux}
""",
    "defaults.yaml": "data: {domain: example.net, role: default, nothing: }\nplatform: junos\nport: 830\n",
}


def mine(folder: Path) -> dict[str, Record]:
    """What we read."""
    hosts, groups, defaults = (
        read((folder / name).read_text(), name) if (folder / name).exists() else None for name in VARIED
    )
    assert isinstance(hosts, Value)
    return read_records(hosts, groups, defaults)[0]


def theirs(folder: Path) -> NornirInventory:
    """What Nornir reads."""
    return SimpleInventory(*(str(folder / name) for name in VARIED)).load()


def as_nornir(host: NornirHost) -> dict[str, Any]:
    """A host of Nornir's in our words."""
    return {
        "hostname": host.hostname,
        "port": host.port,
        "platform": host.platform,
        "groups": [group.name for group in host.groups],
        "lineage": [group.name for group in host.extended_groups()],
        "data": {str(key): value for key, value in host.extended_data().items()},
    }


def as_ours(record: Record) -> dict[str, Any]:
    """The same of ours."""
    return {
        "hostname": record.hostname,
        "port": record.port,
        "platform": record.platform.node.data if record.platform else None,
        "groups": list(record.groups),
        "lineage": list(record.lineage),
        "data": dict(record.data),
    }


def assert_equal(folder: Path) -> None:
    """Host for host, in the same order."""
    expected = {str(name): as_nornir(host) for name, host in theirs(folder).hosts.items()}
    found = {name: as_ours(record) for name, record in mine(folder).items()}
    assert found == expected
    assert list(found) == list(expected)


@pytest.mark.parametrize("without", ["", "defaults.yaml"])
def test_varied_files_are_read_alike(tmp_path: Path, without: str) -> None:
    for name, text in VARIED.items():
        if name != without:
            (tmp_path / name).write_text(text)
    assert_equal(tmp_path)


def test_hosts_alone_are_read_alike(tmp_path: Path) -> None:
    (tmp_path / "hosts.yaml").write_text("a: {platform: ios}\nb: {data: {x: [1, 2]}}\n")
    assert_equal(tmp_path)


GROUPS = ["g0", "g1", "g2", "g3", "g4"]
scalars = st.sampled_from(["no", "010", "1:30", "true", "~", "0x10", "a b", "'1'", "1.5", "[1, b]", "{k: v}"])
datas = st.dictionaries(st.sampled_from("abcd"), scalars, max_size=3)


@st.composite
def elements(draw: st.DrawFn, groups: list[str]) -> str:
    """The keys of a host or group, in flow style."""
    keys = []
    if draw(st.booleans()):
        keys.append("platform: " + draw(st.sampled_from(["ios", "eos", "linux"])))
    if draw(st.booleans()):
        keys.append("port: " + draw(st.sampled_from(["22", "0o26", "08"])))
    if groups:
        keys.append("groups: [" + ", ".join(draw(st.lists(st.sampled_from(groups), unique=True, max_size=3))) + "]")
    data = draw(datas)
    if data:
        keys.append("data: {" + ", ".join(f"{key}: {value}" for key, value in data.items()) + "}")
    return "{" + ", ".join(keys) + "}"


@settings(deadline=None, max_examples=50)
@given(st.data())
def test_random_files_are_read_alike(data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        hosts = "".join(f"h{i}: {data.draw(elements(GROUPS))}\n" for i in range(data.draw(st.integers(1, 4))))
        groups = "".join(f"{g}: {data.draw(elements(GROUPS[i + 1 :]))}\n" for i, g in enumerate(GROUPS))
        (folder / "hosts.yaml").write_text(hosts)
        (folder / "groups.yaml").write_text(groups)
        (folder / "defaults.yaml").write_text(data.draw(elements([])))
        assert_equal(folder)


FILTERS = [
    {"role": "core"},
    {"role": "group"},
    {"role": "default"},
    {"site": "a", "area": 0},
    {"platform": "nxos"},
    {"port": 22},
    {"name": "r4"},
    {"hostname": "jump"},
    {"domain": "example.net"},
    {"area": "0"},
    {"mtu": 9000},
    {"vlan": 10},
    {"tags": ["no", "yes", "1:30"]},
    {"everywhere": True},
    {"missing": None},
    {},
]


@pytest.mark.parametrize("wanted", FILTERS, ids=str)
def test_devices_are_filtered_as_nornir_filters(tmp_path: Path, wanted: dict[str, Any]) -> None:
    import json

    for name, text in VARIED.items():
        (tmp_path / name).write_text(text)
    expected = [str(name) for name in theirs(tmp_path).filter(**wanted).hosts]
    scope = Scope(records=mine(tmp_path), systems=(), aliases={})
    assert expected or wanted == {"area": "0"}
    if expected:
        assert scope.matching(read(json.dumps(wanted), "f")) == expected
    else:
        with pytest.raises(Exception, match="no device of the inventory has area: '0'"):
            scope.matching(read(json.dumps(wanted), "f"))
