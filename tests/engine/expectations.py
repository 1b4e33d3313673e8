"""What a conformance vector expects, asked of a journal; used by every driver that plays the vectors."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flows.dsl.durations import parse_duration
from flows.engine.events import ErrorInfo, Event, StepCancelled, StepFailed, StepSkipped, StepStarted, StepSucceeded
from flows.engine.ledger import Entry, Ledger, read_ledger

VECTORS: list[dict[str, Any]] = json.loads((Path(__file__).parent / "vectors" / "vectors.json").read_text())

_ENDS = (StepSucceeded, StepFailed, StepSkipped, StepCancelled)
_ABSENT = Entry(status="absent")


@dataclass(kw_only=True)
class Played:
    """A run as a driver played it; `finished_at` in microseconds from its start."""

    journal: Sequence[Event]
    status: str
    output: Any
    error: ErrorInfo | None
    alerts: int
    finished_at: int | None
    ledger: Ledger = field(init=False)

    def __post_init__(self) -> None:
        self.ledger = read_ledger(self.journal)

    def entry(self, key: str) -> Entry:
        return self.ledger.steps.get(key, _ABSENT)

    def started(self, key: str) -> int:
        return self._place(key, StepStarted)

    def ended(self, key: str) -> int:
        return self._place(key, _ENDS)

    def _place(self, key: str, kinds: Any) -> int:
        return next(i for i, event in enumerate(self.journal) if isinstance(event, kinds) and event.step == key)


def disappointments(expect: Mapping[str, Any], played: Played) -> list[str]:
    """Everything that isn't as expected."""
    assert set(expect) <= set(_CHECKS)
    return [text for name, wanted in expect.items() for text in _CHECKS[name](wanted, played)]


def _differs(what: str, found: object, wanted: object) -> Iterator[str]:
    if found != wanted:
        yield f"{what} is {found}, not {wanted}"


def _steps(wanted: dict[str, str], played: Played) -> Iterator[str]:
    for key, status in wanted.items():
        yield from _differs(key, played.entry(key).status, status)


def _order(wanted: list[list[str]], played: Played) -> Iterator[str]:
    for first, second in wanted:
        if not played.ended(first) < played.started(second):
            yield f"{first} didn't end before {second} began"


def _overlap(wanted: list[list[str]], played: Played) -> Iterator[str]:
    for pair in wanted:
        if not max(map(played.started, pair)) < min(map(played.ended, pair)):
            yield f"{pair} never ran at one instant"


def _absent(wanted: list[str], played: Played) -> Iterator[str]:
    for key in wanted:
        yield from _differs(key, played.entry(key).status, "absent")


def _finished(wanted: dict[str, str], played: Played) -> Iterator[str]:
    for key, when in wanted.items():
        at = played.finished_at if key == "run" else played.entry(key).finished_at
        limit = parse_duration(when.lstrip("<"))
        if at is None or not (at < limit if when.startswith("<") else at == limit):
            yield f"{key} finished at {at}, not {when}"


def _of_each(what: str) -> Callable[[dict[str, Any], Played], Iterator[str]]:
    def check(wanted: dict[str, Any], played: Played) -> Iterator[str]:
        for key, value in wanted.items():
            yield from _differs(f"{what} of {key}", getattr(played.entry(key), what), value)

    return check


_CHECKS: Mapping[str, Callable[[Any, Played], Iterator[str]]] = {
    "run": lambda wanted, played: _differs("the run", played.status, wanted),
    "steps": _steps,
    "order": _order,
    "overlap": _overlap,
    "absent": _absent,
    "count": _of_each("completions"),
    "attempts": _of_each("attempt"),
    "output_of": _of_each("output"),
    "finished_at": _finished,
    "output": lambda wanted, played: _differs("the output", played.output, wanted),
    "error_code": lambda wanted, played: _differs("the code", played.error and played.error.code, wanted),
    "error_message": lambda wanted, played: _differs("the message", played.error and played.error.message, wanted),
    "alerts": lambda wanted, played: _differs("the number of alerts", played.alerts, wanted),
}
