"""Kinds of lines that can't decide what becomes of a packet of IKE or RADIUS, each with the reason."""

from auditor.model.platform import Harmless

_NO = r"(?:no )?"


def _block(place: str, reason: str, *words: str) -> Harmless:
    """Lines of a block that begin with one of these words."""
    pattern = f"{_NO}(?:{'|'.join(words)})(?![\\w-])" if words else ""
    return Harmless(place=place, pattern=pattern, reason=reason)


HARMLESS = (
    _block(
        "interfaces",
        "how the link itself works",
        "speed",
        "duplex",
        "flowcontrol",
        "lacp",
        "port-channel",
        "hardware",
        "mac-address",
        "delay",
        "bandwidth",
        "channel-group",
        "media-type",
        "negotiate-auto",
        "fec",
        "member-interface",
        "switchport",
        "cts manual",
        "poe",
        "power inline",
    ),
    _block("interfaces", "redundancy of the pair, told elsewhere", "standby", "failover", "monitor-interface"),
    _block("interfaces", "a protocol of routing; that it runs is told by its own line", "ospf", "eigrp", "rip", "igmp"),
    _block(
        "interfaces", "a protocol of routing", "ospfv3", "authentication", "summary-address", "split-horizon", "pim"
    ),
    _block(
        "interfaces", "a name and a group of pings", "pppoe client", "dhcprelay", "dhcp client", "ddns", "ip address$"
    ),
    _block(
        "interfaces",
        "discovery of neighbours and routers",
        "ipv6 nd",
        "ipv6 enforce-eui64",
        "ipv6 ospf",
        "ipv6 address fe80",
        "ipv6 dhcprelay",
        "ipv6 dhcp",
        "ipv6 address$",
    ),
    _block("*", "a text", "description"),
    _block("*", "a session's bookkeeping", "snmp", "timeout"),
    _block("routers", "inside a routing protocol, whose routes are not in the config"),
    _block("aaa_groups", "how a group of servers is asked"),
    _block("aaa_hosts", "how a server is asked; no word of sizes or ports"),
    _block("tunnel_secrets", "who may come in"),
    _block("contexts", "where a context is kept"),
    Harmless(place="inspections", pattern=r"(?:parameters|match|class)", reason="what an inspection looks at"),
    Harmless(
        place="classes",
        pattern=r"set connection (?:decrement-ttl|timeout|random-sequence-number|advanced-options|conn-max|embryonic)",
        reason="timers, counters and TCP",
    ),
    Harmless(place="classes", pattern=r"(?:inspect|flow-export|user-statistics|priority|no )", reason="not a drop"),
    Harmless(place="", pattern=r"sysopt connection (?:tcpmss|preserve|timewait|reclassify)", reason="TCP, or timers"),
    Harmless(place="", pattern=r"crypto ipsec security-association pmtu-aging", reason="how long a path MTU is kept"),
    Harmless(
        place="",
        pattern=r"(?:no )?crypto ca |no crypto map|(?:no )?ip audit (?:signature|name|info|attack)",
        reason="not bound",
    ),
    Harmless(
        place="", pattern=r"no (?:mtu|name|object|zone|shun|threat-detection)\b", reason="removes what is not there"
    ),
    Harmless(place="", pattern=r"(?:no )?object-group-search ", reason="how lists are searched, not what they say"),
    Harmless(
        place="",
        pattern=r"crypto dynamic-map \S+ \d+ set ",
        reason="how VPN clients are encrypted; to whom is told by ip local pool",
    ),
    Harmless(place="", pattern=r"access-list (?:alert-interval|deny-flow-max)", reason="what is logged"),
    Harmless(place="", pattern=r"clear configure access-list", reason="empties a list before it is filled"),
    Harmless(place="", pattern=r"crypto ikev1 |crypto isakmp ", reason="IKEv1, which is not examined"),
)
