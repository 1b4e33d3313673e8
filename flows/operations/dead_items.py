"""Dead letters of items: what a step that collects failures has gone on without. Run again, or dismissed.

They leave the list when their step is run again, from here or anywhere else; what fails of it then stands in the run
that ran it. A called run's items are here as well: its caller never hears of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from flows.errors import MulgilError, NotFound
from flows.models import FailedItems
from flows.operations import access, audit
from flows.operations.access import Permission
from flows.operations.actor import Actor
from flows.operations.pages import Page, page_of
from flows.operations.rerunning import Again, rerun

MAX_CHOSEN: Final = 200


@dataclass(frozen=True, slots=True)
class Retries:
    """Each letter with the run that runs its items again, and each that could not be run again with the reason."""

    retried: list[tuple[UUID, UUID]]
    refused: list[tuple[UUID, MulgilError]]


def list_dead_items(
    actor: Actor, *, flow: UUID | None = None, cursor: str | None = None, limit: int = 50
) -> Page[FailedItems]:
    """The workspace's, newest first."""
    access.require(actor, Permission.RUNS_READ)
    rows = _open(actor).select_related("run", "run__flow")
    return page_of(rows if flow is None else rows.filter(run__flow_id=flow), cursor=cursor, limit=limit)


def retry(actor: Actor, letters: Sequence[UUID]) -> Retries:
    """Run the failed items of each again, and what follows their step; one that can't be stops no other."""
    access.require(actor, Permission.RUNS_START)
    found = {
        letter: (run, step)
        for letter, run, step in _open(actor).filter(pk__in=letters).values_list("pk", "run_id", "step")
    }
    done = Retries([], [])
    for letter in dict.fromkeys(letters):
        try:
            if letter not in found:
                raise NotFound(thing="dead letter")
            run, step = found[letter]
            done.retried.append((letter, rerun(actor, run, Again(from_step=step, items="failed")).run.id))
        except MulgilError as error:
            done.refused.append((letter, error))
    return done


def dismiss(actor: Actor, letters: Sequence[UUID]) -> int:
    """Take them off the list; the runs stay. How many were on it."""
    access.require(actor, Permission.RUNS_STEER)
    dismissed = _open(actor).filter(pk__in=letters).update(attended_at=timezone.now())
    if dismissed:
        audit.record(actor, "dismissed", f"{dismissed} dead letters", items=[str(letter) for letter in letters])
    return dismissed


def _open(actor: Actor) -> QuerySet[FailedItems]:
    return FailedItems.objects.filter(workspace_id=actor.workspace, attended_at=None)
