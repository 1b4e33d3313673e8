"""A form that was filled in, held against its schema: every field that does not fit, in words.

It refuses to know what is decided with a form, and who filled it in.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from jsonschema.exceptions import SchemaError, ValidationError
from referencing.exceptions import Unresolvable

from flows.dsl.inputs import InputSchema, TooCostly, Unusable
from flows.dsl.phrases import SENTENCES
from flows.dsl.problem import Problem, pointer
from flows.errors import BadInput, phrase
from flows.security.safejson import Json

MAX_FAULTS: Final = 50

# JSON Schema's keyword, and of `type` what was wanted -> the sentence, and what it calls the bound.
_TYPES: Final[Mapping[str, str]] = {
    "string": "string_type",
    "integer": "int_type",
    "number": "float_type",
    "boolean": "bool_type",
    "array": "list_type",
    "object": "dict_type",
}
_KEYWORDS: Final[Mapping[str, tuple[str, str]]] = {
    "minimum": ("greater_than_equal", "ge"),
    "maximum": ("less_than_equal", "le"),
    "exclusiveMinimum": ("greater_than", "gt"),
    "exclusiveMaximum": ("less_than", "lt"),
    "minLength": ("string_too_short", "min_length"),
    "maxLength": ("string_too_long", "max_length"),
    "pattern": ("string_pattern_mismatch", "pattern"),
    "minItems": ("too_short", "min_length"),
    "maxItems": ("too_long", "max_length"),
    "enum": ("enum", "expected"),
}


class FormRefused(BadInput):
    """The form isn't filled in as it must be: {path}: {reason}"""

    code = "form_refused"

    def __init__(self, problems: Sequence[Problem], *, path: str, reason: str) -> None:
        super().__init__(path=path, reason=reason)
        self.problems = problems


def check_form(schema: dict[str, Json], form: Json) -> None:
    """Raises FormRefused with a problem for each field, at its place below `/form`."""
    try:
        faults = InputSchema(schema).faults(form if form is not None else {}, most=MAX_FAULTS)
    except (Unresolvable, SchemaError, Unusable, TooCostly, RecursionError) as problem:
        said = phrase("its schema can't be used ({why})", why=type(problem).__name__)
        raise FormRefused((), path="$", reason=said) from None
    if faults:
        problems = [_problem(one) for one in faults]
        reason = phrase(problems[0].template, **problems[0].params)
        raise FormRefused(problems, path=faults[0].json_path, reason=reason)


def _problem(fault: ValidationError) -> Problem:
    place: list[Any] = ["form", *fault.absolute_path]
    kind, bounds = _told(fault)
    if kind == "missing":
        # It is the object that lacks something; who fills it in looks for the field.
        wanted: Any = fault.validator_value
        place.append(next(name for name in wanted if fault.message.startswith(repr(name))))
    field = str(place[-1]) if len(place) > 1 else "form"
    template = SENTENCES.get(kind, "{field}: {reason}")
    return Problem(
        code="form_refused",
        node=None,
        path=pointer(*place),
        template=template,
        params={"field": field, "reason": fault.message[:500], **bounds},
    )


def _told(fault: ValidationError) -> tuple[str, dict[str, str | int]]:
    """The kind of sentence for a fault, and the bounds it names."""
    keyword, wanted = str(fault.validator), fault.validator_value
    if keyword == "required":
        return "missing", {}
    if keyword == "type":
        return _TYPES.get(wanted, "") if isinstance(wanted, str) else "", {}
    if keyword not in _KEYWORDS:
        return "", {}
    kind, name = _KEYWORDS[keyword]
    told = ", ".join(map(str, wanted)) if isinstance(wanted, list) else wanted
    return kind, {name: told if isinstance(told, int) else str(told)}
