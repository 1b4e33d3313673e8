"""What an executor does with the runs it takes."""

import asyncio
import gc
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from flows.engine.events import AttemptLost, StepFailed, StepStarted, StepSucceeded, StepUncertain
from flows.engine.machine import Machine
from flows.journal.codec import seen_of
from flows.models import Credential, Event, Executor, Payload, Run, Snapshot
from flows.nodes.base import Effect, Recoverable, Step
from flows.runtime.claims import Claimed, Claims
from flows.runtime.driver import RunDriver
from flows.runtime.executor import Pace
from flows.runtime.sealing import seal
from tests.runtime import nodes
from tests.runtime.house import QUICK, chain, drive, executing, journal, kinds, publish, send, start
from tests.runtime.nodes import Catalogue, make

pytestmark = pytest.mark.django_db(transaction=True)


def one(function: object, effect: Effect = Effect.PURE, **node: object) -> tuple[Run, Catalogue]:
    """A run of one such node, and the catalogue that knows it."""
    run = start(publish(chain(1, {"type": "test.node", **node})))
    return run, Catalogue(make(function, effect))  # type: ignore[arg-type]  # each test's own function


def test_a_run_goes_through_its_chain_and_ends() -> None:
    run = start(publish(chain(2)), {"x": 1})
    drive()
    run.refresh_from_db()
    assert run.status == "succeeded"
    assert run.output == '{"n":1}'
    assert kinds(run) == [
        "run_started",
        "step_started",
        "step_succeeded",
        "step_started",
        "step_succeeded",
        "run_succeeded",
    ]
    assert run.seq == 6
    assert run.owner is None
    assert run.started_at <= run.finished_at


def test_an_executor_that_leaves_in_order_leaves_nothing_behind() -> None:
    start(publish(chain(1)))
    drive()
    assert not Executor.objects.exists()


def test_nothing_is_taken_twice_by_two_executors_at_once() -> None:
    version = publish(chain(3))
    for _ in range(40):
        start(version)

    async def both() -> None:
        pace = Pace(look=0.05, linger=0.05, batch=4)
        async with executing(pace=pace) as first, executing(pace=pace) as second:
            await asyncio.gather(first.turn(), second.turn())

    asyncio.run(both())
    assert set(Run.objects.values_list("status", "fence", "seq")) == {("succeeded", 1, 8)}
    assert Event.objects.count() == 40 * 8


def test_who_finds_more_than_it_can_take_asks_for_more_at_the_next_look(monkeypatch: pytest.MonkeyPatch) -> None:
    version = publish(chain(1))
    for _ in range(40):
        start(version)
    asked: list[int] = []
    ready = Claims.ready

    async def asking(self: Claims, count: int) -> list[Claimed]:
        asked.append(count)
        return await ready(self, count)

    monkeypatch.setattr(Claims, "ready", asking)
    drive(pace=Pace(look=0.05, linger=0.05, batch=2))
    assert asked[:3] == [2, 4, 8]
    assert max(asked) == 8
    assert asked[-1] == 2, "it has found less than it could take"
    assert set(Run.objects.values_list("status", flat=True)) == {"succeeded"}


def test_a_run_that_has_ended_leaves_nothing_to_the_collector() -> None:
    def held() -> int:
        return sum(isinstance(one, RunDriver | Machine) for one in gc.get_objects())

    start(publish(chain(2)))
    gc.collect()
    before = held()
    gc.disable()
    try:
        drive()
        assert held() == before
    finally:
        gc.enable()


def test_higher_priority_goes_first_then_age() -> None:
    version = publish(chain(1))
    runs = [start(version, priority=priority) for priority in (0, 5, 0, 9)]
    drive(pace=Pace(look=0.05, linger=0.05, batch=1, runs=1))
    order = list(Run.objects.order_by("started_at").values_list("pk", flat=True))
    assert order == [runs[3].pk, runs[1].pk, runs[0].pk, runs[2].pk]


def test_a_named_queue_is_left_to_the_hosts_that_serve_it() -> None:
    run = start(publish(chain(1)), queue="gpu")
    drive()
    run.refresh_from_db()
    assert run.status == "queued"
    drive(queues=("gpu",))
    run.refresh_from_db()
    assert run.status == "succeeded"


def test_a_long_wait_costs_one_row_and_wakes_when_due() -> None:
    wait = {"type": "flow.wait", "config": {"for": "1h"}}
    run = start(publish(chain(1, wait)))
    drive()
    run.refresh_from_db()
    assert (run.status, run.owner) == ("waiting", None)
    assert run.wake_at - datetime.now(UTC) > timedelta(minutes=59)
    Run.objects.update(wake_at=datetime.now(UTC))
    drive()
    run.refresh_from_db()
    assert run.status == "waiting"  # its own clock says it isn't due: it parks again


def test_a_short_wait_is_waited_for() -> None:
    run = start(publish(chain(1, {"type": "flow.wait", "config": {"for": "30ms"}})))
    drive()
    run.refresh_from_db()
    assert run.status == "succeeded"
    assert run.fence == 1


def test_a_blocking_node_runs_in_a_thread_and_answers_with_a_model() -> None:
    run, catalogue = one(nodes.blocking, config={"value": "{{ 20 + 1 }}"})
    drive(catalogue=catalogue)
    run.refresh_from_db()
    assert run.output == '{"doubled":42}'


def test_a_timeout_cuts_the_attempt() -> None:
    run, catalogue = one(nodes.forever, timeout="50ms")
    drive(catalogue=catalogue)
    run.refresh_from_db()
    assert run.status == "failed"
    assert '"code":"step_timeout"' in run.error


def test_a_timeout_of_a_once_step_leaves_it_uncertain_and_a_person_decides() -> None:
    run, catalogue = one(nodes.forever, Effect.ONCE, timeout="50ms", retry={"max_attempts": 3})
    drive(catalogue=catalogue)
    run.refresh_from_db()
    assert run.status == "waiting"
    assert isinstance(journal(run)[-1], StepUncertain)
    send(run, "resolve", {"verdict": "succeeded", "output": {"seen": True}, "by": "min"}, name="n0")
    drive(catalogue=catalogue)
    run.refresh_from_db()
    assert (run.status, run.output, run.mail) == ("succeeded", '{"seen":true}', 0)


def test_what_was_not_sent_is_tried_again_even_once() -> None:
    run, catalogue = one(nodes.not_sent, Effect.ONCE, retry={"max_attempts": 2, "initial": "1ms"})
    drive(catalogue=catalogue)
    run.refresh_from_db()
    assert (run.status, run.output) == ("succeeded", '{"attempt":2}')


def test_retries_used_up_fail_the_run_with_its_error() -> None:
    run, catalogue = one(nodes.recoverable, retry={"max_attempts": 2, "initial": "1ms"})
    drive(catalogue=catalogue)
    run.refresh_from_db()
    assert run.status == "failed"
    assert run.error == (
        '{"code":"recoverable","class":"recoverable","message":"not yet","node":"n0","step":"n0","hint":""}'
    )
    assert kinds(run).count("step_started") == 2


def test_a_value_that_cannot_be_kept_fails_its_step_alone() -> None:
    run, catalogue = one(nodes.spoiled)
    drive(catalogue=catalogue)
    error = journal(run)[-2]
    assert isinstance(error, StepFailed)
    assert error.error.code == "unwritable_value"
    assert "$.deep[0]" in error.error.message


def test_whatever_foreign_code_raises_is_a_permanent_failure_in_its_words() -> None:
    run, catalogue = one(nodes.raising)
    drive(catalogue=catalogue)
    error = journal(run)[-2]
    assert isinstance(error, StepFailed)
    assert (error.error.code, error.error.klass) == ("node_raised", "permanent")
    assert error.error.message == "ZeroDivisionError: no words\ufffd"


def test_a_large_output_is_kept_once_beside_the_journal_and_read_by_the_next_step() -> None:
    document = chain(2, {"type": "test.node"})
    document["nodes"][2] = {"id": "n1", "type": "data.set", "config": {"fields": {"n": "{{ nodes.n0.text }}"}}}
    runs = [start(publish(document)), start(publish(document))]
    drive(catalogue=Catalogue(make(nodes.large)))
    for run in runs:
        run.refresh_from_db()
        assert run.status == "succeeded"
        assert run.output.startswith("@")
    assert Payload.objects.count() == 2
    assert all(len(event.data) < 1_000 for event in Event.objects.all())


def test_what_a_step_saw_stands_beside_its_end() -> None:
    run, catalogue = one(nodes.telling, config={"value": "{{ 1 + 1 }}"})
    drive(catalogue=catalogue)
    seen = seen_of(Event.objects.get(run=run, kind="step_succeeded").data)
    assert seen["input"] == {"value": 2}
    assert [(line["level"], line["message"]) for line in seen["logs"]] == [("info", "looked"), ("warning", "again")]


def test_a_step_sees_the_clock_and_seed_that_are_in_the_journal() -> None:
    run, catalogue = one(nodes.telling)
    drive(catalogue=catalogue)
    events = journal(run)
    started = next(event for event in events if isinstance(event, StepStarted))
    ended = next(event for event in events if isinstance(event, StepSucceeded))
    assert (ended.output["clock"], ended.output["seed"]) == (started.at, started.seed)


def test_an_effect_tried_again_sends_what_it_sent_the_first_time() -> None:
    """Under one idempotency key: whatever has come meanwhile, and whatever the clock says."""
    sent: list[tuple[Any, int, int, int]] = []

    async def pays(config: nodes.Given, step: Step) -> None:
        sent.append((config.value, step.clock, step.seed, step.began))
        if step.attempt < 3:
            raise Recoverable("no answer", retry_after=0.05)

    document = chain(1, {"type": "test.node", "join": "any", "retry": {"max_attempts": 3, "initial": "1ms"}})
    document["nodes"][1]["config"] = {"value": ["{{ nodes.slow }}", "{{ now }}"]}
    document["nodes"].append({"id": "slow", "type": "flow.wait", "config": {"for": "10ms"}})
    document["edges"] += [{"from": "start", "to": "slow"}, {"from": "slow", "to": "n0"}]
    start(publish(document))
    drive(catalogue=Catalogue(make(pays, Effect.KEYED)))
    assert len(sent) == 3
    assert sent[0][0][0] is None
    assert [one[:3] for one in sent] == [sent[0][:3]] * 3
    assert sent[0][3] < sent[1][3] < sent[2][3]


def test_changing_what_it_was_given_does_not_reach_into_other_steps() -> None:
    document = chain(3)
    document["nodes"][2] = {"id": "n1", "type": "test.node", "config": {"value": "{{ nodes.n0 }}"}}
    document["nodes"][3] = {"id": "n2", "type": "data.set", "config": {"fields": {"first": "{{ nodes.n0 }}"}}}
    run = start(publish(document))
    drive(catalogue=Catalogue(make(nodes.greedy)))
    run.refresh_from_db()
    assert run.output == '{"first":{"n":1}}'


def test_cancelling_a_running_run_cuts_its_attempt() -> None:
    run, catalogue = one(nodes.forever)

    async def cancelled() -> None:
        async with executing(catalogue=catalogue, pace=Pace(look=0.05, linger=0.1)) as executor:
            turn = asyncio.ensure_future(executor.turn())
            while not any(driver.sleeping for driver in executor.drivers):
                await asyncio.sleep(0.01)
            await asyncio.to_thread(_in_thread, lambda: send(run, "cancel", {"reason": "enough", "by": "min"}))
            await turn

    asyncio.run(cancelled())
    run.refresh_from_db()
    assert (run.status, run.mail) == ("cancelled", 0)
    assert kinds(run)[-3:] == ["cancel_requested", "step_cancelled", "run_cancelled"]


def _in_thread(work: object) -> None:
    from django.db import connection

    try:
        work()  # type: ignore[operator]  # some work to do
    finally:
        connection.close()


def test_pausing_and_resuming() -> None:
    run = start(publish(chain(2)))
    send(run, "pause", {"by": "min"})
    drive()
    run.refresh_from_db()
    assert (run.status, run.owner, run.wake_at) == ("paused", None, None)
    send(run, "resume", {"by": "min"})
    drive()
    run.refresh_from_db()
    assert run.status == "succeeded"


def test_an_orderly_stop_gives_a_run_back_at_once_and_counts_for_nothing() -> None:
    run, catalogue = one(nodes.forever, Effect.READ)

    async def stopped() -> None:
        async with executing(catalogue=catalogue, pace=QUICK) as executor:
            turn = asyncio.ensure_future(executor.turn())
            while not any(driver.sleeping for driver in executor.drivers):
                await asyncio.sleep(0.01)
            executor.stop()
            await turn

    asyncio.run(stopped())
    run.refresh_from_db()
    assert run.owner is None
    assert run.wake_at <= datetime.now(UTC)
    lost = journal(run)[-1]
    assert isinstance(lost, AttemptLost)
    assert lost.cause == "released"
    assert not run.careful
    assert not Executor.objects.exists()


def test_a_long_run_goes_on_from_its_snapshot() -> None:
    listing = {"type": "data.set", "config": {"fields": {"n": 1}}, "each": {"items": "{{ input.items }}"}}
    document = chain(2, listing)
    document["nodes"][2] = {"id": "n1", "type": "flow.wait", "config": {"for": "1h"}}
    run = start(publish(document), {"items": list(range(600))})
    drive()
    run.refresh_from_db()
    assert run.status == "waiting"
    snapshot = Snapshot.objects.get()
    assert 500 < snapshot.seq <= run.seq
    Event.objects.filter(seq__lte=snapshot.seq).update(data="not even JSON")
    send(run, "cancel", {})
    drive()
    run.refresh_from_db()
    assert run.status == "cancelled"


def test_a_run_whose_document_is_gone_is_set_aside_for_people() -> None:
    version = publish(chain(1))
    run = start(version)
    Run.objects.update(document_hash="0" * 64)
    drive()
    run.refresh_from_db()
    assert (run.status, run.owner) == ("paused", None)
    assert "document_missing" in run.error


def test_secrets_are_hidden_from_the_log_the_input_and_the_error() -> None:
    run, catalogue = one(nodes.betraying, config={"value": "{{ {'api_key': 'abc'} }}"}, credential="bank")
    credential = Credential(workspace_id=run.workspace_id, name="bank", kind="basic", hosts=["bank.example"])
    credential.secret = seal(credential.pk, {"password": "correct horse"})
    credential.save()
    drive(catalogue=catalogue)
    run.refresh_from_db()
    texts = [event.data for event in Event.objects.all()] + [run.error]
    assert not [text for text in texts if "correct horse" in text or "abc" in text]
    assert "was refused" in run.error


def test_a_missing_credential_is_named() -> None:
    run, catalogue = one(nodes.telling, credential="bank")
    drive(catalogue=catalogue)
    run.refresh_from_db()
    assert "The credential bank does not exist" in run.error
