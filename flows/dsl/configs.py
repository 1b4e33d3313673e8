"""Configs held against their models: what does not fit, overlooking what an expression will only give later.

An unresolved config may hold `{{ … }}` where another type is meant. The model is asked as it is, and
its complaints about values that are expressions are left out: what they become is checked, strictly
and by the same model, when they are resolved.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from flows.dsl.fields import FieldRules, field_rules
from flows.dsl.problem import pointer
from flows.errors import Phrase, phrase
from flows.expr.errors import BadExpression
from flows.expr.template import has_expression, parse
from flows.security.safejson import Json

MOST_SHOWN: Final = 500
"""Characters of what was sent that a complaint about it repeats."""
# Complaints about the type of a value. Text with an expression in its middle stays text, so for these
# it is wrong already.
_NOT_TEXT: Final = frozenset(
    f"{name}_{fault}"
    for name in ("bool", "int", "float", "decimal", "list", "dict", "tuple", "model", "model_attributes")
    for fault in ("type", "parsing")
)


@dataclass(frozen=True, slots=True)
class Misfit:
    """A value that does not fit: the kind of pydantic's complaint, where (as a pointer and in parts), in words (a phrase,
    where a validator of ours said one), and the bounds it names."""

    kind: str
    path: str
    field: str
    reason: str
    value: Any
    bounds: Mapping[str, str | int]
    parts: tuple[str | int, ...]


def misfits(model: type[BaseModel], raw: Any, rules: FieldRules | None = None) -> list[Misfit]:
    """What of an unresolved value does not fit its model, each place once."""
    try:
        model.model_validate(raw)
    except ValidationError as error:
        found: dict[str, Misfit] = {}
        marks = rules if rules is not None else field_rules(model)
        for detail in error.errors(include_url=False):
            misfit = _misfit(detail, raw, marks)
            if misfit is not None:
                found.setdefault(misfit.path, misfit)
        return list(found.values())
    return []


def _misfit(detail: ErrorDetails, raw: Any, rules: FieldRules) -> Misfit | None:
    parts = _place(detail["loc"], raw)
    value, kind = detail["input"], detail["type"]
    if parts and parts[0] in (rules.per_item or {}) and kind != "missing":
        return None
    if parts and parts[0] not in rules.verbatim and has_expression(value):
        if kind not in _NOT_TEXT or _is_single(value):
            return None
        kind = "not_one_expression"
    return replace(told(detail, parts, unnamed="config"), kind=kind)


def told(detail: ErrorDetails, parts: Sequence[str | int], *, unnamed: str) -> Misfit:
    """A complaint of pydantic's about the value at this place; `unnamed` is what the whole is called."""
    context = detail.get("ctx", {})
    raised = context.get("error")
    said = raised.args[0] if isinstance(raised, ValueError) and raised.args else None
    bounds = {name: bound if isinstance(bound, int) else _in_words(str(bound)) for name, bound in context.items()}
    field = ".".join(map(str, parts)) or unnamed
    return Misfit(
        kind=detail["type"],
        path=pointer(*parts),
        field=field if len(field) <= MOST_SHOWN else f"{field[:MOST_SHOWN]}…",
        reason=said if isinstance(said, Phrase) else detail["msg"],
        value=detail["input"],
        bounds=bounds,
        parts=tuple(parts),
    )


def _in_words(bound: str) -> str:
    """A bound, which may be a list of choices as pydantic writes it, or hold what was sent."""
    if len(bound) > MOST_SHOWN:
        return f"{bound[:MOST_SHOWN]}…"
    some, last = bound.rpartition(" or ")[::2]
    return phrase("{some} or {last}", some=some, last=last) if some and last.startswith("'") else bound


def _is_single(text: str) -> bool:
    try:
        return parse(text.strip()).single is not None and text == text.strip()
    except BadExpression:
        # It is no expression at all; that is said where expressions are looked at.
        return True


def _place(loc: tuple[int | str, ...], raw: Json) -> list[str | int]:
    """The part of pydantic's location that is a place in the value: branches of unions are left out."""
    parts: list[str | int] = []
    here: Any = raw
    for number, part in enumerate(loc):
        is_index = isinstance(here, list) and isinstance(part, int) and part < len(here)
        if is_index or (isinstance(here, dict) and part in here):
            here = here[part]
        elif not (isinstance(here, dict) and number == len(loc) - 1 and isinstance(part, str)):
            continue
        parts.append(part)
    return parts
