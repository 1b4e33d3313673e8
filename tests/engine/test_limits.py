"""The limit of events: a run at it ends whole, with an error of its own, the same however it is folded."""

from dataclasses import replace
from typing import Any

import pytest

from flows.dsl.document import Document
from flows.engine.compile import compile_plan
from flows.engine.events import RunOverLimit
from flows.engine.machine import Machine
from flows.engine.simulate import Simulation
from flows.security.limits import LIMITS
from tests.engine.catalogue import CATALOGUE
from tests.engine.drafting import flow, run, states

LIMIT = 60
ENDING = 8
"""Events it takes to end: the limit's, the cancels of what stood, the run's last."""


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flows.engine.compile.LIMITS", LIMITS.changed({"run_events": LIMIT}))


def long_loop(**more: Any) -> Document:
    items = {"type": "flow.for_each", "config": {"items": list(range(500)), "concurrency": 2}}
    return flow("start > first > l > after", "p@l > q@l", l=items, **more)


def of_limit(simulation: Simulation) -> list[int]:
    return [event.limit for event in simulation.journal if isinstance(event, RunOverLimit)]


def test_a_run_at_the_limit_fails_with_the_figure_and_writes_no_more_than_its_end() -> None:
    simulation = run(long_loop())
    assert (simulation.status, simulation.error and simulation.error.code) == ("failed", "too_many_events")
    assert simulation.error is not None
    assert simulation.error.details == {"limit": LIMIT}
    assert of_limit(simulation) == [LIMIT]
    assert LIMIT < len(simulation.journal) <= LIMIT + ENDING
    assert (states(simulation)["l"], states(simulation)["after"]) == ("cancelled", "cancelled")


def test_a_run_below_the_limit_knows_nothing_of_it() -> None:
    plain = run(flow("start > a > b > c"))
    assert plain.status == "succeeded"
    assert of_limit(plain) == []


def test_a_process_that_dies_at_any_event_ends_the_run_alike() -> None:
    whole = run(long_loop())
    for seq in range(LIMIT - 4, len(whole.journal)):
        again = run(long_loop(), crash_after={seq})
        assert (again.status, again.error) == (whole.status, whole.error)
        assert of_limit(again) == [LIMIT]


def test_what_the_journal_says_holds_whatever_the_limit_is_by_then() -> None:
    whole = run(long_loop())
    raised = Machine(replace(compile_plan(long_loop(), CATALOGUE), max_events=LIMIT * 100))
    for event in whole.journal:
        raised.apply(event)
    assert (raised.status, raised.error) == (whole.status, whole.error)
    assert raised.decide(whole.journal[-1].at) == []


def test_what_was_completed_is_still_undone() -> None:
    items = {"type": "flow.for_each", "config": {"items": list(range(500)), "concurrency": 2}}
    document = flow(
        "start > first > l", "first.compensate > undo", "p@l > q@l", l=items, settings={"on_failure": "compensate"}
    )
    simulation = run(document)
    assert (simulation.status, simulation.error and simulation.error.code) == ("failed", "too_many_events")
    assert (states(simulation)["first"], states(simulation)["undo"]) == ("compensated", "succeeded")
    assert len(simulation.journal) <= LIMIT + ENDING + 4
