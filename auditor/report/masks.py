"""Secrets in lines of configs, and how they are hidden. When in doubt more is hidden, never less.

Each mask is a regular expression whose groups ``keep`` and ``tail`` survive; what stands between them does not. Most
hide the rest of the line: passwords may hold blanks, and no line that decides about a packet goes on after one.
"""

import re
from collections.abc import Iterable
from functools import lru_cache

HIDDEN = "***"
LONGEST = 8192  # characters of one line that are looked at and shown

_REST = r"\s+\S.*"
_VALUE = r"""(?:"[^"]*"?|'[^']*'?|[^\s,;&"']+)"""
_BASE64 = "[A-Za-z0-9+/]"

# words between a keyword and its value: how the value is written
_KINDS = r"""(?:\s+(?:[0-9]|type\s+[0-9]|level\s+[0-9]+|encrypted|unencrypted|cipher|irreversible-cipher|simple
    |plain-?text|clear(?:-?text)?|hash|md5|sha[0-9-]*|hmac-[\w-]+|aes(?:-?[0-9]+)?|ascii(?:-text)?|hex(?:adecimal)?
    |text|local|remote|key-string|ENC)(?=\s+\S))*"""

# password, enable-secret, -tacacsSecret, psksecret, auth-pwd ...
_ANY_WORD = r"""(?<![\w-])[\w.-]{0,40}?(?:pass(?:word|wd|phrase|code)s?|secrets?|phash|-pwd)
    (?:-hash(?:ed)?|-encrypted|-value|-string)?"""
# server-key, authentication-key, message-digest-key, pre-shared-key address A key ...
_KEY_WORD = r"""(?<![\w-])[\w-]{1,40}?-key(?:-string|-data)?(?:\s+(?:address|hostname)\s+\S+(?:\s+[\d.]+)?\s+key)?"""
# the names of name=value and name: value
_NAME = r"""(?<![\w-])[\w.-]{0,40}?(?:pass(?:word|wd|phrase)|secret|psk|pwd|token|community|credentials?|api[-_]?key
    |(?:private|pre-?shared|auth|encryption|access|shared|session|fastopen)[-_]?key)["']?"""


def _compiled(patterns: Iterable[str], flags: int = 0) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(pattern, re.VERBOSE | re.DOTALL | flags) for pattern in patterns)


_WORDS = _compiled(
    (
        # elements of XML
        r"(?P<keep><[\w-]*(?:phash|password|passphrase|secret|key|token|community|psk)(?:\s[^<>]*)?>)[^<]+",
        # a key, perhaps before the address of the peer that has it too
        rf"""(?P<keep>\bisakmp\s+key{_KINDS})\s+\S.*?
            (?P<tail>(?:\s+(?:address|hostname)\s+(?:(?!\s(?:address|hostname)\s).)*)?)$""",
        rf"(?P<keep>(?:{_ANY_WORD}|{_KEY_WORD}|(?<![\w-])key-(?:octet-)?(?:string|hash|data)){_KINDS}){_REST}",
        rf"(?P<keep>\b(?:idtoken|(?:api|access|auth|bearer)-token|encryptedStrings?)){_REST}",
        # key, where the line or its beginning tells that it is one
        rf"(?P<keep>^\s*key(?!\s+chain\b){_KINDS}){_REST}",
        rf"""(?P<keep>\b(?:radius-server|tacacs-server|server-private|pre-share|hwtacacs|radius\sserver|aaa-server)\b
            .{{0,300}}?\bkey{_KINDS}){_REST}""",
        rf"(?P<keep>^\s*set\s.{{0,300}}?(?<!-)\bkey{_KINDS}){_REST}",
        rf"(?P<keep>\bkey\s+[0-9]){_REST}",
        r"(?P<keep>\bkey)\s+\".*",
        rf"(?P<keep>\bpsk(?:\s+(?:ascii|hex|[0-9])(?=\s+\S))+){_REST}",
        # SNMP
        rf"(?P<keep>\bsnmp-server\s+host(?:\s+[A-Za-z][\w-]*(?=\s+[\d.]+\s))?\s+\S+){_REST}",
        rf"(?P<keep>\bsnmp-server\s+user\s.{{0,300}}?\bauth(?:\s+(?:md5|sha\S*))?){_REST}",
        rf"(?P<keep>\b(?:authentication|privacy)-mode\s+\S+){_REST}",
        rf"""(?P<keep>(?:^\s*|\bsnmp.{{0,300}}?(?<![\w-]))(?:trap-)?community(?:-name|-string)?
            (?:\s+(?:read|write|cipher|simple|name|0|7)(?=\s+\S))*)\s+{_VALUE}""",
        rf"(?P<keep>(?<![\w-])(?:snmp-)?community-(?:name|string))\s+{_VALUE}",
        rf"(?P<keep>\bsnmp\s+community\b.{{0,300}}?\bname=){_VALUE}",
        # protocols that sign in with a word
        rf"(?P<keep>\b(?:standby|vrrp|glbp|nhrp)\b.{{0,80}}?\bauthentication{_KINDS}){_REST}",
        r"(?P<keep>\b(?:auth-trunc|auth|enc|comp|aead|priv)\s+(?:\S+\s+)?)0x[0-9a-f]{8,}",
        r"(?P<keep>\b\w*auth=\w+,)\S+",
        rf"(?P<keep>\bauthorization:(?:\s+(?:basic|bearer))?){_REST}",
        # name=value and name: value
        rf"(?P<keep>{_NAME}\s*=\s*){_VALUE}",
        rf"""(?P<keep>{_NAME}\s*:\s*)(?:"[^"]*"?|'[^']*'?|[^\s"'].*)""",
    ),
    re.IGNORECASE,
)
_BEFORE = _compiled(
    (
        r"(?P<keep>-----BEGIN\s[^-]*-----)\s*\S.*",
        r"(?P<keep>://)[^\s\"'@:/]*:(?!\d+/)[^\s\"']*(?P<tail>@)",  # user and password before a host
        rf"(?P<keep>\bENC){_REST}",
        r"(?P<keep>(?::|\s)(?:PSK|XAUTH|EAP|NTLM|PIN))\s+\".*",
        r"(?<!\S)(?!-)\S+(?P<tail>\s+-encrypted\b)",
    )
)
# what tells by itself that it is a hash, an encrypted word or a key
_VALUES = _compiled(
    (
        r"\$(?:[0-9][abxy]?|sha[0-9]*|md5|apr1|y|argon2\w*|[chM])\$[^\s\"';,<>]+",
        r"%\^%\#\S+",
        r"\beyJ[\w-]{8,}\.[\w.-]+",
        r"(?P<keep>\s7\s)(?:0[0-9]|1[0-5])(?:[0-9A-Fa-f]{2}){4,}\b",
        rf"^\s*{_BASE64}{{40,}}={{0,2}}(?:\\r)?\s*$",
        rf"""(?<![A-Za-z0-9+/=.:_-])(?!/)(?={_BASE64}*[A-Z])(?={_BASE64}*[a-z])(?={_BASE64}*[0-9])
            {_BASE64}{{40,}}={{0,2}}""",
        rf"""(?<![A-Za-z0-9+/=])(?={_BASE64}*[A-Z]){_BASE64}{{18,}}={{1,2}}(?="?(?:$|[\s;,)<'\\]))""",
    )
)
_MASKS = _BEFORE + _WORDS + _VALUES

# what every mask needs somewhere: a line without it is not looked at further
_SUSPECT = re.compile(
    r"pass|secret|key|pwd|phash|token|communit|credential|snmp|psk|encrypted|auth|priv|aead|comp|enc\b|-----|://|\$|%\^"
    r"|[\w+/]{18}|\s7\s|\b(?:PSK|XAUTH|EAP|NTLM|PIN)\b",
    re.IGNORECASE,
)


@lru_cache(maxsize=8192)
def masked(text: str) -> str:
    """The text without its secrets; of a very long line its beginning, with the number of characters that are left."""
    text = _within_reason(text)
    if not _SUSPECT.search(text):
        return text
    for mask in _MASKS:
        text = mask.sub(_hidden, text)
    return text


def _hidden(match: re.Match[str]) -> str:
    """What stays of a match. Within quotes that were opened before it, what follows the closing one stays too."""
    groups = match.groupdict()
    keep, tail = groups.get("keep") or "", groups.get("tail") or ""
    value = match.group()[len(keep) : len(match.group()) - len(tail)]
    quoted = match.string.count('"', 0, match.start() + len(keep)) % 2 == 1
    if quoted and '"' in value and not tail:
        tail = value[value.index('"') :]
        value = value[: value.index('"')]
    blank = " " if value[:1].isspace() else ""
    inner = value.strip()
    quote = inner[0] if inner[:1] in ("'", '"') and inner[1:].find(inner[0]) == len(inner) - 2 else ""
    return f"{keep}{blank}{quote}{HIDDEN}{quote}{tail}"


def _within_reason(text: str) -> str:
    if len(text) <= LONGEST:
        return text
    head = text[:LONGEST].rpartition(" ")[0] or HIDDEN
    return f"{head} ... ({len(text) - len(head)} more characters)"
