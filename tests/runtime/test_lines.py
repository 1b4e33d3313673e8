"""A limit on the runs of a flow: never more than it at once, nobody forgotten, and nothing to leak."""

import asyncio
import threading
from itertools import accumulate
from typing import Any
from uuid import UUID

import pytest
from django.db import connection

from flows.journal.connection import connect
from flows.models import Run
from flows.operations.batches import start_batch
from flows.operations.errors import NotPublished
from flows.operations.lines import BadLineKey, LineFull
from flows.operations.starting import start
from flows.operations.steering import cancel, pause
from flows.runtime.claims import Claims
from flows.runtime.lines import Lines
from tests.cast import Person, flow, person
from tests.runtime.house import QUICK, drive, executing, kinds, vanish

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def editor() -> Person:
    return person("editor", "editor")


def limited(limit: int, *, key: str = "", when_full: str = "queue", wait: str | None = None) -> dict[str, Any]:
    """A flow with this limit; with `wait` its runs park for so long."""
    node: dict[str, Any] = {"id": "work", "type": "data.set", "config": {"fields": {"n": 1}}}
    if wait is not None:
        node = {"id": "work", "type": "flow.wait", "config": {"for": wait}}
    return {
        "dsl": 1,
        "settings": {"concurrency": {"limit": limit, "key": key, "when_full": when_full}},
        "nodes": [{"id": "start", "type": "trigger.manual"}, node],
        "edges": [{"from": "start", "to": "work"}],
    }


def held(made: UUID) -> list[int]:
    """The numbers of the runs that stand in line."""
    return list(Run.objects.filter(flow_id=made, held=True).order_by("number").values_list("number", flat=True))


def most_at_once(made: UUID) -> int:
    """The most runs of a flow that were between their first event and their end at one instant."""
    moments: list[tuple[Any, int]] = []
    for began, ended in Run.objects.filter(flow_id=made, finished_at__isnull=False).values_list(
        "started_at", "finished_at"
    ):
        moments += [(began, 1), (ended, -1)]
    return max(accumulate(change for _, change in sorted(moments)))


def test_two_hundred_starts_at_once_never_run_more_than_three(editor: Person) -> None:
    made = flow(editor.actor, limited(3, wait="1ms")).pk

    def start_some() -> None:
        try:
            for _ in range(20):
                start(editor.actor, made)
        finally:
            connection.close()

    async def turn() -> None:
        async with executing() as one, executing() as other:
            while await asyncio.to_thread(_open_runs, made):
                await asyncio.gather(one.turn(), other.turn())

    starters = [threading.Thread(target=start_some) for _ in range(10)]
    for starter in starters:
        starter.start()
    asyncio.run(turn())
    for starter in starters:
        starter.join()
    asyncio.run(turn())
    assert Run.objects.filter(flow_id=made, status="succeeded").count() == 200
    assert most_at_once(made) <= 3


def _open_runs(made: UUID) -> bool:
    try:
        return Run.objects.filter(flow_id=made, finished_at__isnull=True).exists()
    finally:
        connection.close()


def test_a_line_is_let_in_by_priority_then_by_age(editor: Person) -> None:
    made = flow(editor.actor, limited(1, wait="1h")).pk
    for priority in (0, 0, 5):
        start(editor.actor, made, priority=priority)
    assert held(made) == [2, 3]
    cancel(editor.actor, Run.objects.get(number=1).pk)
    drive()
    assert held(made) == [2]
    assert Run.objects.get(number=3).status == "waiting"


def test_each_key_has_a_line_of_its_own(editor: Person) -> None:
    made = flow(editor.actor, limited(1, key="{{ input.customer }}", wait="1h")).pk
    for customer in ("a", "a", "b", {"id": 7}, {"id": 7}, "x" * 5_000):
        start(editor.actor, made, input={"customer": customer})
    assert held(made) == [2, 5]


def test_an_input_without_its_key_is_refused(editor: Person) -> None:
    made = flow(editor.actor, limited(1, key="{{ input.customer }}")).pk
    with pytest.raises(BadLineKey, match="customer"):
        start(editor.actor, made, input={})


def test_a_full_line_that_refuses_makes_nothing(editor: Person) -> None:
    made = flow(editor.actor, limited(2, when_full="reject", wait="1h")).pk
    known = start(editor.actor, made, idempotency_key="k").run.id
    start(editor.actor, made)
    with pytest.raises(LineFull):
        start(editor.actor, made)
    assert start(editor.actor, made, idempotency_key="k").run.id == known
    with pytest.raises(LineFull):
        start_batch(editor.actor, made, inputs=[{}])
    assert Run.objects.filter(flow_id=made).count() == 2
    assert held(made) == []


def test_of_refused_starts_at_once_as_many_pass_as_fit(editor: Person) -> None:
    made = flow(editor.actor, limited(3, when_full="reject", wait="1h")).pk
    refused: list[LineFull] = []

    def start_one() -> None:
        try:
            start(editor.actor, made)
        except LineFull as error:
            refused.append(error)
        finally:
            connection.close()

    starters = [threading.Thread(target=start_one) for _ in range(12)]
    for starter in starters:
        starter.start()
    for starter in starters:
        starter.join()
    assert len(refused) == 9
    assert Run.objects.filter(flow_id=made).count() == 3


def test_a_new_run_displaces_the_oldest(editor: Person) -> None:
    made = flow(editor.actor, limited(1, when_full="cancel_oldest", wait="1h")).pk
    start(editor.actor, made)
    drive()
    start(editor.actor, made)
    assert held(made) == [2], "it begins when the other has really ended"
    start(editor.actor, made)
    drive()
    found = Run.objects.filter(flow_id=made).order_by("number")
    assert [run.status for run in found] == ["cancelled", "cancelled", "waiting"]
    assert "step_started" not in kinds(found[1]), "displaced before it began"


def test_a_batch_stands_in_line_in_its_order(editor: Person) -> None:
    made = flow(editor.actor, limited(2, key="{{ input.k }}", wait="1h")).pk
    start_batch(editor.actor, made, inputs=[{"k": "a"}] * 4 + [{"k": "b"}])
    assert held(made) == [3, 4]


def test_who_stands_in_line_is_cancelled_at_once_and_reads_nothing_else(editor: Person) -> None:
    made = flow(editor.actor, limited(1, wait="1h")).pk
    for _ in range(3):
        start(editor.actor, made)
    second, third = Run.objects.get(number=2), Run.objects.get(number=3)
    pause(editor.actor, second.pk)
    cancel(editor.actor, third.pk)
    drive()
    second.refresh_from_db()
    third.refresh_from_db()
    assert (second.status, second.seq, second.held) == ("queued", 0, True)
    assert third.status == "cancelled"
    assert "step_started" not in kinds(third)


def test_a_room_that_nobody_used_is_found(editor: Person) -> None:
    """Whoever made the room died before letting in the next: the next look does, and so does the broker's."""
    made = flow(editor.actor, limited(1, wait="1h")).pk
    for _ in range(2):
        start(editor.actor, made)
    Run.objects.filter(number=1).update(status="cancelled", finished_at="2026-01-01T00:00:00Z")

    async def look() -> None:
        async with await connect("test") as conn:
            await Lines(conn).let_in()

    asyncio.run(look())
    assert held(made) == []


def test_a_dead_executor_keeps_its_slot_until_its_run_has_ended(editor: Person) -> None:
    made = flow(editor.actor, limited(1, wait="20ms")).pk
    for _ in range(2):
        start(editor.actor, made)

    async def die() -> None:
        async with executing(pace=QUICK) as executor:
            await executor._station.open()
            assert len(await executor._station.claims.ready(5)) == 1
            await vanish(executor)

    asyncio.run(die())
    assert held(made) == [2]
    drive()
    assert Run.objects.filter(flow_id=made, status="succeeded").count() == 2
    assert most_at_once(made) == 1


def test_flows_without_a_limit_stand_in_no_line(editor: Person) -> None:
    made = flow(editor.actor).pk
    start(editor.actor, made)
    run = Run.objects.get(flow_id=made)
    assert (run.line, run.line_limit, run.held) == (None, None, False)


def test_a_million_who_stand_hide_nobody(editor: Person) -> None:
    """The claims look at who may be taken, never at who stands in line."""
    crowd = flow(editor.actor, limited(1, wait="1h")).pk
    start_batch(editor.actor, crowd, inputs=[{}] * 2_000, priority=9)
    lone = start(editor.actor, flow(editor.actor).pk).run.id

    async def claim() -> set[UUID]:
        async with await connect("test") as conn:
            return {run.id for run in await Claims(conn, UUID(int=7), ["default"]).ready(2)}

    assert lone in asyncio.run(claim())


def test_a_flow_that_was_never_published_is_still_refused_as_such(editor: Person) -> None:
    with pytest.raises(NotPublished):
        start(editor.actor, flow(editor.actor, limited(1), published=False).pk)
