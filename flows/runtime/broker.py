"""The django-q2 broker: a doorbell over the run table.

It hands the cluster a turn whenever runs are ready, due or orphaned and no executor of this host is about to
take them; the task holds no data. It waits on LISTEN with a timed look behind it, and mends its connection by
itself. What `async_task` puts into django-q2's own table it serves as before.
"""

import logging
import os
import time
from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID, uuid4

import psycopg
from django.db import DatabaseError, InterfaceError, connections
from django.utils import timezone
from django_q.brokers.orm import ORM
from django_q.conf import Conf
from django_q.models import OrmQ
from django_q.signing import SignedPackage

from flows.journal.connection import connect_sync, pause
from flows.runtime import lines, locks
from flows.runtime.board import Board, current
from flows.runtime.claims import NEXT_DUE, SESSION, WANTED
from flows.runtime.clock import SystemClock
from flows.runtime.leases import LEASE, VANISHED
from flows.runtime.queues import queues_of_this_host
from flows.runtime.relay import Tended
from flows.runtime.station import READY
from flows.runtime.turn import PROBE

LOOK: Final = 0.4
"""Seconds between two looks when no bell rings."""
GRACE: Final = 0.05
"""Seconds an executor that said it is hungry has to take what the bell announced."""
PROBE_EVERY: Final = 10.0
"""Seconds after which a quiet cluster is asked to show that it takes tasks."""
TAKEN_WITHIN: Final = 1.0
"""Seconds within which a worker must begin a turn that was handed out."""
MISSES: Final = 2
"""So many turns in a row that nobody began mean that the cluster hangs: the broker falls silent."""

NOBODY: Final = UUID(int=0)
Connection = psycopg.Connection[tuple[Any, ...]]
Task = tuple[Any, str]
log = logging.getLogger(__name__)


class Broker(ORM):  # type: ignore[misc]  # django-q2 has no types
    """One per process; the pusher's is the one that looks."""

    relays = True
    """Whether it carries the relay along, in a thread of its own."""

    _own: Connection | None = None
    _own_pid = 0
    _is_fresh = True
    _tries = 0
    _handed_at = 0.0
    _misses = 0
    _begun = 0
    _looked_for_orphans = 0.0
    _looked_for_others = 0.0
    _quiet_since = 0.0
    _seen: tuple[UUID, float] | None = None
    _relay: Tended | None = None
    _lines: lines.Sweep | None = None
    _locks: locks.Sweep | None = None

    def dequeue(self) -> list[Task] | None:
        """A turn, a probe, or an ordinary task; None when there is nothing, after a moment's wait."""
        board = current()
        try:
            connection = self._connected()
            self._tend_relay()
            self._wait(connection, board)
            tasks = self._turns(connection, board) or self._ordinary()
            self._tries = 0
        except (psycopg.Error, DatabaseError, InterfaceError) as error:
            log.warning("the broker cannot reach the database: %s", error)
            self.close()
            self._own = None
            connections[Conf.ORM].close()  # Django would keep one that is broken
            board.beat()  # a database that is away is no reason to start afresh
            time.sleep(pause(self._tries))
            self._tries += 1
            return None
        return tasks

    def _connected(self) -> Connection:
        """A connection of this very process: one inherited over a fork would be shared."""
        if self._own is None or self._own.closed or self._own_pid != os.getpid():
            self._own = connect_sync("broker")
            self._own_pid = os.getpid()
            self._is_fresh = True
            self._own.execute(SESSION, prepare=False)
            self._own.execute(f"LISTEN {READY}")
            self._quiet_since = time.monotonic()
        return self._own

    def _tend_relay(self) -> None:
        if self.relays:
            self._relay = self._relay or Tended()
            self._relay.look()

    def close(self) -> None:
        """Let go of the connection."""
        if self._own is not None:
            self._own.close()

    def _wait(self, connection: Connection, board: Board) -> None:
        """Wait for the bell, or for the time to look."""
        if self._is_trusted(board):
            board.beat()
        if self._is_fresh:
            self._is_fresh = False  # what came before it listened has rung for nobody
            return
        due = connection.execute(NEXT_DUE, {"queues": queues_of_this_host()}).fetchone()
        wait = LOOK if due is None else min(LOOK, max(0.0, (due[0] - SystemClock().now()) / 1_000_000))
        if self._seen is not None:
            time.sleep(GRACE)  # it stood first a moment ago: does it still?
            return
        rung = any(True for _ in connection.notifies(timeout=wait, stop_after=1))
        if rung and any(place.hungry for place in board.in_turn()):
            time.sleep(GRACE)

    def _is_trusted(self, board: Board) -> bool:
        """Whether the cluster takes what it is handed; a turn may go down with its worker, but not one after another."""
        if board.begun != self._begun:
            self._misses, self._begun = 0, board.begun
        if board.outstanding and time.monotonic() - self._handed_at > TAKEN_WITHIN and self._misses < MISSES:
            self._misses += 1
            board.forgive()
        return self._misses < MISSES

    def _turns(self, connection: Connection, board: Board) -> list[Task]:
        now = time.monotonic()
        if board.outstanding or board.is_draining or self._misses >= MISSES:
            return []
        working = board.in_turn()
        if len(working) < Conf.WORKERS and self._is_wanted(connection, board):
            self._quiet_since = now
            return [self._handed(board, "")]
        if working:
            self._quiet_since = now
        elif now - self._quiet_since > PROBE_EVERY:
            self._quiet_since = now
            return [self._handed(board, PROBE)]
        return []

    def _is_left(self, run: UUID, board: Board) -> bool:
        """Whether nobody is about to take this run: a hungry executor has had its grace, and the run still stands first."""
        now = time.monotonic()
        if not any(place.hungry for place in board.in_turn()):
            return True
        if self._seen is None or self._seen[0] != run:
            self._seen = run, now
        return now - self._seen[1] >= GRACE

    def _is_wanted(self, connection: Connection, board: Board) -> bool:
        values = {"queues": queues_of_this_host(), "now": SystemClock().now()}
        row = connection.execute(WANTED, values).fetchone()
        if row is not None and row[0] is not None:
            return self._is_left(row[0], board)
        self._seen = None
        if time.monotonic() - self._looked_for_orphans < LOOK:
            return False
        self._looked_for_orphans = time.monotonic()
        gone = [row[0] for row in connection.execute(VANISHED, {"me": NOBODY, "lease": LEASE})]
        return (bool(gone) and self._left_runs(connection, gone)) or self._is_held_for_nothing(connection)

    def _is_held_for_nothing(self, connection: Connection) -> bool:
        """Whether a run stands in a line, or for a lock, with room: whoever made the room didn't let in the next.

        It was gone before it could, or a person took a lock away while no executor was there.
        """
        sweep = self._lines or lines.Sweep()
        rows = connection.execute(lines.OPEN, sweep.asked).fetchall()
        self._lines = sweep if rows else None
        if rows and sweep.found(rows):
            return True
        self._locks = self._locks or locks.Sweep()
        return bool(self._locks.found(connection.execute(locks.OPEN, self._locks.asked).fetchall()))

    @staticmethod
    def _left_runs(connection: Connection, gone: Sequence[UUID]) -> bool:
        found = connection.execute(
            "SELECT EXISTS (SELECT 1 FROM flows_run WHERE owner = ANY(%s) AND queue = ANY(%s))",
            (list(gone), queues_of_this_host()),
        ).fetchone()
        return found is not None and bool(found[0])

    def _handed(self, board: Board, purpose: str) -> Task:
        board.hand_out()
        self._handed_at = time.monotonic()
        task = {
            "id": uuid4().hex,
            "name": purpose or "turn",
            "func": "flows.runtime.turn.turn",
            "args": (purpose,),
            "kwargs": {},
            "started": timezone.now(),
            "ack_id": None,
        }
        # No acknowledgement: a turn that is lost is asked for again by the runs that wait.
        return None, SignedPackage.dumps(task)

    def _ordinary(self) -> list[Task] | None:
        """Tasks of `async_task`, as the ORM broker serves them, without its sleep. No bell rings for them."""
        now = time.monotonic()
        if now - self._looked_for_others < LOOK:
            return None
        rows = OrmQ.objects.using(Conf.ORM).filter(key=self.list_key, lock__lt=timezone.now()).order_by("id")
        found = [
            (row.pk, row.payload)
            for row in rows[: Conf.BULK]
            if OrmQ.objects.using(Conf.ORM).filter(id=row.id, lock=row.lock).update(lock=self.timeout(row))
        ]
        if not found:
            self._looked_for_others = now
        return found or None
