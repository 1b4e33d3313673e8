"""From what a node answered or raised to what the engine is told of the attempt."""

from flows.dsl.control import ForEachConfig
from flows.dsl.document import Each
from flows.engine import events
from flows.engine.events import ErrorInfo, Value
from flows.engine.outcomes import Failed, Items, Outcome, Succeeded, WaitsFor, WaitsUntil, not_items
from flows.errors import MulgilError
from flows.journal.rows import DeploymentRow, Payload
from flows.journal.values import clean, settle, settle_error
from flows.nodes.errors import NotSent, Recoverable
from flows.nodes.results import Again, Answer, Result, Stop, WaitFor, WaitUntil
from flows.runtime.errors import NotAnOutput
from flows.runtime.seen import masker_of
from flows.security.credentials import Credential
from flows.security.limits import LIMITS
from flows.security.safejson import Json

Kept = tuple[Outcome, Payload | None]


def outcome_of(result: Result) -> Kept:
    """The outcome, and the payload where the output is large. Raises MulgilError for an output that can't be kept."""
    match result:
        case Answer(output=output, port=port):
            value, payload = _settled(output)
            return Succeeded(value, port), payload
        case WaitUntil(instant=instant):
            return WaitsUntil(instant), None
        case Again(instant=instant, state=state, farewell=farewell):
            return WaitsUntil(instant, _kept(state), farewell), None
        case WaitFor(on=on, ref=ref, due=due, default=default, stages=stages):
            return WaitsFor(on, clean(ref), due, default, stages), None
        case Stop(outcome=how, output=output, message=message):
            value, payload = _settled(output)
            return Succeeded(value, "out", events.Stop(outcome=how, message=clean(message))), payload
        case _:
            raise NotAnOutput


def items_of(resolved: Json, each: Each | ForEachConfig) -> Kept:
    """The outcome of resolving a list to go through as `each` says; what an expression gives is plain."""
    refusal = not_items(resolved)
    if refusal is not None:
        return Failed(refusal), None
    assert isinstance(resolved, list)
    value, payload = settle(resolved, limit=LIMITS.step_output, is_plain=True)
    return Items(len(resolved), value, each.concurrency, each.on_error, each.tolerate), payload


def deployment_of(step: str, told: dict[str, Json], credential: Credential | None) -> DeploymentRow:
    """What people are told of a deployment, in words that can be written and without the secrets that a target put there."""
    masker = masker_of(credential)
    shown = {name: clean(masker.text(value)) if isinstance(value, str) else value for name, value in told.items()}
    return DeploymentRow(step=step, told=shown)


def failure_of(error: Exception) -> Failed:
    """Why an attempt failed, in words that can be written."""
    if isinstance(error, MulgilError):
        hint = error.hint.format_map(error.fields) if error.fields and "{" in error.hint else error.hint
        info = ErrorInfo(
            code=error.code,
            message=error.message,
            klass=error.klass,
            hint=hint,
            details=getattr(error, "details", None),
        )
    else:
        # Foreign code may raise anything; its words are shown, its name says where to look.
        text = str(error)
        info = ErrorInfo(
            code="node_raised", message=f"{type(error).__name__}: {text}" if text else type(error).__name__
        )
    seconds = error.retry_after if isinstance(error, Recoverable) else None
    return Failed(
        settle_error(info),
        not_sent=isinstance(error, NotSent),
        retry_after=None if seconds is None else max(0, int(seconds * 1_000_000)),
    )


def _kept(state: dict[str, Json]) -> dict[str, Json]:
    """What a node goes on with stands in its event itself. Raises LimitExceeded, Unwritable."""
    value, _ = settle(state, what="What the step goes on with", limit=LIMITS.inline)
    assert isinstance(value, dict)
    return value


def _settled(output: Json) -> tuple[Value, Payload | None]:
    return settle(output, limit=LIMITS.step_output)
