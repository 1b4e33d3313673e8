"""Grouping a list and computing over each group.

Nulls and missing fields are left out of every computation except `count` and `collect`, as in SQL.
Sums of integers are exact; sums of floats are rounded once (`math.fsum`).
"""

import math
from collections.abc import Callable, Sequence
from typing import Annotated, Any, Final, Literal

import orjson
from pydantic import Field

from flows.nodes.base import Effect, Example, Json, List, NodeConfig, Permanent, Step, _, node


class NotComputable(Permanent):
    """{op} of {field} is not possible: item {index} holds {what}."""

    code = "not_computable"
    hint = "Filter these items out first, or make them numbers with a transform."


class Computation(NodeConfig):
    op: Literal["count", "sum", "mean", "min", "max", "first", "last", "collect", "distinct", "join"]
    field: str = Field("", description=_("Name of the field, dotted for inner ones; empty for the item itself"))
    separator: str = Field(", ", description=_("Between the texts of join"))


class AggregateConfig(NodeConfig):
    items: List = Field(description=_("The list to go through"))
    by: Annotated[list[str], Field(max_length=32)] = Field(
        default_factory=list, description=_("Fields that make the groups; none makes one group of all")
    )
    fields: Annotated[dict[str, Computation], Field(min_length=1, max_length=200)] = Field(
        description=_("Names of the output and how each is computed")
    )


@node(
    "data.aggregate",
    label=_("Aggregate"),
    icon="sum",
    category="data",
    effect=Effect.PURE,
    description=_("Groups a list and computes sums, means, counts and more."),
    summary="{by}",
    labels={
        "count": _("Count"),
        "sum": _("Sum"),
        "mean": _("Mean"),
        "min": _("Smallest"),
        "max": _("Largest"),
        "first": _("First"),
        "last": _("Last"),
        "collect": _("All in a list"),
        "distinct": _("Each different one"),
        "join": _("Joined text"),
    },
    example=Example(
        config={
            "items": "{{ input.orders }}",
            "by": ["region"],
            "fields": {"orders": {"op": "count"}, "amount": {"op": "sum", "field": "amount"}},
        },
        input={
            "orders": [
                {"region": "north", "amount": 120.5},
                {"region": "south", "amount": 80},
                {"region": "north", "amount": 30},
            ]
        },
        output=[
            {"region": "north", "orders": 2, "amount": 150.5},
            {"region": "south", "orders": 1, "amount": 80},
        ],
    ),
)
async def aggregate(config: AggregateConfig, step: Step) -> Json:
    """The output is a list with one object per group, in the order in which the groups first appear.

    Each object holds the group's fields and the computed ones. Without `by` there is one group,
    even of an empty list.
    """
    paths = [(name, name.split(".")) for name in config.by]
    groups: dict[tuple[Any, ...], list[tuple[int, Json]]] = {} if paths else {(): []}
    for index, item in enumerate(config.items):
        key = tuple(_identity(_at(item, path)) for _name, path in paths)
        groups.setdefault(key, []).append((index, item))
    return [_row(config, paths, members) for members in groups.values()]


def _row(
    config: AggregateConfig, paths: list[tuple[str, list[str]]], members: Sequence[tuple[int, Json]]
) -> dict[str, Json]:
    row = {name: _at(members[0][1], path) for name, path in paths}
    for name, computation in config.fields.items():
        row[name] = _compute(computation, members)
    return row


def _at(item: Json, path: list[str]) -> Json:
    """The value at a path of keys and list indexes; null where it ends early."""
    for key in path:
        if isinstance(item, dict):
            item = item.get(key)
        elif isinstance(item, list) and key.isascii() and key.isdigit() and int(key) < len(item):
            item = item[int(key)]
        else:
            return None
    return item


def _identity(value: Json) -> Any:
    """What makes two values the same group: 1 and 1.0 are, 1 and true are not."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return (bool, value)
    if isinstance(value, int | float):
        return (float, value)
    return (list, orjson.dumps(value, option=orjson.OPT_SORT_KEYS))


def _compute(computation: Computation, members: Sequence[tuple[int, Json]]) -> Json:
    path = computation.field.split(".") if computation.field else []
    values = [(index, _at(item, path)) for index, item in members]
    if computation.op == "count" and not computation.field:
        return len(values)
    if computation.op == "collect":
        return [value for _index, value in values]
    present = [(index, value) for index, value in values if value is not None]
    if computation.op == "join":
        return computation.separator.join(_text(value) for _index, value in present)
    return _COMPUTE[computation.op](computation, present)


Present = Sequence[tuple[int, Json]]


def _count(computation: Computation, present: Present) -> Json:
    return len(present)


def _first(computation: Computation, present: Present) -> Json:
    return present[0][1] if present else None


def _last(computation: Computation, present: Present) -> Json:
    return present[-1][1] if present else None


def _distinct(computation: Computation, present: Present) -> Json:
    found: dict[Any, Json] = {}
    for _index, value in present:
        found.setdefault(_identity(value), value)
    return list(found.values())


def _sum(computation: Computation, present: Present) -> Json:
    numbers = _numbers(computation, present)
    return _total(numbers)


def _mean(computation: Computation, present: Present) -> Json:
    numbers = _numbers(computation, present)
    return _total(numbers) / len(numbers) if numbers else None


def _total(numbers: list[int | float]) -> int | float:
    exact = all(isinstance(number, int) for number in numbers)
    return sum(numbers) if exact else math.fsum(numbers)


def _min(computation: Computation, present: Present) -> Json:
    return min(_comparable(computation, present), default=None)


def _max(computation: Computation, present: Present) -> Json:
    return max(_comparable(computation, present), default=None)


_COMPUTE: Final[dict[str, Callable[[Computation, Present], Json]]] = {
    "count": _count,
    "sum": _sum,
    "mean": _mean,
    "min": _min,
    "max": _max,
    "first": _first,
    "last": _last,
    "distinct": _distinct,
}


def _numbers(computation: Computation, present: Present) -> list[int | float]:
    numbers: list[int | float] = []
    for index, value in present:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise _not_computable(computation, index, value)
        numbers.append(value)
    return numbers


def _comparable(computation: Computation, present: Present) -> list[Any]:
    """Texts alone or numbers alone: nothing else has one order."""
    if all(isinstance(value, str) for _index, value in present):
        return [value for _index, value in present]
    return _numbers(computation, present)


def _not_computable(computation: Computation, index: int, value: Json) -> NotComputable:
    what = {str: "a text", bool: "true or false", list: "a list", dict: "an object"}[type(value)]
    return NotComputable(op=computation.op, field=computation.field or "the items", index=index, what=what)


def _text(value: Json) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode()
