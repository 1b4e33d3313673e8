"""Executors that live, or lived: their advisory lock is the truth, this row is how to find it."""

from django.db import models


class Executor(models.Model):
    id = models.UUIDField(primary_key=True)
    lock = models.BigIntegerField(unique=True)
    host = models.CharField(max_length=255)
    pid = models.IntegerField()
    queues = models.TextField(default="default")
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.host}:{self.pid}"
