"""LAN switches: what is too big for a port is in doubt there, since not every switch fragments."""

import pytest

from auditor.model.device import Device
from tests.platforms.cisco_ios.reading import rule_text, whole

PORT = "interface Vlan10\n ip address 192.0.2.1 255.255.255.0\n"


def limits(found: Device, name: str = "Vlan10") -> dict[str, list[str]]:
    one = found.interface(name)
    assert one is not None
    keys = [b.filter for b in one.bindings if b.filter.startswith("size limit")]
    return {key: [rule_text(rule).split(" ", 1)[1] for rule in found.filters[key].rules] for key in keys}


@pytest.mark.parametrize(
    ("head", "line", "out", "into"),
    [
        ("switch 1 provision c9300-24t\nsystem mtu 9198\n", "", 9199, 9199),
        ("switch 1 provision c9300-24t\nsystem mtu 9198\n", " ip mtu 1400\n", 1401, 9199),
        ("switch 1 provision c9300-24t\n", "", 1501, 1501),
        ("switch 1 provision ws-c3750\nsystem mtu routing 1400\n", "", 1401, 1401),
    ],
)
def test_what_is_too_big_for_a_switch_is_in_doubt(head: str, line: str, out: int, into: int) -> None:
    found = limits(whole(head + PORT + line))
    assert list(found) == [f"size limit of Vlan10 {end}" for end in ("out", "in", "in (IPv6)")]
    (leaving,) = found["size limit of Vlan10 out"]
    assert "not every switch fragments" in leaving
    assert f"length {out}-65535 fragment-word 0 in by not " in leaving
    assert f"length {into}-65535" in found["size limit of Vlan10 in"][0]


def test_a_router_fragments() -> None:
    assert not limits(whole(PORT))


def test_a_loopback_of_a_switch_has_no_such_limit() -> None:
    body = "switch 1 provision x\ninterface Loopback0\n ip address 192.0.2.9 255.255.255.255\n"
    assert not limits(whole(body + PORT), "Loopback0")
