"""An event loop whose time is given from outside, and which runs only when it is told to.

Each simulated process has one. It decides the order of what is ready (as asyncio does: first come, first served) and
refuses to know what time it is, which process runs next, and whether its process still lives.
"""

import asyncio
import heapq
from collections import deque
from collections.abc import Callable, Coroutine, Generator
from contextvars import Context
from typing import Any, Final, TypeVar, cast

T = TypeVar("T")
SECOND: Final = 1_000_000
NEVER: Final = float("inf")


class VirtualLoop:
    """As much of an `AbstractEventLoop` as the executor uses; `step` runs what is ready, once."""

    def __init__(self, clock: Callable[[], int]) -> None:
        self._clock = clock
        self.ready: deque[asyncio.Handle] = deque()
        self._timers: list[tuple[float, int, asyncio.TimerHandle]] = []
        self._count = 0
        self._loop = cast("asyncio.AbstractEventLoop", self)
        self.tasks: set[asyncio.Task[Any]] = set()
        self.complaints: list[dict[str, Any]] = []

    # --- what asyncio asks of a loop ------------------------------------------------------------------------------

    def time(self) -> float:
        return self._clock() / SECOND

    def call_soon(self, callback: Any, *args: Any, context: Context | None = None) -> asyncio.Handle:
        handle = asyncio.Handle(callback, args, self._loop, context)
        self.ready.append(handle)
        return handle

    call_soon_threadsafe = call_soon

    def call_later(
        self, delay: float, callback: Any, *args: Any, context: Context | None = None
    ) -> asyncio.TimerHandle:
        return self.call_at(self.time() + delay, callback, *args, context=context)

    def call_at(self, when: float, callback: Any, *args: Any, context: Context | None = None) -> asyncio.TimerHandle:
        handle = asyncio.TimerHandle(when, callback, args, self._loop, context)
        self._count += 1
        heapq.heappush(self._timers, (when, self._count, handle))
        return handle

    def _timer_handle_cancelled(self, handle: asyncio.TimerHandle) -> None:
        """It is passed over when its time comes."""

    def create_future(self) -> asyncio.Future[Any]:
        return asyncio.Future(loop=self._loop)

    def create_task(
        self, coro: Generator[Any, None, T] | Coroutine[Any, Any, T], *, name: str | None = None,
        context: Context | None = None,
    ) -> asyncio.Task[T]:  # fmt: skip
        task: asyncio.Task[T] = asyncio.Task(coro, loop=self._loop, name=name, context=context)
        self.tasks.add(task)
        return task

    def get_debug(self) -> bool:
        return False

    def is_running(self) -> bool:
        return True

    def is_closed(self) -> bool:
        return False

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        self.complaints.append(context)

    # --- what the scheduler asks ----------------------------------------------------------------------------------

    def next_timer(self) -> float:
        """The instant of the next timer that still stands."""
        timers = self._timers
        while timers and timers[0][2].cancelled():
            heapq.heappop(timers)
        return round(timers[0][0] * SECOND) if timers else NEVER

    def ring(self) -> None:
        """What is due by now becomes ready."""
        now, timers = self.time() + 1e-6, self._timers  # instants are whole microseconds, timers are not
        while timers and timers[0][0] <= now:
            handle = heapq.heappop(timers)[2]
            if not handle.cancelled():
                self.ready.append(handle)

    def step(self) -> None:
        """Run what is ready, but nothing that becomes ready by it."""
        self.run(lambda: None)

    def run(self, first: Callable[[], T]) -> T:
        """Do something on this loop, and then what is ready."""
        asyncio._set_running_loop(self._loop)
        try:
            done = first()
            for _ in range(len(self.ready)):
                handle = self.ready.popleft()
                if not handle.cancelled():
                    handle._run()
            return done
        finally:
            asyncio._set_running_loop(None)

    def bury(self) -> None:
        """Its process is no more: end every task, so that none is left to be destroyed in the midst of its work."""
        for _ in range(100):
            left = [task for task in self.tasks if not task.done()]
            if not left:
                break
            for task in left:
                task.cancel()
            self.step()
            self.step()
        self.tasks.clear()
        self.ready.clear()
        self._timers.clear()
