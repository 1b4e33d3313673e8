"""The sandbox's workers: a pool of interpreter processes without our environment, every limit set.

It knows source text and JSON, and nothing of steps or runs. Where the interpreter cannot start,
every use says so; nothing weaker ever takes its place.

Results leave a worker as JSON text: the depth of a native value is not bounded there, and our own
side must never recurse over it.
"""

import asyncio
import json
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Any, Final, Self, TypeVar

from pydantic_monty import (
    Monty,
    MontyConversionError,
    MontyCrashedError,
    MontyRuntimeError,
    MontySyntaxError,
    OSPolicy,
    ResourceLimits,
)

from flows.errors import MulgilError
from flows.expr.weights import weigh

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
HUNG_AFTER: Final = 30.0
_MAX_DEPTH: Final = 200
_MAX_SUSPENSIONS: Final = 1_000  # unknown names and calls of the system, each answered with an error
_GRACE: Final = 1.0  # seconds a worker may take beyond its limit to say so itself, before it is killed
_OVER_TIME: Final = "TimeoutError: feed time limit exceeded"
_OVER_MEMORY: Final = ("MemoryError: memory limit exceeded", "MemoryError: the worker exceeded its memory limit")

T = TypeVar("T")


class SandboxMissing(MulgilError):
    """The sandbox for expressions and code cannot start: {reason}"""

    code = "sandbox_missing"
    status = 503
    hint = "Install the project's dependencies again; expressions beyond the simple forms and code nodes need it."


class SandboxCrashed(MulgilError):
    """The sandbox's process died while it ran this."""

    code = "sandbox_crashed"
    status = 422


class OverTime(Exception):
    """A script ran longer than its limit."""


class OverMemory(Exception):
    """A script took more memory than its limit."""


class Raised(Exception):
    """A script raised, or is not Python: `text` is `Kind: message`, `lines` the lines it stood at, outermost first."""

    def __init__(self, text: str, lines: tuple[int, ...]) -> None:
        super().__init__(text)
        self.text = text
        self.lines = lines


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Seconds of running, bytes beyond the values passed in, bytes of prints kept."""

    seconds: float
    memory: int
    prints: int = 64 * 2**10


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """What to run: its last line must give text. `clock` in microseconds since the epoch."""

    text: str
    values: Mapping[str, Any]
    clock: int
    seed: int
    limits: Limits


@dataclass(frozen=True, slots=True)
class Ran:
    """What a script gave: the text of its last line, and what it printed."""

    text: str
    prints: str


class Prints:
    """What a script prints, up to a number of characters; the rest is dropped with a word that it was."""

    def __init__(self, limit: int) -> None:
        self._left = limit
        self._pieces: list[str] = []

    def __call__(self, stream: str, text: str) -> None:
        if self._left < 0:
            return
        self._pieces.append(text[: self._left])
        self._left -= len(text)
        if self._left < 0:
            self._pieces.append("\n… (the rest was dropped)\n")

    @property
    def text(self) -> str:
        return "".join(self._pieces)


class Workers:
    """The pool. To be made after the last fork; used on one loop."""

    def __init__(self, *, processes: int = 2, binary: str | None = None, hung_after: float = HUNG_AFTER) -> None:
        """A worker that gives no sign for `hung_after` seconds is killed, whatever it was asked; above every limit."""
        self._processes = processes
        self._hung_after = hung_after
        self._binary = binary
        self._pool: Monty | None = None
        self._threads: ThreadPoolExecutor | None = None
        self.missing: str | None = "it was not started"
        """Why there is no sandbox; None while there is one."""

    async def __aenter__(self) -> Self:
        # Threads of our own and the blocking pool, not its asyncio one: that leaves threads of its
        # runtime behind, which abort the process when the interpreter ends.
        self._threads = ThreadPoolExecutor(self._processes, thread_name_prefix="sandbox")
        try:
            pool = Monty(
                min_processes=1,
                max_processes=self._processes,
                binary_path=self._binary,
                feed_duration_limit_grace=_GRACE,
                # The grace is counted only once a script runs; this one holds for all a worker is asked.
                request_timeout=self._hung_after,
            )
            self._pool = await self._in_thread(pool.__enter__)
            self.missing = None
        except (OSError, RuntimeError) as error:
            self.missing = str(error)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pool, self._pool, self.missing = self._pool, None, "it was stopped"
        if pool is not None:
            await self._in_thread(lambda: pool.__exit__(None, None, None))
        if self._threads is not None:
            self._threads.shutdown()

    async def run(self, script: Script) -> Ran:
        """Run a script in a worker. Raises Raised, OverTime, OverMemory, SandboxCrashed or SandboxMissing."""
        pool = self._pool
        if pool is None:
            raise SandboxMissing(reason=self.missing)
        return await self._in_thread(lambda: _run(pool, script))

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)


def _run(pool: Monty, script: Script) -> Ran:
    try:
        return _run_once(pool, script)
    except MontyCrashedError as crash:
        if crash.timed_out:
            raise OverTime from None
    # A worker may be killed from outside, by the system for instance. Scripts have no effects: once more.
    try:
        return _run_once(pool, script)
    except MontyCrashedError as again:
        raise OverTime if again.timed_out else SandboxCrashed() from None


def _run_once(pool: Monty, script: Script) -> Ran:
    limits = ResourceLimits(
        max_feed_duration_secs=script.limits.seconds,
        max_memory=script.limits.memory + weigh(script.values),
        max_recursion_depth=_MAX_DEPTH,
        max_suspensions=_MAX_SUSPENSIONS,
    )
    policy = OSPolicy(
        datetime=_EPOCH + timedelta(microseconds=script.clock), sleep="zero", random_start={"seed": script.seed}
    )
    prints = Prints(script.limits.prints)
    try:
        with pool.checkout(limits=limits, os_policy=policy) as session:
            text = session.feed_run(script.text, inputs=dict(script.values), print_callback=prints)
    except (MontyRuntimeError, MontySyntaxError) as error:
        raise _failure(error) from None
    except MontyConversionError as error:
        raise Raised(f"TypeError: {error}", ()) from None
    return Ran(str(text), prints.text)


def _failure(error: MontyRuntimeError | MontySyntaxError) -> Exception:
    text = error.display("type-msg")
    if text.startswith(_OVER_TIME):
        return OverTime()
    if text.startswith(_OVER_MEMORY):
        return OverMemory()
    return Raised(text[:2_000], tuple(frame.line for frame in error.traceback()))


def parse_result(text: str) -> Any:
    """The value of a script's text. Raises ValueError where it is nested beyond reason or no JSON."""
    try:
        return json.loads(text)
    except RecursionError:
        raise ValueError("a value nested too deep") from None
