"""What a conformance vector expects, asked of a journal; used by every driver that plays the vectors."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from flows.dsl.durations import parse_duration
from flows.engine.events import Event, StepCancelled, StepFailed, StepSkipped, StepStarted, StepSucceeded
from flows.engine.ledger import read_ledger

VECTORS: list[dict[str, Any]] = json.loads((Path(__file__).parent / "vectors" / "vectors.json").read_text())

_ENDS = (StepSucceeded, StepFailed, StepSkipped, StepCancelled)


def disappointments(expect: Mapping[str, Any], journal: Sequence[Event], **run: Any) -> Iterator[str]:
    """Everything that isn't as expected. `run`: status, output, error (ErrorInfo), alerts, finished_at."""
    ledger = read_ledger(journal)
    entries = ledger.steps
    if run["status"] != expect["run"]:
        yield f"the run is {run['status']}, not {expect['run']}"
    for key, status in expect.get("steps", {}).items():
        if key not in entries or entries[key].status != status:
            yield f"{key} is {entries[key].status if key in entries else 'absent'}, not {status}"
    for first, second in expect.get("order", ()):
        if not _ended_at(journal, first) < _started_at(journal, second):
            yield f"{first} didn't end before {second} began"
    for first, second in expect.get("overlap", ()):
        began = max(_started_at(journal, first), _started_at(journal, second))
        if not began < min(_ended_at(journal, first), _ended_at(journal, second)):
            yield f"{first} and {second} never ran at one instant"
    for key in expect.get("absent", ()):
        if key in entries:
            yield f"{key} exists"
    for key, count in expect.get("count", {}).items():
        if entries[key].completions != count:
            yield f"{key} was completed {entries[key].completions} times, not {count}"
    for key, attempts in expect.get("attempts", {}).items():
        if entries[key].attempt != attempts:
            yield f"{key} took {entries[key].attempt} attempts, not {attempts}"
    for key, when in expect.get("finished_at", {}).items():
        at = run["finished_at"] if key == "run" else entries[key].finished_at
        if not _is_at(at, when):
            yield f"{key} finished at {at}, not {when}"
    for key, output in expect.get("output_of", {}).items():
        if entries[key].output != output:
            yield f"{key} gave {entries[key].output}, not {output}"
    yield from _of_the_run(expect, run)


def _of_the_run(expect: Mapping[str, Any], run: Mapping[str, Any]) -> Iterator[str]:
    error = run["error"]
    found = {
        "output": run["output"],
        "error_code": error.code if error is not None else None,
        "error_message": error.message if error is not None else None,
        "alerts": run["alerts"],
    }
    for name, value in found.items():
        if name in expect and expect[name] != value:
            yield f"{name} is {value}, not {expect[name]}"


def _is_at(at: int | None, when: str) -> bool:
    if at is None:
        return False
    return at < parse_duration(when[1:]) if when.startswith("<") else at == parse_duration(when)


def _started_at(journal: Sequence[Event], key: str) -> int:
    return next(i for i, event in enumerate(journal) if isinstance(event, StepStarted) and event.step == key)


def _ended_at(journal: Sequence[Event], key: str) -> int:
    return next(i for i, event in enumerate(journal) if isinstance(event, _ENDS) and event.step == key)
