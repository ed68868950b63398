"""Words of Junos for numbers: protocols, ports, kinds of ICMP; and prefixes as sets.

Port and protocol names: Juniper, "Firewall Filter Match Conditions for IPv4 Traffic" (routing policy guide).
"""

import re
from functools import lru_cache

from auditor.model.addresses import BITS, Family, IntervalSet, parse_prefix

PROTOCOLS = {
    "ah": 51, "dstopts": 60, "egp": 8, "esp": 50, "fragment": 44, "gre": 47, "hop-by-hop": 0, "icmp": 1, "icmp6": 58,
    "icmpv6": 58, "igmp": 2, "ipip": 4, "ipv6": 41, "no-next-header": 59, "ospf": 89, "pim": 103, "routing": 43,
    "rsvp": 46, "sctp": 132, "tcp": 6, "udp": 17, "vrrp": 112, "l2tp": 115,
}  # fmt: skip
PORTS = {
    "afs": 1483, "bgp": 179, "biff": 512, "bootpc": 68, "bootps": 67, "cmd": 514, "cvspserver": 2401, "dhcp": 67,
    "domain": 53, "eklogin": 2105, "ekshell": 2106, "exec": 512, "finger": 79, "ftp": 21, "ftp-data": 20, "http": 80,
    "https": 443, "ident": 113, "imap": 143, "kerberos-sec": 88, "klogin": 543, "kpasswd": 761, "krb-prop": 754,
    "krbupdate": 760, "kshell": 544, "ldap": 389, "ldp": 646, "login": 513, "mobileip-agent": 434, "mobilip-mn": 435,
    "msdp": 639, "netbios-dgm": 138, "netbios-ns": 137, "netbios-ssn": 139, "nfsd": 2049, "nntp": 119, "ntalk": 518,
    "ntp": 123, "pop3": 110, "pptp": 1723, "printer": 515, "radacct": 1813, "radius": 1812, "rip": 520, "rkinit": 2108,
    "smtp": 25, "snmp": 161, "snmptrap": 162, "snpp": 444, "socks": 1080, "ssh": 22, "sunrpc": 111, "syslog": 514,
    "tacacs": 49, "tacacs-ds": 65, "talk": 517, "telnet": 23, "tftp": 69, "timed": 525, "who": 513, "xdmcp": 177,
    "zephyr-clt": 2103, "zephyr-hm": 2104, "zephyr-srv": 2102,
}  # fmt: skip
ICMP_TYPES = {
    "echo-reply": 0, "unreachable": 3, "source-quench": 4, "redirect": 5, "echo-request": 8, "router-advertisement": 9,
    "router-solicit": 10, "time-exceeded": 11, "parameter-problem": 12, "timestamp": 13, "timestamp-reply": 14,
    "info-request": 15, "info-reply": 16, "mask-request": 17, "mask-reply": 18,
}  # fmt: skip
ICMP6_TYPES = {
    "destination-unreachable": 1, "packet-too-big": 2, "time-exceeded": 3, "parameter-problem": 4, "echo-request": 128,
    "echo-reply": 129, "membership-query": 130, "membership-report": 131, "membership-termination": 132,
    "router-solicit": 133, "router-advertisement": 134, "neighbor-solicit": 135, "neighbor-advertisement": 136,
    "redirect": 137,
}  # fmt: skip
ICMP_CODES = {
    "fragmentation-needed": 4, "host-unreachable": 1, "network-unreachable": 0, "port-unreachable": 3,
    "protocol-unreachable": 2, "communication-prohibited-by-filtering": 13, "ttl-eq-zero-during-transit": 0,
    "ttl-eq-zero-during-reassembly": 1,
}  # fmt: skip


def numbers(values: list[str], names: dict[str, int], most: int) -> IntervalSet | None:
    """The numbers, names and ranges (``1000-2000``) as a set, None where one is not known."""
    found: list[tuple[int, int]] = []
    for value in values:
        bare = value.strip('"')
        if bare in names:
            found.append((names[bare], names[bare]))
            continue
        first, _, last = bare.partition("-")
        low, high = _number(first, names), _number(last or first, names)
        if low is None or high is None or not low <= high <= most:
            return None
        found.append((low, high))
    return IntervalSet.of(*found)


def _number(text: str, names: dict[str, int]) -> int | None:
    if text in names:
        return names[text]
    return int(text) if text.isdigit() else None


_PLAIN = re.compile(r"(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})/(\d{1,2})$")


@lru_cache(maxsize=65536)
def prefix_of(text: str) -> tuple[Family, IntervalSet, int] | None:
    """A prefix or an address as a set with its length, None for anything else (a mask with holes)."""
    plain = _PLAIN.match(text)
    if plain is not None:
        a, b, c, e, length = map(int, plain.groups())
        if max(a, b, c, e) < 256 and length <= 32:
            span = 1 << (32 - length)
            start = (a << 24 | b << 16 | c << 8 | e) & ~(span - 1)
            return 4, IntervalSet((start, start + span)), length
    bare = text.strip('"')
    mask = bare.partition("/")[2]
    if "." in mask and not mask.startswith("255."):
        return None
    try:
        family, values = parse_prefix(bare)
    except ValueError:
        return None
    return family, values, BITS[family] - (values.size.bit_length() - 1)
