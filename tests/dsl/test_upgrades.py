from typing import Any

import pytest

from flows.dsl.read import InvalidDocument, read_document
from flows.dsl.upgrades import DSL, STEPS, upgrade
from tests.dsl.cast import flow

# The oldest document of each version of the format, as it was written then. Only ever added to.
OLDEST: dict[int, dict[str, Any]] = {
    1: {"dsl": 1, "name": "First", "nodes": [{"id": "start", "type": "trigger.manual"}], "edges": []},
}


def test_there_is_a_step_from_every_older_version() -> None:
    assert sorted(STEPS) == list(range(1, DSL))


def test_there_is_a_sample_of_every_version() -> None:
    assert sorted(OLDEST) == list(range(1, DSL + 1))


@pytest.mark.parametrize("version", OLDEST)
def test_the_oldest_document_of_each_version_is_still_read(version: int) -> None:
    assert read_document(OLDEST[version]).dsl == DSL


def test_steps_are_taken_one_after_the_other_and_leave_the_old_document_alone() -> None:
    old: dict[str, Any] = {"dsl": 1, "titel": "x"}
    steps = {
        1: lambda raw: {"title": raw["titel"]},
        2: lambda raw: {**raw, "title": raw["title"].upper()},
    }
    assert upgrade(old, steps, 3) == {"dsl": 3, "title": "X"}
    assert old == {"dsl": 1, "titel": "x"}


def test_a_document_without_a_version_is_of_todays() -> None:
    assert read_document({"nodes": []}).dsl == DSL


@pytest.mark.parametrize(
    "raw", [None, [], "x", {"dsl": 99}, {"dsl": True}, {"nodes": 3}, {"settings": {"timeout": "{{ 1 }}"}}]
)
def test_what_is_no_document_is_refused_with_its_problems(raw: Any) -> None:
    with pytest.raises(InvalidDocument) as caught:
        read_document(raw)
    assert caught.value.problems
    assert caught.value.message


def test_a_document_that_cannot_run_can_still_be_read() -> None:
    assert read_document(flow({"id": "a", "type": "nowhere"})).nodes[1].type == "nowhere"
