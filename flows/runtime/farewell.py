"""The grace of attempts that were told of their run's cancel.

It decides which are given one (those with an effect, which would else be lost or leave nobody knowing) and when it
is over. It refuses to know what is journaled of them: what they answer meanwhile stands, and the rest is cut.
"""

from collections.abc import Callable, Collection
from functools import partial

from flows.runtime.attempt import Attempt
from flows.runtime.clock import Alarm, Clock


class Farewells:
    """Of one run. `grace` in microseconds; `wake` is called when one is over."""

    __slots__ = ("_alarms", "_clock", "_grace", "_wake")

    def __init__(self, clock: Clock, grace: int, wake: Callable[[], object]) -> None:
        self._clock = clock
        self._grace = grace
        self._wake = wake
        self._alarms: dict[str, Alarm] = {}

    @property
    def steps(self) -> Collection[str]:
        """The steps that may yet end by themselves."""
        return self._alarms

    def begin(self, attempt: Attempt) -> bool:
        """Tell it and let it have its grace; False where it gets none, or has had it."""
        if attempt.is_told or not attempt.command.commits_first or not self._grace:
            return False
        attempt.tell()
        over = partial(self._over, attempt.step)
        self._alarms[attempt.step] = self._clock.call_at(self._clock.now() + self._grace, over)
        return True

    def answered(self, step: str) -> None:
        """It has ended by itself: whenever its answer is journaled, it was in time."""
        if step in self._alarms:
            self._alarms[step].cancel()

    def end(self, step: str) -> None:
        """Its answer is journaled."""
        if self._alarms:
            self.answered(step)
            self._alarms.pop(step, None)

    def close(self) -> None:
        """Nobody waits for any of them any more."""
        for alarm in self._alarms.values():
            alarm.cancel()
        self._alarms.clear()

    def _over(self, step: str) -> None:
        del self._alarms[step]
        self._wake()
