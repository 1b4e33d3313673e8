"""Whether Redis answers, as this process knows it.

Decides: how long one that did not answer is left alone, and that its absence and its return are each told once,
whoever meets them. Refuses to know what it is asked for: nothing that must not be lost lies there.
"""

import logging
import threading
import time
from typing import Final

LEFT_ALONE: Final = 2.0
"""Seconds after a failure in which nobody asks again: a request must not wait for what does not answer."""
PATIENCE: Final = 1.0
"""Seconds in which it must answer."""

log = logging.getLogger(__name__)


class Watch:
    """What all who ask Redis in this process have learned. It may be asked from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._is_away = False
        self._ask_again_at = 0.0

    @property
    def may_be_asked(self) -> bool:
        return time.monotonic() >= self._ask_again_at

    def failed(self, error: Exception) -> None:
        """Redis did not answer."""
        with self._lock:
            was_away, self._is_away = self._is_away, True
            self._ask_again_at = time.monotonic() + LEFT_ALONE
        if not was_away:
            log.warning(
                "Redis does not answer (%s): until it does, people on other web processes are not shown, "
                "and each process counts wrong passwords by itself",
                error,
            )

    def answered(self) -> None:
        """Redis answered."""
        if not self._is_away:
            return
        with self._lock:
            was_away, self._is_away = self._is_away, False
            self._ask_again_at = 0.0
        if was_away:
            log.warning("Redis answers again")


watch = Watch()
