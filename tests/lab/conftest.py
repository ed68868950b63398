"""The lab runs where it can: elsewhere its tests are skipped with the reason, and in CI that is a failure."""

from collections.abc import Iterator

import pytest

from tests.lab.ike import Pki
from tests.lab.namespaces import missing, needed, remove_stale


@pytest.fixture(scope="session", autouse=True)
def _lab() -> Iterator[None]:
    needed(missing())
    remove_stale()
    yield
    remove_stale()


@pytest.fixture(scope="session")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    """Keys and certificates of both ends, made once for all daemons."""
    return Pki.make(tmp_path_factory.mktemp("pki"))
