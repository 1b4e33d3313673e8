"""Flows that call flows: one child for a call, whatever dies, and both ends hear of each other."""

import asyncio
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import psycopg
import pytest

from flows.engine.events import CancelRequested, PayloadRef, StepFailed, StepRetrying, StepSucceeded, StepWaiting
from flows.journal import flush as flushing
from flows.journal import writer
from flows.journal.read import run_view, step_detail
from flows.models import Inbox, Run
from flows.operations import retention, starting, steering
from flows.operations.actor import system
from flows.operations.drafts import save_draft
from flows.operations.fsck import check
from flows.operations.publishing import publish
from flows.operations.run_filter import RunFilter
from flows.operations.runs import list_runs
from tests import cast
from tests.runtime.house import drive, executing, journal, vanish

pytestmark = pytest.mark.django_db(transaction=True)

DOUBLE: dict[str, Any] = {"id": "double", "type": "data.transform", "config": {"value": "{{ input.n * 2 }}"}}
WAITS: dict[str, Any] = {"id": "waits", "type": "flow.wait", "config": {"for": "7d"}}
FAILS: dict[str, Any] = {"id": "fails", "type": "flow.stop", "config": {"outcome": "error", "message": "no stock"}}
INPUTS: dict[str, Any] = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}
START: dict[str, Any] = {"id": "start", "type": "trigger.manual"}


def calling(**config: Any) -> dict[str, Any]:
    return {"id": "call", "type": "flow.call", "config": {"flow": "child", "input": {"n": "{{ input.n }}"}} | config}


def code(line: str) -> dict[str, Any]:
    return {"id": "code", "type": "code.python", "config": {"input": 0, "code": f"def run(input):\n    {line}"}}


def flow_of(*nodes: dict[str, Any], name: str, **rest: Any) -> Any:
    actor = system(cast.workspace("house").pk, "asker")
    return cast.flow(actor, cast.with_nodes(START, *nodes, **rest), name=name)


def asked(*nodes: dict[str, Any], given: Any = None, **rest: Any) -> Run:
    """A run of a flow of these nodes, put into the queue."""
    made = flow_of(*nodes, name="parent", **rest)
    actor = system(made.workspace_id, "asker")
    return Run.objects.get(pk=starting.start(actor, made.pk, input=given or {"n": 21}).run.id)


def driven(run: Run, **given: Any) -> Run:
    """Turn after turn, until the run has ended."""
    for _ in range(50):
        drive(**given)
        run.refresh_from_db()
        if run.finished_at is not None:
            assert check().faults == []
            return run
    raise AssertionError(f"the run is still {run.status}")


def parked(run: Run, **given: Any) -> Run:
    """Turn after turn, until the run and its child wait for what only time or people bring."""
    for _ in range(50):
        drive(**given)
        statuses = set(Run.objects.values_list("status", flat=True))
        if statuses == {"waiting"} and Run.objects.count() == 2:
            run.refresh_from_db()
            return run
    raise AssertionError(f"they are {statuses}")


def child_of(run: Run) -> Run:
    return Run.objects.get(parent_run_id=run.pk)


def of(run: Run, kind: type[Any]) -> Any:
    return next(event for event in journal(run) if isinstance(event, kind))


def test_the_output_of_the_child_is_the_output_of_the_step() -> None:
    flow_of(DOUBLE, name="child", inputs=INPUTS)
    run = driven(asked(calling()))
    child = child_of(run)
    assert (run.status, run.output) == ("succeeded", "42")
    assert (child.status, child.output, child.number) == ("succeeded", "42", 1)
    assert (child.parent_step, child.depth, child.started_by) == ("call", 1, "asker")
    assert of(run, StepWaiting).ref == str(child.pk)


def test_a_call_that_does_not_wait_goes_on_with_the_run() -> None:
    flow_of(WAITS, name="child")
    run = driven(asked(calling(wait=False)))
    child = child_of(run)
    assert run.output == f'{{"run":"{child.pk}"}}'
    drive()
    child.refresh_from_db()
    assert child.status == "waiting"


def test_nobody_is_told_the_end_of_a_run_that_is_not_awaited() -> None:
    flow_of(DOUBLE, name="child")
    run = asked(calling(wait=False), WAITS)
    for _ in range(50):
        drive()
        if child_of(run).finished_at is not None:
            break
    assert not Inbox.objects.filter(run_id=run.pk).exists()


def test_both_runs_lead_to_each_other() -> None:
    flow_of(DOUBLE, name="child")
    run = driven(asked(calling()))
    child = child_of(run)
    mine, theirs = run_view(run.pk) or {}, run_view(child.pk) or {}
    detail: Any = step_detail(run.pk, "call")
    assert mine["parent"] is None
    assert theirs["children"] == []
    assert mine["children"] == detail["children"]
    (told,) = detail["children"]
    assert told | {"created_at": "", "finished_at": ""} == {
        "run": str(child.pk), "flow": str(child.flow_id), "flow_name": "child", "number": 1, "status": "succeeded",
        "step": "call", "created_at": "", "finished_at": "",
    }  # fmt: skip
    assert theirs["parent"] == {
        "run": str(run.pk), "flow": str(run.flow_id), "flow_name": "parent", "number": 1, "status": "succeeded",
        "step": "call",
    }  # fmt: skip
    listed = list_runs(system(run.workspace_id, "asker"), RunFilter(parent=run.pk))
    assert [one.pk for one in listed.rows] == [child.pk]


def test_a_version_that_is_named_runs_though_another_is_live() -> None:
    child = flow_of(DOUBLE, name="child")
    actor = system(child.workspace_id, "asker")
    other = DOUBLE | {"config": {"value": "{{ input.n * 3 }}"}}
    save_draft(actor, child.pk, document=cast.with_nodes(START, other), revision=1)
    publish(actor, child.pk)
    run = driven(asked(calling(version=1), calling() | {"id": "live"}))
    versions = Run.objects.filter(parent_run_id=run.pk).order_by("id").values_list("parent_step", "version__number")
    assert list(versions) == [("call", 1), ("live", 2)]
    assert run.output == "63"


@pytest.mark.parametrize(
    ("config", "code"),
    [
        ({"input": {"n": "many"}}, "input_refused"),
        ({"input": {}}, "input_refused"),
        ({"flow": "nowhere"}, "not_found"),
        ({"version": 9}, "not_found"),
    ],
)
def test_a_call_that_is_refused_fails_its_step_with_the_reason(config: dict[str, Any], code: str) -> None:
    flow_of(DOUBLE, name="child", inputs=INPUTS)
    run = driven(asked(calling(**config)))
    assert run.status == "failed"
    assert of(run, StepFailed).error.code == code
    assert not Run.objects.filter(parent_run_id=run.pk).exists()


def test_a_name_of_two_flows_is_refused_and_an_id_is_not() -> None:
    first = flow_of(DOUBLE, name="child")
    flow_of(DOUBLE, name="child")
    refused = driven(asked(calling()))
    assert of(refused, StepFailed).error.code == "flow_ambiguous"
    assert str(first.pk) in of(refused, StepFailed).error.message
    assert driven(asked(calling(flow=str(first.pk)))).output == "42"


def test_a_flow_of_another_workspace_is_not_there() -> None:
    stranger = cast.person("stranger", "admin", home="elsewhere").actor
    theirs = cast.flow(stranger, cast.with_nodes(START, DOUBLE), name="child")
    run = driven(asked(calling(flow=str(theirs.pk))))
    assert of(run, StepFailed).error.code == "not_found"


def test_a_flow_that_calls_itself_ends_at_the_limit() -> None:
    run = driven(asked(calling(flow="parent")))
    assert Run.objects.count() == 17
    assert max(Run.objects.values_list("depth", flat=True)) == 16
    error = of(run, StepFailed).error
    assert (error.code, error.message) == (
        "calls_too_deep",
        "The flows that call one another are 17 deep, over the limit of 16.",
    )


def test_the_failure_of_the_child_is_the_failure_of_the_step() -> None:
    flow_of(FAILS, name="child")
    run = driven(asked(calling()))
    child = child_of(run)
    error = of(run, StepFailed).error
    assert (run.status, error.code, error.message, error.klass) == ("failed", "stopped", "no stock", "permanent")
    assert error.details == {"run": str(child.pk), "number": 1, "node": "fails", "step": "fails"}
    assert not Inbox.objects.filter(kind="cancel").exists()


def test_a_recoverable_failure_of_the_child_is_tried_again_by_another_child() -> None:
    flow_of(code("raise Recoverable('busy')"), name="child")
    run = asked(calling() | {"retry": {"max_attempts": 2, "initial": "1ms"}})
    driven(run)
    assert of(run, StepRetrying).error.klass == "recoverable"
    assert Run.objects.filter(parent_run_id=run.pk, status="failed").count() == 2


def test_cancelling_the_parent_cancels_its_child() -> None:
    flow_of(WAITS, name="child")
    run = parked(asked(calling()))
    steering.cancel(system(run.workspace_id, "boss"), run.pk)
    driven(run)
    assert run.status == "cancelled"
    child = driven(child_of(run))
    assert child.status == "cancelled"
    assert of(child, CancelRequested).by == f"run {run.pk}"


def test_a_child_whose_time_is_over_is_cancelled() -> None:
    flow_of(WAITS, name="child")
    run = driven(asked(calling() | {"timeout": "200ms"}))
    assert of(run, StepFailed).error.code == "step_timeout"
    assert driven(child_of(run)).status == "cancelled"


def test_a_child_that_is_cancelled_fails_the_step_that_waits() -> None:
    flow_of(WAITS, name="child")
    run = parked(asked(calling()))
    child = child_of(run)
    steering.cancel(system(run.workspace_id, "boss"), child.pk)
    driven(run)
    error = of(run, StepFailed).error
    assert (run.status, error.code, error.details) == ("failed", "child_cancelled", {"run": str(child.pk), "number": 1})


def test_a_large_output_of_the_child_is_not_copied() -> None:
    flow_of(code("return 'x' * 50_000"), name="child")
    run = driven(asked(calling()))
    assert isinstance(of(run, StepSucceeded).output, PayloadRef)
    assert run.output == child_of(run).output


def test_an_iteration_calls_once_per_item_whoever_drives() -> None:
    flow_of(DOUBLE, name="child")
    each = {"each": {"items": "{{ list(range(40)) }}", "concurrency": 10}}
    run = asked(calling(input={"n": "{{ item }}"}) | each)

    async def both() -> None:
        async with executing() as first, executing() as second:
            await asyncio.gather(first.turn(), second.turn())

    for _ in range(50):
        asyncio.run(both())
        run.refresh_from_db()
        if run.finished_at is not None:
            break
    assert run.output == str([2 * n for n in range(40)]).replace(" ", "")
    assert Run.objects.filter(parent_run_id=run.pk).count() == 40


def test_retention_leaves_a_child_of_a_run_that_is_gone_as_it_is() -> None:
    flow_of(WAITS, name="child")
    run = driven(asked(calling(wait=False)))
    child = child_of(run)
    Run.objects.filter(pk=run.pk).delete()
    steering.cancel(system(child.workspace_id, "boss"), child.pk)
    assert driven(child).status == "cancelled"
    assert retention.purge() == 0


def test_called_runs_keep_to_the_limit_of_their_flow() -> None:
    flow_of(DOUBLE, name="child", settings={"concurrency": {"limit": 1}})
    each = {"each": {"items": "{{ list(range(5)) }}", "concurrency": 5}}
    run = driven(asked(calling(input={"n": "{{ item }}"}) | each))
    assert run.output == "[0,2,4,6,8]"
    spans = list(
        Run.objects.filter(parent_run_id=run.pk).order_by("started_at").values_list("started_at", "finished_at")
    )
    assert all(before[1] <= after[0] for before, after in pairwise(spans))


def test_a_flow_that_refuses_more_refuses_a_call_and_a_cancel_reaches_who_stands_in_line() -> None:
    flow_of(WAITS, name="child", settings={"concurrency": {"limit": 1, "when_full": "reject"}})
    first = parked(asked(calling()))
    assert of(driven(asked(calling())), StepFailed).error.code == "concurrency_limit"
    steering.cancel(system(first.workspace_id, "boss"), first.pk)
    assert driven(first).status == "cancelled"


def test_a_child_that_stands_in_line_is_cancelled_with_its_parent() -> None:
    flow_of(WAITS, name="child", settings={"concurrency": {"limit": 1}})
    parked(asked(calling()))
    second = asked(calling())
    for _ in range(50):
        drive()
        second.refresh_from_db()
        if second.status == "waiting":
            break
    assert child_of(second).held
    steering.cancel(system(second.workspace_id, "boss"), second.pk)
    assert driven(second).status == "cancelled"
    assert driven(child_of(second)).status == "cancelled"


# --- deaths ----------------------------------------------------------------------------------------------


async def _die(when: Callable[[], bool]) -> None:
    async with executing() as executor:
        turn = asyncio.ensure_future(executor.turn())
        while not when():
            await asyncio.sleep(0.01)
        await vanish(executor)
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.wait([turn, *others])
        await executor._station.abandon()  # what waits for its answer would wait for ever


def stopping(monkeypatch: pytest.MonkeyPatch, at: Callable[[Any], bool], *, written: bool, cut: bool) -> dict[str, int]:
    """The first flush that holds such a batch is written or not, and its answer never comes."""
    seen = {"stopped": 0}

    async def flush(connection: Any, batches: Any) -> Any:
        if seen["stopped"] or not any(at(batch) for batch in batches):
            return await flushing.flush(connection, batches)
        if written:
            await flushing.flush(connection, batches)
        seen["stopped"] = 1
        if cut:
            await connection.close()
            raise psycopg.OperationalError("the line was cut")
        return await asyncio.get_running_loop().create_future()

    monkeypatch.setattr(writer, "flush", flush)
    return seen


@pytest.mark.parametrize("written", [True, False])
@pytest.mark.parametrize("at", ["the call", "the end of the child"])
def test_a_death_around_the_commit_leaves_one_child(monkeypatch: pytest.MonkeyPatch, at: str, written: bool) -> None:
    flow_of(DOUBLE, name="child")
    run = asked(calling())
    met = (lambda batch: batch.children) if at == "the call" else (lambda batch: batch.letters)
    seen = stopping(monkeypatch, met, written=written, cut=False)
    asyncio.run(_die(lambda: bool(seen["stopped"])))
    assert driven(run).output == "42"
    assert child_of(run).status == "succeeded"


@pytest.mark.parametrize("written", [True, False])
def test_a_commit_whose_answer_is_lost_leaves_one_child(monkeypatch: pytest.MonkeyPatch, written: bool) -> None:
    flow_of(DOUBLE, name="child")
    run = asked(calling())
    stopping(monkeypatch, lambda batch: batch.children, written=written, cut=True)
    assert driven(run).output == "42"
    assert child_of(run).status == "succeeded"


def test_an_executor_that_was_replaced_makes_no_child(monkeypatch: pytest.MonkeyPatch) -> None:
    flow_of(DOUBLE, name="child")
    run = asked(calling())
    seen = {"raised": 0}

    async def flush(connection: Any, batches: Any) -> Any:
        if not seen["raised"] and any(batch.children for batch in batches):
            seen["raised"] = 1
            await connection.execute("UPDATE flows_run SET fence = fence + 1, owner = NULL WHERE id = %s", (run.pk,))
            await connection.execute("UPDATE flows_run SET wake_at = now() WHERE id = %s", (run.pk,))
        return await flushing.flush(connection, batches)

    monkeypatch.setattr(writer, "flush", flush)
    assert driven(run).output == "42"
    assert seen["raised"] == 1
    assert child_of(run).status == "succeeded"
