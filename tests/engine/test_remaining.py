"""A run that goes on with the items another run left: what succeeded is taken over, only the rest is run."""

from collections.abc import Collection
from dataclasses import replace
from itertools import pairwise
from typing import Any, Final

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flows.dsl.document import Document
from flows.engine.compile import compile_plan
from flows.engine.events import BreakpointsSet, CancelRequested, ItemsListed, StepLetGo, StepStarted
from flows.engine.invariants import Examiner
from flows.engine.machine import Machine
from flows.engine.ranges import places, ranges_of, size_of
from flows.engine.remaining import (
    ItemsUnderWay,
    NoItems,
    NotAFailedItem,
    NothingFailed,
    Remaining,
    RunTogether,
    remaining,
)
from flows.engine.simulate import Simulation, assemble
from flows.engine.snapshot import dump_state, load_state
from flows.errors import MulgilError
from tests.engine.catalogue import CATALOGUE
from tests.engine.drafting import fails, flow, run, states
from tests.engine.test_properties import there_and_back

many = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
COLLECTS: Final = {"items": [10, 11, 12, 13], "on_error": "collect"}


def charges(**more: Any) -> Document:
    """`charge` runs for four items, then `tell`."""
    return flow("start > charge > tell", charge={"each": {**COLLECTS, **more}})


def loop(**more: Any) -> Document:
    """The same as a container of two nodes in a row."""
    return flow(
        "start > charge > tell", "p@charge > q@charge", charge={"type": "flow.for_each", "config": {**COLLECTS, **more}}
    )


def gives(document: Document, count: int, failing: Collection[int], note: str = "") -> dict[str, Any]:
    """What each item comes to."""
    last = "" if document.nodes[1].each is not None else "/q"
    return {f"charge[{at}]{last}": [fails() if at in failing else {"output": f"{at}{note}"}] for at in range(count)}


def left_of(old: Simulation, asked: Collection[int] | None = None, **more: Any) -> Remaining:
    listed = [event for event in old.journal if isinstance(event, ItemsListed) and event.step == "charge"]
    return remaining(old.machine.state.steps["charge"], listed[-1], asked, **more)


def begins_with(left: Remaining) -> list[ItemsListed]:
    return [replace(left.listed, outputs=assemble(left.outputs))]


def begun(simulation: Simulation) -> set[str]:
    """Items of which anything began."""
    keys = [event.step or "" for event in simulation.journal if isinstance(event, StepStarted)]
    return {key.partition("]")[0].partition("[")[2] for key in keys if "[" in key}


def examined(document: Document, simulation: Simulation) -> None:
    examiner = Examiner(compile_plan(document, CATALOGUE))
    for seq, event in enumerate(simulation.journal, 1):
        examiner.take(seq, event)
    assert examiner.finish() == []


@pytest.mark.parametrize("document", [charges(), loop()], ids=["each", "for_each"])
def test_only_what_failed_is_run_and_the_list_is_whole(document: Document) -> None:
    old = run(document, mocks=gives(document, 4, {1, 3}))
    left = left_of(old)
    assert left.again == {1, 3}
    again = run(document, mocks=gives(document, 4, (), "'"), listed=begins_with(left))
    assert begun(again) == {"1", "3"}
    assert again.ledger.steps["charge"].output == ["0", "1'", "2", "3'"]
    assert states(again)["tell"] == "succeeded"
    assert again.machine.step("charge") is not None
    examined(document, again)


@pytest.mark.parametrize("document", [charges(), loop()], ids=["each", "for_each"])
def test_one_of_several_that_failed_is_run_and_the_others_stay_failed(document: Document) -> None:
    old = run(document, mocks=gives(document, 4, {1, 3}))
    again = run(document, mocks=gives(document, 4, (), "'"), listed=begins_with(left_of(old, [3])))
    error = {"error": {"code": "mocked", "class": "permanent", "message": "no"}}
    assert begun(again) == {"3"}
    assert again.ledger.steps["charge"].output == ["0", error, "2", "3'"]
    # What is left failed is known to the new run, and can be run again from there.
    assert left_of(again).again == {1}
    third = run(document, mocks=gives(document, 4, (), '"'), listed=begins_with(left_of(again)))
    assert third.ledger.steps["charge"].output == ["0", '1"', "2", "3'"]


@pytest.mark.parametrize("document", [charges(on_error="stop"), loop(on_error="stop")], ids=["each", "for_each"])
def test_after_a_stop_what_has_no_output_is_run_together(document: Document) -> None:
    old = run(document, mocks=gives(document, 4, {2}))
    assert old.status == "failed"
    left = left_of(old)
    assert left.again == {2, 3}
    with pytest.raises(RunTogether):
        left_of(old, [2])
    again = run(document, mocks=gives(document, 4, (), "'"), listed=begins_with(left))
    assert begun(again) == {"2", "3"}
    assert again.status == "succeeded"
    assert again.ledger.steps["charge"].output == ["0", "1", "2'", "3'"]


def test_what_fails_again_and_again_is_tried_until_it_goes_well() -> None:
    document = charges(on_error="stop", concurrency=2)
    found = run(document, mocks=gives(document, 4, {0, 3}))
    for failing in ({3}, set[int]()):
        found = run(document, mocks=gives(document, 4, failing), listed=begins_with(left_of(found)))
    assert found.ledger.steps["charge"].output == ["0", "1", "2", "3"]


def test_more_failures_than_are_tolerated_count_those_that_stay_failed() -> None:
    document = charges(tolerate=0.5)
    old = run(document, mocks=gives(document, 4, {0, 1}))
    listed = begins_with(left_of(old, [0]))
    assert run(document, mocks=gives(document, 4, {0}), listed=listed).status == "succeeded"
    worse = [replace(listed[0], tolerate=0.25)]
    beyond = run(document, mocks=gives(document, 4, {0}), listed=worse)
    assert beyond.error is not None
    assert beyond.error.message == "2 of 4 items failed, and a share of 0.25 is tolerated"
    assert left_of(beyond).again == {0, 1}


def test_a_cancel_in_the_middle_takes_nothing_over_away() -> None:
    document = charges(on_error="stop")
    old = run(document, mocks=gives(document, 4, {1}))
    slow = {"charge[1]": [{"after": "1m"}]}
    found = run(document, mocks=slow, listed=begins_with(left_of(old)), happenings=[CancelRequested(at=5)])
    assert found.status == "cancelled"
    assert {key: status for key, status in states(found).items() if "[" in key} == {
        "charge[1]": "cancelled",
        "charge[2]": "cancelled",
        "charge[3]": "cancelled",
    }


def test_a_container_with_a_breakpoint_stops_there_before_its_items_begin() -> None:
    old = run(loop(), mocks=gives(loop(), 4, {1}))
    slow = flow("start > wait > charge", "p@charge > q@charge", charge={"type": "flow.for_each", "config": COLLECTS})
    looks = [BreakpointsSet(at=0, points={"charge": ""}), StepLetGo(at=5_000, step="charge", verdict="continue")]
    mocks = {"wait": [{"after": "1ms"}], **gives(loop(), 4, ())}
    found = run(slow, mocks=mocks, listed=begins_with(left_of(old)), happenings=looks)
    kinds = [type(event).__name__ for event in found.journal if event.step == "charge"]
    assert kinds == ["StepStarted", "StepHeld", "StepLetGo", "StepStarted", "ItemsListed", "StepSucceeded"]
    assert begun(found) == {"1"}


@pytest.mark.parametrize(
    ("document", "failing", "asked", "error"),
    [
        (flow("start > charge > tell"), (), None, NoItems),
        (charges(), (), None, NothingFailed),
        (charges(), {1}, [2], NotAFailedItem),
        (charges(), {1}, [9], NotAFailedItem),
        (charges(), {1}, [], NothingFailed),
    ],
)
def test_what_cannot_be_run_again_is_refused(
    document: Document, failing: Collection[int], asked: list[int] | None, error: type[MulgilError]
) -> None:
    old = run(document, mocks=gives(charges(), 4, failing))
    listed = ItemsListed(at=0, step="charge", count=0, items=[])
    with pytest.raises(error):
        remaining(old.machine.state.steps["charge"], listed, asked)


def test_items_that_succeeded_may_be_asked_for_where_something_inside_them_failed() -> None:
    old = run(charges(), mocks=gives(charges(), 4, {1}))
    assert left_of(old, [2], whole_ones=True).again == {2}
    with pytest.raises(NotAFailedItem):
        left_of(old, [4], whole_ones=True)


def test_a_step_that_has_not_ended_is_left_alone() -> None:
    document = charges()
    machine = Machine(compile_plan(document, CATALOGUE))
    journal = run(document, mocks=gives(document, 4, {1})).journal
    listed = next(event for event in journal if isinstance(event, ItemsListed))
    for event in journal[: journal.index(listed) + 1]:
        machine.apply(event)
    with pytest.raises(ItemsUnderWay):
        remaining(machine.state.steps["charge"], listed)


@many
@given(
    count=st.integers(1, 8),
    failing=st.sets(st.integers(0, 7)),
    concurrency=st.integers(1, 4),
    on_error=st.sampled_from(["stop", "collect"]),
    is_loop=st.booleans(),
    crash=st.integers(1, 40),
)
def test_whatever_failed_the_list_is_whole_after_the_rest_was_run_and_a_crash_changes_nothing(
    *, count: int, failing: set[int], concurrency: int, on_error: str, is_loop: bool, crash: int
) -> None:
    document = (loop if is_loop else charges)(items=list(range(count)), on_error=on_error, concurrency=concurrency)
    failing = {at for at in failing if at < count} or {0}
    old = run(document, mocks=gives(document, count, failing))
    left = left_of(old)
    mocks = gives(document, count, (), "'")
    whole = run(document, mocks=mocks, listed=begins_with(left), crash_after=(crash,), journal_through=there_and_back)
    assert whole.status == "succeeded"
    assert whole.ledger.steps["charge"].output == [f"{at}'" if at in left.again else str(at) for at in range(count)]
    assert begun(whole) == {str(at) for at in left.again}
    if on_error == "collect":
        assert left.again == failing
    examined(document, whole)
    _snapshots_hold(document, whole)


def _snapshots_hold(document: Document, simulation: Simulation) -> None:
    """At every event the state is the same after it was written down and read."""
    plan = compile_plan(document, CATALOGUE)
    live = Machine(plan)
    for event in simulation.journal:
        live.apply(event)
        written = dump_state(live.state)
        thawed = Machine(plan, load_state(plan, orjson.loads(orjson.dumps(written))))
        assert dump_state(thawed.state) == written
        assert thawed.decide(event.at) == live.decide(event.at)


def test_the_examiner_sees_a_taken_over_item_begin() -> None:
    document = charges()
    old = run(document, mocks=gives(document, 4, {1}))
    again = run(document, mocks=gives(document, 4, ()), listed=begins_with(left_of(old)))
    place = next(at for at, event in enumerate(again.journal) if event.step == "charge[1]")
    examiner = Examiner(compile_plan(document, CATALOGUE))
    for seq, event in enumerate([*again.journal[:place], StepStarted(at=0, step="charge[2]", attempt=1, seed=1)], 1):
        examiner.take(seq, event)
    assert "it began although it was taken over from another run" in [one.sentence for one in examiner.findings]


@given(st.sets(st.integers(0, 60)))
def test_ranges_hold_the_places_they_are_made_of(found: set[int]) -> None:
    ranges = ranges_of(found)
    assert places(ranges) == found
    assert size_of(ranges) == len(found)
    assert all(one[1] + 1 < other[0] for one, other in pairwise(ranges))
