"""The template is plain TTP: stock TTP loads it without a complaint and gives the same records, block by block."""

import logging

import pytest
from ttp import ttp

from auditor.model.platform import Canonical
from auditor.parse.engine import load, match
from auditor.parse.rows import Source
from auditor.platforms.cisco_asa.forms import FORMS
from auditor.registry import template
from tests.platforms.cisco_asa.reading import HEAD, PERMIT, PORTS, ROUTE

TEMPLATE = template("cisco_asa")
TEXT = (
    HEAD
    + PORTS
    + ROUTE
    + PERMIT
    + """\
interface Tunnel1
 nameif vti
 ip address 10.0.0.1 255.255.255.252
 ipv6 address 2001:db8::1/64
 tunnel source interface outside
 tunnel destination 192.0.2.9
 tunnel mode ipsec ipv4
 tunnel protection ipsec profile P
!
mtu outside 1500
fragment chain 1 outside
fragment size 1000
no fragment chain 1 outside
same-security-traffic permit inter-interface
ip verify reverse-path interface outside
name 192.0.2.7 gateway
object network A
 host 192.0.2.1
 nat (dmz,outside) static 198.51.100.9
object service S
 service udp destination eq 4500
object-group network N
 network-object host 192.0.2.1
 group-object M
object-group service P udp
 port-object eq 500
nat (dmz,outside) source static A A destination static N N
route dmz 10.0.0.0 255.0.0.0 203.0.113.9 1
ipv6 route outside ::/0 2001:db8::2
router ospf 1
crypto ipsec df-bit clear-df outside
crypto map M 10 set peer 192.0.2.9
crypto map M interface outside
crypto ikev2 enable outside
aaa-server NPS protocol radius
aaa-server NPS (dmz) host 203.0.113.20
 authentication-port 1812
tunnel-group 192.0.2.9 type ipsec-l2l
tunnel-group 192.0.2.9 ipsec-attributes
 ikev2 local-authentication certificate TP
ip local pool P 10.9.0.1-10.9.0.9 mask 255.255.255.0
policy-map global_policy
 class inspection_default
  inspect icmp error
context A
 config-url disk0:/a.cfg
"""
)


def blocks() -> list[list[str]]:
    found: list[list[str]] = []
    for line in FORMS[0].canonical(TEXT.splitlines()).lines:
        if line.startswith(" "):
            found[-1].append(line)
        else:
            found.append([line])
    return found


def by_stock_ttp(block: list[str]) -> dict[str, object]:
    parser = ttp(data="\n".join(block) + "\n", template=TEMPLATE.read_text(), log_level="ERROR")
    parser.parse(one=True)
    found = parser.result()[0][0]
    return found if isinstance(found, dict) else {}


def by_ours(block: list[str]) -> dict[str, object]:
    matched = match(load(TEMPLATE), Canonical(lines=block, numbers=range(1, len(block) + 1)), Source("x", block))
    return {group: [row.as_dict() for row in many] for group, many in matched.tops.items()}


def test_stock_ttp_loads_it_without_a_complaint(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR, logger="ttp"):
        ttp(template=TEMPLATE.read_text(), log_level="ERROR")
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


@pytest.mark.parametrize("block", blocks(), ids=lambda block: block[0])
def test_records_are_those_of_stock_ttp(block: list[str]) -> None:
    assert by_ours(block) == by_stock_ttp(block)
