"""The steps of a run as people see them: a fold over its events that knows their kinds and nothing of a plan.

It refuses to know what happens next; that is the machine's. Two rules stand beside the kinds: `run_started`
means that its trigger succeeded with the run's input, and `items_cancelled` speaks for a range of items.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import orjson

from flows.dsl.instants import Instant, format_instant
from flows.engine.ranges import size_of
from flows.journal.rows import Row
from flows.security.safejson import Json

ENDS: Final = {
    "step_succeeded": "succeeded",
    "step_failed": "failed",
    "step_skipped": "skipped",
    "step_cancelled": "cancelled",
    "step_compensated": "compensated",
}
_DECIDED: Final = {
    "succeeded": "succeeded",
    "failed": "failed",
    "retry": "pending",
    "continue": "pending",
    "over": "succeeded",
}


@dataclass(slots=True)
class Attempt:
    """One try of a step, as its events tell it."""

    number: int
    started_at: Instant
    seed: int
    finished_at: Instant | None = None
    outcome: str = "running"
    error: Json = None
    logs: list[Json] = field(default_factory=list)
    input: Json = None


@dataclass(slots=True)
class StepSeen:
    """A step and what became of it.

    `output` is a reference where `output_kept`; `items`: how many it goes through, `kept` of which were taken over from
    another run and aren't run; `done`: how many of those, or
    of the turns of a `flow.while`, have ended (None where nobody counted); `token`: of a lock that was granted, its
    fencing token; `given`: it was not run but taken over from another run or a person.
    """

    key: str
    status: str = "pending"
    attempt: int = 0
    started_at: Instant | None = None
    finished_at: Instant | None = None
    due: Instant | None = None
    port: str | None = None
    error: Json = None
    output: Json = None
    output_kept: bool = False
    waits_on: Json = None
    items: int | None = None
    kept: int = 0
    done: int | None = None
    token: int | None = None
    attempts: list[Attempt] = field(default_factory=list)
    given: bool = False

    @property
    def node(self) -> str:
        return node_of(self.key)

    def shape(self) -> dict[str, Json]:
        """As the API and the live view tell it."""
        return {
            "key": self.key,
            "node": self.node,
            "status": self.status,
            "attempt": self.attempt,
            "started_at": instant_text(self.started_at),
            "finished_at": instant_text(self.finished_at),
            "due": instant_text(self.due),
            "port": self.port,
            "items": self.items,
            "done": self.done,
            "waits_on": self.waits_on,
            "token": self.token,
            "given": self.given,
            "error": self.error,
        }


def node_of(key: str) -> str:
    """The node id of a step's key: `loop[0]/charge[2]` is a step of `charge`."""
    return key.rpartition("/")[2].partition("[")[0]


def instant_text(at: Instant | None) -> str | None:
    return None if at is None else format_instant(at)


def fold(rows: Iterable[Row], steps: dict[str, StepSeen] | None = None) -> dict[str, StepSeen]:
    """Steps by key, in the order they first appear."""
    found = {} if steps is None else steps
    for row in rows:
        values: dict[str, Any] = orjson.loads(row.data) if row.data != "{}" else {}
        if row.kind == "run_started":
            _begin(found, row, values)
        elif row.step is not None:
            step = found.get(row.step)
            if step is None:
                step = found[row.step] = StepSeen(row.step)
            _apply(step, row, values)
    return found


def _begin(found: dict[str, StepSeen], row: Row, values: Mapping[str, Any]) -> None:
    for given in values.get("given") or ():
        key = given["step"]
        step = found[key] = StepSeen(key, given.get("status", "succeeded"), port=given.get("port", "out"))
        step.started_at = step.finished_at = row.at
        step.given = True
        step.output, step.output_kept = given.get("output"), "output" in given.get("refs", ())
    trigger = values.get("trigger")
    if trigger is not None:
        step = found[trigger] = StepSeen(trigger, "succeeded", 1, row.at, row.at, port="out")
        step.output, step.output_kept = values.get("input"), "input" in values.get("refs", ())


def _apply(step: StepSeen, row: Row, values: Mapping[str, Any]) -> None:
    match row.kind:
        case "step_started":
            step.status, step.attempt, step.due, step.error = "running", values["attempt"], None, None
            step.started_at = step.started_at or row.at
            step.attempts.append(Attempt(step.attempt, row.at, values["seed"]))
        case "step_succeeded" | "step_failed" | "step_skipped" | "step_cancelled" | "step_compensated":
            _end(step, row, values)
        case "step_retrying":
            step.status, step.due, step.error = "retrying", values["due"], outside(values["error"], step)
            _close(step, row, values, "failed", step.error)
        case "attempt_lost":
            step.status = "pending"
            _close(step, row, values, "lost", None)
        case "step_uncertain":
            step.status, step.error = "uncertain", outside(values["error"], step)
            _close(step, row, values, "uncertain", step.error)
        case "step_resolved" | "step_let_go":
            _settled(step, row, values)
        case "step_held" | "breakpoint_passed":
            _looked(step, row, values)
        case "timer_set" | "step_waiting" | "lock_granted":
            _wait(step, row, values)
        case "items_listed":
            step.items, step.kept = values["count"], size_of(values.get("kept", ()))
        case "turn_decided":
            step.done = values["index"]


def _wait(step: StepSeen, row: Row, values: Mapping[str, Any]) -> None:
    if row.kind == "lock_granted":
        step.status, step.due, step.waits_on, step.token = "running", None, None, values["token"]
        return
    step.status, step.due = "waiting", values.get("due")
    if row.kind == "timer_set":
        _close(step, row, values, "waiting", None)
    else:
        step.waits_on = {"on": values["on"], "ref": values["ref"]}
        _saw(step, values)


def _end(step: StepSeen, row: Row, values: Mapping[str, Any]) -> None:
    step.status, step.due, step.waits_on = ENDS[row.kind], None, None
    if row.kind != "step_compensated":
        step.finished_at = row.at
    if row.kind == "step_succeeded":
        step.port = values.get("port", "out")
        step.output, step.output_kept = values.get("output"), "output" in values.get("refs", ())
        step.error = None
    elif row.kind == "step_failed":
        step.error = outside(values["error"], step)
    if row.kind != "step_compensated":
        _close(step, row, values, step.status, step.error)


def _looked(step: StepSeen, row: Row, values: Mapping[str, Any]) -> None:
    """It stands before its first attempt as before; where it is held, the look shows what it would get."""
    step.status, step.attempt, step.started_at = "pending", step.attempt - 1, None
    if row.kind == "breakpoint_passed":
        step.attempts.pop()
        return
    error = values.get("error")
    step.status, step.waits_on = "waiting", {"on": "breakpoint", "ref": ""}
    step.error = outside(error, step) if error else None
    _close(step, row, values, "waiting", step.error)


def _settled(step: StepSeen, row: Row, values: Mapping[str, Any]) -> None:
    """A person decided what becomes of it."""
    step.status = _DECIDED[values["verdict"]]
    if row.kind == "step_let_go":
        step.waits_on, step.error = None, None
    if step.status == "pending":
        return
    step.finished_at, step.port = row.at, values.get("port", "out")
    step.output, step.output_kept = values.get("output"), "output" in values.get("refs", ())
    error = values.get("error")
    step.error = outside(error, step) if error else None


def _close(step: StepSeen, row: Row, values: Mapping[str, Any], outcome: str, error: Json) -> None:
    if not step.attempts or step.attempts[-1].finished_at is not None:
        return
    attempt = step.attempts[-1]
    attempt.finished_at, attempt.outcome, attempt.error = row.at, outcome, error
    _saw(step, values)


def _saw(step: StepSeen, values: Mapping[str, Any]) -> None:
    """What people may look at of the attempt; the end of a wait adds nothing to what its beginning said."""
    seen = values.get("seen") or {}
    if step.attempts and seen:
        attempt = step.attempts[-1]
        attempt.logs, attempt.input = seen.get("logs") or attempt.logs, seen.get("input", attempt.input)


def outside(error: Mapping[str, Any], step: StepSeen) -> dict[str, Json]:
    """An error as it stands in the journal -> as it is told outside."""
    told: dict[str, Json] = {
        "code": error.get("code"),
        "class": error.get("klass", "permanent"),
        "message": error.get("message"),
        "node": step.node,
        "step": step.key,
        "hint": error.get("hint", ""),
    }
    return told if error.get("details") is None else told | {"details": error["details"]}
