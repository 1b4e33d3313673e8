from typing import Any

import pytest

from flows.dsl.diff import diff
from flows.dsl.document import Document
from tests.dsl.cast import document, log, says


def told(before: Document, after: Document) -> list[str]:
    return [one.message for one in diff(before, after)]


def test_a_document_does_not_differ_from_itself() -> None:
    one = document(says("a", "hello"), edges="start>a")
    assert diff(one, one) == []


def test_what_came_and_what_went_is_told() -> None:
    before = document(log("a"), log("b"), edges="start>a a>b")
    after = document(log("a"), log("c"), edges="start>a a>c")
    assert told(before, after) == [
        "Node b was removed",
        "Node c was added",
        "Edge a.out>b was removed",
        "Edge a.out>c was added",
    ]


def test_a_change_is_told_by_its_field_with_both_sides() -> None:
    before = document({"id": "a", "type": "log", "config": {"deep": {"x": 1, "y": 2}}})
    after = document({"id": "a", "type": "log", "config": {"deep": {"x": 1, "y": 3}}})
    (change,) = diff(before, after)
    assert (change.path, change.before, change.after) == ("/config/deep/y", 2, 3)
    assert change.message == "config.deep.y of node a was changed"


def test_a_new_place_is_a_move_and_not_a_change() -> None:
    (change,) = diff(document(log("a")), document(log("a", position={"x": 10, "y": 20})))
    assert (change.what, change.before, change.after) == ("moved", None, {"x": 10.0, "y": 20.0})


def test_a_node_may_move_and_change_at_once() -> None:
    after = document(log("a", position={"x": 10, "y": 20}, label="A"))
    assert [one.what for one in diff(document(log("a")), after)] == ["moved", "changed"]


def test_a_field_that_is_new_has_nothing_before() -> None:
    (change,) = diff(document(log("a")), document(log("a", timeout="5s")))
    assert (change.before, change.after) == (None, "5s")


def test_true_and_one_differ() -> None:
    (change,) = diff(document(log("a", config={"n": [1]})), document(log("a", config={"n": [True]})))
    assert change.path == "/config/n"


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"name": "New"}, "name of the flow was changed"),
        ({"description": "d"}, "description of the flow was changed"),
        ({"inputs": {"type": "object"}}, "The inputs were changed"),
        ({"settings": {"max_parallel": 3}}, "Setting max_parallel was changed"),
        ({"notes": [{"id": "n", "position": {"x": 0, "y": 0}}]}, "Note n was added"),
        ({"tests": [{"name": "works"}]}, "Test works was added"),
        ({"pins": {"start": 1}}, "An output was pinned to start"),
    ],
)
def test_every_part_of_a_document_is_compared(fields: dict[str, Any], sentence: str) -> None:
    assert told(document(), document(**fields)) == [sentence]
    assert len(told(document(**fields), document())) == 1


def test_the_order_of_the_nodes_is_a_move_that_changes_nothing_that_runs() -> None:
    (change,) = diff(document(log("a"), log("b")), document(log("b"), log("a")))
    assert (change.what, change.message) == ("moved", "The order of nodes was changed")


def test_keys_with_slashes_are_told_as_they_are() -> None:
    before, after = (document(log("a", config={"a/b~c": value})) for value in (1, 2))
    (change,) = diff(before, after)
    assert (change.path, change.params["field"]) == ("/config/a~1b~0c", "config.a/b~c")
