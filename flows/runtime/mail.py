"""From what people and other runs send to a run to the events of its journal."""

from typing import Any

from flows.dsl.instants import Instant
from flows.engine.events import BreakpointsSet, CancelRequested, ErrorInfo, Event, RunPaused, RunResumed, SignalReceived
from flows.engine.machine import Machine
from flows.errors import MulgilError
from flows.journal.rows import Payload
from flows.journal.values import clean, settle, settle_error
from flows.runtime.asking import decided
from flows.runtime.claims import Letter
from flows.runtime.family import answered
from flows.runtime.locks import granted


def event_of(letter: Letter, machine: Machine, now: Instant) -> tuple[Event | None, Payload | None]:
    """The event to journal, and the payload of a large signal; None for what means nothing any more."""
    given: dict[str, Any] = letter.payload if isinstance(letter.payload, dict) else {}
    by = clean(str(given.get("by", "")))
    reason = clean(str(given.get("reason", "")))
    paused = machine.status == "paused"
    match letter.kind:
        case "cancel":
            return CancelRequested(at=now, reason=reason, by=by, compensate=bool(given.get("compensate"))), None
        case "pause" if not paused:
            return RunPaused(at=now, reason=reason, by=by), None
        case "resume" if paused:
            return RunResumed(at=now, by=by), None
        case "signal":
            value, payload = settle(letter.payload)
            return SignalReceived(at=now, name=letter.name, payload=value, key=letter.key or ""), payload
        case "breakpoints":
            points = {str(node): str(condition) for node, condition in dict(given.get("points") or {}).items()}
            return BreakpointsSet(at=now, points=points, by=by), None
        case _:
            return _of_a_step(letter, given, machine, now)


def _of_a_step(
    letter: Letter, given: dict[str, Any], machine: Machine, now: Instant
) -> tuple[Event | None, Payload | None]:
    match letter.kind:
        case "child":
            return answered(letter, machine, now), None
        case "approval":
            return decided(letter, machine, now)
        case "lock":
            return granted(given, machine, now), None
        case "resolve":
            # The letter's name has room for the beginning of a long key alone.
            return _resolved(str(given.get("step") or letter.name), given, machine, now)
        case "let_go":
            return _let_go(given, machine, now)
        case _:
            return None, None


def _let_go(given: dict[str, Any], machine: Machine, now: Instant) -> tuple[Event | None, Payload | None]:
    is_over = given["verdict"] == "over"
    value, payload = settle(given.get("output") if is_over else given.get("input"))
    try:
        event = machine.let_go(
            str(given["step"]),
            given["verdict"],
            now,
            given=(value,) if given.get("edited") and not is_over else None,
            output=value if is_over else None,
            port=str(given.get("port") or "out"),
            by=str(given.get("by", "")),
        )
    except MulgilError:
        return None, None  # another let it go already, or it is cancelled
    return event, payload


def _resolved(step: str, given: dict[str, Any], machine: Machine, now: Instant) -> tuple[Event | None, Payload | None]:
    error = given.get("error")
    told = error.get("message") if isinstance(error, dict) else error
    info = ErrorInfo(code="resolved", message=str(told or "A person decided that it failed"))
    output, payload = settle(given.get("output"))
    try:
        event = machine.resolve(
            step,
            given["verdict"],
            now,
            output=output,
            port=str(given.get("port") or "out"),
            error=settle_error(info) if given["verdict"] == "failed" else None,
            by=str(given.get("by", "")),
        )
    except MulgilError:
        return None, None  # decided already, or by another: there is nothing left to say
    return event, payload
