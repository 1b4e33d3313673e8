"""What the tests of a flow reach."""

from typing import Any

from flows.dsl.document import Document
from flows.engine.compile import compile_plan
from flows.engine.coverage import Coverage, coverage, reached_by
from flows.engine.simulate import simulate
from tests.engine.catalogue import CATALOGUE
from tests.engine.drafting import fails, flow

BRANCH = flow(
    "start > q", "q.true > t", "q.false > f", q={"type": "flow.if", "config": {"condition": "{{ input.x > 1 }}"}}
)


def covered(document: Document, *cases: dict[str, Any]) -> Coverage:
    plan = compile_plan(document, CATALOGUE)
    journals = [simulate(document, CATALOGUE, **{"input": {}, **case}).journal for case in cases]
    return coverage(plan, [node.id for node in document.nodes], [reached_by(plan, journal) for journal in journals])


def counts(told: Coverage) -> dict[str, int]:
    return {str(one.place): one.cases for one in told.covered}


def never(told: Coverage) -> list[str]:
    return [str(place) for place in told.never]


def test_without_a_case_nothing_is_reached() -> None:
    told = covered(BRANCH)
    assert (told.share, never(told)) == (0, ["start", "q", "t", "f"])


def test_a_branch_that_no_case_takes_is_told_with_what_lies_behind_it() -> None:
    told = covered(BRANCH, {"input": {"x": 2}})
    assert counts(told) == {
        "start": 1,
        "start.out": 1,
        "q": 1,
        "q.false": 0,
        "q.true": 1,
        "t": 1,
        "t.out": 1,
        "f": 0,
        "f.out": 0,
    }
    assert never(told) == ["q.false", "f"]
    assert told.share == 66


def test_cases_add_up_and_only_all_of_them_make_a_hundred() -> None:
    told = covered(BRANCH, {"input": {"x": 2}}, {"input": {"x": 3}}, {"input": {"x": 1}})
    assert (told.share, never(told)) == (100, [])
    assert (counts(told)["q.true"], counts(told)["q.false"], counts(told)["q"]) == (2, 1, 3)


def test_a_node_that_failed_was_reached_and_its_success_was_not() -> None:
    told = covered(flow("start > a > b"), {"mocks": {"a": [fails()]}})
    assert never(told) == ["a.out", "b"]


def test_the_way_of_an_error_counts_where_there_is_one() -> None:
    routed = flow("start > a > b", "a.error > c", a={"on_error": "route"})
    assert never(covered(routed, {})) == ["a.error", "c"]
    assert never(covered(routed, {"mocks": {"a": [fails()]}})) == ["a.out", "b"]
    going_on = flow("start > a > b", a={"on_error": "continue"})
    assert never(covered(going_on, {"mocks": {"a": [fails()]}})) == []


def test_inside_a_loop_one_turn_is_enough_and_items_are_no_way_out() -> None:
    loop = {"type": "flow.for_each", "config": {"items": "{{ input.rows }}"}}
    inside = flow("start > loop > z", "a@loop > b@loop", loop=loop)
    assert never(covered(inside, {"input": {"rows": [1, 2]}})) == []
    assert never(covered(inside, {"input": {"rows": []}})) == ["a", "b"]
    each = flow("start > a", a={"each": {"items": "{{ input.rows }}"}})
    assert never(covered(each, {"input": {"rows": [1, 2]}, "mocks": {"a[1]": [fails()]}})) == ["a.out"]


def test_what_catches_is_reached_with_its_inside() -> None:
    caught = flow("start > t > z", "a@t > b@t", t={"type": "flow.try"})
    assert never(covered(caught, {})) == ["t.caught"]
    assert set(never(covered(caught, {"mocks": {"t/a": [fails()]}}))) == {"t.out", "z", "a.out", "b"}


def test_an_undo_is_reached_when_it_undid_something() -> None:
    saga = flow("start > a > b", "a.compensate > undo", settings={"on_failure": "compensate"})
    assert never(covered(saga, {})) == ["a.compensate", "undo"]
    assert never(covered(saga, {"mocks": {"b": [fails()]}})) == ["b.out"]


def test_what_is_switched_off_counts_nowhere() -> None:
    off = flow("start > a > b", a={"disabled": True})
    assert counts(covered(off, {})) == {"start": 1, "start.out": 1, "b": 1, "b.out": 1}


def test_a_stop_has_no_way_out_and_other_triggers_are_reached_by_cases_of_their_own() -> None:
    stops = flow(
        "start > s",
        "hook > s",
        s={"type": "flow.stop", "config": {"outcome": "success"}, "join": "any"},
        hook={"type": "trigger.webhook"},
    )
    assert never(covered(stops, {})) == ["hook"]
    assert covered(stops, {}, {"trigger": "hook"}).share == 100
