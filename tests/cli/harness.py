"""Folders for the command line and runs of it: in this process where that is the same, else in one of its own."""

import contextlib
import io
import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from auditor.cli import main

ROOT = Path(__file__).parent.parent.parent
EXAMPLE = ROOT / "inventories" / "linux-and-ios"
FORMS = ("table", "json", "markdown", "csv")

HOSTS = "r1: {platform: cisco_ios}\n"
PATHS = """\
version: 1
endpoints:
  clients: {address: internet, attach: {device: r1, interface: GigabitEthernet0/0}, ike_fragmentation: false, df: false}
  gw: {address: 203.0.113.10, ike_fragmentation: false, df: false}
flows:
  - {name: vpn, kind: ikev2, from: clients, to: gw, via: [r1]}
"""
HEAD = """\
version 17.9
hostname r1
!
interface GigabitEthernet0/0
 description upstream
 ip address 198.51.100.2 255.255.255.252
 ip access-group IN in
!
interface GigabitEthernet0/1
 ip address 203.0.113.1 255.255.255.0
!
ip route 0.0.0.0 0.0.0.0 198.51.100.1
!
ip access-list extended IN
"""
PERMITS = """\
 permit udp any host 203.0.113.10 eq isakmp
 permit udp any host 203.0.113.10 eq non500-isakmp
 deny ip any any
"""
DENY = " deny ip any any fragments\n"
DENY_LINE = 15
TAIL = "!\nend\n"
PASSING = HEAD + PERMITS + TAIL
BREAKING = HEAD + DENY + PERMITS + TAIL


@dataclass(frozen=True, slots=True)
class Done:
    """What a run wrote and how it ended."""

    code: int
    out: str
    err: str

    @property
    def all(self) -> str:
        return self.out + self.err


def run(*arguments: str | Path) -> Done:
    """The program in this process, by the same door as the command."""
    out, err = io.StringIO(), io.StringIO()
    before, sys.argv = sys.argv, ["fragaudit", *map(str, arguments)]
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            main()
    except SystemExit as end:
        code = end.code
    else:
        code = "none: the program goes on"
    finally:
        sys.argv = before
    assert isinstance(code, int), code
    return _checked(Done(code, out.getvalue(), err.getvalue()), progress="--verbose" in arguments)


ANYBODY = "-dac_override,-dac_read_search"  # capabilities without which root too minds the mode of a file


def run_apart(*arguments: str | Path, seed: str = "0", terminal: str = "utf-8", anybody: bool = False) -> Done:
    """The program in a process of its own; ``terminal`` is how its standard output is encoded. ``anybody``: not as one
    who may read files of every mode.
    """
    command = [sys.executable, "-m", "auditor", *map(str, arguments)]
    if anybody and os.geteuid() == 0:
        command = ["setpriv", f"--bounding-set={ANYBODY}", f"--inh-caps={ANYBODY}", *command]
    env = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONIOENCODING": terminal}
    done = subprocess.run(command, capture_output=True, cwd=ROOT, env=env, check=False)
    encoding = "utf-8" if terminal == "ascii" else terminal
    return _checked(Done(done.returncode, done.stdout.decode(encoding), done.stderr.decode(encoding)))


def _checked(done: Done, progress: bool = False) -> Done:
    """No traceback whatever happens, no internal error, and one line for what the user can mend."""
    assert "Traceback" not in done.all
    assert "internal error" not in done.err
    assert done.code in (0, 1, 2), done.err
    assert raw_controls(done.all) == []
    if done.code == 2:
        assert done.out == ""
        assert re.fullmatch(r"fragaudit: [^\n]+\n", done.err), done.err
    elif not progress:
        assert done.err == ""
    return done


def refused(*arguments: str | Path) -> str:
    """The sentence with which the program refuses, exit code 2 is checked."""
    done = run(*arguments)
    assert done.code == 2, done.out
    return done.err.removeprefix("fragaudit: ").removesuffix("\n")


def raw_controls(text: str) -> list[str]:
    """Characters that a terminal would take for a command: controls, and marks that turn the direction of text."""
    return re.findall(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]", text)


def folder(
    place: Path,
    config: str | bytes | None = BREAKING,
    hosts: str | bytes | None = HOSTS,
    paths: str | bytes | None = PATHS,
    **files: str | bytes,
) -> Path:
    """An inventory with one router, r1; ``files`` are further ones by their names. None leaves a file out."""
    contents = {"configs/r1.cfg": config, "hosts.yaml": hosts, "paths.yaml": paths, **files}
    for name, content in contents.items():
        if content is None:
            continue
        path = place / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return place


def report(inventory: Path, *arguments: str | Path) -> Any:
    """The JSON report of an audit that could be done."""
    done = run("audit", inventory, "--format", "json", *arguments)
    assert done.code in (0, 1), done.err
    return json.loads(done.out)


def verdict(inventory: Path) -> str:
    """The verdict of the one flow."""
    (flow,) = report(inventory)["flows"]
    return str(flow["verdict"])


def reasons(document: Any) -> list[str]:
    """Why something is not known."""
    return [str(one["reason"]) for one in document["unknowns"]]
