"""The embedded database as a part that `up` keeps alive.

Decides: when one that ended is started again (at once; after growing pauses where it can't start), and what is told
meanwhile. It never waits but for the first start: whatever else runs is looked after while a database recovers, however
long that takes. Refuses to know what else runs.
"""

import time

from builder_ui.complaint import Complaint
from builder_ui.parts import LONGEST_PAUSE, told
from builder_ui.postgres.cluster import SAY_EVERY, Cluster, Say
from builder_ui.spawn import Spawn


class KeptDatabase:
    """A running server of `cluster`, or the next one."""

    def __init__(self, cluster: Cluster, say: Say, complain: Say) -> None:
        self.cluster = cluster
        self.is_ready = False
        self.server: Spawn | None = cluster.start()
        self._say = say
        self._complain = complain
        self._began = self._said = time.monotonic()
        self._begin_at = 0.0
        self._failures = 0

    def await_ready(self) -> None:
        """Wait for the first start. Raises Complaint where it can't start: there somebody stands before it."""
        assert self.server is not None
        self.cluster.await_ready(self.server, self._say)
        self.is_ready = True

    def has_ended(self) -> bool:
        """Whether there is no server now."""
        return self.server is None or self.server.poll() is not None

    def tend(self) -> None:
        """Look after it, without waiting: note an end, start again when it is time, see it ready."""
        now = time.monotonic()
        if self.server is None:
            if now >= self._begin_at:
                self._begin(now)
        elif (code := self.server.poll()) is not None:
            self._mourn(self.server, now, code)
        elif not self.is_ready:
            self._look(self.server, now)

    def stop(self) -> None:
        """Stop it in order."""
        if self.server is not None:
            self.cluster.stop(self.server)

    def _mourn(self, ended: Spawn, now: float, code: int) -> None:
        ended.kill()
        self.server = None
        if self.is_ready:
            self.is_ready = False
            self._begin_at = now
            self._complain(f"the database ended unexpectedly ({told(code)}); starting it again")
        else:
            # It may have been killed again while it recovered.
            self._put_off(now, f"PostgreSQL could not start: {self.cluster.last_words()}")

    def _begin(self, now: float) -> None:
        try:
            if self.cluster.ask_left_over() is not None:
                self._put_off(now, "an earlier database server is still stopping")
                return
            self.server = self.cluster.start()
        except (Complaint, OSError) as failed:
            # There may be no room for its files for now.
            self._put_off(now, f"PostgreSQL could not start: {failed}")
        else:
            self._began = self._said = now

    def _put_off(self, now: float, why: str) -> None:
        self._failures += 1
        pause = min(LONGEST_PAUSE, 0.25 * 2.0 ** min(self._failures, 10))
        self._begin_at = now + pause
        self._complain(f"{why}; trying again in {pause:g} s")

    def _look(self, server: Spawn, now: float) -> None:
        if self.cluster.has_become_ready(server):
            self.is_ready = True
            self._failures = 0
        elif now - self._said > SAY_EVERY:
            self._said = now
            self.cluster.tell_recovery(self._say, now - self._began)
