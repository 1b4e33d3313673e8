"""Retention: finished runs are kept for the days the workspace says, then they and all that hangs on them go."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Min
from django.utils import timezone

from flows.models import Workspace
from flows.models.base import first_id_at

BATCH: Final = 500

# Only what was made before the shortest retention is looked through, in the order of ids, once. A run stays as long as a
# message it published waits for its destination or is dead, which tells people where the message is from.
OLD: Final = """
SELECT r.id FROM flows_run r JOIN flows_workspace w ON w.id = r.workspace_id
WHERE r.id > %(after)s AND r.id < %(before)s AND r.owner IS NULL
  AND r.finished_at < %(now)s - make_interval(days => w.retention_days)
  AND NOT EXISTS (SELECT 1 FROM flows_outbox o JOIN flows_delivery d ON d.message_id = o.id
    WHERE o.run_id = r.id AND d.destination_id IS NOT NULL AND d.state IN ('waiting', 'dead'))
ORDER BY r.id LIMIT %(most)s FOR UPDATE OF r SKIP LOCKED
"""
OF_RUNS: Final = (
    "DELETE FROM flows_event WHERE run_id = ANY(%s)",
    "DELETE FROM flows_snapshot WHERE run_id = ANY(%s)",
    "DELETE FROM flows_inbox WHERE run_id = ANY(%s)",
    "DELETE FROM flows_vote v USING flows_approval a WHERE a.id = v.approval_id AND a.run_id = ANY(%s)",
    "DELETE FROM flows_approval WHERE run_id = ANY(%s)",
    "DELETE FROM flows_lockplace WHERE run_id = ANY(%s)",
    "DELETE FROM flows_delivery d USING flows_outbox o WHERE o.id = d.message_id AND o.run_id = ANY(%s)",
    "DELETE FROM flows_outbox WHERE run_id = ANY(%s)",
    "DELETE FROM flows_run WHERE id = ANY(%s)",
)
# A value is marked whenever a run writes or takes it over, so one unmarked since before the oldest run is nobody's.
# The hour covers that a start marks what it takes a moment before it says when it was made, by another clock.
VALUES: Final = """
DELETE FROM flows_payload
WHERE last_used_at < least(%s, coalesce((SELECT created_at - interval '1 hour' FROM flows_run ORDER BY id LIMIT 1), 'infinity'))
"""
# Jobs that have ended go after the workspace's days, with what came of each run.
JOBS: Final = """
WITH old AS (
    SELECT j.id FROM flows_job j JOIN flows_workspace w ON w.id = j.workspace_id
    WHERE j.finished_at < %(now)s - make_interval(days => w.retention_days) ORDER BY j.id LIMIT 20
), results AS (DELETE FROM flows_jobresult r USING old WHERE r.job_id = old.id RETURNING 1)
DELETE FROM flows_job j USING old WHERE j.id = old.id
"""


def purge(now: datetime | None = None) -> int:
    """Delete what is past its time, a batch per transaction; how many runs went."""
    moment = now or timezone.now()
    days = Workspace.objects.aggregate(least=Min("retention_days"))["least"] or 0
    before, after, gone = first_id_at(moment - timedelta(days=days)), UUID(int=0), 0
    while runs := _purge_batch(moment, after=after, before=before):
        after, gone = runs[-1], gone + len(runs)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(VALUES, [moment - timedelta(days=1)])
        cursor.execute(JOBS, {"now": moment})
    return gone


@transaction.atomic
def _purge_batch(moment: datetime, *, after: UUID, before: UUID) -> list[UUID]:
    with connection.cursor() as cursor:
        cursor.execute(OLD, {"now": moment, "after": after, "before": before, "most": BATCH})
        runs = [run for (run,) in cursor.fetchall()]
    delete_runs(runs)
    return runs


def delete_runs(runs: Sequence[UUID]) -> None:
    """Delete runs with all that hangs on them; they have ended and are locked."""
    if runs:
        with connection.cursor() as cursor:
            for statement in OF_RUNS:
                cursor.execute(statement, [list(runs)])
