"""Retention: finished runs are kept for the days their flow says, else their workspace, then they go.

With them goes all that hangs on them. It decides whose time is over; a run that goes on or is parked has no end yet
and is never looked at.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from flows.errors import BadInput, NotFound
from flows.models import Flow
from flows.models.base import first_id_at
from flows.operations import access, audit
from flows.operations.access import Permission
from flows.operations.actor import Actor
from flows.operations.flows import lock_flow
from flows.operations.pruning import prune
from flows.operations.sweeping import let_go, standard_days, sweep
from flows.operations.workspaces import MAX_RETENTION

BATCH: Final = 500

DAYS: Final = """coalesce(CASE r.status WHEN 'failed' THEN f.failed_days END, f.retention_days, w.retention_days)"""
# A run stays as long as a message it published waits for its destination or is dead, which tells people where it is from.
NOT_ARRIVED: Final = """
SELECT FROM flows_outbox o JOIN flows_delivery d ON d.message_id = o.id
WHERE o.run_id = r.id AND d.destination_id IS NOT NULL AND d.state IN ('waiting', 'dead')
"""
# Only what was made before the shortest retention is looked through, in the order of ids, once.
PAST: Final = f"""
FROM flows_run r JOIN flows_workspace w ON w.id = r.workspace_id JOIN flows_flow f ON f.id = r.flow_id
WHERE r.id > %(after)s AND r.id < %(before)s AND r.owner IS NULL
  AND r.finished_at < %(now)s - make_interval(days => {DAYS})
  AND NOT EXISTS ({NOT_ARRIVED})
"""
OLD: Final = f"SELECT r.id {PAST} ORDER BY r.id LIMIT %(most)s FOR UPDATE OF r SKIP LOCKED"  # of constants alone
WOULD_GO: Final = (
    f"SELECT f.id, f.name, {DAYS}, r.status, count(*) {PAST} GROUP BY 1, 2, 3, 4 ORDER BY 2, 1, 4"  # as above
)
SHORTEST: Final = """
SELECT least((SELECT min(retention_days) FROM flows_workspace), (SELECT min(retention_days) FROM flows_flow),
  (SELECT min(failed_days) FROM flows_flow))
"""
OF_RUNS: Final = (
    "DELETE FROM flows_event WHERE run_id = ANY(%s)",
    "DELETE FROM flows_snapshot WHERE run_id = ANY(%s)",
    "DELETE FROM flows_wentby WHERE run_id = ANY(%s)",
    "DELETE FROM flows_payloaduse WHERE run_id = ANY(%s)",
    "DELETE FROM flows_inbox WHERE run_id = ANY(%s)",
    "DELETE FROM flows_vote v USING flows_approval a WHERE a.id = v.approval_id AND a.run_id = ANY(%s)",
    "DELETE FROM flows_approval WHERE run_id = ANY(%s)",
    "DELETE FROM flows_lockplace WHERE run_id = ANY(%s)",
    "DELETE FROM flows_faileditems WHERE run_id = ANY(%s)",
    "DELETE FROM flows_delivery d USING flows_outbox o WHERE o.id = d.message_id AND o.run_id = ANY(%s)",
    "DELETE FROM flows_outbox WHERE run_id = ANY(%s)",
    "DELETE FROM flows_run WHERE id = ANY(%s)",
)
# Jobs that have ended go after the workspace's days, with what came of each run.
JOBS: Final = """
WITH old AS (
    SELECT j.id FROM flows_job j JOIN flows_workspace w ON w.id = j.workspace_id
    WHERE j.finished_at < %(now)s - make_interval(days => w.retention_days) ORDER BY j.id LIMIT 20
), results AS (DELETE FROM flows_jobresult r USING old WHERE r.job_id = old.id RETURNING 1)
DELETE FROM flows_job j USING old WHERE j.id = old.id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeping:
    """How many days runs of a flow are kept; `own`, `own_failed` and `own_payload` are the flow's own words, None where
    it has none. `payload_days`: those of large values, None where they stay as long as their run.
    """

    own: int | None
    own_failed: int | None
    own_payload: int | None
    workspace: int

    @property
    def days(self) -> int:
        return self.own or self.workspace

    @property
    def failed_days(self) -> int:
        return self.own_failed or self.days

    @property
    def payload_days(self) -> int | None:
        return self.own_payload or standard_days()


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone:
    """So many runs of a flow that ended so are past their days."""

    flow: UUID
    name: str
    status: str
    days: int
    count: int


def keeping_of(actor: Actor, flow: UUID) -> Keeping:
    """Raises NotFound."""
    access.require(actor, Permission.FLOWS_READ)
    row = Flow.objects.filter(pk=flow, workspace_id=actor.workspace).select_related("workspace").first()
    if row is None:
        raise NotFound(thing="flow")
    return Keeping(
        own=row.retention_days,
        own_failed=row.failed_days,
        own_payload=row.payload_days,
        workspace=row.workspace.retention_days,
    )


@transaction.atomic
def keep(
    actor: Actor, flow: UUID, *, days: int | None, failed_days: int | None, payload_days: int | None = None
) -> Keeping:
    """Say how long the runs of a flow are kept; None: as the workspace says, and failed ones like any other.

    `payload_days`: after how many days an ended run lets its large values go; None: with the run, or as the setting says.

    It takes who may say so for the workspace. Raises NotFound, BadInput.
    """
    access.require(actor, Permission.WORKSPACE_WRITE)
    for given in (days, failed_days, payload_days):
        if given is not None and not 1 <= given <= MAX_RETENTION:
            raise BadInput(reason=f"retention is from 1 to {MAX_RETENTION} days")
    found = lock_flow(actor, flow)
    said = {"retention_days": days, "failed_days": failed_days, "payload_days": payload_days}
    if any(getattr(found, name) != value for name, value in said.items()):
        for name, value in said.items():
            setattr(found, name, value)
        found.save(update_fields=[*said, "updated_at"])
        told = {"days": days, "failed_days": failed_days, "payload_days": payload_days}
        audit.record(actor, "set the retention of", f"flow {found.name}", **told)
    return keeping_of(actor, flow)


def would_go(now: datetime | None = None) -> list[Gone]:
    """What a purge would delete, by flow and status, without touching anything."""
    moment = now or timezone.now()
    before = _before(moment)
    with connection.cursor() as cursor:
        cursor.execute(WOULD_GO, {"now": moment, "after": UUID(int=0), "before": before})
        rows = cursor.fetchall()
    return [Gone(flow=flow, name=name, days=days, status=status, count=n) for flow, name, days, status, n in rows]


def purge(now: datetime | None = None) -> int:
    """Delete what is past its time, a batch per transaction; how many runs went."""
    moment = now or timezone.now()
    before, after, gone = _before(moment), UUID(int=0), 0
    while runs := _purge_batch(moment, after=after, before=before):
        after, gone = runs[-1], gone + len(runs)
    let_go(moment)
    sweep(moment)
    # Behind the runs: a version whose last run has just gone needs not stay for it.
    prune(moment)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(JOBS, {"now": moment})
    return gone


def _before(moment: datetime) -> UUID:
    """No run made since then can be past its days."""
    with connection.cursor() as cursor:
        cursor.execute(SHORTEST)
        (days,) = cursor.fetchone()
    return first_id_at(moment - timedelta(days=days or 0))


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
