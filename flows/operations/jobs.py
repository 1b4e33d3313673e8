"""Jobs: one thing done to many runs. They are chosen once, when the job is made, and counted beforehand.

It decides who may ask for what, which runs an action is for, and how large a job may be. How it is carried on, run
by run, is `flows.operations.carrying`'s.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, Literal
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from flows.errors import BadInput, LimitExceeded, MulgilError, NotFound, phrase
from flows.models import Job, JobResult, Run
from flows.models.base import new_id
from flows.models.run import LIVE
from flows.operations import access, audit
from flows.operations.access import Permission
from flows.operations.actor import Actor
from flows.operations.pages import MAX_LIMIT, Page, page_of, read_cursor
from flows.operations.run_filter import EVERY_RUN, RunFilter, matching
from flows.operations.steering import MAX_REASON

Action = Literal["retry", "cancel", "pause", "resume", "move", "delete"]

MAX_RUNS: Final = 100_000
MAX_CHOSEN: Final = 1_000
MAX_JOBS: Final = 5

# Deleting shortens what retention keeps, so it takes who may set that.
NEEDS: Final[dict[str, Permission]] = {
    "retry": Permission.RUNS_START,
    "cancel": Permission.RUNS_STEER,
    "pause": Permission.RUNS_STEER,
    "resume": Permission.RUNS_STEER,
    "move": Permission.RUNS_STEER,
    "delete": Permission.WORKSPACE_WRITE,
}
VERBS: Final = {
    "retry": "began to run again",
    "cancel": "began to cancel",
    "pause": "began to pause",
    "resume": "began to resume",
    "move": "began to move",
    "delete": "began to delete",
}
TAKE: Final = "INSERT INTO flows_jobresult (job_id, run_id, flow_id, number) SELECT %s, q.id, q.flow, q.number FROM"


class TooManyJobs(MulgilError):
    """{limit} jobs are going on in this workspace, as many as may."""

    code = "too_many_jobs"
    status = 429
    klass = "recoverable"
    hint = "Wait until one of them is done, or stop one."


class NothingChosen(BadInput):
    """No run that this could be done to was chosen."""

    code = "nothing_chosen"


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is done, and to which runs: those of the filter, or where `runs` names some those.

    `reason` and `compensate` go with a cancel; a retry begins at the step that failed unless `from_start`; a move goes
    to version `to` of the one flow that the filter names.
    """

    action: Action
    filter: RunFilter = EVERY_RUN
    runs: Sequence[UUID] = ()
    reason: str = ""
    compensate: bool = False
    from_start: bool = False
    to: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """`count` runs would be taken into the job, which may have `limit`; more than that are not counted.

    `until` is the moment that was counted at: a filter with it means no run made later.
    """

    count: int
    limit: int
    until: datetime


def preview(actor: Actor, order: Order) -> Count:
    """How many runs a job would take. Raises Forbidden, BadInput."""
    access.require(actor, NEEDS[order.action])
    until = timezone.now()
    rows = _chosen(actor, order, until)
    return Count(count=rows[: MAX_RUNS + 1].count(), limit=MAX_RUNS, until=until)


@transaction.atomic
def make_job(actor: Actor, order: Order) -> Job:
    """Choose the runs; the worker hosts do the rest.

    Raises Forbidden, BadInput, NothingChosen, LimitExceeded for more runs than a job may have, TooManyJobs.
    """
    access.require(actor, NEEDS[order.action])
    with connection.cursor() as cursor:
        # Two that are made at once must not both find room.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"jobs:{actor.workspace}"])
    if Job.objects.filter(workspace_id=actor.workspace, status="running").count() >= MAX_JOBS:
        raise TooManyJobs(limit=MAX_JOBS)
    now = timezone.now()
    rows = _chosen(actor, order, now)
    job = Job(
        id=new_id(),
        workspace_id=actor.workspace,
        action=order.action,
        filter={"runs": len(order.runs)} if order.runs else order.filter.shown(),
        options=_options(order),
        user_id=actor.user,
        by_user=actor.user is not None,
        actor=actor.name[:200],
    )
    job.save(force_insert=True)
    job.total = _take(job.pk, rows)
    if job.total == 0:
        raise NothingChosen
    if job.total > MAX_RUNS:
        raise LimitExceeded(what="The number of runs of a job", size=f"over {MAX_RUNS}", limit=MAX_RUNS)
    job.save(update_fields=["total"])
    audit.record(
        actor, VERBS[order.action], f"{job.total} runs", job=str(job.pk), filter=job.filter, options=job.options
    )
    return job


def stop_job(actor: Actor, job: UUID) -> Job:
    """What is done stays done; the rest is left alone. One that has ended is answered as it is. Raises NotFound."""
    access.require(actor, Permission.RUNS_STEER)
    with transaction.atomic():
        found = _jobs(actor).select_for_update(of=("self",)).filter(pk=job).first()
        if found is None:
            raise NotFound(thing="job")
        if found.status == "running":
            found.status, found.stopped_by, found.finished_at = "stopped", actor.name[:200], timezone.now()
            found.save(update_fields=["status", "stopped_by", "finished_at"])
            audit.record(actor, "stopped", f"a job over {found.total} runs", job=str(found.pk))
    return found


def find_job(actor: Actor, job: UUID) -> Job:
    """Raises NotFound."""
    access.require(actor, Permission.RUNS_READ)
    found = _jobs(actor).filter(pk=job).first()
    if found is None:
        raise NotFound(thing="job")
    return found


def list_jobs(actor: Actor, *, cursor: str | None = None, limit: int = 50) -> Page[Job]:
    """The workspace's jobs, newest first."""
    access.require(actor, Permission.RUNS_READ)
    return page_of(_jobs(actor), cursor=cursor, limit=limit)


def results_of(
    actor: Actor, job: UUID, *, outcome: str | None = None, cursor: str | None = None, limit: int = 50
) -> Page[JobResult]:
    """What came of each run, in the order they are taken; `outcome` is done, refused or pending. Raises NotFound."""
    rows = JobResult.objects.filter(job=find_job(actor, job))
    if outcome is not None:
        rows = rows.filter(outcome="" if outcome == "pending" else outcome)
    if cursor is not None:
        rows = rows.filter(run_id__gt=read_cursor(cursor))
    size = max(1, min(limit, MAX_LIMIT))
    found = list(rows.order_by("run_id")[: size + 1])
    shown = found[:size]
    return Page(rows=shown, next=str(shown[-1].run_id) if len(found) > size else None)


def _jobs(actor: Actor) -> QuerySet[Job]:
    return Job.objects.filter(workspace_id=actor.workspace)


def _chosen(actor: Actor, order: Order, until: datetime) -> QuerySet[Run]:
    """Runs named are all taken, and told why where nothing can be done; a filter takes those it could be done to."""
    if (order.action == "move") != (order.to is not None):
        raise BadInput(reason=phrase("a move says to which version, and nothing else does"))
    if order.action == "move" and not order.runs and order.filter.flow is None:
        raise BadInput(reason=phrase("a move is of the runs of one flow: the filter names it"))
    if order.runs:
        if len(order.runs) > MAX_CHOSEN:
            raise LimitExceeded(what="The number of runs named", size=len(order.runs), limit=MAX_CHOSEN)
        named = Run.objects.filter(workspace_id=actor.workspace, pk__in=order.runs)
        if order.action == "move" and named.order_by().values("flow_id").distinct().count() > 1:
            raise BadInput(reason=phrase("a move is of the runs of one flow: these are of several"))
        return named
    asked = order.filter
    rows = matching(actor.workspace, asked if asked.until and asked.until < until else replace(asked, until=until))
    match order.action:
        case "retry":
            return rows.filter(status__in=("failed", "cancelled"), attended_at=None, parent_run=None)
        case "cancel":
            return rows.filter(status__in=LIVE)
        case "pause":
            return rows.filter(status__in=LIVE).exclude(status="paused")
        case "resume":
            return rows.filter(status="paused")
        case "move":
            return rows.filter(status__in=LIVE, started_at__isnull=False, version__isnull=False).exclude(
                version__number=order.to or 0
            )
        case "delete":
            return rows.exclude(status__in=LIVE)


def _take(job: UUID, rows: QuerySet[Run]) -> int:
    chosen = rows.order_by().annotate(flow_key=F("flow_id")).values_list("pk", "flow_key", "number")[: MAX_RUNS + 1]
    text, params = chosen.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(f"{TAKE} ({text}) AS q(id, flow, number)", [job, *params])
        return int(cursor.rowcount)


def _options(order: Order) -> dict[str, Any]:
    match order.action:
        case "retry":
            return {"from": "start" if order.from_start else "failed"}
        case "cancel":
            return {"reason": order.reason[:MAX_REASON], "compensate": order.compensate}
        case "pause":
            return {"reason": order.reason[:MAX_REASON]}
        case "move":
            return {"to": order.to, "reason": order.reason[:MAX_REASON]}
        case _:
            return {}
