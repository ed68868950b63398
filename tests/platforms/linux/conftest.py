"""The real tools, where they are: elsewhere their tests are skipped, and the reason is said."""

import os
from collections.abc import Iterator

import pytest

from tests.platforms.linux.namespace import Namespace, why_not


@pytest.fixture
def namespace() -> Iterator[Namespace]:
    """An empty namespace. In CI (FRAGAUDIT_CI=1) it is an error that there can be none."""
    reason = why_not()
    if reason and os.environ.get("FRAGAUDIT_CI") == "1":
        pytest.fail(reason)
    if reason:
        pytest.skip(reason)
    with Namespace() as one:
        yield one
