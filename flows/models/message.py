"""Messages in and out: what the world tells a run, and what a run tells the world."""

from django.db import models
from django.db.models import Q

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


class Outbox(Identified):
    """A message to the world, written in the transaction of the state it speaks of; delivered at least once."""

    run = models.ForeignKey(Run, models.CASCADE, null=True, related_name="+", db_index=False, db_constraint=False)
    topic = models.CharField(max_length=200)
    key = models.CharField(max_length=255, blank=True, default="")
    payload = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)
    next_try_at = models.DateTimeField(auto_now_add=True)
    tries = models.PositiveIntegerField(default=0)
    sent_at = models.DateTimeField(null=True)
    last_error = models.TextField(blank=True, default="")

    class Meta:
        indexes = [models.Index(fields=["next_try_at"], condition=Q(sent_at__isnull=True), name="flows_outbox_open")]

    def __str__(self) -> str:
        return self.topic
