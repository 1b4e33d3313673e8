"""Two worker hosts around one PostgreSQL, and the cable of one is pulled.

Its runs go over to the other within 20 s of the cut; what it still does reaches nobody; healed, it works again.
"""

import asyncio
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.db import connection

from flows.journal.connection import connect
from flows.journal.flush import flush
from flows.journal.rows import Batch, Projection, Row
from flows.models import Event, Run
from flows.operations.fsck import check
from flows.runtime.context import idempotency_key
from tests.conftest import SUMMARY
from tests.crash.hatching import Hatchery, wait_until
from tests.crash.networks import Network
from tests.crash.stagehands import CATALOGUE, told
from tests.runtime.house import chain, publish, start

pytestmark = pytest.mark.django_db(transaction=True)

RUNS = 12
PROMISED = 20.0
HOLD = {"type": "test.hold", "config": {"value": 1}}


class Side:
    """A host in a network of its own."""

    def __init__(self, world: Path) -> None:
        self.network = Network()
        self.hatchery = Hatchery(world, before=self.network.before, DATABASE_URL=self.network.address)

    def close(self) -> None:
        self.hatchery.bury_all()
        self.hatchery.close()
        self.network.close()


@pytest.fixture
def sides(tmp_path: Path) -> Iterator[tuple[Side, Side]]:
    one, other = Side(tmp_path / "world"), Side(tmp_path / "world")
    yield one, other
    one.close()
    other.close()


def test_the_runs_of_a_host_that_is_cut_off_go_over_and_its_late_writes_are_refused(
    sides: tuple[Side, Side], record_property: Callable[[str, object], None]
) -> None:
    lost, other = sides
    record_property(SUMMARY, f"two hosts: {lost.network.told}")
    world = lost.hatchery.world
    lost.hatchery.host()
    version = publish(chain(1, HOLD))
    runs = [start(version) for _ in range(RUNS)]
    wait_until(lambda: len(told(world, "holding")) == RUNS, "the first host did not begin all steps")
    other.hatchery.host()
    wait_until(lambda: brokers() == 2, "the second host did not come up")

    lost.network.cut()
    cut_at = time.monotonic()
    lost.hatchery.let_go()  # its steps end now, and it has nobody to tell
    wait_until(lambda: not Run.objects.filter(fence__lt=2).exists(), "nobody took the runs over")
    took = time.monotonic() - cut_at
    print(f"two hosts ({lost.network.kind}): {RUNS} runs went over {took:.1f} s after the cut")
    assert took < PROMISED
    wait_until(lambda: not Run.objects.filter(finished_at__isnull=True).exists(), "not all runs ended")
    before = events()

    assert asyncio.run(late_write(list(Run.objects.all()))) == set(), "a write under an old fence was taken"
    lost.network.heal()
    healed_at = time.monotonic()
    other.hatchery.bury_all()
    after = start(publish(chain(2)))
    wait_until(lambda: Run.objects.filter(pk=after.pk, status="succeeded").exists(), "the healed host takes no runs")
    print(f"two hosts: the healed one ended a new run {time.monotonic() - healed_at:.1f} s after the cable was back")
    lost.hatchery.bury_all()

    assert [row for row in events() if row[0] != after.pk] == before, "the host that was cut off wrote late"
    assert {run.status for run in Run.objects.all()} == {"succeeded"}
    assert {key for key, _ in told(world, "effect")} == {idempotency_key(run.pk, "n0") for run in runs}
    assert check(known=CATALOGUE).faults == []


def brokers() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE application_name = 'mulgil broker' AND datname = current_database()"
        )
        count: int = cursor.fetchone()[0]
        return count


def events() -> list[tuple[object, ...]]:
    return list(Event.objects.order_by("run_id", "seq").values_list("run_id", "seq", "kind", "data"))


async def late_write(runs: list[Run]) -> set[object]:
    """What the writer of the host that was cut off would send, were it at the run's present seq: its fence alone refuses it."""
    batches = [
        Batch(
            run=run.pk,
            fence=1,
            was=run.seq,
            rows=[Row(run.seq + 1, "step_succeeded", "n0", 3, "{}")],
            projection=Projection(status="running"),
            consumed=[],
            messages=[],
            children=[],
            letters=[],
            alerts=[],
            payloads=[],
            snapshot=None,
        )
        for run in runs
    ]
    async with await connect("test late") as late:
        return {run for run, _ in await flush(late, batches)}
