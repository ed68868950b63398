"""The applications that Junos brings along (``show configuration groups junos-defaults applications``).

Values: the group junos-defaults as printed by Juniper's "Security Policy Applications" pages; what is not listed here
is uncertain where a policy names it.
"""

from auditor.model.addresses import IntervalSet

TCP, UDP, ICMP, ICMP6 = 6, 17, 1, 58
PROTOCOLS = {
    "icmp": ICMP,
    "igmp": 2,
    "ipip": 4,
    "tcp": TCP,
    "egp": 8,
    "udp": UDP,
    "rsvp": 46,
    "gre": 47,
    "esp": 50,
    "ah": 51,
    "icmp6": ICMP6,
    "icmpv6": ICMP6,
    "ospf": 89,
    "pim": 103,
    "vrrp": 112,
    "sctp": 132,
}
# Names of ports that Junos takes in place of numbers ("Firewall Filter Match Conditions", destination-port).
PORTS = {
    "afs": 1483, "bgp": 179, "biff": 512, "bootpc": 68, "bootps": 67, "cmd": 514, "cvspserver": 2401, "dhcp": 67,
    "domain": 53, "eklogin": 2105, "ekshell": 2106, "exec": 512, "finger": 79, "ftp": 21, "ftp-data": 20, "http": 80,
    "https": 443, "ident": 113, "imap": 143, "kerberos-sec": 88, "klogin": 543, "kpasswd": 761, "krb-prop": 754,
    "krbupdate": 760, "kshell": 544, "ldap": 389, "ldp": 646, "login": 513, "mobileip-agent": 434, "mobilip-mn": 435,
    "msdp": 639, "netbios-dgm": 138, "netbios-ns": 137, "netbios-ssn": 139, "nfsd": 2049, "nntp": 119, "ntalk": 518,
    "ntp": 123, "pop3": 110, "pptp": 1723, "printer": 515, "radacct": 1813, "radius": 1812, "rip": 520,
    "rkinit": 2108, "smtp": 25, "snmp": 161, "snmptrap": 162, "snpp": 444, "socks": 1080, "ssh": 22, "sunrpc": 111,
    "syslog": 514, "tacacs": 49, "tacacs-ds": 65, "talk": 517, "telnet": 23, "tftp": 69, "timed": 525, "who": 513,
    "xdmcp": 177,
}  # fmt: skip
_TCP = {
    "ftp": (21,), "ftp-data": (20,), "telnet": (23,), "smtp": (25,), "tacacs": (49,), "tacacs-ds": (65,),
    "dns-tcp": (53,), "finger": (79,), "http": (80,), "http-ext": (7001, 8000, 8001, 8100, 8200, 8080, 8888),
    "https": (443,), "pop3": (110,), "ident": (113,), "nntp": (119,), "imap": (143,), "imaps": (993,), "bgp": (179,),
    "ldap": (389,), "snpp": (444,), "ssh": (22,), "pptp": (1723,), "rtsp": (554,), "printer": (515,), "socks": (1080,),
    "smb-session": (445,), "nbds": (), "whois": (43,), "wais": (210,), "gopher": (70,), "chargen-tcp": (19,),
    "ldp-tcp": (646,), "cvspserver": (2401,), "ms-sql": (1433,), "sccp": (2000,), "h323-tcp": (1720,),
    "winframe": (1494,),
    "smtps": (587,), "rsh": (514,), "rlogin": (513,), "rexec": (512,),
}  # fmt: skip
_UDP = {
    "tftp": (69,), "dns-udp": (53,), "bootpc": (68,), "bootps": (67,), "dhcp-client": (68,), "dhcp-server": (67,),
    "ntp": (123,), "snmp-agentx": (), "syslog": (514,), "radius": (1812,), "radacct": (1813,), "ike": (500,),
    "ike-nat": (4500,), "l2tp": (1701,), "nbname": (137,), "nbds": (138,), "biff": (512,), "who": (513,),
    "talk-udp": (517,), "rip": (520,), "xdmcp": (177,), "ldp-udp": (646,), "discard": (9,), "chargen": (19,),
    "echo": (7,), "sql-monitor": (1434,), "ms-rpc-udp": (135,), "vxlan": (4789,), "gprs-gtp-u": (2152,),
    "gprs-gtp-c": (2123,),
}  # fmt: skip
_WHOLE = {
    "gre": 47, "icmp-all": ICMP, "icmp6-all": ICMP6, "ospf": 89, "tcp-any": TCP, "udp-any": UDP, "pim": 103,
    "vrrp": 112, "esp": 50,
}  # fmt: skip


def _ports(numbers: tuple[int, ...]) -> IntervalSet:
    return IntervalSet.of(*((one, one) for one in numbers))


PREDEFINED: dict[str, tuple[tuple[int, IntervalSet | None], ...]] = {
    **{f"junos-{name}": ((TCP, _ports(ports)),) for name, ports in _TCP.items() if ports},
    **{f"junos-{name}": ((UDP, _ports(ports)),) for name, ports in _UDP.items() if ports},
    **{f"junos-{name}": ((number, None),) for name, number in _WHOLE.items()},
}
# ICMP requests: junos-ping and junos-icmp-ping are type 8, junos-pingv6 type 128.
PINGS: dict[str, tuple[int, int]] = {
    "junos-ping": (ICMP, 8),
    "junos-icmp-ping": (ICMP, 8),
    "junos-pingv6": (ICMP6, 128),
    "junos-icmp6-echo-request": (ICMP6, 128),
    "junos-icmp6-packet-too-big": (ICMP6, 2),
}
SETS: dict[str, tuple[str, ...]] = {
    "junos-routing-inbound": ("junos-bgp", "junos-rip", "junos-ldp-tcp", "junos-ldp-udp"),
    "junos-cifs": ("junos-netbios-session", "junos-smb-session"),
}
