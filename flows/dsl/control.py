"""The configs of the control nodes: what decides a path, waits, ends a run or holds other nodes.

`nodes` registers them, `engine` reads them from the plan. A config in a document is unresolved: a
text with `{{` may stand wherever another type is meant. `flows.dsl.configs` overlooks those; these
models are the exact shape after resolution and are validated strictly then.
"""

from collections.abc import Mapping
from itertools import pairwise
from typing import Annotated, Any, Final, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from flows.dsl.durations import Duration, parse_duration
from flows.dsl.instants import Instant, InstantText
from flows.security.safejson import Json

FALLBACK: Final = "fallback"
MAX_TURNS: Final = 100_000

Caught: TypeAlias = Literal["recoverable", "permanent", "partial", "critical"]
"""What a `flow.try` may catch: corruption pauses the run, whatever is around it."""

PortName: TypeAlias = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,62}$")]


class ControlConfig(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, populate_by_name=True)


def exactly_one(raw: Any, *names: str) -> Any:
    """Refuse a config that sets none or several of these fields, before any value is looked at.

    A value may still be an expression then; that one of them is there is known nevertheless.
    """
    if isinstance(raw, dict) and sum(name in raw for name in names) != 1:
        raise PydanticCustomError("one_of", "set exactly one of {names}", {"names": ", ".join(names)})
    return raw


class NoConfig(ControlConfig):
    """Nothing to set."""


class IfConfig(ControlConfig):
    """Takes the port `true` or `false` by the truth of the condition."""

    condition: Json = Field(description="Usually an expression; empty text, 0, null and empty lists are false")


class SwitchCase(ControlConfig):
    """One way out: taken when the value equals `equals`, or when `when` is true."""

    equals: Json = None
    when: Json = None
    port: PortName

    @model_validator(mode="before")
    @classmethod
    def _one_test(cls, raw: Any) -> Any:
        return exactly_one(raw, "equals", "when")


class SwitchConfig(ControlConfig):
    """Takes the port of the first case that holds, else the fallback; with no fallback it fails."""

    value: Json = None
    cases: Annotated[list[SwitchCase], Field(min_length=1, max_length=500)]
    fallback: PortName | None = FALLBACK

    def choose(self) -> str | None:
        """The port of the first case that holds, the fallback, or None where nothing may be taken."""
        for case in self.cases:
            if bool(case.when) if "when" in case.model_fields_set else _are_equal(case.equals, self.value):
                return case.port
        return self.fallback


def _are_equal(one: Json, other: Json) -> bool:
    """Equal as JSON: true is not 1, though Python says so."""
    return one == other and isinstance(one, bool) == isinstance(other, bool)


def switch_ports(config: dict[str, Json]) -> tuple[str, ...]:
    """The ports of a switch with this (unresolved) config: those of its cases, then the fallback."""
    cases = config.get("cases")
    named = [case.get("port") for case in cases if isinstance(case, dict)] if isinstance(cases, list) else []
    fallback = config.get("fallback", FALLBACK)
    ports = [port for port in (*named, FALLBACK, fallback) if isinstance(port, str)]
    return tuple(dict.fromkeys(ports))


class WaitConfig(ControlConfig):
    """Waits durably: for a time, or until an instant. A time in the past is over at once."""

    for_: Duration | None = Field(default=None, alias="for")
    until: InstantText | None = None

    @model_validator(mode="before")
    @classmethod
    def _one_end(cls, raw: Any) -> Any:
        set_ = {name: value for name, value in raw.items() if value is not None} if isinstance(raw, dict) else raw
        exactly_one(set_, "for", "until")
        return raw


class StopConfig(ControlConfig):
    """Ends the run at once: other branches are cancelled."""

    outcome: Literal["success", "error"] = "success"
    output: Json = None
    message: str = ""


class ForEachConfig(ControlConfig):
    """Runs the nodes inside once per item; the output is the list of their outputs in order."""

    items: list[Json]
    concurrency: Annotated[int, Field(ge=1, le=10_000)] = 1
    on_error: Literal["stop", "collect"] = "stop"
    tolerate: Annotated[
        float, Field(ge=0, le=1, description="With collect: the share of items that may fail, 0.05 for one in twenty")
    ] = 1.0


class WhileConfig(ControlConfig):
    """Runs the nodes inside, turn after turn, while the condition (with `index`, `last`) is true."""

    condition: Json = Field(description="Looked at before each turn; with `index` and `last` it may see how far it is")
    max: Annotated[int, Field(ge=1, le=MAX_TURNS, description="After so many turns the step fails")] = 1_000


class TryConfig(ControlConfig):
    """Runs the nodes inside once; a failure of one of these classes leaves from the port `caught`."""

    catch: Annotated[
        list[Caught], Field(min_length=1, description="Failures of other classes fail the step as if nothing caught")
    ] = ["recoverable", "permanent", "partial"]


class LockConfig(ControlConfig):
    """Runs the nodes inside while holding a named lock of the workspace."""

    name: Annotated[
        str,
        Field(min_length=1, max_length=200, description="Who names the same lock of the workspace stands in one line"),
    ]
    limit: Annotated[
        int, Field(ge=1, le=10_000, description="How many may hold it at once; the strictest who is inside counts")
    ] = 1
    wait: Duration | None = Field(
        default=None, description="How long to stand in line before the step fails; without one, without end"
    )


class SignalConfig(ControlConfig):
    """Waits for a message from outside; past the timeout the port `timeout` is taken."""

    name: Annotated[str, Field(min_length=1, max_length=200, description="What the sender calls it")]
    timeout: Duration | None = Field(default=None, description="Without one it is waited for without end")


class Assignees(ControlConfig):
    """Who is asked: people by their user names, everyone of a role, and everyone in a group of the workspace."""

    users: list[Annotated[str, Field(min_length=1, max_length=150)]] = Field(default_factory=list, max_length=100)
    roles: list[Literal["viewer", "operator", "editor", "admin"]] = Field(default_factory=list)
    groups: list[Annotated[str, Field(min_length=1, max_length=100)]] = Field(
        default_factory=list, max_length=100, description="Groups of people, as the settings of the workspace name them"
    )

    @model_validator(mode="after")
    def _someone(self) -> "Assignees":
        if not self.users and not self.roles and not self.groups:
            raise PydanticCustomError("nobody", "name a user, a role or a group")
        return self


MAX_STAGES: Final = 10


class Escalation(ControlConfig):
    """Who is asked too when nobody has decided after a time."""

    after: Duration = Field(description="Since the question was asked")
    assignees: Assignees


DEFAULTS: Final[Mapping[str, Literal["approved", "rejected"]]] = {"approve": "approved", "reject": "rejected"}


class ApprovalConfig(ControlConfig):
    """Asks people for a decision; what they decide is the port."""

    title: Annotated[str, Field(min_length=1, max_length=200)]
    message: Annotated[str, Field(max_length=10_000)] = ""
    assignees: Assignees
    quorum: Annotated[
        int, Field(ge=1, le=100, description="How many must approve; one who rejects decides for all")
    ] = 1
    comment: bool = Field(default=False, description="Whether a decision needs a comment")
    form: dict[str, Json] = Field(default_factory=dict, description="JSON Schema of what is filled in with an approval")
    timeout: Duration | None = Field(default=None, description="Without one it is waited for without end")
    on_timeout: Literal["timeout", "approve", "reject"] = Field(
        default="timeout", description="What counts when nobody has decided by then"
    )

    escalation: list[Escalation] = Field(
        default_factory=list,
        max_length=MAX_STAGES,
        description="Whom the question goes on to when nobody has decided; who was asked before still may",
    )

    @model_validator(mode="after")
    def _in_time(self) -> "ApprovalConfig":
        times = [parse_duration(stage.after) for stage in self.escalation]
        if any(later <= sooner for sooner, later in pairwise(times)):
            raise PydanticCustomError("stages_out_of_order", "each stage comes after the one before")
        if times and self.timeout is not None and times[-1] >= parse_duration(self.timeout):
            late = {"after": self.escalation[-1].after, "timeout": self.timeout}
            raise PydanticCustomError("stage_too_late", "the stage after {after} comes when the timeout is over", late)
        return self

    def stages(self, now: Instant) -> tuple[Instant, ...]:
        """When the question goes on to further people, asked at this instant."""
        return tuple(now + parse_duration(stage.after) for stage in self.escalation)

    @property
    def default(self) -> Literal["approved", "rejected"] | None:
        """The port that a question nobody has decided in time is left by; None: the timeout's own."""
        return DEFAULTS.get(self.on_timeout)


class CallConfig(ControlConfig):
    """Runs another flow as a child: its live version, or the one named."""

    flow: Annotated[str, Field(min_length=1, max_length=200)]
    version: Annotated[int, Field(ge=1)] | None = None
    input: dict[str, Json] = Field(default_factory=dict)
    wait: bool = True
