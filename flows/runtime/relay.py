"""What every worker host does on the side: schedules tick, messages of the outbox go out.

One message after the other per key, at least once, later and later after a failure. Several hosts may do
this at once: rows are taken with SKIP LOCKED, slots of schedules by a unique key. It has a thread of its own
in the broker's process, so that a slow mail server never holds up a run.
"""

import logging
import threading
from collections.abc import Callable
from typing import Any, Final

import orjson
import psycopg
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, InterfaceError, close_old_connections

from flows.errors import MulgilError
from flows.journal.connection import LOST, WATCHFUL, connect_sync, pause
from flows.journal.values import clean
from flows.observe.metrics import MESSAGES_SENT
from flows.runtime.clock import SystemClock
from flows.runtime.verbs import Verbs, installed

Connection = psycopg.Connection[tuple[Any, ...]]

EVERY: Final = 0.5
"""Seconds between two looks at the outbox; schedules are looked at when the next one is due."""
BATCH: Final = 20
TICK_AT_LEAST: Final = 5_000_000
"""Microseconds after which schedules are looked at anyway: a release may have brought a new one."""

# Only the oldest unsent message of a key is ever taken, so that messages of a key keep their order.
TAKE: Final = """
SELECT o.id, o.topic, o.key, o.payload FROM flows_outbox o
WHERE o.sent_at IS NULL AND o.next_try_at <= now()
AND NOT EXISTS (SELECT 1 FROM flows_outbox p
    WHERE p.key = o.key AND p.topic = o.topic AND o.key <> '' AND p.sent_at IS NULL AND p.id < o.id)
ORDER BY o.next_try_at LIMIT %s FOR UPDATE OF o SKIP LOCKED
"""
SENT: Final = "UPDATE flows_outbox SET sent_at = now(), tries = tries + 1, last_error = '' WHERE id = %s"
FAILED: Final = """
UPDATE flows_outbox SET tries = tries + 1, last_error = %s,
    next_try_at = now() + least(3600, power(2, least(tries, 12))) * interval '1 second' WHERE id = %s
"""

REFUSALS: Final = (MulgilError, DatabaseError, InterfaceError, ImproperlyConfigured, OSError, ValueError, LookupError)
"""What a verb may fail with and be asked again; anything else is an error of the program and ends the relay."""

log = logging.getLogger(__name__)


class Relay:
    """Works from `start` on until its process ends, or `stop`."""

    def __init__(self, connecting: Callable[[str], Connection] = connect_sync) -> None:
        self._connecting = connecting
        self._tick_at = 0
        self._clock = SystemClock()
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._work, name="relay", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """End after what is under way."""
        self._ending.set()
        self._thread.join()

    def _work(self) -> None:
        tries = 0
        while not self._ending.is_set():
            try:
                with self._connecting("relay") as connection:
                    connection.execute(WATCHFUL, prepare=False)
                    while not self._ending.is_set():
                        self.step(connection)
                        tries = 0
                        self._ending.wait(EVERY)
            except LOST as error:
                log.warning("the relay lost the database: %s", error)
                self._ending.wait(pause(tries))
                tries += 1

    def step(self, connection: Connection) -> None:
        """Do what is due. Raises what LOST names."""
        verbs = installed()
        if verbs is None:
            return
        now = self._clock.now()
        if now >= self._tick_at:
            due = self._tick(verbs, now)
            self._tick_at = min(now + TICK_AT_LEAST, due if due is not None else now + TICK_AT_LEAST)
        self._send(connection, verbs)

    def _tick(self, verbs: Verbs, now: int) -> int | None:
        try:
            return verbs.tick(now)
        except REFUSALS:
            log.exception("the schedules could not be looked at")
            return None
        finally:
            close_old_connections()

    def _send(self, connection: Connection, verbs: Verbs) -> None:
        with connection.transaction():
            for message, topic, key, payload in connection.execute(TAKE, (BATCH,)).fetchall():
                failure = self._deliver(verbs, topic, key, payload)
                if failure is None:
                    connection.execute(SENT, (message,))
                else:
                    log.warning("the message %s (%s) could not be delivered: %s", message, topic, failure)
                    connection.execute(FAILED, (clean(failure)[:2_000], message))
                MESSAGES_SENT.labels("sent" if failure is None else "failed").inc()

    def _deliver(self, verbs: Verbs, topic: str, key: str, payload: str) -> str | None:
        """What kept the message from going out; None where nothing did."""
        try:
            verbs.deliver(topic, key, orjson.loads(payload))
        except REFUSALS as error:
            return str(error) or type(error).__name__
        finally:
            close_old_connections()
        return None
