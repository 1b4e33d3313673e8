"""Items of a list whose node does its work in several goes: what was cut between two goes on where it stood."""

from typing import Any

import pytest

from flows.engine.compile import compile_plan
from flows.engine.events import StepFailed
from flows.engine.outcomes import Failed, Items, Succeeded
from flows.engine.transplant import fit
from tests.engine.catalogue import CATALOGUE
from tests.engine.drafting import flow
from tests.engine.test_leaving import BUSY, DEPLOY, MINUTE, RETRIED, Drive

EACH: dict[str, Any] = {"each": {"items": [1, 2, 3], "concurrency": 2}}
PATHS = "start > loop", "work@loop", "other@loop"
FIRST, SECOND = "loop[0]/work[0]", "loop[0]/work[1]"


def nodes(**work: Any) -> dict[str, Any]:
    return {"work": DEPLOY | EACH | work, "other": DEPLOY, "loop": RETRIED}


def begun() -> Drive:
    """Two of three items are under way, and another step beside them, in a loop that is tried again."""
    run = Drive(*PATHS, **nodes())
    run.comes("loop", Items(1, [1], 1))
    run.comes("loop[0]/work", Items(3, [1, 2, 3], 2))
    return run


def cut(run: Drive) -> Drive:
    run.comes("loop[0]/other", Failed(BUSY))
    assert run.state_of("loop") == "retrying"
    return run


@pytest.mark.parametrize("thaw", [None, False, True])
@pytest.mark.parametrize("under_way", [False, True])
def test_an_item_that_was_cut_goes_on_at_the_go_where_it_stood(*, under_way: bool, thaw: bool | None) -> None:
    run = begun()
    run.waits(FIRST, farewell=False, gone=7)
    if under_way:
        run.passes()
        assert run.begun[FIRST].again == {"gone": 7}
    cut(run)
    if thaw is not None:
        run.takes_over(thaw=thaw)
    run.passes(MINUTE)
    assert (run.begun[FIRST].again, run.begun[FIRST].leaves) == ({"gone": 7}, False)
    assert run.begun[SECOND].again is None, "this one had come to nothing yet"
    for item in (FIRST, SECOND, "loop[0]/work[2]"):
        run.comes(item, Succeeded(item))
    run.comes("loop[0]/other", Succeeded(1))
    assert run.machine.status == "succeeded"


def test_it_goes_on_so_however_often_it_is_cut() -> None:
    run = begun()
    run.waits(FIRST, farewell=False, gone=7)
    for _ in range(2):
        cut(run)
        run.passes(MINUTE)
        assert run.begun[FIRST].again == {"gone": 7}


def test_an_item_that_failed_or_took_back_what_it_had_begun_begins_from_nothing() -> None:
    run = begun()
    run.waits(FIRST, farewell=True, gone=7)
    run.comes("loop[0]/other", Failed(BUSY))
    run.comes(FIRST, Failed(BUSY))
    assert any(isinstance(event, StepFailed) and event.step == FIRST for event in run.journal)
    run.passes(MINUTE)
    assert (run.begun[FIRST].again, run.begun[FIRST].leaves) == (None, False)
    run.waits(FIRST, farewell=False, gone=8)
    run.passes()
    run.comes(FIRST, Failed(BUSY))
    run.passes(2 * MINUTE)
    assert run.begun[FIRST].again is None


def test_a_run_is_not_moved_past_an_item_that_was_cut_between_two_goes() -> None:
    run = begun()
    run.waits(FIRST, farewell=False, gone=7)
    cut(run)
    other = compile_plan(flow(*PATHS, **nodes(config={"to": "another"})), CATALOGUE)
    assert [(one.why, one.node) for one in fit(run.plan, run.machine.state, other).obstacles] == [
        ("between_goes", "work")
    ]
    assert fit(run.plan, run.machine.state, run.plan).obstacles == ()
