"""``internet``: global unicast without special-purpose blocks and without what the inventory holds."""

import pytest

from auditor.model.addresses import ADDRESSES, IntervalSet, parse_address
from auditor.topology import Topology
from auditor.topology.special import SPECIAL, global_unicast
from tests.topology.build import device, values


@pytest.mark.parametrize(
    "text",
    [
        "0.0.0.1", "10.1.2.3", "100.64.0.1", "100.127.255.255", "127.0.0.1", "169.254.1.1", "172.31.255.255",
        "192.0.0.9", "192.0.2.1", "192.88.99.1", "192.168.0.1", "198.19.255.255", "198.51.100.7", "203.0.113.7",
        "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255",
        "::", "::1", "fc00::1", "fe80::1", "ff02::1", "2001:db8::1", "2001::1", "2002::1", "3fff::1", "64:ff9b::1",
    ],
)  # fmt: skip
def test_special_addresses_are_no_clients(text):
    family, address = parse_address(text)
    assert address not in global_unicast(family)


@pytest.mark.parametrize(
    "text",
    ["1.1.1.1", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "172.32.0.0", "192.0.1.0",
     "223.255.255.255", "2000::1", "2001:200::1", "2003::1", "2a00::1", "3ffe::1"],
)  # fmt: skip
def test_others_are(text):
    family, address = parse_address(text)
    assert address in global_unicast(family)


@pytest.mark.parametrize(("family", "block"), [(f, block) for f in (4, 6) for block, _ in SPECIAL[f]])
def test_no_block_of_the_registries_is_in_it(family, block):
    assert not values(block) & global_unicast(family)


def internet(family, *devices):
    return Topology({d.name: d for d in devices}).internet(family)


def test_what_the_inventory_holds_is_left_out():
    one = device("r1", {"a": "9.9.9.1/24", "off": "8.8.8.1/24 down"}, nat=["5.5.5.5/32"])
    found = internet(4, one)
    assert found == global_unicast(4) - values("9.9.9.0/24 8.8.8.0/24 5.5.5.5/32")


def test_a_family_that_no_interface_has_is_not_in_use():
    one = device("r1", {"a": "9.9.9.1/24", "lo": "::1/128", "b": "fe80::1/64"})
    assert internet(6, one) == IntervalSet()
    two = device("r2", {"a": "2001:db8::1/64"})
    assert internet(6, one, two) == global_unicast(6)
    assert internet(4, two) == IntervalSet()
    assert internet(6, two) <= ADDRESSES[6]
