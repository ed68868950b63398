"""Outputs of ``sysctl``, of files below /proc/sys/net, of ``hostname`` and ``uname`` as canonical lines."""

import re

from auditor.platforms.linux.commands import Command
from auditor.platforms.linux.lines import Lines, Numbered

SETTING = re.compile(r"^(?P<name>[\w./@:+-]+)\s*=\s*(?P<value>.*)$")
QUIET = re.compile(r"^sysctl: (?:reading key|permission denied on key|cannot stat)")


def read(_command: Command, body: Numbered, out: Lines) -> None:
    """``name = value``; only what lies below ``net`` can decide anything here."""
    for number, line in body:
        found = SETTING.match(line)
        if found:
            name = found["name"].replace("/", ".") if found["name"].startswith("net/") else found["name"]
            if name.startswith("net.") and found["value"].strip():
                out.put(0, f"sysctl {name} = {found['value'].strip()}", number)
        elif line.strip() and not QUIET.match(line):
            out.unread(line, number)


def read_proc(command: Command, body: Numbered, out: Lines) -> None:
    """The bare value of one setting."""
    for number, line in body[:1]:
        if line.strip():
            out.put(0, f"sysctl {command.names[0]} = {line.strip()}", number)


def read_name(_command: Command, body: Numbered, out: Lines) -> None:
    """``hostname``"""
    for number, line in body[:1]:
        if re.fullmatch(r"[\w.-]+", line.strip()):
            out.put(0, f"host {line.strip()}", number)


def read_release(_command: Command, body: Numbered, out: Lines) -> None:
    """``uname -a``: ``Linux NAME RELEASE ...``; ``uname -r``: the release alone."""
    for number, line in body[:1]:
        words = line.split()
        if len(words) >= 3 and words[0] == "Linux":
            out.put(0, f"host {words[1]}", number)
            out.put(0, f"kernel {words[2]}", number)
        elif len(words) == 1 and words[0][:1].isdigit():
            out.put(0, f"kernel {words[0]}", number)
