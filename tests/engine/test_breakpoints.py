"""Breakpoints: a run stops before a step, keeps nothing in flight, and goes on as a person says."""

import json
from collections.abc import Sequence
from typing import Any

import pytest

from flows.dsl.document import Document
from flows.engine.breakpoints import BadBreakpoint, NotHeld, check_points
from flows.engine.compile import compile_plan
from flows.engine.events import BreakpointsSet, CancelRequested, Event, StepLetGo, StepStarted
from flows.engine.machine import Machine
from flows.engine.simulate import Simulation, Simulator
from flows.engine.snapshot import dump_state, load_state
from flows.journal.codec import decode, encode
from tests.engine.catalogue import CATALOGUE
from tests.engine.drafting import fails, flow, run, states

CHAIN = flow("start > a > b > c")


def stops(**points: str) -> BreakpointsSet:
    return BreakpointsSet(at=0, points=points, by="editor")


def goes(step: str, at: int = 5, verdict: Any = "continue", **more: Any) -> StepLetGo:
    return StepLetGo(at=at, step=step, verdict=verdict, by="editor", **more)


def held(document: Document, *happenings: Event, **more: Any) -> Simulation:
    """The first step lasts 1 microsecond and more, so that breakpoints are set before those behind it begin."""
    mocks = {"a": [{"after": "1ms", "output": {"n": 3}}]} | more.pop("mocks", {})
    return run(document, mocks=mocks, happenings=happenings, **more)


def begun(simulation: Simulation, step: str) -> int:
    return sum(isinstance(one, StepStarted) and one.step == step for one in simulation.journal)


def test_a_run_stops_before_the_step_and_holds_nothing_in_flight() -> None:
    simulation = held(CHAIN, stops(b=""))
    assert simulation.status == "waiting"
    assert states(simulation)["b"] == "waiting"
    assert simulation.machine.in_flight() == []
    assert simulation.machine.wake_at(simulation.machine.state.seq) is None
    view = simulation.machine.step("b")
    assert view is not None
    assert (view.waits, view.attempt, view.started_at) == (("breakpoint", ""), 0, None)


def test_it_goes_on_when_a_person_lets_it() -> None:
    simulation = held(CHAIN, stops(b=""), goes("b", 5_000))
    assert simulation.status == "succeeded"
    assert simulation.ledger.steps["b"].attempt == 1
    assert begun(simulation, "b") == 2  # the look, and the attempt


def test_a_condition_is_looked_at_with_what_stands_before_the_step() -> None:
    assert held(CHAIN, stops(b="{{ nodes.a.n > 2 }}")).status == "waiting"
    assert held(CHAIN, stops(b="{{ nodes.a.n > 3 }}")).status == "succeeded"


def test_a_condition_without_a_value_stops_the_step_and_says_why() -> None:
    simulation = held(CHAIN, stops(b="{{ nodes.a.m > 2 }}"))
    view = simulation.machine.step("b")
    assert view is not None
    assert view.status == "waiting"
    assert view.error is not None
    assert "m" in view.error.message


def test_an_edited_input_is_what_the_step_gets() -> None:
    document = flow("start > a > b", b={"type": "flow.if", "config": {"condition": "{{ nodes.a.n > 2 }}"}})
    plain = held(document, stops(b=""), goes("b", 5_000))
    edited = held(document, stops(b=""), goes("b", 5_000, edited=True, input={"condition": False}))
    assert [one.machine.step("b").port for one in (plain, edited)] == ["true", "false"]  # type: ignore[union-attr]  # there


def test_a_step_stepped_over_never_ran_and_is_never_undone() -> None:
    document = flow("start > a > b > c", "b.compensate > u", settings={"on_failure": "compensate"})
    over = held(document, stops(b=""), goes("b", 5_000, "over", output=7), mocks={"c": [fails()]})
    assert begun(over, "b") == 1  # only the look
    assert (over.ledger.steps["b"].output, states(over)["u"]) == (7, "skipped")
    ran = held(document, stops(b=""), goes("b", 5_000), mocks={"c": [fails()]})
    assert states(ran)["b"] == "compensated"


def test_a_retry_does_not_stop_again() -> None:
    document = flow("start > a > b", b={"retry": {"max_attempts": 2, "initial": "1s"}})
    simulation = held(document, stops(b=""), goes("b", 5_000), mocks={"b": [fails("recoverable"), {}]})
    assert (simulation.status, simulation.ledger.steps["b"].attempt) == ("succeeded", 2)


def test_an_each_stops_at_the_items_its_condition_names() -> None:
    document = flow("start > a > b", b={"each": {"items": [1, 2, 3], "concurrency": 3}})
    simulation = held(document, stops(b="{{ item == 2 }}"))
    assert (states(simulation)["b[0]"], states(simulation)["b[1]"], states(simulation)["b[2]"]) == (
        "succeeded",
        "waiting",
        "succeeded",
    )
    assert held(document, stops(b="{{ item == 2 }}"), goes("b[1]", 5_000)).status == "succeeded"


def test_a_container_stops_before_its_items_are_listed() -> None:
    document = flow("start > a > l > z", "p@l", l={"type": "flow.for_each", "config": {"items": [1, 2]}})
    assert "l[0]/p" not in states(held(document, stops(l="")))
    assert held(document, stops(l=""), goes("l", 5_000)).status == "succeeded"


def test_a_step_that_is_held_is_cancelled_with_its_run() -> None:
    simulation = held(CHAIN, stops(b=""), CancelRequested(at=5_000))
    assert (simulation.status, states(simulation)["b"]) == ("cancelled", "cancelled")


def test_a_once_step_is_never_uncertain_because_of_a_look() -> None:
    document = flow("start > a > b", b={"type": "effect.once"})
    whole = held(document, stops(b=""), goes("b", 5_000))
    look = next(at for at, one in enumerate(whole.journal, 1) if isinstance(one, StepStarted) and one.step == "b")
    assert held(document, stops(b=""), goes("b", 5_000), crash_after=(look,)).status == "succeeded"


def test_breakpoints_set_anew_replace_those_before() -> None:
    assert held(CHAIN, stops(b=""), BreakpointsSet(at=1, points={})).status == "succeeded"


@pytest.mark.parametrize("crash", range(1, 14))
def test_a_crash_after_any_event_changes_nothing(crash: int) -> None:
    happenings = (
        stops(b="{{ nodes.a.n > 2 }}", c=""),
        goes("b", 5_000, edited=True, input={}),
        goes("c", 9_000, "over"),
    )
    whole, crashed = held(CHAIN, *happenings), held(CHAIN, *happenings, crash_after=(crash,))
    assert states(crashed) == states(whole) == dict.fromkeys(("start", "a", "b", "c"), "succeeded")


def snapshots(journal: Sequence[Event], document: Document) -> None:
    plan = compile_plan(document, CATALOGUE)
    machine = Machine(plan)
    for event in journal:
        row = encode(event, 1)
        machine.apply(decode(row.kind, row.step, row.at, row.data))
        kept = json.loads(json.dumps(dump_state(machine.state)))
        assert json.loads(json.dumps(dump_state(load_state(plan, kept)))) == kept


def test_a_snapshot_keeps_where_it_stands() -> None:
    edited = goes("b", 5_000, edited=True, input={"x": 1})
    over = goes("c", 9_000, "over", output=[1])
    snapshots(held(CHAIN, stops(b="{{ nodes.a.n > 2 }}", c=""), edited, over).journal, CHAIN)


def test_only_what_is_held_is_let_go() -> None:
    simulator = Simulator(plan=compile_plan(CHAIN, CATALOGUE))
    for step in ("a", "nobody"):
        with pytest.raises(NotHeld):
            simulator.machine.let_go(step, "continue", 0)
    machine = held(CHAIN, stops(b="")).machine
    with pytest.raises(BadBreakpoint, match="no port"):
        machine.let_go("b", "over", 0, port="sideways")


@pytest.mark.parametrize(
    ("points", "why"),
    [
        ({"nobody": ""}, "no such node"),
        ({"start": ""}, "begins by itself"),
        ({"b": "{{ 1 +"}, "stop before b"),
        ({"b": "nodes.nobody == 1"}, "reads nobody"),
    ],
)
def test_a_breakpoint_that_cannot_be_is_refused(points: dict[str, str], why: str) -> None:
    with pytest.raises(BadBreakpoint, match=why):
        check_points(points, compile_plan(CHAIN, CATALOGUE).nodes)


def test_a_condition_may_be_written_without_braces() -> None:
    nodes = compile_plan(CHAIN, CATALOGUE).nodes
    assert check_points({"b": " nodes.a.n > 2 ", "c": ""}, nodes) == {"b": "{{ nodes.a.n > 2 }}", "c": ""}
