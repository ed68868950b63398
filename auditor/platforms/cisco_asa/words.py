"""The names that ASA gives to protocols, ports and ICMP messages, and how it writes ports.

Cisco ASA Series CLI Configuration Guide, "Addresses, Protocols, and Ports": tables of protocol literals, of TCP and UDP
port literals and of ICMP types. A name that is not here makes an entry uncertain, never a guess.
"""

from collections.abc import Sequence
from functools import lru_cache

from auditor.model.addresses import PORTS, IntervalSet

TCP, UDP, ICMP, ICMPV6, SCTP = 6, 17, 1, 58, 132

PROTOCOLS: dict[str, int] = {
    "ah": 51,
    "ahp": 51,
    "eigrp": 88,
    "esp": 50,
    "gre": 47,
    "icmp": ICMP,
    "icmp6": ICMPV6,
    "igmp": 2,
    "igrp": 9,
    "ipinip": 4,
    "ipsec": 50,
    "nos": 94,
    "ospf": 89,
    "pcp": 108,
    "pim": 103,
    "pptp": 47,
    "sctp": SCTP,
    "snp": 109,
    "tcp": TCP,
    "udp": UDP,
}
PORT_NAMES: dict[str, int] = {
    "aol": 5190,
    "bgp": 179,
    "biff": 512,
    "bootpc": 68,
    "bootps": 67,
    "chargen": 19,
    "cifs": 3020,
    "citrix-ica": 1494,
    "cmd": 514,
    "ctiqbe": 2748,
    "daytime": 13,
    "discard": 9,
    "dnsix": 195,
    "domain": 53,
    "echo": 7,
    "exec": 512,
    "finger": 79,
    "ftp": 21,
    "ftp-data": 20,
    "gopher": 70,
    "h323": 1720,
    "hostname": 101,
    "http": 80,
    "https": 443,
    "ident": 113,
    "imap4": 143,
    "irc": 194,
    "isakmp": 500,
    "kerberos": 750,
    "klogin": 543,
    "kshell": 544,
    "ldap": 389,
    "ldaps": 636,
    "login": 513,
    "lotusnotes": 1352,
    "lpd": 515,
    "mobile-ip": 434,
    "nameserver": 42,
    "netbios-dgm": 138,
    "netbios-ns": 137,
    "netbios-ssn": 139,
    "nfs": 2049,
    "nntp": 119,
    "ntp": 123,
    "pcanywhere-data": 5631,
    "pcanywhere-status": 5632,
    "pim-auto-rp": 496,
    "pop2": 109,
    "pop3": 110,
    "pptp": 1723,
    "radius": 1645,
    "radius-acct": 1646,
    "rip": 520,
    "rsh": 514,
    "rtsp": 554,
    "secureid-udp": 5510,
    "sip": 5060,
    "smtp": 25,
    "snmp": 161,
    "snmptrap": 162,
    "sqlnet": 1521,
    "ssh": 22,
    "sunrpc": 111,
    "tacacs": 49,
    "telnet": 23,
    "tftp": 69,
    "time": 37,
    "uucp": 540,
    "vxlan": 4789,
    "who": 513,
    "whois": 43,
    "www": 80,
    "xdmcp": 177,
}
# Names that stand for another port with TCP than with UDP (same tables): no entry with them is guessed.
AMBIGUOUS = frozenset({"talk", "syslog", "rpc"})
TCP_ONLY: dict[str, int] = {"talk": 517}
UDP_ONLY: dict[str, int] = {"talk": 517, "syslog": 514}
ICMP_TYPES: dict[str, int] = {
    "echo-reply": 0,
    "unreachable": 3,
    "source-quench": 4,
    "redirect": 5,
    "alternate-address": 6,
    "echo": 8,
    "router-advertisement": 9,
    "router-solicitation": 10,
    "time-exceeded": 11,
    "parameter-problem": 12,
    "timestamp-request": 13,
    "timestamp-reply": 14,
    "information-request": 15,
    "information-reply": 16,
    "mask-request": 17,
    "mask-reply": 18,
    "traceroute": 30,
    "conversion-error": 31,
    "mobile-redirect": 32,
}
ICMP6_TYPES: dict[str, int] = {
    "unreachable": 1,
    "packet-too-big": 2,
    "time-exceeded": 3,
    "parameter-problem": 4,
    "echo": 128,
    "echo-reply": 129,
    "membership-query": 130,
    "membership-report": 131,
    "membership-reduction": 132,
    "router-solicitation": 133,
    "router-advertisement": 134,
    "neighbor-solicitation": 135,
    "neighbor-advertisement": 136,
    "neighbor-redirect": 137,
    "router-renumbering": 138,
}
OPERATORS = frozenset({"eq", "neq", "lt", "gt", "range"})


def protocol_number(word: str) -> int | None:
    """A protocol by number or name, None for one that is not known."""
    if word.isdigit():
        return int(word) if int(word) < 256 else None
    return PROTOCOLS.get(word)


def icmp_type(word: str, six: bool) -> int | None:
    """An ICMP type by number or name."""
    if word.isdigit():
        return int(word) if int(word) < 256 else None
    return (ICMP6_TYPES if six else ICMP_TYPES).get(word)


def port(word: str, protocols: IntervalSet | None) -> int | None:
    """A port by number or name, None for one that is not known."""
    if word.isdigit():
        return int(word) if int(word) < 65536 else None
    if word in PORT_NAMES:
        return PORT_NAMES[word]
    if word in UDP_ONLY and protocols is not None and TCP not in protocols:
        return UDP_ONLY[word]
    return TCP_ONLY.get(word)


def condition(words: Sequence[str], at: int, protocols: IntervalSet | None) -> tuple[IntervalSet, int, str]:
    """The ports that the operator at ``at`` means, the place after it, and what was not understood of it."""
    operator = words[at]
    wanted = 2 if operator == "range" else 1
    given = words[at + 1 : at + 1 + wanted]
    after = at + 1 + len(given)
    numbers = [port(word, protocols) for word in given]
    known = [number for number in numbers if number is not None]
    if len(known) < wanted:
        unknown = next((word for word, value in zip(given, numbers, strict=True) if value is None), "")
        return PORTS, after, f"the port {unknown} is not known" if unknown else "a port is missing"
    return _ports(operator, tuple(known)), after, ""


@lru_cache(maxsize=65536)
def _ports(operator: str, numbers: tuple[int, ...]) -> IntervalSet:
    if operator == "eq":
        return IntervalSet.single(numbers[0])
    if operator == "range":
        return IntervalSet.of((min(numbers), max(numbers)))
    if operator == "lt":
        return IntervalSet.of((0, numbers[0] - 1))
    if operator == "gt":
        return IntervalSet.of((numbers[0] + 1, 65535))
    return PORTS - IntervalSet.single(numbers[0])
