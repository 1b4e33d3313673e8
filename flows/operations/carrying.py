"""Carrying jobs on: a bounded piece at each tick of a worker host, in whichever process, after whatever crash.

What is done to a run and that it was done are committed together, under the job's row lock: a piece that was cut off
never happened, one that was committed is never done again, and several hosts take turns. It decides how much is done
in one go and what a refusal is; the things themselves are done by the verbs that do them to one run.
"""

import time
from collections.abc import Callable, Sequence
from typing import Final
from uuid import UUID

from django.db import DataError, IntegrityError, connection, transaction
from django.db.models import F
from django.utils import timezone

from flows.errors import Conflict, MulgilError, NotFound
from flows.models import Job, JobResult, Membership, Run
from flows.models.access import Role
from flows.models.run import LIVE
from flows.operations import access
from flows.operations.actor import Actor, system
from flows.operations.administering import administered
from flows.operations.dead_letters import from_failed_step
from flows.operations.jobs import NEEDS
from flows.operations.moving import move
from flows.operations.rerunning import Again, rerun
from flows.operations.retention import delete_runs
from flows.operations.steering import RunEnded, send_to_all

SLICE: Final = 0.25
"""Seconds of one tick that jobs may take: schedules and messages have the rest."""
BATCH: Final = 200
PIECE: Final = {"retry": 1, "move": 20}
"""Runs in one piece of what is looked at run by run."""
MAX_READY: Final = 1_000
"""Runs that may wait for an executor before retries of their workspace wait too."""

UNFORESEEN: Final = (ValueError, LookupError, DataError, IntegrityError)
"""One run with something in it that nobody thought of must not keep all others from their turn."""

READY: Final = """
SELECT count(*) FROM (SELECT 1 FROM flows_run WHERE workspace_id = %s AND status = 'queued' AND owner IS NULL
  AND NOT held LIMIT %s) AS ready
"""
# In the order of ids, as every other writer of several runs takes them; a run that is deleted is owned by nobody.
ENDED: Final = """
SELECT id FROM flows_run WHERE id = ANY(%s) AND status <> ALL(%s) AND owner IS NULL ORDER BY id FOR UPDATE
"""
DONE: Final = "UPDATE flows_jobresult SET outcome = 'done' WHERE job_id = %s AND run_id = ANY(%s)"


class AttendedAlready(Conflict):
    """This run was run again already, or dismissed."""

    code = "attended_already"


class NotFailed(Conflict):
    """Only a run that failed or was cancelled is run again by a job; this one is {status}."""

    code = "not_failed"


class CalledRun(Conflict):
    """Another run called this one; its failure is its caller's."""

    code = "called_run"
    hint = "Run the caller again."


class StillGoing(Conflict):
    """The run is {status}; only one that has ended can be deleted."""

    code = "still_going"


def carry_jobs(seconds: float = SLICE) -> bool:
    """Carry on what stands, for so long; whether something is left to do."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if not _carry_one():
            break
    return Job.objects.filter(status="running").exists()


@transaction.atomic
def _carry_one() -> bool:
    """A piece of the job whose turn it is; False where there is none, or its runs have to wait."""
    open_jobs = Job.objects.filter(status="running").order_by("carried_at")
    job = open_jobs.select_for_update(skip_locked=True, of=("self",)).first()
    if job is None:
        return False
    job.carried_at = timezone.now()
    actor = _actor(job)
    if actor is None:
        job.status, job.stopped_by, job.finished_at = "stopped", "mulgil", timezone.now()
        job.save(update_fields=["status", "stopped_by", "finished_at", "carried_at"])
        return True
    if job.action == "retry" and _is_crowded(job.workspace_id):
        job.save(update_fields=["carried_at"])
        return False
    most = PIECE.get(job.action, BATCH)
    open_rows = JobResult.objects.filter(job=job, outcome="").order_by("run_id")
    runs = list(open_rows.values_list("run_id", flat=True)[:most])
    if not runs:
        job.status, job.finished_at = "done", timezone.now()
    else:
        done = PIECES[job.action](actor, job, runs)
        job.done, job.refused = F("done") + done, F("refused") + len(runs) - done
    job.save(update_fields=["status", "finished_at", "carried_at", "done", "refused"])
    return True


def _actor(job: Job) -> Actor | None:
    """Who made it, with the rights they have now; None where they may do this no longer."""
    if not job.by_user:
        return system(job.workspace_id, job.actor)
    if job.user_id is None:
        return None
    rows = Membership.objects.filter(workspace_id=job.workspace_id, user_id=job.user_id, user__is_active=True)
    role = rows.values_list("role", flat=True).first()
    # Who made it in the admin may look after the workspace without being one of its members.
    if administered(job.user_id).filter(pk=job.workspace_id).exists():
        role = Role.ADMIN
    if role is None:
        return None
    actor = Actor(user=job.user_id, name=job.actor, workspace=job.workspace_id, role=role)
    return actor if access.may(actor, NEEDS[job.action]) else None


def _is_crowded(workspace: UUID) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(READY, [workspace, MAX_READY])
        return bool(cursor.fetchone()[0] >= MAX_READY)


def _retry(actor: Actor, job: Job, runs: Sequence[UUID]) -> int:
    (run,) = runs
    try:
        # What a refused start had begun to write is taken back; that it was refused is kept.
        with transaction.atomic():
            made = _run_again(actor, job, run)
    except MulgilError as error:
        _refuse(job, run, error)
        return 0
    except UNFORESEEN as error:
        _refuse(job, run, Conflict(reason=f"{type(error).__name__}: {error}"))
        return 0
    JobResult.objects.filter(job=job, run_id=run).update(outcome="done", made=made)
    return 1


def _run_again(actor: Actor, job: Job, run: UUID) -> UUID:
    row = Run.objects.select_for_update(of=("self",)).filter(pk=run, workspace_id=job.workspace_id)
    old = row.only("status", "attended_at", "parent_run_id", "error").first()
    if old is None:
        raise NotFound(thing="run")
    if old.status not in ("failed", "cancelled"):
        raise NotFailed(status=old.status)
    if old.attended_at is not None:
        raise AttendedAlready
    if old.parent_run_id is not None:
        raise CalledRun
    again = from_failed_step(old.error) if job.options.get("from") != "start" else Again()
    made = rerun(actor, run, again).run.id
    # A test run stays off the list of dead letters by itself, but must not be run again by the next job either.
    Run.objects.filter(pk=run, attended_at=None).update(attended_at=timezone.now())
    return made


def _send(actor: Actor, job: Job, runs: Sequence[UUID]) -> int:
    letter = {**job.options, "by": actor.name}
    told = send_to_all(job.workspace_id, runs, job.action, letter, key=f"job:{job.pk}")
    return _settle(job, runs, told, lambda status: RunEnded(status=status))


def _move(actor: Actor, job: Job, runs: Sequence[UUID]) -> int:
    return sum(_move_one(actor, job, run) for run in runs)


def _move_one(actor: Actor, job: Job, run: UUID) -> bool:
    """Whether the run fits the version, so that it is asked to go by it."""
    try:
        with transaction.atomic():
            move(actor, run, job.options["to"], reason=job.options.get("reason", ""), key=f"job:{job.pk}")
    except MulgilError as error:
        _refuse(job, run, error)
        return False
    except UNFORESEEN as error:
        _refuse(job, run, Conflict(reason=f"{type(error).__name__}: {error}"))
        return False
    JobResult.objects.filter(job=job, run_id=run).update(outcome="done")
    return True


def _delete(actor: Actor, job: Job, runs: Sequence[UUID]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(ENDED, [list(runs), list(LIVE)])
        ended = [run for (run,) in cursor.fetchall()]
    delete_runs(ended)
    return _settle(job, runs, ended, lambda status: StillGoing(status=status))


def _settle(job: Job, runs: Sequence[UUID], done: Sequence[UUID], why: Callable[[str], MulgilError]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(DONE, [job.pk, list(done)])
    left = [run for run in runs if run not in set(done)]
    statuses = dict(Run.objects.filter(pk__in=left).values_list("pk", "status"))
    for run in left:
        _refuse(job, run, why(statuses[run]) if run in statuses else NotFound(thing="run"))
    return len(done)


def _refuse(job: Job, run: UUID, error: MulgilError) -> None:
    fields = {name: str(value) for name, value in error.fields.items()}
    refused = {"outcome": "refused", "code": error.code, "template": error.template, "fields": fields}
    JobResult.objects.filter(job=job, run_id=run).update(**refused)


PIECES: Final[dict[str, Callable[[Actor, Job, Sequence[UUID]], int]]] = {
    "retry": _retry,
    "cancel": _send,
    "pause": _send,
    "resume": _send,
    "move": _move,
    "delete": _delete,
}
