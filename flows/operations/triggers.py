"""Triggers as they are listed: what starts flows from outside, and when next."""

from flows.models import Trigger
from flows.operations import access
from flows.operations.access import Permission
from flows.operations.actor import Actor
from flows.operations.pages import Page, page_of


def list_triggers(actor: Actor, *, cursor: str | None = None, limit: int = 50) -> Page[Trigger]:
    """The triggers of the workspace's released versions, resting ones too."""
    access.require(actor, Permission.FLOWS_READ)
    rows = Trigger.objects.filter(workspace_id=actor.workspace).select_related(
        "flow", "version", "workspace", "environment"
    )
    return page_of(rows.defer("version__document"), cursor=cursor, limit=limit)
