"""What a viewer may conclude from the events alone, without the plan: every step and what became of it.

The machine never looks here. The simulator answers from it, a run's deeper steps are shown by it, and the
tests hold it against the machine.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from flows.dsl.instants import Instant
from flows.engine.events import (
    AttemptLost,
    BreakpointPassed,
    ErrorInfo,
    Event,
    ItemsCancelled,
    ItemsListed,
    RunCancelled,
    RunFailed,
    RunStarted,
    RunSucceeded,
    StepCancelled,
    StepCompensated,
    StepFailed,
    StepHeld,
    StepLetGo,
    StepResolved,
    StepRetrying,
    StepSkipped,
    StepStarted,
    StepSucceeded,
    StepUncertain,
    StepWaiting,
    TimerSet,
    Value,
)
from flows.engine.ranges import places

_STATUS: Final[dict[type[Event], str]] = {
    StepStarted: "running",
    StepSucceeded: "succeeded",
    StepFailed: "failed",
    StepRetrying: "retrying",
    AttemptLost: "pending",
    StepUncertain: "uncertain",
    StepSkipped: "skipped",
    StepCancelled: "cancelled",
    StepCompensated: "compensated",
    TimerSet: "waiting",
    StepWaiting: "waiting",
    StepHeld: "waiting",
    BreakpointPassed: "pending",
}
_RESOLVED: Final = {"succeeded": "succeeded", "failed": "failed", "retry": "pending"}
_LET_GO: Final = {"continue": "pending", "over": "succeeded"}
_ENDS: Final = frozenset({"succeeded", "failed", "skipped", "cancelled"})
_RUN_ENDS: Final = (RunSucceeded, RunFailed, RunCancelled)


@dataclass(slots=True)
class Entry:
    """One step by its events. `completions`: how often it succeeded; more than once would be a defect."""

    status: str = "pending"
    attempt: int = 0
    completions: int = 0
    started_at: Instant | None = None
    finished_at: Instant | None = None
    output: Value = None
    error: ErrorInfo | None = None


@dataclass(slots=True)
class Ledger:
    """The steps of a run by key, as its events tell them."""

    steps: dict[str, Entry] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    kept: dict[str, frozenset[int]] = field(default_factory=dict)
    finished_at: Instant | None = None

    def apply(self, event: Event) -> None:
        if isinstance(event, RunStarted):
            self._begin(event)
        elif isinstance(event, _RUN_ENDS):
            self.finished_at = event.at
        elif isinstance(event, ItemsListed):
            self.counts[event.step or ""] = event.count
            self.kept[event.step or ""] = places(event.kept)
        elif isinstance(event, ItemsCancelled):
            for index in range(event.first, self.counts[event.step or ""]):
                if index not in self.kept[event.step or ""]:
                    self._entry(f"{event.step}[{index}]").status = "cancelled"
        elif event.step is not None:
            self._step(event, event.step)

    def _begin(self, event: RunStarted) -> None:
        given = [(step.step, step.status, step.output) for step in event.given]
        if event.trigger is not None:
            given.append((event.trigger, "succeeded", event.input))
        for key, status, output in given:
            self.steps[key] = Entry(status, started_at=event.at, finished_at=event.at, output=output)

    def _step(self, event: Event, key: str) -> None:
        status = _status_after(event)
        if status is None:
            return
        entry = self._entry(key)
        entry.status = status
        if isinstance(event, StepStarted):
            entry.attempt = event.attempt
            entry.started_at = event.at if entry.started_at is None else entry.started_at
        if isinstance(event, (StepSucceeded, StepResolved, StepLetGo)) and status == "succeeded":
            entry.completions += 1
            entry.output = event.output
        if isinstance(event, (StepFailed, StepRetrying, StepUncertain)):
            entry.error = event.error
        if status in _ENDS:
            entry.finished_at = event.at

    def _entry(self, key: str) -> Entry:
        return self.steps.setdefault(key, Entry())


def _status_after(event: Event) -> str | None:
    if isinstance(event, StepResolved):
        return _RESOLVED[event.verdict]
    return _LET_GO[event.verdict] if isinstance(event, StepLetGo) else _STATUS.get(type(event))


def read_ledger(events: Iterable[Event]) -> Ledger:
    """The ledger of a whole journal."""
    ledger = Ledger()
    for event in events:
        ledger.apply(event)
    return ledger
