"""What every test stands on: keys of its own, a PostgreSQL server, and the cast.

With DATABASE_URL the tests use that server. Without it the embedded one is started in a folder of its own:
under xdist by the process that began, once for all its workers, else when the first test asks for a database.
"""

import contextlib
import os
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.utils import translation
from hypothesis import settings as hypothesis

from builder_ui.data_folder import DataFolder
from builder_ui.databases import settings_of
from builder_ui.environment import parse_database
from builder_ui.postgres.embedded import running_database
from tests.cast import Person, person

# A check draws the same examples every time; `--hypothesis-profile explore` goes hunting.
hypothesis.register_profile("same", derandomize=True, database=None)
hypothesis.register_profile("explore", print_blob=True)
hypothesis.load_profile("same")

ADDRESS = "MULGIL_TEST_DATABASE"
SUMMARY = "summary"
"""The property by which a test has a line of its own at the end."""
servers = contextlib.ExitStack()


def pytest_configure(config: pytest.Config) -> None:
    """Give the tests keys of their own, and xdist's workers one server to share."""
    settings.CONFIGURED_SECRET_KEY = settings.SECRET_KEY
    settings.MULGIL["credential_keys"] = ("a key for tests alone, long enough to be taken",)
    is_worker = hasattr(config, "workerinput")
    if config.getoption("numprocesses", None) and not is_worker and not os.environ.get("DATABASE_URL"):
        _start_server()


def pytest_collection_finish(session: pytest.Session) -> None:
    """What xdist would pass over in silence: of two tests of one name it runs one, and a group it did not see it spreads."""
    if not session.config.getoption("loadgroup", False):
        return
    twice = [name for name, count in Counter(item.nodeid for item in session.items).items() if count > 1]
    if twice:
        raise pytest.UsageError(f"tests of one name, of which xdist runs one: {', '.join(twice)}")
    for item in session.items:
        if item.get_closest_marker("xdist_group") is not None and "@" not in item.nodeid:
            raise pytest.UsageError(f"xdist keeps no groups together with pytest {pytest.__version__}: {item.nodeid}")


def pytest_unconfigure() -> None:
    """Stop the server this process started."""
    servers.close()
    os.environ.pop(ADDRESS, None)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """What tests say of the way they were run, under xdist too."""
    reports = [report for found in terminalreporter.stats.values() for report in found]
    told = [value for report in reports for name, value in getattr(report, "user_properties", ()) if name == SUMMARY]
    for line in dict.fromkeys(told):
        terminalreporter.write_line(str(line))


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """Point Django at the embedded server when no other is named."""
    if os.environ.get("DATABASE_URL"):
        return
    if ADDRESS not in os.environ:
        _start_server()
    given = settings_of(parse_database(os.environ[ADDRESS]))
    # The running connections hold this very dictionary, so it is changed and not replaced.
    settings.DATABASES["default"].update({key: given[key] for key in ("HOST", "PORT", "USER", "PASSWORD")})


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """As ever; at the end nobody is left in the database that is dropped.

    Threads and loops of the product keep connections for whoever comes next, and nobody comes.
    """
    yield
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


@pytest.fixture(autouse=True)
def own_language() -> Iterator[None]:
    """A request in Korean leaves its thread speaking it; the next test begins as a new process does."""
    yield
    translation.deactivate()


@pytest.fixture(autouse=True)
def quick_passwords(settings: Any) -> None:
    """Hashing is slow on purpose; tests that make users need not wait for it."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def admin(db: None) -> Person:
    return person("admin", "admin")


@pytest.fixture
def editor(db: None) -> Person:
    return person("editor", "editor")


@pytest.fixture
def operator(db: None) -> Person:
    return person("operator", "operator")


@pytest.fixture
def viewer(db: None) -> Person:
    return person("viewer", "viewer")


@pytest.fixture
def stranger(db: None) -> Person:
    return person("stranger", "admin", home="elsewhere")


def _start_server() -> None:
    folder = Path(
        servers.enter_context(tempfile.TemporaryDirectory(prefix="mulgil-tests-", ignore_cleanup_errors=True))
    )
    cluster = servers.enter_context(running_database(DataFolder(folder), _quiet, durable=False))
    os.environ[ADDRESS] = cluster.place.address("postgres")


def _quiet(_: str) -> None:
    """A test run tells nothing of its server's start."""
