"""A device that has everything, one that could not be read, and a platform."""

from types import MappingProxyType
from typing import Any

from auditor.model.addresses import ADDRESSES, IntervalSet, parse_prefix
from auditor.model.device import (
    Binding,
    Device,
    Df,
    Does,
    FragmentPolicy,
    Hits,
    Interface,
    InterfaceAddress,
    NextHop,
    NotUnderstood,
    Peer,
    Pipelines,
    Reassembly,
    Route,
    Routing,
    Speaker,
    Stage,
    StageName,
    Tunnel,
    Undecided,
    ZonePolicy,
    Zoning,
)
from auditor.model.evidence import Basis, Evidence, Fact
from auditor.model.filters import DROP, PERMIT, Action, Filter, Headerless, Rule, Translate, Verb
from auditor.model.platform import Canonical, Form, Harmless, Mark, Platform, nothing_read

FILE = "configs/edge1.cfg"


def line(number: int, text: str) -> Evidence:
    return Evidence(file=FILE, line=number, text=text)


def read(value: Any, number: int, text: str) -> Fact[Any]:
    return Fact(value=value, basis=Basis.READ, evidence=(line(number, text),))


def absent(value: Any, source: str = "the command reference") -> Fact[Any]:
    return Fact(value=value, basis=Basis.ABSENT, source=source, evidence=(line(1, "hostname edge1"),))


def full_device() -> Device:
    """A bit of everything that facts tell."""
    skips = Headerless.PERMIT_BY_ADDRESS_SKIP_DENY
    way = Fact(value=skips, basis=Basis.ABSENT, source="the vendor's document on fragments")
    assumed = Fact(value=Headerless.NEVER_MATCHES, basis=Basis.ASSUMED, others=(skips,), source="")
    nat = Action(verb=Verb.TRANSLATE, translate=Translate(end="source", interface="egress"))
    filters = {
        "101": _filter("101", way, Rule(action=PERMIT, evidence=line(38, "permit udp any any eq 4500")), DROP),
        "SOURCE": _filter("SOURCE", assumed, Rule(action=nat, evidence=line(60, "source static")), PERMIT),
        "GONE": Filter(
            name="GONE", rules=(), otherwise=DROP, evidence=line(22, "access-group GONE"), headerless=way, missing=True
        ),
    }
    stages = (
        Stage(name=StageName.INGRESS_FILTER, does=Does.FILTER),
        Stage(name=StageName.NAT, does=Does.TRANSLATE_SOURCE, filters=("SOURCE",)),
        Undecided(
            fact=Fact(value="first", basis=Basis.UNKNOWN, others=("second",)),
            orders=MappingProxyType(
                {
                    "first": (Stage(name=StageName.REASSEMBLY, does=Does.REASSEMBLE),),
                    "second": (Stage(name=StageName.EGRESS_FILTER, does=Does.FILTER, filters=("101",)),),
                }
            ),
        ),
        Stage(name=StageName.EGRESS_MTU, does=Does.CUT, side="out"),
    )
    permit: Fact[str] = absent("permit")
    peers = (
        Peer(addresses=parse_prefix("203.0.113.10/32")[1], family=4, ports=(500, 4500), evidence=line(80, "peer")),
        Peer(addresses=ADDRESSES[6], family=6, ports=(500,), evidence=line(81, "peer any")),
    )
    return Device(
        name="edge1",
        platform="acme_os",
        config=FILE,
        sha256="ab" * 32,
        lines=210,
        complete=True,
        head=line(1, "hostname edge1"),
        version="17.9",
        hostname="edge1",
        collected="2024-05-01T10:00:00+00:00",
        interfaces=(
            _outside(),
            _tunnel(),
            Interface(name="Serial0", evidence=line(50, "interface Serial0"), enabled=False),
        ),
        filters=MappingProxyType(filters),
        zones=(ZonePolicy(source="out", destination="in", filter="101", evidence=line(70, "zone-pair")),),
        zoning=Zoning(same_zone=permit, between_zones=permit, zone_and_none=permit, self_zone=permit),
        routing=Routing(
            routes=(
                Route(
                    family=4,
                    destination=ADDRESSES[4],
                    length=0,
                    next_hops=(NextHop(address=1),),
                    evidence=line(90, "ip route"),
                ),
            ),
            complete=MappingProxyType({4: True, 6: False}),
            elsewhere=(line(95, "router bgp 65000"),),
            rules=(line(96, "policy route"),),
        ),
        fragment_policies=(
            FragmentPolicy(
                name="block-fragments",
                hits=Hits.ANY,
                action="drop",
                in_force=read(True, 100, "block fragments"),
                interface="out0",
                exempt=parse_prefix("192.0.2.0/24")[1],
            ),
        ),
        reassembly=(
            Reassembly(
                kind="virtual",
                active=Fact(value=True, basis=Basis.INFERRED, source="the page on zones"),
                interface="out0",
                fragments=read(32, 101, "max-fragments 32"),
                sets=absent(16),
                timeout=absent(3),
            ),
        ),
        forwards=MappingProxyType({4: read(True, 2, "ip routing"), 6: absent(False)}),
        pipelines=Pipelines(transit=stages, local_in=stages[:1], local_out=stages[3:], errors=()),
        speakers=(
            Speaker(
                kind="ikev2",
                interface="out0",
                peers=peers,
                evidence=line(82, "ike profile"),
                auth="certificate",
                ike_fragmentation=absent(False),
                ike_fragment_size=Fact(value=1280, basis=Basis.DEFAULT, others=(576,)),
                df=absent("pmtud"),
            ),
        ),
        nat_addresses=MappingProxyType({4: IntervalSet.of((1, 9))}),
        not_understood=(
            NotUnderstood(
                evidence=line(120, "ip inspect frags password 7 0822455D0A16"),
                place="out0",
                family=4,
                direction="in",
                reason="unheard of",
            ),
            NotUnderstood(evidence=line(121, "mtu something")),
        ),
    )


def _filter(name: str, way: Fact[Headerless], rule: Rule, otherwise: Action) -> Filter:
    rules = (rule, Rule(action=DROP, evidence=line(41, "deny ip any any fragments")))
    return Filter(
        name=name,
        rules=rules,
        otherwise=otherwise,
        evidence=line(37, f"access-list {name}"),
        headerless=way,
        kind="access list",
    )


def _outside() -> Interface:
    address = InterfaceAddress(family=4, address=0xCB007101, length=24, evidence=line(11, "ip address"), shared=True)
    return Interface(
        name="out0",
        evidence=line(10, "interface out0"),
        description="to the Internet",
        addresses=(address,),
        dynamic_address=line(12, "ip address dhcp"),
        vrf="red",
        mtu=MappingProxyType({4: read(1400, 13, "ip mtu 1400"), 6: absent(1500)}),
        receive_mtu=Fact(value=1500, basis=Basis.ASSUMED, others=(None,)),
        bindings=(
            Binding(filter="101", family=4, direction="in", evidence=line(14, "access-group 101 in")),
            Binding(filter="GONE", family=4, direction="out", evidence=line(22, "access-group GONE"), purpose="policy"),
        ),
        zone="out",
        unreachables=MappingProxyType({4: read(False, 15, "no ip unreachables")}),
        source_check=MappingProxyType({4: read("strict", 16, "verify source")}),
        resolves_by=("outside",),
    )


def _tunnel() -> Interface:
    return Interface(
        name="Tunnel1",
        evidence=line(30, "interface Tunnel1"),
        kind="tunnel",
        mtu=MappingProxyType({family: absent(1476) for family in (4, 6)}),
        tunnel=Tunnel(
            mode="gre",
            source=0xCB007101,
            source_interface="out0",
            destination=None,
            family=4,
            protocol=47,
            overhead=absent(24),
            outer_df=absent(Df.CLEAR),
            evidence=line(31, "tunnel mode gre"),
            protected=line(32, "tunnel protection"),
        ),
    )


def unread_device() -> Device:
    return nothing_read("fw9", "other_os", "configs/fw9.cfg", "no template reads the platform other_os")


def platform() -> Platform:
    return Platform(
        name="acme_os",
        title="Acme routers",
        aliases=("acme", "acme_xe"),
        forms=(
            Form(name="running-config", recognises=bool, canonical=lambda lines: Canonical(lines=lines, numbers=())),
        ),
        template="acme_os",
        marks=(Mark(pattern="^hostname", weight=1),),
        harmless=(
            Harmless(place="", pattern="banner", reason="says something to people"),
            Harmless(place="interfaces", pattern="description", reason="a word for people"),
        ),
        devices=lambda rows: (),
        held_against=("the command reference 17.9", "30 real configs"),
        napalm="acme",
        shows=("show running-config",),
    )
