"""What an expression may give back: JSON within depth and size, checked before any encoder sees it."""

import math
from typing import Any, Final

from flows.expr.errors import BadResult, ValueTooLarge
from flows.security.safejson import MAX_DEPTH, Json

MAX_VALUE: Final = 32 * 2**20


def admit(value: Any, expression: str, limit: int = MAX_VALUE) -> Json:
    """The value as JSON (tuples become lists). Raises BadResult or ValueTooLarge, naming the expression."""
    return _Admission(expression, limit).admit(value, 0)


class _Admission:
    """One walk over a value: a value that stands in two places counts twice, as it will when written."""

    def __init__(self, expression: str, limit: int) -> None:
        self._expression = expression
        self._limit = limit
        self._left = limit

    def admit(self, value: Any, depth: int) -> Json:
        kind = type(value)
        if kind is str:
            self._spend(len(value))
            return self._text(value)
        if value is None or kind in (bool, int, float):
            return self._scalar(value)
        if depth == MAX_DEPTH:
            raise self._refusal(f"a value nested over {MAX_DEPTH} deep")
        if kind is list or kind is tuple:
            self._spend(len(value))
            return [self.admit(item, depth + 1) for item in value]
        if kind is dict:
            self._spend(len(value))
            return {self._key(key): self.admit(item, depth + 1) for key, item in value.items()}
        raise self._refusal(f"a value of type {kind.__name__}")

    def _scalar(self, value: bool | float | None) -> Json:
        if isinstance(value, int) and not -(2**63) <= value < 2**64:
            raise self._refusal("an integer beyond 64 bits")
        if isinstance(value, float) and not math.isfinite(value):
            raise self._refusal("a number that is not finite")
        return value

    def _key(self, key: Any) -> str:
        if type(key) is not str:
            raise self._refusal(f"a key of type {type(key).__name__}")
        self._spend(len(key))
        return self._text(key)

    def _text(self, text: str) -> str:
        if "\x00" in text:
            raise self._refusal("a NUL character")
        if not text.isascii():
            try:
                text.encode()
            except UnicodeEncodeError:
                raise self._refusal("half of a surrogate pair") from None
        return text

    def _spend(self, size: int) -> None:
        self._left -= size
        if self._left < 0:
            raise ValueTooLarge(expression=self._expression, limit=self._limit)

    def _refusal(self, what: str) -> BadResult:
        return BadResult(expression=self._expression, what=what)
