"""Zone firewall, inspection, service policies, the control plane, policy routing and crypto maps."""

import pytest

from auditor.model.device import Device, Stage
from tests.platforms.cisco_ios.reading import rule_text, whole

PORTS = (
    "interface GigabitEthernet0/0\n ip address 203.0.113.1 255.255.255.0\n{outside}"
    "interface GigabitEthernet0/1\n ip address 10.0.0.1 255.255.255.0\n{inside}"
)
ACLS = (
    "ip access-list extended IKE\n permit udp any any eq 500\n"
    "ip access-list extended FRAGMENTS\n permit ip any any fragments\n"
)


def having(outside: str = "", inside: str = "", rest: str = "") -> Device:
    return whole(PORTS.format(outside=outside, inside=inside) + ACLS + rest)


def texts(found: Device, name: str) -> list[str]:
    return [rule_text(rule).split(" ", 1)[1] for rule in found.filters[name].rules]


def verbs(found: Device, name: str) -> list[str]:
    return [rule.action.verb.value for rule in found.filters[name].rules if rule.family in (None, 4)]


# ------------------------------------------------------------------------------------------------------- zone firewall

ZONES = "zone security OUT\nzone security IN\nzone-pair security P source OUT destination IN\n"


def zoned(policy: str, classes: str = "", bound: bool = True) -> Device:
    pair = ZONES + (" service-policy type inspect PM\n" if bound else "")
    body = f"{classes}policy-map type inspect PM\n{policy}{pair}"
    return having(" zone-member security OUT\n", " zone-member security IN\n", body)


@pytest.mark.parametrize(
    ("match", "wanted"),
    [
        ("protocol isakmp", "inspect IPv4 protocol 17 [to port 500]"),
        ("protocol ipsec-msft", "inspect IPv4 protocol 17 [to port 4500]"),
        ("protocol udp", "inspect IPv4 protocol 17"),
        ("protocol esp", "inspect IPv4 protocol 50"),
        ("any", "inspect IPv4"),
    ],
)
def test_what_a_class_matches(match: str, wanted: str) -> None:
    found = zoned(" class type inspect C\n  inspect\n", f"class-map type inspect match-any C\n match {match}\n")
    assert texts(found, "policy-map PM")[0].split(" headerless")[0] == wanted


@pytest.mark.parametrize(("action", "verb"), [("inspect", "inspect"), ("pass", "permit"), ("drop", "drop")])
def test_what_a_class_does(action: str, verb: str) -> None:
    found = zoned(f" class type inspect C\n  {action}\n", "class-map type inspect match-any C\n match protocol udp\n")
    assert verbs(found, "policy-map PM")[0] == verb
    assert found.filters["policy-map PM"].otherwise.verb.value == "drop"


def test_class_default_comes_last_and_drops() -> None:
    found = zoned(
        " class class-default\n  drop\n class type inspect C\n  inspect\n",
        "class-map type inspect match-any C\n match protocol udp\n",
    )
    assert verbs(found, "policy-map PM") == ["inspect", "drop"]


@pytest.mark.parametrize(
    "classes",
    ["", "class-map type inspect match-any C\n match protocol something-new\n"],
    ids=["not there", "an application that is not known"],
)
def test_a_class_that_can_not_be_followed_is_not_sure(classes: str) -> None:
    found = zoned(" class type inspect C\n  inspect\n", classes)
    assert found.filters["policy-map PM"].rules[0].uncertain


def test_class_maps_of_two_types_with_one_name_are_two() -> None:
    classes = (
        "class-map match-any C\n match access-group name FRAGMENTS\n"
        "class-map type inspect match-any C\n match protocol isakmp\n"
    )
    found = zoned(" class type inspect C\n  inspect\n", classes)
    assert [text.split(" headerless")[0] for text in texts(found, "policy-map PM") if "IPv4" in text] == [
        "inspect IPv4 protocol 17 [to port 500]"
    ]


def test_zones_and_pairs() -> None:
    found = zoned(" class class-default\n  drop\n")
    assert [one.zone for one in found.interfaces] == ["OUT", "IN"]
    assert [(one.source, one.destination, one.filter) for one in found.zones] == [("OUT", "IN", "policy-map PM")]
    assert found.zoning is not None
    facts = (found.zoning.same_zone, found.zoning.between_zones, found.zoning.zone_and_none, found.zoning.self_zone)
    assert [fact.value for fact in facts] == ["permit", "drop", "drop", "permit"]
    assert all(fact.basis.decides and "98628" in fact.source for fact in facts)


def test_a_pair_without_a_policy_leaves_things_as_they_are() -> None:
    assert not zoned(" class class-default\n  drop\n", bound=False).zones


def test_without_zones_nothing_is_zoned() -> None:
    assert having().zoning is None


# ---------------------------------------------------------------------------------------------------------- inspection


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("udp", "inspect IPv4 protocol 17"),
        ("isakmp timeout 30", "inspect IPv4 protocol 17 [to port 500]"),
        ("icmp", "inspect IPv4 protocol 1"),
        ("something-new", "inspect IPv4  ? what the protocol something-new is can't be told from the config"),
    ],
)
def test_inspection(text: str, wanted: str) -> None:
    found = having(" ip inspect FW out\n", rest=f"ip inspect name FW {text}\n")
    assert texts(found, "ip inspect FW") == [wanted]
    unless = [stage for stage in found.pipelines.transit if isinstance(stage, Stage) and stage.unless_session]
    assert {stage.side for stage in unless} == {"in", "out"}


def test_an_inspection_rule_that_is_not_there() -> None:
    assert having(" ip inspect FW out\n").filters["ip inspect FW"].rules[0].uncertain


# ---------------------------------------------------------------------------------------------- service policies, CoPP

COPP = "class-map match-all C\n match access-group name {acl}\npolicy-map PM\n class C\n  {action}\n"


@pytest.mark.parametrize(
    ("acl", "action", "bound"),
    [
        ("IKE", "drop", True),
        ("IKE", "police 8000 conform-action transmit exceed-action drop", False),  # a rate is not simulated
        ("IKE", "police 8000 conform-action drop exceed-action drop", True),
        ("FRAGMENTS", "police 8000 conform-action transmit exceed-action drop", True),
        ("IKE", "bandwidth 100", False),
        ("IKE", "set dscp ef", False),
        ("IKE", "something-new", True),
        ("NOWHERE", "drop", True),
    ],
)
def test_a_service_policy_is_bound_where_it_may_drop(acl: str, action: str, *, bound: bool) -> None:
    found = having(" service-policy input PM\n", rest=COPP.format(acl=acl, action=action))
    one = found.interfaces[0]
    assert [(b.filter, b.direction, b.purpose) for b in one.bindings if b.family == 4] == (
        [("policy-map PM", "in", "policy")] if bound else []
    )


def test_a_policer_made_for_fragments_is_a_doubt() -> None:
    action = "police 8000 conform-action transmit exceed-action drop"
    body = COPP.format(acl="FRAGMENTS", action=action) + "control-plane\n service-policy input PM\n"
    found = having(rest=body)
    (police,) = (name for name in found.filters if name.startswith("police at"))
    assert "doubt limits the rate of fragments" in texts(found, police)[0]
    last = found.pipelines.local_in[-1]
    assert isinstance(last, Stage)
    assert (last.name.value, last.filters) == ("local-in", ("policy-map PM",))
    assert last not in found.pipelines.transit


@pytest.mark.parametrize("where", ["host", "transit", "cef-exception"])
def test_the_parts_of_the_control_plane(where: str) -> None:
    body = COPP.format(acl="IKE", action="drop") + f"control-plane {where}\n service-policy input PM\n"
    found = having(rest=body)
    stages = [s.name.value for s in found.pipelines.local_in if isinstance(s, Stage)]
    assert ("local-in" in stages) is (where == "host")
    assert bool(found.not_understood) is (where != "host")


# ------------------------------------------------------------------------------------------ policy routing, crypto maps


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("ip df 0", ["set-df 0 IPv4", "permit IPv4"]),
        ("ip df 1", ["set-df 1 IPv4", "permit IPv4"]),
        ("ip precedence 5", ["permit IPv4"]),
        ("interface Null0", ["drop IPv4"]),
        ("ip next-hop 10.0.0.9", ["doubt routes these packets by policy to 10.0.0.9 IPv4"]),
        ("vrf RED", ["doubt routes these packets by policy in another table: set vrf RED IPv4"]),
        ("something new", ["doubt does something to these packets that is not understood: set something new IPv4"]),
    ],
)
def test_what_policy_routing_sets(line: str, wanted: list[str]) -> None:
    found = having(" ip policy route-map RM\n", rest=f"route-map RM permit 10\n match ip address IKE\n set {line}\n")
    assert texts(found, "route-map RM 10 set") == wanted
    assert [(b.filter, b.direction) for b in found.interfaces[0].bindings] == [("route-map RM", "in")]


ANYWAY = "permit IPv4 [to {}] in by {}"
DEFAULT = "doubt routes these packets by policy where it has no route of its own IPv4"


@pytest.mark.parametrize("line", ["ip default next-hop 10.0.0.9", "default interface GigabitEthernet0/1"])
def test_a_default_way_of_a_policy_leaves_explicit_routes_alone(line: str) -> None:
    rest = (
        f"route-map RM permit 10\n set {line}\n"
        "interface GigabitEthernet0/1\n ip address 203.0.113.1 255.255.255.0\n"
        "interface GigabitEthernet0/2\n vrf forwarding RED\n ip address 10.9.0.1 255.255.255.0\n"
        "interface GigabitEthernet0/3\n ip address 10.8.0.1 255.255.255.0\n shutdown\n"
        "ip route 0.0.0.0 0.0.0.0 203.0.113.9\nip route 10.1.0.0 255.255.0.0 203.0.113.9\n"
        "ip route 10.2.0.0 255.255.0.0 203.0.113.9 track 1\nip route 10.3.0.0 255.255.0.0 10.8.0.9\n"
    )
    found = having(" ip policy route-map RM\n", rest=rest)
    permits = texts(found, "route-map RM 10 set")
    assert permits[-1] == DEFAULT
    own = [one.name for one in found.interfaces if one.vrf == "default"]
    assert "10.1.0.0/16" in permits[0]
    assert "203.0.113.0/24" in permits[0]
    assert not any(text in permits[0] for text in ("10.2.", "10.3.", "10.8.", "10.9.", "[to 0."))
    assert permits[0].endswith("in by " + ",".join(own))
    assert permits[1] == ANYWAY.format("10.9.0.0/24", "GigabitEthernet0/2")


def test_another_way_of_a_policy_goes_before_a_default_way() -> None:
    sets = " set ip default next-hop 10.0.0.8\n set ip next-hop 10.0.0.9\n"
    found = having(" ip policy route-map RM\n", rest=f"route-map RM permit 10\n{sets}")
    assert texts(found, "route-map RM 10 set") == ["doubt routes these packets by policy to 10.0.0.9 IPv4"]


def test_the_list_of_a_policy_takes_later_fragments_by_their_addresses() -> None:
    found = having(" ip policy route-map RM\n", rest="route-map RM permit 10\n match ip address IKE\n set ip df 0\n")
    assert texts(found, "route-map RM 10 match 1") == [
        "goto route-map RM 10 set IPv4 protocol 17 [to port 500] headerless match-by-address"
    ]


def test_an_entry_that_denies_leaves_packets_to_ordinary_routing() -> None:
    rest = "route-map RM deny 5\n match ip address IKE\nroute-map RM permit 10\n set interface Null0\n"
    found = having(" ip policy route-map RM\n", rest=rest)
    assert texts(found, "route-map RM 5 match 1")[0].startswith("permit IPv4 protocol 17 [to port 500]")


def test_clearing_df_by_a_line_of_the_interface_is_not_sure() -> None:
    found = having(" ip clear-dont-fragment\n")
    (rule,) = found.filters["ip clear-dont-fragment of GigabitEthernet0/0"].rules
    assert (rule.action.verb.value, rule.action.df) == ("set-df", False)
    assert rule.uncertain


CRYPTO = "crypto map M 10 ipsec-isakmp\n set peer 198.51.100.9\n match address IKE\n"


def test_a_crypto_map_is_a_doubt_but_for_the_devices_own_ike() -> None:
    found = having(" crypto map M\n", rest=CRYPTO)
    assert [(b.filter, b.direction, b.purpose) for b in found.interfaces[0].bindings] == [
        ("crypto map M in", "in", "encrypt"),
        ("crypto map M out", "out", "encrypt"),
    ]
    assert texts(found, "crypto map M out")[0].startswith("permit IPv4 protocol 17 [to port 500,4500] in by")
    assert "doubt encrypts these packets" in texts(found, "crypto map M out 10")[0]
    assert "[to port 500]" in texts(found, "crypto map M out 10")[0]
    assert "[port 500]" in texts(found, "crypto map M in 10")[0]  # mirrored


def test_a_crypto_map_that_is_not_there() -> None:
    assert having(" crypto map M\n").filters["crypto map M out"].rules[-1].uncertain
