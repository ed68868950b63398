"""Nothing that a user can write ends in a traceback: random documents raise AuditError or load."""

import tempfile
from pathlib import Path
from typing import Any

import yaml
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from auditor.errors import AuditError
from auditor.inventory import endpoints, flows, hops, load, read_configs
from auditor.model.flows import Inventory

from .conftest import ALIASES, GROUPS, HOSTS, SYSTEMS

WORDS = st.sampled_from(
    [
        *("a", "b", "many", "edge1", "sw1", "fw1/vd1", "internet", "192.0.2.1", "192.0.2.0/24", "2001:db8::1"),
        *("ikev2", "radius", "custom", "reverse", "routing", "forward", "unknown", "pass", "drop", "pmtud"),
        *("nps", "psk", "eap-tls", "access"),
    ]
)
LEAVES = WORDS | st.none() | st.booleans() | st.integers(-1, 70_000) | st.floats() | st.text(max_size=5)
KEYS = st.sampled_from(
    [
        *endpoints.KEYS,
        *flows.KEYS,
        *flows.MESSAGE_KEYS,
        *hops.OPAQUE_KEYS,
        *hops.DEVICE_KEYS,
        "endpoint",
        "address",
        "role",
    ]
)


def collections(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Lists and mappings, the keys mostly right ones."""
    return st.lists(inner, max_size=3) | st.dictionaries(KEYS | st.text(max_size=3), inner, max_size=4)


ANY = st.recursive(LEAVES, collections, max_leaves=12)


def some(keys: tuple[str, ...]) -> st.SearchStrategy[dict[str, Any]]:
    """A mapping of right keys with whatever values."""
    return st.fixed_dictionaries({}, optional=dict.fromkeys(keys, ANY))


ENDPOINT = st.fixed_dictionaries({"address": LEAVES | ANY}, optional=dict.fromkeys(endpoints.KEYS[1:], ANY)) | some(
    endpoints.KEYS
)
SEND = {
    "name": st.just("f"),
    "kind": st.sampled_from(["ikev2", "radius", "custom"]),
    "from": st.sampled_from(["a", ["a"], "many"]),
}
FLOW = st.fixed_dictionaries({**SEND, "to": st.just("b")}, optional=dict.fromkeys(flows.KEYS[4:], ANY)) | some(
    flows.KEYS
)
ENDS = {"a": {"address": "192.0.2.1"}, "b": {"address": "internet"}, "many": {"devices": {"role": "access"}}}
PATHS = st.fixed_dictionaries(
    {"version": st.just(1), "flows": st.lists(FLOW, max_size=2) | ANY},
    optional={
        "endpoints": st.dictionaries(st.text(max_size=3), ENDPOINT, max_size=2).map(lambda more: {**ENDS, **more})
    },
)


def run(files: dict[str, str | bytes]) -> Inventory | None:
    """The inventory of the files, None where they earn a sentence."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for file, text in files.items():
            (folder / file).write_bytes(text if isinstance(text, bytes) else text.encode())
        try:
            inventory = load(folder, aliases=ALIASES, systems=SYSTEMS)
            for host in inventory.hosts.values():
                read_configs(folder, host)
        except AuditError as error:
            sentence = str(error)
            assert sentence.isprintable()
            assert ".yaml" in sentence or ".yml" in sentence
            return None
        return inventory


@settings(deadline=None, max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@given(PATHS | ANY)
@example({"version": 1, "endpoints": ENDS, "flows": [{"name": "f", "kind": "ikev2", "from": "a", "to": "b"}]})
def test_random_values_in_paths(document: Any) -> None:
    text = yaml.safe_dump(document, allow_unicode=True)
    inventory = run({"hosts.yaml": HOSTS, "groups.yaml": GROUPS, "paths.yaml": text})
    if inventory is not None:
        assert all(end in inventory.endpoints for flow in inventory.flows for end in (*flow.senders, flow.receiver))


@settings(deadline=None, max_examples=200)
@given(st.text("ab1:?-,[]{}#&*!|>'\"% \n<~\t@`", max_size=40) | st.text(max_size=20))
def test_random_text_in_paths(text: str) -> None:
    assert run({"hosts.yaml": HOSTS, "groups.yaml": GROUPS, "paths.yaml": text.encode(errors="surrogatepass")}) is None


@settings(deadline=None, max_examples=100)
@given(st.binary(max_size=40))
def test_random_bytes_in_paths(data: bytes) -> None:
    assert run({"hosts.yaml": HOSTS, "groups.yaml": GROUPS, "paths.yaml": data}) is None


HOST_KEYS = st.sampled_from(["platform", "groups", "data", "hostname", "port", "config", "edge", "sw1"])
HOST_VALUES = st.recursive(
    LEAVES | st.sampled_from(["ios", "edge", "../x", "/", "configs/x", "."]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(HOST_KEYS | LEAVES, inner, max_size=4),
    max_leaves=8,
)
HOST_FILES = st.dictionaries(st.text(max_size=4), st.dictionaries(HOST_KEYS, HOST_VALUES, max_size=4), max_size=3)


@settings(deadline=None, max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@given(HOST_FILES | HOST_VALUES, HOST_FILES | HOST_VALUES, HOST_VALUES)
@example({"a": {"groups": ["edge"]}}, {"edge": {"platform": "ios"}}, {"data": {"x": 1}})
def test_random_values_in_hosts(hosts: Any, groups: Any, defaults: Any) -> None:
    named = {"hosts.yaml": hosts, "groups.yaml": groups, "defaults.yaml": defaults}
    inventory = run({name: yaml.safe_dump(value, allow_unicode=True) for name, value in named.items()})
    if inventory is not None:
        assert inventory.hosts
        assert all(name.isprintable() for name in inventory.hosts)
