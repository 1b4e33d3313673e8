"""Large values: runs let theirs go when the days that their flow gives them are over, and what no run needs is deleted.

It decides from `flows_payloaduse` alone, which is written with every event that names a value. It refuses to know what
is in a value. Each batch is a transaction and looks afresh, so that one that was cut off is simply done again.
"""

from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction

from flows.models.base import first_id_at

BATCH: Final = 500

# Of a frozen document a run needs every word as long as it is there, to be shown and run again.
DUE: Final = """
FROM flows_payloaduse u JOIN flows_run r ON r.id = u.run_id JOIN flows_flow f ON f.id = r.flow_id
WHERE (u.run_id, u.hash) > (%(run)s, %(hash)s) AND u.run_id < %(before)s AND u.removed_after IS NULL
  AND u.hash <> r.document_hash AND r.owner IS NULL
  AND r.finished_at < %(now)s - make_interval(days => coalesce(f.payload_days, %(standard)s))
"""
LET_GO: Final = f"""
WITH due AS (
    SELECT u.run_id, u.hash, coalesce(f.payload_days, %(standard)s) AS days {DUE}
    ORDER BY u.run_id, u.hash LIMIT %(most)s FOR UPDATE OF u SKIP LOCKED
), gone AS (
    UPDATE flows_payloaduse u SET removed_after = due.days FROM due WHERE u.run_id = due.run_id AND u.hash = due.hash
)
SELECT run_id, hash FROM due ORDER BY run_id, hash
"""  # noqa: S608  # put together of constants alone
WOULD_GO: Final = f"SELECT count(*), count(DISTINCT u.run_id) {DUE}"  # as above
SHORTEST: Final = "SELECT least((SELECT min(payload_days) FROM flows_flow), %s)"
# Who begins to need a value that nobody needs has written or locked its row just before, in the same transaction, and
# set when it was last used: what is locked is passed over, and a row that was changed meanwhile is looked at again.
# The day covers that the time of a transaction is that of its beginning.
SWEEP: Final = """
WITH nobodys AS (
    SELECT p.hash FROM flows_payload p
    WHERE p.hash > %(after)s AND p.last_used_at < least(%(now)s, now()) - interval '1 day'
      AND NOT EXISTS (SELECT FROM flows_payloaduse u WHERE u.hash = p.hash AND u.removed_after IS NULL)
    ORDER BY p.hash LIMIT %(most)s FOR UPDATE OF p SKIP LOCKED
)
DELETE FROM flows_payload p USING nobodys n WHERE p.hash = n.hash RETURNING p.hash
"""


def standard_days() -> int | None:
    """The days of flows that say none of their own; None: as long as the run."""
    days: int | None = settings.MULGIL.get("payload_days")
    return days


def let_go(now: datetime) -> int:
    """Have ended runs let their values go where their time is over; how many."""
    given, count = _due(now), 0
    while given is not None and (rows := _batch(LET_GO, given)):
        given |= {"run": rows[-1][0], "hash": rows[-1][1]}
        count += len(rows)
    return count


def would_go(now: datetime) -> tuple[int, int]:
    """How many values would be let go, and of how many runs, without touching anything."""
    given = _due(now)
    return (0, 0) if given is None else _batch(WOULD_GO, given)[0]


def _due(now: datetime) -> dict[str, Any] | None:
    """Where to look for what is due; None where every flow keeps its values as long as its runs."""
    standard = standard_days()
    with connection.cursor() as cursor:
        cursor.execute(SHORTEST, [standard])
        (days,) = cursor.fetchone()
    if days is None:
        return None
    # No run made since then can have ended so long ago.
    before = first_id_at(now - timedelta(days=days))
    return {"now": now, "before": before, "standard": standard, "most": BATCH, "run": UUID(int=0), "hash": ""}


def sweep(now: datetime) -> int:
    """Delete the values that no run needs; how many."""
    after, count = "", 0
    while rows := _batch(SWEEP, {"now": now, "after": after, "most": BATCH}):
        after, count = max(name for (name,) in rows), count + len(rows)
    return count


@transaction.atomic
def _batch(statement: str, given: dict[str, Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, given)
        return list(cursor.fetchall())
