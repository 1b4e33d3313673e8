"""What stands in the tables costs nothing that is done beside it: told by the rows that the statements read.

A crowd of runs stands there in every state but the one that is asked for; a statement that looked through them would read them.
"""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from django.db import connection as django_connection
from django.utils import timezone

from flows.journal import flush
from flows.journal.connection import connect_sync
from flows.models import Run
from flows.operations.fitness import DUE as DUE_NOW
from flows.operations.run_filter import RunFilter, matching
from flows.runtime import claims
from tests.runtime.house import chain, publish, start

pytestmark = pytest.mark.django_db(transaction=True)

CROWD = 3_000
FEW = 150
NOW = 2 * 10**15
CROWDS = {
    "parked elsewhere": "queue = 'elsewhere', wake_at = now() + interval '30 days', status = 'waiting'",
    "overdue elsewhere": "queue = 'elsewhere', wake_at = now() - interval '30 days', status = 'waiting'",
    "parked here": "wake_at = now() + interval '900 years', status = 'waiting'",
    "ended with letters unread": "mail = 3, status = 'cancelled', finished_at = now()",
    "ended well": "status = 'succeeded', finished_at = now()",
    "waiting for a letter": "status = 'waiting'",
    "letters elsewhere": "queue = 'elsewhere', mail = 1, status = 'waiting'",
}
VALUES: dict[str, Any] = {"queue": "default", "queues": ["default", "other"], "now": NOW, "count": 10, "window": 40}
LOOKS = {"ready": claims.READY, "due": claims.DUE, "wanted": claims.WANTED, "next due": claims.NEXT_DUE}


@pytest.fixture
def looking() -> Iterator[psycopg.Connection[Any]]:
    with connect_sync("test rows read") as connection:
        connection.execute(claims.SESSION.encode())
        yield connection


def crowd(change: str) -> UUID:
    """So many runs, changed so, of one flow; the flow."""
    version = publish(chain(1))
    made = start(version).pk
    names = [field.column for field in Run._meta.concrete_fields if field.column not in ("id", "number")]
    listed = ", ".join(f'"{name}"' for name in names)
    with django_connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO flows_run (id, number, {listed}) SELECT gen_random_uuid(), 1000 + n, {listed} "
            "FROM flows_run CROSS JOIN generate_series(2, %s) n WHERE id = %s",
            [CROWD, made],
        )
        cursor.execute(f"UPDATE flows_run SET {change}")
        cursor.execute("ANALYZE flows_run")
    return version.flow_id


def rows_read(connection: psycopg.Connection[Any], query: str, values: Any) -> int:
    """All rows that any part of the plan touched."""
    (text,) = connection.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {query}".encode(), values).fetchone() or ((),)
    return touched(text[0]["Plan"])


def touched(plan: dict[str, Any]) -> int:
    removed = sum(count for name, count in plan.items() if name.startswith("Rows Removed"))
    here = (plan["Actual Rows"] + removed) * plan["Actual Loops"]
    return int(here) + sum(touched(inner) for inner in plan.get("Plans", ()))


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("name", CROWDS)
def test_a_look_for_work_passes_by_whatever_is_none(looking: psycopg.Connection[Any], name: str, look: str) -> None:
    crowd(CROWDS[name])
    assert rows_read(looking, LOOKS[look], VALUES | {"owner": uuid4()}) < FEW


@pytest.mark.parametrize("name", CROWDS)
def test_a_look_for_ones_own_letters_passes_by_whatever_is_none(looking: psycopg.Connection[Any], name: str) -> None:
    crowd(CROWDS[name])
    assert rows_read(looking, claims.OWN_MAIL, [uuid4()]) < FEW


ASKED: dict[str, Callable[[UUID], RunFilter]] = {
    "open": lambda flow: RunFilter(statuses=["queued", "running", "waiting"]),
    "open of a flow": lambda flow: RunFilter(flow=flow, statuses=["queued", "running", "waiting"]),
    "failed": lambda flow: RunFilter(statuses=["failed"]),
    "failed of a flow": lambda flow: RunFilter(flow=flow, statuses=["failed"]),
    "of a flow": lambda flow: RunFilter(flow=flow),
    "all": lambda flow: RunFilter(),
}


@pytest.mark.parametrize("asked", ASKED)
def test_a_list_of_runs_passes_by_all_that_went_well(looking: psycopg.Connection[Any], asked: str) -> None:
    flow = crowd(CROWDS["ended well"])
    looking.execute("RESET ALL")
    home = Run.objects.values_list("workspace_id", flat=True)[0]
    text, values = matching(home, ASKED[asked](flow)).order_by("-pk")[:51].query.sql_with_params()
    assert rows_read(looking, text, values) < FEW


def test_how_many_runs_are_due_is_counted_by_those_that_are(looking: psycopg.Connection[Any]) -> None:
    crowd(CROWDS["parked here"])
    start(publish(chain(1)), wake_at=timezone.now())
    assert rows_read(looking, DUE_NOW, []) < FEW


def burst() -> None:
    """So many queued runs, of which the server doesn't know yet: when it last counted, none was there."""
    crowd(CROWDS["ended well"])
    names = [field.column for field in Run._meta.concrete_fields]
    queued = {"id": "gen_random_uuid()", "number": "number + 100000", "status": "'queued'", "finished_at": "NULL"}
    taken = ", ".join(queued.get(name, f'"{name}"') for name in names)
    listed = ", ".join(f'"{name}"' for name in names)
    with django_connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO flows_run ({listed}) SELECT {taken} FROM flows_run")


def test_a_burst_after_a_quiet_while_is_not_gone_through_for_each_run(looking: psycopg.Connection[Any]) -> None:
    burst()
    # Each is ranked, sorted and looked at a few times; whoever went through the burst would read it for each of them.
    values = VALUES | {"owner": uuid4(), "count": 100, "window": 400}
    assert rows_read(looking, claims.READY, values) < CROWD * 2


def test_a_burst_after_a_quiet_while_is_not_gone_through_for_each_letter(looking: psycopg.Connection[Any]) -> None:
    burst()
    runs = list(Run.objects.filter(status="queued").values_list("pk", flat=True)[:40])
    texts = ["signal" for _ in runs]
    values = [[uuid4() for _ in runs], runs, texts, texts, [None for _ in runs], texts]
    assert rows_read(looking, flush.POST, values) < CROWD
