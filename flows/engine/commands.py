"""What the machine asks of its driver.

A command is asked for by `Machine.decide` as long as its event isn't journaled: deciding changes nothing,
so that a driver which dies between the two finds the same command again after refolding.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from flows.dsl.effects import Effect
from flows.dsl.instants import Instant
from flows.engine.events import Event, RunSucceeded, StepStarted, StepSucceeded, Value
from flows.engine.plan import NodePlan
from flows.expr.compile import Compiled
from flows.security.safejson import Json

Purpose: TypeAlias = Literal["run", "items", "condition", "breakpoint"]


@dataclass(frozen=True, slots=True)
class ListOf:
    """A JSON list put together of values that may stand beside the journal."""

    parts: "Iterable[Assembly]"


@dataclass(frozen=True, slots=True)
class ObjectOf:
    """A JSON object put together of values that may stand beside the journal."""

    parts: "dict[str, Assembly]"


@dataclass(frozen=True, slots=True)
class ListOver:
    """The JSON list `base` with other values at some places."""

    base: Value
    parts: "dict[int, Assembly]"


Assembly: TypeAlias = Value | ListOf | ObjectOf | ListOver
"""A value the driver puts together: it loads each PayloadRef, and keeps the result beside if it is large."""


def laid_over(base: Json, parts: Mapping[int, Json]) -> list[Json]:
    """The value of a `ListOver` whose parts are put together."""
    if not isinstance(base, list):
        raise ValueError("what is laid over is no list")  # noqa: TRY004  # the data is wrong, not the type
    return [parts.get(at, value) for at, value in enumerate(base)]


def put_together(assembly: Assembly, value_of: Callable[[Value], Json]) -> Json:
    """The JSON of an assembly, where `value_of` gives that of a value."""
    match assembly:
        case ListOf(parts=parts):
            return [put_together(part, value_of) for part in parts]
        case ObjectOf(parts=named):
            return {name: put_together(part, value_of) for name, part in named.items()}
        case ListOver(base=base, parts=placed):
            return laid_over(value_of(base), {at: put_together(part, value_of) for at, part in placed.items()})
        case _:
            return value_of(assembly)


@dataclass(frozen=True, slots=True)
class Record:
    """Journal this event. There is nothing to perform.

    When it is a `StepCancelled` or `StepUncertain` of a step that is running, its attempt is cut after.
    """

    event: Event


@dataclass(slots=True)  # made for each step: frozen it would cost three times as much
class StartAttempt:
    """Journal `started(at, seed)`, then perform the attempt and report its outcome.

    - `run`: resolve `node.config`, call the node, report Succeeded, Failed, TimedOut, Waits, …
    - `items`: resolve `node.items` (of an `each`: the list; of a `flow.for_each`: its whole config, a
      ForEachConfig), report Items (or Failed, see `not_items`).
    - `condition`: resolve `node.config` (a WhileConfig), report Condition (or Failed).
    - `breakpoint`: resolve `breakpoint` (None: it holds), and what the step would get, for whoever looks; report
      Condition (or Failed, which stops the step as well).
    `given` is what a `run` gets in place of its resolved config, where `is_given`.
    `put_off_by` is the code of what put it off before, where something did.
    `again` is what the step had come to, of a node that does its work in several goes; `leaves`: nobody waits for the
    step any more, and this go is to take back what it has begun.
    `timeout` is in microseconds, for this attempt. `commits_first`: nothing of the attempt may be performed
    before its start, and all before it, is committed.
    """

    step: str
    node: NodePlan
    attempt: int
    purpose: Purpose
    effect: Effect
    timeout: int | None
    losses: int
    breakpoint: Compiled | None = None
    is_given: bool = False
    given: Value = None
    put_off_by: str = ""
    again: dict[str, Json] | None = None
    leaves: bool = False

    @property
    def commits_first(self) -> bool:
        return self.effect in COMMITS_FIRST

    def started(self, at: Instant, seed: int) -> StepStarted:
        return StepStarted(at=at, step=self.step, attempt=self.attempt, seed=seed)


COMMITS_FIRST: Final = (
    Effect.KEYED,
    Effect.TRANSACTIONAL,
    Effect.ONCE,
)  # hashing a member is dearer than comparing three


@dataclass(frozen=True, slots=True)
class Gather:
    """All parts of a step with items or turns are in: put its output together and journal `gathered`."""

    step: str
    output: Assembly

    def gathered(self, at: Instant, output: Value) -> StepSucceeded:
        return StepSucceeded(at=at, step=self.step, output=output)


@dataclass(frozen=True, slots=True)
class Finish:
    """The run succeeded: put its output together and journal `finished`."""

    output: Assembly

    def finished(self, at: Instant, output: Value) -> RunSucceeded:
        return RunSucceeded(at=at, output=output)


Command: TypeAlias = Record | StartAttempt | Gather | Finish
