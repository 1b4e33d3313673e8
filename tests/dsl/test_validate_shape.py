from typing import Any

import pytest

from tests.dsl.cast import START, codes, flow, log, only, problems


def deep(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = [value]
    return value


def test_the_smallest_flow_has_no_problem() -> None:
    assert problems(flow()) == []


@pytest.mark.parametrize("raw", [None, 3, "a flow", [], True])
def test_what_is_no_object_is_no_document(raw: Any) -> None:
    assert only(raw).code == "not_an_object"


def test_a_document_over_two_mebibytes_is_too_large() -> None:
    assert "too_large" in codes(flow(description="x" * 3_000_000))


def test_a_document_of_10_001_nodes_has_too_many() -> None:
    raw = flow(*(log(f"n{number}") for number in range(10_000)))
    found = only({**raw, "edges": []})
    assert (found.code, found.params["size"], found.path) == ("too_many_nodes", 10_001, "/nodes")


@pytest.mark.parametrize("levels", [65, 1_000, 100_000])
def test_a_document_nested_too_deep_is_told_and_not_walked(levels: int) -> None:
    assert only(flow(inputs={"default": deep(levels)})).code == "too_deep"


@pytest.mark.parametrize("value", ["\x00", "\ud800", float("nan"), float("inf"), 2**64, {1: 2}, {1, 2}])
def test_a_value_json_cannot_carry_is_told_with_its_place(value: Any) -> None:
    found = only(flow(log("a", config={"message": value}), edges="start>a"))
    assert found.code == "bad_value"
    assert "config.message" in found.message


@pytest.mark.parametrize("version", [0, 2, "1", True, None, 1.5])
def test_a_version_of_the_format_that_is_not_known_is_told(version: Any) -> None:
    found = only({**flow(), "dsl": version})
    assert (found.code, found.path) == ("unknown_dsl", "/dsl")


@pytest.mark.parametrize(
    ("field", "value"),
    [("name", 3), ("nodes", {}), ("nodes", "x"), ("edges", None), ("inputs", []), ("notes", 1), ("tests", {}),
     ("pins", []), ("settings", 7), ("description", ["x"])],
)  # fmt: skip
def test_a_field_of_the_wrong_type_is_told_at_its_place(field: str, value: Any) -> None:
    found = problems({**flow(), field: value})
    assert [(one.code, one.path) for one in found if one.code != "no_trigger"] == [("bad_field", f"/{field}")]


def test_a_field_that_is_not_known_is_told() -> None:
    found = only({**flow(), "ndoes": []})
    assert (found.code, found.path) == ("unknown_field", "/ndoes")


def test_all_the_fields_of_a_node_that_do_not_fit_are_told_at_once() -> None:
    bad = log("a", timeout="soon", join="some", on_error="panic", retry={"max_attempts": 0, "initial": "1 s"}, extra=1)
    found = problems(flow(bad, edges="start>a"))
    assert {(one.code, one.path) for one in found} == {
        ("bad_duration", "/nodes/1/timeout"),
        ("bad_field", "/nodes/1/join"),
        ("bad_field", "/nodes/1/on_error"),
        ("bad_field", "/nodes/1/retry/max_attempts"),
        ("bad_duration", "/nodes/1/retry/initial"),
        ("unknown_field", "/nodes/1/extra"),
    }
    assert {one.node for one in found} == {"a"}


def test_a_node_with_one_bad_field_is_still_held_against_everything_else() -> None:
    raw = flow(log("a", timeout="soon", config={"message": "{{ nodes.nobody }}"}), log("b"), edges="start>a")
    assert sorted(codes(raw)) == ["bad_duration", "unknown_reference", "unreachable"]


def test_a_node_that_cannot_be_read_makes_no_problems_of_its_edges() -> None:
    assert codes(flow({"id": "a"}, edges="start>a")) == ["missing_field"]


@pytest.mark.parametrize("node", [None, 3, "x", [], "{{ input.x }}"])
def test_a_node_that_is_no_object_is_told(node: Any) -> None:
    found = only({**flow(), "nodes": [START, node]})
    assert (found.code, found.path) == ("bad_field", "/nodes/1")


@pytest.mark.parametrize("name", ["A", "1a", "a-b", "a b", "", "a" * 64, "é", "<img onerror>", "__proto__", "a\n"])
def test_an_id_of_other_signs_is_no_id(name: str) -> None:
    found = only(flow(log(name)))
    assert (found.code, found.path) == ("bad_id", "/nodes/1/id")


def test_hostile_labels_are_text() -> None:
    assert codes(flow(log("a", label="<img src=x onerror=alert(1)>", description="__proto__"), edges="start>a")) == []


def test_an_expression_is_no_duration_in_the_frame_of_a_document() -> None:
    found = only(flow(log("a", timeout="{{ input.t }}"), edges="start>a"))
    assert (found.code, found.path) == ("bad_duration", "/nodes/1/timeout")


@pytest.mark.parametrize("text", ["5", "5 s", "1w", "-5s", "s", "1.5h", "1e3s", "٣s", "5s\n", "2000d", "9" * 14 + "d"])
def test_what_is_no_duration_is_told_with_what_is(text: str) -> None:
    found = only(flow(settings={"timeout": text}))
    assert (found.code, found.path) == ("bad_duration", "/settings/timeout")
    assert "30s" in found.hint


def test_every_problem_has_its_place_its_sentence_and_its_code() -> None:
    raw = flow({"id": "a", "type": "lgo"}, log("b", config={"nope": 1}), log("b"), edges="start>a a>zz")
    for one in problems(raw):
        assert one.code
        assert one.message
        assert one.path.startswith("/")
        assert "{" not in one.message
