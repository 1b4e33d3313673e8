"""Dead letters: failed runs that nobody has dealt with. A view over the runs, no other truth.

A run leaves the list when it is run again, from here or anywhere else, or when someone dismisses it. Test runs are
nobody's worry, and a run that was called is its caller's.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

import orjson
from django.db.models import QuerySet
from django.utils import timezone

from flows.errors import MulgilError, NotFound
from flows.models import Run
from flows.operations import access, audit
from flows.operations.access import Permission
from flows.operations.actor import Actor
from flows.operations.pages import Page, page_of
from flows.operations.rerunning import Again, rerun

MAX_CHOSEN: Final = 200


@dataclass(frozen=True, slots=True)
class Retries:
    """Each run with the run that follows it, and each that could not be run again with the reason."""

    retried: list[tuple[UUID, UUID]]
    refused: list[tuple[UUID, MulgilError]]


def list_dead_letters(
    actor: Actor, *, flow: UUID | None = None, cursor: str | None = None, limit: int = 50
) -> Page[Run]:
    """The workspace's dead letters, newest first."""
    access.require(actor, Permission.RUNS_READ)
    rows = (
        _dead(actor)
        .select_related("flow", "version", "environment")
        .defer("version__document", "input", "output", "part")
    )
    return page_of(rows if flow is None else rows.filter(flow_id=flow), cursor=cursor, limit=limit)


def retry(actor: Actor, runs: Sequence[UUID]) -> Retries:
    """Run each again from the step that failed, with the outputs before it; one that can't be stops no other."""
    access.require(actor, Permission.RUNS_START)
    dead = dict(_dead(actor).filter(pk__in=runs).values_list("pk", "error"))
    done = Retries([], [])
    for run in dict.fromkeys(runs):
        try:
            if run not in dead:
                raise NotFound(thing="dead letter")
            done.retried.append((run, rerun(actor, run, from_failed_step(dead[run])).run.id))
        except MulgilError as error:
            done.refused.append((run, error))
    if done.retried:
        audit.record(
            actor, "ran again", f"{len(done.retried)} dead letters", runs=[str(run) for run, _ in done.retried]
        )
    return done


def dismiss(actor: Actor, runs: Sequence[UUID]) -> int:
    """Take them off the list; the runs stay. How many were on it."""
    access.require(actor, Permission.RUNS_STEER)
    dismissed = _dead(actor).filter(pk__in=runs).update(attended_at=timezone.now())
    if dismissed:
        audit.record(actor, "dismissed", f"{dismissed} dead letters", runs=[str(run) for run in runs])
    return dismissed


def _dead(actor: Actor) -> QuerySet[Run]:
    return Run.objects.filter(
        workspace_id=actor.workspace, status="failed", attended_at=None, is_test=False, parent_run=None
    )


def from_failed_step(error: str | None) -> Again:
    """Run it again from where it failed; of a list only what has no output."""
    step = failed_step(error)
    return Again(from_step=step, items="failed" if step is not None else None)


def failed_step(error: str | None) -> str | None:
    """The step where it began; None for a run whose time was over."""
    shown = orjson.loads(error) if error else {}
    step = shown.get("step")
    return str(step) if step else None
