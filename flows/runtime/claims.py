"""Taking runs: which ones an executor may drive, fairly, and never two of them the same.

It decides by one statement each what is claimed: ready runs (fair between workspaces, then priority, then
age), runs that are due or have mail, and runs whose executor has vanished. It loads what a driver needs to
go on; what the run does is none of its business.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final
from uuid import UUID

import orjson
import psycopg
from psycopg.rows import args_row

from flows.dsl.instants import Instant
from flows.engine.snapshot import FORMAT
from flows.journal.connection import WATCHFUL, insisting
from flows.journal.rows import Row, SnapshotRow
from flows.security.safejson import Json

Connection = psycopg.AsyncConnection[tuple[Any, ...]]

# As for the writer: the queue's indexes are always the way, however little the planner knows of the table.
# Who lets others in does so in a transaction that holds their rows and a name: a network cut in its midst, or a process that
# is stopped there, must not keep them from everyone, hence the server's own look at it, as for the writer. A claim waits for
# no disk: what is written under it is committed after it and stands behind it in the same log. A server that crashes may
# forget it, and ends the lease with it.
SESSION: Final = (
    "SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off; SET jit = off; "
    f"SET idle_in_transaction_session_timeout = '8s'; SET synchronous_commit = off; {WATCHFUL}"
)

_TAKEN: Final = """
UPDATE flows_run AS r SET owner = %(owner)s, fence = r.fence + 1{change}
FROM picked
JOIN flows_flow f ON f.id = picked.flow_id
LEFT JOIN flows_version v ON v.id = picked.version_id
WHERE r.id = picked.id
RETURNING r.id, r.workspace_id AS workspace, r.flow_id AS flow, f.name AS flow_name, v.number AS version,
    r.version_id, r.document_hash, r.part, r.number, r.attempt, r.trigger, r.input, r.fence, r.seq, r.careful,
    r.mail, r.is_test, r.line,
    r.parent_run_id AS parent_run, r.parent_step, r.depth, r.awaited, r.priority, r.started_by,
    r.environment_id AS environment, r.setting_id AS setting
"""

# One workspace after another by the index, so that a million queued runs of one hide nobody; inside each, the
# first few by priority and age. Locked outside the ranking: FOR UPDATE isn't allowed beside window functions. There each is
# found by its id, and what is looked at again is said in words that no index knows: one that was empty when the server last
# counted would seem the shorter way, and the whole queue be gone through once for each run.
READY: Final = f"""
WITH RECURSIVE tenants(id) AS (
    (SELECT workspace_id FROM flows_run WHERE queue = %(queue)s AND status = 'queued' AND owner IS NULL AND NOT held
     ORDER BY workspace_id LIMIT 1)
    UNION ALL
    SELECT (SELECT workspace_id FROM flows_run WHERE queue = %(queue)s AND status = 'queued' AND owner IS NULL AND NOT held
            AND workspace_id > tenants.id ORDER BY workspace_id LIMIT 1)
    FROM tenants WHERE tenants.id IS NOT NULL
), ranked AS (
    SELECT c.id, row_number() OVER (PARTITION BY tenants.id ORDER BY c.priority DESC, c.id) AS place, c.priority
    FROM tenants CROSS JOIN LATERAL (
        SELECT id, priority FROM flows_run
        WHERE queue = %(queue)s AND workspace_id = tenants.id AND status = 'queued' AND owner IS NULL AND NOT held
        ORDER BY priority DESC, id LIMIT %(window)s
    ) c WHERE tenants.id IS NOT NULL
    ORDER BY place, c.priority DESC, c.id LIMIT %(window)s
), picked AS (
    SELECT r.id, r.flow_id, r.version_id FROM ranked JOIN flows_run r ON r.id = ranked.id
    WHERE r.status || '' = 'queued' AND r.owner IS NULL AND NOT r.held
    ORDER BY ranked.place, ranked.priority DESC, ranked.id
    LIMIT %(count)s FOR UPDATE OF r SKIP LOCKED
)
{_TAKEN.format(change="")}"""  # noqa: S608  # put together of constants alone

# Runs whose time has come, whether or not they began, and runs that have mail.
DUE: Final = f"""
WITH due AS (
    SELECT id, flow_id, version_id FROM flows_run
     WHERE owner IS NULL AND wake_at <= timestamptz 'epoch' + %(now)s * interval '1 microsecond'
     AND queue = %(queue)s ORDER BY wake_at LIMIT %(count)s FOR UPDATE SKIP LOCKED
), mailed AS (
    SELECT id, flow_id, version_id FROM flows_run
     WHERE mail > 0 AND owner IS NULL AND NOT held AND finished_at IS NULL
     AND (wake_at IS NULL OR wake_at > timestamptz 'epoch' + %(now)s * interval '1 microsecond')
     AND queue = %(queue)s ORDER BY id LIMIT %(count)s FOR UPDATE SKIP LOCKED
), picked AS (
    SELECT * FROM due UNION ALL SELECT * FROM mailed
)
{_TAKEN.format(change="")}"""  # noqa: S608  # put together of constants alone

ORPHANED: Final = f"""
WITH picked AS (
    SELECT id, flow_id, version_id FROM flows_run
    WHERE owner = ANY(%(vanished)s) AND queue = %(queue)s ORDER BY id LIMIT %(count)s FOR UPDATE SKIP LOCKED
)
{_TAKEN.format(change=", careful = true")}"""  # noqa: S608  # put together of constants alone

# The first run there is to take, for whoever decides to start an executor. Each queue is asked for itself: by the
# indexes, however many runs are parked in it or in others.
WANTED: Final = """
SELECT coalesce(
    (SELECT id FROM flows_run WHERE queue = q.name AND status = 'queued' AND owner IS NULL AND NOT held LIMIT 1),
    (SELECT id FROM flows_run WHERE owner IS NULL AND queue = q.name
        AND wake_at <= timestamptz 'epoch' + %(now)s * interval '1 microsecond' ORDER BY wake_at LIMIT 1),
    (SELECT id FROM flows_run WHERE mail > 0 AND owner IS NULL AND NOT held AND queue = q.name
        AND finished_at IS NULL LIMIT 1)) AS first
FROM unnest(%(queues)s::text[]) AS q(name) ORDER BY 1 LIMIT 1
"""

NEXT_DUE: Final = """
SELECT (extract(epoch FROM min(first.wake_at)) * 1000000)::bigint FROM unnest(%(queues)s::text[]) AS q(name)
CROSS JOIN LATERAL (
    SELECT wake_at FROM flows_run WHERE owner IS NULL AND wake_at IS NOT NULL AND queue = q.name ORDER BY wake_at LIMIT 1
) AS first HAVING count(*) > 0
"""

EVENTS: Final = """
SELECT e.run_id, e.seq, e.kind, e.step, e.at, e.data
FROM unnest(%s::uuid[], %s::bigint[]) AS x(run, after) JOIN flows_event e ON e.run_id = x.run AND e.seq > x.after
ORDER BY e.run_id, e.seq
"""

# A snapshot in the format of another release is passed over; all events are read then.
SNAPSHOTS: Final = "SELECT run_id, seq, codec, data FROM flows_snapshot WHERE run_id = ANY(%s) AND codec = %s"

MAIL: Final = """
SELECT i.run_id, i.id, i.kind, i.name, i.key, i.payload FROM flows_inbox i
WHERE i.run_id = ANY(%s) AND i.consumed_at IS NULL ORDER BY i.run_id, i.id
"""

OWN_MAIL: Final = "SELECT id FROM flows_run WHERE mail > 0 AND owner = %s AND finished_at IS NULL"


@dataclass(slots=True)
class Letter:
    """A message of a run's inbox."""

    id: UUID
    kind: str
    name: str
    key: str | None
    payload: Json


@dataclass(slots=True)
class Claimed:
    """A run that is ours now, and what its journal says; the first fields are in the order of `_TAKEN`."""

    id: UUID
    workspace: UUID
    flow: UUID
    flow_name: str
    version: int | None
    version_id: UUID | None
    document_hash: str
    part: str
    number: int
    attempt: int
    trigger: str
    input: str
    fence: int
    seq: int
    careful: bool
    mail: int
    is_test: bool
    line: str | None
    parent_run: UUID | None
    parent_step: str
    depth: int
    awaited: bool
    priority: int
    started_by: str
    environment: UUID | None = None
    setting: UUID | None = None
    snapshot: SnapshotRow | None = None
    rows: list[Row] = field(default_factory=list)
    letters: list[Letter] = field(default_factory=list)
    orphaned: bool = False
    outlived: bool = False
    """Whether its executor lost the database, as far as can be told, and not its life."""


class Claims:
    """The claims of one executor, on a connection of its own."""

    def __init__(self, connection: Connection, owner: UUID, queues: Sequence[str]) -> None:
        self._connection = connection
        self._owner = owner
        self._queues = list(queues)

    async def ready(self, count: int) -> list[Claimed]:
        return await self._take(READY, count, window=4 * count)

    async def due(self, count: int, now: Instant) -> list[Claimed]:
        return await self._take(DUE, count, now=now)

    async def orphaned(self, count: int, vanished: Sequence[UUID], *, outlived: bool = False) -> list[Claimed]:
        """Runs of executors that are no more; they go on in careful mode. `outlived`: it was no death that took them."""
        taken = await self._take(ORPHANED, count, vanished=list(vanished)) if vanished else []
        for run in taken:
            run.orphaned, run.outlived = True, outlived
        return taken

    async def next_due(self) -> Instant | None:
        cursor = await self._connection.execute(NEXT_DUE, {"queues": self._queues})
        row = await cursor.fetchone()
        return row[0] if row else None

    async def with_mail(self) -> list[UUID]:
        """Our own runs that got mail."""
        cursor = await self._connection.execute(OWN_MAIL, (self._owner,))
        return [row[0] for row in await cursor.fetchall()]

    async def letters(self, runs: Sequence[UUID]) -> dict[UUID, list[Letter]]:
        """The unread mail of these runs, oldest first."""
        found: dict[UUID, list[Letter]] = defaultdict(list)
        cursor = await self._connection.execute(MAIL, (list(runs),))
        for run, letter, kind, name, key, payload in await cursor.fetchall():
            found[run].append(Letter(letter, kind, name, key, orjson.loads(payload)))
        return found

    async def _take(self, statement: str, count: int, **values: Any) -> list[Claimed]:
        taken: list[Claimed] = []
        for queue in self._queues:
            given = {"owner": self._owner, "queue": queue, "count": count - len(taken), **values}
            taken += await insisting(partial(self._claim, statement, given))
            if len(taken) >= count:
                break
        # What is ours by now must be driven: who can't load it is no more.
        await insisting(partial(self._load, taken))
        return taken

    async def _claim(self, statement: str, given: dict[str, Any]) -> list[Claimed]:
        async with self._connection.cursor(row_factory=args_row(Claimed)) as cursor:
            await cursor.execute(statement, given, prepare=True)
            return await cursor.fetchall()

    async def _load(self, taken: list[Claimed]) -> None:
        """Whole, however often it is begun."""
        begun = {run.id: run for run in taken if run.seq}
        if begun:
            cursor = await self._connection.execute(SNAPSHOTS, (list(begun), FORMAT))
            for run, seq, codec, data in await cursor.fetchall():
                begun[run].snapshot = SnapshotRow(seq=seq, codec=codec, data=data)
            after = [run.snapshot.seq if run.snapshot else 0 for run in begun.values()]
            cursor = await self._connection.execute(EVENTS, (list(begun), after))
            for claimed in begun.values():
                claimed.rows.clear()
            for run, *row in await cursor.fetchall():
                begun[run].rows.append(Row(*row))
        mailed = {run.id: run for run in taken if run.mail}
        if mailed:
            for run, letters in (await self.letters(list(mailed))).items():
                mailed[run].letters = letters
