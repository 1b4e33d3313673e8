from typing import Any

import pytest

from flows.nodes.aggregate import NotComputable, aggregate
from flows.nodes.base import Answer, BadConfig
from tests.nodes.stage import perform, stage

ORDERS: list[Any] = [
    {"region": "north", "amount": 10, "who": {"name": "Min"}},
    {"region": "south", "amount": 0.1, "who": {"name": "Seo"}},
    {"region": "north", "amount": 0.2, "who": {"name": "Min"}},
    {"region": "north", "amount": None, "who": {}},
]


async def over(items: Any, fields: dict[str, Any], by: list[str] | None = None) -> Any:
    async with stage(input={"items": items}) as on:
        answer = await perform(aggregate, {"items": "{{ input.items }}", "by": by or [], "fields": fields}, on)
    assert isinstance(answer, Answer)
    return answer.output


async def test_each_group_has_one_row_in_the_order_of_first_appearance() -> None:
    rows = await over(ORDERS, {"count": {"op": "count"}, "sum": {"op": "sum", "field": "amount"}}, ["region"])
    assert rows == [{"region": "north", "count": 3, "sum": 10.2}, {"region": "south", "count": 1, "sum": 0.1}]


@pytest.mark.parametrize(
    ("op", "field", "value"),
    [
        ("count", "", 4), ("count", "amount", 3), ("sum", "amount", 10.3), ("mean", "amount", 10.3 / 3), ("min", "amount", 0.1),
        ("max", "amount", 10), ("first", "amount", 10), ("last", "amount", 0.2), ("collect", "amount", [10, 0.1, 0.2, None]),
        ("distinct", "region", ["north", "south"]), ("join", "who.name", "Min, Seo, Min"), ("min", "region", "north"),
        ("collect", "who.name", ["Min", "Seo", "Min", None]), ("sum", "missing", 0), ("mean", "missing", None), ("min", "missing", None),
        ("first", "missing", None), ("join", "missing", ""),
    ],
)  # fmt: skip
async def test_a_field_is_computed(op: str, field: str, value: Any) -> None:
    rows = await over(ORDERS, {"x": {"op": op, "field": field}})
    assert rows == [{"x": pytest.approx(value) if isinstance(value, float) else value}]


async def test_sums_of_integers_are_exact_and_of_floats_rounded_once() -> None:
    assert await over([2**53, 1, 1], {"x": {"op": "sum"}}) == [{"x": 2**53 + 2}]
    assert await over([0.1] * 10, {"x": {"op": "sum"}}) == [{"x": 1.0}]


async def test_one_and_true_are_two_groups_and_one_and_one_point_zero_are_one() -> None:
    items = [
        {"k": 1},
        {"k": True},
        {"k": 1.0},
        {"k": "1"},
        {"k": None},
        {},
        {"k": [1, {"b": 2, "a": 1}]},
        {"k": [1, {"a": 1, "b": 2}]},
    ]
    rows = await over(items, {"n": {"op": "count"}}, ["k"])
    assert [row["n"] for row in rows] == [2, 1, 1, 2, 2]


async def test_an_empty_list_gives_no_groups_and_one_total() -> None:
    assert await over([], {"n": {"op": "count"}}, ["k"]) == []
    assert await over([], {"n": {"op": "count"}, "m": {"op": "max"}}) == [{"n": 0, "m": None}]


@pytest.mark.parametrize(
    ("bad", "what"), [("5", "a text"), (True, "true or false"), ([1], "a list"), ({}, "an object")]
)
async def test_what_cannot_be_computed_names_the_item(bad: Any, what: str) -> None:
    with pytest.raises(NotComputable, match=f"sum of amount is not possible: item 1 holds {what}"):
        await over([{"amount": 1}, {"amount": bad}], {"x": {"op": "sum", "field": "amount"}})


async def test_a_computation_that_is_not_known_is_refused() -> None:
    with pytest.raises(BadConfig, match=r"fields\.x\.op"):
        await over([], {"x": {"op": "median"}})
    with pytest.raises(BadConfig, match="fields"):
        await over([], {})
