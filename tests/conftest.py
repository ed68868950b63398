"""What can't run where it is, is skipped with its reason; in CI a skip is a failure, but for the absent corpus."""

import os
from collections.abc import Generator

import pytest


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    reason = str(report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr)
    excused = "no corpus" in reason or hasattr(report, "wasxfail")
    if report.skipped and os.environ.get("FRAGAUDIT_CI") and not excused:
        report.outcome = "failed"
        report.longrepr = f"in CI nothing may be skipped: {reason}"
    return report
