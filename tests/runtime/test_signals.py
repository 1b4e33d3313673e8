"""Signals on the executor: kept when early, each to one step, and never both signal and timeout."""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.db import connection

from flows.engine.events import SignalReceived, StepSucceeded
from flows.journal import writer
from flows.models import Run
from tests.runtime.house import QUICK, drive, executing, journal, publish, send, start, vanish

pytestmark = pytest.mark.django_db(transaction=True)


def waits(*names: str, timeout: str | None = None, in_a_row: bool = True) -> dict[str, Any]:
    """A trigger and a step that awaits each of the names, one after the other or all at once."""
    more = {"timeout": timeout} if timeout else {}
    nodes = [{"id": f"s{at}", "type": "flow.signal", "config": {"name": name, **more}} for at, name in enumerate(names)]
    before = ["start", *(f"s{at}" for at in range(len(names) - 1))] if in_a_row else ["start"] * len(names)
    edges = [{"from": source, "to": f"s{at}"} for at, source in enumerate(before)]
    return {"dsl": 1, "nodes": [{"id": "start", "type": "trigger.manual"}, *nodes], "edges": edges}


def ends(run: Run) -> dict[str, tuple[str, Any]]:
    """Port and output of each signal step that ended."""
    events = [event for event in journal(run) if isinstance(event, StepSucceeded)]
    assert len({event.step for event in events}) == len(events), "a step ended twice"
    return {event.step or "": (event.port, event.output) for event in events}


def in_a_thread(act: Callable[[], Any]) -> Any:
    try:
        return act()
    finally:
        connection.close()


def is_any_live() -> bool:
    return Run.objects.filter(finished_at=None).exists()


def test_a_waiting_run_is_parked_and_goes_on_with_the_payload() -> None:
    run = start(publish(waits("paid")))
    drive()
    run.refresh_from_db()
    assert (run.status, run.owner, run.wake_at) == ("waiting", None, None)
    send(run, "signal", {"amount": 7}, name="paid")
    drive()
    run.refresh_from_db()
    assert (run.status, run.mail) == ("succeeded", 0)
    assert ends(run) == {"s0": ("out", {"amount": 7})}


def test_signals_that_come_early_are_kept_in_order_each_for_one_step() -> None:
    run = start(publish(waits("paid", "paid", "sent")))
    for number, name in enumerate(["sent", "paid", "paid"]):
        send(run, "signal", {"n": number}, name=name, key=f"k{number}")
    drive()
    run.refresh_from_db()
    assert run.status == "succeeded"
    assert {step: output["n"] for step, (_, output) in ends(run).items()} == {"s0": 1, "s1": 2, "s2": 0}


def test_two_steps_that_await_one_name_get_one_signal_each() -> None:
    run = start(publish(waits("go", "go", in_a_row=False)))
    drive()
    send(run, "signal", {"n": 1}, name="go", key="1")
    drive()
    assert len(ends(run)) == 1
    send(run, "signal", {"n": 2}, name="go", key="2")
    drive()
    assert sorted(output["n"] for _, output in ends(run).values()) == [1, 2]


def test_signal_or_timeout_exactly_one_wins_however_close_they_come() -> None:
    """Signals are sent by another connection all around the moment their runs fall due."""
    version = publish(waits("go", timeout="300ms"))
    runs = [start(version) for _ in range(40)]

    async def race() -> None:
        async with executing(pace=QUICK) as executor:
            turn = asyncio.ensure_future(executor.turn())
            for run in runs:
                await asyncio.to_thread(
                    in_a_thread, partial(send, run, "signal", {"n": run.number}, name="go", key="once")
                )
            while await asyncio.to_thread(in_a_thread, is_any_live):
                await asyncio.sleep(0.02)
                executor.look()
            executor.stop()
            await turn

    asyncio.run(race())
    won = []
    for run in runs:
        run.refresh_from_db()
        assert run.status == "succeeded"
        port, output = ends(run)["s0"]
        received = [event for event in journal(run) if isinstance(event, SignalReceived)]
        assert len(received) <= 1
        assert (output == {"n": run.number}) == (port == "out")
        assert port == "timeout" or received
        won.append(port)
    assert set(won) <= {"out", "timeout"}


def test_a_signal_outlives_the_executor_that_was_reading_it_and_counts_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """An executor vanishes after it has read the letter and before that is committed; what it writes late is refused."""
    run = start(publish(waits("go")))
    drive()
    send(run, "signal", {"n": 1}, name="go", key="once")
    reading, released = asyncio.Event(), asyncio.Event()
    flush = writer.flush

    async def held(to: Any, batches: Any) -> Any:
        if any(batch.consumed for batch in batches) and not reading.is_set():
            reading.set()
            await released.wait()
        return await flush(to, batches)

    async def dies() -> None:
        async with executing() as executor:
            turn = asyncio.ensure_future(executor.turn())
            await reading.wait()
            await vanish(executor)
            await asyncio.to_thread(in_a_thread, drive)
            released.set()
            turn.cancel()
            await asyncio.wait([turn])

    monkeypatch.setattr(writer, "flush", held)
    asyncio.run(dies())
    run.refresh_from_db()
    assert (run.status, run.mail) == ("succeeded", 0)
    assert ends(run) == {"s0": ("out", {"n": 1})}
    assert sum(isinstance(event, SignalReceived) for event in journal(run)) == 1
