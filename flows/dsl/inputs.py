"""What a flow takes as its input: a JSON Schema, held against what people send within a bounded amount of work.

Schema and input are both a stranger's, and both are looked at where everyone waits: patterns are matched by an
engine without backtracking, and every look is paid for out of a purse. Refuses to know where either comes from.
"""

import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from itertools import islice
from typing import Any, Final, TypeAlias

import orjson
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError, best_match
from jsonschema.validators import extend
from pydantic_core import SchemaError as BadPattern
from pydantic_core import SchemaValidator, core_schema
from referencing import Registry

from flows.security.safejson import Json

PURSE: Final = 1_000_000
"""Looks: about two seconds of work."""
PURSE_OF_BATCH: Final = 4_000_000
MAX_PATTERN: Final = 500
MAX_REPEATED: Final = 1_000
MAX_MATCHED: Final = 10_000
# They look for what others looked at, by ways that can't be paid for one by one.
UNSUPPORTED: Final = frozenset({"unevaluatedProperties", "unevaluatedItems"})

# A word as a keyword's value is most often a reference, which is dear to follow.
_FOLLOWED: Final = 4
_COUNTS: Final = re.compile(r"\{(\d{0,9}),?(\d{0,9})\}")

Errors: TypeAlias = Iterable[ValidationError] | None
Keyword: TypeAlias = Callable[[Any, Any, Any, Any], Errors]


class TooCostly(Exception):  # it is caught where the input is refused
    """To hold the input against the schema takes more work than anyone may ask for."""


class Unusable(Exception):  # as above
    """The schema holds a keyword or pattern that can't be used; says which."""


class _Purse:
    __slots__ = ("left",)

    def __init__(self, size: int) -> None:
        self.left = size

    def pay(self, looks: int) -> None:
        self.left -= looks
        if self.left < 0:
            raise TooCostly


_purse: ContextVar[_Purse | None] = ContextVar("mulgil_inputs_purse", default=None)


@contextmanager
def one_purse(size: int = PURSE_OF_BATCH) -> Iterator[None]:
    """All inputs checked inside share this many looks."""
    token = _purse.set(_Purse(size))
    try:
        yield
    finally:
        _purse.reset(token)


class InputSchema:
    """The schema of a flow's inputs, ready for use. Making it looks at nothing yet."""

    __slots__ = ("_validator",)

    def __init__(self, schema: dict[str, Json]) -> None:
        # An empty registry: a `$ref` to an address must never make this process fetch it.
        self._validator = _Bounded(_without_dialect(schema), registry=Registry())

    def first_fault(self, given: Json) -> ValidationError | None:
        """The fault that says most; None where the input fits.

        Raises TooCostly, Unusable, RecursionError, and jsonschema's SchemaError and referencing's Unresolvable.
        """
        if _purse.get() is not None:
            return self._look(given)
        with one_purse(PURSE):
            return self._look(given)

    def faults(self, given: Json, *, most: int) -> list[ValidationError]:
        """The faults of each place, at most so many; none where the input fits. Raises as `first_fault` does."""
        with one_purse(PURSE):
            return list(islice(self._validator.iter_errors(given), most))

    def _look(self, given: Json) -> ValidationError | None:
        found: ValidationError | None = best_match(self._validator.iter_errors(given))
        return found


def unusable_parts(schema: Json) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Where a schema holds what can't be used, and why."""
    stack: list[tuple[Json, tuple[str | int, ...]]] = [(schema, ())]
    while stack:
        value, place = stack.pop()
        if isinstance(value, list):
            stack += [(inner, (*place, index)) for index, inner in enumerate(value)]
        elif isinstance(value, dict):
            yield from _unusable_here(value, place)
            stack += [(inner, (*place, key)) for key, inner in value.items()]


def _unusable_here(
    value: Mapping[str, Json], place: tuple[str | int, ...]
) -> Iterator[tuple[tuple[str | int, ...], str]]:
    # Below `properties` stand names of people's choice, which may be called like keywords.
    if not place or place[-1] != "properties":
        yield from (
            ((*place, key), f"{key} can't be used; say additionalProperties or items")
            for key in UNSUPPORTED & value.keys()
        )
    named, single = value.get("patternProperties"), value.get("pattern")
    patterns = [*(named if isinstance(named, dict) else ()), *([single] if isinstance(single, str) else ())]
    for pattern in patterns:
        try:
            _compiled(pattern)
        except Unusable as error:
            yield (*place, "pattern" if pattern is single else "patternProperties"), str(error)


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> tuple[SchemaValidator, int]:
    """A pattern in the engine that never goes back, and what a letter costs. Raises Unusable."""
    weight = math.prod(int(most or least or 1) or 1 for least, most in _COUNTS.findall(pattern))
    if len(pattern) > MAX_PATTERN or weight > MAX_REPEATED:
        raise Unusable(
            f"a pattern has at most {MAX_PATTERN} characters, and its counts multiply to at most {MAX_REPEATED}"
        )
    try:
        schema = core_schema.str_schema(pattern=pattern, regex_engine="rust-regex")
        return SchemaValidator(schema), len(pattern) + weight
    except BadPattern:
        raise Unusable(
            f"{pattern[:80]!r} is no pattern that can be used (no look-around, no back-references)"
        ) from None


def _matches(pattern: str, text: str) -> bool:
    matcher, weight = _compiled(pattern)
    if len(text) > MAX_MATCHED:
        raise TooCostly
    _pay(1 + len(text) * weight // 100)
    return matcher.isinstance_python(text)


def _pay(looks: int) -> None:
    purse = _purse.get()
    assert purse is not None  # one is always open while looking
    purse.pay(looks)


def _paid(keyword: Keyword) -> Keyword:
    def look(validator: Any, value: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
        _pay(_FOLLOWED if isinstance(value, str) else 1 + (len(value) if isinstance(value, list | dict) else 0))
        for error in keyword(validator, value, instance, schema) or ():
            # Its message holds the whole instance.
            _weigh(error.instance if isinstance(error.instance, list | dict) else instance)
            yield error

    return look


def _weigh(value: Any) -> None:
    stack = [value]
    while stack:
        one = stack.pop()
        if isinstance(one, str):
            _pay(1 + len(one) // 64)
        elif isinstance(one, dict | list):
            _pay(1 + len(one))
            stack += one.values() if isinstance(one, dict) else one


def _pattern(validator: Any, pattern: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
    if isinstance(instance, str) and not _matches(pattern, instance):
        yield ValidationError(f"{instance[:100]!r} does not match {pattern!r}")


def _pattern_properties(validator: Any, patterns: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
    if isinstance(instance, dict):
        for pattern, inner in patterns.items():
            for key, value in instance.items():
                if _matches(pattern, key):
                    yield from validator.descend(value, inner, path=key, schema_path=pattern)


def _additional(validator: Any, wanted: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
    if not isinstance(instance, dict):
        return
    named, patterns = schema.get("properties", {}), schema.get("patternProperties", {})
    extra = [key for key in instance if key not in named and not any(_matches(one, key) for one in patterns)]
    if isinstance(wanted, dict):
        for key in extra:
            yield from validator.descend(instance[key], wanted, path=key)
    elif wanted is False and extra:
        shown = ", ".join(map(repr, extra[:5])) + (", …" if len(extra) > 5 else "")
        yield ValidationError(f"Additional properties are not allowed ({shown})")


def _unique(validator: Any, wanted: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
    if wanted is True and isinstance(instance, list):
        _weigh(instance)
        if len({orjson.dumps(_plain(one), option=orjson.OPT_SORT_KEYS) for one in instance}) < len(instance):
            yield ValidationError("the list holds an item twice")


def _plain(value: Json) -> Json:
    """JSON Schema's equality: 1 and 1.0 are one number, true is none."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value)
    if isinstance(value, list):
        return [_plain(one) for one in value]
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    return value


def _refused(validator: Any, value: Any, instance: Any, schema: Any) -> Errors:
    raise Unusable("unevaluatedProperties and unevaluatedItems can't be used")


def _without_dialect(schema: Any) -> Any:
    # A `$schema` inside would hand its part to another validator, which pays for nothing.
    if isinstance(schema, list):
        return [_without_dialect(one) for one in schema]
    if isinstance(schema, dict):
        return {key: _without_dialect(one) for key, one in schema.items() if key != "$schema" or isinstance(one, dict)}
    return schema


_OWN: Final[Mapping[str, Keyword]] = {
    "pattern": _pattern,
    "patternProperties": _pattern_properties,
    "additionalProperties": _additional,
    "uniqueItems": _unique,
    **dict.fromkeys(UNSUPPORTED, _refused),
}
_Bounded: Final[Any] = extend(  # type: ignore[no-untyped-call]  # jsonschema tells no types here
    Draft202012Validator,
    {name: _paid(keyword) for name, keyword in {**Draft202012Validator.VALIDATORS, **_OWN}.items()},
)
