"""A folder that the database's own user can enter: pytest's lie where only their owner may."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="mulgil-", ignore_cleanup_errors=True) as made:
        Path(made).chmod(0o755)
        yield Path(made)
