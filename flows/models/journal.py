"""The journal's tables: events, the newest snapshot of a run, payloads by content hash, and which run needs which.

Django creates them and reads them in the admin; only `flows.journal` writes them, with psycopg.
Event data is text, never jsonb: the bytes are the truth that a run is folded from.
"""

from django.db import models

from flows.models.flow import Version
from flows.models.run import Run


class Event(models.Model):
    pk = models.CompositePrimaryKey("run", "seq")
    # No constraint: a check per event would double the cost of the hottest write; the fence already proved the run.
    run = models.ForeignKey(Run, models.CASCADE, related_name="events", db_index=False, db_constraint=False)
    seq = models.BigIntegerField()
    kind = models.CharField(max_length=40)
    step = models.TextField(null=True)
    # Microseconds since the Unix epoch, as the engine counts: exact, and cheap to write.
    at = models.BigIntegerField()
    data = models.TextField()

    class Meta:
        db_table = "flows_event"

    def __str__(self) -> str:
        return f"{self.seq} {self.kind}"


class Snapshot(models.Model):
    """The state of the machine after `seq`; only the newest stays."""

    run = models.OneToOneField(Run, models.CASCADE, primary_key=True, related_name="snapshot")
    seq = models.BigIntegerField()
    codec = models.PositiveSmallIntegerField()
    data = models.BinaryField()

    class Meta:
        db_table = "flows_snapshot"

    def __str__(self) -> str:
        return f"{self.run_id} @ {self.seq}"


class WentBy(models.Model):
    """A version that a run went by before it was moved to another: its journal can't be followed without it."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="went_by", db_index=False, db_constraint=False)
    version = models.ForeignKey(Version, models.PROTECT, related_name="+")

    class Meta:
        db_table = "flows_wentby"
        constraints = [models.UniqueConstraint(fields=["run", "version"], name="flows_wentby_once")]

    def __str__(self) -> str:
        return f"{self.run_id} by {self.version_id}"


class Payload(models.Model):
    """A value over 32 KiB, or the document of a draft's run, stored once by content."""

    hash = models.CharField(max_length=64, primary_key=True)
    size = models.BigIntegerField()
    data = models.BinaryField()
    last_used_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "flows_payload"

    def __str__(self) -> str:
        return self.hash


class PayloadUse(models.Model):
    """A run's journal, or its row, names this payload. What no run needs any more goes.

    `removed_after`: the days after which the run let its content go; empty while it needs it.
    """

    pk = models.CompositePrimaryKey("run", "hash")
    run = models.ForeignKey(Run, models.CASCADE, related_name="uses", db_index=False, db_constraint=False)
    hash = models.CharField(max_length=64)
    removed_after = models.PositiveIntegerField(null=True)

    class Meta:
        db_table = "flows_payloaduse"
        indexes = (models.Index(fields=["hash"], name="payload_needed", condition=models.Q(removed_after=None)),)

    def __str__(self) -> str:
        return f"{self.run_id} {self.hash}"
