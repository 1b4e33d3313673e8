"""Circuit breakers as people see them, and closing one by hand."""

from uuid import UUID

from django.db import transaction
from django.utils import timezone

from flows.errors import NotFound
from flows.models import Breaker
from flows.operations import access, audit
from flows.operations.access import Permission
from flows.operations.actor import Actor
from flows.operations.pages import Page, page_of


def list_breakers(actor: Actor, *, cursor: str | None = None, limit: int = 50) -> Page[Breaker]:
    """The targets of the workspace that have failed at least once, newest first."""
    access.require(actor, Permission.RUNS_READ)
    return page_of(Breaker.objects.filter(workspace_id=actor.workspace), cursor=cursor, limit=limit)


@transaction.atomic
def reset_breaker(actor: Actor, breaker: UUID) -> Breaker:
    """Close it now: the next attempts go through; what was put off before comes at its time. Raises NotFound."""
    access.require(actor, Permission.RUNS_STEER)
    found = Breaker.objects.select_for_update().filter(pk=breaker, workspace_id=actor.workspace).first()
    if found is None:
        raise NotFound(thing="circuit breaker")
    if found.state != Breaker.State.CLOSED or found.failures:
        was = found.state
        found.state, found.failures, found.trips, found.until = Breaker.State.CLOSED, 0, 0, None
        found.changed_at = timezone.now()
        found.save()
        audit.record(actor, "closed", f"circuit breaker {found.target}", was=was)
    return found
