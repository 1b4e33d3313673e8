"""What an attempt can come to, as its driver reports it to `Machine.report`.

The machine turns an outcome into the one event to journal; whether a failure is retried is its decision.
"""

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from flows.dsl.instants import Instant
from flows.engine.events import ErrorInfo, Stop, Value
from flows.security.safejson import Json

MAX_ITEMS: Final = 100_000


@dataclass(slots=True)  # made for each step: frozen it would cost three times as much
class Succeeded:
    output: Value = None
    port: str = "out"
    stop: Stop | None = None


@dataclass(frozen=True, slots=True)
class Failed:
    """`not_sent`: the node vouches that no effect left (a `once` step may be tried again).

    `retry_after`: microseconds the other side asked us to wait.
    """

    error: ErrorInfo
    not_sent: bool = False
    retry_after: int | None = None


@dataclass(frozen=True, slots=True)
class Postponed:
    """Nothing of the attempt was performed: its target takes nothing before `due`. It is no try."""

    error: ErrorInfo
    due: Instant


@dataclass(frozen=True, slots=True)
class TimedOut:
    """The attempt took longer than `StartAttempt.timeout`; the driver has cut it."""


@dataclass(frozen=True, slots=True)
class Lost:
    """The attempt vanished with its executor (`vanished`) or was given back before its end (`released`), by an executor
    that wound down or that lost its database.

    `begun=False`: released before anything of it was performed. `alone`: it ran in careful mode.
    """

    cause: Literal["vanished", "released"] = "vanished"
    alone: bool = False
    begun: bool = True


@dataclass(frozen=True, slots=True)
class WaitsUntil:
    """The step waits: at `due` it succeeds (`flow.wait`) or, with `again`, is attempted again and given that.

    `farewell`: where nobody waits for it any more it is attempted all the same, to take back what it has begun.
    """

    due: Instant
    again: dict[str, Json] | None = None
    farewell: bool = False


@dataclass(frozen=True, slots=True)
class WaitsFor:
    """The step waits for a signal, a child run, an approval or a lock; see `StepWaiting`."""

    on: Literal["signal", "child", "approval", "lock"]
    ref: str
    due: Instant | None = None
    default: Literal["approved", "rejected"] | None = None
    stages: tuple[Instant, ...] = ()


@dataclass(frozen=True, slots=True)
class Granted:
    """The lock that a step waits for is its own now, under this fencing token."""

    token: int


@dataclass(frozen=True, slots=True)
class Items:
    """The list of an `items` attempt: how many, and the list itself (kept beside if large).

    `concurrency`, `on_error` and `tolerate` come from `node.each`, or from the resolved config of a `flow.for_each`.
    """

    count: int
    items: Value
    concurrency: int = 1
    on_error: Literal["stop", "collect"] = "stop"
    tolerate: float = 1.0


@dataclass(frozen=True, slots=True)
class Condition:
    """The answer of a `condition` attempt, and the most turns the resolved config allows."""

    holds: bool
    max: int


Outcome: TypeAlias = (
    Succeeded | Failed | Postponed | TimedOut | Lost | WaitsUntil | WaitsFor | Granted | Items | Condition
)


def not_items(value: Json) -> ErrorInfo | None:
    """Why a resolved value can't be iterated over; None when it can."""
    if not isinstance(value, list):
        kind = "null" if value is None else type(value).__name__
        return ErrorInfo(
            code="not_a_list",
            message=f"The items are {kind}, not a list",
            hint="Give `items` an expression whose value is a list.",
        )
    if len(value) > MAX_ITEMS:
        return ErrorInfo(
            code="too_many_items",
            message=f"{len(value)} items are over the limit of {MAX_ITEMS}",
            hint="Split the list, or start a run for each part.",
        )
    return None
