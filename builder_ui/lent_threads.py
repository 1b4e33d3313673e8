"""Threads lent to requests, one to each, and taken back.

A request's synchronous parts share a thread, and to start one holds up the loop; so a thread that was given back
is lent again. Decides: how many rest, and that only an idle one is lent. Refuses to know what runs in them.
"""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Final, TypeVar

MAX_RESTING: Final = 32

T = TypeVar("T")


class LentThread(ThreadPoolExecutor):
    """One thread as an executor; who shuts it down gives it back. Used on one loop only."""

    def __init__(self, resting: "list[LentThread]") -> None:
        super().__init__(max_workers=1, thread_name_prefix="request")
        self._resting = resting
        self._last: Future[Any] | None = None

    def submit(self, fn: Callable[..., T], /, *args: Any, **kwargs: Any) -> Future[T]:
        future = super().submit(fn, *args, **kwargs)
        self._last = future
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        is_idle = self._last is None or self._last.done()
        if is_idle and len(self._resting) < MAX_RESTING:
            self._last = None
            self._resting.append(self)
        else:
            super().shutdown(wait, cancel_futures=cancel_futures)


class LentThreads:
    """The threads of one process."""

    def __init__(self) -> None:
        self._resting: list[LentThread] = []

    def lend(self) -> LentThread:
        """One that rests, the last used first, else a new one."""
        return self._resting.pop() if self._resting else LentThread(self._resting)
