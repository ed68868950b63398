"""Prints the ratios of the performance goals: each side in fresh processes, interleaved, medians of several rounds.

Peers that are not installed are left out and said (``pip install -e '.[bench]'``). Nothing here is a test: a slow
machine is no bug. ``python tools/bench.py --rounds 5``.
"""

import argparse
import importlib.util
import random
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
LINES = 100_000


def ios(lines: int, path: Path) -> Path:
    """A config of so many lines: interfaces, and lists of entries."""
    draw = random.Random(7)
    out = ["hostname bench", "!"]
    for i in range(lines // 100):
        out += [
            f"interface GigabitEthernet{i // 64}/{i % 64}",
            f" description link {i}",
            f" ip address 10.{i // 250 % 250}.{i % 250}.1 255.255.255.0",
            f" mtu {draw.choice([1400, 1500, 9000])}",
            " ip access-group L1 in",
            "!",
        ]
    number = 0
    while len(out) < lines - 1:
        number += 1
        out.append(f"ip access-list extended L{number}")
        for i in range(min(5000, lines - len(out) - 1)):
            action = draw.choice(["permit", "permit", "deny"])
            protocol = draw.choice(["tcp", "udp", "ip"])
            ports = "" if protocol == "ip" else f" eq {draw.randrange(1, 65535)}"
            host = f"10.{draw.randrange(256)}.{draw.randrange(256)}.{draw.randrange(256)}"
            out.append(f" {10 + i} {action} {protocol} host {host} 203.0.{draw.randrange(256)}.0 0.0.0.255{ports}")
    out.append("end")
    path.write_text("\n".join(out) + "\n")
    return path


OURS = """
from auditor import registry
from auditor.parse.engine import load
from auditor.parse.read import read_rows
from auditor.parse.text import read_text
p = registry.platforms()['cisco_ios']; t = load(registry.template('cisco_ios')); data = open(FILE, 'rb').read()
START()
rows = read_rows('x', [('x', read_text(data))], p, t)
lists = rows.rows('extended_lists')
N = sum(len(r.rows('entries')) for r in lists) if ROWS == 'lazy' else sum(1 for r in lists for _ in r.rows('entries'))
STOP()
"""
PLAIN_TTP = """
from ttp import ttp
from auditor import registry
template = registry.template('cisco_ios').read_text(); text = open(FILE).read()
parser = ttp(template=template, log_level='ERROR')
START()
parser.add_input(text); parser.parse(one=True); parser.result()
STOP()
"""
NETUTILS = """
from netutils.config.parser import IOSConfigParser
text = open(FILE).read()
START()
IOSConfigParser(text).build_config_relationship()
STOP()
"""
HIER = """
from hier_config import Host
text = open(FILE).read(); host = Host('x', 'ios')
START()
host.load_running_config(text); host.running_config
STOP()
"""
CCP = """
from ciscoconfparse2 import CiscoConfParse
lines = open(FILE).read().splitlines()
START()
CiscoConfParse(lines, syntax='ios')
STOP()
"""
FRAME = """
import gc, resource, sys, time
FILE = sys.argv[1]; ROWS = sys.argv[2]
def START():
    global begun; gc.collect(); begun = time.perf_counter()
def STOP():
    print(time.perf_counter() - begun, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)
"""


def once(code: str, file: Path, rows: str = "lazy") -> tuple[float, int]:
    """Seconds and peak bytes of one run in a fresh process."""
    done = subprocess.run(
        [sys.executable, "-c", FRAME + code, str(file), rows], capture_output=True, text=True, check=True, cwd=ROOT
    )
    seconds, peak = done.stdout.split()[-2:]
    return float(seconds), int(peak)


def wall(*command: str) -> float:
    """Seconds of one whole process."""
    import time

    start = time.perf_counter()
    subprocess.run(command, capture_output=True, check=True, cwd=ROOT)
    return time.perf_counter() - start


def say(what: str, ratios: list[float], goal: str) -> None:
    middle = statistics.median(ratios)
    print(f"{what:<70} {middle:7.3f}  ({min(ratios):.3f}-{max(ratios):.3f})  goal {goal}")


def parsing(rounds: int, folder: Path) -> None:
    file = ios(LINES, folder / "bench.cfg")
    size = file.stat().st_size
    peers = [
        ("plain TTP", PLAIN_TTP, "ttp", "1/6 = 0.167"),
        ("netutils' parser", NETUTILS, "netutils", "1/2 = 0.5"),
        ("hier_config", HIER, "hier_config", "1/15 = 0.067"),
        ("ciscoconfparse2", CCP, "ciscoconfparse2", "1/30 = 0.033"),
    ]
    print(f"a config of {LINES} lines, {size / 1e6:.1f} MB, to rows with lines; time against")
    for name, code, module, goal in peers:
        if importlib.util.find_spec(module) is None:
            print(f"  {name}: not installed, left out")
            continue
        pairs = [(once(OURS, file)[0], once(code, file)[0]) for _ in range(rounds)]
        say(f"  {name}", [ours / theirs for ours, theirs in pairs], goal)
        if name == "plain TTP":
            full = [(once(OURS, file, "all")[0], theirs) for _, theirs in pairs]
            say("  plain TTP, with a row object made for every entry", [o / t for o, t in full], "none set")
    base = once("START(); STOP()\n" + "import auditor.registry", file)[1]
    peak = once(OURS, file)[1]
    print(f"peak memory above an empty interpreter: {(peak - base) / size:.1f} times the file  goal 5")


def starting(rounds: int) -> None:
    bare = [wall(sys.executable, "-c", "pass") for _ in range(rounds)]
    program = str(Path(sys.executable).with_name("fragaudit"))
    helped = [wall(program, "--help") for _ in range(rounds)]
    say("fragaudit --help against the bare interpreter", [h / b for h, b in zip(helped, bare, strict=True)], "7")
    audits = [
        wall(program, "audit", "inventories/linux-and-ios", "--fail-on", "never") for _ in range(max(3, rounds // 2))
    ]
    print(f"audit of the example: {statistics.median(audits):.2f} s  goal 1.5")


def hundred_thousand(folder: Path) -> None:
    """The list of the bar: 20,000 overlapping denies of sources, 2,000 of them with fragments, the permits last."""
    draw = random.Random(1)
    denies = []
    for i in range(20_000):
        length = draw.choice([16, 18, 20, 22, 24, 26, 28, 30, 32])
        wild = (1 << (32 - length)) - 1
        base = draw.getrandbits(32) & ~wild
        text = ".".join(str(base >> s & 255) for s in (24, 16, 8, 0))
        mask = ".".join(str(wild >> s & 255) for s in (24, 16, 8, 0))
        denies.append(f"deny ip {text} {mask} any{' fragments' if i < 2000 else ''}")
    others = [
        f"permit tcp host 10.{i % 256}.{draw.randrange(256)}.{draw.randrange(256)} host 203.0.113.9 eq {i % 60000 + 1}"
        for i in range(79_997)
    ]
    entries = denies + others
    draw.shuffle(entries)
    entries += [
        "permit udp any host 203.0.113.10 eq isakmp",
        "permit udp any host 203.0.113.10 eq non500-isakmp",
        "deny ip any any",
    ]
    lines = [
        "hostname big",
        "interface GigabitEthernet0/0",
        " ip address 198.51.100.2 255.255.255.252",
        " ip access-group IN in",
        "!",
        "interface GigabitEthernet0/1",
        " ip address 203.0.113.1 255.255.255.0",
        "!",
        "ip route 0.0.0.0 0.0.0.0 198.51.100.1",
        "ip access-list extended IN",
        *(f" {n} {entry}" for n, entry in enumerate(entries, 1)),
        "end",
    ]
    (folder / "configs").mkdir()
    (folder / "configs" / "big.cfg").write_text("\n".join(lines) + "\n")
    (folder / "hosts.yaml").write_text("big: {platform: cisco_ios}\n")
    (folder / "paths.yaml").write_text(
        "version: 1\nendpoints:\n  c: {address: internet, attach: {device: big, interface: GigabitEthernet0/0}}\n"
        "  s: {address: 203.0.113.10}\nflows:\n  - {name: v, kind: ikev2, from: c, to: s, via: [big]}\n"
    )
    import resource

    program = str(Path(sys.executable).with_name("fragaudit"))
    seconds = wall(program, "audit", str(folder), "--fail-on", "never", "--format", "json")
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"a list of 100,000 entries, clients internet: {seconds:.1f} s, {peak:.0f} MB at most  goal 20 s, 1000 MB")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    starting(max(rounds, 9))
    with tempfile.TemporaryDirectory() as name:
        parsing(rounds, Path(name))
    with tempfile.TemporaryDirectory() as name:
        hundred_thousand(Path(name))


if __name__ == "__main__":
    main()
