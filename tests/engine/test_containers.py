"""Nodes that hold or repeat others: each, for_each, while, try; their windows, errors and retries."""

from typing import Any

import pytest

from flows.dsl.document import Document
from flows.engine.events import StepStarted
from flows.engine.machine import Machine
from flows.engine.simulate import Simulation
from tests.engine.drafting import fails, flow, run, states

SECOND = 1_000_000


def loop(**more: Any) -> Document:
    """A loop over three items, each of two nodes in a row."""
    config = {"items": [1, 2, 3], **more.pop("config", {})}
    return flow("start > l > z", "p@l > q@l", l={"type": "flow.for_each", "config": config, **more})


def begun(simulation: Simulation, key: str) -> int:
    return sum(isinstance(event, StepStarted) and event.step == key for event in simulation.journal)


def test_an_iteration_gives_the_output_of_its_end_node() -> None:
    mocks = {f"l[{index}]/q": [{"output": index * 10}] for index in range(3)}
    assert run(loop(), mocks=mocks).ledger.steps["l"].output == [0, 10, 20]


def test_an_iteration_with_several_end_nodes_gives_an_object() -> None:
    document = flow("start > l", "p@l > q@l", "p > r@l", l={"type": "flow.for_each", "config": {"items": [1]}})
    simulation = run(document, mocks={"l[0]/q": [{"output": 1}], "l[0]/r": [{"output": 2}]})
    assert simulation.ledger.steps["l"].output == [{"q": 1, "r": 2}]


@pytest.mark.parametrize("concurrency", [1, 2, 3])
def test_no_more_items_run_at_once_than_the_window_has_room_for(concurrency: int) -> None:
    mocks = {f"l[{index}]/p": [{"after": "1s"}] for index in range(3)}
    simulation = run(loop(config={"concurrency": concurrency}), mocks=mocks)
    assert simulation.finished_at == -(-3 // concurrency) * SECOND


def test_a_failed_iteration_stops_the_loop_and_cancels_the_others() -> None:
    simulation = run(
        loop(config={"concurrency": 2}),
        mocks={"l[0]/p": [{"after": "9s"}], "l[1]/p": [fails(after="1s")]},
    )
    found = states(simulation)
    assert simulation.status == "failed"
    assert simulation.error is not None
    assert (simulation.error.message, simulation.origin) == ("no", "l[1]/p")
    assert {key: found[key] for key in ("l[0]/p", "l[0]/q", "l[1]/p", "l[1]/q", "l[2]", "l", "z")} == {
        "l[0]/p": "cancelled",
        "l[0]/q": "cancelled",
        "l[1]/p": "failed",
        "l[1]/q": "cancelled",
        "l[2]": "cancelled",
        "l": "failed",
        "z": "cancelled",
    }


def test_collected_failures_stand_at_their_place() -> None:
    mocks = {"l[1]/p": [fails()], "l[0]/q": [{"output": "a"}], "l[2]/q": [{"output": "c"}]}
    simulation = run(loop(config={"on_error": "collect"}), mocks=mocks)
    error = {"error": {"code": "mocked", "class": "permanent", "message": "no"}}
    assert simulation.status == "succeeded"
    assert simulation.ledger.steps["l"].output == ["a", error, "c"]


def test_a_retried_loop_runs_only_what_failed_and_no_completed_step_again() -> None:
    mocks = {"l[1]/q": [fails("recoverable"), {"output": "late"}], "l[2]/q": [{"output": "c"}]}
    document = loop(retry={"max_attempts": 2, "initial": "1s", "jitter": 0})
    simulation = run(document, mocks=mocks)
    assert simulation.status == "succeeded"
    assert simulation.ledger.steps["l"].output == [None, "late", "c"]
    assert [begun(simulation, key) for key in ("l[0]/p", "l[1]/p", "l[1]/q", "l[2]/p")] == [1, 1, 2, 1]


def test_a_retried_loop_keeps_what_stopping_had_cut() -> None:
    document = loop(config={"concurrency": 2}, retry={"max_attempts": 2, "initial": "1s", "jitter": 0})
    mocks = {"l[0]/q": [fails("recoverable"), {}], "l[1]/p": [{"after": "1s"}], "l[1]/q": [{"after": "9s"}, {}]}
    simulation = run(document, mocks=mocks)
    assert simulation.status == "succeeded"
    assert begun(simulation, "l[0]/p") == 1
    assert all(entry.completions == 1 for key, entry in simulation.ledger.steps.items() if "/" in key)


def test_collected_failures_are_tried_again_before_the_loop_ends() -> None:
    document = loop(config={"on_error": "collect"}, retry={"max_attempts": 2, "initial": "1s", "jitter": 0})
    simulation = run(document, mocks={"l[1]/p": [fails("recoverable"), {"output": 5}]})
    assert simulation.status == "succeeded"
    assert states(simulation)["l[1]/p"] == "succeeded"
    still = run(document, mocks={"l[1]/p": [fails("recoverable"), fails()]})
    assert still.status == "succeeded"
    assert begun(still, "l[1]/p") == 2


def tolerant(count: int, tolerate: float, **more: Any) -> Document:
    config = {"items": list(range(count)), "on_error": "collect", "tolerate": tolerate, **more.pop("config", {})}
    return flow("start > l > z", "p@l", l={"type": "flow.for_each", "config": config, **more})


def failing(count: int, *attempts: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    return {f"l[{index}]/p": [*(attempts or (fails(),))] for index in range(count)}


@pytest.mark.parametrize(
    ("count", "tolerate", "failed"), [(10, 0.2, 2), (100, 0.29, 29), (3, 1, 3), (7, 0, 0), (1, 0.99, 0)]
)
def test_as_many_failures_as_are_tolerated_fail_nothing_and_one_more_does(
    count: int, tolerate: float, failed: int
) -> None:
    assert run(tolerant(count, tolerate), mocks=failing(failed)).status == "succeeded"
    if failed == count:
        return
    simulation = run(tolerant(count, tolerate), mocks=failing(failed + 1))
    assert simulation.status == "failed"
    assert simulation.error is not None
    assert (simulation.error.code, simulation.error.klass) == ("too_many_failed", "partial")
    assert simulation.error.message.startswith(f"{failed + 1} of {count} items failed")
    if failed + 2 < count:
        assert f"l[{failed + 2}]/p" not in states(simulation)  # the rest was cut


def test_beyond_the_tolerated_share_only_what_failed_or_was_cut_is_run_again() -> None:
    document = tolerant(6, 0.2, config={"concurrency": 2}, retry={"max_attempts": 3, "initial": "1s", "jitter": 0})
    simulation = run(document, mocks=failing(4, fails(), {}) | {"l[0]/p": [{"output": "first"}]})
    assert simulation.status == "succeeded"
    assert all(entry.completions == 1 for key, entry in simulation.ledger.steps.items() if "/" in key)
    assert begun(simulation, "l[0]/p") == 1
    assert simulation.ledger.steps["l"].output == ["first", *[None] * 5]
    for crash in range(1, len(simulation.journal)):
        again = run(document, mocks=failing(4, fails(), {}) | {"l[0]/p": [{"output": "first"}]}, crash_after=(crash,))
        assert again.status == "succeeded", f"with a crash after event {crash}"


def test_the_items_of_a_single_node_have_a_tolerated_share_too() -> None:
    each = {"items": [1, 2, 3, 4], "on_error": "collect", "tolerate": 0.25}
    document = flow("start > p", p={"each": each})
    assert run(document, mocks={"p[0]": [fails()]}).status == "succeeded"
    simulation = run(document, mocks={"p[0]": [fails()], "p[1]": [fails()]})
    assert (simulation.status, simulation.error and simulation.error.code) == ("failed", "too_many_failed")


def test_a_retried_loop_goes_on_after_a_crash_at_any_event() -> None:
    document = loop(config={"concurrency": 2}, retry={"max_attempts": 2, "initial": "1s", "jitter": 0})
    mocks = {"l[1]/q": [fails("recoverable"), {"output": 1}]}
    for crash in range(1, len(run(document, mocks=mocks).journal) + 1):
        simulation = run(document, mocks=mocks, crash_after=(crash,))
        assert simulation.ledger.steps["l"].output == [None, 1, None]


def test_an_empty_list_and_an_empty_container_are_no_error() -> None:
    assert run(loop(config={"items": []})).ledger.steps["l"].output == []
    document = flow("start > l > z", l={"type": "flow.for_each", "config": {"items": [1, 2]}})
    assert run(document).ledger.steps["l"].output == [None, None]


@pytest.mark.parametrize("items", [7, "text", None, {"a": 1}])
def test_items_that_are_no_list_fail_the_step_with_a_hint(items: Any) -> None:
    simulation = run(flow("start > a", a={"each": {"items": items}}))
    assert simulation.error is not None
    assert (simulation.error.code, simulation.status) == ("not_a_list", "failed")
    assert "list" in simulation.error.hint


def test_items_read_the_outputs_before_them() -> None:
    document = flow("start > a > l", "p@l", l={"type": "flow.for_each", "config": {"items": "{{ nodes.a.rows }}"}})
    simulation = run(document, mocks={"a": [{"output": {"rows": [1, 2]}}]})
    assert simulation.ledger.steps["l"].output == [None, None]


def test_inner_expressions_see_the_item_and_outer_nodes() -> None:
    document = flow(
        "start > a > l",
        "p@l",
        l={"type": "flow.for_each", "config": {"items": ["x", "y"]}},
        p={"type": "flow.if", "config": {"condition": "{{ item == nodes.a }}"}},
    )
    simulation = run(document, mocks={"a": [{"output": "y"}]})
    assert simulation.ledger.steps["l"].output == [{"port": "false"}, {"port": "true"}]


def test_containers_within_containers_keep_their_keys_apart() -> None:
    document = flow(
        "start > l",
        "m@l",
        "p@m",
        l={"type": "flow.for_each", "config": {"items": [[1, 2], [3]]}},
        m={"type": "flow.for_each", "config": {"items": "{{ item }}"}},
    )
    simulation = run(document)
    assert {"l[0]/m[0]/p", "l[0]/m[1]/p", "l[1]/m[0]/p"} <= set(states(simulation))
    assert simulation.ledger.steps["l"].output == [[None, None], [None]]


# --- while -----------------------------------------------------------------------------------------------


def test_a_while_runs_until_its_condition_is_false_and_gives_the_last_output() -> None:
    document = flow(
        "start > w",
        "p@w",
        w={"type": "flow.while", "config": {"condition": "{{ index < 3 }}"}},
    )
    simulation = run(document, mocks={f"w[{turn}]/p": [{"output": turn}] for turn in range(3)})
    assert simulation.ledger.steps["w"].output == 2
    assert "w[3]/p" not in states(simulation)


def test_a_while_sees_what_the_turn_before_gave() -> None:
    condition = "{{ index == 0 or last.more }}"
    document = flow("start > w", "p@w", w={"type": "flow.while", "config": {"condition": condition}})
    mocks = {"w[0]/p": [{"output": {"more": True}}], "w[1]/p": [{"output": {"more": False}}]}
    assert run(document, mocks=mocks).ledger.steps["w"].output == {"more": False}


def test_a_while_without_an_end_fails_at_its_maximum() -> None:
    document = flow("start > w", "p@w", w={"type": "flow.while", "config": {"condition": True, "max": 4}})
    simulation = run(document)
    assert simulation.error is not None
    assert simulation.error.code == "too_many_turns"
    assert states(simulation)["w[3]/p"] == "succeeded"


def test_a_failing_turn_fails_the_while() -> None:
    document = flow("start > w", "p@w", w={"type": "flow.while", "config": {"condition": True}})
    simulation = run(document, mocks={"w[1]/p": [fails()]})
    assert (simulation.status, simulation.origin) == ("failed", "w[1]/p")


# --- try -------------------------------------------------------------------------------------------------


def attempt_of(**config: Any) -> Document:
    return flow("start > t > good", "t.caught > bad", "p@t > q@t", t={"type": "flow.try", "config": config})


def test_a_try_that_succeeds_leaves_by_out_with_the_output_inside() -> None:
    simulation = run(attempt_of(), mocks={"t/q": [{"output": 5}]})
    assert simulation.ledger.steps["t"].output == 5
    assert (states(simulation)["good"], states(simulation)["bad"]) == ("succeeded", "skipped")


def test_a_failure_inside_a_try_is_caught_and_the_rest_inside_is_cancelled() -> None:
    simulation = run(attempt_of(), mocks={"t/p": [fails()]})
    found = states(simulation)
    assert (found["t/q"], found["good"], found["bad"]) == ("cancelled", "skipped", "succeeded")
    assert simulation.ledger.steps["t"].output == {"error": {"code": "mocked", "class": "permanent", "message": "no"}}


def test_a_class_that_isnt_caught_fails_the_try() -> None:
    assert run(attempt_of(catch=["recoverable"]), mocks={"t/p": [fails()]}).status == "failed"
    assert run(attempt_of(), mocks={"t/p": [fails("critical")]}).status == "failed"


# --- time and size ---------------------------------------------------------------------------------------


def test_a_container_past_its_timeout_fails_and_what_is_inside_is_cut() -> None:
    document = flow("start > t > z", "p@t", t={"type": "flow.try", "timeout": "5s", "on_error": "continue"})
    simulation = run(document, mocks={"t/p": [{"after": "60s"}]})
    found = states(simulation)
    assert (found["t/p"], found["t"], found["z"]) == ("cancelled", "failed", "succeeded")
    assert simulation.finished_at == 5 * SECOND


def test_finished_iterations_leave_nothing_in_memory() -> None:
    count = 2_000
    document = flow("start > l", "p@l", l={"type": "flow.for_each", "config": {"items": [0] * count, "concurrency": 5}})
    simulation = run(document)
    machine = Machine(simulation.machine.plan)
    largest, sizes = 0, set()
    for event in simulation.journal:
        machine.apply(event)
        largest = max(largest, len(machine.state.steps) + len(machine.state.scopes))
        sizes.add(machine.size)
    assert largest < 20
    assert max(sizes) >= count  # a snapshot would copy the outputs gathered so far
    assert machine.size == 2
    assert len(simulation.journal) == 2 * count + 5


def test_the_progress_of_a_loop_is_seen() -> None:
    simulation = run(loop(config={"on_error": "collect"}), mocks={"l[0]/p": [fails()]})
    machine = Machine(simulation.machine.plan)
    seen = []
    for event in simulation.journal:
        machine.apply(event)
        step = machine.step("l")
        if step is not None and step.items is not None and step.items not in seen:
            seen.append(step.items)
    assert seen == [(0, 0, 3), (1, 1, 3), (2, 1, 3), (3, 1, 3)]
