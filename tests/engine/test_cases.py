"""Tests that stand in documents, played in memory."""

from typing import Any

import pytest

from flows.dsl.document import Case
from flows.engine.cases import play_case
from flows.engine.commands import StartAttempt
from flows.engine.outcomes import Outcome, Succeeded
from tests.engine.catalogue import CATALOGUE
from tests.engine.drafting import flow

BRANCH = flow(
    "start > q", "q.true > t", "q.false > f", q={"type": "flow.if", "config": {"condition": "{{ input.x > 1 }}"}}
)


def told(expect: dict[str, Any], **more: Any) -> list[str]:
    case = Case.model_validate({"name": "a case", "input": {"x": 2}, "expect": expect, **more})
    return play_case(BRANCH, case, CATALOGUE)


def test_a_case_that_holds_says_nothing() -> None:
    assert told({"run": "succeeded", "steps": {"t": "succeeded", "f": "skipped"}, "order": [["q", "t"]]}) == []


def test_a_case_says_everything_that_isnt_as_expected() -> None:
    assert told({"run": "failed", "steps": {"t": "skipped"}}) == [
        "the run is succeeded, not failed",
        "t is succeeded, not skipped",
    ]


def test_a_value_is_told_as_json_and_a_long_one_is_cut() -> None:
    mocks = {"t": [{"output": {"a": None, "b": [True, "글"]}}]}
    assert told({"output_of": {"t": 5}}, mocks=mocks) == ['output of t is {"a": null, "b": [true, "글"]}, not 5']
    (long,) = told({"output_of": {"t": "x" * 1000}})
    assert long == f"output of t is null, not {'x' * 300}…"


def test_a_case_mocks_what_it_likes() -> None:
    mocks = {"t": [{"output": 5}]}
    assert told({"output_of": {"t": 5}, "output": {"t": 5, "f": None}}, mocks=mocks) == []


def test_a_call_of_another_flow_is_answered_by_a_mock() -> None:
    calls = flow("start > call > t", call={"type": "flow.call", "config": {"flow": "child"}})
    case = {"name": "a call", "mocks": {"call": [{"output": 42, "after": "1h"}]}, "expect": {"output_of": {"call": 42}}}
    assert play_case(calls, Case.model_validate(case), CATALOGUE) == []
    failing = {"call": [{"error": {"class": "permanent", "message": "no stock"}}]}
    assert (
        play_case(calls, Case.model_validate(case | {"mocks": failing, "expect": {"run": "failed"}}), CATALOGUE) == []
    )


@pytest.mark.parametrize(
    "expect",
    [{"nonsense": 1}, {"steps": 3}, {"order": ["q"]}, {"finished_at": {"t": "soon"}}, {"order": [["f", "nobody"]]}],
)
def test_a_badly_written_expectation_is_told_and_never_raised(expect: dict[str, Any]) -> None:
    assert len(told(expect)) == 1


def test_pure_nodes_do_what_they_do_where_a_driver_says_how() -> None:
    def perform(start: StartAttempt, config: Any, now: int) -> Outcome | None:
        return Succeeded(config["value"]) if start.node.type.name == "data.transform" else None

    document = flow(
        "start > a > b",
        a={"type": "data.transform", "config": {"value": "{{ input.x + 1 }}"}},
        b={"type": "effect.keyed", "config": {"value": "{{ input.no.such }}"}},
    )
    case = Case.model_validate(
        {"name": "pure", "input": {"x": 2}, "expect": {"output_of": {"a": 3, "b": None}, "run": "succeeded"}}
    )
    assert play_case(document, case, CATALOGUE, perform=perform) == []
