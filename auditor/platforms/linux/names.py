"""Names that nft and iptables write for numbers: protocols, ports, ICMP types, priorities."""

from functools import lru_cache

# IANA protocol numbers by the names of /etc/protocols that the two tools print
PROTOCOLS = {
    "ip": 0, "hopopt": 0, "icmp": 1, "igmp": 2, "ggp": 3, "ipencap": 4, "ipv4": 4, "st": 5, "tcp": 6, "egp": 8,
    "igp": 9, "pup": 12, "udp": 17, "hmp": 20, "xns-idp": 22, "rdp": 27, "iso-tp4": 29, "dccp": 33, "xtp": 36,
    "ddp": 37, "idpr-cmtp": 38, "ipv6": 41, "ipv6-route": 43, "ipv6-frag": 44, "idrp": 45, "rsvp": 46, "gre": 47,
    "esp": 50, "ipv6-crypt": 50, "ah": 51, "ipv6-auth": 51, "skip": 57, "ipv6-icmp": 58, "icmpv6": 58, "icmp6": 58,
    "ipv6-nonxt": 59, "ipv6-opts": 60, "rspf": 73, "vmtp": 81, "eigrp": 88, "ospf": 89, "ospfigp": 89, "ax.25": 93,
    "ipip": 94, "etherip": 97, "encap": 98, "pim": 103, "comp": 108, "ipcomp": 108, "vrrp": 112, "carp": 112,
    "l2tp": 115, "isis": 124, "sctp": 132, "fc": 133, "mobility-header": 135, "ipv6-mh": 135, "mh": 135,
    "udplite": 136, "mpls-in-ip": 137, "manet": 138, "shim6": 139, "wesp": 141, "rohc": 142, "ethernet": 143,
    "mptcp": 262,
}  # fmt: skip
ICMP_TYPES = {
    "echo-reply": 0, "destination-unreachable": 3, "source-quench": 4, "redirect": 5, "echo-request": 8,
    "router-advertisement": 9, "router-solicitation": 10, "time-exceeded": 11, "parameter-problem": 12,
    "timestamp-request": 13, "timestamp-reply": 14, "info-request": 15, "info-reply": 16, "address-mask-request": 17,
    "address-mask-reply": 18,
}  # fmt: skip
ICMP_CODES = {
    "net-unreachable": 0, "host-unreachable": 1, "prot-unreachable": 2, "port-unreachable": 3, "frag-needed": 4,
    "net-prohibited": 9, "host-prohibited": 10, "admin-prohibited": 13,
}  # fmt: skip
ICMPV6_TYPES = {
    "destination-unreachable": 1, "packet-too-big": 2, "time-exceeded": 3, "parameter-problem": 4,
    "echo-request": 128, "echo-reply": 129, "mld-listener-query": 130, "mld-listener-report": 131,
    "mld-listener-done": 132, "mld-listener-reduction": 132, "nd-router-solicit": 133, "nd-router-advert": 134,
    "nd-neighbor-solicit": 135, "nd-neighbor-advert": 136, "nd-redirect": 137, "router-renumbering": 138,
    "ind-neighbor-solicit": 141, "ind-neighbor-advert": 142, "mld2-listener-report": 143,
}  # fmt: skip
ICMPV6_CODES = {
    "no-route": 0, "admin-prohibited": 1, "addr-unreachable": 3, "port-unreachable": 4, "policy-fail": 5,
    "reject-route": 6,
}  # fmt: skip
# names that iptables takes for a type with its code (they are saved as numbers; hand-written files hold them)
IPTABLES_ICMP = {
    "any": None, "echo-reply": (0, None), "pong": (0, None), "destination-unreachable": (3, None),
    "network-unreachable": (3, 0), "host-unreachable": (3, 1), "protocol-unreachable": (3, 2),
    "port-unreachable": (3, 3), "fragmentation-needed": (3, 4), "source-quench": (4, None), "redirect": (5, None),
    "echo-request": (8, None), "ping": (8, None), "time-exceeded": (11, None), "ttl-exceeded": (11, None),
    "parameter-problem": (12, None), "packet-too-big": (2, None), "neighbour-solicitation": (135, None),
    "neighbor-solicitation": (135, None), "neighbour-advertisement": (136, None),
    "neighbor-advertisement": (136, None), "router-solicitation": (133, None), "router-advertisement": (134, None),
    "no-route": (1, 0), "address-unreachable": (1, 3),
}  # fmt: skip
# include/uapi/linux/netfilter_ipv4.h and nft(8), "standard priority names"; in the bridge family they are others
PRIORITIES = {"raw": -300, "mangle": -150, "dstnat": -100, "filter": 0, "security": 50, "srcnat": 100}
CT_STATES = {
    "invalid": 1,
    "established": 2,
    "related": 4,
    "new": 8,
    "untracked": 64,
}  # nf_conntrack_common.h, as nft -n prints
CT_INDEX = {1: 0, 2: 1, 4: 2, 8: 3, 64: 4}  # to auditor.model.filters.CONNECTION_STATES
CT_BITS = {name: CT_INDEX[bit] for name, bit in CT_STATES.items()}


def number(text: str) -> int:
    """A number in decimal, 0x hexadecimal or 0 octal. Raises ValueError for anything else."""
    text = text.strip()
    if text[:2].lower() == "0x":
        return int(text, 16)
    if len(text) > 1 and text[0] == "0" and text.isdigit():
        return int(text, 8)
    return int(text, 10)


@lru_cache(maxsize=4096)
def protocol(text: str) -> int:
    """A protocol's number. Raises ValueError for a name that is not known."""
    text = text.strip('"').lower()
    if text[:1].isdigit():
        return number(text)
    if text in PROTOCOLS:
        return PROTOCOLS[text]
    raise ValueError(f"no protocol {text}")


@lru_cache(maxsize=65536)
def port(text: str) -> int:
    """A port's number, by its name where nft -S or a hand-written file gives one. Raises ValueError."""
    text = text.strip('"')
    if text[:1].isdigit() and text.isdigit():
        value = int(text)
    else:
        value = number(text) if text[:1].isdigit() else _service(text)
    if not 0 <= value <= 0xFFFF:
        raise ValueError(f"no port {text}")
    return value


# names of Debian's /etc/services that IANA's list (netutils) lacks or has for another port
SERVICES = {
    "datametrics": 1645, "old-radius": 1645, "old-radacct": 1646, "sa-msg-port": 1646, "radacct": 1813, "http": 80,
    "www": 80, "http-alt": 8080, "snmp-trap": 162, "l2f": 1701, "route": 520, "portmapper": 111, "mail": 25,
    "ident": 113, "pop-3": 110, "imap2": 143, "kerberos5": 88, "icp": 3130, "dicom": 104, "x11": 6000,
}  # fmt: skip


def _service(name: str) -> int:
    from netutils.protocol_mapper import TCP_NAME_TO_NUM, UDP_NAME_TO_NUM

    if name in SERVICES:
        return SERVICES[name]
    for numbers in (UDP_NAME_TO_NUM, TCP_NAME_TO_NUM):
        if name.upper() in numbers:
            return int(numbers[name.upper()])
    raise ValueError(f"no port {name}")
