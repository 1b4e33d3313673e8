"""The one hierarchy of errors.

An error's docstring is its message, filled with the fields it was raised with; beside it stands what
a caller needs to act: a stable `code`, the HTTP `status` the faces answer with, the retry class the
engine reads, and a hint that says how to mend it. This module knows nothing of any other.
"""

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

ErrorClass = Literal["recoverable", "permanent", "partial", "critical", "corruption"]


class Phrase(str):
    """A part of a sentence in English that knows what it was made of, so that a face can say it in another language."""

    __slots__ = ("fields", "template")
    template: str
    fields: Mapping[str, Any]


def phrase(template: str, **fields: Any) -> Phrase:
    """`template` filled, to stand in a field of an error or a problem; every template has its translations."""
    made = Phrase(template.format_map(fields) if fields else template)
    made.template, made.fields = template, fields
    return made


class MulgilError(Exception):
    """Something went wrong."""

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 500
    klass: ClassVar[ErrorClass] = "permanent"
    hint: ClassVar[str] = ""

    def __init__(self, **fields: Any) -> None:
        self.fields: Mapping[str, Any] = fields
        super().__init__(self.message)

    @property
    def template(self) -> str:
        """The untranslated sentence, with `{names}` of the fields it takes."""
        return " ".join((type(self).__doc__ or "").split())

    @property
    def message(self) -> str:
        """The sentence in English, filled."""
        return self.template.format_map(self.fields) if self.fields else self.template


class BadInput(MulgilError):
    """The input is not valid: {reason}"""

    code = "bad_input"
    status = 422


class NotFound(MulgilError):
    """There is no such {thing}."""

    code = "not_found"
    status = 404


class Forbidden(MulgilError):
    """You may not {verb}."""

    code = "forbidden"
    status = 403
    hint = "Ask an admin of the workspace for a role that may."


class Conflict(MulgilError):
    """{reason}"""

    code = "conflict"
    status = 409


class LimitExceeded(MulgilError):
    """{what} is {size}, over the limit of {limit}."""

    code = "limit_exceeded"
    status = 422


class BodyTooLarge(MulgilError):
    """The request's body is over the limit of {limit} bytes."""

    code = "body_too_large"
    status = 413
