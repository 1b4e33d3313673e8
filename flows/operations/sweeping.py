"""Large values: runs let theirs go when the days that their flow gives them are over, and what no run needs is deleted.

It decides from `flows_payloaduse` alone, which is written with every event that names a value. It refuses to know what
is in a value. Each batch is a transaction and looks afresh, so that one that was cut off is simply done again.
"""

from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction

from flows.journal.unneeded import DUE, LET_GO, SWEEP
from flows.models.base import first_id_at

BATCH: Final = 500

WOULD_GO: Final = f"SELECT count(*), count(DISTINCT u.run_id) {DUE}"  # as above
SHORTEST: Final = "SELECT least((SELECT min(payload_days) FROM flows_flow), %s)"


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
