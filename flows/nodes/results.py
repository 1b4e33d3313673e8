"""What a node may answer with.

A plain value or a pydantic model is the output on port `out`; the classes here say the rarer things.
They are data: what becomes of them is decided by the engine, which the nodes never see.
"""

from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from pydantic import BaseModel

from flows.security.safejson import Json


@dataclass(slots=True)  # made for each step: frozen it would cost three times as much
class Answer:
    """The step succeeded: its output, and the one port it leaves by."""

    output: Json = None
    port: str = "out"


@dataclass(frozen=True, slots=True)
class WaitUntil:
    """The step parks until an instant (microseconds since the epoch), then succeeds with `output`."""

    instant: int
    output: Json = None


@dataclass(frozen=True, slots=True)
class Again:
    """The step parks until an instant, and the node is called again with `state` as `step.state`: for work in several
    goes with time between them, such as looking again and again, that no worker should sit and wait for.

    The state is journaled, at most 32 KiB of JSON: who goes on after a crash has it. What a go has done must be
    harmless to do again, since it is done again where the process died before the answer was journaled.

    With `farewell` the step isn't cut between two goes. Where its run is cancelled, its time is over or another branch
    failed, the node is called at once with `step.leaving`, to take back what it has begun: it may answer `Again` until
    it is through, and what it answers or raises then is the step's end.
    """

    instant: int
    state: dict[str, Json]
    farewell: bool = False


@dataclass(frozen=True, slots=True)
class WaitFor:
    """The step parks until something outside answers it: a signal or a lock by name, or people by what they decide.

    At `due` (microseconds since the epoch), if set, it leaves by its port `timeout`, or fails without one; an
    approval with a `default` leaves as if that had been decided.
    `asks`: of an approval, what people are asked; `stages`: when it goes on to further people. `limit`: of a lock,
    how many may hold it at once.
    """

    on: Literal["signal", "approval", "lock"]
    ref: str
    due: int | None = None
    asks: dict[str, Json] | None = None
    default: Literal["approved", "rejected"] | None = None
    stages: tuple[int, ...] = ()
    limit: int = 1


@dataclass(frozen=True, slots=True)
class Stop:
    """The run ends here, with this outcome."""

    outcome: Literal["success", "error"] = "success"
    output: Json = None
    message: str = ""


@dataclass(frozen=True, slots=True)
class Items:
    """The list a container goes through."""

    items: list[Json]


@dataclass(frozen=True, slots=True)
class Call:
    """Another flow is to run, by its id or name; the step waits for its output, or goes on with `{run}`."""

    flow: str
    version: int | None = None
    input: dict[str, Json] = field(default_factory=dict)
    wait: bool = True


@dataclass(frozen=True, slots=True)
class Publish:
    """A message is to go to whoever takes its topic; the step's output is `{message}`, its id."""

    topic: str
    key: str = ""
    payload: Json = None
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Deployed:
    """What a deployment has come to, besides what the step answers; it is looked up by people later."""

    result: Answer | Again
    told: dict[str, Json]


Result: TypeAlias = Answer | WaitUntil | Again | WaitFor | Stop | Items | Call | Publish | Deployed

_RESULTS = frozenset({Answer, WaitUntil, Again, WaitFor, Stop, Items, Call, Publish, Deployed})


def as_result(value: Any) -> Result:
    """The result a node meant: results as they are, models as JSON, anything else as the output."""
    if type(value) in _RESULTS:
        return value  # type: ignore[no-any-return]  # narrowed by the line above
    if isinstance(value, BaseModel):
        return Answer(value.model_dump(mode="json", by_alias=True))
    return Answer(value)
