"""What can happen to a run: the kinds of its journal.

An event says what happened and nothing of what follows from it; what follows is worked out by folding
(`flows.engine.machine`). Every event is explicit: a viewer who knows only these kinds can tell the state
of every step. There are two rules beside the kinds, both stated at the class: `run_started` means that its
trigger has succeeded with the run's input, and `items_cancelled` speaks for a whole range of items.

How events become bytes is the journal's business; their `seq` is their place in it and stands nowhere here.
Large values stand beside the journal: a `Value` is either the JSON itself or a `PayloadRef`.
"""

import re
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias, get_args

from flows.dsl.instants import Instant
from flows.engine.ranges import Ranges
from flows.engine.sealed import dataclass as sealed
from flows.errors import ErrorClass
from flows.security.safejson import Json


@dataclass(frozen=True, slots=True)
class PayloadRef:
    """A value kept beside the journal. `hash`: sha256 hex of its JSON bytes; `size`: their number."""

    hash: str
    size: int


Value: TypeAlias = Json | PayloadRef


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorInfo:
    """Why something failed: `code` is stable, `message` is for people, `hint` says how to mend it."""

    code: str
    message: str
    klass: ErrorClass = "permanent"
    hint: str = ""
    details: Json = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenStep:
    """A step a run doesn't run but begins with, taken over from another run or from a person.

    `step` is a top-level key; `port` is the one it left by (None: all its edges are dead).
    """

    step: str
    status: Literal["succeeded", "failed", "skipped"] = "succeeded"
    port: str | None = "out"
    output: Value = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """What `flow.stop` decided; the run's output is the output of the step."""

    outcome: Literal["success", "error"]
    message: str = ""


@sealed(frozen=True, slots=True, kw_only=True)
class BaseEvent:
    """The envelope: `at` is when it happened by the clock of the driver, `step` the key it is about."""

    at: Instant
    step: str | None = None


# --- the run ---------------------------------------------------------------------------------------------


@sealed(frozen=True, slots=True, kw_only=True)
class RunStarted(BaseEvent):
    """The first event. The trigger has succeeded with `input` as its output; it has no event of its own.

    `trigger` is None where a part of a flow without its trigger is run. `listed`: how steps with items begin of whose
    items only some are run, the rest being taken over from another run; each is journaled again when its step begins.
    """

    input: Value
    trigger: str | None
    given: tuple[GivenStep, ...] = ()
    listed: "tuple[ItemsListed, ...]" = ()


@sealed(frozen=True, slots=True, kw_only=True)
class RunSucceeded(BaseEvent):
    output: Value


@sealed(frozen=True, slots=True, kw_only=True)
class RunFailed(BaseEvent):
    """`origin` is the key of the step where it began, `node` its node id; None for a run's timeout."""

    error: ErrorInfo
    origin: str | None = None
    node: str | None = None
    output: Value = None


@sealed(frozen=True, slots=True, kw_only=True)
class RunCancelled(BaseEvent):
    reason: str = ""


@sealed(frozen=True, slots=True, kw_only=True)
class CancelRequested(BaseEvent):
    """Someone wants the run to end; steps are cancelled next, `run_cancelled` closes it."""

    reason: str = ""
    by: str = ""
    compensate: bool = False


@sealed(frozen=True, slots=True, kw_only=True)
class RunTimedOut(BaseEvent):
    """The run's time is over; steps are cancelled next, `run_failed` closes it."""


@sealed(frozen=True, slots=True, kw_only=True)
class RunOverLimit(BaseEvent):
    """The run has more than `limit` events; steps are cancelled next, `run_failed` closes it."""

    limit: int


@sealed(frozen=True, slots=True, kw_only=True)
class RunPaused(BaseEvent):
    """Nothing new begins until `run_resumed`; running attempts may end. `error` is set for corruption."""

    reason: str = ""
    by: str = ""
    error: ErrorInfo | None = None


@sealed(frozen=True, slots=True, kw_only=True)
class RunResumed(BaseEvent):
    by: str = ""


@sealed(frozen=True, slots=True, kw_only=True)
class SignalReceived(BaseEvent):
    """A message from outside, consumed from the inbox; kept until a step awaits it."""

    name: str
    payload: Value
    key: str = ""


@sealed(frozen=True, slots=True, kw_only=True)
class BreakpointsSet(BaseEvent):
    """Before steps of these nodes the run is to stop: node id -> a condition, empty for always.

    Each replaces the one before; a step that stopped already stays so until a person lets it go.
    """

    points: dict[str, str]
    by: str = ""


@sealed(frozen=True, slots=True, kw_only=True)
class RunMoved(BaseEvent):
    """From here on the run goes by another version of its flow; what came before was done by the one it `was`.

    Versions by their numbers, documents by their content hashes. Nothing of it was under way.
    """

    version: int
    document_hash: str
    was_version: int
    was_hash: str
    by: str = ""
    reason: str = ""


@sealed(frozen=True, slots=True, kw_only=True)
class AlertRaised(BaseEvent):
    """A person should know. One row and one message in the outbox come of each."""

    error: ErrorInfo
    reason: Literal["critical", "compensation_failed", "corruption", "poisoned"]


@sealed(frozen=True, slots=True, kw_only=True)
class CompensationStarted(BaseEvent):
    """The undo nodes of the completed steps run from here on, last completed first."""


# --- steps -----------------------------------------------------------------------------------------------


@sealed(frozen=True, slots=True, kw_only=True)
class StepStarted(BaseEvent):
    """An attempt began. `at` is its clock, `seed` its random seed and its identity at once (63 bits).

    `attempt` counts from 1 the tries that count against `max_attempts`; after a loss the number repeats.
    """

    attempt: int
    seed: int


@sealed(frozen=True, slots=True, kw_only=True)
class StepSucceeded(BaseEvent):
    port: str = "out"
    output: Value = None
    stop: Stop | None = None


@sealed(frozen=True, slots=True, kw_only=True)
class StepFailed(BaseEvent):
    """It failed for good; what follows is said by the node's `on_error`."""

    error: ErrorInfo


@sealed(frozen=True, slots=True, kw_only=True)
class StepRetrying(BaseEvent):
    """An attempt failed and another begins at `due`.

    `counts=False`: it was put off before anything of it was performed, and is no try.
    """

    error: ErrorInfo
    due: Instant
    counts: bool = True


@sealed(frozen=True, slots=True, kw_only=True)
class AttemptLost(BaseEvent):
    """An attempt vanished with its executor, or was given back, also by one that lost its database; it doesn't count
    and is begun again.

    `alone`: it ran alone in a process of its own (careful mode); three such losses poison the step.
    """

    cause: Literal["vanished", "released"]
    alone: bool = False


@sealed(frozen=True, slots=True, kw_only=True)
class StepUncertain(BaseEvent):
    """A `once` step was cut in mid-attempt: nobody knows whether its effect happened. A person decides."""

    error: ErrorInfo


@sealed(frozen=True, slots=True, kw_only=True)
class StepResolved(BaseEvent):
    """What was decided about an uncertain step."""

    verdict: Literal["succeeded", "failed", "retry"]
    output: Value = None
    port: str = "out"
    error: ErrorInfo | None = None
    by: str = ""


@sealed(frozen=True, slots=True, kw_only=True)
class StepHeld(BaseEvent):
    """It stopped at a breakpoint, before its first attempt; `error`: why the condition or the input has no value."""

    error: ErrorInfo | None = None


@sealed(frozen=True, slots=True, kw_only=True)
class BreakpointPassed(BaseEvent):
    """The condition of its breakpoint doesn't hold; it begins."""


@sealed(frozen=True, slots=True, kw_only=True)
class StepLetGo(BaseEvent):
    """A person let it go on, with another input if `edited`, or stepped over it: it succeeds without having run."""

    verdict: Literal["continue", "over"]
    edited: bool = False
    input: Value = None
    output: Value = None
    port: str = "out"
    by: str = ""


@sealed(frozen=True, slots=True, kw_only=True)
class StepSkipped(BaseEvent):
    """All ways to it are dead, or it is an undo that wasn't needed."""


@sealed(frozen=True, slots=True, kw_only=True)
class StepCancelled(BaseEvent):
    """It was cut, or will never begin."""


@sealed(frozen=True, slots=True, kw_only=True)
class StepCompensated(BaseEvent):
    """Its undo has finished."""


@sealed(frozen=True, slots=True, kw_only=True)
class TimerSet(BaseEvent):
    """The step waits until `due`. It succeeds then (`flow.wait`), or, with `again`, its next attempt begins: of a node
    that does its work in several goes, `again` is what it has come to, and with `farewell` it isn't cut between them.

    Such an attempt has ended well; the tries of the next are counted from one.
    """

    due: Instant
    again: dict[str, Json] | None = None
    farewell: bool = False


@sealed(frozen=True, slots=True, kw_only=True)
class StepWaiting(BaseEvent):
    """The step waits for something outside: a signal or a lock by name, a child run or an approval by id.

    At `due`, if set, it leaves by port `timeout` where it has one, and fails otherwise; with a `default` it leaves
    by that, as if people had decided so. `stages`: when an approval that is still open goes on to further people.
    """

    on: Literal["signal", "child", "approval", "lock"]
    ref: str
    due: Instant | None = None
    default: Literal["approved", "rejected"] | None = None
    stages: tuple[Instant, ...] = ()


@sealed(frozen=True, slots=True, kw_only=True)
class StepEscalated(BaseEvent):
    """An approval nobody has decided goes on to the people of its `stage`, counted from 1; it waits as before."""

    stage: int


@sealed(frozen=True, slots=True, kw_only=True)
class LockGranted(BaseEvent):
    """The waiting `flow.lock` holds its lock from here on, until the step has ended and nothing runs inside it.

    `token`: greater than that of every grant of this lock before it.
    """

    token: int


@sealed(frozen=True, slots=True, kw_only=True)
class ItemsListed(BaseEvent):
    """`each` or `flow.for_each` resolved its list: `count` items, run as `step[0]` to `step[count-1]`.

    At most `concurrency` of them at once; `collect` puts errors in the place of outputs and goes on, until more
    than the share `tolerate` of them have failed. The items in the ranges (first, last) of `kept` are not run: their
    outputs are those in the list `outputs`; those in the ranges `left` are kept too, and had failed.
    """

    count: int
    items: Value
    concurrency: int = 1
    on_error: Literal["stop", "collect"] = "stop"
    tolerate: float = 1.0
    kept: Ranges = ()
    left: Ranges = ()
    outputs: Value = None


@sealed(frozen=True, slots=True, kw_only=True)
class ItemsCancelled(BaseEvent):
    """Items `first` to the last of `step` never begin."""

    first: int


@sealed(frozen=True, slots=True, kw_only=True)
class TurnDecided(BaseEvent):
    """`flow.while` looked at its condition: turn `index` begins, or the loop ends."""

    index: int
    begins: bool


Event: TypeAlias = (
    RunStarted | RunSucceeded | RunFailed | RunCancelled | CancelRequested | RunTimedOut | RunOverLimit | RunPaused
    | RunResumed | SignalReceived | BreakpointsSet | RunMoved | AlertRaised | CompensationStarted | StepStarted | StepSucceeded
    | StepFailed | StepRetrying | AttemptLost | StepUncertain | StepResolved | StepHeld | BreakpointPassed
    | StepLetGo | StepSkipped | StepCancelled | StepCompensated | TimerSet | StepWaiting | StepEscalated
    | LockGranted | ItemsListed | ItemsCancelled | TurnDecided
)  # fmt: skip

EVENT_TYPES: Final[tuple[type[Event], ...]] = get_args(Event)


def _snake(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


KINDS: Final[dict[str, type[Event]]] = {_snake(event.__name__): event for event in EVENT_TYPES}
"""Kind, as journal and API name it -> class."""

KIND_OF: Final[dict[type[Event], str]] = {event: kind for kind, event in KINDS.items()}
