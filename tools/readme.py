"""Writes the report of the example into README.md, between its two marks: ``make readme``. A test holds it current."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
BEGIN = "<!-- report: made by `make readme` -->\n"
END = "<!-- end of report -->\n"


def with_report(text: str) -> str:
    """The README with the example's report between the marks, as `make audit` prints it."""
    command = [sys.executable, "-m", "auditor", "audit", "inventories/always-on-vpn", "--fail-on", "never"]
    report = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT).stdout
    before, rest = text.split(BEGIN)
    _, after = rest.split(END)
    return f"{before}{BEGIN}\n```\n{report.rstrip()}\n```\n\n{END}{after}"


if __name__ == "__main__":
    path = ROOT / "README.md"
    path.write_text(with_report(path.read_text()))
