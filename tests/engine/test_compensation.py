"""Undoing what was completed when a run fails."""

from typing import Any

from flows.engine.events import StepStarted
from tests.engine.drafting import fails, flow, run, states

SAGA: dict[str, Any] = {"on_failure": "compensate"}
SECOND = 1_000_000


def test_an_undo_may_have_successors_and_is_done_with_the_last_of_them() -> None:
    document = flow("start > a > b > c", "a.compensate > ua", "b.compensate > ub > uc", settings=SAGA)
    simulation = run(document, mocks={"c": [fails()], "uc": [{"after": "5s"}]})
    begun = {event.step: event.at for event in simulation.journal if isinstance(event, StepStarted)}
    assert begun["ua"] == 5 * SECOND
    assert [states(simulation)[key] for key in ("a", "b", "ua", "ub", "uc")] == ["compensated"] * 2 + ["succeeded"] * 3


def test_an_undo_is_retried_by_its_own_policy() -> None:
    document = flow(
        "start > a > b", "a.compensate > ua", settings=SAGA, ua={"retry": {"max_attempts": 2, "initial": "1s"}}
    )
    simulation = run(document, mocks={"b": [fails()], "ua": [fails("recoverable"), {}]})
    assert states(simulation)["a"] == "compensated"
    assert simulation.alerts == 0


def test_an_undo_reads_the_output_of_what_it_undoes() -> None:
    document = flow(
        "start > a > b",
        "a.compensate > ua",
        settings=SAGA,
        ua={"type": "flow.if", "config": {"condition": "{{ nodes.a.id == 7 }}"}},
    )
    simulation = run(document, mocks={"a": [{"output": {"id": 7}}], "b": [fails()]})
    assert simulation.ledger.steps["ua"].output == {"port": "true"}


def test_nothing_is_undone_unless_the_flow_says_so() -> None:
    simulation = run(flow("start > a > b", "a.compensate > ua"), mocks={"b": [fails()]})
    assert (states(simulation)["a"], states(simulation)["ua"]) == ("succeeded", "skipped")


def test_a_failed_step_that_went_on_is_not_undone() -> None:
    document = flow("start > a > b", "a.compensate > ua", settings=SAGA, a={"on_error": "continue"})
    simulation = run(document, mocks={"a": [fails()], "b": [fails()]})
    assert (states(simulation)["a"], states(simulation)["ua"]) == ("failed", "skipped")


def test_a_stop_with_an_error_and_a_timeout_undo_too() -> None:
    stop = {"type": "flow.stop", "config": {"outcome": "error", "message": "no stock"}}
    simulation = run(flow("start > a > s", "a.compensate > ua", settings=SAGA, s=stop))
    assert (simulation.status, states(simulation)["a"]) == ("failed", "compensated")
    late = flow("start > a > b", "a.compensate > ua", settings={**SAGA, "timeout": "5s"})
    simulation = run(late, mocks={"b": [{"after": "60s"}], "ua": [{"after": "60s"}]})
    assert (states(simulation)["a"], simulation.finished_at) == ("compensated", 65 * SECOND)


def test_steps_inside_iterations_are_undone_across_iterations_in_reverse() -> None:
    document = flow(
        "start > l > z",
        "p@l",
        "p.compensate > up@l",
        settings=SAGA,
        l={"type": "flow.for_each", "config": {"items": [1, 2, 3]}},
    )
    simulation = run(document, mocks={"z": [fails()]})
    undone = [
        event.step for event in simulation.journal if isinstance(event, StepStarted) and "up" in (event.step or "")
    ]
    assert undone == ["l[2]/up", "l[1]/up", "l[0]/up"]
    assert states(simulation)["l[1]/p"] == "compensated"


def test_an_undo_inside_an_iteration_reads_its_item_after_the_loop_has_ended() -> None:
    document = flow(
        "start > l > z",
        "p@l",
        "p.compensate > up@l",
        settings=SAGA,
        l={"type": "flow.for_each", "config": {"items": ["x", "y"]}},
        up={"type": "flow.if", "config": {"condition": "{{ item == 'y' and nodes.p == 1 }}"}},
    )
    simulation = run(document, mocks={"z": [fails()], "l[1]/p": [{"output": 1}]})
    assert simulation.ledger.steps["l[1]/up"].output == {"port": "true"}
    assert simulation.ledger.steps["l[0]/up"].output == {"port": "false"}


def test_a_run_says_that_it_is_compensating() -> None:
    document = flow("start > a > b", "a.compensate > ua", settings=SAGA)
    simulation = run(document, mocks={"b": [fails()], "ua": [fails("corruption")]})
    assert simulation.status == "paused"
    machine = simulation.machine
    machine.state.paused = False
    assert machine.status == "compensating"


def test_a_crash_while_undoing_undoes_each_once() -> None:
    document = flow("start > a > b > c", "a.compensate > ua", "b.compensate > ub", settings=SAGA)
    mocks = {"c": [fails()], "ub": [fails()]}
    for crash in range(1, len(run(document, mocks=mocks).journal) + 1):
        simulation = run(document, mocks=mocks, crash_after=(crash,))
        assert simulation.alerts == 1
        assert simulation.ledger.steps["ua"].completions == 1
        assert states(simulation)["a"] == "compensated"
