"""What django-q2 calls: one turn of this process's executor.

The task carries nothing; the run table says what there is to do. The executor, its loop and its connections
are made at the first turn, in the process that keeps them, and stay for the next.
"""

import asyncio
import atexit
import contextlib
import signal
from dataclasses import dataclass

from django.conf import settings

from flows.runtime.board import current
from flows.runtime.executor import Executor
from flows.runtime.kit import CANCEL_GRACE
from flows.runtime.queues import queues_of_this_host
from flows.runtime.station import Station

PROBE = "probe"


@dataclass(slots=True)
class _Own:
    runner: asyncio.Runner | None = None
    executor: Executor | None = None


_own = _Own()


def turn(purpose: str = "") -> None:
    """Drive runs until there are none, or until the host winds down. A probe shows that a worker takes tasks."""
    board = current()
    board.show(in_turn=purpose != PROBE, hungry=False, begins=True)
    if purpose == PROBE:
        return
    if _own.runner is None:
        _own.runner = asyncio.Runner()
        atexit.register(_own.runner.close)
    _own.runner.run(_turn())


async def _turn() -> None:
    if _own.executor is None:
        grace = int(settings.MULGIL.get("cancel_grace", CANCEL_GRACE))
        _own.executor = Executor(Station(queues_of_this_host(), cancel_grace=grace), current())
    loop = asyncio.get_running_loop()
    # A SIGTERM to the whole group must not end a worker in mid-run; outside of turns it does what it always did.
    with contextlib.suppress(ValueError):
        loop.add_signal_handler(signal.SIGTERM, _own.executor.stop)
    try:
        await _own.executor.turn()
    finally:
        with contextlib.suppress(ValueError):
            loop.remove_signal_handler(signal.SIGTERM)
