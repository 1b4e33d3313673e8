"""The hatchery of the crash tests: one process for a file of tests, executors of each test's own."""

from collections.abc import Iterator

import pytest

from tests.crash.hatching import Hatchery


@pytest.fixture(scope="module")
def the_hatchery(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hatchery]:
    hatchery = Hatchery(tmp_path_factory.mktemp("world") / "effects")
    yield hatchery
    hatchery.close()


@pytest.fixture
def hatchery(the_hatchery: Hatchery, transactional_db: None) -> Iterator[Hatchery]:
    for left in the_hatchery.world.parent.iterdir():
        left.unlink()
    yield the_hatchery
    the_hatchery.bury_all()
