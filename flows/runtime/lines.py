"""Lines: runs of a flow that limits how many of it go at once, let in one after the other.

A run that has to stand in line is `held`: no claim sees it. Nothing counts slots: what is taken is the number of
live runs of that flow and key that were let in, looked at under a lock of that line, so a slot can't leak. It
decides who is let in; what a full line means for a new start is decided by the start, which asks by the statements here.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final
from uuid import UUID

import psycopg

Line = tuple[UUID, str]
"""A flow and the key its runs share."""
Connection = psycopg.AsyncConnection[tuple[Any, ...]]

WINDOW: Final = 1_000
"""Lines looked at in one look; the next look goes on behind them."""
FIRST: Final[Line] = (UUID(int=0), "")

# Sorted, so that two who want several lines never wait for each other in a circle.
LOCK: Final = """
SELECT pg_advisory_xact_lock(key) FROM (
    SELECT DISTINCT hashtextextended(x.flow::text || ':' || x.line, 0) AS key
    FROM unnest(%(flows)s::uuid[], %(lines)s::text[]) AS x(flow, line) ORDER BY key
) AS keys
"""

# A statement of its own behind LOCK: it must see what whoever held the lock before has done.
LET_IN: Final = """
WITH let_in AS (
    UPDATE flows_run AS r SET held = false
    FROM unnest(%(flows)s::uuid[], %(lines)s::text[]) AS x(flow, line)
    CROSS JOIN LATERAL (
        SELECT line_limit FROM flows_run
        WHERE flow_id = x.flow AND line = x.line AND held AND finished_at IS NULL ORDER BY priority DESC, id LIMIT 1
    ) AS head
    CROSS JOIN LATERAL (
        SELECT greatest(0, head.line_limit - count(*)) AS room FROM flows_run
        WHERE flow_id = x.flow AND line = x.line AND NOT held AND finished_at IS NULL
    ) AS open
    CROSS JOIN LATERAL (
        SELECT id FROM flows_run
        WHERE flow_id = x.flow AND line = x.line AND held AND finished_at IS NULL
        ORDER BY priority DESC, id LIMIT open.room
    ) AS picked
    WHERE r.id = picked.id
    RETURNING r.queue
)
SELECT pg_notify('mulgil_ready', queue), queue FROM (SELECT DISTINCT queue FROM let_in) AS queues
"""

LIVE_IN: Final = """
SELECT count(*) FROM flows_run WHERE flow_id = %(flow)s AND line = %(line)s AND finished_at IS NULL
"""

# All but the newest, each told once; in the order of ids, as every other writer of several runs takes them.
DISPLACE: Final = """
WITH older AS (
    SELECT id FROM flows_run WHERE flow_id = %(flow)s AND line = %(line)s AND finished_at IS NULL
    ORDER BY id DESC OFFSET %(limit)s
), told AS (
    SELECT id FROM flows_run WHERE id IN (SELECT id FROM older) AND finished_at IS NULL
      AND NOT EXISTS (SELECT 1 FROM flows_inbox i WHERE i.run_id = flows_run.id AND i.key = %(letter)s)
    ORDER BY id FOR UPDATE
)
UPDATE flows_run AS r SET mail = r.mail + 1, held = false FROM told WHERE r.id = told.id RETURNING r.id
"""

# One line after another by the index, each asked whether whoever stands first in it could be let in.
OPEN: Final = """
WITH RECURSIVE standing(flow, line, place) AS (
    (SELECT flow_id, line, 1 FROM flows_run WHERE held AND (flow_id, line) > (%(flow)s, %(line)s)
     ORDER BY flow_id, line LIMIT 1)
    UNION ALL
    SELECT after.flow_id, after.line, standing.place + 1 FROM standing CROSS JOIN LATERAL (
        SELECT flow_id, line FROM flows_run WHERE held AND (flow_id, line) > (standing.flow, standing.line)
        ORDER BY flow_id, line LIMIT 1
    ) AS after WHERE standing.place < %(window)s
)
SELECT standing.flow, standing.line, (
    SELECT count(*) < head.line_limit FROM flows_run
    WHERE flow_id = standing.flow AND line = standing.line AND NOT held AND finished_at IS NULL
) AS is_open
FROM standing CROSS JOIN LATERAL (
    SELECT line_limit FROM flows_run
    WHERE flow_id = standing.flow AND line = standing.line AND held AND finished_at IS NULL
    ORDER BY priority DESC, id LIMIT 1
) AS head
ORDER BY standing.place
"""


def named(lines: Iterable[Line]) -> dict[str, list[Any]]:
    """What LOCK and LET_IN are given, each line once."""
    known = sorted(set(lines))
    return {"flows": [flow for flow, _ in known], "lines": [line for _, line in known]}


class Sweep:
    """Goes over all lines, a window at a look, and tells which of them have room for someone who stands in them."""

    def __init__(self) -> None:
        self._behind = FIRST

    @property
    def asked(self) -> dict[str, Any]:
        """What OPEN is given."""
        flow, line = self._behind
        return {"flow": flow, "line": line, "window": WINDOW}

    def found(self, rows: Sequence[tuple[Any, ...]]) -> list[Line]:
        """The lines with room among what OPEN answered."""
        self._behind = rows[-1][0], rows[-1][1]
        if len(rows) < WINDOW:
            self._behind = FIRST
        return [(flow, line) for flow, line, is_open in rows if is_open]


class Lines:
    """Lets runs in, for one executor."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._sweep = Sweep()
        self._left: set[Line] = set()

    def left(self, flow: UUID, line: str) -> None:
        """A run of this line has ended here."""
        self._left.add((flow, line))

    async def let_in(self) -> None:
        """Let in whoever can be, first of all where a run has ended. Costs one look at an empty index if nobody stands."""
        cursor = await self._connection.execute(OPEN, self._sweep.asked, prepare=True)
        rows = await cursor.fetchall()
        left, self._left = self._left, set()
        if not rows:
            # Behind the last line, or nobody stands anywhere.
            self._sweep = Sweep()
        lines = left.union(self._sweep.found(rows) if rows else ())
        if lines:
            given = named(lines)
            async with self._connection.transaction():
                await self._connection.execute(LOCK, given)
                await self._connection.execute(LET_IN, given)
