"""The house's own laws: where vendors may be named, what a start may load, that the catalogue is one."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from auditor import registry

ROOT = Path(__file__).parent.parent
AUDITOR = ROOT / "auditor"
VENDORS = re.compile(
    r"\b(cisco|ios|juniper|junos|arista|palo ?alto|panos|fortinet|fortios|fortigate|mikrotik|routeros|huawei|netscaler|"
    r"check ?point|comware|windows|rras|strongswan|freeradius|nps|nftables|iptables|linux)\b",
    re.IGNORECASE,
)
KNOWS_VENDORS = ("platforms", "systems", "registry.py")


def code_lines() -> list[tuple[Path, int, str]]:
    """Every line of code outside the rooms that know vendors, without comments and docstrings."""
    import ast

    found = []
    for path in sorted(AUDITOR.rglob("*.py")):
        if path.relative_to(AUDITOR).parts[0] in KNOWS_VENDORS:
            continue
        text = path.read_text()
        prose: set[int] = set()
        for node in ast.walk(ast.parse(text)):
            if (
                isinstance(node, ast.Expr)
                and isinstance(node.value, ast.Constant)
                and isinstance(node.value.value, str)
            ):
                prose.update(range(node.lineno, (node.end_lineno or node.lineno) + 1))
        for number, line in enumerate(text.splitlines(), 1):
            if number not in prose:
                found.append((path, number, line.split("#")[0]))
    return found


def test_vendors_are_named_where_vendors_live() -> None:
    named = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path, number, line in code_lines()
        if VENDORS.search(line)
    ]
    assert named == []


def test_the_catalogue_in_pyproject_is_the_one_in_the_registry() -> None:
    entries = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["entry-points"]
    assert entries == registry.OURS


def test_everything_in_the_catalogue_loads() -> None:
    assert set(registry.platforms()) == set(registry.OURS["fragaudit.platforms"])
    assert set(registry.systems()) == set(registry.OURS["fragaudit.systems"])
    assert set(registry.rules()) == set(registry.OURS["fragaudit.rules"])
    for name, rule in registry.rules().items():
        assert rule.name == name
        assert rule.page
        assert rule.cure


def test_no_two_platforms_claim_one_spelling() -> None:
    claims = [spelling for p in registry.platforms().values() for spelling in {p.name, *p.aliases}]
    assert len(claims) == len(set(claims))


def test_every_platform_has_its_page() -> None:
    for name in registry.platforms():
        assert (ROOT / "docs" / "platforms" / f"{name}.md").is_file()


def loaded(*arguments: str) -> set[str]:
    """The modules that a run of the program imports."""
    code = (
        "import sys; from auditor.cli import main\n"
        f"sys.argv = ['fragaudit', *{list(arguments)!r}]\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "print('\\n'.join(sys.modules), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    return set(done.stderr.split())


HEAVY = {
    "ttp",
    "yaml",
    "nornir",
    "netmiko",
    "napalm",
    "netutils",
    "rich",
    "tabulate",
    "jsonschema",
    "numpy",
    "pydantic",
}


@pytest.mark.parametrize("arguments", [("--help",), ("--version",), ("audit", "--help"), ("size", "--help")])
def test_help_loads_the_argument_library_and_little_else(arguments: tuple[str, ...]) -> None:
    modules = loaded(*arguments)
    assert not modules & HEAVY
    assert not {m for m in modules if m.startswith(("auditor.simulate", "auditor.parse", "auditor.platforms"))}


def test_an_audit_loads_no_collector_and_no_colours() -> None:
    modules = loaded("audit", "inventories/linux-and-ios")
    assert not modules & {"nornir", "netmiko", "napalm", "rich", "jsonschema", "numpy", "pydantic", "ciscoconfparse2"}
    assert "ttp" in modules
