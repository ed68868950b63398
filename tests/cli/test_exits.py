"""Exit codes, streams and sentences of the command line, run as a user runs it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
EXAMPLE = ROOT / "inventories" / "linux-and-ios"


def run(*arguments: str | Path, cwd: Path = ROOT, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "auditor", *map(str, arguments)]
    env = {**os.environ, **environment}
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, env=env, check=False)


def test_a_breaking_flow_is_exit_1() -> None:
    done = run("audit", EXAMPLE)
    assert (done.returncode, done.stderr) == (1, "")
    assert "BREAKS" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("--flow", "branch-vpn"), 0),
        (("--flow", "branch-vpn", "--fail-on", "at-risk"), 0),
        (("--flow", "partner-vpn"), 0),
        (("--flow", "partner-vpn", "--fail-on", "unknown"), 1),
        (("--flow", "partner-vpn", "--fail-on", "at-risk"), 1),
        (("--flow", "always-on-vpn"), 1),
        (("--fail-on", "never"), 0),
    ],
)
def test_fail_on(arguments: tuple[str, ...], code: int) -> None:
    assert run("audit", EXAMPLE, *arguments).returncode == code


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("audit", "nowhere"), "nowhere"),
        (("audit", EXAMPLE, "--flow", "always-on-vnp"), "the nearest name is 'always-on-vpn'"),
        (("audit", EXAMPLE, "--device", "edge9"), "the nearest name is 'edge"),
        (("audit", EXAMPLE, "--format", "jsn"), "json"),
        (("audit", EXAMPLE, "--format", "html"), "not built yet"),
        (("audit", EXAMPLE, "--fail-on", "sometimes"), "--fail-on"),
        (("audit", EXAMPLE, "--max-age", "soon"), "--max-age"),
        (("audit", EXAMPLE, "--filter", "role"), "KEY=VALUE"),
        (("audit", EXAMPLE, "--output", "/nowhere/x.json"), "can't be written"),
        (("explain", EXAMPLE, "wlan-logn"), "wlan-logon"),
        (("facts", EXAMPLE, "edge3"), "edge"),
        (("rules", "non-initial-fragment-dened"), "non-initial-fragment-denied"),
        (("systems", "windows-10"), "windows-10"),
        (("frobnicate",), "frobnicate"),
        (("audit",), "INVENTORY"),
        (("audit", EXAMPLE, "--templates", "/nowhere"), "/nowhere"),
    ],
)
def test_what_a_user_can_mend_is_exit_2_and_one_line(arguments: tuple[str, ...], words: str) -> None:
    done = run(*arguments)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_a_broken_template_is_exit_2(tmp_path: Path) -> None:
    """TTP itself would end the process with exit code 0: green in CI."""
    (tmp_path / "cisco_ios.ttp").write_text("<group name='x*'>\ninterface {{ name }\n</group")
    done = run("audit", EXAMPLE, "--templates", tmp_path)
    assert done.returncode == 2
    assert "cisco_ios.ttp" in done.stderr
    assert done.stderr.count("\n") == 1


def test_reports_go_to_standard_output_and_to_files(tmp_path: Path) -> None:
    target, other = tmp_path / "report.json", tmp_path / "table"
    done = run("audit", EXAMPLE, "--output", target, "--output", f"csv:{other}", "--format", "markdown")
    assert json.loads(target.read_text())["schema"] == "fragaudit.report/1"
    assert other.read_text().startswith("flow,")
    assert done.stdout.startswith("#")
    assert done.stderr == ""


def test_progress_only_where_it_is_asked_for() -> None:
    assert run("audit", EXAMPLE, "--quiet").stderr == ""
    assert "edge1" in run("audit", EXAMPLE, "--verbose").stderr


def test_two_runs_are_byte_identical() -> None:
    for form in ("json", "table", "markdown", "csv"):
        one = run("audit", EXAMPLE, "--format", form, PYTHONHASHSEED="1").stdout
        other = run("audit", EXAMPLE, "--format", form, PYTHONHASHSEED="2").stdout
        assert one == other


def test_a_bug_is_exit_70_without_a_traceback() -> None:
    code = (
        "import auditor.audit, sys\n"
        "def broken(*a, **k): raise RuntimeError('secret s3cr3t')\n"
        "auditor.audit.load = broken\n"
        "sys.argv = ['fragaudit', 'audit', 'x']\n"
        "from auditor.cli import main\nmain()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 70
    assert "Traceback" not in done.stderr
    assert "internal error" in done.stderr
    assert "s3cr3t" not in done.stderr


def test_a_system_exit_that_is_not_ours_is_a_bug() -> None:
    code = (
        "import auditor.audit, sys\n"
        "def broken(*a, **k): raise SystemExit(0)\n"
        "auditor.audit.load = broken\n"
        "sys.argv = ['fragaudit', 'audit', 'x']\n"
        "from auditor.cli import main\nmain()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 70
