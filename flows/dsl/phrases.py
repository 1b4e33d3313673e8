"""What does not fit, in words: pydantic's kinds of complaint as sentences of ours, to be translated."""

from collections.abc import Mapping
from typing import Final

from pydantic_core import ErrorDetails

from flows.dsl.configs import Misfit, told
from flows.dsl.problem import Problem, problem
from flows.errors import Phrase, phrase


def _(text: str) -> str:
    """Mark a text for translation."""
    return text


_NUMBER: Final = _("{field} must be a number.")
_WHOLE: Final = _("{field} must be a whole number.")
_TEXT: Final = _("{field} must be text.")
_LIST: Final = _("{field} must be a list.")
_OBJECT: Final = _("{field} must be an object.")
_TRUTH: Final = _("{field} must be true or false.")

SENTENCES: Final[Mapping[str, str]] = {
    "missing": _("{field} is missing."),
    "extra_forbidden": _("{field} is not known here."),
    "string_type": _TEXT,
    "int_type": _WHOLE,
    "int_parsing": _WHOLE,
    "int_from_float": _WHOLE,
    "float_type": _NUMBER,
    "float_parsing": _NUMBER,
    "decimal_type": _NUMBER,
    "decimal_parsing": _NUMBER,
    "bool_type": _TRUTH,
    "bool_parsing": _TRUTH,
    "list_type": _LIST,
    "tuple_type": _LIST,
    "dict_type": _OBJECT,
    "model_type": _OBJECT,
    "model_attributes_type": _OBJECT,
    "literal_error": _("{field} must be {expected}."),
    "enum": _("{field} must be {expected}."),
    "greater_than": _("{field} must be more than {gt}."),
    "greater_than_equal": _("{field} must be at least {ge}."),
    "less_than": _("{field} must be less than {lt}."),
    "less_than_equal": _("{field} must be at most {le}."),
    "string_too_short": _("{field} must have at least {min_length} characters."),
    "string_too_long": _("{field} must have at most {max_length} characters."),
    "string_pattern_mismatch": _("{field} must match {pattern}."),
    "finite_number": _NUMBER,
    "int_parsing_size": _("{field} is too large a number."),
    "multiple_of": _("{field} must be a multiple of {multiple_of}."),
    "string_unicode": _("{field} holds a character that is none."),
    "invalid_key": _("{field} has a key that is no text."),
    "none_required": _("{field} must be null."),
    "union_tag_not_found": _("{field} must say by {discriminator} what it is."),
    "union_tag_invalid": _("{field} must be, by {discriminator}, one of {expected_tags}; it is {tag}."),
    "too_short": _("{field} must have at least {min_length} items."),
    "too_long": _("{field} must have at most {max_length} items."),
    "one_of": _("{field}: set exactly one of {names}."),
    "nobody": _("{field}: name a user, a role or a group."),
    "stages_out_of_order": _("{field}: each stage of the escalation comes later than the one before."),
    "stage_too_late": _("{field}: the stage after {after} is never reached, for the timeout of {timeout} comes first."),
}


def misfit_problem(code: str, misfit: Misfit, path: str, node: str | None = None) -> Problem:
    """The problem of a value that does not fit, under the code of what it was found in."""
    where = path + misfit.path
    if misfit.kind in ("bad_duration", "bad_instant"):
        return problem(misfit.kind, path=where, node=node, field=misfit.field, value=str(misfit.value)[:80])
    sentence = SENTENCES.get(misfit.kind)
    if sentence is None:
        reason = misfit.reason if isinstance(misfit.reason, Phrase) else phrase(plain_words(misfit.reason))
        return problem(code, path=where, node=node, field=misfit.field, reason=reason)
    return Problem(code=code, node=node, path=where, template=sentence, params={"field": misfit.field, **misfit.bounds})


def misfit_phrase(detail: ErrorDetails, *, unnamed: str) -> Phrase:
    """A complaint of pydantic's as one sentence, to stand in another; `unnamed` is what the whole value is called."""
    found = misfit_problem("bad_field", told(detail, detail["loc"], unnamed=unnamed), "")
    return phrase(found.template, **found.params)


def plain_words(said: str) -> str:
    """What a validator of ours raised, without what pydantic puts before it."""
    return said.removeprefix("Value error, ")
