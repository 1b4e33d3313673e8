"""The errors the machine itself gives, and how an error looks as JSON inside outputs."""

from typing import Final

from flows.engine.events import ErrorInfo
from flows.errors import ErrorClass, MulgilError
from flows.security.safejson import Json


class CorruptHistory(MulgilError):
    """The event {kind} of {step} can't follow what the journal holds before it."""

    code = "corrupt_history"
    klass = "corruption"
    hint = "The journal doesn't fit this version of the flow; the run must be looked at by a person."


class NotUncertain(MulgilError):
    """The step {step} is not uncertain, it is {status}."""

    code = "not_uncertain"
    status = 409
    hint = "Only a step whose effect nobody knows can be resolved."


JOIN_UNREACHABLE: Final = ErrorInfo(
    code="join_unreachable",
    message="Fewer ways lead here than the join counts on",
    hint="Lower the join's count, or join `all`.",
)
STEP_TIMEOUT: Final = ErrorInfo(
    code="step_timeout",
    message="The step took longer than its timeout",
    klass="recoverable",
    hint="Raise the node's timeout, or add a retry.",
)
RUN_TIMEOUT: Final = ErrorInfo(
    code="run_timeout", message="The run took longer than its timeout", hint="Raise the timeout in the flow's settings."
)
WAIT_TIMEOUT: Final = ErrorInfo(
    code="wait_timeout", message="What the step waited for didn't come in time", hint="Raise the node's timeout."
)
LOST: Final = ErrorInfo(
    code="attempt_lost",
    message="The attempt was cut off, and nobody knows whether its effect happened",
    hint="Look at the other side, then resolve the step as succeeded, failed or to be tried again.",
)
CUT: Final = ErrorInfo(
    code="attempt_cut",
    message="The attempt was cancelled in its middle, and nobody knows whether its effect happened",
    hint="Look at the other side, then resolve the step.",
)
POISONED: Final = ErrorInfo(
    code="poisoned",
    message="Three processes died while they ran this step alone",
    klass="critical",
    hint="Look at its input and its memory; run it again from here once it is mended.",
)


def lock_timeout(name: str) -> ErrorInfo:
    return ErrorInfo(
        code="lock_timeout",
        message=f"The lock {name} was not free in time",
        klass="recoverable",
        hint="See who holds it, wait longer, or say with `on_error` what happens instead.",
        details={"lock": name},
    )


def lock_within_itself(name: str) -> ErrorInfo:
    return ErrorInfo(
        code="lock_within_itself",
        message=f"The lock {name} is held by a container around this one, which can't end before this one does",
        hint="Remove the inner lock, or give it another name.",
        details={"lock": name},
    )


def unknown_port(port: str, ports: frozenset[str]) -> ErrorInfo:
    return ErrorInfo(
        code="unknown_port",
        message=f"The node answered with the port {port!r}, which it doesn't have",
        hint=f"It has {', '.join(sorted(ports))}.",
    )


def stopped_with_error(message: str) -> ErrorInfo:
    return ErrorInfo(code="stopped", message=message or "The flow stopped with an error")


def too_many_turns(most: int) -> ErrorInfo:
    return ErrorInfo(
        code="too_many_turns",
        message=f"The condition still holds after {most} turns",
        hint="Mend the condition so that it ends, or raise `max`.",
    )


def too_many_events(limit: int) -> ErrorInfo:
    return ErrorInfo(
        code="too_many_events",
        message=f"The run has come to the limit of {limit:,} events",
        hint="Let each run do less: hand batches to a flow of their own, or end its loops sooner.",
        details={"limit": limit},
    )


def of_items(error: ErrorInfo, step: str, *, some_succeeded: bool) -> ErrorInfo:
    """The error of a step whose item or inner step failed: `partial` when others have succeeded."""
    klass: ErrorClass = "partial" if some_succeeded else "permanent"
    return ErrorInfo(
        code=error.code,
        message=error.message,
        klass=klass,
        hint=error.hint,
        details={"step": step, "class": error.klass},
    )


def too_many_failed(failed: int, count: int, tolerated: float, first: ErrorInfo, step: str) -> ErrorInfo:
    """More of the items than `tolerated` failed; `first` is the failure that was one too many, of `step`."""
    return ErrorInfo(
        code="too_many_failed",
        message=f"{failed} of {count} items failed, and a share of {tolerated:g} is tolerated",
        klass="partial",
        hint=f"The last of them: {first.message}",
        details={"step": step, "class": first.klass, "failed": failed, "count": count},
    )


def error_json(error: ErrorInfo) -> Json:
    """As it stands in an output: `{"error": …}` of a failed step that goes on."""
    found: dict[str, Json] = {"code": error.code, "class": error.klass, "message": error.message}
    if error.hint:
        found["hint"] = error.hint
    if error.details is not None:
        found["details"] = error.details
    return found
