"""Jobs: something done to many runs, carried on by the worker hosts until each of them has its result."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from flows.models.access import Workspace
from flows.models.base import Identified


class Job(Identified):
    """One thing that is done to every run of a selection. Its runs are chosen when it is made, once and for all."""

    class Action(models.TextChoices):
        RETRY = "retry", _("run again")
        CANCEL = "cancel", _("cancel")
        PAUSE = "pause", _("pause")
        RESUME = "resume", _("resume")
        MOVE = "move", _("move to another version")
        DELETE = "delete", _("delete")

    class Status(models.TextChoices):
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        STOPPED = "stopped", _("stopped")

    workspace = models.ForeignKey(
        Workspace, models.CASCADE, related_name="+", db_index=False, verbose_name=_("workspace")
    )
    action = models.CharField(_("action"), max_length=10, choices=Action.choices)
    # What the runs were chosen by, and what is done to each: {"reason", "compensate"} or {"from"}.
    filter = models.JSONField(_("chosen by"), default=dict)
    options = models.JSONField(default=dict)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", db_index=False)
    by_user = models.BooleanField(default=True)
    actor = models.CharField(_("who"), max_length=200)
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.RUNNING)
    total = models.PositiveIntegerField(_("runs"), default=0)
    done = models.PositiveIntegerField(_("done"), default=0)
    refused = models.PositiveIntegerField(_("refused"), default=0)
    # Who stopped it; the product itself where whoever made it may no longer do this.
    stopped_by = models.CharField(_("stopped by"), max_length=200, blank=True, default="")
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    carried_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(_("finished"), null=True)

    class Meta:
        verbose_name = _("job")
        verbose_name_plural = _("jobs")
        indexes = [
            models.Index(fields=["workspace", "-id"], name="flows_job_recent"),
            # Whose turn it is: the one that was not carried on for the longest.
            models.Index(fields=["carried_at"], condition=Q(status="running"), name="flows_job_open"),
        ]

    def __str__(self) -> str:
        return f"{self.action} · {self.total}"


class JobResult(models.Model):
    """A run of a job, and what came of it: nothing yet, done, or refused for a reason.

    The reason is kept as the error's sentence and its fields, so that each reader gets it in their language.
    """

    pk = models.CompositePrimaryKey("job", "run_id")
    job = models.ForeignKey(Job, models.CASCADE, related_name="results", db_index=False)
    # No reference: a job may delete its runs, and retention deletes them later.
    run_id = models.UUIDField()
    flow_id = models.UUIDField()
    number = models.BigIntegerField()
    outcome = models.CharField(max_length=8, blank=True, default="", db_default="")
    code = models.CharField(max_length=60, blank=True, default="", db_default="")
    template = models.TextField(blank=True, default="", db_default="")
    fields = models.JSONField(default=dict, db_default=models.Value({}, models.JSONField()))
    # The run that a retry made.
    made = models.UUIDField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["job", "run_id"], condition=Q(outcome=""), name="flows_jobresult_open"),
            models.Index(fields=["job", "run_id"], condition=Q(outcome="refused"), name="flows_jobresult_refused"),
        ]

    def __str__(self) -> str:
        return f"#{self.number} {self.outcome}"
