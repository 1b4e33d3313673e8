"""What a canary's guards and steps may say, and which guard a set of figures breaks.

It decides from figures alone; where they come from and what follows is `flows.operations.canary`'s.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

from flows.errors import BadInput, phrase
from flows.expr.compile import Compiled, compile_value
from flows.expr.errors import BadExpression, ExprError
from flows.expr.template import has_expression, parse
from flows.operations.reasons import OF_GUARDS, reason
from flows.security.safejson import Json

NUMBERS: Final = frozenset({"error_rate", "p99_ms", "min_runs", "minutes", "expression_rate"})
GUARDS: Final = NUMBERS | {"expression"}
SHARES: Final = ("error_rate", "expression_rate")
READS: Final = frozenset({"run", "input"})
MAX_MINUTES: Final = 60 * 24 * 366
MAX_STEPS: Final = 20
EXAMPLE: Final = "{{ run.output.total > 0 }}"
DEFAULT_MIN_RUNS: Final = 20
DEFAULT_MINUTES: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Tripped:
    """The guard that was broken, and the sentence that says by which figure."""

    guard: str
    reason: str


def read_guards(guards: Mapping[str, Any]) -> dict[str, float | str]:
    """The guards, checked: shares 0 to 1, minutes up to a year, an expression over one run. Raises BadInput."""
    for name, value in guards.items():
        if name not in GUARDS:
            raise BadInput(
                reason=phrase("'{name}' is not a guard; known are {known}", name=name, known=", ".join(sorted(GUARDS)))
            )
        if name == "expression":
            compiled_guard(value)
            continue
        if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
            raise BadInput(reason=phrase("the guard {name} is a number from 0", name=name))
        if name in SHARES and value > 1:
            raise BadInput(reason=phrase("the guard {name} is a share from 0 to 1", name=name))
        # Longer than the calendar, a window would stop the guards of every canary there is.
        if name == "minutes" and value > MAX_MINUTES:
            raise BadInput(reason=phrase("the guard minutes is at most {most}, a year", most=MAX_MINUTES))
    if "expression_rate" in guards and "expression" not in guards:
        raise BadInput(reason=phrase("the guard expression_rate needs an expression"))
    return dict(guards)


def read_steps(steps: Sequence[int], weight: int | None) -> tuple[list[int], int]:
    """The schedule of weights and the one to begin with. Raises BadInput."""
    if len(steps) > MAX_STEPS or any(not 1 <= step <= 100 for step in steps):
        raise BadInput(reason=phrase("steps are at most {most} percentages from 1 to 100", most=MAX_STEPS))
    if any(before >= after for before, after in pairwise(steps)):
        raise BadInput(reason=phrase("each step is larger than the one before"))
    if weight is None:
        if not steps:
            raise BadInput(reason=phrase("say the weight, or the steps to take"))
        weight = steps[0]
    if not 0 <= weight <= 100:
        raise BadInput(reason=phrase("weight is a percentage from 0 to 100"))
    if steps and weight not in steps:
        raise BadInput(reason=phrase("the weight to begin with is one of the steps"))
    return list(steps), weight


def next_step(steps: Sequence[int], weight: int) -> int | None:
    """The weight after this one; None at the end of the schedule."""
    return next((step for step in steps if step > weight), None)


def least_runs(guards: Mapping[str, Any]) -> int:
    return max(1, int(guards.get("min_runs", DEFAULT_MIN_RUNS)))


def minutes_of(guards: Mapping[str, Any]) -> float:
    return float(guards.get("minutes", DEFAULT_MINUTES))


def compiled_guard(text: Any) -> Compiled:
    """The expression over one run (`run.output`, `run.status`, `input`). Raises BadInput.

    Closed forms alone: a guard is looked at every second beside the worker, where there is no sandbox.
    """
    if not isinstance(text, str) or not has_expression(text):
        raise BadInput(reason=phrase("the guard expression is an expression such as {example}", example=EXAMPLE))
    try:
        alone = parse(text.strip()).single
        compiled = compile_value(text.strip())
    except BadExpression as error:
        raise BadInput(reason=phrase("the guard expression: {reason}", reason=error.fields["reason"])) from None
    if alone is None:  # it would give a text, which is never false
        raise BadInput(reason=phrase("the guard expression stands alone, with no text beside its braces"))
    if unknown := compiled.reads - READS:
        raise BadInput(reason=phrase("the guard expression reads {name}; there are run and input", name=min(unknown)))
    if not compiled.is_closed:
        raise BadInput(reason=phrase("the guard expression may compare, calculate and combine, but call nothing"))
    return compiled


def holds(compiled: Compiled, run: dict[str, Json], given: Json) -> bool:
    """Whether a run is as the expression says; one it can't be worked out for is not."""
    try:
        return bool(compiled.resolve({"run": run, "input": given}))
    except ExprError:
        return False


def tripped(guards: Mapping[str, Any], figures: Mapping[str, Any]) -> Tripped | None:
    """The guard that these figures break; None while all hold or too few runs have ended."""
    if figures["runs"] < least_runs(guards):
        return None
    bounds = {name: guards[name] for name in ("error_rate", "p99_ms") if name in guards}
    if "expression" in guards:
        bounds["expression_rate"] = guards.get("expression_rate", 0)
    for name, bound in bounds.items():
        if figures.get(name, 0) > bound:
            shown = {"figure": _shown(name, figures[name]), "bound": _shown(name, bound), "runs": figures["runs"]}
            return Tripped(guard=name, reason=reason(OF_GUARDS[name], **shown))
    return None


def _shown(name: str, figure: float) -> str:
    """A share as a percentage, milliseconds as they are."""
    return f"{figure:g}" if name == "p99_ms" else f"{figure * 100:.4g}"
