"""What people did, and what needs a person."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from flows.models.access import Workspace
from flows.models.base import Identified
from flows.models.flow import Flow


class AuditEntry(Identified):
    workspace = models.ForeignKey(Workspace, models.CASCADE, null=True, related_name="+", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", db_index=False)
    actor = models.CharField(_("who"), max_length=200)
    verb = models.CharField(_("did"), max_length=60)
    subject = models.CharField(_("to"), max_length=200)
    details = models.JSONField(_("details"), default=dict)
    at = models.DateTimeField(_("when"), auto_now_add=True)

    class Meta:
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit entries")
        indexes = [models.Index(fields=["workspace", "-id"], name="flows_audit_recent")]

    def __str__(self) -> str:
        return f"{self.actor} {self.verb} {self.subject}"


class Alert(Identified):
    """Something a person should see: a critical failure, an undo that failed, a guard that tripped."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+", db_index=False)
    flow = models.ForeignKey(Flow, models.CASCADE, null=True, related_name="+", db_index=False)
    run_id = models.UUIDField(null=True)
    step = models.TextField(blank=True, default="")
    code = models.CharField(_("code"), max_length=60)
    message = models.TextField(_("message"))
    created_at = models.DateTimeField(_("raised"), auto_now_add=True)
    seen_at = models.DateTimeField(_("seen"), null=True)

    class Meta:
        verbose_name = _("alert")
        verbose_name_plural = _("alerts")
        indexes = [
            models.Index(fields=["workspace", "-id"], condition=Q(seen_at__isnull=True), name="flows_alert_open")
        ]

    def __str__(self) -> str:
        return self.message
