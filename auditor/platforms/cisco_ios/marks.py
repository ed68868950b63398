"""By which lines the text of an IOS config is known, and told from its relatives."""

from auditor.model.platform import Mark

_OURS = (
    Mark(pattern=r"!\s*RANCID-CONTENT-TYPE: cisco\s*$", weight=50),
    Mark(pattern=r"!+ Cisco IOS (?:XE )?Software", weight=30),
    Mark(pattern=r"version 1[0-9](?:\.\d+)+\s*$", weight=8),
    Mark(pattern=r"boot-start-marker\s*$", weight=8),
    Mark(pattern=r"ip access-list (?:extended|standard) \S+\s*$", weight=4),
    Mark(pattern=r"Building configuration\.\.\.", weight=4),
    Mark(pattern=r"Current configuration : \d+ bytes", weight=4),
    Mark(pattern=r"access-list \d+ (?:permit|deny|remark) ", weight=3),
    Mark(pattern=r"\s+ip address \d+\.\d+\.\d+\.\d+ \d+\.\d+\.\d+\.\d+(?: secondary)?\s*$", weight=3),
    Mark(pattern=r"ip route (?:vrf \S+ )?\d+\.\d+\.\d+\.\d+ \d+\.\d+\.\d+\.\d+ ", weight=3),
    Mark(pattern=r"service timestamps (?:log|debug) ", weight=3),
    Mark(pattern=r"(?:vrf definition|zone security|zone-pair security|(?:class|policy)-map type inspect) ", weight=3),
    Mark(pattern=r"interface (?:Fast|Gigabit|TenGig|Twenty|Forty|Hundred)\S*\d+(?:/\d+)*(?:\.\d+)?\s*$", weight=2),
    Mark(pattern=r"line (?:con 0|vty 0 \d+)\s*$", weight=2),
    Mark(pattern=r"interface (?:Ethernet|Vlan|Loopback|Tunnel|Serial|Dialer|Port-channel|BDI)\s?\d", weight=1),
    Mark(pattern=r"(?:no )?(?:ipv6 access-list \S+|\s+no ip address)\s*$", weight=1),
    Mark(pattern=r"hostname \S+\s*$", weight=1),
    Mark(
        pattern=r"(?:ip|ipv6) (?:route|nat|vrf|cef|forward-protocol|http|inspect|virtual-reassembly)(?![\w-])", weight=1
    ),
    Mark(pattern=r"(?:crypto (?:isakmp|ikev2|pki|map)|aaa group server|radius server|line (?:con|vty|aux)) ", weight=1),
    Mark(
        pattern=r"(?:no )?(?:router (?:ospf|bgp|eigrp)|spanning-tree|switchport|snmp-server|object-group) ?", weight=1
    ),
)
_RELATIVES = (
    Mark(pattern=r"[!#]\s*RANCID-CONTENT-TYPE: (?!cisco\s*$)", weight=-50),
    Mark(pattern=r"#\s*$|\s*sysname |\s*undo |\s+port link-type |return\s*$", weight=-8),  # Huawei, H3C
    Mark(pattern=r"ip route-static |\s+port link-mode |interface Vlan-interface", weight=-12),  # Comware
    Mark(pattern=r"!!\s*IOS XR|ipv4 access-list |\s+ipv4 (?:address|access-group) |interface MgmtEth", weight=-12),
    Mark(pattern=r"interface (?:Bundle-Ether|(?:Ten)?Gig\w*\d+/\d+/\d+/\d+)", weight=-12),  # IOS XR
    Mark(pattern=r"!Command: show|feature \S+\s*$|vdc |vrf context |\s+vrf member |vpc domain", weight=-12),  # NX-OS
    Mark(pattern=r"interface mgmt0", weight=-12),
    Mark(pattern=r"! device: .*EOS", weight=-50),
    Mark(pattern=r"!\s*boot system flash:/?EOS|daemon TerminAttr|vrf instance ", weight=-6),  # EOS
    Mark(pattern=r"\s+ip address \S+/\d+|management api |platform trident|transceiver qsfp", weight=-6),
    Mark(pattern=r":? ?(?:Saved|ASA Version|PIX Version)|\s+nameif |\s+security-level ", weight=-10),  # ASA
    Mark(pattern=r"Cryptochecksum|object network |access-group \S+ in interface", weight=-10),
)
MARKS = (*_OURS, *_RELATIVES)
