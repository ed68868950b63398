"""Whole configs on disk, each with what is to be understood of it."""

import json
from pathlib import Path

import pytest

from tests.platforms.cisco_ios.reading import case_device, cases, readable


@pytest.mark.parametrize("case", cases(), ids=lambda path: path.name)
def test_the_device_is_the_golden(case: Path) -> None:
    wanted = json.loads((case / "device.json").read_text(encoding="utf-8"))
    assert json.loads(json.dumps(readable(case_device(case)))) == wanted


def test_there_are_cases() -> None:
    assert len(cases()) >= 6
