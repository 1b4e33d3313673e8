"""The one transaction in which events are written, and its SQL.

It decides what stands together: the accepted runs' new heads, their events, what was consumed, sent and
kept beside them, the runs they call and the letters they write, and one doorbell. It knows nothing of when to write, nor of retrying.
"""

from collections.abc import Iterable, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any, Final
from uuid import UUID

import orjson
import psycopg
from uuid_utils.compat import uuid7

from flows.journal.columns import Column
from flows.journal.connection import WATCHFUL
from flows.journal.deployments import deploy
from flows.journal.kept import keep
from flows.journal.moved import move
from flows.journal.outbox import send
from flows.journal.rows import Batch, Row

CHANNEL: Final = "mulgil_runs"
CHUNK: Final = 200
"""Run ids in one doorbell: 200 of 37 bytes stay under the 7.5 kB that a NOTIFY may carry."""
MAX_CHUNKS: Final = 20

# The planner must always take the ids in the order they are given, by the primary key: two executors that
# update the same runs in the same order can't wait for each other in a circle.
# A network cut in mid-transaction leaves the server waiting for a client that is gone, with the runs' rows locked, so
# that nobody could take them over: the server gives up before a lease ends, between statements and inside COPY.
SESSION: Final = (
    "SET enable_hashjoin = off; SET enable_mergejoin = off; SET enable_seqscan = off; "
    f"SET idle_in_transaction_session_timeout = '8s'; {WATCHFUL}"
)

ADVANCE: Final = """
UPDATE flows_run AS r SET
    seq = x.seq,
    status = x.status,
    owner = CASE WHEN x.let_go THEN NULL ELSE r.owner END,
    wake_at = timestamptz 'epoch' + x.wake_at * interval '1 microsecond',
    output = COALESCE(x.output, r.output),
    error = COALESCE(x.error, r.error),
    started_at = COALESCE(r.started_at, timestamptz 'epoch' + x.started_at * interval '1 microsecond'),
    finished_at = COALESCE(r.finished_at, timestamptz 'epoch' + x.finished_at * interval '1 microsecond'),
    careful = x.careful
FROM unnest(
    %s::uuid[], %s::bigint[], %s::bigint[], %s::bigint[], %s::text[], %s::bool[], %s::bigint[],
    %s::text[], %s::text[], %s::bigint[], %s::bigint[], %s::bool[]
) AS x(id, fence, was, seq, status, let_go, wake_at, output, error, started_at, finished_at, careful)
WHERE r.id = x.id AND r.fence = x.fence AND r.seq = x.was
RETURNING r.id, r.fence
"""

AT_ONCE_ROWS: Final = 200
"""Up to so many events are written by one statement, and of a run alone, which all of it waits for, up to five times as
many: beyond, COPY is worth its round trips."""

# The same transaction as below, as one statement and so in one round trip: what a run that goes alone waits for is
# little more than its commit. Only the runs that are still ours get their events, and only they are told of. The events
# are one text, a line each, as for COPY: seven arrays of them would cost more to write and to read than all the rest.
AT_ONCE: Final = f"""
WITH ours AS ({ADVANCE}), written AS (
    INSERT INTO flows_event (run_id, seq, kind, step, at, data)
    SELECT ours.id, e.part[3]::bigint, e.part[4], e.part[5], e.part[6]::bigint, e.part[7]
    FROM (SELECT string_to_array(line, E'\\t', E'\\\\N') AS part FROM string_to_table(%s::text, E'\\n') AS line) AS e
    JOIN ours ON ours.id = e.part[1]::uuid AND ours.fence = e.part[2]::bigint
)
SELECT id, fence, (SELECT pg_notify('{CHANNEL}', string_agg(id::text, ',')) FROM ours) FROM ours
"""  # noqa: S608  # put together of constants alone

NULL: Final = r"\N"
COPY_EVENTS: Final = "COPY flows_event (run_id, seq, kind, step, at, data) FROM STDIN"

# A batch without events can't be told from one that was written and not answered, and is written again: what was
# consumed then is not counted twice.
CONSUME: Final = """
WITH consumed AS (
    UPDATE flows_inbox SET consumed_at = now() WHERE id = ANY(%s) AND consumed_at IS NULL RETURNING run_id
)
UPDATE flows_run AS r SET mail = r.mail - told.letters
FROM (SELECT run_id, count(*) AS letters FROM consumed GROUP BY run_id) AS told WHERE r.id = told.run_id
"""

ALERT: Final = """
INSERT INTO flows_alert (id, workspace_id, flow_id, run_id, step, code, message, created_at)
SELECT x.id, r.workspace_id, r.flow_id, r.id, x.step, x.code, x.message, now()
FROM unnest(%s::uuid[], %s::uuid[], %s::text[], %s::text[], %s::text[]) AS x(id, run, step, code, message)
JOIN flows_run r ON r.id = x.run
"""

# A test run's failures are nobody's worry.
GIVE_UP: Final = """
INSERT INTO flows_faileditems (id, workspace_id, run_id, step, failed, count, place, code, message, created_at)
SELECT x.id, r.workspace_id, r.id, x.step, x.failed, x.count, x.place, x.code, x.message, now()
FROM unnest(%s::uuid[], %s::uuid[], %s::text[], %s::int[], %s::int[], %s::int[], %s::text[], %s::text[])
    AS x(id, run, step, failed, count, place, code, message)
JOIN flows_run r ON r.id = x.run WHERE NOT r.is_test
ON CONFLICT (run_id, step) DO UPDATE SET failed = excluded.failed, count = excluded.count, place = excluded.place,
    code = excluded.code, message = excluded.message, attended_at = NULL
"""

# Whoever writes to other runs locks them with its own, all in the order of ids, as ADVANCE does: no two such
# transactions can wait for each other in a circle.
LOCK: Final = "SELECT id FROM flows_run WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE"

CALL: Final = """
INSERT INTO flows_run (id, workspace_id, flow_id, version_id, document_hash, part, number, attempt, parent_run_id,
  parent_step, trigger, input, request_hash, started_by, is_test, status, priority, queue, fence, seq, careful, mail,
  depth, awaited, line, line_limit, held, environment_id, setting_id, created_at)
SELECT x.id, x.workspace, x.flow, x.version, x.hash, '', nextval(x.sequence::regclass), 1, x.parent,
  x.step, x.trigger, x.input, '', x.started_by, x.is_test, 'queued', x.priority, x.queue, 0, 0, false, 0,
  x.depth, x.awaited, x.line, x.line_limit, x.line IS NOT NULL, x.environment, x.setting, now()
FROM unnest(%s::uuid[], %s::uuid[], %s::uuid[], %s::uuid[], %s::uuid[], %s::text[], %s::text[], %s::text[], %s::text[],
  %s::text[], %s::text[], %s::int[], %s::bool[], %s::int[], %s::bool[], %s::text[], %s::text[], %s::int[], %s::uuid[],
  %s::uuid[])
  AS x(id, parent, workspace, flow, version, hash, step, trigger, input, sequence, queue, depth, awaited, priority,
  is_test, started_by, line, line_limit, environment, setting)
"""

# A letter to a run that has ended is dropped: nobody would ever read it. One that is cancelled stands in no line. Its status is
# asked for in words that no index knows: those of the runs that go on are not to be gone through for each letter.
POST: Final = """
WITH posted AS (
    INSERT INTO flows_inbox (id, run_id, kind, name, key, payload, created_at)
    SELECT x.id, x.run, x.kind, x.name, x.key, x.payload, now()
    FROM unnest(%s::uuid[], %s::uuid[], %s::text[], %s::text[], %s::text[], %s::text[])
        AS x(id, run, kind, name, key, payload)
    JOIN flows_run r ON r.id = x.run AND r.status || '' NOT IN ('succeeded', 'failed', 'cancelled')
    ON CONFLICT (run_id, kind, name, key) WHERE key IS NOT NULL DO NOTHING
    RETURNING run_id, kind
)
UPDATE flows_run AS r SET mail = r.mail + told.letters, held = r.held AND NOT told.cancels
FROM (SELECT run_id, count(*) AS letters, bool_or(kind = 'cancel') AS cancels FROM posted GROUP BY run_id) AS told WHERE r.id = told.run_id
"""

READY: Final = "SELECT pg_notify('mulgil_ready', queue) FROM unnest(%s::text[]) AS queue"

# Lists of names differ in length and stand in no rectangular array, hence JSON.
ASK: Final = """
INSERT INTO flows_approval (id, workspace_id, run_id, step, title, message, users, roles, groups, quorum, needs_comment,
    form, due_at, "default", escalation, stage, created_at, decided, outcome)
SELECT x.id, r.workspace_id, r.id, x.step, x.title, x.message,
    ARRAY(SELECT jsonb_array_elements_text(x.people::jsonb -> 0)),
    ARRAY(SELECT jsonb_array_elements_text(x.people::jsonb -> 1)),
    ARRAY(SELECT jsonb_array_elements_text(x.people::jsonb -> 2)), x.quorum, x.comment, x.form,
    timestamptz 'epoch' + x.due * interval '1 microsecond', coalesce(x.standard, ''), x.escalation, 0, now(), '', ''
FROM unnest(%s::uuid[], %s::uuid[], %s::text[], %s::text[], %s::text[], %s::text[], %s::int[], %s::bool[], %s::text[],
    %s::bigint[], %s::text[], %s::text[])
    AS x(id, run, step, title, message, people, quorum, comment, form, due, standard, escalation)
JOIN flows_run r ON r.id = x.run
ON CONFLICT (id) DO NOTHING
"""

# Who stands in the row may decide; a stage that was reached once is passed over when it is told again.
ESCALATE: Final = """
UPDATE flows_approval a SET stage = x.stage,
    users = a.users || ARRAY(SELECT jsonb_array_elements_text(a.escalation::jsonb -> (x.stage - 1) -> 'users')),
    roles = a.roles || ARRAY(SELECT jsonb_array_elements_text(a.escalation::jsonb -> (x.stage - 1) -> 'roles')),
    groups = a.groups || ARRAY(SELECT jsonb_array_elements_text(a.escalation::jsonb -> (x.stage - 1) -> 'groups'))
FROM unnest(%s::uuid[], %s::int[]) AS x(id, stage) WHERE a.id = x.id AND a.stage = x.stage - 1
"""

CLOSE: Final = """
UPDATE flows_approval a SET outcome = x.outcome, closed_at = now()
FROM unnest(%s::uuid[], %s::text[]) AS x(id, outcome) WHERE a.id = x.id AND a.closed_at IS NULL
"""

# Whoever stands in line is let in by `flows.runtime.locks`, which is told of both by the doorbell.
STAND: Final = """
INSERT INTO flows_lockplace (workspace_id, run_id, step, seed, name, "limit", due_at, asked_at)
SELECT r.workspace_id, r.id, x.step, x.seed, x.name, x.most, timestamptz 'epoch' + x.due * interval '1 microsecond', now()
FROM unnest(%s::uuid[], %s::text[], %s::bigint[], %s::text[], %s::int[], %s::bigint[])
    WITH ORDINALITY AS x(run, step, seed, name, most, due, place)
JOIN flows_run r ON r.id = x.run ORDER BY x.place
ON CONFLICT (run_id, step, seed) DO NOTHING
"""

LEAVE: Final = """
DELETE FROM flows_lockplace p USING unnest(%s::uuid[], %s::text[], %s::bigint[]) AS x(run, step, seed)
WHERE p.run_id = x.run AND p.step = x.step AND p.seed = x.seed
"""

SNAPSHOT: Final = """
INSERT INTO flows_snapshot (run_id, seq, codec, data)
SELECT * FROM unnest(%s::uuid[], %s::bigint[], %s::int[], %b::bytea[])
ON CONFLICT (run_id) DO UPDATE SET seq = excluded.seq, codec = excluded.codec, data = excluded.data
"""

# What stands of batches whose commit was not answered.
STANDING: Final = "SELECT id, fence, seq FROM flows_run WHERE id = ANY(%s)"

# A run whose events can't be written stops where it last stood, for a person to look at. Its fence is raised: what its
# executor had still to write would have it go on with nobody to drive it.
SET_ASIDE: Final = """
WITH aside AS (
    UPDATE flows_run SET status = 'paused', owner = NULL, wake_at = NULL, error = %(error)s, fence = fence + 1
    WHERE id = %(run)s AND fence = %(fence)s RETURNING id, workspace_id, flow_id
)
INSERT INTO flows_alert (id, workspace_id, flow_id, run_id, step, code, message, created_at)
SELECT %(alert)s, workspace_id, flow_id, id, '', %(code)s, %(message)s, now() FROM aside
"""

Connection = psycopg.AsyncConnection[tuple[Any, ...]]


Ours = set[tuple[UUID, int]]
"""Runs that were still ours, each with its fence: a process that lost a run and took it again may write both."""


async def flush(connection: Connection, batches: Sequence[Batch]) -> Ours:
    """Write the batches in one transaction; which of them were still ours to write. Raises psycopg.Error."""
    ordered = sorted(batches, key=lambda batch: batch.run.int)
    if _is_small(ordered):
        return await _at_once(connection, ordered)
    await connection.execute("BEGIN")
    try:
        await _lock(connection, ordered)
        cursor = await connection.execute(ADVANCE, _heads(ordered), prepare=True)
        ours: Ours = {(run, fence) for run, fence in await cursor.fetchall()}
        accepted = [batch for batch in ordered if (batch.run, batch.fence) in ours]
        if accepted:
            await _copy(connection, accepted)
            if more := [batch for batch in accepted if not batch.is_plain]:
                await _beside(connection, more)
        await connection.execute(f"{doorbells([batch.run for batch in accepted])}COMMIT", prepare=False)
    except psycopg.Error:
        if not connection.closed:
            await connection.execute("ROLLBACK")
        raise
    return ours


def _is_small(batches: Sequence[Batch]) -> bool:
    return (
        len(batches) <= CHUNK
        and sum(len(batch.rows) for batch in batches) <= AT_ONCE_ROWS * (1 if len(batches) > 1 else 5)
        and all(batch.is_plain for batch in batches)
    )


async def _at_once(connection: Connection, batches: Sequence[Batch]) -> Ours:
    lines: list[str] = []
    for batch in batches:
        whose = f"{batch.run}\t{batch.fence}"
        lines += [f"{whose}\t{seq}\t{kind}\t{step or NULL}\t{at}\t{data}" for seq, kind, step, at, data in batch.rows]
    cursor = await connection.execute(AT_ONCE, [*_heads(batches), "\n".join(lines)], prepare=True)
    return {(run, fence) for run, fence, *_ in await cursor.fetchall()}


async def set_aside(connection: Connection, run: UUID, fence: int, code: str, message: str) -> None:
    """Pause a run that can't go on where it last stood, if it is still ours, and tell people."""
    shown = {"code": code, "class": "corruption", "message": message, "node": None, "step": None}
    shown["hint"] = "Look at the last step, then resume or cancel the run."
    values = {
        "run": run,
        "fence": fence,
        "error": orjson.dumps(shown).decode(),
        "alert": uuid7(),
        "code": code,
        "message": message,
    }
    await connection.execute(SET_ASIDE, values)


def doorbells(runs: Sequence[UUID]) -> str:
    """NOTIFY statements for these runs, in chunks the server takes; `*` where there are too many."""
    chunks = [",".join(map(str, runs[first : first + CHUNK])) for first in range(0, len(runs), CHUNK)]
    if len(chunks) > MAX_CHUNKS:
        chunks = ["*"]
    return "".join(f"NOTIFY {CHANNEL}, '{chunk}';" for chunk in chunks)


def copy_text(batches: Iterable[Batch]) -> bytes:
    """The rows in COPY's text format. JSON text holds no tab and no line end, so only backslashes are doubled."""
    lines: list[str] = []
    for batch in batches:
        run = f"{batch.run.int:032x}"
        lines += [_line(run, row) for row in batch.rows]
    return "".join(lines).encode()


def _line(run: str, row: Row) -> str:
    seq, kind, step, at, data = row
    if "\\" in data:
        data = data.replace("\\", "\\\\")
    return f"{run}\t{seq}\t{kind}\t{step or NULL}\t{at}\t{data}\n"


def _heads(batches: Sequence[Batch]) -> tuple[Column, ...]:
    rows = [
        (
            batch.run, batch.fence, batch.was, batch.seq, shown.status, shown.let_go, shown.wake_at, shown.output,
            shown.error, shown.started_at, shown.finished_at, shown.careful,
        )
        for batch in batches
        for shown in (batch.projection,)
    ]  # fmt: skip
    return tuple(Column(column) for column in zip(*rows, strict=True))


async def _copy(connection: Connection, batches: Sequence[Batch]) -> None:
    text = copy_text(batches)
    if text:
        async with connection.cursor() as cursor, cursor.copy(COPY_EVENTS) as copy:
            await copy.write(text)


async def _lock(connection: Connection, batches: Sequence[Batch]) -> None:
    others = {letter.to for batch in batches for letter in batch.letters}
    if others:
        runs = sorted(others.union(batch.run for batch in batches))
        await connection.execute(LOCK, (runs,))


async def _beside(connection: Connection, batches: Sequence[Batch]) -> None:
    """What goes with the events of some runs and of most not."""
    consumed = [message for batch in batches for message in batch.consumed]
    if consumed:
        await connection.execute(CONSUME, (consumed,))
    await keep(connection, batches)
    await send(connection, batches)
    await deploy(connection, batches)
    await move(connection, batches)
    await _many(
        connection, ALERT, [(uuid7(), batch.run, a.step, a.code, a.message) for batch in batches for a in batch.alerts]
    )
    given_up = [
        (uuid7(), batch.run, i.step, i.failed, i.count, i.place, i.code[:100], i.message)
        for batch in batches
        for i in batch.given_up
    ]
    await _many(connection, GIVE_UP, given_up)
    await _among_runs(connection, batches)
    await _approvals(connection, batches)
    await _locks(connection, batches)
    await _many(
        connection, SNAPSHOT, [(batch.run, s.seq, s.codec, s.data) for batch in batches if (s := batch.snapshot)]
    )


async def _approvals(connection: Connection, batches: Sequence[Batch]) -> None:
    asked = [
        (a.id, batch.run, a.step, a.title, a.message, orjson.dumps([a.users, a.roles, a.groups]).decode(), a.quorum,
         a.comment, a.form, a.due, a.default, a.escalation)
        for batch in batches
        for a in batch.asked
    ]  # fmt: skip
    await _many(connection, ASK, asked)
    # After a downtime one approval may reach two stages at once, and one statement writes a row only once.
    staged = sorted((one.stage, one.id) for batch in batches for one in batch.staged)
    for number, among in groupby(staged, key=itemgetter(0)):
        await _many(connection, ESCALATE, [(asked, number) for _, asked in among])
    await _many(connection, CLOSE, [(end.id, end.outcome) for batch in batches for end in batch.closed])


async def _locks(connection: Connection, batches: Sequence[Batch]) -> None:
    places = [(batch.run, p.step, p.seed, p.name, p.limit, p.due) for batch in batches for p in batch.places]
    left = [(batch.run, step, seed) for batch in batches for step, seed in batch.left]
    await _many(connection, STAND, places)
    await _many(connection, LEAVE, left)
    if places or left:
        await connection.execute(READY, ([""],))


async def _among_runs(connection: Connection, batches: Sequence[Batch]) -> None:
    """The runs that are called, and then the letters, which may be to one of these."""
    children = [
        (
            c.id, batch.run, c.workspace, c.flow, c.version, c.document_hash, c.step, c.trigger, c.input, c.sequence,
            c.queue, c.depth, c.awaited, c.priority, c.is_test, c.started_by, c.line, c.line_limit, c.environment,
            c.setting,
        )
        for batch in batches
        for c in batch.children
    ]  # fmt: skip
    await _many(connection, CALL, children)
    letters = [
        (uuid7(), letter.to, letter.kind, letter.name, letter.key, letter.payload)
        for batch in batches
        for letter in batch.letters
    ]
    await _many(connection, POST, letters)
    bells = {c.queue for batch in batches for c in batch.children} | (
        {""} if letters or any(c.line is not None for batch in batches for c in batch.children) else set()
    )
    if bells:
        await connection.execute(READY, (sorted(bells),))


async def _many(connection: Connection, statement: str, rows: Sequence[tuple[Any, ...]]) -> None:
    if rows:
        await connection.execute(statement, [list(column) for column in zip(*rows, strict=True)])
