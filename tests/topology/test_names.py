"""Interfaces and devices as users name them."""

import pytest

from auditor.errors import InventoryError
from auditor.topology.names import find_device, find_interface
from tests.topology.build import ORIGIN, device, interface, unread

NAMES = (
    "GigabitEthernet0/0", "GigabitEthernet0/1", "TenGigabitEthernet1/1", "Vlan10", "Tunnel0", "Port-channel1",
    "Loopback0", "ge-0/0/1.0", "eth0", "eth0.100", "ens3", "wan1", "mgmt",
)  # fmt: skip
DEVICE = device(
    "r1",
    interfaces=(*(interface("r1", n, "") for n in NAMES), interface("r1", "Ethernet9", "", resolves_by=("outside",))),
)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        *((name, name) for name in NAMES),
        ("Gi0/0", "GigabitEthernet0/0"), ("gi0/1", "GigabitEthernet0/1"), ("Gig0/1", "GigabitEthernet0/1"),
        ("gigabitethernet0/1", "GigabitEthernet0/1"), ("GigabitEthernet 0/1", "GigabitEthernet0/1"),
        ("Te1/1", "TenGigabitEthernet1/1"), ("vl10", "Vlan10"), ("VLAN10", "Vlan10"), ("Tu0", "Tunnel0"),
        ("Po1", "Port-channel1"), ("Lo0", "Loopback0"), ("outside", "Ethernet9"), ("Outside", "Ethernet9"),
        ("Eth9", "Ethernet9"), ("GE-0/0/1.0", "ge-0/0/1.0"),
    ],
)  # fmt: skip
def test_an_interface_is_found_by_its_name_and_usual_abbreviations(said, meant):
    assert find_interface(DEVICE, said, ORIGIN).name == meant


@pytest.mark.parametrize("said", ["Gi0/2", "0/0", "", "Vlan1", "eth", "G\x1b0/0", "en9", "💥", "x" * 500])
def test_a_wrong_name_is_refused_at_the_users_line(said):
    with pytest.raises(InventoryError) as caught:
        find_interface(DEVICE, said, ORIGIN)
    text = str(caught.value)
    assert text.startswith("paths.yaml:7: flows.f: r1 has no interface ")
    assert text.isprintable()
    assert len(text) < 500


def test_the_nearest_right_name_is_told():
    with pytest.raises(InventoryError, match="the nearest is 'GigabitEthernet0/"):
        find_interface(DEVICE, "GigabitEthernet0/7", ORIGIN)
    with pytest.raises(InventoryError, match="the nearest is 'outside'"):
        find_interface(DEVICE, "outsid", ORIGIN)
    with pytest.raises(InventoryError, match=r"there are GigabitEthernet0/0, .* and 7 more"):
        find_interface(DEVICE, "zzz", ORIGIN)
    with pytest.raises(InventoryError, match="there is none"):
        find_interface(device("r2"), "zzz", ORIGIN)


def test_devices_that_hold_several():
    devices = {d.name: d for d in (device("fw/a"), device("fw/b"), device("r1"), unread("r2"))}
    assert find_device(devices, "fw/a", ORIGIN) is devices["fw/a"]
    assert find_device(devices, "r2", ORIGIN) is None
    assert find_device(devices, "r3", ORIGIN) is None
    assert find_device(devices, "r2/x", ORIGIN) is None
    with pytest.raises(InventoryError, match="'fw' holds several devices: name one of fw/a, fw/b"):
        find_device(devices, "fw", ORIGIN)
    with pytest.raises(InventoryError, match="there is no device 'fw/c': the nearest is 'fw/b'"):
        find_device(devices, "fw/c", ORIGIN)
    with pytest.raises(InventoryError, match="there is no device 'r1/x'"):
        find_device(devices, "r1/x", ORIGIN)
