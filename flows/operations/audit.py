"""The audit: one entry for every change a person or a program made, written in the change's own transaction."""

from typing import Any

from flows.models import AuditEntry
from flows.operations import access
from flows.operations.access import Permission
from flows.operations.actor import Actor
from flows.operations.pages import Page, page_of


def record(actor: Actor, verb: str, subject: str, **details: Any) -> None:
    """Write down that the actor did `verb` to `subject`; details hold no secrets."""
    AuditEntry.objects.create(
        workspace_id=actor.workspace,
        user_id=actor.user,
        actor=actor.name[:200],
        verb=verb,
        subject=subject[:200],
        details=details,
    )


def list_audit(actor: Actor, *, cursor: str | None = None, limit: int = 50) -> Page[AuditEntry]:
    """The workspace's entries, newest first."""
    access.require(actor, Permission.AUDIT_READ)
    return page_of(AuditEntry.objects.filter(workspace_id=actor.workspace), cursor=cursor, limit=limit)
