"""A network namespace with the real tools in it, for tests that hold the platform against what the kernel says."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from itertools import count
from pathlib import Path
from types import TracebackType

TOOLS = ("ip", "nft", "iptables-nft", "ip6tables-nft", "iptables-legacy", "ip6tables-legacy")
NUMBERS = count(1)


class Namespace:
    """A namespace of its own name, gone at the end."""

    def __init__(self) -> None:
        self.name = f"fragaudit-{os.getpid()}-{next(NUMBERS)}"

    def __enter__(self) -> "Namespace":
        subprocess.run(["ip", "netns", "add", self.name], check=True, capture_output=True)
        self.run("ip", "link", "set", "lo", "up")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        subprocess.run(["ip", "netns", "delete", self.name], check=False, capture_output=True)

    def attempt(self, *words: str, text: str = "") -> str | None:
        """The output of a command, None where it fails."""
        command = ["ip", "netns", "exec", self.name, *words]
        done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
        return done.stdout if done.returncode == 0 else None

    def run(self, *words: str, text: str = "") -> str:
        """The output of a command, which must succeed."""
        command = ["ip", "netns", "exec", self.name, *words]
        done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{' '.join(words)}\n{text}\n{done.stderr}"
        return done.stdout

    def transcript(self, *commands: str) -> str:
        """Outputs, each under its line."""
        return "".join(f"$ {command}\n{self.run(*command.split())}" for command in commands)

    @contextmanager
    def inside(self) -> Iterator[None]:
        """Whatever opens a socket here opens it in the namespace."""
        import ctypes

        libc = ctypes.CDLL(None, use_errno=True)
        new_network = 0x40000000  # CLONE_NEWNET, linux/sched.h
        with Path("/proc/thread-self/ns/net").open() as home, Path("/run/netns", self.name).open() as there:
            assert libc.setns(there.fileno(), new_network) == 0
            try:
                yield
            finally:
                assert libc.setns(home.fileno(), new_network) == 0


@cache
def why_not() -> str:
    """Why these tests can't run here, "" where they can."""
    missing = [tool for tool in TOOLS if shutil.which(tool) is None]
    if missing:
        return f"not installed: {', '.join(missing)}"
    if os.geteuid() != 0:
        return "only root may make network namespaces"
    try:
        with Namespace() as one:
            if one.attempt("nft", "add", "table", "ip", "t") is None:
                return "nft does not work in a network namespace here"
            return "" if one.attempt("iptables-legacy", "-S") is not None else "iptables-legacy does not work here"
    except (OSError, subprocess.CalledProcessError, AssertionError) as error:
        return f"no network namespace can be made: {error}"
