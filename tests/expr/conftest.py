from collections.abc import AsyncIterator

import pytest

from flows.expr.sandbox import Sandbox


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    """A running sandbox with one worker, so that a worker left in ruins is met by the next expression."""
    async with Sandbox(processes=1) as running:
        assert running.missing is None
        yield running
