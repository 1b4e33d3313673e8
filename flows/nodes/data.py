"""The nodes that shape data: they compute nothing themselves, their expressions were resolved before."""

from typing import Annotated, Any, Final

from pydantic import Field, WithJsonSchema

from flows.nodes.base import (
    BadConfig,
    Effect,
    Example,
    Json,
    List,
    NodeConfig,
    PerItem,
    Step,
    Value,
    _,
    node,
)

CATEGORY: Final = "data"


class SetConfig(NodeConfig):
    fields: dict[str, Value] = Field(description=_("Names and values of the output"))


@node(
    "data.set",
    label=_("Set fields"),
    icon="pencil",
    category=CATEGORY,
    effect=Effect.PURE,
    description=_("Makes an object of named values."),
    summary="{fields}",
    example=Example(
        config={"fields": {"name": "{{ input.first }} {{ input.last }}", "vip": "{{ input.total > 100 }}"}},
        input={"first": "Min", "last": "Seo", "total": 120},
        output={"name": "Min Seo", "vip": True},
    ),
)
async def set_(config: SetConfig, step: Step) -> Json:
    """The output is the object of the fields, each value constant or an expression."""
    return config.fields


class TransformConfig(NodeConfig):
    value: Value = Field(
        description=_("An expression; its value is the output"), json_schema_extra={"format": "mulgil-expression"}
    )


@node(
    "data.transform",
    label=_("Transform"),
    icon="transform",
    category=CATEGORY,
    effect=Effect.PURE,
    description=_("Makes a value of an expression."),
    summary="{value}",
    example=Example(
        config={"value": "{{ [order['id'] for order in input.orders] }}"},
        input={"orders": [{"id": 1}, {"id": 2}]},
        output=[1, 2],
    ),
)
async def transform(config: TransformConfig, step: Step) -> Json:
    """The output is the value itself: a number, a text, a list or an object."""
    return config.value  # type: ignore[no-any-return]  # a resolved value is JSON


class FilterConfig(NodeConfig):
    items: List = Field(description=_("The list to go through"))
    condition: Annotated[
        list[Any], PerItem("items"), WithJsonSchema({"type": "string", "format": "mulgil-expression"})
    ] = Field(description=_("An expression with item and index; items for which it is true stay"))


@node(
    "data.filter",
    label=_("Filter"),
    icon="filter",
    category=CATEGORY,
    effect=Effect.PURE,
    description=_("Keeps the items for which a condition is true."),
    summary="{condition}",
    example=Example(
        config={"items": "{{ input.orders }}", "condition": "{{ item.total > 100 and index < 10 }}"},
        input={"orders": [{"total": 20}, {"total": 120}]},
        output=[{"total": 120}],
    ),
)
async def filter_(config: FilterConfig, step: Step) -> Json:
    """The output is the list of the items for which the condition is true, in their order."""
    if len(config.condition) != len(config.items):
        raise BadConfig(f"condition: it gave {len(config.condition)} answers for {len(config.items)} items")
    return [item for item, keeps in zip(config.items, config.condition, strict=True) if keeps]
