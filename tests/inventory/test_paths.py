"""paths.yaml and paths.d: what it means, and one sentence for whatever is wrong."""

from dataclasses import replace
from pathlib import Path

import pytest

from auditor.errors import InventoryError
from auditor.inventory import load
from auditor.model.addresses import IntervalSet, address_text, parse_address, parse_prefix, range_texts
from auditor.model.flows import Attachment, DeviceHop, MessageClaim, OpaqueHop, Origin

from .cases import ENDS, expand, read_cases
from .conftest import ALIASES, GROUPS, HOSTS, SYSTEMS, Load, Write

CONTRACT = """\
version: 1
endpoints:
  clients:
    address: internet
    attach: [{device: edge1, interface: GigabitEthernet0/0}, {device: edge2, interface: GigabitEthernet0/0}]
    system: windows-10-1809
    mtu: 1500
    ike_fragmentation: false
    ike_fragment_size: 1280
    df: false
  rras1:
    address: 10.10.0.10
    published: 203.0.113.10
    system: windows-server-2016
  nps1:
    address: 10.20.0.5
    system: nps
    framed_mtu: 1344
  wlc:
    device: sw1
    interface: Vlan10
  supplicants-at-branch:
    devices: {role: access}
    interface: radius-source
    eap_fragment_size: 1398
flows:
  - name: always-on-vpn
    kind: ikev2
    auth: certificate
    from: clients
    to: rras1
    via: [{opaque: isp, mtu: 1500, fragments: unknown}, [edge1, edge2], fw1]
    return_via: routing
    nat_traversal: true
    family: 4
  - name: radius
    kind: radius
    from: rras1
    to: nps1
    ports: [1812, 1813]
    accounting: false
    transport: udp
    proxies: []
    via:
      - fw1
      - {device: edge1, ingress: ge-0/0/0.0, egress: ge-0/0/1.0}
    messages:
      - {name: Access-Request, direction: forward, payload: 1900, port: 1812}
  - name: syslog-example
    kind: custom
    from: rras1
    to: nps1
    port: 5555
    messages: [{name: probe, direction: forward, payload: 3000}]
  - {name: branch, kind: radius, from: [supplicants-at-branch, wlc], to: nps1}
accept: []
"""


def origin(line: int, key: str) -> Origin:
    """A place in paths.yaml."""
    return Origin(file="paths.yaml", line=line, key=key)


def test_the_endpoints_of_the_contract(loaded: Load) -> None:
    ends = loaded({"paths.yaml": CONTRACT}).endpoints
    assert list(ends) == [
        "clients",
        "rras1",
        "nps1",
        "wlc",
        "supplicants-at-branch/sw1",
        "supplicants-at-branch/sw2",
    ]
    clients = ends["clients"]
    assert (clients.internet, dict(clients.addresses), clients.origin) == (True, {}, origin(3, "endpoints.clients"))
    assert clients.attach == tuple(
        Attachment(
            device=f"edge{i + 1}", interface="GigabitEthernet0/0", origin=origin(5, f"endpoints.clients.attach[{i}]")
        )
        for i in range(2)
    )
    assert (clients.systems, clients.mtus, clients.mtu_said) == (("windows-10-1809",), (1500,), True)
    assert (clients.ike_fragmentation, clients.ike_fragment_size, clients.df) == ((False,), 1280, "false")
    rras1, nps1 = ends["rras1"], ends["nps1"]
    assert dict(rras1.addresses) == {4: IntervalSet.single(parse_address("10.10.0.10")[1])}
    assert {family: address_text(4, value) for family, value in rras1.published.items()} == {4: "203.0.113.10"}
    assert (rras1.mtus, rras1.mtu_said, rras1.ike_fragmentation, rras1.df) == ((1500,), False, (), None)
    assert (nps1.framed_mtu, nps1.systems) == (1344, ("nps",))
    assert (ends["wlc"].device, ends["wlc"].interface, dict(ends["wlc"].addresses)) == ("sw1", "Vlan10", {})
    branch = ends["supplicants-at-branch/sw2"]
    assert (branch.device, branch.interface, branch.eap_fragment_size) == ("sw2", "radius-source", 1398)
    assert branch.origin == origin(22, "endpoints.supplicants-at-branch")


def test_the_flows_of_the_contract(loaded: Load) -> None:
    inventory = loaded({"paths.yaml": CONTRACT})
    assert inventory.has_paths
    flows = {flow.name: flow for flow in inventory.flows}
    assert list(flows) == ["always-on-vpn", "radius", "syslog-example", "branch", "branch/sw1", "branch/sw2"]
    vpn, radius, syslog = flows["always-on-vpn"], flows["radius"], flows["syslog-example"]
    assert (vpn.kind, vpn.auth, vpn.senders, vpn.receiver) == ("ikev2", "certificate", ("clients",), "rras1")
    assert (vpn.return_via, vpn.nat_traversal, vpn.family, vpn.aim) == ("routing", True, 4, None)
    assert vpn.via == (
        (OpaqueHop(name="isp", mtu=1500, origin=origin(32, "flows[0].via[0]")),),
        (
            DeviceHop(device="edge1", origin=origin(32, "flows[0].via[1][0]")),
            DeviceHop(device="edge2", origin=origin(32, "flows[0].via[1][1]")),
        ),
        (DeviceHop(device="fw1", origin=origin(32, "flows[0].via[2]")),),
    )
    assert (radius.ports, radius.accounting, radius.transport, radius.return_via) == ((1812, 1813), False, "udp", None)
    hop = DeviceHop(device="edge1", ingress="ge-0/0/0.0", egress="ge-0/0/1.0", origin=origin(46, "flows[1].via[1]"))
    assert radius.via is not None
    assert radius.via[1] == (hop,)
    assert radius.messages == (
        MessageClaim(
            name="Access-Request",
            direction="forward",
            payload=1900,
            port=1812,
            origin=origin(48, "flows[1].messages[0]"),
        ),
    )
    assert (syslog.kind, syslog.port) == ("custom", 5555)
    assert (flows["branch"].senders, flows["branch"].receiver) == (("wlc",), "nps1")
    assert flows["branch/sw2"] == replace(
        flows["branch"], name="branch/sw2", senders=("supplicants-at-branch/sw2",)
    )  # one of the many, all else alike
    assert str(flows["branch"].origin) == "paths.yaml:55: flows[3]"


ADDRESSES = {
    "192.0.2.1": ["192.0.2.1"],
    "192.0.2.0/24": ["192.0.2.0/24"],
    "[192.0.2.128/25, 198.51.100.7, 192.0.2.0/25]": ["192.0.2.0/24", "198.51.100.7"],
    '["2001:db8::/32", 192.0.2.1]': ["192.0.2.1", "2001:db8::/32"],
    "2001:db8::1": ["2001:db8::1"],
    "0.0.0.0/0": ["0.0.0.0/0"],
}


@pytest.mark.parametrize(("text", "expected"), ADDRESSES.items())
def test_addresses(loaded: Load, text: str, expected: list[str]) -> None:
    found = loaded({"paths.yaml": expand(f"@endpoint {{address: {text}}}")}).endpoints["x"].addresses
    texts = [one for family in sorted(found) for one in range_texts(4 if family == 4 else 6, found[family])]
    assert texts == expected
    assert found[4 if "." in expected[0] else 6].first == parse_prefix(expected[0])[1].first


def test_lists_are_populations(loaded: Load) -> None:
    text = "system: [nps, strongswan], mtu: [1400, 1500], ike_fragmentation: [true, unknown], df: pmtud"
    found = loaded({"paths.yaml": expand(f"@endpoint {{address: 192.0.2.1, {text}}}")}).endpoints["x"]
    assert (found.systems, found.mtus, found.mtu_said) == (("nps", "strongswan"), (1400, 1500), True)
    assert (found.ike_fragmentation, found.df) == ((True, "unknown"), "pmtud")


def test_published_in_both_families(loaded: Load) -> None:
    text = '{address: ["2001:db8::1", 10.0.0.1], published: ["2001:db8::2", 192.0.2.1]}'
    found = loaded({"paths.yaml": expand(f"@endpoint {text}")}).endpoints["x"]
    assert dict(found.published) == {6: parse_address("2001:db8::2")[1], 4: parse_address("192.0.2.1")[1]}


def test_an_endpoint_may_be_a_context_of_a_device(loaded: Load) -> None:
    found = loaded({"paths.yaml": expand("@endpoint {device: fw1/vd1}")}).endpoints["x"]
    assert found.device == "fw1/vd1"


def test_one_attachment_needs_no_list_and_no_interface(loaded: Load) -> None:
    found = loaded({"paths.yaml": expand("@endpoint {address: 192.0.2.1, attach: {device: edge1}}")}).endpoints["x"]
    assert found.attach == (Attachment(device="edge1", interface=None, origin=origin(3, "endpoints.x.attach")),)


FLOWS = {
    "@ikev2 return_via: [fw1]": (
        "return_via",
        ((DeviceHop(device="fw1", origin=origin(8, "flows[0].return_via[0]")),),),
    ),
    "@ikev2 via: [fw1], return_via: reverse": ("return_via", "reverse"),
    "@ikev2 via: [{device: fw1/vd1}]": ("via", ((DeviceHop(device="fw1/vd1", origin=origin(8, "flows[0].via[0]")),),)),
    "@ikev2 via: [{opaque: x, mtu: unknown, icmp_errors: drop, fragments: reorder}]": (
        "via",
        ((OpaqueHop(name="x", icmp_errors="drop", fragments="reorder", origin=origin(8, "flows[0].via[0]")),),),
    ),
    "@ikev2 auth: eap-mschapv2": ("auth", "eap-mschapv2"),
    "@ikev2 nat_traversal: false": ("nat_traversal", False),
    "@ikev2 concurrent: ~": ("messages", None),
    "@radius auth: eap-peap": ("auth", "eap-peap"),
    "@radius ports: [1645, 1646]": ("ports", (1645, 1646)),
    "@radius accounting: true": ("accounting", True),
    "@radius transport: dtls": ("transport", "dtls"),
    "@custom messages: [{name: m, direction: reverse, payload: 0, port: 9, source_port: 53, df: true}]": (
        "messages",
        (
            MessageClaim(
                name="m", direction="reverse", payload=0, port=9, source_port=53, df="true",
                origin=origin(8, "flows[0].messages[0]"),
            ),
        ),
    ),
    "@flow {name: f, kind: ikev2, from: [a, b], to: many}": ("senders", ("a", "b")),
    "@flow {name: 7, kind: ikev2, from: a, to: b}": ("name", "7"),
    "@flow {name: f, kind: ikev2, from: a, to: {endpoint: b, address: 203.0.113.1}}": (
        "aim",
        (4, parse_address("203.0.113.1")[1]),
    ),
    "@flow {name: f, kind: ikev2, from: many, to: six, family: 6}": ("family", 6),
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), FLOWS.items())
def test_a_key_of_a_flow(loaded: Load, text: str, expected: tuple[str, object]) -> None:
    key, value = expected
    assert getattr(loaded({"paths.yaml": expand(text)}).flows[0], key) == value


def test_many_devices_as_the_receiver(loaded: Load) -> None:
    flows = loaded({"paths.yaml": expand("@flow {name: f, kind: ikev2, from: [a, b], to: many}")}).flows
    assert [(flow.name, flow.receiver) for flow in flows] == [("f/sw1", "many/sw1"), ("f/sw2", "many/sw2")]


def test_many_of_two_endpoints_meet_by_device(loaded: Load) -> None:
    text = f"{ENDS}  more: {{devices: {{site: a}}}}\nflows: [{{name: f, kind: radius, from: [many, more], to: a}}]\n"
    flows = loaded({"paths.yaml": text}).flows
    assert [(flow.name, flow.senders) for flow in flows] == [
        ("f/sw1", ("many/sw1", "more/sw1")),
        ("f/sw2", ("many/sw2",)),
    ]


@pytest.mark.parametrize(
    ("wanted", "devices"),
    [
        ("{}", ["edge1", "edge2", "fw1", "sw1", "sw2"]),
        ("{groups: edge}", ["edge1", "edge2"]),
        ("{groups: [edge], name: edge2}", ["edge2"]),
        ("{platform: cisco_ios}", ["edge1", "edge2", "sw1", "sw2"]),
        ("{platform: cisco_xe, site: b}", ["sw2"]),
        ("{platform: cisco_ios_ssh, role: access}", ["sw1", "sw2"]),
        ("{site: ~}", ["edge1", "edge2", "fw1"]),
    ],
)
def test_devices_are_chosen_by_a_filter(loaded: Load, wanted: str, devices: list[str]) -> None:
    ends = loaded({"paths.yaml": expand(f"@endpoint {{devices: {wanted}}}")}).endpoints
    assert [end.device for end in ends.values()] == devices


def test_anchors_and_merge_keys_serve_as_templates(loaded: Load) -> None:
    text = (
        "version: 1\nendpoints:\n  a: &a {address: 192.0.2.1, mtu: 1400}\n  b: {<<: *a, address: 192.0.2.2}\n"
        "flows:\n  - &f {name: f, kind: ikev2, from: a, to: b}\n  - {<<: *f, name: g, family: 5}\n"
    )
    with pytest.raises(
        InventoryError, match=r"^paths\.yaml:7: flows\[1\]\.family: '5' can't stand here: it takes 4 \| 6$"
    ):
        loaded({"paths.yaml": text})
    inventory = loaded({"paths.yaml": text.replace(", family: 5", "")})
    assert inventory.endpoints["b"].mtus == (1400,)
    assert [flow.name for flow in inventory.flows] == ["f", "g"]


def test_files_of_paths_d_share_one_name_space(loaded: Load) -> None:
    inventory = loaded(
        {
            "paths.yaml": "version: 1\nendpoints: {a: {address: 192.0.2.1}}\n",
            "paths.d/2.yaml": "version: 1\nflows: [{name: f, kind: ikev2, from: a, to: b}]\n",
            "paths.d/3.yaml": "version: 1\nendpoints: {b: {address: 192.0.2.2}}\n",
            "paths.d/4.yml": "",
        }
    )
    assert (inventory.flows[0].senders, str(inventory.flows[0].origin)) == (("a",), "paths.d/2.yaml:2: flows[0]")
    assert inventory.notes == ("paths.d/4.yml is not read: paths.d holds *.yaml files",)


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        (
            "endpoints:\n  a: {address: 192.0.2.9}\n",
            "endpoints.a: the endpoint 'a' is given twice: first in paths.yaml:3",
        ),
        (
            "endpoints: {}\nflows:\n  - {name: f, kind: ikev2, from: b, to: a}\n",
            "flows[0]: the flow 'f' is given twice: first in paths.yaml:8",
        ),
    ],
)
def test_a_name_given_in_two_files_names_both(loaded: Load, more: str, sentence: str) -> None:
    first = expand("@flow {name: f, kind: ikev2, from: a, to: b}")
    with pytest.raises(InventoryError) as caught:
        loaded({"paths.yaml": first, "paths.d/x.yaml": f"version: 1\n{more}"})
    line = 3 if more.startswith("endpoints:\n") else 4
    assert str(caught.value) == f"paths.d/x.yaml:{line}: {sentence}"


def test_a_file_elsewhere_stands_instead_of_the_folders_own(loaded: Load, write: Write, tmp_path: Path) -> None:
    other = write({"p.yaml": "version: 1\nendpoints: {z: {address: 192.0.2.1}}\n"}, "other") / "p.yaml"
    files = {"paths.yaml": "version: 1\nendpoints: {a: {address: 192.0.2.1}}\n", "paths.d/x.yaml": "["}
    inventory = loaded(files, paths=other)
    assert list(inventory.endpoints) == ["z"]
    assert inventory.endpoints["z"].origin.file == "../other/p.yaml"
    with pytest.raises(InventoryError, match=r"^\.\./missing\.yaml can't be read: no such file or directory$"):
        loaded(files, paths=tmp_path / "missing.yaml")


def test_without_paths_there_are_none(loaded: Load) -> None:
    inventory = loaded()
    assert (inventory.has_paths, inventory.flows, dict(inventory.endpoints), inventory.notes) == (False, (), {}, ())


def test_a_file_without_flows_is_pointed_out(loaded: Load) -> None:
    inventory = loaded({"paths.yaml": "version: 1\nflows:\nendpoints:\n"})
    assert inventory.has_paths
    assert inventory.notes == ("paths.yaml names no flow: no path is judged",)


@pytest.mark.parametrize(("document", "sentence"), read_cases("bad_paths.txt"))
def test_a_bad_file_earns_one_sentence(write: Write, document: str, sentence: str) -> None:
    folder = write({"hosts.yaml": HOSTS, "groups.yaml": GROUPS, "paths.yaml": document})
    with pytest.raises(InventoryError) as caught:
        load(folder, aliases=ALIASES, systems=SYSTEMS)
    assert str(caught.value) == sentence


@pytest.mark.parametrize("document", ["", "# nothing\n", "---\n"])
def test_an_empty_file_is_refused(loaded: Load, document: str) -> None:
    with pytest.raises(InventoryError, match=r"^paths\.yaml:1: the file is empty: it begins with 'version: 1'$"):
        loaded({"paths.yaml": document})
