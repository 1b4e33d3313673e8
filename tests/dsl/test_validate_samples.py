from typing import Any

import pytest

from tests.dsl.cast import codes, flow, log, only


def test_inputs_are_a_json_schema() -> None:
    assert codes(flow(inputs={"type": "object", "properties": {"a": {"type": "string"}}})) == []
    found = only(flow(inputs={"type": "object", "properties": {"a": {"type": "strng"}}}))
    assert (found.code, found.path) == ("bad_inputs", "/inputs/properties/a/type")


@pytest.mark.parametrize("target", ["https://example.com/schema", "other.json", "file:///etc/passwd"])
def test_the_schema_of_the_inputs_points_nowhere_else(target: str) -> None:
    found = only(flow(inputs={"properties": {"a": {"$ref": target}}}))
    assert (found.code, found.path) == ("bad_inputs", "/inputs/properties/a/$ref")


def test_an_output_is_pinned_to_a_node() -> None:
    assert codes(flow(pins={"start": {"x": 1}})) == []
    assert only(flow(pins={"nobody": 1})).path == "/pins/nobody"


@pytest.mark.parametrize(
    ("case", "path"),
    [
        ({"trigger": "a"}, "/tests/0/trigger"),
        ({"trigger": "nobody"}, "/tests/0/trigger"),
        ({"mocks": {"nobody": []}}, "/tests/0/mocks/nobody"),
        ({"mocks": {"a[x]": []}}, "/tests/0/mocks/a[x]"),
        ({"mocks": {"a": [{"outptu": 1}]}}, "/tests/0/mocks/a/0"),
        ({"mocks": {"a": [{"output": 1, "error": {}}]}}, "/tests/0/mocks/a/0"),
        ({"expect": {"stpes": {}}}, "/tests/0/expect/stpes"),
    ],
)
def test_a_test_names_what_there_is(case: dict[str, Any], path: str) -> None:
    found = only(flow(log("a"), edges="start>a", tests=[{"name": "works", **case}]))
    assert (found.code, found.path) == ("bad_test", path)


def test_a_test_may_mock_steps_deep_inside() -> None:
    loop = {"id": "loop", "type": "flow.for_each", "config": {"items": []}}
    raw = flow(
        loop,
        log("a", parent="loop"),
        edges="start>loop",
        tests=[
            {
                "name": "works",
                "trigger": "start",
                "input": {"x": 1},
                "mocks": {"loop[3]/a": [{"error": {"class": "recoverable"}, "after": "5s"}, {"output": 1}]},
                "expect": {"run": "succeeded", "steps": {"loop": "succeeded"}},
            }
        ],
    )
    assert codes(raw) == []


def test_a_test_of_the_wrong_shape_is_told() -> None:
    assert only(flow(tests=[{"input": {}}])).path == "/tests/0/name"


@pytest.mark.parametrize("schema", [{"required": [1, "a"] * 100_000}, {"description": "x" * 200_000}])
def test_a_schema_that_would_take_for_ever_is_not_looked_at(schema: dict[str, Any]) -> None:
    assert only(flow(inputs=schema)).code == "bad_inputs"
