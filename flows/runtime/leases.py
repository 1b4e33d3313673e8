"""Who lives: an executor's right to its runs, and the proof that it has gone.

An executor holds a session advisory lock on a connection of its own, opened after the last fork, so that
the lock ends with the process at once. A heartbeat beside it covers what leaves the lock standing: a cut
network, a stopped process. Times are the database's. What becomes of the runs is decided elsewhere.
"""

import asyncio
import logging
import os
import random
import socket
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from typing import Any, Final
from uuid import UUID

import psycopg

from flows.journal.connection import LOST, REFUSED_FOR_NOW, connect
from flows.observe.lasting import watched

HEARTBEAT: Final = 3.0
"""Seconds between two beats of an executor."""
LEASE: Final = 12.0
"""Seconds of silence after which an executor whose lock still stands is taken for gone."""

Connection = psycopg.AsyncConnection[tuple[Any, ...]]
log = logging.getLogger(__name__)

REGISTER: Final = """
INSERT INTO flows_executor (id, lock, host, pid, queues, started_at, seen_at) VALUES (%s, %s, %s, %s, %s, now(), now())
"""

ADVISORY: Final = "SELECT pg_advisory_lock(%s)"
GOODBYE: Final = "DELETE FROM flows_executor WHERE id = %s"
LIVES: Final = "SELECT 1"
BEAT: Final = "UPDATE flows_executor SET seen_at = now() WHERE id = %s"

_LOCKED: Final = """
EXISTS (SELECT 1 FROM pg_locks l WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
    AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND l.classid::bigint = (e.lock >> 32) AND l.objid::bigint = (e.lock & 4294967295))
"""

# An owner nobody knows is gone as well: a claim sent into a cut network is carried out when the network is healed, and
# by then its executor may be forgotten; one that lost a connection leaves without giving its runs back. Owners are few
# and the index of owned runs is asked once for each, however many runs they have.
VANISHED: Final = f"""
WITH RECURSIVE owners(id) AS (
    (SELECT owner FROM flows_run WHERE owner IS NOT NULL ORDER BY owner LIMIT 1)
    UNION ALL
    SELECT (SELECT owner FROM flows_run WHERE owner > owners.id ORDER BY owner LIMIT 1)
    FROM owners WHERE owners.id IS NOT NULL
)
SELECT e.id FROM flows_executor e
WHERE e.id <> %(me)s AND (e.seen_at < now() - %(lease)s * interval '1 second' OR NOT {_LOCKED})
UNION ALL
SELECT owners.id FROM owners
WHERE owners.id <> %(me)s AND NOT EXISTS (SELECT 1 FROM flows_executor e WHERE e.id = owners.id)
"""  # noqa: S608  # put together of constants alone

# Of these it is likely that they lost the database and not their lives: they said goodbye; the server was started after
# they were last seen, and every lock went with the one before; or whoever asks, and lives, lost its own lease then too.
OUTLIVED: Final = """
SELECT x.id FROM unnest(%(gone)s::uuid[]) AS x(id) LEFT JOIN flows_executor e ON e.id = x.id
WHERE e.id IS NULL OR e.seen_at < pg_postmaster_start_time()
OR (%(reborn)s AND e.seen_at < (SELECT started_at FROM flows_executor WHERE id = %(me)s))
"""

# Of an executor that is gone and has left no run behind nothing needs to be remembered.
FORGET: Final = f"""
DELETE FROM flows_executor e WHERE e.id = ANY(%(gone)s) AND NOT {_LOCKED}
AND NOT EXISTS (SELECT 1 FROM flows_run r WHERE r.owner = e.id)
"""  # noqa: S608  # put together of constants alone


class Lease:
    """One executor's life, from `begin` to `end`. `lost` is called when the connection behind it breaks."""

    def __init__(
        self,
        queues: Sequence[str],
        lost: Callable[[], None],
        connecting: Callable[[str], Awaitable[Connection]] = connect,
    ) -> None:
        # From the generator that every fork seeds anew, as the lock beside it: it tells executors apart and hides nothing.
        self.id: UUID = UUID(int=random.getrandbits(128), version=4)
        self._lock = random.getrandbits(62)
        self._queues = queues
        self._lost = lost
        self._connecting = connecting
        self._connection: Connection | None = None
        self._beating: asyncio.Task[None] | None = None

    async def begin(self) -> None:
        """Take the lock, then say that we live. Raises psycopg.OperationalError."""
        async with AsyncExitStack() as stack:
            connection = await self._connecting("lease")
            stack.push_async_callback(connection.close)
            await connection.execute(ADVISORY, (self._lock,))
            values = (self.id, self._lock, socket.gethostname(), os.getpid(), ",".join(self._queues))
            await connection.execute(REGISTER, values)
            stack.pop_all()
        self._connection = connection
        beating = asyncio.get_running_loop().create_task(self._beat(connection), name="lease")
        self._beating = watched(f"the lease of executor {self.id}", beating, self._lost)

    async def renew(self) -> bool:
        """Show that we live, now; False where the right is lost."""
        if self._connection is None or self._connection.closed:
            return False
        try:
            cursor = await self._connection.execute(BEAT, (self.id,))
        except LOST:
            return False
        return cursor.rowcount == 1

    async def stands(self) -> bool:
        """Whether its session lives: one that began before the server crashed doesn't."""
        if self._connection is None or self._connection.closed:
            return False
        try:
            await self._connection.execute(LIVES)
        except LOST:
            return False
        return True

    async def end(self) -> None:
        """Give the right back. The caller has let go of every run."""
        if self._beating is not None:
            self._beating.cancel()
            await asyncio.wait([self._beating])
        if self._connection is not None and not self._connection.closed:
            try:
                await self._connection.execute(GOODBYE, (self.id,))
                await self._connection.close()
            except LOST:
                log.warning("the executor %s could not say goodbye; its lock is gone all the same", self.id)

    async def _beat(self, connection: Connection) -> None:
        loop = asyncio.get_running_loop()
        shown = loop.time()
        try:
            while True:
                await asyncio.sleep(HEARTBEAT)
                try:
                    async with asyncio.timeout(LEASE - HEARTBEAT):
                        cursor = await connection.execute(BEAT, (self.id,))
                except REFUSED_FOR_NOW as error:
                    log.warning("executor %s could not show that it lives: %s", self.id, error)
                    if loop.time() - shown > LEASE - 1.5 * HEARTBEAT:
                        raise
                    continue  # the lock stands, and the next beat is in time
                if not cursor.rowcount:
                    break
                shown = loop.time()
        except (*LOST, TimeoutError) as error:
            log.warning("the lease of executor %s is lost: %s", self.id, error)
        self._lost()


async def vanished(connection: Connection, me: UUID) -> list[UUID]:
    """Executors that are no more, among them owners of runs of whom nothing is written."""
    cursor = await connection.execute(VANISHED, {"me": me, "lease": LEASE}, prepare=True)
    return [row[0] for row in await cursor.fetchall()]


async def outlived(connection: Connection, me: UUID, gone: Sequence[UUID], *, reborn: bool) -> set[UUID]:
    """Which of these executors lost the database, as far as can be told, and not their lives.

    `reborn`: whoever asks lost a lease of its own before the one it has.
    """
    cursor = await connection.execute(OUTLIVED, {"me": me, "gone": list(gone), "reborn": reborn})
    return {row[0] for row in await cursor.fetchall()}


async def forget(connection: Connection, gone: Sequence[UUID]) -> None:
    await connection.execute(FORGET, {"gone": list(gone)})
