"""Messages in and out: what the world tells a run, and what a run tells the world."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Func, Q, Value
from django.utils.translation import gettext_lazy as _

from flows.models.access import Workspace
from flows.models.base import Identified
from flows.models.run import Run


class Inbox(Identified):
    """A signal, cancel, pause or resume for a run; consumed into the journal in one transaction."""

    # Not constrained: the purge deletes both, and the check would look through the whole table for each run.
    run = models.ForeignKey(Run, models.CASCADE, related_name="+", db_index=False, db_constraint=False)
    kind = models.CharField(max_length=20)
    name = models.CharField(max_length=200, blank=True, default="")
    key = models.CharField(max_length=255, null=True)
    payload = models.TextField(default="null")
    created_at = models.DateTimeField(auto_now_add=True)
    consumed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["run", "kind", "name", "key"], condition=Q(key__isnull=False), name="flows_inbox_once"
            )
        ]
        indexes = [models.Index(fields=["run", "id"], condition=Q(consumed_at__isnull=True), name="flows_inbox_open")]

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


class Destination(Identified):
    """Where published messages go: what kind of sink, how it is reached, and the topics that are routed to it."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+", verbose_name=_("workspace"))
    name = models.CharField(_("name"), max_length=100)
    kind = models.CharField(_("kind"), max_length=40, default="http")
    config = models.JSONField(_("settings"), default=dict)
    # A topic, or the beginning of topics with a star behind it: `orders.paid`, `orders.*`, `*`.
    topics = ArrayField(models.CharField(max_length=201), default=list, verbose_name=_("topics"))
    credential = models.CharField(_("credential"), max_length=100, blank=True, default="")
    signing = models.CharField(_("signing secret"), max_length=100, blank=True, default="")
    is_active = models.BooleanField(_("delivers"), default=True)
    max_attempts = models.PositiveIntegerField(_("attempts at most"), default=20)
    max_age = models.PositiveIntegerField(_("tried for so many seconds at most"), default=86_400)
    waits_for_dead = models.BooleanField(_("later messages wait for a dead one"), default=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    # Its deliveries name it for as long as they are kept.
    deleted_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = _("destination")
        verbose_name_plural = _("destinations")
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "name"], condition=Q(deleted_at=None), name="flows_destination_name"
            )
        ]

    def __str__(self) -> str:
        return self.name


class Outbox(Identified):
    """A message to the world, written in the transaction of the state it speaks of, and never changed.

    `step`: the step that published it; empty for the product's own (alerts, letters).
    """

    run = models.ForeignKey(Run, models.CASCADE, null=True, related_name="+", db_index=False, db_constraint=False)
    workspace = models.ForeignKey(Workspace, models.CASCADE, null=True, related_name="+", db_index=False)
    step = models.TextField(blank=True, default="", db_default="")
    topic = models.CharField(max_length=200)
    key = models.CharField(max_length=255, blank=True, default="")
    payload = models.TextField()
    headers = models.TextField(default="{}", db_default="{}")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["run"], name="flows_outbox_run")]

    def __str__(self) -> str:
        return self.topic


class Delivery(Identified):
    """One message on its way to one destination; without a destination: the product's own, or nobody takes its topic.

    `lane`: what keeps its order, empty where nothing does. `position` grows: what was written after another was
    committed stands behind it, whichever host wrote it. `blocks`: later ones of the lane wait for it. `owner`: the
    advisory lock of the relay that is sending it.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        SENT = "sent", _("delivered")
        DEAD = "dead", _("dead")
        DROPPED = "dropped", _("dropped")

    message = models.ForeignKey(Outbox, models.CASCADE, related_name="deliveries")
    workspace = models.ForeignKey(Workspace, models.CASCADE, null=True, related_name="+", db_index=False)
    destination = models.ForeignKey(Destination, models.RESTRICT, null=True, related_name="+", db_index=False)
    lane = models.CharField(max_length=512, blank=True, default="")
    position = models.BigIntegerField(db_default=Func(Value("flows_delivery_position"), function="nextval"))
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.WAITING)
    blocks = models.BooleanField(default=True)
    owner = models.BigIntegerField(null=True)
    tries = models.PositiveIntegerField(_("attempts"), default=0)
    since = models.DateTimeField(_("since"), auto_now_add=True)
    next_try_at = models.DateTimeField(_("next attempt"), auto_now_add=True)
    done_at = models.DateTimeField(null=True)
    last_error = models.TextField(_("last error"), blank=True, default="")

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        indexes = [
            models.Index(
                fields=["destination", "position"], condition=Q(state="waiting", owner=None), name="flows_delivery_open"
            ),
            models.Index(fields=["lane", "position"], condition=Q(blocks=True), name="flows_delivery_lane"),
            models.Index(fields=["owner"], condition=Q(owner__isnull=False), name="flows_delivery_owner"),
            models.Index(
                fields=["workspace", "state", "id"],
                condition=Q(state__in=("waiting", "dead")),
                name="flows_delivery_told",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.lane} {self.state}"
