"""FRR's zebra and staticd in a host of a world, and what they print of their routes as ``routes/HOST.json``.

A router has no route but those that vtysh gives it. What the auditor gets of it is its transcript without the kernel's
routes, and instead of these what FRR says of them.
"""

import json
import re
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Self

from auditor.inventory.routes import SCHEMA
from tests.lab.world import Description, World

ZEBRA, STATICD, VTYSH = "/usr/lib/frr/zebra", "/usr/lib/frr/staticd", "/usr/bin/vtysh"
TOOLS = (ZEBRA, STATICD, VTYSH, "/usr/bin/setpriv", "/usr/bin/unshare", "/usr/bin/nsenter", "/bin/bash")
READY = 5.0  # seconds that the daemons have to come up, and a route to come into force
LISTS = {4: "show ip route json", 6: "show ipv6 route json"}
ROUTES_OF_THE_KERNEL = re.compile(r"^ip (-j )?(-6 )?route\b")

# One process holds all: with it, or with the process that started it, its PID namespace goes, and the daemons with
# that. They can't be told to die with their parent, since they change their user. $0 is the name of the namespace.
START = f"""
mount -t tmpfs tmpfs /run && install -d -o frr -g frr /run/frr || exit
(exec -a "$0" {ZEBRA} -f /dev/null -P 0) &
until [ -S /run/frr/zserv.api ]; do sleep 0.005; done
(exec -a "$0" {STATICD} -f /dev/null -P 0) &
until [ -S /run/frr/staticd.vty ]; do sleep 0.005; done
: > "/run/$0"
wait -n
"""
ALONE = ("setpriv", "--pdeathsig", "KILL", "unshare", "--mount", "--pid", "--fork", "--kill-child")


def missing_router() -> str:
    """Why no router can be started here; "" where it can."""
    absent = [Path(tool).name for tool in TOOLS if not Path(tool).exists()]
    return f"a real router needs {', '.join(absent)}: make lab-setup" if absent else ""


class Router:
    """zebra and staticd in one host."""

    def __init__(self, world: World, name: str) -> None:
        self.name = name
        self._title = world.spaces.prefix + name
        with world.spaces.inside(name):
            self._process = subprocess.Popen(
                [*ALONE, "bash", "-c", START, self._title],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )

    def wait(self) -> None:
        """Waits until both answer."""
        there = Path(f"/proc/{self._process.pid}/root/run/{self._title}")
        _until(there.exists, f"FRR in {self.name} is not up", self._process)

    def configure(self, lines: Sequence[str]) -> None:
        """Puts routes into the running configuration, and waits until they are in force or known not to be."""
        self._vtysh("configure terminal", *lines)
        asked = Counter(line.split()[2] for line in lines)

        def there() -> bool:
            known = {**self.routes(4), **self.routes(6)}
            return all(_settled(known.get(prefix, []), number) for prefix, number in asked.items())

        _until(there, f"FRR in {self.name} has not taken all of {lines}", self._process)

    def routes(self, family: int) -> dict[str, list[dict[str, Any]]]:
        """What it prints of its routes."""
        found: dict[str, list[dict[str, Any]]] = json.loads(self._vtysh(LISTS[family]))
        return found

    def stop(self) -> None:
        """Ends all of it, at once."""
        self._process.kill()
        self._process.wait()

    def _vtysh(self, *commands: str) -> str:
        into = ["nsenter", f"--mount=/proc/{self._process.pid}/ns/mnt", VTYSH]
        asked = [word for command in commands for word in ("-c", command)]
        done = subprocess.run([*into, *asked], capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"vtysh in {self.name}: {done.stdout}{done.stderr}")
        return done.stdout


def _settled(entries: Sequence[Mapping[str, Any]], number: int) -> bool:
    """Whether so many next hops of a prefix are known, and the best route has reached the kernel."""
    return any(map(_in_force, entries)) and sum(len(entry["nexthops"]) for entry in entries) >= number


def _until(true: Callable[[], bool], complaint: str, process: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + READY
    while not true():
        if process.poll() is not None or time.monotonic() > until:
            raise RuntimeError(complaint)
        time.sleep(0.005)


class RoutedWorld(World):
    """A world in which some hosts are routers: ``static`` has for each the routes, as lines of its configuration."""

    def __init__(self, description: Description, static: Mapping[str, Sequence[str]]) -> None:
        self._static = static
        self.routers: dict[str, Router] = {}
        super().__init__(description)
        try:
            for name in static:
                self.routers[name] = Router(self, name)
            for name, lines in static.items():
                self.routers[name].wait()
                self.routers[name].configure(lines)
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def close(self) -> None:
        """Ends the routers and removes everything."""
        for router in self.routers.values():
            router.stop()
        super().close()

    def _routes(self, name: str) -> Iterable[str]:
        return () if name in self._static else super()._routes(name)

    def put_routes(self, folder: Path) -> None:
        """Takes what the routers' kernels say of routes out of an inventory, and puts FRR's words into ``routes/``."""
        (folder / "routes").mkdir()
        for name, router in self.routers.items():
            config = folder / "configs" / f"{name}.txt"
            config.write_text(without_routes(config.read_text()))
            (folder / "routes" / f"{name}.json").write_text(routes_json(map(router.routes, LISTS)))


def without_routes(transcript: str) -> str:
    """A transcript without the outputs that list routes."""
    outputs = re.split(r"^\$ ", transcript, flags=re.MULTILINE)[1:]
    return "".join(f"$ {output}" for output in outputs if not ROUTES_OF_THE_KERNEL.match(output))


# ---- FRR's JSON to that of the contract


def routes_json(lists: Iterable[Mapping[str, Sequence[Mapping[str, Any]]]]) -> str:
    """``routes/HOST.json`` out of ``show ip route json`` and ``show ipv6 route json``. Together they are all routes of
    a router without VRFs.
    """
    entries = [entry for found in lists for several in found.values() for entry in several]
    routes = [dict(_route(entry)) for entry in entries if _in_force(entry)]
    return json.dumps({"schema": SCHEMA, "complete": True, "routes": routes}, indent=1) + "\n"


def _in_force(entry: Mapping[str, Any]) -> bool:
    """Whether the kernel has it. Each link has a route to fe80::/10 of its own: no way on."""
    return bool(entry.get("selected") and entry.get("installed")) and not str(entry["prefix"]).startswith("fe80:")


def _route(entry: Mapping[str, Any]) -> Iterator[tuple[str, object]]:
    yield "vrf", entry["vrfName"]
    yield "prefix", entry["prefix"]
    yield "protocol", entry["protocol"]
    yield "distance", entry["distance"]
    yield "next_hops", [dict(_next_hop(hop)) for hop in entry["nexthops"] if _used(hop)]


def _used(hop: Mapping[str, Any]) -> bool:
    """Whether packets go there: not by a next hop that others stand for, and none at all where they are discarded."""
    return bool(hop.get("fib")) and not hop.get("duplicate") and not hop.get("unreachable")


def _next_hop(hop: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if "ip" in hop:
        yield "address", hop["ip"]
    yield "interface", hop["interfaceName"]
