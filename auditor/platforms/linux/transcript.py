"""The form of a Linux host's file: outputs of commands, each under a line ``$ command``, become canonical lines.

A file without such lines is taken for one output, if its text tells which (a bare ``iptables-save``, say).
"""

import re
from collections.abc import Callable, Sequence

from auditor.model.platform import Canonical
from auditor.platforms.linux import bare, ip_json, ip_text, iptables_text, nft_json, nft_text, sysctl_text
from auditor.platforms.linux.commands import Command, parse_command
from auditor.platforms.linux.lines import Lines, Numbered

# contract 2: "$ command"; the prompts of a session that was saved whole are taken too ("root@fw:~# nft list ruleset")
PROMPT = re.compile(r"^(?:\$|\[?[\w.-]+@[\w.-]+[^$#%]*[$#%])\s+(?P<command>\S.*)$")
MISSING = re.compile(
    r"^(?:(?:-?bash|sh|sudo|zsh|env|-sh|ash|/bin/sh)(?:: line \d+|: \d+)?: .*(?:not found|No such file)"
    r"|.*: command not found)",
    re.IGNORECASE,
)
REFUSED = re.compile(
    r"(?:Permission denied|Operation not permitted|you must be root|Could not fetch rule set|a password is required"
    r"|can't initialize ip6?tables|Object \"[^\"]*\" is unknown|Cannot (?:open|find)|^Error: |^Dump terminated"
    r"|^Segmentation fault|^Killed$|Device \"[^\"]*\" does not exist|unknown option|invalid option|^Usage: )",
    re.IGNORECASE,
)
PAGER = re.compile(r"^\s*(?:--\s?More\s?--|\(END\)|lines \d+-\d+.*)\s*$", re.IGNORECASE)

SHORT = 400  # characters in which an error message shows

Reader = Callable[[Command, Numbered, Lines], None]

READERS: dict[str, Reader] = {
    "links": ip_text.read_links,
    "routes": ip_text.read_routes,
    "rules": ip_text.read_rules,
    "links-json": ip_json.read_links,
    "routes-json": ip_json.read_routes,
    "rules-json": ip_json.read_rules,
    "nft": nft_text.read,
    "nft-json": nft_json.read,
    "iptables-save": iptables_text.read_save,
    "iptables-list": iptables_text.read_list,
    "sysctl": sysctl_text.read,
    "proc": sysctl_text.read_proc,
    "name": sysctl_text.read_name,
    "release": sysctl_text.read_release,
}


def canonical(lines: Sequence[str]) -> Canonical:
    """The canonical lines of one file."""
    out = Lines()
    starts = [(number, found["command"]) for number, line in enumerate(lines, 1) if (found := PROMPT.match(line))]
    if starts:
        ends = [number for number, _ in starts[1:]] + [len(lines) + 1]
        for (number, text), end in zip(starts, ends, strict=True):
            body = [(at, lines[at - 1]) for at in range(number + 1, end)]
            _read(parse_command(text), number, body, out)
    else:
        command, number = bare.recognise(lines)
        if command is not None:
            body = [(at, line) for at, line in enumerate(lines, 1)]
            out.put(0, f"untitled {command.text}", number)
            _read(command, number, body, out)
    return Canonical(
        lines=tuple(out.lines), numbers=tuple(out.numbers), parents=out.parents, ended=None, broken=tuple(out.broken)
    )


def _read(command: Command, number: int, body: Numbered, out: Lines) -> None:
    """One output. A tool that is not installed printed nothing that could be read: then its output is not there."""
    body = _trimmed(body)
    if command.reader and body and MISSING.match(body[0][1]):
        out.put(0, f"absent {command.text}", number)
        return
    if not command.reader:
        out.put(0, f"other {command.text}", number)
        for at, line in body if command.suspect else ():
            out.put(1, f"line {line.strip()}", at)
        return
    out.put(0, f"output {command.text}", number)
    kept: Numbered = []
    for at, line in body:
        if PAGER.match(line):
            out.unreadable("the rest of a pager stands in it", at)
        elif not command.tolerates(line) and REFUSED.search(line[:SHORT]):
            out.unreadable("an error message stands in it", at)
        else:
            kept.append((at, line))
    READERS[command.reader](command, kept, out)


def _trimmed(body: Numbered) -> Numbered:
    """Without the empty lines before and after."""
    while body and not body[-1][1].strip():
        body.pop()
    start = next((place for place, (_, line) in enumerate(body) if line.strip()), len(body))
    return body[start:]
