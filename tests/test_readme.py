"""What the README shows and tells people to type is true."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

from tools.readme import BEGIN, END, with_report

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()


def fragaudit(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "auditor", *arguments]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, check=False)


def test_its_report_is_what_the_example_says_now() -> None:
    assert "BREAKS" in README.split(BEGIN)[1].split(END)[0]
    assert with_report(README) == README, "run `make readme`"


def test_a_folder_of_configs_becomes_flows_and_verdicts(tmp_path: Path) -> None:
    """The five minutes: the shell has made an empty paths.yaml before `flows` runs, and that is no mistake."""
    folder = tmp_path / "my-configs"
    shutil.copytree(ROOT / "inventories" / "linux-and-ios" / "configs", folder)
    before = fragaudit("audit", "my-configs/", cwd=tmp_path)
    assert before.returncode == 1
    assert "edge1.cfg:42" in before.stdout
    assert fragaudit("facts", "my-configs/", cwd=tmp_path).returncode == 0

    (folder / "paths.yaml").write_text("")
    draft = fragaudit("flows", "my-configs/", cwd=tmp_path)
    assert (draft.returncode, draft.stderr) == (0, "")
    (folder / "paths.yaml").write_text(draft.stdout)
    assert fragaudit("facts", "my-configs/", cwd=tmp_path).returncode == 0
    after = fragaudit("audit", "my-configs/", cwd=tmp_path)
    assert after.stderr == ""
    assert "ike-to-server-203-0-113-10" in after.stdout


def test_the_flows_that_it_shows_are_a_paths_yaml(tmp_path: Path) -> None:
    (block,) = re.findall(r"   ```yaml\n(.*?)   ```\n", README, re.DOTALL)
    shutil.copytree(ROOT / "inventories" / "linux-and-ios" / "configs", tmp_path / "my-configs")
    (tmp_path / "my-configs" / "paths.yaml").write_text("".join(line[3:] or "\n" for line in block.splitlines(True)))
    audit = fragaudit("audit", "my-configs/", cwd=tmp_path)
    assert audit.stderr == ""
    assert "edge1.cfg:42" in audit.stdout


def test_every_command_that_it_names_is_there() -> None:
    named = set(re.findall(r"^ +fragaudit +([a-z]+)", README, re.MULTILINE))
    assert named >= {"audit", "explain", "facts", "flows", "graph", "rules", "size"}
    for command in named:
        assert fragaudit(command, "--help", cwd=ROOT).returncode == 0


def test_every_page_that_it_links_is_there() -> None:
    pages = re.findall(r"\]\((?!https?:)([^)#]+)", README)
    assert pages
    assert [page for page in pages if not (ROOT / page).exists()] == []
