"""What the control nodes do, for a driver in memory: conditions, waits, stops, signals, lists of items.

The config is resolved already. Other types have no behaviour here; a simulation mocks them.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from pydantic import ValidationError

from flows.dsl.control import (
    ApprovalConfig,
    ForEachConfig,
    IfConfig,
    LockConfig,
    SignalConfig,
    StopConfig,
    SwitchConfig,
    WaitConfig,
    WhileConfig,
)
from flows.dsl.durations import parse_duration
from flows.dsl.instants import Instant, parse_instant
from flows.engine.events import ErrorInfo, Stop
from flows.engine.outcomes import (
    Condition,
    Failed,
    Items,
    Outcome,
    Succeeded,
    WaitsFor,
    WaitsUntil,
    not_items,
)
from flows.security.safejson import Json


def _if(config: Json, now: Instant) -> Outcome:
    port = "true" if IfConfig.model_validate(config).condition else "false"
    return Succeeded({"port": port}, port)


def _switch(config: Json, now: Instant) -> Outcome:
    port = SwitchConfig.model_validate(config).choose()
    if port is None:
        return _failed("no_case", "No case of the switch holds, and it has no fallback")
    return Succeeded({"port": port}, port)


def _wait(config: Json, now: Instant) -> Outcome:
    wait = WaitConfig.model_validate(config)
    return WaitsUntil(now + parse_duration(wait.for_) if wait.for_ is not None else parse_instant(wait.until or ""))


def _stop(config: Json, now: Instant) -> Outcome:
    stop = StopConfig.model_validate(config)
    return Succeeded(stop.output, stop=Stop(outcome=stop.outcome, message=stop.message))


def _approval(config: Json, now: Instant) -> Outcome:
    asked = ApprovalConfig.model_validate(config)
    due = now + parse_duration(asked.timeout) if asked.timeout is not None else None
    return WaitsFor("approval", asked.title, due, asked.default, asked.stages(now))


def _signal(config: Json, now: Instant) -> Outcome:
    signal = SignalConfig.model_validate(config)
    due = now + parse_duration(signal.timeout) if signal.timeout is not None else None
    return WaitsFor("signal", signal.name, due)


def _lock(config: Json, now: Instant) -> Outcome:
    lock = LockConfig.model_validate(config)
    return WaitsFor("lock", lock.name, now + parse_duration(lock.wait) if lock.wait is not None else None)


CONTROL: Final[Mapping[str, Callable[[Json, Instant], Outcome]]] = {
    "flow.if": _if,
    "flow.switch": _switch,
    "flow.wait": _wait,
    "flow.stop": _stop,
    "flow.signal": _signal,
    "flow.approval": _approval,
    "flow.lock": _lock,
}


def perform(node_type: str, config: Json, now: Instant) -> Outcome:
    """What a control node answers; null from any other."""
    control = CONTROL.get(node_type)
    return _checked(lambda: control(config, now)) if control is not None else Succeeded()


def list_items(resolved: Json, *, each: Mapping[str, Any] | None) -> Outcome:
    """The outcome of an `items` attempt: of a node's `each` (its settings given), or of a `flow.for_each`."""
    if each is not None:
        return _listed(resolved, int(each["concurrency"]), str(each["on_error"]), float(each["tolerate"]))

    def listed() -> Outcome:
        items = resolved.get("items") if isinstance(resolved, dict) else None
        if (wrong := not_items(items)) is not None:
            return Failed(wrong)
        config = ForEachConfig.model_validate(resolved)
        return _listed(items, config.concurrency, config.on_error, config.tolerate)

    return _checked(listed)


def _listed(items: Json, concurrency: int, on_error: str, tolerate: float) -> Outcome:
    wrong = not_items(items)
    if wrong is not None or not isinstance(items, list):
        return Failed(wrong or ErrorInfo(code="not_a_list", message="The items are no list"))
    return Items(len(items), items, concurrency, "collect" if on_error == "collect" else "stop", tolerate)


def look(resolved: Json) -> Outcome:
    """The outcome of a `condition` attempt, of a resolved WhileConfig."""

    def looked() -> Outcome:
        config = WhileConfig.model_validate(resolved)
        return Condition(bool(config.condition), config.max)

    return _checked(looked)


def _checked(answer: Callable[[], Outcome]) -> Outcome:
    try:
        return answer()
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = "/".join(str(part) for part in first["loc"])
        return _failed("bad_config", f"/{where}: {first['msg']}")
    except ValueError as error:
        return _failed("bad_config", str(error))


def _failed(code: str, message: str) -> Failed:
    return Failed(ErrorInfo(code=code, message=message))
