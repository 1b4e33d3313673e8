"""A cancelled run tells what is under way, and what has an effect may end by itself before it is cut."""

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.db import connection

from flows.engine.events import AttemptLost, StepFailed, StepSucceeded, StepUncertain
from flows.journal.moments import run_at
from flows.journal.read import run_view
from flows.models import Run
from flows.nodes.base import Effect, Json, Permanent, Step, Unanswered
from flows.runtime.executor import Executor, Pace
from flows.security.credentials import Credential
from tests.runtime.house import chain, drive, executing, journal, kinds, publish, send, start, vanish
from tests.runtime.nodes import Catalogue, Given, Nothing, forever, make

pytestmark = pytest.mark.django_db(transaction=True)

PACE = Pace(look=0.05, linger=0.1, grace=0.2)
LONG = 600_000_000
SHORT = 50_000
EFFECTS = (Effect.KEYED, Effect.TRANSACTIONAL, Effect.ONCE)

Then = Callable[[Executor], Awaitable[None]]


async def obliging(config: Nothing, step: Step) -> Json:
    """Ends as soon as it is told."""
    await step.until_cancelled()
    return {"told": step.cancelled}


def polling(config: Nothing, step: Step) -> Json:
    """The same in a thread."""
    while not step.cancelled:
        time.sleep(0.001)
    return {"told": True}


def one(function: object, effect: Effect, **more: Any) -> tuple[Run, Catalogue]:
    run = start(publish(chain(1, {"type": "test.node", **more})), {"items": [0, 1, 2]})
    return run, Catalogue(make(function, effect))  # type: ignore[arg-type]  # each test's own function


@sync_to_async
def written(work: Callable[[], object]) -> object:
    try:
        return work()
    finally:
        connection.close()


async def until(holds: Callable[[], bool]) -> None:
    while not holds():
        await asyncio.sleep(0.01)


async def until_written(holds: Callable[[], bool]) -> None:
    while not await written(holds):
        await asyncio.sleep(0.01)


def cancelled(run: Run, catalogue: Catalogue, grace: int, then: Then | None = None, *, under_way: int = 1) -> list[str]:
    """Cancel it in the middle of its attempts and drive it to where it can be left; what was journaled from then on."""

    async def play() -> None:
        async with executing(catalogue=catalogue, pace=PACE, cancel_grace=grace) as executor:
            turn = asyncio.ensure_future(executor.turn())
            await until(lambda: sum(driver.sleeping for driver in executor.drivers) == under_way)
            await written(lambda: send(run, "cancel", {"compensate": True}))
            if then is not None:
                await then(executor)
            await turn

    asyncio.run(play())
    run.refresh_from_db()
    found = kinds(run)
    return found[found.index("cancel_requested") :]


@pytest.mark.parametrize("effect", EFFECTS)
@pytest.mark.parametrize("function", [obliging, polling])
def test_what_ends_when_it_is_told_is_journaled_as_what_it_was(function: object, effect: Effect) -> None:
    run, catalogue = one(function, effect)
    assert cancelled(run, catalogue, LONG) == ["cancel_requested", "step_succeeded", "run_cancelled"]
    assert run.status == "cancelled"
    done = journal(run)[-2]
    assert isinstance(done, StepSucceeded)
    assert done.output == {"told": True}


@pytest.mark.parametrize(("effect", "end"), [(Effect.ONCE, "step_uncertain"), (Effect.KEYED, "step_cancelled")])
def test_what_does_not_end_is_cut_after_its_grace(effect: Effect, end: str) -> None:
    run, catalogue = one(forever, effect)
    assert cancelled(run, catalogue, SHORT) == ["cancel_requested", end, "run_cancelled"]


def test_without_a_grace_it_is_cut_at_once() -> None:
    run, catalogue = one(obliging, Effect.ONCE)
    assert cancelled(run, catalogue, 0) == ["cancel_requested", "step_uncertain", "run_cancelled"]


@pytest.mark.parametrize("effect", [Effect.PURE, Effect.READ])
def test_what_changes_nothing_is_cut_at_once(effect: Effect) -> None:
    run, catalogue = one(forever, effect)
    assert cancelled(run, catalogue, LONG) == ["cancel_requested", "step_cancelled", "run_cancelled"]


def test_a_thread_that_is_cut_is_told_for_nothing_else_can_end_it() -> None:
    ended = threading.Event()

    def told(config: Nothing, step: Step) -> Json:
        polling(config, step)
        ended.set()
        return None

    run, catalogue = one(told, Effect.READ)
    assert cancelled(run, catalogue, LONG) == ["cancel_requested", "step_cancelled", "run_cancelled"]
    assert ended.wait(60)


@pytest.mark.parametrize(("error", "end"), [(Permanent, StepFailed), (Unanswered, StepUncertain)])
def test_a_failure_within_the_grace_is_a_failure(error: type[Exception], end: type) -> None:
    async def failing(config: Nothing, step: Step) -> Json:
        await step.until_cancelled()
        raise error("too late")

    run, catalogue = one(failing, Effect.ONCE)
    assert cancelled(run, catalogue, LONG)[-1] == "run_cancelled"
    assert isinstance(journal(run)[-2], end)


def test_a_second_cancel_neither_cuts_nor_waits_longer() -> None:
    may_end = asyncio.Event()

    async def slow(config: Nothing, step: Step) -> Json:
        await may_end.wait()
        return "done"

    run, catalogue = one(slow, Effect.ONCE)

    async def once_more(_executor: Executor) -> None:
        await until_written(lambda: kinds(run)[-1] == "cancel_requested")
        await written(lambda: send(run, "cancel"))
        await until_written(lambda: kinds(run).count("cancel_requested") == 2)
        may_end.set()

    told = ["cancel_requested", "cancel_requested", "step_succeeded", "run_cancelled"]
    assert cancelled(run, catalogue, LONG, once_more) == told


def test_a_run_that_is_read_within_the_grace_says_that_its_end_was_asked_for() -> None:
    may_end = asyncio.Event()

    async def slow(config: Nothing, step: Step) -> Json:
        await may_end.wait()
        return "done"

    run, catalogue = one(slow, Effect.ONCE)
    told: list[object] = []

    def look() -> None:
        view, events = run_view(run.pk), kinds(run)
        assert view is not None
        told.append((view["status"], view["is_cancelling"]))
        for seq in (1, len(events)):
            moment = run_at(run.pk, seq)
            assert moment is not None
            told.append((moment["status"], moment["is_cancelling"]))

    async def looked(_executor: Executor) -> None:
        await until_written(lambda: kinds(run)[-1] == "cancel_requested")
        await written(look)
        may_end.set()

    cancelled(run, catalogue, LONG, looked)
    look()
    assert told == [
        ("running", True),
        ("running", False),
        ("running", True),
        ("cancelled", False),
        ("running", False),
        ("cancelled", False),
    ]


def test_a_host_that_dies_in_the_grace_leaves_what_a_death_leaves() -> None:
    run, catalogue = one(forever, Effect.ONCE)

    async def dies() -> None:
        async with executing(catalogue=catalogue, pace=PACE, cancel_grace=LONG) as executor:
            turn = asyncio.ensure_future(executor.turn())
            await until(lambda: any(driver.sleeping for driver in executor.drivers))
            await written(lambda: send(run, "cancel"))
            await until_written(lambda: kinds(run)[-1] == "cancel_requested")
            await vanish(executor)
            turn.cancel()
            await asyncio.wait([turn])

    asyncio.run(dies())
    drive(catalogue=catalogue, cancel_grace=LONG)
    assert kinds(run)[-3:] == ["cancel_requested", "step_uncertain", "run_cancelled"]


def test_a_host_that_is_stopped_in_the_grace_gives_the_run_back_and_it_ends_elsewhere() -> None:
    run, catalogue = one(forever, Effect.KEYED)

    async def stopped(executor: Executor) -> None:
        await until_written(lambda: kinds(run)[-1] == "cancel_requested")
        executor.stop()

    assert cancelled(run, catalogue, LONG, stopped) == ["cancel_requested", "attempt_lost"]
    drive(catalogue=catalogue)
    assert kinds(run)[-2:] == ["step_cancelled", "run_cancelled"]


def test_of_a_list_each_item_ends_for_itself_and_the_list_after_them() -> None:
    async def first_obliges(config: Given, step: Step) -> Json:
        if config.value:
            await asyncio.Event().wait()
        return await obliging(Nothing(), step)

    each = {"items": "{{ input.items }}", "concurrency": 2}
    run, catalogue = one(first_obliges, Effect.KEYED, each=each, config={"value": "{{ item }}"})
    assert cancelled(run, catalogue, SHORT, under_way=2)[-1] == "run_cancelled"
    ends = {event.step: type(event).__name__ for event in journal(run) if event.step}
    assert ends == {"n0[0]": "StepSucceeded", "n0[1]": "StepCancelled", "n0": "StepCancelled"}
    assert journal(run)[-2].step == "n0"


def test_what_was_done_within_the_grace_is_undone_where_the_cancel_says_so() -> None:
    document = chain(1, {"type": "test.node"})
    document["settings"] = {"on_failure": "compensate"}
    document["nodes"].append({"id": "undo", "type": "log", "config": {"message": "back"}})
    document["edges"].append({"from": "n0", "to": "undo", "port": "compensate"})
    run = start(publish(document))
    found = cancelled(run, Catalogue(make(obliging, Effect.KEYED)), LONG)
    assert found[:3] == ["cancel_requested", "step_succeeded", "compensation_started"]
    assert found[-2:] == ["step_compensated", "run_cancelled"]


def test_what_was_told_before_it_began_is_not_performed() -> None:
    called: list[str] = []
    may_go_on = asyncio.Event()

    async def calling(config: Nothing, step: Step) -> Json:
        called.append(step.key)
        await asyncio.sleep(0)
        return None

    async def waiting(*_: object) -> Credential:
        await may_go_on.wait()
        return Credential("bank", "http.bearer", {"token": "t"}, ())

    run, catalogue = one(calling, Effect.ONCE, credential="bank")

    async def play() -> None:
        async with executing(catalogue=catalogue, pace=PACE, cancel_grace=LONG) as executor:
            station = executor._station  # the vault is slow today
            await station.open()
            station.kit = replace(station.kit, credential=waiting)
            turn = asyncio.ensure_future(executor.turn())
            await until(lambda: any(driver.sleeping for driver in executor.drivers))
            await written(lambda: send(run, "cancel"))
            await until_written(lambda: kinds(run)[-1] == "cancel_requested")
            may_go_on.set()
            await turn

    asyncio.run(play())
    assert kinds(run)[-3:] == ["attempt_lost", "step_cancelled", "run_cancelled"]
    lost = journal(run)[-3]
    assert isinstance(lost, AttemptLost)
    assert called == []
