"""Interfaces, their MTUs with the basis of each, tunnels, routes, speakers and what is not understood."""

import pytest

from auditor.model.device import Df
from auditor.model.evidence import Basis
from tests.platforms.juniper_junos.reading import HEAD, device, port

LOOPBACK = """set interfaces lo0 unit 0 family inet filter input RE
set interfaces lo0 unit 0 family inet6 filter input RE6
set firewall family inet filter RE term A then accept
set firewall family inet6 filter RE6 term A then accept
"""
UNIT = "interfaces ge-0/0/0 unit 0 family inet address 192.0.2.1/24\n"


@pytest.mark.parametrize(
    ("body", "name", "value", "basis"),
    [
        (UNIT, "ge-0/0/0.0", 1500, Basis.ABSENT),
        (f"{UNIT}interfaces ge-0/0/0 mtu 1514", "ge-0/0/0.0", 1500, Basis.READ),
        (f"{UNIT}interfaces ge-0/0/0 mtu 9192", "ge-0/0/0.0", 9178, Basis.READ),
        (
            f"{UNIT}interfaces ge-0/0/0 mtu 9192\ninterfaces ge-0/0/0 unit 0 family inet mtu 1400",
            "ge-0/0/0.0",
            1400,
            Basis.READ,
        ),
        (f"{UNIT}interfaces ge-0/0/0 vlan-tagging", "ge-0/0/0.0", 1500, Basis.ABSENT),
        (f"{UNIT}interfaces ge-0/0/0 vlan-tagging\ninterfaces ge-0/0/0 mtu 1514", "ge-0/0/0.0", 1496, Basis.READ),
        (
            f"{UNIT}interfaces ge-0/0/0 flexible-vlan-tagging\ninterfaces ge-0/0/0 mtu 1522",
            "ge-0/0/0.0",
            1500,
            Basis.ASSUMED,
        ),
        ("interfaces ae0 unit 0 family inet\ninterfaces ae0 mtu 9014", "ae0.0", 9000, Basis.READ),
        ("interfaces irb unit 5 family inet\ninterfaces irb mtu 9014", "irb.5", 9000, Basis.ASSUMED),
        ("interfaces st0 unit 0 family inet", "st0.0", 9192, Basis.ASSUMED),
        ("interfaces st0 unit 0 family inet mtu 1400", "st0.0", 1400, Basis.READ),
        ("interfaces pp0 unit 0 family inet", "pp0.0", 1492, Basis.ASSUMED),
        ("interfaces gr-0/0/0 unit 0 family inet", "gr-0/0/0.0", 1476, Basis.ASSUMED),
        ("interfaces lo0 unit 0 family inet", "lo0.0", None, Basis.INFERRED),
        ("interfaces so-0/0/0 unit 0 family inet\ninterfaces so-0/0/0 mtu 4474", "so-0/0/0.0", 4470, Basis.READ),
    ],
)
def test_mtu(body: str, name: str, value: int | None, basis: Basis) -> None:
    fact = port(body, name).mtu[4]
    assert (fact.value, fact.basis) == (value, basis)


def test_mtu_of_a_config_that_is_cut() -> None:
    found = device(f"{HEAD}set {UNIT}[...]\n").interface("ge-0/0/0.0")
    assert found is not None
    assert found.mtu[4].basis is Basis.DEFAULT


def test_what_a_link_takes_in_is_bound_by_its_own_mtu_and_not_by_the_familys() -> None:
    found = port(f"{UNIT}interfaces ge-0/0/0 mtu 1614\ninterfaces ge-0/0/0 unit 0 family inet mtu 1400")
    assert found.receive_mtu is not None
    assert (found.receive_mtu.value, found.mtu[4].value, found.mtu[6].value) == (1600, 1400, 1600)


def test_an_interface_with_all_it_has() -> None:
    found = port(
        f'{UNIT}interfaces ge-0/0/0 description "to x"\n'
        "interfaces ge-0/0/0 unit 0 family inet6 address 2001:db8::1/64\n"
        "interfaces ge-0/0/0 unit 0 family inet address 192.0.2.1/24 vrrp-group 1 virtual-address 192.0.2.9\n"
        "interfaces ge-0/0/0 unit 0 family inet rpf-check\n"
        "interfaces ge-0/0/0 unit 0 family inet6 rpf-check mode loose\n"
        "routing-instances BLUE interface ge-0/0/0.0\nrouting-instances BLUE instance-type virtual-router"
    )
    assert [(a.family, a.length, a.shared) for a in found.addresses] == [(4, 24, False), (4, 24, True), (6, 64, False)]
    assert (found.vrf, found.description, found.resolves_by) == ("BLUE", "to x", ("ge-0/0/0",))
    assert (found.source_check[4].value, found.source_check[6].value) == ("strict", "loose")


def test_source_check_is_off_where_nothing_is_said() -> None:
    assert (port(UNIT).source_check[4].value, port(UNIT).source_check[4].basis) == ("off", Basis.ABSENT)


@pytest.mark.parametrize(
    ("line", "enabled"),
    [("interfaces ge-0/0/0 disable", False), ("interfaces ge-0/0/0 unit 0 disable", False), ("", True)],
)
def test_disabled(line: str, enabled: bool) -> None:
    assert port(UNIT + line).enabled is enabled


@pytest.mark.parametrize(
    ("more", "df", "basis"),
    [
        ("", Df.SET, Basis.ABSENT),
        ("interfaces gr-0/0/0 unit 0 tunnel allow-fragmentation", Df.CLEAR, Basis.READ),
        ("interfaces gr-0/0/0 unit 0 tunnel do-not-fragment", Df.SET, Basis.READ),
    ],
)
def test_gre(more: str, df: Df, basis: Basis) -> None:
    body = (
        "interfaces gr-0/0/0 unit 0 tunnel source 192.0.2.1\ninterfaces gr-0/0/0 unit 0 tunnel destination 192.0.2.2\n"
        f"interfaces gr-0/0/0 unit 0 tunnel key 7\n{more}"
    )
    found = port(body, "gr-0/0/0.0").tunnel
    assert found is not None
    assert (found.overhead.value, found.key, found.protocol, found.destination) == (28, "7", 47, 0xC0000202)
    assert (found.outer_df.value, found.outer_df.basis) == (df, basis)


@pytest.mark.parametrize(
    ("lines", "wanted"),
    [
        (["route 0.0.0.0/0 next-hop 192.0.2.9"], [(0, 5, ["192.0.2.9"])]),
        (["route 10.0.0.0/8 next-hop [ 192.0.2.9 192.0.2.8 ]"], [(8, 5, ["192.0.2.9", "192.0.2.8"])]),
        (["route 10.0.0.0/8 discard"], [(8, 5, [])]),
        (["route 10.0.0.0/8 reject", "route 10.0.0.0/8 preference 9"], [(8, 9, [])]),
        (["route 10.0.0.0/8 next-hop st0.0"], [(8, 5, ["st0.0"])]),
        (["route 10.0.0.0/8 next-table BLUE.inet.0"], [(8, 5, ["vrf BLUE"])]),
        (
            ["route 10.0.0.0/8 next-hop 192.0.2.9", "route 10.0.0.0/8 qualified-next-hop 192.0.2.8 preference 200"],
            [(8, 5, ["192.0.2.9"]), (8, 200, ["192.0.2.8"])],
        ),
    ],
)
def test_routes(lines: list[str], wanted: list[tuple[int, int, list[str]]]) -> None:
    from auditor.model.addresses import address_text

    found = device(HEAD + "".join(f"set routing-options static {line}\n" for line in lines)).routing
    assert [
        (
            route.length,
            route.distance,
            [
                address_text(4, hop.address) if hop.address is not None else hop.interface or f"vrf {hop.vrf}"
                for hop in route.next_hops
            ],
        )
        for route in found.routes
    ] == wanted
    assert found.complete[4]


@pytest.mark.parametrize(
    ("line", "four", "six"),
    [
        ("protocols ospf area 0 interface ge-0/0/0.0", False, True),
        ("protocols bgp group G neighbor 192.0.2.2", False, False),
        ("routing-options aggregate route 10.0.0.0/8", False, False),
        ("routing-options static route 10.0.0.0/8 mystery", False, False),
        ("protocols lldp interface all", True, True),
    ],
)
def test_routes_that_come_from_elsewhere(line: str, four: bool, six: bool) -> None:
    found = device(f"{HEAD}set {line}\n").routing
    assert (found.complete[4], found.complete[6]) == (four, six)


def test_routes_of_other_tables() -> None:
    found = device(
        HEAD + "set routing-options rib inet6.0 static route ::/0 next-hop 2001:db8::1\n"
        "set routing-instances BLUE routing-options static route 10.0.0.0/8 next-table inet.0\n"
    ).routing
    assert [(r.family, r.vrf, r.next_hops[0].vrf) for r in found.routes] == [
        (6, "default", None),
        (4, "BLUE", "default"),
    ]


def test_radius_client() -> None:
    (found,) = device(HEAD + "set system radius-server 192.0.2.5 secret x\n").speakers
    assert (found.kind, found.peers[0].ports) == ("radius-client", (1812, 1813))


@pytest.mark.parametrize(
    ("line", "place"),
    [
        ("interfaces ge-0/0/0 mystery", "ge-0/0/0.0"),
        ("interfaces ge-0/0/0 unit 0 mystery", "ge-0/0/0.0"),
        ("interfaces ge-0/0/0 unit 0 family inet mystery", "ge-0/0/0.0"),
        ("interfaces ge-0/0/0 unit 0 family inet service input service-set S", "ge-0/0/0.0"),
        ("interfaces ge-0/0/0 unit 0 family any filter input F", "ge-0/0/0.0"),
        ("interfaces st0 unit 0 family inet address 192.0.2.1/30", "st0.0"),
        ("forwarding-options family inet filter input F", ""),
        ("services service-set S interface-service service-interface ms-0/0/0", ""),
        ("system internet-options mystery", ""),
        ("routing-instances BLUE mystery", ""),
        ("routing-options flow route X then discard", ""),
        ("apply-groups NONE", ""),
    ],
)
def test_not_understood(line: str, place: str) -> None:
    found = device(f"{HEAD}set {line}\n").not_understood
    assert (f"set {line}", place) in [(one.evidence.text, one.place) for one in found]


def test_a_loopback_filter_counts_for_what_the_router_takes_in() -> None:
    found = device(HEAD + LOOPBACK)
    stages = [(stage.filters, stage.family) for stage in found.pipelines.local_in if getattr(stage, "filters", ())]
    assert stages == [(("RE",), 4), (("RE6 (inet6)",), 6)]


def test_loopback_filters_of_an_srx_stay_apart_by_family() -> None:
    found = device(
        HEAD
        + LOOPBACK
        + "set interfaces ge-0/0/0 unit 0 family inet\nset security zones security-zone a interfaces ge-0/0/0.0\n"
    )
    stages = [(stage.filters, stage.family) for stage in found.pipelines.local_in if getattr(stage, "filters", ())]
    assert (("RE",), 4) in stages
    assert (("RE6 (inet6)",), 6) in stages
    assert found.zoning is not None
