"""Differential fuzzing: ``python -m tests.lab.fuzz --cases 500``. Prints the seed of every disagreement."""

import argparse
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from tests.lab.compare import Held, audited, hold
from tests.lab.draw import case
from tests.lab.namespaces import missing, remove_stale
from tests.lab.predict import paths_yaml
from tests.lab.traffic import Traffic
from tests.lab.world import World


def run(seed: int, folder: Path) -> list[Held]:
    """One case in a fresh world. An odd seed's configs are collected in the JSON forms, unless a chain of netdev is
    among them: nft's JSON does not tell its device.
    """
    description, port, datagrams = case(seed)
    with World(description) as world, Traffic(world) as traffic:
        told = not any("table netdev" in hop.nft for hop in description.hops)
        world.collect(folder, json=bool(seed % 2) and told)
        (folder / "paths.yaml").write_text(paths_yaml(world, datagrams, (port,)))
        report = audited(folder)
        return [one for family in (4, 6) for one in hold(traffic, report, datagrams, port, family)]


def held(seed: int, counts: Counter[str]) -> list[Held]:
    """One case; once more in a new world where it disagreed. What a busy machine sent too late agrees then, and is
    counted; what disagrees twice counts as disagreed.
    """
    results: list[Held] = []
    for attempt in (1, 2):
        with tempfile.TemporaryDirectory(prefix="fragaudit-lab-") as folder:
            results = run(seed, Path(folder))
        if all(one.outcome != "disagreed" for one in results):
            counts["cases that agreed only at the second try"] += attempt == 2
            return results
    return results


def main() -> int:
    """The counts of a run; 1 where anything disagreed."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--cases", type=int, default=100)
    options.add_argument("--seed", type=int, default=1, help="the first of the seeds, which are counted up")
    options.add_argument("--verbose", action="store_true", help="print why a message was unknown")
    chosen = options.parse_args()
    if reason := missing():
        print(reason, file=sys.stderr)
        return 2
    remove_stale()
    counts: Counter[str] = Counter()
    begun = time.monotonic()
    for seed in range(chosen.seed, chosen.seed + chosen.cases):
        try:
            results = held(seed, counts)
        except RuntimeError as error:
            counts["not loaded"] += 1
            if chosen.verbose:
                print(f"seed {seed}: not loaded: {error}")
            continue
        counts.update(one.outcome for one in results)
        counts["cases"] += 1
        counts["cases that disagreed"] += any(one.outcome == "disagreed" for one in results)
        for one in results:
            if one.outcome == "disagreed" or (chosen.verbose and one.outcome == "unknown"):
                print(f"seed {seed}: {one}", flush=True)
    print(f"{dict(counts)} in {time.monotonic() - begun:.0f} s")
    decided = counts["agreed"] + counts["unknown"] + counts["disagreed"]
    print(f"unknown {100 * counts['unknown'] / max(decided, 1):.1f} %")
    return 1 if counts["disagreed"] else 0


if __name__ == "__main__":
    sys.exit(main())
