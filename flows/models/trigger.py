"""Triggers of released versions. A slot of a schedule or a delivery of a webhook that was taken is the
idempotency key of the run it started, so that its repetition starts nothing."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from flows.models.access import Workspace
from flows.models.base import Identified
from flows.models.environment import Environment
from flows.models.flow import Flow, Version


class Trigger(Identified):
    """One trigger node of the version released in an environment; made and ended in the transaction of the release."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="triggers", verbose_name=_("workspace"))
    flow = models.ForeignKey(Flow, models.CASCADE, related_name="triggers", verbose_name=_("flow"))
    environment = models.ForeignKey(Environment, models.CASCADE, related_name="+", verbose_name=_("environment"))
    version = models.ForeignKey(Version, models.CASCADE, related_name="+", verbose_name=_("version"))
    node = models.CharField(_("node"), max_length=63)
    kind = models.CharField(_("kind"), max_length=40)
    config = models.TextField(default="{}")
    credential = models.CharField(_("credential"), max_length=100, blank=True, default="")
    # A webhook's path with its parameter names blanked, so that two that would clash are equal.
    path = models.CharField(_("path"), max_length=500, blank=True, default="")
    next_at = models.DateTimeField(_("next start"), null=True)
    active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("trigger")
        verbose_name_plural = _("triggers")
        constraints = [
            models.UniqueConstraint(
                fields=["environment", "path"], condition=Q(active=True) & ~Q(path=""), name="flows_trigger_path"
            ),
            models.UniqueConstraint(
                fields=["flow", "environment", "node"], condition=Q(active=True), name="flows_trigger_node"
            ),
        ]
        indexes = [
            models.Index(fields=["next_at"], condition=Q(active=True, next_at__isnull=False), name="flows_trigger_due")
        ]

    def __str__(self) -> str:
        return f"{self.flow} · {self.node}"
