"""Flows: made, renamed, duplicated, archived, restored, found. What they do is in their documents."""

from collections import Counter
from collections.abc import Sequence
from typing import Final
from uuid import UUID

from django.db import connection, transaction
from django.db.models import OuterRef, Prefetch, QuerySet, Subquery
from django.db.models.functions import JSONObject
from django.utils import timezone

from flows.errors import BadInput, NotFound
from flows.models import Draft, Flow, Live, Run
from flows.operations import access, audit, documents, numbers
from flows.operations.access import Permission
from flows.operations.activation import pause_triggers, resume_triggers
from flows.operations.actor import Actor
from flows.operations.pages import Page, page_of
from flows.security.safejson import Json

EMPTY: Final[dict[str, Json]] = {
    "dsl": 1,
    "nodes": [{"id": "start", "type": "trigger.manual", "position": {"x": 0, "y": 0}}],
    "edges": [],
}
MAX_NAME: Final = 200
MAX_TAG: Final = 40
MAX_TAGS: Final = 10


def list_flows(
    actor: Actor,
    *,
    archived: bool = False,
    search: str = "",
    tag: str = "",
    cursor: str | None = None,
    limit: int = 50,
) -> Page[Flow]:
    """The workspace's flows, newest first; with `tag` those that have it."""
    access.require(actor, Permission.FLOWS_READ)
    rows = _flows(actor).filter(archived_at__isnull=not archived)
    if search:
        rows = rows.filter(name__icontains=search)
    if tag:
        rows = rows.filter(tags__contains=[tag])
    return page_of(rows, cursor=cursor, limit=limit)


def list_tags(actor: Actor) -> list[tuple[str, int]]:
    """The tags of the workspace's flows in use, by name, each with how many have it."""
    access.require(actor, Permission.FLOWS_READ)
    rows = Flow.objects.filter(workspace_id=actor.workspace, archived_at=None).exclude(tags=[])
    found = Counter(tag for tags in rows.values_list("tags", flat=True) for tag in tags)
    return sorted(found.items())


@transaction.atomic
def tag_flow(actor: Actor, flow: UUID, *, tags: Sequence[str]) -> Flow:
    """Give a flow these tags and no others. Raises NotFound, BadInput."""
    access.require(actor, Permission.FLOWS_WRITE)
    cleaned = list(dict.fromkeys(" ".join(tag.split()) for tag in tags))
    if any(not 1 <= len(tag) <= MAX_TAG or "\x00" in tag or "," in tag for tag in cleaned):
        raise BadInput(reason=f"a tag has 1 to {MAX_TAG} characters and no comma")
    if len(cleaned) > MAX_TAGS:
        raise BadInput(reason=f"a flow has at most {MAX_TAGS} tags")
    found = lock_flow(actor, flow)
    if found.tags != cleaned:
        found.tags = cleaned
        found.save(update_fields=["tags", "updated_at"])
        audit.record(actor, "tagged", f"flow {found.name}", flow=str(flow), tags=cleaned)
    return found


def find_flow(actor: Actor, flow: UUID) -> Flow:
    """The flow by id. Raises NotFound alike for a missing one and another workspace's."""
    access.require(actor, Permission.FLOWS_READ)
    found = _flows(actor).filter(pk=flow).first()
    if found is None:
        raise NotFound(thing="flow")
    return found


@transaction.atomic
def create_flow(actor: Actor, *, name: str, document: Json | None = None) -> Flow:
    """A new flow with a first draft: the document given, or one with a manual trigger alone."""
    access.require(actor, Permission.FLOWS_WRITE)
    text = documents.to_text(EMPTY if document is None else document)
    flow = Flow.objects.create(workspace_id=actor.workspace, name=clean_name(name), created_by_id=actor.user)
    Draft.objects.create(flow=flow, document=text, updated_by_id=actor.user)
    numbers.begin(flow.pk)
    audit.record(actor, "created", f"flow {flow.name}", flow=str(flow.pk))
    return flow


@transaction.atomic
def rename_flow(actor: Actor, flow: UUID, *, name: str) -> Flow:
    access.require(actor, Permission.FLOWS_WRITE)
    found = lock_flow(actor, flow)
    before, found.name = found.name, clean_name(name)
    found.save(update_fields=["name", "updated_at"])
    audit.record(actor, "renamed", f"flow {found.name}", flow=str(flow), before=before)
    return found


def duplicate_flow(actor: Actor, flow: UUID, *, name: str | None = None) -> Flow:
    """A new flow that begins with this one's draft; its history stays behind."""
    found = find_flow(actor, flow)
    text = Draft.objects.values_list("document", flat=True).get(flow=found)
    return create_flow(actor, name=name or f"{found.name[: MAX_NAME - 7]} (copy)", document=documents.from_text(text))


@transaction.atomic
def archive_flow(actor: Actor, flow: UUID) -> Flow:
    """Triggers stop, starts are refused, runs go on, history stays. Archiving twice changes nothing."""
    access.require(actor, Permission.FLOWS_WRITE)
    found = lock_flow(actor, flow)
    if found.archived_at is None:
        found.archived_at = timezone.now()
        found.save(update_fields=["archived_at", "updated_at"])
        pause_triggers(found)
        audit.record(actor, "archived", f"flow {found.name}", flow=str(flow))
    return found


@transaction.atomic
def restore_flow(actor: Actor, flow: UUID) -> Flow:
    """Undo of archive_flow. Raises PathTaken where another flow has taken a webhook's path meanwhile."""
    access.require(actor, Permission.FLOWS_WRITE)
    found = lock_flow(actor, flow)
    if found.archived_at is not None:
        found.archived_at = None
        found.save(update_fields=["archived_at", "updated_at"])
        resume_triggers(found)
        audit.record(actor, "restored", f"flow {found.name}", flow=str(flow))
    return found


@transaction.atomic
def switch_triggers(actor: Actor, flow: UUID, *, active: bool) -> Flow:
    """Turn all triggers of a flow off or on; starts by hand and by the API go on."""
    access.require(actor, Permission.FLOWS_PUBLISH)
    found = lock_flow(actor, flow)
    if found.active != active:
        found.active = active
        found.save(update_fields=["active", "updated_at"])
        (resume_triggers if active else pause_triggers)(found)
        audit.record(actor, "turned on" if active else "turned off", f"flow {found.name}", flow=str(flow))
    return found


def lock_flow(actor: Actor, flow: UUID) -> Flow:
    """The flow's row, locked until the transaction ends: changes of one flow happen one after the other."""
    found = Flow.objects.select_for_update().filter(pk=flow, workspace_id=actor.workspace).first()
    if found is None:
        raise NotFound(thing="flow")
    return found


def tell_watchers(flow: UUID) -> None:
    """Wake the live views of a flow when the transaction commits."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify('mulgil_flows', %s)", [str(flow)])


def _flows(actor: Actor) -> QuerySet[Flow]:
    rows = Flow.objects.filter(workspace_id=actor.workspace).select_related("draft").defer("draft__document")
    rows = rows.prefetch_related(with_lives())
    return rows.annotate(last_run=_newest_run()) if Permission.RUNS_READ in access.allowed(actor) else rows


def with_lives() -> "Prefetch[str, QuerySet[Live], str]":
    """What is live of each flow, wherever it is, read with the flows in one more query."""
    rows = Live.objects.select_related("environment", "release__version", "release__canary").order_by("environment")
    return Prefetch("lives", rows.defer("release__version__document", "release__canary__document"))


def _newest_run() -> Subquery:
    """Of each flow, by its index, in the query that reads the flows."""
    newest = Run.objects.filter(flow_id=OuterRef("pk")).order_by("-pk")
    mark = JSONObject(id="id", status="status", number="number", created_at="created_at")
    return Subquery(newest.values(mark=mark)[:1])


def clean_name(name: str) -> str:
    """The name as it is kept, its spaces made single. Raises BadInput."""
    cleaned = " ".join(name.split())
    if not cleaned:
        raise BadInput(reason="a flow needs a name")
    if len(cleaned) > MAX_NAME:
        raise BadInput(reason=f"a name has at most {MAX_NAME} characters")
    return cleaned
