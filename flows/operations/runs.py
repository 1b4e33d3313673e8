"""Runs as they are found and listed. What stands in them is read from the journal."""

from uuid import UUID

from django.db.models import QuerySet

from flows.errors import NotFound
from flows.journal import read
from flows.models import Run
from flows.operations import access
from flows.operations.access import Permission
from flows.operations.actor import Actor
from flows.operations.pages import Page, page_of
from flows.operations.resolving import written_input
from flows.operations.run_filter import RunFilter, matching
from flows.security.safejson import Json


def list_runs(actor: Actor, asked: RunFilter, *, cursor: str | None = None, limit: int = 50) -> Page[Run]:
    """The workspace's runs that the filter means, newest first, without their inputs and outputs."""
    access.require(actor, Permission.RUNS_READ)
    return page_of(_lean(matching(actor.workspace, asked)), cursor=cursor, limit=limit)


def find_run(actor: Actor, run: UUID) -> Run:
    """Raises NotFound alike for a missing one and another workspace's."""
    access.require(actor, Permission.RUNS_READ)
    found = _runs(actor).filter(pk=run).first()
    if found is None:
        raise NotFound(thing="run")
    return found


def read_run(actor: Actor, run: UUID) -> dict[str, Json]:
    """The run with its top-level steps. Raises NotFound."""
    find_run(actor, run)
    view = read.run_view(run)
    if view is None:
        raise NotFound(thing="run")
    return view


def read_step(actor: Actor, run: UUID, step: str) -> dict[str, Json]:
    """A step with its resolved input, output, attempts and logs. Raises NotFound."""
    find_run(actor, run)
    detail = read.step_detail(run, step)
    if detail is None:
        raise NotFound(thing="step")
    if detail["attempts"] and detail["input"] is None:
        detail["input"] = written_input(read.run_document(run), step)
    return detail


def _runs(actor: Actor) -> QuerySet[Run]:
    return _lean(Run.objects.filter(workspace_id=actor.workspace))


def _lean(rows: QuerySet[Run]) -> QuerySet[Run]:
    return rows.select_related("flow", "version").defer("version__document", "input", "output", "part")
