"""Publishing plays the tests of the document."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any

import pytest

from flows.dsl.read import InvalidDocument, read_document
from flows.operations import rehearsal
from flows.operations.publishing import publish
from flows.operations.rehearsal import AT_ONCE, Stage, TooManyRehearsals, failed_tests
from flows.operations.validation import validate_document
from tests.cast import CHAIN, Person, flow, with_nodes


def chain_with(*cases: dict[str, Any]) -> dict[str, Any]:
    return {**CHAIN, "tests": list(cases)}


RIGHT = {"name": "adds one", "input": {"n": 4}, "expect": {"run": "succeeded", "output_of": {"two": 5}}}
WRONG = {"name": "adds two", "input": {"n": 4}, "expect": {"run": "succeeded", "output_of": {"two": 6}}}
NO_MOCK = {"name": "no such mock", "mocks": {"one": [{"output": 1, "port": 3}]}, "expect": {"run": "succeeded"}}


def test_a_document_whose_tests_pass_is_published(editor: Person) -> None:
    assert publish(editor.actor, flow(editor.actor, chain_with(RIGHT), published=False).pk).version.number == 1


def test_a_failing_test_is_a_problem_that_names_it_and_nothing_is_published(editor: Person) -> None:
    made = flow(editor.actor, chain_with(RIGHT, WRONG), published=False)
    with pytest.raises(InvalidDocument) as refused:
        publish(editor.actor, made.pk)
    (found,) = refused.value.problems
    assert (found.code, found.path) == ("test_failed", "/tests/1")
    assert found.message == "The test adds two fails: output of two is 5, not 6"
    assert not made.versions.exists()


def test_validation_plays_no_tests(editor: Person) -> None:
    assert validate_document(editor.actor, chain_with(WRONG)) == []


def test_expressions_beyond_the_closed_forms_and_code_run_as_in_earnest() -> None:
    code = "def run(value):\n    return sorted(value, reverse=True)"
    document = with_nodes(
        {"id": "start", "type": "trigger.manual"},
        {"id": "order", "type": "code.python", "config": {"input": "{{ [x * 2 for x in [1, 2]] }}", "code": code}},
        tests=[{"name": "sorts", "expect": {"run": "succeeded", "output_of": {"order": [4, 2]}}}],
    )
    assert failed_tests(read_document(document)) == []


def test_a_try_again_sees_which_try_it_is_as_in_earnest() -> None:
    code = "def run(attempt):\n    if attempt < 3:\n        raise Recoverable('busy')\n    return attempt"
    charge = {"id": "charge", "type": "code.python", "config": {"input": "{{ run.attempt }}", "code": code}}
    document = with_nodes(
        {"id": "start", "type": "trigger.manual"},
        {**charge, "retry": {"max_attempts": 3}},
        tests=[
            {
                "name": "third time",
                "expect": {"run": "succeeded", "output_of": {"charge": 3}, "attempts": {"charge": 3}},
            }
        ],
    )
    assert failed_tests(read_document(document)) == []


def test_what_is_said_of_the_run_and_the_flow_is_there_in_a_test() -> None:
    value = {"who": "{{ flow.name }}{{ run.number }}", "at": "{{ run.started_at != '' and run.id != '' }}"}
    document = with_nodes(
        {"id": "start", "type": "trigger.manual"},
        {"id": "say", "type": "data.transform", "config": {"value": value}},
        tests=[{"name": "says", "expect": {"run": "succeeded", "output_of": {"say": {"who": "0", "at": True}}}}],
    )
    assert failed_tests(read_document(document)) == []


def test_a_mock_that_cannot_be_is_a_failing_test_too() -> None:
    (found,) = failed_tests(read_document(chain_with(NO_MOCK)))
    assert (found.code, found.path) == ("test_failed", "/tests/0")


def test_time_for_all_tests_together_is_bounded() -> None:
    (found,) = failed_tests(read_document(chain_with(RIGHT, WRONG)), seconds=0)
    assert (found.code, found.path) == ("tests_too_long", "/tests")


def test_a_loop_in_code_ends_with_the_time_there_is() -> None:
    document = with_nodes(
        {"id": "start", "type": "trigger.manual"},
        {"id": "spin", "type": "code.python", "config": {"code": "def run(value):\n    while True:\n        pass"}},
        tests=[{"name": "spins", "expect": {"run": "succeeded"}}],
    )
    (found,) = failed_tests(read_document(document), seconds=1)
    assert found.code == "tests_too_long"


def test_tests_are_played_in_a_thread_of_the_web_server_too() -> None:
    with ThreadPoolExecutor(1) as pool:
        (found,) = pool.submit(failed_tests, read_document(chain_with(WRONG))).result()
    assert found.code == "test_failed"


def test_an_output_that_would_stand_beside_the_journal_is_rehearsed_too() -> None:
    document = {
        "dsl": 1,
        "nodes": [
            {"id": "start", "type": "trigger.manual"},
            {"id": "wide", "type": "data.transform", "config": {"value": "{{ 'x' * 50000 }}"}},
            {"id": "size", "type": "data.transform", "config": {"value": "{{ len(nodes.wide) }}"}},
        ],
        "edges": [{"from": "start", "to": "wide"}, {"from": "wide", "to": "size"}],
        "tests": [{"name": "wide", "expect": {"run": "succeeded", "output": 50000}}],
    }
    assert failed_tests(read_document(document)) == []


def test_only_so_many_are_played_at_once_and_a_room_is_given_back_whatever_happens(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rehearsal, "PATIENCE", 0)
    document = read_document(chain_with(RIGHT))
    with ExitStack() as full:
        for _ in range(AT_ONCE):
            full.enter_context(Stage())
        with pytest.raises(TooManyRehearsals):
            failed_tests(document)
    monkeypatch.setattr(rehearsal, "Sandbox", None)
    for _ in range(AT_ONCE + 1):
        with pytest.raises(TypeError):
            failed_tests(document)
    monkeypatch.undo()
    assert failed_tests(document) == []
