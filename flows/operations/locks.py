"""Locks as people see them: who holds which, who stands in line for it, and taking one away by hand."""

from dataclasses import dataclass
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Count, OuterRef, Subquery
from django.utils import timezone

from flows.errors import BadInput, Conflict, NotFound
from flows.models import LockPlace, Run
from flows.operations import access, audit
from flows.operations.access import Permission
from flows.operations.actor import Actor
from flows.operations.pages import MAX_LIMIT, Page


class LockNotHeld(Conflict):
    """The lock {name} is not held there any more."""

    code = "lock_not_held"
    hint = "Look at who holds it now; to take a run out of the line, cancel the run."


@dataclass(frozen=True, slots=True)
class Standing:
    """A place at a lock; `line`: the how manieth in line it is, from 1; None for who is inside."""

    place: LockPlace
    line: int | None


def list_locks(
    actor: Actor, *, name: str | None = None, run: UUID | None = None, cursor: str | None = None, limit: int = 50
) -> Page[Standing]:
    """Who holds locks of the workspace and who stands in line, in the order of arrival. Raises BadInput."""
    access.require(actor, Permission.RUNS_READ)
    found = LockPlace.objects.filter(workspace_id=actor.workspace, run__finished_at__isnull=True)
    if name is not None:
        found = found.filter(name=name)
    if run is not None:
        found = found.filter(run_id=run)
    if cursor is not None:
        if not (cursor.isascii() and cursor.isdigit() and len(cursor) < 19):
            raise BadInput(reason="the cursor is not one that this list gave")
        found = found.filter(pk__gt=int(cursor))
    size = max(1, min(limit, MAX_LIMIT))
    before = LockPlace.objects.filter(
        workspace_id=OuterRef("workspace_id"),
        name=OuterRef("name"),
        token__isnull=True,
        run__finished_at__isnull=True,
        pk__lte=OuterRef("pk"),
    )
    counted = before.order_by().values("name").annotate(count=Count("pk")).values("count")
    rows = list(
        found.select_related("run__flow", "run__version").annotate(line=Subquery(counted)).order_by("pk")[: size + 1]
    )
    shown = [Standing(row, row.line if row.token is None else None) for row in rows[:size]]
    return Page(rows=shown, next=str(shown[-1].place.pk) if len(rows) > size else None)


@transaction.atomic
def release_lock(actor: Actor, place: int) -> Standing:
    """Take a lock from who holds it; whoever is next is let in under a greater token.

    The run isn't told and goes on: what it sends from then on carries a token that its targets can refuse. Raises
    NotFound, LockNotHeld.
    """
    access.require(actor, Permission.RUNS_STEER)
    known = LockPlace.objects.filter(pk=place, workspace_id=actor.workspace).values("run_id", "name").first()
    if known is None:
        raise NotFound(thing="lock")
    # The run first, as everyone takes them who writes to places.
    Run.objects.select_for_update(no_key=True).filter(pk=known["run_id"]).first()
    held = LockPlace.objects.select_related("run__flow", "run__version").filter(
        pk=place, token__isnull=False, released_at__isnull=True, run__finished_at__isnull=True
    )
    found = held.first()
    if found is None:
        raise LockNotHeld(name=known["name"])
    found.released_at, found.released_by = timezone.now(), actor.name[:200]
    found.save(update_fields=["released_at", "released_by"])
    audit.record(
        actor, "released", f"lock {found.name}", run=str(found.run_id), step=found.step[:200], token=found.token
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify('mulgil_ready', '')")
    return Standing(found, None)
