"""Fails where an installed dependency has a known vulnerability; says so where nobody can tell here.

The data come from PyPI through pip-audit. Behind a package mirror without that service nothing can be said, which is no
reason to fail and none to be silent.
"""

import json
import subprocess
import sys

OURS = "fragaudit"


def main() -> int:
    done = subprocess.run(
        [sys.executable, "-m", "pip_audit", "--format", "json", "--progress-spinner", "off", "--skip-editable"],
        capture_output=True,
        text=True,
        check=False,
    )
    try:
        found = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError):
        print(f"vulnerabilities: pip-audit could not run: {done.stderr.strip().splitlines()[-1:]}")
        return 0 if "Connection" in done.stderr or "resolve" in done.stderr else 1
    bad = [one for one in found if one.get("vulns")]
    for one in bad:
        ids = ", ".join(vuln["id"] for vuln in one["vulns"])
        print(f"vulnerabilities: {one['name']} {one['version']}: {ids}")
    unknown = [one["name"] for one in found if "skip_reason" in one and one["name"] != OURS]
    if unknown and len(unknown) == len([one for one in found if one["name"] != OURS]):
        print(f"vulnerabilities: the service can't be reached from here: {len(unknown)} dependencies were NOT audited")
    elif unknown:
        print(f"vulnerabilities: not audited: {', '.join(unknown)}")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
