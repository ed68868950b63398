"""By which lines the text of a Junos config is known, and told from its relatives."""

from auditor.model.platform import Mark

_TOP = "system|interfaces|firewall|policy-options|routing-options|routing-instances|protocols|security|chassis|groups"

MARKS = (
    Mark(pattern=r"[!#]\s*RANCID-CONTENT-TYPE: juniper", weight=50),
    Mark(pattern=r"## Last (?:commit|changed):? ", weight=30),
    Mark(pattern=r"\{(?:master|primary|secondary|backup)(?::\S+)?\}\s*$", weight=10),
    Mark(pattern=rf"(?:set|deactivate|delete|activate) (?:{_TOP}|applications|logical-systems|vlans) ?", weight=6),
    Mark(pattern=rf"(?:replace: |inactive: )?(?:{_TOP}|applications|logical-systems|access|snmp) \{{\s*$", weight=6),
    Mark(pattern=r"\s+family (?:inet6?|ethernet-switching|any|bridge) (?:\{|filter )", weight=5),
    Mark(
        pattern=r"\s+(?:replace: |inactive: )?(?:term|filter|policy-statement|prefix-list|security-zone|unit) \S+ \{",
        weight=4,
    ),
    Mark(pattern=r"(?:set )?(?:apply-groups|groups) \S+", weight=3),
    Mark(pattern=r"(?:set )?version \"?\d\d\.\d[A-Z]\S*", weight=5),
    Mark(
        pattern=r"\s+(?:host-name|encrypted-password|from|then|is-fragment|accept|discard|destination-port) ?[^{]*[;{]",
        weight=2,
    ),
    Mark(pattern=r"(?:set )?(?:interfaces|interface-range|unit) \S+ \{?", weight=1),
    Mark(
        pattern=r"set (?:deviceconfig|rulebase|network|vsys|zone|address|mgt-config|shared|template) ", weight=-30
    ),  # PAN-OS
    Mark(
        pattern=r"(?:config \{|\s+(?:mgt-config|deviceconfig|rulebase|vsys|devices|panorama) \{)\s*$", weight=-30
    ),  # PAN-OS
    Mark(pattern=r"set interfaces (?:ethernet|bonding|loopback|dummy|pppoe|wireguard) ", weight=-30),  # VyOS
    Mark(
        pattern=r"set (?:firewall name|nat|service|vpn|high-availability|container|system config-management) ",
        weight=-12,
    ),
    Mark(pattern=r"set (?:interface eth|hostname |static-route |installer |user |clienv |dns )", weight=-12),  # Gaia
    Mark(pattern=r"config (?:system|firewall|vdom|router) ?|/interface|/ip |table (?:inet|ip|ip6) ", weight=-20),
    Mark(pattern=r"(?:ltm|net|sys|auth|cm|apm) \S+ \S+ ?\{", weight=-12),  # F5
    Mark(pattern=r"(?:hostname|interface|ip access-list|access-list|router) \S+", weight=-6),
    Mark(pattern=r"(?:flush|add|define|chain|\*filter)\b", weight=-6),
    Mark(pattern=r"\s+(?:loopback lo|ethernet eth\d|host-name \S+$|config-management)", weight=-8),  # VyOS in braces
)
