"""Retention: finished runs are kept for the days the workspace says, then they and all that hangs on them go."""

from datetime import datetime, timedelta
from typing import Final

from django.db import connection, transaction
from django.utils import timezone

BATCH: Final = 500

OLD: Final = """
SELECT r.id FROM flows_run r JOIN flows_workspace w ON w.id = r.workspace_id
WHERE r.finished_at IS NOT NULL AND r.finished_at < %s - make_interval(days => w.retention_days) AND r.owner IS NULL
ORDER BY r.id LIMIT %s FOR UPDATE OF r SKIP LOCKED
"""
OF_RUNS: Final = (
    "DELETE FROM flows_event WHERE run_id = ANY(%s)",
    "DELETE FROM flows_snapshot WHERE run_id = ANY(%s)",
    "DELETE FROM flows_inbox WHERE run_id = ANY(%s)",
    "DELETE FROM flows_outbox WHERE run_id = ANY(%s) AND sent_at IS NOT NULL",
    "DELETE FROM flows_run WHERE id = ANY(%s)",
)
# A value is marked whenever a run writes or takes it over, so one unmarked since before the oldest run is nobody's.
VALUES: Final = """
DELETE FROM flows_payload
WHERE last_used_at < least(%s, coalesce((SELECT min(created_at) FROM flows_run), 'infinity'))
"""


def purge(now: datetime | None = None) -> int:
    """Delete what is past its time, a batch per transaction; how many runs went."""
    moment = now or timezone.now()
    gone = 0
    while (some := _purge_batch(moment)) > 0:
        gone += some
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(VALUES, [moment - timedelta(days=1)])
    return gone


@transaction.atomic
def _purge_batch(moment: datetime) -> int:
    with connection.cursor() as cursor:
        cursor.execute(OLD, [moment, BATCH])
        runs = [run for (run,) in cursor.fetchall()]
        if runs:
            for statement in OF_RUNS:
                cursor.execute(statement, [runs])
    return len(runs)
