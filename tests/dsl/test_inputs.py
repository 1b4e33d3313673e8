"""What is sent to a flow is held against its inputs, whoever wrote either, for a bounded amount of work."""

from typing import Any

import pytest

from flows.dsl.inputs import InputSchema, TooCostly, Unusable, one_purse, unusable_parts
from tests.dsl.cast import flow, only


def fault(schema: dict[str, Any], given: Any) -> str | None:
    found = InputSchema(schema).first_fault(given)
    return found.message if found is not None else None


def doubling(levels: int) -> dict[str, Any]:
    steps: dict[str, Any] = {f"s{n}": {"allOf": [{"$ref": f"#/$defs/s{n + 1}"}] * 2} for n in range(levels)}
    return {"$defs": {**steps, f"s{levels}": {"type": "object"}}, "$ref": "#/$defs/s0"}


@pytest.mark.parametrize(
    ("schema", "good", "bad"),
    [
        ({"pattern": "^[a-z]{2,5}$"}, "abc", "a1"),
        ({"patternProperties": {"^x_": {"type": "integer"}}}, {"x_a": 1, "y": "1"}, {"x_a": "1"}),
        ({"properties": {"a": {}}, "additionalProperties": False}, {"a": 1}, {"b": 1}),
        ({"patternProperties": {"^x": {}}, "additionalProperties": {"type": "null"}}, {"x": 1, "y": None}, {"y": 1}),
        ({"uniqueItems": True}, [1, True, "1", [1]], [1, 1.0]),
        ({"uniqueItems": True}, [{"a": 1}, {"a": 2}], [{"a": 1, "b": 2}, {"b": 2, "a": 1}]),
        ({"$defs": {"n": {"type": "number"}}, "items": {"$ref": "#/$defs/n"}}, [1, 2.5], [1, "2"]),
        ({"properties": {"$schema": {"type": "string"}}}, {"$schema": "x"}, {"$schema": 1}),
    ],
)
def test_an_input_fits_or_not(schema: dict[str, Any], good: Any, bad: Any) -> None:
    assert fault(schema, good) is None
    assert fault(schema, bad) is not None


def test_a_pattern_never_goes_back() -> None:
    assert fault({"pattern": "^(a+)+$"}, "a" * 5_000 + "b") is not None
    assert fault({"patternProperties": {"^(a+)+$": {}}, "additionalProperties": False}, {"a" * 50 + "b": 1}) is not None


@pytest.mark.parametrize("dialect", [{}, {"$schema": "https://json-schema.org/draft/2020-12/schema"}])
def test_references_that_double_are_cut_short(dialect: dict[str, Any]) -> None:
    with one_purse(2_000), pytest.raises(TooCostly):
        fault({**dialect, **doubling(30)}, {})


def test_faults_that_show_a_large_input_are_paid_for() -> None:
    schema = {"properties": {"a": {"anyOf": [{"type": "string"}] * 50}}}
    with one_purse(20_000), pytest.raises(TooCostly):
        InputSchema(schema).first_fault({"a": list(range(1_000))})


def test_the_inputs_of_a_batch_share_a_purse() -> None:
    schema = InputSchema({"required": ["a"], "properties": {"a": {"type": "integer"}}})
    with one_purse(10):
        assert schema.first_fault({"a": 1}) is None
        with pytest.raises(TooCostly):
            schema.first_fault({"a": 1})


def test_a_text_too_long_for_a_pattern_is_refused() -> None:
    with pytest.raises(TooCostly):
        fault({"pattern": "a"}, "b" * 10_001)


@pytest.mark.parametrize("pattern", ["(", "(?=a)b", r"(a)\1", "(a{99}){99}", "a" * 501])
def test_a_pattern_that_cannot_be_used_is_told_before_publishing(pattern: str) -> None:
    found = only(flow(inputs={"properties": {"a": {"type": "string", "pattern": pattern}}}))
    assert (found.code, found.path) == ("bad_inputs", "/inputs/properties/a/pattern")
    with pytest.raises(Unusable):
        fault({"pattern": pattern}, "a")


def test_a_keyword_that_cannot_be_paid_for_is_refused() -> None:
    assert only(flow(inputs={"unevaluatedProperties": False})).path == "/inputs/unevaluatedProperties"
    with pytest.raises(Unusable):
        fault({"unevaluatedProperties": False}, {"a": 1})


def test_a_property_may_be_called_like_a_keyword() -> None:
    assert list(unusable_parts({"properties": {"unevaluatedItems": {}, "pattern": {"type": "string"}}})) == []
    assert [place for place, _ in unusable_parts({"unevaluatedItems": False})] == [("unevaluatedItems",)]
