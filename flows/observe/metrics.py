"""The numbers a process counts of its own work, for Prometheus.

With PROMETHEUS_MULTIPROC_DIR set (as `up` sets it) the processes of a host add up; what stands in the
database (queues, executors) is counted there at each scrape and not here.
"""

import os
from typing import Final

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

FLUSH_SECONDS: Final = Histogram(
    "mulgil_journal_flush_seconds", "A group commit of the journal",
    buckets=(0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1, 5),
)  # fmt: skip
FLUSH_ROWS: Final = Histogram(
    "mulgil_journal_flush_events", "Events in one group commit", buckets=(1, 5, 20, 50, 200, 1_000, 5_000, 20_000)
)
RUNS_CLAIMED: Final = Counter("mulgil_runs_claimed_total", "Runs taken by an executor", ["how"])
RUNS_ENDED: Final = Counter("mulgil_runs_ended_total", "Runs that ended", ["status"])
RUNS_LOST: Final = Counter("mulgil_runs_lost_total", "Runs whose writes were refused, being another executor's")
ATTEMPTS: Final = Counter(
    "mulgil_attempts_total", "Attempts of steps that waited for the world, by outcome", ["type", "outcome"]
)
ATTEMPT_SECONDS: Final = Histogram(
    "mulgil_attempt_seconds", "How long attempts took that waited for the world", ["type"],
    buckets=(0.005, 0.02, 0.05, 0.1, 0.5, 1, 5, 30, 300),
)  # fmt: skip
TURNS: Final = Counter("mulgil_turns_total", "Turns of executors")
MESSAGES_SENT: Final = Counter("mulgil_outbox_messages_total", "Messages of the outbox", ["outcome"])


def rendered() -> bytes:
    """The text of this host's numbers, in Prometheus' format."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return generate_latest(REGISTRY)
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # the library is typed in part
    return generate_latest(registry)
