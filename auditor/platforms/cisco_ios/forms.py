"""From the text of a Cisco IOS config to canonical lines: framing, banners and comments go, one blank a level stays."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from auditor.model.platform import Canonical, Form

# A line that shows what was asked of the device: "$ show running-config" (our transcripts) or "edge1#show run".
_PROMPT = re.compile(r"(?:\$ |[A-Za-z0-9_][A-Za-z0-9_.:/()@+-]{0,70}[#>][ ]?)(?P<command>.*)$")
_COMMAND = re.compile(
    r"(?:sh|show?|do|more|term\w*|conf\w*|en\w*|exit|quit|end|logout|wr\w*|copy|ping|dir)\b|$", re.IGNORECASE
)
_BARE_COMMAND = re.compile(r"(?:show|sh|sho) +(?:run|start|conf)", re.IGNORECASE)
_CONFIG_COMMAND = re.compile(
    r"(?:(?:do +)?sh(?:ow?)? +(?:run\S*|start\S*|conf\S*)|more +(?:system|nvram):\S+)(?P<rest>.*)$", re.IGNORECASE
)
_WHOLE = re.compile(r"(?: +(?:all|full|brief|view +full|linenum))*\s*$", re.IGNORECASE)
_FRAMING = re.compile(
    r"Building configuration|Current configuration\s*:|Using \d+ out of \d+ bytes|Load for |Time source is|"
    r"No configuration change|(?:Last|NVRAM) config|Uncompressed configuration|terminal (?:length|width)",
    re.IGNORECASE,
)
_PAGER = re.compile(r"\s*(?:<-+\s*more\s*-+>|-+\s*\(?more\)?\s*(?:\d+%)?\s*-+)[\s\b]*", re.IGNORECASE)
_ERROR = re.compile(
    r"%\s*(?:Invalid|Incomplete|Ambiguous|Unknown|Unrecognized|Authorization|Error|Bad|Access denied|Type)|"
    r"Command authorization failed|Connection (?:to .* )?(?:closed|reset|timed out)|\(\.\.\.\)\s*$|\.\.\.+\s*$",
    re.IGNORECASE,
)
_LEFT_OUT = re.compile(r"\s*!+\s*(?:\.\.\.+|<\s*(?:snip|omitted|output omitted)\s*>?|\(\.\.\.\)).*$", re.IGNORECASE)
_BANNER = re.compile(
    r"\s*(?:banner\s+(?!none\b)\S+|aaa authentication (?:banner|fail-message)|vacant-message|refuse-message|"
    r"menu \S+ (?:title|prompt|status-line)|ip (?:admission|auth-proxy) auth-proxy-banner \S+|"
    r"ip admission proxy http \S+ banner|banner text)\s*(?P<rest>.*)$"
)
_CERTIFICATE = re.compile(r"\s+(?:certificate\s.*|key-string)\s*$")
_EXITS = re.compile(r"exit(?:-\S+)?\s*$|end-(?:policy|set)\s*$")
_HEADED = re.compile(r"(?:hostname|version)\s")

# Blocks below whose lines nothing is nested, whatever the indentation says.
_FLAT = re.compile(
    r"(?:ip access-list|ipv6 access-list|object-group|route-map|class-map|access-list|zone-pair|radius server)\b"
)
# Lines of an interface that open a block of their own.
_NESTS = re.compile(
    r"service instance|pvc\b|atm pvc|l2transport|vrrp \d+ address-family|frame-relay interface-dlci|nv\b|xconnect|"
    r"member vni|cem\b|service-policy type performance-monitor|port security|ethernet (?:udld|oam)|tx-queue|"
    r"dot1q vlan|encapsulation default|backup|satellite-fabric|range|class-int|vc-class|pppoe-session|"
    r"authentication event|mka|lisp mobility|fallback|dampening|crypto engine"
)

# What a config without indentation says below an interface or a list; any other line begins something new.
_INTERFACE_LINE = re.compile(
    r"(?:no |default )?(?:description|shutdown|mtu|"
    r"ip (?!route|access-list|nat (?:inside|outside) source|nat pool|vrf \S+$|inspect name|forward-protocol|http|ssh|"
    r"domain|name-server|radius|tacacs|cef|routing|classless|default-gateway|local|ftp|tftp|scp|sla)|"
    r"ipv6 (?!route|access-list|unicast-routing|router|cef|local|dhcp pool)|vrf forwarding|"
    r"switchport|tunnel|standby|vrrp|glbp|zone-member|crypto map \S+$|crypto ipsec df-bit|service-policy|encapsulation|"
    r"duplex|speed|negotiation|channel-group|bandwidth|delay|load-interval|keepalive|cdp|lldp|mab|dot1x|macsec|mka|"
    r"authentication|access-session|spanning-tree|storm-control|snmp trap|ppp|dialer|pppoe|ntp|bfd|mpls|media-type|"
    r"power|trust|udld|logging event|carrier-delay|hold-queue|arp|peer|isis|ospfv3|lisp|member vni|source-interface)\b"
)
_LIST_LINE = re.compile(r"(?:\d+ |sequence \d+ )?(?:permit|deny|remark|evaluate|dynamic)\b|no \d+$")
# Entries of lists that are canonical as they stand: one blank or none before them, none behind, printable ASCII alone.
# They are no framing, no banner and no end of a block, and of these a large config has very many.
_READY_INSIDE = re.compile(r" (?:\d+ )?(?:permit|deny) [ -~]*[!-~]").fullmatch
_READY_ALONE = re.compile(r"access-list \d+ (?:permit|deny) [ -~]*[!-~]").fullmatch
_FLUSH_HEAD = re.compile(r"(?P<interface>interface )|(?P<list>ip(?:v6)? access-list )")


@dataclass(slots=True)
class _Reading:
    """What has been made of the lines so far."""

    lines: list[str] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    broken: list[tuple[int, str]] = field(default_factory=list)
    opened: list[tuple[int, int, str]] = field(default_factory=list)  # indentation, level and text of the lines around
    headed: bool = False
    partial: bool = False
    ended: bool = False

    def add(self, number: int, text: str, indent: int) -> None:
        """One config line, at the level that its indentation gives it among those before."""
        words = text.strip()
        while self.opened and self.opened[-1][0] >= indent:
            self.opened.pop()
        level = self._level()
        self.opened.append((indent, level, words))
        self.lines.append(" " * level + words)
        self.numbers.append(number)
        if not level:
            self.headed = self.headed or bool(_HEADED.match(words))
            self.ended = False

    def add_ready(self, lines: Sequence[str], index: int) -> int:
        """Takes entries from ``index`` on as ``add`` would, for as long as they are canonical; where to go on."""
        line = lines[index]
        if line[:1] == " ":
            ready = _READY_INSIDE if [one[:2] for one in self.opened] == [(0, 0), (1, 1)] else None
        else:
            ready = _READY_ALONE if line.startswith("access-list ") else None
        end = index
        if ready is not None:
            while end < len(lines) and ready(lines[end]):
                end += 1
        if end > index:
            last = lines[end - 1]
            self.lines += lines[index:end]
            self.numbers += range(index + 1, end + 1)
            if last[0] == " ":
                self.opened[1] = (1, 1, last[1:])
            else:
                self.opened[:] = [(0, 0, last)]
                self.ended = False
        return end

    def _level(self) -> int:
        if not self.opened:
            return 0
        head = self.opened[0][2]
        _, above, parent = self.opened[-1]
        if above and (_FLAT.match(head) or (head.startswith("interface ") and above == 1 and not _NESTS.match(parent))):
            return above
        return above + 1


def _canonical(lines: Sequence[str]) -> Canonical:
    """The lines of a running config, as the device prints it or as it was pasted."""
    reading = _Reading()
    wanted = True
    index = 0
    while index < len(lines):
        if wanted:
            index = reading.add_ready(lines, index)
            if index == len(lines):
                break
        line = lines[index]
        index += 1
        first = line[:1]
        if first and first not in " \t!\xa0":  # the quick way for what is neither blank, indented nor a comment
            command = _asked(line)
            if command is not None:
                wanted = _listen(reading, command)
                continue
        if not wanted:
            continue
        if "ore" in line and (pager := _PAGER.match(line)):
            reading.broken.append((index, "a pager stands in the text"))
            line = line[pager.end() :]
        text = line.replace("\xa0", " ").expandtabs(1).rstrip()
        words = text.lstrip()
        if not words or words[0] == "!":
            if words and _LEFT_OUT.match(words):
                reading.broken.append((index, "lines are left out here"))
            continue
        index = _take(reading, lines, index, text, words)
    return Canonical(
        lines=reading.lines,
        numbers=reading.numbers,
        ended=reading.ended and reading.headed and not reading.partial,
        broken=tuple(reading.broken),
    )


def _take(reading: _Reading, lines: Sequence[str], index: int, text: str, words: str) -> int:
    """Takes one line that is no comment; returns where to go on (after a banner or a certificate)."""
    indent = len(text) - len(words)
    if words[0] in "%C(.BULTNt" and (_ERROR.match(words) or _FRAMING.match(words)):
        if _ERROR.match(words):
            reading.broken.append((index, "an error message stands in the text"))
        return index
    if not indent and words == "end":
        reading.ended = True
        reading.opened.clear()
        return index
    if _EXITS.match(words):
        return index
    if words[0] in "bavrmi" and (banner := _BANNER.match(words)):
        return _after_banner(reading, lines, index, banner["rest"])
    if indent and words[0] in "ck" and _CERTIFICATE.match(text):
        return _after_certificate(reading, lines, index)
    reading.add(index, text, indent)
    return index


def _asked(line: str) -> str | None:
    """The command of a prompt line, None for any other line."""
    if _BARE_COMMAND.match(line):
        return line
    if "#" not in line and ">" not in line and not line.startswith("$ "):
        return None
    prompt = _PROMPT.match(line)
    if prompt is None or not (line.startswith("$ ") or _COMMAND.match(prompt["command"])):
        return None
    return prompt["command"]


def _listen(reading: _Reading, command: str) -> bool:
    """Whether what follows the command is config, and whether it is all of it."""
    found = _CONFIG_COMMAND.match(command.strip())
    if found and not _WHOLE.match(found["rest"]):
        reading.partial = True
    reading.opened.clear()
    return found is not None


def _after_banner(reading: _Reading, lines: Sequence[str], index: int, rest: str) -> int:
    """The index of the line after a banner. Its delimiter is the first character, or ``^C`` for control-C."""
    if not rest:
        return index
    for delimiter in ("^C", rest[0]) if rest.startswith("^C") else (rest[0],):
        if delimiter in rest[len(delimiter) :]:
            return index
        for place in range(index, len(lines)):
            if delimiter in lines[place]:
                return place + 1
    reading.broken.append((index, "a banner has no end"))
    return len(lines)


def _after_certificate(reading: _Reading, lines: Sequence[str], index: int) -> int:
    """The index of the line after a certificate or key in hexadecimal, which ``quit`` ends."""
    for place in range(index, len(lines)):
        word = lines[place].strip()
        if word == "quit":
            return place + 1
        if word and not lines[place].startswith((" ", "\t")):
            return place
    reading.broken.append((index, "a certificate has no end"))
    return len(lines)


def _is_flush(lines: Sequence[str]) -> bool:
    """Whether the indentation is lost: no line is indented, though blocks are there."""
    head = ""
    found = False
    for line in lines:
        if line[:1] in (" ", "\t", "\xa0") and line.strip():
            return False
        opens = _FLUSH_HEAD.match(line)
        if opens:
            head = opens.lastgroup or ""
        elif head and (_INTERFACE_LINE if head == "interface" else _LIST_LINE).match(line):
            found = True
    return found


def _flush(lines: Sequence[str]) -> Canonical:
    """A config without indentation: what may stand in an interface or a list is taken to stand there."""
    indented: list[str] = []
    head = ""
    for line in lines:
        opens = _FLUSH_HEAD.match(line)
        if opens:
            head = opens.lastgroup or ""
        elif line[:1] == "!" or _EXITS.match(line) or line.strip() == "end":
            head = ""
        elif head and (_INTERFACE_LINE if head == "interface" else _LIST_LINE).match(line):
            line = f" {line}"
        elif line.strip():
            head = ""
        indented.append(line)
    read = _canonical(indented)
    return Canonical(
        lines=read.lines,
        numbers=read.numbers,
        ended=False,
        broken=(*read.broken, (1, "the indentation is lost, and with it what belongs to which block")),
    )


FORMS = (
    Form(name="indentation lost", recognises=_is_flush, canonical=_flush),
    Form(name="running-config", recognises=bool, canonical=_canonical),
)
