"""Whether the product can do its work: the database answers, its tables are of this release, an executor lives."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from flows.models import Executor

# A few beats of an executor's heartbeat.
SILENCE: Final = timedelta(seconds=30)

# A broker that listens for runs: the executor opens with the first one.
HOSTS: Final = """
SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'mulgil broker'
"""
# Both walk a partial index of what could be taken now, never the table.
READY: Final = """
SELECT count(*) FROM (SELECT 1 FROM flows_run WHERE status = 'queued' AND owner IS NULL LIMIT 100000) ready
"""
DUE: Final = """
SELECT count(*) FROM (SELECT 1 FROM flows_run WHERE owner IS NULL AND wake_at <= now() LIMIT 100000) ready
"""
# Of messages that wait or are dead the partial index knows; what is delivered isn't looked at.
OUTBOX: Final = """
SELECT count(*) FILTER (WHERE state = 'waiting'), count(*) FILTER (WHERE state = 'dead'),
    coalesce(extract(epoch FROM now() - min(since) FILTER (WHERE state = 'waiting')), 0)::bigint
FROM (SELECT state, since FROM flows_delivery WHERE state IN ('waiting', 'dead') LIMIT 100000) d
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitness:
    migrations: bool
    executor: bool

    @property
    def is_ready(self) -> bool:
        return self.migrations and self.executor


def fitness() -> Fitness:
    """Raises DatabaseError where the database doesn't answer."""
    executor = MigrationExecutor(connection)
    pending = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return Fitness(migrations=not pending, executor=executors() > 0)


def executors() -> int:
    """How many executors gave a sign of life lately; a worker host that has had nothing to do yet counts as one."""
    alive = Executor.objects.filter(seen_at__gt=timezone.now() - SILENCE).count()
    return alive or _waiting_hosts()


def _waiting_hosts() -> int:
    with connection.cursor() as cursor:
        cursor.execute(HOSTS)
        (hosts,) = cursor.fetchone()
    return int(hosts)


def queue_figures() -> dict[str, int]:
    """What waits: ready runs (counted up to 100,000), due ones, executors, messages and how old the oldest is."""
    with connection.cursor() as cursor:
        cursor.execute(READY)
        (ready,) = cursor.fetchone()
        cursor.execute(DUE)
        (due,) = cursor.fetchone()
        cursor.execute(OUTBOX)
        waiting, dead, oldest = cursor.fetchone()
    outbox = {"outbox_waiting": waiting, "outbox_dead": dead, "outbox_oldest_seconds": oldest}
    return {"ready": ready, "due": due, "executors": executors(), **outbox}
