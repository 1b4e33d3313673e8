"""The open expressions of one step, evaluated in the sandbox in one round trip.

A closed part that cannot be looked up is not passed in; only where the expression comes to need it
does the sandbox miss its name, and the error is then the one found here. So `a.b if a else 0` is as
lazy in the sandbox as it is in Python.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from flows.expr.closed import Closure, Scope
from flows.expr.errors import (
    BadResult,
    ExprError,
    ExpressionFailed,
    MissingKey,
    TimedOut,
    ValueTooLarge,
)
from flows.expr.results import MAX_VALUE, admit
from flows.expr.script import prelude
from flows.expr.workers import Limits, OverMemory, OverTime, Raised, Script, Workers, parse_result
from flows.security.safejson import Json

SECONDS: Final = 0.2
MEMORY: Final = 16 * 2**20
ROWS: Final = 5_000
"""How many items of a list go through the sandbox at once."""

_ROW_SECONDS: Final = 0.001
_PRINTS: Final = 4 * 2**10
_MISSING: Final = "LookupError: missing:"
_UNKNOWN: Final = re.compile(r"NameError: name '(_e\d+_\d+)' is not defined")
_UNSERIAL: Final = re.compile(r"TypeError: Object of type (\w+) is not JSON serializable")


@dataclass(frozen=True, slots=True)
class OpenExpression:
    """An expression for the sandbox: as written, where it stands (JSON Pointer), its line and its values."""

    text: str
    where: str
    line: str
    values: dict[str, Closure]


@dataclass(frozen=True, slots=True)
class Moment:
    """An attempt's frozen clock (microseconds since the epoch) and the seed of its random numbers."""

    clock: int
    seed: int


async def evaluate(expressions: Sequence[OpenExpression], scope: Scope, workers: Workers, moment: Moment) -> list[Json]:
    """The values of the expressions, in one round trip. Raises ExprError, SandboxMissing or SandboxCrashed."""
    values, pending = _passed_in(expressions, scope)
    lines = [f"_r{number} = _plain({one.line})" for number, one in enumerate(expressions)]
    results = ", ".join(f"_r{number}" for number in range(len(expressions)))
    helpers = prelude(one.line for one in expressions)
    text = helpers + "\n".join(lines) + f'\nf"{{_json.dumps([{results}])}}"'
    limits = Limits(seconds=SECONDS, memory=MEMORY, prints=_PRINTS)
    script = Script(text=text, values=values, clock=moment.clock, seed=moment.seed, limits=limits)
    found = await _run(script, expressions, workers, pending)
    return [_admitted(value, one) for value, one in zip(found, expressions, strict=True)]


async def evaluate_rows(
    expressions: Sequence[OpenExpression], scopes: Sequence[Scope], workers: Workers, moment: Moment
) -> list[list[Json]]:
    """The same for many scopes, some thousands in a round trip."""
    rows: list[list[Json]] = []
    for start in range(0, len(scopes), ROWS):
        rows += await _evaluate_some(expressions, scopes[start : start + ROWS], workers, moment)
    return rows


async def _evaluate_some(
    expressions: Sequence[OpenExpression], scopes: Sequence[Scope], workers: Workers, moment: Moment
) -> list[list[Json]]:
    passed = [_passed_in(expressions, scope) for scope in scopes]
    if any(pending for _, pending in passed):
        # Some value is missing for some item, and only Python knows whether it is needed: one by one.
        return [await evaluate(expressions, scope, workers, moment) for scope in scopes]
    names = "".join(f"{name}, " for name in passed[0][0])
    results = ", ".join(f"_plain({one.line})" for one in expressions)
    loop = f"for ({names}) in _rows:" if names else "for _row in _rows:"
    helpers = prelude(one.line for one in expressions)
    text = f'{helpers}_all = []\n{loop}\n    _all.append([{results}])\nf"{{_json.dumps(_all)}}"'
    rows = [list(row.values()) for row, _ in passed]
    limits = Limits(seconds=SECONDS + _ROW_SECONDS * len(scopes), memory=MEMORY, prints=_PRINTS)
    script = Script(text=text, values={"_rows": rows}, clock=moment.clock, seed=moment.seed, limits=limits)
    found = await _run(script, expressions, workers, {})
    return [[_admitted(value, one) for value, one in zip(row, expressions, strict=True)] for row in found]


def _passed_in(expressions: Sequence[OpenExpression], scope: Scope) -> tuple[dict[str, Any], dict[str, ExprError]]:
    values: dict[str, Any] = {}
    pending: dict[str, ExprError] = {}
    for one in expressions:
        for name, closure in one.values.items():
            try:
                values[name] = closure(scope)
            except ExprError as error:
                pending[name] = error
            except (TypeError, ArithmeticError, ValueError, RecursionError) as error:
                pending[name] = ExpressionFailed(expression=one.text, reason=str(error))
    return values, pending


async def _run(
    script: Script, expressions: Sequence[OpenExpression], workers: Workers, pending: Mapping[str, ExprError]
) -> list[Any]:
    together = expressions[0].text if len(expressions) == 1 else "An expression of this step"
    try:
        ran = await workers.run(script)
    except OverTime:
        raise TimedOut(expression=together, seconds=round(script.limits.seconds, 1)) from None
    except OverMemory:
        raise ValueTooLarge(expression=together, limit=script.limits.memory) from None
    except Raised as error:
        raise _explain(error, expressions, pending) from None
    if len(ran.text) > 2 * MAX_VALUE:
        raise ValueTooLarge(expression=together, limit=MAX_VALUE)
    try:
        found: list[Any] = parse_result(ran.text)
    except ValueError:
        raise BadResult(expression=together, what="a value nested too deep or a number too long") from None
    return found


def _explain(error: Raised, expressions: Sequence[OpenExpression], pending: Mapping[str, ExprError]) -> ExprError:
    """The typed error of what a script raised, at the expression on whose line it happened."""
    before = prelude(one.line for one in expressions).count("\n")
    number = error.lines[0] - before - 1 if error.lines else 0
    blamed = expressions[number if 0 <= number < len(expressions) else 0]
    explained = _typed(error.text, blamed, pending)
    if not explained.where:
        explained.where = blamed.where
    return explained


def _typed(text: str, blamed: OpenExpression, pending: Mapping[str, ExprError]) -> ExprError:
    if (unknown := _UNKNOWN.search(text)) and unknown[1] in pending:
        return pending[unknown[1]]
    if text.startswith(_MISSING):
        path, known = json.loads(text.removeprefix(_MISSING))
        return MissingKey(path=path, known=known)
    if unserial := _UNSERIAL.search(text):
        return BadResult(expression=blamed.text, what=f"a value of type {unserial[1]}")
    return ExpressionFailed(expression=blamed.text, reason=text)


def _admitted(value: Any, one: OpenExpression) -> Json:
    try:
        return admit(value, one.text)
    except ExprError as error:
        error.where = one.where
        raise
