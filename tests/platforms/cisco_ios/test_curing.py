"""Remedies of IOS: the printed commands, and what they make of a running config."""

import pytest

from auditor.model.addresses import parse_prefix
from auditor.model.evidence import Evidence
from auditor.model.remedies import PermitFragments, RaiseLimit, TakeAway
from auditor.platforms.cisco_ios.curing import enter, write

SERVER = parse_prefix("203.0.113.10/32")[1]
PLAIN = ["ip access-list extended IN", " remark a", " permit icmp any any", " deny ip any any fragments", "!", "end"]
NUMBERED = ["ip access-list extended IN", " 10 permit icmp any any", " 20 deny ip any any fragments", "end"]
TIGHT = ["ip access-list extended IN", " 10 permit icmp any any", " 11 deny ip any any fragments", "end"]
CLASSIC = ["access-list 101 permit icmp any any", "access-list 101 deny ip any any fragments", "end"]
SIX = ["ipv6 access-list IN", " sequence 10 permit icmp any any", " sequence 20 deny ipv6 any any fragments", "end"]
ENTRY = "permit udp any host 203.0.113.10 fragments"


def line(lines: list[str], words: str) -> Evidence:
    at = next(at for at, one in enumerate(lines) if words in one)
    return Evidence(file="configs/r1.cfg", line=at + 1, text=lines[at].strip())


def permit(lines: list[str]) -> PermitFragments:
    return PermitFragments(family=4, line=line(lines, "deny ip"), sources=None, destinations=SERVER)


@pytest.mark.parametrize(
    ("lines", "commands", "entered"),
    [
        (PLAIN, ("ip access-list resequence IN 10 10", "ip access-list extended IN", f" 15 {ENTRY}"), f" {ENTRY}"),
        (NUMBERED, ("ip access-list extended IN", f" 15 {ENTRY}"), f" 15 {ENTRY}"),
        (TIGHT, ("ip access-list resequence IN 10 10", "ip access-list extended IN", f" 15 {ENTRY}"), f" 15 {ENTRY}"),
        (
            CLASSIC,
            ("ip access-list resequence 101 10 10", "ip access-list extended 101", f" 15 {ENTRY}"),
            f"access-list 101 {ENTRY}",
        ),
    ],
    ids=["plain", "numbered", "no room", "classic"],
)
def test_the_entry_stands_above_the_one_that_drops(lines: list[str], commands: tuple[str, ...], entered: str) -> None:
    written = write(permit(lines), lines)
    assert written is not None
    assert written.lines == commands
    assert written.side_effects  # it was hardening
    after = enter(lines, written.lines)
    assert after is not None
    assert after[after.index(entered) + 1].endswith("deny ip any any fragments")
    assert len(after) == len(lines) + 1


def test_ipv6_entries_have_their_own_words() -> None:
    six = parse_prefix("2001:db8::10/128")[1]
    fix = PermitFragments(family=6, line=line(SIX, "deny"), sources=None, destinations=six)
    written = write(fix, SIX)
    assert written is not None
    assert written.lines == ("ipv6 access-list IN", " sequence 15 permit udp any host 2001:db8::10 fragments")
    after = enter(SIX, written.lines)
    assert after is not None
    assert after[2] == " sequence 15 permit udp any host 2001:db8::10 fragments"


def test_a_number_that_is_taken_is_not_given_twice() -> None:
    assert enter(NUMBERED, ["ip access-list extended IN", f" 20 {ENTRY}"]) is None
    twice = ["ip access-list extended IN", f" 15 {ENTRY}", "ip access-list extended IN", f" 15 {ENTRY}"]
    assert enter(NUMBERED, twice) is None


def test_an_entry_for_everything_is_no_cure() -> None:
    scattered = parse_prefix("198.51.100.1/32")[1]
    for other in ("198.51.100.4/32", "198.51.100.9/32", "192.0.2.7/32", "192.0.2.99/32"):
        scattered |= parse_prefix(other)[1]
    fix = PermitFragments(family=4, line=line(NUMBERED, "deny"), sources=scattered, destinations=scattered)
    assert write(fix, NUMBERED) is None


def test_a_setting_of_an_interface_goes_or_rises() -> None:
    lines = ["interface Gi0/0", " ip virtual-reassembly in drop-fragments", "!", "end"]
    written = write(TakeAway(line=line(lines, "drop-fragments")), lines)
    assert written is not None
    assert enter(lines, written.lines) == ["interface Gi0/0", " ip virtual-reassembly in", "!", "end"]
    lines = ["interface Gi0/0", " ip virtual-reassembly in max-fragments 1", "!", "end"]
    written = write(RaiseLimit(line=line(lines, "max-fragments"), fragments=24), lines)
    assert written is not None
    assert enter(lines, written.lines) == ["interface Gi0/0", " ip virtual-reassembly in max-fragments 24", "!", "end"]


def test_a_list_in_two_pieces_is_left_alone() -> None:
    pieces = [*NUMBERED[:-1], "!", *NUMBERED]
    assert write(permit(pieces), pieces) is None
