"""Runs are counted by status and code: the newest of them, those of a flow and a time, and nobody else's."""

from collections import Counter
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from flows.models import Run
from flows.operations import runs
from flows.operations.run_filter import RunFilter
from flows.operations.runs import Counts, count_runs
from flows.operations.starting import start
from tests.cast import Person, flow

pytestmark = pytest.mark.django_db

FIRST: Final = 0x01999999_0000
STOOD: Final = ("succeeded", "failed", "succeeded", "running", "failed", "cancelled", "succeeded", "queued", "failed")
CODES: Final = ("timeout", "http_status")


def told(run: Run) -> str | None:
    return f'{{"code":"{CODES[run.number % 2]}","message":"no"}}' if run.status == "failed" else None


@pytest.fixture
def made(editor: Person) -> list[Run]:
    """Runs of two flows in turn, a second apart, the oldest first."""
    pattern = Run.objects.get(pk=start(editor.actor, flow(editor.actor).pk).run.id)
    of = (pattern.flow, flow(editor.actor))
    every = []
    for place in range(4 * len(STOOD)):
        run = Run.objects.get(pk=pattern.pk)
        run.pk = UUID(int=(FIRST + place * 1_000 << 80) + (7 << 76) + (2 << 62))
        run.flow, run.number, run.status = of[place % 2], place, STOOD[place % len(STOOD)]
        run.error = told(run)
        run.save(force_insert=True)
        every.append(run)
    Run.objects.filter(pk=pattern.pk).delete()
    return every


def at(run: Run) -> datetime:
    return datetime.fromtimestamp((run.pk.int >> 80) / 1_000, UTC)


def counted(among: list[Run], most: int) -> Counts:
    newest = among[::-1][: most + 1]
    codes = Counter(CODES[run.number % 2] for run in newest if run.status == "failed")
    statuses = Counter(run.status for run in newest)
    is_all = len(newest) <= most
    return Counts(statuses=dict(statuses), codes=codes.most_common(), looked_at=min(len(newest), most), is_all=is_all)


def same(one: Counts) -> tuple[Any, ...]:
    """What two counts have in common, in whatever order they were counted."""
    return dict(one.statuses), dict(one.codes), one.looked_at, one.is_all


@pytest.mark.parametrize("most", [1, 3, 7, 100])
def test_the_newest_of_a_flow_and_a_time_are_counted(
    editor: Person, made: list[Run], monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    monkeypatch.setattr(runs, "MAX_COUNTED", most)
    since, until, one = at(made[5]), at(made[30]), made[0].flow_id
    late = [run for run in made if at(run) >= since]
    between = [run for run in late if at(run) < until]
    for asked, among in (
        (RunFilter(), made),
        (RunFilter(since=since), late),
        (RunFilter(since=since, until=until), between),
        (RunFilter(flow=one), [run for run in made if run.flow_id == one]),
        (RunFilter(flow=one, since=since, until=until), [run for run in between if run.flow_id == one]),
        (RunFilter(flow=one, statuses=("failed",), code="timeout"), [run for run in made if run.flow_id == one]),
        (RunFilter(flow=one, is_test=False), [run for run in made if run.flow_id == one]),
        (RunFilter(since=at(made[-1]), until=at(made[-1])), []),
    ):
        assert same(count_runs(editor.actor, asked)) == same(counted(among, most)), asked


def test_nobody_elses_runs_are_counted(made: list[Run], stranger: Person) -> None:
    for asked in (RunFilter(), RunFilter(flow=made[0].flow_id), RunFilter(flow=UUID(int=1))):
        assert same(count_runs(stranger.actor, asked)) == ({}, {}, 0, True)


@pytest.mark.parametrize(
    ("index", "used"),
    [
        ("flows_run_of_flow", "Index Only Scan"),
        ("flows_run_rest_of_flow", "Index Scan"),
        ("flows_run_of_workspace", "Index Only Scan"),
        ("flows_run_rest", "Index Scan"),
    ],
)
def test_of_those_that_succeeded_none_is_read(editor: Person, made: list[Run], index: str, used: str) -> None:
    """The plan of the question itself, with this index alone: of a few runs the database may as well take another."""
    with CaptureQueriesContext(connection) as seen:
        count_runs(editor.actor, RunFilter(flow=made[0].flow_id if index.endswith("_flow") else None))
    question = seen.captured_queries[-1]["sql"]
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        there = connection.introspection.get_constraints(cursor, "flows_run")
        for other in (name for name, one in there.items() if (one["index"] or one["unique"]) and name != index):
            cursor.execute(f'ALTER TABLE flows_run DROP CONSTRAINT IF EXISTS "{other}" CASCADE')
            cursor.execute(f'DROP INDEX IF EXISTS "{other}"')
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_bitmapscan = off")
        cursor.execute(f"EXPLAIN {question}")
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert f" {used} using {index} on" in plan, plan
