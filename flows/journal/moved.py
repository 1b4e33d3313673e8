"""Which version of its flow a run goes by: the columns that say so, and the versions its events name.

They are written in the transaction of the event that moves it. Who may move what, and whether it fits, is decided
elsewhere.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final

import psycopg

from flows.engine.events import RunMoved
from flows.journal.codec import decode
from flows.journal.rows import Batch, Row

KIND: Final = "run_moved"
# The version that a run leaves is needed as long as its journal is, and nothing else says so.
MOVE: Final = """
WITH x AS (SELECT * FROM unnest(%s::uuid[], %s::uuid[], %s::text[]) AS x(id, version, hash)),
kept AS (
  INSERT INTO flows_wentby (run_id, version_id) SELECT r.id, r.version_id FROM flows_run r JOIN x ON x.id = r.id
  ON CONFLICT (run_id, version_id) DO NOTHING
)
UPDATE flows_run AS r SET version_id = x.version, document_hash = x.hash FROM x WHERE r.id = x.id
"""

Connection = psycopg.AsyncConnection[tuple[Any, ...]]


async def move(connection: Connection, batches: Sequence[Batch]) -> None:
    """Write the versions that these batches move their runs to."""
    moved = [(batch.run, one.version, one.document_hash) for batch in batches if (one := batch.moved) is not None]
    if moved:
        await connection.execute(MOVE, [list(column) for column in zip(*moved, strict=True)])


def moves_in(rows: Iterable[Row]) -> list[RunMoved]:
    """The moves among these events, in their order; mostly none."""
    found = [decode(row.kind, row.step, row.at, row.data) for row in rows if row.kind == KIND]
    return [event for event in found if isinstance(event, RunMoved)]


def stretches(moves: Sequence[RunMoved]) -> list[tuple[int, str]]:
    """The versions that a run goes by one after the other, number and content hash; empty where it keeps to one."""
    first = [(moves[0].was_version, moves[0].was_hash)] if moves else []
    return [*first, *((one.version, one.document_hash) for one in moves)]
