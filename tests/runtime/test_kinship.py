"""What holds between a run and the runs its steps called, told from events and rows made by hand."""

from collections.abc import Set as AbstractSet

import pytest

from flows.engine.events import (
    ErrorInfo,
    Event,
    ItemsListed,
    PayloadRef,
    StepCancelled,
    StepFailed,
    StepRetrying,
    StepStarted,
    StepSucceeded,
    StepWaiting,
)
from flows.runtime.kinship import Calls, Child, digest, kin_holds
from flows.security.safejson import Json

CHILD = "0198-child"
OTHER = "0198-other"


def waiting(run: str = CHILD, step: str = "call") -> StepWaiting:
    return StepWaiting(at=2, step=step, on="child", ref=run)


def answer(output: Json = 42, port: str = "out", step: str = "call") -> StepSucceeded:
    return StepSucceeded(at=3, step=step, port=port, output=output)


def refusal(details: Json, step: str = "call") -> StepFailed:
    return StepFailed(at=3, step=step, error=ErrorInfo(code="no", message="No", details=details))


def again(details: Json) -> StepRetrying:
    return StepRetrying(at=3, step="call", error=ErrorInfo(code="no", message="No", details=details), due=9)


def told(*events: Event) -> Calls:
    calls = Calls()
    for event in events:
        calls.take(event)
    return calls


def child(
    status: str = "succeeded",
    *,
    step: str = "call",
    output: str | None = "42",
    awaited: bool = True,
    is_recalled: bool = False,
) -> Child:
    text = None if output is None else digest(output)
    return Child(step=step, status=status, output=text, awaited=awaited, is_recalled=is_recalled)


def faults(
    calls: Calls, children: dict[str, Child], letters: AbstractSet[str] = frozenset(), *, has_ended: bool = False
) -> list[tuple[str, str]]:
    return list(kin_holds(calls, children, letters, has_ended=has_ended))


# --- what the journal says ---------------------------------------------------------------------------------


def test_a_step_that_waits_for_a_run_has_called_it() -> None:
    calls = told(StepStarted(at=1, step="call", attempt=1, seed=1), waiting())
    assert calls.waits == {"call": CHILD}
    assert calls.named == {CHILD: "call"}
    assert calls.over == []


def test_who_waits_for_something_else_has_called_nobody() -> None:
    calls = told(StepWaiting(at=2, step="ask", on="approval", ref=CHILD), answer(step="ask"))
    assert (calls.waits, calls.named, calls.over) == ({}, {}, [])


def test_an_output_by_the_ordinary_port_is_the_answer_of_the_called_run() -> None:
    calls = told(waiting(), answer({"total": 42}))
    assert calls.waits == {}
    assert calls.over == [("call", CHILD, "answered", digest('{"total":42}'))]


def test_a_large_answer_is_compared_by_its_hash_as_the_column_names_it() -> None:
    calls = told(waiting(), StepSucceeded(at=3, step="call", output=PayloadRef("abc", 40_000)))
    assert calls.over == [("call", CHILD, "answered", digest("@abc"))]


def test_the_port_timeout_is_no_answer() -> None:
    assert told(waiting(), answer(None, port="timeout")).over == [("call", CHILD, "left", "")]


@pytest.mark.parametrize("end", [refusal, again])
def test_a_failure_that_names_the_called_run_is_its_refusal(end: type[StepFailed]) -> None:
    assert told(waiting(), end({"run": CHILD})).over == [("call", CHILD, "refused", "")]


@pytest.mark.parametrize("details", [None, {"run": OTHER}, [CHILD], {}])
def test_a_failure_of_its_own_leaves_the_called_run(details: Json) -> None:
    assert told(waiting(), refusal(details)).over == [("call", CHILD, "left", "")]


def test_a_step_that_is_cut_leaves_the_called_run() -> None:
    assert told(waiting(), StepCancelled(at=3, step="call")).over == [("call", CHILD, "left", "")]


def test_a_second_try_calls_a_second_run() -> None:
    calls = told(waiting(), again({"run": CHILD}), waiting(OTHER), answer())
    assert [(run, how) for _, run, how, _ in calls.over] == [(CHILD, "refused"), (OTHER, "answered")]
    assert calls.named == {CHILD: "call", OTHER: "call"}


def test_what_happens_to_other_steps_ends_no_wait() -> None:
    calls = told(waiting(), answer(step="other"), StepCancelled(at=3, step="third"))
    assert calls.waits == {"call": CHILD}
    assert calls.over == []


def test_a_call_that_waits_for_nobody_is_known_by_its_output() -> None:
    assert told(answer({"run": CHILD})).named == {CHILD: "call"}


@pytest.mark.parametrize("output", [CHILD, {"run": 7}, {"run": CHILD, "more": 1}, [{"run": CHILD}], None])
def test_an_output_that_only_looks_alike_names_no_run(output: Json) -> None:
    assert told(answer(output)).named == {}


def test_the_step_that_called_is_named_and_no_container_with_the_same_output() -> None:
    assert told(answer({"run": CHILD}, step="tries/call"), answer({"run": CHILD}, step="tries")).named == {
        CHILD: "tries/call"
    }


def test_events_without_a_word_of_runs_say_nothing() -> None:
    calls = told(
        ItemsListed(at=1, step="list", count=2, items=[1, 2]), StepStarted(at=1, step="one", attempt=1, seed=1)
    )
    assert (calls.waits, calls.named, calls.over) == ({}, {}, [])


# --- what must hold beside it ------------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["queued", "running", "waiting", "paused", "compensating"])
def test_a_wait_for_a_run_that_goes_on_is_sound(status: str) -> None:
    assert faults(told(waiting()), {CHILD: child(status, output=None)}) == []


@pytest.mark.parametrize("status", ["succeeded", "failed", "cancelled"])
def test_a_wait_for_a_run_that_has_ended_is_sound_only_while_a_letter_tells_it(status: str) -> None:
    ended = {CHILD: child(status)}
    assert faults(told(waiting()), ended, {CHILD}) == []
    assert faults(told(waiting()), ended, {OTHER}) == [
        ("call", f"it waits for the run {CHILD}, which has {status}, and no letter tells it")
    ]


def test_a_wait_for_a_run_that_is_gone_is_sound_only_while_a_letter_tells_its_end() -> None:
    assert faults(told(waiting()), {}, {CHILD}) == []
    assert faults(told(waiting()), {}) == [("call", f"it waits for the run {CHILD}, which is not there")]


def test_a_wait_for_a_run_that_will_tell_nobody_is_named() -> None:
    assert faults(told(waiting()), {CHILD: child("running", awaited=False)}) == [
        ("call", f"it waits for the run {CHILD}, which will tell nobody of its end")
    ]


def test_a_run_that_has_ended_waits_for_none() -> None:
    assert faults(told(waiting()), {CHILD: child("running")}, has_ended=True) == [
        ("call", f"its run has ended, and it still waits for the run {CHILD}")
    ]


def test_the_answer_of_a_run_is_its_output() -> None:
    answered = told(waiting(), answer(42))
    assert faults(answered, {CHILD: child(output="42")}, has_ended=True) == []
    for output in ("43", "42.0", None):
        assert faults(answered, {CHILD: child(output=output)}) == [
            ("call", f"its output is not that of the run {CHILD}")
        ]


@pytest.mark.parametrize("status", ["running", "failed", "cancelled"])
def test_only_a_run_that_succeeded_answers(status: str) -> None:
    assert faults(told(waiting(), answer()), {CHILD: child(status)}) == [
        ("call", f"it has the output of the run {CHILD}, which is {status}")
    ]


@pytest.mark.parametrize(("status", "is_sound"), [("failed", True), ("cancelled", True), ("succeeded", False), ("running", False)])  # fmt: skip
def test_only_a_run_that_failed_or_was_cancelled_refuses(status: str, is_sound: bool) -> None:
    found = faults(told(waiting(), refusal({"run": CHILD})), {CHILD: child(status)})
    assert found == ([] if is_sound else [("call", f"it failed by the run {CHILD}, which is {status}")])


def test_a_run_that_nobody_waits_for_any_more_was_told_to_end_or_has_ended() -> None:
    left = told(waiting(), StepCancelled(at=3, step="call"))
    assert faults(left, {CHILD: child("running", is_recalled=True)}) == []
    assert faults(left, {CHILD: child("failed")}) == []
    assert faults(left, {CHILD: child("running")}) == [
        ("call", f"it waits no longer for the run {CHILD}, which goes on and was never cancelled")
    ]


@pytest.mark.parametrize("end", [answer(), refusal({"run": CHILD}), StepCancelled(at=3, step="call")])
def test_a_called_run_may_be_purged_once_nobody_waits_for_it(end: Event) -> None:
    assert faults(told(waiting(), end), {}) == []


def test_a_run_that_the_journal_says_nothing_of_is_named() -> None:
    assert faults(told(), {CHILD: child()}) == [
        ("call", f"the run {CHILD} was called by it, and the journal knows nothing of that")
    ]


def test_a_run_that_says_another_step_called_it_is_named() -> None:
    assert faults(told(answer({"run": CHILD})), {CHILD: child(step="other")}) == [
        ("other", f"the run {CHILD} was called by it, and the journal knows nothing of that")
    ]


def test_each_of_many_calls_is_looked_at() -> None:
    calls = told(waiting(), waiting(OTHER, step="each[1]/call"))
    assert [step for step, _ in faults(calls, {CHILD: child("running")})] == ["each[1]/call"]
