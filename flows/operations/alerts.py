"""Alerts: what needs a person, until one has seen it."""

from typing import Final
from uuid import UUID

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from flows.errors import NotFound
from flows.models import Alert, Membership, Run
from flows.operations import access, audit
from flows.operations.access import Permission
from flows.operations.actor import Actor
from flows.operations.pages import Page, page_of
from flows.security.safejson import Json

CONSOLE: Final = "django.core.mail.backends.console.EmailBackend"


def list_alerts(actor: Actor, *, seen: bool = False, cursor: str | None = None, limit: int = 50) -> Page[Alert]:
    """The workspace's alerts, newest first; those seen already only when asked for."""
    access.require(actor, Permission.RUNS_READ)
    rows = Alert.objects.filter(workspace_id=actor.workspace)
    return page_of(rows if seen else rows.filter(seen_at__isnull=True), cursor=cursor, limit=limit)


@transaction.atomic
def mark_seen(actor: Actor, alert: UUID) -> Alert:
    access.require(actor, Permission.RUNS_STEER)
    found = Alert.objects.select_for_update().filter(pk=alert, workspace_id=actor.workspace).first()
    if found is None:
        raise NotFound(thing="alert")
    if found.seen_at is None:
        found.seen_at = timezone.now()
        found.save(update_fields=["seen_at"])
        audit.record(actor, "saw", f"alert {found.code}", alert=str(alert))
    return found


def send_alert(told: Json) -> None:
    """Write an alert to the e-mail addresses of the workspace's admins; nobody is written to without an outgoing server.

    `told` is what the run said of it: `{run, step, reason, error}`. Raises what the mail server answers.
    """
    if settings.EMAIL_BACKEND == CONSOLE or not isinstance(told, dict):
        return
    run = (
        Run.objects.filter(pk=str(told.get("run"))).select_related("flow").only("number", "flow__name", "workspace_id")
    )
    found = run.first()
    if found is None:
        return
    admins = Membership.objects.filter(workspace_id=found.workspace_id, role="admin", user__is_active=True)
    addresses = [address for address in admins.values_list("user__email", flat=True) if address]
    subject = gettext("Mulgil: {flow} needs a person").format(flow=found.flow.name)
    error = told.get("error")
    message = error.get("message") if isinstance(error, dict) else ""
    body = f"{message}\n\n{settings.MULGIL.get('public_url') or ''}/runs/{found.pk}\n"
    send_mail(subject, body, None, addresses)
