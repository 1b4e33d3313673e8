"""A run: one execution of one document with its input, and its place in the queue.

This table is the queue: `status`, `wake_at` and `owner` say whether an executor should take it. Its
columns beyond those are projections of the journal, written in the journal's own transactions.
"""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from flows.models.access import Workspace
from flows.models.base import Identified
from flows.models.environment import Environment, Setting
from flows.models.flow import Flow, Version


class Status(models.TextChoices):
    QUEUED = "queued", _("queued")
    RUNNING = "running", _("running")
    WAITING = "waiting", _("waiting")
    PAUSED = "paused", _("paused")
    COMPENSATING = "compensating", _("compensating")
    SUCCEEDED = "succeeded", _("succeeded")
    FAILED = "failed", _("failed")
    CANCELLED = "cancelled", _("cancelled")


LIVE = (Status.QUEUED, Status.RUNNING, Status.WAITING, Status.PAUSED, Status.COMPENSATING)


class Run(Identified):
    # Of these three the database checks the flow alone, at every start: a flow keeps its workspace and its versions for as
    # long as it is there, and it is there for as long as it has runs.
    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+", db_index=False, db_constraint=False)
    flow = models.ForeignKey(Flow, models.CASCADE, related_name="runs", db_index=False, verbose_name=_("flow"))
    version = models.ForeignKey(
        Version,
        models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        db_constraint=False,
        verbose_name=_("version"),
    )
    # Null: the workspace's default environment, and nothing that an environment gives. Both stay for as long as runs may
    # name them.
    environment = models.ForeignKey(
        Environment, models.DO_NOTHING, null=True, related_name="+", db_index=False, db_constraint=False
    )
    setting = models.ForeignKey(
        Setting, models.DO_NOTHING, null=True, related_name="+", db_index=False, db_constraint=False
    )
    # A run of a draft keeps the document it was frozen at, as a payload by this hash; a version's run has its version's.
    document_hash = models.CharField(max_length=64)
    # What of the document runs: {"only" | "until" | "from": node, "use_pins": bool, "given": {...}}; empty for all of it.
    part = models.TextField(blank=True, default="")
    number = models.BigIntegerField(_("number"))
    attempt = models.PositiveIntegerField(_("attempt"), default=1)
    # Not constrained: an old run may be purged while a later one still names it.
    rerun_of = models.ForeignKey(
        "self", models.DO_NOTHING, null=True, related_name="+", db_index=False, db_constraint=False
    )
    parent_run = models.ForeignKey(
        "self", models.DO_NOTHING, null=True, related_name="+", db_index=False, db_constraint=False
    )
    parent_step = models.TextField(blank=True, default="")
    # How many runs called one another down to this one, and whether the one above waits for its end.
    depth = models.PositiveSmallIntegerField(default=0, db_default=0)
    awaited = models.BooleanField(default=False, db_default=False)
    trigger = models.CharField(max_length=63)
    input = models.TextField()
    idempotency_key = models.CharField(max_length=255, null=True)
    request_hash = models.CharField(max_length=64, blank=True, default="")
    started_by = models.CharField(max_length=200, blank=True, default="")
    is_test = models.BooleanField(default=False)

    status = models.CharField(_("status"), max_length=12, choices=Status.choices, default=Status.QUEUED)
    priority = models.SmallIntegerField(_("priority"), default=0)
    queue = models.CharField(_("queue"), max_length=63, default="default")
    wake_at = models.DateTimeField(null=True)
    owner = models.UUIDField(null=True)
    fence = models.BigIntegerField(default=0)
    seq = models.BigIntegerField(default=0)
    careful = models.BooleanField(default=False)
    # Where the flow limits how many of it go at once: the key its runs share, and the limit when it started. Who is held
    # stands in line; `flows.runtime.lines` lets in.
    line = models.TextField(null=True)
    line_limit = models.PositiveIntegerField(null=True)
    held = models.BooleanField(default=False, db_default=False)
    # How many messages of its inbox wait. Senders add one, the executor subtracts what it consumed, in any order.
    mail = models.PositiveIntegerField(default=0)

    output = models.TextField(null=True)
    error = models.TextField(null=True)
    # A failed run is a dead letter until it was run again or someone said that nothing more is to be done.
    attended_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(_("created"))
    started_at = models.DateTimeField(_("started"), null=True)
    finished_at = models.DateTimeField(_("finished"), null=True)

    class Meta:
        verbose_name = _("run")
        verbose_name_plural = _("runs")
        constraints = [
            models.UniqueConstraint(
                fields=["flow", "idempotency_key"], condition=Q(idempotency_key__isnull=False), name="flows_run_once"
            )
        ]
        indexes = [
            # Most runs are in the default environment, and none of those is in this one.
            models.Index(
                fields=["environment", "-id"], condition=Q(environment__isnull=False), name="flows_run_environment"
            ),
            # The queue: only what could be taken now. Finished runs are in none of these, so cost grows with the work.
            models.Index(
                "queue",
                "workspace",
                models.F("priority").desc(),
                "id",
                condition=Q(status="queued", owner__isnull=True, held=False),
                name="flows_run_ready",
            ),
            # By queue first: a million runs parked in a queue that nobody serves here are not looked through.
            models.Index(
                fields=["queue", "wake_at"],
                condition=Q(owner__isnull=True, wake_at__isnull=False),
                name="flows_run_next",
            ),
            models.Index(fields=["owner"], condition=Q(owner__isnull=False), name="flows_run_owned"),
            # Those that ended with letters unread are left out: nobody will ever read them.
            models.Index(
                fields=["owner", "queue", "id"],
                condition=Q(mail__gt=0, finished_at__isnull=True),
                name="flows_run_mailed",
            ),
            models.Index(
                "flow",
                "line",
                "held",
                models.F("priority").desc(),
                "id",
                condition=Q(line__isnull=False, finished_at__isnull=True),
                name="flows_run_line",
            ),
            models.Index(fields=["flow", "line"], condition=Q(held=True), name="flows_run_held"),
            models.Index(
                fields=["parent_run", "id"], condition=Q(parent_run__isnull=False), name="flows_run_of_parent"
            ),
            models.Index(
                fields=["workspace", "-id"],
                condition=Q(status="failed", attended_at__isnull=True, is_test=False, parent_run__isnull=True),
                name="flows_run_dead",
            ),
            # Every look at which flows only fail asks for the newest failures of each.
            models.Index(
                fields=["flow", "-finished_at"],
                condition=Q(status="failed", is_test=False),
                name="flows_run_failed",
            ),
            models.Index(fields=["flow", "-id"], name="flows_run_of_flow"),
            models.Index(fields=["workspace", "-id"], name="flows_run_of_workspace"),
            # What people look for among a million runs that went well: those that go on, failed or were cancelled.
            models.Index(fields=["flow", "-id"], condition=~Q(status="succeeded"), name="flows_run_rest_of_flow"),
            models.Index(fields=["workspace", "-id"], condition=~Q(status="succeeded"), name="flows_run_rest"),
        ]

    def __str__(self) -> str:
        return f"#{self.number}"


class FailedItems(Identified):
    """Items that a step collected the failures of and went on without: dead letters, until they were run again or
    someone said that nothing more is to be done. Written in the transaction of the step's end.

    `count`: how many items there were, `failed` of which failed; `place`: the first of these, and why.
    """

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+", db_index=False)
    # Not constrained: the purge deletes both.
    run = models.ForeignKey(Run, models.CASCADE, related_name="+", db_index=False, db_constraint=False)
    step = models.TextField()
    failed = models.PositiveIntegerField()
    count = models.PositiveIntegerField()
    place = models.PositiveIntegerField()
    code = models.CharField(max_length=100)
    message = models.TextField()
    created_at = models.DateTimeField()
    attended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "step"], name="flows_faileditems_once")]
        indexes = [
            models.Index(
                fields=["workspace", "-id"], condition=Q(attended_at__isnull=True), name="flows_faileditems_open"
            )
        ]

    def __str__(self) -> str:
        return f"{self.failed} items of {self.step}"
