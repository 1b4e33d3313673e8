"""What can be wrong with an expression, when it is written and when it is evaluated."""

from typing import Any, Self

from flows.errors import MulgilError


class ExprError(MulgilError):
    """An expression cannot be used."""

    code = "expression_failed"
    status = 422
    where: str = ""
    """The field it stands in, as a JSON Pointer into the config."""

    @classmethod
    def at(cls, where: str, **fields: Any) -> Self:
        """The error of an expression at a field."""
        error = cls(**fields)
        error.where = where
        return error


class BadExpression(ExprError):
    """{reason}"""

    code = "bad_expression"
    hint = "Expressions are Python; see the guide for what they may use."

    def __init__(self, *, reason: str, offset: int = 0, hint: str = "") -> None:
        self.offset = offset
        if hint:
            self.hint = hint  # type: ignore[misc]  # this one problem has a better mend than its class
        super().__init__(reason=reason)


class UnknownName(BadExpression):
    """{reason}"""

    code = "unknown_name"


class ExpressionTooLarge(BadExpression):
    """{reason}"""

    code = "expression_too_large"
    hint = "Split it over several data.set nodes, or use a code.python node."


class ExpressionFailed(ExprError):
    """{expression}: {reason}"""


class MissingKey(ExprError):
    """{path} does not exist; {known}"""

    code = "missing_key"
    hint = "Check the spelling, or read it with .get('…') where it may be absent."


class NoSuchRoot(ExprError):
    """{root} is not known here."""

    code = "unknown_root"
    hint = "item and index exist inside each and for_each, last inside while."


class ValueTooLarge(ExprError):
    """{expression} makes a value over the limit of {limit} bytes."""

    code = "value_too_large"


class BadResult(ExprError):
    """{expression} gives {what}, which JSON cannot carry."""

    code = "bad_result"


class TimedOut(ExprError):
    """{expression} ran longer than {seconds} s."""

    code = "expression_timeout"
    hint = "Use a code.python node for longer work."


class NeedsSandbox(ExprError):
    """{expression} needs the sandbox, which this caller does not offer."""

    code = "needs_sandbox"
    status = 500
