"""Locks: the steps that stand in line for one, let in one after the other, each with a greater token.

Who stands and who is inside are rows that come and go with the journals of their runs, so a lock can't leak: what is
taken is the count of places of live runs that were let in, looked at behind an advisory lock of that name. It decides
who is let in; what a run does with a lock is decided by its machine.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

import psycopg
from uuid_utils.compat import uuid7

from flows.dsl.instants import Instant
from flows.engine.events import Event
from flows.engine.machine import Machine
from flows.engine.outcomes import Granted
from flows.journal.rows import PlaceRow
from flows.journal.values import clean
from flows.nodes.results import Result, WaitFor

LOCK: Final = "lock"
"""The kind of the letter that grants one, and what a step in line waits on."""

Name = tuple[UUID, str]
"""A workspace and the name of a lock in it."""
Connection = psycopg.AsyncConnection[tuple[Any, ...]]

WINDOW: Final = 1_000
"""Locks looked at in one look, and places let in of one lock; the next look goes on behind them."""
FIRST: Final[Name] = (UUID(int=0), "")

# Sorted, so that two who want several never wait for each other in a circle.
ALONE: Final = """
SELECT pg_advisory_xact_lock(key) FROM (
    SELECT DISTINCT hashtextextended('lock:' || x.workspace::text || ':' || x.name, 0) AS key
    FROM unnest(%(workspaces)s::uuid[], %(names)s::text[]) AS x(workspace, name) ORDER BY key
) AS keys
"""

# In the order of arrival, as long as there is room: never more inside than the strictest of those inside allows.
PICK: Final = """
SELECT next.id, next.run_id
FROM unnest(%(workspaces)s::uuid[], %(names)s::text[]) AS x(workspace, name)
CROSS JOIN LATERAL (
    SELECT count(*) AS inside, min(p."limit") AS most FROM flows_lockplace p JOIN flows_run r ON r.id = p.run_id
    WHERE p.workspace_id = x.workspace AND p.name = x.name AND p.token IS NOT NULL AND p.released_at IS NULL
      AND r.finished_at IS NULL
) AS held
CROSS JOIN LATERAL (
    SELECT line.id, line.run_id, held.inside + row_number() OVER (ORDER BY line.id) AS place,
        least(held.most, min(line."limit") OVER (ORDER BY line.id)) AS most
    FROM (
        SELECT p.id, p.run_id, p."limit" FROM flows_lockplace p JOIN flows_run r ON r.id = p.run_id
        WHERE p.workspace_id = x.workspace AND p.name = x.name AND p.token IS NULL AND r.finished_at IS NULL
        ORDER BY p.id LIMIT %(window)s
    ) AS line
) AS next
WHERE next.place <= next.most ORDER BY next.id
"""

# In the order of ids, as the journal takes its runs; behind it nobody else writes to their places.
HOLD_STILL: Final = "SELECT id FROM flows_run WHERE id = ANY(%s) AND finished_at IS NULL ORDER BY id FOR NO KEY UPDATE"

GRANT: Final = """
WITH next AS (
    SELECT x.id, x.letter, nextval('flows_lock_token') AS token
    FROM (SELECT * FROM unnest(%(places)s::bigint[], %(letters)s::uuid[]) AS x(id, letter) ORDER BY id) AS x
), let_in AS (
    UPDATE flows_lockplace p SET token = next.token, granted_at = statement_timestamp()
    FROM next WHERE p.id = next.id AND p.token IS NULL
    RETURNING next.letter, p.run_id, p.step, p.seed, p.name, p.token
), told AS (
    INSERT INTO flows_inbox (id, run_id, kind, name, key, payload, created_at)
    SELECT letter, run_id, 'lock', name, token::text,
        json_build_object('step', step, 'seed', seed, 'token', token)::text, now()
    FROM let_in RETURNING run_id
)
UPDATE flows_run AS r SET mail = r.mail + told.letters
FROM (SELECT run_id, count(*) AS letters FROM told GROUP BY run_id) AS told WHERE r.id = told.run_id
"""

BELL: Final = "SELECT pg_notify('mulgil_ready', '')"

# One name after another by the index, each asked whether whoever stands first in line could be let in.
OPEN: Final = """
WITH RECURSIVE standing(workspace, name, place) AS (
    (SELECT workspace_id, name, 1 FROM flows_lockplace
     WHERE token IS NULL AND (workspace_id, name) > (%(workspace)s, %(name)s) ORDER BY workspace_id, name LIMIT 1)
    UNION ALL
    SELECT after.workspace_id, after.name, standing.place + 1 FROM standing CROSS JOIN LATERAL (
        SELECT workspace_id, name FROM flows_lockplace
        WHERE token IS NULL AND (workspace_id, name) > (standing.workspace, standing.name)
        ORDER BY workspace_id, name LIMIT 1
    ) AS after WHERE standing.place < %(window)s
)
SELECT standing.workspace, standing.name, (
    SELECT count(*) < least(min(p."limit"), (
        SELECT first."limit" FROM flows_lockplace first JOIN flows_run r ON r.id = first.run_id
        WHERE first.workspace_id = standing.workspace AND first.name = standing.name AND first.token IS NULL
          AND r.finished_at IS NULL ORDER BY first.id LIMIT 1
    ))
    FROM flows_lockplace p JOIN flows_run r ON r.id = p.run_id
    WHERE p.workspace_id = standing.workspace AND p.name = standing.name AND p.token IS NOT NULL
      AND p.released_at IS NULL AND r.finished_at IS NULL
) AS is_open
FROM standing ORDER BY standing.place
"""


def place_of(result: Result, step: str, seed: int) -> PlaceRow | None:
    """The place in line that an answer of a node asks for."""
    if not isinstance(result, WaitFor) or result.on != LOCK:
        return None
    return PlaceRow(step=step, seed=seed, name=clean(result.ref), limit=result.limit, due=result.due)


def granted(told: Mapping[str, Any], machine: Machine, now: Instant) -> Event | None:
    """The event of a grant; None where the step stands in line no more."""
    return machine.report(str(told.get("step")), int(told.get("seed", -1)), Granted(int(told.get("token", 0))), now)


class Sweep:
    """Goes over all locks that somebody stands in line for, a window at a look, and tells which have room."""

    def __init__(self) -> None:
        self._behind = FIRST

    @property
    def asked(self) -> dict[str, Any]:
        """What OPEN is given."""
        workspace, name = self._behind
        return {"workspace": workspace, "name": name, "window": WINDOW}

    def found(self, rows: Sequence[tuple[Any, ...]]) -> list[Name]:
        """The locks with room among what OPEN answered."""
        self._behind = (rows[-1][0], rows[-1][1]) if len(rows) == WINDOW else FIRST
        return [(workspace, name) for workspace, name, is_open in rows if is_open]


class Locks:
    """Lets steps in, for one executor."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._sweep = Sweep()

    async def let_in(self) -> None:
        """Let in whoever can be. Costs one look at an empty index where nobody stands in line."""
        rows = await (await self._connection.execute(OPEN, self._sweep.asked, prepare=True)).fetchall()
        names = self._sweep.found(rows)
        if names:
            await self._grant(names)

    async def _grant(self, names: Sequence[Name]) -> None:
        given = {"workspaces": [one for one, _ in names], "names": [one for _, one in names], "window": WINDOW}
        async with self._connection.transaction():
            await self._connection.execute(ALONE, given)
            # A statement of its own behind ALONE: it must see what whoever was alone before has done.
            picked = await (await self._connection.execute(PICK, given)).fetchall()
            if not picked:
                return
            live = await (await self._connection.execute(HOLD_STILL, ([run for _, run in picked],))).fetchall()
            runs = {run for (run,) in live}
            places = [place for place, run in picked if run in runs]
            letters = [uuid7() for _ in places]
            await self._connection.execute(GRANT, {"places": places, "letters": letters})
            await self._connection.execute(BELL)
