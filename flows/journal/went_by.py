"""Which version a run went by at a moment of its past, where it was moved to another since.

It reads what the journal says of that, and refuses to know who looks back and why.
"""

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import orjson
from django.db import connection

from flows.engine.events import RunMoved
from flows.journal.moved import moves_in
from flows.journal.rows import Row

# Behind an event a run went by the version that the next move names as the one it leaves.
NEXT_MOVE: Final = """
SELECT v.number, v.document FROM (
  SELECT data::json AS move FROM flows_event WHERE run_id = %s AND seq > %s AND kind = 'run_moved' ORDER BY seq LIMIT 1
) AS next JOIN flows_run r ON r.id = %s
JOIN flows_version v ON v.flow_id = r.flow_id AND v.hash = move->>'was_hash' AND v.number = (move->>'was_version')::int
"""
MOVES: Final = """
SELECT seq, kind, step, at, data FROM flows_event WHERE run_id = %s AND kind = 'run_moved' ORDER BY seq
"""


@dataclass(frozen=True, slots=True)
class Before:
    """A version that a run left later."""

    number: int
    document: dict[str, Any]


def version_before(run: UUID, at: int) -> Before | None:
    """The version the run went by behind the event `at`; None where it is the one it goes by now."""
    with connection.cursor() as cursor:
        cursor.execute(NEXT_MOVE, [run, at, run])
        row = cursor.fetchone()
    return None if row is None else Before(row[0], orjson.loads(row[1]))


def moves_of(run: UUID) -> list[RunMoved]:
    """How the run went from version to version, in order; mostly not at all."""
    with connection.cursor() as cursor:
        cursor.execute(MOVES, [run])
        return moves_in(Row(*found) for found in cursor.fetchall())
