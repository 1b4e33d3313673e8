"""What every test stands on: keys of its own and a PostgreSQL server.

With DATABASE_URL the tests use that server. Without it the embedded one is started when the first test asks
for a database, once for the session and all of xdist's workers, and stopped by the process that began.
"""

import pytest
from django.conf import settings


def pytest_configure() -> None:
    """Give the tests keys of their own, whatever the environment says."""
    settings.CONFIGURED_SECRET_KEY = settings.SECRET_KEY
    settings.MULGIL["credential_keys"] = ("a key for tests alone, long enough to be taken",)


@pytest.fixture(autouse=True)
def quick_passwords(settings: object) -> None:
    """Hashing is slow on purpose; tests that make users need not wait for it."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # type: ignore[attr-defined]
