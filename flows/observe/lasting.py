"""Work that is to last as long as its loop: an error that nobody foresaw is told, and the work begun again or its end made known.

It decides how long is waited before work is begun again: longer, the sooner it ended. It refuses to know what the work is;
errors that are a matter of course, as a database that is away, the work takes itself.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any, Final

WELL: Final = 60.0
"""Seconds after which an end says nothing of the ends before."""
FIRST_PAUSE: Final = 0.5
LONGEST_PAUSE: Final = 30.0
"""Seconds."""

log = logging.getLogger(__name__)


def pause(failures: int) -> float:
    """Seconds to wait after so many ends, one soon after another; the first is 1."""
    return min(LONGEST_PAUSE, FIRST_PAUSE * 2.0 ** min(failures - 1, 10))


async def lasting(what: str, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Do it until it returns, however often it must be begun. A cut passes through to it."""
    loop, failures = asyncio.get_running_loop(), 0
    while True:
        began = loop.time()
        error = await _ended(loop.create_task(work(), name=what))
        if error is None:
            return
        failures = failures + 1 if loop.time() - began < WELL else 1
        log.error("%s ended by an error of the program and is begun again", what, exc_info=error)
        await asyncio.sleep(pause(failures))


async def _ended(task: "asyncio.Task[None]") -> BaseException | None:
    try:
        await asyncio.wait([task])
    finally:
        if not task.done():
            task.cancel()
            await asyncio.wait([task])
    return None if task.cancelled() else task.exception()


def watched(what: str, task: "asyncio.Task[None]", lost: Callable[[], None]) -> "asyncio.Task[None]":
    """The task; if an error ends it that is told, and `lost` is called: what rested on it must not."""

    def ended(task: "asyncio.Task[None]") -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("%s ended by an error of the program", what, exc_info=error)
            lost()

    task.add_done_callback(ended)
    return task
