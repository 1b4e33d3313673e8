"""`flow.lock`: standing in line, being let in, letting go whatever ends it; the fencing token; what is refused."""

from typing import Any

import pytest

from flows.dsl.document import Document
from flows.engine.compile import compile_plan
from flows.engine.events import CancelRequested, Event, LockGranted, StepCancelled, StepStarted
from flows.engine.invariants import Examiner
from flows.engine.machine import Machine
from flows.engine.outcomes import Granted, WaitsFor
from flows.engine.simulate import Simulation
from flows.engine.snapshot import dump_state, load_state
from tests.engine.catalogue import CATALOGUE
from tests.engine.drafting import fails, flow, run, states

SECOND = 1_000_000


def lock(name: str = "x", **more: Any) -> dict[str, Any]:
    return {"type": "flow.lock", "config": {"name": name, **more.pop("config", {})}, **more}


def guarded(**more: Any) -> Document:
    return flow("start > l > z", "p@l > q@l", l=lock(**more))


def at(simulation: Simulation, kind: type[Event], step: str) -> int | None:
    return next((event.at for event in simulation.journal if isinstance(event, kind) and event.step == step), None)


def tokens(simulation: Simulation) -> list[int]:
    return [event.token for event in simulation.journal if isinstance(event, LockGranted)]


def examined(simulation: Simulation, events: list[Event]) -> set[tuple[str, str | None]]:
    """What is found wrong with these events of its flow: the rules and the steps."""
    examiner = Examiner(simulation.machine.plan)
    for seq, event in enumerate(events, 1):
        examiner.take(seq, event)
    return {(one.rule, one.step) for one in examiner.finish()}


def test_what_is_inside_begins_with_the_grant_and_its_output_is_the_containers() -> None:
    simulation = run(guarded(), mocks={"l": [{"after": "5s"}], "l/q": [{"output": 7}]})
    assert (simulation.status, simulation.ledger.steps["l"].output) == ("succeeded", 7)
    assert at(simulation, StepStarted, "l/p") == at(simulation, LockGranted, "l") == 5 * SECOND
    assert simulation.machine.locks() == {}


@pytest.mark.parametrize("kind", ["flow.lock", "flow.try"])
def test_nothing_inside_is_over_at_once(kind: str) -> None:
    simulation = run(
        flow("start > l > z", l=lock() | {"type": kind, "config": {"name": "x"} if kind == "flow.lock" else {}})
    )
    assert states(simulation)["z"] == "succeeded"


def test_who_comes_first_is_let_in_first_and_tokens_grow() -> None:
    items = {"type": "flow.for_each", "config": {"items": [1, 2, 3], "concurrency": 3}}
    document = flow("start > f", "l@f", "p@l", f=items, l=lock())
    simulation = run(document, mocks={f"f[{index}]/l/p": [{"after": "2s"}] for index in range(3)})
    began = [at(simulation, StepStarted, f"f[{index}]/l/p") for index in range(3)]
    assert began == [0, 2 * SECOND, 4 * SECOND]
    assert tokens(simulation) == [1, 2, 3]


def test_as_many_are_inside_as_the_strictest_of_them_allows() -> None:
    two = lock(config={"limit": 2})
    document = flow("start > a", "start > b", "start > c", "p@a", "q@b", "r@c", a=two, b=two, c=two)
    slow = {key: [{"after": "3s"}] for key in ("a/p", "b/q", "c/r")}
    simulation = run(document, mocks=slow)
    assert [at(simulation, LockGranted, key) for key in "abc"] == [0, 0, 3 * SECOND]
    alone = flow("start > a", "start > b", "p@a", "q@b", a=two, b=lock(config={"limit": 1}))
    assert at(run(alone, mocks=slow), LockGranted, "b") == 3 * SECOND
    turned = flow("start > a", "start > b", "p@a", "q@b", a=lock(config={"limit": 1}), b=two)
    assert at(run(turned, mocks=slow), LockGranted, "b") == 3 * SECOND


def test_the_token_is_known_inside_and_nowhere_else() -> None:
    stop = {"type": "flow.stop", "config": {"output": "{{ lock.name }} {{ lock.token }} {{ index }}"}}
    inner = flow("start > l", "w@l", "p@w", l=lock(), w={"type": "flow.while", "config": {"condition": True}}, p=stop)
    assert run(inner).output == "x 1 0"
    nested = flow(
        "start > l",
        "k@l",
        "p@k",
        l=lock(),
        k=lock("{{ lock.name }}-{{ lock.token }}"),
        p=stop | {"config": {"output": "{{ lock.name }} {{ lock.token }}"}},
    )
    assert run(nested).output == "x-1 2"


def test_a_wait_that_is_too_long_fails_with_an_error_of_its_own() -> None:
    simulation = run(guarded(config={"wait": "2s"}), mocks={"l": [{"after": "5s"}]})
    assert simulation.error is not None
    assert (simulation.status, simulation.error.code, simulation.error.klass) == (
        "failed",
        "lock_timeout",
        "recoverable",
    )
    assert simulation.finished_at == 2 * SECOND
    routed = flow("start > l > z", "l.error > late", "p@l", l=lock(config={"wait": "2s"}, on_error="route"))
    found = states(run(routed, mocks={"l": [{"after": "5s"}]}))
    assert (found["l"], found["late"], found["z"], found.get("l/p")) == ("failed", "succeeded", "skipped", None)


def test_a_retry_stands_in_line_again_and_never_repeats_what_was_done_inside() -> None:
    again = {"max_attempts": 2, "initial": "1s", "jitter": 0}
    held = {"l": [{"after": "5s"}, {"after": "1s"}]}
    simulation = run(guarded(config={"wait": "2s"}, retry=again), mocks=held)
    assert (simulation.status, at(simulation, LockGranted, "l")) == ("succeeded", 4 * SECOND)
    failing = run(guarded(retry=again), mocks={"l/q": [fails("recoverable")]})
    assert (failing.status, tokens(failing)) == ("failed", [1])
    late = run(guarded(retry=again, timeout="3s"), mocks={"l/q": [{"after": "9s"}]})
    assert (late.status, tokens(late), late.finished_at) == ("failed", [1], 3 * SECOND)


@pytest.mark.parametrize(
    ("mocks", "more", "cancel"),
    [
        ({"l/p": [fails()]}, {}, None),
        ({"l/p": [{"after": "60s"}]}, {"timeout": "2s", "on_error": "continue"}, None),
        ({"l": [{"after": "60s"}]}, {"timeout": "2s", "on_error": "continue"}, None),
        ({"l/p": [{"after": "60s"}]}, {}, 3 * SECOND),
        ({"l": [{"after": "60s"}]}, {}, 3 * SECOND),
    ],
)
def test_whatever_ends_it_lets_the_lock_go(mocks: Any, more: dict[str, Any], cancel: int | None) -> None:
    happenings = [CancelRequested(at=cancel)] if cancel is not None else []
    simulation = run(guarded(**more), mocks=mocks, happenings=happenings)
    assert simulation.status in ("succeeded", "failed", "cancelled")
    machine = Machine(simulation.machine.plan)
    held = []
    for event in simulation.journal:
        machine.apply(event)
        held.append("l" in machine.locks())
    assert held[-1] is False
    assert True in held


def test_a_lock_past_its_timeout_is_held_until_what_is_inside_was_cut() -> None:
    document = guarded(timeout="2s", on_error="continue")
    simulation = run(document, mocks={"l/p": [{"after": "60s"}]})
    machine = Machine(simulation.machine.plan)
    for event in simulation.journal:
        was = machine.locks()
        machine.apply(event)
        if was and not machine.locks():
            assert isinstance(event, StepCancelled)
            assert event.step in ("l/p", "l/q")
            break
    assert states(simulation)["l"] == "failed"


def test_a_lock_inside_itself_fails_and_one_beside_it_waits() -> None:
    inner = flow(
        "start > l",
        "w@l",
        "k@w",
        "p@k",
        l=lock(),
        w={"type": "flow.while", "config": {"condition": True}},
        k=lock("{{ lock.name }}"),
    )
    simulation = run(inner)
    assert simulation.error is not None
    assert simulation.error.code == "lock_within_itself"
    beside = flow("start > a", "start > b", "p@a", "q@b", a=lock(), b=lock())
    assert run(beside).status == "succeeded"


@pytest.mark.parametrize(("on_error", "klass"), [("stop", "recoverable"), ("collect", "permanent")])
def test_a_retried_loop_takes_the_lock_anew_and_keeps_what_was_done_inside(on_error: str, klass: str) -> None:
    again = {"max_attempts": 2, "initial": "1s", "jitter": 0}
    items = {"type": "flow.for_each", "config": {"items": [1], "on_error": on_error}, "retry": again}
    document = flow("start > f", "l@f", "p@l > q@l", f=items, l=lock())
    simulation = run(document, mocks={"f[0]/l/q": [fails(klass), {"output": 5}]})
    assert simulation.ledger.steps["f"].output == [5]
    assert tokens(simulation) == [1, 2]
    assert sum(isinstance(event, StepStarted) and event.step == "f[0]/l/p" for event in simulation.journal) == 1


def test_a_crash_anywhere_changes_nothing_and_asks_no_second_time() -> None:
    mocks = {"l": [{"after": "5s"}], "l/p": [{"after": "1s"}]}
    whole = run(guarded(), mocks=mocks)
    for seq in range(1, len(whole.journal)):
        crashed = run(guarded(), mocks=mocks, crash_after={seq})
        assert (crashed.status, states(crashed), tokens(crashed)) == (whole.status, states(whole), [1])


def test_a_snapshot_keeps_who_waits_and_who_holds() -> None:
    played = run(flow("start > a", "start > b", "p@a", "q@b", a=lock(), b=lock()), mocks={"a/p": [{"after": "3s"}]})
    plan = played.machine.plan
    machine = Machine(plan)
    for event in played.journal:
        machine.apply(event)
        again = Machine(plan, load_state(plan, dump_state(machine.state)))
        assert again.locks() == machine.locks()
        assert dump_state(again.state) == dump_state(machine.state)
        assert [again.reads(key) for key in again.state.steps] == [machine.reads(key) for key in machine.state.steps]


def test_an_answer_to_another_attempt_or_a_second_one_is_dropped() -> None:
    machine = Machine(compile_plan(guarded(), CATALOGUE))
    simulation = run(guarded(), mocks={"l": [{"after": "5s"}], "l/p": [{"after": "60s"}]})
    for event in simulation.journal:
        if isinstance(event, LockGranted):
            assert machine.report("l", machine.locks()["l"] + 1, Granted(1), 0) is None
            machine.apply(event)
            assert machine.report("l", machine.locks()["l"], Granted(1), 0) is None
            return
        machine.apply(event)
    raise AssertionError("it was never granted")


def test_who_examines_a_journal_sees_a_start_before_the_grant_and_a_token_that_shrinks() -> None:
    twice = flow(
        "start > w", "l@w", "p@l", w={"type": "flow.while", "config": {"condition": "{{ index < 2 }}"}}, l=lock()
    )
    played = run(twice)
    events = list(played.journal)
    assert examined(played, events) == set()
    shrunk = [LockGranted(at=0, step=e.step, token=1) if isinstance(e, LockGranted) else e for e in events]
    assert ("lock", "w[1]/l") in examined(played, shrunk)
    early = [event for event in events if not (isinstance(event, LockGranted) and event.step == "w[0]/l")]
    assert ("inputs_first", "w[0]/l/p") in examined(played, early)
    unasked = [event for event in events if not (type(event).__name__ == "StepWaiting" and event.step == "w[0]/l")]
    assert ("lock", "w[0]/l") in examined(played, unasked)


def test_what_undoes_a_step_inside_runs_without_the_lock() -> None:
    document = flow(
        "start > l > z", "p@l", "p.compensate > u@l", l=lock(), z={"type": "flow.stop", "config": {"outcome": "error"}},
        u={"type": "flow.wait", "config": {"for": "{{ '1s' if lock.token == null else 'never' }}"}},
        settings={"on_failure": "compensate"},
    )  # fmt: skip
    simulation = run(document)
    assert states(simulation)["l/p"] == "compensated"
    assert simulation.alerts == 0


def test_the_node_asks_with_its_name_and_the_end_of_its_wait() -> None:
    machine = Machine(compile_plan(guarded(), CATALOGUE))
    for event in run(guarded()).journal[:2]:
        machine.apply(event)
    (flight,) = machine.in_flight()
    asked = machine.report("l", flight.seed, WaitsFor("lock", "x", 9), 0)
    assert (type(asked).__name__, getattr(asked, "ref", ""), getattr(asked, "due", 0)) == ("StepWaiting", "x", 9)


def test_who_examines_a_journal_lets_an_undo_run_while_the_lock_is_asked_for_again() -> None:
    """A loop was tried again, the lock in it stood in line anew, and then the run was cancelled."""
    again = {"max_attempts": 2, "initial": "1s", "jitter": 0}
    loop = {"type": "flow.for_each", "config": {"items": [1]}, "retry": again}
    undo = {"type": "flow.wait", "config": {"for": "{{ '1s' if lock.token == null else 'never' }}"}}
    document = flow(
        "start > f", "l@f", "p@l > q@l", "p.compensate > u@l", f=loop, l=lock(), u=undo,
        settings={"on_failure": "compensate"},
    )  # fmt: skip
    mocks = {"f[0]/l": [{}, {"after": "1h"}], "f[0]/l/q": [fails("recoverable")]}
    cancel = CancelRequested(at=9 * SECOND, compensate=True)
    simulation = run(document, mocks=mocks, happenings=[cancel])
    events = list(simulation.journal)
    assert (tokens(simulation), at(simulation, StepStarted, "f[0]/l/u")) == ([1], 9 * SECOND)
    assert states(simulation)["f[0]/l/p"] == "compensated"
    assert examined(simulation, events) == set()
    never_held = [event for event in events if not isinstance(event, LockGranted)]
    assert ("inputs_first", "f[0]/l/u") in examined(simulation, never_held)
