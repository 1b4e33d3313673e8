import keyword
from typing import Any

import pytest

from tests.dsl.cast import codes, flow, log, only, problems, says


@pytest.mark.parametrize("word", [word for word in keyword.kwlist if word.islower()])
def test_a_word_of_python_is_no_id(word: str) -> None:
    found = only(flow(log(word), edges=f"start>{word}"))
    assert (found.code, found.path) == ("reserved_id", "/nodes/1/id")


def test_an_id_beside_a_keyword_is_one() -> None:
    assert codes(flow(log("if_1"), log("match"), edges="start>if_1 start>match")) == []


def test_the_same_id_twice_is_told_at_the_second() -> None:
    found = only(flow(log("a"), log("a"), edges="start>a"))
    assert (found.code, found.path, found.node) == ("duplicate_id", "/nodes/2/id", "a")


def test_an_unknown_type_is_told_with_the_one_that_was_likely_meant() -> None:
    found = only(flow({"id": "a", "type": "http.requst"}, edges="start>a"))
    assert (found.code, found.path) == ("unknown_type", "/nodes/1/type")
    assert "http.request" in found.message


def test_an_unknown_type_without_a_neighbour_is_told() -> None:
    assert "near" not in only(flow({"id": "a", "type": "zzzzzz"}, edges="start>a")).params


def test_a_parent_that_is_no_node_is_told() -> None:
    assert only(flow(log("a", parent="nobody"))).code == "unknown_parent"


def test_a_parent_that_holds_no_nodes_is_told() -> None:
    assert only(flow(log("a"), log("b", parent="a"), edges="start>a")).code == "not_a_container"


def test_containers_inside_each_other_in_a_ring_are_told() -> None:
    ring = [{"id": one, "type": "flow.for_each", "config": {"items": []}, "parent": two} for one, two in ("ab", "ba")]
    assert codes(flow(*ring)) == ["parent_cycle", "parent_cycle"]


def test_a_node_below_a_ring_ends() -> None:
    ring = [{"id": one, "type": "flow.for_each", "config": {"items": []}, "parent": two} for one, two in ("ab", "ba")]
    raw = flow(*ring, says("c", "{{ item.x }}", parent="a"))
    assert codes(raw) == ["parent_cycle", "parent_cycle"]


def test_seventeen_containers_are_too_many() -> None:
    nested = [{"id": f"c{n}", "type": "flow.try", **({"parent": f"c{n - 1}"} if n else {})} for n in range(18)]
    assert codes(flow(*nested, edges="start>c0")) == ["nested_containers"]


def test_a_trigger_in_a_container_is_told() -> None:
    raw = flow(
        {"id": "t", "type": "flow.try"}, {"id": "hook", "type": "trigger.webhook", "parent": "t"}, edges="start>t"
    )
    assert codes(raw) == ["trigger_inside"]


@pytest.mark.parametrize("node", [{"id": "a", "type": "flow.try"}, {"id": "a", "type": "trigger.webhook"}])
def test_only_tasks_run_once_per_item(node: dict[str, object]) -> None:
    found = problems(flow({**node, "each": {"items": [1]}}, edges="" if "trigger" in str(node) else "start>a"))
    assert [one.code for one in found] == ["no_each"]


def test_a_note_in_a_node_that_is_no_container_is_told() -> None:
    note = {"id": "n", "position": {"x": 0, "y": 0}, "parent": "start"}
    assert only(flow(notes=[note])).code == "unknown_note_parent"


def test_two_notes_of_one_id_are_told() -> None:
    note = {"id": "n", "position": {"x": 0, "y": 0}}
    assert only(flow(notes=[note, note])).path == "/notes/1/id"


@pytest.mark.parametrize(("inner", "found"), [("x", ["lock_within_itself"]), ("y", []), ("{{ input.name }}", [])])
def test_a_lock_inside_one_of_the_same_name_is_told(inner: str, found: list[str]) -> None:
    nodes: list[dict[str, Any]] = [
        {"id": "outer", "type": "flow.lock", "config": {"name": "x"}},
        {"id": "again", "type": "flow.while", "parent": "outer", "config": {"condition": False}},
        {"id": "inner", "type": "flow.lock", "parent": "again", "config": {"name": inner}},
        {"id": "beside", "type": "flow.lock", "config": {"name": "x"}},
    ]
    told = problems(flow(*nodes, edges="start>outer outer>beside"))
    assert [one.code for one in told] == found
    assert all((one.node, one.path) == ("inner", "/nodes/3/config/name") for one in told)
