"""Puts what a transcript lists into a running host: the rows of the simulator's tests, made real."""

import re

from tests.lab.world import World

RESTORE = {
    "iptables-save": "iptables-restore",
    "ip6tables-save": "ip6tables-restore",
    "iptables-legacy-save": "iptables-legacy-restore",
    "ip6tables-legacy-save": "ip6tables-legacy-restore",
}


def load_listings(world: World, name: str, transcript: str) -> None:
    """Loads the outputs of a transcript, each with its own tool, beside what is there."""
    for output in re.split(r"^\$ ", transcript, flags=re.MULTILINE)[1:]:
        command, _, text = output.partition("\n")
        if not text.strip():
            continue
        if command == "nft list ruleset":
            world.spaces.run(name, "nft", "-f", "-", text=text)
        else:
            world.spaces.run(name, RESTORE[command], "--noflush", text=text)
