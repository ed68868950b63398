"""Every form of a rule, of nft and of iptables: what is read of it, in words.

The tables stand in ``nft_rules.txt`` and ``iptables_rules.txt``: a line ``FAMILY HOOK | rule`` (with ``nat`` before it
in a chain of that kind, with ``/PRIORITY`` behind it in one of another priority than filter; of iptables ``TABLE CHAIN
TOOL | rule``), and below it, indented, the rules of the model that it comes to; none where no packet of ours can meet
it. ``nft_sets.txt`` holds what the rules of nft refer to.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.platforms.linux.reading import iptables_rules, nft_rules, texts

HERE = Path(__file__).parent
SETS = (HERE / "nft_sets.txt").read_text()


def table(name: str) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """The entries of a table: where the rule stands, the rule, and what comes of it."""
    where, rule, wanted = "", "", []
    for line in (HERE / name).read_text().splitlines():
        if line.startswith("    "):
            wanted.append(line.strip())
        elif line.strip() and not line.startswith("##"):
            if rule:
                yield where, rule, tuple(wanted)
            where, _, rule = line.partition(" | ")
            wanted = []
    yield where, rule, tuple(wanted)


NFT, IPTABLES = list(table("nft_rules.txt")), list(table("iptables_rules.txt"))


@pytest.mark.parametrize(("where", "rule", "wanted"), NFT, ids=[f"{w} {r}" for w, r, _ in NFT])
def test_nft(where: str, rule: str, wanted: tuple[str, ...]) -> None:
    *kinds, family, hook = where.split()
    found = nft_rules(rule, family=family, hook=hook, sets=SETS, kind=kinds[0] if kinds else "filter")
    assert texts(found) == list(wanted)


@pytest.mark.parametrize(("where", "rule", "wanted"), IPTABLES, ids=[f"{w} {r}" for w, r, _ in IPTABLES])
def test_iptables(where: str, rule: str, wanted: tuple[str, ...]) -> None:
    name, chain, tool = where.split()
    assert texts(iptables_rules(rule, table=name, chain=chain, tool=tool)) == list(wanted)


def test_the_tables_are_not_empty() -> None:
    assert len(NFT) > 150
    assert len(IPTABLES) > 80
