"""Network namespaces of one run: made with its own id, removed at the end, after failures and by the next run.

A socket belongs to the namespace that its thread was in when it was made, and a child process to that of its parent. So
one process is everywhere: it steps in, makes a socket or runs a command, and steps out.
"""

import ctypes
import os
import re
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

NAMED = Path("/run/netns")
OURS = re.compile(r"fragaudit-(\d+)-\d+-.*")
CLONE_NEWNET = 0x40000000
_libc = ctypes.CDLL(None, use_errno=True)


def missing() -> str:
    """Why namespaces can't be made here; "" where they can."""
    if os.geteuid() != 0:
        return "the lab needs root"
    for tool in ("ip", "nft", "iptables", "sysctl"):
        if not any((Path(folder) / tool).exists() for folder in ("/usr/sbin", "/sbin", "/usr/bin", "/bin")):
            return f"the lab needs {tool}: make lab-setup"
    made = subprocess.run(["ip", "netns", "add", f"fragaudit-{os.getpid()}-0-try"], capture_output=True, check=False)
    subprocess.run(["ip", "netns", "del", f"fragaudit-{os.getpid()}-0-try"], capture_output=True, check=False)
    return "" if made.returncode == 0 else "the lab needs network namespaces, and this machine makes none"


def needed(reason: str) -> None:
    """Skips a test that can't run here, with the reason; in CI (FRAGAUDIT_CI) nothing may be skipped."""
    if reason and os.environ.get("FRAGAUDIT_CI"):
        pytest.fail(reason)
    if reason:
        pytest.skip(reason)


def remove_stale() -> None:
    """Removes what a run that was killed has left."""
    for space in NAMED.iterdir() if NAMED.is_dir() else ():
        found = OURS.fullmatch(space.name)
        if found and not Path(f"/proc/{found[1]}").exists():
            subprocess.run(["ip", "netns", "del", space.name], capture_output=True, check=False)


def _setns(handle: int) -> None:
    if _libc.setns(handle, CLONE_NEWNET) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


class Namespaces:
    """Namespaces by short names. Close it, or use it in a ``with``."""

    _made = 0

    def __init__(self, names: Sequence[str]) -> None:
        Namespaces._made += 1
        self.prefix = f"fragaudit-{os.getpid()}-{Namespaces._made}-"
        self._home = os.open("/proc/self/ns/net", os.O_RDONLY)
        self._handles: dict[str, int] = {}
        try:
            for name in names:
                subprocess.run(["ip", "netns", "add", self.prefix + name], check=True, capture_output=True, text=True)
                self._handles[name] = os.open(NAMED / (self.prefix + name), os.O_RDONLY)
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> "Namespaces":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Removes them, with all that is in them."""
        for name, handle in self._handles.items():
            os.close(handle)
            subprocess.run(["ip", "netns", "del", self.prefix + name], capture_output=True, check=False)
        self._handles = {}
        os.close(self._home)

    @contextmanager
    def inside(self, name: str) -> Iterator[None]:
        """The calling thread, and the processes that it starts, are in a namespace meanwhile."""
        _setns(self._handles[name])
        try:
            yield
        finally:
            _setns(self._home)

    def run(self, name: str, *command: str, text: str | None = None) -> str:
        """A command in a namespace; its output. Raises RuntimeError with what it complained of."""
        with self.inside(name):
            done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"{' '.join(command)}: {done.stderr.strip() or done.stdout.strip()}\n{text or ''}")
        return done.stdout

    def output(self, name: str, *command: str) -> str:
        """What a command prints, whatever it thinks of it: for transcripts, errors and all. While another lab makes or
        removes namespaces ``ip`` may stumble over them: then it is asked again.
        """
        for _ in range(10):
            with self.inside(name):
                done = subprocess.run(command, capture_output=True, text=True, check=False)
            if "Peer netns reference is invalid" not in done.stderr:
                break
        return done.stdout + done.stderr

    def link(self, one: str, other: str, name: str, macs: tuple[str, str]) -> None:
        """A veth pair between two namespaces, called the same in both."""
        peer = ("peer", "name", name, "address", macs[1], "netns", self.prefix + other)
        self.run(one, "ip", "link", "add", name, "address", macs[0], "type", "veth", *peer)
