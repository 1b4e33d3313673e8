"""Triggers of released versions, the slots of schedules, and the deliveries of webhooks already taken."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from flows.models.access import Workspace
from flows.models.base import Identified
from flows.models.flow import Flow, Version


class Trigger(Identified):
    """One trigger node of the released version; made and ended in the transaction of the release."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="triggers", verbose_name=_("workspace"))
    flow = models.ForeignKey(Flow, models.CASCADE, related_name="triggers", verbose_name=_("flow"))
    version = models.ForeignKey(Version, models.CASCADE, related_name="+", verbose_name=_("version"))
    node = models.CharField(_("node"), max_length=63)
    kind = models.CharField(_("kind"), max_length=40)
    config = models.TextField(default="{}")
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
                fields=["workspace", "path"], condition=Q(active=True) & ~Q(path=""), name="flows_trigger_path"
            ),
            models.UniqueConstraint(fields=["flow", "node"], condition=Q(active=True), name="flows_trigger_node"),
        ]
        indexes = [
            models.Index(fields=["next_at"], condition=Q(active=True, next_at__isnull=False), name="flows_trigger_due")
        ]

    def __str__(self) -> str:
        return f"{self.flow} · {self.node}"


class Slot(models.Model):
    """A moment of a schedule that was taken: unique, so that it starts one run however many hosts look."""

    trigger = models.ForeignKey(Trigger, models.CASCADE, related_name="+")
    at = models.DateTimeField()
    taken_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["trigger", "at"], name="flows_slot_once")]

    def __str__(self) -> str:
        return f"{self.trigger_id} {self.at:%Y-%m-%dT%H:%M:%SZ}"


class Delivery(models.Model):
    """A webhook delivery by the sender's own id, so that its repetition starts nothing."""

    trigger = models.ForeignKey(Trigger, models.CASCADE, related_name="+")
    key = models.CharField(max_length=255)
    run_id = models.UUIDField(null=True)
    received_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["trigger", "key"], name="flows_delivery_once")]
        verbose_name_plural = "deliveries"

    def __str__(self) -> str:
        return self.key
