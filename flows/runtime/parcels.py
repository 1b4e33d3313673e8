"""Deliveries as rows: which may go now, who has taken them, and what became of them.

Only the first of a lane that isn't done may be taken, so that messages of a key keep their order. What a relay has
taken bears the number of its advisory lock, which PostgreSQL frees when the relay's connection ends, however it ends:
then others may take it. Every statement here stands alone: no transaction is open while a message is on its way.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import psycopg
from psycopg.types.json import Jsonb
from uuid_utils.compat import uuid7

Connection = psycopg.AsyncConnection[tuple[Any, ...]]

_MAY_GO: Final = """
d.state = 'waiting' AND d.owner IS NULL AND d.next_try_at <= now()
AND (d.lane = '' OR NOT EXISTS (SELECT 1 FROM flows_delivery p WHERE p.lane = d.lane AND p.blocks AND p.position < d.position))
"""

# So many for each destination, that one which is slow or away takes no room from the others.
TAKE: Final = f"""
WITH ways AS (
    SELECT one.id FROM flows_destination t CROSS JOIN LATERAL (
        SELECT d.id FROM flows_delivery d WHERE d.destination_id = t.id AND {_MAY_GO}
        ORDER BY d.position LIMIT greatest(0, %(each)s - coalesce((%(busy)s::jsonb ->> t.id::text)::int, 0))
        FOR UPDATE OF d SKIP LOCKED
    ) one WHERE t.is_active
), own AS (
    SELECT d.id FROM flows_delivery d WHERE d.destination_id IS NULL AND {_MAY_GO}
    ORDER BY d.position LIMIT greatest(0, %(each)s - coalesce((%(busy)s::jsonb ->> '')::int, 0)) FOR UPDATE SKIP LOCKED
), taken AS (
    UPDATE flows_delivery d SET owner = %(me)s
    FROM (SELECT id FROM ways UNION ALL SELECT id FROM own) x WHERE d.id = x.id RETURNING d.*
)
SELECT d.id, d.destination_id, d.tries, extract(epoch FROM now() - d.since)::float8, o.id, o.workspace_id, o.run_id, o.step,
    o.topic, o.key, o.payload, o.headers, o.created_at, t.name, t.kind, t.config, t.credential, t.signing, t.max_attempts,
    t.max_age, t.waits_for_dead
FROM taken d JOIN flows_outbox o ON o.id = d.message_id LEFT JOIN flows_destination t ON t.id = d.destination_id
ORDER BY d.position
"""  # noqa: S608  # put together of constants alone

FREE: Final = """
UPDATE flows_delivery d SET owner = NULL WHERE d.owner IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM pg_locks l WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
    AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND l.classid::bigint = (d.owner >> 32) AND l.objid::bigint = (d.owner & 4294967295))
"""

_OURS: Final = "WHERE id = %(id)s AND owner = %(me)s AND state = 'waiting'"
SENT: Final = f"""
UPDATE flows_delivery SET state = 'sent', blocks = false, owner = NULL, tries = tries + 1, done_at = now(), last_error = ''
{_OURS}
"""  # noqa: S608  # as above
LATER: Final = f"""
UPDATE flows_delivery SET owner = NULL, tries = tries + 1, last_error = %(error)s,
    next_try_at = now() + %(pause)s * interval '1 second' {_OURS}
"""  # noqa: S608  # as above
# One alert for a destination, until somebody has seen it, however many die.
DEAD: Final = f"""
WITH dead AS (
    UPDATE flows_delivery SET state = 'dead', blocks = %(blocks)s, owner = NULL, tries = tries + 1, done_at = now(),
        last_error = %(error)s {_OURS} RETURNING 1
)
INSERT INTO flows_alert (id, workspace_id, flow_id, run_id, step, code, message, created_at)
SELECT %(alert)s, r.workspace_id, r.flow_id, r.id, %(step)s, 'message_dead', %(message)s, now()
FROM flows_run r, dead WHERE r.id = %(run)s AND NOT EXISTS (
    SELECT 1 FROM flows_alert a WHERE a.workspace_id = r.workspace_id AND a.code = 'message_dead' AND a.seen_at IS NULL
    AND a.message = %(message)s)
"""  # noqa: S608  # as above


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A destination as it stands when a message is taken for it."""

    id: UUID
    name: str
    kind: str
    config: Mapping[str, Any]
    credential: str
    signing: str
    max_attempts: int
    max_age: int
    waits_for_dead: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """One message for one target, taken; `age` in seconds since it was first to go. No target: the product's own."""

    id: UUID
    tries: int
    age: float
    message: UUID
    workspace: UUID | None
    run: UUID | None
    step: str
    topic: str
    key: str
    payload: str
    headers: str
    created_at: datetime
    target: Target | None


async def take(connection: Connection, me: int, each: int, busy: Mapping[str, int]) -> list[Parcel]:
    """Take what may go, up to `each` at once for a destination; `busy`: how many of each are on their way."""
    await connection.execute(FREE)
    values = {"me": me, "each": each, "busy": Jsonb(dict(busy))}
    return [_parcel(row) for row in await (await connection.execute(TAKE, values)).fetchall()]


def _parcel(row: Sequence[Any]) -> Parcel:
    target = None
    if row[1] is not None:
        target = Target(
            id=row[1], name=row[13], kind=row[14], config=row[15], credential=row[16], signing=row[17],
            max_attempts=row[18], max_age=row[19], waits_for_dead=row[20],
        )  # fmt: skip
    return Parcel(
        id=row[0], tries=row[2], age=row[3], message=row[4], workspace=row[5], run=row[6], step=row[7], topic=row[8],
        key=row[9], payload=row[10], headers=row[11], created_at=row[12], target=target,
    )  # fmt: skip


async def mark_sent(connection: Connection, me: int, parcel: Parcel) -> None:
    await connection.execute(SENT, {"id": parcel.id, "me": me})


async def mark_later(connection: Connection, me: int, parcel: Parcel, error: str, pause: float) -> None:
    """It failed and is tried again after so many seconds."""
    await connection.execute(LATER, {"id": parcel.id, "me": me, "error": error, "pause": pause})


async def mark_dead(connection: Connection, me: int, parcel: Parcel, error: str) -> None:
    """It is given up; people are told."""
    name = parcel.target.name if parcel.target is not None else parcel.topic
    blocks = parcel.target is not None and parcel.target.waits_for_dead and bool(parcel.key)
    told = {"alert": uuid7(), "step": parcel.step, "run": parcel.run, "message": f"Messages to {name} are dead"}
    await connection.execute(DEAD, {"id": parcel.id, "me": me, "error": error, "blocks": blocks, **told})
