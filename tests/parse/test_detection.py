"""Which platform a text is taken for: a table over all published configs, printed (``pytest -s``)."""

from collections import Counter
from pathlib import Path

import pytest

from auditor.parse.detect import detect
from auditor.parse.text import read_text
from auditor.registry import platforms

CORPUS = Path(__file__).parents[2] / ".." / "shared" / "corpus"
OURS = {
    "cisco_asa": "cisco_asa",
    "cisco_ios": "cisco_ios",
    "juniper_junos": "juniper_junos",
    "juniper_srx": "juniper_junos",
    "linux_iptables": "linux",
    "linux_nftables": "linux",
}
# pieces without a line that only one system has: they may be recognised by nobody, but not as another platform
PIECES = {
    "cisco_ios/batfish-testconfigs/iosxe-vasi-interface",
    "cisco_ios/batfish-unit-tests/cisco_interface",
    "cisco_ios/batfish-unit-tests/cisco_misc",
    "cisco_ios/genieparser/ShowIpVirtualReassemblyInterface__golden_output2_output.txt",
}
RELATIVES = {"arista_eos", "cisco_nxos", "cisco_xr"}  # a list or an interface of theirs may read as one of IOS
MOST_TAKEN_FOR_RELATIVES = 15

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(not CORPUS.is_dir(), reason="no corpus at ../shared/corpus"),
]


def test_every_config_is_taken_for_what_it_is() -> None:
    table: Counter[tuple[str, str]] = Counter()
    wrong, relatives = [], []
    known = platforms()
    for folder in sorted(one for one in CORPUS.iterdir() if one.is_dir() and one.name not in ("LICENSES", "captures")):
        for path in sorted(one for one in folder.rglob("*") if one.is_file()):
            text = read_text(path.read_bytes())
            if text.problem or path.suffix in (".json", ".yaml", ".yml", ".md", ".py"):
                continue
            name, told = path.relative_to(CORPUS).as_posix(), detect(text.lines, known)
            table[folder.name, told or "nobody"] += 1
            if folder.name == "networks":
                continue
            if folder.name in RELATIVES and told == "cisco_ios":
                relatives.append(name)
            elif told != OURS.get(folder.name) and not (name in PIECES and told is None):
                wrong.append((name, told))
    for (kind, told), count in sorted(table.items()):
        print(f"{kind:20} {told:14} {count}")  # noqa: T201 (the table is what one runs it for)
    assert wrong == []
    assert len(relatives) <= MOST_TAKEN_FOR_RELATIVES, relatives
