"""Marks on the fields of config models that change how their values are resolved.

`Verbatim` text (code, SQL, templates) holds no expressions. A `PerItem` field holds an expression
that is evaluated once for each item of a sibling field, with `item` and `index`: after resolution
it is the list of what came out. The marks are read off the model once; nothing here evaluates.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Final, TypeAlias

from pydantic import BaseModel

from flows.security.safejson import Json


class VerbatimMark:
    """Marks a field whose text holds no expressions."""


@dataclass(frozen=True)
class PerItem:
    """Marks a field resolved once per item of the field named `items` beside it."""

    items: str


VERBATIM: Final = VerbatimMark()
Verbatim: TypeAlias = Annotated[str, VERBATIM]


@dataclass(frozen=True, slots=True)
class FieldRules:
    """Which top-level fields of a config are verbatim, and which are per item of which other."""

    verbatim: frozenset[str] = frozenset()
    per_item: Mapping[str, str] | None = None


@cache
def field_rules(model: type[BaseModel]) -> FieldRules:
    """The rules of a config model, by the names its fields have in JSON."""
    verbatim, per_item = set(), {}
    for name, field in model.model_fields.items():
        key = field.alias or name
        for mark in field.metadata:
            if isinstance(mark, VerbatimMark):
                verbatim.add(key)
            elif isinstance(mark, PerItem):
                per_item[key] = mark.items
    return FieldRules(frozenset(verbatim), per_item)


def has_expression(value: Json) -> bool:
    """Whether a value is a text in which an expression may stand."""
    return isinstance(value, str) and "{{" in value
