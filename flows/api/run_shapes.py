"""The shapes of runs: what starts them, what is told of them, what steers them."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field, model_validator

from flows.api.endpoint import Body, Query
from flows.api.flow_shapes import EnvironmentName
from flows.api.paging import ListQuery
from flows.operations.starting import StartedRun

VersionNumber = Annotated[int, Field(ge=1, lt=2**31)]
NodeId = Annotated[str, Field(min_length=1, max_length=63)]
StepKey = Annotated[str, Field(min_length=1, max_length=1_000)]
Priority = Annotated[int, Field(ge=-100, le=100)]
Reason = Annotated[str, Field(max_length=2_000)]


Breakpoints = Annotated[
    dict[NodeId, Annotated[str, Field(max_length=8_192)]],
    Field(max_length=200, description="Conditions by node id; an empty one always holds"),
]


class StartRun(Body):
    """`only`, `until` and `from` run a part of the draft; they ask for `draft: true`.

    `given`: outputs that stand in for nodes outside the part. `item`: of a node inside a list, the only item of it.
    Without `environment` it is the default one.
    """

    input: dict[str, Any] | None = None
    version: VersionNumber | None = None
    trigger: NodeId | None = None
    priority: Priority = 0
    draft: bool = False
    use_pins: bool = False
    only: NodeId | None = None
    until: NodeId | None = None
    from_: NodeId | None = Field(default=None, alias="from")
    given: Annotated[dict[NodeId, Any], Field(max_length=1_000)] | None = None
    item: Any = None
    breakpoints: Breakpoints | None = None
    environment: EnvironmentName | None = None

    @model_validator(mode="after")
    def _one_way(self) -> "StartRun":
        parts = [self.only, self.until, self.from_]
        if sum(part is not None for part in parts) > 1:
            raise ValueError("name one of only, until and from")
        if not self.draft and (self.use_pins or any(part is not None for part in parts)):
            raise ValueError("use_pins, only, until and from ask for draft: true")
        if not self.draft and self.breakpoints:
            raise ValueError("breakpoints ask for draft: true; a run of a version is given them once it has begun")
        if self.given and all(part is None for part in parts):
            raise ValueError("given asks for only, until or from")
        if self.item is not None and self.only is None:
            raise ValueError("item asks for only")
        if self.draft and self.version is not None:
            raise ValueError("name either draft or version")
        return self


class StartBatch(Body):
    inputs: Annotated[list[dict[str, Any]], Field(min_length=1, max_length=10_000)]
    idempotency_prefix: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    priority: Priority = 0
    environment: EnvironmentName | None = None


class BatchShape(BaseModel):
    count: int
    created: int
    first: UUID
    last: UUID


class StartedShape(BaseModel):
    id: UUID
    flow: UUID
    version: int | None
    number: int
    status: str
    input: Any
    created_at: datetime
    rerun_of: UUID | None = None


class StepShape(BaseModel):
    key: str
    node: str
    status: str
    attempt: int
    started_at: datetime | None
    finished_at: datetime | None
    error: Any
    due: datetime | None = None
    waits_on: Any = None
    items: int | None = None
    done: int | None = None
    token: int | None = None


class RelativeShape(BaseModel):
    """A run that called this one, or that it called; `step` is the step of the caller."""

    run: UUID
    flow: UUID
    flow_name: str
    number: int
    status: str
    step: str


class ChildShape(RelativeShape):
    created_at: datetime
    finished_at: datetime | None


class StepDetail(StepShape):
    input: Any
    output: Any
    attempts: list[Any]
    logs: list[Any]
    children: list[ChildShape]


class RunMark(BaseModel):
    """A run in a list. No `environment` is the default one."""

    id: UUID
    flow: UUID
    flow_name: str
    version: int | None
    number: int
    attempt: int
    status: str
    trigger: str | None
    is_test: bool
    error: Any
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    rerun_of: UUID | None
    started_by: str
    environment: str | None
    seq: int


class RunShape(RunMark):
    """`queue_position` counts from 1 while the run stands in line behind the flow's limit, which is `queue_limit`.
    `is_cancelling`: its end was asked for, and what is under way may yet come to its own; `moved`: it went by other
    versions before, which its document says with `at`."""

    is_cancelling: bool
    moved: bool
    queue_position: int | None
    queue_limit: int | None
    input: Any
    output: Any
    steps: list[StepShape]
    parent: RelativeShape | None
    children: list[ChildShape]


class MomentShape(BaseModel):
    """A run after one of its events. `steps` are those at the top and those under way inside others; of the rest
    `ended` says how many there are, by node and status; `version`: the one it went by then, where it was moved since."""

    seq: int
    at: datetime
    version: int | None
    status: str
    is_cancelling: bool
    started_at: datetime | None
    finished_at: datetime | None
    error: Any
    steps: list[StepShape]
    ended: dict[str, dict[str, int]]


class ItemsShape(BaseModel):
    """A letter for each item: p(ending) r(unning) w(aiting) s(ucceeded) f(ailed) u(ncertain) x (stopped or skipped).
    `inside` are the nodes that each item goes through, where it is a container's."""

    seq: int
    total: int
    states: str
    inside: list[str]


class NeighboursShape(BaseModel):
    previous: RunMark | None
    next: RunMark | None


class StepPairShape(BaseModel):
    """`differs` names what isn't the same: status, path, attempts, input, output, error; `there` where one lacks it."""

    key: str
    left: StepShape | None
    right: StepShape | None
    differs: list[str]


class MoveShape(BaseModel):
    """A run's move from one version of its flow to another."""

    at: str
    was_version: int
    version: int


class RunPairShape(BaseModel):
    """`left_moves` and `right_moves`, in order: what a step began before one, it began by the version of then."""

    left: RunMark
    right: RunMark
    left_moves: list[MoveShape]
    right_moves: list[MoveShape]
    is_same_document: bool
    differs: list[str]
    steps: list[StepPairShape]


class EventShape(BaseModel):
    seq: int
    kind: str
    step: str | None
    at: datetime
    data: dict[str, Any]


class EventsQuery(Query):
    """`brief` leaves out the values that events carry."""

    brief: bool = False
    after: int = Field(default=0, ge=0, lt=2**62)
    limit: int = Field(default=500, ge=1, le=5_000)


class AtQuery(Query):
    """`at` is the seq of an event: what is told is as it stood after it."""

    at: int | None = Field(default=None, ge=1, lt=2**62)


class StepsQuery(ListQuery):
    parent: str = Field(default="", max_length=1_000)
    status: str = Field(default="", max_length=200)


class CancelRun(Body):
    reason: Reason = ""
    compensate: bool = False


class PauseRun(Body):
    reason: Reason = ""


class SendSignal(Body):
    payload: Any = None
    key: Annotated[str, Field(min_length=1, max_length=255)] | None = None


class ResolveStep(Body):
    verdict: Literal["succeeded", "failed", "retry"]
    output: Any = None
    port: NodeId = "out"
    message: Reason = ""


class Rerun(Body):
    version: VersionNumber | None = None
    draft: bool = False
    from_step: StepKey | None = None
    items: Annotated[
        Literal["failed"]
        | Annotated[list[Annotated[int, Field(ge=0)]], Field(min_length=1, max_length=100_000)]
        | None,
        Field(description="Of the step's items only these; `failed`: those that failed. All others are taken over"),
    ] = None
    input: dict[str, Any] | None = None

    @model_validator(mode="after")
    def _of_a_step(self) -> "Rerun":
        if self.items is not None and self.from_step is None:
            raise ValueError("items are those of a step: name it by from_step")
        return self


class RerunQuery(Query):
    preview: bool = False


class ItemsAgain(BaseModel):
    """How many items of `step` run again, how many are taken over, and how many of these had failed."""

    step: str
    again: int
    kept: int
    left: int


class PreviewShape(BaseModel):
    reused: list[str]
    run_again: list[str]
    items: ItemsAgain | None = None
    problems: list[Any]


class Accepted(BaseModel):
    id: UUID
    status: str


def started_shape(run: StartedRun) -> StartedShape:
    return StartedShape.model_construct(
        id=run.id,
        flow=run.flow,
        version=run.version,
        number=run.number,
        status=run.status,
        input=run.input,
        created_at=run.created_at,
        rerun_of=run.rerun_of,
    )
