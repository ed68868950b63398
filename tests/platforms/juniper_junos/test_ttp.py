"""The template is plain TTP: stock TTP loads it without a complaint and gives the same records, line by line."""

import logging

import pytest
from ttp import ttp

from auditor.model.platform import Canonical
from auditor.parse.engine import load, match
from auditor.parse.rows import Source
from auditor.registry import template
from tests.platforms.juniper_junos.reading import lines

TEMPLATE = template("juniper_junos")
TEXT = """set version 21.4R3
set system host-name r1
set system radius-server 192.0.2.5 secret "a b"
set interfaces ge-0/0/0 unit 0 family inet address 192.0.2.1/24
set interfaces ge-0/0/0 mtu 9192
set firewall family inet filter F term A from is-fragment
set policy-options prefix-list L 192.0.2.0/24
set routing-options static route 0.0.0.0/0 next-hop 192.0.2.9
set routing-instances BLUE routing-options static route 0.0.0.0/0 discard
set logical-systems A interfaces ge-0/0/1 unit 7 family inet
set security zones security-zone a interfaces ge-0/0/0.0
set applications application x protocol udp
set forwarding-options sampling input rate 5
set services rpm probe x
set chassis cluster reth-count 2
set access profile p radius-server 192.0.2.6 port 1812
set protocols bgp group G neighbor 192.0.2.9
set snmp community x
set apply-groups NONE
"""


def by_ours(line: str) -> dict[str, object]:
    matched = match(load(TEMPLATE), Canonical(lines=[line], numbers=[1]), Source("x", [line]))
    return {group: [row.as_dict() for row in many] for group, many in matched.tops.items()}


def by_stock_ttp(line: str) -> dict[str, object]:
    parser = ttp(data=f"{line}\n", template=TEMPLATE.read_text(), log_level="ERROR")
    parser.parse(one=True)
    found = parser.result()[0][0]
    return found if isinstance(found, dict) else {}


def test_stock_ttp_loads_it_without_a_complaint(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR, logger="ttp"):
        parser = ttp(template=TEMPLATE.read_text(), log_level="ERROR")
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert parser is not None


def test_records_are_those_of_stock_ttp() -> None:
    found = [(line, by_ours(line), by_stock_ttp(line)) for line in lines(TEXT)]
    assert [(line, ours) for line, ours, _ in found] == [(line, stock) for line, _, stock in found]
    assert [line for line, ours, _ in found if not ours] == ["snmp community x"]


def test_every_group_name_ends_in_a_star() -> None:
    text = TEMPLATE.read_text()
    assert text.count("<group name=") == text.count('*">')
