"""By which lines the text of an ASA config is known, and told from its relatives."""

from auditor.model.platform import Mark

MARKS = (
    Mark(pattern=r"(?:ASA|PIX) Version ", weight=30),
    Mark(pattern=r": (?:Saved|Hardware: +(?:ASA|FPR)|Written by |Serial Number:)", weight=6),
    Mark(pattern=r"Cryptochecksum:", weight=10),
    Mark(pattern=r"\s+nameif \S+\s*$", weight=10),
    Mark(pattern=r"\s+security-level \d+\s*$", weight=6),
    Mark(pattern=r"access-group \S+ (?:in interface \S+|out interface \S+|global)", weight=8),
    Mark(pattern=r"(?:clear configure access-list \S+|no fixup )", weight=8),
    Mark(pattern=r"access-list \S+ (?:line \d+ )?extended (?:permit|deny) ", weight=8),
    Mark(pattern=r"object (?:network|service) \S+\s*$", weight=4),
    Mark(pattern=r"mtu [A-Za-z]\S* \d+\s*$", weight=4),
    Mark(pattern=r"route [A-Za-z]\S* \d+\.\d+\.\d+\.\d+ \d+\.\d+\.\d+\.\d+ \d+\.\d+\.\d+\.\d+", weight=3),
    Mark(pattern=r"nat \(\S+,\S+\) ", weight=6),
    Mark(pattern=r"(?:fragment (?:chain|size|timeout|reassembly) |same-security-traffic )", weight=5),
    Mark(
        pattern=r"(?:no )?ssh (?:stricthostkeycheck|key-exchange group)",
        weight=1,
    ),
    Mark(pattern=r"group-policy \S+ (?:attributes|internal|external)", weight=6),
    Mark(pattern=r"tunnel-group \S+ (?:type|ipsec-attributes|general-attributes)", weight=6),
    # relatives
    Mark(pattern=r"[!#]\s*RANCID-CONTENT-TYPE: (?!cisco-asa|asa)", weight=-50),
    Mark(pattern=r"version \d+\.\d+\s*$|boot-start-marker|ip access-list |line (?:vty|con) ", weight=-10),
    Mark(
        pattern=r"\s+ip access-group \S+ (?:in|out)|mac access-list |ipv6 global-mtu|\s+match access-group ", weight=-20
    ),
    Mark(pattern=r"(?:no )?ip (?:cef|routing|classless|forward-protocol)\b|ip route \d", weight=-8),
    Mark(pattern=r"!\s*(?:Command: show|device: .*EOS)|feature \S+\s*$|!! IOS XR", weight=-12),
    Mark(pattern=r"\s*(?:set|sysname|undo) ", weight=-4),
)
